//! How supervisors carry out an act from the command line.
//!
//! Each supervisor signs on its own machine, with its own key, the very same act, and one of them
//! posts it with the others' statements:
//! ```text
//! akashi institution add ... --signer supervisor.north=north.jwk --out north.jws
//! akashi institution add ... --signer supervisor.south=south.jwk --statement north.jws
//! ```
//! A statement is good for five minutes.

use std::fs;
use std::path::PathBuf;

use akashi_client::{
    Client, ClientError, File, Http, Institution, NoRandomness, Request, Stamp, UrlError,
};
use akashi_ledger::clock::SystemClock;
use akashi_proof::clock::Clock;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{IdError, InstitutionId, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::statement::{Act, ActClaims, Claims};
use akashi_tlog::checkpoint::{Checkpoint, Origin, OriginError};
use akashi_tlog::signed_note::Note;
use clap::Args;

use crate::commands::key::{self, KeyError};

/// Who signs, and what becomes of what was signed.
#[derive(Clone, Debug, Default, Args)]
pub struct SigningArgs {
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

/// Why an act was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// A signer's identifier.
    #[error("--signer: {0}")]
    Id(#[from] IdError),
    /// A signer is not `ID=FILE`.
    #[error("--signer: expected `ID=FILE`")]
    Signer,
    /// A signer's key.
    #[error(transparent)]
    Key(#[from] KeyError),
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

impl SigningArgs {
    /// Signs the act and posts it, or writes what was signed to a file. Says which. It waits for
    /// the server: nothing else runs in this process.
    ///
    /// # Errors
    /// [`ActError`].
    pub fn carry_out(&self, act: &Act, done: &str) -> Result<(), ActError> {
        let origin = match (&self.origin, &self.url) {
            (Some(origin), _) => Origin::new(origin)?,
            (None, Some(url)) => origin_of(url)?,
            (None, None) => return Err(ActError::NoSigner),
        };
        let now = SystemClock::default().wall();
        let signers = self.signers(&origin)?;
        let lines = self.lines(act, &signers, now)?;
        let body = lines.join("\n");
        if let Some(path) = &self.out {
            let failed = |error| ActError::File {
                path: path.clone(),
                error,
            };
            akashi_ledger::files::write_new_private(path, format!("{body}\n").as_bytes())
                .map_err(failed)?;
            println!("{} signed, written to {}", lines.len(), path.display());
            return Ok(());
        }
        let client = client(self.url.as_deref().unwrap_or_default())?;
        let signer = signers.first().map(|signer| (signer, now));
        let answer = client.send(&Request::act(&lines, None, signer))?;
        println!("{done}: log index {}", answer.index);
        Ok(())
    }

    /// Those whose keys are here.
    fn signers(&self, origin: &Origin) -> Result<Vec<Institution>, ActError> {
        let read = |signer: &String| {
            let (name, path) = signer.split_once('=').ok_or(ActError::Signer)?;
            let signatory = key::read(InstitutionId::parse(name)?, path.as_ref())?;
            Ok(Institution::new(signatory, origin.clone()))
        };
        self.signers.iter().map(read).collect()
    }

    /// Everybody's statement of the same act.
    fn lines(
        &self,
        act: &Act,
        signers: &[Institution],
        now: Timestamp,
    ) -> Result<Vec<String>, ActError> {
        let mut lines = Vec::new();
        for signer in signers {
            lines.push(signer.act_statement(Stamp::draw(now)?, act.clone())?);
        }
        for path in &self.statements {
            let text = fs::read_to_string(path).map_err(|error| ActError::File {
                path: path.clone(),
                error,
            })?;
            for line in text.lines().filter(|line| !line.is_empty()) {
                let wrong = |what: String| ActError::Statement {
                    path: path.clone(),
                    what,
                };
                let read = Jws::parse(line.as_bytes()).and_then(|jws| ActClaims::read(&jws));
                let claims = read.map_err(|fault| wrong(fault.to_string()))?;
                if claims.act != *act {
                    return Err(wrong("it is about another act than this one".to_owned()));
                }
                lines.push(line.to_owned());
            }
        }
        if lines.is_empty() {
            Err(ActError::NoSigner)
        } else {
            Ok(lines)
        }
    }
}

fn client(url: &str) -> Result<Client<Http>, ActError> {
    Ok(Client::brief(Http::new(url)?))
}

/// The origin a server's checkpoint names. What it signs is checked by the supervisors' own copy,
/// not here: a statement for another log is worth nothing there.
fn origin_of(url: &str) -> Result<Origin, ActError> {
    let File(bytes) = client(url)?.send(&Request::get("/log/checkpoint"))?;
    let checkpoint = Note::parse(&bytes)
        .ok()
        .and_then(|note| Checkpoint::parse(note.text()).ok());
    let checkpoint = checkpoint.ok_or_else(|| ActError::NotALog(url.to_owned()))?;
    Ok(checkpoint.origin().clone())
}
