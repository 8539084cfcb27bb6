//! From a planned notice to a message that waits: names, code, words, budgets.

use akashi_ledger::random::draw;
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::ids::{
    CategoryCode, InstitutionId, LeafIndex, NoticeId, ProcessId, PurposeCode, SubjectHandle,
    Timestamp,
};
use akashi_proof::record::kind::{Event, Language};
use akashi_proof::record::value::Set;
use akashi_proof::state::Person;

use crate::address::Address;
use crate::approval;
use crate::contacts::Contact;
use crate::inner::{Inner, Spent};
use crate::message::{Facts, Template};
use crate::one_time_code::CodeRefused;
use crate::outbox::{OutboxError, Waiting};
use crate::plan::{Notice, Reach, Who, question};

/// How long her phone does not ring for what she has refused, reported or left unanswered.
pub(crate) const REST_MILLIS: u64 = 7 * 24 * 3_600 * 1_000;

/// Records of a person that are looked through for the same question: a week of most lives, read in
/// a moment. Where there are more, her phone stays silent: filling her history must not make it
/// ring.
const SAME_QUESTION_RECORDS: usize = 1_024;

impl Inner {
    /// The message, or nothing where the contact is gone, a budget is spent, or the same was asked
    /// before.
    pub(crate) fn compose(
        &self,
        about: LeafIndex,
        notice: &Notice,
        person: &Person,
    ) -> Result<Option<Waiting>, OutboxError> {
        let Some(contact) = self.contacts.find(&notice.to) else {
            tracing::warn!(
                record = about.value(),
                "a contact named by the log is not in the contacts file: nobody is told"
            );
            return Ok(None);
        };
        let requester = self.requester(&notice.who)?;
        if let Some(question) = &notice.question {
            if !self.may_ring(person, question.access)? {
                tracing::info!(
                    record = about.value(),
                    "the same was put to the person before: it waits in the portal"
                );
                return Ok(None);
            }
            if !self.may_put_question(&contact, requester.as_ref()) {
                tracing::info!(
                    record = about.value(),
                    "a budget is spent: the question waits in the portal"
                );
                return Ok(None);
            }
            return self.in_words(about, notice, &contact, requester.as_ref(), person);
        }
        match self.room_for(notice.template, &contact, requester.as_ref()) {
            Room::ForIt => self.in_words(about, notice, &contact, requester.as_ref(), person),
            Room::ToSayMore => {
                let more = Notice {
                    template: Template::MoreHappened,
                    ..notice.clone()
                };
                self.in_words(about, &more, &contact, None, person)
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

    fn requester(&self, who: &Who) -> Result<Option<InstitutionId>, LedgerError> {
        match who {
            Who::Nobody => Ok(None),
            Who::Institution(id) => Ok(Some(id.clone())),
            Who::RequesterOf(access) => requester_of(self.ledger.reader(), *access),
        }
    }

    /// The message about an open question, because the person herself asks for it: it was kept
    /// back, or never came. Her own asking is no prompt, so it counts as a code does, not as a
    /// question.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`], or [`CodeRefused::Unavailable`] when there is no such question or
    /// no way to her.
    pub(crate) fn compose_asked_for(
        &self,
        person: &Person,
        access: LeafIndex,
    ) -> Result<Waiting, CodeRefused> {
        let unreadable = |_: OutboxError| CodeRefused::Unavailable;
        let reach = Reach::of(person, self.settings.email.is_some());
        let notice =
            question(person, access, reach, self.clock.wall()).ok_or(CodeRefused::Unavailable)?;
        let contact = self
            .contacts
            .find(&notice.to)
            .ok_or(CodeRefused::Unavailable)?;
        if !self
            .spent()
            .asked_for
            .take(contact.address.clone(), self.clock.wall())
        {
            return Err(CodeRefused::TooMany);
        }
        let requester = self
            .requester(&notice.who)
            .map_err(|error| unreadable(error.into()))?;
        let waiting = self
            .in_words(access, &notice, &contact, requester.as_ref(), person)
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
    ) -> Result<Option<Waiting>, OutboxError> {
        let reader = self.ledger.reader();
        let mut facts = Facts {
            reported: notice.reported,
            ..Facts::default()
        };
        if let Some(id) = requester {
            facts.who = name_of(reader, id, person.language);
        }
        let mut until = self.clock.wall().plus_millis(self.stale_after_millis());
        if let Some(question) = &notice.question {
            facts.reference.clone_from(&question.reference);
            facts.code = approval::code_of(reader, &question.digest)?;
            facts.low_risk = question.low_risk;
            facts.until = on_a_clock(
                question.expires,
                &reader.registry().time_zone,
                person.language,
            );
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

    /// A message in words, with an identity of its own.
    pub(crate) fn message(
        &self,
        template: Template,
        to: &Addressee<'_>,
        facts: &Facts,
        about: Option<LeafIndex>,
        question: Option<LeafIndex>,
        until: Timestamp,
    ) -> Option<Waiting> {
        let channel = to.contact.address.channel();
        let text = match template.render(channel, to.language, facts, &self.settings) {
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

    /// Whether her phone may ring for this question: not while the same one waits, nor for a week
    /// after she refused or reported it or let it pass. Nobody is prompted until she gives in;
    /// after an approval the same may be asked again.
    fn may_ring(&self, person: &Person, access: LeafIndex) -> Result<bool, LedgerError> {
        let Some(asked) = self.asked(access)? else {
            return Ok(true);
        };
        for open in person
            .asks
            .iter()
            .filter(|open| open.access < access && open.granted.is_none())
        {
            if self.asked(open.access)?.as_ref() == Some(&asked) {
                return Ok(false);
            }
        }
        let since = self.clock.wall().minus_millis(REST_MILLIS);
        let reader = self.ledger.reader();
        let newest_first = reader.history(person, person.seq.next(), SAME_QUESTION_RECORDS)?;
        let read_all = newest_first.len() < SAME_QUESTION_RECORDS;
        for index in newest_first {
            let Some(stored) = reader.record(index)? else {
                continue;
            };
            if stored.record.time <= since {
                return Ok(true);
            }
            if let Some((ended, approved)) = end_of_question(&stored.record.event)
                && self.asked(ended)?.as_ref() == Some(&asked)
            {
                return Ok(approved);
            }
        }
        Ok(read_all)
    }

    fn asked(&self, access: LeafIndex) -> Result<Option<Asked>, LedgerError> {
        Ok(self
            .ledger
            .reader()
            .record(access)?
            .and_then(|stored| match stored.record.event {
                Event::AccessAsked(e) => Some(Asked {
                    requester: e.requester,
                    process: e.process,
                    purpose: e.purpose,
                    holder: e.holder,
                    categories: e.categories,
                }),
                _ => None,
            }))
    }

    fn may_put_question(&self, to: &Contact, requester: Option<&InstitutionId>) -> bool {
        let now = self.clock.wall();
        let mut spent = self.spent();
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

    fn room_for(&self, template: Template, to: &Contact, about: Option<&InstitutionId>) -> Room {
        let now = self.clock.wall();
        let warning = template.warns().then(|| (template, about.cloned()));
        let heap = Heap {
            to: to.address.clone(),
            warning,
        };
        let mut spent = self.spent();
        let Spent {
            notices,
            warnings,
            more,
            ..
        } = &mut *spent;
        let budget = if heap.warning.is_some() {
            warnings
        } else {
            notices
        };
        if budget.take(heap.clone(), now) {
            Room::ForIt
        } else if more.take(heap, now) {
            Room::ToSayMore
        } else {
            Room::None
        }
    }
}

/// What a person is asked, as far as two questions are the same to her. Not the digest of the query
/// nor for whom the requester says it asks: both are the requester's to choose, and a new one would
/// make her phone ring again.
#[derive(PartialEq, Eq)]
struct Asked {
    requester: InstitutionId,
    process: ProcessId,
    purpose: PurposeCode,
    holder: InstitutionId,
    categories: Set<CategoryCode>,
}

/// The question a record ends, and whether she approved.
const fn end_of_question(event: &Event) -> Option<(LeafIndex, bool)> {
    match event {
        Event::ApprovalGranted(e) => Some((e.access, true)),
        Event::ApprovalRefused(e) => Some((e.access, false)),
        Event::ApprovalExpired(e) => Some((e.access, false)),
        _ => None,
    }
}

/// Messages counted together: all plain ones to an address; warnings by kind and institution, so
/// that none is drowned by others.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Heap {
    to: Address,
    warning: Option<(Template, Option<InstitutionId>)>,
}

/// Whether one more message may be sent.
enum Room {
    ForIt,
    /// The budget is spent, and she has not been told yet that more happened.
    ToSayMore,
    None,
}

/// Whom a message is for.
pub(crate) struct Addressee<'a> {
    pub(crate) subject: SubjectHandle,
    pub(crate) language: Language,
    pub(crate) contact: &'a Contact,
}

/// Who asked in the record at this log index.
pub(crate) fn requester_of(
    reader: &Reader,
    access: LeafIndex,
) -> Result<Option<InstitutionId>, LedgerError> {
    Ok(reader
        .record(access)?
        .and_then(|stored| match stored.record.event {
            Event::AccessAsked(e) | Event::AccessPermitted(e) | Event::AccessDenied(e) => {
                Some(e.requester)
            }
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
        Language::Ja => "%-m月%-d日%-H時%M分",
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
