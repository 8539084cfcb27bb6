//! One request of a person: her session, her language, the cookies the answer sets.
//!
//! [`carry`] wraps every page: it hands cookies to the answer, keeps pages out of caches, and shows
//! a [`PageError`] as a page in the reader's language.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use akashi_proof::ids::{SubjectHandle, Timestamp};
use akashi_proof::record::kind::Language;
use akashi_proof::state::Person;

use super::error::{self, PageError};
use super::forms::Fields;
use super::names::Names;
use super::shell::Shell;
use crate::app::SharedApp;
use crate::auth::session::{Session, Standing};
use crate::middleware::request_id::RequestId;

const LANGUAGE_COOKIE: &str = "akashi-language";
/// A year: people read one language for longer than they keep a phone.
const LANGUAGE_COOKIE_SECONDS: u32 = 365 * 24 * 3600;

/// What a handler knows of the one who asks.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) app: SharedApp,
    pub(crate) language: Language,
    pub(crate) session: Option<Session>,
    uri: Uri,
    request_id: Option<RequestId>,
    carried: Carried,
}

/// What handlers hand to [`carry`].
#[derive(Clone, Default)]
struct Carried(Arc<Mutex<Load>>);

#[derive(Default)]
struct Load {
    cookies: Vec<HeaderValue>,
    visit: Option<Visit>,
}

impl Carried {
    fn with<T>(&self, change: impl FnOnce(&mut Load) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FromRequestParts<SharedApp> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &SharedApp,
    ) -> Result<Self, Self::Rejection> {
        let carried = parts
            .extensions
            .get::<Carried>()
            .cloned()
            .unwrap_or_default();
        if let Some(visit) = carried.with(|load| load.visit.clone()) {
            return Ok(visit);
        }
        let mut visit = Self::new(app, &parts.uri, &parts.headers, carried.clone());
        visit.request_id = parts.extensions.get::<RequestId>().cloned();
        carried.with(|load| load.visit = Some(visit.clone()));
        Ok(visit)
    }
}

impl Visit {
    fn new(app: &SharedApp, uri: &Uri, headers: &HeaderMap, carried: Carried) -> Self {
        let now = app.clock.monotonic_millis();
        let name = session_cookie(app.config.server.is_https());
        let session = cookie(headers, name).and_then(|value| app.sessions.find(value, now));
        let asked = Fields::of_query(uri.query().unwrap_or_default());
        let asked = asked.first("lang").and_then(Language::parse);
        if let Some(language) = asked {
            let secure = if app.config.server.is_https() {
                "; Secure"
            } else {
                ""
            };
            let text = format!(
                "{LANGUAGE_COOKIE}={language}; Path=/; Max-Age={LANGUAGE_COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
            );
            carried.with(|load| load.cookies.extend(HeaderValue::from_str(&text)));
        }
        let stored = || {
            let Standing::Person(subject, _) = &session.as_ref()?.standing else {
                return None;
            };
            app.ledger
                .reader()
                .person(subject)
                .map(|person| person.language)
        };
        let language = asked
            .or_else(|| cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse))
            .or_else(stored)
            .or_else(|| preferred(headers))
            .unwrap_or(Language::Ja);
        Self {
            app: Arc::clone(app),
            language,
            session,
            uri: uri.clone(),
            request_id: None,
            carried,
        }
    }

    /// Of a request that has not reached a page, for the page that says why.
    pub(crate) fn of(app: &SharedApp, request: &Request) -> Self {
        let mut visit = Self::new(app, request.uri(), request.headers(), Carried::default());
        visit.request_id = request.extensions().get::<RequestId>().cloned();
        visit
    }

    /// The monotonic clock.
    pub(crate) fn monotonic(&self) -> u64 {
        self.app.clock.monotonic_millis()
    }

    /// The wall clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.clock.wall()
    }

    /// 0, 1 or 2.
    pub(crate) fn level(&self) -> u8 {
        self.session.as_ref().map_or(0, Session::level)
    }

    /// Everybody who uses the phone of this session; at level 2 only the one person it is.
    pub(crate) fn people(&self) -> Vec<Arc<Person>> {
        let reader = self.app.ledger.reader();
        let find = |subject: &SubjectHandle| reader.person(subject);
        match self.session.as_ref().map(|session| &session.standing) {
            Some(Standing::Holder(people)) => people.iter().filter_map(find).collect(),
            Some(Standing::Person(subject, _)) => find(subject).into_iter().collect(),
            Some(Standing::Visitor) | None => Vec::new(),
        }
    }

    /// Names of codes in the reader's language.
    pub(crate) fn names(&self) -> Names {
        Names::new(
            self.language,
            Arc::clone(&self.app.policy),
            self.app.ledger.reader().registry(),
        )
    }

    /// The session, begun now if there was none: for forms of people who are not signed in.
    pub(crate) fn begun(&mut self) -> Session {
        if let Some(session) = &self.session {
            return session.clone();
        }
        let (session, cookie) = self.app.sessions.begin(self.monotonic());
        self.take_over(session, &cookie)
    }

    /// The session with another standing, under a new identifier.
    pub(crate) fn raise(&mut self, standing: Standing) -> Session {
        let before = self.begun();
        let (session, cookie) = self.app.sessions.raise(&before, standing, self.monotonic());
        self.take_over(session, &cookie)
    }

    /// Ends the session.
    pub(crate) fn end(&mut self) {
        if let Some(session) = self.session.take() {
            self.app.sessions.end(&session);
        }
        self.set_session_cookie("", "; Max-Age=0");
        let ended = self.clone();
        self.carried.with(|load| load.visit = Some(ended));
    }

    fn take_over(&mut self, session: Session, cookie: &str) -> Session {
        self.session = Some(session.clone());
        self.set_session_cookie(cookie, "");
        let visit = self.clone();
        self.carried.with(|load| load.visit = Some(visit));
        session
    }

    fn set_session_cookie(&self, value: &str, more: &str) {
        let https = self.app.config.server.is_https();
        let (name, secure) = (session_cookie(https), if https { "; Secure" } else { "" });
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
        self.carried
            .with(|load| load.cookies.extend(HeaderValue::from_str(&text)));
    }

    /// What surrounds a page.
    pub(crate) fn shell(&self, title: impl Into<String>) -> Shell {
        Shell::new(self, title.into())
    }

    /// Where the same page is in the other language.
    pub(crate) fn in_other_language(&self) -> String {
        let other = match self.language {
            Language::Ja => Language::En,
            Language::En => Language::Ja,
        };
        Fields::of_query(self.uri.query().unwrap_or_default()).with("lang", other.as_str())
    }

    /// The number of this request, for asking about it; empty where it has none.
    pub(crate) fn request_id(&self) -> &str {
        self.request_id.as_ref().map_or("", RequestId::as_str)
    }

    /// The path asked for, as somewhere to come back to after signing in.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }
}

