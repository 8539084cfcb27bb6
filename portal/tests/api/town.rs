//! A small town: a ledger in a temporary folder with two supervisors, four institutions, one
//! citizen, and a clock that moves when it is told to. Everything but the citizen's enrolment goes
//! through the API itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use akashi::config::ServerConfig;
use akashi::router::router;
use akashi_actors::{Cast, SetClock, claims, wait_until};
use akashi_api::openapi::openapi;
use akashi_desk::app::SharedApp;
use akashi_desk::limits::Rates;
use akashi_desk::reading::Work;
use akashi_ledger::Ledger;
use akashi_ledger::command::Enrol;
use akashi_ledger::guard::Guard;
use akashi_ledger::keyring::Keyring;
use akashi_ledger::store::redb_store::RedbStore;
use akashi_ledger::{bodies, ledger};
use akashi_notifier::{Address, Contact, Phone};
use akashi_policies::Pack;
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{ContactId, LeafIndex, LinkCode, Qid, SubjectHandle};
use akashi_proof::jws::Type;
use akashi_proof::record::Closed;
use akashi_proof::record::kind::{Assurance, Event, Language};
use akashi_proof::statement::header;
use akashi_tlog::base64::url;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::foundation::{
    AppParts, BEGIN, cast_at_begin, certified, config, jose, look_at_one, nonce, role_assigned,
    text,
};

pub const PERSON: SubjectHandle = SubjectHandle::from_bytes([0x77; 16]);
pub const INBOUND_TOKEN: &str = "the gateway's token";

pub struct Town {
    pub folder: tempfile::TempDir,
    pub app: SharedApp,
    pub ledger: Ledger,
    pub clock: Arc<SetClock>,
    router: Router,
    cast: Cast,
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

