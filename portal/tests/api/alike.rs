//! A question to the person and a refusal that is told as one: until a message leaves, nobody
//! outside can tell them apart (docs/decisions/0008). Compared is everything an institution, or
//! anybody who reads the public log, can see.

use std::collections::{BTreeMap, BTreeSet};

use akashi_desk::reading::Work;
use akashi_ledger::command::Answer as Said;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use serde_json::{Value, json};

use crate::answers::{answer_question, read};
use crate::town::{Answer, Town};

const CITY: &str = "city.hall";

/// What is asked, and at whom: one that knows her, and one that does not.
#[derive(Clone, Copy)]
enum At {
    KnownThere,
    NotKnownThere,
}

/// Five of the six could be put to her, but only four of one institution wait at a time.
const ROUND: [At; 8] = [
    At::KnownThere,
    At::NotKnownThere,
    At::KnownThere,
    At::KnownThere,
    At::NotKnownThere,
    At::KnownThere,
    At::KnownThere,
    At::NotKnownThere,
];

/// An answer but for what follows from its place in the log alone.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    status: u16,
    /// Names, and lengths of the values.
    headers: BTreeMap<String, usize>,
    /// Members, and for what they say in all cases.
    members: BTreeMap<String, Value>,
    /// How long there is to wait, from when it was asked.
    waits_millis: u64,
    /// Length of the body without index and proof.
    rest: usize,
}

/// An access, and what was made of it.
struct Asked {
    index: LeafIndex,
    id: String,
    proof: String,
    at_millis: u64,
}

impl Asked {
    fn of(answer: &Answer, at_millis: u64) -> Self {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self {
            index: LeafIndex::new(body["index"].as_u64().unwrap()),
            id: text("id"),
            proof: text("proof"),
            at_millis,
        }
    }

    /// The shape of an answer about it.
    fn shape(&self, answer: &Answer) -> Shape {
        let mut body = answer.json();
        assert_eq!(
            body["proof"],
            json!(self.proof),
            "the first proof, for ever"
        );
        let places = [&body["index"], &body["proof"]].map(|value| value.to_string().len());
        for name in ["index", "proof", "expires"] {
            body[name] = match &body[name] {
                Value::Number(_) => "a number".into(),
                _ => "a text".into(),
            };
        }
        body["id"] = body["id"].as_str().unwrap().len().into();
        Shape {
            status: answer.status.as_u16(),
            headers: answer
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.len()))
                .collect(),
            members: body.as_object().unwrap().clone().into_iter().collect(),
            waits_millis: answer.json()["expires"].as_u64().unwrap() - self.at_millis,
            rest: answer.body.len() - places.iter().sum::<usize>(),
        }
    }

    /// Its proof stands under the checkpoint of a commit that added one record, and is as long as
    /// the place in the tree wants it.
    fn check_proof(&self) {
        let size = self
            .proof
            .lines()
            .rev()
            .find_map(|line| line.parse::<u64>().ok());
        assert_eq!(size, Some(self.index.value() + 1), "one record, one commit");
        let hashes = self
            .proof
            .lines()
            .take_while(|line| !line.is_empty())
            .count()
            - 3;
        assert_eq!(hashes, self.index.value().count_ones() as usize);
    }
}

async fn ask(town: &Town, code: &str, at: At) -> (Asked, Shape) {
    let mut claims = town.drill_down(code);
    if matches!(at, At::NotKnownThere) {
        claims["holder"] = json!("hospital.chuo");
    }
    let statement = town.sign(CITY, Type::Access, claims);
    let answer = town.access(&statement).await;
    let asked = Asked::of(&answer, town.now() * 1000);
    asked.check_proof();
    let shape = asked.shape(&answer);
    let again = town.access(&statement).await;
    assert_eq!(again.body, answer.body, "a retry");
    assert_eq!(asked.shape(&again), shape);
    (asked, shape)
}

/// What an access read again looks like.
async fn look(town: &Town, asked: &Asked) -> Shape {
    asked.shape(&read(town, CITY, &asked.id).await)
}

/// What was truly decided, and why.
async fn truth(town: &Town, index: LeafIndex) -> (&'static str, String) {
    let stored = town
        .app
        .read(Work::Institutions, move |reader| reader.record(index));
    let stored = stored.await.unwrap().unwrap().unwrap();
    let record = stored.open().unwrap().record;
    let reasons = record.event.decided().unwrap().reasons.codes().join(" ");
    (record.kind().name(), reasons)
}

#[tokio::test]
async fn nothing_outside_tells_a_question_from_a_refusal_told_as_one() {
    let town = Town::new().await;
    let code = town.link(CITY).await;
    town.link("hospital.minato").await;
    let (mut firsts, mut looks, mut truths) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut all: Vec<Asked> = Vec::new();
    for _ in 0..6 {
        let mut round: Vec<Asked> = Vec::new();
        for at in ROUND {
            let before = town.size();
            let (asked, shape) = ask(&town, &code, at).await;
            firsts.push(shape);
            // The next record is the next one asked for, whatever was decided.
            assert_eq!((asked.index.value(), town.size()), (before, before + 1));
            looks.push(look(&town, &asked).await);
            round.push(asked);
        }
        for asked in &round {
            let truth = truth(&town, asked.index).await;
            let is_put = truth.0 == "access.asked";
            truths.insert(truth);
            if is_put {
                answer_question(&town, asked.index.value(), Said::Refuse).await;
            }
            // What she answers shows only when the time is over.
            looks.push(look(&town, asked).await);
        }
        all.extend(round);
        town.pass_seconds(60);
    }
    let told: Vec<_> = truths
        .iter()
        .map(|(kind, why)| (*kind, why.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("access.asked", "no-consent"),
            ("access.denied", "holder-link-not-issued"),
            ("access.denied", "too-many-questions"),
        ],
        "what was compared"
    );
    assert_alike(&firsts);
    assert_alike(&looks);
    tags_occur_once(&town).await;
    town.pass_seconds(firsts[0].waits_millis / 1000);
    let mut ends = Vec::new();
    for asked in &all {
        ends.push(look(&town, asked).await);
    }
    assert_alike(&ends);
    assert_eq!(
        ends[0].members["resolution"],
        json!({ "decision": "deny", "reasons": ["not-available"] })
    );
}

fn assert_alike(shapes: &[Shape]) {
    for shape in shapes {
        assert_eq!(shape, &shapes[0]);
    }
}

/// As many tags and gates as twice the records: an entry says nothing but that it is there.
async fn tags_occur_once(town: &Town) {
    let size = town.size();
    let records = town.app.read(Work::Institutions, |reader| {
        reader.records_from(LeafIndex::new(0), 10_000)
    });
    let records = records.await.unwrap().unwrap();
    let seen: BTreeSet<[u8; 32]> = records
        .iter()
        .flat_map(|stored| [stored.entry().tag, stored.entry().gate])
        .collect();
    assert!(records.len() as u64 >= size, "all that was there is read");
    assert_eq!(seen.len(), 2 * records.len());
}
