//! What a holder of data knows: its evidence key, and the key of one link. Read from a small JSON file.
//!
//! ```json
//! {"evidence_key": "<43 characters of base64url>", "link_key": "<43 characters of base64url>", "highest": 7}
//! ```
//! `link_key` and `highest` may be missing. `highest` is the highest gate number the holder has released on for that
//! link, 0 before the first. Other members, and members twice, are refused.

use akashi_proof::base64;
use akashi_proof::digest::Secret;
use akashi_proof::fault::Fault;
use akashi_proof::strict_json::Members;
use thiserror::Error;

/// Longest file: three members fit several times.
pub const HOLDER_KEY_LEN_MAX: usize = 4096;

/// What a holder knows.
#[derive(Debug)]
pub struct HolderKey {
    /// Opens the sealed part of evidence addressed to this holder.
    pub evidence_key: Secret,
    /// Makes the gates of one link.
    pub link_key: Option<Secret>,
    /// The highest gate number released on.
    pub highest: Option<u64>,
}

/// Why bytes are not a holder's keys. Never repeats them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HolderKeyError {
    /// Not a file of keys.
    #[error("not a file of holder keys: {0}")]
    Fault(#[from] Fault),
}

impl HolderKey {
    /// Reads a file of keys.
    ///
    /// # Errors
    /// [`HolderKeyError`] that names the first member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, HolderKeyError> {
        let mut members = Members::parse(bytes, "")?;
        let key = Self {
            evidence_key: members.text("evidence_key", secret)?,
            link_key: members.optional_text("link_key", secret)?,
            highest: members.optional_number("highest")?,
        };
        members.finish()?;
        Ok(key)
    }
}

fn secret(text: &str) -> Result<Secret, &'static str> {
    let bytes = base64::url::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Secret::from_bytes).ok_or("32 bytes: 43 characters of base64url")
}

#[cfg(test)]
mod tests {
    use super::HolderKey;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn members_are_known_and_keys_are_32_bytes() {
        let parse = |text: &str| HolderKey::parse(text.replace("KEY", KEY).as_bytes());
        assert!(parse(r#"{"evidence_key":"KEY"}"#).is_ok_and(|key| key.link_key.is_none()));
        assert!(
            parse(r#"{"evidence_key":"KEY","link_key":"KEY","highest":3}"#).is_ok_and(|key| key.highest == Some(3))
        );
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"evidence_key":"KEYA"}"#,
            r#"{"evidence_key":"KEY","other":1}"#,
            r#"{"evidence_key":"KEY","evidence_key":"KEY"}"#,
            r#"{"evidence_key":"KEY","highest":-1}"#,
        ] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(!error.contains(KEY), "{error}");
        }
    }
}
