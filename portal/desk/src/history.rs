//! A person's records, read so that a gap is seen.

pub mod file;
pub mod running;
pub mod walk;
