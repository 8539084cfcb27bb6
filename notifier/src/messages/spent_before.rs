//! What was spent of the budgets before the server was restarted, as far as the log says it: how
//! many questions were put and how many messages were sent. A restart gives nobody a budget anew.
//!
//! The log says nothing of codes: from it nobody may learn whose number was tried.

use akashi_ledger::reader::Followed;
use akashi_ledger::{LedgerError, Reader, StoredRecord};
use akashi_proof::ids::{InstitutionId, LeafIndex, Timestamp};
use akashi_proof::record::kind::{Event, NoticeDelivery, Template};
use akashi_proof::record::{Position, Record};

use crate::contacts::Contacts;
use crate::messages::budget::Spent;
use crate::messages::compose::requester_of;
use crate::plan::Reach;
use crate::settings::Budgets;
use crate::times::Times;

/// Newest records that are read back at the most, some two seconds' work: an hour of 18 records a
/// second. On a busier log what lies before them is spent anew.
const RECORDS_MAX: u64 = 65_536;

/// A question that rang so long after it was asked, in milliseconds, was held back: it counts when
/// it rang, and not only when it was asked.
const LATER_MILLIS: u64 = 60_000;

/// Records read at once: some 3 MB.
const RECORDS_AT_ONCE: usize = 2_048;

/// What is spent where the notifier has read to this record. Under a clock that is not believed
/// nothing counts for older than it was when the last record was made.
///
/// # Errors
/// [`LedgerError`] when the records cannot be read.
pub(crate) fn spent_before(
    cursor: LeafIndex,
    reader: &Reader,
    contacts: &Contacts,
    times: &Times,
    budgets: Budgets,
) -> Result<Spent, LedgerError> {
    let end = reader.head().head.size.next_index();
    let wall = match times.now() {
        Ok(now) => now,
        Err(_) => newest(reader, end)?,
    };
    let mut counting = Counting {
        reader,
        contacts,
        wall,
        now: times.monotonic(),
        spent: Spent::new(budgets),
    };
    let mut from = first_within(reader, counting.wall.minus_millis(longest(&budgets)), end)?;
    while from < end {
        let records = reader.follow(from, RECORDS_AT_ONCE)?;
        let Some(last) = records.last() else { break };
        from = last.index.next();
        for Followed { index, body } in records {
            // A closed one may have been a message: to whom is not known.
            if let Ok(record) = body {
                counting.count(index < cursor, &record)?;
            }
        }
    }
    Ok(counting.spent)
}

/// The longest time any of the budgets is for, in milliseconds.
fn longest(budgets: &Budgets) -> u64 {
    let all = [
        budgets.questions_per_number,
        budgets.notices_per_address,
        budgets.warnings_of_one_kind,
        budgets.reply_answers_per_number,
    ];
    let longest = all.into_iter().map(|budget| budget.within).max();
    longest.map_or(0, |time| {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    })
}

/// When the newest of the last records was made that are open.
fn newest(reader: &Reader, end: LeafIndex) -> Result<Timestamp, LedgerError> {
    let last = reader.follow(end.minus(RECORDS_AT_ONCE as u64), RECORDS_AT_ONCE)?;
    let open = last.into_iter().filter_map(|followed| followed.body.ok());
    Ok(open.map(|record| record.time).max().unwrap_or_default())
}

/// A record from which on all that happened since is read.
fn first_within(
    reader: &Reader,
    since: Timestamp,
    end: LeafIndex,
) -> Result<LeafIndex, LedgerError> {
    let mut from = end;
    while end.since(from).unwrap_or(0) < RECORDS_MAX && from > LeafIndex::FIRST {
        from = from.minus(RECORDS_AT_ONCE as u64);
        let first = reader.follow(from, 1)?;
        let first = first.into_iter().find_map(|followed| followed.body.ok());
        if first.is_some_and(|record| record.time <= since) {
            break;
        }
    }
    Ok(from)
}

struct Counting<'a> {
    reader: &'a Reader,
    contacts: &'a Contacts,
    wall: Timestamp,
    now: u64,
    spent: Spent,
}

impl Counting<'_> {
    /// Counts what a record says was put or sent; a question only where it `was_read`, since it is
    /// put when it is.
    fn count(&mut self, was_read: bool, record: &Record) -> Result<(), LedgerError> {
        let ago = self
            .wall
            .as_millis()
            .saturating_sub(record.time.as_millis());
        if let Event::NoticeSent(sent) = &record.event {
            return self.sent(sent, record.time, ago);
        }
        if was_read
            && let (Event::AccessAsked(_), Position::Person(place)) =
                (&record.event, &record.position)
            && let Some(person) = self.reader.person(&place.subject)
            && let Some(contact) = Reach::of(&person, self.wall, false).sms
            && let Some(contact) = self.contacts.find(&contact)
        {
            self.spent.count_question(&contact.address, self.now, ago);
        }
        Ok(())
    }

    fn sent(
        &mut self,
        sent: &NoticeDelivery,
        time: Timestamp,
        ago: u64,
    ) -> Result<(), LedgerError> {
        let Some(contact) = self.contacts.find(&sent.contact) else {
            return Ok(());
        };
        if sent.template == Template::ApprovalRequest {
            if self.rang_later(sent.about, time)? {
                self.spent.count_question(&contact.address, self.now, ago);
            }
            return Ok(());
        }
        let about = match sent.about {
            Some(about) => self.told_of(about)?,
            None => None,
        };
        self.spent
            .count_sent(sent.template, &contact, about.as_ref(), self.now, ago);
        Ok(())
    }

    /// Whether a message about a question left so late that it had been held back.
    fn rang_later(&self, about: Option<LeafIndex>, time: Timestamp) -> Result<bool, LedgerError> {
        let asked = match about {
            Some(about) => self.reader.skim(about)?,
            None => None,
        };
        let asked = asked.and_then(|followed| followed.body.ok());
        Ok(asked.is_none_or(|asked| time >= asked.time.plus_millis(LATER_MILLIS)))
    }

    /// The institution a message about this record names, as `plan.rs` has it.
    fn told_of(&self, about: LeafIndex) -> Result<Option<InstitutionId>, LedgerError> {
        let stored = self.reader.record(about)?.and_then(StoredRecord::if_open);
        let Some(event) = stored.map(|stored| stored.record.event) else {
            return Ok(None);
        };
        if let Event::ApprovalExpired(e) = &event {
            return requester_of(self.reader, e.access);
        }
        let decided = event.decided().map(|decided| decided.requester.clone());
        let told = if let Event::ReleaseRefused(e) = event {
            Some(e.holder)
        } else if let Event::LinkCorrected(e) = event {
            Some(e.institution)
        } else if let Event::LinkIssued(e) = event {
            Some(e.institution)
        } else if let Event::LinkWithdrawn(e) = event {
            Some(e.institution)
        } else if let Event::LinkRevoked(e) = event {
            Some(e.institution)
        } else {
            decided
        };
        Ok(told)
    }
}
