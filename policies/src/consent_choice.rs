//! What a person can agree to at all: the consent page offers nothing that could never take effect.

use akashi_proof::decision::ConsentQuestion;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{CategoryCode, ProcessId, PurposeCode};
use akashi_proof::record::kind::{Assurance, BasisKind};
use akashi_proof::record::value::Set;

use crate::category::Category;
use crate::codes::{Bits, Place};
use crate::decide::{HOUR_MILLIS, later};
use crate::forbid::Scene;
use crate::pack::Pack;
use crate::process::Process;
use crate::purpose::Purpose;

/// The longest day there is: where clocks are put back.
const LONGEST_DAY_HOURS: u64 = 25;

/// One purpose a person can agree to between a recipient and a holder.
#[derive(Clone, Debug)]
pub struct ConsentChoice<'p> {
    /// What for.
    pub purpose: &'p Purpose,
    /// What data may be given for it, each with its least assurance, in the order of the pack.
    pub categories: Vec<&'p Category>,
    /// In which processes it will be used.
    pub processes: Vec<&'p Process>,
}

impl Pack {
    /// What a person can agree to between institutions of two sectors, by purpose; empty if
    /// nothing. A category is offered if some process may read it on consent and no rule forbids it
    /// there.
    pub fn consent_choices(
        &self,
        recipient_sector: &str,
        holder_sector: &str,
    ) -> Vec<ConsentChoice<'_>> {
        let (Some(recipient), Some(holder)) = (
            self.sector_place(recipient_sector),
            self.sector_place(holder_sector),
        ) else {
            return Vec::new();
        };
        let choice = |purpose: Place| {
            let mut categories = Bits::default();
            let mut processes = Vec::new();
            for process in self.processes.places() {
                let all = self.categories.all();
                let usable = self.usable_on_consent(recipient, holder, purpose, process, all);
                if !usable.is_empty() {
                    categories = categories.union(usable);
                    processes.push(self.processes.at(process));
                }
            }
            let categories: Vec<_> = self.categories.items_in(categories).collect();
            (!categories.is_empty()).then(|| ConsentChoice {
                purpose: self.purposes.at(purpose),
                categories,
                processes,
            })
        };
        self.purposes.places().filter_map(choice).collect()
    }

    /// Refuses a consent that could not take effect: every category must be usable for every
    /// purpose, and the person known surely enough.
    ///
    /// # Errors
    /// A [`Fault`] in `purposes`, `categories` or `assurance`.
    pub fn check_consent(
        &self,
        sectors: (&str, &str),
        purposes: &Set<PurposeCode>,
        categories: &Set<CategoryCode>,
        assurance: Assurance,
    ) -> Result<(), Fault> {
        let empty = if purposes.is_empty() {
            Some("purposes")
        } else {
            categories.is_empty().then_some("categories")
        };
        if let Some(field) = empty {
            return Err(Fault::new(
                FaultCode::BadMember,
                field,
                "at least one",
                "none",
            ));
        }
        if !self.takes_effect(sectors, purposes, categories, |_| true) {
            return Err(self.without_effect(sectors, purposes, categories));
        }
        match self.least_assurance(categories) {
            Some(least) if least <= assurance => Ok(()),
            least => {
                let expected = format!("at least `{}`", least.unwrap_or(Assurance::Passkey));
                Err(Fault::new(
                    FaultCode::NotAuthorised,
                    "assurance",
                    expected,
                    format!("`{assurance}`"),
                ))
            }
        }
    }

    /// Where the terms name processes, every category must be usable for every purpose in these
    /// alone.
    pub(crate) fn check_processes(&self, question: &ConsentQuestion<'_>) -> Result<(), Fault> {
        let terms = question.terms;
        let Some(named) = &terms.processes else {
            return Ok(());
        };
        let is_known = |id: &ProcessId| self.processes.place(id.as_str()).is_some();
        let sectors = (
            question.recipient.sector.as_str(),
            question.holder.sector.as_str(),
        );
        let is_named = |process: &Process| named.contains(&process.id);
        if named.iter().all(is_known)
            && self.takes_effect(sectors, &terms.purposes, &terms.categories, is_named)
        {
            return Ok(());
        }
        let expected = "processes that use this data for these purposes";
        let found = list(named.iter().map(ProcessId::as_str));
        Err(Fault::new(
            FaultCode::BadMember,
            "processes",
            expected,
            found,
        ))
    }

    /// A consent ends with a day, and that may be any that begins within the time the pack allows.
    pub(crate) fn check_end(&self, question: &ConsentQuestion<'_>) -> Result<(), Fault> {
        let days = self.settings.consent_days_max;
        let hours = days.saturating_mul(24).saturating_add(LONGEST_DAY_HOURS);
        let latest = later(question.now, hours.saturating_mul(HOUR_MILLIS));
        if question.terms.valid_until <= latest {
            return Ok(());
        }
        let expected = format!("the end of a day that begins within {days} days");
        Err(Fault::new(
            FaultCode::BadMember,
            "valid_until",
            expected,
            "a later time",
        ))
    }

    /// Whether every category is usable for every purpose in some process counted. The writer asks
    /// this of each consent, so only the rows that bear on these codes are looked at, and only
    /// until all are found.
    fn takes_effect(
        &self,
        (recipient, holder): (&str, &str),
        purposes: &Set<PurposeCode>,
        categories: &Set<CategoryCode>,
        counts: impl Fn(&Process) -> bool,
    ) -> bool {
        let known = categories
            .iter()
            .map(|code| self.categories.place(code.as_str()))
            .try_fold(Bits::default(), |known, place| Some(known.with(place?)));
        let (Some(recipient), Some(holder), Some(wanted)) = (
            self.sector_place(recipient),
            self.sector_place(holder),
            known,
        ) else {
            return false;
        };
        let usable = |purpose: Place| {
            let mut left = wanted;
            let mut counted = self
                .processes
                .places()
                .filter(|process| counts(self.processes.at(*process)));
            counted.any(|process| {
                let found = self.usable_on_consent(recipient, holder, purpose, process, left);
                left = left.without(found);
                left.is_empty()
            })
        };
        purposes
            .iter()
            .all(|code| self.purposes.place(code.as_str()).is_some_and(usable))
    }

    /// What is wrong with a consent that would have no effect: the first purpose that is not
    /// offered, or else the categories that are not usable for all of them.
    fn without_effect(
        &self,
        (recipient_sector, holder_sector): (&str, &str),
        purposes: &Set<PurposeCode>,
        categories: &Set<CategoryCode>,
    ) -> Fault {
        let choices = self.consent_choices(recipient_sector, holder_sector);
        let offer = |code: &PurposeCode| choices.iter().find(|offer| offer.purpose.code == *code);
        if let Some(other) = purposes.iter().find(|code| offer(code).is_none()) {
            let offered = choices.iter().map(|offer| offer.purpose.code.as_str());
            return Fault::new(
                FaultCode::BadMember,
                "purposes",
                list(offered),
                format!("`{other}`"),
            );
        }
        let usable = |code: &CategoryCode| {
            let mut offers = purposes.iter().filter_map(offer);
            offers.all(|offer| offer.categories.iter().any(|known| known.code == *code))
        };
        let all = self.categories.items().iter().map(|known| &known.code);
        let others = categories.iter().filter(|code| !usable(code));
        Fault::new(
            FaultCode::BadMember,
            "categories",
            list(all.filter(|code| usable(code)).map(CategoryCode::as_str)),
            list(others.map(CategoryCode::as_str)),
        )
    }

    /// Whether no rule forbids the scene, with or without a case, for oneself or for another: an
    /// access to come may be any of these.
    fn allows_in_some_way(&self, scene: Scene) -> bool {
        let ways = [(false, false), (true, false), (false, true), (true, true)];
        ways.into_iter().any(|(case, on_behalf_of)| {
            let scene = Scene {
                case,
                on_behalf_of,
                ..scene
            };
            self.forbidding(scene).next().is_none()
        })
    }

    /// Those of `wanted` that some role may read in the process on consent, each taken alone, rules
    /// included.
    fn usable_on_consent(
        &self,
        requester: Place,
        holder: Place,
        purpose: Place,
        process: Place,
        wanted: Bits,
    ) -> Bits {
        let mut usable = Bits::default();
        let rows = self.processes.at(process).allow.iter().filter(|row| {
            row.bases.contains(&BasisKind::Consent)
                && row.requesters.contains(requester)
                && row.holders.contains(holder)
                && row.purposes.contains(purpose)
        });
        for row in rows {
            let roles = self
                .roles
                .places_in(row.roles)
                .filter(|role| self.roles.at(*role).sector_bits.contains(requester));
            for role in roles {
                let allowed = |category: &Place| {
                    let scene = Scene {
                        requester: Some(requester),
                        holder: Some(holder),
                        role,
                        purpose,
                        process,
                        categories: Bits::one(*category),
                        basis: BasisKind::Consent,
                        case: false,
                        on_behalf_of: false,
                    };
                    self.allows_in_some_way(scene)
                };
                usable = self
                    .categories
                    .places_in(row.categories.intersection(wanted).without(usable))
                    .filter(allowed)
                    .fold(usable, Bits::with);
            }
        }
        usable
    }
}

fn list<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let codes: Vec<String> = codes.map(|code| format!("`{code}`")).collect();
    if codes.is_empty() {
        "nothing between these institutions".to_owned()
    } else {
        codes.join(", ")
    }
}
