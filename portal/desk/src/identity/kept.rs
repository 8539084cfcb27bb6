//! The one place that keeps an address as somebody's, and so the one that says whether a number may
//! have one more: whoever enrols, adds or replaces comes by here.

use akashi_ledger::Reader;
use akashi_ledger::random::drawn;
use akashi_notifier::{Address, Contact, Contacts};
use akashi_proof::ids::{ContactId, SubjectHandle, Timestamp};
use akashi_proof::limits::COOLING_OFF_MILLIS;
use akashi_proof::record::kind::Account;
use akashi_proof::state::Person;

use crate::declined::Declined;
use crate::identity::errand::Reached;
use crate::limits::PEOPLE_OF_ONE_PHONE_MAX;

/// Keeps an address whose reader has just typed a code as this person's. It counts for nothing
/// until a record names it: a row without one is swept. It waits for the disk; both in the turn of
/// the address ([`crate::identity::addresses`]).
///
/// # Errors
/// [`Declined::PhoneFull`] where as many people have the number as may, and
/// [`Declined::Contacts`] where it could not be written.
pub(crate) fn keep(
    contacts: &Contacts,
    reader: &Reader,
    subject: SubjectHandle,
    reached: Reached,
    now: Timestamp,
) -> Result<Contact, Declined> {
    let address = reached.into_address();
    if is_full(contacts, reader, subject, &address, now) {
        return Err(Declined::PhoneFull);
    }
    let contact = Contact {
        id: ContactId::from_bytes(drawn()),
        subject,
        address,
    };
    contacts.add(&contact)?;
    Ok(contact)
}

/// Whether as many others as may have this number; asked in its turn. A mailbox has no such bound:
/// nobody enrols or signs in with one alone, and each takes a person who was known surely to add
/// it.
pub(super) fn is_full(
    contacts: &Contacts,
    reader: &Reader,
    subject: SubjectHandle,
    address: &Address,
    now: Timestamp,
) -> bool {
    let Address::Phone(_) = address else {
        return false;
    };
    let rows = contacts.contacts_of(address).into_iter();
    let others = rows.filter(|row| row.subject != subject);
    let counted = others.filter(|row| {
        let person = reader.person(&row.subject);
        person.is_some_and(|person| counts(&person, row.id, now))
    });
    // She has one of each at most: `contact::kept_once` refuses the same address twice.
    counted.count() >= PEOPLE_OF_ONE_PHONE_MAX
}

/// Whether the number is hers, or is yet to be. One whose account is closed uses it no more. One
/// that others have shown to be theirs is as good as gone when she has had the time she has for
/// everything else that concerns her contacts, and has not said that she shares it.
fn counts(person: &Person, contact: ContactId, now: Timestamp) -> bool {
    person.account != Account::Closed
        && person.contacts.iter().any(|known| {
            let ends = known
                .doubted
                .map(|since| since.plus_millis(COOLING_OFF_MILLIS));
            let is_past = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
            known.contact == contact && !is_past(known.until) && !is_past(ends)
        })
}
