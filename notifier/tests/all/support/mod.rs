//! A small town on a ledger in a temporary folder, told of by a real notifier: an HTTP gateway and
//! a mail server that the tests control stand in for the outside world.

pub mod gateway;
mod listener;
pub mod mail;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use akashi_actors::{seeded, sign};
use akashi_ledger::command::{
    AccessReceipt, CarryOut, DecideAccess, Enrol, IssueLink, LinkReceipt, VerifyContact,
};
use akashi_ledger::guard::Guard;
use akashi_ledger::keyring::Keyring;
use akashi_ledger::ledger::Parts;
use akashi_ledger::random::{draw, draw_secret};
use akashi_ledger::signer::FileSigner;
use akashi_ledger::store::memory_store::MemoryStore;
use akashi_ledger::{Folders, Ledger, Opening, RowsOf, StoredRecord, ledger};
use akashi_notifier::{
    Address, Contact, Contacts, Email, EmailSettings, Notifier, Phone, Retry, SecretText, Settings,
    SmsSettings, SmtpTls,
};
use akashi_policies::{Pack, Shelf};
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::gate::link_check;
use akashi_proof::ids::{
    ContactId, InstitutionId, LeafIndex, LinkCode, Qid, SubjectHandle, Timestamp,
};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::key::thumbprint;
use akashi_proof::record::Position;
use akashi_proof::record::kind::{Assurance, Channel, Event, Language};
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, RequestNonce, request_digest};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::KeyName;
use serde_json::{Value, json};

use gateway::Gateway;
use mail::MailServer;

pub const ORIGIN: &str = "test.akashi.example/log";
pub const TOKEN: &str = "gateway-token";

/// Clocks that run only when told to.
pub struct TestClock(AtomicU64);

impl TestClock {
    pub fn advance(&self, time: Duration) {
        self.0
            .fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
    fn seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst) / 1000
    }
}

