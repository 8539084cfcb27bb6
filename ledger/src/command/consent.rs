//! The person agrees, leaves less standing, or ends it.

use std::sync::Arc;

use akashi_proof::consent::Terms;
use akashi_proof::decision::{ConsentQuestion, Policies};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{ConsentId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{
    Assurance, ConsentGiven, ConsentNarrowed, ConsentWithdrawn, Event, Language,
};

use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::limits::CONSENTS_MAX;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane};
use crate::writer::transaction::{ENGINE, Transaction};

/// Records one screen of consent: one record for each pair of recipient and holder, joined by their
/// group.
pub struct GiveConsent {
    /// The person.
    pub subject: SubjectHandle,
    /// What she agreed to.
    pub consents: Vec<ConsentGiven>,
    /// The policies at hand: the one in force when its turn comes says what may be agreed to.
    pub policies: Arc<dyn Policies>,
}

impl Command for GiveConsent {
    /// Log indexes of the records.
    type Receipt = Vec<LeafIndex>;

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<Vec<LeafIndex>, Refusal> {
        let person = tx.need_person(&self.subject)?;
        tx.need_complete(&person)?;
        let (registry, policy) = (tx.registry(), tx.policy(self.policies.as_ref())?);
        if person.consents.len() + self.consents.len() > CONSENTS_MAX {
            let expected = format!("at most {CONSENTS_MAX} live consents");
            return Err(Fault::new(FaultCode::Conflict, "consent", expected, "more").into());
        }
        for consent in &self.consents {
            let fault =
                |field, expected, found| Fault::new(FaultCode::Conflict, field, expected, found);
            let terms = &consent.terms;
            let (Some(recipient), Some(holder)) = (
                registry.institution(&terms.recipient),
                registry.institution(&terms.holder),
            ) else {
                return Err(fault("recipient", "certified institutions", "another").into());
            };
            policy.may_agree(&ConsentQuestion {
                recipient,
                holder,
                terms,
                assurance: consent.assurance,
            })?;
            if terms.valid_from >= terms.valid_until || terms.valid_until <= tx.now() {
                return Err(fault(
                    "valid_until",
                    "a time to come, after the beginning",
                    "another",
                )
                .into());
            }
            if person
                .consents
                .iter()
                .any(|known| known.id == consent.consent)
            {
                return Err(fault("consent", "a new consent", "one given before").into());
            }
        }
        let append =
            |consent| tx.append_person(&self.subject, ENGINE, Event::ConsentGiven(consent));
        self.consents.into_iter().map(append).collect()
    }
}

/// Records that less of a consent remains.
pub struct NarrowConsent {
    /// The person.
    pub subject: SubjectHandle,
    /// Which consent.
    pub consent: ConsentId,
    /// What remains: no more than stands.
    pub left: Terms,
    /// Digest of the exact text shown.
    pub wording_digest: Digest,
    /// The language it was shown in.
    pub language: Language,
    /// How sure.
    pub assurance: Assurance,
}

impl Command for NarrowConsent {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self) -> Lane {
        Lane::Urgent
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let event = Event::ConsentNarrowed(ConsentNarrowed {
            consent: self.consent,
            terms: self.left,
            wording_digest: self.wording_digest,
            language: self.language,
            assurance: self.assurance,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that a consent has ended by the person's will.
pub struct WithdrawConsent {
    /// The person.
    pub subject: SubjectHandle,
    /// Which consent.
    pub consent: ConsentId,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for WithdrawConsent {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self) -> Lane {
        Lane::Urgent
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let event = Event::ConsentWithdrawn(ConsentWithdrawn {
            consent: self.consent,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}
