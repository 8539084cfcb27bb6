//! Offline proofs that an entry is in a log: `.tlog-proof` files. C2SP tlog-proof v1,
//! <https://c2sp.org/tlog-proof>.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64>              (optional; ours carry the 97-byte entry)
//! index <decimal>
//! <base64 hash>               (from the leaf's sibling upward)
//!                             (empty line)
//! <signed checkpoint>
//! ```
//!
//! Parsing shows nothing. [`TlogProof::verify`] ties a leaf hash to a checkpoint the log has
//! signed; `extra` is covered by no signature and counts only where its own leaf hash is the one
//! that is proved ([`TlogProof::verify_extra`]).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base64;
use crate::checkpoint::{LogKeys, VerifiedCheckpoint, VerifyError};
use crate::decimal::{self, DecimalError};
use crate::merkle::inclusion::{self, InclusionError, Proof};
use crate::merkle::{Hash, HashError, LeafIndex};
use crate::signed_note::{Note, NoteError, VerifyingKey};
use crate::witness_policy::{Policy, PolicyFailure};

/// Longest proof in bytes: as a note, which makes up most of it.
pub const MAX_PROOF_LEN: usize = 1 << 20;
/// Most hashes in a path through a tree whose size has 64 bits.
pub const MAX_PATH_HASHES: usize = 64;

/// First line of a proof.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof in the right form. Nothing in it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Never `Some` of nothing: that is written by leaving the line out.
    extra: Option<Vec<u8>>,
    inclusion: Proof,
    checkpoint: Note,
}

/// Evidence: the log has signed a checkpoint of a tree that holds this leaf at this index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedInclusion {
    index: LeafIndex,
    leaf: Hash,
    checkpoint: VerifiedCheckpoint,
}

