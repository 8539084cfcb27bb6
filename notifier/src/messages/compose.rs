//! From a planned notice to a message that waits: names, code, words, budgets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_ledger::random::draw;
use akashi_ledger::{LedgerError, Reader, StoredRecord};
use akashi_proof::ids::{InstitutionId, LeafIndex, NoticeId, SubjectHandle, Timestamp};
use akashi_proof::particulars::Particulars;
use akashi_proof::record::kind::{Language, Template};
use akashi_proof::state::{Person, Registry};

use crate::address::Address;
use crate::books::Books;
use crate::codes::one_time_code::CodeRefused;
use crate::contacts::{Contact, Contacts};
use crate::messages::budget::{NoticeFigures, Room, Spent};
use crate::messages::message::{Enquiries, Facts, Message, Office, Uses};
use crate::messages::outbox::{OutboxError, Waiting};
use crate::messages::whose::may_go;
use crate::plan::{Notice, Reach, Who, question};
use crate::settings::Settings;
use crate::times::Times;

/// The least time before a budget that was spent is looked at again, in milliseconds.
const ASKED_AGAIN_AFTER_MILLIS: u64 = 1_000;

/// What puts notices into words: the contacts, the settings, and what is spent of the budgets.
pub(crate) struct Messages {
    books: Arc<Books>,
    contacts: Arc<Contacts>,
    times: Times,
    settings: Arc<Settings>,
    spent: Mutex<Spent>,
    /// Questions that did not make a phone ring, since the start.
    held_back: AtomicU64,
    /// Those of them for which it has rung by now.
    rung_later: AtomicU64,
}

/// Whether a phone rings for a question.
pub(crate) enum Put {
    /// It does, with this message.
    Now(Waiting),
    /// Not before this time, when a budget may have room.
    Later(Timestamp),
    /// Not for this reason: it waits on her page.
    OnHerPage,
}

/// What holds a question up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeldUp {
    /// Its requester asks too much: it has a time of its own.
    ByRequester,
    /// Older ones to her that are held back, until this time.
    ByOlder(Timestamp),
}

impl Messages {
    /// So much is spent, as [`crate::messages::spent_before`] says.
    pub(crate) fn new(
        books: Arc<Books>,
        contacts: Arc<Contacts>,
        times: Times,
        settings: Arc<Settings>,
        spent: Spent,
    ) -> Self {
        Self {
            books,
            contacts,
            times,
            settings,
            spent: Mutex::new(spent),
            held_back: AtomicU64::new(0),
            rung_later: AtomicU64::new(0),
        }
    }

    /// Questions that did not make a phone ring, since the start: a budget was spent, or the same
    /// was put to her before.
    pub(crate) fn held_back(&self) -> u64 {
        self.held_back.load(Ordering::Relaxed)
    }

    /// What became of messages that are no questions, since the start.
    pub(crate) fn notice_figures(&self) -> NoticeFigures {
        self.spent().figures()
    }

    /// How many of those have made one ring since.
    pub(crate) fn rung_later(&self) -> u64 {
        self.rung_later.load(Ordering::Relaxed)
    }

    /// A question did not make a phone ring when it came.
    pub(crate) fn is_held_back(&self) {
        self.held_back.fetch_add(1, Ordering::Relaxed);
    }

    /// It has now.
    pub(crate) fn has_rung_later(&self) {
        self.rung_later.fetch_add(1, Ordering::Relaxed);
    }

    /// Where this person can be reached at `now` with the channels that are set up.
    pub(crate) fn reach(&self, person: &Person, now: Timestamp) -> Reach {
        Reach::of(person, now, self.settings.email.is_some())
    }

    /// The people whose number this is at `now`.
    pub(crate) fn people_of(&self, address: &Address, now: Timestamp) -> Vec<Arc<Person>> {
        self.books.people_at(&self.contacts, address, now)
    }

