//! A small town on a store in memory: two supervisors, a hospital, a pharmacy, and people - all
//! through signed statements and the ledger's own commands.

#![allow(dead_code, reason = "each test file uses its own part of the town")]
#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

mod policy;

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{
    Access, Actor, Cast, Query, Remains, SetClock, claims, commands, named, supervisor,
};
use akashi_ledger::command::{AccessReceipt, GiveConsent, ReleaseReceipt};
use akashi_ledger::{Done, Ledger, LedgerError, Refusal};
use akashi_proof::clock::Clock;
use akashi_proof::consent::Terms;
use akashi_proof::decision::{Decide, Policies};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{
    CategoryCode, ConsentId, GroupId, LeafIndex, LinkCode, PurposeCode, Timestamp,
};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::record::Record;
use akashi_proof::record::kind::{Assurance, ConsentGiven, Language, Shown};
use akashi_proof::record::value::Set;
use akashi_proof::statement::RequestNonce;
use serde_json::{Value, json};

pub use akashi_actors::Person;
pub use policy::TestPolicy;

pub const ORIGIN: &str = "test.akashi.example/log";

/// The nonce of every request digest here.
const NONCE: RequestNonce = RequestNonce::from_bytes([4; 16]);

pub struct Town {
    pub ledger: Ledger,
    pub clock: Arc<SetClock>,
    pub remains: Remains,
    pub cast: Cast,
    pub supervisors: [Actor; 2],
    pub hospital: Actor,
    pub pharmacy: Actor,
}

impl Town {
    /// A ledger with entry 0 alone.
    pub fn bare() -> Self {
        Self::supervised(&[])
    }

    /// The same, with these supervisors beside the two who must sign.
    pub fn supervised(beside: &[&str]) -> Self {
        let clock = SetClock::at(Timestamp::from_millis(1_790_000_000_000));
        let cast = Cast::of(ORIGIN, clock.clone());
        let mut opening = cast.opening("test", TestPolicy.policy_digest());
        let vkeys = beside.iter().map(|name| named(name).vkey().unwrap());
        opening.supervisors.extend(vkeys.map(supervisor));
        let remains = Remains::of_new(&opening, clock.as_ref());
        Self::on(remains, clock).unwrap()
    }

    /// The same people on what an earlier ledger left.
    pub fn on(remains: Remains, clock: Arc<SetClock>) -> Result<Self, LedgerError> {
        let cast = Cast::of(ORIGIN, clock.clone());
        Ok(Self {
            ledger: remains.open(clock.clone())?,
            clock,
            remains,
            supervisors: cast.supervisors(),
            hospital: cast.actor("hospital.chuo"),
            pharmacy: cast.actor("pharmacy.midori"),
            cast,
        })
    }

    /// The same files, opened again: what a new process would see.
    pub fn open_again(&self) -> Result<Ledger, LedgerError> {
        self.remains.open(self.clock.clone())
    }

    /// Both institutions certified, with an evidence key each, and the one who asks in her role.
    pub async fn new() -> Self {
        Self::bare().settled().await
    }

    /// The town settles on a ledger with entry 0 alone.
    pub async fn settled(self) -> Self {
        let town = self;
        for institution in [&town.hospital, &town.pharmacy] {
            town.certify(institution).await.unwrap();
            commands::hand_over_evidence_key(&town.ledger, institution).await;
        }
        let role = town.role();
        let given = commands::act(&town.ledger, &town.hospital, role).await;
        given.unwrap();
        // An evidence key is good for permits after its registration.
        town.clock.pass(Duration::from_millis(2));
        town
    }

    /// The act that gives the one who asks her role.
    pub fn role(&self) -> Value {
        claims::role_assigned("dr-sato", "physician", self.clock.seconds())
    }

    pub async fn certify(&self, institution: &Actor) -> Result<Done<LeafIndex>, Refusal> {
        let act = claims::certified(institution.who(), ("中央病院", "Chuo"), "hospital");
        commands::act_by_supervisors(&self.ledger, &self.cast, &act).await
    }

    pub async fn suspend(&self, institution: &Actor) {
        let act = claims::suspended(institution.id());
        let done = commands::act_by_supervisors(&self.ledger, &self.cast, &act).await;
        done.unwrap();
    }

    /// A person who is known to both institutions.
    pub async fn person(&self) -> Person {
        let mut person = commands::enrol(&self.ledger).await;
        for institution in [&self.hospital, &self.pharmacy] {
            commands::link(&self.ledger, institution, &mut person).await;
        }
        person
    }

