//! The digest of a pack: what the log and every decision cite.

use std::collections::BTreeMap;

use akashi_proof::digest::Digest;
use akashi_proof::framing::len_u32;

/// `SHA-256("akashi/pack/v1" || u32 count || (u32 len(name) || name || u64 len(bytes) || bytes)*)`,
/// files sorted by the bytes of their names, integers big-endian. No byte of any file can change,
/// move or change its file unnoticed.
pub(crate) fn pack_digest(files: &BTreeMap<String, String>) -> Digest {
    let mut framed = Vec::new();
    framed.extend_from_slice(&u32::try_from(files.len()).unwrap_or(u32::MAX).to_be_bytes());
    for (name, text) in files {
        framed.extend_from_slice(&len_u32(name.as_bytes()));
        framed.extend_from_slice(name.as_bytes());
        framed.extend_from_slice(&(text.len() as u64).to_be_bytes());
        framed.extend_from_slice(text.as_bytes());
    }
    Digest::of(&[b"akashi/pack/v1", &framed])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(files: &[(&str, &str)]) -> String {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        format!("{:?}", pack_digest(&files))
    }

    #[test]
    fn the_framing_is_fixed() {
        // printf 'akashi/pack/v1\0\0\0\2\0\0\0\1a\0\0\0\0\0\0\0\3one\0\0\0\1b\0\0\0\0\0\0\0\0' |
        // sha256sum
        assert_eq!(
            digest(&[("a", "one"), ("b", "")]),
            "d57fb85f7ed833d8a47c62a782a11d2bd43afe92abbdb007e56cdb5f57b12a42"
        );
    }

    #[test]
    fn bytes_cannot_move_between_names_and_files() {
        let digests = [
            digest(&[("a", "one"), ("b", "two")]),
            digest(&[("a", "two"), ("b", "one")]),
            digest(&[("a", "onet"), ("b", "wo")]),
            digest(&[("ao", "ne"), ("b", "two")]),
            digest(&[("a", "onebtwo")]),
            digest(&[]),
        ];
        let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }
}
