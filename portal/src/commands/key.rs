//! `akashi key new`: a signing key for a supervisor or an institution, as a JWK file that stays
//! with its owner.

use std::fs;
use std::path::{Path, PathBuf};

use akashi_ledger::{files, random};
use akashi_proof::ids::{IdError, InstitutionId, Kid};
use akashi_proof::key::thumbprint;
use akashi_tlog::base64::url;
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::{KeyName, SignatureType, VerifyingKey};
use clap::Args;
use ed25519_dalek::{Signer, SigningKey};

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
    #[error("`{0}`: expected a JWK with kty OKP, crv Ed25519, d and x that belong together")]
    NotAKey(PathBuf),
}

/// A key that signs statements, read from a JWK file.
pub struct JwkKey {
    key: SigningKey,
    public: PublicKey,
}

/// Draws a key into a new file and prints its public half.
///
/// # Errors
/// [`KeyError`]; a file that is there is never overwritten.
pub fn new(args: &NewArgs) -> Result<(), KeyError> {
    let name = InstitutionId::parse(&args.name)?;
    let drawn = random::draw_secret();
    let key = JwkKey::of(SigningKey::from_bytes(drawn.expose()))
        .ok_or_else(|| KeyError::NotAKey(args.out.clone()))?;
    let (d, x) = (
        url::encode(drawn.expose()),
        url::encode(key.public.as_bytes()),
    );
    let kid = key.kid();
    let jwk = format!(
        "{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"{kid}\",\"d\":\"{d}\",\"x\":\"{x}\"}}\n"
    );
    let failed = |error| KeyError::File {
        path: args.out.clone(),
        error,
    };
    files::write_new_private(&args.out, jwk.as_bytes()).map_err(failed)?;
    println!("name        {name}");
    println!("kid         {kid}");
    println!("public key  {x}");
    if let Ok(name) = KeyName::new(name.as_str()) {
        println!(
            "vkey        {}",
            VerifyingKey::new(name, SignatureType::Ed25519, key.public)
        );
    }
    Ok(())
}

impl JwkKey {
    fn of(key: SigningKey) -> Option<Self> {
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes()).ok()?;
        Some(Self { key, public })
    }

    /// Reads a key from its file.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        #[derive(serde::Deserialize)]
        struct Jwk {
            kty: String,
            crv: String,
            d: String,
            x: String,
        }
        let text = fs::read(path).map_err(|error| KeyError::File {
            path: path.to_owned(),
            error,
        })?;
        let read = || {
            let jwk: Jwk = serde_json::from_slice(&text).ok()?;
            let seed: [u8; 32] = url::decode(&jwk.d).ok()?.try_into().ok()?;
            let key = Self::of(SigningKey::from_bytes(&seed))?;
            let same = jwk.kty == "OKP"
                && jwk.crv == "Ed25519"
                && jwk.x == url::encode(key.public.as_bytes());
            same.then_some(key)
        };
        read().ok_or_else(|| KeyError::NotAKey(path.to_owned()))
    }

    /// Its name: the RFC 7638 thumbprint.
    pub fn kid(&self) -> Kid {
        thumbprint(&self.public)
    }

    /// The signature over these bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let key = JwkKey::read(&out).unwrap();
        assert!(key.public.verify(b"m", &key.sign(b"m")).is_ok());
        let text = fs::read_to_string(&out).unwrap();
        assert!(text.contains(key.kid().as_str()));
        fs::write(&out, text.replace("\"x\":\"", "\"x\":\"A")).unwrap();
        assert!(matches!(JwkKey::read(&out), Err(KeyError::NotAKey(_))));
    }
}
