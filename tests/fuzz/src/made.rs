//! Seeds of our own formats, made from the code that writes them: `corpus/<target>/made-<name>`. A
//! format that changes makes other seeds; a test holds the corpus against these, and one command
//! writes them:
//!
//! ```sh
//! cargo run -p akashi-fuzz --bin seeds
//! ```
//!
//! Everything is made up from fixed bytes, so that nothing differs which the format does not
//! change, and nothing is worth keeping secret. What stands beside them under other names is kept
//! as it is: published vectors, and what a run once failed on.
//!
//! | file | what it makes |
//! |---|---|
//! | `values.rs` | a value of each type that stands in a record |
//! | `records.rs` | a record of each kind, from the kind's own list of fields |
//! | `log.rs` | entries, a tree over them, a signed head, proofs |
//! | `statements.rs` | the claims of each type of statement |
//! | `files.rs` | evidence, a history, keys |

mod files;
mod log;
mod records;
mod statements;
mod values;

use std::collections::BTreeSet;
use std::fs;
use std::io;

use crate::Target;
use crate::corpus::folder;
use crate::targets::TARGETS;

/// What the names of made seeds begin with.
const MADE: &str = "made-";

/// The log of all seeds.
const ORIGIN: &str = "demo.akashi.example/log";
/// When everything in them happened, in seconds since 1970.
const NOW: u64 = 1_790_000_000;

/// One seed.
pub struct Seed {
    /// The name of its target.
    pub target: &'static str,
    /// Its file's name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

fn seed(target: &'static str, name: impl AsRef<str>, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed {
        target,
        name: format!("{MADE}{}", name.as_ref()),
        bytes: bytes.into(),
    }
}

/// All of them.
pub fn made() -> Vec<Seed> {
    let mut seeds = log::seeds();
    seeds.extend(statements::seeds());
    seeds.extend(files::seeds());
    seeds.extend(records::seeds());
    seeds
}

/// The names of the made seeds a target's folder holds.
///
/// # Errors
/// Where it cannot be read.
pub fn kept(target: &Target) -> io::Result<BTreeSet<String>> {
    let entries = match fs::read_dir(folder(target)) {
        // The town's pack lies where it is used.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: BTreeSet<String> = names.collect::<io::Result<_>>()?;
    Ok(names
        .into_iter()
        .filter(|name| name.starts_with(MADE))
        .collect())
}

/// Puts them into the corpus in place of those made before; says how many there are.
///
/// # Errors
/// Where the corpus cannot be written.
pub fn write() -> io::Result<usize> {
    let seeds = made();
    for target in TARGETS {
        for name in kept(target)? {
            fs::remove_file(folder(target).join(name))?;
        }
        for seed in seeds.iter().filter(|seed| seed.target == target.name) {
            fs::create_dir_all(folder(target))?;
            fs::write(folder(target).join(&seed.name), &seed.bytes)?;
        }
    }
    Ok(seeds.len())
}
