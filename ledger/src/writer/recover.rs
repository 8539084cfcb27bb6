//! Opening a ledger: read everything the writer needs, and refuse whatever contradicts itself.
//!
//! The same lines run when a process starts and when the writer starts over after a failed write.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use akashi_proof::entry::Entry;
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::Event;
use akashi_proof::record::{Closed, Position, Record};
use akashi_proof::state::{FoldError, Person, Registry};
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::merkle::{self, Hash, HashReader, TreeSize};

use crate::error::{Damage, GuardError, LedgerError};
use crate::guard::{Guard, Head};
use crate::index::keys::{history_key, statement_keys};
use crate::index::runs::{Kind, Runs, RunsWriter};
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::log_signers::LogSigners;
use crate::keys::seal;
use crate::limits::RUN_LEN;
use crate::store::{Batch, RowName, Store, StoreError, Table};
use crate::stored::{ClosedRecord, StoredRecord};
use crate::tree::edge::{Edge, TILE_WIDTH};
use crate::view::state_rows::{self, REPLAY_RECORDS};
use crate::view::{Touched, View};
use crate::writer::head::{SignedHead, sign};
use crate::writer::transaction::Work;

/// A ledger as it was read from its store.
pub(crate) struct Opened {
    pub(crate) work: Work,
    pub(crate) edge: Edge,
    pub(crate) dirty: BTreeSet<SubjectHandle>,
    pub(crate) last_head: Option<SignedHead>,
    pub(crate) last_time: Timestamp,
    pub(crate) statements: Runs<32>,
    pub(crate) histories: Runs<24>,
}

impl Opened {
    /// A ledger without any record.
    pub(crate) fn empty(registry: Registry, store: &Arc<dyn Store>) -> Result<Self, LedgerError> {
        Ok(Self::begin(registry, Edge::default(), store)?.0)
    }

    /// A ledger with this registry and tree and no other fold yet, and up to which record both
    /// derived indexes have it.
    fn begin(
        registry: Registry,
        edge: Edge,
        store: &Arc<dyn Store>,
    ) -> Result<(Self, TreeSize), LedgerError> {
        let (statements, statements_reader, statements_covered) =
            RunsWriter::open(Kind::Statements, Arc::clone(store), RUN_LEN)?;
        let (histories, histories_reader, histories_covered) =
            RunsWriter::open(Kind::Histories, Arc::clone(store), RUN_LEN)?;
        let work = Work {
            view: View::new(registry),
            statements,
            histories,
            touched: Touched::default(),
            staged: Vec::new(),
            outbox: Batch::default(),
            size: edge.size(),
        };
        let opened = Self {
            work,
            edge,
            dirty: BTreeSet::new(),
            last_head: None,
            last_time: Timestamp::default(),
            statements: statements_reader,
            histories: histories_reader,
        };
        Ok((opened, statements_covered.min(histories_covered)))
    }
}

/// Reads a ledger that has at least entry 0.
pub(crate) fn open(
    store: &Arc<dyn Store>,
    keyring: &Keyring,
    origin: &Origin,
    signers: &mut LogSigners,
) -> Result<Opened, LedgerError> {
    let (size, row) = last_commit(store.as_ref())?;
    let edge = Edge::read(store.as_ref(), size, |index| {
        Ok(Hash::leaf(
            &seal::entry_of(index, &row_of(store.as_ref(), index)?)?.to_bytes(),
        ))
    })?;
    if edge.root().as_bytes() != row.get(..32).unwrap_or_default() {
        return Err(LedgerError::corrupt(size.next_index(), Damage::OtherRoot));
    }
    let registry = read_registry(store.as_ref(), keyring, origin)?;
    let (mut opened, covered) = Opened::begin(registry, edge, store)?;
    let view = &mut opened.work.view;
    for person in state_rows::people(store.as_ref(), keyring)? {
        view.insert_person(person);
    }
    for (id, roles) in state_rows::roles(store.as_ref(), keyring)? {
        view.roles.insert(id, Arc::new(roles));
    }
    let head = Head {
        size,
        root: opened.edge.root(),
    };
    let note = sign(origin, head, &opened.work.view.registry, signers)?;
    let note = Arc::new(note);
    opened.last_head = Some(SignedHead { head, note });
    let from = covered.min(size.minus(REPLAY_RECORDS)).min(size.minus(1));
    let range = from.next_index()..size.next_index();
    replay(&mut opened, store.as_ref(), keyring, range)?;
    opened.work.statements.publish();
    opened.work.histories.publish();
    Ok(opened)
}

