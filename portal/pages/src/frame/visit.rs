//! One request of a person: her session, her language, and what the answer makes of them.
//!
//! The visit is made when all of the request is here ([`Visit::of`]), and travels down in the
//! request: what the session was worth when it began to arrive counts for nothing. What comes back
//! is a [`Reply`]: a page, and whether the session is another one now. [`carry`] wraps every page:
//! it turns a reply into a response with its cookies, keeps pages out of caches, and shows a
//! [`PageError`] as a page in the reader's language.

use std::ops::Deref;
use std::sync::Arc;

use akashi_desk::app::SharedApp;
use akashi_desk::history::outline::Hers;
use akashi_desk::identity::Principal;
use akashi_desk::identity::browser::{Known, MARK_MILLIS};
use akashi_desk::identity::errand::Asking;
use akashi_desk::identity::session::{Changed, Session, Standing};
use akashi_desk::reading::Work;
use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use akashi_desk::words::names::Names;
use akashi_ledger::Reader;
use akashi_proof::digest::Digest;
use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::Language;
use akashi_proof::state::Person;

use crate::frame::error::{self, PageError};
use crate::frame::forms::Fields;
use crate::frame::kept::KEPT_MILLIS;
use crate::frame::once::cookie_digest;
use crate::frame::said::Said;
use crate::frame::sent::short_cookie;
use crate::frame::shell::Shell;

const LANGUAGE_COOKIE: &str = "akashi-language";
/// What the next page says first.
const SAID_COOKIE: &str = "akashi-said";
/// Long enough for the page it leads to.
const SAID_COOKIE_SECONDS: u64 = 300;
/// A year: people read one language for longer than they keep a phone.
const LANGUAGE_COOKIE_SECONDS: u32 = 365 * 24 * 3600;

/// What a handler knows of the one who asks. A handler that changes the session changes its own
/// copy, and hands the [`SessionChange`] back in its [`Reply`].
#[derive(Clone)]
pub struct Visit {
    /// What the request runs on.
    pub app: SharedApp,
    /// The language she reads.
    pub language: Language,
    pub(crate) session: Option<Session>,
    /// Whether the language was chosen in this very request, and is to be remembered.
    chose_language: bool,
    uri: Uri,
    /// The digest of its session's cookie, whether or not that is a session's.
    came_with: Option<Digest>,
    /// Of a form that came too late, as the browser brings it back.
    kept: Option<Arc<str>>,
    /// What her browser is known for.
    browser: Option<Arc<Known>>,
    /// What this page says first.
    said: Option<Said>,
    /// The number of this request.
    reference: Arc<str>,
    /// Where she comes from, for what is counted by sender; never shown, never logged.
    sender: Arc<[u8]>,
}

impl FromRequestParts<SharedApp> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &SharedApp) -> Result<Self, PageError> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or_else(|| PageError::internal("a page was asked for", &"without a visit"))
    }
}

impl Visit {
    /// The visit of a request from this sender, by its number, as it stands now: whose session its
    /// cookie names, and in which language she reads.
    pub fn of(app: &SharedApp, request: &Request, reference: &str, sender: &[u8]) -> Self {
        let (uri, headers) = (request.uri(), request.headers());
        let https = app.site.is_https();
        let came_with = cookie(headers, session_cookie(https));
        let session = came_with.and_then(|value| app.session(value));
        let chosen = Fields::of_query(uri.query().unwrap_or_default());
        let chosen = chosen.first("lang").and_then(Language::parse);
        let language = chosen
            .or_else(|| cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse))
            .or_else(|| session.as_ref().and_then(Session::language))
            .or_else(|| preferred(headers))
            .unwrap_or(Language::Ja);
        Self {
            app: Arc::clone(app),
            language,
            session,
            chose_language: chosen.is_some(),
            uri: uri.clone(),
            came_with: came_with.map(cookie_digest),
            kept: cookie(headers, kept_cookie(https)).map(Arc::from),
            browser: cookie(headers, browser_cookie(https))
                .and_then(|mark| app.browsers.find(mark, app.clock.wall()))
                .map(Arc::new),
            said: cookie(headers, SAID_COOKIE).and_then(Said::parse),
            reference: reference.into(),
            sender: sender.into(),
        }
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

    /// The session.
    ///
    /// # Errors
    /// [`PageError::Ended`] where there is none any more.
    pub(crate) fn session(&self) -> Result<&Session, PageError> {
        self.session.as_ref().ok_or(PageError::Ended)
    }

    /// Whether she had a session, and has none any more.
    pub(crate) const fn is_over(&self) -> bool {
        self.came_with.is_some() && self.session.is_none()
    }

    /// The digest of the session's cookie that came with this request.
    pub(crate) const fn came_with(&self) -> Option<Digest> {
        self.came_with
    }

