//! One count, and how its row spells it.

use akashi_ledger::command::RaiseAlert;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::Rule;
use serde::{Deserialize, Serialize};

use super::Due;
use crate::plan::Uses;
use crate::settings::Budget;

pub(super) const DAY_MILLIS: u64 = 24 * 3_600 * 1_000;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heap {
    /// What one rule finds about her and one institution.
    Found {
        subject: SubjectHandle,
        rule: Rule,
        by: InstitutionId,
    },
    /// Uses of her data that are summed up.
    Uses { subject: SubjectHandle },
    /// What one institution was told as questions.
    Asked { by: InstitutionId },
    /// A question, or a refusal told as one, that its requester is told is delayed.
    Delayed { access: LeafIndex },
    /// A question that waits for the budget of her number.
    HeldBack { access: LeafIndex },
    /// A question for which her phone did not ring.
    Silent { access: LeafIndex },
}

impl Heap {
    /// The key of its row: keys are not sealed, and name nobody.
    pub(super) fn key(&self) -> Digest {
        let label = b"akashi/tally/v1";
        match self {
            Self::Found { subject, rule, by } => {
                let (rule, by) = (rule.as_str().as_bytes(), by.as_str().as_bytes());
                Digest::of(&[label, subject.as_bytes(), rule, b"/", by])
            }
            Self::Uses { subject } => Digest::of(&[label, subject.as_bytes()]),
            Self::Asked { by } => Digest::of(&[label, b"a", by.as_str().as_bytes()]),
            Self::Delayed { access } => Digest::of(&[label, b"d", &access.to_be_bytes()]),
            Self::HeldBack { access } => Digest::of(&[label, b"h", &access.to_be_bytes()]),
            Self::Silent { access } => Digest::of(&[label, b"s", &access.to_be_bytes()]),
        }
    }
}

/// How much was counted, and when that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(super) heap: Heap,
    pub(super) from: Timestamp,
    pub(super) due: Timestamp,
    /// The first access that is counted.
    first: Option<LeafIndex>,
    /// How many were permitted, or found.
    count: u64,
    /// How many uses were refused.
    refused: u64,
    /// When phones rang, or will, for the last of what an institution asked: as many as its budget
    /// has.
    times: Vec<Timestamp>,
}

impl Tally {
    /// Begins at `from`, and is told at `due`.
    pub(super) const fn begin(heap: Heap, from: Timestamp, due: Timestamp) -> Self {
        Self {
            heap,
            from,
            due,
            first: None,
            count: 0,
            refused: 0,
            times: Vec::new(),
        }
    }

    /// The moment at which phones may ring for what was asked at `time`, which then has its place
    /// in the budget: the first that leaves any stretch of it within its bound, behind what was
    /// asked before. None that is later than `latest`: it takes no place.
    pub(super) fn place(
        &mut self,
        time: Timestamp,
        latest: Timestamp,
        budget: Budget,
    ) -> Option<Timestamp> {
        let within = u64::try_from(budget.within.as_millis()).unwrap_or(u64::MAX);
        let most = usize::try_from(budget.most).unwrap_or(usize::MAX);
        let before = self.times.len().checked_sub(most);
        let at = match before {
            Some(place) => self.times.get(place)?.plus_millis(within).max(time),
            None => time,
        };
        if at > time && at > latest {
            return None;
        }
        self.times.push(at);
        if self.times.len() > most {
            self.times.remove(0);
        }
        self.due = self.due.max(at.plus_millis(within));
        Some(at)
    }

    /// The question for which her phone is to ring when it is due, if it is about one.
    pub(super) const fn rings(&self) -> Option<LeafIndex> {
        match &self.heap {
            Heap::Delayed { access } | Heap::HeldBack { access } => Some(*access),
            Heap::Found { .. } | Heap::Uses { .. } | Heap::Asked { .. } | Heap::Silent { .. } => {
                None
            }
        }
    }

    pub(super) fn count(&mut self, access: LeafIndex, permitted: bool) {
        self.first.get_or_insert(access);
        let of = if permitted {
            &mut self.count
        } else {
            &mut self.refused
        };
        *of = of.saturating_add(1);
    }

