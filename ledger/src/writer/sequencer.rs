//! The one writer: every change is a command run here, in log order, against one consistent view.
//!
//! One commit, as a numbered story; what a crash at each step leaves behind stands beside it:
//! 1. take what waits, at most 512 commands; give them one time   nothing
//! 2. run each: decide, record, index - in memory                 nothing
//! 3. append the leaves, put rows, tiles, indexes into one batch  nothing
//! 4. commit the batch durably                                    all or nothing, not acknowledged
//! 5. read the rows back, compare each byte with what was meant   as 4
//! 6. write size and root into the guard, durably                 records never acknowledged
//! 7. sign the checkpoint                                         as 6: the same bytes once more
//! 8. publish to readers, then answer                             an answer that is lost: retry it
//!
//! A command that refuses before its first append refuses alone. Whatever else fails from 2 to 7
//! poisons the writer: every command is refused until the whole state has been read again from the
//! store and has passed the checks of opening ([`crate::writer::recover`]). Nothing is ever
//! committed from a state that is half in memory.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::Timestamp;
use akashi_proof::record::Record;
use akashi_proof::record::hashed::Hashed;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::merkle::inclusion;
use akashi_tlog::signed_note::Note;
use akashi_tlog::tlog_proof::TlogProof;
use tokio::sync::oneshot;

use crate::error::{LedgerError, Refusal, Stop};
use crate::guard::{Guard, Head};
use crate::keys::keyring::Keyring;
use crate::keys::log_signers::LogSigners;
use crate::keys::new_keys::NewKeys;
use crate::lanes::Lanes;
use crate::limits::{CLOCK_WINDOW_MILLIS, COMMIT_COMMANDS_MAX, RETRY_AFTER};
use crate::reader::shared::Shared;
use crate::reader::{Reader, tlog_proof};
use crate::store::Store;
use crate::stored::OpenRecord;
use crate::writer::clock_watch::{ClockWatch, Standstill};
use crate::writer::commit;
use crate::writer::head::{SignedHead, sign};
use crate::writer::recover::{self, Opened};
use crate::writer::transaction::{Ahead, Beside, Outcome, Staged, Transaction};

pub use crate::lanes::{Lane, LaneFigures, Payer};

/// One change to the ledger.
pub trait Command: Send + 'static {
    /// What the command learns from the writer; proofs of what it appended come beside it.
    type Receipt: Send + 'static;

    /// Who pays for its place there.
    fn payer(&self) -> Payer;

    /// Which lane it takes. What an institution sends is [`Lane::Urgent`] only where it cannot be
    /// sent in numbers, and [`Lane::Ending`] only where it does end something.
    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        Lane::Regular
    }

    /// Refuses before it waits what is above a bound by what is durable already, so that whoever
    /// asks too much costs the writer nothing. What a record carries is let through: it has an
    /// answer. Its turn decides all the same: more may have been recorded until then. What would
    /// record nothing, whatever its turn finds, is refused here too.
    ///
    /// # Errors
    /// [`Refusal::Above`]; [`Refusal::Fault`] where nothing would be recorded of it.
    fn check_before(&self, _reader: &Reader, _now: Timestamp) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether it lets a ledger go on that stands still for its clock: the one command that is run
    /// then. Its record says who vouches for the clock.
    fn resumes(&self) -> bool {
        false
    }

    /// The first record it will append, as far as that can be guessed before its turn: worked out
    /// before the queue, in parallel, so that the writer hashes only what it alone knows. A wrong
    /// guess costs time, nothing else.
    fn draft(&self, _origin: &Origin, _policy: &Digest) -> Option<Record> {
        None
    }

    /// The keys its records need that may not be there yet, as far as that can be known before its
    /// turn: made before the queue, so that the writer waits for no other file than its own.
    fn keys(&self, _reader: &Reader, _now: Timestamp) -> NewKeys {
        NewKeys::none()
    }

    /// Decides and appends. A refusal must come before the first append.
    ///
    /// # Errors
    /// [`Refusal::Fault`] where the input is bad; [`Refusal::Closed`] and [`Refusal::Unreadable`]
    /// where what it rests on is not there: each is refused by itself, and the writer goes on.
    fn run(self, transaction: &mut Transaction<'_>) -> Result<Self::Receipt, Refusal>;
}

