//! `akashi institution add`: the act by which supervisors admit an institution.
//!
//! Each supervisor signs on its own machine, with its own key, the very same act:
//! ```text
//! akashi institution add --url https://ledger.example.jp --id hospital.chuo \
//!     --name-ja 中央病院 --name-en "Chuo Hospital" --sector hospital \
//!     --public-key <43 characters> --signer supervisor.north=north.jwk --out north.jws
//! ```
//! and one of them posts it with the others' statements: `--statement north.jws --signer
//! supervisor.south=south.jwk`. A statement is good for five minutes. `--pack FOLDER` refuses a
//! mistyped sector before anybody signs; the server, which decides by that pack, refuses it in any
//! case.

use std::fs;
use std::path::PathBuf;

use akashi_client::{
    Client, ClientError, File, Http, Institution, NoRandomness, Request, Stamp, UrlError,
};
use akashi_ledger::clock::SystemClock;
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{IdError, InstitutionId};
use akashi_proof::jws::Jws;
use akashi_proof::key::thumbprint;
use akashi_proof::statement::{Act, ActClaims, Claims};
use akashi_tlog::base64::url;
use akashi_tlog::checkpoint::{Checkpoint, Origin, OriginError};
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::Note;
use clap::Args;

use crate::commands::key::{self, KeyError};

