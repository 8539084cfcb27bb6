//! The history key: with it, and with nothing else, a person finds every record about her in the
//! public log.
//!
//! ```text
//! ahk: | base64url(u32 epoch | K (32) | origin, UTF-8 | check (4))
//! check = the first 4 bytes of SHA-256("akashi/history-key/v1" | all before it)
//! ```
//! It is copied by hand from paper. Without the check a slip would read as somebody else's key.
//!
//! K is the tag key of the epoch (docs/RECORD_FORMAT.md 3): the tag of her record number n is
//! `HMAC-SHA-256(K, "akashi/tag/v1" || u64 n)`. Who has it can see *that* there are records, how
//! many and when they were made, not what they say; so it is kept apart from the visible ID and
//! shown only after the second thing.

use crate::digest::{Digest, Secret};
use crate::ids::Epoch;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;

/// Longest text: the longest origin (255 bytes) with room for white space at the end.
pub const HISTORY_KEY_LEN_MAX: usize = 512;

/// Bytes of the check at its end.
const CHECK_LEN: usize = 4;

/// Why a text is not a history key. Nothing of the text is repeated: it may be another secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryKeyError {
    /// Something else, or the beginning is missing.
    #[error("expected the text on the sheet, whole, from `ahk:` on")]
    Form,
    /// It begins as one and is not as it was printed.
    #[error(
        "a character of the key was copied wrongly or left out: compare it with the sheet, capitals and small letters too"
    )]
    Miscopied,
}

/// The key of one person and epoch, and the log it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryKey {
    /// The log.
    pub origin: Origin,
    /// The epoch K is in force in.
    pub epoch: Epoch,
    /// K itself.
    pub key: Secret,
}

impl HistoryKey {
    /// The text on the sheet. Not `Display`: it is a secret, and nothing should write it by
    /// accident.
    pub fn to_text(&self) -> String {
        let mut bytes = [
            &self.epoch.value().to_be_bytes()[..],
            self.key.expose(),
            self.origin.as_str().as_bytes(),
        ]
        .concat();
        bytes.extend(check(&bytes));
        format!("ahk:{}", base64::url::encode(&bytes))
    }

    /// Reads what [`Self::to_text`] wrote, white space behind it ignored.
    ///
    /// # Errors
    /// [`HistoryKeyError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, HistoryKeyError> {
        let encoded = text
            .trim_end()
            .strip_prefix("ahk:")
            .ok_or(HistoryKeyError::Form)?;
        let bytes = base64::url::decode(encoded).map_err(|_| HistoryKeyError::Miscopied)?;
        let (bytes, found) = bytes
            .split_last_chunk::<CHECK_LEN>()
            .ok_or(HistoryKeyError::Miscopied)?;
        if check(bytes) != *found {
            return Err(HistoryKeyError::Miscopied);
        }
        Self::of_bytes(bytes).ok_or(HistoryKeyError::Form)
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (epoch, rest) = bytes.split_first_chunk::<4>()?;
        let (key, origin) = rest.split_first_chunk::<32>()?;
        let origin = Origin::new(std::str::from_utf8(origin).ok()?).ok()?;
        Some(Self {
            origin,
            epoch: Epoch::new(u32::from_be_bytes(*epoch)),
            key: Secret::from_bytes(*key),
        })
    }
}

fn check(bytes: &[u8]) -> [u8; CHECK_LEN] {
    let [a, b, c, d, ..] = *Digest::of(&[b"akashi/history-key/v1", bytes]).as_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> HistoryKey {
        let origin = Origin::new("demo.akashi.example/log").unwrap();
        HistoryKey {
            origin,
            epoch: Epoch::FIRST,
            key: Secret::from_bytes(std::array::from_fn(|at| at as u8 * 7)),
        }
    }

    #[test]
    fn a_key_reads_back_and_nothing_else_does() {
        let text = key().to_text();
        assert_eq!(HistoryKey::parse(&format!("{text}\n")), Ok(key()));
        assert!(!format!("{:?}", key()).contains(&text[20..40]));
        for bad in [
            "",
            &text[4..],
            &text.replace("ahk:", "qid:"),
            &format!(" {text}"),
        ] {
            assert_eq!(HistoryKey::parse(bad), Err(HistoryKeyError::Form), "{bad}");
        }
        let other = [&[0; 36][..], b"no origin\n"].concat();
        let other = format!(
            "ahk:{}",
            base64::url::encode(&[&other[..], &check(&other)].concat())
        );
        assert_eq!(HistoryKey::parse(&other), Err(HistoryKeyError::Form));
    }

    #[test]
    fn a_character_copied_wrongly_is_noticed_wherever_it_stands() {
        let text = key().to_text();
        let miscopied = |text: &str| {
            assert_eq!(
                HistoryKey::parse(text),
                Err(HistoryKeyError::Miscopied),
                "{text}"
            )
        };
        for at in 4..text.len() {
            let (before, here, after) = (&text[..at], &text[at..=at], &text[at + 1..]);
            for other in "AlI10Oo5S-_=."
                .chars()
                .filter(|other| here != other.to_string())
            {
                miscopied(&format!("{before}{other}{after}"));
            }
            miscopied(&format!("{before}{after}"));
            miscopied(before);
            let swapped: String = after
                .chars()
                .take(1)
                .chain(here.chars())
                .chain(after.chars().skip(1))
                .collect();
            if before.to_owned() + &swapped != text {
                miscopied(&format!("{before}{swapped}"));
            }
        }
    }

    #[test]
    fn the_text_of_a_key_never_changes() {
        let text = "ahk:AAAAAAAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZZGVtby5ha2FzaGkuZXhhbXBsZS9sb2fwie5F";
        assert_eq!(key().to_text(), text);
    }
}
