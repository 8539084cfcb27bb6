//! Notices, approvals and alerts: what people are told, and what they answer.
//!
//! ```text
//!                 records            outbox rows                      SMS, e-mail
//!   ledger  ───►  follow  ─────────► (one commit with  ───► deliver ─────────────►  person
//!     ▲             plan (pure)       the cursor)              │                       │
//!     │                                                        │ notice.sent           │ reply
//!     └──── approval.requested, alert.raised ◄─── expire ◄─────┴──────── answer ◄──────┘
//! ```
//! The log is the queue: what a record means for people is planned when the record is read, and the
//! cursor moves in the same commit as the messages that follow. A message can therefore be lost
//! only if the record is. Delivery is at least once; each message has one identity in all attempts.
//!
//! | file | what it does |
//! |---|---|
//! | `contacts.rs`, `address.rs` | phone numbers and addresses, in a sealed file of their own |
//! | `message.rs`, `templates/` | the words, in both languages, as SMS and as e-mail |
//! | `plan.rs` | pure: a record becomes what is to be done |
//! | `follow.rs`, `outbox.rs` | reads the log, moves cursor and messages together |
//! | `deliver.rs`, `channel.rs` | hands over, tries again, gives up loudly |
//! | `approval.rs` | codes and ends of questions |
//! | `inbound.rs`, `reply.rs` | answers by SMS, and what is said to them |
//! | `one_time_code.rs`, `budget.rs` | codes for enrolling and signing in; how much may be sent |
//!
//! Nothing here logs an address, a code, a text or a handle, at any level.

mod address;
mod channel;
mod codes;
mod contacts;
mod follow;
mod messages;
mod notifier;
mod pause;
mod plan;
mod questions;
mod settings;
mod text;

pub use address::{Address, AddressError, Email, Phone};
pub use codes::one_time_code::{CODE_TRIES, CODE_VALID_MILLIS, Challenge, CodeRefused, CodeUse};
pub use contacts::{Contact, Contacts, ContactsError};
pub use messages::message::{Facts, Template, Text};
pub use messages::outbox::{OutboxError, begin_at};
pub use notifier::{Backlog, Notifier, StartError};
pub use questions::inbound::{ReplyError, ReplyOutcome};
pub use settings::{
    Budget, Budgets, EmailSettings, PORTAL_NAME_MAX, Retry, SecretText, Settings, SettingsError,
    SmsSettings, SmtpTls,
};
pub use text::sms_segments;
