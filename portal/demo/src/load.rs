//! `akashi load`: drives a running demo with accesses that were signed beforehand, and then looks
//! for every acknowledged record in the public log.
//!
//! ```text
//! load           arguments, the run, the report
//! statements     requests made beforehand, on all cores
//! client drive   a lean HTTP/1.1 client; many of them, each one request at a time
//! latencies      all of them kept; percentiles of the nearest rank
//! acknowledged   what the server has promised, in memory and in a file
//! check          whether the public log holds it
//! ```

pub mod acknowledged;
pub mod check;
pub mod client;
pub mod drive;
pub mod latencies;
pub mod statements;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use akashi_client::{Institution, Signatory};
use akashi_proof::fault::Fault;
use akashi_proof::ids::{InstitutionId, LinkCode};
use akashi_tlog::checkpoint::Origin;

use crate::DemoError;
use crate::description::Description;
use crate::load::acknowledged::{Acknowledged, Collector};
use crate::load::check::CheckError;
use crate::load::client::{Connection, Target, TargetError};
use crate::load::drive::{Outcome, drive};
use crate::load::statements::Signing;
use crate::town::people::{LISTED_MAX, Listed};

/// Excluded from the figures: connections are made, caches and the branch predictor find their
/// places.
const WARM_UP: Duration = Duration::from_secs(2);
/// Statements signed for the warm-up; a server that answers more of them is warm.
const WARM_UP_STATEMENTS: usize = 20_000;
/// Most statements signed at once: at 1.2 kB each about 300 MB.
const STATEMENTS_MAX: usize = 250_000;
/// The longest stretch driven with statements signed at once: they are fresh for 300 s, signing
/// included.
const STRETCH_MAX: Duration = Duration::from_secs(120);
/// How many more statements are signed than the warm-up's rate asks for.
const MARGIN: f64 = 1.6;
/// Messages about 20,000 new people take about a minute on two cores.
const QUIET_WITHIN: Duration = Duration::from_secs(300);
/// People made with one call.
const PEOPLE_STEP: u64 = 2_048;

/// Arguments of `akashi load`.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadArgs {
    /// The server: `http://host:port`.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The demo's `demo.json`.
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    pub demo: Option<PathBuf>,
    /// How many clients, each with one request at a time.
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub clients: u16,
    /// How long to measure, in seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// How many synthetic people; those that are missing are made.
    #[arg(
        long,
        default_value_t = 20_000,
        value_parser = clap::value_parser!(u64).range(1..=crate::town::people::PEOPLE_MAX)
    )]
    pub people: u64,
    /// Writes every acknowledgement to this new file, for `--check` after a crash.
    #[arg(long, value_name = "FILE")]
    pub acked: Option<PathBuf>,
    /// Drives nothing: looks for every acknowledgement of this file in the log.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["demo", "acked"])]
    pub check: Option<PathBuf>,
}

/// Why a load could not be driven or checked.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The URL.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// `demo.json`.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// `demo.json` holds a key or code that is none.
    #[error("the demo's description holds {0} that is none")]
    Description(&'static str),
    /// `demo.json` asks for what cannot be asked.
    #[error("what the demo's description asks: {0}")]
    Asked(#[from] Fault),
    /// The server could not be reached.
    #[error("`{url}`: {error}")]
    Server {
        /// Which.
        url: String,
        /// What the system says.
        error: io::Error,
    },
    /// The server did not make or list people.
    #[error("`/demo/people` answered {0}; is this a running `akashi demo`?")]
    People(u16),
    /// The file of acknowledgements.
    #[error("`{path}`: {error}")]
    Acked {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: acknowledged::ReadError,
    },
    /// The log could not be checked, or contradicts itself.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl LoadError {
    /// Whether the log was found to contradict itself, rather than not to be readable.
    pub const fn is_dishonest(&self) -> bool {
        matches!(
            self,
            Self::Check(CheckError::Checkpoint(_) | CheckError::Bundle { .. } | CheckError::Root)
        )
    }
}

/// Drives or checks. Returns whether every acknowledged record was found and the log has only
/// grown.
///
/// # Errors
/// [`LoadError`].
pub async fn run(args: LoadArgs) -> Result<bool, LoadError> {
    let target = Target::parse(&args.url)?;
    match (&args.check, &args.demo) {
        (Some(path), _) => {
            let failed = |error| LoadError::Acked {
                path: path.clone(),
                error,
            };
            let (vkey, acknowledged) = acknowledged::read(path).map_err(failed)?;
            look_for(&target, &vkey, &acknowledged).await
        }
        (None, Some(path)) => {
            Load::prepare(&args, target, Description::read(path)?)
                .await?
                .run()
                .await
        }
        (None, None) => Err(LoadError::Description("a path")),
    }
}

struct Load<'a> {
    args: &'a LoadArgs,
    target: Target,
    vkey: String,
    signing: Arc<Signing>,
    collector: Arc<Collector>,
    signed: usize,
}

