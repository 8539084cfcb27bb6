//! References: the short names of open questions, for people to read out and type.

use std::fmt;

use super::IdError;
use crate::digest::Digest;

/// No vowels, so that none is a word; none that look like another.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// 160,000 references tell a person's few open questions apart.
const LEN: usize = 4;

text_id! {
    /// The short name of an open question: in its message, on her pages, in her reply. No secret.
    Reference: "4 consonants in capitals", is_reference;
}

fn is_reference(text: &str) -> bool {
    text.len() == LEN && text.bytes().all(|letter| LETTERS.contains(&letter))
}

impl Reference {
    /// The reference of the question with this digest: of those that follow from the digest the
    /// first that no other open question of the person has (docs/RECORD_FORMAT.md section 4). The
    /// digest covers her handle, so nobody outside foresees it.
    pub fn of(approval_digest: &Digest, is_taken: impl Fn(&Self) -> bool) -> Self {
        let mut attempt = 0;
        loop {
            let drawn = Self::drawn(approval_digest, attempt);
            // There are far more references than open questions.
            if !is_taken(&drawn) {
                return drawn;
            }
            attempt += 1;
        }
    }

    fn drawn(approval_digest: &Digest, attempt: u32) -> Self {
        let drawn = Digest::of(&[
            b"akashi/reference/v1",
            approval_digest.as_bytes(),
            &attempt.to_be_bytes(),
        ]);
        // 256 is no multiple of 20: some letters come a little more often, which a reference, no
        // secret, may bear.
        let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len());
        let letters = drawn.as_bytes().iter().filter_map(letter).take(LEN);
        Self(letters.copied().map(char::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_one_spelling() {
        let digest = Digest::of(&[b"what is asked"]);
        let reference = Reference::of(&digest, |_| false);
        assert_eq!(Reference::parse(reference.as_str()), Ok(reference));
        assert!(Reference::parse("BKTR").is_ok());
        for other in [
            "",
            "BKT",
            "BKTRS",
            "bktr",
            "BAKT",
            "BKT1",
            "ＢＫＴＲ",
            "BKT ",
        ] {
            assert!(Reference::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_reference_that_is_taken_is_followed_by_the_next() {
        let digest = Digest::of(&[b"what is asked"]);
        let first = Reference::of(&digest, |_| false);
        let second = Reference::of(&digest, |drawn| *drawn == first);
        assert_ne!(first, second);
        assert_eq!(Reference::of(&digest, |drawn| *drawn == first), second);
    }
}
