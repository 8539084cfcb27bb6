//! Prints figures about the Rust sources below a folder as a table in Markdown: for the whole and
//! for each package. Two states of the repository are compared by running it on both:
//!
//! ```sh
//! cargo run -p akashi-count                     # this checkout
//! git worktree add OLD COMMIT && cargo run -p akashi-count -- OLD
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `file.rs` | one file, read by the compiler's lexer: what is test, comment, function |
//! | `tree.rs` | which files there are, to which package each belongs, which are tests as a whole |
//! | `table.rs` | sums, medians, the table |
//!
//! What is counted, and how:
//! - **Test** is what stands below a folder `tests` or under `#[cfg(test)]`, files of such modules
//!   included; examples are left out; all else is **production**. Comments and blank lines count as
//!   lines.
//! - A **function** has a body, and goes from its `fn` to its last brace. Closures belong to the
//!   function they stand in. An operator, a lifetime, a literal is one token.
//! - A **doc line** begins with `///` or `//!`. A **link** is a URL in a line that is nothing but
//!   comment.
//! - **p90** is what nine of ten do not exceed, to the nearest of the numbers there are.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    reason = "a test fails by panicking"
)]

mod file;
mod table;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")),
        PathBuf::from,
    );
    match tree::read(&folder) {
        Ok(packages) => {
            print!("{}", table::of(&packages));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("akashi-count: {error}");
            ExitCode::FAILURE
        }
    }
}
