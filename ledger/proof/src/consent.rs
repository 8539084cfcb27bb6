//! What a person agrees to, and the one place where an access is held against it.
//!
//! Record, fold, decision, evidence, release and page all carry [`Terms`] and ask them the same
//! three questions: whether they cover a use ([`Terms::covers`]), whether they leave no more than
//! others did ([`Terms::narrows`]), and whether ending one of two still leaves something allowed
//! ([`Terms::overlaps`]). The fields are those of [ISO/IEC TS 27560] and of DEPA's consent artefact
//! that say what is allowed; who was told what, and how surely she was known, stands beside them in
//! the record.
//!
//! Terms name one holder. A consent to a whole class of holders opens nothing by itself: each
//! holder of the class that is linked gets terms of its own (docs/decisions/0010).
//!
//! [ISO/IEC TS 27560]: https://www.iso.org/standard/80392.html

use std::fmt;

use crate::ids::{CategoryCode, InstitutionId, ProcessId, PurposeCode, Timestamp};
use crate::record::fields::fields;
use crate::record::value::{Item, Set, ValueError};
use crate::words;
use akashi_tlog::decimal;

fields! {
    /// What is allowed: who may use which data of whom, what for, how, and when.
    pub struct Terms {
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
        /// What the recipient may do with the data.
        access_mode: AccessMode,
        /// Only data from this time on.
        period_from: Option<Timestamp>,
        /// Only data before this time.
        period_until: Option<Timestamp>,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it no longer holds.
        valid_until: Timestamp,
        /// How often.
        frequency: Frequency,
    }
}

words! {
    /// What a recipient may do with data.
    pub enum AccessMode {
        /// Look at it; nothing is kept.
        View = "view",
        /// Receive and keep it.
        Store = "store",
        /// Learn whether a condition holds, and nothing else.
        Query = "query",
    }
}

impl AccessMode {
    /// Whether leave for this is leave for `other`: what may be kept may be looked at.
    pub fn covers(self, other: Self) -> bool {
        match self {
            Self::View => other == Self::View,
            Self::Store => other == Self::Store || other == Self::View,
            Self::Query => other == Self::Query,
        }
    }

    /// Whether one use can be leave of both.
    fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }
}

words! {
    /// A stretch of time in which uses are counted.
    pub enum Span {
        /// A calendar day.
        Day = "day",
        /// A week, from Monday.
        Week = "week",
        /// A calendar month.
        Month = "month",
        /// A calendar year.
        Year = "year",
    }
}

/// How often data may be released under a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// Whenever it is needed.
    AsNeeded,
    /// One single time.
    Once,
    /// So many times in each span.
    Times {
        /// At most so many, at least one.
        most: u16,
        /// In which span.
        each: Span,
    },
}

impl Frequency {
    /// Reads the one spelling [`fmt::Display`] writes: `as-needed`, `once`, `3-each-month`; `None`
    /// for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "as-needed" => Some(Self::AsNeeded),
            "once" => Some(Self::Once),
            _ => {
                let (most, each) = text.split_once("-each-")?;
                let most = decimal::parse(most, u64::from(u16::MAX)).ok()?;
                let most = u16::try_from(most).ok().filter(|most| *most > 0)?;
                let each = Span::parse(each)?;
                Some(Self::Times { most, each })
            }
        }
    }

    /// Whether it never allows more than `wider` does. Spans of different lengths are not compared:
    /// a week can lie in two months.
    fn narrows(self, wider: Self) -> bool {
        match (self, wider) {
            (_, Self::AsNeeded) | (Self::Once, Self::Once | Self::Times { .. }) => true,
            (
                Self::Times { most, each },
                Self::Times {
                    most: wider,
                    each: other,
                },
            ) => each == other && most <= wider,
            (Self::AsNeeded | Self::Times { .. }, Self::Once)
            | (Self::AsNeeded, Self::Times { .. }) => false,
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsNeeded => f.write_str("as-needed"),
            Self::Once => f.write_str("once"),
            Self::Times { most, each } => write!(f, "{most}-each-{each}"),
        }
    }
}

impl Item for Frequency {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        std::str::from_utf8(bytes)
            .ok()
            .and_then(Self::parse)
            .ok_or(ValueError::Type("`as-needed`, `once` or `<n>-each-<span>`"))
    }
}

/// The time data is of, from inclusive, to exclusive; an end that is absent is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Only from this time on.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub until: Option<Timestamp>,
}

impl Period {
    /// All data, of whatever time.
    pub const ALL: Self = Self {
        from: None,
        until: None,
    };

    /// Whether all of `other` lies in it.
    pub fn covers(self, other: Self) -> bool {
        let from = self
            .from
            .is_none_or(|from| other.from.is_some_and(|other| from <= other));
        let until = self
            .until
            .is_none_or(|until| other.until.is_some_and(|other| other <= until));
        from && until
    }

