//! Checkpoints: a log's signed statement of its size and root. C2SP tlog-checkpoint v1.0.0,
//! <https://c2sp.org/tlog-checkpoint>.
//!
//! ```text
//! <origin>
//! <size, decimal>
//! <root, base64>
//! ```
//!
//! Narrower than the specification, as our formats demand: no extension lines, an origin that can
//! be a key name, and the log signs with a key named like its origin, over trees of the sizes that
//! are this key's ([`LogKeys`]). [`Checkpoint::parse`] reads such a text;
//! [`VerifiedCheckpoint::open`] is the only way to one that may be believed, and it has to be told
//! which log is meant.

mod log_keys;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::decimal::{self, DecimalError};
use crate::merkle::consistency::TreeHead;
use crate::merkle::{Hash, HashError, TreeSize};
use crate::signed_note::{
    KeyName, KeyNameError, Note, NoteError, NoteSignature, OpenError, SignatureType, VerifiedNote,
    VerifiedSignature, VerifyingKey,
};
use crate::signer::{SignError, Signer, sign_checked};

pub use log_keys::{LogKey, LogKeyError, LogKeys, LogKeysError, Sizes};

/// Origin, newline, at most 20 digits, newline, 44 characters of root, newline.
const MAX_TEXT_LEN: usize = 255 + 1 + 20 + 1 + 44 + 1;

/// The identity of a log: a URL without scheme, written like a key name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(KeyName);

/// What a log says about itself. Not to be believed without a [`VerifiedCheckpoint`] around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    origin: Origin,
    size: TreeSize,
    root: Hash,
}

/// Evidence: this log has signed this checkpoint, and no known key's signature on it is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    note: VerifiedNote,
}

/// Why a text is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OriginError {
    /// Not a key name.
    #[error("an origin is written like a key name: {0}")]
    Name(#[from] KeyNameError),
    /// `https://` or the like.
    #[error("an origin is a URL without its scheme, found `://`")]
    Scheme,
}

/// Why a text is not a checkpoint of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Longer than any checkpoint text.
    #[error("a checkpoint's text has at most {MAX_TEXT_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Lines are missing, or there are extension lines.
    #[error("a checkpoint's text has 3 lines (extension lines are refused), found {found}")]
    Lines {
        /// Lines found.
        found: usize,
    },
    /// The last line does not end with a newline.
    #[error("the last line of a checkpoint must end with a newline")]
    Unterminated,
    /// The first line.
    #[error("the origin is invalid: {0}")]
    Origin(#[from] OriginError),
    /// The second line.
    #[error("the tree size is invalid: {0}")]
    Size(#[from] DecimalError),
    /// The third line.
    #[error("the root is invalid: {0}")]
    Root(#[from] HashError),
    /// A tree without entries has one root only.
    #[error("a tree of size 0 has root {}, found {found}", Hash::EMPTY_ROOT)]
    EmptyTreeRoot {
        /// The root claimed.
        found: Hash,
    },
}

/// Why a checkpoint is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// Not a signed note.
    #[error("the checkpoint is not a signed note: {0}")]
    Note(#[from] NoteError),
    /// A signature is wrong, or nobody we know has signed.
    #[error(transparent)]
    Signature(#[from] OpenError),
    /// The text is not that of a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Another log's checkpoint.
    #[error("a checkpoint of `{expected}` is expected, found one of `{found}`")]
    OtherLog {
        /// The log that was meant.
        expected: Origin,
        /// The origin in the checkpoint.
        found: Origin,
    },
    /// Witnesses have signed, the log has not.
    #[error("no key of log `{origin}` has signed its checkpoint")]
    NoLogSignature {
        /// The log.
        origin: Origin,
    },
    /// A key of the log has signed it that signs trees of other sizes: it has not begun, or has
    /// ended, and whoever has it now is not the log.
    #[error(
        "its signature is by `{key}`, a key of the log for trees of {} entries, and this is one of {size}",
        key.sizes()
    )]
    OtherSize {
        /// The key, and what it signs.
        key: Box<LogKey>,
        /// The size that was signed.
        size: TreeSize,
    },
}

impl Origin {
    /// Checks an origin.
    ///
    /// # Errors
    /// [`OriginError`] with the first rule it breaks.
    pub fn new(origin: &str) -> Result<Self, OriginError> {
        let name = KeyName::new(origin)?;
        if origin.contains("://") {
            return Err(OriginError::Scheme);
        }
        Ok(Self(name))
    }

    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The name of the log's keys.
    #[must_use]
    pub const fn key_name(&self) -> &KeyName {
        &self.0
    }
}

impl Checkpoint {
    /// Puts a checkpoint together.
    ///
    /// # Errors
    /// [`CheckpointError::EmptyTreeRoot`] for a tree without entries that has another root than its
    /// only one.
    pub fn new(origin: Origin, size: TreeSize, root: Hash) -> Result<Self, CheckpointError> {
        if size.is_empty() && root != Hash::EMPTY_ROOT {
            return Err(CheckpointError::EmptyTreeRoot { found: root });
        }
        Ok(Self { origin, size, root })
    }

    /// Reads the text of a note. It is written back by `Display` byte for byte.
    ///
    /// # Errors
    /// [`CheckpointError`] with the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        if text.len() > MAX_TEXT_LEN {
            return Err(CheckpointError::Length { found: text.len() });
        }
        let lines = text
            .strip_suffix('\n')
            .ok_or(CheckpointError::Unterminated)?;
        let mut line = lines.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (line.next(), line.next(), line.next(), line.next())
        else {
            return Err(CheckpointError::Lines {
                found: lines.split('\n').count(),
            });
        };
        let origin = Origin::new(origin)?;
        let size = TreeSize::new(decimal::parse(size, u64::MAX)?);
        Self::new(origin, size, Hash::from_base64(root)?)
    }

    /// Which log.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many entries.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// The root over them.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// Size and root, as one end of a consistency proof.
    #[must_use]
    pub const fn tree_head(&self) -> TreeHead {
        TreeHead {
            size: self.size,
            root: self.root,
        }
    }
}