impl Clock for TestClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
    fn monotonic_millis(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// An institution or a supervisor with its signing key.
pub struct Signatory {
    pub id: InstitutionId,
    name_ja: &'static str,
    sector: &'static str,
    who: akashi_actors::Signatory,
}

impl Signatory {
    fn new(id: &str, name_ja: &'static str, sector: &'static str, seed: u8) -> Self {
        let who = seeded(id, seed);
        Self {
            id: who.id().clone(),
            name_ja,
            sector,
            who,
        }
    }
    fn public(&self) -> PublicKey {
        *self.who.public()
    }
    fn vkey(&self) -> String {
        self.who.vkey().unwrap()
    }
    fn sign(&self, typ: Type, clock: &TestClock, mut claims: Value) -> Jws {
        let jti = base64::url::encode(&random::<16>());
        let common =
            json!({"iss": self.id.as_str(), "aud": ORIGIN, "iat": clock.seconds(), "jti": jti});
        claims
            .as_object_mut()
            .unwrap()
            .extend(common.as_object().unwrap().clone());
        sign(&self.who, typ, claims.to_string())
    }
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    draw(&mut bytes);
    bytes
}

/// A person with what institutions know of her.
pub struct Citizen {
    pub subject: SubjectHandle,
    pub phone: Phone,
    pub email: Email,
    qid: Qid,
    codes: Vec<(InstitutionId, LinkCode)>,
}

/// What stays when a process dies: the files, and the world outside.
pub struct Town {
    folder: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub gateway: Gateway,
    pub mail: MailServer,
    supervisors: [Signatory; 2],
    pub hospital: Signatory,
    pub city: Signatory,
    pub settings: Settings,
    opening: Opening,
}

/// One life of the server: dropping it without [`Process::shutdown`] is a crash.
pub struct Process {
    pub ledger: Ledger,
    pub contacts: Arc<Contacts>,
    pub notifier: Notifier,
}

impl Process {
    pub async fn shutdown(self) {
        self.notifier.shutdown().await;
    }
}

impl Town {
    /// A ledger with entry 0 alone.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicU64::new(1_790_000_000_000)));
        let supervisors = [
            Signatory::new("supervisor.north", "", "", 101),
            Signatory::new("supervisor.south", "", "", 102),
        ];
        let pack = Pack::town().unwrap();
        let opening = Opening {
            origin: Origin::new(ORIGIN).unwrap(),
            supervisors: supervisors.iter().map(Signatory::vkey).collect(),
            threshold: 2,
            time_zone: "Asia/Tokyo".into(),
            pack: pack.name().into(),
            policy_digest: pack.digest(),
        };
        ledger::create(&folders(&folder), &opening, clock.as_ref()).unwrap();
        let (gateway, mail) = (Gateway::start(), MailServer::start());
        let sms = SmsSettings {
            gateway_url: gateway.url(),
            bearer_token: Some(SecretText::new(TOKEN.into())),
            sender: "Akashi".into(),
        };
        let email = EmailSettings {
            host: "127.0.0.1".into(),
            port: mail.port(),
            tls: SmtpTls::None,
            credentials: None,
            from: "Akashi <akashi@example.jp>".into(),
        };
        let mut settings = Settings::new(sms, Some(email), "https://portal.example.jp".into());
        settings.retry = Retry {
            first: Duration::from_millis(20),
            longest: Duration::from_millis(100),
            attempts_max: 500,
        };
        settings.poll_every = Duration::from_millis(5);
        let hospital = Signatory::new("hospital.chuo", "中央病院", "hospital", 1);
        let city = Signatory::new("city.minato", "みなと市役所", "city", 2);
        Self {
            folder,
            clock,
            gateway,
            mail,
            supervisors,
            hospital,
            city,
            settings,
            opening,
        }
    }

    pub fn open(&self) -> Ledger {
        Ledger::open(&folders(&self.folder), self.clock.clone()).unwrap()
    }

    /// A ledger of the same town on a store that fails on demand.
    pub fn open_in_memory(&self) -> (Ledger, Arc<MemoryStore>) {
        let store = Arc::new(MemoryStore::default());
        let path = |name: &str| self.folder.path().join(name);
        let signer =
            Arc::new(FileSigner::from_seed(&[77; 32], &KeyName::new(ORIGIN).unwrap()).unwrap());
        let wrapping = Secret::from_bytes([9; 32]);
        let parts = |guard, keyring| Parts {
            store: store.clone(),
            guard,
            keyring,
            signer: signer.clone(),
        };
        let (guard, keyring) = (path("guard"), path("keyring"));
        let new = parts(
            Guard::create(&guard).unwrap(),
            Keyring::create(&keyring, &wrapping).unwrap(),
        );
        ledger::write_entry_zero(new, &self.opening, self.clock.as_ref()).unwrap();
        let made = parts(
            Guard::open(&guard).unwrap(),
            Keyring::open(&keyring, &wrapping).unwrap(),
        );
        (Ledger::start(made, self.clock.clone()).unwrap(), store)
    }

    pub fn open_contacts(&self, ledger: &Ledger) -> Contacts {
        let seal = ledger.reader().row_seal(RowsOf::Contacts).unwrap();
        let path = self.folder.path().join("contacts");
        if path.exists() {
            Contacts::open(&path, seal).unwrap()
        } else {
            Contacts::create(&path, seal).unwrap()
        }
    }

    /// Starts the server on what is there.
    pub fn start(&self) -> Process {
        let ledger = self.open();
        let contacts = Arc::new(self.open_contacts(&ledger));
        self.notify(ledger, contacts)
    }

    pub fn notify(&self, ledger: Ledger, contacts: Arc<Contacts>) -> Process {
        let shelf = Arc::new(Shelf::of(Arc::new(Pack::town().unwrap())));
        let notifier = Notifier::start(
            ledger.clone(),
            shelf,
            contacts.clone(),
            self.clock.clone(),
            self.settings.clone(),
        )
        .unwrap();
        Process {
            ledger,
            contacts,
            notifier,
        }
    }

    /// Both institutions certified, their role-holders in their roles.
    pub async fn settle(&self, ledger: &Ledger) {
        for institution in [&self.hospital, &self.city] {
            let act = json!({
                "act": "institution.certified", "institution": institution.id.as_str(),
                "name_ja": institution.name_ja, "name_en": "Chūō", "sector": institution.sector,
                "kid": thumbprint(&institution.public()).as_str(),
                "public_key": base64::url::encode(institution.public().as_bytes()),
            });
            let statements = self
                .supervisors
                .iter()
                .map(|s| verified(ledger, s.sign(Type::Act, &self.clock, act.clone())))
                .collect();
            ledger
                .submit(CarryOut {
                    statements,
                    evidence_key: None,
                })
                .await
                .unwrap();
        }
        let roles = [
            (&self.hospital, "dr-sato", "physician"),
            (&self.hospital, "dr-mori", "emergency-physician"),
            (&self.city, "tanaka-3", "welfare-officer"),
            (&self.city, "kato-1", "public-health-nurse"),
        ];
        for (institution, role_holder, role) in roles {
            let from = self.clock.seconds() - 1;
            let act = json!({
                "act": "role.assigned", "role_holder": role_holder, "role": role,
                "valid_from": from,
            });
            let statements = vec![verified(
                ledger,
                institution.sign(Type::Act, &self.clock, act),
            )];
            ledger
                .submit(CarryOut {
                    statements,
                    evidence_key: None,
                })
                .await
                .unwrap();
        }
    }

    /// A person with phone and e-mail whom both institutions know. Messages about that are not
    /// looked at.
    pub async fn citizen(&self, ledger: &Ledger, contacts: &Contacts) -> Citizen {
        let subject = SubjectHandle::from_bytes(random());
        let number = u32::from_be_bytes(random()) % 100_000_000;
        let phone = Phone::parse(&format!("090{number:08}")).unwrap();
        let email = Email::parse(&format!("person{number}@example.jp")).unwrap();
        let phone_contact = self.add(contacts, subject, Address::Phone(phone.clone()));
        let email_contact = self.add(contacts, subject, Address::Email(email.clone()));
        let qid: String = random::<43>()
            .iter()
            .map(|b| char::from(b'1' + b % 9))
            .collect();
        let qid = Qid::parse(&format!("qid:{qid}")).unwrap();
        let enrol = Enrol {
            subject,
            qid: qid.clone(),
            recovery_digest: Digest::of(&[b"recovery"]),
            contact: phone_contact,
            assurance: Assurance::Sms,
            language: Language::Ja,
        };
        ledger.submit(enrol).await.unwrap();
        self.verify(ledger, subject, email_contact, Channel::Email, None)
            .await;
        let mut citizen = Citizen {
            subject,
            phone,
            email,
            qid,
            codes: Vec::new(),
        };
        for institution in [&self.hospital, &self.city] {
            let link_key = draw_secret();
            let check = link_check(&link_key).to_base64url();
            let claims =
                json!({"qid": citizen.qid.as_str(), "code": "123456", "link_check": check});
            let jws = institution.sign(Type::Link, &self.clock, claims);
            let command = IssueLink {
                statement: verified(ledger, jws),
                link_key,
                code_matches: true,
            };
            let LinkReceipt::Issued { code, .. } = ledger.submit(command).await.unwrap().receipt
            else {
                panic!()
            };
            citizen.codes.push((institution.id.clone(), code));
        }
        citizen
    }

    pub fn add(&self, contacts: &Contacts, subject: SubjectHandle, address: Address) -> ContactId {
        let contact = Contact {
            id: ContactId::from_bytes(random()),
            subject,
            address,
        };
        contacts.add(&contact).unwrap();
        contact.id
    }

    pub async fn verify(
        &self,
        ledger: &Ledger,
        subject: SubjectHandle,
        contact: ContactId,
        channel: Channel,
        replaces: Option<ContactId>,
    ) {
        let assurance = Assurance::SmsAndRecovery;
        ledger
            .submit(VerifyContact {
                subject,
                contact,
                channel,
                replaces,
                assurance,
            })
            .await
            .unwrap();
    }

    /// Settles the town before anybody listens: its messages are old when the notifier starts.
    pub async fn with_citizen(&self) -> Citizen {
        let ledger = self.open();
        let contacts = self.open_contacts(&ledger);
        self.settled_citizen(&ledger, &contacts).await
    }

    /// The same on a ledger that is open.
    pub async fn settled_citizen(&self, ledger: &Ledger, contacts: &Contacts) -> Citizen {
        self.settle(ledger).await;
        let citizen = self.citizen(ledger, contacts).await;
        self.clock.advance(Duration::from_secs(2 * 86_400));
        citizen
    }

    /// Log index of the decision about an access.
    pub async fn access(
        &self,
        ledger: &Ledger,
        citizen: &Citizen,
        by: &Signatory,
        claims: Value,
    ) -> LeafIndex {
        let nonce = random();
        let digest = request_digest(&RequestNonce::from_bytes(nonce), "GET", "/data", b"");
        let code = &citizen.codes.iter().find(|(id, _)| *id == by.id).unwrap().1;
        let mut all = json!({
            "subject": code.as_str(), "holder": self.hospital.id.as_str(),
            "basis": {"kind": "consent"},
            "request_digest": digest.to_base64url(),
        });
        all.as_object_mut()
            .unwrap()
            .extend(claims.as_object().unwrap().clone());
        let jws = by.sign(Type::Access, &self.clock, all);
        let (nonce, policies) = (
            RequestNonce::from_bytes(nonce),
            Arc::new(Shelf::of(Arc::new(Pack::town().unwrap()))),
        );
        let command = DecideAccess {
            statement: verified(ledger, jws),
            nonce,
            policies,
        };
        match ledger.submit(command).await.unwrap().receipt {
            AccessReceipt::Decided { index } => index,
            other => panic!("{other:?}"),
        }
    }

    /// The city asks for a closer look: the person is asked; not low-risk; a day to answer. Another
    /// query each time, but the same question.
    pub async fn drill_down(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        self.drill_down_at(&["care-level"], ledger, citizen).await
    }

    /// The same about other data: another question.
    pub async fn drill_down_at(
        &self,
        categories: &[&str],
        ledger: &Ledger,
        citizen: &Citizen,
    ) -> LeafIndex {
        self.access(ledger, citizen, &self.city, Self::closer_look(categories))
            .await
    }

    /// What the city claims when it asks for a closer look.
    pub fn closer_look(categories: &[&str]) -> Value {
        json!({
            "role_holder": "tanaka-3", "role": "welfare-officer", "process": "city.drill-down",
            "purpose": "welfare-support", "categories": categories,
        })
    }

    /// The city's nurse asks about vaccinations: the person is asked; low-risk.
    pub async fn vaccination(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        let claims = json!({
            "role_holder": "kato-1", "role": "public-health-nurse",
            "process": "city.vaccination-reminder",
            "purpose": "public-health", "categories": ["vaccination"],
        });
        self.access(ledger, citizen, &self.city, claims).await
    }

    /// The hospital declares an emergency.
    pub async fn emergency(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        let claims = json!({
            "role_holder": "dr-mori", "role": "emergency-physician", "process": "care.emergency",
            "purpose": "emergency-treatment", "categories": ["allergy"],
            "basis": {"kind": "emergency", "reason_code": "unconscious",
            "reason_text": "traffic accident"},
        });
        self.access(ledger, citizen, &self.hospital, claims).await
    }

    /// A physician asks outside the whitelist.
    pub async fn out_of_purpose(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        let claims = json!({
            "role_holder": "dr-sato", "role": "physician", "process": "care.consult",
            "purpose": "research",
            "categories": ["diagnosis"],
        });
        self.access(ledger, citizen, &self.hospital, claims).await
    }
}

