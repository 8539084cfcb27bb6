//! `akashi policy check FOLDER`.

use std::path::Path;

use akashi_policies::load::{self, LoadError};

/// Reads the pack as the server would, and prints what is in it.
///
/// # Errors
/// [`LoadError`] naming file and line.
pub fn check(folder: &Path) -> Result<(), LoadError> {
    let pack = load::folder(folder)?;
    println!("pack        {} version {}", pack.name(), pack.version());
    println!("title       {} / {}", pack.title().ja, pack.title().en);
    println!("digest      {}", pack.digest());
    println!("processes   {}", pack.processes().len());
    println!("purposes    {}", pack.purposes().len());
    println!("roles       {}", pack.roles().len());
    println!("categories  {}", pack.categories().len());
    println!("rules       {}", pack.rules().len());
    Ok(())
}
