//! A small town on a store in memory: two supervisors, a hospital, a pharmacy, and people - all
//! through signed statements and the ledger's own commands.

#![allow(dead_code, reason = "each test file uses its own part of the town")]
#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

use akashi_proof::reason::Reason;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use akashi_actors::{seeded, sign};
use akashi_ledger::command::{
    AccessReceipt, CarryOut, DecideAccess, Enrol, GiveConsent, IssueLink, LinkReceipt, Release,
    ReleaseReceipt,
};
use akashi_ledger::guard::Guard;
use akashi_ledger::keyring::Keyring;
use akashi_ledger::ledger::{Parts, write_entry_zero};
use akashi_ledger::memory_key_file::MemoryKeyFile;
use akashi_ledger::random::{draw, draw_secret};
use akashi_ledger::signer::FileSigner;
use akashi_ledger::store::memory_store::MemoryStore;
use akashi_ledger::{Done, Ledger, Opening, Refusal};
use akashi_proof::clock::Clock;
use akashi_proof::consent::Terms;
use akashi_proof::decision::{ConsentQuestion, Decide, Decision, LinkStanding, Policies, Question};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::Fault;
use akashi_proof::gate::link_check;
use akashi_proof::ids::{
    CategoryCode, ConsentId, ContactId, GroupId, InstitutionId, Kid, LeafIndex, LinkCode,
    PurposeCode, Qid, SubjectHandle, Timestamp,
};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::key::evidence_kid;
use akashi_proof::record::kind::{Assurance, ConsentGiven, Language, Outcome, Shown};
use akashi_proof::record::value::Set;
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, RequestNonce, request_digest};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::KeyName;
use serde_json::{Value, json};

pub const ORIGIN: &str = "test.akashi.example/log";

/// Clocks that run only when told to; the wall clock can be set apart from the other.
#[derive(Default)]
pub struct TestClock(AtomicU64, AtomicI64);

impl TestClock {
    pub fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
    pub fn jump(&self, millis: i64) {
        self.1.fetch_add(millis, Ordering::SeqCst);
    }
    pub fn seconds(&self) -> u64 {
        self.wall().as_millis() / 1000
    }
}

impl Clock for TestClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(
            self.0
                .load(Ordering::SeqCst)
                .saturating_add_signed(self.1.load(Ordering::SeqCst)),
        )
    }
    fn monotonic_millis(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Consent or nothing; `drill-down` asks the person.
pub struct TestPolicy;

impl Policies for TestPolicy {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        (self.policy_digest() == *digest).then(|| Arc::new(Self) as Arc<dyn Decide>)
    }
}

