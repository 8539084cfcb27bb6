//! Every sentence of the pages, in Japanese and English side by side. A text that is missing in one
//! language does not compile.
//!
//! Written for a reader of eighty: short sentences, no word of ours where there is one of hers,
//! what happens next, what happens if she does nothing.

mod account;
mod consents;
mod enrol;
mod frame;
mod help;
mod history;
mod public;
mod requests;

pub(crate) use account::{Account, StepUp};
pub(crate) use consents::{Consents, GiveConsent};
pub(crate) use enrol::{Enrol, SignIn};
pub(crate) use frame::{Errors, Frame};
pub(crate) use help::Help;
pub(crate) use history::{History, Overview, Record};
pub(crate) use public::{Audit, Welcome};
pub(crate) use requests::Requests;
