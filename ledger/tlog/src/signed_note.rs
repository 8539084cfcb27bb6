//! Signed notes: a text and signatures over it. C2SP signed-note v1.0.0,
//! <https://c2sp.org/signed-note>.
//!
//! ```text
//! <text, each line ending in a newline>
//!                                             (empty line)
//! — <key name> <base64(4-byte key ID || signature)>
//! ```
//!
//! [`Note::parse`] says only that bytes have this form. [`Note::open`] checks signatures and gives
//! a [`VerifiedNote`], which cannot be had otherwise: signatures by unknown keys are ignored, a
//! known key whose signature fails rejects the note, and so does a note no known key has signed.
//! What the text means is not looked at here ([`crate::checkpoint`]).

pub(crate) mod timed;
mod verifying_key;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use verifying_key::{KeyId, KeyName, KeyNameError, SignatureType, VerifyingKey, VkeyError};

use crate::base64;
use crate::public_key::SignatureInvalid;
use timed::{CosignatureError, PosixSeconds};

/// Longest note in bytes. 100 post-quantum signatures of 5 kB are about 700,000 characters of
/// base64.
pub const MAX_NOTE_LEN: usize = 1 << 20;

/// Most signatures in a note. The specification asks for at least 16; logs with many witnesses stay
/// below this.
pub const MAX_SIGNATURES: usize = 100;

const KEY_ID_LEN: usize = 4;
const SIGNATURE_LINE_START: &str = "\u{2014} ";

/// A note in the right form. Nothing about its signatures has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    /// What follows the key ID; its form depends on the signature type. Not empty.
    signature: Vec<u8>,
}

/// Evidence: at least one known key has signed this note's text, and no signature by a known key is
/// wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote {
    note: Note,
    signatures: Vec<VerifiedSignature>,
}

/// A signature that verified, as part of a [`VerifiedNote`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature {
    key: VerifyingKey,
    time: Option<PosixSeconds>,
}

/// Why bytes are not a signed note.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Longer than any note we read.
    #[error("a note has at most {MAX_NOTE_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Not UTF-8.
    #[error("a note is UTF-8, which ends at byte {position}")]
    NotUtf8 {
        /// Offset of the first byte that is wrong.
        position: usize,
    },
    /// A control character other than newline.
    #[error("control character {found:?} at byte {position} must not occur in a note")]
    ControlCharacter {
        /// Offset of its first byte.
        position: usize,
        /// The character.
        found: char,
    },
    /// The text does not end with a newline (an empty text neither).
    #[error("the text of a note must end with a newline")]
    TextUnterminated,
    /// No empty line between text and signatures.
    #[error("an empty line between text and signatures is missing")]
    NoEmptyLine,
    /// Nothing after the last empty line.
    #[error("a note has at least one signature line, found none")]
    NoSignatures,
    /// More signatures than we verify.
    #[error("a note has at most {MAX_SIGNATURES} signatures, found {found}")]
    TooManySignatures {
        /// Signature lines found.
        found: usize,
    },
    /// The last signature line does not end with a newline.
    #[error("the last signature line must end with a newline")]
    SignatureUnterminated,
    /// A line after the last empty line is not a signature line.
    #[error("signature line {number}: {cause}")]
    SignatureLine {
        /// Its number among the signature lines, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        cause: SignatureLineError,
    },
}

