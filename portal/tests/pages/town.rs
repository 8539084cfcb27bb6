//! A small town for people: institutions, a phone that keeps its messages, and a visitor with a
//! browser's cookies.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use akashi::config::ServerConfig;
use akashi::router::router;
use akashi_actors::{Browser, Cast, Portal, Remains, SetClock, claims, until_so};
use akashi_desk::app::SharedApp;
use akashi_desk::limits::Rates;
use akashi_desk::reading::Work;
use akashi_ledger::Ledger;
use akashi_notifier::{Address, Phone};
use akashi_policies::Pack;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::Qid;
use akashi_proof::jws::Type;
use akashi_proof::statement::header;
use akashi_tlog::base64::url;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{Request, Response, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::stream::once;
use serde_json::Value;
use tokio::sync::Notify;
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
    folder: tempfile::TempDir,
    rates: Rates,
}

/// The town as it is reached from an address.
pub struct Afar<'t> {
    town: &'t Town,
    address: SocketAddr,
}

impl Portal for Afar<'_> {
    async fn answer(&self, mut request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        request.extensions_mut().insert(ConnectInfo(self.address));
        self.town.answer(request).await
    }

    async fn texts(&self, phone: &str) -> Vec<String> {
        self.town.texts(phone).await
    }
}

/// The town over a line on which the body of a form arrives when it is let.
pub struct Slowly<'t> {
    town: &'t Town,
    go_on: Arc<Notify>,
}

impl Slowly<'_> {
    /// Lets one body arrive.
    pub fn go_on(&self) {
        self.go_on.notify_one();
    }
}

impl Portal for Slowly<'_> {
    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        if request.body().is_empty() {
            return self.town.answer(request).await;
        }
        let (mut head, body) = request.into_parts();
        head.headers
            .insert("host", "portal.example".parse().unwrap());
        let go_on = Arc::clone(&self.go_on);
        let body = once(async move {
            go_on.notified().await;
            Ok::<_, Infallible>(body)
        });
        let request = Request::from_parts(head, Body::from_stream(body));
        self.town.send(request).await
    }

    async fn texts(&self, phone: &str) -> Vec<String> {
        self.town.texts(phone).await
    }
}

pub type Visitor<'t> = Browser<'t, Town>;

impl Portal for Town {
    async fn answer(&self, mut request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let host = "portal.example".parse().unwrap();
        request.headers_mut().insert("host", host);
        self.send(request.map(Body::from)).await
    }

    async fn texts(&self, phone: &str) -> Vec<String> {
        let all = self.messages.lock().unwrap();
        let to_it = all.iter().filter(|(to, _)| to == phone);
        to_it.map(|(_, text)| text.clone()).collect()
    }
}

impl Town {
    /// Waits until the notifier has told what there was to tell, so that what it records of it
    /// stands in the histories.
    pub async fn settled(&self) {
        until_so("the notifier has told everything", || {
            let backlog = self.app.notifier.backlog();
            backlog.unread() == 0 && backlog.waiting == 0
        })
        .await;
    }

    /// A town in which one machine stands for everybody.
    pub async fn new() -> Self {
        Self::with(Rates {
            sign_in_per_minute: 10_000,
            pages_per_minute: 10_000,
            ..Rates::default()
        })
        .await
    }

