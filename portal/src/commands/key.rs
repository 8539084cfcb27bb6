//! `akashi key new`: a signing key for a supervisor or an institution, as a JWK file that stays
//! with its owner.

use std::fs;
use std::path::{Path, PathBuf};

use akashi_client::{NotAKey, PrivateJwk, Signatory};
use akashi_ledger::{files, random};
use akashi_proof::ids::{IdError, InstitutionId};
use akashi_tlog::base64::url;
use clap::Args;

/// Arguments of `akashi key new`.
#[derive(Clone, Debug, Args)]
pub struct NewArgs {
    /// Whose key: the identifier of the supervisor or institution
    #[arg(long, value_name = "ID")]
    pub name: String,
    /// The new file; only its owner can read it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The name.
    #[error("--name: {0}")]
    Name(#[from] IdError),
    /// The file.
    #[error("`{path}`: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not a key. Its content is not repeated.
    #[error("`{path}`: {error}")]
    NotAKey {
        /// Which file.
        path: PathBuf,
        /// What was expected.
        error: NotAKey,
    },
}

/// Draws a key into a new file and prints its public half.
///
/// # Errors
/// [`KeyError`]; a file that is there is never overwritten.
pub fn new(args: &NewArgs) -> Result<(), KeyError> {
    let name = InstitutionId::parse(&args.name)?;
    let signatory = Signatory::new(name, &random::draw_secret());
    let jwk = signatory.jwk().to_json();
    let failed = |error| KeyError::File {
        path: args.out.clone(),
        error,
    };
    files::write_new_private(&args.out, jwk.as_bytes()).map_err(failed)?;
    println!("name        {}", signatory.id());
    println!("kid         {}", signatory.kid());
    println!("public key  {}", url::encode(signatory.public().as_bytes()));
    if let Some(vkey) = signatory.vkey() {
        println!("vkey        {vkey}");
    }
    Ok(())
}

/// Who signs as `id` with the key of a file.
///
/// # Errors
/// [`KeyError`].
pub fn read(id: InstitutionId, path: &Path) -> Result<Signatory, KeyError> {
    let text = fs::read(path).map_err(|error| KeyError::File {
        path: path.to_owned(),
        error,
    })?;
    let read = PrivateJwk::parse(&text).and_then(|jwk| Signatory::from_jwk(id, &jwk));
    read.map_err(|error| KeyError::NotAKey {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_proof::statement::StatementSigner;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_key_is_private_never_overwritten_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("north.jwk");
        let args = NewArgs {
            name: "supervisor.north".into(),
            out: out.clone(),
        };
        new(&args).unwrap();
        assert_eq!(
            fs::metadata(&out).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(matches!(new(&args), Err(KeyError::File { .. })));
        let read_back = || read(InstitutionId::parse("supervisor.north").unwrap(), &out);
        let key = read_back().unwrap();
        let Ok(signature) = key.sign(b"m");
        assert!(key.public().verify(b"m", &signature).is_ok());
        let text = fs::read_to_string(&out).unwrap();
        assert!(text.contains(key.kid().as_str()));
        fs::write(&out, text.replace("\"x\":\"", "\"x\":\"A")).unwrap();
        assert!(matches!(read_back(), Err(KeyError::NotAKey { .. })));
    }
}
