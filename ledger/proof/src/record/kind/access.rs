//! Accesses: decided, and what was handed over on them.

use crate::consent::{AccessMode, Period, Use};
use crate::digest::Digest;
use crate::duty::Duty;
use crate::ids::{
    CategoryCode, GateNumber, InstitutionId, Jti, Kid, LeafIndex, LinkCode, ProcessId, PurposeCode,
    Reference, RoleCode, RoleHolderId, Timestamp,
};
use crate::reason::Reasons;
use crate::record::fields::fields;
use crate::record::value::{Bytes, Set, words};
use crate::record::word::{BasisKind, Outcome, Step, YesNo};

words! {
    /// Why evidence opens nothing any more.
    pub enum ReleaseReason {
        /// Its time is over.
        Expired = "expired",
        /// It was used before.
        Spent = "spent",
        /// The consent it rests on ended, or covers it no longer.
        ConsentEnded = "consent-ended",
        /// Requester or holder may not take part.
        InstitutionSuspended = "institution-suspended",
        /// It rests on her own word, and her phone is blocked.
        MeansBlocked = "means-blocked",
        /// The link code of requester or holder ended.
        LinkEnded = "link-ended",
        /// The key that signed the request, or the one that presented the evidence, was revoked, or
        /// its time is over: a thief's permits end with it.
        KeyEnded = "key-ended",
        /// Whoever asked does not have the role any more in which it was asked.
        RoleEnded = "role-ended",
        /// What was relied on is not the evidence of this permit.
        OtherEvidence = "other-evidence",
        /// The permit, or the consent it rests on, cannot be read any more.
        RecordClosed = "record-closed",
        /// One of the person's records, or of the registry's, is lost: what has ended is not known.
        RecordsIncomplete = "records-incomplete",
    }
}

impl ReleaseReason {
    /// Whether it says something of the ledger's own records only, and nothing of who used the
    /// evidence.
    pub const fn is_of_the_ledger(self) -> bool {
        match self {
            Self::RecordClosed | Self::RecordsIncomplete => true,
            Self::Expired
            | Self::Spent
            | Self::ConsentEnded
            | Self::InstitutionSuspended
            | Self::MeansBlocked
            | Self::LinkEnded
            | Self::KeyEnded
            | Self::RoleEnded
            | Self::OtherEvidence => false,
        }
    }
}

fields! {
    /// Fields of `access.permitted` and `access.denied`, and the first of `access.asked`.
    pub struct AccessDecided {
        /// The institution that asks.
        requester: InstitutionId,
        /// Who asks there.
        role_holder: RoleHolderId,
        /// In which role.
        role: RoleCode,
        /// The business process.
        process: ProcessId,
        /// The purpose.
        purpose: PurposeCode,
        /// The institution that has the data.
        holder: InstitutionId,
        /// What data.
        categories: Set<CategoryCode>,
        /// What the requester will do with it.
        access_mode: AccessMode,
        /// Only data from this time on.
        period_from: Option<Timestamp>,
        /// Only data before this time.
        period_until: Option<Timestamp>,
        /// The basis claimed.
        basis_kind: BasisKind,
        /// Of an emergency: the coded reason.
        reason_code: Option<String>,
        /// Of an emergency: the free reason.
        reason_text: Option<String>,
        /// The real requester behind the one who signed.
        on_behalf_of: Option<String>,
        /// The requester's case, never opened to others.
        case: Option<String>,
        /// Binds the exact query (see [`crate::statement::request_digest`]).
        request_digest: Digest,
        /// The nonce inside that digest, sealed to the holder.
        request_nonce: Bytes,
        /// What was decided.
        outcome: Outcome,
        /// What the requester was told: `ask` may stand for a refusal at steps 6 to 9.
        told: Outcome,
        /// The first step that failed.
        step: Option<Step>,
        /// Why, for the person, the supervisor and auditors.
        reasons: Reasons,
        /// What the requester must do.
        duties: Vec<Duty>,
        /// Of a permit, the end of the evidence; of an ask, the end of waiting.
        expires: Option<Timestamp>,
        /// Digest of the policy pack that decided.
        policy_digest: Digest,
        /// Log index of the consent relied on.
        consent: Option<LeafIndex>,
        /// Log index of the approval relied on.
        approval: Option<LeafIndex>,
        /// Of a permit, the holder's own code for the person.
        holder_link: Option<LinkCode>,
        /// Of a permit, the number of its gate.
        gate_number: Option<GateNumber>,
        /// The raw Ed25519 key of the requester that presents the evidence.
        presenter_key: Digest,
        /// The key that signed the statement.
        kid: Kid,
        /// The statement's identifier.
        jti: Jti,
        /// The statement as it came.
        statement: Bytes,
    }

    /// Fields of `access.asked`: the decision, and the question it puts to the person. One record
    /// for both, so that a question looks from outside like the refusals that are told as one
    /// (docs/decisions/0008).
    pub struct AccessAsked {
        /// What was decided; `expires` is the first instant at which an answer is too late.
        [flat] decided: AccessDecided,
        /// The short name of the question, in its message and on her pages.
        reference: Reference,
        /// Digest of exactly what is asked (see [`super::approval_digest`]).
        approval_digest: Digest,
        /// Whether a reply by SMS may approve.
        low_risk: YesNo,
    }

    /// Fields of `access.counted`: what one institution asked about her above what it may. None of
    /// it was decided, and none permitted.
    pub struct AccessesCounted {
        /// The institution that asked.
        requester: InstitutionId,
        /// When the first of them came.
        from: Timestamp,
        /// When the last of them came.
        until: Timestamp,
        /// How many.
        count: u64,
        /// Who asked there: of these four the first that came, sixteen at most.
        role_holders: Set<RoleHolderId>,
        /// For which business processes.
        processes: Set<ProcessId>,
        /// For which purposes.
        purposes: Set<PurposeCode>,
        /// Of whom the data is.
        holders: Set<InstitutionId>,
        /// RFC 6962 root over the SHA-256 digests of the statements, in the order they came: who
        /// has one of them can have shown that it was among them.
        root: Digest,
    }

    /// Fields of `access.released`.
    pub struct AccessReleased {
        /// Log index of the permit.
        access: LeafIndex,
        /// Who released.
        holder: InstitutionId,
        /// The key that signed the report.
        kid: Kid,
        /// The report's identifier.
        jti: Jti,
        /// The holder's signed report.
        statement: Bytes,
    }

    /// Fields of `access.release_refused`.
    pub struct ReleaseRefused {
        /// Log index of the permit.
        access: LeafIndex,
        /// Who wanted to release.
        holder: InstitutionId,
        /// Why it may not.
        reasons: Vec<ReleaseReason>,
        /// The key that signed the report.
        kid: Kid,
        /// The report's identifier.
        jti: Jti,
        /// The holder's signed report.
        statement: Bytes,
    }
}

impl AccessDecided {
    /// What was decided about, as a consent is asked for it.
    pub const fn as_use(&self) -> Use<'_> {
        Use {
            requester: &self.requester,
            holder: &self.holder,
            process: &self.process,
            purpose: &self.purpose,
            categories: &self.categories,
            mode: self.access_mode,
            period: Period {
                from: self.period_from,
                until: self.period_until,
            },
        }
    }
}
