//! Gates of a link in the log, for a holder that has to move on over permits it was never shown.
//!
//! It is told no more than its link key and the public entries tell it already: how many permits
//! were given at itself. What it costs is bounded by [`GATES_AT_ONCE_MAX`]: for each gate two
//! lookups and one path.

use akashi_proof::gate::{CatchUp, GATE_STEP, GATE_WINDOW, GateInLog};
use akashi_proof::ids::{GateNumber, InstitutionId, LeafIndex, LinkCode, TreeSize};
use akashi_proof::limits::GATES_AT_ONCE_MAX;
use akashi_tlog::merkle::{consistency, inclusion};

use super::Reader;
use crate::error::LedgerError;
use crate::index::keys::gate_key;
use crate::keys::{link_code, seal};
use crate::store::Table;
use crate::writer::head::SignedHead;

/// Why there are no gates to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoGates {
    /// It is no code of this institution, or one that has ended or that a newer has replaced.
    NotItsLink,
    /// The holder has seen a larger log than this one is.
    Ahead {
        /// The size of this one.
        size: TreeSize,
    },
}

impl Reader {
    /// Gates of an institution's own link above the highest number it has seen, under the newest
    /// head, which is shown to extend that of size `from`: none more than [`GATE_WINDOW`] above the
    /// one before, and at most [`GATES_AT_ONCE_MAX`]. Fewer where no more are needed.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn gates(
        &self,
        institution: &InstitutionId,
        code: &LinkCode,
        above: Option<GateNumber>,
        from: TreeSize,
    ) -> Result<Result<CatchUp, NoGates>, LedgerError> {
        let opened = link_code::read(&self.keyring, self.origin(), institution, code);
        let person = opened.and_then(|opened| self.person(&opened.subject));
        let link = person.as_ref().and_then(|person| person.link(institution));
        let current = opened.zip(link).filter(|(opened, link)| {
            (opened.generation, opened.key_version) == (link.generation, link.key_version)
                && link.stands()
        });
        let Some((_, link)) = current else {
            return Ok(Err(NoGates::NotItsLink));
        };
        let head = self.head();
        let size = head.head.size;
        if from > size {
            return Ok(Err(NoGates::Ahead { size }));
        }
        let mut gates: Vec<GateInLog> = Vec::new();
        while gates.len() < GATES_AT_ONCE_MAX {
            let highest = gates.last().map_or(above, |last| Some(last.number));
            match self.next_step(code, highest, link.gates, &head)? {
                Some(gate) => gates.push(gate),
                None => break,
            }
        }
        Ok(Ok(CatchUp {
            from,
            consistency: consistency::prove(self, from, size).map_err(|error| match error {
                consistency::ProveError::Read(error) => error,
                consistency::ProveError::Shrunk { .. } => LedgerError::no_such(size.next_index()),
            })?,
            gates,
            checkpoint: head.note.as_ref().clone(),
        }))
    }

    /// The furthest gate within the window above `highest` that can be found; `None` where there is
    /// none, or none is needed.
    fn next_step(
        &self,
        code: &LinkCode,
        highest: Option<GateNumber>,
        last: Option<GateNumber>,
        head: &SignedHead,
    ) -> Result<Option<GateInLog>, LedgerError> {
        let highest = highest.map_or(0, GateNumber::value);
        let last = last.map_or(0, GateNumber::value);
        let furthest = highest.saturating_add(GATE_WINDOW).min(last) / GATE_STEP * GATE_STEP;
        let nearer = furthest.saturating_sub(GATE_STEP);
        for number in [furthest, nearer] {
            let Some(number) = GateNumber::new(number).filter(|m| m.value() > highest) else {
                return Ok(None);
            };
            let found = self.indexes().0.find(&gate_key(code, number))?;
            if let Some(index) = found.filter(|index| head.head.size.contains(*index)) {
                return self.gate_in_log(number, index, head).map(Some);
            }
        }
        Ok(None)
    }

    fn gate_in_log(
        &self,
        number: GateNumber,
        index: LeafIndex,
        head: &SignedHead,
    ) -> Result<GateInLog, LedgerError> {
        let row = self
            .store
            .get(Table::Records, &index.to_be_bytes())?
            .ok_or_else(|| LedgerError::no_such(index))?;
        let entry = seal::entry_of(index, &row)?.to_bytes();
        let path = inclusion::prove(self, index, head.head.size)
            .map_err(|error| LedgerError::unproven(index, error))?;
        Ok(GateInLog {
            number,
            entry,
            path,
        })
    }
}
