//! What must hold beside the storm, each with its reason; and what was found, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::process::Output;
use std::time::{Duration, SystemTime};

use akashi_desk::limits::{NEWCOMERS_BY_RING, RINGING_RING, Rates};
use akashi_ledger::limits::{
    ABOUT_ONE_FOR_EMERGENCIES, ABOUT_ONE_PER_HOUR_MAX, REFUSALS_PER_MINUTE_MAX,
};
use akashi_policies::Pack;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::CountedFor;

use crate::behind::NONE;
use crate::census::{
    ALERTS_PER_HOUR, COUNTED_PER_HOUR, Census, THROTTLED_PER_MINUTE, told_per_hour,
};
use crate::honest::Lived;
use crate::institution::{Attack, Sent};
use crate::network::Tried;
use crate::town::{HONEST, HOSTILE, OFFICE};

/// How much more memory the server may have after the second storm than after the first, which was
/// the same: what one person's fold and the log's tail take is kilobytes for each of ten people,
/// the rest is what an allocator keeps.
const MEMORY_MAX: u64 = 48 << 20;

/// What a person's own life writes in one round: a consent, a permit, a release, a withdrawal, a
/// link code and its end; signing in and the emergency are one round's worth.
const OF_A_ROUND: u64 = 6;
/// Of these, what she and who acts with her does herself: all but the permit.
const ACTS_OF_A_ROUND: u64 = OF_A_ROUND - 1;
/// What stands in her stream besides: her telephone, codes of five institutions and the end of one.
const FOUNDED: u64 = 7;
/// How often the people live.
const LIVES: u64 = 3;

/// One stretch of everybody's life.
pub struct Stretch {
    pub lived: Lived,
    pub sent: Sent,
    pub tried: Tried,
    /// Entries the log has grown by.
    pub entries: u64,
    /// When it began and ended.
    pub between: (SystemTime, SystemTime),
    /// What the server has at its end, in bytes.
    pub memory: u64,
}

/// A storm in the midst of which the server was killed, and went on.
pub struct Restarted {
    pub before: Sent,
    pub after: Sent,
    /// How long the log was when it was there again.
    pub since: LeafIndex,
    /// How many accesses of an honest institution were not answered after it.
    pub looked: usize,
}

/// Everything.
pub struct Found {
    pub quiet: Stretch,
    pub first: Stretch,
    pub second: Stretch,
    pub restarted: Restarted,
    /// What an auditor says of the log afterwards.
    pub audited: Output,
    /// Messages to telephones of people nobody knows.
    pub rung: usize,
    /// What is in the log.
    pub census: Census,
    /// Rounds of one person in a stretch.
    pub rounds: u64,
    pub people: u64,
    /// How many records the log may be ahead of a warning when it arrives on a telephone.
    pub warned_behind_max: u64,
}

impl Stretch {
    /// How many periods of UTC it has a part of.
    fn periods(&self, seconds: u64) -> u64 {
        let period = |at: SystemTime| {
            let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            since.as_secs() / seconds
        };
        period(self.between.1) - period(self.between.0) + 1
    }

    /// Most entries the log may have grown by: what was looked at of each signer, where its bounds
    /// do not allow less; what is counted, and what people are told.
    fn entries_max(&self, rounds: u64, people: u64) -> u64 {
        let (hours, minutes) = (self.periods(3_600), self.periods(60));
        let signers: BTreeSet<&str> = Attack::ALL.map(Attack::signer).into();
        let mut most = (rounds + 1) * people * OF_A_ROUND;
        for signer in signers {
            let of_it = Attack::ALL
                .iter()
                .filter(|attack| attack.signer() == signer);
            let (mut about_people, mut emergencies, mut refused) = (0, 0, 0);
            for attack in of_it {
                let looked_at = self.looked_at(*attack);
                match attack {
                    Attack::OutOfPurpose | Attack::NoConsent | Attack::Question => {
                        about_people += looked_at;
                    }
                    Attack::Emergency => {
                        about_people += looked_at;
                        emergencies += looked_at;
                    }
                    Attack::NoOp | Attack::LinkEnd => refused += looked_at,
                    // Not looked at, or another's.
                    Attack::Suspended | Attack::Repeated => {}
                }
            }
            let of_one = ABOUT_ONE_PER_HOUR_MAX + ABOUT_ONE_FOR_EMERGENCIES;
            let declared = Pack::town().unwrap().settings().emergencies_per_hour;
            most += about_people.min(people * of_one * hours)
                + emergencies.min(declared * hours)
                + refused.min(REFUSALS_PER_MINUTE_MAX * minutes)
                + THROTTLED_PER_MINUTE * CountedFor::ALL.len() as u64 * minutes
                + people * (COUNTED_PER_HOUR + ALERTS_PER_HOUR) * hours;
        }
        most + people * told_per_hour() * hours
    }

    /// How many of these were not turned away before they were looked at.
    fn looked_at(&self, attack: Attack) -> u64 {
        let looked_at = |status| ![403, 429, 503].contains(&status);
        self.sent.answered(attack, looked_at) as u64
    }

    /// Answers that say that something broke.
    fn broken(&self) -> usize {
        let all = [&self.tried.bodies, &self.tried.sign_ins];
        let broken = all
            .into_iter()
            .flatten()
            .filter(|(status, _)| **status == 500);
        self.sent.broken() + broken.map(|(_, count)| count).sum::<usize>()
    }
}

/// Something that must hold, in words, and whether it does.
type Check = (String, bool);

