//! A ledger in memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use akashi_ledger::clock::SystemClock;
use akashi_ledger::command::ChangeAccount;
use akashi_ledger::guard::Guard;
use akashi_ledger::keyring::Keyring;
use akashi_ledger::ledger::{Opening, Parts, write_entry_zero};
use akashi_ledger::log_signers::LogKeyStore;
use akashi_ledger::memory_key_file::MemoryKeyFile;
use akashi_ledger::signer::FileSigner;
use akashi_ledger::store::memory_store::MemoryStore;
use akashi_ledger::store::{Batch, Store, Table};
use akashi_ledger::{Ledger, LedgerError, bodies};
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::Closed;
use akashi_proof::record::kind::{Account, Assurance, Language};
use akashi_proof::state::Person;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::signed_note::{KeyName, VerifyingKey};
use akashi_tlog::signer::Signer;

use crate::cast::Cast;
use crate::commands::enrol;

const WRAPPING: Secret = Secret::from_bytes([9; 32]);

/// What a ledger in memory leaves when its process ends: store, keys, and the guard's file.
pub struct Remains {
    /// The store, which fails where a test wants it to.
    pub store: Arc<MemoryStore>,
    /// The keyring's file, likewise.
    pub keys: MemoryKeyFile,
    /// The log's keys, of which a test may add and take away.
    pub log_keys: LogKeysAtHand,
    folder: tempfile::TempDir,
    origin: Origin,
}

/// The private halves of a log's keys, in memory.
#[derive(Clone, Default)]
pub struct LogKeysAtHand(Arc<Mutex<Vec<Arc<dyn Signer>>>>);

impl LogKeysAtHand {
    /// Puts one there.
    pub fn put(&self, signer: impl Signer + 'static) {
        self.0.lock().unwrap().push(Arc::new(signer));
    }

    /// Takes one away.
    pub fn lose(&self, key: &VerifyingKey) {
        let mut all = self.0.lock().unwrap();
        all.retain(|signer| signer.verifying_key() != key);
    }
}

impl LogKeyStore for LogKeysAtHand {
    fn find(&self, key: &VerifyingKey) -> Result<Option<Arc<dyn Signer>>, LedgerError> {
        let all = self.0.lock().unwrap();
        let found = all.iter().find(|signer| signer.verifying_key() == key);
        Ok(found.cloned())
    }
}

impl Remains {
    /// A ledger with entry 0 alone.
    pub fn of_new(opening: &Opening, clock: &dyn Clock) -> Self {
        let remains = Self {
            store: Arc::new(MemoryStore::default()),
            keys: MemoryKeyFile::default(),
            log_keys: LogKeysAtHand::default(),
            folder: tempfile::tempdir().unwrap(),
            origin: opening.origin.clone(),
        };
        remains.log_keys.put(remains.log_signer());
        let keyring = Keyring::create_in(Box::new(remains.keys.clone()), &WRAPPING);
        let parts = Parts {
            store: remains.store.clone(),
            guard: Guard::create(&remains.guard()).unwrap(),
            keyring: keyring.unwrap(),
            log_keys: Arc::new(remains.log_keys.clone()),
        };
        let key = remains.log_signer().verifying_key().clone();
        write_entry_zero(parts, &key, opening, clock).unwrap();
        remains
    }

    /// The ledger as a new process would open it.
    pub fn open(&self, clock: Arc<dyn Clock>) -> Result<Ledger, LedgerError> {
        let guard = Guard::open(&self.guard())?;
        let parts = Parts {
            store: self.store.clone(),
            keyring: self.keyring(&guard)?,
            guard,
            log_keys: Arc::new(self.log_keys.clone()),
        };
        Ledger::start(parts, clock)
    }

    /// The same a second time: what is recorded in one is not in the other. Keys are drawn into one
    /// file for both.
    pub fn copy(&self) -> Self {
        let mut batch = Batch::default();
        for table in Table::ALL {
            let rows = self.store.scan(table, &[]..&[u8::MAX; 64], usize::MAX);
            for (key, value) in rows.unwrap() {
                batch.put(table, key, value);
            }
        }
        let copy = Self {
            store: Arc::new(MemoryStore::default()),
            keys: self.keys.clone(),
            log_keys: self.log_keys.clone(),
            folder: tempfile::tempdir().unwrap(),
            origin: self.origin.clone(),
        };
        copy.store.commit(&batch).unwrap();
        std::fs::copy(self.guard(), copy.guard()).unwrap();
        copy
    }

    /// Takes the body of a record away, as an operator's tool would.
    pub fn close_body(&self, index: LeafIndex, closed: Closed) {
        self.try_to_close_body(index, closed).unwrap();
    }

    /// As [`Self::close_body`], where it may be refused.
    ///
    /// # Errors
    /// What the tool says.
    pub fn try_to_close_body(&self, index: LeafIndex, closed: Closed) -> Result<(), LedgerError> {
        let keyring = self.keyring(&Guard::open(&self.guard()).unwrap()).unwrap();
        bodies::close(self.store.as_ref(), &keyring, index, closed)
    }

    fn keyring(&self, guard: &Guard) -> Result<Keyring, LedgerError> {
        Keyring::open_in(Box::new(self.keys.clone()), &WRAPPING, guard.keys())
    }

    /// The guard's file.
    pub fn guard(&self) -> PathBuf {
        self.folder.path().join("guard")
    }

    /// Signs for the log from its first tree on.
    pub fn log_signer(&self) -> FileSigner {
        let name = KeyName::new(self.origin.as_str()).unwrap();
        FileSigner::from_seed(&[77; 32], &name).unwrap()
    }
}

/// A ledger in memory with two persons; the first has `records` records.
pub async fn ledger_with(records: u64) -> (Ledger, Arc<Person>, Arc<Person>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let cast = Cast::of("walk.example/log", Arc::clone(&clock));
    let opening = cast.opening("town", Digest::from_bytes([0; 32]));
    let remains = Remains::of_new(&opening, clock.as_ref());
    let ledger = remains.open(clock).unwrap();
    let people = [enrol(&ledger).await.subject, enrol(&ledger).await.subject];
    for number in 1..records {
        let change = ChangeAccount {
            subject: people[0],
            to: [Account::Open, Account::Suspended][number as usize % 2],
            assurance: Assurance::SmsAndRecovery,
            language: Language::Ja,
        };
        ledger.submit(change).await.unwrap();
    }
    let [first, second] = people.map(|subject| ledger.reader().person(&subject).unwrap());
    (ledger, first, second)
}
