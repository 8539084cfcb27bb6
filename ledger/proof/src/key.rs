//! Names of keys: a name means one key for ever, because it is the key's own digest.

use crate::digest::{Digest, Secret};
use crate::ids::{InstitutionId, Kid};
use akashi_tlog::base64;
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::{SignatureType, VerifyingKey};

/// The name of a public key: SHA-256 over its canonical JWK ([RFC 7638], [RFC 8037] appendix A.3).
///
/// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
/// [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
pub fn thumbprint(key: &PublicKey) -> Kid {
    let x = base64::url::encode(key.as_bytes());
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    digest_as_kid(Digest::of(&[jwk.as_bytes()]))
}

/// Whose a supervisor's vkey line is, and its key; `None` if it is no line of an Ed25519 key (type
/// 1), or its name no identifier.
pub(crate) fn supervisor_key(vkey: &str) -> Option<(InstitutionId, PublicKey)> {
    let vkey = VerifyingKey::parse(vkey).ok()?;
    let id = InstitutionId::parse(vkey.name().as_str()).ok()?;
    let signs = vkey.signature_type() == SignatureType::Ed25519;
    signs.then(|| (id, *vkey.public_key()))
}

/// What the registry publishes of an evidence key (a symmetric key the holder hands to the ledger).
pub fn evidence_key_digest(key: &Secret) -> Digest {
    Digest::of(&[b"akashi/evidence-key/v1", key.expose()])
}

/// The name of an evidence key.
pub fn evidence_kid(key: &Secret) -> Kid {
    digest_as_kid(evidence_key_digest(key))
}

fn digest_as_kid(digest: Digest) -> Kid {
    #[expect(
        clippy::expect_used,
        reason = "43 characters of base64url is what a Kid is"
    )]
    Kid::parse(&digest.to_base64url()).expect("thumbprint")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprint_of_rfc_8037() {
        let x = base64::url::decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::from_bytes(&x.try_into().unwrap()).unwrap();
        assert_eq!(
            thumbprint(&key).as_str(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
