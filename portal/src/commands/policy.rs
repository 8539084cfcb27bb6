//! The policy pack commands work with: `akashi policy check FOLDER`, and the one the settings name.

use std::path::Path;

use akashi_policies::load::{self, LoadError};
use akashi_policies::{Pack, Text};

use crate::config::PolicyConfig;

/// Why there is no pack to decide by.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// None named.
    #[error("policy.pack: expected the folder of a policy pack")]
    NotNamed,
    /// The one named.
    #[error("policy.pack: {0}")]
    Load(#[from] LoadError),
}

/// The pack the settings name. No default: which rules decide is never left open outside the demo.
///
/// # Errors
/// [`PackError`].
pub fn named(config: &PolicyConfig) -> Result<Pack, PackError> {
    Ok(load::folder(
        config.pack.as_deref().ok_or(PackError::NotNamed)?,
    )?)
}

/// Reads the pack as the server would, and prints what is in it: of rules what a person reads who
/// is refused by one.
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
    for rule in pack.rules() {
        let Text { ja, en } = &rule.sentence;
        println!("  {}: {ja} / {en}", rule.code);
    }
    Ok(())
}
