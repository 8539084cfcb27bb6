//! A person's answers to questions, and what they are bound to; the question itself stands in
//! `access.asked`.

use crate::digest::Digest;
use crate::ids::{LeafIndex, SubjectHandle, Timestamp};
use crate::record::fields::fields;
use crate::record::value::words;
use crate::record::word::{Assurance, Language, YesNo};
use akashi_tlog::checkpoint::Origin;

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

/// Digest of exactly what a person is asked: an answer to anything else is no answer.
///
/// It follows from what the record of the question says and not from where that record stands, so
/// that it can stand in it. No two questions have the same: a ledger decides a statement once, and
/// what she approved is not asked about again.
pub fn approval_digest(
    origin: &Origin,
    subject: &SubjectHandle,
    statement: &[u8],
    expires: Timestamp,
) -> Digest {
    Digest::of(&[
        b"akashi/approval/v1",
        origin.as_str().as_bytes(),
        b"\n",
        subject.as_bytes(),
        Digest::of(&[statement]).as_bytes(),
        &expires.as_millis().to_be_bytes(),
    ])
}
