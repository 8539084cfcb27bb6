//! Who had to take part when a record was made: who is suspended is permitted nothing, and nothing
//! is released to it or by it.

use akashi_proof::ids::{InstitutionId, Seq, Timestamp};
use akashi_proof::record::kind::PersonEvent;
use akashi_proof::state::Registry;

use super::problem::{Findings, Place, Problem};
use super::rests::Rests;

/// An institution that had to take part: what is left to ask the registry.
pub(super) struct Party {
    seq: Seq,
    /// Which of the two it is.
    field: &'static str,
    id: InstitutionId,
    at: Timestamp,
}

impl Party {
    /// Those of this record: of a release, those of the permit it is on.
    pub(super) fn of(seq: Seq, at: Timestamp, event: &PersonEvent<'_>, rests: &Rests) -> Vec<Self> {
        let (requester, holder) = if let PersonEvent::AccessPermitted(e) = event {
            (&e.requester, &e.holder)
        } else if let PersonEvent::AccessReleased(e) = event
            && let Some(permit) = rests.permit(e.access)
        {
            (&permit.requester, &permit.holder)
        } else {
            return Vec::new();
        };
        let party = |(field, id): (&'static str, &InstitutionId)| Self {
            seq,
            field,
            id: id.clone(),
            at,
        };
        [("requester", requester), ("holder", holder)]
            .map(party)
            .into()
    }
}

/// Asks the registry about each.
pub(super) fn check(parties: &[Party], registry: &Registry, findings: &Findings) {
    for party in parties {
        let known = registry.institution(&party.id);
        if !known.is_some_and(|known| known.took_part(party.at)) {
            let problem = Problem::Field {
                field: party.field,
                expected: "one that took part then".to_owned(),
                found: "one that was suspended, or not certified".to_owned(),
            };
            findings.add(Place::Record(party.seq), problem);
        }
    }
}
