//! What holds for the whole pack.

use crate::codes::Coded;
use crate::process::Tell;
use crate::text::Text;

/// The longest evidence may live (docs/RECORD_FORMAT.md 5: 10 minutes unless the pack says less).
pub const EVIDENCE_SECONDS_MAX: u64 = 600;

/// The most emergencies any pack may let one role-holder declare in an hour: an emergency room that
/// takes one every minute, each looked up by the same person.
pub const EMERGENCIES_PER_HOUR_MOST: u64 = 60;

/// The smallest cell any pack may allow; a pack or process may only raise it.
pub const MINIMUM_CELL_LEAST: u64 = 10;

/// The longest stretch one message sums up: what is older is no news.
pub const DIGEST_DAYS_MAX: u64 = 31;

/// Numbers and rules of `pack.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a permit's evidence opens the holder's data.
    pub evidence_seconds: u64,
    /// How long a person has to answer where the process does not say otherwise.
    pub approval_seconds: u64,
    /// Within which time an emergency must be justified.
    pub justify_hours: u64,
    /// Most emergencies one role-holder may declare in an hour (UTC).
    pub emergencies_per_hour: u64,
    /// Counts over fewer persons are refused.
    pub minimum_cell: u64,
    /// The longest a consent may be given for.
    pub consent_days_max: u64,
    /// How the person hears of a request outside the whitelist (step 4).
    pub out_of_purpose: Tell,
    /// Of how many days uses are summed up in one message that are told by [`Tell::Digest`].
    pub digest_days: u64,
}

/// A code that has no more to it than a text: a sector, a reason of an emergency, what a refusal
/// means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Its code in records.
    pub code: String,
    /// What it means.
    pub name: Text,
}

impl Coded for Meaning {
    fn code(&self) -> &str {
        &self.code
    }
}
