//! Every word people read.
//!
//! ```text
//! text, texts      every sentence of a page, in both languages side by side
//! told             one sentence for every kind of record
//! fields           every field of every record      reasons     why something was decided
//! names, when      what codes and times mean        consent     the exact words that are agreed to
//! ```

pub(crate) mod consent;
pub(crate) mod fields;
pub(crate) mod names;
pub(crate) mod reasons;
pub mod text;
pub(crate) mod texts;
pub(crate) mod told;
pub(crate) mod when;
