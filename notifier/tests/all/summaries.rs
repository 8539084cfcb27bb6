//! Uses a pack sums up are told in one message for its days.

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::until_so;
use akashi_ledger::command::GiveConsent;
use akashi_policies::{Pack, Shelf};
use akashi_proof::record::kind::{Channel, Event, Template};

use crate::support::{Citizen, Process, Town, consent, consultation, idle, picked};

const DAY: Duration = Duration::from_secs(86_400);

/// About which records she was told by a summary, and how.
fn summaries(process: &Process, citizen: &Citizen) -> Vec<(Option<u64>, Channel)> {
    picked(&process.ledger, citizen, |event| match event {
        Event::NoticeSent(e) if e.template == Template::Summary => {
            Some((e.about.map(|about| about.value()), e.channel))
        }
        _ => None,
    })
}

async fn agree(town: &Town, process: &Process, citizen: &Citizen) {
    let give = GiveConsent {
        subject: citizen.person.subject,
        consents: vec![consent(town, 30)],
        policies: Arc::new(Shelf::of(Arc::new(Pack::town().unwrap()))),
    };
    process.ledger.submit(give).await.unwrap();
}

#[tokio::test]
async fn uses_are_summed_up_in_one_message_a_period_also_across_a_restart() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let other = town.citizen(&process.ledger, &process.contacts).await;
    agree(&town, &process, &citizen).await;
    idle(&process).await;
    let asked = consultation("dr-sato");
    let first = town
        .access(&process.ledger, &citizen, &town.hospital, asked)
        .await;
    town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    process.shutdown().await;
    town.clock.pass(DAY * 3);
    let process = town.start();
    town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    assert!(summaries(&process, &citizen).is_empty());
    let before = (town.gateway.taken().len(), town.mail.taken().len());
    process.shutdown().await;

    // The server was down when the days were over: she is told when it comes back.
    town.clock.pass(DAY * 5);
    let process = town.start();
    until_so("it is summed up", || {
        summaries(&process, &citizen) == [(Some(first.value()), Channel::Email)]
    })
    .await;
    idle(&process).await;
    let mail = town.mail.taken();
    assert_eq!(
        (town.gateway.taken().len(), mail.len()),
        (before.0, before.1 + 1)
    );
    let said = &mail.last().unwrap().body;
    assert!(
        said.contains(
            "から7日間に、あなたの情報の利用が2件認められ、依頼1件が認められませんでした。"
        ),
        "{said}"
    );
    for never in ["中央病院", "予防接種", "みなと市役所"] {
        let text = said.split("\n--\n").next().unwrap();
        assert!(!text.contains(never), "{never}: {said}");
    }

    // Nothing happened, so nothing is said; and then the next days begin with the next use.
    town.clock.pass(DAY * 8);
    town.vaccination(&process.ledger, &citizen).await;
    town.clock.pass(DAY * 7);
    until_so("it is summed up again", || {
        summaries(&process, &citizen).len() == 2
    })
    .await;
    idle(&process).await;
    let said = town.mail.taken().last().unwrap().body.clone();
    assert!(said.contains("利用が1件認められました。"), "{said}");
    assert!(summaries(&process, &other).is_empty());
    process.shutdown().await;
}

#[tokio::test]
async fn what_is_long_past_when_it_is_read_is_not_summed_up() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let ledger = town.open();
    let contacts = town.open_contacts(&ledger);
    let asked = consultation("dr-sato");
    town.access(&ledger, &citizen, &town.hospital, asked).await;
    town.clock.pass(DAY * 14);
    let process = town.notify(ledger, contacts.into());
    idle(&process).await;
    town.clock.pass(DAY * 7);
    town.emergency(&process.ledger, &citizen).await;
    idle(&process).await;
    assert!(summaries(&process, &citizen).is_empty());
    process.shutdown().await;
}
