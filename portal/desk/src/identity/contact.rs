//! Addresses a person is reached at, beside the phone she enrolled with.

use std::sync::Arc;

use akashi_ledger::command::VerifyContact;
use akashi_ledger::random::drawn;
use akashi_notifier::{Address, Contact, Contacts};
use akashi_proof::ids::{ContactId, LeafIndex};
use akashi_proof::state::Person;

use crate::app::SharedApp;
use crate::declined::Declined;
use crate::identity::errand::Reached;
use crate::identity::principal::Principal;
use crate::reading::Work;

/// Most contacts of one person: a phone, a few addresses; more are a mistake or an attack on
/// somebody's mailbox.
pub const CONTACTS_MAX: usize = 5;

/// Whether she has as many contacts as one person may.
pub fn is_full(person: &Person) -> bool {
    person.contacts.len() >= CONTACTS_MAX
}

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
    let subject = who.subject()?;
    let assurance = who.assurance();
    // The code is spent: what comes now waits for its turn instead of being refused.
    let read = app.read_on(Work::Pages, {
        let contacts = Arc::clone(&app.contacts);
        move |reader| {
            let person = reader.person(&subject).ok_or(Declined::Nobody)?;
            kept(&contacts, &person, reached.into_address())
        }
    });
    let Some(contact) = read.await?? else {
        return Ok(None);
    };
    let done = app.submit(VerifyContact {
        subject,
        contact: contact.id,
        channel: contact.address.channel(),
        replaces: None,
        assurance,
    });
    Ok(Some(done.await?.receipt))
}

fn kept(
    contacts: &Contacts,
    person: &Person,
    address: Address,
) -> Result<Option<Contact>, Declined> {
    let is_known = person.contacts.iter().any(|known| {
        let row = contacts.find(&known.contact);
        row.is_some_and(|row| row.address == address)
    });
    if is_known {
        return Ok(None);
    }
    if is_full(person) {
        return Err(Declined::Overtaken);
    }
    let contact = Contact {
        id: ContactId::from_bytes(drawn()),
        subject: person.subject,
        address,
    };
    contacts.add(&contact)?;
    Ok(Some(contact))
}