/// Why bytes are not a proof in the right form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// Longer than any proof we read.
    #[error("a proof has at most {MAX_PROOF_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Not UTF-8.
    #[error("a proof is UTF-8, which ends at byte {position}")]
    NotUtf8 {
        /// Offset of the first byte that is wrong.
        position: usize,
    },
    /// No empty line before the checkpoint.
    #[error("an empty line before the checkpoint is missing")]
    NoEmptyLine,
    /// Another format or version.
    #[error("the first line of a proof must be `{HEADER}`")]
    Header,
    /// The extra data is not base64.
    #[error("the extra data is not base64: {0}")]
    Extra(#[from] base64::Error),
    /// An `extra` line with nothing in it.
    #[error("a line `extra` without data must be left out")]
    ExtraEmpty,
    /// No index where it must stand.
    #[error("a line `index` must follow the header or the extra data")]
    NoIndex,
    /// The index is not a number in its one spelling.
    #[error("the index is invalid: {0}")]
    Index(#[from] DecimalError),
    /// More hashes than a path can have.
    #[error("a proof has at most {MAX_PATH_HASHES} hashes, found {found}")]
    TooManyHashes {
        /// Hash lines found.
        found: usize,
    },
    /// A line of the path is not a hash.
    #[error("hash {number} of the proof is invalid: {cause}")]
    Hash {
        /// Its number, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        cause: HashError,
    },
    /// What follows the empty line is not a signed note.
    #[error("the checkpoint is not a signed note: {0}")]
    Checkpoint(#[from] NoteError),
}

/// Why a proof does not show that the entry is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofRejected {
    /// The checkpoint is not to be believed.
    #[error(transparent)]
    Checkpoint(#[from] VerifyError),
    /// The checkpoint does not satisfy the policy.
    #[error(transparent)]
    Policy(#[from] PolicyFailure),
    /// The path does not lead from the entry to the checkpoint's root.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
    /// The proof was to bring the entry itself and does not.
    #[error("the proof must carry the entry in its extra data, found none")]
    NoExtra,
}

impl TlogProof {
    /// Puts a proof together. Nothing is verified.
    ///
    /// # Errors
    /// [`TlogProofError`] when [`TlogProof::parse`] would not read what this would write.
    pub fn new(
        extra: Option<Vec<u8>>,
        inclusion: Proof,
        checkpoint: Note,
    ) -> Result<Self, TlogProofError> {
        if extra.as_ref().is_some_and(Vec::is_empty) {
            return Err(TlogProofError::ExtraEmpty);
        }
        if inclusion.hashes().len() > MAX_PATH_HASHES {
            return Err(TlogProofError::TooManyHashes {
                found: inclusion.hashes().len(),
            });
        }
        let proof = Self {
            extra,
            inclusion,
            checkpoint,
        };
        let found = proof.to_string().len();
        if found > MAX_PROOF_LEN {
            return Err(TlogProofError::Length { found });
        }
        Ok(proof)
    }

    /// Reads a proof. It is written back by `Display` byte for byte.
    ///
    /// # Errors
    /// [`TlogProofError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > MAX_PROOF_LEN {
            return Err(TlogProofError::Length { found: bytes.len() });
        }
        let text = str::from_utf8(bytes).map_err(|error| TlogProofError::NotUtf8 {
            position: error.valid_up_to(),
        })?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::NoEmptyLine)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(TlogProofError::Header);
        }
        let extra = match lines
            .next_if(|line| line.starts_with("extra "))
            .and_then(|line| line.strip_prefix("extra "))
        {
            Some("") => return Err(TlogProofError::ExtraEmpty),
            Some(extra) => Some(base64::standard::decode(extra)?),
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .ok_or(TlogProofError::NoIndex)?;
        let index = LeafIndex::new(decimal::parse(index, u64::MAX)?);
        let found = lines.clone().count();
        if found > MAX_PATH_HASHES {
            return Err(TlogProofError::TooManyHashes { found });
        }
        let hashes = (1..)
            .zip(lines)
            .map(|(number, line)| {
                Hash::from_base64(line).map_err(|cause| TlogProofError::Hash { number, cause })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            extra,
            inclusion: Proof::new(index, hashes),
            checkpoint: Note::parse(checkpoint.as_bytes())?,
        })
    }

    /// The extra data. Covered by no signature: believe it only as far as something verified
    /// repeats it.
    #[must_use]
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// Index and path, not verified.
    #[must_use]
    pub const fn inclusion(&self) -> &Proof {
        &self.inclusion
    }

    /// The checkpoint's note, not verified.
    #[must_use]
    pub const fn checkpoint(&self) -> &Note {
        &self.checkpoint
    }

    /// Checks that this log has signed a tree that holds `leaf` at the proof's index. Cosignatures
    /// by the given witnesses are checked too, none is required.
    ///
    /// # Errors
    /// [`ProofRejected`] with the first thing that is wrong.
    pub fn verify(
        &self,
        leaf: &Hash,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<VerifiedInclusion, ProofRejected> {
        self.lead_to(
            leaf,
            VerifiedCheckpoint::from_note(self.checkpoint.clone(), log, witnesses)?,
        )
    }

    /// As [`TlogProof::verify`], for a checkpoint of any log of the policy that satisfies its
    /// quorum of witnesses.
    ///
    /// # Errors
    /// [`ProofRejected`] with the first thing that is wrong.
    pub fn verify_under(
        &self,
        leaf: &Hash,
        policy: &Policy,
    ) -> Result<VerifiedInclusion, ProofRejected> {
        self.lead_to(
            leaf,
            policy.open_note(self.checkpoint.clone())?.into_verified(),
        )
    }

    /// As [`TlogProof::verify`], for the entry in the extra data, which it gives back: shown to be
    /// what the log holds.
    ///
    /// # Errors
    /// [`ProofRejected`]; [`ProofRejected::NoExtra`] when there is no extra data.
    pub fn verify_extra(
        &self,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<(&[u8], VerifiedInclusion), ProofRejected> {
        let entry = self.extra().ok_or(ProofRejected::NoExtra)?;
        Ok((entry, self.verify(&Hash::leaf(entry), log, witnesses)?))
    }

    fn lead_to(
        &self,
        leaf: &Hash,
        verified: VerifiedCheckpoint,
    ) -> Result<VerifiedInclusion, ProofRejected> {
        let checkpoint = verified.checkpoint();
        inclusion::verify(&self.inclusion, leaf, checkpoint.size(), checkpoint.root())?;
        Ok(VerifiedInclusion {
            index: self.inclusion.index(),
            leaf: *leaf,
            checkpoint: verified,
        })
    }
}

impl VerifiedInclusion {
    /// Where the entry is.
    #[must_use]
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The entry's leaf hash.
    #[must_use]
    pub const fn leaf(&self) -> &Hash {
        &self.leaf
    }

    /// The checkpoint that covers it.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }
}

/// A proof without its checkpoint, the empty line before it included: what can be written before
/// the checkpoint is signed.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The extra data.
    pub extra: Option<&'a [u8]>,
    /// Index and path.
    pub inclusion: &'a Proof,
}

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = self.extra {
            writeln!(f, "extra {}", base64::standard::encode(extra))?;
        }
        writeln!(f, "index {}", self.inclusion.index())?;
        self.inclusion
            .hashes()
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        writeln!(f)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = Head {
            extra: self.extra.as_deref(),
            inclusion: &self.inclusion,
        };
        write!(f, "{head}{}", self.checkpoint)
    }
}

