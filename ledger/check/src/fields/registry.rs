//! The long records of the registry.

use super::By::{Given, Rules, Signed};
use super::Compared::{Elsewhere, Exactly, Nobody, Within};
use super::{BY_SUPERVISORS, REASON, Row, row};

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
    row("supervisor", Exactly(Signed), "the supervisors' statements"),
    row("name_ja", Exactly(Signed), "the supervisors' statements"),
    row("name_kana", Exactly(Signed), "the supervisors' statements"),
    row("name_en", Exactly(Signed), "the supervisors' statements"),
    row("telephone", Exactly(Signed), "the supervisors' statements"),
    row("email", Exactly(Signed), "the supervisors' statements"),
    row("hours_ja", Exactly(Signed), "the supervisors' statements"),
    row("hours_en", Exactly(Signed), "the supervisors' statements"),
    row("address_ja", Exactly(Signed), "the supervisors' statements"),
    row("address_en", Exactly(Signed), "the supervisors' statements"),
    row("web", Exactly(Signed), "the supervisors' statements"),
    BY_SUPERVISORS,
];

pub(super) const SUPERVISOR_REPLACED: [Row; 13] = [
    row("supervisor", Exactly(Signed), "the others' statements"),
    row("vkey", Exactly(Signed), "the others' statements"),
    row("name_ja", Exactly(Signed), "the supervisors' statements"),
    row("name_kana", Exactly(Signed), "the supervisors' statements"),
    row("name_en", Exactly(Signed), "the supervisors' statements"),
    row("telephone", Exactly(Signed), "the supervisors' statements"),
    row("email", Exactly(Signed), "the supervisors' statements"),
    row("hours_ja", Exactly(Signed), "the supervisors' statements"),
    row("hours_en", Exactly(Signed), "the supervisors' statements"),
    row("address_ja", Exactly(Signed), "the supervisors' statements"),
    row("address_en", Exactly(Signed), "the supervisors' statements"),
    row("web", Exactly(Signed), "the supervisors' statements"),
    BY_SUPERVISORS,
];

pub(super) const CERTIFIED: [Row; 15] = [
    row(
        "institution",
        Exactly(Signed),
        "the supervisors' statements",
    ),
    row("name_ja", Exactly(Signed), "the supervisors' statements"),
    row("name_kana", Exactly(Signed), "the supervisors' statements"),
    row("name_en", Exactly(Signed), "the supervisors' statements"),
    row("telephone", Exactly(Signed), "the supervisors' statements"),
    row("email", Exactly(Signed), "the supervisors' statements"),
    row("hours_ja", Exactly(Signed), "the supervisors' statements"),
    row("hours_en", Exactly(Signed), "the supervisors' statements"),
    row("address_ja", Exactly(Signed), "the supervisors' statements"),
    row("address_en", Exactly(Signed), "the supervisors' statements"),
    row("web", Exactly(Signed), "the supervisors' statements"),
    row("sector", Exactly(Signed), "the supervisors' statements"),
    row(
        "kid",
        Exactly(Signed),
        "the supervisors' statements, and the key's bytes",
    ),
    row("public_key", Exactly(Signed), "the supervisors' statements"),
    BY_SUPERVISORS,
];

pub(super) const INSTITUTION_CHANGED: [Row; 12] = [
    row(
        "institution",
        Exactly(Signed),
        "the supervisors' statements",
    ),
    row("name_ja", Exactly(Signed), "the supervisors' statements"),
    row("name_kana", Exactly(Signed), "the supervisors' statements"),
    row("name_en", Exactly(Signed), "the supervisors' statements"),
    row("telephone", Exactly(Signed), "the supervisors' statements"),
    row("email", Exactly(Signed), "the supervisors' statements"),
    row("hours_ja", Exactly(Signed), "the supervisors' statements"),
    row("hours_en", Exactly(Signed), "the supervisors' statements"),
    row("address_ja", Exactly(Signed), "the supervisors' statements"),
    row("address_en", Exactly(Signed), "the supervisors' statements"),
    row("web", Exactly(Signed), "the supervisors' statements"),
    BY_SUPERVISORS,
];
