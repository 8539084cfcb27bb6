//! What was found, and what the person was told.

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::limits::REPORTED_AT_ONCE_MAX;
use akashi_proof::record::Position;
use akashi_proof::record::kind::{
    AlertRaised, Arrival, Channel, Event, NoticeDelivery, NoticesReported, Rule,
};
use akashi_proof::record::value::Set;

use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// One row of the outbox: its key, and the new value or `None` to remove it.
pub type OutboxChange = (Vec<u8>, Option<Vec<u8>>);

/// Changes rows of the outbox and records nothing: the cursor and the rows it led to move together.
pub struct ChangeOutbox {
    /// The changes, all or none.
    pub changes: Vec<OutboxChange>,
}

impl Command for ChangeOutbox {
    type Receipt = ();

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<(), Refusal> {
        self.changes
            .into_iter()
            .for_each(|(key, value)| tx.change_outbox(key, value));
        Ok(())
    }
}

/// Another command, and changes of the outbox in the same commit. A refused command changes
/// nothing.
pub struct WithOutbox<C, F> {
    /// The command.
    pub command: C,
    /// The changes that go with it, from what the command learned.
    pub changes: F,
}

impl<C, F> Command for WithOutbox<C, F>
where
    C: Command,
    F: FnOnce(&C::Receipt) -> Vec<OutboxChange> + Send + 'static,
{
    type Receipt = C::Receipt;

    fn payer(&self) -> Payer {
        self.command.payer()
    }

    fn lane(&self, reader: &Reader, now: Timestamp) -> Lane {
        self.command.lane(reader, now)
    }

    fn check_before(&self, reader: &Reader, now: Timestamp) -> Result<(), Refusal> {
        self.command.check_before(reader, now)
    }

    fn keys(&self, reader: &Reader, now: Timestamp) -> NewKeys {
        self.command.keys(reader, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<C::Receipt, Refusal> {
        let receipt = self.command.run(tx)?;
        (self.changes)(&receipt)
            .into_iter()
            .for_each(|(key, value)| tx.change_outbox(key, value));
        Ok(receipt)
    }
}

/// Records what a detector found about an access.
#[derive(Clone, Copy)]
pub struct RaiseAlert {
    /// The person concerned.
    pub subject: SubjectHandle,
    /// Log index of the access; of several, of the first.
    pub access: LeafIndex,
    /// The detector's rule.
    pub rule: Rule,
    /// How many times it was found: at least one.
    pub count: u64,
}

impl RaiseAlert {
    fn append(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let event = Event::AlertRaised(AlertRaised {
            access: self.access,
            rule: self.rule,
            count: self.count,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

impl Command for RaiseAlert {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        self.append(tx)
    }
}

/// What a stretch of the log calls for, in one commit: the alerts, the messages, and the cursor
/// behind it. The alerts are independent: one that cannot be recorded is dropped alone.
pub struct TakeStretch {
    /// At most [`ALERTS_AT_ONCE_MAX`](crate::limits::ALERTS_AT_ONCE_MAX).
    pub alerts: Vec<RaiseAlert>,
    /// Rows of the outbox that change with them.
    pub changes: Vec<OutboxChange>,
}

impl Command for TakeStretch {
    /// How many alerts were dropped.
    type Receipt = usize;

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        let subjects = self.alerts.iter().map(|alert| alert.subject);
        NewKeys::of_people(subjects, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<usize, Refusal> {
        let mut dropped = 0;
        for alert in self.alerts {
            match alert.append(tx) {
                Ok(_) => {}
                Err(refusal) if refusal.is_final() => dropped += 1,
                Err(refusal) => return Err(refusal),
            }
        }
        self.changes
            .into_iter()
            .for_each(|(key, value)| tx.change_outbox(key, value));
        Ok(dropped)
    }
}

/// Records that a message was handed to its channel, or could not be, for good.
pub struct RecordDelivery {
    /// The person it was for.
    pub subject: SubjectHandle,
    /// The message.
    pub delivery: NoticeDelivery,
    /// Whether it was handed over.
    pub sent: bool,
}

impl Command for RecordDelivery {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let event = if self.sent {
            Event::NoticeSent(self.delivery)
        } else {
            Event::NoticeFailed(self.delivery)
        };
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records what the gateway says became of messages by SMS that it took.
pub struct RecordReports {
    /// The person they were for.
    pub subject: SubjectHandle,
    /// What became of all of them.
    pub arrival: Arrival,
    /// Log indexes of the records that they were handed over.
    pub notices: Set<LeafIndex>,
}

impl Command for RecordReports {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    /// Refuses what is no message by SMS that was handed over to this very person.
    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let found = self.notices.len();
        if !(1..=REPORTED_AT_ONCE_MAX).contains(&found) {
            let expected = format!("1 to {REPORTED_AT_ONCE_MAX} messages");
            let fault = Fault::new(FaultCode::BadMember, "notices", expected, found.to_string());
            return Err(fault.into());
        }
        for index in self.notices.iter() {
            let record = tx.record(*index)?.open()?.record;
            let is_hers = matches!(&record.position,
                Position::Person(place) if place.subject == self.subject);
            let by_sms = matches!(&record.event,
                Event::NoticeSent(sent) if sent.channel == Channel::Sms);
            if !is_hers || !by_sms {
                let expected = "messages by SMS handed over to her";
                let fault = Fault::new(FaultCode::NoMatch, "notices", expected, "another record");
                return Err(fault.into());
            }
        }
        let event = Event::NoticesReported(NoticesReported {
            arrival: self.arrival,
            notices: self.notices,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}
