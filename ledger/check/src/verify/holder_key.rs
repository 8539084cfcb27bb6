//! What a holder of data knows: its evidence key, and the key of one link. Read from a small JSON
//! file.
//!
//! ```json
//! {"evidence_key": "<43 characters of base64url>", "link_code": "lc_<47 characters of base64url>",
//!  "link_key": "<43 characters of base64url>"}
//! ```
//! `link_code` and `link_key` come together or not at all: the key makes the gates of this one
//! person's link, and a gate of another person's proves nothing about hers. Other members, and
//! members twice, are refused. What the holder released on is kept elsewhere
//! ([`akashi_proof::gate::KeptGates`]).

use akashi_proof::digest::Secret;
use akashi_proof::fault::Fault;
use akashi_proof::ids::LinkCode;
use akashi_proof::strict_json::Members;
use akashi_tlog::base64;
use thiserror::Error;

/// Longest file: its three members fit several times.
pub const HOLDER_KEY_LEN_MAX: usize = 4096;

/// What a holder knows.
#[derive(Debug)]
pub struct HolderKey {
    /// Opens the sealed part of evidence addressed to this holder.
    pub evidence_key: Secret,
    /// One link of the holder's.
    pub link: Option<HolderLink>,
}

/// What a holder knows of its link with one person.
#[derive(Debug)]
pub struct HolderLink {
    /// Its code for her.
    pub code: LinkCode,
    /// Makes the gates.
    pub key: Secret,
}

/// Why bytes are not a holder's keys. Never repeats them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HolderKeyError {
    /// Not a file of keys.
    #[error("not a file of holder keys: {0}")]
    Fault(#[from] Fault),
    /// A key, and nobody knows whose.
    #[error(
        "not a file of holder keys: `link_code` and `link_key` say something of one link together"
    )]
    HalfALink,
}

impl HolderKey {
    /// Reads a file of keys.
    ///
    /// # Errors
    /// [`HolderKeyError`] that names the first member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, HolderKeyError> {
        let mut members = Members::parse(bytes, "")?;
        let evidence_key = members.text("evidence_key", secret)?;
        let code = members.optional_text("link_code", LinkCode::parse)?;
        let key = members.optional_text("link_key", secret)?;
        members.finish()?;
        let link = match (code, key) {
            (Some(code), Some(key)) => Some(HolderLink { code, key }),
            (None, None) => None,
            _ => return Err(HolderKeyError::HalfALink),
        };
        Ok(Self { evidence_key, link })
    }
}

fn secret(text: &str) -> Result<Secret, &'static str> {
    let bytes = base64::url::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    bytes
        .map(Secret::from_bytes)
        .ok_or("32 bytes: 43 characters of base64url")
}

#[cfg(test)]
mod tests {
    use akashi_proof::ids::LinkCode;

    use super::{HolderKey, HolderKeyError};

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn parse(text: &str) -> Result<HolderKey, HolderKeyError> {
        let code = LinkCode::from_sealed(&[7; LinkCode::SEALED_LEN]);
        HolderKey::parse(
            text.replace("CODE", code.as_str())
                .replace("KEY", KEY)
                .as_bytes(),
        )
    }

    #[test]
    fn members_are_known_and_keys_are_32_bytes() {
        assert!(parse(r#"{"evidence_key":"KEY"}"#).is_ok_and(|key| key.link.is_none()));
        let whole = parse(r#"{"evidence_key":"KEY","link_code":"CODE","link_key":"KEY"}"#);
        assert!(whole.is_ok_and(|key| key.link.is_some()));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"evidence_key":"KEYA"}"#,
            r#"{"evidence_key":"KEY","other":1}"#,
            r#"{"evidence_key":"KEY","evidence_key":"KEY"}"#,
            r#"{"evidence_key":"KEY","link_code":"CODE","link_key":"KEY","highest":3}"#,
            r#"{"evidence_key":"KEY","link_code":"KEY","link_key":"KEY"}"#,
        ] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(!error.contains(KEY), "{error}");
        }
    }

    #[test]
    fn a_link_key_of_nobody_in_particular_is_refused() {
        for half in [r#""link_key":"KEY""#, r#""link_code":"CODE""#] {
            let found = parse(&format!(r#"{{"evidence_key":"KEY",{half}}}"#));
            assert_eq!(found.map(drop), Err(HolderKeyError::HalfALink), "{half}");
        }
    }
}
