//! What must hold beside the storm, each with its reason; and what was found, in words.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Output;
use std::time::Duration;

use crate::honest::Lived;
use crate::institution::{Attack, Sent};
use crate::network::Tried;

/// How much more memory the server may have after the second storm than after the first, which was
/// the same: what one person's fold and the log's tail take is kilobytes for each of ten people,
/// the rest is what an allocator keeps.
const MEMORY_MAX: u64 = 48 << 20;

/// Messages about one person that are recorded as sent or given up in a stretch, beside those of
/// her own acts: twenty of each kind of warning and twenty others an hour to one address, three
/// questions in ten minutes (`akashi_notifier::Budgets`), each with what says that more happened.
const NOTICES_MAX: u64 = 100;

/// Alerts about one person in a stretch, which may begin in one hour and end in the next: two an
/// hour of each of four rules about each of three institutions (`notifier/src/tally.rs`).
const ALERTS_MAX: u64 = 48;

/// Records of statements that were not taken, one for each institution and minute.
const THROTTLED_MAX: u64 = 32;

/// What a person's own life writes in one round: a consent, a permit, a release, a withdrawal; a
/// notice of each beside it. Signing in and the emergency are one round's worth.
const OF_A_ROUND: u64 = 8;

/// One stretch of everybody's life.
pub struct Stretch {
    pub lived: Lived,
    pub sent: Sent,
    pub tried: Tried,
    /// Entries the log has grown by.
    pub entries: u64,
    /// What the server has at its end, in bytes.
    pub memory: u64,
}

/// Everything.
pub struct Found {
    pub quiet: Stretch,
    pub first: Stretch,
    pub second: Stretch,
    /// What an auditor says of the log afterwards.
    pub audited: Output,
    /// Rounds of all people in a stretch.
    pub rounds: u64,
    pub people: u64,
    /// How many records the log may be ahead of a warning when it arrives on a telephone.
    pub warned_behind_max: u64,
}

impl Stretch {
    /// Most entries the log may have grown by.
    fn entries_max(&self, rounds: u64, people: u64) -> u64 {
        let hostile = Attack::ALL.map(|attack| self.entries_of(attack));
        let honest = (rounds + people) * OF_A_ROUND;
        let told = people * (NOTICES_MAX + ALERTS_MAX);
        hostile.iter().sum::<u64>() + honest + told + THROTTLED_MAX
    }

    /// Most entries that came of one kind of statement: none where it was turned away before it
    /// was looked at, else one. Alerts are counted by person.
    fn entries_of(&self, attack: Attack) -> u64 {
        let looked_at = |status| ![429, 503].contains(&status);
        let looked_at = self.sent.answered(attack, looked_at) as u64;
        match attack {
            Attack::OutOfPurpose
            | Attack::Emergency
            | Attack::NoConsent
            | Attack::NoOp
            | Attack::Question => looked_at,
            Attack::Repeated => 0,
        }
    }

    /// Answers that say that something broke.
    fn broken(&self) -> usize {
        let of_statements = self.sent.0.values();
        let all = of_statements.chain([&self.tried.bodies, &self.tried.sign_ins]);
        let broken = all.flatten().filter(|(status, _)| **status == 500);
        broken.map(|(_, count)| count).sum()
    }
}

