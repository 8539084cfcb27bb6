//! Which logs are trusted and how many witnesses must have cosigned. C2SP tlog-policy,
//! <https://c2sp.org/tlog-policy>.
//!
//! ```text
//! log <vkey> [<url>]
//! witness <name> <vkey> [<url>]
//! group <name> all|any|<k> <member>...
//! quorum <name>|none
//! ```
//!
//! People write these files, so blanks, tabs, empty lines and `#` comments are free as the
//! specification says; names are opaque bytes. Everything must be defined before it is used, a name
//! is a member of one group at most, a public key is listed once. [`Policy::open`] is the way to a
//! [`WitnessedCheckpoint`]. How fresh a cosignature must be is not said by a policy.

use std::collections::{HashMap, HashSet};
use std::fmt;

use thiserror::Error;

use crate::checkpoint::{
    Checkpoint, CheckpointError, LogKeys, LogKeysError, Origin, VerifiedCheckpoint, VerifyError,
};
use crate::decimal;
use crate::public_key::PublicKey;
use crate::signed_note::{Note, SignatureType, VerifyingKey, VkeyError};

/// Longest policy in bytes. The 32 logs, witnesses and groups the specification asks for need a
/// tenth of this.
pub const MAX_POLICY_LEN: usize = 64 * 1024;

/// A parsed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// In the order of definition, so that members stand before their groups.
    nodes: Vec<Node>,
    /// The node whose witnessing is required; `None` for `quorum none`.
    quorum: Option<usize>,
}

/// A `log` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    key: VerifyingKey,
    origin: Origin,
    url: Option<Vec<u8>>,
}

/// A `witness` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    name: PolicyName,
    key: VerifyingKey,
    url: Option<Vec<u8>>,
}

/// Evidence: a log of the policy has signed this checkpoint and the quorum of its witnesses has
/// cosigned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedCheckpoint(VerifiedCheckpoint);

/// A name inside a policy: opaque bytes. `Display` shows what is not UTF-8 as U+FFFD.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PolicyName(Vec<u8>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// Which of the policy's witnesses.
    Witness(usize),
    Group {
        /// 1 to the number of members.
        threshold: usize,
        /// Earlier nodes.
        members: Vec<usize>,
    },
}