/// A command was carried out, durably.
#[derive(Debug)]
pub struct Done<R> {
    /// What the command learned.
    pub receipt: R,
    /// What it appended, with proofs under the log's signature; empty for a retry.
    pub appended: Vec<Appended>,
}

impl<R> Done<R> {
    /// Whether a command that records something had been carried out before: the receipt says where
    /// its record is, and nothing was appended.
    pub const fn is_repeat(&self) -> bool {
        self.appended.is_empty()
    }
}

/// A record that is durable, with the path of its entry under the checkpoint signed for its commit.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The record.
    pub stored: OpenRecord,
    /// The same, worked out.
    pub hashed: Hashed,
    /// The path of its entry.
    pub path: inclusion::Proof,
    /// The signed checkpoint.
    pub note: Arc<Note>,
}

impl Appended {
    /// The proof of the record under the checkpoint signed for its commit.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when it makes no proof in the right form.
    pub fn proof(&self) -> Result<TlogProof, LedgerError> {
        let (index, entry) = (self.stored.index, self.stored.entry.to_bytes());
        tlog_proof(index, &entry, self.path.clone(), self.note.as_ref().clone())
    }
}

/// A waiting command with the place its answer goes to.
pub(crate) trait Job: Send {
    /// [`Command::resumes`].
    fn resumes(&self) -> bool;
    /// Runs the command, and remembers which of the staged records it appended.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Result<(), Arc<Stop>>;
    /// Answers, once everything is durable.
    fn answer(self: Box<Self>, appended: &mut dyn FnMut(Range<usize>) -> Vec<Appended>);
    /// Answers that nothing was done.
    fn refuse(self: Box<Self>, why: Refusal);
}

/// What the one who asked is told.
type Answer<R> = Result<Done<R>, Refusal>;

pub(crate) struct Waiting<C: Command> {
    command: Option<C>,
    ahead: Option<Ahead>,
    outcome: Option<Outcome<C::Receipt>>,
    reply: oneshot::Sender<Answer<C::Receipt>>,
}

impl<C: Command> Waiting<C> {
    pub(crate) fn new(
        command: C,
        origin: &Origin,
        policy: &Digest,
    ) -> (Self, oneshot::Receiver<Answer<C::Receipt>>) {
        let (reply, answer) = oneshot::channel();
        let ahead = command.draft(origin, policy).as_ref().map(Ahead::new);
        (
            Self {
                command: Some(command),
                ahead,
                outcome: None,
                reply,
            },
            answer,
        )
    }
}

impl<C: Command> Job for Waiting<C> {
    fn resumes(&self) -> bool {
        self.command.as_ref().is_some_and(Command::resumes)
    }

    fn run(&mut self, transaction: &mut Transaction<'_>) -> Result<(), Arc<Stop>> {
        let Some(command) = self.command.take() else {
            return Ok(());
        };
        let outcome =
            transaction.carry_out(self.ahead.take(), |transaction| command.run(transaction))?;
        if let Err(Refusal::Unreadable(why)) = &outcome.result {
            tracing::error!(%why, "a command was refused: what it rests on cannot be read");
        }
        self.outcome = Some(outcome);
        Ok(())
    }

    fn answer(self: Box<Self>, appended: &mut dyn FnMut(Range<usize>) -> Vec<Appended>) {
        if let Some(Outcome { result, range }) = self.outcome {
            // The one who asked may be gone; the record stands all the same.
            let _ = self.reply.send(result.map(|receipt| Done {
                receipt,
                appended: appended(range),
            }));
        }
    }

    fn refuse(self: Box<Self>, why: Refusal) {
        let _ = self.reply.send(Err(why));
    }
}

/// The writer's thread owns this.
pub(crate) struct Sequencer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) signers: LogSigners,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) guard: Guard,
    pub(crate) state: Opened,
    pub(crate) watch: ClockWatch,
    /// A step from 2 to 7 failed: nothing goes on before a full reload has passed.
    pub(crate) poisoned: bool,
}

