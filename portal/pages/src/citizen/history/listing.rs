//! One page of a history: which records stand on it and what is put together, and only then their
//! words.
//!
//! What an institution makes many of on one day is one row from the fourth on
//! ([`akashi_desk::history::run`]), and says how many: so nobody can push what matters off a page
//! by making much of something.

use std::collections::BTreeSet;

use akashi_desk::history::gist::{Gist, Matter};
use akashi_desk::history::outline::{Hers, Row};
use akashi_desk::history::related::HerRecords;
use akashi_desk::history::walk::own_record;
use akashi_desk::words::names::Names;
use akashi_desk::words::quoted::quoted;
use akashi_ledger::{LedgerError, StoredRecord};
use akashi_proof::ids::{InstitutionId, LeafIndex, Seq};
use akashi_proof::record::Closed;
use jiff::civil::Date;

use crate::citizen::history::draft::{Calendar, Common, Draft, DraftRow, Key, Place};
use crate::citizen::history::filter::{Filter, RUN};
use crate::frame::forms::Fields;
use crate::limits::LINES_MAX;
use crate::words::text::{Rich, say_many};
use crate::words::texts::History;
use crate::words::told::{Told, tell, tell_closed};

/// One record on a page.
pub(crate) struct Shown {
    pub(crate) index: LeafIndex,
    /// Absent of a record that cannot be read.
    pub(crate) time: Option<ShownTime>,
    pub(crate) told: Told,
}

/// When a record was made.
pub(crate) struct ShownTime {
    pub(crate) clock: String,
    pub(crate) machine: String,
}

/// One row of a page: a record, or several that are put together.
pub(crate) struct Entry {
    pub(crate) lines: Vec<Shown>,
    /// How many records it stands for: those written out, and those one link further.
    pub(crate) count: usize,
    /// What the group says; empty of a single record.
    pub(crate) summary: Rich,
    /// Where all of the group stand one by one.
    pub(crate) all_link: String,
}

impl Entry {
    /// The first record: what stands on the page.
    #[expect(clippy::indexing_slicing, reason = "a row is made of a line")]
    pub(crate) fn first(&self) -> &Shown {
        &self.lines[0]
    }

    pub(crate) const fn is_group(&self) -> bool {
        self.count > 1
    }
}

/// The rows of one day, or of records whose day is not known.
pub(crate) struct Day {
    pub(crate) words: String,
    pub(crate) rows: Vec<Entry>,
}

/// A page of a history.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) days: Vec<Day>,
    /// Rows on it.
    pub(crate) rows: usize,
    /// Highest and lowest number looked at.
    pub(crate) read: Option<(Seq, Seq)>,
    /// Numbers that are missing among those looked at.
    pub(crate) missing: Vec<Seq>,
    /// How many of those looked at are lost, withheld or erased.
    pub(crate) closed: usize,
    /// Where to go on: below this number.
    pub(crate) older_below: Option<Seq>,
    /// Whether its rows speak of consents that may be older than what one page looks at.
    pub(crate) older_consents: bool,
    /// The institutions its rows are about.
    pub(crate) named: BTreeSet<InstitutionId>,
}

/// Reads one page of a history. What cannot be read is listed whatever the filter: nobody can say
/// that it does not belong there.
///
/// # Errors
/// [`LedgerError`] when the index cannot be read.
pub(crate) fn list(
    hers: Hers<'_>,
    names: &Names,
    filter: &Filter,
    below: Seq,
    rows_max: usize,
) -> Result<Listing, LedgerError> {
    let related = hers.related();
    let (mut listing, mut draft) = (Listing::default(), Draft::default());
    let mut calendar = Calendar::of(&names.when);
    let mut rows = hers.rows(below)?;
    loop {
        let Some(row) = rows.down()? else {
            listing.older_below = rows.older();
            break;
        };
        let seq = row.seq();
        let (day, key) = match &row {
            Row::Missing(_) => {
                listing.missing.push(seq);
                listing.have_read(seq);
                continue;
            }
            Row::Closed { closed, .. } => (None, Key::closed(*closed)),
            Row::Open(line) => {
                let day = calendar.day(line.time);
                // Older than what is asked for: nothing further down can fit.
                if filter.from.is_some_and(|from| day < from) {
                    break;
                }
                if !filter.takes(line, day, &related) {
                    listing.have_read(seq);
                    continue;
                }
                (Some(day), Key::of(line, names, &related))
            }
        };
        let key = if filter.each { Key::default() } else { key };
        let place = draft.place(day, &key);
        // A full page still takes what belongs to a group on it.
        if draft.len >= rows_max && matches!(place, Place::New) {
            listing.older_below = Some(seq.next());
            break;
        }
        listing.closed += usize::from(day.is_none());
        draft.put(row, day, key, place);
        listing.have_read(seq);
    }
    // What was looked at is remembered before any of it is read again for its words.
    drop(rows);
    listing.write(draft, hers, names, &related);
    listing.older_consents = related.has_missed_older_consents();
    Ok(listing)
}

