//! What a holder keeps of one of its links, so that nothing is released twice and nobody's permits
//! block another's: the numbers it has released on, while their permits could still be shown to it,
//! and the highest it has seen (docs/RECORD_FORMAT.md 3).
//!
//! ```text
//! akashi-kept-gates/v1
//! link <link code>
//! highest <number>                                   0 before the first
//! forgotten <milliseconds>                           whatever ended by then is refused
//! spent <number> <index> <base64 commitment> <end>   numbers ascend; kept until <end>
//! ```
//! A number that is dropped moves `forgotten` up to its end, and a permit that has ended by then is
//! refused whatever the holder's clock says: a clock that is set back opens nothing again.

use std::collections::BTreeMap;
use std::fmt;

use super::lines::{Lines, NotTheFormat};
use super::{GATE_WINDOW, SeenLog};
use crate::digest::Digest;
use crate::ids::{GateNumber, LeafIndex, LinkCode, Timestamp};
use crate::limits::SPENT_MAX;
use akashi_tlog::base64;

/// How long after its permit's end a number is kept: evidence is taken up to a minute after it, by
/// a clock that may be a minute off.
pub const KEPT_AFTER_MILLIS: u64 = 120_000;

/// Longest file of kept gates: every number with its line of at most 128 bytes.
pub const KEPT_LEN_MAX: usize = 128 * (SPENT_MAX + 4);

/// First line of a file of kept gates.
const HEADER: &str = "akashi-kept-gates/v1";

/// A permit as its gate is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermitGate {
    /// Its number on the link.
    pub number: GateNumber,
    /// Its log index.
    pub index: LeafIndex,
    /// What its entry commits to: with the index, this permit and no other.
    pub commitment: Digest,
    /// First instant at which it no longer holds.
    pub expires: Timestamp,
}

impl PermitGate {
    const fn kept_until(&self) -> Timestamp {
        self.expires.plus_millis(KEPT_AFTER_MILLIS)
    }
}

/// How a number that may be released on stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateUse {
    /// Nothing was released on it.
    First,
    /// The same permit was released on before, inside its life: a retry.
    Again,
}

/// Why nothing may be released on a number. It proves no lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateRefused {
    /// Another permit was released on under this number.
    #[error("gate number {0} was released on before")]
    Spent(GateNumber),
    /// Permits of this number are between: they may be another person's.
    #[error("gate number {found} is more than {GATE_WINDOW} above {}: catch up over the gates in the log", highest.map_or(0, GateNumber::value))]
    TooFar {
        /// The number in the evidence.
        found: GateNumber,
        /// The highest the holder has seen, where it has seen one.
        highest: Option<GateNumber>,
    },
    /// It ended when permits did of which nothing is known any more.
    #[error("the permit ended at {expires} ms, with permits that are forgotten")]
    Forgotten {
        /// The permit's end.
        expires: u64,
    },
    /// What was released before the holder was restored is not known.
    #[error("what is kept was restored: catch up over the gates in the log first")]
    NotCaughtUp,
    /// It may have been released on before the holder was restored.
    #[error(
        "permit {index} is older than the head of size {floor} to which the restored holder caught up"
    )]
    BeforeRestoring {
        /// The permit.
        index: LeafIndex,
        /// The size.
        floor: u64,
    },
    /// More numbers than are kept.
    #[error("{SPENT_MAX} numbers are kept of this link: wait until the oldest have ended")]
    Full,
}

/// What a holder keeps of one link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptGates {
    link: LinkCode,
    highest: Option<GateNumber>,
    forgotten: Timestamp,
    spent: BTreeMap<GateNumber, SpentOn>,
}

/// The permit a number was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SpentOn {
    index: LeafIndex,
    commitment: Digest,
    until: Timestamp,
}

impl KeptGates {
    /// Of a link nothing was released on yet.
    pub const fn new(link: LinkCode) -> Self {
        Self {
            link,
            highest: None,
            forgotten: Timestamp::from_millis(0),
            spent: BTreeMap::new(),
        }
    }

    /// The link's code.
    pub const fn link(&self) -> &LinkCode {
        &self.link
    }

    /// The highest number the holder has released on or seen in the log; `None` before the first.
    pub const fn highest(&self) -> Option<GateNumber> {
        self.highest
    }

    /// How many numbers are kept.
    pub fn spent(&self) -> usize {
        self.spent.len()
    }

