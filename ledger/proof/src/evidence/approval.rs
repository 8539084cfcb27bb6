//! The answer a permit rests on, beside it in the evidence: the holder sees that the person was
//! asked this one question, how she answered, and how sure the ledger was that it was she.
//!
//! The question itself stays closed, with her handle in it; the permit opens the log index of the
//! answer, so it cannot be the answer to another question.

use super::beside::RecordProof;
use super::{Evidence, EvidenceError};
use crate::digest::{Digest, Secret};
use crate::ids::{LeafIndex, Timestamp};
use crate::record::kind::{AnsweredBy, Assurance, Language, YesNo};
use crate::record::{Kind, Record};
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tlog_proof::TlogProof;

/// The fields opened besides kind, schema and origin.
pub const OPENED: [&str; 7] = [
    "time",
    "access",
    "answered_by",
    "seen",
    "wording_digest",
    "language",
    "assurance",
];

/// An approval with its proof: nothing in it is believed before [`Evidence::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalProof(pub(super) RecordProof);

/// What the approval says, once it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedApproval {
    /// Log index of the approval.
    pub index: LeafIndex,
    /// When she answered.
    pub time: Timestamp,
    /// Log index of the question.
    pub access: LeafIndex,
    /// Where she answered.
    pub answered_by: AnsweredBy,
    /// Whether the full request was on the screen.
    pub seen: YesNo,
    /// Digest of the exact text shown or sent.
    pub wording_digest: Digest,
    /// Its language.
    pub language: Language,
    /// How sure.
    pub assurance: Assurance,
}

impl ApprovalProof {
    /// Opens an approval beside the proof of its entry; `None` of any other record.
    pub fn make(record: &Record, record_key: &Secret, proof: TlogProof) -> Option<Self> {
        (record.kind() == Kind::ApprovalGranted)
            .then(|| Self(RecordProof::make(record, record_key, &OPENED, proof)))
    }

    /// Checks that the log holds it before the permit, at the place the permit names.
    pub(super) fn verify(
        &self,
        (named, permit): (LeafIndex, LeafIndex),
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<VerifiedApproval, EvidenceError> {
        let (kind, index) = self.0.verify(log, witnesses)?;
        if kind != Kind::ApprovalGranted {
            return Err(EvidenceError::NotCovered("it is no approval"));
        }
        if index != named || index >= permit {
            let what = "it is another one than the permit names";
            return Err(EvidenceError::NotCovered(what));
        }
        let fields = self.0.disclosure();
        Ok(VerifiedApproval {
            index,
            time: fields.field("time")?,
            access: fields.field("access")?,
            answered_by: fields.field("answered_by")?,
            seen: fields.field("seen")?,
            wording_digest: fields.field("wording_digest")?,
            language: fields.field("language")?,
            assurance: fields.field("assurance")?,
        })
    }
}

impl std::fmt::Display for ApprovalProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Evidence {
    /// The approval beside it, not verified.
    pub const fn approval(&self) -> Option<&ApprovalProof> {
        self.approval.as_ref()
    }
}
