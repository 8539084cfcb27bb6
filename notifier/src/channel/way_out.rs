//! One way a message leaves, and what can be said about a failure without saying to whom.

use std::future::Future;
use std::pin::Pin;

use crate::address::Address;
use crate::channel::posted::MessageId;
use crate::messages::message::Text;

/// Messages of one channel handed over at once: a mail server took 629 a second this way, 23 one by
/// one.
pub(crate) const IN_FLIGHT_MAX: usize = 32;

/// A message on its way out.
pub(crate) struct Outgoing<'a> {
    /// The same in every attempt, so that the other side can tell a repetition.
    pub(crate) id: String,
    pub(crate) to: &'a Address,
    pub(crate) text: &'a Text,
}

/// A message was not handed over. Never what the library said: that may hold addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undelivered {
    /// Trying again may help.
    #[error("{0}")]
    ForNow(&'static str),
    /// The other side will never take this message.
    #[error("{0}")]
    ForGood(&'static str),
}

/// A message was handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// What the other side calls it from now on, where it says so.
    pub(crate) known_as: Option<MessageId>,
}

/// What handing over takes.
pub(crate) type Handing<'a> = Pin<Box<dyn Future<Output = Result<Taken, Undelivered>> + Send + 'a>>;

/// A way out.
pub(crate) trait WayOut: Send + Sync {
    /// Hands a message over; it returns within a bounded time.
    fn hand_over<'a>(&'a self, message: Outgoing<'a>) -> Handing<'a>;
}