    /// Whether data may be released on a permit, whose gate and time are checked already
    /// ([`VerifiedEvidence::check_gate`](crate::evidence::VerifiedEvidence::check_gate)).
    ///
    /// # Errors
    /// [`GateRefused`].
    pub fn check(
        &self,
        seen: &SeenLog,
        permit: &PermitGate,
        now: Timestamp,
    ) -> Result<GateUse, GateRefused> {
        seen.check_caught_up()?;
        let number = permit.number;
        if let Some(spent) = self.spent.get(&number) {
            let same = (spent.index, spent.commitment) == (permit.index, permit.commitment);
            return if same {
                Ok(GateUse::Again)
            } else {
                Err(GateRefused::Spent(number))
            };
        }
        if permit.kept_until() <= self.forgotten {
            let expires = permit.expires.as_millis();
            return Err(GateRefused::Forgotten { expires });
        }
        seen.check_floor(permit.index)?;
        if !is_in_window(self.highest, number) {
            return Err(GateRefused::TooFar {
                found: number,
                highest: self.highest,
            });
        }
        let lives = |spent: &&SpentOn| now < spent.until;
        if self.spent.len() >= SPENT_MAX && self.spent.values().filter(lives).count() >= SPENT_MAX {
            return Err(GateRefused::Full);
        }
        Ok(GateUse::First)
    }

    /// Keeps the number of a permit that passed [`Self::check`] at this time, and drops those whose
    /// permits nobody can show any more. To be written durably before the release is reported or
    /// answered.
    pub fn spend(&mut self, permit: &PermitGate, now: Timestamp) {
        for (_, dropped) in self.spent.extract_if(.., |_, spent| spent.until <= now) {
            self.forgotten = self.forgotten.max(dropped.until);
        }
        let spent = SpentOn {
            index: permit.index,
            commitment: permit.commitment,
            until: permit.kept_until(),
        };
        self.spent.insert(permit.number, spent);
        self.raise(Some(permit.number));
    }

    /// Moves the highest number seen up to one whose gate was seen in the log.
    pub(super) fn raise(&mut self, seen: Option<GateNumber>) {
        self.highest = self.highest.max(seen);
    }

    /// Reads what `Display` writes; one spelling only.
    ///
    /// # Errors
    /// [`NotTheFormat`] with the first line that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotTheFormat> {
        let mut lines = Lines::of(bytes, KEPT_LEN_MAX)?;
        lines.literal(HEADER)?;
        let [link] = lines.fields("link")?;
        let link = LinkCode::parse(link).map_err(|_| lines.wrong("`link <link code>`"))?;
        let [highest] = lines.fields("highest")?;
        let highest = GateNumber::new(lines.number(highest)?);
        let [forgotten] = lines.fields("forgotten")?;
        let forgotten = Timestamp::from_millis(lines.number(forgotten)?);
        let mut spent = BTreeMap::new();
        while !lines.is_done() {
            let [number, index, commitment, until] = lines.fields("spent")?;
            let number = GateNumber::parse(number).map_err(|_| lines.wrong("a number from 1"))?;
            let one = SpentOn {
                index: LeafIndex::new(lines.number(index)?),
                commitment: Digest::from_bytes(lines.bytes(commitment)?),
                until: Timestamp::from_millis(lines.number(until)?),
            };
            if spent
                .last_key_value()
                .is_some_and(|(last, _)| *last >= number)
                || Some(number) > highest
            {
                return Err(lines.wrong("numbers that ascend up to `highest`"));
            }
            spent.insert(number, one);
        }
        Ok(Self {
            link,
            highest,
            forgotten,
            spent,
        })
    }
}

/// Whether a number is so near above the highest seen that no other person's permits can be meant.
pub(super) fn is_in_window(highest: Option<GateNumber>, number: GateNumber) -> bool {
    let highest = highest.map_or(0, GateNumber::value);
    number.value() <= highest || number.value() - highest <= GATE_WINDOW
}

impl fmt::Display for KeptGates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        writeln!(f, "link {}", self.link.as_str())?;
        let highest = self.highest.map_or(0, GateNumber::value);
        writeln!(f, "highest {highest}")?;
        writeln!(f, "forgotten {}", self.forgotten.as_millis())?;
        for (number, spent) in &self.spent {
            let commitment = base64::standard::encode(spent.commitment.as_bytes());
            let until = spent.until.as_millis();
            writeln!(f, "spent {number} {} {commitment} {until}", spent.index)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
