//! Reading: what is durable, from any thread, without waiting for the writer.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use akashi_proof::entry::ENTRY_LEN;
use akashi_proof::ids::{InstitutionId, Jti, SubjectHandle};
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::{Record, body};
use akashi_proof::state::{Person, Registry, Roles};
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::merkle::{Hash, HashReader, LeafIndex, TreeSize, inclusion};
use akashi_tlog::signed_note::Note;
use akashi_tlog::tile::{Tile, TileKind, encode_hashes, entry_bundle};
use akashi_tlog::tlog_proof::TlogProof;

use crate::error::LedgerError;
use crate::index::keys::{closed_key, history_key, statement_key};
use crate::index::runs::Runs;
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::seal::{self, StoredRecord};
use crate::store::{Row, Store, StoreError, Table};
use crate::tree::edge::{StoredTiles, TILE_HEIGHT, TILE_WIDTH, read_tile};
use crate::view::consent_rows;
use crate::view::state_rows;
use crate::view::{Touched, View};
use crate::writer::recover::Opened;
use crate::writer::sequencer::SignedHead;

/// How often the public checkpoint moves: exact times of single events are nobody's business
/// (design.md).
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// What the writer shows readers.
pub(crate) struct Shared {
    pub(crate) origin: Origin,
    view: RwLock<View>,
    head: RwLock<SignedHead>,
    published: Mutex<(Instant, SignedHead)>,
    indexes: RwLock<(Runs<32>, Runs<24>)>,
    stopped: RwLock<Option<String>>,
}

impl Shared {
    pub(crate) fn new(origin: Origin, opened: &Opened, head: SignedHead) -> Self {
        Self {
            origin,
            view: RwLock::new(opened.work.view.clone()),
            head: RwLock::new(head.clone()),
            published: Mutex::new((Instant::now(), head)),
            indexes: RwLock::new((opened.statements.clone(), opened.histories.clone())),
            stopped: RwLock::new(None),
        }
    }

    pub(crate) fn publish(&self, touched: &mut Touched, from: &View, head: Option<SignedHead>) {
        touched.publish(
            from,
            &mut self.view.write().unwrap_or_else(PoisonError::into_inner),
        );
        if let Some(head) = head {
            *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        }
    }

    /// Everything anew, after the writer has started over.
    pub(crate) fn replace(&self, opened: &Opened) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = opened.work.view.clone();
        *self.indexes.write().unwrap_or_else(PoisonError::into_inner) =
            (opened.statements.clone(), opened.histories.clone());
        if let Some(head) = &opened.last_head {
            *self.head.write().unwrap_or_else(PoisonError::into_inner) = head.clone();
        }
    }

    pub(crate) fn set_stopped(&self, why: Option<String>) {
        *self.stopped.write().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

/// Reads what is durable.
#[derive(Clone)]
pub struct Reader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
}

