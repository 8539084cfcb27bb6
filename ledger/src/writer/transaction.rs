//! What a command sees and may do while the writer runs it: read everything recorded so far,
//! commands of the same commit included, and append records.

use std::ops::Range;
use std::sync::Arc;

use akashi_proof::decision::{Decide, Policies};
use akashi_proof::digest::Secret;
use akashi_proof::entry::Entry;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::gate::gate;
use akashi_proof::ids::{
    Epoch, Generation, InstitutionId, KeyVersion, LeafIndex, LinkCode, Qid, Seq, SubjectHandle,
    Timestamp, TreeSize,
};
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::Event;
use akashi_proof::record::{
    InstitutionPosition, PersonPosition, Position, Record, RegistryPosition,
};
use akashi_proof::state::{FoldError, Person, Registry, Roles};
use akashi_proof::stream;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::merkle;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::signed_note::VerifyingKey;

use crate::error::{LedgerError, Refusal, Stop};
use crate::index::keys::{history_key, statement_keys};
use crate::index::runs::RunsWriter;
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::link_code;
use crate::keys::log_signers::LogSigners;
use crate::keys::owner::Owner;
use crate::keys::seal;
use crate::limits::RETENTION_MILLIS;
use crate::random::{draw, draw_secret};
use crate::store::{Batch, Store, Table};
use crate::stored::{OpenRecord, StoredRecord};
use crate::tree::edge::Edge;
use crate::view::{Touched, View};
use crate::writer::clock_watch::Standstill;

/// Name and version recorded as `engine` where the ledger itself decides.
pub const ENGINE: &str = "akashi-ledger 1";

/// What the writer alone owns and every command works on.
pub(crate) struct Work {
    pub(crate) view: View,
    pub(crate) statements: RunsWriter<32>,
    pub(crate) histories: RunsWriter<24>,
    pub(crate) touched: Touched,
    /// Records of the commit being made, the first at the log's size before it.
    pub(crate) staged: Vec<Staged>,
    /// Changes to the outbox that go with them.
    pub(crate) outbox: Batch,
    pub(crate) size: TreeSize,
}

/// A record of the commit being made, worked out once.
pub(crate) struct Staged {
    pub(crate) stored: OpenRecord,
    pub(crate) hashed: Hashed,
}

/// What was worked out before the queue for the first record of a command.
pub(crate) struct Ahead {
    record_key: Secret,
    draft: Hashed,
}

impl Ahead {
    pub(crate) fn new(draft: &Record) -> Self {
        let record_key = draw_secret();
        Self {
            draft: Hashed::new(draft, &record_key),
            record_key,
        }
    }
}

/// One command's view of the writer.
pub struct Transaction<'a> {
    work: &'a mut Work,
    now: Timestamp,
    beside: Beside<'a>,
    /// Taken by the first record: a record key is never used for two.
    ahead: Option<Ahead>,
    /// Why the writer must start over: it has found itself in the wrong, or a key could not be
    /// kept. Set here and nowhere else, so that nothing a command reads or refuses can stop it.
    broken: Option<Arc<Stop>>,
}

/// What a command reads beside what the writer works on.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) keyring: &'a Keyring,
    pub(super) origin: &'a Origin,
    /// The tree before this commit.
    pub(super) edge: &'a Edge,
    /// What the log signs with.
    pub(super) signers: &'a LogSigners,
    /// Where the ledger stands still and this commit is to let it go on.
    pub(super) standstill: Option<Standstill>,
}

/// How a command ended, before its commit is durable.
pub(super) struct Outcome<R> {
    /// What it learned, or why it was refused.
    pub(super) result: Result<R, Refusal>,
    /// Where among the staged records those are that it appended.
    pub(super) range: Range<usize>,
}

/// A record whose every part that can fail is there: what is left to do cannot.
pub(super) struct Ready {
    record: Record,
    tag: [u8; 32],
    gate: [u8; 32],
    /// Under what it is found that nothing was found under before.
    keys: Vec<[u8; 32]>,
}

impl<'a> Transaction<'a> {
    /// What is open to commands of the commit being made.
    pub(super) const fn new(work: &'a mut Work, now: Timestamp, beside: Beside<'a>) -> Self {
        Self {
            work,
            now,
            beside,
            ahead: None,
            broken: None,
        }
    }

