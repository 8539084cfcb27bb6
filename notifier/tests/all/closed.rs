//! Records whose bodies are lost, withheld or erased: nobody is told of them, and everybody of what
//! comes after.

use std::sync::Arc;

use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::Closed;
use akashi_proof::record::kind::Event;

use crate::support::{Town, history, idle, picked};

const STATES: [Closed; 3] = [
    Closed::Lost,
    Closed::Withheld {
        reveal_by: Some(Timestamp::from_seconds(1_900_000_000)),
    },
    Closed::Erased,
];

#[tokio::test]
async fn closed_records_are_passed_over_and_what_comes_after_is_told() {
    for closed in STATES {
        let town = Town::new().await;
        let (ledger, remains) = town.open_in_memory();
        let contacts = Arc::new(town.open_contacts(&ledger));
        let citizen = town.settled_citizen(&ledger, &contacts).await;
        let told = town.out_of_purpose(&ledger, &citizen).await;
        let asked = town.drill_down(&ledger, &citizen).await;
        drop(ledger);
        let copy = remains.copy();
        for index in [told, asked] {
            copy.close_body(index, closed);
        }
        let ledger = copy.open(town.clock.clone()).unwrap();
        let process = town.notify(ledger, contacts);
        idle(&process).await;
        let backlog = process.notifier.backlog();
        assert_eq!((backlog.unread(), backlog.open_questions), (0, 0));
        assert!(
            town.gateway.taken().is_empty(),
            "{:?}",
            town.gateway.taken()
        );
        assert!(town.mail.taken().is_empty());
        let alerts = picked(&process.ledger, &citizen, |event| {
            matches!(event, Event::AlertRaised(_)).then_some(())
        });
        assert!(alerts.is_empty(), "nobody can say what it would be about");
        town.emergency(&process.ledger, &citizen).await;
        idle(&process).await;
        assert_eq!(town.gateway.taken().len(), 1, "{closed}");
        process.shutdown().await;
    }
}

#[tokio::test]
async fn a_body_closed_under_a_running_notifier_keeps_nobody_from_answering() {
    for closed in STATES {
        let town = Town::new().await;
        let (ledger, remains) = town.open_in_memory();
        let contacts = Arc::new(town.open_contacts(&ledger));
        let citizen = town.settled_citizen(&ledger, &contacts).await;
        let process = town.notify(ledger, contacts);
        idle(&process).await;
        let first = town.vaccination(&process.ledger, &citizen).await;
        idle(&process).await;
        let hers: Vec<LeafIndex> = history(&process.ledger, &citizen)
            .into_iter()
            .map(|open| open.index)
            .filter(|index| *index <= first)
            .collect();
        for index in hers {
            remains.close_body(index, closed);
        }
        // The same question is looked for among records that say nothing any more.
        town.vaccination(&process.ledger, &citizen).await;
        town.drill_down(&process.ledger, &citizen).await;
        idle(&process).await;
        let reply = process.notifier.inbound_sms(&citizen.phone, "いいえ").await;
        assert!(reply.is_ok(), "{closed}: {:?}", reply.err());
        assert!(process.ledger.reader().stopped().is_none());
        process.shutdown().await;
    }
}
