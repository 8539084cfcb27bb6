//! Every write fails twice: lost, and kept but reported lost. After each, nothing acknowledged is
//! missing, nothing was signed in doubt, and the whole log still follows.

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

use akashi_actors::claims;
use akashi_actors::commands::{enrol, issue};
use akashi_actors::until_so;
use akashi_ledger::command::AccessReceipt;
use akashi_ledger::error::{ClockError, GuardError, KeyringError, Stop};
use akashi_ledger::store::Table;
use akashi_ledger::store::memory_store::{CommitFault, ReadFault};
use akashi_ledger::{Done, LedgerError, Refusal};
use akashi_proof::digest::Secret;
use akashi_proof::ids::{GateNumber, LeafIndex};
use akashi_proof::jws::{Jws, Type};
use support::Town;

fn was_reload(stop: &Stop) -> bool {
    matches!(stop, Stop::Reload(_))
}

/// Every acknowledged access is in the log, and the log can be opened again and goes on.
async fn check_nothing_lost(town: &Town, acknowledged: &[(LeafIndex, [u8; 97])]) {
    let opened = town.open_again().unwrap();
    for (index, entry) in acknowledged {
        let stored = opened.reader().record(*index).unwrap().unwrap();
        assert_eq!(stored.entry().to_bytes(), *entry);
    }
    for person in opened.reader().people() {
        let history = opened
            .reader()
            .history(&person, person.seq.next(), usize::MAX)
            .unwrap();
        assert_eq!(history.len() as u64, person.seq.value());
    }
}

