//! Who signs.

use std::convert::Infallible;

use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, Jti, Kid, Timestamp};
use akashi_proof::key::thumbprint;
use akashi_proof::statement::{self, Claims, Common, StatementSigner};
use akashi_tlog::public_key::{PublicKey, SIGNATURE_LEN};
use akashi_tlog::signed_note::{KeyName, SignatureType, VerifyingKey};
use ed25519_dalek::{Signer, SigningKey};

use crate::jwk::{NotAKey, PrivateJwk};

/// An institution or a supervisor with a signing key in memory. Who keeps its key in a hardware
/// module implements [`StatementSigner`] instead.
#[derive(Clone)]
pub struct Signatory {
    id: InstitutionId,
    key: SigningKey,
    public: PublicKey,
    kid: Kid,
}

impl std::fmt::Debug for Signatory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signatory({})", self.id)
    }
}

impl Signatory {
    /// Who signs as `id` with the Ed25519 key of these 32 bytes.
    pub fn new(id: InstitutionId, secret: &Secret) -> Self {
        let key = SigningKey::from_bytes(secret.expose());
        #[expect(
            clippy::expect_used,
            reason = "the clamped scalar is below 8 L and a multiple of 8, hence none of L: the point has full order"
        )]
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes()).expect("a public key");
        Self {
            id,
            key,
            public,
            kid: thumbprint(&public),
        }
    }

    /// Who signs as `id` with the key of a file.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn from_jwk(id: InstitutionId, jwk: &PrivateJwk) -> Result<Self, NotAKey> {
        let (secret, public) = jwk.halves()?;
        let signatory = Self::new(id, &secret);
        if signatory.public.as_bytes() == public.as_slice() {
            Ok(signatory)
        } else {
            Err(NotAKey)
        }
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

    /// The key for a file, private part included.
    pub fn jwk(&self) -> PrivateJwk {
        PrivateJwk::of(self)
    }

    /// The public key as a vkey line (C2SP signed-note), as entry 0 names a supervisor's; `None` if
    /// the identifier cannot name a key.
    pub fn vkey(&self) -> Option<String> {
        let name = KeyName::new(self.id.as_str()).ok()?;
        Some(VerifyingKey::new(name, SignatureType::Ed25519, self.public).to_string())
    }

    /// The claims each statement begins with: from this signatory, to this log - a presentation's:
    /// to this holder - now.
    pub fn common<A: Clone>(&self, aud: &A, now: Timestamp, jti: Jti) -> Common<A> {
        Common {
            iss: self.id.clone(),
            aud: aud.clone(),
            iat: now,
            jti,
            nbf: None,
            exp: None,
        }
    }

    /// The compact JWS that says these claims. Sent again, it must be these very bytes.
    pub fn write<C: Claims>(&self, claims: &C) -> String {
        let Ok(statement) = statement::write(claims, self);
        statement
    }

    pub(crate) fn secret(&self) -> Secret {
        Secret::from_bytes(self.key.to_bytes())
    }
}

impl StatementSigner for Signatory {
    type Unavailable = Infallible;

    fn kid(&self) -> &Kid {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], Infallible> {
        Ok(self.key.sign(message).to_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test stops at the first thing that is wrong"
    )]

    use akashi_proof::jws::{Jws, Type};
    use akashi_proof::statement::{LinkClaims, RequestClaims, sign_bytes};
    use akashi_tlog::checkpoint::Origin;

    use super::*;

    fn hospital(seed: u8) -> Signatory {
        let id = InstitutionId::parse("hospital.chuo").unwrap();
        Signatory::new(id, &Secret::from_bytes([seed; 32]))
    }

    #[test]
    fn a_key_read_back_from_its_file_signs_the_same() {
        let signatory = hospital(4);
        let file = signatory.jwk().to_json();
        let jwk = PrivateJwk::parse(file.as_bytes()).unwrap();
        let again = Signatory::from_jwk(signatory.id().clone(), &jwk).unwrap();
        let Ok(statement) = sign_bytes(Type::Access, b"{}", &again);
        assert_eq!(
            sign_bytes(Type::Access, b"{}", &signatory),
            Ok(statement.clone())
        );
        let (input, signature) = statement.rsplit_once('.').unwrap();
        let signature = akashi_tlog::base64::url::decode(signature).unwrap();
        let checked = signatory.public().verify(input.as_bytes(), &signature);
        assert!(checked.is_ok());
        assert!(!format!("{jwk:?} {again:?}").contains(&file[60..70]));
    }

    #[test]
    fn what_another_tool_wrote_is_read_and_what_contradicts_itself_is_not() {
        let file = hospital(4).jwk().to_json();
        let id = || InstitutionId::parse("hospital.chuo").unwrap();
        let read = |json: &str| Signatory::from_jwk(id(), &PrivateJwk::parse(json.as_bytes())?);
        let kid = hospital(4).kid().to_string();
        let other_tool = file
            .replace(&kid, "2026-01")
            .replace("{\"kty\"", "{\"use\":\"sig\",\"kty\"");
        assert_eq!(read(&other_tool).unwrap().kid().as_str(), kid);
        let other_x = akashi_tlog::base64::url::encode(hospital(5).public().as_bytes());
        let x = akashi_tlog::base64::url::encode(hospital(4).public().as_bytes());
        for bad in [
            file.replace(&x, &other_x),
            file.replace("Ed25519", "X25519"),
            file.replace("OKP", "EC"),
            file.replace("\"d\":\"", "\"d\":\"A"),
            "{}".to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&bad).err(), Some(NotAKey), "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was_meant() {
        let signatory = hospital(4);
        let origin = Origin::new("test.akashi.example/log").unwrap();
        let jti = Jti::from_bytes([7; 16]);
        let claims = RequestClaims {
            common: signatory.common(&origin, Timestamp::from_seconds(1_790_000_000), jti),
            htm: "GET".into(),
            htu: "/v1/choices?a=\"b\"".into(),
        };
        let jws = Jws::parse(signatory.write(&claims).as_bytes()).unwrap();
        assert_eq!(jws.kid(), signatory.kid());
        assert_eq!(RequestClaims::read(&jws), Ok(claims));
        assert!(LinkClaims::read(&jws).is_err());
    }
}
