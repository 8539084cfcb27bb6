//! Token buckets: how much one sender may ask. A sender may use its whole minute, or whatever time
//! a rate is for, at once and then goes on at its rate.
//!
//! An address is counted with the networks around it ([`crate::network`]), the widest first:
//! whoever has a /48 has the rate of sixteen customers and not of 65,536, and makes no more buckets
//! than that. Where a table is full, who is new in it counts by the networks around it only: no
//! stranger is refused because of others elsewhere.
//!
//! Nothing is looked through to forget: a bucket that rested for that time is full again, so the
//! tables of so long ago are dropped whole.
//!
//! Our own instead of tower_governor: its map grows until somebody calls it to clean up, it knows
//! one width of network, and a signed identity is known only inside the handler.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use akashi_ledger::random::draw_secret;
use akashi_notifier::{Cells, Tries};
use akashi_proof::digest::Secret;
use akashi_proof::ids::Timestamp;
use akashi_proof::state::SignedBy;

use crate::limits::{NEWCOMERS_BY_RING, RATE_BY_RING, Rates, SENDERS_MAX, WRONG_CODES_BY_RING};
use crate::network::{Network, Networks, RINGS};

/// There is one SMS gateway, wherever it posts from.
const GATEWAY: &[u8] = b"gateway";

/// No network around an address has a rate: of what costs next to nothing.
const OF_ADDRESS_ALONE: [u32; RINGS] = [1, u32::MAX, u32::MAX, u32::MAX];

const MINUTE: Duration = Duration::from_secs(60);
const TEN_MINUTES: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// All limits by sender.
pub struct Limits {
    /// Pages, by address.
    pub pages: RateLimit,
    /// Sign-in, enrolment and codes, by address.
    pub sign_in: RateLimit,
    /// Wrong codes, over all numbers together, by address: looked at before a code is, taken when
    /// it was wrong. Recovery codes are not counted: nobody guesses a hundred bits, and a
    /// neighbour's must not keep a lost phone open.
    pub wrong_codes: RateLimit,
    /// Codes to people nobody knows yet, by address.
    newcomers: RateLimit,
    /// Codes to one number, by the site that has them sent.
    by_site: BySite,
    /// The SMS gateway's replies.
    inbound_sms: NamedRate,
    /// Its delivery reports: apart, so that no number of them keeps out a refusal.
    sms_reports: NamedRate,
    /// Statements, by signed institution.
    pub statements: NamedRate,
    /// Thousands of bytes of statements, by signed institution.
    pub statement_bytes: NamedRate,
    /// What supervisors sign, by supervisor.
    supervisors: NamedRate,
    /// Acts on keys, by the key that signed them.
    pub key_acts: NamedRate,
    /// What is nobody's, by address: unsigned, late, or known and not its sender's to ask for.
    pub unsigned: RateLimit,
    /// The public log, by address.
    pub log: RateLimit,
    /// What is the same for everybody, by address.
    pub open: RateLimit,
    /// Whether the server is well, by address alone: neighbours of who watches it keep nothing from
    /// him.
    pub health: RateLimit,
}

impl Limits {
    /// At these rates.
    pub fn new(rates: &Rates) -> Self {
        Self {
            pages: RateLimit::per_minute(rates.pages_per_minute),
            sign_in: RateLimit::per_minute(rates.sign_in_per_minute),
            wrong_codes: RateLimit::within(
                TEN_MINUTES,
                rates.wrong_codes_per_ten_minutes,
                WRONG_CODES_BY_RING,
            ),
            newcomers: RateLimit::within(HOUR, rates.newcomers_per_hour, NEWCOMERS_BY_RING),
            by_site: BySite::new(rates),
            inbound_sms: NamedRate::within(MINUTE, rates.inbound_sms_per_minute),
            sms_reports: NamedRate::within(MINUTE, rates.sms_reports_per_minute),
            statements: NamedRate::within(MINUTE, rates.statements_per_minute),
            statement_bytes: NamedRate::within(
                DAY,
                rates.statement_megabytes_per_day.saturating_mul(1_000),
            ),
            supervisors: NamedRate::within(MINUTE, rates.supervisor_acts_per_minute),
            key_acts: NamedRate::within(MINUTE, rates.key_acts_per_minute),
            unsigned: RateLimit::per_minute(rates.unsigned_per_minute),
            log: RateLimit::per_minute(rates.log_per_minute),
            open: RateLimit::per_minute(rates.open_per_minute),
            health: RateLimit::within(MINUTE, rates.open_per_minute, OF_ADDRESS_ALONE),
        }
    }

