//! Derived indexes: what is found by something else than its place in the log.

pub mod keys;
pub(crate) mod runs;
