//! The consent a permit rests on, beside it in the evidence: the holder sees what the person agreed
//! to, and that it stood in the log before.
//!
//! ```text
//! open <position> <name> <base64 value> <base64 salt>
//! hash <position> <base64>                                 consent, group, subject and others
//!
//! c2sp.org/tlog-proof@v1                                   made when it was given or narrowed
//! ...
//! ```
//! A consent names one recipient and one holder, and both of them get to see it; the permit opens
//! its log index, so it cannot be another one's.

use super::beside::RecordProof;
use super::{Evidence, EvidenceError};
use crate::consent::{Gap, Terms, Use};
use crate::digest::{Digest, Secret};
use crate::ids::{LeafIndex, Timestamp};
use crate::record::hashed::Hashed;
use crate::record::kind::{Assurance, Language};
use crate::record::{Kind, Record};
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::merkle::inclusion::Proof;
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tlog_proof::{Head, TlogProof};

/// The fields opened besides kind, schema and origin. Both kinds that say what stands have all of
/// them.
pub const OPENED: [&str; 15] = [
    "time",
    "recipient",
    "holder",
    "categories",
    "purposes",
    "processes",
    "access_mode",
    "period_from",
    "period_until",
    "valid_from",
    "valid_until",
    "frequency",
    "wording_digest",
    "language",
    "assurance",
];

/// A consent that stands, with its proof: nothing in it is believed before [`Evidence::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentProof(pub(super) RecordProof);

/// What the consent says, once it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedConsent {
    /// Log index of the record that says what stands.
    pub index: LeafIndex,
    /// When it was given, or narrowed last.
    pub time: Timestamp,
    /// What it allows.
    pub terms: Terms,
    /// Digest of the exact text shown to the person.
    pub wording_digest: Digest,
    /// The language it was shown in.
    pub language: Language,
    /// How sure.
    pub assurance: Assurance,
}

/// What a permit claims of the consent it rests on.
pub(super) struct Claim<'a> {
    pub(super) consent: LeafIndex,
    pub(super) permit: LeafIndex,
    pub(super) time: Timestamp,
    pub(super) of: Use<'a>,
}

/// A consent as evidence shows it, up to the checkpoint of its proof, which is signed later: with
/// the note behind it, it is what [`ConsentProof`] reads.
pub fn consent_head(
    hashed: &Hashed,
    record_key: &Secret,
    entry: &[u8],
    inclusion: &Proof,
) -> String {
    format!(
        "{}\n{}",
        hashed.disclose(record_key, &OPENED),
        Head {
            extra: Some(entry),
            inclusion
        }
    )
}

impl ConsentProof {
    /// Opens a consent beside the proof of its entry; `None` if the record is none that says what
    /// stands.
    pub fn make(record: &Record, record_key: &Secret, proof: TlogProof) -> Option<Self> {
        says_what_stands(record.kind())
            .then(|| Self(RecordProof::make(record, record_key, &OPENED, proof)))
    }

    /// Checks that the log holds it before the permit, at the place the permit names, and that it
    /// covers the permit.
    pub(super) fn verify(
        &self,
        claim: &Claim<'_>,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<VerifiedConsent, EvidenceError> {
        let (kind, index) = self.0.verify(log, witnesses)?;
        let fields = self.0.disclosure();
        let holds = |holds: bool, what| {
            if holds {
                Ok(())
            } else {
                Err(EvidenceError::NotCovered(what))
            }
        };
        holds(says_what_stands(kind), "it is no consent")?;
        holds(
            index == claim.consent && index < claim.permit,
            "it is another one than the permit names",
        )?;
        let consent = VerifiedConsent {
            index,
            time: fields.field("time")?,
            terms: fields.fields()?,
            wording_digest: fields.field("wording_digest")?,
            language: fields.field("language")?,
            assurance: fields.field("assurance")?,
        };
        consent
            .terms
            .covers(&claim.of, claim.time)
            .map_err(|gap| EvidenceError::NotCovered(not_covered(gap)))?;
        Ok(consent)
    }
}

const fn not_covered(gap: Gap) -> &'static str {
    match gap {
        Gap::Recipient => "it is given to another institution",
        Gap::Holder => "it is about another holder's data",
        Gap::Time => "it did not hold at the time",
        Gap::Purpose => "it is for other purposes",
        Gap::Categories => "it is about other data",
        Gap::Process => "it is for other business processes",
        Gap::Mode => "it allows less to be done with the data",
        Gap::Period => "it is about data of another time",
    }
}

const fn says_what_stands(kind: Kind) -> bool {
    matches!(kind, Kind::ConsentGiven | Kind::ConsentNarrowed)
}

impl std::fmt::Display for ConsentProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Evidence {
    /// The consent beside it, not verified.
    pub const fn consent(&self) -> Option<&ConsentProof> {
        self.consent.as_ref()
    }
}