/// Arguments of `akashi institution add`.
#[derive(Clone, Debug, Args)]
pub struct AddArgs {
    /// The server: `https://host`
    #[arg(
        long,
        value_name = "URL",
        env = "AKASHI_URL",
        required_unless_present_all = ["origin", "out"]
    )]
    pub url: Option<String>,
    /// The log's origin; without it the server is asked
    #[arg(long)]
    pub origin: Option<String>,
    /// The institution's identifier: `hospital.chuo`
    #[arg(long)]
    pub id: String,
    /// Its name in Japanese
    #[arg(long)]
    pub name_ja: String,
    /// Its name in English
    #[arg(long)]
    pub name_en: String,
    /// Its sector in the policy pack
    #[arg(long)]
    pub sector: String,
    /// Checks the sector against the policy pack in this folder before anybody signs
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
    /// Its first signing key: 32 bytes, Ed25519, in base64url (`x` of its JWK)
    #[arg(long, value_name = "KEY")]
    pub public_key: String,
    /// Signs as this supervisor with the key in this file; may be given several times
    #[arg(long = "signer", value_name = "ID=FILE")]
    pub signers: Vec<String>,
    /// A statement another supervisor has signed; may be given several times
    #[arg(long = "statement", value_name = "FILE")]
    pub statements: Vec<PathBuf>,
    /// Writes the statements to this new file, one a line, and posts nothing
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Why an institution was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The identifier, or a signer's.
    #[error("{0}")]
    Id(#[from] IdError),
    /// A signer is not `ID=FILE`.
    #[error("--signer: expected `ID=FILE`")]
    Signer,
    /// A signer's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The institution's key.
    #[error("--public-key: expected an Ed25519 public key of 32 bytes in base64url")]
    PublicKey,
    /// The origin.
    #[error("--origin: {0}")]
    Origin(#[from] OriginError),
    /// A file.
    #[error("`{path}`: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A statement of another supervisor is not one, or about something else.
    #[error("`{path}`: {what}")]
    Statement {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// An argument is not what it must be.
    #[error("{0}")]
    Act(#[from] Fault),
    /// No identifier for a statement.
    #[error(transparent)]
    Random(#[from] NoRandomness),
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
    /// Nobody signs.
    #[error("nobody signs: give --signer or --statement")]
    NoSigner,
    /// The server's URL.
    #[error("--url: {0}")]
    Url(#[from] UrlError),
    /// The server could not be asked, or refused.
    #[error(transparent)]
    Server(#[from] ClientError),
    /// The server shows no checkpoint.
    #[error("`{0}` is not a checkpoint of a log")]
    NotALog(String),
}

/// Signs and posts the act. It waits for the server: nothing else runs in this process.
///
/// # Errors
/// [`AddError`].
pub fn add(args: &AddArgs) -> Result<(), AddError> {
    check_sector(args)?;
    let origin = match (&args.origin, &args.url) {
        (Some(origin), _) => Origin::new(origin)?,
        (None, Some(url)) => origin_of(url)?,
        (None, None) => return Err(AddError::NoSigner),
    };
    let lines = sign(args, &origin)?;
    let body = lines.join("\n");
    if let Some(path) = &args.out {
        let failed = |error| AddError::File {
            path: path.clone(),
            error,
        };
        akashi_ledger::files::write_new_private(path, format!("{body}\n").as_bytes())
            .map_err(failed)?;
        println!("{} signed, written to {}", lines.len(), path.display());
        return Ok(());
    }
    let client = client(args.url.as_deref().unwrap_or_default())?;
    let done = client.send(&Request::act(&lines, None))?;
    println!("{} is certified: log index {}", args.id, done.index);
    Ok(())
}

fn client(url: &str) -> Result<Client<Http>, AddError> {
    Ok(Client::brief(Http::new(url)?))
}

/// Refuses a sector the pack does not know: the server would too, but only after all supervisors
/// have signed.
fn check_sector(args: &AddArgs) -> Result<(), AddError> {
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
    Err(AddError::Sector {
        found: args.sector.clone(),
        known: known.join(", "),
    })
}

/// Everybody's statement of the same act.
fn sign(args: &AddArgs, origin: &Origin) -> Result<Vec<String>, AddError> {
    let institution = InstitutionId::parse(&args.id)?;
    let public = url::decode(&args.public_key)
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    let public = public
        .and_then(|bytes| PublicKey::from_bytes(&bytes).ok())
        .ok_or(AddError::PublicKey)?;
    let now = SystemClock::default().wall();
    let act = Act::CertifyInstitution {
        institution,
        name_ja: args.name_ja.clone(),
        name_en: args.name_en.clone(),
        sector: args.sector.clone(),
        kid: thumbprint(&public),
        public_key: Digest::from_bytes(*public.as_bytes()),
    };
    let mut lines = Vec::new();
    let mut acts = Vec::new();
    for signer in &args.signers {
        let (name, path) = signer.split_once('=').ok_or(AddError::Signer)?;
        let signatory = key::read(InstitutionId::parse(name)?, path.as_ref())?;
        let supervisor = Institution::new(signatory, origin.clone());
        let line = supervisor.act_statement(Stamp::draw(now)?, act.clone())?;
        acts.push(act.clone());
        lines.push(line);
    }
    for path in &args.statements {
        let text = fs::read_to_string(path).map_err(|error| AddError::File {
            path: path.clone(),
            error,
        })?;
        for line in text.lines().filter(|line| !line.is_empty()) {
            let wrong = |what: String| AddError::Statement {
                path: path.clone(),
                what,
            };
            let read = Jws::parse(line.as_bytes()).and_then(|jws| ActClaims::read(&jws));
            acts.push(read.map_err(|fault| wrong(fault.to_string()))?.act);
            lines.push(line.to_owned());
            if acts.first() != acts.last() {
                return Err(wrong("it is about another act than the others".to_owned()));
            }
        }
    }
    if lines.is_empty() {
        Err(AddError::NoSigner)
    } else {
        Ok(lines)
    }
}

/// The origin a server's checkpoint names. What it signs is checked by the supervisors' own copy,
/// not here: a statement for another log is worth nothing there.
fn origin_of(url: &str) -> Result<Origin, AddError> {
    let File(bytes) = client(url)?.send(&Request::get("/log/checkpoint"))?;
    let checkpoint = Note::parse(&bytes)
        .ok()
        .and_then(|note| Checkpoint::parse(note.text()).ok());
    let checkpoint = checkpoint.ok_or_else(|| AddError::NotALog(url.to_owned()))?;
    Ok(checkpoint.origin().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::key::{NewArgs, new};

    fn args(folder: &std::path::Path) -> AddArgs {
        AddArgs {
            url: None,
            origin: Some("ledger.example.jp/log".into()),
            id: "hospital.chuo".into(),
            name_ja: "中央病院".into(),
            name_en: "Chuo Hospital".into(),
            sector: "hospital".into(),
            pack: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/packs/town").into()),
            public_key: url::encode(akashi_actors::named("hospital.chuo").public().as_bytes()),
            signers: Vec::new(),
            statements: Vec::new(),
            out: Some(folder.join("out.jws")),
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
        add(&AddArgs {
            signers: vec![signer("north")],
            ..args(folder.path())
        })
        .unwrap();
        let north = folder.path().join("out.jws");
        let both = folder.path().join("both.jws");
        let second = AddArgs {
            signers: vec![signer("south")],
            statements: vec![north.clone()],
            out: Some(both.clone()),
            ..args(folder.path())
        };
        add(&second).unwrap();
        assert_eq!(fs::read_to_string(&both).unwrap().lines().count(), 2);
        let other = AddArgs {
            name_en: "Other".into(),
            out: Some(folder.path().join("third")),
            ..second
        };
        assert!(matches!(add(&other), Err(AddError::Statement { .. })));
        let mistyped = AddArgs {
            sector: "hopsital".into(),
            ..args(folder.path())
        };
        assert!(
            matches!(add(&mistyped), Err(AddError::Sector { .. })),
            "before anybody signs"
        );
        assert!(matches!(add(&args(folder.path())), Err(AddError::NoSigner)));
    }
}
