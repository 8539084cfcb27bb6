//! Every record of the log, each charged to the bound that lets it be there: of one institution, of
//! one institution about one person, to one telephone. A record that no bound is for is one too
//! many, as is one above its bound; periods are those of UTC, whatever was restarted in between.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use akashi_ledger::clock::SystemClock;
use akashi_ledger::limits::{
    ABOUT_ONE_FOR_EMERGENCIES, ABOUT_ONE_PER_DAY_MAX, ABOUT_ONE_PER_HOUR_MAX, LATE_OF_ONE_KEY_MAX,
    REFUSALS_PER_MINUTE_MAX,
};
use akashi_ledger::{Folders, Ledger};
use akashi_notifier::{Budget, Budgets};
use akashi_policies::Pack;
use akashi_proof::ids::{InstitutionId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{About, AccessDecided, Ended, Event, NoticeDelivery, Template};
use akashi_proof::record::{Position, Record};

use crate::town::PEOPLE;

/// `access.counted` of one institution about one person: within a minute of the first, and when the
/// hour is over; once more where a server that ended in between had counted.
pub const COUNTED_PER_HOUR: u64 = 3;
/// `statement.throttled` of one institution for one cause: one a minute, and one more of a server
/// that ended in it.
pub const THROTTLED_PER_MINUTE: u64 = 2;
/// Alerts of one rule about one person and one institution: the first, and all others of its hour.
pub const ALERTS_PER_HOUR: u64 = 2;

/// What bounds a record; the name of its number where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    AboutOnePerHour,
    AboutOnePerDay,
    CountedPerHour,
    EmergenciesPerHour,
    RefusalsPerMinute,
    LateOfOneKey,
    ThrottledPerMinute,
    AlertsPerHour,
    WarningsPerHour,
    QuestionsPerHour,
    NoticesPerHour,
    MorePerHour,
    OwnActs,
    People,
}

impl Bound {
    const fn name(self) -> &'static str {
        match self {
            Self::AboutOnePerHour => "of one institution about one person in an hour",
            Self::AboutOnePerDay => "of one institution about one person in a day",
            Self::CountedPerHour => "counts of one institution about one person in an hour",
            Self::EmergenciesPerHour => "emergencies of one role-holder in an hour",
            Self::RefusalsPerMinute => "refusals of one institution in a minute",
            Self::LateOfOneKey => "late statements of one key",
            Self::ThrottledPerMinute => "counts of one institution in a minute",
            Self::AlertsPerHour => "alerts of one kind about one person in an hour",
            Self::WarningsPerHour => "warnings of one kind to one person in an hour",
            Self::QuestionsPerHour => "questions to one person in an hour",
            Self::NoticesPerHour => "other messages about one institution to one person in an hour",
            Self::MorePerHour => "messages that more happened to one person in an hour",
            Self::OwnActs => "acts of one person and on her behalf",
            Self::People => "people",
        }
    }

    fn most(self, own_acts: u64) -> u64 {
        let budgets = Budgets::default();
        match self {
            Self::AboutOnePerHour => ABOUT_ONE_PER_HOUR_MAX + ABOUT_ONE_FOR_EMERGENCIES,
            Self::AboutOnePerDay => ABOUT_ONE_PER_DAY_MAX + ABOUT_ONE_FOR_EMERGENCIES,
            Self::CountedPerHour => COUNTED_PER_HOUR,
            Self::EmergenciesPerHour => Pack::town().unwrap().settings().emergencies_per_hour,
            Self::RefusalsPerMinute => REFUSALS_PER_MINUTE_MAX,
            Self::LateOfOneKey => LATE_OF_ONE_KEY_MAX,
            Self::ThrottledPerMinute => THROTTLED_PER_MINUTE,
            Self::AlertsPerHour => ALERTS_PER_HOUR,
            Self::WarningsPerHour => in_an_hour(budgets.warnings_of_one_kind),
            Self::QuestionsPerHour => in_an_hour(budgets.questions_per_number),
            Self::NoticesPerHour => in_an_hour(budgets.notices_per_address),
            // One for each heap that messages are counted in.
            Self::MorePerHour => WARNED_OF + TOLD_OF,
            Self::OwnActs => own_acts,
            Self::People => PEOPLE as u64,
        }
    }
}

/// Kinds of warnings one person may get here: an emergency and a use out of purpose, of each of two
/// institutions.
const WARNED_OF: u64 = 4;

