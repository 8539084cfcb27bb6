//! A small town for people: institutions, a phone that keeps its messages, and a visitor with a
//! browser's cookies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use akashi::config::ServerConfig;
use akashi::router::router;
use akashi_actors::{Cast, Remains, SetClock, claims};
use akashi_desk::app::SharedApp;
use akashi_desk::limits::Rates;
use akashi_policies::Pack;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::Qid;
use akashi_proof::jws::Type;
use akashi_proof::statement::header;
use akashi_tlog::base64::url;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tower::ServiceExt;

use crate::foundation::{
    AppParts, cast_at_begin, certified, config, jose, look_at_one, nonce, role_assigned, text,
};

type Messages = Arc<Mutex<Vec<(String, String)>>>;

pub struct Town {
    app: SharedApp,
    pub remains: Remains,
    clock: Arc<SetClock>,
    messages: Messages,
    router: Router,
    cast: Cast,
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
        self.headers
            .get("location")
            .map_or("", |value| value.to_str().unwrap())
    }

    /// What stands between two marks, the first time.
    pub fn between(&self, from: &str, to: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(from)
            .unwrap_or_else(|| panic!("no `{from}` in {}", self.text));
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
        assert_eq!(
            self.status.as_u16(),
            status,
            "{} {}",
            self.location(),
            self.text
        );
        self
    }
}

/// A person at her browser: cookies, and the token of the last page.
pub struct Visitor<'t> {
    town: &'t Town,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
}

