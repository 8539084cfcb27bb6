//! The writer's own fold of her stream, over what the file shows: what it would have refused to
//! record, an operator has recorded past it.

use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{Event, YesNo};
use akashi_proof::record::{Position, Record};
use akashi_proof::state::{FoldError, Person};

use super::problem::Problem;

/// What stands after the records so far; nothing before the first one is known.
#[derive(Default)]
pub(super) struct Follow(Option<Person>);

impl Follow {
    /// Takes the next record. Its place is looked at elsewhere, and so are the gates of permits and
    /// what she must show.
    ///
    /// # Errors
    /// [`Problem::Contradiction`]. What comes after it may rest on it, as after [`Self::skip`].
    pub(super) fn take(&mut self, index: LeafIndex, record: &Record) -> Result<(), Problem> {
        let taken = match (&mut self.0, &record.event) {
            (None, Event::SubjectEnrolled(_)) => {
                // What refuses it is its place or what she had shown.
                self.0 = Person::enrol(index, record).ok();
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
        if let Some(person) = &mut self.0 {
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