impl Reader {
    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        &self.shared.origin
    }

    /// Why the writer has stopped, if it has.
    pub fn stopped(&self) -> Option<String> {
        self.shared
            .stopped
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The newest signed head.
    pub fn head(&self) -> SignedHead {
        self.shared
            .head
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The published head: the newest one, moved at most once a second.
    pub fn published(&self) -> SignedHead {
        let mut published = self
            .shared
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if published.0.elapsed() >= PUBLISH_EVERY {
            *published = (Instant::now(), self.head());
        }
        published.1.clone()
    }

    /// The registry.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.view().registry)
    }

    /// An institution's roles; empty before its first record.
    pub fn roles(&self, institution: &InstitutionId) -> Arc<Roles> {
        self.view()
            .roles
            .get(institution)
            .cloned()
            .unwrap_or_default()
    }

    /// A person.
    pub fn person(&self, subject: &SubjectHandle) -> Option<Arc<Person>> {
        self.view().people.get(subject).cloned()
    }

    /// The person with this visible ID.
    pub fn person_by_qid(&self, qid: &akashi_proof::ids::Qid) -> Option<Arc<Person>> {
        let view = self.view();
        view.people.get(view.by_qid.get(&qid.digest())?).cloned()
    }

    /// Every person: for sweeps over open questions and contacts, not for requests.
    pub fn people(&self) -> Vec<Arc<Person>> {
        self.view().people.values().cloned().collect()
    }

    /// How many persons are enrolled.
    pub fn people_count(&self) -> usize {
        self.view().people.len()
    }

    fn view(&self) -> std::sync::RwLockReadGuard<'_, View> {
        self.shared
            .view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn indexes(&self) -> (Runs<32>, Runs<24>) {
        self.shared
            .indexes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A record, checked against its entry.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when it is not the one its entry commits to; [`LedgerError`] when
    /// it cannot be read.
    pub fn record(&self, index: u64) -> Result<Option<StoredRecord>, LedgerError> {
        let row = self.store.get(Table::Records, &index.to_be_bytes())?;
        row.map(|row| seal::open(index, &row, &self.keyring))
            .transpose()
    }

    /// At most `most` records from this log index on, in log order.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn records_from(&self, index: u64, most: usize) -> Result<Vec<StoredRecord>, LedgerError> {
        let rows = self.store.scan(
            Table::Records,
            &index.to_be_bytes()..&u64::MAX.to_be_bytes(),
            most,
        )?;
        (index..)
            .zip(rows)
            .map(|(index, (_, row))| seal::open(index, &row, &self.keyring))
            .collect()
    }

    /// What happened from this index on, for whoever acts on it: as [`Self::records_from`], in a
    /// fifth of the time, because nothing is to be proved with it and so no commitment is checked.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn follow(&self, index: u64, most: usize) -> Result<Vec<(u64, Record)>, LedgerError> {
        let rows = self.store.scan(
            Table::Records,
            &index.to_be_bytes()..&u64::MAX.to_be_bytes(),
            most,
        )?;
        let open = |(index, (_, row)): (u64, Row)| {
            Ok((index, seal::unseal(index, &row, &self.keyring)?.0))
        };
        (index..).zip(rows).map(open).collect()
    }

    /// Log index of the record a statement led to.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index cannot be read.
    pub fn find_statement(
        &self,
        issuer: &InstitutionId,
        jti: &Jti,
    ) -> Result<Option<u64>, LedgerError> {
        Ok(self.indexes().0.find(&statement_key(issuer, jti))?)
    }

    /// Log index of the record found under a [`statement_key`]: what the `id` of an access spells.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index cannot be read.
    pub fn find_statement_key(&self, key: &[u8; 32]) -> Result<Option<u64>, LedgerError> {
        Ok(self.indexes().0.find(key)?)
    }

    /// Log index of the record that closed the question about an access: an approval, a refusal, an
    /// expiry.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index cannot be read.
    pub fn find_closed(&self, access: u64) -> Result<Option<u64>, LedgerError> {
        Ok(self.indexes().0.find(&closed_key(access))?)
    }

    /// Log indexes of a person's records, newest first: at most `most` with a `seq` below `before`.
    ///
    /// # Errors
    /// [`LedgerError`] when the index cannot be read.
    pub fn history(
        &self,
        person: &Person,
        before: u64,
        most: usize,
    ) -> Result<Vec<u64>, LedgerError> {
        let index_key = self.keyring.need(&KeyOf::Index)?;
        let key = |seq| history_key(&index_key, &person.subject, person.epoch, seq);
        let found = self.indexes().1.newest(&key(1), &key(before), most)?;
        Ok(found.into_iter().map(|(_, index)| index).collect())
    }

    /// The proof of a record under the checkpoint signed for its commit: the same bytes for ever.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn first_proof(&self, stored: &StoredRecord) -> Result<TlogProof, LedgerError> {
        let (size, note) = self.first_note(stored.index)?;
        let note = Note::parse(note.as_bytes()).map_err(|_| no_such(stored.index))?;
        self.prove(stored, TreeSize::new(size), note)
    }

    /// A person's consent as the evidence of a permit shows it: what is opened of the record that
    /// says what stands, and its first proof ([`akashi_proof::evidence::ConsentProof`]). A row that
    /// is gone or damaged is made again from the record, with the same bytes.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when there is no such consent of hers.
    pub fn consent_proof(&self, subject: SubjectHandle, index: u64) -> Result<String, LedgerError> {
        let (size, note) = self.first_note(index)?;
        let head = match consent_rows::read(self.store.as_ref(), &self.keyring, subject, index)? {
            Some(head) => head,
            None => {
                let stored = self.record(index)?.ok_or_else(|| no_such(index))?;
                let path = inclusion::prove(self, LeafIndex::new(index), TreeSize::new(size))
                    .map_err(unproven)?;
                let hashed = Hashed::new(&stored.record, &stored.record_key);
                consent_rows::head(&stored, &hashed, &path)
                    .filter(|(of, _)| *of == subject)
                    .ok_or_else(|| no_such(index))?
                    .1
            }
        };
        Ok(head + &note)
    }

    /// Size and signed checkpoint of the commit a record was made in.
    fn first_note(&self, index: u64) -> Result<(u64, String), LedgerError> {
        // The head first: a commit made in between stores the note of the one before it.
        let head = self.head();
        let after = (index + 1).to_be_bytes();
        let rows = self
            .store
            .scan(Table::Commits, &after..&u64::MAX.to_be_bytes(), 1)?;
        let (key, row) = rows.into_iter().next().ok_or_else(|| no_such(index))?;
        let size = key
            .as_slice()
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| no_such(index))?;
        let note = if head.head.size.value() == size {
            head.note.to_string()
        } else {
            row.get(32..)
                .and_then(|note| String::from_utf8(note.to_vec()).ok())
                .ok_or_else(|| no_such(index))?
        };
        Ok((size, note))
    }

    /// The proof of a record under the published checkpoint; `None` while it is not published yet.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn published_proof(&self, index: u64) -> Result<Option<TlogProof>, LedgerError> {
        let published = self.published();
        if !published.head.size.contains(LeafIndex::new(index)) {
            return Ok(None);
        }
        let row = self
            .store
            .get(Table::Records, &index.to_be_bytes())?
            .ok_or_else(|| no_such(index))?;
        let entry = seal::entry_of(index, &row)?;
        let path =
            inclusion::prove(self, LeafIndex::new(index), published.head.size).map_err(unproven)?;
        tlog_proof(&entry.to_bytes(), path, published.note.as_ref().clone()).map(Some)
    }

    fn prove(
        &self,
        stored: &StoredRecord,
        size: TreeSize,
        note: Note,
    ) -> Result<TlogProof, LedgerError> {
        let path = inclusion::prove(self, LeafIndex::new(stored.index), size).map_err(unproven)?;
        tlog_proof(&stored.entry.to_bytes(), path, note)
    }

    /// The bytes of a public tile or entry bundle; `None` if it does not lie within the published
    /// tree.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, LedgerError> {
        let size = self.published().head.size;
        let width = tile.width().value();
        let within = Tile::in_tree(tile.kind(), tile.index(), size)
            .is_some_and(|known| width <= known.width().value());
        if !within {
            return Ok(None);
        }
        let bytes = match tile.kind() {
            TileKind::Entries => {
                let entries = self.entries(tile.index() * TILE_WIDTH, usize::from(width))?;
                entry_bundle::encode(&entries).map_err(|error| StoreError(error.to_string()))?
            }
            TileKind::Hashes(level) if level.value() == 0 => {
                let entries = self.entries(tile.index() * TILE_WIDTH, usize::from(width))?;
                encode_hashes(
                    &entries
                        .iter()
                        .map(|entry| Hash::leaf(entry))
                        .collect::<Vec<_>>(),
                )
            }
            TileKind::Hashes(level) => encode_hashes(&read_tile(
                self.store.as_ref(),
                level.value(),
                tile.index(),
                u64::from(width),
            )?),
        };
        Ok(Some(bytes))
    }

    /// The published body of a registry record; `None` if there is no such record in the published
    /// tree.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn registry_body(&self, seq: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        let size = self.published().head.size;
        let index = state_rows::registry_record(self.store.as_ref(), seq)?;
        let Some(index) = index.filter(|index| size.contains(LeafIndex::new(*index))) else {
            return Ok(None);
        };
        let stored = self.record(index)?.ok_or_else(|| no_such(index))?;
        Ok(Some(body::encode(&stored.record, &stored.record_key)))
    }

    /// Rows of the outbox with keys in this range, opened.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn outbox(&self, from: &[u8], until: &[u8], most: usize) -> Result<Vec<Row>, LedgerError> {
        let rows = self.store.scan(Table::Outbox, from..until, most)?;
        let open = |(key, sealed): Row| {
            let plain = state_rows::open_outbox(&self.keyring, &key, &sealed)?;
            Ok((key, plain))
        };
        rows.into_iter().map(open).collect()
    }

    /// The keyring: for the parts that seal files of their own under keys of it.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    fn entries(&self, first: u64, count: usize) -> Result<Vec<[u8; ENTRY_LEN]>, LedgerError> {
        let until = first + count as u64;
        let rows = self.store.scan(
            Table::Records,
            &first.to_be_bytes()..&until.to_be_bytes(),
            count,
        )?;
        if rows.len() != count {
            return Err(no_such(first + rows.len() as u64));
        }
        (first..)
            .zip(rows)
            .map(|(index, (_, row))| Ok(seal::entry_of(index, &row)?.to_bytes()))
            .collect()
    }
}