impl<'a> Load<'a> {
    async fn prepare(
        args: &'a LoadArgs,
        target: Target,
        demo: Description,
    ) -> Result<Self, LoadError> {
        println!(
            "akashi load   {}, {} clients, each with one request at a time",
            args.url, args.clients
        );
        let requester = demo
            .institutions
            .iter()
            .find(|institution| institution.id == demo.load.requester);
        let requester = requester.ok_or(LoadError::Description("a requester"))?;
        let id = InstitutionId::parse(&requester.id)
            .map_err(|_| LoadError::Description("an identifier"))?;
        let signatory =
            Signatory::from_jwk(id, &requester.jwk).map_err(|_| LoadError::Description("a key"))?;
        let origin = Origin::new(&demo.origin).map_err(|_| LoadError::Description("an origin"))?;
        let codes = people(args, &target).await?;
        until_quiet(&target)
            .await
            .map_err(|error| LoadError::Server {
                url: args.url.clone(),
                error,
            })?;
        let failed = |error: io::Error| {
            let path = args.acked.clone().unwrap_or_default();
            LoadError::Acked {
                path,
                error: error.into(),
            }
        };
        let collector =
            Arc::new(Collector::new(args.acked.as_deref(), &demo.vkey).map_err(failed)?);
        let signing = Signing {
            institution: Institution::new(signatory, origin),
            asked: demo.load,
            codes,
            target: target.clone(),
        };
        Ok(Self {
            args,
            target,
            vkey: demo.vkey,
            signing: Arc::new(signing),
            collector,
            signed: 0,
        })
    }

    async fn run(mut self) -> Result<bool, LoadError> {
        let warm_up = self.stretch(WARM_UP_STATEMENTS, WARM_UP).await?;
        println!(
            "warm-up       {:.1} s, {} answers: not counted below",
            warm_up.took.as_secs_f64(),
            warm_up.answers()
        );
        let mut rate = warm_up.rate();
        let mut left = Duration::from_secs(self.args.seconds);
        let mut measured = Outcome::default();
        let mut gave_up = warm_up.gave_up;
        while !left.is_zero() && !gave_up {
            let time = left.min(STRETCH_MAX);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast of a float saturates, and the next line bounds it"
            )]
            let count = (rate * time.as_secs_f64() * MARGIN) as usize;
            let stretch = self
                .stretch(count.clamp(1_000, STATEMENTS_MAX), time)
                .await?;
            left = left.saturating_sub(stretch.took.max(Duration::from_millis(100)));
            gave_up = stretch.gave_up;
            rate = stretch.rate().max(1.0);
            measured.add_stretch(stretch);
        }
        report(&measured);
        let acknowledged = self.collector.take();
        if gave_up {
            println!(
                "the server   cannot be reached any more; `--check` looks for what it acknowledged once it is back"
            );
        }
        let all_there = look_for(&self.target, &self.vkey, &acknowledged).await?;
        Ok(all_there && measured.answers() > 0)
    }

    /// Signs so many statements and drives the server with them for this long.
    async fn stretch(&mut self, count: usize, time: Duration) -> Result<Outcome, LoadError> {
        let began = Instant::now();
        let (signing, first) = (Arc::clone(&self.signing), self.signed);
        let signed = tokio::task::spawn_blocking(move || signing.requests(first, count)).await;
        let requests = signed.map_err(|error| self.failed(io::Error::other(error)))??;
        self.signed += count;
        let took = began.elapsed().as_secs_f64();
        println!(
            "signed        {count} statements beforehand in {took:.1} s on {} threads",
            Signing::threads()
        );
        let collector = Arc::clone(&self.collector);
        let driven = drive(
            &self.target,
            requests,
            usize::from(self.args.clients),
            time,
            collector,
        )
        .await;
        driven.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> LoadError {
        LoadError::Server {
            url: self.args.url.clone(),
            error,
        }
    }
}

impl Outcome {
    /// A further stretch of the same run. Requests that ran out only ended that stretch.
    fn add_stretch(&mut self, stretch: Self) {
        let took = self.took + stretch.took;
        self.merge(stretch);
        self.took = took;
    }
}

