//! What may be agreed to at all: by whom data may be used, kept where, what for, until when.
//! Nothing is offered that could never take effect.

use akashi_policies::{Category, ConsentChoice, Purpose};
use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::state::{Institution, Standing};

use crate::words::names::Names;

const DAY_MILLIS: u64 = 24 * 3_600_000;

/// What may be agreed to between two institutions.
pub struct Offer<'n> {
    /// Who would use the data.
    pub recipient: &'n Institution,
    /// Where it is kept.
    pub holder: &'n Institution,
    /// By purpose, at least one.
    choices: Vec<ConsentChoice<'n>>,
    names: &'n Names,
}

impl<'n> Offer<'n> {
    /// Between these; `None` where one of them is not certified or nothing may be agreed to.
    pub fn between(
        names: &'n Names,
        recipient: &InstitutionId,
        holder: &InstitutionId,
    ) -> Option<Self> {
        let (recipient, holder) = (certified(names, recipient)?, certified(names, holder)?);
        let choices = choices(names, recipient, holder);
        (!choices.is_empty()).then_some(Self {
            recipient,
            holder,
            choices,
            names,
        })
    }

    /// What for.
    pub fn purposes(&self) -> impl ExactSizeIterator<Item = &'n Purpose> {
        self.choices.iter().map(|choice| choice.purpose)
    }

    /// About which data, in the order of the pack: each may be given for some purpose. One whose
    /// `least_assurance` is above that of whoever asks cannot be given by them.
    pub fn categories(&self) -> impl Iterator<Item = &'n Category> {
        let offered = |category: &&Category| {
            let mut categories = self.choices.iter().flat_map(|choice| &choice.categories);
            categories.any(|offered| offered.code == category.code)
        };
        self.names.pack.categories().iter().filter(offered)
    }
}

/// Whom somebody may agree to have her data used by.
pub fn recipients(names: &Names) -> Vec<&Institution> {
    all(names)
        .filter(|recipient| all(names).any(|holder| may_agree(names, recipient, holder)))
        .collect()
}

/// Where data is kept that this one may be agreed to use.
pub fn holders<'n>(names: &'n Names, recipient: &Institution) -> Vec<&'n Institution> {
    all(names)
        .filter(|holder| may_agree(names, recipient, holder))
        .collect()
}

/// This institution, if it is certified.
pub fn certified<'n>(names: &'n Names, id: &InstitutionId) -> Option<&'n Institution> {
    names.registry.institution(id).filter(is_certified)
}

/// The latest end the pack allows. A consent ends with a day: that of this instant is the last.
pub fn latest(names: &Names, now: Timestamp) -> Timestamp {
    let days = names.pack.settings().consent_days_max;
    now.plus_millis(days.saturating_mul(DAY_MILLIS))
}

fn all(names: &Names) -> impl Iterator<Item = &Institution> {
    names.registry.institutions().filter(is_certified)
}

fn is_certified(institution: &&Institution) -> bool {
    institution.standing == Standing::Certified
}

fn may_agree(names: &Names, recipient: &Institution, holder: &Institution) -> bool {
    recipient.id != holder.id && !choices(names, recipient, holder).is_empty()
}

fn choices<'n>(
    names: &'n Names,
    recipient: &Institution,
    holder: &Institution,
) -> Vec<ConsentChoice<'n>> {
    names
        .pack
        .consent_choices(&recipient.sector, &holder.sector)
}
