//! Evidence that one access is permitted: stands offline, opens a holder's data, tells nobody else who the person is
//! (formats.md "Evidence"). File ending `.akashi-evidence`.
//!
//! ```text
//! akashi-evidence/v1
//! open <position> <name> <base64 value> <base64 salt>      the fields a holder must see
//! hash <position> <base64>                                 all others, as bare hashes
//! sealed <evidence key> <base64>                           for the holder alone: link code, gate number, nonce
//!
//! c2sp.org/tlog-proof@v1                                   the entry in `extra`, its path, the signed checkpoint
//! ...
//!
//! the consent                                              where the permit rests on one: `consent.rs`
//! ...
//! ```
//! Positions ascend. The sealed part is AES-256-GCM-SIV under the holder's evidence key; its nonce comes from origin
//! and index, so that a retry has the same bytes:
//! ```text
//! (u16 position | u32 length | value | salt (32))*         holder_link, gate_number, request_nonce
//! ```

mod consent;

use std::fmt;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};

use crate::base64;
use crate::checkpoint::{LogKeys, Origin};
use crate::digest::{Digest, Secret};
use crate::entry::{Entry, EntryError};
use crate::gate::{GATE_WINDOW, gate};
use crate::ids::{CategoryCode, InstitutionId, Kid, LinkCode, ProcessId, PurposeCode, RoleCode, Timestamp};
use crate::key::evidence_kid;
use crate::record::commitment::{Disclosure, DisclosureError, Salts, field_hash};
use crate::record::disclosure_text::DisclosureLines;
use crate::record::event::{BasisKind, Outcome};
use crate::record::hashed::Hashed;
use crate::record::value::{Bytes, Set, Value};
use crate::record::{Kind, Record, field_names};
use crate::signed_note::VerifyingKey;
use crate::statement::{RequestNonce, request_digest};
use crate::tlog_proof::{ProofRejected, TlogProof, TlogProofError};
pub use consent::{ConsentProof, VerifiedConsent, consent_head};

/// The fields opened besides kind, schema and origin.
pub const OPENED: [&str; 13] = [
    "time",
    "requester",
    "role",
    "process",
    "purpose",
    "holder",
    "categories",
    "basis_kind",
    "request_digest",
    "outcome",
    "duties",
    "expires",
    "policy_digest",
];

/// Opened as well where the permit rests on a consent, which then stands beside it.
const CONSENT: &str = "consent";

/// The fields sealed to the holder.
const SEALED: [&str; 3] = ["holder_link", "gate_number", "request_nonce"];

const HEADER: &str = "akashi-evidence/v1";
/// Longest file: a proof of 64 hashes, 100 signatures and 64 categories stay far below.
pub const EVIDENCE_LEN_MAX: usize = 256 * 1024;
/// How far a holder's clock may be from the ledger's.
pub const CLOCK_TOLERANCE_MILLIS: u64 = 60_000;

