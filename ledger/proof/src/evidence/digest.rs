//! What names a piece of evidence.

use crate::digest::Digest;

/// SHA-256 of the evidence's lines through `sealed`, each with its newline: what follows may be
/// proved anew, under another head, and is the same evidence (docs/RECORD_FORMAT.md 5). Of anything
/// else, of all of it.
pub fn evidence_digest(text: &str) -> Digest {
    let head = text.find("\n\n").and_then(|end| text.get(..=end));
    Digest::of(&[head.unwrap_or(text).as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_sealed_line_does_not_count() {
        let named = Digest::of(&[b"akashi-evidence/v1\nsealed a b\n"]);
        for proof in ["one\n", "another\n\nand more\n"] {
            let text = format!("akashi-evidence/v1\nsealed a b\n\n{proof}");
            assert_eq!(evidence_digest(&text), named);
        }
        let changed = "akashi-evidence/v1\nsealed a c\n\none\n";
        assert_ne!(evidence_digest(changed), named);
        assert_eq!(evidence_digest("none"), Digest::of(&[b"none"]));
    }
}
