//! The history key: with it, and with nothing else, a person finds every record about her in the public log.
//!
//! ```text
//! ahk: | base64url(u32 epoch | K (32) | origin, UTF-8)
//! ```
//! K is the tag key of the epoch (formats.md "Our entry", *Tag*): the tag of her record number n is
//! `HMAC-SHA-256(K, "akashi/tag/v1" || u64 n)`. Who has it can see *that* there are records, how many and when they were
//! made, not what they say; so it is kept apart from the visible ID and shown only after the second thing.

use crate::base64;
use crate::checkpoint::Origin;
use crate::digest::Secret;

/// Longest text: the longest origin (255 bytes) with room for white space at the end.
pub const HISTORY_KEY_LEN_MAX: usize = 512;

/// The key of one person and epoch, and the log it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryKey {
    /// The log.
    pub origin: Origin,
    /// The epoch K is in force in.
    pub epoch: u32,
    /// K itself.
    pub key: Secret,
}

impl HistoryKey {
    /// The text on the sheet. Not `Display`: it is a secret, and nothing should write it by accident.
    pub fn to_text(&self) -> String {
        let bytes = [&self.epoch.to_be_bytes()[..], self.key.expose(), self.origin.as_str().as_bytes()].concat();
        format!("ahk:{}", base64::url::encode(&bytes))
    }

    /// Reads what [`Self::to_text`] wrote, white space behind it ignored; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = base64::url::decode(text.trim_end().strip_prefix("ahk:")?).ok()?;
        let (epoch, rest) = bytes.split_first_chunk::<4>()?;
        let (key, origin) = rest.split_first_chunk::<32>()?;
        let origin = Origin::new(std::str::from_utf8(origin).ok()?).ok()?;
        Some(Self { origin, epoch: u32::from_be_bytes(*epoch), key: Secret::from_bytes(*key) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_does() {
        let origin = Origin::new("demo.akashi.example/log").unwrap();
        let key = HistoryKey { origin, epoch: 0, key: Secret::from_bytes([7; 32]) };
        let text = key.to_text();
        assert_eq!(HistoryKey::parse(&format!("{text}\n")), Some(key.clone()));
        assert!(!format!("{key:?}").contains(&text[20..40]));
        for bad in ["", "ahk:", &text[4..], &text[..40], &text.replace("ahk:", "qid:")] {
            assert!(HistoryKey::parse(bad).is_none(), "{bad}");
        }
    }
}
