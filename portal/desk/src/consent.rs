//! Consents: what may be agreed to and in which words, and how one is given, left with less, or
//! ended - the same whatever face she comes to.

pub mod give;
pub mod narrow;
pub mod offer;
pub mod overlaps;
pub mod past;
pub mod stop;
pub mod withdraw;
pub mod wording;

use akashi_proof::ids::{ConsentId, Timestamp};
use akashi_proof::state::{Consent, Person};

/// Those that stand at `now`, the next to end first.
pub fn standing(person: &Person, now: Timestamp) -> Vec<&Consent> {
    let consents = person.consents.iter();
    let mut live: Vec<&Consent> = consents.filter(|consent| is_live(consent, now)).collect();
    live.sort_by_key(|consent| consent.terms.valid_until);
    live
}

/// A consent of hers that stands at `now`; one that has ended is not there, nor is another's.
pub fn find(person: &Person, id: ConsentId, now: Timestamp) -> Option<&Consent> {
    let found = person.consents.iter().find(|consent| consent.id == id);
    found.filter(|consent| is_live(consent, now))
}

fn is_live(consent: &Consent, now: Timestamp) -> bool {
    now < consent.terms.valid_until
}
