//! What every request passes, in one envelope: its identifier, its limits, its time, its line in
//! the log.
//!
//! | file | what it does |
//! |---|---|
//! | `arriving.rs` | a request is worked on when all of it is here |
//! | `leaving.rs` | an answer is counted until it is written, and goes on being taken or ends |
//! | `one_host.rs` | refuses what does not name one host; at the sockets |
//! | `rates.rs` | what a sender may ask in a minute: each route has a rate |
//! | `request_id.rs` | draws an identifier; never takes one from outside |
//! | `security_headers.rs` | what a browser may do with an answer |
//! | `unwind.rs` | a panic in a handler becomes a 500 without detail |
//!
//! The server's log gets one line a request: method, route as written in the router (never the
//! path: it may hold an identifier), status, time. No query, no body, no address, no header.

mod arriving;
pub mod leaving;
pub mod one_host;
mod rates;
pub mod request_id;
pub mod security_headers;
mod unwind;

use std::sync::Arc;
use std::time::{Duration, Instant};

use akashi_api::client::Client;
use akashi_api::metrics::{Requests, Route};
use akashi_api::problem::{Kind, Problem};
use akashi_api::proxies::Proxies;
use akashi_desk::app::SharedApp;
use akashi_desk::doors::Door;
use akashi_pages::frame::error::of_status as error_page;
use akashi_pages::frame::visit::Visit;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::config::ServerConfig;
use leaving::Line;
use rates::Rate;
use request_id::RequestId;

/// What the envelope of every request is made with.
#[derive(Clone)]
pub struct Envelope {
    app: SharedApp,
    requests: Arc<Requests>,
    trusted_proxies: Arc<Proxies>,
    request_time: Duration,
    /// Whether `/metrics` has a socket of its own, and is not here.
    figures_elsewhere: bool,
}

impl Envelope {
    /// Of a server with these settings.
    pub fn new(app: SharedApp, requests: Arc<Requests>, server: &ServerConfig) -> Self {
        Self {
            app,
            requests,
            trusted_proxies: Arc::new(server.proxies()),
            request_time: server.request_time(),
            figures_elsewhere: server.metrics_listen.is_some(),
        }
    }
}

/// The outermost layer of every route.
pub async fn envelope(
    State(envelope): State<Envelope>,
    mut request: Request,
    next: Next,
) -> Response {
    let Envelope { app, requests, .. } = &envelope;
    let started = Instant::now();
    let id = RequestId::draw();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = Route::of(matched.as_ref().map(MatchedPath::as_str));
    let for_machines = is_for_machines(request.uri().path());
    let client = Client::of(&request, &envelope.trusted_proxies);
    request.extensions_mut().insert(client);
    // For the page that says why there is none. The pages have one of when all of it is here.
    let visit = || Visit::of(app, &request, id.as_str(), &client.bucket());
    let visit = (!for_machines).then(visit);

    let end = Line::end_of(&request);
    let answer = answer(&envelope, route, client, &id, request, next);
    let answered = app.turns.take(&client.bucket(), answer).await;
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = write_body(&problem, response, &id, visit.as_ref());
    }
    let kind = if for_machines {
        security_headers::For::Machines
    } else {
        security_headers::For::Browsers
    };
    security_headers::add(response.headers_mut(), kind, app.site.is_https());
    response
        .headers_mut()
        .insert(request_id::HEADER, id.to_header());

    let took = started.elapsed();
    requests.count(route, response.status(), took);
    tracing::info!(
        request_id = id.as_str(),
        method = method.as_str(),
        route = matched.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    leaving::counted(&app.doors.answers, &client.bucket(), end, response)
}

/// Nothing is at this URL.
pub async fn not_found() -> Problem {
    Kind::NOT_FOUND.into()
}

/// There is something at this URL, for another method.
pub async fn wrong_method() -> Problem {
    Kind::METHOD_NOT_ALLOWED.into()
}

