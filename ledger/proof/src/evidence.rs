//! Evidence that one access is permitted: stands offline, opens a holder's data, tells nobody else
//! who the person is (docs/RECORD_FORMAT.md 5). File ending `.akashi-evidence`.
//!
//! ```text
//! akashi-evidence/v1
//! open <position> <name> <base64 value> <base64 salt>  the fields a holder must see
//! hash <position> <base64>                             all others, as bare hashes
//! sealed <evidence key> <base64>                       the holder's: link code, gate number, nonce
//!
//! c2sp.org/tlog-proof@v1                               the entry in `extra`, path, checkpoint
//! ...
//!
//! the consent, the approval                            those it rests on: `beside.rs`
//! ...
//! ```
//! Positions ascend. The sealed part is AES-256-GCM-SIV under the holder's evidence key; its nonce
//! comes from origin and index, so that a retry has the same bytes:
//! ```text
//! (u16 position | u32 length | value | salt (32))*         holder_link, gate_number, request_nonce
//! ```

mod approval;
mod beside;
mod consent;
mod digest;
mod verified;

use std::fmt;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};

use crate::consent::Period;
use crate::digest::{Digest, Secret};
use crate::entry::{Entry, EntryError};
use crate::framing::len_u32;
use crate::gate::GateRefused;
use crate::ids::{GateNumber, Kid, LeafIndex};
use crate::key::evidence_kid;
use crate::record::commitment::{Disclosure, DisclosureError, Salts};
use crate::record::disclosure_text::DisclosureLines;
use crate::record::hashed::Hashed;
use crate::record::kind::{BasisKind, Outcome};
use crate::record::{Kind, Record};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{LogKeys, Origin};
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tlog_proof::{ProofRejected, TlogProof, TlogProofError};
pub use approval::{ApprovalProof, VerifiedApproval};
pub use beside::Beside;
use beside::{Parts, RecordProof};
pub use consent::{ConsentProof, VerifiedConsent, consent_head};
pub use digest::evidence_digest;
pub use verified::{HolderPart, VerifiedEvidence};

/// The fields opened besides kind, schema and origin.
///
/// `consent` and `approval` say what the permit rests on, or that it rests on neither: whoever
/// hands it on cannot leave out what the holder wants to see.
pub const OPENED: [&str; 19] = [
    "time",
    "requester",
    "role",
    "process",
    "purpose",
    "holder",
    "categories",
    "access_mode",
    "period_from",
    "period_until",
    "basis_kind",
    "request_digest",
    "outcome",
    "duties",
    "expires",
    "policy_digest",
    "consent",
    "approval",
    "presenter_key",
];

/// The fields sealed to the holder.
const SEALED: [&str; 3] = ["holder_link", "gate_number", "request_nonce"];