/// Why a line is not a signature line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignatureLineError {
    /// Longer than any note.
    #[error("a signature line has at most {MAX_NOTE_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// It does not begin with a dash.
    #[error("a signature line begins with an em dash (U+2014) and a space")]
    NoDash,
    /// No second space.
    #[error("a space between name and signature is missing")]
    NoSignature,
    /// The name.
    #[error("{0}")]
    Name(#[from] KeyNameError),
    /// The signature's spelling.
    #[error("the signature is not base64: {0}")]
    Base64(#[from] base64::Error),
    /// Too short to hold a key ID and something after it.
    #[error("a signature has more than {KEY_ID_LEN} bytes, found {found}")]
    SignatureLength {
        /// Bytes found.
        found: usize,
    },
}

/// Why a note in the right form was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// A known key's signature is wrong.
    #[error("the signature by known key `{name}` ({id}) is wrong: {cause}")]
    WrongSignature {
        /// The key's name.
        name: KeyName,
        /// The key's ID.
        id: KeyId,
        /// What is wrong with it.
        #[source]
        cause: SignatureError,
    },
    /// Nobody we know has signed.
    #[error(
        "a signature by one of {expected} known key(s) is expected, found none among {found} signature(s)"
    )]
    NoKnownSignature {
        /// Known keys.
        expected: usize,
        /// Signatures in the note.
        found: usize,
    },
    /// Two of the keys given share name and ID.
    #[error("two known keys are named `{name}` and have ID {id}: which one signed cannot be told")]
    AmbiguousKeys {
        /// The shared name.
        name: KeyName,
        /// The shared ID.
        id: KeyId,
    },
}

/// Why one signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// A signature over the text (type 0x01).
    #[error(transparent)]
    Ed25519(#[from] SignatureInvalid),
    /// A cosignature (type 0x04).
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
}

impl Note {
    /// Puts a text and signatures together. Nothing is verified.
    ///
    /// # Errors
    /// [`NoteError`] when [`Note::parse`] would not read what this would write.
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        check_characters(&text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::TextUnterminated);
        }
        if signatures.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures {
                found: signatures.len(),
            });
        }
        let note = Self { text, signatures };
        let found = note.to_string().len();
        if found > MAX_NOTE_LEN {
            return Err(NoteError::Length { found });
        }
        Ok(note)
    }

    /// Reads a note. It is written back by `Display` byte for byte.
    ///
    /// # Errors
    /// [`NoteError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_LEN {
            return Err(NoteError::Length { found: bytes.len() });
        }
        let note = str::from_utf8(bytes).map_err(|error| NoteError::NotUtf8 {
            position: error.valid_up_to(),
        })?;
        check_characters(note)?;
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoEmptyLine)?;
        if lines.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        let lines = lines
            .strip_suffix('\n')
            .ok_or(NoteError::SignatureUnterminated)?;
        let found = lines.split('\n').count();
        if found > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures { found });
        }
        let signatures = (1..)
            .zip(lines.split('\n'))
            .map(|(number, line)| {
                line.parse()
                    .map_err(|cause| NoteError::SignatureLine { number, cause })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The signed text with its final newline. Not to be believed before the note has been opened.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures in the order of their lines, known or not.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The note with one more signature line, last.
    ///
    /// # Errors
    /// [`NoteError`] when it would become too large.
    pub fn with_signature(mut self, signature: NoteSignature) -> Result<Self, NoteError> {
        self.signatures.push(signature);
        Self::new(self.text, self.signatures)
    }

    /// Checks the signatures of known keys. A key that has signed more than once counts once, with
    /// its latest time; each of its signatures must verify.
    ///
    /// # Errors
    /// [`OpenError`] when a known key's signature is wrong or no known key has signed.
    pub fn open(self, known: &[VerifyingKey]) -> Result<VerifiedNote, OpenError> {
        let mut verified: Vec<VerifiedSignature> = Vec::new();
        for signature in &self.signatures {
            let mut candidates = known.iter().filter(|key| signature.is_by(key));
            let Some(key) = candidates.next() else {
                continue;
            };
            let (name, id) = (key.name().clone(), key.id());
            if candidates.any(|other| other != key) {
                return Err(OpenError::AmbiguousKeys { name, id });
            }
            let time = signature
                .verify(key, &self.text)
                .map_err(|cause| OpenError::WrongSignature { name, id, cause })?;
            match verified.iter_mut().find(|earlier| earlier.key == *key) {
                Some(earlier) => earlier.time = earlier.time.max(time),
                None => verified.push(VerifiedSignature {
                    key: key.clone(),
                    time,
                }),
            }
        }
        if verified.is_empty() {
            return Err(OpenError::NoKnownSignature {
                expected: known.len(),
                found: self.signatures.len(),
            });
        }
        Ok(VerifiedNote {
            note: self,
            signatures: verified,
        })
    }
}

impl NoteSignature {
    /// A signature line for what `key` made: 64 bytes over the text for type 0x01, 72 bytes with
    /// the time for type 0x04.
    pub(crate) fn new(key: &VerifyingKey, signature: Vec<u8>) -> Self {
        Self {
            name: key.name().clone(),
            id: key.id(),
            signature,
        }
    }

    /// Who claims to have signed.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The ID of the key that claims to have signed.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The bytes behind the key ID.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Key ID and signature as they stand in base64 in the line: 68 bytes of a log, 76 of a
    /// witness.
    #[must_use]
    pub fn blob(&self) -> Vec<u8> {
        [self.id.as_bytes(), self.signature.as_slice()].concat()
    }

    /// Whether it claims to be by this key.
    pub(crate) fn is_by(&self, key: &VerifyingKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    /// Checks this signature over a note text; for a cosignature gives its time.
    fn verify(
        &self,
        key: &VerifyingKey,
        text: &str,
    ) -> Result<Option<PosixSeconds>, SignatureError> {
        match key.signature_type() {
            SignatureType::Ed25519 => {
                key.public_key().verify(text.as_bytes(), &self.signature)?;
                Ok(None)
            }
            SignatureType::CosignatureV1 => Ok(Some(timed::verify(
                key.public_key(),
                text,
                &self.signature,
            )?)),
        }
    }
}

impl VerifiedNote {
    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.note.text
    }

    /// The whole note, unknown signatures included.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// What verified: one for each known key that has signed. Not empty.
    #[must_use]
    pub fn signatures(&self) -> &[VerifiedSignature] {
        &self.signatures
    }

    /// Gives the note back; it has to be opened again to be believed again.
    #[must_use]
    pub fn into_note(self) -> Note {
        self.note
    }
}

impl VerifiedSignature {
    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// When, as a witness says; `None` for a signature without a time.
    #[must_use]
    pub const fn time(&self) -> Option<PosixSeconds> {
        self.time
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

/// One line without its newline.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SIGNATURE_LINE_START}{} {}",
            self.name,
            base64::standard::encode(&self.blob())
        )
    }
}

