//! The writer's own fold of her stream, over what the file shows: what it would have refused to
//! record, an operator has recorded past it.

use std::collections::{BTreeMap, HashMap};

use akashi_proof::evidence::CLOCK_TOLERANCE_MILLIS;
use akashi_proof::ids::{ConsentId, LeafIndex};
use akashi_proof::record::kind::{AccessDecided, BasisKind, Event, YesNo};
use akashi_proof::record::{Position, Record};
use akashi_proof::state::{FoldError, Permitted, Person};

use super::problem::Problem;

/// What stands after the records so far.
#[derive(Default)]
pub(super) struct Follow {
    /// Nothing before the first one is known.
    person: Option<Person>,
    /// Permits that may still be released on, by log index.
    permits: BTreeMap<LeafIndex, AccessDecided>,
    /// Which consent each record of one is about.
    consents: HashMap<LeafIndex, ConsentId>,
}

impl Follow {
    /// Takes the next record. Its place is looked at elsewhere, and so are the gates of permits and
    /// what she must show.
    ///
    /// # Errors
    /// [`Problem::Contradiction`]. What comes after it may rest on it, as after [`Self::skip`].
    /// [`Problem::Field`] of a permit, or a release on one, past what had ended.
    pub(super) fn take(&mut self, index: LeafIndex, record: &Record) -> Result<(), Problem> {
        let stands = self.stands(record);
        self.remember(index, record);
        self.fold(index, record).and(stands)
    }

    /// Whether nothing of hers had ended what this record rests on. Where a record before it was
    /// not shown that is not known.
    fn stands(&self, record: &Record) -> Result<(), Problem> {
        let known = self.person.as_ref();
        let Some(person) = known.filter(|person| person.gaps == YesNo::No) else {
            return Ok(());
        };
        let ended = if let Event::AccessPermitted(e) = &record.event {
            let by_her_word = e.basis_kind == BasisKind::Consent;
            let counts_not = by_her_word && person.word_counts_for_nothing(record.time);
            counts_not.then_some(("basis_kind", "her word, which counts for nothing"))
        } else if let Event::AccessReleased(e) = &record.event {
            self.permits.get(&e.access).and_then(|decided| {
                let named = |at: LeafIndex| self.consents.get(&at).copied();
                let permitted = Permitted {
                    index: e.access,
                    decided,
                    consent: decided.consent.and_then(named),
                };
                let mut reasons = person.reasons_against(&permitted, record.time);
                reasons.next().map(|reason| ("access", reason.as_str()))
            })
        } else {
            None
        };
        ended.map_or(Ok(()), |(field, found)| {
            Err(Problem::Field {
                field,
                expected: "what nothing of hers had ended".to_owned(),
                found: found.to_owned(),
            })
        })
    }

    fn remember(&mut self, index: LeafIndex, record: &Record) {
        let lives = |decided: &AccessDecided| {
            decided
                .expires
                .is_some_and(|end| record.time < end.plus_millis(CLOCK_TOLERANCE_MILLIS))
        };
        // Permits live for minutes: those that ended are the oldest.
        while let Some(oldest) = self.permits.first_entry() {
            if lives(oldest.get()) {
                break;
            }
            oldest.remove();
        }
        if let Event::AccessPermitted(decided) = &record.event {
            self.permits.insert(index, decided.clone());
        }
        if let Some(consent) = record.event.consent() {
            self.consents.insert(index, consent);
        }
    }

    fn fold(&mut self, index: LeafIndex, record: &Record) -> Result<(), Problem> {
        let taken = match (&mut self.person, &record.event) {
            (None, Event::SubjectEnrolled(_)) => {
                // What refuses it is its place or what she had shown.
                self.person = Person::enrol(index, record).ok();
                Ok(())
            }
            (None, _) => Ok(()),
            (Some(person), _) => take(person, index, record),
        };
        match taken {
            Ok(()) => Ok(()),
            Err(error) => {
                self.skip();
                match error {
                    FoldError::Contradiction(what) => Err(Problem::Contradiction { what }),
                    FoldError::Seq { .. }
                    | FoldError::Epoch { .. }
                    | FoldError::GateNumber { .. }
                    | FoldError::Statement(_)
                    | FoldError::NotShown(_) => Ok(()),
                }
            }
        }
    }

    /// A record was not shown, or is a lie: later ones may speak of what it said.
    pub(super) fn skip(&mut self) {
        if let Some(person) = &mut self.person {
            person.gaps = YesNo::Yes;
        }
    }
}

fn take(person: &mut Person, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
    if let Position::Person(place) = &record.position {
        person.epoch = place.epoch;
        person.seq = place.seq.minus(1).unwrap_or(place.seq);
        person.last = place.prev.unwrap_or(person.last);
    }
    person.replay_shown(index, record)
}