    /// Whether what was recorded at `time` is not counted into it any more; also where the clock
    /// was ahead when it began, and it would be counted for longer from `now` than it lasts.
    pub(super) fn is_over(&self, time: Timestamp, now: Timestamp) -> bool {
        let lasts = self.due.as_millis().saturating_sub(self.from.as_millis());
        time >= self.due || self.due > now.plus_millis(lasts)
    }

    /// The alert to record, if it is about one and anything was counted.
    pub(super) fn alert(&self) -> Option<RaiseAlert> {
        match &self.heap {
            Heap::Found { subject, rule, .. } => Some(RaiseAlert {
                subject: *subject,
                access: self.first?,
                rule: *rule,
                count: self.count,
            }),
            Heap::Uses { .. }
            | Heap::Asked { .. }
            | Heap::Delayed { .. }
            | Heap::HeldBack { .. }
            | Heap::Silent { .. } => None,
        }
    }

    /// What she is told, if it is about uses and there were any.
    pub(super) fn summary(&self) -> Option<Due> {
        match &self.heap {
            Heap::Found { .. }
            | Heap::Asked { .. }
            | Heap::Delayed { .. }
            | Heap::HeldBack { .. }
            | Heap::Silent { .. } => None,
            Heap::Uses { subject } => Some(Due::Summary {
                subject: *subject,
                first: self.first?,
                uses: Uses {
                    from: self.from,
                    days: self.due.as_millis().saturating_sub(self.from.as_millis()) / DAY_MILLIS,
                    permitted: self.count,
                    refused: self.refused,
                },
            }),
        }
    }
}

/// A count as its row spells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    of: Of,
    from: u64,
    due: u64,
    first: Option<u64>,
    count: u64,
    refused: u64,
    times: Vec<u64>,
}

/// What is counted, as a row spells it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Of {
    Found {
        subject: String,
        rule: String,
        by: String,
    },
    Uses {
        subject: String,
    },
    Asked {
        by: String,
    },
    Delayed {
        access: u64,
    },
    HeldBack {
        access: u64,
    },
    Silent {
        access: u64,
    },
}

impl Of {
    fn new(heap: &Heap) -> Self {
        match heap {
            Heap::Found { subject, rule, by } => Self::Found {
                subject: subject.to_base64url(),
                rule: rule.as_str().to_owned(),
                by: by.as_str().to_owned(),
            },
            Heap::Uses { subject } => Self::Uses {
                subject: subject.to_base64url(),
            },
            Heap::Asked { by } => Self::Asked {
                by: by.as_str().to_owned(),
            },
            Heap::Delayed { access } => Self::Delayed {
                access: access.value(),
            },
            Heap::HeldBack { access } => Self::HeldBack {
                access: access.value(),
            },
            Heap::Silent { access } => Self::Silent {
                access: access.value(),
            },
        }
    }

    fn heap(&self) -> Option<Heap> {
        Some(match self {
            Self::Found { subject, rule, by } => Heap::Found {
                subject: SubjectHandle::from_base64url(subject)?,
                rule: Rule::parse(rule)?,
                by: InstitutionId::parse(by).ok()?,
            },
            Self::Uses { subject } => Heap::Uses {
                subject: SubjectHandle::from_base64url(subject)?,
            },
            Self::Asked { by } => Heap::Asked {
                by: InstitutionId::parse(by).ok()?,
            },
            Self::Delayed { access } => Heap::Delayed {
                access: LeafIndex::new(*access),
            },
            Self::HeldBack { access } => Heap::HeldBack {
                access: LeafIndex::new(*access),
            },
            Self::Silent { access } => Heap::Silent {
                access: LeafIndex::new(*access),
            },
        })
    }
}

