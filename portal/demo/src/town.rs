//! The town: who lives and works there, and what happened.
//!
//! ```text
//! places      institutions, citizens            plan    six weeks of ordinary life, step by step
//! seed        what everything is drawn from     clock   runs through the past, then on
//! statements  what institutions sign            people  synthetic people for `akashi load`
//! directory   how they are called and reached   deed    what a step can be
//! ```

pub mod clock;
pub mod deed;
pub mod directory;
pub mod people;
pub mod places;
pub mod plan;
pub mod seed;
pub mod statements;
