//! Consents that allow the same. One consent must cover an access alone, so of two that overlap
//! each is enough: ending one of them does not end what the other still allows, and whoever gives
//! or ends one must be told.

use akashi_proof::consent::Terms;
use akashi_proof::ids::{ConsentId, Timestamp};
use akashi_proof::state::{Consent, Person};

/// Consents of hers that stand at `now` and allow some of what these terms do; `except` is the one
/// the terms are of.
pub fn overlapping<'p>(
    person: &'p Person,
    terms: &Terms,
    except: Option<ConsentId>,
    now: Timestamp,
) -> impl Iterator<Item = &'p Consent> {
    person.consents.iter().filter(move |other| {
        now < other.terms.valid_until && Some(other.id) != except && terms.overlaps(&other.terms)
    })
}
