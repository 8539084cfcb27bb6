//! The history key: with it, and with nothing else, a person finds every record about her in the public log.
//!
//! ```text
//! ahk: | base64url(u32 epoch | K (32) | origin, UTF-8)
//! ```
//! K is the tag key of the epoch (formats.md "Our entry", *Tag*): the tag of her record number n is
//! `HMAC-SHA-256(K, "akashi/tag/v1" || u64 n)`. Who has it can see *that* there are records, how many and when they were
//! made, not what they say; so it is kept apart from the visible ID and shown only after the second thing.

use akashi_proof::base64;
use akashi_proof::checkpoint::Origin;
use akashi_proof::digest::Secret;

/// Writes the key of an epoch.
pub fn encode(origin: &Origin, epoch: u32, key: &Secret) -> String {
    let bytes = [&epoch.to_be_bytes()[..], key.expose(), origin.as_str().as_bytes()].concat();
    format!("ahk:{}", base64::url::encode(&bytes))
}

/// Reads what [`encode`] wrote; `None` for anything else.
pub fn decode(text: &str) -> Option<(Origin, u32, Secret)> {
    let bytes = base64::url::decode(text.trim_end().strip_prefix("ahk:")?).ok()?;
    let (epoch, rest) = bytes.split_first_chunk::<4>()?;
    let (key, origin) = rest.split_first_chunk::<32>()?;
    let origin = Origin::new(std::str::from_utf8(origin).ok()?).ok()?;
    Some((origin, u32::from_be_bytes(*epoch), Secret::from_bytes(*key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_does() {
        let origin = Origin::new("demo.akashi.example/log").unwrap();
        let text = encode(&origin, 0, &Secret::from_bytes([7; 32]));
        let (read, epoch, key) = decode(&format!("{text}\n")).unwrap();
        assert_eq!((read.as_str(), epoch, key == Secret::from_bytes([7; 32])), (origin.as_str(), 0, true));
        for bad in ["", "ahk:", &text[4..], &text[..40], &text.replace("ahk:", "qid:")] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
