//! Counting what was sent, so that nobody is worn down and no bill is run up. Times are
//! milliseconds of the monotonic clock. What a requester asks goes by the log's, and is counted in
//! rows (`tally.rs`).

use akashi_proof::ids::{InstitutionId, SubjectHandle};
use akashi_proof::record::kind::Template;

use crate::address::Address;
use crate::contacts::Contact;
use crate::limits::{SENT_ABOUT_ONE_MAX, SENT_TO_MAX};
use crate::messages::urgency::Urgency;
use crate::settings::{Budget, Budgets};
use crate::sliding::Sliding;

/// What is spent of the budgets.
pub(crate) struct Spent {
    questions: Sliding<Address>,
    notices: Sliding<Heap>,
    /// Of those, what is about one institution.
    about_one: Sliding<InstitutionId>,
    warnings: Sliding<Heap>,
    /// The one message that says more happened than messages were sent about.
    more: Sliding<Heap>,
    reply_answers: Sliding<Address>,
    /// Messages about a question that the person asked for herself.
    asked_for: Sliding<Address>,
    figures: NoticeFigures,
}

/// What became of messages that are no questions, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeFigures {
    /// Kept back: she was told that there was more, or has been.
    pub held_back: u64,
    /// Sent without being counted, as too many others were.
    pub uncounted: u64,
}

impl Spent {
    pub(crate) fn new(budgets: Budgets) -> Self {
        let once = Budget {
            most: 1,
            ..budgets.warnings_of_one_kind
        };
        Self {
            questions: Sliding::of_keys(SENT_TO_MAX, budgets.questions_per_number),
            notices: Sliding::open_when_full(SENT_TO_MAX, budgets.notices_per_address),
            about_one: Sliding::new(Budget {
                most: SENT_ABOUT_ONE_MAX,
                ..budgets.notices_per_address
            }),
            warnings: Sliding::open_when_full(SENT_TO_MAX, budgets.warnings_of_one_kind),
            more: Sliding::of_keys(SENT_TO_MAX, once),
            reply_answers: Sliding::of_keys(SENT_TO_MAX, budgets.reply_answers_per_number),
            asked_for: Sliding::of_keys(SENT_TO_MAX, budgets.codes_per_address),
            figures: NoticeFigures::default(),
        }
    }

    /// Counts a question to this address, if it fits.
    pub(crate) fn take_question(&mut self, to: &Address, now: u64) -> bool {
        self.questions.take(to.clone(), now)
    }

    /// How many milliseconds from now a question to this address may fit, where none does now.
    pub(crate) fn question_fits_in(&self, to: &Address, now: u64) -> u64 {
        self.questions.frees_at(to, now).saturating_sub(now)
    }

    /// Counts a question that was put to this address so many milliseconds ago.
    pub(crate) fn count_question(&mut self, to: &Address, now: u64, ago: u64) {
        self.questions.count_past(to.clone(), now, ago);
    }

    /// Counts a message about a question that the person asked for, if it fits.
    pub(crate) fn take_asked_for(&mut self, to: &Address, now: u64) -> bool {
        self.asked_for.take(to.clone(), now)
    }

    /// Counts an answer to a reply, if it fits.
    pub(crate) fn take_reply_answer(&mut self, to: &Address, now: u64) -> bool {
        self.reply_answers.take(to.clone(), now)
    }

    /// Counts any other message, if it fits, or the one that says there were more.
    pub(crate) fn take_notice(
        &mut self,
        template: Template,
        to: &Contact,
        about: Option<&InstitutionId>,
        now: u64,
    ) -> Room {
        let heap = Heap::of(template, to, about);
        if !self.is_counted(&heap, now) {
            self.figures.uncounted += 1;
            return Room::ForIt;
        }
        if self.of(&heap).take(heap.clone(), now) {
            self.count_cause(&heap, now, 0);
            return Room::ForIt;
        }
        self.figures.held_back += 1;
        if self.more.take(heap, now) {
            Room::ToSayMore
        } else {
            Room::None
        }
    }

    /// What became of those since the start.
    pub(crate) const fn figures(&self) -> NoticeFigures {
        self.figures
    }

    /// Whether there is a place to count one in: what is counted already has one.
    fn is_counted(&mut self, heap: &Heap, now: u64) -> bool {
        let table = self.of(heap);
        table.forget_old(now);
        table.knows(heap) || table.has_place() && self.is_within_share(heap, now)
    }

    fn is_within_share(&mut self, heap: &Heap, now: u64) -> bool {
        match &heap.part {
            Part::Of(Some(institution)) => self.about_one.allows(institution, now),
            Part::Of(None) | Part::Hers | Part::Warning(..) => true,
        }
    }

    fn count_cause(&mut self, heap: &Heap, now: u64, ago: u64) {
        if let Part::Of(Some(institution)) = &heap.part {
            self.about_one.count_past(institution.clone(), now, ago);
        }
    }

    const fn of(&mut self, heap: &Heap) -> &mut Sliding<Heap> {
        match heap.part {
            Part::Warning(..) => &mut self.warnings,
            Part::Hers | Part::Of(_) => &mut self.notices,
        }
    }