/// `__Host-` binds the cookie to this host and to TLS; browsers refuse such a name without TLS.
const fn session_cookie(https: bool) -> &'static str {
    if https {
        "__Host-akashi-session"
    } else {
        "akashi-session"
    }
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// Which of the two languages the browser's reader likes better; of equals the one named first.
fn preferred(headers: &HeaderMap) -> Option<Language> {
    let lines = headers
        .get_all(header::ACCEPT_LANGUAGE)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    let liked = lines.flat_map(|line| line.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next()?.split('-').next()?.to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1.0), |text| text.parse::<f32>().ok())?;
        Some((Language::parse(&tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
    });
    let best = liked.fold(None, |best: Option<(Language, f32)>, next| match best {
        Some(best) if best.1 >= next.1 => Some(best),
        _ => Some(next),
    });
    best.map(|(language, _)| language)
}

/// Wraps every page.
pub(crate) async fn carry(mut request: Request, next: Next) -> Response {
    let carried = Carried::default();
    request.extensions_mut().insert(carried.clone());
    let mut response = next.run(request).await;
    let visit = carried.with(|load| load.visit.take());
    if let (Some(error), Some(visit)) = (response.extensions_mut().remove::<PageError>(), &visit) {
        response = error::show(&error, visit);
    }
    let headers = response.headers_mut();
    for cookie in carried.with(|load| std::mem::take(&mut load.cookies)) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    // Nothing of our addresses to other sites; but within ours, as browsers that are told less send
    // forms with an origin of `null`, which cannot be told from a forged one.
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
    response
}

/// What a handler of a page answers.
pub(crate) type Answer = Result<Response, PageError>;

/// A template as a page.
pub(crate) fn page(template: impl Template) -> Answer {
    let html = template
        .render()
        .map_err(|error| PageError::internal("a page could not be written", &error))?;
    Ok(Html(html).into_response())
}

/// A form shown again because something in it must be corrected.
pub(crate) fn page_again(template: impl Template) -> Answer {
    page(template).map(|page| (axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// On to a page, by GET.
pub(crate) fn go_to(path: &str) -> Answer {
    Ok(Redirect::to(path).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_says_which_language_is_liked_better() {
        for (line, expected) in [
            ("", None),
            ("fr, de;q=0.5", None),
            ("*", None),
            ("ja", Some(Language::Ja)),
            ("en-GB,en;q=0.9", Some(Language::En)),
            ("fr-FR, en;q=0.4, JA-JP;q=0.8", Some(Language::Ja)),
            ("en;q=0.7, ja;q=0.7", Some(Language::En)),
            ("en;q=0, ja;q=0.1", Some(Language::Ja)),
            ("en;q=nonsense", None),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(line))]);
            assert_eq!(preferred(&headers), expected, "{line}");
        }
    }
}
