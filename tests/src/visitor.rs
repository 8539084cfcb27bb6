//! A person at her browser: cookies, the token of the last form, and every answer she was given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ureq::http::HeaderMap;
use ureq::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use ureq::http::request::Builder;

use crate::phone::Phone;
use crate::server::Server;

pub struct Visitor<'s> {
    server: &'s Server,
    pub cookies: BTreeMap<String, String>,
    /// The token of the last form.
    pub token: String,
    /// Every answer, in order.
    pub pages: Vec<Page>,
    /// Every value her session's cookie ever had.
    pub sessions: BTreeSet<String>,
    /// Every token a form of hers ever had.
    pub tokens: BTreeSet<String>,
}

/// An answer as it came.
#[derive(Clone)]
pub struct Page {
    /// `GET /me`.
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl fmt::Debug for Page {
    /// What a test that fails should print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} {}\n{}",
            self.request,
            self.status,
            self.location(),
            self.text
        )
    }
}

/// What a person who has enrolled must keep.
#[derive(Clone, Debug)]
pub struct Papers {
    pub qid: String,
    pub recovery: String,
    /// `ahk:...`
    pub history_key: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers
            .get(LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// What stands between two marks, the first time.
    #[track_caller]
    pub fn between(&self, from: &str, to: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(from)
            .unwrap_or_else(|| panic!("no `{from}` in {self:?}"));
        rest.split_once(to).unwrap().0.to_owned()
    }

    #[track_caller]
    pub fn shows(&self, what: &str) -> &Self {
        assert!(self.text.contains(what), "no `{what}` in {self:?}");
        self
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

impl<'s> Visitor<'s> {
    pub fn new(server: &'s Server) -> Self {
        Self {
            server,
            cookies: BTreeMap::new(),
            token: String::new(),
            pages: Vec::new(),
            sessions: BTreeSet::new(),
            tokens: BTreeSet::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.server.request("GET", path);
        self.send(format!("GET {path}"), request, String::new())
            .await
    }

    /// A form of the last page, sent as a browser does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", token.as_str())])
            .collect();
        self.post_exactly(path, &fields, "same-origin").await
    }

    /// Exactly these fields, sent from a page of this or another site.
    pub async fn post_exactly(&mut self, path: &str, fields: &[(&str, &str)], site: &str) -> Page {
        let escape = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect::<String>()
        };
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
            .collect();
        let request = self
            .server
            .request("POST", path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        self.send(format!("POST {path}"), request, body.join("&"))
            .await
    }

    async fn send(&mut self, name: String, request: Builder, body: String) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = request.header(COOKIE, cookies.join("; "));
        let answer = self.server.send(request, body.into_bytes()).await;
        let page = Page {
            request: name,
            status: answer.status,
            text: answer.text(),
            headers: answer.headers,
        };
        for line in page.headers.get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
                self.sessions
                    .extend(name.ends_with("session").then(|| value.to_owned()));
            }
        }
        if let Some((_, rest)) = page.text.split_once("name=\"csrf\" value=\"") {
            self.token = rest.split_once('"').unwrap().0.to_owned();
            self.tokens.insert(self.token.clone());
        }
        self.pages.push(page.clone());
        page
    }

    /// Enrols with this phone: the number, the code, the papers, the history key.
    pub async fn enrol(&mut self, phone: &Phone) -> Papers {
        let known = phone.texts(self.server).await.len();
        self.get("/enrol").await.is(200);
        self.post("/enrol", &[("phone", &phone.number)])
            .await
            .is(303);
        self.get("/enrol/code").await.is(200);
        let code = phone.code(self.server, known).await;
        let page = self.post("/enrol/code", &[("code", &code)]).await;
        assert_eq!(page.is(303).location(), "/enrol/done");
        let page = self.get("/enrol/done").await;
        let (qid, recovery) = (
            page.between("id=\"qid-text\">", "<"),
            page.between("id=\"recovery-code\">", "<"),
        );
        let history_key = self
            .get("/enrol/history-key")
            .await
            .is(200)
            .between("class=\"hash\">", "<");
        self.get("/enrol/done").await.is(200);
        self.post("/enrol/done", &[("kept", "yes")]).await.is(303);
        Papers {
            qid,
            recovery,
            history_key,
        }
    }

    /// Signs in with the code that arrives on this phone.
    pub async fn sign_in(&mut self, phone: &Phone) -> Page {
        let known = phone.texts(self.server).await.len();
        self.get("/sign-in").await.is(200);
        self.post("/sign-in", &[("phone", &phone.number)])
            .await
            .is(303);
        self.get("/sign-in/code").await.is(200);
        let code = phone.code(self.server, known).await;
        self.post("/sign-in/code", &[("code", &code)]).await
    }

    /// Shows the second thing.
    pub async fn step_up(&mut self, recovery: &str) -> Page {
        self.get("/step-up").await.is(200);
        self.post("/step-up", &[("recovery", recovery)]).await
    }
}
