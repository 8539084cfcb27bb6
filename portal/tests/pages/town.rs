//! A small town for people: institutions, a phone that keeps its messages, and a visitor with a browser's cookies.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use akashi::api::ApiState;
use akashi::app::{App, SharedApp};
use akashi::auth::Sessions;
use akashi::config::{Config, LedgerConfig, LimitsConfig, LogConfig, PolicyConfig, PortalConfig, ServerConfig};
use akashi::counter_code::CounterCodes;
use akashi::router::router;
use akashi_ledger::Ledger;
use akashi_ledger::guard::Guard;
use akashi_ledger::keyring::{KeyOf, Keyring, draw_secret};
use akashi_ledger::ledger::{Opening, Parts, write_entry_zero};
use akashi_ledger::signer::FileSigner;
use akashi_ledger::store::Store;
use akashi_ledger::store::memory_store::MemoryStore;
use akashi_notifier::{Contacts, Notifier, Settings, SmsSettings};
use akashi_policies::Pack;
use akashi_proof::base64::url;
use akashi_proof::checkpoint::Origin;
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::gate::link_check;
use akashi_proof::ids::Timestamp;
use akashi_proof::jws::{Type, assemble, signing_input};
use akashi_proof::key::thumbprint;
use akashi_proof::public_key::PublicKey;
use akashi_proof::signed_note::{KeyName, SignatureType, VerifyingKey};
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use tower::ServiceExt;

const ORIGIN: &str = "town.example/log";
/// When all this begins: 2026-06-01T00:00:00Z.
const BEGIN: u64 = 1_780_272_000;

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

type Messages = Arc<Mutex<Vec<(String, String)>>>;

pub struct Town {
    _app: SharedApp,
    pub store: Arc<MemoryStore>,
    clock: Arc<HandClock>,
    messages: Messages,
    router: Router,
    next_jti: AtomicU64,
    _folder: tempfile::TempDir,
}

/// A page as it came.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().unwrap())
    }

    /// What stands between two marks, the first time.
    pub fn between(&self, from: &str, to: &str) -> String {
        let (_, rest) = self.text.split_once(from).unwrap_or_else(|| panic!("no `{from}` in {}", self.text));
        rest.split_once(to).unwrap().0.to_owned()
    }

    #[track_caller]
    pub fn shows(&self, what: &str) -> &Self {
        assert!(self.text.contains(what), "no `{what}` in {}", self.text);
        self
    }

    #[track_caller]
    pub fn hides(&self, what: &str) -> &Self {
        assert!(!self.text.contains(what), "`{what}` in {}", self.text);
        self
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.location(), self.text);
        self
    }
}

/// A person at her browser: cookies, and the token of the last page.
pub struct Visitor<'t> {
    town: &'t Town,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
}

fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(Digest::of(&[name.as_bytes()]).as_bytes())
}

fn public(name: &str) -> PublicKey {
    PublicKey::from_bytes(key(name).verifying_key().as_bytes()).unwrap()
}