#[tokio::test]
async fn a_failed_commit_is_never_acknowledged_and_never_built_upon() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        let town = Town::new().await;
        let person = town.person().await;
        town.give(&person, town.consent(1, &["medication"]))
            .await
            .unwrap();
        let mut acknowledged = Vec::new();
        for round in 0..6 {
            if round % 2 == 1 {
                // The reload fails too, so that the writer stays stopped for as long as the test
                // looks.
                town.remains
                    .store
                    .spoil(Table::Records, &3u64.to_be_bytes(), ReadFault::Error);
                town.remains.store.fail_commit(0, fault);
            }
            let jws = town.access_statement(&person);
            match town.ask(jws.clone()).await {
                Ok(done) => {
                    let stored = &done.appended[0].stored;
                    acknowledged.push((stored.index, stored.entry.to_bytes()));
                }
                Err(Refusal::Poisoned(_)) => {
                    assert!(town.ledger.reader().stopped().is_some());
                    town.remains.store.mend();
                    // Retrying the same bytes is safe either way: recorded once.
                    let done = town.ask(jws).await.unwrap();
                    let AccessReceipt::Decided { index } = done.receipt else {
                        panic!("{:?}", done.receipt)
                    };
                    assert_eq!(done.is_repeat(), fault == CommitFault::Kept);
                    let stored = town.ledger.reader().record(index).unwrap().unwrap();
                    acknowledged.push((index, stored.entry().to_bytes()));
                    assert!(town.ledger.reader().stopped().is_none());
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(acknowledged.len(), 6);
        let gates = town
            .ledger
            .reader()
            .person(&person.subject)
            .unwrap()
            .link(town.pharmacy.id())
            .unwrap()
            .gates;
        assert_eq!(gates, GateNumber::new(6), "each permit once");
        check_nothing_lost(&town, &acknowledged).await;
    }
}

#[tokio::test]
async fn a_reload_that_fails_keeps_the_writer_stopped_until_one_passes() {
    let town = Town::new().await;
    let person = town.person().await;
    let size = town.ledger.reader().head().head.size;
    town.remains
        .store
        .spoil(Table::Records, &3u64.to_be_bytes(), ReadFault::Error);
    town.remains.store.fail_commit(0, CommitFault::Lost);
    let ask = || town.access_statement(&person);
    for _ in 0..4 {
        assert!(
            matches!(town.ask(ask()).await, Err(Refusal::Poisoned(_))),
            "the double fault refuses"
        );
        assert_eq!(
            town.ledger.reader().head().head.size,
            size,
            "nothing is signed"
        );
        assert!(
            town.ledger.reader().person(&person.subject).is_some(),
            "readers go on"
        );
    }
    town.remains.store.mend();
    assert!(town.ask(ask()).await.is_ok());
}

/// Whoever waits for `/readyz` before sending anything would wait for ever.
#[tokio::test]
async fn a_stopped_writer_goes_on_by_itself_once_it_can() {
    let town = Town::new().await;
    let person = town.person().await;
    let reader = town.ledger.reader();
    town.remains
        .store
        .spoil(Table::Records, &3u64.to_be_bytes(), ReadFault::Error);
    town.remains.store.fail_commit(0, CommitFault::Lost);
    let jws = town.access_statement(&person);
    assert!(matches!(town.ask(jws).await, Err(Refusal::Poisoned(_))));
    until_so("the reload has been tried", || {
        reader.stopped().as_deref().is_some_and(was_reload)
    })
    .await;
    town.remains.store.mend();
    until_so("the writer goes on", || reader.stopped().is_none()).await;

    town.clock.set_apart(86_400_000);
    let jws = town.access_statement(&person);
    assert!(matches!(town.ask(jws).await, Err(Refusal::Clock(_))));
    assert!(reader.stopped().is_some());
    town.clock.set_apart(-86_400_000);
    until_so("the clock is believed again", || reader.stopped().is_none()).await;
    check_nothing_lost(&town, &[]).await;
}

#[tokio::test]
async fn a_bit_that_flips_on_the_way_to_the_disk_is_never_signed() {
    for bit in [0, 8 * 40, 8 * 96] {
        let town = Town::new().await;
        let person = town.person().await;
        let next = town.ledger.reader().head().head.size.value();
        let head = town.ledger.reader().head().head;
        town.remains.store.spoil(
            Table::Records,
            &next.to_be_bytes(),
            ReadFault::FlippedBit(bit),
        );
        let jws = town.access_statement(&person);
        assert!(
            matches!(town.ask(jws).await, Err(Refusal::Poisoned(_))),
            "bit {bit}"
        );
        assert_eq!(town.ledger.reader().head().head, head);
    }
}

/// The last entry of a bundle lies under a full tile, which opening does not hash again: the bit
/// must not come under a signature when the writer reads its state anew, nor be forgiven when it is
/// right again.
#[tokio::test]
async fn a_bit_that_flips_at_the_end_of_a_bundle_keeps_the_writer_stopped() {
    for bit in [8 * 5, 8 * 40, 8 * 90, 8 * 150] {
        let town = Town::new().await;
        let person = town.person().await;
        while town.ledger.reader().head().head.size.value() < 255 {
            town.access(&person).await;
        }
        let head = town.ledger.reader().head().head;
        town.remains.store.spoil(
            Table::Records,
            &255u64.to_be_bytes(),
            ReadFault::FlippedBit(bit),
        );
        let ask = || town.access_statement(&person);
        assert!(
            matches!(town.ask(ask()).await, Err(Refusal::Poisoned(_))),
            "bit {bit}"
        );
        let reader = town.ledger.reader();
        until_so("the reload has been tried", || {
            reader.stopped().as_deref().is_some_and(was_reload)
        })
        .await;
        assert!(
            matches!(town.ask(ask()).await, Err(Refusal::Poisoned(_))),
            "bit {bit}"
        );
        assert_eq!(reader.head().head, head, "bit {bit}: nothing is signed");
        assert!(
            town.open_again().is_err(),
            "bit {bit}: nor does another start forgive it"
        );
        town.remains.store.mend();
        assert!(town.ask(ask()).await.is_ok());
        check_nothing_lost(&town, &[]).await;
    }
}

#[tokio::test]
async fn a_bit_that_flips_in_a_tile_is_never_signed() {
    let town = Town::new().await;
    let person = town.person().await;
    while town.ledger.reader().head().head.size.value() < 255 {
        town.access(&person).await;
    }
    let head = town.ledger.reader().head().head;
    let first_tile = [&[0][..], &0u64.to_be_bytes()].concat();
    town.remains
        .store
        .spoil(Table::Tiles, &first_tile, ReadFault::FlippedBit(8 * 77));
    let jws = town.access_statement(&person);
    assert!(matches!(
        town.ask(jws.clone()).await,
        Err(Refusal::Poisoned(_))
    ));
    until_so("the reload has been tried", || {
        town.ledger
            .reader()
            .stopped()
            .as_deref()
            .is_some_and(was_reload)
    })
    .await;
    assert_eq!(town.ledger.reader().head().head, head, "nothing is signed");
    town.remains.store.mend();
    assert!(town.ask(jws).await.is_ok());
}

/// What evidence shows of a consent is kept beside the record, and can be made again from it.
#[tokio::test]
async fn a_damaged_row_of_a_consent_is_made_again_with_the_same_bytes() {
    let town = Town::new().await;
    let (person, other) = (town.person().await, town.person().await);
    let index = town
        .give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap()
        .receipt[0];
    town.access(&person).await;
    let reader = town.ledger.reader();
    let whole = reader.consent_proof(person.subject, index).unwrap();
    for bit in [0, 8 * 40] {
        town.remains.store.spoil(
            Table::Consents,
            &index.to_be_bytes(),
            ReadFault::FlippedBit(bit),
        );
        assert_eq!(
            reader.consent_proof(person.subject, index).unwrap(),
            whole,
            "bit {bit}"
        );
    }
    assert!(
        reader.consent_proof(other.subject, index).is_err(),
        "another person's consent"
    );
    assert!(
        reader.consent_proof(person.subject, index.next()).is_err(),
        "no consent"
    );
}

#[tokio::test]
async fn a_flipped_bit_anywhere_in_the_store_refuses_to_open_or_to_be_read() {
    let town = Town::new().await;
    let person = town.person().await;
    town.access(&person).await;
    let last = town.ledger.reader().head().head.size.last_index().unwrap();
    town.remains.store.spoil(
        Table::Records,
        &last.to_be_bytes(),
        ReadFault::FlippedBit(8 * 150),
    );
    assert!(matches!(town.open_again(), Err(LedgerError::Corrupt { index, .. }) if index == last));
    assert!(town.ledger.reader().record(last).is_err());
}

#[tokio::test]
async fn an_older_copy_put_back_is_noticed_by_the_guard() {
    let town = Town::new().await;
    let person = town.person().await;
    let guard = town.remains.guard();
    let newer = {
        town.access(&person).await;
        std::fs::read(&guard).unwrap()
    };
    // The data file of another day: as many keys, fewer records. Simulated by a guard that has seen
    // more.
    let older = Town::new().await;
    older.person().await;
    std::fs::write(older.remains.guard(), newer).unwrap();
    assert!(matches!(
        older.open_again(),
        Err(LedgerError::Guard(GuardError::Older { .. }))
    ));
}

#[tokio::test]
async fn an_older_keyring_put_back_is_noticed_by_the_guard() {
    let town = Town::new().await;
    town.person().await;
    let newer = std::fs::read(town.remains.guard()).unwrap();
    let older = Town::new().await;
    std::fs::write(older.remains.guard(), newer).unwrap();
    assert!(matches!(
        older.open_again(),
        Err(LedgerError::Keyring(KeyringError::CutOff { .. }))
    ));
}

/// Asks, and asks again while the share of its signer in the lane is full, as a client does.
async fn until_taken(town: &Town, statement: Jws) -> Done<AccessReceipt> {
    loop {
        match town.ask(statement.clone()).await {
            Err(Refusal::Busy) => tokio::task::yield_now().await,
            answer => return answer.unwrap(),
        }
    }
}

#[tokio::test]
async fn thousands_of_concurrent_requests_are_each_recorded_once() {
    let town = std::sync::Arc::new(Town::new().await);
    let mut people = Vec::new();
    // So many that none has more permits waiting than may wait.
    for _ in 0..80 {
        let person = town.person().await;
        town.give(&person, town.consent(1, &["medication"]))
            .await
            .unwrap();
        people.push(person);
    }
    let before = town.ledger.reader().head().head.size;
    let statements: Vec<_> = (0..1_200)
        .map(|n| town.access_statement(&people[n % 80]))
        .collect();
    let mut asked = Vec::new();
    for jws in statements {
        let town = std::sync::Arc::clone(&town);
        asked.push(tokio::spawn(async move { until_taken(&town, jws).await }));
    }
    let mut indexes = Vec::new();
    for answer in asked {
        let done = answer.await.unwrap();
        let AccessReceipt::Decided { index } = done.receipt else {
            panic!()
        };
        indexes.push(index);
    }
    indexes.sort_unstable();
    assert_eq!(
        indexes,
        before.next_index().upward().take(1_200).collect::<Vec<_>>()
    );
    for person in &people {
        let gates = town
            .ledger
            .reader()
            .person(&person.subject)
            .unwrap()
            .link(town.pharmacy.id())
            .unwrap()
            .gates;
        assert_eq!(gates, GateNumber::new(15));
    }
}

#[tokio::test]
async fn a_full_disk_refuses_early_and_still_lets_a_person_withdraw() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    town.remains.store.set_full(true);
    let size = town.ledger.reader().head().head.size;
    let jws = town.access_statement(&person);
    assert!(matches!(town.ask(jws.clone()).await, Err(Refusal::DiskLow)));
    assert_eq!(
        town.ledger.reader().head().head.size,
        size,
        "nothing is half accepted"
    );
    let withdraw = akashi_ledger::command::WithdrawConsent {
        subject: person.subject,
        consent: akashi_proof::ids::ConsentId::from_bytes([1; 16]),
        assurance: akashi_proof::record::kind::Assurance::SmsAndRecovery,
        language: akashi_proof::record::kind::Language::Ja,
    };
    town.ledger.submit(withdraw).await.unwrap();
    town.remains.store.set_full(false);
    // The keys may lie on another disk.
    town.remains.keys.set_full(true);
    assert!(matches!(town.ask(jws.clone()).await, Err(Refusal::DiskLow)));
    town.remains.keys.set_full(false);
    assert!(town.ask(jws).await.is_ok());
}