/// How many records are read at once while replaying: bounds memory, not work.
const REPLAY_ROWS: usize = 1_024;

fn replay(
    opened: &mut Opened,
    store: &dyn Store,
    keyring: &Keyring,
    range: Range<LeafIndex>,
) -> Result<(), LedgerError> {
    let index_key = keyring.need(&KeyOf::Index)?;
    let mut next = range.start;
    while next < range.end {
        let rows = store.scan(
            Table::Records,
            &next.to_be_bytes()..&range.end.to_be_bytes(),
            REPLAY_ROWS,
        )?;
        if rows.is_empty() {
            return Err(LedgerError::no_such(next));
        }
        for (key, row) in rows {
            if key != next.to_be_bytes() {
                return Err(LedgerError::no_such(next));
            }
            // Whether its entry commits to it is checked whenever it is read to be shown or proved.
            let position = match seal::unseal(next, &row, keyring)? {
                Ok((record, _)) => {
                    for key in statement_keys(&record) {
                        if opened.work.statements.find(&key)?.is_none() {
                            opened.work.statements.stage(key, next);
                        }
                    }
                    fold(opened, next, &record)
                        .map_err(|error| LedgerError::Fold { index: next, error })?;
                    opened.last_time = record.time;
                    record.position
                }
                Err((position, left)) => {
                    for key in left.found_under {
                        if opened.work.statements.find(&key)?.is_none() {
                            opened.work.statements.stage(key, next);
                        }
                    }
                    let entry = seal::entry_of(next, &row)?;
                    pass(opened, next, &position, &entry, left.closed)
                        .map_err(|error| LedgerError::Fold { index: next, error })?;
                    position
                }
            };
            if let Position::Person(place) = &position {
                let key = history_key(&index_key, &place.subject, place.epoch, place.seq);
                opened.work.histories.stage(key, next);
            }
            next = next.next();
        }
    }
    Ok(())
}

/// Brings the folds up to this record; those that have it already stay as they are.
fn fold(opened: &mut Opened, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
    let view = &mut opened.work.view;
    match &record.position {
        Position::Registry(_) => Ok(()),
        Position::Institution(place) => {
            let roles = view.roles.entry(place.institution.clone()).or_default();
            if roles.last.is_some_and(|last| index <= last) {
                return Ok(());
            }
            Arc::make_mut(roles).apply(index, record)
        }
        Position::Person(place) => {
            let known = view.people.get(&place.subject);
            if known.is_some_and(|person| index <= person.last) {
                return Ok(());
            }
            let replayed =
                view.change_person(&place.subject, |person| person.replay(index, record));
            match replayed {
                Some(replayed) => replayed?,
                None if matches!(record.event, Event::SubjectEnrolled(_)) => {
                    view.insert_person(Person::enrol(index, record)?);
                }
                None => {
                    return Err(FoldError::Contradiction(
                        "a record about a person who never enrolled",
                    ));
                }
            }
            opened.dirty.insert(place.subject);
            Ok(())
        }
    }
}

/// Brings the folds over a record whose body is not open. One that had it when it was open is told
/// as well: what it rests on may be this record alone.
fn pass(
    opened: &mut Opened,
    index: LeafIndex,
    position: &Position,
    entry: &Entry,
    closed: Closed,
) -> Result<(), FoldError> {
    let view = &mut opened.work.view;
    match position {
        Position::Registry(_) => Ok(()),
        Position::Institution(place) => {
            let roles = view.roles.entry(place.institution.clone()).or_default();
            let roles = Arc::make_mut(roles);
            opened.work.touched.roles.push(place.institution.clone());
            if roles.last.is_some_and(|last| index <= last) {
                roles.close(index, closed);
                return Ok(());
            }
            roles.pass(index, place, closed)
        }
        Position::Person(place) => {
            opened.dirty.insert(place.subject);
            match view.people.get_mut(&place.subject) {
                Some(person) if index <= person.last => {
                    Arc::make_mut(person).close(index, closed);
                    Ok(())
                }
                Some(person) => Arc::make_mut(person).pass(index, place, &entry.gate, closed),
                None => {
                    view.insert_person(Person::enrol_closed(index, place, closed)?);
                    Ok(())
                }
            }
        }
    }
}

