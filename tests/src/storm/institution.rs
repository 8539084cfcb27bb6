//! A hostile institution: everything its keys can sign, as fast as it is answered.

use std::collections::BTreeMap;

use akashi_actors::{Access, Query, claims};
use akashi_client::{Message, Recorded, Request, draw};
use akashi_demo::load::client::{Connection, Target};
use akashi_proof::jws::Type;
use akashi_proof::statement::{Basis, RequestNonce};
use tokio::runtime::Handle;

use crate::Strength;
use crate::behind::{FORWARDED_FOR, NONE};
use crate::town::{HOLDER, HONEST, Person, Town};

/// Where its software is, and where those are who repeat what others said.
const ADDRESS: &str = "192.0.2.66";
const ELSEWHERE: &str = "2001:db8:66:ffff::1";

/// A kind of statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// Accesses outside the whitelist: each a refusal in a person's stream, with an alert.
    OutOfPurpose,
    /// Statements without a basis: each a refusal.
    NoConsent,
    /// Roles given that stand already.
    NoOp,
    /// Emergencies about everybody.
    Emergency,
    /// Questions to everybody.
    Question,
    /// What another institution said and somebody has got hold of, from all over.
    Repeated,
}

impl Attack {
    pub const ALL: [Self; 6] = [
        Self::OutOfPurpose,
        Self::NoConsent,
        Self::NoOp,
        Self::Emergency,
        Self::Question,
        Self::Repeated,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OutOfPurpose => "out of purpose",
            Self::NoConsent => "no consent",
            Self::NoOp => "changes nothing",
            Self::Emergency => "emergencies",
            Self::Question => "questions",
            Self::Repeated => "another's statement",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Repeated => ELSEWHERE,
            Self::OutOfPurpose
            | Self::NoConsent
            | Self::NoOp
            | Self::Emergency
            | Self::Question => ADDRESS,
        }
    }

    /// One statement of this kind about this person.
    fn message(self, town: &Town, person: &Person) -> Message {
        let (hostile, office) = (&town.hostile, &town.office);
        let look = Access {
            subject: Some(&person.of_hostile),
            role_holder: "dr-1",
            role: "physician",
            process: "care.consult",
            purpose: "treatment",
            holder: HOLDER,
            categories: &["medication"],
            ..Access::VIEW
        };
        let (by, asked) = match self {
            Self::Repeated => return town.said.clone().unwrap(),
            Self::NoOp => {
                let act = claims::role_assigned("dr-1", "physician", 1);
                let act = hostile.sign(Type::Act, act);
                let act = String::from_utf8(act.as_bytes().to_vec()).unwrap();
                return Request::<Recorded>::act(&[act], None).message().clone();
            }
            Self::NoConsent => (hostile, look),
            Self::OutOfPurpose => {
                let purpose = "research";
                (hostile, Access { purpose, ..look })
            }
            Self::Emergency => {
                let basis = Basis::Emergency {
                    reason_code: "unconscious".to_owned(),
                    reason_text: "so it says".to_owned(),
                };
                let emergency = Access {
                    role_holder: "em-1",
                    role: "emergency-physician",
                    process: "care.emergency",
                    purpose: "emergency-treatment",
                    basis,
                    ..look
                };
                (hostile, emergency)
            }
            Self::Question => {
                let question = Access {
                    subject: Some(&person.of_office),
                    role_holder: "of-1",
                    role: "welfare-officer",
                    process: "city.drill-down",
                    purpose: "welfare-support",
                    holder: HONEST,
                    categories: &["care-level"],
                    ..look
                };
                (office, question)
            }
        };
        let nonce = RequestNonce::from_bytes(draw().unwrap());
        let query = Query::get("/record");
        let request = by.client.access(by.stamp(), &asked, &query, &nonce);
        request.unwrap().message().clone()
    }
}

/// How many statements had which answer, by kind.
#[derive(Default)]
pub struct Sent(pub BTreeMap<Attack, BTreeMap<u16, usize>>);

impl Sent {
    /// How many answers had one of these statuses.
    pub fn answered(&self, attack: Attack, is_one: impl Fn(u16) -> bool) -> usize {
        let answers = self.0.get(&attack).into_iter().flatten();
        let these = answers.filter(|(status, _)| is_one(**status));
        these.map(|(_, count)| count).sum()
    }
}

/// Every kind at once, each on connections of its own, until each was sent so often.
pub fn storm(town: &Town, strength: &Strength, handle: &Handle) -> Sent {
    std::thread::scope(|scope| {
        let mut strands = Vec::new();
        for attack in Attack::ALL {
            for strand in 0..strength.connections {
                let count = strength.statements / strength.connections;
                let send = send(town, attack, strand, count);
                strands.push(scope.spawn(move || (attack, handle.block_on(send))));
            }
        }
        let mut sent = Sent::default();
        for strand in strands {
            let (attack, answers) = strand.join().unwrap();
            let of_kind = sent.0.entry(attack).or_default();
            for status in answers {
                *of_kind.entry(status).or_default() += 1;
            }
        }
        sent
    })
}

async fn send(town: &Town, attack: Attack, strand: usize, count: usize) -> Vec<u16> {
    let target = Target::parse(&town.server.url).unwrap();
    let mut connection = Connection::new(target.clone());
    let mut answers = Vec::with_capacity(count);
    for number in 0..count {
        let person = &town.people[(strand + number) % town.people.len()];
        let message = attack.message(town, person);
        let headers = message.headers().chain([(FORWARDED_FOR, attack.address())]);
        let headers: Vec<_> = headers.collect();
        let request = target.request(message.method(), message.path(), &headers, message.body());
        let answer = connection.exchange(&request).await;
        answers.push(answer.map_or(NONE, |answer| answer.status));
    }
    answers
}