impl Found {
    /// Each thing that must hold, and whether it does.
    fn checks(&self) -> Vec<(String, bool)> {
        let mut checks = Vec::new();
        let stretches = [&self.quiet, &self.first, &self.second];
        for (name, stretch) in ["quiet", "first storm", "second storm"]
            .iter()
            .zip(stretches)
        {
            let lived = &stretch.lived;
            let (refused, behind) = (
                lived.withdrawals_refused,
                lived.warned_behind.iter().max().copied().unwrap_or(0),
            );
            let most = stretch.entries_max(self.rounds, self.people);
            let behind_max = self.warned_behind_max;
            let (entries, broken, others) = (stretch.entries, stretch.broken(), &lived.refused);
            let known = stretch
                .sent
                .answered(Attack::Repeated, |status| status == 200);
            checks.extend([
                (
                    format!("{name}: {refused} withdrawals refused"),
                    refused == 0,
                ),
                (
                    format!("{name}: refused to people: {others:?}"),
                    others.is_empty(),
                ),
                (
                    format!("{name}: everybody warned, {behind} of {behind_max} records behind"),
                    behind <= behind_max && lived.warned_behind.len() as u64 == self.people,
                ),
                (
                    format!("{name}: {entries} of {most} entries"),
                    entries <= most,
                ),
                (
                    format!("{name}: {broken} answers of something broken"),
                    broken == 0,
                ),
                (
                    format!("{name}: {known} answers to who repeats another's words"),
                    known == 0,
                ),
            ]);
        }
        let grown = self.second.memory.saturating_sub(self.first.memory) >> 20;
        let most = MEMORY_MAX >> 20;
        checks.push((
            format!("memory: grown by {grown} of {most} MiB"),
            grown <= most,
        ));
        let said = String::from_utf8_lossy(&self.audited.stdout);
        let good = self.audited.status.success();
        let verdict = said.lines().next().unwrap_or_default().to_owned();
        checks.push((format!("an auditor says: {verdict}"), good));
        checks
    }

    /// How many things must hold.
    pub fn asked(&self) -> usize {
        self.checks().len()
    }

    /// What does not.
    pub fn wrong(&self) -> Vec<String> {
        let checks = self.checks().into_iter();
        checks
            .filter(|(_, holds)| !holds)
            .map(|(what, _)| what)
            .collect()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, stretch) in [("first", &self.first), ("second", &self.second)] {
            writeln!(f, "{name} storm")?;
            for (attack, answers) in &stretch.sent.0 {
                writeln!(f, "  {:<20}{}", attack.name(), by_status(answers))?;
            }
            let Tried { bodies, sign_ins } = &stretch.tried;
            writeln!(f, "  {:<20}{}", "endless bodies", by_status(bodies))?;
            writeln!(f, "  {:<20}{}", "nobody's numbers", by_status(sign_ins))?;
        }
        writeln!(
            f,
            "what people waited (median, longest)      quiet        storm      times"
        )?;
        for (what, quiet) in &self.quiet.lived.took {
            let storm = self.first.lived.took.get(what).into_iter();
            let storm: Vec<_> = storm
                .chain(self.second.lived.took.get(what))
                .flatten()
                .collect();
            let storm: Vec<Duration> = storm.into_iter().copied().collect();
            let ((before, worst), (now, longest)) = (middle(quiet), middle(&storm));
            let times = now.as_secs_f64() / before.as_secs_f64().max(1e-4);
            writeln!(
                f,
                "  {what:<20}{before:>12.1?} {worst:>9.1?} {now:>10.1?} {longest:>9.1?} {times:>8.1}"
            )?;
        }
        let again = [&self.quiet, &self.first, &self.second].map(|one| one.lived.reloaded);
        writeln!(
            f,
            "pages that said to come back, in each stretch: {again:?}"
        )?;
        let memory = [&self.quiet, &self.first, &self.second].map(|one| one.memory >> 20);
        writeln!(f, "memory in MiB after each stretch: {memory:?}")?;
        self.checks()
            .iter()
            .try_for_each(|(what, _)| writeln!(f, "  {what}"))
    }
}

fn by_status(answers: &BTreeMap<u16, usize>) -> String {
    let each = answers
        .iter()
        .map(|(status, count)| format!("{status}: {count}"));
    each.collect::<Vec<_>>().join(", ")
}

/// The one in the middle, and the longest.
fn middle(times: &[Duration]) -> (Duration, Duration) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |at: usize| times.get(at).copied().unwrap_or_default();
    (at(times.len() / 2), at(times.len().saturating_sub(1)))
}