/// Why bytes are not a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Longer than any policy we read.
    #[error("a policy has at most {MAX_POLICY_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// A control character other than tab and newline.
    #[error("control character 0x{found:02x} at byte {position} must not occur in a policy")]
    ControlCharacter {
        /// Its offset.
        position: usize,
        /// The byte.
        found: u8,
    },
    /// The last line does not end with a newline.
    #[error("the last line of a policy must end with a newline")]
    Unterminated,
    /// A line cannot be understood.
    #[error("line {number}: {cause}")]
    Line {
        /// Its number, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        cause: PolicyLineError,
    },
    /// Nothing says which cosignatures are needed.
    #[error("a policy has one quorum line, found none")]
    NoQuorum,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyLineError {
    /// Neither log, witness, group nor quorum.
    #[error("`log`, `witness`, `group` or `quorum` is expected, found `{found}`")]
    Keyword {
        /// The first word.
        found: PolicyName,
    },
    /// Words are missing or superfluous.
    #[error("`{expected}` is expected, found {found} word(s)")]
    Words {
        /// The form of such a line.
        expected: &'static str,
        /// Words found, the first included.
        found: usize,
    },
    /// A vkey is not UTF-8.
    #[error("a vkey is UTF-8")]
    VkeyNotUtf8,
    /// Not a vkey we can verify with.
    #[error("the vkey is invalid: {0}")]
    Vkey(#[from] VkeyError),
    /// A log's key is not that of a log.
    #[error("the key is not a log's: {0}")]
    LogKey(#[from] LogKeysError),
    /// A witness's key that does not make cosignatures.
    #[error("a witness's key is of type {expected}, found {found}")]
    WitnessKeyType {
        /// The type of a witness's key.
        expected: SignatureType,
        /// The type found.
        found: SignatureType,
    },
    /// The same public key in an earlier line of the same sort.
    #[error("the public key of `{name}` is already listed")]
    DuplicateKey {
        /// Name of the key that comes second.
        name: String,
    },
    /// A name that is taken, or the predefined one.
    #[error("the name `{name}` is already defined")]
    DuplicateName {
        /// The name.
        name: PolicyName,
    },
    /// A name nothing before this line defines (`none` cannot be a member).
    #[error("the name `{name}` is not defined before it is used")]
    Undefined {
        /// The name.
        name: PolicyName,
    },
    /// A witness or group would count twice.
    #[error("`{name}` is already a member of a group")]
    DuplicateMember {
        /// The member.
        name: PolicyName,
    },
    /// A threshold that is not a number from 1 to the number of members.
    #[error("`all`, `any` or a number from 1 to {members} is expected, found `{found}`")]
    Threshold {
        /// Members listed.
        members: usize,
        /// The word found.
        found: PolicyName,
    },
    /// A second quorum line.
    #[error("a policy has one quorum line, found a second one")]
    DuplicateQuorum,
}

/// Why a checkpoint does not satisfy the policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyFailure {
    /// The text is not that of a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A log the policy does not list.
    #[error("the policy does not list log `{found}`")]
    UnknownLog {
        /// The origin in the checkpoint.
        found: Origin,
    },
    /// The signatures are not to be believed.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// Not signed by a key the policy lists for the log.
    #[error("no key the policy lists for log `{origin}` has signed")]
    NoLogSignature {
        /// The log.
        origin: Origin,
    },
    /// Too few witnesses, or not the right ones.
    #[error("the quorum is not reached: {found} of {known} known witness(es) have cosigned")]
    Quorum {
        /// Witnesses in the policy.
        known: usize,
        /// Those that have cosigned.
        found: usize,
    },
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() > MAX_POLICY_LEN {
            return Err(PolicyError::Length { found: bytes.len() });
        }
        let is_forbidden = |byte: u8| matches!(byte, 0x00..=0x08 | 0x0b..=0x1f | 0x7f);
        if let Some((position, &found)) = bytes
            .iter()
            .enumerate()
            .find(|(_, byte)| is_forbidden(**byte))
        {
            return Err(PolicyError::ControlCharacter { position, found });
        }
        let mut parser = Parser::default();
        if !bytes.is_empty() {
            let lines = bytes.strip_suffix(b"\n").ok_or(PolicyError::Unterminated)?;
            for (number, line) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
                parser
                    .line(line)
                    .map_err(|cause| PolicyError::Line { number, cause })?;
            }
        }
        let quorum = parser.quorum.ok_or(PolicyError::NoQuorum)?;
        Ok(Self {
            logs: parser.logs,
            witnesses: parser.witnesses,
            nodes: parser.nodes,
            quorum,
        })
    }

    /// The logs, in the order of their lines.
    #[must_use]
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses, in the order of their lines.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Reads a signed checkpoint and checks that a log of the policy has signed it and the quorum
    /// has cosigned it.
    ///
    /// # Errors
    /// [`PolicyFailure`] with the first thing that is wrong.
    pub fn open(&self, bytes: &[u8]) -> Result<WitnessedCheckpoint, PolicyFailure> {
        self.open_note(Note::parse(bytes).map_err(VerifyError::Note)?)
    }

    /// As [`Policy::open`], for a note that has been read already.
    ///
    /// # Errors
    /// [`PolicyFailure`] with the first thing that is wrong.
    pub fn open_note(&self, note: Note) -> Result<WitnessedCheckpoint, PolicyFailure> {
        // The origin is believed only to choose the keys; from_note then checks it against their
        // name.
        let found = Checkpoint::parse(note.text())?.origin().clone();
        let keys = self
            .logs
            .iter()
            .filter(|log| log.origin == found)
            .map(|log| log.key.clone())
            .collect();
        let log = LogKeys::new(keys).map_err(|_| PolicyFailure::UnknownLog { found })?;
        let witnesses: Vec<_> = self
            .witnesses
            .iter()
            .map(|witness| witness.key.clone())
            .collect();
        self.accept(VerifiedCheckpoint::from_note(note, &log, &witnesses)?)
    }

    /// Checks a checkpoint that was verified with other keys: only signatures by keys of this
    /// policy count.
    ///
    /// # Errors
    /// [`PolicyFailure`] when no log of the policy has signed it or the quorum is not reached.
    pub fn accept(
        &self,
        verified: VerifiedCheckpoint,
    ) -> Result<WitnessedCheckpoint, PolicyFailure> {
        let origin = verified.checkpoint().origin();
        let has_signed = |key: &VerifyingKey| {
            verified
                .signatures()
                .iter()
                .any(|signature| signature.key() == key)
        };
        if !self
            .logs
            .iter()
            .any(|log| log.origin == *origin && has_signed(&log.key))
        {
            return Err(PolicyFailure::NoLogSignature {
                origin: origin.clone(),
            });
        }
        let cosigned: Vec<bool> = self
            .witnesses
            .iter()
            .map(|witness| has_signed(&witness.key))
            .collect();
        let mut witnessed: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let has_witnessed = match node {
                Node::Witness(witness) => cosigned.get(*witness) == Some(&true),
                Node::Group { threshold, members } => {
                    members
                        .iter()
                        .filter(|member| witnessed.get(**member) == Some(&true))
                        .count()
                        >= *threshold
                }
            };
            witnessed.push(has_witnessed);
        }
        if self
            .quorum
            .is_some_and(|quorum| witnessed.get(quorum) != Some(&true))
        {
            let found = cosigned.iter().filter(|cosigned| **cosigned).count();
            return Err(PolicyFailure::Quorum {
                known: cosigned.len(),
                found,
            });
        }
        Ok(WitnessedCheckpoint(verified))
    }
}

