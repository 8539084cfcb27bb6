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

use akashi_proof::reason::Reason;
use std::sync::Arc;
use std::time::Instant;

use akashi_actors::{Signatory, seeded, sign};
use akashi_ledger::clock::SystemClock;
use akashi_ledger::command::{CarryOut, DecideAccess, Enrol, IssueLink, LinkReceipt};
use akashi_ledger::random::{draw, draw_secret};
use akashi_ledger::{Folders, Ledger, Opening};
use akashi_proof::clock::Clock;
use akashi_proof::decision::{ConsentQuestion, Decide, Decision, Policies, Question};
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::gate::link_check;
use akashi_proof::ids::{ContactId, LinkCode, Qid, SubjectHandle};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::record::kind::{Assurance, Language, Outcome};
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, RequestNonce};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const ORIGIN: &str = "bench.akashi.example/log";

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

fn statement(by: &Signatory, typ: Type, mut claims: Value) -> Jws {
    claims["iss"] = by.id().as_str().into();
    claims["aud"] = ORIGIN.into();
    claims["iat"] = (SystemClock::default().wall().as_millis() / 1000).into();
    claims["jti"] = base64::url::encode(&random::<16>()).into();
    sign(by, typ, claims.to_string())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    draw(&mut bytes);
    bytes
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
    let clock = Arc::new(SystemClock::default());
    let supervisor = seeded("supervisor.one", 9);
    let opening = Opening {
        origin: Origin::new(ORIGIN).unwrap(),
        supervisors: vec![supervisor.vkey().unwrap()],
        threshold: 1,
        time_zone: "Asia/Tokyo".into(),
        pack: "bench".into(),
        policy_digest: Permit.policy_digest(),
    };
    akashi_ledger::ledger::create(&folders, &opening, clock.as_ref()).unwrap();
    let ledger = Ledger::open(&folders, clock).unwrap();
    let (hospital, pharmacy) = (seeded("hospital.a", 1), seeded("pharmacy.b", 2));
    for institution in [&hospital, &pharmacy] {
        let act = json!({
            "act": "institution.certified", "institution": institution.id().as_str(),
            "name_ja": "a", "name_en": "a",
            "sector": "hospital", "kid": institution.kid().as_str(),
            "public_key": base64::url::encode(institution.public().as_bytes()),
        });
        let statements = vec![verified(&ledger, statement(&supervisor, Type::Act, act))];
        ledger
            .submit(CarryOut {
                statements,
                evidence_key: None,
            })
            .await
            .unwrap();
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

async fn enrol(ledger: &Ledger, institutions: [&Signatory; 2], people: usize) -> Vec<LinkCode> {
    let mut codes = Vec::with_capacity(people);
    for first in (0..people).step_by(512) {
        let batch: Vec<(SubjectHandle, Qid)> = (first..people.min(first + 512))
            .map(|_| {
                let text: String = random::<43>()
                    .iter()
                    .map(|b| char::from(b'1' + b % 9))
                    .collect();
                (
                    SubjectHandle::from_bytes(random()),
                    Qid::parse(&format!("qid:{text}")).unwrap(),
                )
            })
            .collect();
        let enrolled = batch.iter().map(|(subject, qid)| Enrol {
            subject: *subject,
            qid: qid.clone(),
            recovery_digest: Digest::of(&[b"r"]),
            contact: ContactId::from_bytes(random()),
            assurance: Assurance::Sms,
            language: Language::Ja,
        });
        in_flight(ledger, enrolled.collect(), 512).await;
        for institution in institutions {
            let links = batch.iter().map(|(_, qid)| {
                let link_key = draw_secret();
                let check = link_check(&link_key).to_base64url();
                let jws = statement(
                    institution,
                    Type::Link,
                    json!({"qid": qid.as_str(), "code": "000000", "link_check": check}),
                );
                IssueLink {
                    statement: verified(ledger, jws),
                    link_key,
                    code_matches: true,
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

fn verified<C: Claims>(ledger: &Ledger, jws: Jws) -> Verified<C> {
    ledger.reader().registry().verify(jws).unwrap()
}

fn access(ledger: &Ledger, hospital: &Signatory, code: &LinkCode) -> DecideAccess {
    let jws = statement(
        hospital,
        Type::Access,
        json!({
            "subject": code.as_str(), "role_holder": "dr-sato", "role": "physician",
            "process": "care.consult",
            "purpose": "treatment", "holder": "pharmacy.b", "categories": ["medication", "allergy"],
            "basis": {"kind": "consent"}, "request_digest": Digest::of(&[b"query"]).to_base64url(),
        }),
    );
    DecideAccess {
        statement: verified(ledger, jws),
        nonce: RequestNonce::from_bytes(random()),
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
