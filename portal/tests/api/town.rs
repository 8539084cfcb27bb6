//! A small town: a ledger in a temporary folder with two supervisors, four institutions, one citizen, and a clock that
//! moves when it is told to. Everything but the citizen's enrolment goes through the API itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use akashi::api::ApiState;
use akashi::api::openapi::openapi;
use akashi::app::{App, SharedApp};
use akashi::auth::Sessions;
use akashi::config::{Config, LedgerConfig, LimitsConfig, LogConfig, PolicyConfig, PortalConfig, ServerConfig};
use akashi::counter_code::CounterCodes;
use akashi::router::router;
use akashi_ledger::Ledger;
use akashi_ledger::command::Enrol;
use akashi_ledger::keyring::KeyOf;
use akashi_ledger::ledger::{self, Opening};
use akashi_notifier::{Address, Contact, Contacts, Notifier, Phone, Settings, SmsSettings};
use akashi_policies::Pack;
use akashi_proof::base64::url;
use akashi_proof::checkpoint::Origin;
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::gate::link_check;
use akashi_proof::ids::{ContactId, Qid, SubjectHandle, Timestamp};
use akashi_proof::jws::{Type, assemble, signing_input};
use akashi_proof::key::{evidence_key_digest, thumbprint};
use akashi_proof::public_key::PublicKey;
use akashi_proof::record::event::{Assurance, Language};
use akashi_proof::signed_note::{KeyName, SignatureType, VerifyingKey};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const ORIGIN: &str = "town.example/log";
/// When all this begins: 2026-06-01T00:00:00Z.
pub const BEGIN: u64 = 1_780_272_000;
pub const PERSON: SubjectHandle = SubjectHandle::from_bytes([0x77; 16]);
pub const EVIDENCE_KEY: [u8; 32] = [0xE1; 32];
pub const INBOUND_TOKEN: &str = "the gateway's token";

/// Both clocks, moved together by hand.
pub struct HandClock(AtomicU64);