impl Sequencer {
    /// Runs until the lanes are closed and empty. While it is stopped it looks by itself whether it
    /// can go on: whoever watches `/readyz` may send nothing until it does. While nothing comes it
    /// looks at the clocks.
    pub(crate) fn run(mut self, lanes: &Lanes<Box<dyn Job>>) {
        let _fall = Fall(Arc::clone(&self.shared));
        let mut patience = Some(RETRY_AFTER);
        while let Some(jobs) = lanes.take(COMMIT_COMMANDS_MAX, patience) {
            patience = match self.ready() {
                Ok(now) => {
                    self.round(jobs, now, None);
                    let again = if self.poisoned {
                        RETRY_AFTER
                    } else {
                        Duration::from_millis(CLOCK_WINDOW_MILLIS)
                    };
                    Some(again)
                }
                Err(refusal) => {
                    jobs.into_iter()
                        .for_each(|job| self.while_stopped(job, &refusal));
                    Some(RETRY_AFTER)
                }
            };
        }
    }

    /// The time for the next commit, once the state is whole and the clock is to be trusted.
    fn ready(&mut self) -> Result<Timestamp, Refusal> {
        if self.poisoned {
            self.reload().map_err(|error| {
                let why = Arc::new(Stop::Reload(error));
                tracing::error!(%why, "the writer stays stopped");
                self.shared.set_stopped(Some(Arc::clone(&why)));
                Refusal::Poisoned(why)
            })?;
            self.poisoned = false;
            // What was not acknowledged may be in the log all the same, a resumption too.
            self.watch.recorded(self.state.last_time);
            tracing::info!(
                size = self.state.work.size.value(),
                "the writer has read its state again and goes on"
            );
        }
        // A clock that was set is no damage: nothing is recorded until it is right again, nothing
        // is read anew.
        let before = self.watch.stopped();
        let now = self.watch.now(self.clock.as_ref());
        self.shared.set_clocks(self.watch.believed());
        let now = now.map_err(|why| {
            if before.is_none() {
                tracing::error!(%why, "the clock is not believed: nothing is recorded");
            }
            self.shared.set_stopped(Some(Arc::new(Stop::Clock(why))));
            Refusal::Clock(why)
        })?;
        if before.is_some() {
            tracing::info!("the clock is believed again: the writer goes on");
        }
        self.shared.set_stopped(None);
        Ok(now)
    }

    /// What is asked of a stopped writer is refused, but for what lets a ledger go on that stands
    /// still: it is a commit of its own, of the time its signers vouch for.
    fn while_stopped(&mut self, job: Box<dyn Job>, refusal: &Refusal) {
        let standstill = self.watch.standstill().filter(|_| !self.poisoned);
        let Some(standstill) = standstill.filter(|_| job.resumes()) else {
            job.refuse(refusal.clone());
            return;
        };
        self.round(vec![job], standstill.wall, Some(standstill));
    }

    /// One commit: the numbered story at the head of this file. On an error every command is
    /// refused and the writer is poisoned.
    fn round(
        &mut self,
        mut jobs: Vec<Box<dyn Job>>,
        now: Timestamp,
        standstill: Option<Standstill>,
    ) {
        match self.commit_all(&mut jobs, now, standstill) {
            Ok(None) => jobs
                .into_iter()
                .for_each(|job| job.answer(&mut |_| Vec::new())),
            Ok(Some(mut committed)) => {
                jobs.into_iter()
                    .for_each(|job| job.answer(&mut |range| committed.take(range)));
            }
            Err(why) => {
                tracing::error!(%why, "the writer has stopped and will read its state again");
                self.poisoned = true;
                self.shared.set_stopped(Some(Arc::clone(&why)));
                jobs.into_iter()
                    .for_each(|job| job.refuse(Refusal::Poisoned(Arc::clone(&why))));
            }
        }
    }