impl Listing {
    fn have_read(&mut self, number: Seq) {
        self.read = Some((self.read.map_or(number, |(high, _)| high), number));
    }

    /// Puts what stands on the page into words: each row's first record, and of groups as many more
    /// as one page writes out.
    fn write(&mut self, draft: Draft, hers: Hers<'_>, names: &Names, related: &HerRecords<'_>) {
        let mut spare = LINES_MAX.saturating_sub(draft.len);
        for day in draft.days {
            let mut rows = Vec::new();
            for row in day.rows {
                let most = row.records.len().min(1 + spare);
                let mut lines = Vec::new();
                for record in row.records.iter().take(most) {
                    lines.extend(self.line(record, hers, names, related));
                }
                spare -= lines.len().saturating_sub(1).min(spare);
                if !lines.is_empty() {
                    rows.push(entry(&row, lines, day.date, names));
                }
            }
            if rows.is_empty() {
                continue;
            }
            self.rows += rows.len();
            let words = day.date.map_or_else(
                || History(names.language).undated().to_owned(),
                |date| names.when.say_day(date),
            );
            self.days.push(Day { words, rows });
        }
    }

    /// A record in words, read whole and compared with its entry; `None` where it does not open,
    /// which is noted.
    fn line(
        &mut self,
        row: &Row,
        hers: Hers<'_>,
        names: &Names,
        related: &HerRecords<'_>,
    ) -> Option<Shown> {
        let index = match row {
            Row::Open(line) => line.index,
            Row::Closed { index, closed, .. } => {
                return Some(Shown::closed(*index, *closed, names));
            }
            Row::Missing(_) => return None,
        };
        match own_record(hers.records, hers.person, index) {
            Ok(Some(StoredRecord::Open(stored))) => {
                related.remember(&stored);
                let matter = Matter::of(&Gist::of(&stored.record.event), related);
                let institutions = matter.institutions().into_iter().cloned();
                self.named.extend(institutions);
                Some(Shown {
                    index,
                    time: Some(ShownTime {
                        clock: names.when.clock(stored.record.time),
                        machine: names.when.machine(stored.record.time),
                    }),
                    told: tell(&stored.record, names, related),
                })
            }
            Ok(Some(StoredRecord::Closed(left))) => Some(Shown::closed(index, left.closed, names)),
            read => {
                let error = read.err();
                tracing::error!(%index, ?error, "a record that was listed cannot be read");
                self.missing.push(row.seq());
                None
            }
        }
    }
}

impl Shown {
    fn closed(index: LeafIndex, closed: Closed, names: &Names) -> Self {
        Self {
            index,
            time: None,
            told: tell_closed(closed, names),
        }
    }
}