    /// The message read at `now`, or nothing where the contact is gone, or a budget is spent. Not
    /// for questions.
    pub(crate) async fn compose(
        self: &Arc<Self>,
        about: LeafIndex,
        notice: Notice,
        person: &Arc<Person>,
        now: Timestamp,
    ) -> Result<Option<Waiting>, OutboxError> {
        let (messages, person) = (Arc::clone(self), Arc::clone(person));
        let composing = self
            .books
            .read(move |reader| messages.composed(reader, about, &notice, &person, now));
        composing.await
    }

    /// The message about a question that is open at `now`, or why her phone does not ring for it.
    pub(crate) async fn compose_question(
        self: &Arc<Self>,
        access: LeafIndex,
        notice: Notice,
        person: &Arc<Person>,
        held_up: Option<HeldUp>,
        now: Timestamp,
    ) -> Result<Put, OutboxError> {
        let (messages, person) = (Arc::clone(self), Arc::clone(person));
        let composing = self
            .books
            .read(move |reader| messages.put(reader, access, &notice, &person, held_up, now));
        composing.await
    }

    /// The contact a message goes to; nobody where it is gone, or somebody else's.
    fn addressee(
        &self,
        about: LeafIndex,
        notice: &Notice,
        person: &Person,
        now: Timestamp,
    ) -> Option<Contact> {
        let Some(contact) = self.contacts.find(&notice.to) else {
            tracing::warn!(
                record = about.value(),
                "a contact named by the log is not in the contacts file: nobody is told"
            );
            return None;
        };
        let message = (notice.template, &contact);
        may_go(&self.books, &self.contacts, message, person, now).then_some(contact)
    }

    fn put(
        &self,
        reader: &Reader,
        access: LeafIndex,
        notice: &Notice,
        person: &Person,
        held_up: Option<HeldUp>,
        now: Timestamp,
    ) -> Result<Put, OutboxError> {
        let Some(contact) = self.addressee(access, notice, person, now) else {
            return Ok(Put::OnHerPage);
        };
        let held_back = |why, put| {
            tracing::info!(record = access.value(), why, "a question waits on her page");
            Ok(put)
        };
        if held_up == Some(HeldUp::ByRequester) {
            let why = "the budget of its requester is spent";
            return held_back(why, Put::OnHerPage);
        }
        // What does not ring must not use up a budget.
        if !person.may_ring(access, now) {
            return held_back("the same was put to her before", Put::OnHerPage);
        }
        if let Some(HeldUp::ByOlder(until)) = held_up {
            return held_back("older ones wait", Put::Later(until));
        }
        let spent_at = self.monotonic();
        if !self.spent().take_question(&contact.address, spent_at) {
            let fits_in = self.spent().question_fits_in(&contact.address, spent_at);
            let later = now.plus_millis(fits_in.max(ASKED_AGAIN_AFTER_MILLIS));
            return held_back("a budget is spent", Put::Later(later));
        }
        let requester = requester(reader, &notice.who)?;
        let waiting = self.in_words(access, notice, &contact, requester.as_ref(), person, now)?;
        Ok(waiting.map_or(Put::OnHerPage, Put::Now))
    }

    fn composed(
        &self,
        reader: &Reader,
        about: LeafIndex,
        notice: &Notice,
        person: &Person,
        now: Timestamp,
    ) -> Result<Option<Waiting>, OutboxError> {
        let Some(contact) = self.addressee(about, notice, person, now) else {
            return Ok(None);
        };
        let requester = requester(reader, &notice.who)?;
        let room = self.spent().take_notice(
            notice.template,
            &contact,
            requester.as_ref(),
            self.monotonic(),
        );
        match room {
            Room::ForIt => self.in_words(about, notice, &contact, requester.as_ref(), person, now),
            Room::ToSayMore => {
                let more = Notice {
                    template: Template::MoreHappened,
                    ..notice.clone()
                };
                self.in_words(about, &more, &contact, None, person, now)
            }
            Room::None => {
                tracing::info!(
                    record = about.value(),
                    template = notice.template.as_str(),
                    "a budget is spent: no message"
                );
                Ok(None)
            }
        }
    }

