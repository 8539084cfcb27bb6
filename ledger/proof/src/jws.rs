//! Compact JWS as institutions send it ([RFC 7515]; docs/RECORD_FORMAT.md 4). Stored as it
//! came.
//!
//! ```text
//! base64url({"alg":"Ed25519","kid":"...","typ":"akashi-access+jws"})
//!     . base64url(claims) . base64url(signature)
//! ```
//! The header holds exactly `alg` (`Ed25519`, [RFC 9864]; or `EdDSA` with an Ed25519 key), `kid`
//! and `typ`, each once. Base64url is canonical and unpadded. The signature is checked by the
//! strict rule over the bytes before the last dot.
//!
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864

use crate::fault::{Fault, FaultCode};
use crate::ids::Kid;
use crate::record::value::words;
use crate::strict_json::Members;
use akashi_tlog::base64;
use akashi_tlog::public_key::{PublicKey, SIGNATURE_LEN, SignatureInvalid};

/// Longest statement taken: 16 KiB is ten times the largest honest one.
pub const STATEMENT_LEN_MAX: usize = 16 * 1024;

words! {
    /// What a statement is for; the JWS `typ`, so that one can never be replayed as another.
    pub enum Type {
        /// Asks for an access.
        Access = "akashi-access+jws",
        /// Asks for a link code.
        Link = "akashi-link+jws",
        /// Ends a link code.
        LinkEnd = "akashi-link-end+jws",
        /// Reports a release.
        Release = "akashi-release+jws",
        /// An act of a supervisor or of an institution about itself.
        Act = "akashi-act+jws",
        /// A consent taken at a counter, signed by two officers.
        Consent = "akashi-consent+jws",
        /// Shows evidence to a holder; no statement to the ledger.
        Present = "akashi-present+jws",
        /// Reads something: a bearer token bound to method and URL.
        Request = "akashi-request+jws",
    }
}

/// A JWS taken apart, its signature not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    bytes: Vec<u8>,
    /// Length of what is signed: header, dot, claims.
    signed: usize,
    typ: Type,
    kid: Kid,
    claims: Vec<u8>,
    signature: [u8; SIGNATURE_LEN],
}

impl Jws {
    /// Takes the bytes apart. Nothing in it may be believed before it is
    /// [verified](crate::state::Registry::verify).
    ///
    /// # Errors
    /// [`FaultCode::TooLarge`], [`FaultCode::MalformedJws`] or [`FaultCode::BadHeader`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() > STATEMENT_LEN_MAX {
            let expected = format!("at most {STATEMENT_LEN_MAX} bytes");
            return Err(Fault::new(
                FaultCode::TooLarge,
                "body",
                expected,
                format!("{} bytes", bytes.len()),
            ));
        }
        let malformed = |found: &str| {
            Fault::new(
                FaultCode::MalformedJws,
                "body",
                "three parts of canonical unpadded base64url",
                found,
            )
        };
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("bytes that are not UTF-8"))?;
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            let found = text.split('.').count();
            return Err(malformed(&found.to_string()));
        };
        let decode = |part, found| base64::url::decode(part).map_err(|_| malformed(found));
        let header_bytes = decode(header, "a header that is not")?;
        let signed = header.len() + 1 + claims.len();
        let claims = decode(claims, "claims that are not")?;
        let signature = decode(signature, "a signature that is not")?
            .try_into()
            .map_err(|_| malformed("a signature that is not 64 bytes"))?;
        let (typ, kid) = parse_header(&header_bytes)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            signed,
            typ,
            kid,
            claims,
            signature,
        })
    }

    /// The type in the header.
    pub const fn typ(&self) -> Type {
        self.typ
    }

    /// The key's name in the header.
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Checks the signature by this key. Whose key it has to be the registry knows:
    /// [`Registry::verify`](crate::state::Registry::verify).
    ///
    /// # Errors
    /// [`SignatureInvalid`].
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<(), SignatureInvalid> {
        let signed = self.bytes.get(..self.signed).unwrap_or_default();
        key.verify(signed, &self.signature)
    }

    /// The claims' members, for reading; `typ` must be the one expected.
    ///
    /// # Errors
    /// [`FaultCode::WrongType`] or [`FaultCode::MalformedClaims`].
    pub fn members(&self, typ: Type) -> Result<Members, Fault> {
        if self.typ != typ {
            return Err(Fault::new(
                FaultCode::WrongType,
                "typ",
                format!("`{typ}`"),
                format!("`{}`", self.typ),
            ));
        }
        Members::parse(&self.claims, "")
    }

    /// The statement as it came, as text.
    pub fn as_str(&self) -> &str {
        // It was read from text.
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// The statement as it came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn parse_header(bytes: &[u8]) -> Result<(Type, Kid), Fault> {
    let bad = |fault: Fault| Fault {
        code: FaultCode::BadHeader,
        ..fault
    };
    let mut header = Members::parse(bytes, "header").map_err(bad)?;
    let algorithm = |alg: &str| match alg {
        "Ed25519" | "EdDSA" => Ok(()),
        _ => Err("`Ed25519` or `EdDSA`"),
    };
    header.text("alg", algorithm).map_err(bad)?;
    let kid = header.text("kid", Kid::parse).map_err(bad)?;
    let typ = header
        .text("typ", |typ| {
            Type::parse(typ).ok_or("a type of statement known here")
        })
        .map_err(bad)?;
    header.finish().map_err(bad)?;
    Ok((typ, kid))
}

