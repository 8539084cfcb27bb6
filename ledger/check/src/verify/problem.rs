//! What can be wrong with a file.

use akashi_proof::entry::EntryError;
use akashi_proof::evidence::EvidenceError;
use akashi_proof::fault::Fault;
use akashi_proof::gate::{CatchUpError, NotTheFormat};
use akashi_proof::ids::GateNumber;
use akashi_proof::record::RecordError;
use akashi_proof::record::commitment::DisclosureError;
use akashi_tlog::tlog_proof::{ProofRejected, TlogProofError};
use thiserror::Error;

use crate::finding::Severe;
use crate::verdict::Severity;

/// What is wrong with a file, or why nothing can be said of it.
#[derive(Debug, Error)]
pub enum Problem {
    /// A history, which takes a key and the log to check.
    #[error(
        "a person's history: `akashi-audit history` checks this kind of file, with her history key and the public log"
    )]
    History,
    /// Longer than any file of the two kinds.
    #[error("has more than {max} bytes")]
    TooLong {
        /// The longest.
        max: usize,
    },
    /// Another format or another version.
    #[error(
        "the first line is neither `akashi-evidence/v1` nor `c2sp.org/tlog-proof@v1`: not a file this version knows"
    )]
    UnknownFile,
    /// Not a proof in the right form.
    #[error("proof: {0}")]
    ProofForm(#[from] TlogProofError),
    /// The proof does not hold.
    #[error("proof: {0}")]
    Proof(#[from] ProofRejected),
    /// What is proved is not one of our entries.
    #[error("entry: {0}")]
    Entry(#[from] EntryError),
    /// The evidence does not hold.
    #[error("evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// Data may be released on evidence only.
    #[error(
        "a proof says that an entry is in the log, not that anything may be released: evidence is needed"
    )]
    NotEvidence,
    /// The sealed part opens under another key than the file names.
    #[error("evidence: names evidence key `{named}`, but is sealed under `{found}`")]
    OtherEvidenceKey {
        /// In the file.
        named: String,
        /// The key that opens it.
        found: String,
    },
    /// None of the holder's keys is the one named.
    #[error("the sealed part is for evidence key `{named}`, which is none of those given")]
    NotForThisHolder {
        /// In the file.
        named: String,
    },
    /// The entry carries a gate of another link, or none: the permit stands in another person's
    /// stream.
    #[error("gate: the gate in the log is not number {number} of this person's link")]
    Gate {
        /// The number sealed in the evidence.
        number: GateNumber,
    },
    /// The links given are other persons'.
    #[error(
        "gate: not checked, since none of the links given has the `link_code` sealed in the evidence; nothing may be released"
    )]
    LinkNotGiven,
    /// Two files say something of one link.
    #[error(
        "gate: not checked, since the `link_code` sealed in the evidence was given more than once; nothing may be released"
    )]
    LinkTwice,
    /// Two releases on one permit cannot be told apart by the evidence.
    #[error(
        "gate: what was released on before is not known, since nothing kept was given; nothing may be released"
    )]
    NothingKept,
    /// It says nothing of this log's permits.
    #[error("gate: what is kept is of another log than the key; nothing may be released")]
    KeptOfAnotherLog,
    /// Not a file of gates.
    #[error("gates: {0}")]
    NotGates(#[from] NotTheFormat),
    /// The gates do not show what they are to.
    #[error("gates: {0}")]
    CatchUp(#[from] CatchUpError),
    /// A copy of the evidence can be anybody's.
    #[error(
        "presentation: who shows the evidence is not known, since no presentation was given; nothing may be released"
    )]
    NotPresented,
    /// It does not present this evidence, here, now or with this query.
    #[error("presentation: {0}")]
    Presented(Fault),
    /// The registry says otherwise than the permit: the operator may have put in a key of its own.
    #[error("registry: {0}")]
    Registered(Fault),
    /// A release needs a link key to check the gate with.
    #[error("gate: not checked, since no link key was given; nothing may be released")]
    GateNotChecked,
}

impl Severe for Problem {
    fn severity(&self) -> Severity {
        match self {
            Self::History
            | Self::TooLong { .. }
            | Self::UnknownFile
            | Self::NotEvidence
            | Self::NotForThisHolder { .. }
            | Self::GateNotChecked
            | Self::NotPresented
            | Self::NothingKept
            | Self::KeptOfAnotherLog
            | Self::NotGates(_)
            | Self::CatchUp(CatchUpError::From { .. })
            | Self::LinkNotGiven
            | Self::LinkTwice
            | Self::Evidence(EvidenceError::Fields(DisclosureError::Record(
                RecordError::Unknown { .. },
            ))) => Severity::CouldNotCheck,
            // Released on, too old, for another query, or of another link: that is for the holder
            // to find out, and need be nobody's lie.
            Self::Gate { .. }
            | Self::Presented(_)
            | Self::CatchUp(_)
            | Self::Evidence(
                EvidenceError::NotReleasable(_)
                | EvidenceError::Time { .. }
                | EvidenceError::Request,
            ) => Severity::DoNotRelease,
            _ => Severity::DishonestOrBroken,
        }
    }
}

impl Problem {
    /// Which part of the file.
    #[must_use]
    pub const fn place(&self) -> &'static str {
        match self {
            Self::History | Self::TooLong { .. } | Self::UnknownFile | Self::NotEvidence => "file",
            Self::ProofForm(_) | Self::Proof(_) => "proof",
            Self::Entry(_) => "entry",
            Self::Evidence(_) => "evidence",
            Self::OtherEvidenceKey { .. } | Self::NotForThisHolder { .. } => "sealed",
            Self::Gate { .. }
            | Self::GateNotChecked
            | Self::NothingKept
            | Self::KeptOfAnotherLog
            | Self::LinkNotGiven
            | Self::LinkTwice => "gate",
            Self::NotGates(_) | Self::CatchUp(_) => "gates",
            Self::NotPresented | Self::Presented(_) => "presentation",
            Self::Registered(_) => "registry",
        }
    }
}
