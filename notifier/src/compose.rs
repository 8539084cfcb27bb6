//! From a planned notice to a message that waits: names, code, words, budgets.

use akashi_ledger::keyring::draw;
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::ids::{InstitutionId, NoticeId, SubjectHandle, Timestamp};
use akashi_proof::record::event::{Event, Language};
use akashi_proof::state::Person;

use crate::approval;
use crate::contacts::Contact;
use crate::inner::Inner;
use crate::message::{Facts, Template};
use crate::one_time_code::CodeRefused;
use crate::outbox::{OutboxError, Waiting};
use crate::plan::{Notice, Question, Reach, Who, question};

/// Records of a person that are looked through for the same question: some months of most lives, read in a moment.
const SAME_QUESTION_RECORDS: usize = 256;

impl Inner {
    /// The message, or nothing where the contact is gone, a budget is spent, or the same was asked before.
    pub(crate) fn compose(&self, about: u64, notice: &Notice, person: &Person) -> Result<Option<Waiting>, OutboxError> {
        let Some(contact) = self.contacts.find(&notice.to) else {
            tracing::warn!(record = about, "a contact named by the log is not in the contacts file: nobody is told");
            return Ok(None);
        };
        let requester = self.requester(&notice.who)?;
        if !self.within_budget(notice.question.as_ref(), &contact, requester.as_ref()) {
            tracing::info!(record = about, template = notice.template.as_str(), "a budget is spent: no message");
            return Ok(None);
        }
        if let Some(question) = &notice.question
            && self.was_asked_before(person, question.access)?
        {
            tracing::info!(record = about, "the same request was put to the person before: it waits in the portal");
            return Ok(None);
        }
        self.in_words(about, notice, &contact, requester.as_ref(), person)
    }

    fn requester(&self, who: &Who) -> Result<Option<InstitutionId>, LedgerError> {
        match who {
            Who::Nobody => Ok(None),
            Who::Institution(id) => Ok(Some(id.clone())),
            Who::RequesterOf(access) => requester_of(self.ledger.reader(), *access),
        }
    }

    /// The message about an open question, because the person herself asks for it: it was kept back, or never came. Her
    /// own asking is no prompt, so it counts as a code does, not as a question.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`], or [`CodeRefused::Unavailable`] when there is no such question or no way to her.
    pub(crate) fn compose_asked_for(&self, person: &Person, access: u64) -> Result<Waiting, CodeRefused> {
        let unreadable = |_: OutboxError| CodeRefused::Unavailable;
        let reach = Reach::of(person, self.settings.email.is_some());
        let notice = question(person, access, reach, self.clock.wall()).ok_or(CodeRefused::Unavailable)?;
        let contact = self.contacts.find(&notice.to).ok_or(CodeRefused::Unavailable)?;
        if !self.spent().asked_for.take(contact.address.clone(), self.clock.wall()) {
            return Err(CodeRefused::TooMany);
        }
        let requester = self.requester(&notice.who).map_err(|error| unreadable(error.into()))?;
        let waiting = self.in_words(access, &notice, &contact, requester.as_ref(), person).map_err(unreadable)?;
        waiting.ok_or(CodeRefused::Unavailable)
    }

    fn in_words(
        &self,
        about: u64,
        notice: &Notice,
        contact: &Contact,
        requester: Option<&InstitutionId>,
        person: &Person,
    ) -> Result<Option<Waiting>, OutboxError> {
        let reader = self.ledger.reader();
        let mut facts = Facts { reported: notice.reported, ..Facts::default() };
        if let Some(id) = requester {
            facts.who = name_of(reader, id, person.language);
        }
        let mut until = self.clock.wall().plus_millis(self.stale_after_millis());
        if let Some(question) = &notice.question {
            facts.reference.clone_from(&question.reference);
            facts.code = approval::code_of(reader, &question.digest)?;
            facts.low_risk = question.low_risk;
            facts.until = on_a_clock(question.expires, &reader.registry().time_zone, person.language);
            until = question.expires;
        }
        let question = notice.question.as_ref().map(|question| question.access);
        let addressee = Addressee { subject: person.subject, language: person.language, contact };
        Ok(self.message(notice.template, &addressee, &facts, Some(about), question, until))
    }