/// Why evidence was not made or cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Not the format.
    #[error("line {line}: expected {expected}")]
    Format {
        /// Number of the line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Larger than any honest file.
    #[error("expected at most {EVIDENCE_LEN_MAX} bytes, found {0}")]
    TooLong(usize),
    /// The proof is not one.
    #[error("proof: {0}")]
    Proof(#[from] TlogProofError),
    /// The proof does not hold.
    #[error("proof: {0}")]
    Rejected(#[from] ProofRejected),
    /// The entry is not one of ours.
    #[error("entry: {0}")]
    Entry(#[from] EntryError),
    /// The fields do not lead to a commitment, or cannot be read.
    #[error("fields: {0}")]
    Fields(#[from] DisclosureError),
    /// The fields lead to another commitment than the entry's.
    #[error("the fields are not those the log holds at this index")]
    Commitment,
    /// It proves something, but no permit.
    #[error("`{0}` is not a permit")]
    NotAPermit(String),
    /// The record is of another log than the checkpoint.
    #[error("the record is of another log than the checkpoint")]
    OtherLog,
    /// The evidence key is not the one it was sealed under, or the sealed part was changed.
    #[error("the sealed part does not open under this evidence key")]
    Sealed,
    /// The sealed part says something else than the record.
    #[error("the sealed `{0}` is not the record's")]
    SealedField(&'static str),
    /// Too early or too late by the holder's clock.
    #[error("valid from {from} to {until} ms, now {now}")]
    Time {
        /// First millisecond it holds, tolerance included.
        from: u64,
        /// First millisecond it no longer holds, tolerance included.
        until: u64,
        /// The holder's clock.
        now: u64,
    },
    /// The gate in the entry is not the one of this link and number.
    #[error("the gate in the log is not number {0} of this link")]
    Gate(u64),
    /// The number was used before, or is too far ahead.
    #[error("gate number {found} is not above {highest} and at most {GATE_WINDOW} ahead")]
    GateNumber {
        /// The number in the evidence.
        found: u64,
        /// The highest the holder has seen.
        highest: u64,
    },
    /// The permit names a consent that is not there, or one is there that it does not name.
    #[error("the permit and the consent beside it do not belong together: one of them is missing")]
    ConsentMissing,
    /// The consent beside it cannot be believed, or does not cover it.
    #[error("the consent beside it: {0}")]
    Consent(Box<Self>),
    /// It does not cover the permit.
    #[error("{0}")]
    NotCovered(&'static str),
    /// The query is not the one that was permitted.
    #[error("the request is not the one the digest was made for")]
    Request,
}

/// Evidence as it came: nothing in it is believed before [`Evidence::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    disclosure: Disclosure,
    sealed_for: Kid,
    sealed: Vec<u8>,
    proof: TlogProof,
    consent: Option<ConsentProof>,
}

impl Evidence {
    /// Writes the evidence of a permit from its record, worked out, and the proof of its entry, sealed under the holder's
    /// key. `consent` is the one the record names, if it names one, as a [`ConsentProof`] is written.
    ///
    /// # Errors
    /// [`EvidenceError::NotAPermit`] if the record is anything else.
    pub fn make(
        record: &Record,
        hashed: &Hashed,
        record_key: &Secret,
        proof: TlogProof,
        evidence_key: &Secret,
        consent: Option<&str>,
    ) -> Result<String, EvidenceError> {
        if record.kind() != Kind::AccessPermitted {
            return Err(EvidenceError::NotAPermit(record.kind().name().to_owned()));
        }
        let with_consent = consent.iter().map(|_| CONSENT);
        let open: Vec<&str> = OPENED.into_iter().chain(with_consent).collect();
        let disclosure = hashed.disclose(record_key, &open);
        let salts = Salts::of(record_key);
        let mut plain = Vec::new();
        for (position, value) in hashed.values_of(&SEALED) {
            plain.extend_from_slice(&position.to_be_bytes());
            plain.extend_from_slice(&(value.len() as u32).to_be_bytes());
            plain.extend_from_slice(value);
            plain.extend_from_slice(salts.at(position).expose());
        }
        let index = proof.inclusion().index().value();
        let (cipher, nonce, aad) = sealing(evidence_key, &record.origin, index);
        let sealed = cipher.encrypt(&nonce, Payload { msg: &plain, aad: &aad }).map_err(|_| EvidenceError::Sealed)?;
        let permit = Self { disclosure, sealed_for: evidence_kid(evidence_key), sealed, proof, consent: None };
        Ok(match consent {
            Some(consent) => format!("{permit}\n{}\n{consent}", consent::SEPARATOR),
            None => permit.to_string(),
        })
    }

    /// Reads evidence; one spelling only.
    ///
    /// # Errors
    /// [`EvidenceError`] with the first line that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > EVIDENCE_LEN_MAX {
            return Err(EvidenceError::TooLong(bytes.len()));
        }
        let format = |line, expected| EvidenceError::Format { line, expected };
        let text = std::str::from_utf8(bytes).map_err(|_| format(1, "UTF-8 text"))?;
        let (permit, consent) = split_consent(text)?;
        let (head, proof) = permit.split_once("\n\n").ok_or(format(1, "an empty line before the proof"))?;
        let mut lines = head.split('\n').enumerate();
        if lines.next() != Some((0, HEADER)) {
            return Err(format(1, "`akashi-evidence/v1`"));
        }
        let last = head.split('\n').count();
        let mut disclosure = DisclosureLines::new();
        for (at, line) in lines {
            let line_number = at + 1;
            if line_number < last {
                disclosure.line(line).map_err(|expected| format(line_number, expected))?;
                continue;
            }
            let expected = "`sealed <evidence key> <base64>` as the last line";
            let ["sealed", kid, sealed] = line.split(' ').collect::<Vec<_>>()[..] else {
                return Err(format(line_number, expected));
            };
            let sealed_for = Kid::parse(kid).map_err(|_| format(line_number, expected))?;
            let sealed = base64::standard::decode(sealed).map_err(|_| format(line_number, expected))?;
            let proof = TlogProof::parse(proof.as_bytes())?;
            return Ok(Self { disclosure: disclosure.finish(), sealed_for, sealed, proof, consent });
        }
        Err(format(last, "`sealed` as the last line"))
    }

    /// The proof inside.
    pub const fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// The fields, opened and closed, not verified.
    pub const fn disclosure(&self) -> &Disclosure {
        &self.disclosure
    }

    /// The name of the evidence key it is sealed under.
    pub const fn sealed_for(&self) -> &Kid {
        &self.sealed_for
    }

    /// Checks everything that can be checked without the holder's keys and clock: the log signed a tree that holds this
    /// entry, the fields are the record's, the record is a permit of this log. Reads only.
    ///
    /// # Errors
    /// [`EvidenceError`] with the first thing that is wrong.
    pub fn verify(&self, log: &LogKeys, witnesses: &[VerifyingKey]) -> Result<VerifiedEvidence<'_>, EvidenceError> {
        let (bytes, inclusion) = self.proof.verify_extra(log, witnesses)?;
        let entry = Entry::parse(bytes)?;
        let (kind, commitment) = self.disclosure.verify()?;
        if commitment != entry.commitment {
            return Err(EvidenceError::Commitment);
        }
        let fields = &self.disclosure;
        if kind != Kind::AccessPermitted || fields.field::<Outcome>("outcome")? != Outcome::Permit {
            return Err(EvidenceError::NotAPermit(kind.name().to_owned()));
        }
        let origin: String = fields.field("origin")?;
        if origin != log.origin().as_str() {
            return Err(EvidenceError::OtherLog);
        }
        let mut verified = VerifiedEvidence {
            evidence: self,
            origin: log.origin().clone(),
            index: inclusion.index().value(),
            entry,
            consent: None,
            time: fields.field("time")?,
            expires: fields.field("expires")?,
            requester: fields.field("requester")?,
            role: fields.field("role")?,
            process: fields.field("process")?,
            purpose: fields.field("purpose")?,
            holder: fields.field("holder")?,
            categories: fields.field("categories")?,
            basis_kind: fields.field("basis_kind")?,
            request_digest: fields.field("request_digest")?,
            duties: fields.field("duties")?,
            policy_digest: fields.field("policy_digest")?,
        };
        verified.consent = self.verify_consent(&verified, log, witnesses)?;
        Ok(verified)
    }

    /// The consent is there exactly if the permit opens which one it rests on, and covers the permit.
    fn verify_consent(
        &self,
        permit: &VerifiedEvidence<'_>,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<Option<VerifiedConsent>, EvidenceError> {
        let named = self.disclosure.opened.values().any(|field| field.name == CONSENT);
        let consent = match (&self.consent, named) {
            (Some(consent), true) => consent,
            (None, false) => return Ok(None),
            _ => return Err(EvidenceError::ConsentMissing),
        };
        let claim = consent::Claim {
            consent: self.disclosure.field::<Option<u64>>(CONSENT)?.ok_or(EvidenceError::ConsentMissing)?,
            permit: permit.index,
            time: permit.time,
            requester: &permit.requester,
            holder: &permit.holder,
            process: &permit.process,
            purpose: &permit.purpose,
            categories: &permit.categories,
        };
        let verified = consent.verify(&claim, log, witnesses);
        verified.map(Some).map_err(|error| EvidenceError::Consent(Box::new(error)))
    }
}

/// The permit's part and, where there is one, the consent's.
fn split_consent(text: &str) -> Result<(&str, Option<ConsentProof>), EvidenceError> {
    let separator = format!("\n\n{}\n", consent::SEPARATOR);
    let Some(at) = text.find(&separator) else { return Ok((text, None)) };
    // The newline that ends the permit's proof stays with it.
    let (permit, consent) = (&text[..=at], &text[at + separator.len()..]);
    let before = text[..at + separator.len()].matches('\n').count();
    let consent = ConsentProof::parse(consent).map_err(|(line, error)| match error {
        EvidenceError::Format { expected, .. } => EvidenceError::Format { line: before + line, expected },
        other => EvidenceError::Consent(Box::new(other)),
    })?;
    Ok((permit, Some(consent)))
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        write!(f, "{}", self.disclosure)?;
        writeln!(f, "sealed {} {}\n", self.sealed_for, base64::standard::encode(&self.sealed))?;
        write!(f, "{}", self.proof)?;
        match &self.consent {
            Some(consent) => write!(f, "\n{}\n{consent}", consent::SEPARATOR),
            None => Ok(()),
        }
    }
}

/// What evidence says, once it was checked.
#[derive(Debug, Clone)]
pub struct VerifiedEvidence<'a> {
    evidence: &'a Evidence,
    origin: Origin,
    /// Log index of the permit.
    pub index: u64,
    /// The entry the log holds there.
    pub entry: Entry,
    /// The consent it rests on; none where it rests on a statute, an emergency, or an answer to this one question.
    pub consent: Option<VerifiedConsent>,
    /// When it was decided.
    pub time: Timestamp,
    /// First instant at which it no longer holds.
    pub expires: Timestamp,
    /// Who may ask.
    pub requester: InstitutionId,
    /// In which role.
    pub role: RoleCode,
    /// In which business process.
    pub process: ProcessId,
    /// What for.
    pub purpose: PurposeCode,
    /// Whose data: the institution that may release.
    pub holder: InstitutionId,
    /// What data.
    pub categories: Set<CategoryCode>,
    /// On which ground.
    pub basis_kind: BasisKind,
    /// Binds the exact query.
    pub request_digest: Digest,
    /// What the requester must do.
    pub duties: Vec<String>,
    /// The policy pack that decided.
    pub policy_digest: Digest,
}

