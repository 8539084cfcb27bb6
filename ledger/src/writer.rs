//! The one writer: what waits, the commit it makes of it, and how it begins again.

pub(crate) mod lanes;
pub(crate) mod recover;
pub mod sequencer;
pub(crate) mod transaction;
