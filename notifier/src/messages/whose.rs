//! Whether a message may go to a contact, asked when it is put into words and again each time it is
//! handed over: hours may lie between, in which a number ends, is blocked, or becomes somebody
//! else's.

use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::Template;
use akashi_proof::state::Person;

use crate::books::Books;
use crate::contacts::{Contact, Contacts};
use crate::messages::outbox::Waiting;
use crate::messages::urgency::Urgency;
use crate::plan::Reach;

/// Whether what is made from this template is hers to hear by this contact at `now`.
///
/// What tells of her contacts and her account says nothing of her but that, and is meant for
/// whoever would notice a take-over: it goes to a blocked phone, and to a contact that has ended,
/// as long as that is nobody else's. Everything else goes to what she has in her own hands.
pub(crate) fn may_go(
    books: &Books,
    contacts: &Contacts,
    (template, contact): (Template, &Contact),
    person: &Person,
    now: Timestamp,
) -> bool {
    let mut known = person.contacts.iter();
    let known = known.find(|known| known.contact == contact.id);
    let is_hers = known.is_some_and(|known| known.is_hers(now));
    if Urgency::of(template) != Urgency::Contact {
        return is_hers && known.is_some_and(|known| known.speaks_for_her());
    }
    let is_elsewhere = || {
        let people = books.people_of(contacts, &contact.address);
        people.iter().any(|other| other.subject != person.subject)
    };
    !known.is_some_and(|known| known.is_doubted()) && (is_hers || !is_elsewhere())
}

/// The contact a message that waits goes to at `now`: the one it was meant for, or the one she has
/// in its place. `None` where there is none, and of what is about a contact itself, or answers what
/// came from one: that is nobody's but this one's.
pub(crate) fn goes_to(
    books: &Books,
    contacts: &Contacts,
    waiting: &Waiting,
    now: Timestamp,
) -> Option<Contact> {
    let person = books.person(&waiting.subject)?;
    let template = waiting.template;
    let meant = contacts.find(&waiting.contact);
    let may_go = |contact: &Contact| may_go(books, contacts, (template, contact), &person, now);
    if let Some(contact) = meant.filter(may_go) {
        return Some(contact);
    }
    if Urgency::of(template) == Urgency::Contact || is_an_answer(waiting) {
        return None;
    }
    let instead = Reach::of(&person, now, true).by(waiting.channel)?;
    contacts.find(&instead)
}

/// Whether it answers a reply: it is about no record.
const fn is_an_answer(waiting: &Waiting) -> bool {
    waiting.about.is_none()
}
