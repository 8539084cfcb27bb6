//! Which act is told to whom (pure).

use akashi_ledger::random::drawn;
use akashi_proof::ids::{InstitutionId, Kid, LeafIndex, NoticeId, Timestamp};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::limits::RESET_WAIT_MILLIS;
use akashi_proof::particulars::{Email, Particulars};
use akashi_proof::record::Record;
use akashi_proof::record::kind::{ByStream, RegistryEvent};
use akashi_proof::state::Registry;
use akashi_proof::statement::Common;

use super::row::{Row, What};
use crate::limits::{
    ADDRESS_TOLD_FOR_MILLIS, BODY_ADDRESSES_MAX, BODY_STALE_AFTER_MILLIS, BODY_TRIED_FOR_MILLIS,
    REMINDED_BEFORE_MILLIS,
};

/// What an act calls for.
#[derive(Default)]
pub(super) struct CalledFor {
    pub(super) rows: Vec<Row>,
    /// Addresses above [`BODY_ADDRESSES_MAX`].
    pub(super) left_out: usize,
}

/// An act and whom it concerns.
struct Concern<'a> {
    what: What,
    /// Whose keys, or whose address; nobody's where it is the log's.
    whom: Option<&'a InstitutionId>,
    kid: Option<&'a Kid>,
    /// The addresses, those of one body together, today's first.
    to: Vec<Vec<&'a Email>>,
}

/// What is told of this record. The registry is that of now, which has this record in it.
pub(super) fn called_for(
    index: LeafIndex,
    record: &Record,
    registry: &Registry,
    now: Timestamp,
) -> CalledFor {
    let is_stale = record.time.plus_millis(BODY_STALE_AFTER_MILLIS) <= now;
    let concern = concern(record, registry).filter(|_| !is_stale);
    let Some(concern) = concern else {
        return CalledFor::default();
    };
    let by = signers(record);
    let Some(whom) = concern.whom.or(by.first()).cloned() else {
        return CalledFor::default();
    };
    let (to, left_out) = bounded(&concern.to, BODY_ADDRESSES_MAX);
    let row = |to: &Email, due, reminds, until| Row {
        what: concern.what,
        about: index,
        whom: whom.clone(),
        kid: concern.kid.cloned(),
        by: by.clone(),
        due,
        reminds,
        until,
        to: to.clone(),
        notice: NoticeId::from_bytes(drawn()),
        attempts: 0,
    };
    let at_once = now.plus_millis(BODY_TRIED_FOR_MILLIS);
    let mut rows: Vec<Row> = to
        .iter()
        .map(|to| row(to, record.time, None, at_once))
        .collect();
    if let Some(effect) = waits_until(&concern, registry, now) {
        let due = effect.minus_millis(REMINDED_BEFORE_MILLIS);
        // What comes into force within a day was told of a moment ago.
        let reminded = to.iter().filter(|_| due > record.time);
        rows.extend(reminded.map(|to| row(to, due, Some(effect), effect)));
    }
    CalledFor { rows, left_out }
}

/// When the reset this is about comes into force, where it waits.
fn waits_until(concern: &Concern<'_>, registry: &Registry, now: Timestamp) -> Option<Timestamp> {
    let own = registry.institution(concern.whom.filter(|_| concern.what == What::KeysReset)?)?;
    let reset = own.reset_waiting(now)?;
    reset.effect.filter(|_| Some(&reset.kid) == concern.kid)
}

