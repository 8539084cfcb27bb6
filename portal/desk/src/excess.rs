//! What institutions ask about one person above what they may: answered 429, counted, and recorded
//! in her own stream - within a minute of the first, so that it stands there whatever happens to
//! this server, and once more when the hour is over.
//!
//! The sets hold what came first, a few of each; the root holds all of it. Where there is no room,
//! what comes is counted into the institution's stream, as all that is above a rate.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_ledger::Ledger;
use akashi_ledger::command::CountAccesses;
use akashi_ledger::limits::COUNTED_SET_MAX;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    InstitutionId, ProcessId, PurposeCode, RoleHolderId, SubjectHandle, Timestamp,
};
use akashi_proof::record::kind::AccessesCounted;
use akashi_proof::record::value::Set;
use akashi_proof::state::Verified;
use akashi_proof::statement::AccessClaims;
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::frontier::Frontier;

use crate::limits::{EXCESS_MAX, EXCESS_OF_ONE_MAX};

/// One institution's about one person.
type Of = (InstitutionId, SubjectHandle);

/// What was counted and is not recorded, by institution and person.
#[derive(Default)]
pub struct Excess {
    counted: Mutex<All>,
}

#[derive(Default)]
struct All {
    open: BTreeMap<Of, Counted>,
    /// What is to be recorded: what is due, and what the ledger did not take.
    due: VecDeque<(Of, Counted)>,
}

/// Of one institution about one person.
#[derive(Default)]
struct Counted {
    from: Timestamp,
    until: Timestamp,
    count: u64,
    role_holders: BTreeSet<RoleHolderId>,
    processes: BTreeSet<ProcessId>,
    purposes: BTreeSet<PurposeCode>,
    holders: BTreeSet<InstitutionId>,
    digests: Frontier,
    /// In which hour something of it was recorded last.
    recorded: Option<u64>,
}

/// There is no room to count it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

impl Excess {
    /// Counts one that came at `now`.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn count(
        &self,
        subject: SubjectHandle,
        statement: &Verified<AccessClaims>,
        now: Timestamp,
    ) -> Result<(), NoRoom> {
        let iss = &statement.claims().common.iss;
        let of = (iss.clone(), subject);
        let mut all = self.counted();
        if !all.open.contains_key(&of) {
            let of_one = all.of_institution(iss);
            if all.open.len() + all.due.len() >= EXCESS_MAX || of_one >= EXCESS_OF_ONE_MAX {
                return Err(NoRoom);
            }
        }
        all.open.entry(of).or_default().add(statement, now);
        Ok(())
    }

    /// Records what is due: what began since the last time, and what an hour that is over has left;
    /// where `all`, everything. What the ledger does not take now stays counted.
    pub async fn record(&self, ledger: &Ledger, now: Timestamp, all: bool) {
        let due = self.counted().put_due(now, all);
        for _ in 0..due {
            // One at a time: whatever becomes of this, what has not been handed over stays here.
            let Some((of, counted)) = self.counted().due.pop_front() else {
                return;
            };
            let command = CountAccesses {
                subject: of.1,
                counted: counted.to_event(&of.0),
            };
            match ledger.submit(command).await {
                Ok(_) => {
                    let hour = Some(counted.until.hour_utc());
                    self.counted().open.entry(of).or_default().recorded = hour;
                }
                Err(refusal) => {
                    tracing::warn!(%refusal, "accesses above a bound are counted on");
                    self.counted().due.push_back((of, counted));
                }
            }
        }
    }

    fn counted(&self) -> MutexGuard<'_, All> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn of_institution(&self, institution: &InstitutionId) -> usize {
        let due = self.due.iter().map(|(of, _)| of);
        let all = self.open.keys().chain(due);
        all.filter(|(known, _)| known == institution).count()
    }

    /// Puts what is due behind what is to be recorded already; returns how much that is in all.
    fn put_due(&mut self, now: Timestamp, all: bool) -> usize {
        let hour = now.hour_utc();
        self.open
            .retain(|_, one| one.count > 0 || one.recorded == Some(hour));
        let is_due = |one: &Counted| {
            let of = one.until.hour_utc();
            one.count > 0 && (all || of < hour || one.recorded != Some(of))
        };
        let due = self.open.iter().filter(|(_, one)| is_due(one));
        let due: Vec<Of> = due.map(|(of, _)| of.clone()).collect();
        let due = due.into_iter();
        self.due
            .extend(due.filter_map(|of| self.open.remove_entry(&of)));
        self.due.len()
    }
}

impl Counted {
    fn add(&mut self, statement: &Verified<AccessClaims>, now: Timestamp) {
        let claims = statement.claims();
        if self.count == 0 {
            self.from = now;
        }
        self.until = now;
        self.count += 1;
        put(&mut self.role_holders, &claims.role_holder);
        put(&mut self.processes, &claims.process);
        put(&mut self.purposes, &claims.purpose);
        put(&mut self.holders, &claims.holder);
        let digest = Digest::of(&[statement.jws().as_bytes()]);
        self.digests.push(Hash::leaf(digest.as_bytes()));
    }

    fn to_event(&self, requester: &InstitutionId) -> AccessesCounted {
        AccessesCounted {
            requester: requester.clone(),
            from: self.from,
            until: self.until,
            count: self.count,
            role_holders: Set::new(self.role_holders.iter().cloned()),
            processes: Set::new(self.processes.iter().cloned()),
            purposes: Set::new(self.purposes.iter().cloned()),
            holders: Set::new(self.holders.iter().cloned()),
            root: Digest::from_bytes(*self.digests.root().as_bytes()),
        }
    }
}

fn put<T: Ord + Clone>(set: &mut BTreeSet<T>, one: &T) {
    if set.len() < COUNTED_SET_MAX {
        set.insert(one.clone());
    }
}
