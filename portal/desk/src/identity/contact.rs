//! Addresses a person is reached at: added, replaced, ended, and what follows where somebody else
//! shows that a number is theirs.

use std::sync::Arc;

use akashi_ledger::Reader;
use akashi_ledger::command::{
    ConfirmContact, DoubtContact, EndContact, KeepContact, ReplaceContact, VerifyContact,
};
use akashi_notifier::{Address, Contact, Contacts};
use akashi_proof::ids::{ContactId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Channel, KeptBy};
use akashi_proof::state::{self, Person};

use crate::app::SharedApp;
use crate::declined::Declined;
use crate::identity::errand::Reached;
use crate::identity::kept;
use crate::identity::principal::Principal;
use crate::reading::Work;

/// Keeps an address of hers and records that it was shown to be hers. Returns the log index of the
/// record; `None` where she has this address already.
///
/// The address is kept before the record that makes it valid; a row without one is swept.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, has as many as she may, or the ledger did not take
/// it.
pub async fn add(
    app: &SharedApp,
    who: &Principal,
    reached: Reached,
) -> Result<Option<LeafIndex>, Declined> {
    let (shared, who, address) = (Arc::clone(app), who.clone(), reached.address().clone());
    let added = async move { add_in_turn(&shared, &who, reached).await };
    app.addresses.alone(&address, added).await
}

async fn add_in_turn(
    app: &SharedApp,
    who: &Principal,
    reached: Reached,
) -> Result<Option<LeafIndex>, Declined> {
    let subject = who.subject()?;
    let assurance = who.assurance();
    // The code is spent: what comes now waits for its turn instead of being refused.
    let read = app.read_on(Work::Pages, {
        let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
        move |reader| {
            let person = reader.person(&subject).ok_or(Declined::Nobody)?;
            if person.has_all_contacts() {
                return Err(Declined::Overtaken);
            }
            kept_once(&contacts, reader, &person, reached, now)
        }
    });
    let Some(contact) = read.await?? else {
        return Ok(None);
    };
    let command = VerifyContact {
        subject,
        contact: contact.id,
        channel: contact.address.channel(),
        assurance,
    };
    let done = app.submit_for(who, subject, command);
    Ok(Some(done.await?.receipt))
}

fn kept_once(
    contacts: &Contacts,
    reader: &Reader,
    person: &Person,
    reached: Reached,
    now: Timestamp,
) -> Result<Option<Contact>, Declined> {
    let is_known = person.contacts.iter().any(|known| {
        let row = contacts.find(&known.contact);
        row.is_some_and(|row| row.address == *reached.address())
    });
    if is_known {
        return Ok(None);
    }
    kept::keep(contacts, reader, person.subject, reached, now).map(Some)
}

/// Replaces one of her contacts by an address whose reader has just typed a code: announced to the
/// old one, and in force when the cooling-off is over. Returns the log index of the record; `None`
/// where she has this address already.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, the old contact is not hers, another is being
/// replaced, the new number is full ([`Declined::PhoneFull`]), or the ledger did not take it.
pub async fn replace(
    app: &SharedApp,
    who: &Principal,
    reached: Reached,
    replaces: ContactId,
) -> Result<Option<LeafIndex>, Declined> {
    let (shared, who, address) = (Arc::clone(app), who.clone(), reached.address().clone());
    let replaced = async move { replace_in_turn(&shared, &who, reached, replaces).await };
    app.addresses.alone(&address, replaced).await
}

async fn replace_in_turn(
    app: &SharedApp,
    who: &Principal,
    reached: Reached,
    replaces: ContactId,
) -> Result<Option<LeafIndex>, Declined> {
    let subject = who.subject()?;
    let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
    let read = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        let mut hers = person.contacts_at(now);
        let old = hers.find(|known| known.contact == replaces);
        let old = old.ok_or(Declined::Overtaken)?;
        if old.channel != reached.address().channel() || person.replacing(now).is_some() {
            return Err(Declined::Overtaken);
        }
        kept_once(&contacts, reader, &person, reached, now)
    });
    let Some(contact) = read.await?? else {
        return Ok(None);
    };
    // When there is room for her, and before she is let in.
    doubt_others(app, &contact.address, subject).await?;
    let command = ReplaceContact {
        subject,
        contact: contact.id,
        replaces,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    Ok(Some(done.await?.receipt))
}