    /// Counts one request of whoever signed it: a statement, an answer given again, a read.
    ///
    /// # Errors
    /// [`Wait`] where its signer has none left.
    pub fn signed(&self, by: &SignedBy) -> Result<(), Wait> {
        match by {
            SignedBy::Institution(id) => self.statements.take(id.as_str().as_bytes()),
            SignedBy::Supervisor(id) => self.supervisors.take(id.as_str().as_bytes()),
        }
    }

    /// Counts one request with replies, of whoever has shown the SMS gateway's token.
    ///
    /// # Errors
    /// [`Wait`] where it has none left.
    pub fn replies(&self) -> Result<(), Wait> {
        self.inbound_sms.take(GATEWAY)
    }

    /// Counts one request with delivery reports, likewise.
    ///
    /// # Errors
    /// [`Wait`] where it has none left.
    pub fn reports(&self) -> Result<(), Wait> {
        self.sms_reports.take(GATEWAY)
    }

    /// Counts a code that this sender has sent to an address nobody may be known by.
    ///
    /// # Errors
    /// [`Wait`] where the sender's networks have had as many sent as they may, to all addresses or
    /// to this one.
    pub fn rings_a_stranger(&self, sender: &[u8], to: &str) -> Result<(), Wait> {
        // What is refused for this address costs the sender nothing at others.
        self.newcomers.check(sender)?;
        self.by_site.take(Rung::Newcomer, sender, to)?;
        self.newcomers.take(sender)
    }

    /// Counts a code for signing in that this sender has sent to a number, whether or not somebody
    /// is known by it.
    ///
    /// # Errors
    /// [`Wait`] where the sender's site has had as many sent to this number as it may.
    pub fn rings_her(&self, sender: &[u8], to: &str) -> Result<(), Wait> {
        self.by_site.take(Rung::Known, sender, to)
    }

    /// Counts a code for signing in that a browser which is known for the number has sent to it.
    ///
    /// # Errors
    /// [`Wait`] where it has had as many sent as it may.
    pub fn rings_her_from(&self, browser: &[u8], to: &str) -> Result<(), Wait> {
        self.by_site
            .take_named(b"browser", Rung::Known, browser, to)
    }

    /// How often a code was not looked at because its network had typed too many wrong ones.
    pub fn guessers_paused(&self) -> u64 {
        self.wrong_codes.refused()
    }

    /// How often no code was sent because of who asked for it.
    pub fn rung_too_often(&self) -> u64 {
        self.newcomers.refused() + self.by_site.refused.load(Relaxed)
    }
}

/// Who is rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    /// Whoever reads a number that may be nobody's here.
    Newcomer,
    /// Who is enrolled with it.
    Known,
}

/// Codes to one number, by the site that has them sent, or by the browser that is known for it.
/// Both are a stranger's to choose, so they are counted in memory that does not grow.
struct BySite {
    key: Secret,
    counted: Mutex<Tries>,
    newcomers: u8,
    known: u8,
    began: Instant,
    refused: AtomicU64,
}

impl BySite {
    fn new(rates: &Rates) -> Self {
        let most = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        // Counting for half a day at least, and a day at most.
        let half = u64::try_from(DAY.as_millis() / 2).unwrap_or(u64::MAX);
        Self {
            key: draw_secret(),
            counted: Mutex::new(Tries::within(half)),
            newcomers: most(rates.newcomers_number_per_day),
            known: most(rates.sign_in_number_per_day),
            began: Instant::now(),
            refused: AtomicU64::new(0),
        }
    }

