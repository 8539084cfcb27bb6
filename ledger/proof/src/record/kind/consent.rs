//! Consents through their life.

use crate::digest::Digest;
use crate::ids::{
    CategoryCode, ConsentId, GroupId, InstitutionId, ProcessId, PurposeCode, Timestamp,
};
use crate::record::fields::fields;
use crate::record::value::{Bytes, Set};
use crate::record::word::{Assurance, Language};

fields! {
    /// Fields of `consent.given` (ISO/IEC TS 27560 and DEPA; see `docs/RECORD_FORMAT.md`).
    pub struct ConsentGiven {
        /// This consent through its life.
        consent: ConsentId,
        /// Joins the records made from one screen.
        group: GroupId,
        /// To whom.
        recipient: InstitutionId,
        /// Who holds the data.
        holder: InstitutionId,
        /// What data.
        categories: Set<CategoryCode>,
        /// What for.
        purposes: Set<PurposeCode>,
        /// In which business processes only; absent means all the pack allows.
        processes: Option<Set<ProcessId>>,
        /// Others who process the data for the recipient.
        providers: Vec<String>,
        /// VIEW, STORE, QUERY or STREAM, in the pack's spelling.
        access_mode: String,
        /// Only data from this time on.
        period_from: Option<Timestamp>,
        /// Only data before this time.
        period_until: Option<Timestamp>,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it no longer holds.
        valid_until: Timestamp,
        /// How often, in the pack's spelling.
        frequency: Option<String>,
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
        /// To whom, as before.
        recipient: InstitutionId,
        /// Who holds the data, as before.
        holder: InstitutionId,
        /// The categories that remain.
        categories: Set<CategoryCode>,
        /// The purposes that remain.
        purposes: Set<PurposeCode>,
        /// In which business processes only, as before.
        processes: Option<Set<ProcessId>>,
        /// First instant of validity, as before.
        valid_from: Timestamp,
        /// The end, not later than before.
        valid_until: Timestamp,
        /// Digest of the exact text shown.
        wording_digest: Digest,
        /// The language it was shown in.
        language: Language,
        /// How sure.
        assurance: Assurance,
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