/// First line of a file of evidence.
pub const HEADER: &str = "akashi-evidence/v1";
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
    /// What is to present it is no key.
    #[error("`presenter_key` is no Ed25519 key")]
    Presenter,
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
    Gate(GateNumber),
    /// Nothing may be released on its number by what the holder keeps.
    #[error("gate: {0}")]
    NotReleasable(#[from] GateRefused),
    /// The permit names a record that is not beside it, or one is there that it does not name.
    #[error("the permit and the {0} beside it do not belong together: one of them is missing")]
    Missing(&'static str),
    /// It is said to rest on consent and names neither a consent nor an approval.
    #[error("the permit is on the ground of consent, but names neither a consent nor an approval")]
    NoGround,
    /// What stands beside it cannot be read.
    #[error("what stands beside the permit: {0}")]
    Beside(Box<Self>),
    /// The consent beside it cannot be believed, or does not cover it.
    #[error("the consent beside it: {0}")]
    Consent(Box<Self>),
    /// The approval beside it cannot be believed, or is not its.
    #[error("the approval beside it: {0}")]
    Approval(Box<Self>),
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
    approval: Option<ApprovalProof>,
}

impl Evidence {
    /// Writes the evidence of a permit from its record, worked out, and the proof of its entry,
    /// sealed under the holder's key, and `beside` it what the record names.
    ///
    /// # Errors
    /// [`EvidenceError::NotAPermit`] if the record is anything else.
    pub fn make(
        record: &Record,
        hashed: &Hashed,
        record_key: &Secret,
        proof: TlogProof,
        evidence_key: &Secret,
        beside: Beside<'_>,
    ) -> Result<String, EvidenceError> {
        if record.kind() != Kind::AccessPermitted {
            return Err(EvidenceError::NotAPermit(record.kind().name().to_owned()));
        }
        let disclosure = hashed.disclose(record_key, &OPENED);
        let salts = Salts::of(record_key);
        let mut plain = Vec::new();
        for (position, value) in hashed.values_of(&SEALED) {
            plain.extend_from_slice(&position.to_be_bytes());
            plain.extend_from_slice(&len_u32(value));
            plain.extend_from_slice(value);
            plain.extend_from_slice(salts.at(position).expose());
        }
        let index = proof.inclusion().index();
        let (cipher, nonce, aad) = sealing(evidence_key, &record.origin, index);
        let sealed = cipher
            .encrypt(
                &nonce,
                Payload {
                    msg: &plain,
                    aad: &aad,
                },
            )
            .map_err(|_| EvidenceError::Sealed)?;
        let permit = Self {
            disclosure,
            sealed_for: evidence_kid(evidence_key),
            sealed,
            proof,
            consent: None,
            approval: None,
        };
        Ok(format!("{permit}{beside}"))
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
        let Parts {
            permit,
            consent,
            approval,
        } = Parts::of(text)?;
        let (head, proof) = permit
            .split_once("\n\n")
            .ok_or(format(1, "an empty line before the proof"))?;
        let mut lines = head.split('\n').enumerate();
        if lines.next() != Some((0, HEADER)) {
            return Err(format(1, "`akashi-evidence/v1`"));
        }
        let last = head.split('\n').count();
        let mut disclosure = DisclosureLines::new();
        for (at, line) in lines {
            let line_number = at + 1;
            if line_number < last {
                disclosure
                    .line(line)
                    .map_err(|expected| format(line_number, expected))?;
                continue;
            }
            let expected = "`sealed <evidence key> <base64>` as the last line";
            let ["sealed", kid, sealed] = line.split(' ').collect::<Vec<_>>()[..] else {
                return Err(format(line_number, expected));
            };
            let sealed_for = Kid::parse(kid).map_err(|_| format(line_number, expected))?;
            let sealed =
                base64::standard::decode(sealed).map_err(|_| format(line_number, expected))?;
            let proof = TlogProof::parse(proof.as_bytes())?;
            return Ok(Self {
                disclosure: disclosure.finish(),
                sealed_for,
                sealed,
                proof,
                consent,
                approval,
            });
        }
        Err(format(last, "`sealed` as the last line"))
    }

    /// What names it: [`evidence_digest`].
    pub fn digest(&self) -> Digest {
        evidence_digest(&self.to_string())
    }

    /// The proof inside.
    pub const fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// Every proof in the file: of the permit's entry, then of what stands beside it. None is
    /// verified.
    pub fn proofs(&self) -> impl Iterator<Item = &TlogProof> {
        let consent = self.consent.iter().map(|consent| &consent.0);
        let approval = self.approval.iter().map(|approval| &approval.0);
        let beside = consent.chain(approval).map(RecordProof::proof);
        std::iter::once(&self.proof).chain(beside)
    }

    /// The fields, opened and closed, not verified.
    pub const fn disclosure(&self) -> &Disclosure {
        &self.disclosure
    }

    /// The name of the evidence key it is sealed under.
    pub const fn sealed_for(&self) -> &Kid {
        &self.sealed_for
    }

    /// Checks everything that can be checked without the holder's keys and clock: the log signed a
    /// tree that holds this entry, the fields are the record's, the record is a permit of this log.
    /// Reads only.
    ///
    /// # Errors
    /// [`EvidenceError`] with the first thing that is wrong.
    pub fn verify(
        &self,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<VerifiedEvidence<'_>, EvidenceError> {
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
            index: inclusion.index(),
            entry,
            consent: None,
            approval: None,
            time: fields.field("time")?,
            expires: fields.field("expires")?,
            requester: fields.field("requester")?,
            role: fields.field("role")?,
            process: fields.field("process")?,
            purpose: fields.field("purpose")?,
            holder: fields.field("holder")?,
            categories: fields.field("categories")?,
            access_mode: fields.field("access_mode")?,
            period: Period {
                from: fields.field("period_from")?,
                until: fields.field("period_until")?,
            },
            basis_kind: fields.field("basis_kind")?,
            request_digest: fields.field("request_digest")?,
            duties: fields.field("duties")?,
            policy_digest: fields.field("policy_digest")?,
            presenter: PublicKey::from_bytes(fields.field::<Digest>("presenter_key")?.as_bytes())
                .map_err(|_| EvidenceError::Presenter)?,
            digest: self.digest(),
        };
        verified.consent = self.verify_consent(&verified, log, witnesses)?;
        verified.approval = self.verify_approval(&verified, log, witnesses)?;
        let on_consent = verified.basis_kind == BasisKind::Consent;
        if on_consent && verified.consent.is_none() && verified.approval.is_none() {
            return Err(EvidenceError::NoGround);
        }
        Ok(verified)
    }

    /// The consent is there exactly if the permit names one, and covers the permit.
    fn verify_consent(
        &self,
        permit: &VerifiedEvidence<'_>,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<Option<VerifiedConsent>, EvidenceError> {
        let named = self.disclosure.field("consent")?;
        let Some((consent, named)) = both(self.consent.as_ref(), named, "consent")? else {
            return Ok(None);
        };
        let claim = consent::Claim {
            consent: named,
            permit: permit.index,
            time: permit.time,
            of: permit.as_use(),
        };
        let verified = consent.verify(&claim, log, witnesses);
        verified
            .map(Some)
            .map_err(|error| EvidenceError::Consent(Box::new(error)))
    }

    /// The approval is there exactly if the permit names one, and stands before the permit.
    fn verify_approval(
        &self,
        permit: &VerifiedEvidence<'_>,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<Option<VerifiedApproval>, EvidenceError> {
        let named = self.disclosure.field("approval")?;
        let Some((approval, named)) = both(self.approval.as_ref(), named, "approval")? else {
            return Ok(None);
        };
        let verified = approval.verify((named, permit.index), log, witnesses);
        verified
            .map(Some)
            .map_err(|error| EvidenceError::Approval(Box::new(error)))
    }
}

