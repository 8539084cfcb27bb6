//! The outsider's tool: arguments, sources, reports. What is checked, and how, stands in
//! `akashi-check`.
//!
//! ```text
//! limits    what a server may cost
//! source    a folder, or a URL
//! report    verdicts, findings with their places, as text and as JSON
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

pub mod limits;
pub mod report;
pub mod source;