impl PolicyLog {
    /// The log's key.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The log's origin, which is its key's name.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where to reach it, as the policy's user understands it; opaque bytes.
    #[must_use]
    pub fn url(&self) -> Option<&[u8]> {
        self.url.as_deref()
    }
}

impl PolicyWitness {
    /// Its name inside the policy.
    #[must_use]
    pub const fn name(&self) -> &PolicyName {
        &self.name
    }

    /// The witness's key.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Where to reach it, usually the submission prefix of tlog-witness; opaque bytes.
    #[must_use]
    pub fn url(&self) -> Option<&[u8]> {
        self.url.as_deref()
    }
}

impl PolicyName {
    /// The name's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl WitnessedCheckpoint {
    /// What the log says.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.0.checkpoint()
    }

    /// The checkpoint with its verified signatures.
    #[must_use]
    pub const fn verified(&self) -> &VerifiedCheckpoint {
        &self.0
    }

    /// Gives up the evidence that the quorum was reached.
    #[must_use]
    pub fn into_verified(self) -> VerifiedCheckpoint {
        self.0
    }
}

#[derive(Default)]
struct Parser {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    nodes: Vec<Node>,
    names: HashMap<Vec<u8>, usize>,
    grouped: HashSet<usize>,
    log_keys: HashSet<PublicKey>,
    witness_keys: HashSet<PublicKey>,
    quorum: Option<Option<usize>>,
}

