//! What a person sees of hers: what was done with her data, what she is asked, what she has agreed
//! to, how she is reached.

pub(crate) mod account;
pub(crate) mod account_end;
pub(crate) mod consents;
pub(crate) mod contact_changes;
pub(crate) mod give_consent;
pub(crate) mod history;
pub(crate) mod history_file;
pub(crate) mod links;
pub(crate) mod means;
pub(crate) mod overlaps;
pub(crate) mod overview;
pub(crate) mod papers;
pub(crate) mod record;
pub(crate) mod requests;