    /// What the browser brings back of a form that came too late.
    pub(crate) fn kept_number(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    /// The cookie that brings a kept form back, or takes it away.
    pub(crate) fn kept_cookie(&self, number: Option<&str>) -> Option<HeaderValue> {
        let https = self.app.site.is_https();
        let seconds = number.map_or(0, |_| KEPT_MILLIS / 1_000);
        short_cookie(
            kept_cookie(https),
            number.unwrap_or_default(),
            seconds,
            https,
        )
    }

    /// What this page says first, in words.
    pub(crate) fn said(&self) -> Option<&'static str> {
        let said = self.said?;
        Some(said.words(self.language, self.kept.is_some()))
    }

    /// This answer; the page it leads to says why.
    pub(crate) fn saying(&self, said: Said, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        let https = self.app.site.is_https();
        if let Some(cookie) = short_cookie(SAID_COOKIE, said.as_str(), SAID_COOKIE_SECONDS, https) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Who is there; `None` of a visitor.
    pub(crate) fn who(&self) -> Option<Principal> {
        let session = self.session.as_ref()?;
        session.principal(self.language)
    }

    /// Names of codes in the reader's language.
    pub(crate) fn names(&self) -> Names {
        self.app.names(self.language)
    }

    /// Begins a session if there is none: for forms of people who are not signed in.
    pub(crate) fn begin(&mut self) -> SessionChange {
        if self.session.is_some() {
            return SessionChange::default();
        }
        let begun = self.app.sessions.begin(self.monotonic());
        self.now_is(begun)
    }

    /// As who asks for a code, or types one.
    ///
    /// # Errors
    /// [`PageError::Ended`] where there is no session any more.
    pub(crate) fn asking(&self) -> Result<Asking<'_>, PageError> {
        Ok(Asking {
            session: self.session()?,
            sender: &self.sender,
            browser: self.browser(),
            language: self.language,
        })
    }

    /// What her browser is known for.
    pub(crate) fn browser(&self) -> Option<&Known> {
        self.browser.as_deref()
    }

    /// This answer, with the mark her browser is to bring back.
    pub(crate) fn marked(&self, mark: &str, answer: Reply) -> Reply {
        let https = self.app.site.is_https();
        let cookie = short_cookie(browser_cookie(https), mark, MARK_MILLIS / 1_000, https);
        let Reply { mut page, session } = answer;
        if let Some(cookie) = cookie {
            page.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Reply { page, session }
    }

    /// Goes on with what her session has become.
    pub(crate) fn now_is(&mut self, changed: Changed) -> SessionChange {
        self.session = Some(changed.session);
        SessionChange(changed.cookie)
    }

    /// Gives her session another standing, under a new identifier.
    ///
    /// # Errors
    /// [`PageError::Ended`] when there is no session to raise.
    pub(crate) fn raise(&mut self, standing: Standing) -> Result<SessionChange, PageError> {
        let before = self.session()?;
        let raised = self.app.sessions.raise(before, standing, self.monotonic());
        Ok(self.now_is(raised))
    }

    /// Ends the session.
    pub(crate) fn end(&mut self) -> SessionChange {
        if let Some(session) = self.session.take() {
            self.app.sessions.end(&session);
        }
        SessionChange(Some(String::new()))
    }

    /// A time, as it is said in the reader's language and the ledger's time zone.
    pub fn say_time(&self, time: Timestamp) -> String {
        self.names().when.say(time)
    }

    /// Where the same page is in the other language.
    pub(crate) fn in_other_language(&self) -> String {
        let other = match self.language {
            Language::Ja => Language::En,
            Language::En => Language::Ja,
        };
        Fields::of_query(self.uri.query().unwrap_or_default()).with("lang", other.as_str())
    }

    /// The number of this request, for asking about it.
    pub(crate) fn reference(&self) -> &str {
        &self.reference
    }

    /// The path asked for, as somewhere to come back to after signing in.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The cookies an answer to this visit sets.
    fn cookies(&self, change: SessionChange) -> impl Iterator<Item = HeaderValue> {
        let https = self.app.site.is_https();
        let secure = if https { "; Secure" } else { "" };
        let session = change.0.map(|value| {
            let name = session_cookie(https);
            let ended = if value.is_empty() { "; Max-Age=0" } else { "" };
            format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{ended}")
        });
        let language = self.chose_language.then(|| {
            format!(
                "{LANGUAGE_COOKIE}={}; Path=/; Max-Age={LANGUAGE_COOKIE_SECONDS}; HttpOnly; \
                 SameSite=Lax{secure}",
                self.language
            )
        });
        let lines = [language, session].into_iter().flatten();
        lines.filter_map(|line| HeaderValue::from_str(&line).ok())
    }

    /// Reads what a page needs, and makes it, on a thread that may wait for the disk: once a
    /// request.
    ///
    /// # Errors
    /// Those of the work; [`PageError::Busy`] when too many pages are waiting.
    pub async fn read<T, F>(&self, work: F) -> Result<T, PageError>
    where
        T: Send + 'static,
        F: FnOnce(&Books<'_>) -> Result<T, PageError> + Send + 'static,
    {
        let visit = self.clone();
        let read = self.app.read(Work::Pages, move |reader| {
            work(&Books {
                visit: &visit,
                reader,
            })
        });
        read.await?
    }

    /// As [`Self::read`], after something that cannot be done again, as spending a code: it waits
    /// for its turn instead of being refused.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) async fn read_on<T, F>(&self, work: F) -> Result<T, PageError>
    where
        T: Send + 'static,
        F: FnOnce(&Books<'_>) -> Result<T, PageError> + Send + 'static,
    {
        let visit = self.clone();
        let read = self.app.read_on(Work::Pages, move |reader| {
            work(&Books {
                visit: &visit,
                reader,
            })
        });
        read.await?
    }
}

/// The ledger's books, open before one visitor: what pages are made of. They are had inside
/// [`Visit::read`] only.
pub struct Books<'b> {
    visit: &'b Visit,
    pub(crate) reader: &'b Reader,
}

impl Deref for Books<'_> {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        self.visit
    }
}