/// What only the holder learns: its own code for the person, and what it needs to check gate and query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderPart {
    /// The holder's own code for the person.
    pub link_code: LinkCode,
    /// The number of the permit on this link.
    pub gate_number: u64,
    /// The nonce inside the request digest.
    pub request_nonce: RequestNonce,
}

impl VerifiedEvidence<'_> {
    /// Whether it holds by the holder's clock, give or take a minute.
    ///
    /// # Errors
    /// [`EvidenceError::Time`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), EvidenceError> {
        let from = self.time.minus_millis(CLOCK_TOLERANCE_MILLIS);
        let until = self.expires.plus_millis(CLOCK_TOLERANCE_MILLIS);
        if from <= now && now < until {
            Ok(())
        } else {
            Err(EvidenceError::Time { from: from.as_millis(), until: until.as_millis(), now: now.as_millis() })
        }
    }

    /// Opens the sealed part with the holder's evidence key and checks that it is the record's.
    ///
    /// # Errors
    /// [`EvidenceError::Sealed`] or [`EvidenceError::SealedField`].
    pub fn unseal(&self, evidence_key: &Secret) -> Result<HolderPart, EvidenceError> {
        let (cipher, nonce, aad) = sealing(evidence_key, &self.origin, self.index);
        let plain = cipher
            .decrypt(&nonce, Payload { msg: &self.evidence.sealed, aad: &aad })
            .map_err(|_| EvidenceError::Sealed)?;
        let names = field_names(Kind::AccessPermitted);
        let mut rest = plain.as_slice();
        let mut values = Vec::with_capacity(SEALED.len());
        for name in SEALED {
            let wrong = || EvidenceError::SealedField(name);
            let (position, value, salt) = sealed_field(&mut rest).ok_or_else(wrong)?;
            let known = self.evidence.disclosure.closed.get(&position).ok_or_else(wrong)?;
            let at = usize::from(position);
            if names.get(at) != Some(&name) || field_hash(&salt, name, value) != *known {
                return Err(wrong());
            }
            values.push(value);
        }
        let [link_code, gate_number, request_nonce] = values.as_slice() else { return Err(EvidenceError::Sealed) };
        let nonce = Bytes::decode(request_nonce).ok().and_then(|bytes| bytes.0.try_into().ok());
        Ok(HolderPart {
            link_code: LinkCode::decode(link_code).map_err(|_| EvidenceError::SealedField("holder_link"))?,
            gate_number: u64::decode(gate_number).map_err(|_| EvidenceError::SealedField("gate_number"))?,
            request_nonce: RequestNonce::from_bytes(nonce.ok_or(EvidenceError::SealedField("request_nonce"))?),
        })
    }

    /// Recomputes the gate with the holder's own link key: the permit stands in the stream of the person this link is
    /// of. `highest` is the highest number the holder has released on, 0 before the first.
    ///
    /// # Errors
    /// [`EvidenceError::GateNumber`] or [`EvidenceError::Gate`].
    pub fn check_gate(&self, part: &HolderPart, link_key: &Secret, highest: u64) -> Result<(), EvidenceError> {
        let m = part.gate_number;
        if m <= highest || m - highest > GATE_WINDOW {
            return Err(EvidenceError::GateNumber { found: m, highest });
        }
        self.check_gate_bytes(m, link_key)
    }

    /// The gate alone, whatever numbers the holder has seen.
    ///
    /// # Errors
    /// [`EvidenceError::Gate`].
    pub fn check_gate_bytes(&self, m: u64, link_key: &Secret) -> Result<(), EvidenceError> {
        if gate(link_key, m) == self.entry.gate { Ok(()) } else { Err(EvidenceError::Gate(m)) }
    }

    /// Checks that a query is the one that was permitted.
    ///
    /// # Errors
    /// [`EvidenceError::Request`].
    pub fn check_request(
        &self,
        part: &HolderPart,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> Result<(), EvidenceError> {
        if request_digest(&part.request_nonce, method, path_and_query, body) == self.request_digest {
            Ok(())
        } else {
            Err(EvidenceError::Request)
        }
    }
}