impl Town {
    /// Waits until the notifier has told what there was to tell, so that what it records of it
    /// stands in the histories.
    pub async fn settled(&self) {
        for _ in 0..2_000 {
            let backlog = self.app.notifier.backlog();
            if backlog.unread() == 0 && backlog.waiting == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the notifier has not told everything within ten seconds");
    }

    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, cast) = cast_at_begin();
        let policy = Pack::town().unwrap();
        let opening = cast.opening(policy.name(), policy.digest());
        let remains = Remains::of_new(&opening, clock.as_ref());
        let messages = Messages::default();
        let limits = Rates {
            sign_in_per_minute: 10_000,
            pages_per_minute: 10_000,
            ..Rates::default()
        };
        let parts = AppParts {
            ledger: remains.open(clock.clone()).unwrap(),
            policy,
            clock: &clock,
            config: config(folder.path(), limits),
            gateway_url: gateway(Arc::clone(&messages)).await,
            inbound_token: None,
        };
        let app = parts.assemble();
        let router = router(Arc::clone(&app), &ServerConfig::default(), Router::new());
        let town = Self {
            app,
            remains,
            clock,
            messages,
            router,
            cast,
            _folder: folder,
        };
        for (id, name_ja, name_en, role_holder, role) in [
            (
                "hospital.chuo",
                "中央病院",
                "Chuo Hospital",
                "dr-1",
                "physician",
            ),
            (
                "hospital.minato",
                "みなと病院",
                "Minato Hospital",
                "dr-2",
                "physician",
            ),
            (
                "city.hall",
                "市役所",
                "City Hall",
                "of-01",
                "welfare-officer",
            ),
        ] {
            town.certify(id, name_ja, name_en).await;
            town.statement(
                "/v1/acts",
                id,
                Type::Act,
                role_assigned(role_holder, role),
                &[],
            )
            .await;
        }
        town
    }

    pub fn visitor(&self) -> Visitor<'_> {
        Visitor {
            town: self,
            cookies: BTreeMap::new(),
            token: String::new(),
        }
    }

    pub fn pass_minutes(&self, minutes: u64) {
        self.clock.pass(Duration::from_secs(minutes * 60));
    }

    /// The six digits of the newest message to this phone with this word, after the first `after`
    /// messages.
    pub async fn code(&self, phone: &str, word: &str, after: usize) -> String {
        for _ in 0..200 {
            let messages = self
                .messages_to(phone)
                .into_iter()
                .skip(after)
                .filter(|text| text.contains(word));
            let found = messages.filter_map(|text| six_digits(&text)).next_back();
            if let Some(code) = found {
                return code;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no code came to {phone}: {:?}", self.messages_to(phone));
    }

    pub fn messages_to(&self, phone: &str) -> Vec<String> {
        let all = self.messages.lock().unwrap();
        all.iter()
            .filter(|(to, _)| to == phone)
            .map(|(_, text)| text.clone())
            .collect()
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    async fn post_jws(&self, path: &str, body: String, headers: &[(&str, &str)]) -> Value {
        let page = self.send(jose(path, body, headers)).await;
        page.is(200);
        serde_json::from_str(&page.text).unwrap()
    }

    pub async fn statement(
        &self,
        path: &str,
        who: &str,
        typ: Type,
        claims: Value,
        headers: &[(&str, &str)],
    ) -> Value {
        let statement = text(&self.cast.actor(who).sign(typ, claims));
        self.post_jws(path, statement, headers).await
    }

    /// A statement that must be refused with this status.
    pub async fn refused(
        &self,
        path: &str,
        who: &str,
        typ: Type,
        claims: Value,
        status: u16,
    ) -> Value {
        let nonce = nonce();
        let headers = if path == "/v1/accesses" {
            vec![(header::REQUEST_NONCE, nonce.as_str())]
        } else {
            Vec::new()
        };
        let statement = text(&self.cast.actor(who).sign(typ, claims));
        let page = self.send(jose(path, statement, &headers)).await;
        page.is(status);
        serde_json::from_str(&page.text).unwrap()
    }

    async fn certify(&self, id: &str, name_ja: &str, name_en: &str) {
        let act = certified(id, name_ja, name_en);
        let both = self.cast.by_supervisors(&act).map(|one| text(&one));
        self.post_jws("/v1/acts", both.join("\n"), &[]).await;
    }

    /// An institution's code for a person, at its counter.
    pub async fn link(&self, who: &str, qid: &str, code: &str) -> String {
        let link_key =
            Secret::from_bytes(*Digest::of(&[who.as_bytes(), qid.as_bytes()]).as_bytes());
        let claims = claims::link(&Qid::parse(qid).unwrap(), code, &link_key);
        let key = url::encode(link_key.expose());
        let answer = self
            .statement(
                "/v1/link-codes",
                who,
                Type::Link,
                claims,
                &[(header::LINK_KEY, &key)],
            )
            .await;
        answer["link_code"].as_str().unwrap().to_owned()
    }

    /// An access statement; the answer.
    pub async fn access(&self, who: &str, claims: Value) -> Value {
        self.statement(
            "/v1/accesses",
            who,
            Type::Access,
            claims,
            &[(header::REQUEST_NONCE, &nonce())],
        )
        .await
    }

    /// The city wants to look at one person: she is asked.
    pub async fn drill_down(&self, link_code: &str) -> u64 {
        let answer = self.access("city.hall", look_at_one(link_code)).await;
        assert_eq!(answer["decision"], "ask", "{answer}");
        answer["index"].as_u64().unwrap()
    }
}

fn six_digits(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() == 6)
        .map(str::to_owned)
        .next_back()
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

impl<'t> Visitor<'t> {
    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
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
            assert!(
                attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"),
                "{line}"
            );
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

    /// A page, as a browser asks for it whose reader likes these languages.
    pub async fn get_liking(&self, path: &str, languages: &str) -> Page {
        let request = self
            .request("GET", path)
            .header("accept-language", languages);
        self.town.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form of the last page, sent as a browser does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", token.as_str())])
            .collect();
        self.post_raw(path, &fields, &[("sec-fetch-site", "same-origin")])
            .await
    }

    pub async fn post_raw(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let escape = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect::<String>()
        };
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
            .collect();
        let mut request = self
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded");
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
        let papers = (
            page.between("id=\"qid-text\">", "<"),
            page.between("id=\"recovery-code\">", "<"),
        );
        self.post("/enrol/done", &[("kept", "yes")]).await.is(303);
        papers
    }

    /// Signs in by SMS code.
    pub async fn sign_in(&mut self, phone: &str) -> Page {
        let before = self.town.messages_to(phone).len();
        self.get("/sign-in").await.is(200);
        self.post("/sign-in", &[("phone", phone)]).await.is(303);
        self.get("/sign-in/code").await.is(200);
        let code = self.town.code(phone, "ログインの確認コード", before).await;
        self.post("/sign-in/code", &[("code", &code)]).await
    }

    pub async fn step_up(&mut self, recovery: &str) -> Page {
        self.get("/step-up").await.is(200);
        self.post("/step-up", &[("recovery", recovery)]).await
    }
}