    /// Lets a command decide and append; `ahead` is what was worked out for its first record.
    ///
    /// # Errors
    /// Why the writer must start over.
    pub(super) fn carry_out<R>(
        &mut self,
        ahead: Option<Ahead>,
        command: impl FnOnce(&mut Self) -> Result<R, Refusal>,
    ) -> Result<Outcome<R>, Arc<Stop>> {
        let first = self.work.staged.len();
        self.ahead = ahead;
        let result = command(self);
        let range = first..self.work.staged.len();
        if let Some(why) = self.broken.take() {
            return Err(why);
        }
        match result {
            Err(refusal) if !range.is_empty() => Err(Arc::new(Stop::HalfDone(Box::new(refusal)))),
            result => Ok(Outcome { result, range }),
        }
    }
}

impl Transaction<'_> {
    /// The time every record of this commit gets.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The log's origin.
    pub const fn origin(&self) -> &Origin {
        self.beside.origin
    }

    /// The keyring.
    pub(crate) const fn keyring(&self) -> &Keyring {
        self.beside.keyring
    }

    /// Whether the log can sign with this key: its private half is there.
    ///
    /// # Errors
    /// [`LedgerError`] when that cannot be said.
    pub fn can_sign_with(&self, key: &VerifyingKey) -> Result<bool, LedgerError> {
        Ok(self.beside.signers.find(key)?.is_some())
    }

    /// Whether the log, as it was signed last, begins with this tree.
    ///
    /// # Errors
    /// [`LedgerError`] when a hash cannot be read.
    pub fn begins_with(&self, head: TreeHead) -> Result<bool, LedgerError> {
        let Beside { store, edge, .. } = self.beside;
        if head.size > edge.size() {
            return Ok(false);
        }
        Ok(merkle::root(&edge.reader(store), head.size)? == head.root)
    }

    /// Where the ledger stands still: what this command does lets it go on, and nothing else is
    /// run.
    pub const fn standstill(&self) -> Option<Standstill> {
        self.beside.standstill
    }

    /// The registry.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.work.view.registry)
    }

    /// The policy that is in force now, of those at hand.
    ///
    /// # Errors
    /// [`Refusal::NoPolicy`] where it is not among them: nothing is decided by another.
    pub fn policy(&self, policies: &dyn Policies) -> Result<Arc<dyn Decide>, Refusal> {
        let digest = self.work.view.registry.policy().digest;
        policies.by_digest(&digest).ok_or(Refusal::NoPolicy(digest))
    }

    /// An institution's roles; empty before its first record.
    pub fn roles(&self, institution: &InstitutionId) -> Arc<Roles> {
        self.work
            .view
            .roles
            .get(institution)
            .cloned()
            .unwrap_or_default()
    }

    /// A person.
    pub fn person(&self, subject: &SubjectHandle) -> Option<Arc<Person>> {
        self.work.view.people.get(subject).cloned()
    }

    /// A person that must be there.
    ///
    /// # Errors
    /// [`FaultCode::NoMatch`].
    pub fn need_person(&self, subject: &SubjectHandle) -> Result<Arc<Person>, Fault> {
        self.person(subject)
            .ok_or_else(|| Fault::new(FaultCode::NoMatch, "subject", "an enrolled person", "none"))
    }

    /// Nothing, where all records that something new for this person would rest on are there. What
    /// ends something is never asked this.
    ///
    /// # Errors
    /// [`FaultCode::Conflict`].
    pub fn need_complete(&self, person: &Person) -> Result<(), Fault> {
        if !person.is_incomplete() && !self.registry().is_incomplete() {
            return Ok(());
        }
        Err(Fault::new(
            FaultCode::Conflict,
            "records",
            "records of which none is lost",
            "others",
        ))
    }

    /// The person with this visible ID.
    pub fn person_by_qid(&self, qid: &Qid) -> Option<Arc<Person>> {
        self.person(self.work.view.by_qid.get(&qid.digest())?)
    }

    /// Log index of the record a key of [`crate::index::keys`] leads to.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index could not be read.
    pub fn find(&self, key: &[u8; 32]) -> Result<Option<LeafIndex>, LedgerError> {
        Ok(self.work.statements.find(key)?)
    }

    /// A record, of this commit or before, whatever became of its body.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read; the command that asked is refused, no other.
    pub fn record(&self, index: LeafIndex) -> Result<StoredRecord, LedgerError> {
        if let Some(staged) = index
            .since(self.work.size.next_index())
            .and_then(|at| self.work.staged.get(usize::try_from(at).ok()?))
        {
            return Ok(StoredRecord::Open(Box::new(staged.stored.clone())));
        }
        let row = self
            .beside
            .store
            .get(Table::Records, &index.to_be_bytes())?;
        let row = row.ok_or_else(|| LedgerError::no_such(index))?;
        seal::open(index, &row, self.beside.keyring)
    }

    /// An institution's own code for a person, of its newest generation.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when the institution's sealing key is gone.
    pub fn link_code(
        &self,
        person: &Person,
        institution: &InstitutionId,
    ) -> Result<Option<LinkCode>, LedgerError> {
        link_code::of_person(self.beside.keyring, self.beside.origin, person, institution)
    }

    /// An institution's code for a person, of this key version and generation.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when the institution's sealing key is gone.
    pub fn link_code_of(
        &self,
        subject: SubjectHandle,
        institution: &InstitutionId,
        key_version: KeyVersion,
        generation: Generation,
    ) -> Result<LinkCode, LedgerError> {
        link_code::of_generation(
            self.beside.keyring,
            self.beside.origin,
            subject,
            institution,
            key_version,
            generation,
        )
    }

    /// Number of records, those of this commit included.
    pub const fn size(&self) -> TreeSize {
        self.work.size.plus(self.work.staged.len() as u64)
    }

    /// Appends a record about a person. `engine` names who decided.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when the record does not follow from her stream: nothing is appended
    /// then.
    pub fn append_person(
        &mut self,
        subject: &SubjectHandle,
        engine: &str,
        event: Event,
    ) -> Result<LeafIndex, Refusal> {
        let index = self.size().next_index();
        let known = self.work.view.people.get(subject);
        let (epoch, seq, prev) = known.map_or((Epoch::FIRST, Seq::FIRST, None), |person| {
            (person.epoch, person.seq.next(), Some(person.last))
        });
        let own_gate = if let (Event::AccessPermitted(e), Some(person)) = (&event, known) {
            let link = person.link(&e.holder);
            link.zip(e.gate_number)
                .map(|(link, m)| gate(&link.link_key, m))
        } else {
            None
        };
        let position = Position::Person(PersonPosition {
            subject: *subject,
            epoch,
            seq,
            prev,
        });
        let record = self.draft(position, engine, event);
        self.need_body_key(Owner::Person(*subject))?;
        let tag_key = self.beside.keyring.need(&KeyOf::Tag(*subject, epoch))?;
        let index_key = self.beside.keyring.need(&KeyOf::Index)?;
        let ready = self.prepare(record, stream::tag(&tag_key, seq), own_gate)?;
        let applied = self
            .work
            .view
            .change_person(subject, |person| person.apply(index, &ready.record));
        match applied {
            Some(applied) => applied,
            None => Person::enrol(index, &ready.record)
                .map(|person| self.work.view.insert_person(person)),
        }
        .map_err(|error| self.does_not_follow(error))?;
        self.work.touched.people.push(*subject);
        self.work
            .histories
            .stage(history_key(&index_key, subject, epoch, seq), index);
        Ok(self.stage(ready))
    }

    /// Appends a record to an institution's own stream.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when the record does not follow from the stream: nothing is appended
    /// then.
    pub fn append_institution(
        &mut self,
        id: &InstitutionId,
        engine: &str,
        event: Event,
    ) -> Result<LeafIndex, Refusal> {
        let index = self.size().next_index();
        let roles = self.roles(id);
        let (seq, prev) = (Seq::after(roles.seq), roles.last);
        drop(roles);
        let position = Position::Institution(InstitutionPosition {
            institution: id.clone(),
            seq,
            prev,
        });
        let record = self.draft(position, engine, event);
        self.need_body_key(Owner::Institution(id.clone()))?;
        let key = self.beside.keyring.need(&KeyOf::Stream(id.clone()))?;
        let ready = self.prepare(record, stream::tag(&key, seq), None)?;
        let roles = self.work.view.roles.entry(id.clone()).or_default();
        Arc::make_mut(roles)
            .apply(index, &ready.record)
            .map_err(|error| self.does_not_follow(error))?;
        self.work.touched.roles.push(id.clone());
        Ok(self.stage(ready))
    }

    /// Appends a record to the registry, checking the signed statements in it.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when the record does not follow from the registry: nothing is appended
    /// then.
    pub fn append_registry(&mut self, event: Event) -> Result<LeafIndex, Refusal> {
        let seq = self.work.view.registry.seq.next();
        let record = self.draft(Position::Registry(RegistryPosition { seq }), ENGINE, event);
        let ready = self.prepare(record, stream::tag(&stream::registry_key(), seq), None)?;
        let index = self.size().next_index();
        Arc::make_mut(&mut self.work.view.registry)
            .apply(index, &ready.record)
            .map_err(|error| self.does_not_follow(error))?;
        self.work.touched.registry = true;
        Ok(self.stage(ready))
    }

    /// Changes rows of the outbox in the same commit. Values are sealed before they are stored.
    pub fn change_outbox(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.work.outbox.changes.push((Table::Outbox, key, value));
    }

    fn draft(&self, position: Position, engine: &str, event: Event) -> Record {
        Record {
            origin: self.beside.origin.clone(),
            time: self.now,
            position,
            engine: engine.to_owned(),
            retain_until: self.now.plus_millis(RETENTION_MILLIS),
            event,
        }
    }

    /// The key a record of this owner is sealed with now. Made before the queue (`Command::keys`);
    /// drawn here where the year has changed since, and where nobody could know beforehand whose
    /// record it would be. A keyring that could not be written is no fault of this command's: the
    /// writer starts over, which mends it.
    fn need_body_key(&mut self, owner: Owner) -> Result<(), Refusal> {
        let drawn = self
            .beside
            .keyring
            .draw(&[KeyOf::Body(owner, self.now.year_utc())]);
        drawn.map_err(|error| self.stop(Stop::Keys(error)))
    }

    /// Stops the writer: the only way a command can.
    fn stop(&mut self, why: Stop) -> Refusal {
        let why = Arc::new(why);
        self.broken = Some(Arc::clone(&why));
        Refusal::Poisoned(why)
    }

    /// Everything else of appending that can fail, before anything is changed.
    pub(super) fn prepare(
        &self,
        record: Record,
        tag: [u8; 32],
        own_gate: Option<[u8; 32]>,
    ) -> Result<Ready, LedgerError> {
        let gate = own_gate.unwrap_or_else(|| {
            let mut random = [0; 32];
            draw(&mut random);
            random
        });
        let mut keys = Vec::new();
        for key in statement_keys(&record) {
            if self.work.statements.find(&key)?.is_none() {
                keys.push(key);
            }
        }
        Ok(Ready {
            record,
            tag,
            gate,
            keys,
        })
    }

    /// Puts a record into the commit being made, after its fold has taken it.
    pub(super) fn stage(&mut self, ready: Ready) -> LeafIndex {
        let index = self.size().next_index();
        let Ready {
            record,
            tag,
            gate,
            keys,
        } = ready;
        for key in keys {
            self.work.statements.stage(key, index);
        }
        let (record_key, hashed) = self.work_out(&record);
        let entry = Entry {
            commitment: hashed.commitment(),
            tag,
            gate,
        };
        let stored = OpenRecord {
            index,
            entry,
            record,
            record_key,
        };
        self.work.staged.push(Staged { stored, hashed });
        index
    }

    fn does_not_follow(&mut self, error: FoldError) -> Refusal {
        match error {
            FoldError::Statement(fault) | FoldError::NotShown(fault) => Refusal::Fault(fault),
            FoldError::Contradiction(what) => Refusal::Fault(Fault::new(
                FaultCode::Conflict,
                "body",
                "what can follow from the record so far",
                what,
            )),
            // The writer itself counts: a wrong number is its own fault, not the sender's.
            FoldError::Seq { .. } | FoldError::Epoch { .. } | FoldError::GateNumber { .. } => {
                self.stop(Stop::Miscounted(error))
            }
        }
    }

    fn work_out(&mut self, record: &Record) -> (Secret, Hashed) {
        match self.ahead.take() {
            Some(Ahead { record_key, draft }) => {
                let hashed = Hashed::after_draft(record, &record_key, &draft);
                (record_key, hashed)
            }
            None => {
                let record_key = draw_secret();
                let hashed = Hashed::new(record, &record_key);
                (record_key, hashed)
            }
        }
    }
}