impl Clock for HandClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Relaxed))
    }
    fn monotonic_millis(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

pub struct Town {
    pub folder: tempfile::TempDir,
    pub app: SharedApp,
    pub clock: Arc<HandClock>,
    router: Router,
    next_jti: AtomicU64,
    link_keys: AtomicU64,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The key everybody here signs with: made from the name.
pub fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(Digest::of(&[name.as_bytes()]).as_bytes())
}

pub fn public(name: &str) -> PublicKey {
    PublicKey::from_bytes(key(name).verifying_key().as_bytes()).unwrap()
}

pub fn qid() -> String {
    format!("qid:{}", "7".repeat(43))
}

pub fn nonce() -> String {
    url::encode(&[2; 16])
}

impl Town {
    /// A town with its institutions certified; the citizen enrolled.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicU64::new(BEGIN * 1000)));
        let pack = Pack::town().unwrap();
        let supervisors = ["supervisor.north", "supervisor.south"].map(|name| {
            VerifyingKey::new(KeyName::new(name).unwrap(), SignatureType::Ed25519, public(name)).to_string()
        });
        let opening = Opening {
            origin: Origin::new(ORIGIN).unwrap(),
            supervisors: supervisors.to_vec(),
            threshold: 2,
            time_zone: "Asia/Tokyo".into(),
            pack: pack.name().into(),
            policy_digest: pack.digest(),
        };
        let config = config(folder.path());
        ledger::create(&config.ledger.folders(), &opening, clock.as_ref()).unwrap();
        let town = Self::open(folder, clock, [AtomicU64::new(1), AtomicU64::new(1)]);
        town.clock.0.fetch_add(1000, Relaxed);
        for (id, role_holder, role) in [
            ("hospital.chuo", "dr-01", "emergency-physician"),
            ("hospital.minato", "dr-02", "physician"),
            ("pharmacy.midori", "ph-01", "pharmacist"),
            ("city.hall", "of-01", "welfare-officer"),
        ] {
            town.certify(id).await;
            town.act(
                id,
                json!({ "act": "role.assigned", "role_holder": role_holder, "role": role, "valid_from": BEGIN }),
                &[],
            )
            .await;
        }
        town.register_evidence_key("hospital.minato").await;
        town.clock.0.fetch_add(1000, Relaxed);
        town.enrol().await;
        town
    }

    fn open(folder: tempfile::TempDir, clock: Arc<HandClock>, [next_jti, link_keys]: [AtomicU64; 2]) -> Self {
        let config = config(folder.path());
        let hands: Arc<dyn Clock> = clock.clone();
        let mut tries = 0;
        let ledger = loop {
            match Ledger::open(&config.ledger.folders(), Arc::clone(&hands)) {
                Ok(ledger) => break ledger,
                // The last reader of a server that has just ended may still be going away.
                Err(error) if tries > 50 => panic!("{error}"),
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(100)),
            }
            tries += 1;
        };
        let policy = Arc::new(Pack::town().unwrap());
        let contacts_key = ledger.reader().keyring().need(&KeyOf::Contacts).unwrap();
        let contacts = match Contacts::open(&config.ledger.contacts, &contacts_key) {
            Ok(contacts) => contacts,
            Err(_) => Contacts::create(&config.ledger.contacts, &contacts_key).unwrap(),
        };
        let contacts = Arc::new(contacts);
        let sms =
            SmsSettings { gateway_url: "http://127.0.0.1:9/".into(), bearer_token: None, sender: "Akashi".into() };
        let settings = Settings::new(sms, None, "http://127.0.0.1:8080".into());
        let notifier =
            Notifier::start(ledger.clone(), Arc::clone(&policy), Arc::clone(&contacts), Arc::clone(&hands), settings)
                .unwrap();
        let api = ApiState::new(&ledger, &config.limits, &config.server, Some(INBOUND_TOKEN)).unwrap();
        let app = Arc::new(App {
            ledger,
            policy,
            contacts,
            notifier,
            counter_codes: CounterCodes::default(),
            sessions: Sessions::default(),
            config,
            clock: hands,
            demo: None,
            api,
        });
        Self { folder, router: router(Arc::clone(&app)), app, clock, next_jti, link_keys }
    }

    /// The same ledger after a restart.
    pub async fn restart(self) -> Self {
        let Self { folder, app, clock, router, next_jti, link_keys } = self;
        app.notifier.shutdown().await;
        drop((app, router));
        Self::open(folder, clock, [next_jti, link_keys])
    }

    /// Moves both clocks.
    pub fn pass_seconds(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds * 1000, Relaxed);
    }

    pub fn now(&self) -> u64 {
        self.clock.0.load(Relaxed) / 1000
    }

    pub fn size(&self) -> u64 {
        self.app.ledger.reader().head().head.size.value()
    }

    pub fn jti(&self) -> String {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&self.next_jti.fetch_add(1, Relaxed).to_be_bytes());
        url::encode(&bytes)
    }

    /// Sends a request. Whatever comes back must be documented.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().as_str().to_lowercase(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        check_documented(&method, &path, &answer);
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a body as a statement.
    pub async fn post(&self, path: &str, body: impl Into<Body>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/jose");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.call(request.body(body.into()).unwrap()).await
    }

    /// Posts an access statement.
    pub async fn access(&self, statement: &str) -> Answer {
        self.post("/v1/accesses", statement.to_owned(), &[("akashi-request-nonce", &nonce())]).await
    }

    /// Signs claims; `iss`, `aud`, `iat` and `jti` are put where they are missing.
    pub fn sign(&self, who: &str, typ: Type, claims: Value) -> String {
        sign_text(who, typ, &self.complete(who, claims).to_string())
    }

    pub fn complete(&self, who: &str, mut claims: Value) -> Value {
        let common = json!({ "iss": who, "aud": ORIGIN, "iat": self.now(), "jti": self.jti() });
        for (name, value) in common.as_object().unwrap() {
            claims.as_object_mut().unwrap().entry(name).or_insert(value.clone());
        }
        claims
    }

    /// An emergency access of hospital.chuo to data at hospital.minato: permitted without a consent.
    pub fn emergency(&self, link_code: &str) -> Value {
        json!({
            "subject": link_code, "role_holder": "dr-01", "role": "emergency-physician", "process": "care.emergency",
            "purpose": "emergency-treatment", "holder": "hospital.minato", "categories": ["allergy", "medication"],
            "basis": { "kind": "emergency", "reason_code": "unconscious", "reason_text": "found unconscious" },
            "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
        })
    }

    /// A look at one person by the city: the person is asked first.
    pub fn drill_down(&self, link_code: &str) -> Value {
        json!({
            "subject": link_code, "role_holder": "of-01", "role": "welfare-officer", "process": "city.drill-down",
            "purpose": "welfare-support", "holder": "hospital.minato", "categories": ["care-level"],
            "basis": { "kind": "consent" }, "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
        })
    }

    /// Gets the citizen's link code for an institution, at its counter.
    pub async fn link(&self, who: &str) -> String {
        let statement = self.sign(who, Type::Link, self.link_claims());
        let answer = self.post_link(&statement).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["link_code"].as_str().unwrap().to_owned()
    }

    /// L of the newest link request.
    pub fn link_key(&self) -> Secret {
        let number = self.link_keys.load(Relaxed);
        Secret::from_bytes(*Digest::of(&[b"link key", &number.to_be_bytes()]).as_bytes())
    }

    /// Claims of a link request with a code just read out and a key just drawn.
    pub fn link_claims(&self) -> Value {
        let code = self.app.counter_codes.issue(PERSON, self.clock.wall());
        self.link_keys.fetch_add(1, Relaxed);
        let check = link_check(&self.link_key()).to_base64url();
        json!({ "qid": qid(), "code": code, "link_check": check })
    }

    pub async fn post_link(&self, statement: &str) -> Answer {
        let key = url::encode(self.link_key().expose());
        self.post("/v1/link-codes", statement.to_owned(), &[("akashi-link-key", &key)]).await
    }

    /// An act by an institution.
    pub async fn act(&self, who: &str, claims: Value, headers: &[(&str, &str)]) -> u64 {
        let statement = self.sign(who, Type::Act, claims);
        let answer = self.post("/v1/acts", statement, headers).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["index"].as_u64().unwrap()
    }

    /// An act by both supervisors.
    pub fn by_supervisors(&self, claims: &Value) -> String {
        ["supervisor.north", "supervisor.south"].map(|name| self.sign(name, Type::Act, claims.clone())).join("\n")
    }

    async fn certify(&self, id: &str) {
        let sector = id.split('.').next().unwrap();
        let claims = json!({
            "act": "institution.certified", "institution": id, "name_ja": "機関", "name_en": "Institution",
            "sector": sector, "kid": thumbprint(&public(id)).as_str(), "public_key": url::encode(public(id).as_bytes()),
        });
        let answer = self.post("/v1/acts", self.by_supervisors(&claims), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub async fn register_evidence_key(&self, id: &str) {
        let digest = evidence_key_digest(&Secret::from_bytes(EVIDENCE_KEY)).to_base64url();
        let claims = json!({
            "act": "key.registered", "key_use": "evidence", "kid": digest, "public_key": digest, "valid_from": BEGIN,
        });
        self.act(id, claims, &[("akashi-evidence-key", &url::encode(&EVIDENCE_KEY))]).await;
    }

    async fn enrol(&self) {
        let ledger = &self.app.ledger;
        ledger.reader().keyring().draw(&Enrol::keys(PERSON, self.clock.wall())).unwrap();
        let contact = ContactId::from_bytes([5; 16]);
        let address = Address::Phone(Phone::parse("+819012345678").unwrap());
        self.app.contacts.add(&Contact { id: contact, subject: PERSON, address }).unwrap();
        let command = Enrol {
            subject: PERSON,
            qid: Qid::parse(&qid()).unwrap(),
            recovery_digest: Digest::from_bytes([1; 32]),
            contact,
            assurance: Assurance::Sms,
            language: Language::Ja,
        };
        ledger.submit(command).await.unwrap();
    }
}

/// Signs exactly this text as claims.
pub fn sign_text(who: &str, typ: Type, claims: &str) -> String {
    let input = signing_input(typ, &thumbprint(&public(who)), claims);
    assemble(&input, &key(who).sign(input.as_bytes()).to_bytes())
}

fn config(folder: &Path) -> Config {
    Config {
        ledger: LedgerConfig {
            origin: ORIGIN.into(),
            data: folder.join("data"),
            keys: folder.join("keys"),
            contacts: folder.join("contacts"),
            time_zone: "Asia/Tokyo".into(),
            supervisors: Vec::new(),
            threshold: 2,
        },
        policy: PolicyConfig { pack: None },
        server: ServerConfig::default(),
        portal: PortalConfig::default(),
        sms: None,
        email: None,
        limits: LimitsConfig::default(),
        log: LogConfig::default(),
    }
}

/// Status and media type must be those the API document names for this route.
fn check_documented(method: &str, path: &str, answer: &Answer) {
    let paths = openapi()["paths"].as_object().unwrap();
    let matches = |template: &str| {
        let (mut parts, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (parts.next(), given.next()) {
                (None, None) => return true,
                (Some("{path}"), Some(_)) => return true,
                (Some(part), Some(piece)) if part == piece || (part.starts_with('{') && !piece.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let found = paths.iter().filter(|(template, _)| matches(template)).find_map(|(_, methods)| methods.get(method));
    let Some(operation) = found else { return };
    let response = &operation["responses"][answer.status.as_str()];
    assert!(response.is_object(), "{method} {path}: {} is not documented: {}", answer.status, answer.text());
    let media_type = answer.header("content-type").split(';').next().unwrap();
    let documented = response["content"].as_object();
    let fits = documented.map_or(media_type.is_empty() || answer.body.is_empty(), |c| c.contains_key(media_type));
    assert!(fits, "{method} {path}: {} as `{media_type}` is not documented", answer.status);
}