impl Parser {
    fn line(&mut self, line: &[u8]) -> Result<(), PolicyLineError> {
        let words: Vec<&[u8]> = line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", vkey, url @ ..] if url.len() <= 1 => self.log(vkey, url.first()),
            [b"witness", name, vkey, url @ ..] if url.len() <= 1 => {
                self.witness(name, vkey, url.first())
            }
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"quorum", name] => self.quorum(name),
            [keyword, ..] => {
                let expected = match *keyword {
                    b"log" => "log <vkey> [<url>]",
                    b"witness" => "witness <name> <vkey> [<url>]",
                    b"group" => "group <name> all|any|<k> <member>...",
                    b"quorum" => "quorum <name>|none",
                    _ => {
                        return Err(PolicyLineError::Keyword {
                            found: policy_name(keyword),
                        });
                    }
                };
                Err(PolicyLineError::Words {
                    expected,
                    found: words.len(),
                })
            }
        }
    }

    fn log(&mut self, vkey: &[u8], url: Option<&&[u8]>) -> Result<(), PolicyLineError> {
        let key = parse_vkey(vkey)?;
        let origin = LogKeys::new(vec![key.clone()])?.origin().clone();
        if !self.log_keys.insert(*key.public_key()) {
            return Err(PolicyLineError::DuplicateKey {
                name: key.name().to_string(),
            });
        }
        self.logs.push(PolicyLog {
            key,
            origin,
            url: url.map(|url| url.to_vec()),
        });
        Ok(())
    }

    fn witness(
        &mut self,
        name: &[u8],
        vkey: &[u8],
        url: Option<&&[u8]>,
    ) -> Result<(), PolicyLineError> {
        let key = parse_vkey(vkey)?;
        if key.signature_type() != SignatureType::CosignatureV1 {
            let expected = SignatureType::CosignatureV1;
            return Err(PolicyLineError::WitnessKeyType {
                expected,
                found: key.signature_type(),
            });
        }
        if !self.witness_keys.insert(*key.public_key()) {
            return Err(PolicyLineError::DuplicateKey {
                name: key.name().to_string(),
            });
        }
        self.define(name, Node::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness {
            name: policy_name(name),
            key,
            url: url.map(|url| url.to_vec()),
        });
        Ok(())
    }

    fn group(
        &mut self,
        name: &[u8],
        threshold: &[u8],
        members: &[&[u8]],
    ) -> Result<(), PolicyLineError> {
        let mut nodes = Vec::with_capacity(members.len());
        for member in members {
            let node = self.defined(member)?;
            if !self.grouped.insert(node) {
                return Err(PolicyLineError::DuplicateMember {
                    name: policy_name(member),
                });
            }
            nodes.push(node);
        }
        let threshold = match threshold {
            b"all" => nodes.len(),
            b"any" => 1,
            number => str::from_utf8(number)
                .ok()
                .and_then(|number| decimal::parse(number, nodes.len() as u64).ok())
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| *number >= 1)
                .ok_or_else(|| PolicyLineError::Threshold {
                    members: nodes.len(),
                    found: policy_name(number),
                })?,
        };
        self.define(
            name,
            Node::Group {
                threshold,
                members: nodes,
            },
        )
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyLineError> {
        if self.quorum.is_some() {
            return Err(PolicyLineError::DuplicateQuorum);
        }
        self.quorum = Some(if name == b"none" {
            None
        } else {
            Some(self.defined(name)?)
        });
        Ok(())
    }

    fn define(&mut self, name: &[u8], node: Node) -> Result<(), PolicyLineError> {
        if name == b"none" || self.names.contains_key(name) {
            return Err(PolicyLineError::DuplicateName {
                name: policy_name(name),
            });
        }
        self.names.insert(name.to_vec(), self.nodes.len());
        self.nodes.push(node);
        Ok(())
    }

    fn defined(&self, name: &[u8]) -> Result<usize, PolicyLineError> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| PolicyLineError::Undefined {
                name: policy_name(name),
            })
    }
}

fn parse_vkey(vkey: &[u8]) -> Result<VerifyingKey, PolicyLineError> {
    let vkey = str::from_utf8(vkey).map_err(|_| PolicyLineError::VkeyNotUtf8)?;
    Ok(VerifyingKey::parse(vkey)?)
}

fn policy_name(name: &[u8]) -> PolicyName {
    PolicyName(name.to_vec())
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(&self.0).fmt(f)
    }
}

