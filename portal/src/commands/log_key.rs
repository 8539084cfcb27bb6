//! `akashi log-key new`, `akashi log-key add` and `akashi log-key end`: the log goes from one key
//! to the next (docs/OPERATING.md "The log's key must change").
//!
//! ```text
//! akashi log-key new --config akashi.toml                        # the operator; prints the vkey
//! akashi log-key add --url https://ledger.example.jp --vkey VKEY --reason "every two years" \
//!     --signer supervisor.north=north.jwk --out north.jws
//! curl -o handover https://ledger.example.jp/log/checkpoint   # once both have signed for a while
//! akashi log-key end --url https://ledger.example.jp --vkey VKEY --checkpoint handover \
//!     --reason "every two years" --signer supervisor.north=north.jwk --out north.jws
//! ```
//! How several supervisors sign the same: [`super::acts`].

use std::path::PathBuf;

use akashi_ledger::LedgerError;
use akashi_proof::statement::Act;
use akashi_tlog::checkpoint::{Origin, OriginError};
use akashi_tlog::signed_note::{VerifyingKey, VkeyError};
use clap::Args;

use crate::commands::acts::{ActError, SigningArgs};
use crate::commands::checkpoint::{self, CheckpointFileError};
use crate::config::{Config, ConfigError};

/// Arguments of `akashi log-key add`.
#[derive(Clone, Debug, Args)]
pub struct AddLogKeyArgs {
    /// The key's vkey line, as `akashi log-key new` printed it
    #[arg(long, value_name = "VKEY")]
    pub vkey: String,
    /// Why, in words everybody can read
    #[arg(long)]
    pub reason: String,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Arguments of `akashi log-key end`.
#[derive(Clone, Debug, Args)]
pub struct EndLogKeyArgs {
    /// The vkey line of the key that signs nothing more
    #[arg(long, value_name = "VKEY")]
    pub vkey: String,
    /// A published checkpoint that this key and one that stays have signed: the same file for
    /// every supervisor, who has checked it (`akashi-audit fsck --earlier`)
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// Why, in words everybody can read
    #[arg(long)]
    pub reason: String,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Why a key of the log was not drawn, added or ended.
#[derive(Debug, thiserror::Error)]
pub enum LogKeyCommandError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log's name.
    #[error("ledger.origin: {0}")]
    Origin(#[from] OriginError),
    /// The file of the new key.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The key.
    #[error("--vkey: {0}")]
    Vkey(#[from] VkeyError),
    /// The checkpoint's file.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFileError),
    /// Signing or posting.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Draws a key that the log can begin to sign with, into a new file among the ledger's keys, and
/// prints its vkey line. Nothing is signed with it before its registry names it.
///
/// # Errors
/// [`LogKeyCommandError`]; a file that is there is never overwritten.
pub fn new(config: &Config) -> Result<(), LogKeyCommandError> {
    let origin = Origin::new(&config.ledger.origin)?;
    let keys = config.ledger.folders().log_keys();
    let (key, path) = keys.draw(origin.key_name())?;
    println!("vkey        {key}");
    println!("file        {}: keep a copy as of log.key", path.display());
    println!("next        akashi log-key add, signed by the supervisors");
    Ok(())
}

/// Signs and posts the act that lets the log sign with one key more.
///
/// # Errors
/// [`LogKeyCommandError`].
pub fn add(args: &AddLogKeyArgs) -> Result<(), LogKeyCommandError> {
    let key = VerifyingKey::parse(&args.vkey)?;
    let act = Act::AddLogKey {
        log_vkey: key.to_string(),
        reason: args.reason.clone(),
    };
    let done = format!("the log signs with {} too", key.id());
    Ok(args.signing.carry_out(&act, &done)?)
}

/// Signs and posts the act that ends a key of the log.
///
/// # Errors
/// [`LogKeyCommandError`].
pub fn end(args: &EndLogKeyArgs) -> Result<(), LogKeyCommandError> {
    let key = VerifyingKey::parse(&args.vkey)?;
    let (checkpoint, _) = checkpoint::read(&args.checkpoint)?;
    let act = Act::EndLogKey {
        log_vkey: key.to_string(),
        checkpoint,
        reason: args.reason.clone(),
    };
    let done = format!("the log signs with {} no more", key.id());
    Ok(args.signing.carry_out(&act, &done)?)
}
