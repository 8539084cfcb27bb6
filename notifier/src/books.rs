//! The one door of the notifier to the ledger's books, as `akashi_desk::reading` is the portal's.
//!
//! Reading what is stored waits for the disk, and the runtime's threads must not: it is done by a
//! closure on a thread that may wait. What stands in memory - people, the registry, the head - is
//! answered at once. Nobody else in this package keeps a [`Reader`]; `tests/tidy` looks after that.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akashi_ledger::reader::pool::{Bounds, Pool};
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{SubjectHandle, Timestamp, TreeSize};
use akashi_proof::record::kind::Channel;
use akashi_proof::state::{Person, Registry};

use crate::address::Address;
use crate::channel::way_out::IN_FLIGHT_MAX;
use crate::contacts::Contacts;
use crate::messages::outbox::OutboxError;
use crate::questions::code::code_of;

/// Three threads: two follow the log, and what a person waits for need not wait for them. Nothing
/// is refused, as the log would not be followed: who finds no place waits for one. Those are the
/// messages being handed over, whoever follows the log or looks through the outbox, and requests
/// the portal has let in.
const BOUNDS: Bounds = Bounds {
    threads: 3,
    places: Channel::ALL.len() * IN_FLIGHT_MAX + 3,
};

/// What the notifier reads.
pub(crate) struct Books {
    memory: Reader,
    pool: Pool<Reader>,
    lost_rows: AtomicU64,
}

impl Books {
    /// Starts the threads.
    ///
    /// # Errors
    /// What the system says when it has no more threads.
    pub(crate) fn open(reader: &Reader) -> io::Result<Self> {
        Ok(Self {
            memory: reader.clone(),
            pool: Pool::start("notifier", BOUNDS, reader)?,
            lost_rows: AtomicU64::new(0),
        })
    }

    /// Reads what is stored, on a thread that may wait.
    ///
    /// # Errors
    /// What the job says; [`OutboxError::Interrupted`] when it panicked or the server ends.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, OutboxError>
    where
        T: Send + 'static,
        F: FnOnce(&Reader) -> Result<T, OutboxError> + Send + 'static,
    {
        let place = self.pool.next_place().await;
        let place = place.map_err(|_| OutboxError::Interrupted)?;
        // A task that follows the log outlives a record that cannot be read.
        let job = |reader: &Reader| catch_unwind(AssertUnwindSafe(|| job(reader)));
        match self.pool.run(place, job).await {
            Ok(Ok(read)) => read,
            Ok(Err(_)) | Err(_) => Err(OutboxError::Interrupted),
        }
    }

    /// A row of the outbox could not be read and was given up: what it says is lost, and no more.
    pub(crate) fn lost_row(&self) {
        self.lost_rows.fetch_add(1, Ordering::Relaxed);
        tracing::error!("a row of the outbox cannot be read: what it says is lost");
    }

    /// How many were, since the start.
    pub(crate) fn lost_rows(&self) -> u64 {
        self.lost_rows.load(Ordering::Relaxed)
    }

    /// A person, as she stands in memory.
    pub(crate) fn person(&self, subject: &SubjectHandle) -> Option<Arc<Person>> {
        self.memory.person(subject)
    }

    /// The people whose address this is.
    pub(crate) fn people_of(&self, contacts: &Contacts, address: &Address) -> Vec<Arc<Person>> {
        contacts.people_of(&self.memory, address)
    }

    /// The people whose address this is at `now`.
    pub(crate) fn people_at(
        &self,
        contacts: &Contacts,
        address: &Address,
        now: Timestamp,
    ) -> Vec<Arc<Person>> {
        contacts.people_at(&self.memory, address, now)
    }

    /// The registry.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        self.memory.registry()
    }

    /// How many records there are.
    pub(crate) fn size(&self) -> TreeSize {
        self.memory.head().head.size
    }

    /// As [`code_of`]: the key is in memory.
    pub(crate) fn code_of(&self, approval_digest: &Digest) -> Result<String, LedgerError> {
        code_of(&self.memory, approval_digest)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use akashi_actors::ledger_with;

    use super::*;

    #[tokio::test]
    async fn what_is_stored_is_read_on_a_thread_that_may_wait_and_a_panic_ends_one_reading() {
        let (ledger, person, _) = ledger_with(1).await;
        let (books, subject) = (Books::open(ledger.reader()).unwrap(), person.subject);
        let panics = books.read(|_| Ok("seven".parse::<u8>().unwrap())).await;
        assert!(matches!(panics, Err(OutboxError::Interrupted)));
        let reading = books.read(move |reader| {
            let name = thread::current().name().map(str::to_owned);
            Ok((name, reader.person(&subject).is_some()))
        });
        let (name, is_there) = reading.await.unwrap();
        assert_eq!((name.as_deref(), is_there), (Some("read-notifier"), true));
        assert!(books.person(&subject).is_some());
    }
}