#[tokio::test]
async fn the_new_year_finds_a_key_for_everybody_whose_state_is_due() {
    let town = Town::new().await;
    let mut quiet = Vec::new();
    for _ in 0..40 {
        quiet.push(enrol(&town.ledger).await);
    }
    let mut busy = Vec::new();
    for _ in 0..10 {
        busy.push(town.person().await);
    }
    town.clock.pass(Duration::from_millis(104 * 86_400_000));
    // More records than it takes the hand to pass every segment that has somebody of the old year
    // in it.
    let before = town.ledger.reader().head().head.size.value();
    for _ in 0..3 {
        let asked: Vec<_> = (0..700)
            .map(|number| town.access_statement(&busy[number % busy.len()]))
            .map(|jws| town.ask(jws))
            .collect();
        for answer in asked {
            assert!(answer.await.is_ok());
        }
    }
    assert_eq!(
        town.ledger.reader().head().head.size.value(),
        before + 2_100
    );
    let opened = town.open_again().unwrap();
    assert!(
        quiet
            .iter()
            .all(|person| opened.reader().person(&person.subject).is_some())
    );
}

#[tokio::test]
async fn a_clock_that_jumps_stops_the_writer_and_nothing_is_recorded_until_it_is_right() {
    let town = Town::new().await;
    let person = town.person().await;
    for jump in [86_400_000i64, -86_400_000] {
        let size = town.ledger.reader().head().head.size;
        town.clock.set_apart(jump);
        for _ in 0..3 {
            let jws = town.access_statement(&person);
            assert!(
                matches!(town.ask(jws).await, Err(Refusal::Clock(_))),
                "it does not get used to it"
            );
        }
        assert!(town.ledger.reader().stopped().is_some());
        assert_eq!(town.ledger.reader().head().head.size, size);
        town.clock.set_apart(-jump);
        // Once it is right, commands are taken again: this one is recorded as a refusal of its own.
        let claims = claims::link(&person.qid, "000000", &Secret::from_bytes([1; 32]));
        let jws = town.hospital.sign(Type::Link, claims);
        let refused = issue(&town.ledger, jws, Secret::from_bytes([2; 32])).await;
        assert!(refused.is_ok(), "{refused:?}");
        assert!(town.ledger.reader().stopped().is_none());
    }
}

