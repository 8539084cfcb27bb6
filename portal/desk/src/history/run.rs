//! Runs: what one institution makes of one kind on one day. Lists put a long run together, so that
//! nobody can push what matters off a page by making much of something.

use std::fmt;

use akashi_proof::ids::InstitutionId;
use akashi_proof::record::kind::Rule;

use crate::history::gist::Gist;
use crate::history::mark::Mark;
use crate::history::outline::Line;
use crate::history::related::Related;

/// What a run is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOf {
    /// Accesses that were allowed.
    Permitted,
    /// Accesses that were not.
    Refused,
    /// Accesses outside what is allowed.
    Outside,
    /// Emergencies.
    Emergency,
    /// Questions to her.
    Asked,
    /// Questions that ended without an answer.
    Expired,
    /// Warnings.
    Warned,
    /// Counts of what was asked too often.
    Counted,
    /// What was handed over.
    Released,
    /// What was not.
    ReleaseRefused,
    /// Notices that could not be handed over.
    Undelivered,
}

impl RunOf {
    /// Every kind of run.
    pub const ALL: [Self; 11] = [
        Self::Permitted,
        Self::Refused,
        Self::Outside,
        Self::Emergency,
        Self::Asked,
        Self::Expired,
        Self::Warned,
        Self::Counted,
        Self::Released,
        Self::ReleaseRefused,
        Self::Undelivered,
    ];

    /// As a link names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::Refused => "refused",
            Self::Outside => "outside",
            Self::Emergency => "emergency",
            Self::Asked => "asked",
            Self::Expired => "expired",
            Self::Warned => "warned",
            Self::Counted => "counted",
            Self::Released => "released",
            Self::ReleaseRefused => "release-refused",
            Self::Undelivered => "undelivered",
        }
    }
}

/// What a record is one of many of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// What of.
    pub of: RunOf,
    /// Who made it; absent of what follows from many.
    pub by: Option<InstitutionId>,
}

impl Run {
    /// The run a record belongs to; `None` of what is hers, and of what nobody can make many of:
    /// that always stands alone.
    pub fn of(line: &Line, related: &dyn Related) -> Option<Self> {
        let by = |of, by: &InstitutionId| {
            Some(Self {
                of,
                by: Some(by.clone()),
            })
        };
        match &line.gist {
            Gist::Decided { access, .. } => by(decided(line.mark)?, &access.requester),
            Gist::Counted(requester) => by(RunOf::Counted, requester),
            Gist::Released { holder, .. } => by(RunOf::Released, holder),
            Gist::ReleaseRefused { holder, .. } => by(RunOf::ReleaseRefused, holder),
            Gist::Warned { rule, .. } => {
                let access = line.gist.access(related)?;
                // Whom the warning is of, as its sentence names it.
                let who = match rule {
                    Rule::OutOfPurpose => &access.requester,
                    Rule::EvidenceMisused => &access.holder,
                };
                by(RunOf::Warned, who)
            }
            Gist::Expired(_) => {
                let access = line.gist.access(related)?;
                by(RunOf::Expired, &access.requester)
            }
            Gist::Notice { sent: false, .. } => Some(Self {
                of: RunOf::Undelivered,
                by: None,
            }),
            Gist::Notice { sent: true, .. }
            | Gist::Answered(_)
            | Gist::Given(_)
            | Gist::Narrowed(_)
            | Gist::Withdrawn(_)
            | Gist::AllWithdrawn
            | Gist::Link(_)
            | Gist::LinkWithdrawn(_)
            | Gist::Arrived
            | Gist::Own => None,
        }
    }

    /// Reads what [`fmt::Display`] writes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, by) = match text.split_once('.') {
            Some((name, by)) => (name, Some(InstitutionId::parse(by).ok()?)),
            None => (text, None),
        };
        let of = RunOf::ALL.into_iter().find(|of| of.name() == name)?;
        Some(Self { of, by })
    }
}

const fn decided(mark: Mark) -> Option<RunOf> {
    match mark {
        Mark::Permit => Some(RunOf::Permitted),
        Mark::Deny => Some(RunOf::Refused),
        Mark::Alert => Some(RunOf::Outside),
        Mark::Emergency => Some(RunOf::Emergency),
        Mark::Ask => Some(RunOf::Asked),
        Mark::Consent
        | Mark::Withdrawn
        | Mark::Expired
        | Mark::Notice
        | Mark::Lost
        | Mark::Withheld
        | Mark::Erased => None,
    }
}

/// As a link has it: `refused.hospital.chuo`.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.of.name())?;
        match &self.by {
            Some(by) => write!(f, ".{by}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_as_it_is_written() {
        for of in RunOf::ALL {
            for by in [None, Some(InstitutionId::parse("hospital.chuo").unwrap())] {
                let run = Run { of, by };
                assert_eq!(Run::parse(&run.to_string()), Some(run));
            }
        }
        for text in ["", "refused.", "refused.X Y", "refuse.hospital.chuo", "."] {
            assert_eq!(Run::parse(text), None, "{text}");
        }
    }
}