fn folders(folder: &tempfile::TempDir) -> Folders {
    Folders {
        data: folder.path().join("data"),
        keys: folder.path().join("keys"),
    }
}

/// Every record about a person, oldest first.
pub fn history(ledger: &Ledger, citizen: &Citizen) -> Vec<StoredRecord> {
    // What is signed: the store may hold more for a moment.
    let size = ledger.reader().head().head.size.value();
    let records = ledger
        .reader()
        .records_from(LeafIndex::new(0), usize::try_from(size).unwrap())
        .unwrap();
    let hers = |stored: &StoredRecord| match &stored.record.position {
        Position::Person(place) => place.subject == citizen.subject,
        _ => false,
    };
    records.into_iter().filter(hers).collect()
}

/// The events about a person that these questions pick.
pub fn picked<T>(ledger: &Ledger, citizen: &Citizen, pick: impl Fn(Event) -> Option<T>) -> Vec<T> {
    history(ledger, citizen)
        .into_iter()
        .filter_map(|stored| pick(stored.record.event))
        .collect()
}

/// Waits until something is so, and fails loudly when it never is.
pub async fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until nothing is left to do: the log is read and no message waits.
pub async fn idle(process: &Process) {
    until("idle", || {
        let backlog = process.notifier.backlog();
        backlog.unread() == 0 && backlog.waiting == 0
    })
    .await;
}

/// The reference and the code in a question's text.
pub fn reference_and_code(text: &str) -> (String, String) {
    let after = |label: &str, len| {
        let at = text.find(label).unwrap() + label.len();
        text[at..].chars().take(len).collect::<String>()
    };
    (after("受付番号", 4), after("確認コード", 6))
}

/// The statement as the registry takes it.
fn verified<C: Claims>(ledger: &Ledger, jws: Jws) -> Verified<C> {
    ledger.reader().registry().verify(jws).unwrap()
}
