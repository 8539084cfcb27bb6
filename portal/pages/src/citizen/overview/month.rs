//! What the last thirty days held: figures, and what needs her attention.

use std::collections::{BTreeMap, BTreeSet};

use akashi_desk::history::gist::{Gist, Matter};
use akashi_desk::history::mark::Mark;
use akashi_desk::history::outline::{Hers, Line, Row};
use akashi_desk::history::related::HerRecords;
use akashi_desk::history::run::Run;
use akashi_desk::words::names::Names;
use akashi_ledger::LedgerError;
use akashi_proof::ids::{InstitutionId, LeafIndex, Seq, Timestamp};
use akashi_proof::record::kind::Outcome;

use crate::citizen::history::{OUTCOME, RUN};
use crate::limits::{ALERTS_SHOWN_MAX, RUN_ALONE_MAX};
use crate::words::told::{Related, Told, tell};

/// Over which time things are counted.
const COUNTED_MILLIS: u64 = 30 * 24 * 3_600_000;

/// What the last thirty days held.
#[derive(Default)]
pub(super) struct Month {
    pub(super) permitted: usize,
    pub(super) refused: usize,
    /// Among them, records that cannot be read: when they were made is not known either.
    pub(super) closed: usize,
    /// Whether there is more than one page looks at.
    pub(super) is_more: bool,
    /// Warnings that are not written out.
    pub(super) more_alerts: usize,
    /// The first day that was counted, as the history's filter takes it.
    since: String,
}

impl Month {
    /// The list of what was counted with this outcome, one line each.
    pub(super) fn list(&self, outcome: &str) -> String {
        format!("/me/history?{OUTCOME}={outcome}&from={}&each=1", self.since)
    }

    /// The list of a run since then.
    fn list_of(&self, run: &Run) -> String {
        format!("/me/history?{RUN}={run}&from={}&each=1", self.since)
    }

    const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Permit => self.permitted += 1,
            Outcome::Deny => self.refused += 1,
            Outcome::Ask => {}
        }
    }
}

/// Something she should look at.
pub(super) struct Alert {
    pub(super) index: LeafIndex,
    pub(super) time: String,
    pub(super) told: Told,
    /// The institutions it is about.
    pub(super) named: Vec<InstitutionId>,
    /// Of how many it is the newest.
    pub(super) count: usize,
    /// Where all of them are listed.
    pub(super) all: Option<String>,
}

/// What happened by `now`.
///
/// # Errors
/// [`LedgerError`] when her index cannot be read.
pub(super) fn last_month(
    hers: Hers<'_>,
    names: &Names,
    now: Timestamp,
) -> Result<(Month, Vec<Alert>), LedgerError> {
    let related = hers.related();
    // From the beginning of a day, so that the history's filter can show the very same records.
    let first_day = names.when.day(now.minus_millis(COUNTED_MILLIS));
    let since = names.when.begin_of(first_day).unwrap_or_default();
    let mut month = Month {
        since: first_day.to_string(),
        ..Month::default()
    };
    let mut attention = Attention::default();
    let mut rows = hers.rows(Seq::MAX)?;
    loop {
        let Some(row) = rows.down()? else {
            month.is_more = rows.older().is_some();
            break;
        };
        let line = match row {
            Row::Open(line) => line,
            Row::Closed { .. } => {
                month.closed += 1;
                continue;
            }
            Row::Missing(_) => continue,
        };
        if line.time < since {
            break;
        }
        if let Some(outcome) = line.gist.outcome() {
            month.count(outcome);
        }
        attention.note(&line, &related);
    }
    drop(rows);
    let shown = attention.shown(&mut month).into_iter();
    let alerts = shown
        .filter_map(|noted| noted.told(names, &related, &month))
        .collect();
    Ok((month, alerts))
}

/// What needs her attention, the newest first.
#[derive(Default)]
struct Attention {
    noted: Vec<Noted>,
    /// Where each record stands in it.
    places: BTreeMap<LeafIndex, usize>,
    /// How many records there are of each run.
    of_run: BTreeMap<Run, usize>,
}

/// One thing that does.
struct Noted {
    index: LeafIndex,
    is_emergency: bool,
    run: Option<Run>,
    /// How many of its run it stands for.
    count: usize,
}

impl Attention {
    /// A look in an emergency, and whatever a detector warned of. A warning about one refused
    /// access is shown as that access, which says more, and once; one about several as itself, with
    /// their number.
    fn note(&mut self, line: &Line, related: &HerRecords<'_>) {
        let warned_of = match line.gist {
            Gist::Warned { access, count, .. } => {
                let outcome = related.gist(access).and_then(|gist| gist.outcome());
                Some(access).filter(|_| count == 1 && outcome == Some(Outcome::Deny))
            }
            Gist::Decided { .. } if matches!(line.mark, Mark::Alert | Mark::Emergency) => None,
            Gist::Decided { .. }
            | Gist::Counted(_)
            | Gist::Released { .. }
            | Gist::ReleaseRefused { .. }
            | Gist::Answered(_)
            | Gist::Expired(_)
            | Gist::Given(_)
            | Gist::Narrowed(_)
            | Gist::Withdrawn(_)
            | Gist::AllWithdrawn
            | Gist::Link(_)
            | Gist::LinkWithdrawn(_)
            | Gist::Notice { .. }
            | Gist::Arrived
            | Gist::Own => return,
        };
        let run = Run::of(line, related);
        if let Some(run) = &run {
            *self.of_run.entry(run.clone()).or_default() += 1;
        }
        let index = warned_of.unwrap_or(line.index);
        // Of an access that was warned of, the run is known where it itself is come to.
        let run = run.filter(|_| warned_of.is_none());
        match self
            .places
            .get(&index)
            .and_then(|at| self.noted.get_mut(*at))
        {
            Some(known) => known.run = run.or_else(|| known.run.take()),
            None => {
                self.places.insert(index, self.noted.len());
                self.noted.push(Noted {
                    index,
                    is_emergency: line.mark == Mark::Emergency,
                    run,
                    count: 1,
                });
            }
        }
    }