/// Signs a checkpoint with every given key of its log: one, or the old and the new one during a
/// rotation.
///
/// The caller has made sure, durably, that this log never signs two checkpoints of which neither
/// extends the other.
///
/// # Errors
/// [`SignError`] when there is no signer, one has a key that is not the log's, or one
/// cannot sign. Then nothing is returned.
pub fn sign_checkpoint(
    checkpoint: &Checkpoint,
    signers: &[&dyn Signer],
) -> Result<Note, SignError> {
    let text = checkpoint.to_string();
    let mut signatures = Vec::with_capacity(signers.len());
    for signer in signers {
        let (expected, found) = (checkpoint.origin.key_name(), signer.verifying_key().name());
        if found != expected {
            return Err(SignError::KeyName {
                expected: expected.clone(),
                found: found.clone(),
            });
        }
        let signature = sign_checked(*signer, SignatureType::Ed25519, text.as_bytes())?;
        signatures.push(NoteSignature::new(
            signer.verifying_key(),
            signature.to_vec(),
        ));
    }
    Ok(Note::new(text, signatures)?)
}

impl VerifiedCheckpoint {
    /// Reads a signed checkpoint and checks that this log has signed it, with a key that signs
    /// trees of this size. Cosignatures by the given witnesses are checked too; how many are needed
    /// is not asked here ([`crate::witness_policy`]).
    ///
    /// # Errors
    /// [`VerifyError`] with the first thing that is wrong.
    pub fn open(
        bytes: &[u8],
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<Self, VerifyError> {
        Self::from_note(Note::parse(bytes)?, log, witnesses)
    }

    /// As [`VerifiedCheckpoint::open`], for a note that has been read already.
    ///
    /// # Errors
    /// [`VerifyError`] with the first thing that is wrong.
    pub fn from_note(
        note: Note,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<Self, VerifyError> {
        // A key that signs no tree of this size is as good as unknown.
        let size = Checkpoint::parse(note.text()).map(|said| said.size()).ok();
        let is_of = |one: &&LogKey| size.is_none_or(|size| one.sizes().contains(size));
        let (signing, others): (Vec<_>, Vec<_>) = log.keys().iter().partition(is_of);
        let signing: Vec<VerifyingKey> = signing.iter().map(|one| one.key().clone()).collect();
        let others = size.and_then(|size| signed_for_another_size(&note, &others, size));
        Self::of_keys(note, log.origin(), &signing, witnesses).map_err(|error| match error {
            VerifyError::Signature(OpenError::NoKnownSignature { .. })
            | VerifyError::NoLogSignature { .. } => others.unwrap_or(error),
            VerifyError::Note(_)
            | VerifyError::Signature(_)
            | VerifyError::Checkpoint(_)
            | VerifyError::OtherLog { .. }
            | VerifyError::OtherSize { .. } => error,
        })
    }

    fn of_keys(
        note: Note,
        origin: &Origin,
        log: &[VerifyingKey],
        witnesses: &[VerifyingKey],
    ) -> Result<Self, VerifyError> {
        let note = note.open(&[log, witnesses].concat())?;
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != *origin {
            return Err(VerifyError::OtherLog {
                expected: origin.clone(),
                found: checkpoint.origin,
            });
        }
        let by_log = |signature: &VerifiedSignature| log.contains(signature.key());
        if !note.signatures().iter().any(by_log) {
            return Err(VerifyError::NoLogSignature {
                origin: checkpoint.origin,
            });
        }
        Ok(Self { checkpoint, note })
    }

    /// What the log says.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The whole signed note, signatures by unknown keys included.
    #[must_use]
    pub const fn note(&self) -> &Note {
        self.note.note()
    }

    /// All signatures that verified, the log's and those of witnesses; one for each key.
    #[must_use]
    pub fn signatures(&self) -> &[VerifiedSignature] {
        self.note.signatures()
    }

    /// How many signature lines are by none of the keys it was opened with. Whoever writes a line
    /// chooses the name in it: nothing of what such a line says counts, and nobody is to be shown
    /// it as a signature.
    #[must_use]
    pub fn unknown_lines(&self) -> usize {
        let is_known = |line: &NoteSignature| {
            let mut known = self.signatures().iter().map(VerifiedSignature::key);
            known.any(|key| line.is_by(key))
        };
        let lines = self.note().signatures().iter();
        lines.filter(|line| !is_known(line)).count()
    }

    /// The cosignatures that verified; one for each witness's key.
    pub fn cosignatures(&self) -> impl Iterator<Item = &VerifiedSignature> {
        self.signatures()
            .iter()
            .filter(|signature| signature.key().signature_type() == SignatureType::CosignatureV1)
    }
}

/// Says that one of these keys has signed the note, which signs trees of other sizes.
fn signed_for_another_size(note: &Note, keys: &[&LogKey], size: TreeSize) -> Option<VerifyError> {
    let has_signed = |one: &&&LogKey| note.clone().open(&[one.key().clone()]).is_ok();
    let key = Box::new(keys.iter().find(has_signed).copied()?.clone());
    Some(VerifyError::OtherSize { key, size })
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(origin: &str) -> Result<Self, OriginError> {
        Self::new(origin)
    }
}

/// The note text: three lines, each with its newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        Checkpoint, CheckpointError, LogKey, LogKeys, Origin, OriginError, Sizes,
        VerifiedCheckpoint,
    };
    use super::{VerifyError, sign_checkpoint};
    use crate::cosignature::{PosixSeconds, cosign};
    use crate::decimal::DecimalError;
    use crate::merkle::{Hash, TreeSize};
    use crate::signed_note::{KeyNameError, Note, NoteSignature, OpenError, VerifyingKey};
    use crate::signer::test_signer::TestSigner;
    use crate::signer::{SignError, Signer};

