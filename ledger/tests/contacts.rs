//! A contact is replaced after its cooling-off, kept, ended, doubted and confirmed.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use akashi_ledger::Refusal;
use akashi_ledger::command::{
    ConfirmContact, DoubtContact, EndContact, KeepContact, ReplaceContact, VerifyContact,
};
use akashi_proof::clock::Clock;
use akashi_proof::ids::{ContactId, LeafIndex};
use akashi_proof::limits::{CONTACTS_MAX, COOLING_OFF_MILLIS};
use akashi_proof::record::kind::{Assurance, Channel, KeptBy, Language};
use akashi_proof::state;
use support::{Person, Town};

const NEW: ContactId = ContactId::from_bytes([9; 16]);
const NEWER: ContactId = ContactId::from_bytes([10; 16]);
const MAIL: ContactId = ContactId::from_bytes([11; 16]);

fn fold(town: &Town, person: &Person) -> Arc<state::Person> {
    town.ledger.reader().person(&person.subject).unwrap()
}

/// The contacts that are hers now.
fn hers(town: &Town, person: &Person) -> Vec<ContactId> {
    let fold = fold(town, person);
    let hers = fold.contacts_at(town.clock.wall());
    hers.map(|known| known.contact).collect()
}

async fn replace(
    town: &Town,
    person: &Person,
    (contact, replaces): (ContactId, ContactId),
) -> Result<LeafIndex, Refusal> {
    let command = ReplaceContact {
        subject: person.subject,
        contact,
        replaces,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

async fn keep(town: &Town, person: &Person, instead_of: ContactId) -> Result<LeafIndex, Refusal> {
    let command = KeepContact {
        subject: person.subject,
        instead_of,
        kept_by: KeptBy::Phone,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

async fn end(town: &Town, person: &Person, contact: ContactId) -> Result<LeafIndex, Refusal> {
    let command = EndContact {
        subject: person.subject,
        contact,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

async fn add_mail(town: &Town, person: &Person) {
    let command = VerifyContact {
        subject: person.subject,
        contact: MAIL,
        channel: Channel::Email,
        assurance: Assurance::SmsAndRecovery,
    };
    town.ledger.submit(command).await.unwrap();
}

#[tokio::test]
async fn a_contact_that_is_hers_is_not_taken_a_second_time_and_none_goes_by_another_that_comes() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let old = hers(town, person)[0];
    let verify = |contact, channel| {
        town.ledger.submit(VerifyContact {
            subject: person.subject,
            contact,
            channel,
            assurance: Assurance::SmsAndRecovery,
        })
    };
    // One that is blocked would be taken as one that is not.
    for channel in [Channel::Sms, Channel::Email] {
        assert!(verify(old, channel).await.is_err());
    }
    assert!(replace(town, person, (old, old)).await.is_err());
    verify(NEW, Channel::Sms).await.unwrap();
    assert_eq!(hers(town, person), [old, NEW]);
    assert!(replace(town, person, (NEW, old)).await.is_err());
    replace(town, person, (NEWER, old)).await.unwrap();
    assert!(
        verify(NEWER, Channel::Sms).await.is_err(),
        "also one that is to come"
    );
    let again = town.open_again().unwrap();
    let fold = again.reader().person(&person.subject).unwrap();
    assert_eq!(fold.contacts.len(), 3);
}

#[tokio::test]
async fn the_new_contact_is_hers_when_the_cooling_off_is_over_and_not_a_millisecond_sooner() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let old = hers(town, person)[0];
    replace(town, person, (NEW, old)).await.unwrap();
    assert_eq!(hers(town, person), [old]);
    assert!(
        replace(town, person, (NEWER, old)).await.is_err(),
        "one replacement at a time"
    );
    town.clock
        .pass(Duration::from_millis(COOLING_OFF_MILLIS - 1));
    assert_eq!(hers(town, person), [old]);
    // A restart changes nothing of it: it follows from the record and the time.
    let again = town.open_again().unwrap();
    let read = again.reader().person(&person.subject).unwrap();
    assert_eq!(read.replacing(town.clock.wall()).unwrap().1.contact, NEW);
    town.clock.pass(Duration::from_millis(1));
    assert_eq!(hers(town, person), [NEW]);
    assert!(keep(town, person, NEW).await.is_err(), "it is over");
    assert!(
        replace(town, person, (NEWER, old)).await.is_err(),
        "the old one is not hers"
    );
    replace(town, person, (NEWER, NEW)).await.unwrap();
}

#[tokio::test]
async fn a_replacement_that_was_stopped_never_comes() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let old = hers(town, person)[0];
    assert!(keep(town, person, NEW).await.is_err(), "nothing to stop");
    replace(town, person, (NEW, old)).await.unwrap();
    assert!(keep(town, person, NEWER).await.is_err(), "of another form");
    keep(town, person, NEW).await.unwrap();
    assert!(keep(town, person, NEW).await.is_err(), "once");
    town.clock
        .pass(Duration::from_millis(2 * COOLING_OFF_MILLIS));
    assert_eq!(hers(town, person), [old]);
    replace(town, person, (NEWER, old)).await.unwrap();
    assert!(town.open_again().is_ok());
}

#[tokio::test]
async fn the_last_contact_by_which_she_is_reached_stays() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let phone = hers(town, person)[0];
    assert!(end(town, person, phone).await.is_err());
    // One that is yet to come, or a phone somebody else has too, is not enough.
    replace(town, person, (NEW, phone)).await.unwrap();
    assert!(end(town, person, phone).await.is_err());
    add_mail(town, person).await;
    town.clock.pass(Duration::from_millis(COOLING_OFF_MILLIS));
    assert_eq!(hers(town, person), [NEW, MAIL]);
    end(town, person, NEW).await.unwrap();
    assert_eq!(hers(town, person), [MAIL]);
    assert!(end(town, person, NEW).await.is_err(), "once");
    assert!(end(town, person, MAIL).await.is_err(), "the last");
}

#[tokio::test]
async fn what_was_added_a_moment_ago_lets_nobody_end_what_she_has_long_had() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let phone = hers(town, person)[0];
    town.clock.pass(Duration::from_millis(1));
    add_mail(town, person).await;
    assert!(end(town, person, phone).await.is_err());
    town.clock
        .pass(Duration::from_millis(COOLING_OFF_MILLIS - 1));
    assert!(end(town, person, phone).await.is_err());
    // What was added goes at once, whoever added it.
    end(town, person, MAIL).await.unwrap();
    town.clock.pass(Duration::from_millis(1));
    assert!(end(town, person, phone).await.is_err());
}

#[tokio::test]
async fn what_is_being_replaced_does_not_end_and_so_the_replacement_can_be_stopped() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let phone = hers(town, person)[0];
    add_mail(town, person).await;
    town.clock.pass(Duration::from_millis(COOLING_OFF_MILLIS));
    replace(town, person, (NEW, phone)).await.unwrap();
    assert!(end(town, person, phone).await.is_err());
    assert!(
        replace(town, person, (NEWER, MAIL)).await.is_err(),
        "one replacement at a time"
    );
    keep(town, person, NEW).await.unwrap();
    end(town, person, phone).await.unwrap();
}

