//! Adds one variant to each closed word in a copy of the workspace, and lets the compiler name
//! every place that must think of it. Those places are listed in `places.txt`: one that is gone has
//! got a wild card or a default, and fails; one that is new fails until it is listed.
//!
//! ```sh
//! cargo run -p akashi-scratch               # ends with `N passed, N failed`; N are places
//! cargo run -p akashi-scratch -- --accept   # writes the list anew; `git diff` shows what changed
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `variants.rs` | the variants, and where they are put |
//! | `copy.rs` | the workspace's sources in a folder of their own |
//! | `compiler.rs` | one run of `cargo check`: what it names, and the arms it would add |
//! | `place.rs` | in which function a line stands |
//! | `list.rs` | the list, read, compared and written |
//!
//! The compiler stops at the first package it cannot make, so its own suggestions - arms that are
//! `todo!()` - are put in, and it is asked again, until the copy compiles.
//!
//! **What no compiler finds, and which test does:** the tables of kinds and fields in
//! `docs/RECORD_FORMAT.md` (`tests/conformance/record_format.rs`); how a page shows each field
//! (`portal/pages/src/words/fields.rs`); the codes in the API's document, which is made from the
//! lists of words and stands in its snapshot; that a wild card keeps no place from being named
//! (`tests/tidy/closed_words.rs`). Each text is in both languages by its type.

mod compiler;
mod copy;
mod list;
mod place;
mod variants;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use compiler::{Compiler, Round};
use copy::Copy;
use list::{Difference, Places};

/// How often the compiler is asked: each time it comes at least one package further, and the
/// longest way from the formats to the binary passes nine.
const ROUNDS_MAX: usize = 20;

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{}: {error}", path.display())]
    File {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("`{command}`: {what}")]
    Command { command: String, what: String },
    #[error("{variant}: expected one `{before}` in {folder}, found {found}")]
    Anchor {
        variant: &'static str,
        before: &'static str,
        folder: &'static str,
        found: usize,
    },
    #[error("{}: not read as Rust: {error}", path.display())]
    Rust { path: PathBuf, error: syn::Error },
    #[error("the compiler says something else than that a variant is missing:\n{0}")]
    OtherError(String),
    #[error("the compiler has no arm to suggest for:\n{0}")]
    NoSuggestion(String),
    #[error("it does not compile after {ROUNDS_MAX} rounds")]
    Rounds,
    #[error("places.txt line {line}: expected a heading or `FILE FUNCTION`, found `{found}`")]
    List { line: usize, found: String },
}

fn main() -> ExitCode {
    let accept = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "--accept");
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let failed = compare(root, accept).unwrap_or_else(|trouble| {
        println!("{trouble}\n0 passed, 1 failed");
        1
    });
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Tells what differs, and how many places do.
fn compare(root: &Path, accept: bool) -> Result<usize, Trouble> {
    let found = places(root)?;
    if accept {
        found.write()?;
    }
    let Difference { same, gone, new } = Places::listed()?.difference(&found);
    for (variant, place) in &gone {
        println!("GONE  {variant}: {place} does not ask for it any more (a wild card? a default?)");
    }
    for (variant, place) in &new {
        println!("NEW   {variant}: {place}");
    }
    if !gone.is_empty() || !new.is_empty() {
        println!("tests/scratch/places.txt is another list: mend the code, or take it with");
        println!("cargo run -p akashi-scratch -- --accept");
    }
    let failed = gone.len() + new.len();
    println!("{same} passed, {failed} failed");
    Ok(failed)
}

/// Every place the compiler names, round after round.
fn places(root: &Path) -> Result<Places, Trouble> {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), PathBuf::from);
    let own = target.join("tests/scratch");
    let copy = Copy::of(root, &own.join("copy"))?;
    variants::add(copy.folder())?;
    let compiler = Compiler::new(copy.folder(), &own.join("target"));
    let mut places = Places::default();
    for number in 1..=ROUNDS_MAX {
        match compiler.check()? {
            Round::Compiles => return Ok(places),
            Round::Missing(missing) => {
                println!("round {number}: {} places", missing.len());
                for one in &missing {
                    let place = place::of(copy.folder(), &one.file, one.line)?;
                    for variant in &one.variants {
                        places.insert(variant, &place);
                    }
                }
                compiler::add_arms(copy.folder(), &missing)?;
            }
        }
    }
    Err(Trouble::Rounds)
}
