//! The long records of the registry.

use super::By::{Given, Rules, Signed};
use super::Compared::{Elsewhere, Exactly, Nobody, Within};
use super::{BY_SUPERVISORS, REASON, Row, row};

/// What the supervisors' own statements say.
const fn signed(field: &'static str) -> Row {
    row(field, Exactly(Signed), "the supervisors' statements")
}

pub(super) const OPENED: [Row; 10] = [
    row("format", Exactly(Rules), "the one this version knows"),
    row(
        "log_vkey",
        Exactly(Given),
        "the key that signs the first trees",
    ),
    row(
        "supervisors",
        Within(Given),
        "those the auditor names, and who signs what follows",
    ),
    row(
        "threshold",
        Within(Signed),
        "how many have signed each act; at least two",
    ),
    row("tag_scheme", Exactly(Rules), "the one this version knows"),
    row(
        "map_scheme",
        Exactly(Rules),
        "none: this version knows none",
    ),
    row("time_zone", Nobody, "by which clock people read: said once"),
    row(
        "pack",
        Nobody,
        "the name of the pack; its digest says which it is",
    ),
    row(
        "policy_digest",
        Elsewhere,
        "the digest that decisions name, by whose history it is",
    ),
    row(
        "predecessor",
        Exactly(Rules),
        "none: no log of this version succeeds another",
    ),
];

pub(super) const RESUMED: [Row; 5] = [
    row(
        "size",
        Exactly(Signed),
        "the supervisors' statements, and where the record stands",
    ),
    row(
        "log_root",
        Exactly(Signed),
        "the supervisors' statements, and the tree it names",
    ),
    row(
        "last_record_at",
        Exactly(Signed),
        "the supervisors' statements, and the registry's record before",
    ),
    REASON,
    BY_SUPERVISORS,
];

pub(super) const SUPERVISOR_CHANGED: [Row; 12] = [
    signed("supervisor"),
    signed("name_ja"),
    signed("name_kana"),
    signed("name_en"),
    signed("telephone"),
    signed("email"),
    signed("hours_ja"),
    signed("hours_en"),
    signed("address_ja"),
    signed("address_en"),
    signed("web"),
    BY_SUPERVISORS,
];

pub(super) const SUPERVISOR_REPLACED: [Row; 13] = [
    row("supervisor", Exactly(Signed), "the others' statements"),
    row("vkey", Exactly(Signed), "the others' statements"),
    signed("name_ja"),
    signed("name_kana"),
    signed("name_en"),
    signed("telephone"),
    signed("email"),
    signed("hours_ja"),
    signed("hours_en"),
    signed("address_ja"),
    signed("address_en"),
    signed("web"),
    BY_SUPERVISORS,
];

pub(super) const CERTIFIED: [Row; 15] = [
    signed("institution"),
    signed("name_ja"),
    signed("name_kana"),
    signed("name_en"),
    signed("telephone"),
    signed("email"),
    signed("hours_ja"),
    signed("hours_en"),
    signed("address_ja"),
    signed("address_en"),
    signed("web"),
    signed("sector"),
    row(
        "kid",
        Exactly(Signed),
        "the supervisors' statements, and the key's bytes",
    ),
    signed("public_key"),
    BY_SUPERVISORS,
];

pub(super) const INSTITUTION_CHANGED: [Row; 12] = [
    signed("institution"),
    signed("name_ja"),
    signed("name_kana"),
    signed("name_en"),
    signed("telephone"),
    signed("email"),
    signed("hours_ja"),
    signed("hours_en"),
    signed("address_ja"),
    signed("address_en"),
    signed("web"),
    BY_SUPERVISORS,
];