fn report(measured: &Outcome) {
    let by = |counts: &std::collections::BTreeMap<String, u64>| {
        let each: Vec<String> = counts
            .iter()
            .map(|(key, count)| format!("{count} {key}"))
            .collect();
        if each.is_empty() {
            "none".to_owned()
        } else {
            each.join(", ")
        }
    };
    println!(
        "measured      {:.1} s, {} answers ({})",
        measured.took.as_secs_f64(),
        measured.answers(),
        by(&measured.decisions)
    );
    println!(
        "throughput    {:.0} accesses a second, durable and answered with their proofs",
        measured.rate()
    );
    match measured.latencies.clone().percentiles() {
        Some(percentiles) => println!("latency       {percentiles}"),
        None => println!("latency       nothing was answered"),
    }
    println!("errors        {}", by(&measured.errors));
}

async fn look_for(
    target: &Target,
    vkey: &str,
    acknowledged: &Acknowledged,
) -> Result<bool, LoadError> {
    let began = Instant::now();
    let findings = check::check(&mut Connection::new(target.clone()), vkey, acknowledged).await?;
    println!("in the log    {findings}");
    println!(
        "              every entry hashed again in {:.1} s; the checkpoint verifies",
        began.elapsed().as_secs_f64()
    );
    Ok(findings.is_good())
}

/// Waits until the messages about new people's links and consents are out: they are not what is
/// measured.
async fn until_quiet(target: &Target) -> io::Result<()> {
    let began = Instant::now();
    let mut connection = Connection::new(target.clone());
    loop {
        let answer = connection.get("/metrics").await?;
        let Some(waiting) = waiting(answer.body).filter(|_| answer.status == 200) else {
            println!(
                "messages      the server does not say whether any are going out beside the load"
            );
            return Ok(());
        };
        if waiting == 0 || began.elapsed() > QUIET_WITHIN {
            let took = began.elapsed().as_secs_f64();
            println!(
                "messages      {waiting} going out beside the load (waited {took:.1} s for them)"
            );
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Records the notifier has not read, and messages it has not handed over.
fn waiting(metrics: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(metrics).ok()?;
    let gauge = |name| {
        text.lines().find_map(|line| {
            line.strip_prefix(name)?
                .strip_prefix(' ')?
                .parse::<u64>()
                .ok()
        })
    };
    Some(gauge("akashi_notifier_waiting")? + gauge("akashi_outbox_waiting")?)
}

/// Makes sure the people exist and learns the requester's codes for them.
async fn people(args: &LoadArgs, target: &Target) -> Result<Vec<LinkCode>, LoadError> {
    let failed = |error| LoadError::Server {
        url: args.url.clone(),
        error,
    };
    let began = Instant::now();
    let mut connection = Connection::new(target.clone());
    let mut made = 0;
    let mut count = 0;
    while count < args.people {
        count = args.people.min(count + PEOPLE_STEP);
        let body = format!("{{\"count\":{count}}}");
        let request = target.request(
            "POST",
            "/demo/people",
            &[("Content-Type", "application/json")],
            body.as_bytes(),
        );
        let answer = connection.exchange(&request).await.map_err(failed)?;
        let parsed: Option<crate::town::people::Made> = serde_json::from_slice(answer.body).ok();
        match parsed {
            Some(answer) => made += answer.made,
            None => return Err(LoadError::People(answer.status)),
        }
    }
    let took = began.elapsed().as_secs_f64();
    println!("people        {count}, of whom {made} were made now ({took:.1} s)");
    let mut codes = Vec::new();
    while (codes.len() as u64) < args.people {
        let most = (args.people - codes.len() as u64).min(LISTED_MAX / 4);
        let path = format!("/demo/people?from={}&most={most}", codes.len());
        let answer = connection.get(&path).await.map_err(failed)?;
        let listed: Option<Listed> = serde_json::from_slice(answer.body).ok();
        let people = listed
            .map(|listed| listed.people)
            .filter(|people| !people.is_empty());
        let people = people.ok_or(LoadError::People(answer.status))?;
        let parse =
            |code: &str| LinkCode::parse(code).map_err(|_| LoadError::Description("a link code"));
        for person in people {
            codes.push(parse(&person.requester_code)?);
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_going_out_is_read_from_the_figures() {
        let metrics = b"# TYPE akashi_outbox_waiting gauge\nakashi_notifier_waiting 3\nakashi_outbox_waiting 4\n";
        assert_eq!(waiting(metrics), Some(7));
        assert_eq!(waiting(b"akashi_notifier_waiting 3\n"), None);
    }
}
