//! One sentence for every kind of record, in both languages: the only place that knows how a record
//! reads.
//!
//! The match on [`Event`] is exhaustive, so that a new kind does not compile before it has its
//! sentence. Kinds that never stand in a person's stream have one too: the same words serve the
//! registry's pages.

mod access;
mod account;
mod approval;
mod closed;
mod consent;
mod contact;
mod institution;
mod notice;
mod registry;
mod subject;

pub(crate) use akashi_desk::history::mark::Mark;
pub(crate) use akashi_desk::history::related::Related;
use akashi_desk::words::names::Names;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{AccessDecided, Event, Language};
use akashi_proof::record::{Closed, Record};

pub(crate) use access::release_reasons;
pub(crate) use contact::kept_by;
pub(crate) use notice::said;
pub(crate) use subject::{blocked_by, link_end};

use crate::words::text::{Rich, leading_to, pick, say};

/// A record in words.
pub(crate) struct Told {
    pub(crate) mark: Mark,
    /// The word beside the mark.
    pub(crate) word: &'static str,
    /// Who acted, as a heading.
    pub(crate) who: Rich,
    pub(crate) sentence: Rich,
    /// Label and text of what it rests on: the ground of a permit, the reasons of a refusal.
    pub(crate) ground: Option<(&'static str, Rich)>,
}

/// What is said of a record; how it is marked follows from the record ([`Mark::of`]).
struct Said {
    word: &'static str,
    who: Rich,
    sentence: Rich,
    ground: Option<(&'static str, Rich)>,
}

impl Said {
    fn new(l: Language, word: &'static str, who: String, sentence: String) -> Self {
        Self {
            word,
            who: Rich::new(l, who),
            sentence: Rich::new(l, sentence),
            ground: None,
        }
    }

    fn marked(self, mark: Mark) -> Told {
        Told {
            mark,
            word: self.word,
            who: self.who,
            sentence: self.sentence,
            ground: self.ground,
        }
    }
}

/// Puts what is left of a record into words.
pub(crate) fn tell_closed(closed: Closed, names: &Names) -> Told {
    closed::closed(closed, names).marked(Mark::of_closed(closed))
}

/// Puts a record into words: those of the pack that decided it, or was in force when it was made.
pub(crate) fn tell(record: &Record, names: &Names, related: &dyn Related) -> Told {
    say_of(record, names, related).marked(Mark::of(&record.event))
}

fn say_of(record: &Record, names: &Names, related: &dyn Related) -> Said {
    let names = &names.of(record);
    match &record.event {
        Event::AccessPermitted(e) | Event::AccessDenied(e) => access::decided(e, names),
        Event::AccessAsked(e) => access::asked(e, names),
        Event::AccessesCounted(e) => access::counted(e, names),
        Event::AccessReleased(e) => access::released(e, names, related),
        Event::ReleaseRefused(e) => access::release_refused(e, names),
        Event::ConsentGiven(e) => consent::given(e, names),
        Event::ConsentNarrowed(e) => consent::narrowed(e, names, related),
        Event::ConsentWithdrawn(e) => consent::withdrawn(e, names, related),
        Event::ConsentsStopped(e) => consent::stopped(e, names),
        Event::MeansBlocked(e) => subject::means_blocked(e, names),
        Event::MeansUnblocked(e) => subject::means_unblocked(e, names),
        Event::ApprovalGranted(e) => approval::granted(e, names, related),
        Event::ApprovalRefused(e) => approval::refused(e, names, related),
        Event::ApprovalExpired(e) => approval::expired(e, names, related),
        Event::AlertRaised(e) => notice::raised(e, names, related),
        Event::NoticeSent(e) => notice::sent(e, names),
        Event::NoticeFailed(e) => notice::failed(e, names),
        Event::NoticesReported(e) => notice::reported(e, names),
        Event::SubjectEnrolled(e) => subject::enrolled(e, names),
        Event::PapersReplaced(e) => subject::papers_replaced(e, names),
        Event::ContactReplaced(e) => contact::replaced(e, names),
        Event::ContactKept(e) => contact::kept(e, names),
        Event::ContactEnded(e) => contact::ended(e, names),
        Event::ContactDoubted(e) => contact::doubted(e, names),
        Event::ContactConfirmed(e) => contact::confirmed(e, names),
        Event::AccountSuspended(e) => account::suspended(e, names),
        Event::AccountResumed(e) => account::resumed(e, names),
        Event::AccountClosed(e) => account::closed(e, names),
        Event::ContactVerified(e) => subject::contact_verified(e, names),
        Event::LinkIssued(e) => subject::link_issued(e, names),
        Event::LinkWithdrawn(e) => subject::link_withdrawn(e, names),
        Event::LinkRevoked(e) => subject::link_revoked(e, names),
        Event::LinkCorrected(e) => subject::link_corrected(e, names),
        // The registry and the institutions' own streams: never about one person.
        Event::LedgerOpened(_) => registry::opened(names),
        Event::LogKeyAdded(_) => registry::log_key_added(names),
        Event::LogKeyEnded(_) => registry::log_key_ended(names),
        Event::LedgerResumed(e) => registry::resumed(e, names),
        Event::SupervisorChanged(e) => registry::supervisor_changed(e, names),
        Event::SupervisorReplaced(e) => registry::supervisor_replaced(e, names),
        Event::InstitutionCertified(e) => registry::certified(e, names),
        Event::InstitutionChanged(e) => registry::changed(e, names),
        Event::InstitutionSuspended(e) => registry::suspended(e, names),
        Event::InstitutionReinstated(e) => registry::reinstated(e, names),
        Event::KeyRegistered(e) => registry::key_registered(e, names),
        Event::KeyRevoked(e) => registry::key_revoked(e, names),
        Event::KeyReset(e) => registry::key_reset(e, names),
        Event::ResetObjected(e) => registry::reset_objected(e, names),
        Event::PolicyActivated(e) => registry::policy_activated(e, names),
        Event::RoleAssigned(e) => institution::role_assigned(e, names),
        Event::RoleEnded(e) => institution::role_ended(e, names),
        Event::StatementRefused(e) => institution::refused(e, names),
        Event::StatementsThrottled(e) => institution::throttled(e, names),
        Event::EmergencyDeclared(e) => institution::emergency(e, names),
        Event::StatisticsPermitted(e) | Event::StatisticsDenied(e) => {
            institution::statistics(e, names)
        }
    }
}

fn you(l: Language) -> String {
    pick(l, "あなた", "You").to_owned()
}

fn ledger(l: Language) -> String {
    pick(l, "あかし", "Akashi").to_owned()
}

const fn notice(l: Language) -> &'static str {
    pick(l, "お知らせ", "Notice")
}

/// A record of hers by its number, as the way to it.
fn the_record(l: Language, index: LeafIndex) -> String {
    leading_to(index, &say!(l, "記録{index}番", "record {index}"))
}

fn asker(related: &dyn Related, access: LeafIndex, names: &Names) -> String {
    match access_at(related, access) {
        Some(access) => names.institution(&access.requester),
        None => pick(names.language, "ある機関", "an institution").to_owned(),
    }
}

/// The decision at this log index.
pub(crate) fn access_at(related: &dyn Related, index: LeafIndex) -> Option<AccessDecided> {
    related.record(index)?.event.decided().cloned()
}
