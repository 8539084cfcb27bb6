//! A page that answers a form, shown by an address of its own: Back and reloading show it again,
//! and ask nobody whether to send the form again.
//!
//! The address holds a random number and nothing that was typed; the page stays on the server, for
//! the session it was made in.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_desk::app::drawn;
use akashi_desk::identity::session::{IDLE_MILLIS, Session};
use akashi_proof::digest::{Digest, Secret};
use akashi_tlog::base64;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::frame::visit::{SessionChange, Visit};
use crate::limits::{SHOWN_PAGE_LEN_MAX, SHOWN_PAGES_MAX};

/// Name of the number in the address.
pub(crate) const FIELD: &str = "shown";

/// How long such a page can be looked at again: as long as a session may rest.
const SHOWN_MILLIS: u64 = IDLE_MILLIS;

/// Pages that answered a form lately.
#[derive(Default)]
pub(crate) struct Shown {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    pages: HashMap<Digest, Page>,
    order: VecDeque<(u64, Digest)>,
}

struct Page {
    path: String,
    /// Of whose session; its token is nobody else's.
    session: Secret,
    content_type: HeaderValue,
    bytes: Bytes,
}

impl Shown {
    /// The way to a page that answers a form, in place of the page. Whatever is no such page - it
    /// must be corrected, leads on already, changes the session, is none - is as it was.
    pub(crate) async fn redirect(&self, visit: &Visit, answer: Response) -> Response {
        let len = answer.body().size_hint().exact();
        let fits = len.is_some_and(|len| len <= SHOWN_PAGE_LEN_MAX);
        let changes = answer.extensions().get::<SessionChange>();
        let changes = changes.is_some_and(|change| change.cookie().is_some());
        let content_type = answer.headers().get(header::CONTENT_TYPE).cloned();
        let (Ok(session), Some(content_type)) = (visit.session(), content_type) else {
            return answer;
        };
        if answer.status() != StatusCode::OK || !fits || changes {
            return answer;
        }
        let (head, body) = answer.into_parts();
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return Response::from_parts(head, Body::empty());
        };
        let path = visit.path().to_owned();
        let page = Page {
            session: session.csrf.clone(),
            content_type,
            bytes,
            path: path.clone(),
        };
        let number = self.held().keep(page, visit.monotonic());
        Redirect::to(&format!("{path}?{FIELD}={number}")).into_response()
    }

    /// The page of this number, to whom it was shown before.
    pub(crate) fn again(
        &self,
        number: &str,
        session: &Session,
        path: &str,
        now: u64,
    ) -> Option<Response> {
        let mut held = self.held();
        held.forget_old(now);
        let page = held.pages.get(&digest(number))?;
        let is_hers = page.session == session.csrf && page.path == path;
        let content_type = (header::CONTENT_TYPE, page.content_type.clone());
        is_hers.then(|| ([content_type], page.bytes.clone()).into_response())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn keep(&mut self, page: Page, now: u64) -> String {
        self.forget_old(now);
        let number = base64::url::encode(&drawn::<16>());
        let digest = digest(&number);
        self.pages.insert(digest, page);
        self.order.push_back((now, digest));
        number
    }

    fn forget_old(&mut self, now: u64) {
        while let Some((came, page)) = self.order.front() {
            let old = now.saturating_sub(*came) >= SHOWN_MILLIS;
            if !old && self.order.len() < SHOWN_PAGES_MAX {
                return;
            }
            self.pages.remove(page);
            self.order.pop_front();
        }
    }
}

fn digest(number: &str) -> Digest {
    Digest::of(&[b"akashi/shown-page/v1", number.as_bytes()])
}

#[cfg(test)]
mod tests {
    use akashi_desk::identity::session::Sessions;

    use super::*;

    fn page(session: &Session) -> Page {
        Page {
            path: "/me/counter-code".to_owned(),
            session: session.csrf.clone(),
            content_type: HeaderValue::from_static("text/html"),
            bytes: Bytes::from_static(b"123 456"),
        }
    }

    #[test]
    fn a_page_is_shown_again_in_its_own_session_by_its_own_address() {
        let (sessions, shown) = (Sessions::default(), Shown::default());
        let (hers, other) = (sessions.begin(0).session, sessions.begin(0).session);
        let number = shown.held().keep(page(&hers), 0);
        let again = |number: &str, session, path, now| {
            let page = shown.again(number, session, path, now);
            page.is_some()
        };
        let path = "/me/counter-code";
        assert!(again(&number, &hers, path, 1) && again(&number, &hers, path, 2));
        assert!(!again(&number, &other, path, 1));
        assert!(!again(&number, &hers, "/me/consents/new", 1));
        assert!(!again("", &hers, path, 1) && !again("AAAA", &hers, path, 1));
        assert!(again(&number, &hers, path, SHOWN_MILLIS - 1));
        assert!(!again(&number, &hers, path, SHOWN_MILLIS));
    }

    #[test]
    fn one_more_than_are_kept_forgets_the_first() {
        let (sessions, shown) = (Sessions::default(), Shown::default());
        let session = sessions.begin(0).session;
        let keep = || shown.held().keep(page(&session), 0);
        let numbers: Vec<String> = (0..=SHOWN_PAGES_MAX).map(|_| keep()).collect();
        assert!(shown.held().pages.len() <= SHOWN_PAGES_MAX);
        let again = |number: &str| shown.again(number, &session, "/me/counter-code", 0);
        assert!(again(&numbers[0]).is_none());
        assert!(again(&numbers[SHOWN_PAGES_MAX]).is_some());
    }
}
