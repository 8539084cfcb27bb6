//! A policy pack, checked: the look-ups everybody needs who shows, asks or tells something about an
//! access.

use std::collections::BTreeMap;

use akashi_proof::consent::{AccessMode, Frequency};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{CategoryCode, ProcessId, PurposeCode, RoleCode, RuleCode};
use akashi_proof::record::kind::{Assurance, BasisKind, Outcome, Step};
use akashi_proof::record::value::Set;

use crate::category::Category;
use crate::check;
use crate::codes::{Bits, Codes, Place};
use crate::digest::pack_digest;
use crate::error::PackError;
use crate::files::{
    CATEGORIES_FILE, FILE_LEN_MAX, FILES, PACK_FILE, PROCESSES_FILE, PURPOSES_FILE, ROLES_FILE,
    RULES_FILE,
};
use crate::forbid::{Rule, Scene};
use crate::process::{Process, Tell};
use crate::purpose::Purpose;
use crate::role::Role;
use crate::settings::{Meaning, Settings};
use crate::source;
use crate::text::Text;

/// The frequencies a pack puts into words; others are numbers.
const FREQUENCIES: [&str; 2] = ["as-needed", "once"];

/// A policy pack. It is checked when it is made and never changes.
#[derive(Debug)]
pub struct Pack {
    pub(crate) digest: Digest,
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) title: Text,
    pub(crate) settings: Settings,
    pub(crate) sectors: Codes<Meaning>,
    pub(crate) emergency_reasons: Codes<Meaning>,
    pub(crate) refusal_meanings: Codes<Meaning>,
    pub(crate) access_modes: Codes<Meaning>,
    pub(crate) frequencies: Codes<Meaning>,
    pub(crate) categories: Codes<Category>,
    pub(crate) purposes: Codes<Purpose>,
    pub(crate) roles: Codes<Role>,
    pub(crate) processes: Codes<Process>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) files: BTreeMap<String, String>,
}

/// One row of a process's whitelist, spelt out for people.
#[derive(Clone, Debug)]
pub struct WhitelistRow<'p> {
    /// Sectors that may ask.
    pub requesters: Vec<&'p Meaning>,
    /// In which roles. A role counts only in its own sectors.
    pub roles: Vec<&'p Role>,
    /// What for.
    pub purposes: Vec<&'p Purpose>,
    /// Sectors that have the data.
    pub holders: Vec<&'p Meaning>,
    /// What data.
    pub categories: Vec<&'p Category>,
    /// On which grounds.
    pub bases: &'p [BasisKind],
}

impl Pack {
    /// Makes a pack of its files, by name. Loading reads all of it strictly: what is not understood
    /// is refused.
    ///
    /// # Errors
    /// A [`PackError`] that names the first file and key that is wrong, what was expected and what
    /// was found.
    pub fn from_files(files: BTreeMap<String, String>) -> Result<Self, PackError> {
        if let Some((file, text)) = files.iter().find(|(_, text)| text.len() > FILE_LEN_MAX) {
            return Err(PackError::TooLarge {
                file: file.clone(),
                found: text.len(),
            });
        }
        if let Some(file) = files.keys().find(|name| !FILES.contains(&name.as_str())) {
            return Err(PackError::Unexpected { file: file.clone() });
        }
        let text = |file: &'static str| {
            files
                .get(file)
                .map(String::as_str)
                .ok_or(PackError::Missing { file })
        };

