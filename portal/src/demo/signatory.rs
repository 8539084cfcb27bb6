//! Who signs: an institution or a supervisor with its key, as the demo and `akashi load` hold it
//! for them.

use akashi_proof::ids::{InstitutionId, Kid};
use akashi_proof::jws::{self, Type};
use akashi_proof::key::thumbprint;
use akashi_tlog::base64;
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::{KeyName, SignatureType, VerifyingKey};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};

/// An institution or a supervisor that can sign.
#[derive(Clone)]
pub struct Signatory {
    id: InstitutionId,
    key: SigningKey,
    public: PublicKey,
    kid: Kid,
}

/// A private Ed25519 key as a JSON Web Key (RFC 8037).
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateJwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The public key.
    pub x: String,
    /// The private key.
    pub d: String,
    /// The thumbprint.
    pub kid: String,
}

impl std::fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateJwk(..)")
    }
}

impl Signatory {
    /// A signer with this key; `None` for a key no verifier would accept.
    pub fn new(id: InstitutionId, key: SigningKey) -> Option<Self> {
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes()).ok()?;
        Some(Self {
            id,
            key,
            public,
            kid: thumbprint(&public),
        })
    }

    /// A signer from its JWK; `None` if the JWK contradicts itself.
    pub fn from_jwk(id: &str, jwk: &PrivateJwk) -> Option<Self> {
        let private: [u8; 32] = base64::url::decode(&jwk.d).ok()?.try_into().ok()?;
        let signatory = Self::new(
            InstitutionId::parse(id).ok()?,
            SigningKey::from_bytes(&private),
        )?;
        (signatory.jwk().x == jwk.x && signatory.kid.as_str() == jwk.kid).then_some(signatory)
    }

    /// Who signs.
    pub const fn id(&self) -> &InstitutionId {
        &self.id
    }

    /// The key's name.
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The public key.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as a JWK, private part included.
    pub fn jwk(&self) -> PrivateJwk {
        PrivateJwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: base64::url::encode(self.public.as_bytes()),
            d: base64::url::encode(self.key.as_bytes()),
            kid: self.kid.to_string(),
        }
    }

    /// The public key as a vkey line; `None` if the identifier cannot name a key.
    pub fn vkey(&self) -> Option<String> {
        let name = KeyName::new(self.id.as_str()).ok()?;
        Some(VerifyingKey::new(name, SignatureType::Ed25519, self.public).to_string())
    }

    /// The compact JWS of these claims.
    pub fn sign(&self, typ: Type, claims: &str) -> String {
        let input = jws::signing_input(typ, &self.kid, claims);
        let signature = self.key.sign(input.as_bytes()).to_bytes();
        jws::assemble(&input, &signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_read_back_from_its_jwk_signs_the_same() {
        let id = InstitutionId::parse("hospital.chuo").unwrap();
        let signatory = Signatory::new(id, SigningKey::from_bytes(&[4; 32])).unwrap();
        let again = Signatory::from_jwk("hospital.chuo", &signatory.jwk()).unwrap();
        let statement = again.sign(Type::Access, "{}");
        assert_eq!(statement, signatory.sign(Type::Access, "{}"));
        let (input, signature) = statement.rsplit_once('.').unwrap();
        let signature = base64::url::decode(signature).unwrap();
        let checked = signatory.public().verify(input.as_bytes(), &signature);
        assert!(checked.is_ok());
        let confused = PrivateJwk {
            x: base64::url::encode(&[1; 32]),
            ..signatory.jwk()
        };
        assert!(Signatory::from_jwk("hospital.chuo", &confused).is_none());
        assert!(!format!("{:?}", signatory.jwk()).contains(&signatory.jwk().d));
    }
}