/// A record beside a permit and where the permit says it stands: both or neither.
const fn both<'a, T>(
    beside: Option<&'a T>,
    named: Option<LeafIndex>,
    what: &'static str,
) -> Result<Option<(&'a T, LeafIndex)>, EvidenceError> {
    match (beside, named) {
        (Some(beside), Some(named)) => Ok(Some((beside, named))),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(EvidenceError::Missing(what)),
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        write!(f, "{}", self.disclosure)?;
        writeln!(
            f,
            "sealed {} {}\n",
            self.sealed_for,
            base64::standard::encode(&self.sealed)
        )?;
        write!(f, "{}", self.proof)?;
        let consent = self.consent.as_ref().map(ToString::to_string);
        let approval = self.approval.as_ref().map(ToString::to_string);
        Beside {
            consent: consent.as_deref(),
            approval: approval.as_deref(),
        }
        .fmt(f)
    }
}

fn sealing(key: &Secret, origin: &Origin, index: LeafIndex) -> (Aes256GcmSiv, Nonce, Vec<u8>) {
    let aad = [
        b"akashi/evidence/v1".as_slice(),
        origin.as_str().as_bytes(),
        &index.to_be_bytes(),
    ]
    .concat();
    let digest = Digest::of(&[b"akashi/evidence-nonce/v1", &aad]);
    let mut nonce = [0; 12];
    for (to, from) in nonce.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    (Aes256GcmSiv::new(key.expose().into()), nonce.into(), aad)
}

#[cfg(test)]
mod tests;