    /// Whether there is an instant in both.
    fn overlaps(self, other: Self) -> bool {
        let from = self.from.max(other.from).unwrap_or_default();
        let ends = [self.until, other.until];
        ends.into_iter().flatten().all(|until| from < until)
    }
}

/// One use of somebody's data, as a statement asks for it and a permit allows it.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// Who asks.
    pub requester: &'a InstitutionId,
    /// Who has the data.
    pub holder: &'a InstitutionId,
    /// In which business process.
    pub process: &'a ProcessId,
    /// What for.
    pub purpose: &'a PurposeCode,
    /// What data.
    pub categories: &'a Set<CategoryCode>,
    /// What the requester will do with it.
    pub mode: AccessMode,
    /// Of what time the data is.
    pub period: Period,
}

/// What terms lack first to cover a use. Declared in the order in which they are asked, so that of
/// two terms that do not cover a use the greater gap is the one that came further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// They are given to another institution.
    Recipient,
    /// They are about another holder's data.
    Holder,
    /// They have not begun, or have ended.
    Time,
    /// They are for other purposes.
    Purpose,
    /// They are about other data.
    Categories,
    /// They are for other business processes.
    Process,
    /// They allow less to be done with the data.
    Mode,
    /// They are about data of another time.
    Period,
}

impl Terms {
    /// Leave to look at data whenever it is needed, in every process, whatever time it is of.
    pub fn to_view(
        (recipient, holder): (InstitutionId, InstitutionId),
        categories: Set<CategoryCode>,
        purposes: Set<PurposeCode>,
        (valid_from, valid_until): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            recipient,
            holder,
            categories,
            purposes,
            processes: None,
            access_mode: AccessMode::View,
            period_from: None,
            period_until: None,
            valid_from,
            valid_until,
            frequency: Frequency::AsNeeded,
        }
    }

    /// Whether they allow this use at this time.
    ///
    /// # Errors
    /// The [`Gap`] that is asked about first.
    pub fn covers(&self, wanted: &Use<'_>, at: Timestamp) -> Result<(), Gap> {
        let in_process = |processes: &Set<ProcessId>| processes.contains(wanted.process);
        let asked = [
            (self.recipient == *wanted.requester, Gap::Recipient),
            (self.holder == *wanted.holder, Gap::Holder),
            (self.is_live(at), Gap::Time),
            (self.purposes.contains(wanted.purpose), Gap::Purpose),
            (
                self.categories.contains_all(wanted.categories),
                Gap::Categories,
            ),
            (self.processes.as_ref().is_none_or(in_process), Gap::Process),
            (self.access_mode.covers(wanted.mode), Gap::Mode),
            (self.period().covers(wanted.period), Gap::Period),
        ];
        match asked.into_iter().find(|(holds, _)| !holds) {
            Some((_, gap)) => Err(gap),
            None => Ok(()),
        }
    }

    /// Whether they allow nothing that `wider` does not: every use they cover, it covers too. A
    /// partial order.
    pub fn narrows(&self, wider: &Self) -> bool {
        let in_processes = match (&self.processes, &wider.processes) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(wider)) => wider.contains_all(own),
        };
        (&self.recipient, &self.holder) == (&wider.recipient, &wider.holder)
            && wider.categories.contains_all(&self.categories)
            && wider.purposes.contains_all(&self.purposes)
            && in_processes
            && wider.access_mode.covers(self.access_mode)
            && wider.period().covers(self.period())
            && wider.valid_from <= self.valid_from
            && self.valid_until <= wider.valid_until
            && self.frequency.narrows(wider.frequency)
    }

    /// Whether they allow just what `other` does, whenever each of them began: agreeing to them
    /// while `other` stands changes nothing.
    pub fn repeats(&self, other: &Self) -> bool {
        let begun = Self {
            valid_from: other.valid_from,
            ..self.clone()
        };
        begun == *other
    }

    /// Whether there can be a use that both cover: ending one of them does not end what the other
    /// still allows. Symmetric.
    pub fn overlaps(&self, other: &Self) -> bool {
        let share_process = match (&self.processes, &other.processes) {
            (Some(own), Some(other)) => share(own, other),
            (Some(some), None) | (None, Some(some)) => !some.is_empty(),
            (None, None) => true,
        };
        (&self.recipient, &self.holder) == (&other.recipient, &other.holder)
            && share(&self.categories, &other.categories)
            && share(&self.purposes, &other.purposes)
            && share_process
            && self.access_mode.overlaps(other.access_mode)
            && self.period().overlaps(other.period())
            && self.valid_from.max(other.valid_from) < self.valid_until.min(other.valid_until)
    }

    /// Whether they hold at `now`: from inclusive, to exclusive.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.valid_from <= now && now < self.valid_until
    }

    /// The time the data is of.
    pub const fn period(&self) -> Period {
        Period {
            from: self.period_from,
            until: self.period_until,
        }
    }
}

fn share<T: Ord>(one: &Set<T>, other: &Set<T>) -> bool {
    one.iter().any(|item| other.contains(item))
}

#[cfg(test)]
mod tests;
