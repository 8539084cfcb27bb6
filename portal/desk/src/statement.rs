//! Statements that institutions sign: received within the rates of whoever sends and signs them,
//! believed once their signature is checked, refused on the record.
//!
//! Until a statement has passed the [`gate`], its sender pays, not its signer: signed bytes are
//! public things. From then on its signer does, and what its sender owes is nothing to it.

pub(crate) mod gate;

use akashi_ledger::command::RefuseStatement;
use akashi_ledger::error::Above;
use akashi_ledger::{Appended, LedgerError, Refusal};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::CountedFor;
use akashi_proof::state::{SignedBy, Unread, Verified};
use akashi_proof::statement::Claims;
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::App;
use crate::declined::Declined;
use crate::rate_limit::Wait;
use crate::reading::{Busy, Work};
use crate::statement::gate::Meant;

/// Why a statement came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Whoever sent it, or signed it, asks too much.
    #[error("more is asked than may be")]
    TooMany(Wait),
    /// It is bad, and that stands nowhere: nobody known has signed it, what is wrong is not in what
    /// was signed, or whoever sent it is at fault.
    #[error("{0}")]
    Bad(Fault),
    /// It is bad, and that is recorded at this log index.
    #[error("{0}")]
    Recorded(Fault, LeafIndex),
    /// These bytes are known, and whoever sends them is neither who sent them first nor shows a
    /// token of their signer: the answer is another's.
    #[error("these bytes were sent before")]
    Known,
    /// Something else.
    #[error(transparent)]
    Declined(#[from] Declined),
}

impl From<Wait> for NotTaken {
    fn from(wait: Wait) -> Self {
        Self::TooMany(wait)
    }
}

impl From<Fault> for NotTaken {
    fn from(fault: Fault) -> Self {
        Self::Bad(fault)
    }
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) | Refusal::Above(Above::Refusals(fault)) => Self::Bad(fault),
            other => Self::Declined(other.into()),
        }
    }
}

impl From<Busy> for NotTaken {
    fn from(busy: Busy) -> Self {
        Self::Declined(busy.into())
    }
}

impl From<LedgerError> for NotTaken {
    fn from(error: LedgerError) -> Self {
        Self::Declined(error.into())
    }
}

/// Who sends, as it counts.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// An address, or the network of one customer.
    pub address: &'a [u8],
    /// Whose token is shown that is good for exactly this request, if one is. Asked only where the
    /// answer rests on it, for a token is good once.
    pub token_of: &'a (dyn Fn() -> Result<Option<SignedBy>, Wait> + Sync),
}

impl Sender<'_> {
    /// Counts something that is nobody's.
    ///
    /// # Errors
    /// [`Wait`] when there was too much before.
    pub fn count(self, app: &App) -> Result<(), Wait> {
        app.limits.unsigned.take(self.address)
    }

    /// Counts what is wrong and no signer's fault.
    pub fn at_fault(self, app: &App, fault: Fault) -> NotTaken {
        match self.count(app) {
            Ok(()) => NotTaken::Bad(fault),
            Err(wait) => NotTaken::TooMany(wait),
        }
    }

    /// Counts known bytes of whoever may not have their answer.
    fn repeats(self, app: &App) -> NotTaken {
        app.figures.count_known();
        match self.count(app) {
            Ok(()) => NotTaken::Known,
            Err(wait) => NotTaken::TooMany(wait),
        }
    }
}

/// A statement that passed the gate. Whether what it says is good is looked at when the rest of the
/// request is known to be.
pub struct Received<C>(Meant<C>);

impl<C> Received<C> {
    /// The statement, its issuer being the institution whose key signed it.
    ///
    /// # Errors
    /// [`NotTaken`] of a statement that is refused, which is recorded.
    pub async fn verified(self, app: &App) -> Result<Verified<C>, NotTaken> {
        match self.0.read {
            Ok(statement) => Ok(statement),
            Err((statement, fault)) => Err(refuse(app, *statement, fault).await),
        }
    }
}

/// Receives one statement of an institution. One that is known already is passed on where whoever
/// sends it may have its answer: the writer records nothing for it.
///
/// # Errors
/// [`NotTaken`]; nothing is recorded but what comes late.
pub async fn receive<C: Claims + Clone + Sync>(
    app: &App,
    sender: Sender<'_>,
    body: &[u8],
) -> Result<Received<C>, NotTaken> {
    gate::pass(app, sender, body).await.map(Received)
}

/// Counts a statement into the stream of the institution that signed it, without looking at it.
pub(crate) fn count(app: &App, by: &SignedBy, counted_for: CountedFor) {
    // A supervisor has no stream.
    if let Some(institution) = by.institution() {
        app.figures.count_counted(counted_for);
        app.throttled
            .count(institution, counted_for, app.clock.wall());
    }
}

/// What a refusal of the writer is to whoever sent a statement signed by these. One whose signer
/// was suspended while it waited is counted as those after it are.
pub(crate) fn not_taken(app: &App, by: &SignedBy, refusal: Refusal) -> NotTaken {
    match &refusal {
        Refusal::Above(Above::AboutOnePerson { until, .. }) => {
            count(app, by, CountedFor::AboutOnePerson);
            return Wait::until(*until, app.clock.wall()).into();
        }
        Refusal::Fault(fault) if fault.code == FaultCode::Suspended => {
            count(app, by, CountedFor::Suspended);
        }
        Refusal::Above(Above::Refusals(_)) => count(app, by, CountedFor::Refused),
        _ => {}
    }
    refusal.into()
}

/// Refuses the statement and records the refusal in the stream of the institution that signed it.
pub(crate) async fn refuse(app: &App, statement: Verified<Unread>, fault: Fault) -> NotTaken {
    let by = statement.by().clone();
    let command = RefuseStatement {
        statement,
        fault: fault.clone(),
    };
    match app.submit(command).await {
        Ok(done) => refused(app, fault, done.receipt),
        Err(refusal) => {
            // A late one above the bound of its key, or a supervisor's, who has no stream.
            if let Refusal::Fault(_) = refusal {
                app.figures.count_unrecorded();
            }
            not_taken(app, &by, refusal)
        }
    }
}

/// A refusal that stands in the log.
pub(crate) fn refused(app: &App, fault: Fault, index: LeafIndex) -> NotTaken {
    app.figures.count_refusal();
    NotTaken::Recorded(fault, index)
}

/// The proof of what was just appended, or, of a retry, the same bytes made again.
///
/// # Errors
/// [`NotTaken`] when something cannot be read.
pub(crate) async fn first_proof(
    app: &App,
    appended: &[Appended],
    index: LeafIndex,
) -> Result<TlogProof, NotTaken> {
    if let Some(appended) = appended.iter().find(|a| a.stored.index == index) {
        return Ok(appended.proof()?);
    }
    let again = app.read(Work::Institutions, move |reader| {
        let stored = reader
            .record(index)?
            .ok_or_else(|| LedgerError::no_such(index))?;
        reader.first_proof(index, stored.entry())
    });
    Ok(again.await??)
}
