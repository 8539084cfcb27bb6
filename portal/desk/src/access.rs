//! Accesses: what their requester is answered.

pub mod answer;
pub mod decide;
pub mod resolution;
