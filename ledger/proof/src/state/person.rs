//! A person's stream: her links, consents, pending questions.
//!
//! What has ended is dropped from the fold, so that its size follows what is alive, not what has
//! been.

use super::FoldError;
use crate::consent::Terms;
use crate::digest::{Digest, Secret};
use crate::ids::{
    ConsentId, ContactId, Epoch, GateNumber, Generation, InstitutionId, KeyVersion, LeafIndex,
    Reference, Seq, SubjectHandle, Timestamp,
};
use crate::record::fields::{fields, frame, nested_items, unframe};
use crate::record::kind::{
    AccessAsked, Assurance, ByStream, Channel, Event, Language, PersonEvent, YesNo, approval_digest,
};
use crate::record::value::Bytes;
use crate::record::{Position, Record, StreamKind};
use akashi_tlog::checkpoint::Origin;

fields! {
    /// The fold of one person's stream.
    pub struct Person {
        /// Her handle.
        subject: SubjectHandle,
        /// Epoch of the tag key in force.
        epoch: Epoch,
        /// Place of the last record.
        seq: Seq,
        /// Log index of the last record.
        last: LeafIndex,
        /// Digest of her visible ID.
        qid_digest: Digest,
        /// Digest of her recovery code.
        recovery_digest: Digest,
        /// Her language.
        language: Language,
        /// Her verified contacts.
        contacts: Vec<Contact>,
        /// Codes institutions have for her, the newest of each institution.
        links: Vec<Link>,
        /// Consents that have not ended.
        consents: Vec<Consent>,
        /// Accesses she is being asked about.
        asks: Vec<PendingAsk>,
    }

    /// A verified contact.
    pub struct Contact {
        /// What it is.
        channel: Channel,
        /// Which one in the contacts file.
        contact: ContactId,
    }

    /// An institution's code for the person.
    pub struct Link {
        /// Whose code.
        institution: InstitutionId,
        /// Version of the sealing key in the code.
        key_version: KeyVersion,
        /// Generation in the code.
        generation: Generation,
        /// L, with which gates of this link are made.
        link_key: Secret,
        /// Number of the last gate made on it; absent before the first.
        gates: Option<GateNumber>,
        /// Whether the code has ended.
        revoked: YesNo,
    }

    /// A consent that has not ended.
    pub struct Consent {
        /// The consent through its life.
        id: ConsentId,
        /// Log index of the record that says what stands now.
        index: LeafIndex,
        /// What it allows.
        [flat] terms: Terms,
        /// How sure.
        assurance: Assurance,
    }

    /// An access the person is being asked about.
    pub struct PendingAsk {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The institution that asks.
        requester: InstitutionId,
        /// First instant at which an answer is too late.
        expires: Timestamp,
        /// Digest of exactly what is asked.
        approval_digest: Digest,
        /// The short reference in the message.
        reference: Reference,
        /// Whether a reply by SMS may approve.
        low_risk: YesNo,
        /// Log index of `approval.granted`, until the new decision is made.
        granted: Option<LeafIndex>,
        /// The statement to decide again.
        statement: Bytes,
        /// Its nonce.
        request_nonce: Bytes,
    }
}

nested_items!(Contact, Link, Consent, PendingAsk);

impl PendingAsk {
    /// Whether she can still answer at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.granted.is_none() && now < self.expires
    }
}

impl Person {
    /// Begins with `subject.enrolled`, which stands at `index` in the log.
    ///
    /// # Errors
    /// [`FoldError`] if the record cannot begin a person's stream.
    pub fn enrol(index: LeafIndex, record: &Record) -> Result<Self, FoldError> {
        let (Event::SubjectEnrolled(e), Position::Person(place)) =
            (&record.event, &record.position)
        else {
            return Err(FoldError::Contradiction(
                "a person's first record is not `subject.enrolled`",
            ));
        };
        if (place.epoch, place.seq, place.prev) != (Epoch::FIRST, Seq::FIRST, None) {
            return Err(FoldError::Contradiction(
                "a person's first record is not epoch 0, seq 1",
            ));
        }
        Ok(Self {
            subject: place.subject,
            epoch: Epoch::FIRST,
            seq: Seq::FIRST,
            last: index,
            qid_digest: e.qid_digest,
            recovery_digest: e.recovery_digest,
            language: e.language,
            contacts: vec![Contact {
                channel: Channel::Sms,
                contact: e.contact,
            }],
            links: Vec::new(),
            consents: Vec::new(),
            asks: Vec::new(),
        })
    }