    /// The message about an open question, because the person herself asks for it: it was kept
    /// back, or never came. Her own asking is no prompt, so it counts as a code does, not as a
    /// question.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`], or [`CodeRefused::Unavailable`] when there is no such question or
    /// no way to her.
    pub(crate) async fn compose_asked_for(
        self: &Arc<Self>,
        person: &Arc<Person>,
        access: LeafIndex,
    ) -> Result<Waiting, CodeRefused> {
        let (messages, person) = (Arc::clone(self), Arc::clone(person));
        let composing = self
            .books
            .read(move |reader| Ok(messages.asked_for(reader, &person, access)));
        composing.await.unwrap_or(Err(CodeRefused::Unavailable))
    }

    fn asked_for(
        &self,
        reader: &Reader,
        person: &Person,
        access: LeafIndex,
    ) -> Result<Waiting, CodeRefused> {
        let unreadable = |_: OutboxError| CodeRefused::Unavailable;
        let now = self.times.now().map_err(|_| CodeRefused::Unavailable)?;
        let notice = question(person, access, self.reach(person, now), now)
            .ok_or(CodeRefused::Unavailable)?;
        let contact = self
            .contacts
            .find(&notice.to)
            .ok_or(CodeRefused::Unavailable)?;
        let spent_at = self.monotonic();
        if !self.spent().take_asked_for(&contact.address, spent_at) {
            return Err(CodeRefused::TooMany);
        }
        let requester = requester(reader, &notice.who).map_err(|error| unreadable(error.into()))?;
        let waiting = self
            .in_words(access, &notice, &contact, requester.as_ref(), person, now)
            .map_err(unreadable)?;
        waiting.ok_or(CodeRefused::Unavailable)
    }

    fn in_words(
        &self,
        about: LeafIndex,
        notice: &Notice,
        contact: &Contact,
        requester: Option<&InstitutionId>,
        person: &Person,
        now: Timestamp,
    ) -> Result<Option<Waiting>, OutboxError> {
        let mut facts = Facts {
            reported: notice.reported,
            ..Facts::default()
        };
        let registry = self.books.registry();
        if let Some(id) = requester {
            facts.who = name_of(&registry, id, person.language);
        }
        facts.enquiries = enquiries(&registry, requester, person.language);
        let mut until = now.plus_millis(self.settings.stale_after_millis());
        if let Some(uses) = &notice.uses {
            facts.uses = Uses {
                from: as_day(uses.from, &registry.time_zone, person.language),
                days: uses.days,
                permitted: uses.permitted,
                refused: uses.refused,
            };
        }
        if let Some(question) = &notice.question {
            facts.reference = question.reference.to_string();
            facts.code = self.books.code_of(&question.digest)?;
            facts.low_risk = question.low_risk;
            facts.until = on_a_clock(question.expires, &registry.time_zone, person.language);
            until = question.expires;
        }
        let question = notice.question.as_ref().map(|question| question.access);
        let addressee = Addressee {
            subject: person.subject,
            language: person.language,
            contact,
        };
        Ok(self.message(
            notice.template,
            &addressee,
            &facts,
            Some(about),
            question,
            until,
        ))
    }

    /// The message that answers a reply from this address, or nothing where it is no contact of
    /// hers any more or the number's budget is spent.
    pub(crate) fn compose_reply_answer(
        &self,
        template: Template,
        facts: &Facts,
        person: &Person,
        to: &Address,
        now: Timestamp,
    ) -> Option<Waiting> {
        let contacts = self.contacts.contacts_of(to);
        let contact = contacts
            .iter()
            .find(|contact| contact.subject == person.subject)?;
        if !self.spent().take_reply_answer(to, self.monotonic()) {
            return None;
        }
        let until = now.plus_millis(self.settings.stale_after_millis());
        let addressee = Addressee {
            subject: person.subject,
            language: person.language,
            contact,
        };
        self.message(template, &addressee, facts, None, None, until)
    }

