//! What must end at once: a phone that is lost, and everything she has consented to.

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

use std::time::Duration;

use akashi_actors::{claims, commands};
use akashi_ledger::Refusal;
use akashi_ledger::command::{
    AccessReceipt, BlockMeans, InHerName, LinkReceipt, ReleaseReceipt, ReplaceContact,
    ReplacePapers, Showed, StopEverything, UnblockMeans, VerifyContact,
};
use akashi_ledger::random::draw_secret;
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, LeafIndex, Qid};
use akashi_proof::jws::Type;
use akashi_proof::limits::COOLING_OFF_MILLIS;
use akashi_proof::record::kind::{
    Assurance, BlockedBy, Channel, Event, Language, ReleaseReason, Step, YesNo,
};
use support::{Person, Town};

fn decided(receipt: &AccessReceipt) -> LeafIndex {
    match receipt {
        AccessReceipt::Decided { index } => *index,
        other @ AccessReceipt::Refused { .. } => panic!("{other:?}"),
    }
}

async fn permit(town: &Town, person: &Person) -> LeafIndex {
    let index = decided(&town.access(person).await.receipt);
    assert!(matches!(
        town.record(index).event,
        Event::AccessPermitted(_)
    ));
    index
}

/// At which step an access fails now.
async fn fails_at(town: &Town, person: &Person) -> Option<Step> {
    let index = decided(&town.access(person).await.receipt);
    town.record(index).event.decided().unwrap().step
}

async fn not_released(town: &Town, permit: LeafIndex) -> Vec<ReleaseReason> {
    match town.release(permit, None).await.receipt {
        ReleaseReceipt::Spent { reasons, .. } => reasons,
        other => panic!("{other:?}"),
    }
}

fn phone(town: &Town, person: &Person) -> ContactId {
    let fold = town.ledger.reader().person(&person.subject).unwrap();
    fold.contacts[0].contact
}

