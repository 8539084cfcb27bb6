//! Step 10: what holds whatever whitelist and person say, as rows of the pack (`[[forbid]]` in
//! `rules.toml`).
//!
//! A row is a conjunction: it catches an access if each of its lines does. Rows only forbid; what
//! may be done at all stands in the whitelist (step 4). They see what the statement says and the
//! sectors of the two institutions - neither the person nor the time, so that a refusal here tells
//! nothing about her, and no order, counter or failure: every row answers every access.
//! Which uses were written down as rows before this was chosen: `docs/decisions/0006`.

use akashi_proof::ids::RuleCode;
use akashi_proof::record::kind::BasisKind;

use crate::codes::{Bits, Coded, Place};
use crate::text::Text;

/// A rule of the pack: what is never done, and the words it is refused in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code, as it stands in recorded reasons.
    pub code: RuleCode,
    /// What it says.
    pub sentence: Text,
    pub(crate) condition: Condition,
}

impl Rule {
    /// Whether it forbids the access.
    pub(crate) fn forbids(&self, scene: &Scene) -> bool {
        self.condition.catches(scene)
    }
}

impl Coded for Rule {
    fn code(&self) -> &str {
        self.code.as_str()
    }
}

/// The lines of a row, each as the set it stands for: a line that is not there is the whole table,
/// `{ not = [...] }` is the rest of it. No set is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) requesters: Bits,
    pub(crate) holders: Bits,
    pub(crate) roles: Bits,
    pub(crate) purposes: Bits,
    pub(crate) processes: Bits,
    /// One category of the statement in here is enough.
    pub(crate) categories: Bits,
    /// In the order of [`BasisKind::ALL`].
    pub(crate) bases: Vec<BasisKind>,
    /// Only statements that name a case, or only those that name none.
    pub(crate) case: Option<bool>,
    /// Only statements on behalf of another, or only those on the requester's own.
    pub(crate) on_behalf_of: Option<bool>,
}

impl Condition {
    fn catches(&self, scene: &Scene) -> bool {
        // A sector the pack does not know stands in every list: closed by default. (No row of the
        // whitelist has it either, so that step 4 has refused before.)
        let lists = |sectors: Bits, sector: Option<Place>| {
            sector.is_none_or(|sector| sectors.contains(sector))
        };
        lists(self.requesters, scene.requester)
            && lists(self.holders, scene.holder)
            && self.roles.contains(scene.role)
            && self.purposes.contains(scene.purpose)
            && self.processes.contains(scene.process)
            && self.categories.intersects(scene.categories)
            && self.bases.contains(&scene.basis)
            && self.case.is_none_or(|case| case == scene.case)
            && self
                .on_behalf_of
                .is_none_or(|other| other == scene.on_behalf_of)
    }
}

/// All that a rule can see of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scene {
    /// Absent where the pack does not know the sector.
    pub(crate) requester: Option<Place>,
    /// Absent where the pack does not know the sector.
    pub(crate) holder: Option<Place>,
    pub(crate) role: Place,
    pub(crate) purpose: Place,
    pub(crate) process: Place,
    pub(crate) categories: Bits,
    pub(crate) basis: BasisKind,
    /// Whether the statement names a case.
    pub(crate) case: bool,
    /// Whether the statement names somebody the requester asks for.
    pub(crate) on_behalf_of: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    #[test]
    fn a_sector_the_pack_does_not_know_is_in_every_list() {
        let pack = Pack::town().unwrap();
        let place = |code| pack.sectors.place(code);
        let scene = Scene {
            requester: place("insurer"),
            holder: place("hospital"),
            role: pack.roles.place("claims-assessor").unwrap(),
            purpose: pack.purposes.place("claim-review").unwrap(),
            process: pack.processes.place("insurer.claim-review").unwrap(),
            categories: Bits::one(pack.categories.place("genetic").unwrap()),
            basis: BasisKind::Consent,
            case: false,
            on_behalf_of: false,
        };
        let forbidding = |requester, holder| {
            let scene = Scene {
                requester,
                holder,
                ..scene
            };
            pack.forbidding(scene).count()
        };
        assert_eq!(forbidding(place("insurer"), place("hospital")), 1);
        assert_eq!(forbidding(place("hospital"), place("hospital")), 0);
        assert_eq!(forbidding(place("insurer"), None), 1);
        // The row for insurers and the one for research.
        assert_eq!(forbidding(None, None), 2);
    }
}
