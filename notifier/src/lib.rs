//! Notices, approvals and alerts: what people are told, and what they answer.
//!
//! ```text
//!                 records            outbox rows                      SMS, e-mail
//!   ledger  ───►  follow  ─────────► (one commit with  ───► deliver ─────────────►  person
//!     ▲             plan (pure)       the cursor)              │                       │
//!     │                                                        │ notice.sent           │ reply
//!     └──── approval.expired, alert.raised ◄───── expire ◄─────┴──────── answer ◄──────┘
//! ```
//! The log is the queue: what a record means for people is planned when the record is read, and the
//! cursor moves in the same commit as the messages that follow. A message can therefore be lost
//! only if the record is. Delivery is at least once; each message has one identity in all attempts.
//!
//! | file | what it does | state it owns |
//! |---|---|---|
//! | `notifier.rs` | the handle; makes the owners, starts and ends the tasks | the tasks |
//! | `books.rs` | the one door to what is stored | threads that read |
//! | `follow.rs`, `plan.rs` | reads the log; what each record calls for (pure) | the cursor |
//! | `tally.rs`, `tally/` | what is counted before it is told | rows of the outbox |
//! | `questions.rs`, `questions/` | codes and ends; answers by SMS | what is open, wrong codes |
//! | `messages/compose.rs` | a notice in words, within the budgets | what is spent |
//! | `messages/deliver.rs` | hands over, tries again, gives up loudly | the queue |
//! | `messages/reports.rs`, `reports/` | what gateways say became of it | what is waited for |
//! | `messages/message.rs`, `templates/` | the words, in both languages, as SMS and as e-mail | |
//! | `bodies.rs`, `bodies/` | tells institutions and supervisors of their keys | its rows |
//! | `codes.rs`, `codes/` | codes for enrolling and signing in | the codes that are out |
//! | `channel.rs`, `channel/` | the ways out | connections |
//! | `contacts.rs`, `address.rs` | numbers and addresses, in a sealed file | that file |
//! | `times.rs` | what time it is, while the writer believes it | |
//! | `settings.rs`, `pause.rs`, `text.rs` | settings; waiting that can be ended; text as typed | |
//!
//! Nothing here logs an address, a code, a text or a handle, at any level.

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

mod address;
mod bodies;
mod books;
mod channel;
mod codes;
mod contacts;
mod follow;
mod limits;
mod messages;
mod notifier;
mod pause;
mod plan;
mod questions;
mod settings;
mod sliding;
mod tally;
mod text;
mod times;
pub mod typed;

pub use address::{Address, AddressError, Email, Phone, PhoneError};
pub use bodies::BodyFigures;
pub use channel::posted::{MessageId, Posted, Report, Said, Writing};
pub use codes::among::{Asker, Name};
pub use codes::challenge::{Challenge, CodeUse};
pub use codes::one_time_code::{CODE_TRIES, CODE_VALID_MILLIS, CodeFigures, CodeRefused};
pub use codes::tries::{Cells, Tries};
pub use contacts::{Contact, Contacts, ContactsError};
pub use messages::budget::NoticeFigures;
pub use messages::message::{Enquiries, Facts, Message, Office, Text};
pub use messages::outbox::{OutboxError, begin_at};
pub use messages::reports::{ReportError, ReportFigures};
pub use notifier::{Backlog, Notifier, StartError};
pub use questions::inbound::{ReplyError, ReplyOutcome};
pub use settings::{
    Budget, Budgets, EmailSettings, PORTAL_NAME_MAX, Retry, SecretText, Settings, SettingsError,
    SmsSettings, SmtpTls,
};
pub use tally::{is_delayed, is_silent};
pub use text::sms_segments;
