//! Policy packs and the decision: what may be looked at, by whom, for what, on what ground
//! (docs/DESIGN.md "The decision").
//!
//! A [`Pack`] is a set of reviewed text files, checked once and never changed. It answers two kinds
//! of questions: whether an access may take place ([`akashi_proof::decision::Decide`], in
//! `decide.rs`), and what the codes in records mean in Japanese and English. Nothing here knows a
//! store, a clock, a socket or the environment; only [`load`] reads files. The same crate runs in
//! the server and in the auditor's tool, so that a decision can be made again.
//!
//! ```
//! use akashi_policies::Pack;
//! use akashi_proof::ids::PurposeCode;
//! use akashi_proof::record::kind::Language;
//!
//! let pack = Pack::town()?;
//! let purpose = PurposeCode::parse("treatment").ok().and_then(|code| pack.purpose(&code));
//! assert_eq!(purpose.map(|purpose| purpose.name.in_language(Language::Ja)), Some("診療"));
//! # Ok::<(), akashi_policies::PackError>(())
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `pack.rs`, `digest.rs` | the checked pack, its look-ups, its digest |
//! | `source.rs`, `check.rs`, `check/` | the files as written, and how they become a pack |
//! | `codes.rs` | tables of codes and sets of places in them |
//! | `{category,purpose,role,process,settings,text}.rs` | what a pack consists of |
//! | `decide.rs`, `coverage.rs` | the ten steps, which consent covers an access |
//! | `forbid.rs` | step 10: rules, as rows |
//! | `consent_choice.rs` | what a person can agree to at all |
//! | `load.rs` | reads a folder; the only file that does |

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

mod category;
mod check;
mod codes;
mod consent_choice;
mod coverage;
mod decide;
mod digest;
mod error;
mod files;
mod forbid;
pub mod load;
mod pack;
pub mod permits;
mod process;
mod purpose;
pub mod questions;
mod role;
mod settings;
mod shelf;
mod source;
mod text;

pub use category::{Category, Sensitivity};
pub use consent_choice::ConsentChoice;
pub use decide::ENGINE;
pub use error::PackError;
pub use files::FILES;
pub use forbid::Rule;
pub use pack::{Pack, WhitelistRow};
pub use process::{Actor, AskRule, FlowStep, Notify, Process, Tell};
pub use purpose::{DPV_IRI, HL7_SYSTEM, Purpose};
pub use role::Role;
pub use settings::{Meaning, Settings};
pub use shelf::{PACKS_MAX, Shelf, ShelfError};
pub use text::Text;