impl Town {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicU64::new(BEGIN * 1000)));
        let hands: Arc<dyn Clock> = clock.clone();
        let policy = Arc::new(Pack::town().unwrap());
        let store = Arc::new(MemoryStore::default());
        let ledger = open_ledger(folder.path(), &store, &policy, &hands);
        let contacts_key = ledger.reader().keyring().need(&KeyOf::Contacts).unwrap();
        let contacts = Arc::new(Contacts::create(&folder.path().join("contacts"), &contacts_key).unwrap());
        let messages = Messages::default();
        let gateway_url = gateway(Arc::clone(&messages)).await;
        let sms = SmsSettings { gateway_url, bearer_token: None, sender: "Akashi".into() };
        let settings = Settings::new(sms, None, "http://127.0.0.1:8080".into());
        let notifier =
            Notifier::start(ledger.clone(), Arc::clone(&policy), Arc::clone(&contacts), Arc::clone(&hands), settings)
                .unwrap();
        let config = config(folder.path());
        let app = Arc::new(App {
            api: ApiState::new(&ledger, &config.limits, &config.server, None).unwrap(),
            ledger,
            policy,
            contacts,
            notifier,
            counter_codes: CounterCodes::default(),
            sessions: Sessions::default(),
            config,
            clock: hands,
            demo: None,
        });
        let router = router(Arc::clone(&app));
        let town = Self { _app: app, store, clock, messages, router, next_jti: AtomicU64::new(1), _folder: folder };
        for (id, name_ja, name_en, role_holder, role) in [
            ("hospital.chuo", "中央病院", "Chuo Hospital", "dr-1", "physician"),
            ("hospital.minato", "みなと病院", "Minato Hospital", "dr-2", "physician"),
            ("city.hall", "市役所", "City Hall", "of-1", "welfare-officer"),
        ] {
            town.certify(id, name_ja, name_en).await;
            let assigned =
                json!({ "act": "role.assigned", "role_holder": role_holder, "role": role, "valid_from": BEGIN });
            town.statement("/v1/acts", id, Type::Act, assigned, &[]).await;
        }
        town
    }

    pub fn visitor(&self) -> Visitor<'_> {
        Visitor { town: self, cookies: BTreeMap::new(), token: String::new() }
    }

    pub fn pass_minutes(&self, minutes: u64) {
        self.clock.0.fetch_add(minutes * 60_000, Relaxed);
    }

    /// The six digits of the newest message to this phone with this word, after the first `after` messages.
    pub async fn code(&self, phone: &str, word: &str, after: usize) -> String {
        for _ in 0..200 {
            let messages = self.messages_to(phone).into_iter().skip(after).filter(|text| text.contains(word));
            let found = messages.filter_map(|text| six_digits(&text)).next_back();
            if let Some(code) = found {
                return code;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no code came to {phone}: {:?}", self.messages_to(phone));
    }

    pub fn messages_to(&self, phone: &str) -> Vec<String> {
        let all = self.messages.lock().unwrap();
        all.iter().filter(|(to, _)| to == phone).map(|(_, text)| text.clone()).collect()
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Page { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    fn jti(&self) -> String {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&self.next_jti.fetch_add(1, Relaxed).to_be_bytes());
        url::encode(&bytes)
    }

    fn sign(&self, who: &str, typ: Type, mut claims: Value) -> String {
        let now = self.clock.0.load(Relaxed) / 1000;
        let common = json!({ "iss": who, "aud": ORIGIN, "iat": now, "jti": self.jti() });
        for (name, value) in common.as_object().unwrap() {
            claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
        }
        let input = signing_input(typ, &thumbprint(&public(who)), &claims.to_string());
        assemble(&input, &key(who).sign(input.as_bytes()).to_bytes())
    }

    async fn post_jws(&self, path: &str, body: String, headers: &[(&str, &str)]) -> Value {
        let mut request = Request::post(path).header("content-type", "application/jose");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = self.send(request.body(body.into()).unwrap()).await;
        page.is(200);
        serde_json::from_str(&page.text).unwrap()
    }

    pub async fn statement(&self, path: &str, who: &str, typ: Type, claims: Value, headers: &[(&str, &str)]) -> Value {
        let statement = self.sign(who, typ, claims);
        self.post_jws(path, statement, headers).await
    }

    async fn certify(&self, id: &str, name_ja: &str, name_en: &str) {
        let sector = id.split('.').next().unwrap();
        let claims = json!({
            "act": "institution.certified", "institution": id, "name_ja": name_ja, "name_en": name_en,
            "sector": sector, "kid": thumbprint(&public(id)).as_str(), "public_key": url::encode(public(id).as_bytes()),
        });
        let both = ["supervisor.north", "supervisor.south"].map(|name| self.sign(name, Type::Act, claims.clone()));
        self.post_jws("/v1/acts", both.join("\n"), &[]).await;
    }

    /// An institution's code for a person, at its counter.
    pub async fn link(&self, who: &str, qid: &str, code: &str) -> String {
        let link_key = Secret::from_bytes(*Digest::of(&[who.as_bytes(), qid.as_bytes()]).as_bytes());
        let check = link_check(&link_key).to_base64url();
        let claims = json!({ "qid": qid, "code": code, "link_check": check });
        let key = url::encode(link_key.expose());
        let answer = self.statement("/v1/link-codes", who, Type::Link, claims, &[("akashi-link-key", &key)]).await;
        answer["link_code"].as_str().unwrap().to_owned()
    }

    /// An access statement; the answer.
    pub async fn access(&self, who: &str, claims: Value) -> Value {
        let nonce = url::encode(&[2; 16]);
        self.statement("/v1/accesses", who, Type::Access, claims, &[("akashi-request-nonce", &nonce)]).await
    }

    /// The city wants to look at one person: she is asked.
    pub async fn drill_down(&self, link_code: &str) -> u64 {
        let answer = self
            .access("city.hall", json!({
                "subject": link_code, "role_holder": "of-1", "role": "welfare-officer", "process": "city.drill-down",
                "purpose": "welfare-support", "holder": "hospital.minato", "categories": ["care-level"],
                "basis": { "kind": "consent" }, "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
            }))
            .await;
        assert_eq!(answer["decision"], "ask", "{answer}");
        answer["index"].as_u64().unwrap()
    }
}

fn six_digits(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() == 6).map(str::to_owned).next_back()
}

fn open_ledger(folder: &Path, store: &Arc<MemoryStore>, policy: &Pack, clock: &Arc<dyn Clock>) -> Ledger {
    let (wrapping, name) = (draw_secret(), KeyName::new(ORIGIN).unwrap());
    let (keyring, guard) = (folder.join("keyring"), folder.join("guard"));
    let supervisors = ["supervisor.north", "supervisor.south"]
        .map(|name| VerifyingKey::new(KeyName::new(name).unwrap(), SignatureType::Ed25519, public(name)).to_string());
    let opening = Opening {
        origin: Origin::new(ORIGIN).unwrap(),
        supervisors: supervisors.to_vec(),
        threshold: 2,
        time_zone: "Asia/Tokyo".into(),
        pack: policy.name().into(),
        policy_digest: policy.digest(),
    };
    drop(Keyring::create(&keyring, &wrapping).unwrap());
    let parts = |guard| Parts {
        store: Arc::clone(store) as Arc<dyn Store>,
        guard,
        keyring: Keyring::open(&keyring, &wrapping).unwrap(),
        signer: Arc::new(FileSigner::from_seed(&[7; 32], &name).unwrap()),
    };
    write_entry_zero(parts(Guard::create(&guard).unwrap()), &opening, clock.as_ref()).unwrap();
    Ledger::start(parts(Guard::open(&guard).unwrap()), Arc::clone(clock)).unwrap()
}

/// An SMS gateway that keeps what it is given.
async fn gateway(messages: Messages) -> String {
    async fn take(State(messages): State<Messages>, Json(sms): Json<Value>) -> StatusCode {
        let text = |name: &str| sms[name].as_str().unwrap().to_owned();
        messages.lock().unwrap().push((text("to"), text("text")));
        StatusCode::ACCEPTED
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    let service = Router::new().route("/sms", post(take)).with_state(messages);
    tokio::spawn(async move { axum::serve(listener, service).await });
    url
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
        limits: LimitsConfig { sign_in_per_minute: 10_000, pages_per_minute: 10_000, ..LimitsConfig::default() },
        log: LogConfig::default(),
    }
}

impl<'t> Visitor<'t> {
    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "portal.example")
            .header("cookie", cookies.join("; "))
    }

    async fn send(&mut self, request: Request<Body>) -> Page {
        let page = self.town.send(request).await;
        for line in page.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{line}");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, rest)) = page.text.split_once("name=\"csrf\" value=\"") {
            self.token = rest.split_once('"').unwrap().0.to_owned();
        }
        page
    }

    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// A form of the last page, sent as a browser does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
        self.post_raw(path, &fields, &[("sec-fetch-site", "same-origin")]).await
    }

    pub async fn post_raw(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let mut request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.join("&"))).unwrap();
        self.send(request).await
    }

    /// Enrols with this number; returns visible ID and recovery code.
    pub async fn enrol(&mut self, phone: &str) -> (String, String) {
        let before = self.town.messages_to(phone).len();
        self.get("/enrol").await.is(200);
        self.post("/enrol", &[("phone", phone)]).await.is(303);
        self.get("/enrol/code").await.is(200);
        let code = self.town.code(phone, "登録", before).await;
        let page = self.post("/enrol/code", &[("code", &code)]).await;
        assert_eq!(page.is(303).location(), "/enrol/done");
        let page = self.get("/enrol/done").await;
        let papers = (page.between("id=\"qid-text\">", "<"), page.between("id=\"recovery-code\">", "<"));
        self.post("/enrol/done", &[("kept", "yes")]).await.is(303);
        papers
    }

    /// Signs in by SMS code.
    pub async fn sign_in(&mut self, phone: &str) -> Page {
        let before = self.town.messages_to(phone).len();
        self.get("/sign-in").await.is(200);
        self.post("/sign-in", &[("phone", phone)]).await.is(303);
        self.get("/sign-in/code").await.is(200);
        let code = self.town.code(phone, "サインイン", before).await;
        self.post("/sign-in/code", &[("code", &code)]).await
    }

    pub async fn step_up(&mut self, recovery: &str) -> Page {
        self.get("/step-up").await.is(200);
        self.post("/step-up", &[("recovery", recovery)]).await
    }
}
