//! The desk: what can be done here, and by whom. No HTTP, no HTML: pages, the API and whatever
//! faces come after them ask here.
//!
//! ```text
//! app                            the parts everything runs on, put together once
//! reading, limits                the one door to what is stored, and its bounds
//! declined                       why something was not done
//! identity/*                     who is there, how surely: sessions, codes sent, recovery codes
//! enrolment                      a new person and her papers
//! statement, statement/gate      what institutions sign: received, believed, refused on the record
//! access/*                       may I, and prove it: the answer, and how its question ended
//! act, link, release             the other things institutions and supervisors sign
//! consent/*                      consents, and the exact words that are agreed to
//! question                       what a person is being asked, and her answer
//! history/*                      a person's records, walked so that gaps are seen; their file
//! words/*                        what codes, times and reasons mean, in both languages
//! memory, senders, rate_limit     what is remembered between requests; how much one sender may ask
//! throttled, excess              what came above that, counted
//! network, crowd, doors          who is here at once, by kind of work and by network
//! turns                          whose request goes on next
//! figures                        what has been done, counted
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

pub mod access;
pub mod act;
pub mod app;
pub mod consent;
pub mod counting;
pub mod crowd;
pub mod debtors;
pub mod declined;
pub mod doors;
pub mod enrolment;
pub mod excess;
pub mod figures;
pub mod history;
pub mod identity;
pub mod limits;
pub mod link;
pub mod memory;
pub mod network;
pub mod question;
pub mod rate_limit;
pub mod reading;
pub mod release;
pub mod senders;
pub mod statement;
pub mod throttled;
pub mod turns;
pub mod words;

pub use declined::Declined;
