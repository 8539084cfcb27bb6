//! Consents: what may be agreed to, in which words.

pub mod wording;
