//! Words that are the same wherever they are said: what codes, times and reasons mean to people, in
//! Japanese and English. What is shown around them belongs to whoever shows it.

pub mod date;
pub mod names;
pub mod quoted;
pub mod reasons;
pub mod say;
pub mod when;