    const SMOKE_VKEY: &str =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    const SMOKE_CHECKPOINT: &str = "example.com/log/testdata\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n\n\
        \u{2014} example.com/log/testdata \
        M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1dwcwh9bGQnqVAg=\n";

    fn log_keys(signers: &[&TestSigner]) -> LogKeys {
        LogKeys::new(
            signers
                .iter()
                .map(|signer| signer.verifying_key().clone())
                .collect(),
        )
        .unwrap()
    }

    fn checkpoint(origin: &str) -> Checkpoint {
        Checkpoint::new(
            Origin::new(origin).unwrap(),
            TreeSize::new(7),
            Hash::leaf(b"any"),
        )
        .unwrap()
    }

    #[test]
    fn smoke_vector() {
        let log = LogKeys::new(vec![VerifyingKey::parse(SMOKE_VKEY).unwrap()]).unwrap();
        let verified = VerifiedCheckpoint::open(SMOKE_CHECKPOINT.as_bytes(), &log, &[]).unwrap();
        assert_eq!(
            verified.checkpoint().origin().as_str(),
            "example.com/log/testdata"
        );
        assert_eq!(verified.checkpoint().size(), TreeSize::new(3));
        assert_eq!(verified.note().to_string(), SMOKE_CHECKPOINT);
        let changed = SMOKE_CHECKPOINT.replace("\n3\n", "\n4\n");
        let refused = VerifiedCheckpoint::open(changed.as_bytes(), &log, &[]);
        assert!(matches!(
            refused,
            Err(VerifyError::Signature(OpenError::WrongSignature { .. }))
        ));
    }

