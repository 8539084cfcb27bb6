//! Sends a request and reads the answer; where it is not known whether a request arrived, or the
//! ledger says that it is too busy, the very same statement is sent again, with a token of its
//! signer.

use std::time::Duration;

use akashi_proof::statement::FRESH_MILLIS;

use crate::answer::{Answer, Problem};
use crate::http::{ANSWER_LEN_MAX, EXCHANGE_MAX};
use crate::request::{Message, Request};

/// How long software waits before each further try, where the ledger names no time: long enough for
/// a restart, short enough that the statement is still fresh.
const PATIENT: &[Duration] = &[
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
];

/// The same where a person waits for the answer.
const BRIEF: &[Duration] = &[Duration::from_millis(200), Duration::from_millis(800)];

/// The longest wait a ledger can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(25);

/// Every wait is made longer by up to a quarter, so that those who were turned away together do not
/// come back together.
const SPREAD: u32 = 4;

/// The last try ends while a statement that never arrived can still be taken.
const _: () = {
    let tries = PATIENT.len() as u64 + 1;
    let longest_wait =
        RETRY_AFTER_MAX.as_secs() + RETRY_AFTER_MAX.as_secs().div_ceil(SPREAD as u64);
    let all = tries * EXCHANGE_MAX.as_secs() + PATIENT.len() as u64 * longest_wait;
    assert!(all * 1000 < FRESH_MILLIS);
};

/// The way to a ledger.
pub trait Transport {
    /// Sends once.
    ///
    /// # Errors
    /// [`TransportError`].
    fn send(&self, message: &Message) -> Result<Response, TransportError>;

    /// Waits before the next try.
    fn pause(&self, time: Duration);
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The media type, without parameters.
    pub media_type: Option<String>,
    /// Seconds after which to try again, where the ledger names them (RFC 9110 section 10.2.3).
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a message has no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// None came, or a part of one; whether the message arrived is not known.
    #[error("{0}")]
    Lost(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// One came that is longer than any a ledger gives.
    #[error("expected an answer of at most {ANSWER_LEN_MAX} bytes, found a longer one")]
    TooLong,
}

/// Why there is no good answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The ledger could not be reached, or did not answer. Whether it took the request is not
    /// known; the same request may be sent again, and must be before it is asked anew.
    #[error("no answer after {tries} tries: {cause}")]
    NoAnswer {
        /// How often it was sent.
        tries: usize,
        /// Why the last one had no answer.
        cause: TransportError,
    },
    /// The ledger refused.
    #[error("the ledger refused: {0}")]
    Refused(Box<Problem>),
    /// What answers there is not a ledger: a page, a redirection, or too much.
    #[error("status {status}: not the answer of a ledger")]
    NotALedger {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is longer than any a ledger gives.
    #[error("expected an answer of at most {ANSWER_LEN_MAX} bytes, found a longer one")]
    TooLong,
}

/// Sends requests over one way. It waits on its socket and between tries: in an asynchronous
/// program it belongs on a thread of its own.
#[derive(Clone, Debug)]
pub struct Client<T> {
    transport: T,
    waits: &'static [Duration],
}

impl<T: Transport> Client<T> {
    /// A client for software: five tries within five minutes.
    pub const fn new(transport: T) -> Self {
        Self {
            transport,
            waits: PATIENT,
        }
    }

    /// A client for somebody who waits before a terminal: three tries, soon after each other.
    pub const fn brief(transport: T) -> Self {
        Self {
            transport,
            waits: BRIEF,
        }
    }

    /// Sends the request until there is an answer, and reads it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn send<A: Answer>(&self, request: &Request<A>) -> Result<A, ClientError> {
        let mut tries = 0;
        loop {
            let sent = if tries == 0 {
                self.transport.send(request.message())
            } else {
                self.transport.send(&request.message_again())
            };
            let wait = self
                .waits
                .get(tries)
                .filter(|_| request.is_repeatable())
                .copied();
            tries += 1;
            let (wait, named) = match (sent, wait) {
                (Ok(response), Some(wait)) if response.may_pass_later() => {
                    (wait, response.retry_after)
                }
                (Err(TransportError::Lost(_)), Some(wait)) => (wait, None),
                (Ok(response), _) => return read(&response),
                (Err(TransportError::TooLong), _) => return Err(ClientError::TooLong),
                (Err(cause), None) => return Err(ClientError::NoAnswer { tries, cause }),
            };
            let wait = named.map_or(wait, |seconds| {
                Duration::from_secs(seconds).min(RETRY_AFTER_MAX)
            });
            self.transport.pause(wait + spread(wait));
        }
    }
}

impl Response {
    /// Too many requests, the writer takes nothing now, or what stands before the ledger does not
    /// reach it: the same request may pass later.
    const fn may_pass_later(&self) -> bool {
        matches!(self.status, 429 | 502 | 503 | 504)
    }
}

fn read<A: Answer>(response: &Response) -> Result<A, ClientError> {
    let read = if (200..300).contains(&response.status) {
        A::read(response).map(Ok)
    } else {
        Problem::read(response).map(|problem| Err(ClientError::Refused(Box::new(problem))))
    };
    let status = response.status;
    read.unwrap_or(Err(ClientError::NotALedger { status }))
}

/// Some time up to a quarter of this one; none where the system has no randomness, for nothing but
/// politeness rests on it.
fn spread(wait: Duration) -> Duration {
    let drawn = getrandom::u32().unwrap_or(0);
    wait / SPREAD * (drawn % 1000) / 1000
}
