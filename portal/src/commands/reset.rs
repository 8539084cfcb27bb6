//! `akashi institution reset-keys` and `akashi institution object`: the way back for an institution
//! whose keys were stolen or lost, and its objection to that.
//!
//! ```text
//! akashi institution reset-keys --url https://ledger.example.jp --id hospital.chuo \
//!     --public-key <43 characters> --reason "stolen on 2026-11-30" \
//!     --signer supervisor.north=north.jwk --out north.jws
//! akashi institution object --url https://ledger.example.jp --kid <43 characters> \
//!     --reason "nobody has asked us" --signer hospital.chuo=chuo.jwk
//! ```
//! How several supervisors sign the same: [`super::acts`]. When a reset is in force: the record
//! format, 4.

use akashi_proof::digest::Digest;
use akashi_proof::ids::{IdError, InstitutionId, Kid};
use akashi_proof::key::thumbprint;
use akashi_proof::statement::Act;
use clap::Args;

use crate::commands::acts::{ActError, SigningArgs};
use crate::commands::institution::{BadPublicKey, public_key};

/// Arguments of `akashi institution reset-keys`.
#[derive(Clone, Debug, Args)]
pub struct ResetKeysArgs {
    /// The institution's identifier
    #[arg(long)]
    pub id: String,
    /// The signing key in place of all it has: 32 bytes, Ed25519, in base64url (`x` of its JWK)
    // One key in sixty-four begins with a hyphen.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub public_key: String,
    /// Why, in words everybody can read
    #[arg(long)]
    pub reason: String,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Arguments of `akashi institution object`.
#[derive(Clone, Debug, Args)]
pub struct ObjectArgs {
    /// The key the reset would bring in: `kid` of the record `key.reset`
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    pub kid: String,
    /// Why, in words everybody can read
    #[arg(long)]
    pub reason: String,
    /// The institution, with one of its valid keys.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Why an institution's keys were not reset, or its objection not taken.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The identifier.
    #[error("--id: {0}")]
    Id(IdError),
    /// The new key.
    #[error(transparent)]
    PublicKey(#[from] BadPublicKey),
    /// The name of the key.
    #[error("--kid: {0}")]
    Kid(IdError),
    /// Signing or posting.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Signs and posts the act that gives an institution a new key in place of all it has.
///
/// # Errors
/// [`ResetError`].
pub fn reset_keys(args: &ResetKeysArgs) -> Result<(), ResetError> {
    let public = public_key(&args.public_key)?;
    let kid = thumbprint(&public);
    println!("kid         {kid}");
    let act = Act::ResetKeys {
        institution: InstitutionId::parse(&args.id).map_err(ResetError::Id)?,
        kid,
        public_key: Digest::from_bytes(*public.as_bytes()),
        reason: args.reason.clone(),
    };
    let done = format!("the keys of {} are being reset", args.id);
    Ok(args.signing.carry_out(&act, &done)?)
}

/// Signs and posts an institution's objection to a reset of its keys.
///
/// # Errors
/// [`ResetError`].
pub fn object(args: &ObjectArgs) -> Result<(), ResetError> {
    let act = Act::ObjectToReset {
        kid: Kid::parse(&args.kid).map_err(ResetError::Kid)?,
        reason: args.reason.clone(),
    };
    Ok(args.signing.carry_out(&act, "the objection stands")?)
}