impl Books<'_> {
    /// Everybody who uses the phone of this session; at level 2 only the one person it is.
    pub(crate) fn people(&self) -> Vec<Arc<Person>> {
        let who = self.who();
        who.map_or_else(Vec::new, |who| who.found(self.reader, self.now()))
    }

    /// Everybody whose recovery code may be typed in this session.
    pub(crate) fn enrolled(&self) -> Vec<Arc<Person>> {
        let who = self.who();
        who.map_or_else(Vec::new, |who| who.enrolled(self.reader))
    }

    /// A person's records, as this page reads them.
    pub(crate) fn hers<'a>(&'a self, person: &'a Person) -> Hers<'a> {
        Hers {
            records: self.reader,
            person,
            outlines: &self.visit.app.outlines,
        }
    }

    /// What surrounds a page.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        Shell::new(self, title.into()).waiting_for(&self.people(), self.now())
    }
}

/// What reading led to: a page to show, or something to do that is no reading.
pub(crate) enum Then<T> {
    /// Show this.
    Show(Reply),
    /// Do this.
    Do(T),
}

/// That the session is another one now: the value of its cookie, empty where it has ended. Worth
/// nothing unless it comes back with the page ([`Reply::with`]).
#[derive(Clone, Default)]
#[must_use = "without its cookie the visitor has lost her session"]
pub(crate) struct SessionChange(Option<String>);

/// What a handler answers: a page, and what became of the session.
pub struct Reply {
    page: Response,
    session: SessionChange,
}

impl Reply {
    /// This page, which leaves the session as it is.
    pub(crate) fn new(page: impl IntoResponse) -> Self {
        Self {
            page: page.into_response(),
            session: SessionChange::default(),
        }
    }

    /// The same page, with the session's change.
    pub(crate) fn with(self, session: SessionChange) -> Self {
        Self { session, ..self }
    }
}

impl SessionChange {
    /// The new value of the session's cookie.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// For [`carry`], which knows the visit.
impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = self.page;
        response.extensions_mut().insert(self.session);
        response
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

/// As [`session_cookie`], of a browser that somebody has signed in with.
const fn browser_cookie(https: bool) -> &'static str {
    if https {
        "__Host-akashi-browser"
    } else {
        "akashi-browser"
    }
}

/// As [`session_cookie`], of a form that came too late.
const fn kept_cookie(https: bool) -> &'static str {
    if https {
        "__Host-akashi-kept"
    } else {
        "akashi-kept"
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
pub async fn carry(request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>().cloned();
    let mut response = next.run(request).await;
    if let Some(visit) = visit {
        if let Some(error) = response.extensions_mut().remove::<PageError>() {
            let given = response.headers_mut().remove(header::SET_COOKIE);
            response = error::show(&error, &visit);
            if let Some(cookie) = given {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        // Said once, on a page: an answer that leads on says nothing.
        if visit.said.is_some() && !response.status().is_redirection() {
            let https = visit.app.site.is_https();
            if let Some(taken) = short_cookie(SAID_COOKIE, "", 0, https) {
                response.headers_mut().append(header::SET_COOKIE, taken);
            }
        }
        let change = response.extensions_mut().remove::<SessionChange>();
        for cookie in visit.cookies(change.unwrap_or_default()) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    let headers = response.headers_mut();
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
pub type Answer = Result<Reply, PageError>;

/// A template as a page.
pub(crate) fn page(template: impl Template) -> Answer {
    let html = template
        .render()
        .map_err(|error| PageError::internal("a page could not be written", &error))?;
    Ok(Reply::new(Html(html)))
}

/// A form, shown again with another status where something in it must be corrected.
pub(crate) fn form(template: impl Template, again: bool) -> Answer {
    let Reply { page, session } = page(template)?;
    let status = if again {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = (status, page).into_response();
    Ok(Reply { page, session })
}

#[derive(Template)]
#[template(path = "framed.html")]
struct Framed<'a> {
    shell: &'a Shell,
    body: String,
}

/// What somebody else shows, in the frame of every page.
///
/// # Errors
/// [`PageError::Internal`] if it cannot be written.
pub fn framed(shell: &Shell, body: impl Template) -> Answer {
    let body = body.render()?;
    page(Framed { shell, body })
}

/// On to a page, by GET.
pub fn go_to(path: &str) -> Answer {
    Ok(Reply::new(Redirect::to(path)))
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