impl FromStr for TlogProof {
    type Err = TlogProofError;

    fn from_str(text: &str) -> Result<Self, TlogProofError> {
        Self::parse(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HEADER, ProofRejected, TlogProof, TlogProofError};
    use crate::checkpoint::{Checkpoint, LogKeys, Origin, VerifyError, sign_checkpoint};
    use crate::decimal::DecimalError;
    use crate::merkle::inclusion::{InclusionError, Proof, prove};
    use crate::merkle::test_tree::TestTree;
    use crate::merkle::{Hash, HashError, LeafIndex, TreeSize};
    use crate::signed_note::NoteError;
    use crate::signer::Signer;
    use crate::signer::test_signer::TestSigner;

    const ORIGIN: &str = "example.com/log";

    fn log() -> (TestSigner, LogKeys) {
        let signer = TestSigner::log(ORIGIN, 1);
        let keys = LogKeys::new(vec![signer.verifying_key().clone()]).unwrap();
        (signer, keys)
    }

    /// The proof of entry "4" in a log of seven, with the entry as extra data.
    fn proof() -> TlogProof {
        let tree = TestTree::numbered(7);
        let size = TreeSize::new(7);
        let checkpoint = Checkpoint::new(Origin::new(ORIGIN).unwrap(), size, tree.root(7)).unwrap();
        let note = sign_checkpoint(&checkpoint, &[&log().0]).unwrap();
        TlogProof::new(
            Some(b"4".to_vec()),
            prove(&tree, LeafIndex::new(4), size).unwrap(),
            note,
        )
        .unwrap()
    }

    #[test]
    fn shows_the_entry_in_the_log() {
        let (_, keys) = log();
        let proof = TlogProof::parse(proof().to_string().as_bytes()).unwrap();
        let (entry, verified) = proof.verify_extra(&keys, &[]).unwrap();
        assert_eq!(entry, b"4");
        assert_eq!(verified.index(), LeafIndex::new(4));
        assert_eq!(verified.leaf(), &Hash::leaf(b"4"));
        assert_eq!(verified.checkpoint().checkpoint().size(), TreeSize::new(7));
        assert_eq!(proof.verify(&Hash::leaf(b"4"), &keys, &[]), Ok(verified));
    }

    #[test]
    fn shows_nothing_else() {
        let (_, keys) = log();
        let good = proof();
        let refused = good.verify(&Hash::leaf(b"5"), &keys, &[]);
        assert!(matches!(
            refused,
            Err(ProofRejected::Inclusion(InclusionError::Root { .. }))
        ));
        let forged = TlogProof::new(
            Some(b"5".to_vec()),
            good.inclusion().clone(),
            good.checkpoint().clone(),
        )
        .unwrap();
        assert!(matches!(
            forged.verify_extra(&keys, &[]),
            Err(ProofRejected::Inclusion(_))
        ));
        let bare =
            TlogProof::new(None, good.inclusion().clone(), good.checkpoint().clone()).unwrap();
        assert_eq!(bare.verify_extra(&keys, &[]), Err(ProofRejected::NoExtra));
        let moved = Proof::new(LeafIndex::new(5), good.inclusion().hashes().to_vec());
        let moved = TlogProof::new(None, moved, good.checkpoint().clone()).unwrap();
        assert!(matches!(
            moved.verify(&Hash::leaf(b"4"), &keys, &[]),
            Err(ProofRejected::Inclusion(_))
        ));
        let stranger = TestSigner::log(ORIGIN, 2);
        let other_keys = LogKeys::new(vec![stranger.verifying_key().clone()]).unwrap();
        let refused = good.verify_extra(&other_keys, &[]);
        assert!(matches!(
            refused,
            Err(ProofRejected::Checkpoint(VerifyError::Signature(_)))
        ));
    }

    #[test]
    fn one_spelling() {
        let good = proof().to_string();
        let refused = |text: &str| TlogProof::parse(text.as_bytes()).unwrap_err();
        let replaced = |from: &str, to: &str| {
            assert!(good.contains(from));
            refused(&good.replacen(from, to, 1))
        };
        assert_eq!(replaced("@v1", "@v2"), TlogProofError::Header);
        assert_eq!(refused(&format!("\n{good}")), TlogProofError::Header);
        assert_eq!(replaced("extra NA==", "extra "), TlogProofError::ExtraEmpty);
        assert!(matches!(
            replaced("extra NA==", "extra NA="),
            TlogProofError::Extra(_)
        ));
        assert!(matches!(
            replaced("extra NA==", "extra NB=="),
            TlogProofError::Extra(_)
        ));
        assert_eq!(
            replaced("extra NA==", "Extra NA=="),
            TlogProofError::NoIndex
        );
        assert_eq!(
            replaced("extra NA==\n", "extra NA==\nextra NA==\n"),
            TlogProofError::NoIndex
        );
        assert_eq!(replaced("index 4\n", ""), TlogProofError::NoIndex);
        assert_eq!(
            replaced("index 4", "index 04"),
            DecimalError::LeadingZero { found: 2 }.into()
        );
        assert_eq!(
            replaced("index 4", "index  4"),
            DecimalError::Character {
                position: 0,
                found: b' '
            }
            .into()
        );
        let cause = HashError::TextLength { found: 7 };
        assert_eq!(
            replaced("index 4\n", "index 4\nindex 4\n"),
            TlogProofError::Hash { number: 1, cause }
        );
        assert_eq!(
            refused(&good.replace('\n', "\r\n")),
            TlogProofError::NoEmptyLine
        );
        assert_eq!(
            refused(&format!("{HEADER}\nindex 0\n")),
            TlogProofError::NoEmptyLine
        );
        assert_eq!(
            refused(&format!("{HEADER}\nindex 0\n\n")),
            NoteError::NoEmptyLine.into()
        );
        let hash_line = format!("{}\n", Hash::EMPTY_ROOT);
        let many = good.replacen(
            "index 4\n",
            &format!("index 4\n{}", hash_line.repeat(62)),
            1,
        );
        assert_eq!(refused(&many), TlogProofError::TooManyHashes { found: 65 });
        assert_eq!(
            refused(&"x".repeat((1 << 20) + 1)),
            TlogProofError::Length {
                found: (1 << 20) + 1
            }
        );
    }

    #[test]
    fn a_log_of_one_entry_needs_no_hashes() {
        let (signer, keys) = log();
        let leaf = Hash::leaf(b"only");
        let checkpoint =
            Checkpoint::new(Origin::new(ORIGIN).unwrap(), TreeSize::new(1), leaf).unwrap();
        let note = sign_checkpoint(&checkpoint, &[&signer]).unwrap();
        let proof = TlogProof::new(None, Proof::new(LeafIndex::new(0), vec![]), note).unwrap();
        let read: TlogProof = proof.to_string().parse().unwrap();
        assert_eq!(read, proof);
        assert!(read.verify(&leaf, &keys, &[]).is_ok());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = TlogProof::parse(&bytes);
            let _ = TlogProof::parse(&[HEADER.as_bytes(), b"\nindex 0\n\n", &bytes].concat());
        }

        #[test]
        fn what_parses_is_the_only_spelling(
            at in 0..proof().to_string().len(), byte in 0_u8..0x80, cut in any::<bool>(),
        ) {
            let mut changed = proof().to_string().into_bytes();
            if cut { changed.remove(at); } else { changed[at] = byte; }
            if let Ok(read) = TlogProof::parse(&changed) {
                prop_assert_eq!(read.to_string().into_bytes(), changed);
            }
        }

        #[test]
        fn written_proofs_are_read(
            extra in prop::collection::vec(any::<u8>(), 1..200), index: u64, hashes in 0..=64_usize,
        ) {
            let path = Proof::new(LeafIndex::new(index), vec![Hash::EMPTY_ROOT; hashes]);
            let proof = TlogProof::new(Some(extra), path, proof().checkpoint().clone()).unwrap();
            prop_assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof));
        }
    }
}
