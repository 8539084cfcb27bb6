//! The clients: each sends its next request when its answer has arrived (a closed loop), over its
//! own connection. All of them run on one thread, which leaves the other core to the server.

use akashi_proof::ids::LeafIndex;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::task::JoinSet;

use crate::load::acknowledged::{Collector, Proof};
use crate::load::client::{Connection, Target};
use crate::load::latencies::Latencies;

/// A client that cannot reach the server gives up after so many attempts in a row, [`RETRY_AFTER`]
/// apart: about two seconds, longer than a server takes to accept again.
const FAILURES_MAX: u32 = 20;
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// What a stretch of load came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub took: Duration,
    /// How long each good answer took.
    pub latencies: Latencies,
    /// Good answers by decision.
    pub decisions: BTreeMap<String, u64>,
    /// What went wrong, by status or cause.
    pub errors: BTreeMap<String, u64>,
    /// Whether requests ran out before the time did.
    pub ran_out: bool,
    /// Whether clients gave up because the server could not be reached.
    pub gave_up: bool,
}

impl Outcome {
    /// Good answers.
    pub fn answers(&self) -> u64 {
        self.decisions.values().sum()
    }

    /// Good answers a second.
    pub fn rate(&self) -> f64 {
        let seconds = self.took.as_secs_f64();
        if seconds > 0.0 {
            self.answers() as f64 / seconds
        } else {
            0.0
        }
    }

    /// Adds another's figures, time aside.
    pub(super) fn merge(&mut self, other: Self) {
        self.latencies.extend(&other.latencies);
        other
            .decisions
            .into_iter()
            .for_each(|(key, count)| *self.decisions.entry(key).or_default() += count);
        other
            .errors
            .into_iter()
            .for_each(|(key, count)| *self.errors.entry(key).or_default() += count);
        self.ran_out |= other.ran_out;
        self.gave_up |= other.gave_up;
    }
}

/// The members of an answer that are looked at.
#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    decision: std::borrow::Cow<'a, str>,
    index: u64,
    #[serde(borrow)]
    proof: std::borrow::Cow<'a, str>,
}

/// Drives the server with these requests for this long. The clients run on a thread of their own.
///
/// # Errors
/// What the system says when that thread cannot be had.
pub async fn drive(
    target: &Target,
    requests: Vec<Vec<u8>>,
    clients: usize,
    time: Duration,
    collector: Arc<Collector>,
) -> io::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let target = target.clone();
    let run = move || {
        let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
        let began = Instant::now();
        runtime.block_on(async {
            let mut running = JoinSet::new();
            for _ in 0..clients {
                let client = Client {
                    connection: Connection::new(target.clone()),
                    requests: Arc::clone(&requests),
                    next: Arc::clone(&next),
                    until: began + time,
                    collector: Arc::clone(&collector),
                    outcome: Outcome::default(),
                };
                running.spawn(client.run());
            }
            let mut all = Outcome::default();
            while let Some(client) = running.join_next().await {
                all.merge(client.unwrap_or_default());
            }
            all.took = began.elapsed();
            all
        })
    };
    tokio::task::spawn_blocking(run)
        .await
        .map_err(io::Error::other)
}

struct Client {
    connection: Connection,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    until: Instant,
    collector: Arc<Collector>,
    outcome: Outcome,
}

impl Client {
    async fn run(mut self) -> Outcome {
        let mut failures = 0;
        while Instant::now() < self.until {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = self.requests.get(number) else {
                self.outcome.ran_out = true;
                break;
            };
            let began = Instant::now();
            let problem = match self.connection.exchange(request).await {
                Ok(answer) if answer.status == 200 => {
                    failures = 0;
                    let took = began.elapsed().as_micros();
                    match acknowledged(answer.body, &self.collector) {
                        Ok(decision) => {
                            self.outcome.latencies.add(took);
                            *self.outcome.decisions.entry(decision).or_default() += 1;
                            continue;
                        }
                        Err(problem) => problem,
                    }
                }
                Ok(answer) => {
                    failures = 0;
                    answer.status.to_string()
                }
                Err(error) => {
                    failures += 1;
                    tokio::time::sleep(RETRY_AFTER).await;
                    format!("connection: {}", error.kind())
                }
            };
            *self.outcome.errors.entry(problem).or_default() += 1;
            if failures >= FAILURES_MAX {
                self.outcome.gave_up = true;
                break;
            }
        }
        self.outcome
    }
}

/// Keeps what an answer acknowledges and says what was decided.
fn acknowledged(body: &[u8], collector: &Collector) -> Result<String, String> {
    let answered: Answered<'_> =
        serde_json::from_slice(body).map_err(|_| "answer without id, index or proof")?;
    let proof = Proof::parse(&answered.proof).ok_or("answer with a proof that cannot be read")?;
    let kept = collector.keep(LeafIndex::new(answered.index), &proof, &answered.id);
    kept.map_err(|error| format!("acknowledgement not kept: {}", error.kind()))?;
    Ok(answered.decision.into_owned())
}
