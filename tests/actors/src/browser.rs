//! A person at her browser: cookies, the token of the last form, every answer she was given; and
//! the codes that arrive on her phone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::request::Builder;
use http::{HeaderMap, Request, Response};

use crate::until;

/// What tells a code for enrolling, and one for signing in, from other messages, in both languages.
const ENROLLING: [&str; 2] = ["登録の確認コード", "code for enrolling"];
const SIGNING_IN: [&str; 2] = ["ログインの確認コード", "code for signing in"];

/// The portal, as far as a person reaches it.
#[expect(async_fn_in_trait, reason = "a test awaits it where it asks")]
pub trait Portal {
    /// Answers a request, whose URI is a path and query.
    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>>;

    /// The texts that have arrived on a phone, oldest first.
    async fn texts(&self, phone: &str) -> Vec<String>;

    /// Waits for a text after the first `known` ones that is as wanted.
    async fn wait_for_text(
        &self,
        phone: &str,
        known: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        until(&format!("the text comes to {phone}"), async || {
            let texts = self.texts(phone).await;
            texts.into_iter().skip(known).find(|text| wanted(text))
        })
        .await
    }

    /// The six digits of a text with one of these words after the first `known` ones.
    async fn code(&self, phone: &str, words: &[&str], known: usize) -> String {
        let wanted =
            |text: &str| words.iter().any(|word| text.contains(word)) && six_digits(text).is_some();
        let text = self.wait_for_text(phone, known, wanted).await;
        six_digits(&text).unwrap()
    }
}

/// The first run of exactly six digits.
pub fn six_digits(text: &str) -> Option<String> {
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.find(|run| run.len() == 6).map(str::to_owned)
}

/// The reference and the code of a message that asks.
pub fn reference_and_code(text: &str) -> (String, String) {
    let (_, rest) = text.split_once("受付番号").unwrap();
    let letters = rest.trim_start().chars();
    let reference = letters.take_while(char::is_ascii_uppercase).collect();
    (reference, six_digits(rest).unwrap())
}

/// An answer as it came.
#[derive(Clone)]
pub struct Page {
    /// `GET /me`.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
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

impl Page {
    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        let location = self.headers.get(LOCATION);
        location.map_or("", |value| value.to_str().unwrap())
    }

    /// What stands between two marks, the first time.
    #[track_caller]
    pub fn between(&self, from: &str, to: &str) -> String {
        let Some((_, rest)) = self.text.split_once(from) else {
            panic!("no `{from}` in {self:?}")
        };
        rest.split_once(to).unwrap().0.to_owned()
    }

    /// Fails where these words are not in it.
    #[track_caller]
    pub fn shows(&self, what: &str) -> &Self {
        assert!(self.text.contains(what), "no `{what}` in {self:?}");
        self
    }

    /// Fails where these words are in it.
    #[track_caller]
    pub fn hides(&self, what: &str) -> &Self {
        assert!(!self.text.contains(what), "`{what}` in {self:?}");
        self
    }

    /// Fails where its status is another.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// What a person who has enrolled must keep.
#[derive(Clone, Debug)]
pub struct Papers {
    /// Her visible ID.
    pub qid: String,
    /// Her recovery code.
    pub recovery: String,
    /// Her history key: `ahk:...`
    pub history_key: String,
    /// The page she prints.
    pub paper: Page,
}

/// A person at her browser.
pub struct Browser<'p, P> {
    portal: &'p P,
    /// By name.
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

impl<'p, P: Portal> Browser<'p, P> {
    /// A browser that has been nowhere yet.
    pub fn new(portal: &'p P) -> Self {
        Self {
            portal,
            cookies: BTreeMap::new(),
            token: String::new(),
            pages: Vec::new(),
            sessions: BTreeSet::new(),
            tokens: BTreeSet::new(),
        }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Page {
        let page = self.ask(Request::get(path), String::new()).await;
        self.keep(page)
    }

    /// A page, as a browser asks for it whose reader likes these languages. Nothing of the answer
    /// is kept.
    pub async fn get_liking(&self, path: &str, languages: &str) -> Page {
        let request = Request::get(path).header("accept-language", languages);
        self.ask(request, String::new()).await
    }

    /// A form of the last page, sent as a browser does: where a page answers it, that page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        let page = self.post_exactly(path, &fields, &[("sec-fetch-site", "same-origin")]);
        let page = page.await;
        let answers = page.headers.get(LOCATION).is_some_and(|to| {
            let to = to.to_str().unwrap_or_default();
            to.starts_with(&format!("{path}?shown="))
        });
        if answers {
            return self.get(page.location()).await;
        }
        page
    }

