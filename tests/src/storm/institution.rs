//! A hostile institution: everything its keys can sign, as fast as it is answered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use akashi_actors::{Access, Query, claims};
use akashi_client::{Message, Recorded, Request, draw};
use akashi_demo::load::client::{Connection, Target};
use akashi_proof::ids::LinkCode;
use akashi_proof::jws::Type;
use akashi_proof::record::kind::LinkEnd;
use akashi_proof::statement::{Basis, RequestNonce};
use serde_json::Value;
use tokio::runtime::Handle;

use crate::Strength;
use crate::behind::{FORWARDED_FOR, NONE};
use crate::bounds::by_status;
use crate::town::{HOLDER, HONEST, HOSTILE, OFFICE, Person, SUSPENDED, Town};

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
    /// Ends of link codes that are another's, and of its own by one that is suspended.
    LinkEnd,
    /// Accesses while it is suspended.
    Suspended,
    /// What another institution said and somebody has got hold of, from all over.
    Repeated,
}

impl Attack {
    pub const ALL: [Self; 8] = [
        Self::OutOfPurpose,
        Self::NoConsent,
        Self::NoOp,
        Self::Emergency,
        Self::Question,
        Self::LinkEnd,
        Self::Suspended,
        Self::Repeated,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OutOfPurpose => "out of purpose",
            Self::NoConsent => "no consent",
            Self::NoOp => "changes nothing",
            Self::Emergency => "emergencies",
            Self::Question => "questions",
            Self::LinkEnd => "ends of links",
            Self::Suspended => "while suspended",
            Self::Repeated => "another's statement",
        }
    }

    /// Whose keys sign it.
    pub const fn signer(self) -> &'static str {
        match self {
            Self::OutOfPurpose | Self::NoConsent | Self::NoOp | Self::Emergency => HOSTILE,
            Self::Question => OFFICE,
            Self::LinkEnd | Self::Suspended => SUSPENDED,
            Self::Repeated => HONEST,
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Repeated => ELSEWHERE,
            Self::OutOfPurpose
            | Self::NoConsent
            | Self::NoOp
            | Self::Emergency
            | Self::Question
            | Self::LinkEnd
            | Self::Suspended => ADDRESS,
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
                return Request::<Recorded>::act(&[act], None, None)
                    .message()
                    .clone();
            }
            Self::LinkEnd => {
                let suspended = &town.suspended;
                let code = LinkCode::parse(&person.of_suspended).unwrap();
                let ended = suspended
                    .client
                    .end_link(suspended.stamp(), code, LinkEnd::Disclosed);
                return ended.unwrap().message().clone();
            }
            Self::Suspended => {
                let subject = Some(person.of_suspended.as_str());
                (&town.suspended, Access { subject, ..look })
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

/// How many statements had which answer, by kind; and which records they were told of.
#[derive(Default)]
pub struct Sent {
    pub answers: BTreeMap<Attack, BTreeMap<u16, usize>>,
    /// Log indexes of decisions in answers, in no order.
    pub told: Vec<u64>,
}

impl Sent {
    /// How many answers had one of these statuses.
    pub fn answered(&self, attack: Attack, is_one: impl Fn(u16) -> bool) -> usize {
        let answers = self.answers.get(&attack).into_iter().flatten();
        let these = answers.filter(|(status, _)| is_one(**status));
        these.map(|(_, count)| count).sum()
    }

    /// Answers that say that something broke.
    pub fn broken(&self) -> usize {
        let all = Attack::ALL.iter();
        all.map(|attack| self.answered(*attack, |status| status == 500))
            .sum()
    }

    /// Prints them, one kind a line.
    pub fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut each = self.answers.iter();
        each.try_for_each(|(attack, answers)| {
            writeln!(f, "  {:<20}{}", attack.name(), by_status(answers))
        })
    }
}

/// Every kind at once, each on connections of its own, until each was sent so often, or until the
/// server is gone; `answered` counts all that were answered, meanwhile.
pub fn storm(town: &Town, strength: &Strength, handle: &Handle, answered: &AtomicUsize) -> Sent {
    std::thread::scope(|scope| {
        let mut strands = Vec::new();
        for attack in Attack::ALL {
            for strand in 0..strength.connections {
                let count = strength.statements / strength.connections;
                let send = send(town, attack, (strand, count), answered);
                strands.push(scope.spawn(move || (attack, handle.block_on(send))));
            }
        }
        let mut sent = Sent::default();
        for strand in strands {
            let (attack, (answers, told)) = strand.join().unwrap();
            let of_kind = sent.answers.entry(attack).or_default();
            for status in answers {
                *of_kind.entry(status).or_default() += 1;
            }
            sent.told.extend(told);
        }
        sent
    })
}

async fn send(
    town: &Town,
    attack: Attack,
    (strand, count): (usize, usize),
    answered: &AtomicUsize,
) -> (Vec<u16>, Vec<u64>) {
    let target = Target::parse(&town.server.url).unwrap();
    let mut connection = Connection::new(target.clone());
    let (mut answers, mut told) = (Vec::with_capacity(count), Vec::new());
    for number in 0..count {
        // Every other one is about the same person, everybody else has her share of the rest.
        let person = if number % 2 == 0 {
            &town.people[0]
        } else {
            &town.people[(strand + number / 2) % town.people.len()]
        };
        let message = attack.message(town, person);
        let headers = message.headers().chain([(FORWARDED_FOR, attack.address())]);
        let headers: Vec<_> = headers.collect();
        let request = target.request(message.method(), message.path(), &headers, message.body());
        let mut answer = connection.exchange(&request).await;
        if answer.is_err() {
            // A connection nothing came over for a while may be closed.
            answer = connection.exchange(&request).await;
        }
        let Ok(answer) = answer else {
            answers.push(NONE);
            break;
        };
        answers.push(answer.status);
        answered.fetch_add(1, Ordering::Relaxed);
        let of_decision = message.path() == "/v1/accesses" && answer.status == 200;
        if of_decision && let Ok(answer) = serde_json::from_slice::<Value>(answer.body) {
            told.extend(answer["index"].as_u64());
        }
    }
    (answers, told)
}
