//! What stands beside a permit in its evidence: records it rests on, each as a disclosure and the
//! proof of its entry.
//!
//! ```text
//! the consent                                              or `the approval`, in this order
//! open <position> <name> <base64 value> <base64 salt>
//! hash <position> <base64>                                 handle, group and others
//!
//! c2sp.org/tlog-proof@v1                                   made when it was recorded
//! ...
//! ```
//! The lines between have a space, so no line of a proof can be the same: not the origin, nor a
//! hash, and those that have one begin otherwise.

use std::fmt;

use super::{ApprovalProof, ConsentProof, EvidenceError};
use crate::digest::Secret;
use crate::entry::Entry;
use crate::ids::LeafIndex;
use crate::record::commitment::Disclosure;
use crate::record::disclosure_text::DisclosureLines;
use crate::record::hashed::Hashed;
use crate::record::{Kind, Record};
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tlog_proof::TlogProof;

/// The line before the consent.
pub(super) const CONSENT: &str = "the consent";
/// The line before the approval.
pub(super) const APPROVAL: &str = "the approval";

/// What is put beside a permit as it is written: for each record it names, its proof.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The consent it rests on, as a [`ConsentProof`] is written.
    pub consent: Option<&'a str>,
    /// Her answer to this one question, as an [`ApprovalProof`] is written.
    pub approval: Option<&'a str>,
}

impl fmt::Display for Beside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, part) in [(CONSENT, self.consent), (APPROVAL, self.approval)] {
            if let Some(part) = part {
                write!(f, "\n{name}\n{part}")?;
            }
        }
        Ok(())
    }
}

/// The permit's part of a file of evidence, and what stands beside it.
pub(super) struct Parts<'a> {
    pub(super) permit: &'a str,
    pub(super) consent: Option<ConsentProof>,
    pub(super) approval: Option<ApprovalProof>,
}

impl<'a> Parts<'a> {
    /// Takes a file apart, from its end.
    pub(super) fn of(text: &'a str) -> Result<Self, EvidenceError> {
        let (rest, approval) = split(text, APPROVAL)?;
        let (permit, consent) = split(rest, CONSENT)?;
        Ok(Self {
            permit,
            consent: consent.map(ConsentProof),
            approval: approval.map(ApprovalProof),
        })
    }
}

/// What stands before the line of this name, and what behind it.
fn split<'a>(text: &'a str, name: &str) -> Result<(&'a str, Option<RecordProof>), EvidenceError> {
    let separator = format!("\n\n{name}\n");
    let Some((before, part)) = text.split_once(&separator) else {
        return Ok((text, None));
    };
    let lines_before = before.matches('\n').count() + separator.matches('\n').count();
    // The newline that ends the proof before it stays with that.
    let before = text.get(..=before.len()).unwrap_or(before);
    let part = RecordProof::parse(part).map_err(|(line, error)| match error {
        EvidenceError::Format { expected, .. } => EvidenceError::Format {
            line: lines_before + line,
            expected,
        },
        other => EvidenceError::Beside(Box::new(other)),
    })?;
    Ok((before, Some(part)))
}

/// A record and the proof that the log holds it: nothing in it is believed before
/// [`Self::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordProof {
    disclosure: Disclosure,
    proof: TlogProof,
}

impl RecordProof {
    /// Opens these fields of a record beside the proof of its entry.
    pub(super) fn make(
        record: &Record,
        record_key: &Secret,
        opened: &[&str],
        proof: TlogProof,
    ) -> Self {
        let disclosure = Hashed::new(record, record_key).disclose(record_key, opened);
        Self { disclosure, proof }
    }

    /// Reads what follows the line with its name; the error says what is expected instead, and at
    /// which line of it.
    fn parse(text: &str) -> Result<Self, (usize, EvidenceError)> {
        let format = |line, expected| (line, EvidenceError::Format { line, expected });
        let (head, proof) = text
            .split_once("\n\n")
            .ok_or(format(1, "an empty line before the proof"))?;
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
    pub(super) const fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// Its fields, opened and closed.
    pub(super) const fn disclosure(&self) -> &Disclosure {
        &self.disclosure
    }

    /// Checks that this log has signed a tree that holds the record; returns what it is and where
    /// it stands.
    pub(super) fn verify(
        &self,
        log: &LogKeys,
        witnesses: &[VerifyingKey],
    ) -> Result<(Kind, LeafIndex), EvidenceError> {
        let (bytes, inclusion) = self.proof.verify_extra(log, witnesses)?;
        let (kind, commitment) = self.disclosure.verify()?;
        if commitment != Entry::parse(bytes)?.commitment {
            return Err(EvidenceError::Commitment);
        }
        let origin: String = self.disclosure.field("origin")?;
        if origin != log.origin().as_str() {
            return Err(EvidenceError::OtherLog);
        }
        Ok((kind, inclusion.index()))
    }
}

impl fmt::Display for RecordProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.disclosure, self.proof)
    }
}
