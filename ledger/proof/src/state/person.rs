//! A person's stream: her links, consents, pending questions.
//!
//! What has ended is dropped from the fold, so that its size follows what is alive, not what has
//! been.

use super::FoldError;
use super::same_question::{Rest, same_question};
use crate::consent::Terms;
use crate::digest::{Digest, Secret};
use crate::fault::{Fault, FaultCode};
use crate::gate::gate;
use crate::ids::{
    ConsentId, ContactId, Epoch, GateNumber, Generation, InstitutionId, KeyVersion, LeafIndex,
    Reference, Seq, SubjectHandle, Timestamp,
};
use crate::limits::{CONTACTS_MAX, COOLING_OFF_MILLIS, REPORTED_AT_ONCE_MAX};
use crate::record::fields::{fields, frame, nested_items, unframe};
use crate::record::kind::{
    AccessAsked, AccessDecided, Account, AlertRaised, AnsweredBy, ApprovalAnswered,
    ApprovalExpired, Assurance, BasisKind, ByStream, Channel, ConsentNarrowed, ContactKept,
    ContactReplaced, Event, KeptBy, Language, LinkEnd, MustShow, PersonEvent, YesNo,
    approval_digest,
};
use crate::record::value::Bytes;
use crate::record::{Closed, PersonPosition, Position, Record, StreamKind};
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
        /// Digest of her visible ID; absent where the record that says so is not open.
        qid_digest: Option<Digest>,
        /// Digest of her recovery code; absent where the record that says so is not open.
        recovery_digest: Option<Digest>,
        /// How her account stands.
        account: Account,
        /// Her language.
        language: Language,
        /// Her verified contacts.
        contacts: Vec<Contact>,
        /// The last instant at which a phone that no longer stands here ceased to be hers; absent
        /// while she has the one she enrolled with: see [`Person::moved_at`].
        moved: Option<Timestamp>,
        /// Codes institutions have for her, the newest of each institution.
        links: Vec<Link>,
        /// Consents that have not ended.
        consents: Vec<Consent>,
        /// Log index of the record by which she last ended all consents at once: what she allowed
        /// before it opens nothing any more.
        stopped: Option<LeafIndex>,
        /// Accesses she is being asked about.
        asks: Vec<PendingAsk>,
        /// Permits nobody has released on and that have not ended.
        permits: Vec<OpenPermit>,
        /// Questions that ended without her approval, the oldest first; at most
        /// [`RESTS_MAX`](crate::limits::RESTS_MAX).
        rests: Vec<Rest>,
        /// Statements about her of the newest day on which there was one, by institution.
        statements: Vec<StatementsOf>,
        /// Whether a record was passed over because its body was not open: what follows may speak
        /// of what it said.
        gaps: YesNo,
        /// Whether one of her records is lost: what stands here may have ended, and what stands may
        /// not be here.
        incomplete: YesNo,
    }

    /// How many statements of one institution were decided about her, or refused as releases of her
    /// data. What followed from her own yes is not among them: its requester could tell from it
    /// what she said.
    pub struct StatementsOf {
        /// The institution.
        institution: InstitutionId,
        /// On which day ([`Timestamp::day_utc`]).
        day: u64,
        /// How many on it.
        in_day: u64,
        /// In which hour of it, the newest in which there was one ([`Timestamp::hour_utc`]).
        hour: u64,
        /// How many in it.
        in_hour: u64,
    }

    /// A verified contact.
    pub struct Contact {
        /// What it is.
        channel: Channel,
        /// Which one in the contacts file.
        contact: ContactId,
        /// Whether it counts for nothing, until it is unblocked.
        blocked: YesNo,
        /// Log index of the record that blocked it last, also once it is unblocked: what somebody
        /// showed with it before is worth nothing any more.
        block: Option<LeafIndex>,
        /// Since when somebody else has shown it to be theirs, where she has not said since that it
        /// is hers as well.
        doubted: Option<Timestamp>,
        /// The first instant at which it is hers.
        from: Timestamp,
        /// The first instant at which it no longer is; absent while no other is to replace it.
        until: Option<Timestamp>,
    }

    /// An institution's code for the person.
    pub struct Link {
        /// Whose code.
        institution: InstitutionId,
        /// Version of the sealing key in the code.
        key_version: KeyVersion,
        /// Generation in the code.
        generation: Generation,
        /// Log index of `link.issued`: what was permitted before it rests on another link.
        issued: LeafIndex,
        /// L, with which gates of this link are made.
        link_key: Secret,
        /// Number of the last gate made on it; absent before the first.
        gates: Option<GateNumber>,
        /// Log index of the record that ended the code; absent while it stands.
        ended: Option<LeafIndex>,
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

    /// A permit that waits to be released on.
    pub struct OpenPermit {
        /// Log index of the permit.
        access: LeafIndex,
        /// Who may see.
        requester: InstitutionId,
        /// Who may release.
        holder: InstitutionId,
        /// First instant at which it no longer holds.
        expires: Timestamp,
        /// Whether it rests on an emergency.
        emergency: YesNo,
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
        /// Digest of what is the same to her in another question: [`same_question`].
        same: Digest,
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

nested_items!(Contact, Link, Consent, PendingAsk, OpenPermit, StatementsOf);

const fn is_emergency(basis: BasisKind) -> YesNo {
    match basis {
        BasisKind::Emergency => YesNo::Yes,
        BasisKind::Consent | BasisKind::Statute | BasisKind::Statistics => YesNo::No,
    }
}

const NO_QUESTION: &str = "there is no such question";
const HERS_ALREADY: &str = "the contact is hers already";

/// What of the records is not known to whoever folds them.
#[derive(Clone, Copy)]
struct Unknown {
    /// One before was passed over: this one may speak of what it said.
    speaks_of_unknown: bool,
    /// What institutions signed about her is closed, as in her history file.
    statements_are_closed: bool,
}

impl Unknown {
    /// For a record that speaks of what is not here.
    fn or(self, what: &'static str) -> Result<(), FoldError> {
        if self.speaks_of_unknown {
            Ok(())
        } else {
            Err(FoldError::Contradiction(what))
        }
    }
}

impl Contact {
    /// Whether it is hers at `now`.
    pub fn is_hers(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether somebody else has shown it to be theirs, and she has not said since that it is hers
    /// as well.
    pub const fn is_doubted(&self) -> bool {
        self.doubted.is_some()
    }

    /// Whether what comes from it may be taken for hers, and what goes to it is read by her.
    pub fn speaks_for_her(&self) -> bool {
        self.blocked == YesNo::No && !self.is_doubted()
    }

    /// Whether it is the one a record names, and a phone: only a phone is lost, and only a number
    /// becomes somebody else's.
    fn is_phone(&self, named: (ContactId, Channel)) -> bool {
        self.channel == Channel::Sms && (self.contact, self.channel) == named
    }
}

impl Link {
    /// Whether the code has not ended.
    pub fn stands(&self) -> bool {
        self.ended.is_none()
    }
}

impl PendingAsk {
    /// Whether she can still answer at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.granted.is_none() && now < self.expires
    }

    /// Whether so little is at stake that a reply by SMS, and whoever holds her phone, may approve.
    ///
    /// # Errors
    /// [`FaultCode::Conflict`] or [`FaultCode::NotAuthorised`]: she must come to the portal, known
    /// as one person.
    pub fn may_be_granted(&self, by: AnsweredBy, shown: Assurance) -> Result<(), Fault> {
        check_granted(self.low_risk, by, shown)
    }
}

/// Whether a question of this risk may be approved so.
///
/// # Errors
/// As [`PendingAsk::may_be_granted`].
pub fn check_granted(low_risk: YesNo, by: AnsweredBy, shown: Assurance) -> Result<(), Fault> {
    match (low_risk, by) {
        (YesNo::Yes, AnsweredBy::Portal | AnsweredBy::Reply) => Ok(()),
        (YesNo::No, AnsweredBy::Portal) => MustShow::Person.check(shown),
        (YesNo::No, AnsweredBy::Reply) => {
            let expected = "an approval in the portal, with the full request on the screen";
            Err(Fault::new(
                FaultCode::Conflict,
                "answered_by",
                expected,
                "a reply",
            ))
        }
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
        record.event.check_shown().map_err(FoldError::NotShown)?;
        Ok(Self {
            qid_digest: Some(e.qid_digest),
            recovery_digest: Some(e.recovery_digest),
            language: e.language,
            contacts: vec![Contact {
                channel: Channel::Sms,
                contact: e.contact,
                blocked: YesNo::No,
                block: None,
                doubted: None,
                from: record.time,
                until: None,
            }],
            ..Self::begin(index, place)?
        })
    }

    /// Begins with a first record whose body is not open: nothing is known of her but her place.
    ///
    /// # Errors
    /// [`FoldError`] if the place is not the first of a person's stream.
    pub fn enrol_closed(
        index: LeafIndex,
        place: &PersonPosition,
        closed: Closed,
    ) -> Result<Self, FoldError> {
        let mut person = Self::begin(index, place)?;
        person.gaps = YesNo::Yes;
        person.close(index, closed);
        Ok(person)
    }

    fn begin(index: LeafIndex, place: &PersonPosition) -> Result<Self, FoldError> {
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
            qid_digest: None,
            recovery_digest: None,
            account: Account::Open,
            language: Language::Ja,
            contacts: Vec::new(),
            moved: None,
            links: Vec::new(),
            consents: Vec::new(),
            stopped: None,
            asks: Vec::new(),
            permits: Vec::new(),
            rests: Vec::new(),
            statements: Vec::new(),
            gaps: YesNo::No,
            incomplete: YesNo::No,
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

    /// The contacts that are hers at `now`: not those that are yet to replace one, nor those that
    /// were replaced.
    pub fn contacts_at(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = &Contact> {
        self.contacts.iter().filter(move |known| known.is_hers(now))
    }

    /// Whether she has as many contacts as one person may ([`CONTACTS_MAX`]), of whom the one that
    /// is to replace another takes its place here, too.
    pub fn has_all_contacts(&self) -> bool {
        let lasting = self.contacts.iter().filter(|known| known.until.is_none());
        lasting.count() >= CONTACTS_MAX
    }

    /// The contact that is about to be replaced, and the one that will replace it.
    pub fn replacing(&self, now: Timestamp) -> Option<(&Contact, &Contact)> {
        let mut contacts = self.contacts.iter();
        let new = contacts.find(|known| now < known.from)?;
        let mut contacts = self.contacts.iter();
        let old = contacts.find(|known| known.until == Some(new.from))?;
        Some((old, new))
    }

    /// The last instant, not after `now`, at which a phone ceased to be hers; `None` while she has
    /// the one she enrolled with. Who signed in with that phone is shown nothing from then on. One
    /// that is yet to be replaced, and may still be kept, does not count.
    pub fn moved_at(&self, now: Timestamp) -> Option<Timestamp> {
        let phones = self.contacts.iter();
        let phones = phones.filter(|known| known.channel == Channel::Sms);
        let replaced = phones.filter_map(|known| known.until.filter(|until| *until <= now));
        replaced.chain(self.moved).max()
    }

    /// Whether this contact may end at `now`: another by which she is reached is older, or has been
    /// hers for a whole cooling-off, so that her older ones have heard of it and could act; and the
    /// contact is not being replaced, which would have to be stopped first.
    pub fn may_end(&self, contact: ContactId, now: Timestamp) -> bool {
        let mut contacts = self.contacts.iter();
        let Some(ended) = contacts.find(|known| known.contact == contact) else {
            return false;
        };
        let mut others = self.contacts_at(now);
        ended.until.is_none()
            && others.any(|known| {
                let is_old =
                    known.from < ended.from || known.from.plus_millis(COOLING_OFF_MILLIS) <= now;
                known.contact != contact && known.speaks_for_her() && is_old
            })
    }

    /// Whether she, or whoever has one of her phones, may stop that a contact is replaced: a phone
    /// that is blocked, or somebody else's too, stops nothing.
    pub fn may_keep(&self, by: KeptBy, now: Timestamp) -> bool {
        match by {
            KeptBy::Person => true,
            KeptBy::Phone => {
                let has_phone = |known: &Contact| known.channel == Channel::Sms;
                self.contacts_at(now).any(has_phone) && self.phone_speaks_for_her(now)
            }
        }
    }

    /// Whether the phone alone shows what is hers: none of those she has is blocked, or shown to be
    /// somebody else's too.
    pub fn phone_speaks_for_her(&self, now: Timestamp) -> bool {
        let mut phones = self
            .contacts_at(now)
            .filter(|known| known.channel == Channel::Sms);
        phones.all(Contact::speaks_for_her)
    }

    /// Whether nothing that rests on her own word may open anything at `now`: her phone is blocked,
    /// or her account is not open.
    pub fn word_counts_for_nothing(&self, now: Timestamp) -> bool {
        self.has_blocked_phone(now) || self.account != Account::Open
    }

    /// Log index of the record by which a contact of hers was blocked last, also once it is
    /// unblocked: what somebody had shown before it counts no more. One that ended takes its own
    /// along: who signed in with that is shown nothing ([`Self::moved_at`]).
    pub fn last_block(&self) -> Option<LeafIndex> {
        self.contacts.iter().filter_map(|known| known.block).max()
    }

    /// Whether a phone she has at `now` is blocked: then nothing that rests on her own word opens
    /// anything. One that was replaced since takes nothing from her.
    pub fn has_blocked_phone(&self, now: Timestamp) -> bool {
        self.contacts_at(now)
            .any(|known| known.channel == Channel::Sms && known.blocked == YesNo::Yes)
    }

    /// The question about the access at this log index, if it is still open.
    pub fn ask(&self, access: LeafIndex) -> Option<&PendingAsk> {
        self.asks.iter().find(|ask| ask.access == access)
    }

    /// How many permits of a requester at a holder wait to be released on at `now`, on the ground
    /// of emergencies or on any other: that of the access that is asked for.
    pub fn open_permits(
        &self,
        (requester, holder): (&InstitutionId, &InstitutionId),
        basis: BasisKind,
        now: Timestamp,
    ) -> usize {
        let emergency = is_emergency(basis);
        let open = self.permits.iter().filter(|permit| {
            permit.requester == *requester
                && permit.holder == *holder
                && permit.emergency == emergency
                && now < permit.expires
        });
        open.count()
    }

    /// How many statements of this institution about her there were in the hour, and on the day, of
    /// `now`.
    pub fn statements_of(&self, institution: &InstitutionId, now: Timestamp) -> (u64, u64) {
        let today =
            |one: &&StatementsOf| one.institution == *institution && one.day == now.day_utc();
        let Some(one) = self.statements.iter().find(today) else {
            return (0, 0);
        };
        let in_hour = if one.hour == now.hour_utc() {
            one.in_hour
        } else {
            0
        };
        (in_hour, one.in_day)
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
        self.take(index, record, |_| Unknown {
            speaks_of_unknown: false,
            statements_are_closed: false,
        })
    }

    /// As [`Self::apply`], of a record that stands in the log. Where one before it was passed over
    /// it may speak of what that one said, and changes nothing then.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn replay(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        self.take(index, record, |gaps| Unknown {
            speaks_of_unknown: gaps,
            statements_are_closed: false,
        })
    }

    /// As [`Self::replay`], of a record as her history file shows it: what institutions signed
    /// about her is closed there, so that a question is not made again from it.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn replay_shown(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        self.take(index, record, |gaps| Unknown {
            speaks_of_unknown: gaps,
            statements_are_closed: true,
        })
    }

    fn take(
        &mut self,
        index: LeafIndex,
        record: &Record,
        unknown: impl FnOnce(bool) -> Unknown,
    ) -> Result<(), FoldError> {
        let Position::Person(place) = &record.position else {
            return Err(FoldError::Contradiction(
                "the record is not in a person's stream",
            ));
        };
        self.follows(place)?;
        self.fold(index, record, unknown(self.gaps == YesNo::Yes))?;
        self.seq = place.seq;
        self.last = index;
        Ok(())
    }

    /// Takes the place of the next record of the stream, whose body is not open, with the gate its
    /// entry carries: a permit has used one up, whether or not it can be read.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is unchanged.
    pub fn pass(
        &mut self,
        index: LeafIndex,
        place: &PersonPosition,
        carried: &[u8; 32],
        closed: Closed,
    ) -> Result<(), FoldError> {
        self.follows(place)?;
        let used_up =
            |link: &&mut Link| gate(&link.link_key, GateNumber::after(link.gates)) == *carried;
        if let Some(link) = self.links.iter_mut().find(used_up) {
            link.gates = Some(GateNumber::after(link.gates));
        }
        self.gaps = YesNo::Yes;
        self.close(index, closed);
        self.seq = place.seq;
        self.last = index;
        Ok(())
    }

    /// Takes in that the body of the record at `index`, which the fold has passed or has taken when
    /// it was open, is not open any more. What rests on this record alone ends: a consent that can
    /// no longer be proved, a question that can no longer be shown. Nothing changes when it is told
    /// again.
    pub fn close(&mut self, index: LeafIndex, closed: Closed) {
        self.consents.retain(|consent| consent.index != index);
        self.asks.retain(|ask| ask.access != index);
        self.permits.retain(|permit| permit.access != index);
        match closed {
            Closed::Lost => {
                self.gaps = YesNo::Yes;
                self.incomplete = YesNo::Yes;
            }
            // Whoever closes it records anew what still counts before.
            Closed::Withheld { .. } | Closed::Erased => {}
        }
    }

    /// Whether one of her records is lost, so that nothing may rest on what stands here but an
    /// emergency.
    pub fn is_incomplete(&self) -> bool {
        self.incomplete == YesNo::Yes
    }

    fn follows(&self, place: &PersonPosition) -> Result<(), FoldError> {
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
        Ok(())
    }

    /// Changes what the event changes, or nothing where it is refused. What has ended by this
    /// record but still stands here counts as ended.
    fn fold(
        &mut self,
        index: LeafIndex,
        record: &Record,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let ByStream::Person(event) = record.event.by_stream() else {
            return Err(FoldError::Contradiction(
                "the kind is not one of a person's",
            ));
        };
        record.event.check_shown().map_err(FoldError::NotShown)?;
        match event {
            PersonEvent::SubjectEnrolled(_) => {
                return Err(FoldError::Contradiction("a person is enrolled once"));
            }
            PersonEvent::AccountSuspended(_) => {
                self.turn(&[Account::Open], Account::Suspended, unknown)?;
            }
            PersonEvent::AccountResumed(_) => {
                self.turn(&[Account::Suspended], Account::Open, unknown)?;
            }
            PersonEvent::AccountClosed(_) => {
                self.turn(
                    &[Account::Open, Account::Suspended],
                    Account::Closed,
                    unknown,
                )?;
                self.consents.clear();
                self.stopped = Some(index);
                for link in self.links.iter_mut().filter(|link| link.stands()) {
                    link.ended = Some(index);
                }
            }
            PersonEvent::PapersReplaced(e) => {
                self.qid_digest = Some(e.qid_digest);
                self.recovery_digest = Some(e.recovery_digest);
            }
            PersonEvent::ContactVerified(e) => {
                if self.has_all_contacts() {
                    unknown.or("she has as many contacts as one person may")?;
                }
                self.add_contact((e.contact, e.channel), record.time, unknown)?;
            }
            PersonEvent::ContactReplaced(e) => self.replace_contact(record.time, e, unknown)?,
            PersonEvent::ContactKept(e) => self.keep_contact(record.time, e, unknown)?,
            PersonEvent::ContactEnded(e) => {
                let is_it = |known: &Contact| (known.contact, known.channel) == e.named();
                if !self.contacts.iter().any(is_it) || !self.may_end(e.contact, record.time) {
                    unknown.or("there is no such contact to end, or it may not end")?;
                }
                self.contacts.retain(|known| known.contact != e.contact);
                if e.channel == Channel::Sms {
                    self.moved = Some(record.time);
                }
            }
            PersonEvent::ContactDoubted(e) => {
                self.doubt((e.contact, e.channel), Some(record.time), unknown)?;
            }
            PersonEvent::ContactConfirmed(e) => self.doubt(e.named(), None, unknown)?,
            PersonEvent::LinkIssued(e) => {
                let mut known = self.links.iter();
                let before = known.find(|link| link.institution == e.institution);
                let next = match before {
                    Some(link) => link.generation.next(),
                    None => Some(Generation::FIRST),
                };
                if next != Some(e.generation) {
                    unknown.or("a link code of another generation than the next")?;
                }
                self.links.retain(|link| link.institution != e.institution);
                self.links.push(Link {
                    institution: e.institution.clone(),
                    key_version: e.key_version,
                    generation: e.generation,
                    issued: index,
                    link_key: e.link_key.clone(),
                    gates: None,
                    ended: None,
                });
            }
            PersonEvent::LinkWithdrawn(e) => {
                self.end_link(index, (&e.institution, e.generation), unknown)?;
            }
            PersonEvent::LinkRevoked(e) | PersonEvent::LinkCorrected(e) => {
                let is_corrected = matches!(event, PersonEvent::LinkCorrected(_));
                if is_corrected != (e.cause == LinkEnd::WrongPerson) {
                    return Err(FoldError::Contradiction(
                        "a link code that was wrong is corrected, and no other",
                    ));
                }
                self.end_link(index, (&e.institution, e.generation), unknown)?;
            }
            PersonEvent::ConsentGiven(e) => self.consents.push(Consent {
                id: e.consent,
                index,
                terms: e.terms.clone(),
                assurance: e.assurance,
            }),
            PersonEvent::ConsentNarrowed(e) => self.narrow(index, record.time, e, unknown)?,
            PersonEvent::ConsentWithdrawn(e) => {
                if self.consent(e.consent, record.time).is_none() {
                    unknown.or("there is no such consent to withdraw")?;
                }
                self.consents.retain(|consent| consent.id != e.consent);
            }
            PersonEvent::ConsentsStopped(e) => {
                let live = |one: &&Consent| record.time < one.terms.valid_until;
                if self.consents.iter().filter(live).count() as u64 != e.count {
                    unknown.or("as many consents as ended did not stand")?;
                }
                self.consents.clear();
                self.stopped = Some(index);
            }
            PersonEvent::MeansBlocked(e) => {
                self.block((e.contact, e.channel), Some(index), unknown)?;
            }
            PersonEvent::MeansUnblocked(e) => {
                self.block((e.contact, e.channel), None, unknown)?;
            }
            PersonEvent::AccessPermitted(e) => {
                self.use_gate(index, e, unknown)?;
                self.permits.push(OpenPermit {
                    access: index,
                    requester: e.requester.clone(),
                    holder: e.holder.clone(),
                    expires: e.expires.unwrap_or(record.time),
                    emergency: is_emergency(e.basis_kind),
                });
                self.count_decision(e, record.time);
                self.close_granted(e.approval);
            }
            PersonEvent::AccessDenied(e) => {
                self.count_decision(e, record.time);
                self.close_granted(e.approval);
            }
            PersonEvent::AccessAsked(e) => {
                let ask = self.asked(index, record, e, unknown)?;
                self.asks.push(ask);
                self.count_decision(&e.decided, record.time);
            }
            PersonEvent::ApprovalGranted(e) => {
                let is_for = |ask: &&mut PendingAsk| ask.access == e.access;
                match self.asks.iter_mut().find(is_for) {
                    Some(ask)
                        if ask.approval_digest == e.approval_digest
                            && record.time < ask.expires =>
                    {
                        ask.may_be_granted(e.answered_by, e.assurance)
                            .map_err(FoldError::NotShown)?;
                        ask.granted = Some(index);
                        let same = ask.same;
                        self.rests.retain(|rest| rest.question != same);
                    }
                    Some(_) => unknown.or("the approval is not for this question, or too late")?,
                    None => unknown.or(NO_QUESTION)?,
                }
            }
            PersonEvent::ApprovalRefused(ApprovalAnswered { access, .. })
            | PersonEvent::ApprovalExpired(ApprovalExpired { access, .. }) => {
                match self.close_ask(*access) {
                    Some(ask) => self.rest(ask.same, record.time),
                    None => unknown.or(NO_QUESTION)?,
                }
            }
            PersonEvent::AccessReleased(e) => {
                self.permits.retain(|permit| permit.access != e.access);
            }
            PersonEvent::AlertRaised(AlertRaised { count: 0, .. }) => {
                return Err(FoldError::Contradiction(
                    "an alert that nothing was found for",
                ));
            }
            PersonEvent::NoticesReported(e)
                if !(1..=REPORTED_AT_ONCE_MAX).contains(&e.notices.len()) =>
            {
                return Err(FoldError::Contradiction(
                    "a report on no message, or on too many",
                ));
            }
            PersonEvent::ReleaseRefused(e) => self.count_statement(&e.holder, record.time),
            // What was counted, found or told changes nothing about her.
            PersonEvent::AccessesCounted(_)
            | PersonEvent::AlertRaised(_)
            | PersonEvent::NoticeSent(_)
            | PersonEvent::NoticeFailed(_)
            | PersonEvent::NoticesReported(_) => {}
        }
        self.consents
            .retain(|consent| record.time < consent.terms.valid_until);
        self.moved = self.moved_at(record.time);
        self.contacts
            .retain(|known| known.until.is_none_or(|until| record.time < until));
        self.permits.retain(|permit| record.time < permit.expires);
        Ok(())
    }

    fn count_decision(&mut self, e: &AccessDecided, now: Timestamp) {
        if e.approval.is_none() {
            self.count_statement(&e.requester, now);
        }
    }

    /// A day that is over is forgotten whole.
    fn count_statement(&mut self, institution: &InstitutionId, now: Timestamp) {
        let (in_hour, in_day) = self.statements_of(institution, now);
        let day = now.day_utc();
        self.statements
            .retain(|one| one.day == day && one.institution != *institution);
        self.statements.push(StatementsOf {
            institution: institution.clone(),
            day,
            in_day: in_day + 1,
            hour: now.hour_utc(),
            in_hour: in_hour + 1,
        });
    }

    /// The consent, unless it has ended at `now`.
    fn consent(&mut self, id: ConsentId, now: Timestamp) -> Option<&mut Consent> {
        self.consents
            .iter_mut()
            .find(|consent| consent.id == id && now < consent.terms.valid_until)
    }

    fn narrow(
        &mut self,
        index: LeafIndex,
        now: Timestamp,
        e: &ConsentNarrowed,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let Some(consent) = self.consent(e.consent, now) else {
            return unknown.or("there is no such consent to narrow");
        };
        if !e.terms.narrows(&consent.terms) {
            return Err(FoldError::Contradiction(
                "a consent can only be narrowed, never widened",
            ));
        }
        consent.index = index;
        consent.terms = e.terms.clone();
        Ok(())
    }

    /// Another contact takes this one's place after the cooling-off: one at a time.
    fn replace_contact(
        &mut self,
        now: Timestamp,
        e: &ContactReplaced,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        if e.effective != now.plus_millis(COOLING_OFF_MILLIS) {
            return Err(FoldError::Contradiction(
                "a contact is replaced after the cooling-off",
            ));
        }
        if self.replacing(now).is_some() {
            unknown.or("one contact is replaced at a time")?;
        }
        if self.contacts.iter().any(|known| known.contact == e.contact) {
            unknown.or(HERS_ALREADY)?;
        }
        let mut contacts = self.contacts.iter_mut();
        let old = contacts.find(|known| {
            known.contact == e.replaces && known.channel == e.channel && known.is_hers(now)
        });
        match old {
            Some(old) => old.until = Some(e.effective),
            None => unknown.or("there is no such contact to replace")?,
        }
        self.add_contact((e.contact, e.channel), e.effective, unknown)
    }

    /// One contact more. Taken a second time it would be another that is neither blocked nor
    /// doubted.
    fn add_contact(
        &mut self,
        (contact, channel): (ContactId, Channel),
        from: Timestamp,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        if self.contacts.iter().any(|known| known.contact == contact) {
            return unknown.or(HERS_ALREADY);
        }
        self.contacts.push(Contact {
            channel,
            contact,
            blocked: YesNo::No,
            block: None,
            doubted: None,
            from,
            until: None,
        });
        Ok(())
    }

    /// The contact that was to be replaced stays.
    fn keep_contact(
        &mut self,
        now: Timestamp,
        e: &ContactKept,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let is_it = self.replacing(now).is_some_and(|(old, new)| {
            (old.contact, old.channel) == (e.contact, e.channel) && new.contact == e.instead_of
        });
        if !is_it {
            unknown.or("nothing is about to replace that contact")?;
        }
        if !self.may_keep(e.kept_by, now) {
            unknown.or("a phone that does not speak for her stops nothing")?;
        }
        self.contacts.retain(|known| known.contact != e.instead_of);
        for known in &mut self.contacts {
            if known.contact == e.contact {
                known.until = None;
            }
        }
        Ok(())
    }

    /// Somebody else has shown the contact to be theirs, or she says that it is hers as well.
    fn doubt(
        &mut self,
        named: (ContactId, Channel),
        doubted: Option<Timestamp>,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let mut phones = self.contacts.iter_mut();
        let turns =
            |known: &&mut Contact| known.is_phone(named) && known.is_doubted() != doubted.is_some();
        match phones.find(turns) {
            Some(known) => {
                known.doubted = doubted;
                Ok(())
            }
            None => unknown.or("there is no such phone to doubt or to confirm"),
        }
    }

    /// The account stands otherwise from now on.
    fn turn(&mut self, from: &[Account], to: Account, unknown: Unknown) -> Result<(), FoldError> {
        if !from.contains(&self.account) {
            unknown.or("the account does not stand so that it could turn")?;
        }
        self.account = to;
        Ok(())
    }

    /// The contact is blocked by the record at this log index, or by none any more; it was the
    /// other until then.
    fn block(
        &mut self,
        named: (ContactId, Channel),
        by: Option<LeafIndex>,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let blocked = if by.is_some() { YesNo::Yes } else { YesNo::No };
        let mut phones = self.contacts.iter_mut();
        match phones.find(|known| known.is_phone(named) && known.blocked != blocked) {
            Some(known) => {
                known.blocked = blocked;
                known.block = by.or(known.block);
                Ok(())
            }
            None => unknown.or("there is no such phone to block or unblock"),
        }
    }

    /// The code ends, which stands until then.
    fn end_link(
        &mut self,
        index: LeafIndex,
        (institution, generation): (&InstitutionId, Generation),
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let mut links = self.links.iter_mut();
        let stands = |link: &&mut Link| {
            link.institution == *institution && link.generation == generation && link.stands()
        };
        match links.find(stands) {
            Some(link) => {
                link.ended = Some(index);
                Ok(())
            }
            None => unknown.or("there is no such link code to end"),
        }
    }

    /// The permit uses up the next gate of the holder's link.
    fn use_gate(
        &mut self,
        index: LeafIndex,
        e: &AccessDecided,
        unknown: Unknown,
    ) -> Result<(), FoldError> {
        let m = e
            .gate_number
            .ok_or(FoldError::Contradiction("a permit without a gate number"))?;
        let mut links = self.links.iter_mut();
        match links.find(|link| link.institution == e.holder) {
            None => unknown.or("a permit for a holder without a link code"),
            Some(link) if m == GateNumber::after(link.gates) => {
                link.gates = Some(m);
                Ok(())
            }
            // The permit was made on another link than this one: a newer, which is not known. The
            // holder would not take this one's gates.
            Some(link) if unknown.speaks_of_unknown => {
                link.ended = Some(index);
                Ok(())
            }
            Some(link) => {
                let expected = GateNumber::after(link.gates);
                Err(FoldError::GateNumber { expected, found: m })
            }
        }
    }

    /// The question `access.asked` puts to her: exactly the one that follows from what it says.
    fn asked(
        &self,
        index: LeafIndex,
        record: &Record,
        e: &AccessAsked,
        unknown: Unknown,
    ) -> Result<PendingAsk, FoldError> {
        let decided = &e.decided;
        let expires = decided
            .expires
            .ok_or(FoldError::Contradiction("a question without an end"))?;
        let (digest, reference) = self.question(&record.origin, &decided.statement.0, expires);
        // Which references are taken follows from her other questions, of which one may be unknown.
        let is_free = reference == e.reference || unknown.speaks_of_unknown;
        let is_made = digest == e.approval_digest && is_free;
        if !is_made && !unknown.statements_are_closed {
            return Err(FoldError::Contradiction(
                "what is put to her is not what was asked",
            ));
        }
        Ok(PendingAsk {
            access: index,
            requester: decided.requester.clone(),
            expires,
            approval_digest: e.approval_digest,
            same: same_question(decided),
            reference: e.reference.clone(),
            low_risk: e.low_risk,
            granted: None,
            statement: decided.statement.clone(),
            request_nonce: decided.request_nonce.clone(),
        })
    }

    /// Takes the question out, if there is such a one.
    fn close_ask(&mut self, access: LeafIndex) -> Option<PendingAsk> {
        let at = self.asks.iter().position(|ask| ask.access == access)?;
        Some(self.asks.remove(at))
    }

    fn close_granted(&mut self, approval: Option<LeafIndex>) {
        if approval.is_some() {
            self.asks.retain(|ask| ask.granted != approval);
        }
    }
}
