//! Statements that institutions sign: received within the rates of whoever sends and signs them,
//! believed once their signature is checked, refused on the record.
//!
//! Until a statement has passed, its sender pays: the fault of one nobody known has signed is
//! nobody's, and there is no stream to record it in. From then on its signer does.

use akashi_ledger::command::RefuseStatement;
use akashi_ledger::{Appended, LedgerError, Refusal};
use akashi_proof::fault::Fault;
use akashi_proof::ids::{InstitutionId, LeafIndex};
use akashi_proof::jws::Jws;
use akashi_proof::state::{Unread, Verified};
use akashi_proof::statement::Claims;
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::App;
use crate::declined::Declined;
use crate::rate_limit::Wait;
use crate::reading::{Busy, Work};

/// Why a statement came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Whoever sent it, or signed it, asks too much.
    #[error("more is asked than may be")]
    TooMany(Wait),
    /// It is bad, and that stands nowhere: nobody known has signed it, or what is wrong is not in
    /// what was signed.
    #[error("{0}")]
    Bad(Fault),
    /// It is bad, and that is recorded at this log index.
    #[error("{0}")]
    Recorded(Fault, LeafIndex),
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
            Refusal::Fault(fault) => Self::Bad(fault),
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

/// Who sends, as it counts: an address, or the network of one customer.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a>(pub &'a [u8]);

impl Sender<'_> {
    /// Whether it may send anything: what turned out bad is counted against it.
    ///
    /// # Errors
    /// [`Wait`] when too much did.
    pub fn may_send(self, app: &App) -> Result<(), Wait> {
        app.limits.unsigned.check(self.0)
    }

    /// Counts something bad, or something that costs much.
    ///
    /// # Errors
    /// [`Wait`] when there was too much before.
    pub fn count(self, app: &App) -> Result<(), Wait> {
        app.limits.unsigned.take(self.0)
    }
}

/// A statement a registered institution signed. Whether it is a good one is looked at when the rest
/// of the request is known to be.
pub struct Received<C>(Result<Verified<C>, Box<(Verified<Unread>, Fault)>>);

impl<C> Received<C> {
    /// The statement, its issuer being the institution whose key signed it.
    ///
    /// # Errors
    /// [`NotTaken`] of a statement that is refused, which is recorded.
    pub async fn verified(self, app: &App) -> Result<Verified<C>, NotTaken> {
        match self.0 {
            Ok(statement) => Ok(statement),
            Err(bad) => {
                let (statement, fault) = *bad;
                Err(refuse(app, statement, fault).await)
            }
        }
    }
}

/// Receives one statement of an institution.
///
/// # Errors
/// [`NotTaken`]; nothing is recorded.
pub fn receive<C: Claims>(
    app: &App,
    sender: Sender<'_>,
    body: &[u8],
) -> Result<Received<C>, NotTaken> {
    let (received, by) = verify(app, body).inspect_err(|_| {
        // Counted only when it turns out bad: an institution's own rate is another limit.
        let _ = sender.count(app);
    })?;
    let taken = app.limits.statements.take(by.as_str().as_bytes());
    taken.inspect_err(|_| app.throttled.count(&by, app.clock.wall()))?;
    Ok(received)
}

/// The statement, and the institution that signed it.
fn verify<C: Claims>(app: &App, body: &[u8]) -> Result<(Received<C>, InstitutionId), Fault> {
    let registry = app.registry();
    match registry.verify(Jws::parse(body)?) {
        Ok(statement) => {
            let by = statement.by().id().clone();
            Ok((Received(Ok(statement)), by))
        }
        Err(why) => match why.into_parts() {
            (fault, None) => Err(fault),
            (fault, Some(statement)) => {
                let by = statement.by().id().clone();
                Ok((Received(Err(Box::new((statement, fault)))), by))
            }
        },
    }
}

/// Refuses the statement and records the refusal in the stream of the institution that signed it.
pub(crate) async fn refuse(app: &App, statement: Verified<Unread>, fault: Fault) -> NotTaken {
    let command = RefuseStatement {
        statement,
        fault: fault.clone(),
    };
    match app.submit(command).await {
        Ok(done) => refused(app, fault, done.receipt),
        Err(refusal) => refusal.into(),
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
