//! A person's records, read so that a gap is seen, and so that a page costs what it shows.

pub mod file;
pub mod gist;
pub mod mark;
pub mod outline;
pub mod related;
pub mod run;
pub mod running;
pub mod walk;