        let head: source::PackFile = check::parsed(PACK_FILE, text(PACK_FILE)?)?;
        let settings = check::settings(&head)?;
        let sectors = check::meanings("sector", head.sector)?;
        let emergency_reasons = check::meanings("emergency_reason", head.emergency_reason)?;
        let refusal_meanings = check::meanings("refusal_meaning", head.refusal_meaning)?;
        let categories =
            check::categories(check::parsed(CATEGORIES_FILE, text(CATEGORIES_FILE)?)?)?;
        let purposes = check::purposes(
            check::parsed(PURPOSES_FILE, text(PURPOSES_FILE)?)?,
            &refusal_meanings,
        )?;
        let roles = check::roles(check::parsed(ROLES_FILE, text(ROLES_FILE)?)?, &sectors)?;
        let known = check::Known {
            settings: &settings,
            sectors: &sectors,
            emergency_reasons: &emergency_reasons,
            categories: &categories,
            purposes: &purposes,
            roles: &roles,
        };
        let processes = check::parsed(PROCESSES_FILE, text(PROCESSES_FILE)?)?;
        let processes = check::processes(processes, &known)?;
        let rules = check::parsed(RULES_FILE, text(RULES_FILE)?)?;
        let rules = check::rules(rules, &known, &processes)?;
        let modes: Vec<&str> = AccessMode::ALL.iter().map(|mode| mode.as_str()).collect();
        Ok(Self {
            digest: pack_digest(&files),
            name: check::pack_name(&head.name)?,
            version: head.version,
            title: check::pack_title(head.title)?,
            settings,
            access_modes: check::meanings_of("access_mode", head.access_mode, &modes)?,
            frequencies: check::meanings_of("frequency", head.frequency, &FREQUENCIES)?,
            sectors,
            emergency_reasons,
            refusal_meanings,
            categories,
            purposes,
            roles,
            processes,
            rules,
            files,
        })
    }

    /// Its files as they are written, by name: what the digest is over.
    pub const fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// The pack of the demonstration's town, as it stands in `policies/packs/town/`.
    ///
    /// # Errors
    /// Never, as long as this crate's tests pass.
    pub fn town() -> Result<Self, PackError> {
        Self::from_files(Self::town_files())
    }

    /// The files of the town's pack by name, for changing one and for exporting.
    pub fn town_files() -> BTreeMap<String, String> {
        [
            (PACK_FILE, include_str!("../packs/town/pack.toml")),
            (PURPOSES_FILE, include_str!("../packs/town/purposes.toml")),
            (ROLES_FILE, include_str!("../packs/town/roles.toml")),
            (PROCESSES_FILE, include_str!("../packs/town/processes.toml")),
            (
                CATEGORIES_FILE,
                include_str!("../packs/town/categories.toml"),
            ),
            (RULES_FILE, include_str!("../packs/town/rules.toml")),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into()
    }

    /// Digest of all files: what the log and every decision cite.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The pack's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pack's version: 1, 2, 3 ...
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// What the pack is called in both languages.
    pub const fn title(&self) -> &Text {
        &self.title
    }

    /// Numbers and rules that hold for the whole pack.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All sectors, in the order of the file, as all lists here.
    pub fn sectors(&self) -> &[Meaning] {
        self.sectors.items()
    }

    /// A sector by code.
    pub fn sector(&self, code: &str) -> Option<&Meaning> {
        self.sectors.find(code)
    }

    /// All reasons for which an emergency may be declared.
    pub fn emergency_reasons(&self) -> &[Meaning] {
        self.emergency_reasons.items()
    }

    /// A reason of an emergency by code.
    pub fn emergency_reason(&self, code: &str) -> Option<&Meaning> {
        self.emergency_reasons.find(code)
    }

    /// What refusing would mean, by the code a purpose names and a consent records.
    pub fn refusal_meaning(&self, code: &str) -> Option<&Meaning> {
        self.refusal_meanings.find(code)
    }

    /// How a recipient may use data: the spellings of `access_mode` in a consent.
    pub fn access_modes(&self) -> &[Meaning] {
        self.access_modes.items()
    }

    /// What an access mode means.
    pub fn access_mode(&self, mode: AccessMode) -> Option<&Meaning> {
        self.access_modes.find(mode.as_str())
    }

    /// How often a recipient may ask: the words of `frequency` in a consent, but for numbers.
    pub fn frequencies(&self) -> &[Meaning] {
        self.frequencies.items()
    }

    /// What a frequency means; `None` of one that is a number, which explains itself.
    pub fn frequency(&self, frequency: Frequency) -> Option<&Meaning> {
        self.frequencies.find(&frequency.to_string())
    }

    /// All categories of data.
    pub fn categories(&self) -> &[Category] {
        self.categories.items()
    }

    /// A category by code.
    pub fn category(&self, code: &CategoryCode) -> Option<&Category> {
        self.categories.find(code.as_str())
    }

    /// All purposes.
    pub fn purposes(&self) -> &[Purpose] {
        self.purposes.items()
    }

    /// A purpose by code.
    pub fn purpose(&self, code: &PurposeCode) -> Option<&Purpose> {
        self.purposes.find(code.as_str())
    }

    /// All roles.
    pub fn roles(&self) -> &[Role] {
        self.roles.items()
    }

    /// A role by code.
    pub fn role(&self, code: &RoleCode) -> Option<&Role> {
        self.roles.find(code.as_str())
    }

    /// All business processes.
    pub fn processes(&self) -> &[Process] {
        self.processes.items()
    }

    /// A business process by identifier.
    pub fn process(&self, id: &ProcessId) -> Option<&Process> {
        self.processes.find(id.as_str())
    }

    /// All rules of step 10; there may be none.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule by the code that stands in the reasons of a refusal at step 10.
    pub fn rule(&self, code: &RuleCode) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.code == *code)
    }

    /// Who may do a process of this pack, row by row; empty for a process of another pack.
    pub fn whitelist(&self, id: &ProcessId) -> Vec<WhitelistRow<'_>> {
        let rows = self
            .process(id)
            .map(|process| process.allow.as_slice())
            .unwrap_or_default();
        rows.iter()
            .map(|row| WhitelistRow {
                requesters: self.sectors.items_in(row.requesters).collect(),
                roles: self.roles.items_in(row.roles).collect(),
                purposes: self.purposes.items_in(row.purposes).collect(),
                holders: self.sectors.items_in(row.holders).collect(),
                categories: self.categories.items_in(row.categories).collect(),
                bases: &row.bases,
            })
            .collect()
    }

    /// How sure the ledger must be that the person agreed to all these categories; `None` if there
    /// are none or one is unknown to the pack.
    pub fn least_assurance(&self, categories: &Set<CategoryCode>) -> Option<Assurance> {
        let each: Option<Vec<_>> = categories
            .iter()
            .map(|code| Some(self.category(code)?.least_assurance))
            .collect();
        each?.into_iter().max()
    }

    /// How the person hears of an access. A question is asked at once; a process this pack does not
    /// know, too.
    pub fn tells(&self, process: &ProcessId, outcome: Outcome, step: Option<Step>) -> Tell {
        match (self.process(process), outcome) {
            (None, _) | (_, Outcome::Ask) => Tell::Always,
            (Some(_), Outcome::Deny) if step == Some(Step::Whitelist) => {
                self.settings.out_of_purpose
            }
            (Some(process), Outcome::Deny) => process.notify.deny,
            (Some(process), Outcome::Permit) => process.notify.permit,
        }
    }

    /// The strongest least assurance among categories of this pack.
    pub(crate) fn least_assurance_of(&self, categories: Bits) -> Assurance {
        let each = self
            .categories
            .items_in(categories)
            .map(|category| category.least_assurance);
        each.max().unwrap_or(Assurance::Passkey)
    }

    /// The rules that forbid an access, in the order of the file; of a permit there are none.
    pub(crate) fn forbidding(&self, scene: Scene) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.forbids(&scene))
    }

    pub(crate) fn sector_place(&self, sector: &str) -> Option<Place> {
        self.sectors.place(sector)
    }
}