fn sealing(key: &Secret, origin: &Origin, index: u64) -> (Aes256GcmSiv, Nonce, Vec<u8>) {
    let aad = [b"akashi/evidence/v1".as_slice(), origin.as_str().as_bytes(), &index.to_be_bytes()].concat();
    let digest = Digest::of(&[b"akashi/evidence-nonce/v1", &aad]);
    let nonce: [u8; 12] = std::array::from_fn(|at| digest.as_bytes()[at]);
    (Aes256GcmSiv::new(key.expose().into()), nonce.into(), aad)
}

fn sealed_field<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8], Secret)> {
    let (position, after) = rest.split_first_chunk::<2>()?;
    let (len, after) = after.split_first_chunk::<4>()?;
    let (value, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    let (salt, after) = after.split_first_chunk::<32>()?;
    *rest = after;
    Some((u16::from_be_bytes(*position), value, Secret::from_bytes(*salt)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::{Checkpoint, sign_checkpoint};
    use crate::gate::link_check;
    use crate::ids::{ConsentId, Jti, RoleHolderId, SubjectHandle};
    use crate::merkle::{Hash, LeafIndex, TreeSize, inclusion};
    use crate::record::commitment::commit;
    use crate::record::event::{AccessDecided, Assurance, ConsentNarrowed, Event, Language};
    use crate::record::{PersonPosition, Position};
    use crate::signed_note::Note;
    use crate::signer::Signer;
    use crate::signer::test_signer::TestSigner;

    const RECORD_KEY: Secret = Secret::from_bytes([1; 32]);
    const EVIDENCE_KEY: Secret = Secret::from_bytes([2; 32]);
    const LINK_KEY: Secret = Secret::from_bytes([3; 32]);
    const NONCE: RequestNonce = RequestNonce::from_bytes([4; 16]);

    fn record() -> Record {
        Record {
            origin: Origin::new("demo.akashi.example/log").unwrap(),
            time: Timestamp::from_millis(1_000_000),
            position: Position::Person(PersonPosition {
                subject: SubjectHandle::from_bytes([5; 16]),
                epoch: 0,
                seq: 9,
                prev: Some(3),
            }),
            engine: "test".into(),
            retain_until: Timestamp::from_millis(9_000_000),
            event: Event::AccessPermitted(AccessDecided {
                requester: InstitutionId::parse("hospital.chuo").unwrap(),
                role_holder: RoleHolderId::parse("dr-sato").unwrap(),
                role: RoleCode::parse("physician").unwrap(),
                process: ProcessId::parse("care.consult").unwrap(),
                purpose: PurposeCode::parse("treatment").unwrap(),
                holder: InstitutionId::parse("pharmacy.midori").unwrap(),
                categories: Set::new([CategoryCode::parse("medication").unwrap()]),
                basis_kind: BasisKind::Consent,
                reason_code: None,
                reason_text: None,
                on_behalf_of: None,
                case: Some("case 7".into()),
                request_digest: request_digest(&NONCE, "GET", "/medication", b""),
                request_nonce: Bytes(NONCE.as_bytes().to_vec()),
                outcome: Outcome::Permit,
                told: Outcome::Permit,
                step: None,
                reasons: vec![],
                duties: vec!["notify".into()],
                expires: Some(Timestamp::from_millis(1_600_000)),
                policy_digest: Digest::from_bytes([6; 32]),
                consent: Some(0),
                approval: None,
                holder_link: Some(LinkCode::from_sealed(&[7; 35])),
                gate_number: Some(4),
                kid: evidence_kid(&EVIDENCE_KEY),
                jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
                statement: Bytes(b"h.c.s".to_vec()),
            }),
        }
    }

    fn person(seq: u64) -> Position {
        let subject = SubjectHandle::from_bytes([5; 16]);
        Position::Person(PersonPosition { subject, epoch: 0, seq, prev: Some(0) })
    }

    /// The consent the permit rests on, as it stands after it was narrowed.
    fn consent() -> Record {
        let event = Event::ConsentNarrowed(ConsentNarrowed {
            consent: ConsentId::from_bytes([0x7E; 16]),
            recipient: InstitutionId::parse("hospital.chuo").unwrap(),
            holder: InstitutionId::parse("pharmacy.midori").unwrap(),
            categories: Set::new(["allergy", "medication"].map(|code| CategoryCode::parse(code).unwrap())),
            purposes: Set::new([PurposeCode::parse("treatment").unwrap()]),
            processes: None,
            valid_from: Timestamp::from_millis(1_000),
            valid_until: Timestamp::from_millis(2_000_000),
            wording_digest: Digest::from_bytes([8; 32]),
            language: Language::Ja,
            assurance: Assurance::SmsAndRecovery,
        });
        Record { time: Timestamp::from_millis(900_000), position: person(8), event, ..record() }
    }

    fn narrowed(change: impl FnOnce(&mut ConsentNarrowed)) -> Record {
        let mut record = consent();
        let Event::ConsentNarrowed(fields) = &mut record.event else { unreachable!() };
        change(fields);
        record
    }

    fn signed(size: u64, root: Hash) -> Note {
        let signer = TestSigner::log("demo.akashi.example/log", 8);
        let checkpoint = Checkpoint::new(record().origin, TreeSize::new(size), root).unwrap();
        sign_checkpoint(&checkpoint, &[&signer]).unwrap()
    }

    /// A log of two: a record at 0 that the permit says is its consent, and the permit at 1.
    fn evidence_on(permit: &Record, consent: &Record) -> (Evidence, LogKeys) {
        let log = LogKeys::new(vec![TestSigner::log("demo.akashi.example/log", 8).verifying_key().clone()]).unwrap();
        let entry_of = |record: &Record, gate| {
            Entry { commitment: commit(record, &RECORD_KEY), tag: [1; 32], gate }.to_bytes().to_vec()
        };
        let (first, second) = (entry_of(consent, [9; 32]), entry_of(permit, gate(&LINK_KEY, 4)));
        let (left, leaf) = (Hash::leaf(&first), Hash::leaf(&second));
        let path = |index, hashes| inclusion::Proof::new(LeafIndex::new(index), hashes);
        let of_consent = TlogProof::new(Some(first), path(0, vec![]), signed(1, left)).unwrap();
        let of_permit = TlogProof::new(Some(second), path(1, vec![left]), signed(2, Hash::node(&left, &leaf))).unwrap();
        let consent = ConsentProof::make(consent, &RECORD_KEY, of_consent).map(|consent| consent.to_string());
        let hashed = Hashed::new(permit, &RECORD_KEY);
        let made = Evidence::make(permit, &hashed, &RECORD_KEY, of_permit, &EVIDENCE_KEY, consent.as_deref());
        (Evidence::parse(made.unwrap().as_bytes()).unwrap(), log)
    }

    fn evidence() -> (Evidence, LogKeys) {
        evidence_on(&record(), &consent())
    }

    #[test]
    fn a_holder_checks_it_offline() {
        let (evidence, log) = evidence();
        let again = Evidence::parse(evidence.to_string().as_bytes()).unwrap();
        assert_eq!(again, evidence);
        let verified = again.verify(&log, &[]).unwrap();
        assert_eq!(verified.index, 1);
        let consent = verified.consent.clone().unwrap();
        assert_eq!((consent.index, consent.assurance), (0, Assurance::SmsAndRecovery));
        assert!(verified.check_time(Timestamp::from_millis(1_000_000)).is_ok());
        assert!(verified.check_time(Timestamp::from_millis(1_660_000)).is_err());
        assert!(verified.check_time(Timestamp::from_millis(939_999)).is_err());
        let part = verified.unseal(&EVIDENCE_KEY).unwrap();
        assert!(verified.check_gate(&part, &LINK_KEY, 3).is_ok());
        assert!(matches!(verified.check_gate(&part, &LINK_KEY, 4), Err(EvidenceError::GateNumber { .. })));
        assert!(matches!(verified.check_gate(&part, &EVIDENCE_KEY, 3), Err(EvidenceError::Gate(4))));
        assert!(verified.check_request(&part, "GET", "/medication", b"").is_ok());
        assert!(verified.check_request(&part, "GET", "/everything", b"").is_err());
    }

    #[test]
    fn only_the_holder_learns_the_person() {
        let (evidence, log) = evidence();
        let verified = evidence.verify(&log, &[]).unwrap();
        assert_eq!(verified.unseal(&LINK_KEY), Err(EvidenceError::Sealed));
        let text = evidence.to_string();
        assert!(!text.contains(&base64::standard::encode(&ConsentId::from_bytes([0x7E; 16]).encode())));
        for secret in ["case 7", "dr-sato", "h.c.s", LinkCode::from_sealed(&[7; 35]).as_str()] {
            assert!(!text.contains(secret));
            assert!(!text.contains(&base64::standard::encode(&secret.to_owned().encode())));
        }
        assert!(!text.contains(&base64::standard::encode(&[5; 16])));
        assert!(!text.contains(&base64::standard::encode(link_check(&LINK_KEY).as_bytes())));
    }

    #[test]
    fn no_changed_byte_passes() {
        let (evidence, log) = evidence();
        let text = evidence.to_string().into_bytes();
        for at in 0..text.len() {
            for bit in [1, 0x20] {
                let mut changed = text.clone();
                changed[at] ^= bit;
                let Ok(parsed) = Evidence::parse(&changed) else { continue };
                let passed = parsed.verify(&log, &[]).and_then(|verified| {
                    let part = verified.unseal(&EVIDENCE_KEY)?;
                    verified.check_gate(&part, &LINK_KEY, 3)
                });
                // The name of the evidence key only tells the holder which key to take; it is not proof of anything.
                let name_of_key = parsed.sealed_for != evidence.sealed_for;
                assert!(passed.is_err() || name_of_key, "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn a_consent_that_does_not_cover_the_permit_is_refused() {
        let id = |text: &str| InstitutionId::parse(text).unwrap();
        let cases: [(&str, Record); 9] = [
            ("another institution", narrowed(|c| c.recipient = id("insurer.hinata"))),
            ("another holder", narrowed(|c| c.holder = id("hospital.minato"))),
            ("other purposes", narrowed(|c| c.purposes = Set::new([PurposeCode::parse("research").unwrap()]))),
            ("other data", narrowed(|c| c.categories = Set::new([CategoryCode::parse("allergy").unwrap()]))),
            ("other business", narrowed(|c| c.processes = Some(Set::new([ProcessId::parse("care.other").unwrap()])))),
            ("did not hold", narrowed(|c| c.valid_until = Timestamp::from_millis(1_000_000))),
            ("did not hold", narrowed(|c| c.valid_from = Timestamp::from_millis(1_000_001))),
            ("another log", Record { origin: Origin::new("other.example/log").unwrap(), ..consent() }),
            ("one of them is missing", record()),
        ];
        for (expected, consent) in cases {
            let (evidence, log) = evidence_on(&record(), &consent);
            let text = evidence.to_string().into_bytes();
            match evidence.verify(&log, &[]) {
                Err(error) => assert!(error.to_string().contains(expected), "{expected}: {error}"),
                // A permit is no consent: none was put beside it, and none is named.
                Ok(verified) => assert!(verified.consent.is_none() && expected.contains("missing")),
            }
            assert_eq!(Evidence::parse(&text).unwrap(), evidence);
        }
    }

    #[test]
    fn a_consent_taken_away_put_there_or_exchanged_is_refused() {
        let (with, log) = evidence();
        let (other, _) = evidence_on(&record(), &narrowed(|c| c.valid_until = Timestamp::from_millis(3_000_000)));
        let without = Evidence { consent: None, ..with.clone() };
        assert_eq!(without.verify(&log, &[]).unwrap_err(), EvidenceError::ConsentMissing);
        let (unnamed, _) = evidence_on(&record(), &record());
        assert!(unnamed.verify(&log, &[]).unwrap().consent.is_none());
        let put_there = Evidence { consent: with.consent.clone(), ..unnamed };
        assert_eq!(put_there.verify(&log, &[]).unwrap_err(), EvidenceError::ConsentMissing);
        // Of a log that forks: both are signed, at the same place, and the permit cannot tell; but then the log's key has
        // signed two trees, which two checkpoints prove.
        let exchanged = Evidence { consent: other.consent, ..with.clone() };
        assert!(exchanged.verify(&log, &[]).is_ok());
        let mut later = record();
        let Event::AccessPermitted(fields) = &mut later.event else { unreachable!() };
        fields.consent = Some(1);
        let (later, _) = evidence_on(&later, &consent());
        assert!(later.verify(&log, &[]).unwrap_err().to_string().contains("another one than the permit names"));
    }

    #[test]
    fn only_permits_make_evidence() {
        let (evidence, _) = evidence();
        let mut denied = record();
        let Event::AccessPermitted(fields) = denied.event else { unreachable!() };
        denied.event = Event::AccessDenied(fields);
        let hashed = Hashed::new(&denied, &RECORD_KEY);
        let made = Evidence::make(&denied, &hashed, &RECORD_KEY, evidence.proof, &EVIDENCE_KEY, None);
        assert_eq!(made, Err(EvidenceError::NotAPermit("access.denied".into())));
    }
}
