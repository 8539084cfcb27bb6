//! Questions to the person and her answers.

use crate::digest::Digest;
use crate::ids::{LeafIndex, Timestamp};
use crate::record::fields::fields;
use crate::record::value::words;
use crate::record::word::{Assurance, Language, YesNo};

words! {
    /// Where the person answered.
    pub enum AnsweredBy {
        /// In the portal, with the full request on the screen.
        Portal = "portal",
        /// By answering the SMS; the full request was not seen.
        Reply = "reply",
    }
}

fields! {
    /// Fields of `approval.requested`.
    pub struct ApprovalRequested {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The short reference in the message.
        reference: String,
        /// Digest of exactly what is asked (see [`crate::decision::approval_digest`]).
        approval_digest: Digest,
        /// First instant at which an answer is too late.
        expires: Timestamp,
        /// Whether a reply by SMS may approve.
        low_risk: YesNo,
    }

    /// Fields of `approval.granted` and `approval.refused`.
    pub struct ApprovalAnswered {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The digest the answer is bound to.
        approval_digest: Digest,
        /// Where she answered.
        answered_by: AnsweredBy,
        /// Whether the full request was on the screen.
        seen: YesNo,
        /// Whether she reported the request as suspicious.
        reported: YesNo,
        /// Digest of the exact text shown or sent.
        wording_digest: Digest,
        /// Its language.
        language: Language,
        /// How sure.
        assurance: Assurance,
    }

    /// Fields of `approval.expired`.
    pub struct ApprovalExpired {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The digest that was asked.
        approval_digest: Digest,
    }
}
