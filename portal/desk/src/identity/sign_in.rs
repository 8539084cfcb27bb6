//! Signing in: the phone first, then, if she wants, the recovery code, which also decides which of
//! the persons who use that phone is there. Who has no phone any more shows a code sent to an
//! address of hers and the recovery code together: an address alone opens nothing.

use std::sync::Arc;

use akashi_ledger::Reader;
use akashi_ledger::command::Showed;
use akashi_notifier::{Address, Contacts};
use akashi_proof::ids::{SubjectHandle, Timestamp};
use akashi_proof::state::Person;

use crate::app::{App, SharedApp};
use crate::declined::Declined;
use crate::identity::browser::{Ground, Known};
use crate::identity::errand::Reached;
use crate::identity::recovery::RecoveryCode;
use crate::identity::session::{Met, Recovery, Session, Shown, Standing};
use crate::reading::Work;

/// What came of signing in.
#[derive(Debug)]
pub struct SignedIn {
    /// The standing to raise the session to.
    pub standing: Standing,
    /// What her browser is to bring back the next time ([`crate::identity::browser`]).
    pub mark: String,
}

/// Of whoever reads what is sent to this address; `None` where nobody is enrolled with it.
/// `browser` is what hers was known for.
///
/// # Errors
/// [`Declined::Busy`] when the server ends.
pub async fn with_phone(
    app: &SharedApp,
    reached: Reached,
    browser: Option<&Known>,
) -> Result<Option<SignedIn>, Declined> {
    // What an SMS to a phone speaks of is for phones: an address alone shows nothing.
    if !matches!(reached.address(), Address::Phone(_)) {
        return Ok(None);
    }
    let now = app.clock.wall();
    // The code is spent: what comes now waits for its turn instead of being refused.
    let read = app.read_on(Work::Pages, {
        let contacts = Arc::clone(&app.contacts);
        move |reader| {
            let people = people_at(&contacts, reader, reached.address(), now);
            let ground = Ground::of(&contacts, reader, reached.address(), now);
            (people, ground, reached)
        }
    });
    let (people, ground, reached) = read.await?;
    let of = (reached.address(), ground);
    Ok((!people.is_empty()).then_some(SignedIn {
        standing: Standing::Holder(people),
        mark: app.browsers.mark(of, browser, now),
    }))
}

/// Who uses this address: those whose own record says so. A row of the contacts file alone, left by
/// an enrolment that did not come to its end, counts for nothing.
fn people_at(
    contacts: &Contacts,
    reader: &Reader,
    address: &Address,
    now: Timestamp,
) -> Arc<[Met]> {
    let people = contacts.people_at(reader, address, now).into_iter();
    let mut people: Vec<Met> = people.map(|person| Met::by_phone(&person, now)).collect();
    people.sort_unstable_by_key(Met::subject);
    people.dedup_by_key(|met| met.subject());
    people.into()
}

/// What came of a recovery code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// It is hers: the standing to raise the session to.
    As(Standing),
    /// It is nobody's who uses this phone.
    Wrong,
    /// There were too many wrong ones; wait a quarter of an hour.
    Rest,
}

/// Tries a recovery code, counting wrong ones against the session alone: nobody guesses a hundred
/// bits, and a neighbour's wrong ones are no reason to look at nobody's. `people` are those it may
/// belong to. Whom it makes known is known by what the session began with: an address stays one,
/// however often the code is shown.
///
/// # Errors
/// [`Declined::Nobody`] where the session is a visitor's.
pub fn recover(
    app: &App,
    session: &Session,
    people: &[Arc<Person>],
    code: &RecoveryCode,
) -> Result<Recovered, Declined> {
    let shown = session.standing.shown().ok_or(Declined::Nobody)?;
    let handles: Vec<SubjectHandle> = people.iter().map(|person| person.subject).collect();
    let digest = code.digest();
    let hers = |subject: &SubjectHandle| people.iter().find(|person| person.subject == *subject);
    let belongs_to =
        |subject: &SubjectHandle| hers(subject).is_some_and(|p| p.recovery_digest == Some(digest));
    let now = app.clock.monotonic_millis();
    let tried = app
        .sessions
        .try_recovery(session, &handles, now, belongs_to);
    let subject = match tried {
        Recovery::Of(subject) => subject,
        Recovery::Wrong => return Ok(Recovered::Wrong),
        Recovery::Rest => return Ok(Recovered::Rest),
    };
    let person = hers(&subject).ok_or(Declined::Nobody)?;
    Ok(Recovered::As(Standing::Person {
        subject,
        showed: Showed::to(person).and_recovery(digest),
        shown,
        language: person.language,
    }))
}

/// Of whoever reads what is sent to this address and knows the recovery code of a person who has
/// it; `None` where they do not belong together. A wrong one costs the code that was sent.
///
/// # Errors
/// [`Declined::Busy`] when the server ends.
pub async fn with_mail(
    app: &SharedApp,
    reached: Reached,
    browser: Option<&Known>,
    code: &RecoveryCode,
) -> Result<Option<SignedIn>, Declined> {
    let digest = code.digest();
    let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
    let read = app.read_on(Work::Pages, move |reader| {
        let people = contacts.people_at(reader, reached.address(), now);
        let mut people = people.into_iter();
        let person = people.find(|person| person.recovery_digest == Some(digest))?;
        let standing = Standing::Person {
            subject: person.subject,
            showed: Showed::to(&person).and_recovery(digest),
            shown: Shown::Mail,
            language: person.language,
        };
        let ground = Ground::of(&contacts, reader, reached.address(), now);
        Some((standing, ground, reached))
    });
    Ok(read.await?.map(|(standing, ground, reached)| SignedIn {
        standing,
        mark: app.browsers.mark((reached.address(), ground), browser, now),
    }))
}
