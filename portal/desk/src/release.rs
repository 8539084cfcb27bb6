//! Releases: a holder reports, before the data leaves, that it releases on a piece of evidence.

use akashi_ledger::command::{Release, ReleaseReceipt};
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::ReleaseReason;
use akashi_proof::state::Verified;
use akashi_proof::statement::ReleaseClaims;
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::App;
use crate::reading::Work;
use crate::statement::{NotTaken, first_proof, not_taken, refused};

/// What came of a report.
pub enum Reported {
    /// The data may leave.
    Released {
        /// Log index of the record.
        index: LeafIndex,
        /// Its proof.
        proof: TlogProof,
    },
    /// It may not, for these reasons, which are recorded.
    NotReleasable {
        /// Log index of the record.
        index: LeafIndex,
        /// Why the evidence opens nothing any more.
        reasons: Vec<ReleaseReason>,
    },
}

/// Spends the evidence of one permit.
///
/// # Errors
/// [`NotTaken`] for a bad statement.
pub async fn report(app: &App, statement: Verified<ReleaseClaims>) -> Result<Reported, NotTaken> {
    let by = statement.by().clone();
    let release = app.read(Work::Institutions, |reader| Release::new(reader, statement));
    let done = app.submit(release.await??).await;
    let done = done.map_err(|refusal| not_taken(app, &by, refusal))?;
    match done.receipt {
        ReleaseReceipt::Released { index } => {
            let proof = first_proof(app, &done.appended, index).await?;
            Ok(Reported::Released { index, proof })
        }
        ReleaseReceipt::Spent { index, reasons } => Ok(Reported::NotReleasable { index, reasons }),
        ReleaseReceipt::Refused { index, fault } => Err(refused(app, fault, index)),
    }
}
