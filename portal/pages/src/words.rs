//! Every word of the pages. What means the same wherever it is said - names, times, reasons, the
//! exact words that are agreed to - is the desk's ([`akashi_desk::words`]).
//!
//! ```text
//! text, texts      every sentence of a page, in both languages side by side
//! told             one sentence for every kind of record
//! fields           every field of every record
//! ```

pub(crate) mod bodies;
pub(crate) mod fields;
pub mod text;
pub(crate) mod texts;
pub(crate) mod told;
