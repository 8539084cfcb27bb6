//! The files of a pack as they are written. Unknown keys are refused: a misspelt key must not be a
//! rule that is not there. What the values mean is checked in `check.rs`.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackFile {
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) title: Text,
    pub(crate) evidence: Evidence,
    pub(crate) approval: Approval,
    pub(crate) emergency: Emergency,
    pub(crate) statistics: Statistics,
    pub(crate) consent: Consent,
    pub(crate) notify: PackNotify,
    pub(crate) sector: Vec<Meaning>,
    pub(crate) emergency_reason: Vec<Meaning>,
    pub(crate) refusal_meaning: Vec<Meaning>,
    pub(crate) access_mode: Vec<Meaning>,
    pub(crate) frequency: Vec<Meaning>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) ja: String,
    pub(crate) en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evidence {
    pub(crate) lifetime_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approval {
    pub(crate) window_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Emergency {
    pub(crate) justify_hours: u64,
    pub(crate) emergencies_per_hour: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statistics {
    pub(crate) minimum_cell: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consent {
    pub(crate) days_max: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackNotify {
    pub(crate) out_of_purpose: String,
    pub(crate) digest_days: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meaning {
    pub(crate) code: String,
    pub(crate) name: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PurposesFile {
    pub(crate) purpose: Vec<Purpose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Purpose {
    pub(crate) code: String,
    pub(crate) name: Text,
    pub(crate) sentence: Text,
    pub(crate) hl7: String,
    pub(crate) dpv: String,
    pub(crate) refusal_meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolesFile {
    pub(crate) role: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) code: String,
    pub(crate) name: Text,
    pub(crate) sectors: Vec<String>,
    pub(crate) may_declare_emergency: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CategoriesFile {
    pub(crate) category: Vec<Category>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    pub(crate) code: String,
    pub(crate) name: Text,
    pub(crate) description: Text,
    pub(crate) sensitivity: String,
    pub(crate) least_assurance: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProcessesFile {
    pub(crate) process: Vec<Process>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Process {
    pub(crate) id: String,
    pub(crate) name: Text,
    pub(crate) what: Text,
    pub(crate) machine: bool,
    pub(crate) flow: Vec<FlowStep>,
    pub(crate) notify: Notify,
    pub(crate) ask: Option<Ask>,
    pub(crate) statute: Option<Text>,
    #[serde(default)]
    pub(crate) emergency_reasons: Vec<String>,
    pub(crate) minimum_cell: Option<u64>,
    pub(crate) erase_after_days: Option<u64>,
    pub(crate) allow: Vec<Allow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowStep {
    pub(crate) who: String,
    pub(crate) ja: String,
    pub(crate) en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notify {
    pub(crate) permit: String,
    pub(crate) deny: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    pub(crate) low_risk: bool,
    pub(crate) window_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allow {
    pub(crate) requesters: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) purposes: Vec<String>,
    pub(crate) holders: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) bases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesFile {
    pub(crate) forbid: Vec<Forbid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forbid {
    pub(crate) code: String,
    pub(crate) sentence: Text,
    pub(crate) requesters: Option<Select>,
    pub(crate) roles: Option<Select>,
    pub(crate) purposes: Option<Select>,
    pub(crate) processes: Option<Select>,
    pub(crate) holders: Option<Select>,
    pub(crate) categories: Option<Select>,
    pub(crate) bases: Option<Select>,
    pub(crate) case: Option<bool>,
    pub(crate) on_behalf_of: Option<bool>,
}

/// `["a", "b"]`: one of these; `{ not = ["a", "b"] }`: any other. Read by hand, because a serde
/// `untagged` enum would say neither line nor key of what is wrong in it.
pub(crate) enum Select {
    Of(Vec<String>),
    Not(Vec<String>),
}

impl<'de> Deserialize<'de> for Select {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SelectVisitor)
    }
}

struct SelectVisitor;

impl<'de> Visitor<'de> for SelectVisitor {
    type Value = Select;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of codes or `{ not = [...] }`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, codes: A) -> Result<Select, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(codes)).map(Select::Of)
    }

    fn visit_map<A: MapAccess<'de>>(self, keys: A) -> Result<Select, A::Error> {
        Not::deserialize(MapAccessDeserializer::new(keys)).map(|others| Select::Not(others.not))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Not {
    not: Vec<String>,
}