    /// Counts a message that was sent so many milliseconds ago, before the server was restarted;
    /// questions aside, which are counted as they were put.
    pub(crate) fn count_sent(
        &mut self,
        template: Template,
        to: &Contact,
        about: Option<&InstitutionId>,
        now: u64,
        ago: u64,
    ) {
        // Of the one that says there was more, no record says of which heap: better that it is said
        // once more than not at all.
        if matches!(template, Template::ApprovalRequest | Template::MoreHappened) {
            return;
        }
        if Urgency::of(template) == Urgency::Question {
            self.reply_answers.count_past(to.address.clone(), now, ago);
            return;
        }
        let heap = Heap::of(template, to, about);
        if self.is_counted(&heap, now) {
            self.count_cause(&heap, now, ago);
            self.of(&heap).count_past(heap.clone(), now, ago);
        }
    }
}

/// Messages counted together: to one person by one address, so that of several who share a phone
/// none uses up another's.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Heap {
    to: Address,
    whom: SubjectHandle,
    part: Part,
}

/// Which of hers: none is drowned by others.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Part {
    /// Warnings of a kind, about an institution.
    Warning(Template, Option<InstitutionId>),
    /// What she did herself, or somebody in her name.
    Hers,
    /// What an institution did; of none, what is summed up.
    Of(Option<InstitutionId>),
}

impl Heap {
    fn of(template: Template, to: &Contact, about: Option<&InstitutionId>) -> Self {
        let part = if Urgency::of(template).is_warning() {
            Part::Warning(template, about.cloned())
        } else if is_hers(template) {
            Part::Hers
        } else {
            Part::Of(about.cloned())
        };
        Self {
            to: to.address.clone(),
            whom: to.subject,
            part,
        }
    }
}

/// Whether it tells of what was done in her own name: what she did not do she must hear of.
fn is_hers(template: Template) -> bool {
    matches!(
        template,
        Template::ConsentGiven
            | Template::ConsentNarrowed
            | Template::ConsentWithdrawn
            | Template::ConsentsStopped
            | Template::ApprovalRefused
            | Template::NoticeUndelivered
    )
}

/// Whether one more message may be sent.
pub(crate) enum Room {
    ForIt,
    /// The budget is spent, and she has not been told yet that more happened.
    ToSayMore,
    None,
}

#[cfg(test)]
mod tests {
    use akashi_proof::ids::ContactId;

    use super::*;
    use crate::address::Phone;

    /// Somebody with a number of her own.
    fn person(number: u32) -> Contact {
        let mut subject = [0; 16];
        subject[..4].copy_from_slice(&number.to_be_bytes());
        Contact {
            id: ContactId::from_bytes(subject),
            subject: SubjectHandle::from_bytes(subject),
            address: Address::Phone(Phone::parse(&format!("0901{number:07}")).unwrap()),
        }
    }

    fn institution(name: &str) -> InstitutionId {
        InstitutionId::parse(name).unwrap()
    }

    fn take(spent: &mut Spent, template: Template, to: &Contact, by: Option<&str>) -> Room {
        let by = by.map(institution);
        spent.take_notice(template, to, by.as_ref(), 0)
    }

    #[test]
    fn what_one_institution_does_to_many_keeps_back_nothing_of_anybody() {
        let mut spent = Spent::new(Budgets::default());
        let uses = |spent: &mut Spent, to: &Contact, by| {
            matches!(
                take(spent, Template::AccessPermitted, to, Some(by)),
                Room::ForIt
            )
        };
        let share = SENT_ABOUT_ONE_MAX;
        for number in 0..share {
            assert!(uses(&mut spent, &person(number), "insurer.big"));
        }
        assert_eq!(spent.figures().uncounted, 0, "N");
        for number in share..2 * share {
            assert!(uses(&mut spent, &person(number), "insurer.big"));
        }
        assert_eq!(spent.figures().uncounted, u64::from(share), "N + 1 and on");
        // Everybody else is counted as before: twenty in an hour, and that there were more.
        let other = person(9_000_000);
        for _ in 0..20 {
            assert!(uses(&mut spent, &other, "city.minato"));
        }
        let more = take(
            &mut spent,
            Template::AccessPermitted,
            &other,
            Some("city.minato"),
        );
        assert!(matches!(more, Room::ToSayMore));
        assert!(uses(&mut spent, &other, "hospital.chuo"), "another's");
        let consent = take(&mut spent, Template::ConsentGiven, &other, None);
        assert!(matches!(consent, Room::ForIt), "what is done in her name");
        assert_eq!(spent.figures().held_back, 1);
    }

    #[test]
    fn a_full_table_of_many_institutions_lets_through() {
        let mut spent = Spent::new(Budgets::default());
        let all = u32::try_from(SENT_TO_MAX).unwrap();
        for number in 0..all {
            let by = format!("office.a{}", number % 10);
            let room = take(
                &mut spent,
                Template::AccessPermitted,
                &person(number),
                Some(&by),
            );
            assert!(matches!(room, Room::ForIt));
        }
        assert_eq!(spent.figures(), NoticeFigures::default(), "N");
        for template in [Template::ConsentGiven, Template::LinkIssued] {
            for _ in 0..30 {
                let room = take(&mut spent, template, &person(all), Some("city.minato"));
                assert!(matches!(room, Room::ForIt), "N + 1");
            }
        }
        assert_eq!(spent.figures().uncounted, 60);
        assert_eq!(spent.figures().held_back, 0);
    }

    #[test]
    fn who_shares_a_phone_uses_up_nothing_of_hers() {
        let mut spent = Spent::new(Budgets::default());
        let (her, him) = (person(1), person(2));
        let him = Contact {
            address: her.address.clone(),
            ..him
        };
        for _ in 0..100 {
            take(&mut spent, Template::ConsentGiven, &him, None);
        }
        let hers = take(&mut spent, Template::ConsentGiven, &her, None);
        assert!(matches!(hers, Room::ForIt));
    }
}