impl HashReader for Reader {
    type Error = LedgerError;

    fn subtree(&self, height: u8, index: u64) -> Result<Hash, LedgerError> {
        let first = index << (height % TILE_HEIGHT);
        if height >= TILE_HEIGHT || self.is_full_tile(first / TILE_WIDTH)? {
            return Ok(StoredTiles {
                store: self.store.as_ref(),
            }
            .subtree(height, index)?);
        }
        // The last tile of leaf hashes is not stored before it is full: it follows from the
        // records.
        let leaves = self.entries(index << height, 1 << height)?;
        let leaves: Vec<Hash> = leaves.iter().map(|entry| Hash::leaf(entry)).collect();
        Ok(crate::tree::edge::complete_root(&leaves))
    }
}

impl Reader {
    fn is_full_tile(&self, number: u64) -> Result<bool, LedgerError> {
        Ok(number < self.head().head.size.value() >> TILE_HEIGHT)
    }
}

/// A proof that carries the entry itself (formats.md "Evidence").
pub fn tlog_proof(
    entry: &[u8; ENTRY_LEN],
    path: inclusion::Proof,
    note: Note,
) -> Result<TlogProof, LedgerError> {
    TlogProof::new(Some(entry.to_vec()), path, note)
        .map_err(|error| StoreError(error.to_string()).into())
}

fn no_such(index: u64) -> LedgerError {
    LedgerError::Corrupt {
        index,
        what: "there is no such record".into(),
    }
}

fn unproven(error: inclusion::ProveError<LedgerError>) -> LedgerError {
    match error {
        inclusion::ProveError::Read(error) => error,
        other => StoreError(other.to_string()).into(),
    }
}