    /// Budgets go by the clock nobody sets.
    fn monotonic(&self) -> u64 {
        self.times.monotonic()
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message in words, with an identity of its own.
    fn message(
        &self,
        template: Template,
        to: &Addressee<'_>,
        facts: &Facts,
        about: Option<LeafIndex>,
        question: Option<LeafIndex>,
        until: Timestamp,
    ) -> Option<Waiting> {
        let channel = to.contact.address.channel();
        let message = Message::Notice(template);
        let text = match message.render(channel, to.language, facts, &self.settings) {
            Ok(text) => text,
            Err(_) => {
                tracing::error!(
                    template = template.as_str(),
                    "a template could not be filled in"
                );
                return None;
            }
        };
        let mut notice = [0; 16];
        draw(&mut notice);
        Some(Waiting {
            notice: NoticeId::from_bytes(notice),
            subject: to.subject,
            contact: to.contact.id,
            channel,
            about,
            question,
            template,
            language: to.language,
            text,
            until,
            attempts: 0,
        })
    }
}

/// Whom a message is for.
struct Addressee<'a> {
    subject: SubjectHandle,
    language: Language,
    contact: &'a Contact,
}

/// The institution a message names.
fn requester(reader: &Reader, who: &Who) -> Result<Option<InstitutionId>, LedgerError> {
    match who {
        Who::Nobody => Ok(None),
        Who::Institution(id) => Ok(Some(id.clone())),
        Who::RequesterOf(access) => requester_of(reader, *access),
    }
}

/// Who asked in the record at this log index; nobody in one that is closed.
pub(crate) fn requester_of(
    reader: &Reader,
    access: LeafIndex,
) -> Result<Option<InstitutionId>, LedgerError> {
    let stored = reader.record(access)?;
    Ok(stored.and_then(StoredRecord::if_open).and_then(|stored| {
        let decided = stored.record.event.decided()?;
        Some(decided.requester.clone())
    }))
}

/// An institution's certified name.
fn name_of(registry: &Registry, id: &InstitutionId, language: Language) -> String {
    match registry.institution(id) {
        Some(known) => known.particulars.name(language).to_string(),
        None => id.to_string(),
    }
}

/// Whom she can ring up: the institution, and those who watch over it, as a list is sorted in
/// Japanese.
fn enquiries(registry: &Registry, id: Option<&InstitutionId>, language: Language) -> Enquiries {
    let office = |of: &Particulars| Office {
        name: of.name(language).to_string(),
        telephone: of.telephone.written(language),
        hours: of.hours(language).to_string(),
    };
    let mut supervisors: Vec<_> = registry.supervisors().map(|one| &one.particulars).collect();
    supervisors.sort_by(|a, b| a.name_kana.sort_key().cmp(&b.name_kana.sort_key()));
    Enquiries {
        institution: id
            .and_then(|id| registry.institution(id))
            .map(|known| office(&known.particulars)),
        supervisors: supervisors.into_iter().map(office).collect(),
    }
}

/// A time as a person in that zone reads it off a clock.
fn on_a_clock(time: Timestamp, zone: &str, language: Language) -> String {
    let format = match language {
        Language::Ja => "%-m月%-d日%-H時%M分",
        Language::En => "%-d %b %H:%M",
    };
    written(time, zone, format)
}

/// Its day.
fn as_day(time: Timestamp, zone: &str, language: Language) -> String {
    let format = match language {
        Language::Ja => "%-m月%-d日",
        Language::En => "%-d %b",
    };
    written(time, zone, format)
}

pub(crate) fn written(time: Timestamp, zone: &str, format: &str) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    instant.to_zoned(zone).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_on_the_wall() {
        let time = Timestamp::from_seconds(1_767_227_400);
        assert_eq!(
            on_a_clock(time, "Asia/Tokyo", Language::Ja),
            "1月1日9時30分"
        );
        assert_eq!(on_a_clock(time, "Asia/Tokyo", Language::En), "1 Jan 09:30");
        assert_eq!(
            on_a_clock(time, "Nowhere/At-all", Language::Ja),
            "1月1日0時30分"
        );
        assert!(
            !on_a_clock(Timestamp::from_millis(u64::MAX), "Asia/Tokyo", Language::Ja).is_empty()
        );
    }
}
