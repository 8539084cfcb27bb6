//! Institutions, those who act for them, and what they sign with.

use std::fmt;

use super::{IdError, is_code};
use crate::digest::Digest;
use akashi_tlog::base64;

text_id! {
    /// A certified institution, or a supervisor: `hospital.chuo`.
    InstitutionId: "2 to 64 of a-z 0-9 . - beginning with a letter", |t| is_code(t) && t.len() >= 2;
    /// A role-holder under an institution: an identifier the institution chose, never a person's
    /// name.
    RoleHolderId: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// The name of a key: the [RFC 7638] thumbprint of its JWK, so that a name means one key for
    /// ever.
    ///
    /// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
    Kid: "a JWK thumbprint: 43 characters of base64url", |t| Digest::from_base64url(t).is_some();
    /// The identifier of one statement, unique under its issuer: at least 128 random bits.
    Jti: "16 to 48 random bytes in unpadded base64url",
        |t| t.len() <= 64 && base64::url::decode(t).is_ok_and(|b| (16..=48).contains(&b.len()));
}

impl Jti {
    /// The identifier of these 16 bytes, drawn for one statement.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(base64::url::encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_spelling() {
        assert!(InstitutionId::parse("hospital.chuo").is_ok());
        for bad in [
            "",
            "a",
            "Hospital",
            "hospital chuo",
            "1a",
            "hôpital",
            "a\n",
            &"a".repeat(65),
        ] {
            assert!(InstitutionId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_jti_is_at_least_128_bits_of_canonical_base64url() {
        assert!(Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").is_ok());
        for bad in [
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "",
        ] {
            assert!(Jti::parse(bad).is_err(), "{bad:?}");
        }
    }
}