    /// The fold as bytes: what a store may keep to spare replaying the whole stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        frame(self)
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        unframe(bytes).ok()
    }

    /// The newest code of an institution, revoked or not.
    pub fn link(&self, institution: &InstitutionId) -> Option<&Link> {
        self.links
            .iter()
            .find(|link| link.institution == *institution)
    }

    /// The question about the access at this log index, if it is still open.
    pub fn ask(&self, access: LeafIndex) -> Option<&PendingAsk> {
        self.asks.iter().find(|ask| ask.access == access)
    }

    /// What a question about this statement puts to her: the digest an answer must be bound to, and
    /// a reference no other open question of hers has.
    pub fn question(
        &self,
        origin: &Origin,
        statement: &[u8],
        expires: Timestamp,
    ) -> (Digest, Reference) {
        let digest = approval_digest(origin, &self.subject, statement, expires);
        let is_taken = |drawn: &Reference| self.asks.iter().any(|ask| ask.reference == *drawn);
        let reference = Reference::of(&digest, is_taken);
        (digest, reference)
    }

    /// Takes the next record of the stream, which stands at `index` in the log.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is unchanged.
    pub fn apply(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        let Position::Person(place) = &record.position else {
            return Err(FoldError::Contradiction(
                "the record is not in a person's stream",
            ));
        };
        if place.subject != self.subject {
            return Err(FoldError::Contradiction(
                "the record is in another person's stream",
            ));
        }
        if place.epoch != self.epoch {
            return Err(FoldError::Epoch {
                expected: self.epoch,
                found: place.epoch,
            });
        }
        if place.seq != self.seq.next() {
            return Err(FoldError::Seq {
                stream: StreamKind::Person,
                expected: self.seq.next(),
                found: place.seq,
            });
        }
        if place.prev != Some(self.last) {
            return Err(FoldError::Contradiction(
                "`prev` is not the record before in this stream",
            ));
        }
        self.fold(index, record)?;
        self.seq = place.seq;
        self.last = index;
        Ok(())
    }

    fn fold(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        let ByStream::Person(event) = record.event.by_stream() else {
            return Err(FoldError::Contradiction(
                "the kind is not one of a person's",
            ));
        };
        self.consents
            .retain(|consent| record.time < consent.terms.valid_until);
        match event {
            PersonEvent::SubjectEnrolled(_) => {
                return Err(FoldError::Contradiction("a person is enrolled once"));
            }
            PersonEvent::ContactVerified(e) => {
                self.contacts
                    .retain(|known| Some(known.contact) != e.replaces);
                self.contacts.push(Contact {
                    channel: e.channel,
                    contact: e.contact,
                });
            }
            PersonEvent::LinkIssued(e) => {
                self.links.retain(|link| link.institution != e.institution);
                self.links.push(Link {
                    institution: e.institution.clone(),
                    key_version: e.key_version,
                    generation: e.generation,
                    link_key: e.link_key.clone(),
                    gates: None,
                    revoked: YesNo::No,
                });
            }
            PersonEvent::LinkRevoked(e) => {
                let link = self
                    .links
                    .iter_mut()
                    .find(|l| l.institution == e.institution && l.generation == e.generation);
                link.ok_or(FoldError::Contradiction(
                    "there is no such link code to revoke",
                ))?
                .revoked = YesNo::Yes;
            }
            PersonEvent::ConsentGiven(e) => self.consents.push(Consent {
                id: e.consent,
                index,
                terms: e.terms.clone(),
                assurance: e.assurance,
            }),
            PersonEvent::ConsentNarrowed(e) => {
                let consent = self.consents.iter_mut().find(|c| c.id == e.consent);
                let consent = consent.ok_or(FoldError::Contradiction(
                    "there is no such consent to narrow",
                ))?;
                if !e.terms.narrows(&consent.terms) {
                    return Err(FoldError::Contradiction(
                        "a consent can only be narrowed, never widened",
                    ));
                }
                consent.index = index;
                consent.terms = e.terms.clone();
            }
            PersonEvent::ConsentWithdrawn(e) => {
                let before = self.consents.len();
                self.consents.retain(|consent| consent.id != e.consent);
                if self.consents.len() == before {
                    return Err(FoldError::Contradiction(
                        "there is no such consent to withdraw",
                    ));
                }
            }
            PersonEvent::AccessPermitted(e) => {
                let m = e
                    .gate_number
                    .ok_or(FoldError::Contradiction("a permit without a gate number"))?;
                let link = self
                    .links
                    .iter_mut()
                    .find(|link| link.institution == e.holder);
                let link = link.ok_or(FoldError::Contradiction(
                    "a permit for a holder without a link code",
                ))?;
                let expected = GateNumber::after(link.gates);
                if m != expected {
                    return Err(FoldError::GateNumber { expected, found: m });
                }
                link.gates = Some(m);
                self.close_granted(e.approval);
            }
            PersonEvent::AccessDenied(e) => self.close_granted(e.approval),
            PersonEvent::AccessAsked(e) => {
                let ask = self.asked(index, record, e)?;
                self.asks.push(ask);
            }
            PersonEvent::ApprovalGranted(e) => {
                let ask = self.asks.iter_mut().find(|ask| ask.access == e.access);
                let ask = ask.ok_or(FoldError::Contradiction("there is no such question"))?;
                if ask.approval_digest != e.approval_digest || record.time >= ask.expires {
                    return Err(FoldError::Contradiction(
                        "the approval is not for this question, or too late",
                    ));
                }
                ask.granted = Some(index);
            }
            PersonEvent::ApprovalRefused(e) => self.close_ask(e.access)?,
            PersonEvent::ApprovalExpired(e) => self.close_ask(e.access)?,
            // What was released, found or told changes nothing about her.
            PersonEvent::AccessReleased(_)
            | PersonEvent::ReleaseRefused(_)
            | PersonEvent::AlertRaised(_)
            | PersonEvent::NoticeSent(_)
            | PersonEvent::NoticeFailed(_) => {}
        }
        Ok(())
    }

    /// The question `access.asked` puts to her: exactly the one that follows from what it says.
    fn asked(
        &self,
        index: LeafIndex,
        record: &Record,
        e: &AccessAsked,
    ) -> Result<PendingAsk, FoldError> {
        let decided = &e.decided;
        let expires = decided
            .expires
            .ok_or(FoldError::Contradiction("a question without an end"))?;
        let put = self.question(&record.origin, &decided.statement.0, expires);
        if put != (e.approval_digest, e.reference.clone()) {
            return Err(FoldError::Contradiction(
                "what is put to her is not what was asked",
            ));
        }
        Ok(PendingAsk {
            access: index,
            requester: decided.requester.clone(),
            expires,
            approval_digest: e.approval_digest,
            reference: e.reference.clone(),
            low_risk: e.low_risk,
            granted: None,
            statement: decided.statement.clone(),
            request_nonce: decided.request_nonce.clone(),
        })
    }

    fn close_ask(&mut self, access: LeafIndex) -> Result<(), FoldError> {
        let before = self.asks.len();
        self.asks.retain(|ask| ask.access != access);
        if self.asks.len() < before {
            Ok(())
        } else {
            Err(FoldError::Contradiction("there is no such question"))
        }
    }

    fn close_granted(&mut self, approval: Option<LeafIndex>) {
        if approval.is_some() {
            self.asks.retain(|ask| ask.granted != approval);
        }
    }
}
