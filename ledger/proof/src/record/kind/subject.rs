//! A person and where she is reached.

use crate::digest::Digest;
use crate::ids::ContactId;
use crate::record::fields::fields;
use crate::record::value::words;
use crate::record::word::{Assurance, Language};

words! {
    /// Where a message can be sent.
    pub enum Channel {
        /// A mobile number.
        Sms = "sms",
        /// An e-mail address.
        Email = "email",
    }
}

fields! {
    /// Fields of `subject.enrolled`.
    pub struct SubjectEnrolled {
        /// Commits to the key of epoch 0 (see [`crate::stream`]).
        tag_key: Digest,
        /// Digest of the visible ID.
        qid_digest: Digest,
        /// Digest of the recovery code.
        recovery_digest: Digest,
        /// The contact that was verified in the same act.
        contact: ContactId,
        /// How sure.
        assurance: Assurance,
        /// The language chosen.
        language: Language,
    }

    /// Fields of `subject.papers_replaced`.
    pub struct PapersReplaced {
        /// Digest of the visible ID from now on.
        qid_digest: Digest,
        /// Digest of the recovery code from now on.
        recovery_digest: Digest,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `subject.contact_verified`.
    pub struct ContactVerified {
        /// The contact in the contacts file.
        contact: ContactId,
        /// What it is.
        channel: Channel,
        /// The contact it replaces.
        replaces: Option<ContactId>,
        /// How sure.
        assurance: Assurance,
    }
}