    #[test]
    fn one_spelling() {
        let root = Hash::EMPTY_ROOT.to_base64();
        let refused = |text: String| Checkpoint::parse(&text).unwrap_err();
        assert!(Checkpoint::parse(&format!("example.com\n0\n{root}\n")).is_ok());
        assert_eq!(
            refused(format!("example.com\n0\n{root}")),
            CheckpointError::Unterminated
        );
        assert_eq!(
            refused(format!("example.com\n0\n{root}\nextension\n")),
            CheckpointError::Lines { found: 4 }
        );
        assert_eq!(
            refused(format!("example.com\n0\n{root}\n\n")),
            CheckpointError::Lines { found: 4 }
        );
        assert_eq!(
            refused("example.com\n0\n".to_owned()),
            CheckpointError::Lines { found: 2 }
        );
        assert_eq!(
            refused("x".repeat(400)),
            CheckpointError::Length { found: 400 }
        );
        let leading_zero = DecimalError::LeadingZero { found: 2 };
        assert_eq!(
            refused(format!("example.com\n07\n{root}\n")),
            CheckpointError::Size(leading_zero)
        );
        assert_eq!(
            refused(format!("example.com\n\n{root}\n")),
            CheckpointError::Size(DecimalError::Empty)
        );
        assert!(matches!(
            refused(format!("example.com\n7\n{root}=\n")),
            CheckpointError::Root(_)
        ));
        assert_eq!(
            refused(format!("https://example.com\n7\n{root}\n")),
            OriginError::Scheme.into()
        );
        let space = OriginError::Name(KeyNameError::Character { found: ' ' });
        assert_eq!(refused(format!("example com\n7\n{root}\n")), space.into());
        let found = Hash::leaf(b"any");
        assert_eq!(
            refused(format!("example.com\n0\n{found}\n")),
            CheckpointError::EmptyTreeRoot { found }
        );
    }

    #[test]
    fn rotation_signs_with_both_keys_and_either_is_enough() {
        let (a, b) = (
            TestSigner::log("example.com/log", 1),
            TestSigner::log("example.com/log", 2),
        );
        let note = sign_checkpoint(&checkpoint("example.com/log"), &[&a, &b]).unwrap();
        for (known, signed) in [
            (log_keys(&[&a]), 1),
            (log_keys(&[&b]), 1),
            (log_keys(&[&a, &b]), 2),
        ] {
            let verified =
                VerifiedCheckpoint::open(note.to_string().as_bytes(), &known, &[]).unwrap();
            assert_eq!(verified.signatures().len(), signed);
        }
    }

    /// Trees of these sizes: the smallest and the largest.
    fn sizes(first: u64, last: u64) -> Sizes {
        Sizes::from(TreeSize::new(first)).until(TreeSize::new(last))
    }

    #[test]
    fn a_key_signs_nothing_before_its_first_and_after_its_last_tree() {
        let (a, b) = (
            TestSigner::log("example.com/log", 1),
            TestSigner::log("example.com/log", 2),
        );
        let keys = |of_a: Sizes, of_b: Sizes| {
            let key =
                |signer: &TestSigner, sizes| LogKey::new(signer.verifying_key().clone(), sizes);
            LogKeys::of(vec![key(&a, of_a), key(&b, of_b)]).unwrap()
        };
        // A tree of seven.
        let said = checkpoint("example.com/log");
        let by = |signers: &[&dyn Signer]| sign_checkpoint(&said, signers).unwrap();
        let open = |note: Note, keys: &LogKeys| VerifiedCheckpoint::from_note(note, keys, &[]);

        let both = keys(sizes(1, 7), sizes(7, 9));
        assert_eq!(open(by(&[&a, &b]), &both).unwrap().signatures().len(), 2);
        for (of_a, of_b) in [(sizes(1, 6), sizes(5, 9)), (sizes(1, 6), sizes(8, 9))] {
            let keys = keys(of_a, of_b);
            let refused = open(by(&[&a]), &keys).unwrap_err();
            assert!(
                matches!(&refused, VerifyError::OtherSize { key, size }
                    if key.key() == a.verifying_key() && *size == TreeSize::new(7)),
                "{refused}"
            );
        }
        assert!(matches!(
            open(by(&[&b]), &keys(sizes(1, 7), sizes(8, 9))),
            Err(VerifyError::OtherSize { .. })
        ));
        // Beside one that counts it is a line of nobody's, right or wrong.
        let ended = keys(sizes(1, 6), sizes(5, 9));
        let beside = open(by(&[&a, &b]), &ended).unwrap();
        assert_eq!(beside.signatures().len(), 1);
        assert_eq!(beside.unknown_lines(), 1);
        let false_line = NoteSignature::new(a.verifying_key(), vec![0; 64]);
        let note = by(&[&b]).with_signature(false_line.clone()).unwrap();
        assert_eq!(open(note, &ended).unwrap().unknown_lines(), 1);
        // A false line alone does not make it a signature for another size either.
        let alone = Note::new(said.to_string(), vec![false_line]).unwrap();
        assert!(matches!(
            open(alone, &ended),
            Err(VerifyError::Signature(OpenError::NoKnownSignature { .. }))
        ));
    }