    fn commit_all(
        &mut self,
        jobs: &mut [Box<dyn Job>],
        now: Timestamp,
        standstill: Option<Standstill>,
    ) -> Result<Option<Committed>, Arc<Stop>> {
        self.run_commands(jobs, now, standstill)?;
        let work = &mut self.state.work;
        if work.staged.is_empty() && work.outbox.is_empty() {
            return Ok(None);
        }
        let committed = commit::make_durable(
            &mut self.state,
            self.store.as_ref(),
            &self.keyring,
            &mut self.guard,
        )
        .and_then(|head| head.map(|head| self.sign_head(head)).transpose());
        let committed = committed.map_err(|error| Arc::new(Stop::Commit(error)))?;
        if committed.is_some() {
            self.watch.recorded(now);
            if standstill.is_some() {
                self.goes_on();
            }
        }
        self.publish(committed.as_ref().map(|committed| committed.head.clone()));
        Ok(committed)
    }

    /// It is durable that the clock is vouched for. Whoever is answered may ask at once for more.
    fn goes_on(&mut self) {
        self.watch.vouched(self.clock.as_ref());
        self.shared.set_clocks(self.watch.believed());
        if self.watch.stopped().is_none() {
            self.shared.set_stopped(None);
            tracing::warn!("the supervisors vouch for the clock: the writer goes on");
        }
    }

    /// Step 2.
    fn run_commands(
        &mut self,
        jobs: &mut [Box<dyn Job>],
        now: Timestamp,
        standstill: Option<Standstill>,
    ) -> Result<(), Arc<Stop>> {
        let origin: &Origin = &self.shared.origin;
        let beside = Beside {
            store: self.store.as_ref(),
            keyring: &self.keyring,
            origin,
            edge: &self.state.edge,
            signers: &self.signers,
            standstill,
        };
        let mut transaction = Transaction::new(&mut self.state.work, now, beside);
        jobs.iter_mut()
            .try_for_each(|job| job.run(&mut transaction))
    }

    /// Step 7.
    fn sign_head(&mut self, head: Head) -> Result<Committed, LedgerError> {
        let registry = &self.state.work.view.registry;
        let note = sign(&self.shared.origin, head, registry, &mut self.signers)?;
        let head = SignedHead {
            head,
            note: Arc::new(note),
        };
        let reader = self.state.edge.reader(self.store.as_ref());
        let prove = |Staged { stored, hashed }| {
            let path = inclusion::prove(&reader, stored.index, head.head.size)
                .map_err(|error| LedgerError::unproven(stored.index, error))?;
            Ok::<_, LedgerError>(Some(Appended {
                stored,
                hashed,
                path,
                note: Arc::clone(&head.note),
            }))
        };
        let staged = std::mem::take(&mut self.state.work.staged);
        let records = staged.into_iter().map(prove).collect::<Result<_, _>>()?;
        self.state.last_head = Some(head.clone());
        self.state.work.size = head.head.size;
        Ok(Committed { head, records })
    }

    /// Step 8, the part for readers.
    fn publish(&mut self, head: Option<SignedHead>) {
        let work = &mut self.state.work;
        work.statements.publish();
        work.histories.publish();
        self.shared.publish(&mut work.touched, &work.view, head);
    }

    fn reload(&mut self) -> Result<(), LedgerError> {
        self.keyring.mend()?;
        self.store.reopen()?;
        let opened = recover::open(
            &self.store,
            &self.keyring,
            &self.shared.origin,
            &mut self.signers,
        )?;
        recover::check_guard(&mut self.guard, &opened, self.store.as_ref(), &self.keyring)?;
        self.shared.replace(&opened);
        self.state = opened;
        Ok(())
    }
}

/// If the writer's thread falls over, readers are told.
struct Fall(Arc<Shared>);

impl Drop for Fall {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set_stopped(Some(Arc::new(Stop::Fallen)));
        }
    }
}

/// A commit that is durable and signed.
struct Committed {
    head: SignedHead,
    /// Each is taken by the one command it belongs to.
    records: Vec<Option<Appended>>,
}

impl Committed {
    fn take(&mut self, range: Range<usize>) -> Vec<Appended> {
        self.records
            .get_mut(range)
            .unwrap_or_default()
            .iter_mut()
            .filter_map(Option::take)
            .collect()
    }
}
