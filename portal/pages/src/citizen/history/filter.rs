//! What of a history she wants to see.

use akashi_desk::history::gist::Matter;
use akashi_desk::history::mark::Mark;
use akashi_desk::history::outline::Line;
use akashi_desk::history::run::Run;
use akashi_desk::words::date::read_date;
use akashi_proof::ids::{InstitutionId, ProcessId, PurposeCode};
use akashi_proof::record::kind::Outcome;
use jiff::civil::Date;

use crate::frame::forms::Fields;
use crate::words::told::Related;

/// Decisions alone, by what was decided.
pub(crate) const OUTCOME: &str = "outcome";
pub(crate) const PERMITTED: &str = "permit";
pub(crate) const DENIED: &str = "deny";
/// A run alone ([`Run`]).
pub(crate) const RUN: &str = "run";

/// What she wants to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) show: Option<Show>,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) purpose: Option<PurposeCode>,
    pub(crate) process: Option<ProcessId>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    /// Only decisions, with this outcome: what the figures of the overview count.
    pub(crate) outcome: Option<Outcome>,
    /// Only what an institution made much of.
    pub(crate) run: Option<Run>,
    /// Whether groups are taken apart.
    pub(crate) each: bool,
    /// Fields with a day in them that could not be read: the list is not narrowed by these, and
    /// says so.
    pub(crate) unread: Vec<&'static str>,
}

/// Kinds of records as people sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    Permitted,
    Refused,
    Emergencies,
    Consents,
    Asked,
    Own,
    Notices,
}

impl Show {
    const ALL: [Self; 7] = [
        Self::Permitted,
        Self::Refused,
        Self::Emergencies,
        Self::Consents,
        Self::Asked,
        Self::Own,
        Self::Notices,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Permitted => "permit",
            Self::Refused => "deny",
            Self::Emergencies => "emergency",
            Self::Consents => "consent",
            Self::Asked => "ask",
            Self::Own => "own",
            Self::Notices => "notice",
        }
    }

    const fn holds(self, line: &Line) -> bool {
        match self {
            Self::Permitted => matches!(line.mark, Mark::Permit | Mark::Emergency),
            // What did not reach her was refused by nobody.
            Self::Refused => {
                matches!(line.mark, Mark::Deny | Mark::Alert) && !line.gist.is_of_messages()
            }
            Self::Emergencies => matches!(line.mark, Mark::Emergency),
            Self::Consents => matches!(line.mark, Mark::Consent | Mark::Withdrawn),
            Self::Asked => matches!(line.mark, Mark::Ask | Mark::Expired),
            Self::Own => line.gist.is_own(),
            Self::Notices => matches!(line.mark, Mark::Notice) || line.gist.is_of_messages(),
        }
    }
}

impl Filter {
    pub(crate) fn read(fields: &Fields) -> Self {
        let day = |name: &str| fields.first(name).and_then(read_date);
        let is_unread = |name: &&'static str| fields.first(name).is_some() && day(name).is_none();
        Self {
            show: fields
                .first("show")
                .and_then(|name| Show::ALL.into_iter().find(|show| show.name() == name)),
            institution: fields
                .first("institution")
                .and_then(|id| InstitutionId::parse(id).ok()),
            purpose: fields
                .first("purpose")
                .and_then(|code| PurposeCode::parse(code).ok()),
            process: fields
                .first("process")
                .and_then(|id| ProcessId::parse(id).ok()),
            from: day("from"),
            to: day("to"),
            unread: ["from", "to"].into_iter().filter(is_unread).collect(),
            outcome: fields.first(OUTCOME).and_then(|name| match name {
                PERMITTED => Some(Outcome::Permit),
                DENIED => Some(Outcome::Deny),
                _ => None,
            }),
            run: fields.first(RUN).and_then(Run::parse),
            each: fields.first("each").is_some(),
        }
    }

    pub(crate) fn has_details(&self) -> bool {
        self.institution.is_some()
            || self.purpose.is_some()
            || self.from.is_some()
            || self.to.is_some()
            || !self.unread.is_empty()
    }

    /// Whether she wants to see a record of this day.
    pub(crate) fn takes(&self, line: &Line, day: Date, related: &dyn Related) -> bool {
        let in_time =
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to);
        if !in_time || self.show.is_some_and(|show| !show.holds(line)) {
            return false;
        }
        if self.outcome.is_some() && line.gist.outcome() != self.outcome {
            return false;
        }
        if self.run.is_some() && Run::of(line, related) != self.run {
            return false;
        }
        if let Some(process) = &self.process
            && doing_of(line, related).as_ref() != Some(process)
        {
            return false;
        }
        if self.institution.is_none() && self.purpose.is_none() {
            return true;
        }
        let matter = Matter::of(&line.gist, related);
        let is_about = |id| matter.institutions().contains(&id);
        self.institution.as_ref().is_none_or(is_about)
            && self
                .purpose
                .as_ref()
                .is_none_or(|code| matter.has_purpose(code))
    }
}

/// The process whose doing a record is: what was decided, asked or handed over.
fn doing_of(line: &Line, related: &dyn Related) -> Option<ProcessId> {
    let access = line.gist.doing(related)?;
    Some(access.process.clone())
}