    /// What is written out: of a long run the newest, emergencies before all others; the rest is
    /// counted.
    fn shown(self, month: &mut Month) -> Vec<Noted> {
        let Self {
            mut noted, of_run, ..
        } = self;
        let mut told = BTreeSet::new();
        noted.retain_mut(|one| {
            let Some(run) = &one.run else { return true };
            let count = of_run.get(run).copied().unwrap_or_default();
            if count <= RUN_ALONE_MAX {
                return true;
            }
            one.count = count;
            told.insert(run.clone())
        });
        let emergencies = noted.iter().filter(|one| one.is_emergency).count();
        let mut room = ALERTS_SHOWN_MAX;
        let mut room_for_others = ALERTS_SHOWN_MAX.saturating_sub(emergencies);
        noted.retain(|one| {
            let left = if one.is_emergency {
                &mut room
            } else {
                &mut room_for_others
            };
            let is_shown = *left > 0;
            *left = left.saturating_sub(1);
            if !is_shown {
                month.more_alerts += one.count;
            }
            is_shown
        });
        noted
    }
}

impl Noted {
    /// It in words; `None` where it does not open.
    fn told(self, names: &Names, related: &HerRecords<'_>, month: &Month) -> Option<Alert> {
        let record = related.record(self.index)?;
        let matter = Matter::of(&Gist::of(&record.event), related);
        let run = self.run.filter(|_| self.count > 1);
        Some(Alert {
            index: self.index,
            time: names.when.say(record.time),
            told: tell(&record, names, related),
            named: matter.institutions().into_iter().cloned().collect(),
            count: self.count,
            all: run.map(|run| month.list_of(&run)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_desk::history::run::RunOf;

    fn run(number: usize) -> Run {
        Run {
            of: RunOf::Outside,
            by: Some(InstitutionId::parse(&format!("hospital.h{number}")).unwrap()),
        }
    }

    /// So many of each run, the newest run first; then, older, so many emergencies of nobody's run.
    fn attention(runs: usize, of_each: usize, emergencies: usize) -> Attention {
        let mut all = Attention::default();
        let ordinary = (0..runs).flat_map(|number| vec![Some(run(number)); of_each]);
        for run in ordinary.chain(vec![None; emergencies]) {
            if let Some(run) = &run {
                *all.of_run.entry(run.clone()).or_default() += 1;
            }
            all.noted.push(Noted {
                index: LeafIndex::new(all.noted.len() as u64),
                is_emergency: run.is_none(),
                run,
                count: 1,
            });
        }
        all
    }

    #[test]
    fn so_many_warnings_are_written_out_and_emergencies_before_all_others() {
        for (runs, shown, more) in [
            (ALERTS_SHOWN_MAX, ALERTS_SHOWN_MAX, 0),
            (ALERTS_SHOWN_MAX + 1, ALERTS_SHOWN_MAX, 1),
        ] {
            let mut month = Month::default();
            let found = attention(runs, 1, 0).shown(&mut month);
            assert_eq!((found.len(), month.more_alerts), (shown, more), "{runs}");
        }
        let mut month = Month::default();
        let found = attention(40, 1, 2).shown(&mut month);
        let emergencies = found.iter().filter(|one| one.is_emergency).count();
        assert_eq!((found.len(), emergencies), (ALERTS_SHOWN_MAX, 2));
        assert_eq!(month.more_alerts, 40 - (ALERTS_SHOWN_MAX - 2));
    }

    #[test]
    fn a_long_run_is_one_card_with_its_number() {
        for (of_each, cards, count) in [
            (RUN_ALONE_MAX, 2 * RUN_ALONE_MAX, 1),
            (RUN_ALONE_MAX + 1, 2, RUN_ALONE_MAX + 1),
        ] {
            let mut month = Month::default();
            let found = attention(2, of_each, 0).shown(&mut month);
            assert_eq!((found.len(), month.more_alerts), (cards, 0));
            assert!(found.iter().all(|one| one.count == count));
        }
        // Four thousand by one institution leave the emergency where it is.
        let mut month = Month::default();
        let found = attention(1, 4_000, 1).shown(&mut month);
        let counts: Vec<_> = found.iter().map(|one| one.count).collect();
        assert_eq!((counts, month.more_alerts), (vec![4_000, 1], 0));
    }
}