/// A row of the page, with what a group has in common.
fn entry(row: &DraftRow, mut lines: Vec<Shown>, date: Option<Date>, names: &Names) -> Entry {
    let l = names.language;
    let each = Fields::default().and("each", "1");
    let all = date.map_or(each.clone(), |date| {
        let date = date.to_string();
        each.and("from", &date).and("to", &date)
    });
    let count = row.count;
    let (summary, all_link) = match (row.common(), count) {
        (_, 0 | 1) => (Rich::new(l, ""), String::new()),
        (Common::Closed(first), _) => (
            Rich::new(l, History(l).closed_row(count)),
            all.with("below", &first.next().to_string()),
        ),
        (Common::Process(process), _) => {
            let name = quoted(l, names.process(&process));
            let summary = say_many!(
                l,
                "{name}のための機械による記録が、この日に{count}件あります。まとめて表示しています。",
                "A machine made one record of this kind on this day, for {name}.",
                "Machines made {count} records of this kind on this day, for {name}. They are shown together.",
                count
            );
            (Rich::new(l, summary), all.with("process", process.as_str()))
        }
        (Common::Notices, _) => {
            let summary = say_many!(
                l,
                "この日に{count}件のお知らせを送りました。まとめて表示しています。",
                "One notice was sent on this day.",
                "{count} notices were sent on this day. They are shown together.",
                count
            );
            (Rich::new(l, summary), all.with("show", "notice"))
        }
        (Common::Run(run), _) => {
            // Roles, and for whom they say they ask, differ: the institution is the same.
            if let (Some(by), Some(first)) = (&run.by, lines.first_mut()) {
                first.told.who = Rich::new(l, names.institution(by));
            }
            let summary = say_many!(
                l,
                "この種類の記録が、この日に{count}件あります。まとめて表示しています。",
                "There is one record of this kind on this day.",
                "There are {count} records of this kind on this day. They are shown together.",
                count
            );
            (Rich::new(l, summary), all.with(RUN, &run.to_string()))
        }
    };
    Entry {
        lines,
        count,
        summary,
        all_link,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use akashi_ledger::Ledger;
    use akashi_ledger::command::{RecordDelivery, RecordReports};
    use akashi_policies::{Pack, Shelf};
    use akashi_proof::digest::Digest;
    use akashi_proof::ids::{ContactId, NoticeId};
    use akashi_proof::record::kind::{self, Arrival, Channel, Language, NoticeDelivery};
    use akashi_proof::record::value::Set;

    use super::*;
    use crate::limits::{GROUP_SHOWN_MAX, ROWS_MAX};
    use akashi_actors::ledger_with;
    use akashi_desk::history::outline::Outlines;
    use akashi_desk::limits::READ_MAX;

    fn names_of(ledger: &Ledger) -> Names {
        let shelf = Arc::new(Shelf::of(Arc::new(Pack::town().unwrap())));
        Names::new(Language::Ja, &shelf, ledger.reader().registry())
    }

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
        let names = names_of(&ledger);
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

    #[tokio::test]
    async fn what_became_of_messages_is_no_message_sent_and_stands_among_them() {
        let (ledger, person, _) = ledger_with(3).await;
        let subject = person.subject;
        let mut sent = Vec::new();
        for number in 0..2 {
            let delivery = NoticeDelivery {
                notice: NoticeId::from_bytes([number; 16]),
                about: Some(LeafIndex::new(3)),
                template: kind::Template::AccessPermitted,
                channel: Channel::Sms,
                contact: ContactId::from_bytes([1; 16]),
                text_digest: Digest::from_bytes([2; 32]),
                attempts: 1,
            };
            let command = RecordDelivery {
                subject,
                delivery,
                sent: true,
            };
            sent.push(ledger.submit(command).await.unwrap().receipt);
        }
        for (arrival, notice) in [Arrival::Delivered, Arrival::Undelivered].iter().zip(sent) {
            let command = RecordReports {
                subject,
                arrival: *arrival,
                notices: Set::new([notice]),
            };
            ledger.submit(command).await.unwrap();
        }
        let person = ledger.reader().person(&subject).unwrap();
        let names = names_of(&ledger);
        let outlines = Outlines::default();
        let hers = Hers {
            records: ledger.reader(),
            person: &person,
            outlines: &outlines,
        };
        let counts = |query: &str| {
            let filter = Filter::read(&Fields::of_query(query));
            let page = list(hers, &names, &filter, Seq::MAX, ROWS_MAX).unwrap();
            let rows = page.days.iter().flat_map(|day| &day.rows);
            rows.map(|row| row.count).collect::<Vec<_>>()
        };
        // The two reports, and the two messages together.
        assert_eq!(counts("")[..3], [1, 1, 2]);
        assert_eq!(counts("show=notice")[..3], [1, 1, 2]);
        assert!(counts("show=deny").is_empty());
        // The page of a telephone lists the messages alone.
        let mut rows = hers.rows(Seq::MAX).unwrap();
        let mut of_messages = Vec::new();
        while let Some(Row::Open(line)) = rows.down().unwrap() {
            if line.gist.is_of_messages() {
                of_messages.push(line.gist.is_sent());
            }
        }
        assert_eq!(of_messages, [false, false, true, true]);
    }

    #[tokio::test]
    async fn a_page_has_so_many_rows_and_leads_to_the_rest() {
        for (records, older) in [(ROWS_MAX, None), (ROWS_MAX + 1, Seq::new(2))] {
            let (ledger, person, _) = ledger_with(records as u64).await;
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
            // What she did is never put together.
            let page = list(hers, &names, &Filter::default(), Seq::MAX, ROWS_MAX).unwrap();
            assert_eq!(
                (page.rows, page.older_below),
                (ROWS_MAX, older),
                "{records}"
            );
        }
    }
}