/// Everything but the pages.
fn is_for_machines(path: &str) -> bool {
    const MACHINES: [&str; 6] = ["/v1/", "/log/", "/sms/", "/healthz", "/readyz", "/metrics"];
    path == "/log" || MACHINES.iter().any(|prefix| path.starts_with(prefix))
}

/// Lets a request in and has it answered: within its sender's rate, when its body is here, through
/// the door of its kind, in its time.
async fn answer(
    envelope: &Envelope,
    route: Route,
    client: Client,
    id: &RequestId,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let app = &envelope.app;
    let (method, path) = (request.method(), request.uri().path());
    if envelope.figures_elsewhere && path == "/metrics" {
        return Err(Kind::NOT_FOUND.into());
    }
    let (sender, door) = (client.bucket(), door(route, method, path));
    Rate::of(route, door, path).take(&app.limits, &sender)?;
    let mut request = arriving::whole(&app.doors, &sender, request).await?;
    if !is_for_machines(request.uri().path()) {
        let visit = Visit::of(app, &request, id.as_str(), &sender);
        request.extensions_mut().insert(visit);
    }
    let overloaded = || Problem::from(Kind::OVERLOADED).retry_after(1);
    let enter = |door| app.doors.enter(door, &sender).ok_or_else(overloaded);
    let _place = door.map(enter).transpose()?;
    match tokio::time::timeout(envelope.request_time, unwind::catch(next.run(request))).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(unwind::Panicked)) => {
            tracing::error!(request_id = id.as_str(), "a handler panicked");
            Err(Kind::INTERNAL.into())
        }
        Err(_) => Err(Problem::from(Kind::TIMEOUT).retry_after(1)),
    }
}

/// The door a request comes in by. Style sheets are written from memory and never wait, and whoever
/// watches the server must see it when it is busiest: they need none.
fn door(route: Route, method: &Method, path: &str) -> Option<Door> {
    const ACTS: &str = "/v1/acts";
    match route {
        Route::Health | Route::Static => None,
        Route::Log => Some(Door::Log),
        Route::Api(_) if path == ACTS => Some(Door::Acts),
        Route::Api(_) => Some(Door::Institutions),
        // A reply by SMS is an act of a person's.
        Route::SmsInbound => Some(Door::Acts),
        // A report is a machine's, and never in the way of one.
        Route::SmsReports => Some(Door::Institutions),
        Route::Page | Route::None if is_sign_in(method, path) => Some(Door::SignIn),
        Route::Page if path == "/me/history/file" => Some(Door::Downloads),
        Route::Page | Route::None if method.is_safe() => Some(Door::Pages),
        Route::Page | Route::None => Some(Door::Acts),
    }
}

/// Forms that cost an SMS or guess at a secret. Answers to questions are not among them: refusing
/// must never be harder, and the notifier has bounds of its own for their codes.
fn is_sign_in(method: &Method, path: &str) -> bool {
    const FORMS: [&str; 6] = [
        "/sign-in",
        "/enrol",
        "/step-up",
        "/me/contacts",
        "/me/papers",
        "/block",
    ];
    method == Method::POST && FORMS.iter().any(|prefix| path.starts_with(prefix))
}

/// The problem's body: JSON for machines, a short page for people.
fn write_body(
    problem: &Problem,
    bare: Response,
    id: &RequestId,
    visit: Option<&Visit>,
) -> Response {
    let status = problem.kind().status;
    let mut response = match visit.and_then(|visit| error_page(status, visit)) {
        Some(page) => (status, Html(page)).into_response(),
        None => {
            let json = (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/problem+json"),
            );
            (status, [json], problem.to_json(id.as_str())).into_response()
        }
    };
    // What the router added (`Allow`) stays.
    for (name, value) in bare.headers() {
        if *name != header::CONTENT_LENGTH && *name != header::CONTENT_TYPE {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    if let Some(seconds) = problem.retry_after_seconds() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.kind().status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