    /// Counts one, unless there were as many; 255 is as many as one likes. Whoever has no site is
    /// not on the net.
    fn take(&self, rung: Rung, sender: &[u8], to: &str) -> Result<(), Wait> {
        let Some(site) = Networks::of(sender).site() else {
            return Ok(());
        };
        let name: &[u8] = match rung {
            Rung::Newcomer => b"newcomer",
            Rung::Known => b"known",
        };
        self.take_named(name, rung, site.first(), to)
    }

    fn take_named(&self, name: &[u8], rung: Rung, from: &[u8], to: &str) -> Result<(), Wait> {
        let most = match rung {
            Rung::Newcomer => self.newcomers,
            Rung::Known => self.known,
        };
        let cells = Cells::of(&self.key, &[name, from, to.as_bytes()]);
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if most < u8::MAX && counted.of(&cells, now) >= most {
            self.refused.fetch_add(1, Relaxed);
            return Err(Wait { seconds: 600 });
        }
        counted.count(&cells, now);
        Ok(())
    }
}

/// Limits one kind of request per address and per network.
pub struct RateLimit {
    rings: Mutex<[Table<Network>; RINGS]>,
    refused: AtomicU64,
}

/// Limits one kind of request per name: an institution, a key.
pub struct NamedRate {
    table: Mutex<Table<Box<[u8]>>>,
}

/// The sender has used what it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// After how many seconds there is room again.
    pub seconds: u32,
}

impl Wait {
    /// Until a moment of the wall clock, rounded up.
    pub fn until(end: Timestamp, now: Timestamp) -> Self {
        let seconds = end
            .as_millis()
            .saturating_sub(now.as_millis())
            .div_ceil(1_000);
        Self {
            seconds: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX),
        }
    }
}

impl RateLimit {
    /// So many requests a minute for one address; for the networks around it as many times as
    /// [`RATE_BY_RING`] says.
    pub fn per_minute(requests: u32) -> Self {
        Self::within(MINUTE, requests, RATE_BY_RING)
    }

    /// So many requests in this time for one address; for the networks around it as many times as
    /// `by_ring` says, the narrowest first.
    pub fn within(time: Duration, requests: u32, by_ring: [u32; RINGS]) -> Self {
        let table = |times| Table::within(time, requests.max(1).saturating_mul(times));
        Self {
            rings: Mutex::new(by_ring.map(table)),
            refused: AtomicU64::new(0),
        }
    }

    /// How many found no token, since the start.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Takes one token of this sender.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn take(&self, sender: &[u8]) -> Result<(), Wait> {
        self.take_at(sender, 1.0, Instant::now())
    }

    /// Whether a token is left, without taking it: for what is counted only when it turns out bad.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn check(&self, sender: &[u8]) -> Result<(), Wait> {
        self.take_at(sender, 0.0, Instant::now())
    }

    /// From every ring or from none, so that what is refused costs nobody around it anything.
    fn take_at(&self, sender: &[u8], tokens: f64, now: Instant) -> Result<(), Wait> {
        let networks = Networks::of(sender);
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        for (table, network) in rings.iter().zip(networks.narrowest_first()).rev() {
            let checked = network.map_or(Ok(()), |network| table.check(&network, now));
            checked.inspect_err(|_| _ = self.refused.fetch_add(1, Relaxed))?;
        }
        if tokens > 0.0 {
            for (table, network) in rings.iter_mut().zip(networks.narrowest_first()) {
                table.turn(now);
                if let Some(network) = network {
                    table.take(network, tokens, now);
                }
            }
        }
        Ok(())
    }
}

impl NamedRate {
    /// So many in this time for one name.
    pub fn within(time: Duration, requests: u32) -> Self {
        Self {
            table: Mutex::new(Table::within(time, requests)),
        }
    }