/// Messages that tell her of what was done in her own name.
const TELLS_OF_HERS: [Template; 6] = [
    Template::ConsentGiven,
    Template::ConsentNarrowed,
    Template::ConsentWithdrawn,
    Template::ConsentsStopped,
    Template::ApprovalRefused,
    Template::NoticeUndelivered,
];

/// What other messages are counted apart by: the five institutions that do something to a person
/// here, her own acts, and what is about none of them.
const TOLD_OF: u64 = 7;

/// Messages to one person in an hour.
pub fn told_per_hour() -> u64 {
    let plain = Bound::QuestionsPerHour.most(0) + Bound::MorePerHour.most(0);
    plain + WARNED_OF * Bound::WarningsPerHour.most(0) + TOLD_OF * Bound::NoticesPerHour.most(0)
}

/// What a budget lets through in any hour.
const fn in_an_hour(budget: Budget) -> u64 {
    let windows = 3_600 / budget.within.as_secs();
    // Where it is shorter than an hour, one more has begun before it.
    let begun = if windows > 1 { 1 } else { 0 };
    budget.most as u64 * (windows + begun)
}

/// How many records were charged to each: by bound, whose, and which period.
pub struct Census {
    charged: BTreeMap<(Bound, String, u64), u64>,
    /// Decisions by log index, and who asked.
    asked_by: HashMap<LeafIndex, InstitutionId>,
    /// Whose doing any record of a person's is, where it is an institution's.
    done_by: HashMap<LeafIndex, InstitutionId>,
    people: HashMap<SubjectHandle, usize>,
    /// How many statements are counted in a record and stand in none.
    counted: BTreeMap<LeafIndex, u64>,
}

impl Census {
    /// Of the ledger below this folder, which nobody else has open.
    pub fn take(folder: &Path) -> Self {
        let folders = Folders {
            data: folder.join("data"),
            keys: folder.join("keys"),
        };
        let ledger = Ledger::open(&folders, Arc::new(SystemClock::default())).unwrap();
        let reader = ledger.reader();
        let mut census = Self {
            charged: BTreeMap::new(),
            asked_by: HashMap::new(),
            done_by: HashMap::new(),
            people: HashMap::new(),
            counted: BTreeMap::new(),
        };
        let entries = reader.head().head.size.value();
        for index in (0..entries).map(LeafIndex::new) {
            let stored = reader.record(index).unwrap().unwrap().open().unwrap();
            census.charge(index, &stored.record);
        }
        census
    }

    /// Each bound with the most that was found of it, and what it allows; `own_acts` of one person.
    pub fn most(&self, own_acts: u64) -> Vec<(&'static str, u64, u64)> {
        let mut found = BTreeMap::<Bound, u64>::new();
        for ((bound, _, _), count) in &self.charged {
            let most = found.entry(*bound).or_default();
            *most = (*most).max(*count);
        }
        let found = found.into_iter();
        found
            .map(|(bound, found)| (bound.name(), found, bound.most(own_acts)))
            .collect()
    }

    /// Whether there is a decision at this log index, for one of these institutions.
    pub fn holds(&self, index: LeafIndex, institutions: &[&str]) -> bool {
        let by = self.asked_by.get(&index);
        by.is_some_and(|by| institutions.contains(&by.as_str()))
    }

    /// How many statements are counted in the records from this one on.
    pub fn counted_since(&self, since: LeafIndex) -> u64 {
        self.counted.range(since..).map(|(_, count)| count).sum()
    }

    fn add(&mut self, bound: Bound, whose: String, period: u64) {
        *self.charged.entry((bound, whose, period)).or_default() += 1;
    }

    fn charge(&mut self, index: LeafIndex, record: &Record) {
        let (hour, minute) = (record.time.hour_utc(), record.time.minute_utc());
        match &record.position {
            Position::Registry(_) => {}
            Position::Institution(at) => {
                let whose = at.institution.as_str();
                self.charge_institution(whose, index, &record.event, (hour, minute));
            }
            Position::Person(at) => {
                let next = self.people.len();
                let number = *self.people.entry(at.subject).or_insert(next);
                self.charge_person(number, index, &record.event, record.time);
            }
        }
    }

