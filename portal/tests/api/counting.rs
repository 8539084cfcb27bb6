//! What was counted and is not recorded is lost at no orderly end.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use akashi_desk::app::App;
use akashi_desk::counting::Counting;
use akashi_desk::reading::Work;
use akashi_ledger::sequencer::{Lane, Payer};
use akashi_ledger::{Command, Refusal, Transaction, WaitingFor};
use akashi_proof::clock::Clock;
use akashi_proof::ids::{InstitutionId, LeafIndex, LinkCode};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::record::kind::{CountedFor, Event};

use crate::town::{PERSON, Town};

/// Holds the writer until it is let go.
struct Hold(Receiver<()>);

impl Command for Hold {
    type Receipt = ();

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn run(self, _: &mut Transaction<'_>) -> Result<(), Refusal> {
        // Whoever holds it lets it go by going away.
        let _ = self.0.recv();
        Ok(())
    }
}

const WHO: [&str; 3] = ["hospital.chuo", "hospital.minato", "city.hall"];
const WHY: [CountedFor; 3] = [
    CountedFor::AboveRate,
    CountedFor::Refused,
    CountedFor::Suspended,
];

/// A town in which so much was counted, and whose writer is held.
async fn counted() -> (Town, Sender<()>) {
    let town = Town::new().await;
    let (now, code) = (town.clock.wall(), LinkCode::from_sealed(&[3; 35]));
    for who in WHO {
        let id = InstitutionId::parse(who).unwrap();
        for why in WHY {
            town.app.throttled.count(&id, why, now);
        }
        let statement = town.sign(who, Type::Access, town.emergency(code.as_str()));
        let statement = Jws::parse(statement.as_bytes()).unwrap();
        let statement = town.app.registry().verify(statement).unwrap();
        town.app.excess.count(PERSON, &statement, now).unwrap();
    }
    let (let_go, held) = channel();
    let ledger = town.ledger.clone();
    tokio::spawn(async move { ledger.submit(Hold(held)).await });
    (town, let_go)
}

/// Until something waits for the writer that is held.
async fn until_recording(app: &App) {
    let waits = |lane| app.waiting(WaitingFor::Writer, lane).waiting > 0;
    while ![Lane::Urgent, Lane::Ending, Lane::Regular]
        .into_iter()
        .any(waits)
    {
        tokio::task::yield_now().await;
    }
}

/// How much stands recorded: of institutions, and about her.
async fn recorded(town: &Town) -> (u64, u64) {
    let read = town.app.read(Work::Institutions, |reader| {
        reader.records_from(LeafIndex::FIRST, 10_000)
    });
    let (mut of_institutions, mut about_her) = (0, 0);
    for stored in read.await.unwrap().unwrap() {
        let event = stored.open().unwrap().record.event;
        if let Event::StatementsThrottled(counted) = &event {
            of_institutions += counted.count;
        }
        if let Event::AccessesCounted(counted) = &event {
            about_her += counted.count;
        }
    }
    (of_institutions, about_her)
}

#[tokio::test]
async fn a_server_that_ends_while_it_records_loses_nothing_it_has_counted() {
    let (town, let_go) = counted().await;
    let counting = Counting::start(Arc::clone(&town.app), Duration::from_millis(1));
    until_recording(&town.app).await;
    let end = tokio::spawn(counting.end());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!end.is_finished(), "it waits for the writer");
    drop(let_go);
    end.await.unwrap();
    assert_eq!(recorded(&town).await, (9, 3));
    let town = town.restart().await;
    assert_eq!(recorded(&town).await, (9, 3));
}

/// Also where somebody breaks it off.
#[tokio::test]
async fn what_has_not_been_handed_over_is_still_counted_when_recording_is_broken_off() {
    let (town, let_go) = counted().await;
    let app = Arc::clone(&town.app);
    let recording = tokio::spawn(async move { app.record_counted(true).await });
    until_recording(&town.app).await;
    recording.abort();
    recording.await.unwrap_err();
    drop(let_go);
    town.app.record_counted(true).await;
    assert_eq!(recorded(&town).await, (9, 3));
}