    /// Whether a token is left, without taking it.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn check(&self, name: &[u8]) -> Result<(), Wait> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.check(&Box::from(name), Instant::now())
    }

    /// Takes one token of this name.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn take(&self, name: &[u8]) -> Result<(), Wait> {
        self.take_at(name, 1.0, Instant::now())
    }

    /// Takes a token for every thousand bytes of this, where one is left: the last statement may
    /// have more than is there.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn take_bytes(&self, name: &[u8], bytes: &[u8]) -> Result<(), Wait> {
        let bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.take_at(name, f64::from(bytes) / 1_000.0, Instant::now())
    }

    fn take_at(&self, name: &[u8], tokens: f64, now: Instant) -> Result<(), Wait> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Box::from(name);
        table.turn(now);
        table.check(&key, now)?;
        table.take(key, tokens, now);
        Ok(())
    }
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Buckets of one rate: those used in this stretch of its time, and those of the one before. One
/// that rested for the whole time is full.
struct Table<K> {
    most: f64,
    time: Duration,
    now: HashMap<K, Bucket>,
    before: HashMap<K, Bucket>,
    turned: Option<Instant>,
}

impl<K: Eq + Hash> Table<K> {
    fn within(time: Duration, requests: u32) -> Self {
        Self {
            most: f64::from(requests.max(1)),
            time,
            now: HashMap::new(),
            before: HashMap::new(),
            turned: None,
        }
    }

