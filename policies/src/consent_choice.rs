//! What a person can agree to at all: the consent page offers nothing that could never take effect.

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{CategoryCode, PurposeCode};
use akashi_proof::record::kind::{Assurance, BasisKind};
use akashi_proof::record::value::Set;

use crate::category::Category;
use crate::codes::{Bits, Place};
use crate::forbid::Scene;
use crate::pack::Pack;
use crate::process::Process;
use crate::purpose::Purpose;

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
                let usable = self.usable_on_consent(recipient, holder, purpose, process);
                if usable != Bits::default() {
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
        (recipient_sector, holder_sector): (&str, &str),
        purposes: &Set<PurposeCode>,
        categories: &Set<CategoryCode>,
        assurance: Assurance,
    ) -> Result<(), Fault> {
        let choices = self.consent_choices(recipient_sector, holder_sector);
        for purpose in purposes.iter() {
            let choice = choices
                .iter()
                .find(|choice| choice.purpose.code == *purpose)
                .ok_or_else(|| {
                    let expected = list(choices.iter().map(|choice| choice.purpose.code.as_str()));
                    Fault::new(
                        FaultCode::BadMember,
                        "purposes",
                        expected,
                        format!("`{purpose}`"),
                    )
                })?;
            if let Some(other) = categories
                .iter()
                .find(|code| choice.categories.iter().all(|c| c.code != **code))
            {
                let expected = list(
                    choice
                        .categories
                        .iter()
                        .map(|category| category.code.as_str()),
                );
                return Err(Fault::new(
                    FaultCode::BadMember,
                    "categories",
                    expected,
                    format!("`{other}`"),
                ));
            }
        }
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

    /// The categories some role may read in the process on consent, each taken alone, rules
    /// included.
    fn usable_on_consent(
        &self,
        requester: Place,
        holder: Place,
        purpose: Place,
        process: Place,
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
                    .places_in(row.categories)
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