    #[test]
    fn lines_of_strangers_are_counted_and_never_signatures() {
        let log = TestSigner::log("example.com/log", 1);
        let said = checkpoint("example.com/log");
        let mut note = sign_checkpoint(&said, &[&log]).unwrap();
        // The log's own name, its key said twice, a witness nobody has told of.
        let strangers = [
            TestSigner::log("example.com/log", 7),
            TestSigner::log("example.com/log", 1),
            TestSigner::witness("witness.example", 3),
        ];
        for signer in &strangers {
            let signature = signer.sign(said.to_string().as_bytes()).unwrap();
            let line = NoteSignature::new(signer.verifying_key(), signature.to_vec());
            note = note.with_signature(line).unwrap();
        }
        let verified = VerifiedCheckpoint::from_note(note, &log_keys(&[&log]), &[]).unwrap();
        assert_eq!(verified.signatures().len(), 1);
        assert_eq!(verified.unknown_lines(), 2);
    }

    #[test]
    fn only_the_log_itself_signs() {
        let log = TestSigner::log("example.com/log", 1);
        let (other, witness) = (
            TestSigner::log("example.com/other", 2),
            TestSigner::witness("example.com/log", 3),
        );
        let checkpoint = checkpoint("example.com/log");
        assert!(matches!(
            sign_checkpoint(&checkpoint, &[&other]),
            Err(SignError::KeyName { .. })
        ));
        assert!(matches!(
            sign_checkpoint(&checkpoint, &[&witness]),
            Err(SignError::KeyType { .. })
        ));
        assert!(matches!(
            sign_checkpoint(&checkpoint, &[]),
            Err(SignError::Note(_))
        ));

        // A log signs under its own name what says it is of another log.
        let text = super::tests::checkpoint("example.com/victim").to_string();
        let line = NoteSignature::new(log.verifying_key(), {
            log.sign(text.as_bytes()).unwrap().to_vec()
        });
        let note = Note::new(text, vec![line]).unwrap();
        let refused = VerifiedCheckpoint::from_note(note, &log_keys(&[&log]), &[]);
        assert!(matches!(refused, Err(VerifyError::OtherLog { .. })));

        // Witnesses alone do not make a checkpoint.
        let time = PosixSeconds::new(1).unwrap();
        let line = cosign(&checkpoint, time, &witness).unwrap();
        let note = Note::new(checkpoint.to_string(), vec![line.clone()]).unwrap();
        let witnesses = [witness.verifying_key().clone()];
        let refused = VerifiedCheckpoint::from_note(note, &log_keys(&[&log]), &witnesses);
        assert!(matches!(refused, Err(VerifyError::NoLogSignature { .. })));

        let note = sign_checkpoint(&checkpoint, &[&log])
            .unwrap()
            .with_signature(line)
            .unwrap();
        let verified = VerifiedCheckpoint::from_note(note, &log_keys(&[&log]), &witnesses).unwrap();
        assert_eq!(verified.cosignatures().count(), 1);
    }

    proptest! {
        #[test]
        fn every_checkpoint_comes_back(
            origin in "[a-z.]{1,9}(/[a-z0-9]{1,5})?",
            size in 1_u64..,
            root: [u8; 32],
        ) {
            let origin = Origin::new(&origin).unwrap();
            let (size, root) = (TreeSize::new(size), Hash::from_bytes(root));
            let checkpoint = Checkpoint::new(origin, size, root).unwrap();
            prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
        }

        #[test]
        fn what_parses_is_the_only_spelling(
            text in "\\PC{0,60}|[a-z+: ]{0,5}\n[0-9+]{0,3}\n([A-Za-z0-9+/]{43}=)?\n{0,2}",
        ) {
            if let Ok(checkpoint) = Checkpoint::parse(&text) {
                prop_assert_eq!(checkpoint.to_string(), text);
            }
        }
    }
}
