//! From a notice that is planned to a message that is handed over.

pub(crate) mod budget;
pub(crate) mod compose;
pub(crate) mod deliver;
pub(crate) mod message;
pub(crate) mod outbox;
pub(crate) mod queue;
pub(crate) mod reports;
pub(crate) mod spent_before;
pub(crate) mod urgency;
pub(crate) mod whose;