impl Tally {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            of: Of::new(&self.heap),
            from: self.from.as_millis(),
            due: self.due.as_millis(),
            first: self.first.map(LeafIndex::value),
            count: self.count,
            refused: self.refused,
            times: self.times.iter().map(|time| time.as_millis()).collect(),
        };
        #[expect(
            clippy::expect_used,
            reason = "a struct of texts and numbers always has a JSON form"
        )]
        serde_json::to_vec(&wire).expect("json")
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            heap: wire.of.heap()?,
            from: Timestamp::from_millis(wire.from),
            due: Timestamp::from_millis(wire.due),
            first: wire.first.map(LeafIndex::new),
            count: wire.count,
            refused: wire.refused,
            times: wire.times.into_iter().map(Timestamp::from_millis).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp::from_millis(10_000_000);
    const HOUR: u64 = 3_600_000;

    fn heaps() -> [Heap; 7] {
        let subject = SubjectHandle::from_bytes([1; 16]);
        let by = InstitutionId::parse("hospital.chuo").unwrap();
        let found = |rule| Heap::Found {
            subject,
            rule,
            by: by.clone(),
        };
        [
            found(Rule::OutOfPurpose),
            found(Rule::EvidenceMisused),
            Heap::Uses { subject },
            Heap::Delayed {
                access: LeafIndex::new(5),
            },
            Heap::Silent {
                access: LeafIndex::new(5),
            },
            Heap::HeldBack {
                access: LeafIndex::new(5),
            },
            Heap::Asked { by },
        ]
    }

    #[test]
    fn a_count_reads_back_as_written_and_its_key_is_its_own() {
        for (place, heap) in heaps().into_iter().enumerate() {
            let mut counted = Tally::begin(heap, BEGAN, BEGAN.plus_millis(HOUR));
            counted.count(LeafIndex::new(5), false);
            let read = Tally::from_bytes(&counted.to_bytes());
            assert_eq!(read.as_ref(), Some(&counted));
            for (other, heap) in heaps().iter().enumerate() {
                assert_eq!(counted.heap.key() == heap.key(), place == other);
            }
        }
        assert_eq!(Tally::from_bytes(b"{}"), None);
    }

    #[test]
    fn no_stretch_of_its_time_has_more_than_a_budget_and_nobody_is_passed() {
        let by = InstitutionId::parse("city.minato").unwrap();
        let budget = Budget {
            most: 3,
            within: std::time::Duration::from_millis(HOUR),
        };
        let mut asked = Tally::begin(Heap::Asked { by }, BEGAN, BEGAN);
        let latest = BEGAN.plus_millis(3 * HOUR);
        let mut rang = Vec::new();
        // Ten at once, two of which find no time in time, and one each ten minutes from then on.
        let times = (0..12)
            .map(|_| BEGAN)
            .chain((1..40).map(|n| BEGAN.plus_millis(n * 600_000)));
        for (number, time) in times.enumerate() {
            let latest = latest.max(time.plus_millis(2 * HOUR));
            let at = asked.place(time, latest, budget);
            assert_eq!(at.is_some(), at.is_some_and(|at| at <= latest), "{number}");
            rang.extend(at);
            asked = Tally::from_bytes(&asked.to_bytes()).unwrap();
        }
        assert!(rang.is_sorted() && rang.len() > 20, "{rang:?}");
        assert_eq!(rang[..3], [BEGAN; 3]);
        assert_eq!(rang[3..6], [BEGAN.plus_millis(HOUR); 3]);
        for four in rang.windows(4) {
            assert!(four[3] >= four[0].plus_millis(HOUR), "{four:?}");
        }
        let none = Budget { most: 0, ..budget };
        assert_eq!(asked.place(latest, latest, none), None);
    }

    #[test]
    fn a_count_is_over_when_it_is_due_and_where_the_clock_was_ahead() {
        let [found, _, uses, delayed, silent, held, asked] = heaps();
        let (last, over) = (BEGAN.plus_millis(HOUR - 1), BEGAN.plus_millis(HOUR));
        for heap in [found, uses, delayed, silent, held, asked] {
            let tally = Tally::begin(heap, BEGAN, over);
            assert!(!tally.is_over(BEGAN, BEGAN) && !tally.is_over(last, last));
            assert!(tally.is_over(over, over));
            let before = BEGAN.minus_millis(1);
            assert!(!tally.is_over(before, BEGAN), "read late");
            assert!(tally.is_over(before, before), "the clock was ahead");
            assert!(tally.alert().is_none() && tally.summary().is_none());
        }
    }
}
