//! Consents through their life.

use crate::consent::Terms;
use crate::digest::Digest;
use crate::ids::{ConsentId, GroupId, Timestamp};
use crate::record::fields::fields;
use crate::record::value::Bytes;
use crate::record::word::{Assurance, Language};
use akashi_tlog::checkpoint::Origin;

fields! {
    /// Fields of `consent.given` (ISO/IEC TS 27560 and DEPA; see `docs/RECORD_FORMAT.md`).
    pub struct ConsentGiven {
        /// This consent through its life.
        consent: ConsentId,
        /// Joins the records made from one screen.
        group: GroupId,
        /// What she agreed to.
        [flat] terms: Terms,
        /// Others who process the data for the recipient.
        providers: Vec<String>,
        /// When the recipient must have erased.
        erase_by: Option<Timestamp>,
        /// Digest of the exact text shown.
        wording_digest: Digest,
        /// The language it was shown in.
        language: Language,
        /// What refusing would have meant: the key of the pack's sentence.
        refusal_meaning: String,
        /// How sure.
        assurance: Assurance,
        /// A signature over the wording, where one was made.
        evidence: Option<Bytes>,
        /// Where uses must be logged: the log's origin.
        log_to: String,
    }

    /// Fields of `consent.narrowed`: what is left standing, whole, so that it can be shown without
    /// what stood before.
    pub struct ConsentNarrowed {
        /// Which consent.
        consent: ConsentId,
        /// What remains: never more than before.
        [flat] terms: Terms,
        /// Digest of the exact text shown.
        wording_digest: Digest,
        /// The language it was shown in.
        language: Language,
        /// How sure.
        assurance: Assurance,
    }

    /// Fields of `consent.all_withdrawn`.
    pub struct ConsentsStopped {
        /// How many stood.
        count: u64,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `consent.withdrawn`.
    pub struct ConsentWithdrawn {
        /// Which consent.
        consent: ConsentId,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }
}

/// What was on the screen when a person agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Digest of the exact text.
    pub wording_digest: Digest,
    /// Its language.
    pub language: Language,
    /// What it said refusing would have meant: the keys of the pack's sentences.
    pub refusal_meaning: String,
}

impl ConsentGiven {
    /// What the person agreed to on one screen: nobody but the recipient processes the data, uses
    /// are logged here, and nothing was signed.
    pub fn on_screen(
        (consent, group): (ConsentId, GroupId),
        terms: Terms,
        shown: Shown,
        assurance: Assurance,
        log_to: &Origin,
    ) -> Self {
        Self {
            consent,
            group,
            terms,
            providers: Vec::new(),
            erase_by: None,
            wording_digest: shown.wording_digest,
            language: shown.language,
            refusal_meaning: shown.refusal_meaning,
            assurance,
            evidence: None,
            log_to: log_to.to_string(),
        }
    }
}
