//! The one writer: what waits, the commit it makes of it, and how it begins again.

pub(crate) mod clock_watch;
pub(crate) mod commit;
pub(crate) mod entry_zero;
pub mod head;
pub(crate) mod recover;
pub mod sequencer;
pub(crate) mod transaction;
