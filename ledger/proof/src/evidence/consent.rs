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

use std::fmt;

use super::{Evidence, EvidenceError};
use crate::consent::{Gap, Terms, Use};
use crate::digest::{Digest, Secret};
use crate::entry::Entry;
use crate::ids::{LeafIndex, Timestamp};
use crate::record::commitment::Disclosure;
use crate::record::disclosure_text::DisclosureLines;
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

/// The line before it in a file of evidence. It has a space, so no line of a proof can be the same:
/// not the origin, nor a hash, and those that have one begin otherwise.
pub(super) const SEPARATOR: &str = "the consent";

/// A consent that stands, with its proof: nothing in it is believed before [`Evidence::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentProof {
    disclosure: Disclosure,
    proof: TlogProof,
}

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
        says_what_stands(record.kind()).then(|| {
            let disclosure = Hashed::new(record, record_key).disclose(record_key, &OPENED);
            Self { disclosure, proof }
        })
    }

    /// Reads what follows [`SEPARATOR`]; the error says what is expected instead, and at which line
    /// of it.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, EvidenceError)> {
        let format = |line, expected| (line, EvidenceError::Format { line, expected });
        let (head, proof) = text
            .split_once("\n\n")
            .ok_or(format(1, "an empty line before the consent's proof"))?;
        let mut disclosure = DisclosureLines::new();
        for (at, line) in head.split('\n').enumerate() {
            disclosure
                .line(line)
                .map_err(|expected| format(at + 1, expected))?;
        }
        let proof = TlogProof::parse(proof.as_bytes()).map_err(|error| (1, error.into()))?;
        Ok(Self {
            disclosure: disclosure.finish(),
            proof,
        })
    }

    /// The proof of its entry, not verified.
    pub const fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// Its fields, opened and closed, not verified.
    pub const fn disclosure(&self) -> &Disclosure {
        &self.disclosure
    }

    /// Checks that the log holds it before the permit, at the place the permit names, and that it
    /// covers the permit.
    pub(super) fn verify(
        &self,
        claim: &Claim<'_>,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<VerifiedConsent, EvidenceError> {
        let (bytes, inclusion) = self.proof.verify_extra(log, witnesses)?;
        let (kind, commitment) = self.disclosure.verify()?;
        if commitment != Entry::parse(bytes)?.commitment {
            return Err(EvidenceError::Commitment);
        }
        let index = inclusion.index();
        let fields = &self.disclosure;
        let holds = |holds: bool, what| {
            if holds {
                Ok(())
            } else {
                Err(EvidenceError::NotCovered(what))
            }
        };
        holds(says_what_stands(kind), "it is no consent")?;
        holds(
            fields.field::<String>("origin")? == log.origin().as_str(),
            "it is of another log",
        )?;
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

impl fmt::Display for ConsentProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.disclosure, self.proof)
    }
}

impl Evidence {
    /// The consent beside it, not verified.
    pub fn consent(&self) -> Option<&ConsentProof> {
        self.consent.as_ref()
    }
}