impl Decide for TestPolicy {
    fn may_agree(&self, _: &ConsentQuestion<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn engine(&self) -> &str {
        "test-policy 1"
    }
    fn policy_digest(&self) -> Digest {
        Digest::of(&[b"test policy"])
    }
    fn decide(&self, q: &Question<'_>) -> Decision {
        let claims = q.claims;
        if claims.purpose.as_str() == "marketing" {
            return Decision::deny(Reason::PurposeNotWhitelisted);
        }
        if q.requester_link != LinkStanding::Issued {
            return Decision::deny(Reason::LinkNotIssued);
        }
        if q.holder_link != LinkStanding::Issued {
            return Decision::deny(Reason::HolderLinkNotIssued);
        }
        let expires = Some(q.now.plus_millis(600_000));
        let covering = q.consents.iter().find(|c| {
            c.terms.is_live(q.now)
                && c.terms.recipient == claims.common.iss
                && c.terms.categories.contains_all(&claims.categories)
        });
        let permit = Decision {
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            expires,
            ..Decision::deny(Reason::ConsentCovers)
        };
        match covering {
            Some(consent) => Decision {
                consent: Some(consent.index),
                ..permit
            },
            None if q.approval.is_some() => permit,
            None if claims.process.as_str() == "city.drill-down" => {
                // The bounds of a real pack, on what the writer has counted.
                let open = q.open_questions;
                let (outcome, reason) = if open.all >= 32 || open.of_requester >= 4 {
                    (Outcome::Deny, Reason::TooManyQuestions)
                } else {
                    (Outcome::Ask, Reason::NoConsent)
                };
                Decision {
                    outcome,
                    told: Outcome::Ask,
                    expires,
                    ..Decision::deny(reason)
                }
            }
            None => Decision::deny(Reason::NoConsent),
        }
    }
}

/// An institution or a supervisor with its signing key.
pub struct Signatory {
    pub id: InstitutionId,
    who: akashi_actors::Signatory,
    pub evidence_key: Secret,
}

impl Signatory {
    pub fn new(id: &str, seed: u8) -> Self {
        let who = seeded(id, seed);
        Self {
            id: who.id().clone(),
            who,
            evidence_key: Secret::from_bytes([seed; 32]),
        }
    }
    pub fn public(&self) -> PublicKey {
        *self.who.public()
    }
    pub fn kid(&self) -> Kid {
        self.who.kid().clone()
    }
    pub fn vkey(&self) -> String {
        self.who.vkey().unwrap()
    }
    /// Signs these claims after adding the common ones.
    pub fn sign(&self, typ: Type, clock: &TestClock, mut claims: Value) -> Jws {
        let common = json!({
            "iss": self.id.as_str(), "aud": ORIGIN, "iat": clock.seconds(), "jti": random_jti(),
        });
        for (name, value) in common.as_object().unwrap() {
            claims
                .as_object_mut()
                .unwrap()
                .entry(name.clone())
                .or_insert(value.clone());
        }
        sign(&self.who, typ, claims.to_string())
    }
}

pub fn random_jti() -> String {
    let mut bytes = [0; 16];
    draw(&mut bytes);
    base64::url::encode(&bytes)
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    draw(&mut bytes);
    bytes
}

/// A person with what institutions know of her.
pub struct Person {
    pub subject: SubjectHandle,
    pub qid: Qid,
    pub codes: Vec<(InstitutionId, LinkCode, Secret)>,
}

impl Person {
    pub fn code(&self, of: &Signatory) -> &LinkCode {
        &self.codes.iter().find(|(id, ..)| *id == of.id).unwrap().1
    }
    pub fn link_key(&self, of: &Signatory) -> &Secret {
        &self.codes.iter().find(|(id, ..)| *id == of.id).unwrap().2
    }
}

pub struct Town {
    pub ledger: Ledger,
    pub clock: Arc<TestClock>,
    pub store: Arc<MemoryStore>,
    pub keys: MemoryKeyFile,
    pub folder: tempfile::TempDir,
    pub supervisors: [Signatory; 2],
    pub hospital: Signatory,
    pub pharmacy: Signatory,
}

const WRAPPING: Secret = Secret::from_bytes([9; 32]);

impl Town {
    /// A ledger with entry 0 alone.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(
            AtomicU64::new(1_790_000_000_000),
            AtomicI64::new(0),
        ));
        let (store, keys) = (Arc::new(MemoryStore::default()), MemoryKeyFile::default());
        let supervisors = [
            Signatory::new("supervisor.north", 101),
            Signatory::new("supervisor.south", 102),
        ];
        let opening = Opening {
            origin: Origin::new(ORIGIN).unwrap(),
            supervisors: supervisors.iter().map(Signatory::vkey).collect(),
            threshold: 2,
            time_zone: "Asia/Tokyo".into(),
            pack: "test".into(),
            policy_digest: TestPolicy.policy_digest(),
        };
        let parts = Parts {
            store: store.clone(),
            guard: Guard::create(&folder.path().join("guard")).unwrap(),
            keyring: Keyring::create_in(Box::new(keys.clone()), &WRAPPING).unwrap(),
            signer: Arc::new(log_signer()),
        };
        write_entry_zero(parts, &opening, clock.as_ref()).unwrap();
        let ledger = Self::start(&folder, &store, &keys, &clock).unwrap();
        let (hospital, pharmacy) = (
            Signatory::new("hospital.chuo", 1),
            Signatory::new("pharmacy.midori", 2),
        );
        Self {
            ledger,
            clock,
            store,
            keys,
            folder,
            supervisors,
            hospital,
            pharmacy,
        }
    }

    fn start(
        folder: &tempfile::TempDir,
        store: &Arc<MemoryStore>,
        keys: &MemoryKeyFile,
        clock: &Arc<TestClock>,
    ) -> Result<Ledger, akashi_ledger::LedgerError> {
        let parts = Parts {
            store: store.clone(),
            guard: Guard::open(&folder.path().join("guard"))?,
            keyring: Keyring::open_in(Box::new(keys.clone()), &WRAPPING)?,
            signer: Arc::new(log_signer()),
        };
        Ledger::start(parts, clock.clone())
    }

    /// The same files, opened again: what a new process would see.
    pub fn open_again(&self) -> Result<Ledger, akashi_ledger::LedgerError> {
        Self::start(&self.folder, &self.store, &self.keys, &self.clock)
    }

    /// Both institutions certified, the pharmacy with an evidence key.
    pub async fn new() -> Self {
        let town = Self::bare();
        for institution in [&town.hospital, &town.pharmacy] {
            town.certify(institution).await.unwrap();
            let key = &institution.evidence_key;
            let act = json!({
                "act": "key.registered", "kid": evidence_kid(key).as_str(), "key_use": "evidence",
                "public_key": evidence_kid(key).as_str(), "valid_from": town.clock.seconds(),
            });
            let statement = institution.sign(Type::Act, &town.clock, act);
            let statements = verified(&town.ledger, [statement]);
            let command = CarryOut {
                statements,
                evidence_key: Some(key.clone()),
            };
            town.ledger.submit(command).await.unwrap();
        }
        town
    }

    pub async fn certify(&self, institution: &Signatory) -> Result<Done<LeafIndex>, Refusal> {
        let act = json!({
            "act": "institution.certified", "institution": institution.id.as_str(),
            "name_ja": "中央病院",
            "name_en": "Chuo", "sector": "hospital", "kid": institution.kid().as_str(),
            "public_key": base64::url::encode(institution.public().as_bytes()),
        });
        let statements = self
            .supervisors
            .iter()
            .map(|s| s.sign(Type::Act, &self.clock, act.clone()));
        let statements = verified(&self.ledger, statements);
        self.ledger
            .submit(CarryOut {
                statements,
                evidence_key: None,
            })
            .await
    }

    /// A person who is known to both institutions.
    pub async fn suspend(&self, institution: &Signatory) {
        let act = json!({
            "act": "institution.suspended", "institution": institution.id.as_str(),
            "reason": "inspection",
        });
        let statements = self
            .supervisors
            .iter()
            .map(|supervisor| supervisor.sign(Type::Act, &self.clock, act.clone()));
        let statements = verified(&self.ledger, statements);
        self.ledger
            .submit(CarryOut {
                statements,
                evidence_key: None,
            })
            .await
            .unwrap();
    }

    pub async fn person(&self) -> Person {
        let mut person = self.enrol().await;
        for institution in [&self.hospital, &self.pharmacy] {
            let (code, key) = self.link(institution, &person).await;
            person.codes.push((institution.id.clone(), code, key));
        }
        person
    }

    pub async fn enrol(&self) -> Person {
        let (command, person) = enrolment();
        self.ledger.submit(command).await.unwrap();
        person
    }

    pub async fn link(&self, institution: &Signatory, person: &Person) -> (LinkCode, Secret) {
        let link_key = draw_secret();
        let claims = json!({
            "qid": person.qid.as_str(), "code": "123456",
            "link_check": link_check(&link_key).to_base64url(),
        });
        let jws = institution.sign(Type::Link, &self.clock, claims);
        match self.issue(jws, link_key.clone()).await.unwrap().receipt {
            LinkReceipt::Issued { code, .. } => (code, link_key),
            refused => panic!("{refused:?}"),
        }
    }

    pub async fn issue(&self, jws: Jws, link_key: Secret) -> Result<Done<LinkReceipt>, Refusal> {
        let command = IssueLink {
            statement: self.verify(jws)?,
            link_key,
            code_matches: true,
        };
        self.ledger.submit(command).await
    }

    /// The statement as the registry takes it.
    pub fn verify<C: Claims>(&self, jws: Jws) -> Result<Verified<C>, Fault> {
        Ok(self.ledger.reader().registry().verify(jws)?)
    }

    pub fn consent(&self, id: u8, categories: &[&str]) -> ConsentGiven {
        let terms = Terms::to_view(
            (self.hospital.id.clone(), self.pharmacy.id.clone()),
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
            ..person.consents[0].terms.clone()
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

    /// The claims of an access of the hospital to the pharmacy's data.
    pub fn access_claims(&self, person: &Person) -> Value {
        let digest = request_digest(
            &RequestNonce::from_bytes([4; 16]),
            "GET",
            "/medication",
            b"",
        );
        json!({
            "subject": person.code(&self.hospital).as_str(), "role_holder": "dr-sato",
            "role": "physician",
            "process": "care.consult", "purpose": "treatment", "holder": self.pharmacy.id.as_str(),
            "categories": ["medication"], "basis": {"kind": "consent"},
            "request_digest": digest.to_base64url(),
        })
    }

    pub async fn ask(&self, jws: Jws) -> Result<Done<AccessReceipt>, Refusal> {
        self.ledger
            .submit(DecideAccess {
                statement: self.verify(jws)?,
                nonce: RequestNonce::from_bytes([4; 16]),
                policies: Arc::new(TestPolicy),
            })
            .await
    }

    /// An access as the hospital would ask for it.
    pub async fn access(&self, person: &Person) -> Done<AccessReceipt> {
        let jws = self
            .hospital
            .sign(Type::Access, &self.clock, self.access_claims(person));
        self.ask(jws).await.unwrap()
    }

    pub async fn release(&self, index: LeafIndex, jws: Option<Jws>) -> Done<ReleaseReceipt> {
        let jws = jws.unwrap_or_else(|| self.release_statement(index));
        let statement = self.verify(jws).unwrap();
        self.ledger.submit(Release { statement }).await.unwrap()
    }

    pub fn release_statement(&self, index: LeafIndex) -> Jws {
        let digest = Digest::of(&[b"evidence"]).to_base64url();
        self.pharmacy.sign(
            Type::Release,
            &self.clock,
            json!({"index": index.value(), "evidence_digest": digest}),
        )
    }

    pub fn tag_key(&self, person: &Person) -> Secret {
        let reader = self.ledger.reader();
        let person = reader.person(&person.subject).unwrap();
        reader.history_key(&person).unwrap().key
    }
}

/// What enrols somebody new, and whom.
pub fn enrolment() -> (Enrol, Person) {
    let subject = SubjectHandle::from_bytes(random());
    let qid: String = random::<43>()
        .iter()
        .map(|b| char::from(b'1' + b % 9))
        .collect();
    let qid = Qid::parse(&format!("qid:{qid}")).unwrap();
    let command = Enrol {
        subject,
        qid: qid.clone(),
        recovery_digest: Digest::of(&[b"recovery"]),
        contact: ContactId::from_bytes(random()),
        assurance: Assurance::Sms,
        language: Language::Ja,
    };
    let person = Person {
        subject,
        qid,
        codes: Vec::new(),
    };
    (command, person)
}

/// Waits for something a thread of the ledger's does by itself, for as long as a slow machine may
/// need.
pub async fn until(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a minute has passed, and still not: {what}");
}

/// The statements as the registry takes them.
pub fn verified<C: Claims>(
    ledger: &Ledger,
    statements: impl IntoIterator<Item = Jws>,
) -> Vec<Verified<C>> {
    let registry = ledger.reader().registry();
    let verify = |jws| registry.verify(jws).unwrap();
    statements.into_iter().map(verify).collect()
}

pub fn log_signer() -> FileSigner {
    FileSigner::from_seed(&[77; 32], &KeyName::new(ORIGIN).unwrap()).unwrap()
}
