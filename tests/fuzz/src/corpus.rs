//! The seeds: files under `corpus/<target>/`, and the town's pack, which lies where it is used.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Target;

/// The folder of a target's seeds.
pub fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name)
}

/// All seeds of a target, in the order of their names.
///
/// # Errors
/// Where the folder or a file cannot be read.
pub fn seeds(target: &Target) -> io::Result<Vec<Vec<u8>>> {
    if target.name == "pack" {
        return town().map(|pack| vec![pack]);
    }
    let mut paths = fs::read_dir(folder(target))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    paths.iter().map(fs::read).collect()
}

/// The files of the town's pack as the target `pack` takes them.
fn town() -> io::Result<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/packs/town");
    let mut whole = String::new();
    for name in akashi_policies::FILES {
        whole += &format!("=== {name}\n{}", fs::read_to_string(folder.join(name))?);
    }
    Ok(whole.into_bytes())
}
