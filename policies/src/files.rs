//! What a pack consists of: names and lengths of its files.

/// The files of a pack: all of them, and no others.
pub const FILES: [&str; 6] = [
    PACK_FILE,
    PURPOSES_FILE,
    ROLES_FILE,
    PROCESSES_FILE,
    CATEGORIES_FILE,
    RULES_FILE,
];

pub(crate) const PACK_FILE: &str = "pack.toml";
pub(crate) const PURPOSES_FILE: &str = "purposes.toml";
pub(crate) const ROLES_FILE: &str = "roles.toml";
pub(crate) const PROCESSES_FILE: &str = "processes.toml";
pub(crate) const CATEGORIES_FILE: &str = "categories.toml";
pub(crate) const RULES_FILE: &str = "rules.toml";

/// Longest file of a pack: fifty times the town's longest, and more than anyone will review.
pub(crate) const FILE_LEN_MAX: usize = 1 << 20;