impl fmt::Debug for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Policy, PolicyError, PolicyFailure, PolicyLineError};
    use crate::checkpoint::{
        Checkpoint, LogKeys, Origin, VerifiedCheckpoint, VerifyError, sign_checkpoint,
    };
    use crate::cosignature::{PosixSeconds, cosign};
    use crate::merkle::{Hash, TreeSize};
    use crate::signed_note::{Note, OpenError};
    use crate::signer::Signer;
    use crate::signer::test_signer::TestSigner;

    const ORIGIN: &str = "example.com/log";

    fn log() -> TestSigner {
        TestSigner::log(ORIGIN, 1)
    }

    fn witness(number: u8) -> TestSigner {
        TestSigner::witness(&format!("witness.example/w{number}"), 10 + number)
    }

    /// A log, witnesses w1 to w6, and what follows.
    fn policy(rest: &str) -> Result<Policy, PolicyError> {
        let mut text = format!(
            "# ours\n\tlog  {} https://example.com/ \n\n",
            log().verifying_key()
        );
        for number in 1..=6 {
            text += &format!("witness w{number} {}\n", witness(number).verifying_key());
        }
        Policy::parse((text + rest).as_bytes())
    }

    fn refused(rest: &str) -> PolicyLineError {
        match policy(rest).unwrap_err() {
            PolicyError::Line { cause, .. } => cause,
            other => panic!("{other}"),
        }
    }

    fn checkpoint(cosigned_by: &[u8]) -> Note {
        let origin = Origin::new(ORIGIN).unwrap();
        let checkpoint = Checkpoint::new(origin, TreeSize::new(7), Hash::leaf(b"any")).unwrap();
        let note = sign_checkpoint(&checkpoint, &[&log()]).unwrap();
        let time = PosixSeconds::new(1_700_000_000).unwrap();
        cosigned_by.iter().fold(note, |note, number| {
            note.with_signature(cosign(&checkpoint, time, &witness(*number)).unwrap())
                .unwrap()
        })
    }

    #[test]
    fn two_levels_of_groups() {
        let policy =
            policy("group X 2 w1 w2 w3\ngroup Y any w4 w5 w6\ngroup both all X Y\nquorum both\n")
                .unwrap();
        let accepts = |cosigned_by: &[u8]| {
            policy
                .open(checkpoint(cosigned_by).to_string().as_bytes())
                .is_ok()
        };
        assert!(accepts(&[1, 3, 5]));
        assert!(accepts(&[1, 2, 3, 4, 5, 6]));
        assert!(!accepts(&[]));
        assert!(!accepts(&[1, 2]));
        assert!(!accepts(&[1, 4, 5, 6]));
        assert!(!accepts(&[1, 1, 4]), "one witness counts once");
        let few = policy.open_note(checkpoint(&[1, 4])).unwrap_err();
        assert_eq!(few, PolicyFailure::Quorum { known: 6, found: 2 });
        assert_eq!(policy.witnesses().len(), 6);
        assert_eq!(
            policy.logs()[0].url(),
            Some(b"https://example.com/".as_slice())
        );
    }

    #[test]
    fn a_single_witness_or_none() {
        let single = policy("quorum w2\n").unwrap();
        assert!(single.open_note(checkpoint(&[2])).is_ok());
        assert!(single.open_note(checkpoint(&[1, 3, 4, 5, 6])).is_err());
        let none = policy("quorum none\n").unwrap();
        assert_eq!(
            none.open_note(checkpoint(&[])).unwrap().checkpoint().size(),
            TreeSize::new(7)
        );
    }

    #[test]
    fn a_wrong_cosignature_by_a_known_witness_rejects() {
        let other = Checkpoint::new(
            Origin::new(ORIGIN).unwrap(),
            TreeSize::new(8),
            Hash::EMPTY_ROOT,
        )
        .unwrap();
        let line = cosign(&other, PosixSeconds::new(1).unwrap(), &witness(1)).unwrap();
        let note = checkpoint(&[2]).with_signature(line).unwrap();
        let refused = policy("quorum w2\n").unwrap().open_note(note);
        let wrong = |failure| {
            matches!(
                failure,
                PolicyFailure::Verify(VerifyError::Signature(OpenError::WrongSignature { .. }))
            )
        };
        assert!(refused.is_err_and(wrong));
    }

    #[test]
    fn logs_the_policy_does_not_list() {
        let policy = policy("quorum none\n").unwrap();
        let stranger = TestSigner::log("example.com/other", 2);
        let origin = Origin::new("example.com/other").unwrap();
        let other = Checkpoint::new(origin.clone(), TreeSize::new(7), Hash::leaf(b"any")).unwrap();
        let note = sign_checkpoint(&other, &[&stranger]).unwrap();
        assert_eq!(
            policy.open_note(note.clone()),
            Err(PolicyFailure::UnknownLog {
                found: origin.clone()
            })
        );
        let keys = LogKeys::new(vec![stranger.verifying_key().clone()]).unwrap();
        let verified = VerifiedCheckpoint::from_note(note, &keys, &[]).unwrap();
        assert_eq!(
            policy.accept(verified),
            Err(PolicyFailure::NoLogSignature { origin })
        );
    }

    #[test]
    fn malformed_policies() {
        assert_eq!(Policy::parse(b""), Err(PolicyError::NoQuorum));
        assert_eq!(policy(""), Err(PolicyError::NoQuorum));
        assert_eq!(policy("quorum none"), Err(PolicyError::Unterminated));
        assert!(matches!(
            policy("quorum none\r\n"),
            Err(PolicyError::ControlCharacter { found: b'\r', .. })
        ));
        assert!(matches!(
            Policy::parse(&[b' '; 70_000]),
            Err(PolicyError::Length { found: 70_000 })
        ));
        assert!(matches!(
            refused("quora none\n"),
            PolicyLineError::Keyword { .. }
        ));
        assert!(matches!(
            refused("quorum\n"),
            PolicyLineError::Words { found: 1, .. }
        ));
        assert!(matches!(
            refused("quorum w1 w2\n"),
            PolicyLineError::Words { found: 3, .. }
        ));
        assert!(matches!(
            refused("group g all\n"),
            PolicyLineError::Words { found: 3, .. }
        ));
        assert!(matches!(
            refused("log\n"),
            PolicyLineError::Words { found: 1, .. }
        ));
        assert!(matches!(
            refused("log a b c\n"),
            PolicyLineError::Words { found: 4, .. }
        ));
        assert!(matches!(
            refused("witness w\n"),
            PolicyLineError::Words { found: 2, .. }
        ));
        assert!(matches!(refused("log x\n"), PolicyLineError::Vkey(_)));
        assert!(matches!(
            refused("quorum none\nquorum none\n"),
            PolicyLineError::DuplicateQuorum
        ));
    }

    #[test]
    fn defined_before_used_and_once() {
        assert!(matches!(
            refused("quorum g\ngroup g all w1\n"),
            PolicyLineError::Undefined { .. }
        ));
        assert!(matches!(
            refused("group g all w1 g\n"),
            PolicyLineError::Undefined { .. }
        ));
        assert!(matches!(
            refused("group g all none\n"),
            PolicyLineError::Undefined { .. }
        ));
        assert!(matches!(
            refused("group none all w1\n"),
            PolicyLineError::DuplicateName { .. }
        ));
        assert!(matches!(
            refused("group w1 all w2\n"),
            PolicyLineError::DuplicateName { .. }
        ));
        assert!(matches!(
            refused("group g all w1 w1\n"),
            PolicyLineError::DuplicateMember { .. }
        ));
        assert!(matches!(
            refused("group g all w1\ngroup h all w1\n"),
            PolicyLineError::DuplicateMember { .. }
        ));
        for threshold in ["0", "3", "02", "+1", "ALL"] {
            let refused = refused(&format!("group g {threshold} w1 w2\n"));
            assert!(
                matches!(refused, PolicyLineError::Threshold { members: 2, .. }),
                "{threshold}"
            );
        }
    }

    #[test]
    fn keys_must_fit_their_use_and_be_listed_once() {
        let (log, one) = (
            log().verifying_key().clone(),
            witness(1).verifying_key().clone(),
        );
        assert!(matches!(
            refused(&format!("log {one}\n")),
            PolicyLineError::LogKey(_)
        ));
        assert!(matches!(
            refused(&format!("witness x {log}\n")),
            PolicyLineError::WitnessKeyType { .. }
        ));
        assert!(matches!(
            refused(&format!("log {log}\n")),
            PolicyLineError::DuplicateKey { .. }
        ));
        assert!(matches!(
            refused(&format!("witness x {one}\n")),
            PolicyLineError::DuplicateKey { .. }
        ));
        // Another name and so another ID, but the same public key: still one witness.
        let renamed = TestSigner::witness("witness.example/alias", 11);
        let refused = refused(&format!("witness x {}\n", renamed.verifying_key()));
        assert!(matches!(refused, PolicyLineError::DuplicateKey { .. }));
    }

    #[test]
    fn names_are_bytes() {
        let key = witness(1).verifying_key().to_string();
        let text = [
            b"witness \xff ".as_slice(),
            key.as_bytes(),
            b"\nquorum \xff\n",
        ];
        let policy = Policy::parse(&text.concat()).unwrap();
        assert_eq!(policy.witnesses()[0].name().as_bytes(), b"\xff");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Policy::parse(&bytes);
        }

        #[test]
        fn arbitrary_lines_never_panic(
            rest in "((group|quorum|witness|log|#)?([ \t](w[1-6]|g|all|any|[0-3]|none)){0,5}\n){0,6}",
        ) {
            if let Ok(policy) = policy(&rest) {
                let _ = policy.open_note(checkpoint(&[1, 2, 3]));
            }
        }
    }
}