    fn charge_institution(
        &mut self,
        whose: &str,
        index: LeafIndex,
        event: &Event,
        (hour, minute): (u64, u64),
    ) {
        let of = |what: &str| format!("{whose} {what}");
        if let Event::StatementRefused(refused) = event {
            if refused.is_late() {
                self.add(Bound::LateOfOneKey, of(refused.kid.as_str()), 0);
            } else {
                self.add(Bound::RefusalsPerMinute, of(""), minute);
            }
        } else if let Event::StatementsThrottled(throttled) = event {
            self.counted.insert(index, throttled.count);
            let cause = of(throttled.counted_for.as_str());
            self.add(Bound::ThrottledPerMinute, cause, minute);
        } else if let Event::EmergencyDeclared(declared) = event {
            let role_holder = of(declared.role_holder.as_str());
            self.add(Bound::EmergenciesPerHour, role_holder, hour);
        } else {
            // Roles, which the town was founded with.
            assert!(matches!(event, Event::RoleAssigned(_)), "{event:?}");
        }
    }

    fn charge_person(&mut self, number: usize, index: LeafIndex, event: &Event, time: Timestamp) {
        let (hour, day) = (time.hour_utc(), time.day_utc());
        let by = |institution: &InstitutionId| format!("{institution} {number}");
        let done_by = match event.about() {
            About::Decision(decided) => Some(&decided.requester),
            About::Institution(institution) => Some(institution),
            About::Access(of) | About::Ended(Ended { access: of, .. }) => self.done_by.get(&of),
            About::Statistics(_)
            | About::Consent(_)
            | About::ConsentOf(_)
            | About::Message(_)
            | About::Itself => None,
        };
        if let Some(institution) = done_by.cloned() {
            self.done_by.insert(index, institution);
        }
        if let Some(decided) = decided(event) {
            self.asked_by.insert(index, decided.requester.clone());
            let whose = by(&decided.requester);
            self.add(Bound::AboutOnePerHour, whose.clone(), hour);
            self.add(Bound::AboutOnePerDay, whose, day);
        } else if let Event::ReleaseRefused(refused) = event {
            self.add(Bound::AboutOnePerHour, by(&refused.holder), hour);
            self.add(Bound::AboutOnePerDay, by(&refused.holder), day);
        } else if let Event::AccessesCounted(counted) = event {
            self.counted.insert(index, counted.count);
            self.add(Bound::CountedPerHour, by(&counted.requester), hour);
        } else if let Event::AlertRaised(alert) = event {
            let about = &self.asked_by[&alert.access];
            let whose = format!("{} {}", by(about), alert.rule.as_str());
            self.add(Bound::AlertsPerHour, whose, hour);
        } else if let Event::NoticeSent(notice) | Event::NoticeFailed(notice) = event {
            self.charge_notice(number, notice, hour);
        } else if let Event::SubjectEnrolled(_) = event {
            self.add(Bound::People, String::new(), 0);
        } else {
            self.add(Bound::OwnActs, number.to_string(), 0);
        }
    }

    fn charge_notice(&mut self, number: usize, notice: &NoticeDelivery, hour: u64) {
        let template = notice.template;
        let about = notice.about.and_then(|about| self.asked_by.get(&about));
        let about = about.map_or("-", InstitutionId::as_str);
        if let Template::OutOfPurpose | Template::EmergencyAccess = template {
            let whose = format!("{number} {} {about}", template.as_str());
            self.add(Bound::WarningsPerHour, whose, hour);
        } else if template == Template::ApprovalRequest {
            self.add(Bound::QuestionsPerHour, number.to_string(), hour);
        } else if template == Template::MoreHappened {
            self.add(Bound::MorePerHour, number.to_string(), hour);
        } else if TELLS_OF_HERS.contains(&template) {
            self.add(Bound::NoticesPerHour, format!("{number} herself"), hour);
        } else {
            let done_by = notice.about.and_then(|about| self.done_by.get(&about));
            let done_by = done_by.map_or("-", InstitutionId::as_str);
            let whose = format!("{number} {done_by}");
            self.add(Bound::NoticesPerHour, whose, hour);
        }
    }
}

/// A decision on a statement; what follows from her own yes is bounded by her.
fn decided(event: &Event) -> Option<&AccessDecided> {
    let decided = if let Event::AccessPermitted(decided) | Event::AccessDenied(decided) = event {
        decided
    } else if let Event::AccessAsked(asked) = event {
        &asked.decided
    } else {
        return None;
    };
    decided.approval.is_none().then_some(decided)
}