/// A compact JWS around these claims; `sign` signs header, dot, claims.
pub(crate) fn compact<E>(
    typ: Type,
    kid: &Kid,
    claims: &[u8],
    sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_LEN], E>,
) -> Result<String, E> {
    let header = format!(r#"{{"alg":"Ed25519","kid":"{kid}","typ":"{typ}"}}"#);
    let parts = [header.as_bytes(), claims].map(base64::url::encode);
    let input = parts.join(".");
    let signature = sign(input.as_bytes())?;
    Ok(format!("{input}.{}", base64::url::encode(&signature)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::key::thumbprint;
    use ed25519_dalek::{Signer, SigningKey};

    /// Signs claims with a key made from one repeated byte.
    pub(crate) fn sign(seed: u8, typ: Type, claims: &str) -> String {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let sign = |input: &[u8]| Ok::<_, std::convert::Infallible>(key.sign(input).to_bytes());
        compact(typ, &thumbprint(&public(seed)), claims.as_bytes(), sign).unwrap()
    }

    pub(crate) fn public(seed: u8) -> PublicKey {
        PublicKey::from_bytes(
            SigningKey::from_bytes(&[seed; 32])
                .verifying_key()
                .as_bytes(),
        )
        .unwrap()
    }

    fn with_header(header: &str) -> Result<Jws, Fault> {
        let parts = [header.as_bytes(), b"{}", &[0; 64]].map(base64::url::encode);
        Jws::parse(parts.join(".").as_bytes())
    }

    #[test]
    fn a_signed_statement_verifies_and_no_changed_byte_does() {
        let text = sign(1, Type::Access, r#"{"iss":"hospital.chuo"}"#);
        let jws = Jws::parse(text.as_bytes()).unwrap();
        assert!(jws.verify(&public(1)).is_ok());
        assert!(jws.verify(&public(2)).is_err());
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let accepted = Jws::parse(&changed).is_ok_and(|jws| jws.verify(&public(1)).is_ok());
            assert!(!accepted, "byte {at}");
        }
    }

    #[test]
    fn headers_hold_alg_kid_typ_and_nothing_else() {
        let kid = thumbprint(&public(1));
        let good = format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"akashi-link+jws"}}"#);
        assert_eq!(with_header(&good).unwrap().typ(), Type::Link);
        for bad in [
            good.replace("EdDSA", "none"),
            good.replace("EdDSA", "HS256"),
            good.replace('}', r#","crit":["exp"]}"#),
            good.replace('}', r#","jwk":{}}"#),
            good.replace('}', r#","alg":"EdDSA"}"#),
            good.replace(r#""typ":"akashi-link+jws""#, r#""typ":"JWT""#),
            good.replace(kid.as_str(), "key-1"),
            "{}".into(),
        ] {
            assert_eq!(
                with_header(&bad).unwrap_err().code,
                FaultCode::BadHeader,
                "{bad}"
            );
        }
    }

    #[test]
    fn shapes_that_are_no_compact_jws_are_refused() {
        let good = sign(1, Type::Access, "{}");
        let (head, signature) = good.rsplit_once('.').unwrap();
        for bad in [
            String::new(),
            "..".into(),
            head.into(),
            format!("{good}."),
            format!("{good}="),
            format!(" {good}"),
            format!("{good}\n"),
            format!("{head}.{}", &signature[..84]),
        ] {
            assert!(Jws::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(
            Jws::parse(&vec![b'a'; STATEMENT_LEN_MAX + 1])
                .unwrap_err()
                .code,
            FaultCode::TooLarge
        );
    }
}