    fn check(&self, key: &K, now: Instant) -> Result<(), Wait> {
        let known = self.now.get(key).or_else(|| self.before.get(key));
        let tokens = known.map_or(self.most, |bucket| self.refilled(bucket, now));
        if tokens >= 1.0 {
            return Ok(());
        }
        let wait = (1.0 - tokens) * self.time.as_secs_f64() / self.most;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates, and a wait is no longer than the rate's time"
        )]
        let seconds = wait.ceil() as u32;
        Err(Wait { seconds })
    }

    /// Drops the buckets that are full again.
    fn turn(&mut self, now: Instant) {
        let turned = *self.turned.get_or_insert(now);
        if now.saturating_duration_since(turned) >= self.time {
            self.before = std::mem::take(&mut self.now);
            self.turned = Some(now);
        }
    }

    fn take(&mut self, key: K, tokens: f64, now: Instant) {
        let known = self.now.remove(&key).or_else(|| self.before.remove(&key));
        if known.is_none() && self.now.len() >= SENDERS_MAX {
            return;
        }
        let left = known.map_or(self.most, |bucket| self.refilled(&bucket, now));
        let tokens = left - tokens;
        self.now.insert(key, Bucket { tokens, at: now });
    }

    fn refilled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + seconds * self.most / self.time.as_secs_f64()).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[u8] = &[192, 0, 2, 1];
    const B: &[u8] = &[192, 0, 2, 2];

    #[test]
    fn a_minute_may_be_used_at_once_and_fills_again_evenly() {
        let limit = RateLimit::per_minute(6);
        let now = Instant::now();
        for _ in 0..6 {
            assert_eq!(limit.take_at(A, 1.0, now), Ok(()));
        }
        assert_eq!(limit.take_at(A, 1.0, now), Err(Wait { seconds: 10 }));
        let others = limit.take_at(B, 1.0, now);
        assert_eq!(others, Ok(()), "others are not concerned");
        let later = now + Duration::from_secs(10);
        assert_eq!(limit.take_at(A, 1.0, later), Ok(()));
        assert!(limit.take_at(A, 1.0, later).is_err());
        assert!(
            limit.take_at(A, 0.0, later).is_err(),
            "looking costs nothing and tells the same"
        );
        let again = later + Duration::from_secs(10);
        assert_eq!(limit.take_at(A, 0.0, again), Ok(()));
    }

    #[test]
    fn a_whole_network_has_the_rate_of_a_few_and_others_keep_theirs() {
        let limit = RateLimit::per_minute(6);
        let now = Instant::now();
        let customer = |n: u16| {
            let [high, low] = n.to_be_bytes();
            [0x20, 0x01, 0x0d, 0xb8, 0, 1, high, low]
        };
        let let_in = |n| limit.take_at(&customer(n), 1.0, now).is_ok();
        let taken = (0..u16::MAX).filter(|n| let_in(*n)).count();
        assert_eq!(taken, 6 * RATE_BY_RING[2] as usize);
        let elsewhere = [0x20, 0x01, 0x0d, 0xb9, 0, 1, 0, 0];
        assert_eq!(limit.take_at(&elsewhere, 1.0, now), Ok(()));
        let rings = limit.rings.lock().unwrap();
        let remembered = rings[0].now.len();
        assert!(remembered <= taken + 1, "what is refused leaves no bucket");
    }

    #[test]
    fn a_flood_is_forgotten_whole_and_never_refuses_a_stranger() {
        let limit = RateLimit::per_minute(2);
        let now = Instant::now();
        for sender in 0..SENDERS_MAX as u32 + 2 {
            // Each in a network of its own.
            let [a, b, c, d] = sender.to_be_bytes();
            let sender = [a, b, c, d, 0, 0, 0, 0];
            assert_eq!(limit.take_at(&sender, 1.0, now), Ok(()));
        }
        let held = |limit: &RateLimit| {
            let rings = limit.rings.lock().unwrap();
            let of = |table: &Table<Network>| table.now.len().max(table.before.len());
            rings.iter().map(of).max().unwrap()
        };
        assert_eq!(held(&limit), SENDERS_MAX, "N are held, N + 1 are not");
        assert_eq!(limit.take_at(A, 1.0, now), Ok(()), "somebody new");
        for minute in 1..=2 {
            let later = now + MINUTE * minute;
            assert_eq!(limit.take_at(B, 1.0, later), Ok(()));
        }
        assert_eq!(held(&limit), 1);
    }

    #[test]
    fn one_institution_does_not_use_up_another_s_rate() {
        let limit = NamedRate::within(MINUTE, 1);
        assert_eq!(limit.take(b"one.of.them"), Ok(()));
        assert!(limit.take(b"one.of.them").is_err());
        assert_eq!(limit.take(b"another.one"), Ok(()));
    }

    #[test]
    fn wrong_codes_of_one_network_are_counted_over_all_numbers_and_pause_it_alone() {
        let limits = Limits::new(&Rates::default());
        let (guesses, now) = (&limits.wrong_codes, Instant::now());
        let most = Rates::default().wrong_codes_per_ten_minutes;
        for guess in 0..most {
            assert_eq!(guesses.take_at(A, 1.0, now), Ok(()), "{guess}");
        }
        assert!(guesses.take_at(A, 0.0, now).is_err(), "N + 1");
        assert_eq!(guesses.take_at(B, 0.0, now), Ok(()), "a neighbour");
        assert_eq!(limits.guessers_paused(), 1);
        let minute = now + MINUTE;
        assert_eq!(guesses.take_at(A, 1.0, minute), Ok(()), "it fills evenly");
        // Somebody with a whole /24, and a neighbour of it.
        let mut wrong = 0;
        for host in 0..=255 {
            while guesses.take_at(&[198, 51, 100, host], 1.0, minute).is_ok() {
                wrong += 1;
            }
        }
        assert_eq!(wrong, 16 * most);
        assert_eq!(guesses.take_at(&[198, 51, 101, 1], 0.0, minute), Ok(()));
        let later = minute + TEN_MINUTES;
        assert_eq!(guesses.take_at(&[198, 51, 100, 1], 0.0, later), Ok(()));
    }

    #[test]
    fn one_site_rings_a_strangers_number_three_times_and_leaves_her_the_rest() {
        let limits = Limits::new(&Rates::default());
        let ring = |sender: &[u8], to| limits.rings_a_stranger(sender, to);
        for host in 1..=3 {
            assert_eq!(ring(&[192, 0, 2, host], "+819012345678"), Ok(()));
        }
        assert!(ring(&[192, 0, 2, 9], "+819012345678").is_err(), "N + 1");
        assert_eq!(ring(&[192, 0, 2, 9], "+819012345679"), Ok(()));
        assert_eq!(ring(&[192, 0, 3, 1], "+819012345678"), Ok(()), "herself");
        assert_eq!(limits.rung_too_often(), 1);
    }

    #[test]
    fn one_site_rings_her_own_phone_twenty_times_and_others_sign_her_in() {
        let limits = Limits::new(&Rates::default());
        let most = Rates::default().sign_in_number_per_day;
        for host in 0..most {
            let sender = [192, 0, 2, host as u8];
            assert_eq!(limits.rings_her(&sender, "+819012345678"), Ok(()));
        }
        assert!(limits.rings_her(A, "+819012345678").is_err(), "N + 1");
        assert_eq!(limits.rings_her(A, "+819012345679"), Ok(()));
        assert_eq!(limits.rings_her(&[192, 0, 3, 1], "+819012345678"), Ok(()));
        // However many numbers he tries, none of them is forgotten for it.
        for n in 0..200_000 {
            let _tried = limits.rings_her(A, &format!("+8190{n:08}"));
        }
        assert!(limits.rings_her(A, "+819012345678").is_err());
        let loopback = Limits::new(&Rates {
            sign_in_number_per_day: 1_000,
            ..Rates::default()
        });
        for _ in 0..1_000 {
            assert_eq!(loopback.rings_her(A, "+819012345678"), Ok(()), "no bound");
        }
    }

    #[test]
    fn no_network_has_all_the_codes_to_newcomers() {
        let limits = Limits::new(&Rates::default());
        let mut sent = 0;
        for (site, host) in (0..=255).flat_map(|site| (0..8).map(move |host| (site, host))) {
            let number = format!("+8190{site:04}{host:04}");
            let sender = [10, 1, site, host];
            sent += u32::from(limits.rings_a_stranger(&sender, &number).is_ok());
        }
        assert_eq!(sent, 500, "half of the thousand all may have");
        assert_eq!(
            limits.rings_a_stranger(&[10, 2, 0, 1], "+819011111111"),
            Ok(())
        );
    }

    #[test]
    fn forty_people_behind_one_office_s_address_sign_in_within_a_minute() {
        let (limits, now) = (Limits::new(&Rates::default()), Instant::now());
        let take = |limit: &RateLimit| limit.take_at(A, 1.0, now);
        for person in 0..40 {
            // The number, the code, and one typing mistake.
            for form in 0..3 {
                let taken = take(&limits.sign_in).and_then(|()| take(&limits.pages));
                assert_eq!(taken, Ok(()), "{person}, {form}");
            }
        }
        assert!(take(&limits.sign_in).is_err(), "N + 1");
    }

    #[test]
    fn a_day_s_bytes_come_back_evenly_over_the_day() {
        let rate = NamedRate::within(DAY, 1_000);
        let now = Instant::now();
        let take = |who: &[u8], tokens, now| rate.take_at(who, tokens, now);
        assert_eq!(take(b"one.of.them", 999.0, now), Ok(()));
        assert_eq!(take(b"one.of.them", 16.384, now), Ok(()), "one is left");
        let wait = take(b"one.of.them", 0.001, now).unwrap_err();
        assert!((1_400..1_500).contains(&wait.seconds), "{wait:?}");
        assert_eq!(take(b"another.one", 1.0, now), Ok(()));
        let then = now + Duration::from_secs(wait.seconds.into());
        assert_eq!(take(b"one.of.them", 1.0, then), Ok(()));
        assert_eq!(take(b"one.of.them", 1_000.0, now + 2 * DAY), Ok(()));
    }
}
