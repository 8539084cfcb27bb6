//! A person and where she is reached.

use crate::digest::Digest;
use crate::ids::{ContactId, Timestamp};
use crate::record::fields::fields;
use crate::record::value::words;
use crate::record::word::{Assurance, Language};

words! {
    /// Who stopped the replacing of a contact.
    pub enum KeptBy {
        /// Whoever held the phone that was to be replaced.
        Phone = "phone",
        /// She herself.
        Person = "person",
    }
}

words! {
    /// How an account stands.
    pub enum Account {
        /// It is used.
        Open = "open",
        /// Nothing that rests on her word opens anything, and nothing begins, until she resumes.
        Suspended = "suspended",
        /// For good: her consents and links have ended, and nothing new begins.
        Closed = "closed",
    }
}

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

    /// Fields of `contact.replaced`: announced, and in force when the cooling-off is over.
    pub struct ContactReplaced {
        /// The contact that counts from then on.
        contact: ContactId,
        /// What both are.
        channel: Channel,
        /// The contact that counts until then.
        replaces: ContactId,
        /// When: [`crate::limits::COOLING_OFF_MILLIS`] after the record.
        effective: Timestamp,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `contact.kept`: the replacement was stopped before it was in force.
    pub struct ContactKept {
        /// The contact that stays.
        contact: ContactId,
        /// What it is.
        channel: Channel,
        /// The contact that will not replace it.
        instead_of: ContactId,
        /// Who stopped it.
        kept_by: KeptBy,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `contact.ended` and `contact.confirmed`.
    pub struct ContactSettled {
        /// The contact.
        contact: ContactId,
        /// What it is.
        channel: Channel,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `contact.doubted`.
    pub struct ContactDoubted {
        /// The contact somebody else has shown to be theirs.
        contact: ContactId,
        /// What it is.
        channel: Channel,
    }

    /// Fields of `account.suspended`, `account.resumed` and `account.closed`.
    pub struct AccountChanged {
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
        /// How sure.
        assurance: Assurance,
    }
}

impl ContactSettled {
    /// Which contact, and what it is.
    pub const fn named(&self) -> (ContactId, Channel) {
        (self.contact, self.channel)
    }
}