/// One record while the clock was nine hours ahead, then right again; or a week of nothing.
#[tokio::test]
async fn a_ledger_is_read_under_any_clock_and_goes_on_by_itself_under_one_that_can_be_believed() {
    const HOUR: i64 = 3_600_000;
    type Told = fn(&ClockError) -> bool;
    let behind: Told = |why| matches!(why, ClockError::Behind { .. });
    let ahead: Told = |why| matches!(why, ClockError::Ahead { .. });
    for (apart, told, set) in [
        (-9 * HOUR, behind, 9 * HOUR),
        (7 * 24 * HOUR + 1, ahead, -24 * HOUR),
    ] {
        let town = Town::new().await;
        let person = town.person().await;
        town.clock.set_apart(apart);
        let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
        let reader = town.ledger.reader();
        assert!(
            matches!(reader.stopped().as_deref(), Some(Stop::Clock(why)) if told(why)),
            "{:?}",
            reader.stopped()
        );
        assert!(reader.person(&person.subject).is_some());
        let refused = town.ask(town.access_statement(&person)).await;
        assert!(matches!(refused, Err(Refusal::Clock(why)) if told(&why)));
        town.clock.set_apart(set);
        let refused = town.ask(town.access_statement(&person)).await;
        assert!(matches!(refused, Err(Refusal::Clock(_))), "{refused:?}");
        town.clock.pass(Duration::from_millis(60_000));
        let taken = town.ask(town.access_statement(&person)).await;
        assert!(taken.is_ok(), "{taken:?}");
    }
}
