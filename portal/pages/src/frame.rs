//! What every page has: who asks, what surrounds it, forms, what did not work, pictures.

pub(crate) mod assets;
pub mod csrf;
pub mod error;
pub mod forms;
pub(crate) mod guard;
pub(crate) mod qr;
pub mod shell;
pub mod visit;