    /// Whether a link code stands in it: what is only drawn may begin like one, and is shorter.
    pub fn holds_link_code(&self) -> bool {
        let text = self.text();
        let mut codes = text.match_indices("lc_");
        codes.any(|(at, _)| {
            let code = text.get(at..at + "lc_".len() + 47);
            code.is_some_and(|code| LinkCode::parse(code).is_ok())
        })
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub fn qid() -> String {
    format!("qid:{}", "7".repeat(43))
}

impl Town {
    /// A town with its institutions certified; the citizen enrolled.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, cast) = cast_at_begin();
        let folders = config(folder.path(), Rates::default()).ledger.folders();
        let pack = Pack::town().unwrap();
        let opening = cast.opening(pack.name(), pack.digest());
        ledger::create(&folders, &opening, clock.as_ref()).unwrap();
        let town = Self::open(folder, clock, cast, AtomicU64::new(1), Rates::default());
        town.pass_seconds(1);
        for (id, role_holder, role) in [
            ("hospital.chuo", "dr-01", "emergency-physician"),
            ("hospital.minato", "dr-02", "physician"),
            ("pharmacy.midori", "ph-01", "pharmacist"),
            ("city.hall", "of-01", "welfare-officer"),
        ] {
            town.certify(id).await;
            town.act(id, role_assigned(role_holder, role), &[]).await;
        }
        let id = "hospital.minato";
        town.register_evidence_key(id, &town.evidence_key(id), BEGIN)
            .await;
        town.pass_seconds(1);
        town.enrol().await;
        town
    }

    fn open(
        folder: tempfile::TempDir,
        clock: Arc<SetClock>,
        cast: Cast,
        link_keys: AtomicU64,
        limits: Rates,
    ) -> Self {
        let config = config(folder.path(), limits);
        // The last reader of a server that has just ended may still be going away.
        let ledger = wait_until("the ledger can be opened", || {
            let clock = Arc::clone(&clock) as Arc<dyn Clock>;
            Ledger::open(&config.ledger.folders(), clock).ok()
        });
        let parts = AppParts {
            ledger: ledger.clone(),
            policy: Pack::town().unwrap(),
            clock: &clock,
            config,
            gateway_url: "http://127.0.0.1:9/".into(),
            inbound_token: Some(INBOUND_TOKEN),
        };
        let app = parts.assemble();
        Self {
            folder,
            router: router(Arc::clone(&app), &ServerConfig::default(), Router::new()),
            app,
            ledger,
            clock,
            cast,
            link_keys,
        }
    }

    /// The same ledger after a restart.
    pub async fn restart(self) -> Self {
        self.restart_under(Rates::default()).await
    }

    /// The same ledger after a restart under other limits.
    pub async fn restart_under(self, limits: Rates) -> Self {
        let Self {
            folder,
            app,
            ledger,
            clock,
            router,
            cast,
            link_keys,
        } = self;
        app.notifier.shutdown().await;
        drop((app, router, ledger));
        Self::open(folder, clock, cast, link_keys, limits)
    }

    /// The same ledger after these bodies were closed, as an operator would with the server down.
    pub async fn restart_with_closed(self, which: &[u64], closed: Closed) -> Self {
        let Self {
            folder,
            ledger,
            app,
            clock,
            router,
            cast,
            link_keys,
        } = self;
        app.notifier.shutdown().await;
        drop((app, router, ledger));
        let folders = config(folder.path(), Rates::default()).ledger.folders();
        let store = wait_until("the data file can be opened", || {
            RedbStore::open(&folders.data.join("ledger.redb")).ok()
        });
        let wrapping = std::fs::read(folders.keys.join("wrapping.key")).unwrap();
        let wrapping = Secret::from_bytes(wrapping.try_into().unwrap());
        let seen = Guard::open(&folders.data.join("guard")).unwrap().keys();
        let keyring = Keyring::open(&folders.keys.join("keyring"), &wrapping, seen).unwrap();
        for index in which {
            bodies::close(&store, &keyring, LeafIndex::new(*index), closed).unwrap();
        }
        drop((store, keyring));
        Self::open(folder, clock, cast, link_keys, Rates::default())
    }

    /// Moves both clocks.
    pub fn pass_seconds(&self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds));
    }

    pub fn now(&self) -> u64 {
        self.clock.seconds()
    }

    /// How many records stand in the log for what was sent. What the notifier makes of it - an
    /// alert, a notice - comes when it comes, and is not counted.
    pub async fn recorded(&self) -> u64 {
        let read = self.app.read(Work::Institutions, |reader| {
            reader.records_from(LeafIndex::new(0), 10_000)
        });
        let records = read.await.unwrap().unwrap();
        let records = records.into_iter().map(|stored| stored.open().unwrap());
        let sent = records.filter(|open| {
            !matches!(
                open.record.event,
                Event::AlertRaised(_) | Event::NoticeSent(_) | Event::NoticeFailed(_)
            )
        });
        sent.count() as u64
    }

    pub fn size(&self) -> u64 {
        self.app.head().head.size.value()
    }

    /// Sends a request. Whatever comes back must be documented.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        let (method, path) = (
            request.method().as_str().to_lowercase(),
            request.uri().path().to_owned(),
        );
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        check_documented(&method, &path, &answer);
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("host", "127.0.0.1");
        self.call(request.body(Body::empty()).unwrap()).await
    }

    /// Posts a body as a statement.
    pub async fn post(
        &self,
        path: &str,
        body: impl Into<Body>,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.call(jose(path, body, headers)).await
    }

    /// Posts an access statement.
    pub async fn access(&self, statement: &str) -> Answer {
        self.post(
            "/v1/accesses",
            statement.to_owned(),
            &[(header::REQUEST_NONCE, &nonce())],
        )
        .await
    }

    /// Signs claims; `iss`, `aud`, `iat` and `jti` are put where they are missing.
    pub fn sign(&self, who: &str, typ: Type, claims: Value) -> String {
        text(&self.cast.actor(who).sign(typ, claims))
    }

    pub fn complete(&self, who: &str, claims: Value) -> Value {
        self.cast.actor(who).complete(claims)
    }

    /// What an institution or supervisor shows beside a statement it sends again.
    pub fn token(&self, who: &str, path: &str) -> String {
        let claims = json!({ "htm": "POST", "htu": path });
        format!("Bearer {}", self.sign(who, Type::Request, claims))
    }

    /// Posts an access statement again, as its signer.
    pub async fn access_again(&self, who: &str, statement: &str) -> Answer {
        let (nonce, token) = (nonce(), self.token(who, "/v1/accesses"));
        let headers = [(header::REQUEST_NONCE, &*nonce), ("authorization", &*token)];
        self.post("/v1/accesses", statement.to_owned(), &headers)
            .await
    }

    /// An emergency access of hospital.chuo to data at hospital.minato: permitted without a
    /// consent.
    pub fn emergency(&self, link_code: &str) -> Value {
        json!({
            "subject": link_code, "role_holder": "dr-01", "role": "emergency-physician",
            "process": "care.emergency",
            "purpose": "emergency-treatment", "holder": "hospital.minato",
            "categories": ["allergy", "medication"],
            "basis": { "kind": "emergency", "reason_code": "unconscious",
            "reason_text": "found unconscious" },
            "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
        })
    }

    /// A look at one person by the city: the person is asked first.
    pub fn drill_down(&self, link_code: &str) -> Value {
        look_at_one(link_code)
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
        let code = self
            .app
            .counter_codes
            .issue(PERSON, self.clock.monotonic_millis());
        self.link_keys.fetch_add(1, Relaxed);
        let qid = Qid::parse(&qid()).unwrap();
        claims::link(&qid, code.as_str(), &self.link_key())
    }

    pub async fn post_link(&self, statement: &str) -> Answer {
        let key = url::encode(self.link_key().expose());
        self.post(
            "/v1/link-codes",
            statement.to_owned(),
            &[(header::LINK_KEY, &key)],
        )
        .await
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
        self.cast
            .by_supervisors(claims)
            .map(|one| text(&one))
            .join("\n")
    }

    /// An institution whose sector is the first part of its name.
    pub async fn certify(&self, id: &str) {
        let claims = certified(id, "機関", "Institution");
        let answer = self
            .post("/v1/acts", self.by_supervisors(&claims), &[])
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub fn evidence_key(&self, id: &str) -> Secret {
        self.cast.actor(id).evidence_key()
    }

    /// Hands over a key as one that is good since this second.
    pub async fn register_evidence_key(&self, id: &str, key: &Secret, from: u64) {
        let header = url::encode(key.expose());
        let claims = claims::evidence_key_registered(key, from);
        self.act(id, claims, &[(header::EVIDENCE_KEY, &header)])
            .await;
    }

    async fn enrol(&self) {
        let contact = ContactId::from_bytes([5; 16]);
        let address = Address::Phone(Phone::parse("+819012345678").unwrap());
        self.app
            .contacts
            .add(&Contact {
                id: contact,
                subject: PERSON,
                address,
            })
            .unwrap();
        let command = Enrol {
            subject: PERSON,
            qid: Qid::parse(&qid()).unwrap(),
            recovery_digest: Digest::from_bytes([1; 32]),
            contact,
            assurance: Assurance::Sms,
            language: Language::Ja,
        };
        self.ledger.submit(command).await.unwrap();
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
                (Some(part), Some(piece))
                    if part == piece || (part.starts_with('{') && !piece.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let found = paths
        .iter()
        .filter(|(template, _)| matches(template))
        .find_map(|(_, methods)| methods.get(method));
    let Some(operation) = found else { return };
    let response = &operation["responses"][answer.status.as_str()];
    assert!(
        response.is_object(),
        "{method} {path}: {} is not documented: {}",
        answer.status,
        answer.text()
    );
    let media_type = answer.header("content-type").split(';').next().unwrap();
    let documented = response["content"].as_object();
    let fits = documented.map_or(media_type.is_empty() || answer.body.is_empty(), |c| {
        c.contains_key(media_type)
    });
    assert!(
        fits,
        "{method} {path}: {} as `{media_type}` is not documented",
        answer.status
    );
}
