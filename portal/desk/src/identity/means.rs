//! Her phone counts for nothing, and counts again.
//!
//! Blocking takes as little as can be: whoever holds the phone may, and so may whoever has the
//! paper with the recovery code, for she who has lost the phone can receive no code. Neither learns
//! anything by it. Unblocking takes both.

use std::sync::Arc;

use akashi_ledger::command::{BlockMeans, UnblockMeans};
use akashi_notifier::Address;
use akashi_proof::ids::{ContactId, LeafIndex, SubjectHandle};
use akashi_proof::record::kind::{BlockedBy, Channel, Kind, Language, YesNo};
use akashi_proof::state::Person;
use tokio::time::{Instant, sleep_until};

use crate::app::SharedApp;
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::identity::recovery::RecoveryCode;
use crate::limits::BLOCK_ANSWERED_AFTER;
use crate::reading::Work;

/// Blocks the phones of whoever is there: of everybody who uses the phone, where that is all that
/// is known. What is blocked already stays so.
///
/// # Errors
/// [`Declined`]: nobody is there, or the ledger did not take it.
pub async fn block(app: &SharedApp, who: &Principal) -> Result<(), Declined> {
    let blocked_by = if who.is_person() {
        BlockedBy::Person
    } else {
        BlockedBy::Phone
    };
    let people = app.read(Work::Pages, {
        let (who, now) = (who.clone(), app.clock.wall());
        move |reader| who.found(reader, now)
    });
    for person in people.await? {
        block_phones(app, &person, blocked_by, who.language()).await?;
    }
    Ok(())
}

/// Blocks the phone of the person whose number and recovery code somebody knows. Returns whether
/// they are anybody's. Wrong ones are counted by nobody: a hundred bits are not guessed, and
/// whoever must block a phone must not wait for her neighbours.
///
/// # Errors
/// [`Declined`]: the ledger could not be read or did not take it.
pub async fn block_by_paper(
    app: &SharedApp,
    phone: Address,
    recovery: &RecoveryCode,
    language: Language,
) -> Result<bool, Declined> {
    let answered = Instant::now() + BLOCK_ANSWERED_AFTER;
    let digest = recovery.digest();
    let found = app.read(Work::Pages, {
        let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
        move |reader| {
            let mut people = contacts.people_at(reader, &phone, now).into_iter();
            people.find(|person| person.recovery_digest == Some(digest))
        }
    });
    let found = found.await?;
    if let Some(person) = &found {
        block_phones(app, person, BlockedBy::Paper, language).await?;
    }
    sleep_until(answered).await;
    Ok(found.is_some())
}

async fn block_phones(
    app: &SharedApp,
    person: &Person,
    blocked_by: BlockedBy,
    language: Language,
) -> Result<(), Declined> {
    let subject = person.subject;
    for contact in phones(person, YesNo::No) {
        let done = app.submit(BlockMeans {
            subject,
            contact,
            blocked_by,
            language,
        });
        if let Err(refused) = done.await
            && !is(app, subject, contact, YesNo::Yes).await?
        {
            return Err(refused.into());
        }
    }
    // Whoever sits before her pages with the phone must show the second thing again.
    app.sessions.step_down(&subject);
    Ok(())
}

/// Whether she may unblock her phones: who has shown an address and the code may not have the
/// phone.
pub fn may_unblock(who: &Principal) -> bool {
    let must_show = Kind::MeansUnblocked.must_show();
    who.is_person() && must_show.is_some_and(|must| must.accepts(who.assurance()))
}

/// Unblocks her phones; returns the log index of the last record, `None` where nothing was blocked.
///
/// # Errors
/// [`Declined`]: she is not known surely enough ([`may_unblock`]), or the ledger did not take it.
pub async fn unblock(app: &SharedApp, who: &Principal) -> Result<Option<LeafIndex>, Declined> {
    let subject = who.subject()?;
    if !may_unblock(who) {
        return Err(Declined::MoreSurely);
    }
    let read = app.read(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        Ok::<_, Declined>(phones(&person, YesNo::Yes))
    });
    let mut last = None;
    for contact in read.await?? {
        let command = UnblockMeans {
            subject,
            contact,
            assurance: who.assurance(),
            language: who.language(),
        };
        let done = app.submit_for(who, subject, command);
        match done.await {
            Ok(done) => last = Some(done.receipt),
            // Sent twice at once: the other came first.
            Err(_) if is(app, subject, contact, YesNo::No).await? => {}
            Err(declined) => return Err(declined),
        }
    }
    Ok(last)
}

/// Her phones that are blocked, or that are not.
fn phones(person: &Person, blocked: YesNo) -> Vec<ContactId> {
    let phones = person.contacts.iter();
    let phones = phones.filter(|known| known.channel == Channel::Sms && known.blocked == blocked);
    phones.map(|known| known.contact).collect()
}

async fn is(
    app: &SharedApp,
    subject: SubjectHandle,
    contact: ContactId,
    blocked: YesNo,
) -> Result<bool, Declined> {
    let read = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject);
        person.is_some_and(|person| phones(&person, blocked).contains(&contact))
    });
    Ok(read.await?)
}