impl Found {
    /// Each thing that must hold, and whether it does.
    fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        checks.extend(self.of_stretch("quiet", &self.quiet));
        checks.extend(self.of_stretch("first storm", &self.first));
        checks.extend(self.of_stretch("second storm", &self.second));
        let grown = self.second.memory.saturating_sub(self.first.memory) >> 20;
        let most = MEMORY_MAX >> 20;
        checks.push((
            format!("memory: grown by {grown} of {most} MiB"),
            grown <= most,
        ));
        checks.extend(self.of_restart());
        checks.extend(self.of_census());
        checks.extend(self.of_attacks());
        // What comes back in the hour that all of this takes at the most is as much again.
        let of_site = Rates::default().newcomers_per_hour * NEWCOMERS_BY_RING[RINGING_RING];
        let (rung, most) = (self.rung, 2 * of_site as usize);
        checks.push((
            format!("{rung} of {most} messages to telephones of nobody's"),
            rung <= most,
        ));
        let said = String::from_utf8_lossy(&self.audited.stdout);
        let good = self.audited.status.success();
        let verdict = said.lines().next().unwrap_or_default().to_owned();
        checks.push((format!("an auditor says: {verdict}"), good));
        checks
    }

    fn of_stretch(&self, name: &str, stretch: &Stretch) -> [Check; 7] {
        let lived = &stretch.lived;
        let refused = lived.withdrawals_refused;
        let behind = lived.warned_behind.iter().max().copied().unwrap_or(0);
        let behind_max = self.warned_behind_max;
        let warned = lived.warned_behind.len() as u64;
        let most = stretch.entries_max(self.rounds, self.people);
        let (entries, broken, others) = (stretch.entries, stretch.broken(), &lived.refused);
        let repeated = |status| status == 200;
        let repeated = stretch.sent.answered(Attack::Repeated, repeated);
        let heard = |status| status != 403;
        let heard = stretch.sent.answered(Attack::Suspended, heard);
        [
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
                behind <= behind_max && warned == self.people,
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
                format!("{name}: {repeated} answers to who repeats another's words"),
                repeated == 0,
            ),
            (
                format!("{name}: {heard} answers to who is suspended"),
                heard == 0,
            ),
        ]
    }

    fn of_restart(&self) -> [Check; 5] {
        let Restarted {
            before,
            after,
            since,
            looked,
        } = &self.restarted;
        let gone = |attack: &Attack| before.answered(*attack, |status| status == NONE);
        let gone: usize = Attack::ALL.iter().map(gone).sum();
        let broken = before.broken() + after.broken();
        let told: Vec<u64> = [&self.first.sent, &self.second.sent, before, after]
            .iter()
            .flat_map(|sent| sent.told.iter().copied())
            .collect();
        let lived = [&self.quiet, &self.first, &self.second].map(|stretch| &stretch.lived.told);
        let lived = lived.into_iter().flatten().copied();
        let lost = |told: &mut dyn Iterator<Item = u64>, asked_by: &[&str]| {
            let lost = |told: &u64| !self.census.holds(LeafIndex::new(*told), asked_by);
            told.filter(lost).count()
        };
        let lost = lost(&mut told.iter().copied(), &[HOSTILE, OFFICE])
            + lost(&mut lived.clone(), &[HONEST]);
        let told = told.len() + lived.count();
        // What was counted before may be lost with the server that was killed.
        let above = Attack::ALL
            .iter()
            .filter(|attack| **attack != Attack::Repeated);
        let above =
            above.map(|attack| after.answered(*attack, |status| [403, 429].contains(&status)));
        let (above, counted) = (
            above.sum::<usize>() as u64,
            self.census.counted_since(*since),
        );
        [
            (
                format!("restart: in the midst of {gone} connections"),
                gone > 0,
            ),
            (
                format!("restart: {broken} answers of something broken"),
                broken == 0,
            ),
            (
                format!("restart: {looked} honest accesses not answered after it"),
                *looked == 0,
            ),
            (
                format!("restart: {lost} of {told} answered decisions are lost"),
                lost == 0 && told > 0,
            ),
            (
                format!("restart: {above} above a bound after it, {counted} counted in records"),
                counted >= above,
            ),
        ]
    }

    /// What is in the log, by bound, whatever was restarted.
    fn of_census(&self) -> impl Iterator<Item = Check> {
        let own_acts = FOUNDED + LIVES * self.rounds * ACTS_OF_A_ROUND;
        let found = self.census.most(own_acts).into_iter();
        found.map(|(what, found, most)| (format!("log: {found} of {most} {what}"), found <= most))
    }

    /// Whether each kind came up against what bounds it: a storm that stays below shows nothing.
    fn of_attacks(&self) -> impl Iterator<Item = Check> {
        let Restarted { before, after, .. } = &self.restarted;
        let sent = [&self.first.sent, &self.second.sent, before, after];
        Attack::ALL.into_iter().map(move |attack| {
            let turned_away = |status| [403, 409, 422, 429].contains(&status);
            let turned_away = sent.iter().map(|sent| sent.answered(attack, turned_away));
            let (name, turned_away) = (attack.name(), turned_away.sum::<usize>());
            let text = format!("{name}: {turned_away} turned away");
            (text, turned_away > 0)
        })
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
            stretch.sent.write(f)?;
            let Tried { bodies, sign_ins } = &stretch.tried;
            writeln!(f, "  {:<20}{}", "endless bodies", by_status(bodies))?;
            writeln!(f, "  {:<20}{}", "nobody's numbers", by_status(sign_ins))?;
        }
        writeln!(f, "third storm, until the server was killed")?;
        self.restarted.before.write(f)?;
        writeln!(f, "third storm, when it was there again")?;
        self.restarted.after.write(f)?;
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

pub fn by_status(answers: &BTreeMap<u16, usize>) -> String {
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