/// Stops the replacing of a contact. Whoever holds the phone may stop that of all who use it:
/// taking over must be harder than keeping.
///
/// # Errors
/// [`Declined`]: nobody is there, or the ledger did not take it.
pub async fn keep(app: &SharedApp, who: &Principal, instead_of: ContactId) -> Result<(), Declined> {
    let kept_by = if who.is_person() {
        KeptBy::Person
    } else {
        KeptBy::Phone
    };
    let Some(subject) = replaced_by(app, who, instead_of).await? else {
        return Err(Declined::NotThere);
    };
    let command = KeepContact {
        subject,
        instead_of,
        kept_by,
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    match done.await {
        Ok(_) => Ok(()),
        Err(declined) => match replaced_by(app, who, instead_of).await? {
            Some(_) => Err(declined),
            // Sent twice at once: the other came first.
            None => Ok(()),
        },
    }
}

/// Which of those who are there this contact is about to reach instead of another.
async fn replaced_by(
    app: &SharedApp,
    who: &Principal,
    instead_of: ContactId,
) -> Result<Option<SubjectHandle>, Declined> {
    let (who, now) = (who.clone(), app.clock.wall());
    let read = app.read_on(Work::Pages, move |reader| {
        let people = who.found(reader, now);
        let mut people = people.iter();
        let is_it = |person: &&Arc<Person>| {
            let replacing = person.replacing(now);
            replacing.is_some_and(|(_, new)| new.contact == instead_of)
        };
        people.find(is_it).map(|person| person.subject)
    });
    Ok(read.await?)
}

/// Ends one of her contacts at once; returns the log index of the record.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, it is not hers ([`Declined::NotThere`]), it is the
/// last by which she is reached, or the ledger did not take it.
pub async fn end(
    app: &SharedApp,
    who: &Principal,
    contact: ContactId,
) -> Result<LeafIndex, Declined> {
    let subject = who.subject()?;
    if !is_hers(app, subject, contact, |_| true).await? {
        return Err(Declined::NotThere);
    }
    let command = EndContact {
        subject,
        contact,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    Ok(done.await?.receipt)
}

/// She says that she uses a number all the same that somebody else has shown to be theirs; returns
/// the log index of the record.
///
/// # Errors
/// As [`end`]; [`Declined::PhoneFull`] where others have taken the place she lost by not saying so.
pub async fn confirm(
    app: &SharedApp,
    who: &Principal,
    contact: ContactId,
) -> Result<LeafIndex, Declined> {
    let contacts = Arc::clone(&app.contacts);
    let row = app.read_on(Work::Pages, move |_| contacts.find(&contact));
    let address = row.await?.ok_or(Declined::NotThere)?.address;
    let (shared, who, of) = (Arc::clone(app), who.clone(), address.clone());
    let confirmed = async move { confirm_in_turn(&shared, &who, (contact, of)).await };
    app.addresses.alone(&address, confirmed).await
}

async fn confirm_in_turn(
    app: &SharedApp,
    who: &Principal,
    (contact, address): (ContactId, Address),
) -> Result<LeafIndex, Declined> {
    let subject = who.subject()?;
    if !is_hers(app, subject, contact, |known| known.is_doubted()).await? {
        return Err(Declined::NotThere);
    }
    let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
    let read = app.read_on(Work::Pages, move |reader| {
        kept::is_full(&contacts, reader, subject, &address, now)
    });
    if read.await? {
        return Err(Declined::PhoneFull);
    }
    let command = ConfirmContact {
        subject,
        contact,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    Ok(done.await?.receipt)
}

async fn is_hers(
    app: &SharedApp,
    subject: SubjectHandle,
    contact: ContactId,
    is_wanted: impl Fn(&state::Contact) -> bool + Send + 'static,
) -> Result<bool, Declined> {
    let now = app.clock.wall();
    let read = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        let mut hers = person.contacts_at(now);
        Ok(hers.any(|known| known.contact == contact && is_wanted(known)))
    });
    read.await?
}

/// Records of everybody else who has this number that somebody has shown it to be theirs: from then
/// on it shows nothing of them and is told nothing, until they say that they share it. Done before
/// whoever has shown it is let in, in the turn of the address: of two who come at once the second
/// finds the first.
///
/// # Errors
/// [`Declined`] when the ledger could not be read or did not take it.
pub async fn doubt_others(
    app: &SharedApp,
    address: &Address,
    except: SubjectHandle,
) -> Result<(), Declined> {
    let (contacts, address, now) = (Arc::clone(&app.contacts), address.clone(), app.clock.wall());
    let read = app.read_on(Work::Pages, move |reader| {
        let rows = contacts.contacts_of(&address).into_iter();
        let rows = rows.filter(|row| row.subject != except);
        let rows = rows.filter(|row| {
            let person = reader.person(&row.subject);
            person.is_some_and(|person| is_undoubted_phone(&person, row.id, now))
        });
        rows.map(|row| (row.subject, row.id)).collect::<Vec<_>>()
    });
    for (subject, contact) in read.await? {
        let done = app.submit(DoubtContact { subject, contact });
        // Whoever enrols with the same number at once may have come first.
        if let Err(refused) = done.await
            && is_hers(app, subject, contact, |known| !known.is_doubted()).await?
        {
            return Err(refused.into());
        }
    }
    Ok(())
}

fn is_undoubted_phone(person: &Person, contact: ContactId, now: Timestamp) -> bool {
    // One that is yet to take another's place among them.
    let mut hers = person.contacts.iter();
    let is_it = |known: &&state::Contact| {
        known.contact == contact && known.until.is_none_or(|until| now < until)
    };
    let known = hers.find(is_it);
    known.is_some_and(|known| known.channel == Channel::Sms && !known.is_doubted())
}
