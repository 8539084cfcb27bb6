//! Streams and their tags (docs/RECORD_FORMAT.md 3).
//!
//! A tag is `HMAC-SHA-256(stream key, "akashi/tag/v1" || u64 seq)`: without the key, tags of one
//! stream cannot be told from random; with it, their owner finds every record 1..n and sees that
//! none is missing.

use crate::digest::{Digest, Secret};
use crate::ids::{Epoch, Seq};

/// What entry 0 calls this way of making tags.
pub const TAG_SCHEME: &str = "akashi/tag/v1";

/// The tag of the record at `seq` (1, 2, 3 ...) in the stream of this key.
pub fn tag(stream_key: &Secret, seq: Seq) -> [u8; 32] {
    stream_key.hmac(&[TAG_SCHEME.as_bytes(), &seq.to_be_bytes()])
}

/// The key of the registry's tags: known to everybody, so that its records are findable by all.
pub fn registry_key() -> Secret {
    Secret::from_bytes(*Digest::of(&[b"akashi/registry/v1"]).as_bytes())
}

/// What `subject.enrolled` commits to of the key of an epoch.
pub fn tag_key_commitment(epoch: Epoch, key: &Secret) -> Digest {
    Digest::of(&[
        b"akashi/tag-key/v1",
        &epoch.value().to_be_bytes(),
        key.expose(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_fixed_bytes() {
        assert_eq!(
            Digest::from_bytes(*registry_key().expose()),
            Digest::of(&[b"akashi/registry/v1"]),
            "published key"
        );
        let key = Secret::from_bytes([1; 32]);
        assert_eq!(
            tag(&key, Seq::FIRST),
            key.hmac(&[b"akashi/tag/v1\x00\x00\x00\x00\x00\x00\x00\x01"])
        );
        assert_ne!(tag(&key, Seq::FIRST), tag(&key, Seq::new(2).unwrap()));
        assert_ne!(
            tag_key_commitment(Epoch::FIRST, &key),
            tag_key_commitment(Epoch::new(1), &key)
        );
    }
}