fn concern<'a>(record: &'a Record, registry: &'a Registry) -> Option<Concern<'a>> {
    let since = record.time.minus_millis(ADDRESS_TOLD_FOR_MILLIS);
    let before = record.time.minus_millis(1);
    let own = |id| Some(registry.institution(id)?.emails_since(since));
    let every = || -> Vec<Vec<&Email>> {
        let those = registry.supervisors().chain(registry.replaced_since(since));
        those.map(|one| one.emails_since(since)).collect()
    };
    let ByStream::Registry(event) = record.event.by_stream() else {
        return None;
    };
    let (what, whom, kid, to) = match event {
        RegistryEvent::KeyReset(e) => {
            let to = vec![own(&e.institution)?];
            (What::KeysReset, Some(&e.institution), Some(&e.kid), to)
        }
        RegistryEvent::ResetObjected(e) => {
            let to = [vec![own(&e.institution)?], every()].concat();
            (What::ResetObjected, Some(&e.institution), Some(&e.kid), to)
        }
        RegistryEvent::SupervisorReplaced(e) => {
            (What::SupervisorReplaced, Some(&e.supervisor), None, every())
        }
        RegistryEvent::InstitutionChanged(e) => {
            let was = registry.institution(&e.institution)?.particulars_at(before);
            let to = replaced(was, &e.particulars)?;
            (What::AddressChanged, Some(&e.institution), None, to)
        }
        RegistryEvent::SupervisorChanged(e) => {
            let was = registry.supervisor_named(&e.supervisor)?;
            let to = replaced(was.particulars_at(before), &e.particulars)?;
            (What::AddressChanged, Some(&e.supervisor), None, to)
        }
        RegistryEvent::LogKeyAdded(_) => (What::LogKeyAdded, None, None, every()),
        RegistryEvent::LogKeyEnded(_) => (What::LogKeyEnded, None, None, every()),
        RegistryEvent::LedgerResumed(_) => (What::LedgerResumed, None, None, every()),
        RegistryEvent::LedgerOpened(_)
        | RegistryEvent::InstitutionCertified(_)
        | RegistryEvent::InstitutionSuspended(_)
        | RegistryEvent::InstitutionReinstated(_)
        | RegistryEvent::KeyRegistered(_)
        | RegistryEvent::KeyRevoked(_)
        | RegistryEvent::PolicyActivated(_) => return None,
    };
    Some(Concern {
        what,
        whom,
        kid,
        to,
    })
}

/// The address that is one no longer, where the act puts another in its place.
fn replaced<'a>(was: &'a Particulars, is: &Particulars) -> Option<Vec<Vec<&'a Email>>> {
    (was.email != is.email).then(|| vec![vec![&was.email]])
}

/// Each address once, at most so many: today's of everybody first, then the others in the order
/// they were replaced, so that whoever replaces many pushes none of them out. And how many are left
/// out.
fn bounded<'a>(of: &[Vec<&'a Email>], most: usize) -> (Vec<&'a Email>, usize) {
    let today = of.iter().filter_map(|one| one.first());
    let before = of.iter().filter_map(|one| one.get(1..)).flatten();
    let mut each: Vec<&Email> = Vec::new();
    for email in today.chain(before) {
        if !each.contains(email) {
            each.push(email);
        }
    }
    let left_out = each.len().saturating_sub(most);
    each.truncate(most);
    (each, left_out)
}

/// Who signed the act; the fold has checked that they did.
fn signers(record: &Record) -> Vec<InstitutionId> {
    let statements = record.event.statements().iter();
    let signed = statements.filter_map(|bytes| {
        let jws = Jws::parse(&bytes.0).ok()?;
        Common::of(&jws, Type::Act).ok().map(|common| common.iss)
    });
    signed.collect()
}

const _: () = assert!(REMINDED_BEFORE_MILLIS < RESET_WAIT_MILLIS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_above_the_bound_are_the_last_replaced_and_counted() {
        let email = |body: usize, at: usize| {
            Email::parse(&format!("keys-{at}@body-{body}.example")).unwrap()
        };
        let of = |bodies: usize, each: usize| -> Vec<Vec<Email>> {
            let of_one = |body| (0..each).map(|at| email(body, at)).collect();
            (0..bodies).map(of_one).collect()
        };
        let told = |all: &[Vec<Email>]| {
            let all: Vec<Vec<&Email>> = all.iter().map(|one| one.iter().collect()).collect();
            let (told, left_out) = bounded(&all, BODY_ADDRESSES_MAX);
            let told: Vec<Email> = told.into_iter().cloned().collect();
            (told, left_out)
        };
        let mut bodies = of(16, 4);
        let (all, left_out) = told(&bodies);
        assert_eq!((all.len(), left_out), (BODY_ADDRESSES_MAX, 0), "N");
        assert_eq!(all[..2], [email(0, 0), email(1, 0)], "today's first");
        bodies[15].push(email(15, 4));
        let (all, left_out) = told(&bodies);
        assert_eq!((all.len(), left_out), (BODY_ADDRESSES_MAX, 1), "N + 1");
        assert!(!all.contains(&email(15, 4)) && all.contains(&email(15, 3)));
        bodies.push(vec![email(0, 0)]);
        assert_eq!(told(&bodies).1, 1, "each once");
    }

    #[test]
    fn whatever_is_certified_as_an_address_makes_a_mail() {
        for certified in [
            "kojin-joho@hospital.example",
            "a@b.example",
            "!#$%&'*+-/=?^_{}~@xn--wgv71a.example",
            "it.keys+akashi@www.city.hinata.example",
        ] {
            let certified = Email::parse(certified).unwrap();
            let read = crate::address::Email::parse(certified.as_str()).unwrap();
            assert_eq!(read.as_str(), certified.as_str());
        }
    }
}
