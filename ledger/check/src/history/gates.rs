//! The gates of her links: a holder releases data only on an entry that carries one, so each that
//! is in the log must be in an entry of hers, the one of that permit.

use std::collections::HashMap;

use akashi_proof::gate::{GATE_WINDOW, gate};
use akashi_proof::ids::{GateNumber, LeafIndex, Seq};

use super::file::{Link, Shown};
use super::problem::{Findings, Place, Problem};
use crate::fsck::{CheckedLog, Located, Part};

/// All gates looked for: those of her permits, and beyond the last one found of each link as many
/// as a holder would take.
pub(super) struct Gates {
    /// By value: the link among the file's, and the number. Links with one key between them share
    /// their gates.
    of: HashMap<[u8; 32], (usize, GateNumber)>,
}

impl Gates {
    pub(super) fn sought(log: &CheckedLog<'_>, links: &[Link]) -> Self {
        let mut of = HashMap::new();
        for (at, link) in links.iter().enumerate() {
            let mut until = GateNumber::after(link.gates).plus(GATE_WINDOW - 1);
            for number in GateNumber::FIRST.upward() {
                if number > until {
                    break;
                }
                let gate = gate(&link.key, number);
                if Some(number) > link.gates && log.may_hold(&gate) {
                    until = number.plus(GATE_WINDOW);
                }
                of.entry(gate).or_insert((at, number));
            }
        }
        Self { of }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.of.keys()
    }

    /// Compares the gates found with her records, and her permits with the gates found.
    pub(super) fn check(
        &self,
        shown: &Shown,
        places: &HashMap<Seq, Located>,
        found: &[Located],
        findings: &Findings,
    ) {
        let hers: HashMap<LeafIndex, Seq> =
            places.iter().map(|(seq, one)| (one.index, *seq)).collect();
        let carried: HashMap<LeafIndex, &Located> = found
            .iter()
            .filter(|one| one.part == Part::Gate)
            .map(|one| (one.index, one))
            .collect();
        for (index, one) in &carried {
            let Some(&(at, number)) = self.of.get(&one.value) else {
                continue;
            };
            let Some(link) = shown.links.get(at) else {
                continue;
            };
            let holder = link.institution.to_string();
            match hers.get(index) {
                None => findings.add(
                    Place::Entry(*index),
                    Problem::ForeignGate { number, holder },
                ),
                Some(seq) if !may_carry(shown, *seq, &one.value) => {
                    findings.add(
                        Place::Record(*seq),
                        Problem::OtherGate {
                            index: *index,
                            number,
                            holder,
                        },
                    );
                }
                Some(_) => {}
            }
        }
        for (seq, record) in Seq::FIRST.upward().zip(&shown.records) {
            let permit = record.said.as_ref().and_then(|said| said.gate);
            let permit = permit.and_then(|(at, number)| Some((shown.links.get(at)?, number)));
            let (Some((link, number)), Some(place)) = (permit, places.get(&seq)) else {
                continue;
            };
            if carried
                .get(&place.index)
                .is_none_or(|one| one.value != gate(&link.key, number))
            {
                let (index, holder) = (place.index, link.institution.to_string());
                let problem = if link.may_be_replaced(seq, shown) {
                    Problem::UnknownLink { holder }
                } else {
                    Problem::WrongGate {
                        index,
                        number,
                        holder,
                    }
                };
                findings.add(Place::Record(seq), problem);
            }
        }
    }
}

/// Whether this gate may stand in the entry of this record of hers: it is its own, or the file does
/// not tell - a record that could not be read, or one newer than the file.
fn may_carry(shown: &Shown, seq: Seq, value: &[u8; 32]) -> bool {
    let record = usize::try_from(seq.value() - 1)
        .ok()
        .and_then(|at| shown.records.get(at));
    let Some(said) = record.and_then(|record| record.said.as_ref()) else {
        return true;
    };
    said.gate
        .and_then(|(at, number)| Some((shown.links.get(at)?, number)))
        .is_some_and(|(link, number)| gate(&link.key, number) == *value)
}