/// One line without its newline.
impl FromStr for NoteSignature {
    type Err = SignatureLineError;

    fn from_str(line: &str) -> Result<Self, SignatureLineError> {
        if line.len() > MAX_NOTE_LEN {
            return Err(SignatureLineError::Length { found: line.len() });
        }
        let line = line
            .strip_prefix(SIGNATURE_LINE_START)
            .ok_or(SignatureLineError::NoDash)?;
        let (name, blob) = line
            .split_once(' ')
            .ok_or(SignatureLineError::NoSignature)?;
        let name = KeyName::new(name)?;
        let blob = base64::standard::decode(blob)?;
        match blob.split_first_chunk::<KEY_ID_LEN>() {
            Some((id, signature)) if !signature.is_empty() => Ok(Self {
                name,
                id: KeyId::from_bytes(*id),
                signature: signature.to_vec(),
            }),
            _ => Err(SignatureLineError::SignatureLength { found: blob.len() }),
        }
    }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    match text
        .char_indices()
        .find(|(_, character)| character.is_control() && *character != '\n')
    {
        Some((position, found)) => Err(NoteError::ControlCharacter { position, found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KeyNameError, VerifyingKey};
    use super::{
        MAX_NOTE_LEN, MAX_SIGNATURES, Note, NoteError, NoteSignature, OpenError, SignatureLineError,
    };
    use crate::base64;
    use crate::signer::Signer;
    use crate::signer::test_signer::TestSigner;

    const TEXT: &str = "first\n\nthird\n";

    fn signature(signer: &TestSigner, text: &str) -> NoteSignature {
        NoteSignature::new(
            signer.verifying_key(),
            signer.sign(text.as_bytes()).unwrap().to_vec(),
        )
    }

    fn signed(signers: &[&TestSigner]) -> Note {
        Note::new(
            TEXT.to_owned(),
            signers
                .iter()
                .map(|signer| signature(signer, TEXT))
                .collect(),
        )
        .unwrap()
    }

    fn key(signer: &TestSigner) -> VerifyingKey {
        signer.verifying_key().clone()
    }

    #[test]
    fn text_ends_at_the_last_empty_line() {
        let log = TestSigner::log("example.com/log", 1);
        let note = signed(&[&log]);
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.text(), TEXT);
        let opened = read.open(&[key(&log)]).unwrap();
        assert_eq!(opened.text(), TEXT);
        assert_eq!(opened.signatures().len(), 1);
        assert_eq!(opened.signatures()[0].key(), log.verifying_key());
        assert_eq!(opened.note().signatures()[0].blob().len(), 68);
    }

    #[test]
    fn unknown_keys_are_ignored_known_ones_must_verify() {
        let (known, unknown) = (
            TestSigner::log("example.com/log", 1),
            TestSigner::log("example.com/other", 2),
        );
        // The same name with another ID, and the same ID under another name, are other keys.
        let same_name = TestSigner::log("example.com/log", 3);
        let note = signed(&[&unknown, &same_name, &known]);
        assert_eq!(
            note.clone()
                .open(&[key(&known)])
                .unwrap()
                .signatures()
                .len(),
            1
        );
        assert_eq!(
            note.clone()
                .open(&[key(&known), key(&unknown)])
                .unwrap()
                .signatures()
                .len(),
            2
        );
        let stranger = TestSigner::log("example.com/stranger", 4);
        assert_eq!(
            note.clone().open(&[key(&stranger)]),
            Err(OpenError::NoKnownSignature {
                expected: 1,
                found: 3
            })
        );
        assert_eq!(
            note.clone().open(&[]),
            Err(OpenError::NoKnownSignature {
                expected: 0,
                found: 3
            })
        );

        let wrong = note
            .with_signature(signature(&stranger, "other text\n"))
            .unwrap();
        assert!(wrong.clone().open(&[key(&known)]).is_ok());
        let refused = wrong.open(&[key(&known), key(&stranger)]);
        assert!(matches!(refused, Err(OpenError::WrongSignature { .. })));
    }

    #[test]
    fn a_key_counts_once_and_every_one_of_its_signatures_must_verify() {
        let log = TestSigner::log("example.com/log", 1);
        let twice = signed(&[&log, &log]);
        assert_eq!(
            twice
                .clone()
                .open(&[key(&log), key(&log)])
                .unwrap()
                .signatures()
                .len(),
            1
        );
        let second_wrong = twice
            .with_signature(signature(&log, "other text\n"))
            .unwrap();
        assert!(matches!(
            second_wrong.open(&[key(&log)]),
            Err(OpenError::WrongSignature { .. })
        ));
    }

    #[test]
    fn malformed_notes() {
        let line = signed(&[&TestSigner::log("example.com/log", 1)]).signatures()[0].to_string();
        let refused = |note: &str| Note::parse(note.as_bytes()).unwrap_err();
        let bad_line = |line: &str| match refused(&format!("text\n\n{line}\n")) {
            NoteError::SignatureLine { number: 1, cause } => cause,
            other => panic!("{other}"),
        };
        assert_eq!(refused(""), NoteError::NoEmptyLine);
        assert_eq!(refused("text\n"), NoteError::NoEmptyLine);
        assert_eq!(refused(&format!("text\n{line}\n")), NoteError::NoEmptyLine);
        assert_eq!(refused("text\n\n"), NoteError::NoSignatures);
        assert_eq!(
            refused(&format!("text\n\n{line}")),
            NoteError::SignatureUnterminated
        );
        assert_eq!(
            refused(&format!("text\n\n{line}\n\n")),
            NoteError::NoSignatures
        );
        assert_eq!(
            refused("te\rxt\n\n"),
            NoteError::ControlCharacter {
                position: 2,
                found: '\r'
            }
        );
        assert_eq!(
            refused("te\txt\n\n"),
            NoteError::ControlCharacter {
                position: 2,
                found: '\t'
            }
        );
        assert_eq!(
            Note::parse(b"te\xffxt\n\n"),
            Err(NoteError::NotUtf8 { position: 2 })
        );
        assert_eq!(
            refused(&"x".repeat(MAX_NOTE_LEN + 1)),
            NoteError::Length {
                found: MAX_NOTE_LEN + 1
            }
        );
        assert_eq!(bad_line("- name AAAAAAA="), SignatureLineError::NoDash);
        assert_eq!(bad_line("\u{2014} name"), SignatureLineError::NoSignature);
        assert_eq!(
            bad_line("\u{2014}  AAAAAAA="),
            SignatureLineError::Name(KeyNameError::Empty)
        );
        assert_eq!(
            bad_line("\u{2014} name AAAAAA=="),
            SignatureLineError::SignatureLength { found: 4 }
        );
        let trailing_bits = base64::Error::TrailingBits { found: 'B' };
        assert_eq!(
            bad_line("\u{2014} name AAAAAAB="),
            SignatureLineError::Base64(trailing_bits)
        );
        assert!(matches!(
            bad_line("\u{2014} name AAAAAAA= "),
            SignatureLineError::Base64(_)
        ));
    }

    #[test]
    fn number_of_signatures() {
        let log = TestSigner::log("example.com/log", 1);
        let line = signature(&log, TEXT);
        for (count, accepted) in [
            (16, true),
            (MAX_SIGNATURES, true),
            (MAX_SIGNATURES + 1, false),
        ] {
            let note = format!("{TEXT}\n{}", format!("{line}\n").repeat(count));
            assert_eq!(
                Note::parse(note.as_bytes()).is_ok(),
                accepted,
                "{count} signatures"
            );
            assert_eq!(
                Note::new(TEXT.to_owned(), vec![line.clone(); count]).is_ok(),
                accepted
            );
        }
        assert_eq!(
            Note::new(TEXT.to_owned(), vec![]),
            Err(NoteError::NoSignatures)
        );
        assert_eq!(
            Note::new("text".to_owned(), vec![line.clone()]),
            Err(NoteError::TextUnterminated)
        );
        assert_eq!(
            Note::new(String::new(), vec![line]),
            Err(NoteError::TextUnterminated)
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(note) = Note::parse(&bytes) {
                prop_assert_eq!(note.to_string().into_bytes(), bytes);
            }
        }

        #[test]
        fn what_parses_is_the_only_spelling(
            note in "([a-z ]{0,4}\n){0,4}\n(\u{2014} [a-z+]{0,3} [A-D/=]{4,12}\n?){0,3}",
        ) {
            if let Ok(read) = Note::parse(note.as_bytes()) {
                prop_assert_eq!(read.to_string(), note);
            }
        }

        #[test]
        fn written_notes_are_read(
            text in "(\\PC{0,9}\n){1,4}",
            blob in prop::collection::vec(any::<u8>(), 5..90),
        ) {
            let line = format!("\u{2014} name {}", base64::standard::encode(&blob));
            let line: NoteSignature = line.parse().unwrap();
            prop_assert_eq!(line.blob(), blob);
            let note = Note::new(text, vec![line]).unwrap();
            prop_assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
        }
    }
}
