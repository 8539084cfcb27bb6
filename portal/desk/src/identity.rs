//! Who is signed in, and how surely.
//!
//! ```text
//! level 0  a visitor who is enrolling or signing in     nothing is kept; her cookie has it all
//! level 1  the holder of a phone (SMS code)             what is asked on that phone: see, refuse
//! level 2  one person (SMS code and recovery code)      everything of hers
//! ```
//! - A phone number is a contact, not an identity. Several persons may use one phone, and a number
//!   may be given to somebody else; so level 1 shows only what an SMS to that phone speaks of
//!   anyway: open requests, and that there was a notice. Which person it is, only her recovery code
//!   decides.
//! - Level 2 falls back to level 1 after 15 minutes without a page, or two hours in all. The
//!   session ends after 30 minutes without a page, or eight hours in all ([`session`]).
//! - A phone that is blocked ([`means`]) shows nothing at level 1: who signs in with it is asked
//!   for the second thing first. What was shown before or while it was blocked shows nothing once
//!   it is unblocked either, and what is done in her name is asked this again by the writer
//!   ([`session::Met`], [`session::Showed`]).
//! - A new level means a new session identifier; the old one is void.

pub mod account;
pub(crate) mod addresses;
pub mod browser;
pub mod contact;
pub mod counter_code;
pub mod errand;
pub(crate) mod kept;
pub mod means;
pub mod papers;
pub mod phone;
pub mod principal;
pub mod recovery;
pub mod session;
pub mod sign_in;
mod visitor;

pub use principal::Principal;
pub use recovery::RecoveryCode;
pub use session::Sessions;