#[tokio::test]
async fn a_phone_that_stays_goes_on_showing_and_one_that_went_never_shows_again() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let pass = |millis| town.clock.pass(Duration::from_millis(millis));
    let moved = || fold(town, person).moved_at(town.clock.wall());
    let old = hers(town, person)[0];
    replace(town, person, (NEW, old)).await.unwrap();
    assert_eq!(moved(), None);
    keep(town, person, NEW).await.unwrap();
    pass(COOLING_OFF_MILLIS);
    assert_eq!(moved(), None, "it was stopped");

    replace(town, person, (NEW, old)).await.unwrap();
    pass(COOLING_OFF_MILLIS);
    let at = town.clock.wall();
    assert_eq!(moved(), Some(at));
    pass(1);
    // Another is announced: what went stays gone, at every moment until the next goes.
    replace(town, person, (NEWER, NEW)).await.unwrap();
    assert_eq!(moved(), Some(at));
    let again = town.open_again().unwrap();
    let read = again.reader().person(&person.subject).unwrap();
    assert_eq!(read.moved_at(town.clock.wall()), Some(at));
    pass(COOLING_OFF_MILLIS);
    assert_eq!(moved(), Some(town.clock.wall()));
}

#[tokio::test]
async fn a_doubted_number_speaks_for_nobody_until_she_says_that_it_is_shared() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let contact = hers(town, person)[0];
    let subject = person.subject;
    let doubt = || async { town.ledger.submit(DoubtContact { subject, contact }).await };
    let confirm = || async {
        let command = ConfirmContact {
            subject,
            contact,
            assurance: Assurance::SmsAndRecovery,
            language: Language::Ja,
        };
        town.ledger.submit(command).await
    };
    let speaks = || fold(town, person).phone_speaks_for_her(town.clock.wall());
    assert!(confirm().await.is_err(), "nobody doubts it");
    assert!(speaks());
    doubt().await.unwrap();
    assert!(!speaks());
    assert!(doubt().await.is_err(), "once is enough");
    confirm().await.unwrap();
    assert!(speaks());
    doubt().await.unwrap();
    add_mail(town, person).await;
    town.clock.pass(Duration::from_millis(COOLING_OFF_MILLIS));
    end(town, person, contact).await.unwrap();
    assert_eq!(hers(town, person), [MAIL]);
}

fn mail(number: u8) -> ContactId {
    ContactId::from_bytes([0xa0 + number; 16])
}

async fn verify(town: &Town, person: &Person, contact: ContactId) -> Result<LeafIndex, Refusal> {
    let command = VerifyContact {
        subject: person.subject,
        contact,
        channel: Channel::Email,
        assurance: Assurance::SmsAndRecovery,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

#[tokio::test]
async fn so_many_contacts_are_hers_and_no_more_however_many_are_added_at_once() {
    let town = Town::new().await;
    let person = &town.person().await;
    let phone = hers(&town, person)[0];
    for number in 2..CONTACTS_MAX as u8 {
        verify(&town, person, mail(number)).await.unwrap();
    }
    let add = |number| verify(&town, person, mail(number));
    let (one, two, three) = tokio::join!(add(10), add(11), add(12));
    let recorded = [one, two, three].iter().filter(|done| done.is_ok()).count();
    assert_eq!(recorded, 1, "N and N + 1, in one commit");
    assert_eq!(hers(&town, person).len(), CONTACTS_MAX);
    let town = &Town::on(town.remains, town.clock).unwrap();
    assert!(verify(town, person, mail(13)).await.is_err(), "restarted");

    // What takes another's place makes it no more, now, later and where it is stopped.
    replace(town, person, (NEW, phone)).await.unwrap();
    assert!(verify(town, person, mail(13)).await.is_err());
    keep(town, person, NEW).await.unwrap();
    assert!(verify(town, person, mail(13)).await.is_err());
    replace(town, person, (NEWER, phone)).await.unwrap();
    town.clock.pass(Duration::from_millis(COOLING_OFF_MILLIS));
    assert!(verify(town, person, mail(13)).await.is_err());
    assert_eq!(hers(town, person).len(), CONTACTS_MAX);
    end(town, person, mail(2)).await.unwrap();
    verify(town, person, mail(13)).await.unwrap();
    assert!(verify(town, person, mail(14)).await.is_err());
}