async fn block(town: &Town, person: &Person, contact: ContactId) -> Result<LeafIndex, Refusal> {
    let command = BlockMeans {
        subject: person.subject,
        contact,
        blocked_by: BlockedBy::Phone,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

async fn unblock(town: &Town, person: &Person, contact: ContactId) -> Result<LeafIndex, Refusal> {
    let command = UnblockMeans {
        subject: person.subject,
        contact,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

async fn stop(town: &Town, person: &Person) -> Result<LeafIndex, Refusal> {
    let command = StopEverything {
        subject: person.subject,
        assurance: Assurance::SmsAndRecovery,
        language: Language::En,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

#[tokio::test]
async fn a_blocked_phone_stops_what_rests_on_her_word_until_it_is_unblocked() {
    let town = &Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let (first, second) = (permit(town, &person).await, permit(town, &person).await);
    let contact = phone(town, &person);
    block(town, &person, contact).await.unwrap();
    assert_eq!(fails_at(town, &person).await, Some(Step::Means));
    assert_eq!(
        not_released(town, first).await,
        [ReleaseReason::MeansBlocked],
        "permitted a moment before"
    );
    // Another person's accesses go on.
    let other = town.person().await;
    town.give(&other, town.consent(2, &["medication"]))
        .await
        .unwrap();
    permit(town, &other).await;
    // The state is that of the records, not of memory.
    let again = town.open_again().unwrap();
    let fold = again.reader().person(&person.subject).unwrap();
    assert!(fold.has_blocked_phone(town.clock.wall()));

    unblock(town, &person, contact).await.unwrap();
    permit(town, &person).await;
    assert!(matches!(
        town.release(second, None).await.receipt,
        ReleaseReceipt::Released { .. }
    ));
}

#[tokio::test]
async fn a_blocked_phone_takes_nothing_from_her_once_it_is_replaced() {
    let town = &Town::new().await;
    let person = town.person().await;
    let contact = phone(town, &person);
    block(town, &person, contact).await.unwrap();
    let command = ReplaceContact {
        subject: person.subject,
        contact: ContactId::from_bytes([9; 16]),
        replaces: contact,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.unwrap();
    let counts_for_nothing = || {
        let fold = town.ledger.reader().person(&person.subject).unwrap();
        fold.word_counts_for_nothing(town.clock.wall())
    };
    town.clock
        .pass(Duration::from_millis(COOLING_OFF_MILLIS - 1));
    assert!(counts_for_nothing());
    town.clock.pass(Duration::from_millis(1));
    assert!(!counts_for_nothing(), "and no record was needed for it");
}

#[tokio::test]
async fn blocking_what_is_blocked_and_unblocking_what_is_not_are_no_acts() {
    let town = &Town::new().await;
    let person = town.person().await;
    let contact = phone(town, &person);
    let size = || town.ledger.reader().head().head.size;
    assert!(unblock(town, &person, contact).await.is_err());
    block(town, &person, contact).await.unwrap();
    let before = size();
    assert!(block(town, &person, contact).await.is_err());
    let others = phone(town, &town.person().await);
    let after_other = size();
    assert!(before < after_other);
    assert!(block(town, &person, others).await.is_err(), "another's");
    assert_eq!(size(), after_other);
    let fold = town.ledger.reader().person(&person.subject).unwrap();
    assert_eq!(fold.contacts[0].blocked, YesNo::Yes);
}

#[tokio::test]
async fn stopping_everything_ends_all_consents_and_what_was_permitted_on_them() {
    let town = &Town::new().await;
    let person = town.person().await;
    assert!(stop(town, &person).await.is_err(), "nothing stands");
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    town.give(&person, town.consent(2, &["allergy"]))
        .await
        .unwrap();
    // One that has not begun.
    let mut later = town.consent(3, &["diagnosis"]);
    later.terms.valid_from = town.clock.wall().plus_millis(1_000);
    town.give(&person, later).await.unwrap();
    let before = permit(town, &person).await;
    let stopped = stop(town, &person).await.unwrap();
    let Event::ConsentsStopped(e) = town.record(stopped).event else {
        panic!()
    };
    assert_eq!(e.count, 3);
    assert_eq!(fails_at(town, &person).await, Some(Step::Basis));
    assert_eq!(
        not_released(town, before).await,
        [ReleaseReason::ConsentEnded]
    );
    assert!(stop(town, &person).await.is_err(), "once");
    // What she gives anew stands, and wakes nothing of before.
    town.give(&person, town.consent(4, &["medication"]))
        .await
        .unwrap();
    let after = permit(town, &person).await;
    assert!(matches!(
        town.release(after, None).await.receipt,
        ReleaseReceipt::Released { .. }
    ));
    assert_eq!(
        not_released(town, before).await,
        [ReleaseReason::ConsentEnded]
    );
    assert!(town.open_again().is_ok());
}

#[tokio::test]
async fn papers_of_before_are_worth_nothing_to_the_writer_to_readers_and_after_a_restart() {
    let town = &Town::new().await;
    let person = town.person().await;
    let fold = || town.ledger.reader().person(&person.subject).unwrap();
    let shown = fold().recovery_digest.unwrap();
    let new = Person::new().qid;
    let replace = |qid: &Qid, shown| {
        let command = ReplacePapers {
            subject: person.subject,
            shown,
            qid: qid.clone(),
            recovery_digest: Digest::of(&[b"another"]),
            assurance: Assurance::SmsAndRecovery,
            language: Language::Ja,
        };
        town.ledger.submit(command)
    };
    assert!(
        replace(&person.qid, shown).await.is_err(),
        "one used before"
    );
    replace(&new, shown).await.unwrap();
    assert!(
        replace(&new, shown).await.is_err(),
        "the code is an old one"
    );
    let reopened = town.open_again().unwrap();
    for reader in [town.ledger.reader(), reopened.reader()] {
        assert!(reader.person_by_qid(&person.qid).is_none());
        assert_eq!(reader.person_by_qid(&new).unwrap().subject, person.subject);
    }
    // At the counter: the writer looks in its own state.
    for (qid, is_hers) in [(&person.qid, false), (&new, true)] {
        let key = draw_secret();
        let asked = claims::link(qid, "123456", &key);
        let statement = town.hospital.sign(Type::Link, asked);
        let done = commands::issue(&town.ledger, statement, key).await.unwrap();
        let issued = matches!(done.receipt, LinkReceipt::Issued { .. });
        assert_eq!(issued, is_hers);
    }
}

#[tokio::test]
async fn by_which_record_a_phone_was_blocked_outlives_its_unblocking_and_a_restart() {
    let town = Town::new().await;
    let person = &town.person().await;
    let phone = phone(&town, person);
    let known = |town: &Town| {
        let fold = town.ledger.reader().person(&person.subject).unwrap();
        (fold.contacts[0].blocked, fold.contacts[0].block)
    };
    assert_eq!(known(&town), (YesNo::No, None));
    let mut last = None;
    for _ in 0..2 {
        let (one, two) = tokio::join!(block(&town, person, phone), block(&town, person, phone));
        let blocked = [one, two].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(blocked.len(), 1, "of two at once one is recorded");
        assert!(last < Some(blocked[0]));
        last = Some(blocked[0]);
        assert_eq!(known(&town), (YesNo::Yes, last));
        unblock(&town, person, phone).await.unwrap();
        assert_eq!(known(&town), (YesNo::No, last));
    }
    let town = Town::on(town.remains, town.clock).unwrap();
    assert_eq!(known(&town), (YesNo::No, last), "restarted");
}

#[tokio::test]
async fn what_was_shown_before_a_block_or_new_papers_is_refused_in_the_same_commit_and_after() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let fold = || town.ledger.reader().person(&person.subject).unwrap();
    let add = |showed, byte| {
        town.ledger.submit(InHerName {
            subject: person.subject,
            showed,
            command: VerifyContact {
                subject: person.subject,
                contact: ContactId::from_bytes([byte; 16]),
                channel: Channel::Email,
                assurance: Assurance::SmsAndRecovery,
            },
        })
    };
    let phone = phone(town, person);
    let first = Showed::to(&fold());
    add(first, 1).await.unwrap();
    // Both wait before the writer has run either.
    let (blocked, added) = tokio::join!(block(town, person, phone), add(first, 2));
    blocked.unwrap();
    added.unwrap_err();
    let blocked = Showed::to(&fold());
    unblock(town, person, phone).await.unwrap();
    add(first, 2).await.unwrap_err();

    let shown = fold().recovery_digest.unwrap();
    let with_papers = blocked.and_recovery(shown);
    add(with_papers, 2).await.unwrap();
    let replace = town.ledger.submit(ReplacePapers {
        subject: person.subject,
        shown,
        qid: Person::new().qid,
        recovery_digest: Digest::of(&[b"another"]),
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    });
    let (replaced, added) = tokio::join!(replace, add(with_papers, 3));
    replaced.unwrap();
    added.unwrap_err();
    add(with_papers.and_recovery(Digest::of(&[b"another"])), 3)
        .await
        .unwrap();
    assert_eq!(fold().contacts.len(), 4);

    let again = town.open_again().unwrap();
    let fold = again.reader().person(&person.subject).unwrap();
    assert!(!first.counts(&fold) && blocked.counts(&fold) && !with_papers.counts(&fold));
}
