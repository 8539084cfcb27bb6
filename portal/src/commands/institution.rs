//! `akashi institution add` and `akashi institution change`: the acts by which supervisors admit an
//! institution, and say how it is called and reached from now on.
//!
//! ```text
//! akashi institution add --url https://ledger.example.jp --id hospital.chuo --sector hospital \
//!     --particulars chuo.toml --public-key <43 characters> \
//!     --signer supervisor.north=north.jwk --out north.jws
//! ```
//! How several supervisors sign the same: [`super::acts`]. What stands in the file:
//! [`super::particulars`]. `--pack FOLDER` refuses a mistyped sector before anybody signs; the
//! server, which decides by that pack, refuses it in any case.

use std::path::PathBuf;

use akashi_proof::digest::Digest;
use akashi_proof::ids::{IdError, InstitutionId};
use akashi_proof::key::thumbprint;
use akashi_proof::statement::Act;
use akashi_tlog::base64::url;
use akashi_tlog::public_key::PublicKey;
use clap::Args;

use crate::commands::acts::{ActError, SigningArgs};
use crate::commands::particulars::{self, ParticularsArgs, ParticularsError};

/// Arguments of `akashi institution add`.
#[derive(Clone, Debug, Args)]
pub struct AddArgs {
    /// The institution's identifier: `hospital.chuo`
    #[arg(long)]
    pub id: String,
    /// Its sector in the policy pack
    #[arg(long)]
    pub sector: String,
    /// Checks the sector against the policy pack in this folder before anybody signs
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
    /// Its first signing key: 32 bytes, Ed25519, in base64url (`x` of its JWK)
    // One key in sixty-four begins with a hyphen.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub public_key: String,
    /// What it is called and how people reach it.
    #[command(flatten)]
    pub particulars: ParticularsArgs,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Arguments of `akashi institution change`.
#[derive(Clone, Debug, Args)]
pub struct ChangeArgs {
    /// The institution's identifier
    #[arg(long)]
    pub id: String,
    /// All it is called and reached by from now on.
    #[command(flatten)]
    pub particulars: ParticularsArgs,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Why an institution was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum InstitutionError {
    /// The identifier.
    #[error("--id: {0}")]
    Id(#[from] IdError),
    /// The institution's key.
    #[error(transparent)]
    PublicKey(#[from] BadPublicKey),
    /// What it is called and how it is reached.
    #[error(transparent)]
    Particulars(#[from] ParticularsError),
    /// The pack to check the sector against.
    #[error("--pack: {0}")]
    Pack(#[from] akashi_policies::load::LoadError),
    /// The pack has no such sector.
    #[error("--sector: `{found}` is not in the policy pack; there are {known}")]
    Sector {
        /// What was given.
        found: String,
        /// What there is.
        known: String,
    },
    /// Signing or posting.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// `--public-key` is no key.
#[derive(Debug, thiserror::Error)]
#[error("--public-key: expected an Ed25519 public key of 32 bytes in base64url")]
pub struct BadPublicKey;

/// The key `--public-key` says.
///
/// # Errors
/// [`BadPublicKey`].
pub fn public_key(text: &str) -> Result<PublicKey, BadPublicKey> {
    let bytes = url::decode(text).map_err(|_| BadPublicKey)?;
    let bytes = bytes.try_into().map_err(|_| BadPublicKey)?;
    PublicKey::from_bytes(&bytes).map_err(|_| BadPublicKey)
}

/// Signs and posts the act that certifies an institution.
///
/// # Errors
/// [`InstitutionError`].
pub fn add(args: &AddArgs) -> Result<(), InstitutionError> {
    check_sector(args)?;
    let public = public_key(&args.public_key)?;
    let particulars = args.particulars.read()?;
    particulars::show(&particulars);
    let act = Act::CertifyInstitution {
        institution: InstitutionId::parse(&args.id)?,
        particulars,
        sector: args.sector.clone(),
        kid: thumbprint(&public),
        public_key: Digest::from_bytes(*public.as_bytes()),
    };
    let done = format!("{} is certified", args.id);
    Ok(args.signing.carry_out(&act, &done)?)
}

/// Signs and posts the act that says how an institution is called and reached from now on.
///
/// # Errors
/// [`InstitutionError`].
pub fn change(args: &ChangeArgs) -> Result<(), InstitutionError> {
    let particulars = args.particulars.read()?;
    particulars::show(&particulars);
    let act = Act::ChangeInstitution {
        institution: InstitutionId::parse(&args.id)?,
        particulars,
    };
    let done = format!("{} is changed", args.id);
    Ok(args.signing.carry_out(&act, &done)?)
}

/// Refuses a sector the pack does not know: the server would too, but only after all supervisors
/// have signed.
fn check_sector(args: &AddArgs) -> Result<(), InstitutionError> {
    let Some(folder) = &args.pack else {
        return Ok(());
    };
    let pack = akashi_policies::load::folder(folder)?;
    if pack.sector(&args.sector).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = pack
        .sectors()
        .iter()
        .map(|sector| sector.code.as_str())
        .collect();
    Err(InstitutionError::Sector {
        found: args.sector.clone(),
        known: known.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::commands::key::{NewArgs, new};
    use crate::commands::particulars::tests::written;

    fn args(folder: &std::path::Path) -> AddArgs {
        AddArgs {
            id: "hospital.chuo".into(),
            sector: "hospital".into(),
            pack: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/packs/town").into()),
            public_key: url::encode(akashi_actors::named("hospital.chuo").public().as_bytes()),
            particulars: ParticularsArgs {
                particulars: Some(written(folder)),
                ..ParticularsArgs::default()
            },
            signing: SigningArgs {
                origin: Some("ledger.example.jp/log".into()),
                out: Some(folder.join("out.jws")),
                ..SigningArgs::default()
            },
        }
    }

    #[test]
    fn each_supervisor_signs_apart_and_the_statements_are_of_one_act() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["north", "south"] {
            new(&NewArgs {
                name: format!("supervisor.{name}"),
                out: folder.path().join(name),
            })
            .unwrap();
        }
        let signer =
            |name: &str| format!("supervisor.{name}={}", folder.path().join(name).display());
        let mut first = args(folder.path());
        first.signing.signers = vec![signer("north")];
        add(&first).unwrap();
        let both = folder.path().join("both.jws");
        let mut second = args(folder.path());
        second.signing.signers = vec![signer("south")];
        second.signing.statements = vec![folder.path().join("out.jws")];
        second.signing.out = Some(both.clone());
        add(&second).unwrap();
        assert_eq!(fs::read_to_string(&both).unwrap().lines().count(), 2);

        let mut other = second.clone();
        other.particulars.telephone = Some("+81-55-000-9999".into());
        other.signing.out = Some(folder.path().join("third"));
        let refused = add(&other);
        assert!(
            matches!(
                refused,
                Err(InstitutionError::Act(ActError::Statement { .. }))
            ),
            "who signs a number signs this number"
        );
        let changed = ChangeArgs {
            id: other.id,
            particulars: second.particulars,
            signing: other.signing,
        };
        assert!(
            matches!(
                change(&changed),
                Err(InstitutionError::Act(ActError::Statement { .. }))
            ),
            "nor does one act's statement carry another"
        );
        let mistyped = AddArgs {
            sector: "hopsital".into(),
            ..args(folder.path())
        };
        assert!(
            matches!(add(&mistyped), Err(InstitutionError::Sector { .. })),
            "before anybody signs"
        );
        let nobody = add(&args(folder.path()));
        assert!(matches!(
            nobody,
            Err(InstitutionError::Act(ActError::NoSigner))
        ));
    }
}
