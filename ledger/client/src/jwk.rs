//! A private Ed25519 key as a JSON Web Key: [RFC 7517], and [RFC 8037 section 2] for the curve.
//!
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517
//! [RFC 8037 section 2]: https://www.rfc-editor.org/rfc/rfc8037#section-2

use akashi_proof::digest::Secret;
use akashi_tlog::base64;
use serde::{Deserialize, Serialize};

use crate::Signatory;

/// A private key as it stands in a file. `Debug` shows nothing of it.
#[derive(Clone, Serialize, Deserialize)]
pub struct PrivateJwk {
    /// `OKP`.
    kty: String,
    /// `Ed25519`.
    crv: String,
    /// A name. Ours is the thumbprint ([RFC 7638]); that of another tool's key is not looked at.
    ///
    /// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    /// The private key.
    d: String,
    /// The public key.
    x: String,
}

/// Not a JWK of an Ed25519 key whose halves belong together. What was found is not repeated: it may
/// be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a JWK with kty OKP, crv Ed25519, d and x that belong together")]
pub struct NotAKey;

impl std::fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateJwk(..)")
    }
}

impl PrivateJwk {
    /// Reads a file's content. Members another tool put beside ours are left alone.
    ///
    /// # Errors
    /// [`NotAKey`] where it is no JSON object with these members as texts; whether they are a key
    /// [`Signatory::from_jwk`] says.
    pub fn parse(json: &[u8]) -> Result<Self, NotAKey> {
        serde_json::from_slice(json).map_err(|_| NotAKey)
    }

    /// The content of a file: one line of JSON.
    pub fn to_json(&self) -> String {
        #[expect(clippy::expect_used, reason = "an object of five texts")]
        let json = serde_json::to_string(self).expect("JSON");
        json + "\n"
    }

    /// A signatory's key.
    pub(crate) fn of(signatory: &Signatory) -> Self {
        Self {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            kid: Some(signatory.kid().to_string()),
            d: base64::url::encode(signatory.secret().expose()),
            x: base64::url::encode(signatory.public().as_bytes()),
        }
    }

    /// The private key and what the file says its public half is.
    pub(crate) fn halves(&self) -> Result<(Secret, Vec<u8>), NotAKey> {
        let private = base64::url::decode(&self.d).map_err(|_| NotAKey)?;
        let private = private.try_into().map_err(|_| NotAKey)?;
        let public = base64::url::decode(&self.x).map_err(|_| NotAKey)?;
        if self.kty == "OKP" && self.crv == "Ed25519" {
            Ok((Secret::from_bytes(private), public))
        } else {
            Err(NotAKey)
        }
    }
}
