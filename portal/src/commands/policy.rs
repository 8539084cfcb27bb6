//! The policy packs commands work with: `akashi policy check FOLDER`, `akashi policy activate
//! FOLDER` by which supervisors put one in force, and the shelf the settings name.

use std::path::{Path, PathBuf};

use akashi_policies::load::{self, LoadError};
use akashi_policies::{Pack, Shelf, ShelfError, Text};
use akashi_proof::digest::Digest;
use akashi_proof::statement::Act;
use clap::Args;

use crate::commands::acts::{ActError, SigningArgs};
use crate::config::PolicyConfig;

/// Why there is no pack to decide by.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// None named, or too many.
    #[error("policy.packs: {0}")]
    Shelf(ShelfError),
    /// One that is named.
    #[error("policy.packs, `{folder}`: {error}")]
    Load {
        /// Which.
        folder: PathBuf,
        /// What is wrong with it.
        error: LoadError,
    },
    /// Two that are named are one.
    #[error("policy.packs: `{first}` and `{second}` hold the same pack, {digest}")]
    Same {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// Their digest.
        digest: Digest,
    },
}

/// The packs the settings name. No default: which rules decide is never left open outside the demo.
///
/// # Errors
/// [`PackError`].
pub fn shelf(config: &PolicyConfig) -> Result<Shelf, PackError> {
    let packs = config.packs.iter().map(|folder| load(folder));
    let folder = |place: usize| config.packs.get(place - 1).cloned().unwrap_or_default();
    Shelf::new(packs.collect::<Result<Vec<_>, _>>()?).map_err(|error| match error {
        ShelfError::Twice {
            first,
            second,
            digest,
        } => PackError::Same {
            first: folder(first),
            second: folder(second),
            digest,
        },
        ShelfError::Empty | ShelfError::Full { .. } => PackError::Shelf(error),
    })
}

/// The pack a new ledger begins with: the first that is named.
///
/// # Errors
/// [`PackError`].
pub fn first(config: &PolicyConfig) -> Result<Pack, PackError> {
    let folder = config.packs.first();
    load(folder.ok_or(PackError::Shelf(ShelfError::Empty))?)
}

fn load(folder: &Path) -> Result<Pack, PackError> {
    load::folder(folder).map_err(|error| PackError::Load {
        folder: folder.to_owned(),
        error,
    })
}

/// Reads the pack as the server would, and prints what is in it: of rules what a person reads who
/// is refused by one.
///
/// # Errors
/// [`LoadError`] naming file and line.
pub fn check(folder: &Path) -> Result<(), LoadError> {
    show(&load::folder(folder)?);
    Ok(())
}

fn show(pack: &Pack) {
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
}

/// Arguments of `akashi policy activate`.
#[derive(Clone, Debug, Args)]
pub struct ActivateArgs {
    /// The pack's folder: each supervisor's own copy, so that each signs what it has read
    pub folder: PathBuf,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Why a pack was not put in force.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// The pack.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Signing or posting.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Shows the pack, signs the act that puts it in force, and posts it.
///
/// # Errors
/// [`ActivateError`].
pub fn activate(args: &ActivateArgs) -> Result<(), ActivateError> {
    let pack = load::folder(&args.folder)?;
    show(&pack);
    let act = Act::ActivatePolicy {
        pack: pack.name().to_owned(),
        version: pack.version(),
        policy_digest: pack.digest(),
    };
    let done = format!("{} version {} is in force", pack.name(), pack.version());
    Ok(args.signing.carry_out(&act, &done)?)
}