    /// Exactly these fields, with exactly these headers besides the cookies.
    pub async fn post_exactly(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let (request, body) = form(path, fields, headers);
        let page = self.ask(request, body).await;
        self.keep(page)
    }

    /// A form of the last page, sent by a double click: twice at once. She sees the second answer.
    pub async fn post_twice(&mut self, path: &str, fields: &[(&str, &str)]) -> [Page; 2] {
        let token = self.token.clone();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        let send = async || {
            let (request, body) = form(path, &fields, &[("sec-fetch-site", "same-origin")]);
            self.ask(request, body).await
        };
        let (first, second) = tokio::join!(send(), send());
        [self.keep(first), self.keep(second)]
    }

    async fn ask(&self, request: Builder, body: String) -> Page {
        let cookies = self.cookies.iter();
        let cookies = cookies.map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let request = request.header(COOKIE, cookies).body(body.into_bytes());
        let request = request.unwrap();
        let name = format!("{} {}", request.method(), request.uri());
        let (head, body) = self.portal.answer(request).await.into_parts();
        Page {
            request: name,
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn keep(&mut self, page: Page) -> Page {
        for line in page.headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            assert!(
                attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"),
                "{line}"
            );
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
                continue;
            }
            self.cookies.insert(name.to_owned(), value.to_owned());
            if name.ends_with("session") {
                self.sessions.insert(value.to_owned());
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
    pub async fn enrol(&mut self, phone: &str) -> Papers {
        let known = self.portal.texts(phone).await.len();
        self.get("/enrol").await.is(200);
        self.post("/enrol", &[("phone", phone)]).await.is(303);
        self.get("/enrol/code").await.is(200);
        let code = self.portal.code(phone, &ENROLLING, known).await;
        let page = self.post("/enrol/code", &[("code", &code)]).await;
        assert_eq!(page.is(303).location(), "/enrol/done");
        let papers = self.get("/enrol/done").await;
        let key = self.get("/enrol/history-key").await;
        self.get("/enrol/done").await.is(200);
        self.post("/enrol/done", &[("kept", "yes")]).await.is(303);
        Papers {
            qid: papers.between("id=\"qid-text\">", "<"),
            recovery: papers.between("id=\"recovery-code\">", "<"),
            history_key: key.is(200).between("class=\"hash\">", "<"),
            paper: papers,
        }
    }

    /// Signs in with the code that arrives on this phone.
    pub async fn sign_in(&mut self, phone: &str) -> Page {
        let known = self.portal.texts(phone).await.len();
        self.get("/sign-in").await.is(200);
        self.post("/sign-in", &[("phone", phone)]).await.is(303);
        self.get("/sign-in/code").await.is(200);
        let code = self.portal.code(phone, &SIGNING_IN, known).await;
        self.post("/sign-in/code", &[("code", &code)]).await
    }

    /// Shows the second thing.
    pub async fn step_up(&mut self, recovery: &str) -> Page {
        self.get("/step-up").await.is(200);
        self.post("/step-up", &[("recovery", recovery)]).await
    }
}

/// A form with these fields, as a browser sends it.
fn form(path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> (Builder, String) {
    let escape =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    (request, fields.collect::<Vec<_>>().join("&"))
}