    /// A message in words, with an identity of its own.
    pub(crate) fn message(
        &self,
        template: Template,
        to: &Addressee<'_>,
        facts: &Facts,
        about: Option<u64>,
        question: Option<u64>,
        until: Timestamp,
    ) -> Option<Waiting> {
        let channel = to.contact.address.channel();
        let text = match template.render(channel, to.language, facts, &self.settings) {
            Ok(text) => text,
            Err(_) => {
                tracing::error!(template = template.as_str(), "a template could not be filled in");
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

    /// Whether the very same query of the same requester was put to this person before, answered or not: nobody is
    /// prompted until she gives in.
    fn was_asked_before(&self, person: &Person, access: u64) -> Result<bool, LedgerError> {
        let reader = self.ledger.reader();
        let query = |index| -> Result<_, LedgerError> {
            Ok(reader.record(index)?.and_then(|stored| match stored.record.event {
                Event::AccessAsked(e) => Some((e.requester, e.request_digest)),
                _ => None,
            }))
        };
        let Some(asked) = query(access)? else { return Ok(false) };
        let newest_first = reader.history(person, person.seq + 1, SAME_QUESTION_RECORDS)?;
        for index in newest_first.into_iter().filter(|index| *index < access) {
            if query(index)?.as_ref() == Some(&asked) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn within_budget(&self, question: Option<&Question>, to: &Contact, requester: Option<&InstitutionId>) -> bool {
        let now = self.clock.wall();
        let mut spent = self.spent();
        if question.is_none() {
            return spent.notices.take(to.address.clone(), now);
        }
        // Both or neither: a question kept back by one budget must not use up the other.
        let allowed = spent.questions.allows(&to.address, now)
            && requester.is_none_or(|requester| spent.by_requester.allows(requester, now));
        if allowed {
            spent.questions.count(to.address.clone(), now);
            if let Some(requester) = requester {
                spent.by_requester.count(requester.clone(), now);
            }
        }
        allowed
    }
}

/// Whom a message is for.
pub(crate) struct Addressee<'a> {
    pub(crate) subject: SubjectHandle,
    pub(crate) language: Language,
    pub(crate) contact: &'a Contact,
}

/// Who asked in the record at this log index.
pub(crate) fn requester_of(reader: &Reader, access: u64) -> Result<Option<InstitutionId>, LedgerError> {
    Ok(reader.record(access)?.and_then(|stored| match stored.record.event {
        Event::AccessAsked(e) | Event::AccessPermitted(e) | Event::AccessDenied(e) => Some(e.requester),
        _ => None,
    }))
}

/// An institution's certified name.
fn name_of(reader: &Reader, id: &InstitutionId, language: Language) -> String {
    let registry = reader.registry();
    let names = registry.institution(id).map(|known| match language {
        Language::Ja => known.name_ja.clone(),
        Language::En => known.name_en.clone(),
    });
    names.unwrap_or_else(|| id.to_string())
}

/// A time as a person in that zone reads it off a clock.
fn on_a_clock(time: Timestamp, zone: &str, language: Language) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    let format = match language {
        Language::Ja => "%-m/%-d %H:%M",
        Language::En => "%-d %b %H:%M",
    };
    instant.to_zoned(zone).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_on_the_wall() {
        let time = Timestamp::from_seconds(1_767_227_400);
        assert_eq!(on_a_clock(time, "Asia/Tokyo", Language::Ja), "1/1 09:30");
        assert_eq!(on_a_clock(time, "Asia/Tokyo", Language::En), "1 Jan 09:30");
        assert_eq!(on_a_clock(time, "Nowhere/At-all", Language::Ja), "1/1 00:30");
        assert!(!on_a_clock(Timestamp::from_millis(u64::MAX), "Asia/Tokyo", Language::Ja).is_empty());
    }
}
