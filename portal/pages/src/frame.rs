//! What every page has: who asks, what surrounds it, forms, what did not work, what is
//! said after it, pictures.

pub(crate) mod assets;
pub(crate) mod closes;
pub mod compress;
pub mod csrf;
pub mod error;
pub mod forms;
pub(crate) mod guard;
pub(crate) mod kept;
pub(crate) mod once;
pub(crate) mod qr;
pub(crate) mod said;
pub(crate) mod sent;
pub mod shell;
pub(crate) mod shown;
pub mod visit;
