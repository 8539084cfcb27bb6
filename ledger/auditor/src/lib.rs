//! The outsider's tool: arguments, sources, reports. What is checked, and how, stands in
//! `akashi-check`.
//!
//! ```text
//! source    a folder, or a URL
//! report    verdicts, findings with their places, as text and as JSON
//! ```

pub mod report;
pub mod source;