    /// A town that lets one sender ask so much.
    pub async fn with(rates: Rates) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, cast) = cast_at_begin();
        let policy = Pack::town().unwrap();
        let opening = cast.opening(policy.name(), policy.digest());
        let remains = Remains::of_new(&opening, clock.as_ref());
        let messages = Messages::default();
        let app = assemble(&remains, &clock, folder.path(), &messages, &rates).await;
        let router = router(Arc::clone(&app), &ServerConfig::default(), Router::new());
        let town = Self {
            app,
            remains,
            clock,
            messages,
            router,
            cast,
            folder,
            rates,
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

    /// The same after a restart of the server.
    pub async fn restart(self) -> Self {
        self.app.notifier.shutdown().await;
        let app = assemble(
            &self.remains,
            &self.clock,
            self.folder.path(),
            &self.messages,
            &self.rates,
        )
        .await;
        Self {
            router: router(Arc::clone(&app), &ServerConfig::default(), Router::new()),
            app,
            ..self
        }
    }

    /// The same after a restart, before which more was recorded.
    pub async fn restart_after<F: Future>(self, recorded: impl FnOnce(Ledger) -> F) -> Self {
        self.app.notifier.shutdown().await;
        recorded(self.remains.open(self.clock.clone()).unwrap()).await;
        self.restart().await
    }

    /// The same, reached from this address.
    pub fn from(&self, address: [u8; 4]) -> Afar<'_> {
        Afar {
            town: self,
            address: (address, 50_000).into(),
        }
    }

    /// The same, where forms are long under way.
    pub fn slowly(&self) -> Slowly<'_> {
        Slowly {
            town: self,
            go_on: Arc::new(Notify::new()),
        }
    }

    /// How often pages were read for, and how many addresses were looked up, since the start.
    pub fn work_done(&self) -> (u64, u64) {
        let looked_up = self.app.notifier.code_figures().looked_up;
        (self.app.reads(Work::Pages), looked_up)
    }

    /// Of everybody who has this phone, or is yet to have it, whether that is in doubt.
    pub async fn people_of(&self, phone: &str) -> Vec<bool> {
        let address = Address::Phone(Phone::parse(phone).unwrap());
        let contacts = Arc::clone(&self.app.contacts);
        let read = self.app.read(Work::Pages, move |reader| {
            let rows = contacts.contacts_of(&address).into_iter();
            let doubted = rows.filter_map(|row| {
                let person = reader.person(&row.subject)?;
                let mut hers = person.contacts.iter();
                let known = hers.find(|known| known.contact == row.id)?;
                Some(known.is_doubted())
            });
            doubted.collect()
        });
        read.await.unwrap()
    }

    /// How many are signed in.
    pub fn signed_in(&self) -> usize {
        self.app.sessions.figures().0
    }

    pub fn visitor(&self) -> Visitor<'_> {
        Browser::new(self)
    }

    pub fn pass_minutes(&self, minutes: u64) {
        self.clock.pass(Duration::from_secs(minutes * 60));
    }

    async fn send(&self, request: Request<Body>) -> Response<Vec<u8>> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Response::from_parts(head, body.to_vec())
    }

    /// Posts a statement, which must be answered with this status.
    async fn post_statement(
        &self,
        path: &str,
        statement: String,
        headers: &[(&str, &str)],
        status: u16,
    ) -> Value {
        let answer = self.send(jose(path, statement, headers)).await;
        let text = String::from_utf8_lossy(answer.body());
        assert_eq!(answer.status(), status, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
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
        self.post_statement(path, statement, headers, 200).await
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
        self.post_statement(path, statement, &headers, status).await
    }

    async fn certify(&self, id: &str, name_ja: &str, name_en: &str) {
        self.by_supervisors(&certified(id, name_ja, name_en)).await;
    }

    /// An act that both supervisors sign.
    pub async fn by_supervisors(&self, act: &Value) {
        self.by_supervisors_with(act, 200).await;
    }

    /// The same, which must be answered with this status.
    pub async fn by_supervisors_with(&self, act: &Value, status: u16) {
        let both = self.cast.by_supervisors(act).map(|one| text(&one));
        self.post_statement("/v1/acts", both.join("\n"), &[], status)
            .await;
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

    /// A holder hands over its evidence key; permits of the next minute are sealed under it.
    pub async fn hand_over_evidence_key(&self, who: &str) {
        let key = self.cast.actor(who).evidence_key();
        let claims = claims::evidence_key_registered(&key, self.clock.seconds());
        let header = [(header::EVIDENCE_KEY, &*url::encode(key.expose()))];
        self.statement("/v1/acts", who, Type::Act, claims, &header)
            .await;
        self.pass_minutes(1);
    }

    /// The same with an ID that is nobody's.
    pub async fn no_link(&self, who: &str, qid: &str, code: &str) {
        let link_key = Secret::from_bytes([7; 32]);
        let claims = claims::link(&Qid::parse(qid).unwrap(), code, &link_key);
        let key = url::encode(link_key.expose());
        let statement = text(&self.cast.actor(who).sign(Type::Link, claims));
        let headers = [(header::LINK_KEY, key.as_str())];
        self.post_statement("/v1/link-codes", statement, &headers, 422)
            .await;
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

/// The server on what is there.
async fn assemble(
    remains: &Remains,
    clock: &Arc<SetClock>,
    folder: &Path,
    messages: &Messages,
    rates: &Rates,
) -> SharedApp {
    let parts = AppParts {
        ledger: remains.open(clock.clone()).unwrap(),
        policy: Pack::town().unwrap(),
        clock,
        config: config(folder, rates.clone()),
        gateway_url: gateway(Arc::clone(messages)).await,
        inbound_token: None,
    };
    parts.assemble()
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