fn read_registry(
    store: &dyn Store,
    keyring: &Keyring,
    origin: &Origin,
) -> Result<Registry, LedgerError> {
    let mut registry: Option<Registry> = None;
    for index in state_rows::registry(store)? {
        let folded = match (
            seal::open(index, &row_of(store, index)?, keyring)?,
            &mut registry,
        ) {
            // Nobody gets here: without it the origin is not known.
            (StoredRecord::Closed(ClosedRecord { index, closed, .. }), None) => {
                return Err(LedgerError::Closed { index, closed });
            }
            (StoredRecord::Closed(next), Some(registry)) => {
                registry.pass(next.position.seq(), next.closed)
            }
            (StoredRecord::Open(first), None) => {
                Registry::open(&first.record).map(|opened| registry = Some(opened))
            }
            (StoredRecord::Open(next), Some(registry)) => registry.replay(index, &next.record),
        };
        folded.map_err(|error| LedgerError::Fold { index, error })?;
    }
    let registry = registry.ok_or(LedgerError::Unbegun)?;
    if registry.origin != *origin {
        return Err(LedgerError::Origin {
            expected: origin.clone(),
            found: registry.origin,
        });
    }
    Ok(registry)
}

/// Compares what was opened with the last head the guard has seen: that head must be in this tree,
/// and what lies behind it must be fit to be signed.
pub(crate) fn check_guard(
    guard: &mut Guard,
    opened: &Opened,
    store: &dyn Store,
    keyring: &Keyring,
) -> Result<(), LedgerError> {
    let (seen, size) = (guard.head(), opened.edge.size());
    if seen.size > size {
        let (found, seen) = (size, seen.size);
        return Err(GuardError::Older { found, seen }.into());
    }
    let root = merkle::root(&opened.edge.reader(store), seen.size)?;
    if root != seen.root {
        return Err(GuardError::Changed { seen: seen.size }.into());
    }
    let from = seen.size.min(size.minus(TILE_WIDTH));
    check_rows(opened, store, keyring, from.next_index()..size.next_index())?;
    let root = opened.edge.root();
    guard.advance(Head { size, root }, keyring.durable_len())
}

/// Opens every row of the range, compares its record, where it is open, with its entry and its
/// entry with the leaf in the tree. Rows behind the guard's head may be of a commit that was not
/// read back, or did not come back as it was meant; those of the last full tile are looked at in
/// any case.
fn check_rows(
    opened: &Opened,
    store: &dyn Store,
    keyring: &Keyring,
    range: Range<LeafIndex>,
) -> Result<(), LedgerError> {
    let leaves = opened.edge.reader(store);
    for index in range.start.upward().take_while(|at| *at < range.end) {
        let stored = seal::open(index, &row_of(store, index)?, keyring)?;
        if leaves.subtree(0, index.value())? != Hash::leaf(&stored.entry().to_bytes()) {
            return Err(LedgerError::corrupt(index, Damage::OtherEntry));
        }
    }
    Ok(())
}

fn last_commit(store: &dyn Store) -> Result<(TreeSize, Vec<u8>), LedgerError> {
    let (key, row) = store.last(Table::Commits)?.ok_or(LedgerError::Unbegun)?;
    let size = key.as_slice().try_into().map(TreeSize::from_be_bytes);
    let size = size.map_err(|_| StoreError::Damaged(RowName::new(Table::Commits, &key)))?;
    Ok((size, row))
}

fn row_of(store: &dyn Store, index: LeafIndex) -> Result<Vec<u8>, LedgerError> {
    let row = store.get(Table::Records, &index.to_be_bytes())?;
    row.ok_or_else(|| LedgerError::no_such(index))
}
