//! When the ledger went on after it had stood still, in the fold of its registry
//! (docs/decisions/0025).

use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::merkle::{Hash, TreeSize};

use super::FoldError;
use crate::ids::{LeafIndex, Seq, Timestamp};
use crate::limits::PAUSE_MILLIS_MAX;
use crate::record::kind::LedgerResumed;

/// The ledger went on, by a record of the supervisors, after it had stood still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumption {
    /// Number of the record in the registry.
    pub seq: Seq,
    /// The log as it stood still, which the supervisors have signed: the record is the next. That
    /// the log begins with this tree is asked of the tree.
    pub head: TreeHead,
    /// Time of the last record before, in whole seconds: as the supervisors have signed it.
    pub last_record_at: Timestamp,
    /// The time from which the ledger went on: that of the record.
    pub resumed_at: Timestamp,
}

/// Whether the ledger can have stood still as the record says, the registry's last record being of
/// the time `before`. A ledger that did not stand still is not resumed: the act would change
/// nothing.
pub(super) fn check(e: &LedgerResumed, before: Timestamp, now: Timestamp) -> Result<(), FoldError> {
    if e.last_record_at < before.whole_second() {
        return Err(FoldError::Contradiction(
            "a record of the registry is younger than what it says is the last record",
        ));
    }
    if now <= e.last_record_at.plus_millis(PAUSE_MILLIS_MAX) {
        return Err(FoldError::Contradiction(
            "the ledger had not stood still for as long as stops it",
        ));
    }
    Ok(())
}

/// What the record of this number says, which stands at this index and has this time.
pub(super) fn resumption(
    e: &LedgerResumed,
    (seq, index, resumed_at): (Seq, LeafIndex, Timestamp),
) -> Result<Resumption, FoldError> {
    let size = TreeSize::up_to(index).minus(1);
    if size.value() != e.size {
        return Err(FoldError::Contradiction(
            "it resumes the log at another size than it has",
        ));
    }
    let root = Hash::from_bytes(*e.log_root.as_bytes());
    Ok(Resumption {
        seq,
        head: TreeHead { size, root },
        last_record_at: e.last_record_at,
        resumed_at,
    })
}
