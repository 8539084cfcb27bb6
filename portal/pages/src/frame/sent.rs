//! What every form passes on its way to a page: sent twice it is one act ([`once`](super::once)),
//! what was typed into one that comes too late is kept ([`kept`]), and a page that
//! answers one has an address of its own ([`shown`]).

use std::sync::Arc;

use akashi_proof::digest::Digest;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::frame::csrf::{self, Token};
use crate::frame::error::PageError;
use crate::frame::forms::{FORM_LEN_MAX, Fields};
use crate::frame::kept::{self, Kept};
use crate::frame::once::{Once, form_digest};
use crate::frame::shown::{self, Shown};
use crate::frame::visit::Visit;

/// What is remembered of forms.
#[derive(Clone, Default)]
pub(crate) struct Sent {
    once: Arc<Once>,
    kept: Arc<Kept>,
    shown: Arc<Shown>,
}

/// Wraps every page with a form.
pub(crate) async fn receive(State(sent): State<Sent>, request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return next.run(request).await;
    };
    let method = request.method().clone();
    match method {
        Method::GET => {
            let again = sent.show_again(&visit, request.uri().query());
            match again.or_else(|| sent.bring_back(&visit)) {
                Some(page) => page,
                None => next.run(request).await,
            }
        }
        Method::POST => sent.take(&visit, request, next).await,
        _ => next.run(request).await,
    }
}

impl Sent {
    /// The page that answered a form, by its address.
    fn show_again(&self, visit: &Visit, query: Option<&str>) -> Option<Response> {
        let query = Fields::of_query(query?);
        let (number, session) = (query.first(shown::FIELD)?, visit.session().ok()?);
        self.shown
            .again(number, session, visit.path(), visit.monotonic())
    }

    /// The page that brings a kept form before her again, in place of the empty one.
    fn bring_back(&self, visit: &Visit) -> Option<Response> {
        let (session, number) = (visit.session().ok()?, visit.kept_number()?);
        let (key, now) = (&visit.app.form_key, visit.monotonic());
        let form = self.kept.take(number, key, session, visit.path(), now)?;
        let mut response = kept::show(visit, form).into_response();
        let taken = visit.kept_cookie(None);
        response.headers_mut().append(header::SET_COOKIE, taken?);
        Some(response)
    }

    async fn take(&self, visit: &Visit, request: Request, next: Next) -> Response {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, FORM_LEN_MAX).await else {
            return PageError::TooLarge.into_response();
        };
        let fields = Fields::of_form(&body);
        let token = fields.first(csrf::FIELD);
        let token = token.and_then(|sent| Token::parse(&visit.app.form_key, sent));
        // What is no form of ours is refused where it is read.
        let Some(token) = token else {
            return next.run(whole(head, body)).await;
        };
        let form = form_digest(&token, visit.path(), &body);
        let mut response = self.act(visit, form, whole(head, body), next).await;
        if let Some(error) = response.extensions().get::<PageError>()
            && error.is_too_late()
            && let Some(form) = kept::Form::of(token, visit.path(), fields)
        {
            let number = self.kept.keep(form, visit.monotonic());
            if let Some(cookie) = visit.kept_cookie(Some(&number)) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    async fn act(&self, visit: &Visit, form: Digest, request: Request, next: Next) -> Response {
        let (cookie, now) = (visit.came_with(), visit.monotonic());
        let (shown, visit) = (Arc::clone(&self.shown), visit.clone());
        let act = async move {
            let answer = next.run(request).await;
            shown.redirect(&visit, answer).await
        };
        self.once.answer(form, cookie, now, act).await
    }
}

fn whole(head: Parts, body: Bytes) -> Request {
    Request::from_parts(head, Body::from(body))
}

/// A cookie that lives for so many seconds, or is taken away.
pub(crate) fn short_cookie(
    name: &str,
    value: &str,
    seconds: u64,
    https: bool,
) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&line).ok()
}
