//! `/v1`: what institutions ask. Wire types stand beside their handlers.

pub mod accesses;
pub mod acts;
pub mod evidence;
pub mod gates;
pub mod link_codes;
pub mod link_ends;
pub mod policy;
pub mod proofs;
pub mod releases;
