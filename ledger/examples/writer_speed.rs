//! How many decided accesses a second the writer makes durable, in process, on the embedded store.
//!
//! ```text
//! cargo run --release -p akashi-ledger --example writer_speed -- [PEOPLE] [RECORDS]
//! ```
//! Statements are signed and taken apart beforehand; twice as many are kept waiting as go into one
//! commit. Everything a real access costs the writer is in it: duplicate check, link code,
//! decision, commitment, sealing, indexes, tiles, state rows, durable commit, read back, guard,
//! signature, proof.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Instant;

use akashi_actors::{Access, Actor, Cast, Person, Query, claims, commands, random};
use akashi_ledger::clock::SystemClock;
use akashi_ledger::command::{DecideAccess, Enrol, IssueLink, LinkReceipt};
use akashi_ledger::random::draw_secret;
use akashi_ledger::{Folders, Ledger};
use akashi_proof::clock::Clock;
use akashi_proof::decision::{ConsentQuestion, Decide, Decision, Policies, Question};
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::LinkCode;
use akashi_proof::jws::Type;
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::Outcome;
use akashi_proof::statement::RequestNonce;
use tokio::task::JoinSet;

const ORIGIN: &str = "bench.akashi.example/log";
/// Who has the data.
const PHARMACY: &str = "pharmacy.b";

/// As in the server's binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Permits everything: the decision has a benchmark of its own in `policies`.
struct Permit;

impl Policies for Permit {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        (self.policy_digest() == *digest).then(|| Arc::new(Self) as Arc<dyn Decide>)
    }
}

impl Decide for Permit {
    fn may_agree(&self, _: &ConsentQuestion<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn engine(&self) -> &str {
        "bench"
    }
    fn policy_digest(&self) -> Digest {
        Digest::of(&[b"bench"])
    }
    fn decide(&self, question: &Question<'_>) -> Decision {
        let expires = Some(question.now.plus_millis(600_000));
        Decision {
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            expires,
            ..Decision::deny(Reason::ConsentCovers)
        }
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<usize>().unwrap());
    let (people, records) = (
        arguments.next().unwrap_or(20_000),
        arguments.next().unwrap_or(200_000),
    );
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders {
        data: folder.path().join("data"),
        keys: folder.path().join("keys"),
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let cast = Cast::of(ORIGIN, Arc::clone(&clock));
    let opening = cast.opening("bench", Permit.policy_digest());
    akashi_ledger::ledger::create(&folders, &opening, clock.as_ref()).unwrap();
    let ledger = Ledger::open(&folders, clock).unwrap();
    let (hospital, pharmacy) = (cast.actor("hospital.a"), cast.actor(PHARMACY));
    for institution in [&hospital, &pharmacy] {
        let act = claims::certified(institution.who(), ("a", "a"), "hospital");
        let done = commands::act_by_supervisors(&ledger, &cast, &act).await;
        done.unwrap();
    }
    let started = Instant::now();
    let codes = enrol(&ledger, [&hospital, &pharmacy], people).await;
    println!(
        "{people} people with two link codes each: {:.1} s",
        started.elapsed().as_secs_f64()
    );

    let mut done = 0;
    let mut in_last_tenth = 0.0;
    let mut total = 0.0;
    while done < records {
        let batch: Vec<DecideAccess> = (0..8_192.min(records - done))
            .map(|n| access(&ledger, &hospital, &codes[(n * 7_919 + done) % people]))
            .collect();
        let count = batch.len();
        let started = Instant::now();
        in_flight(&ledger, batch, 1_024).await;
        let seconds = started.elapsed().as_secs_f64();
        total += seconds;
        done += count;
        in_last_tenth = count as f64 / seconds;
    }
    println!(
        "{records} accesses: {:.0} a second over all, {in_last_tenth:.0} in the last batch",
        records as f64 / total
    );
}

async fn enrol(ledger: &Ledger, institutions: [&Actor; 2], people: usize) -> Vec<LinkCode> {
    let mut codes = Vec::with_capacity(people);
    for first in (0..people).step_by(512) {
        let batch = (first..people.min(first + 512)).map(|_| commands::enrolment());
        let (enrolled, batch): (Vec<Enrol>, Vec<Person>) = batch.unzip();
        in_flight(ledger, enrolled, 512).await;
        for institution in institutions {
            let links = batch.iter().map(|person| {
                let link_key = draw_secret();
                let claims = claims::link(&person.qid, "000000", &link_key);
                let jws = institution.sign(Type::Link, claims);
                IssueLink {
                    statement: commands::verify(ledger, jws).unwrap(),
                    link_key,
                    read_out_by: Some(person.subject),
                }
            });
            for receipt in in_flight(ledger, links.collect(), 512).await {
                let LinkReceipt::Issued { code, .. } = receipt else {
                    panic!("{receipt:?}")
                };
                if institution.id() == institutions[0].id() {
                    codes.push(code);
                }
            }
        }
    }
    codes
}

fn access(ledger: &Ledger, hospital: &Actor, code: &LinkCode) -> DecideAccess {
    let asked = Access {
        subject: Some(code.as_str()),
        role_holder: "dr-sato",
        role: "physician",
        process: "care.consult",
        purpose: "treatment",
        holder: PHARMACY,
        categories: &["medication", "allergy"],
        ..Access::VIEW
    };
    let nonce = RequestNonce::from_bytes(random());
    let claims = hospital.claims(&asked, &Query::get("/medication"), &nonce);
    DecideAccess {
        statement: commands::verify(ledger, hospital.sign(Type::Access, claims)).unwrap(),
        nonce,
        policies: Arc::new(Permit),
    }
}

/// Submits the commands, always `most` of them waiting while there are any left, and gives their
/// receipts.
async fn in_flight<C>(ledger: &Ledger, commands: Vec<C>, most: usize) -> Vec<C::Receipt>
where
    C: akashi_ledger::Command,
{
    let mut receipts = Vec::with_capacity(commands.len());
    let submit = |command| {
        let ledger = ledger.clone();
        async move { ledger.submit(command).await.unwrap().receipt }
    };
    let mut commands = commands.into_iter();
    let mut waiting: JoinSet<_> = commands.by_ref().take(most).map(submit).collect();
    while let Some(receipt) = waiting.join_next().await {
        receipts.push(receipt.unwrap());
        if let Some(command) = commands.next() {
            waiting.spawn(submit(command));
        }
    }
    receipts
}
