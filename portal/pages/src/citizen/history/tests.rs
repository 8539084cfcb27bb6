//! Long histories.

use std::sync::Arc;

use akashi_ledger::command::RecordDelivery;
use akashi_policies::{Pack, Shelf};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, NoticeId};
use akashi_proof::record::kind::{self, Channel, NoticeDelivery};

use super::*;
use crate::limits::GROUP_SHOWN_MAX;
use akashi_actors::ledger_with;
use akashi_desk::history::outline::Outlines;
use akashi_desk::limits::READ_MAX;
use akashi_desk::words::names::Names;
use akashi_proof::ids::LeafIndex;

#[tokio::test]
async fn thousands_of_one_kind_and_day_are_one_row_a_page_and_none_is_lost() {
    const NOTICES: usize = READ_MAX + 200;
    let (ledger, person, _) = ledger_with(3).await;
    let subject = person.subject;
    let sent = (0..NOTICES).map(|number| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let delivery = NoticeDelivery {
            notice: NoticeId::from_bytes(id),
            about: Some(LeafIndex::new(3)),
            template: kind::Template::AccessPermitted,
            channel: Channel::Email,
            contact: ContactId::from_bytes([1; 16]),
            text_digest: Digest::from_bytes([2; 32]),
            attempts: 1,
        };
        let ledger = ledger.clone();
        async move {
            ledger
                .submit(RecordDelivery {
                    subject,
                    delivery,
                    sent: true,
                })
                .await
                .unwrap()
        }
    });
    for one in sent {
        one.await;
    }
    let person = ledger.reader().person(&subject).unwrap();
    let names = Names::new(
        Language::Ja,
        &Arc::new(Shelf::of(Arc::new(Pack::town().unwrap()))),
        ledger.reader().registry(),
    );
    let outlines = Outlines::default();
    let hers = Hers {
        records: ledger.reader(),
        person: &person,
        outlines: &outlines,
    };
    let read = |filter: &Filter, below| list(hers, &names, filter, below, ROWS_MAX).unwrap();

    let (mut below, mut found) = (Seq::MAX, 0);
    loop {
        let page = read(&Filter::default(), below);
        assert!(page.missing.is_empty() && page.rows <= ROWS_MAX);
        for row in page.days.iter().flat_map(|day| &day.rows) {
            assert!(row.lines.len() <= GROUP_SHOWN_MAX);
            found += row.count;
        }
        let Some(older) = page.older_below else { break };
        below = older;
    }
    assert_eq!(found as u64, person.seq.value());

    let first = read(&Filter::default(), Seq::MAX);
    let group = &first.days[0].rows[0];
    assert!(
        group.is_group() && group.count == READ_MAX,
        "{}",
        group.count
    );
    let apart = Filter::read(&Fields::of_query(&group.all_link[1..]));
    let page = read(&apart, Seq::MAX);
    assert_eq!(
        (page.rows, page.older_below),
        (ROWS_MAX, person.seq.next().minus(ROWS_MAX as u64))
    );
    assert!(
        page.days
            .iter()
            .flat_map(|day| &day.rows)
            .all(|row| !row.is_group())
    );
}