    pub fn consent(&self, id: u8, categories: &[&str]) -> ConsentGiven {
        let terms = Terms::to_view(
            (self.hospital.id().clone(), self.pharmacy.id().clone()),
            Set::new(categories.iter().map(|c| CategoryCode::parse(c).unwrap())),
            Set::new([PurposeCode::parse("treatment").unwrap()]),
            (self.clock.wall(), self.clock.wall().plus_millis(86_400_000)),
        );
        let shown = Shown {
            wording_digest: Digest::of(&[b"wording"]),
            language: Language::Ja,
            refusal_meaning: "care-goes-on".into(),
        };
        let ids = (
            ConsentId::from_bytes([id; 16]),
            GroupId::from_bytes([id; 16]),
        );
        let origin = self.ledger.reader().origin();
        ConsentGiven::on_screen(ids, terms, shown, Assurance::SmsAndRecovery, origin)
    }

    /// What stands of her consents, with only these categories left.
    pub fn less(&self, person: &Person, categories: &[&str]) -> Terms {
        let person = self.ledger.reader().person(&person.subject).unwrap();
        Terms {
            categories: Set::new(categories.iter().map(|c| CategoryCode::parse(c).unwrap())),
            ..person.consents.first().unwrap().terms.clone()
        }
    }

    pub async fn give(
        &self,
        person: &Person,
        consent: ConsentGiven,
    ) -> Result<Done<Vec<LeafIndex>>, Refusal> {
        self.ledger
            .submit(GiveConsent {
                subject: person.subject,
                consents: vec![consent],
                policies: Arc::new(TestPolicy),
            })
            .await
    }

    /// What the hospital asks for when it looks at the pharmacy's data.
    pub fn access_claims(&self, person: &Person) -> Value {
        let asked = Access {
            subject: Some(person.code(self.hospital.id()).as_str()),
            role_holder: "dr-sato",
            role: "physician",
            process: "care.consult",
            purpose: "treatment",
            holder: self.pharmacy.id().as_str(),
            categories: &["medication"],
            ..Access::VIEW
        };
        let query = Query::get("/medication");
        self.hospital.claims(&asked, &query, &NONCE)
    }

    /// The hospital's statement of that.
    pub fn access_statement(&self, person: &Person) -> Jws {
        let claims = self.access_claims(person);
        self.hospital.sign(Type::Access, claims)
    }

    /// One more code for her, of this institution.
    pub async fn link(&self, institution: &Actor, person: &Person) -> (LinkCode, Secret) {
        commands::new_link(&self.ledger, institution, person).await
    }

    pub async fn ask(&self, statement: Jws) -> Result<Done<AccessReceipt>, Refusal> {
        self.ask_under(statement, Arc::new(TestPolicy)).await
    }

    /// Asks with these claims of the hospital's.
    pub async fn ask_with(&self, claims: Value) -> Done<AccessReceipt> {
        let statement = self.hospital.sign(Type::Access, claims);
        self.ask(statement).await.unwrap()
    }

    /// Asks with these policies at hand.
    pub async fn ask_under(
        &self,
        statement: Jws,
        policies: Arc<dyn Policies>,
    ) -> Result<Done<AccessReceipt>, Refusal> {
        commands::ask(&self.ledger, statement, NONCE, policies).await
    }

    /// An access as the hospital would ask for it.
    pub async fn access(&self, person: &Person) -> Done<AccessReceipt> {
        self.ask(self.access_statement(person)).await.unwrap()
    }

    pub async fn release(&self, index: LeafIndex, statement: Option<Jws>) -> Done<ReleaseReceipt> {
        let statement = statement.unwrap_or_else(|| self.release_statement(index));
        commands::release(&self.ledger, statement).await.unwrap()
    }

    pub fn release_statement(&self, index: LeafIndex) -> Jws {
        let digest = commands::evidence_digest_of(&self.ledger, index).to_base64url();
        let claims = json!({"index": index.value(), "evidence_digest": digest});
        self.pharmacy.sign(Type::Release, claims)
    }

    /// The record at this log index.
    pub fn record(&self, index: LeafIndex) -> Record {
        let stored = self.ledger.reader().record(index).unwrap().unwrap();
        stored.open().unwrap().record
    }

    pub fn tag_key(&self, person: &Person) -> Secret {
        let reader = self.ledger.reader();
        let person = reader.person(&person.subject).unwrap();
        reader.history_key(&person).unwrap().key
    }
}
