//! Purposes, and what they are called elsewhere: PurposeOfUse in HL7's [v3-ActReason], and a term
//! of the W3C [Data Privacy Vocabulary].
//!
//! [v3-ActReason]: https://terminology.hl7.org/CodeSystem-v3-ActReason.html
//! [Data Privacy Vocabulary]: https://w3c.github.io/dpv/dpv/

use akashi_proof::ids::PurposeCode;

use crate::codes::Coded;
use crate::text::Text;

/// The HL7 code system a pack's PurposeOfUse codes belong to.
pub const HL7_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/// What the IRI of a DPV term begins with.
pub const DPV_IRI: &str = "https://w3id.org/dpv#";

/// PurposeOfUse in v3-ActReason 3.1.0: the codes a purpose may map to.
pub(crate) const HL7_CODES: &[&str] = &[
    "BTG",
    "CAREMGT",
    "CLINTRL",
    "COC",
    "COVERAGE",
    "DISASTER",
    "DONAT",
    "DSRCH",
    "ERTREAT",
    "ETREAT",
    "FAMRQT",
    "FRAUD",
    "GOV",
    "HACCRED",
    "HCOMPL",
    "HDECD",
    "HDIRECT",
    "HLEGAL",
    "HMARKT",
    "HOPERAT",
    "HOUTCOMS",
    "HPAYMT",
    "HPRGRP",
    "HQUALIMP",
    "HRESCH",
    "HSYSADMIN",
    "MEMADMIN",
    "PATADMIN",
    "PATRQT",
    "PATSFTY",
    "PERFMSR",
    "POARCH",
    "POPHLTH",
    "PUBHLTH",
    "PWATRNY",
    "RECORDMGT",
    "SUPNWK",
    "THREAT",
    "TRAIN",
    "TRANSRCH",
    "TREAT",
];

/// What data may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Its code in statements and records.
    pub code: PurposeCode,
    /// Its name.
    pub name: Text,
    /// Completes "your data is used ...", in plain words.
    pub sentence: Text,
    /// Its PurposeOfUse in [`HL7_SYSTEM`].
    pub hl7: String,
    /// Its term in the Data Privacy Vocabulary.
    pub dpv: String,
    /// What refusing would mean: a code of [`crate::Pack::refusal_meaning`].
    pub refusal_meaning: String,
}

impl Purpose {
    /// The full name of the DPV term.
    pub fn dpv_iri(&self) -> String {
        format!("{DPV_IRI}{}", self.dpv)
    }
}

impl Coded for Purpose {
    fn code(&self) -> &str {
        self.code.as_str()
    }
}
