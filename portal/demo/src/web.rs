//! `/demo/...`: what scripts and the SMS channel use. Pages for people are in [`crate::pages`].

use std::sync::Arc;

use akashi_api::body::read;
use akashi_api::client::Client;
use akashi_api::problem::{Kind, Problem};
use akashi_api::sms;
use akashi_desk::app::SharedApp;
use akashi_ledger::random::draw;
use akashi_notifier::Phone;
use akashi_pages::frame::csrf::is_same_origin;
use akashi_pages::frame::visit;
use akashi_proof::digest::Secret;
use akashi_tlog::base64;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;

use crate::phone::{Message, TEXT_LEN_MAX, rfc_3339};
use crate::smtp::Mail;
use crate::town::people::{LISTED_MAX, Listed, Made, PEOPLE_MAX};
use crate::{Demo, pages};

/// Longest body taken here.
const BODY_LEN_MAX: usize = 16 * 1024;

/// The routes of this demo.
pub fn routes(demo: Arc<Demo>) -> Router<SharedApp> {
    Router::new()
        .route("/demo/sign-in", get(pages::sign_in))
        .route("/demo/phone", get(pages::phones))
        .route("/demo/phone/{number}", get(pages::phone))
        .route("/demo/mail", get(pages::mail))
        .layer(from_fn(visit::carry))
        .route("/demo/phone/gateway", post(gateway))
        .route("/demo/phone/{number}/messages", get(messages).post(reply))
        .route("/demo/mail/messages", get(mails))
        .route("/demo/people", get(list_people).post(make_people))
        .layer(Extension(demo))
}

/// A phone's number as it stands in the path.
pub(super) fn number(text: &str) -> Result<Phone, Problem> {
    // A plus sign that was taken for a space on its way is one all the same.
    let text = if text.starts_with(' ') {
        format!("+{}", text.trim_start())
    } else {
        text.to_owned()
    };
    Phone::parse(&text).map_err(|_| Kind::NOT_FOUND.into())
}

/// A message as the SMS channel hands it over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandedOver {
    id: String,
    to: String,
    from: String,
    text: String,
}

/// `POST /demo/phone/gateway`: an SMS gateway, as far as the channel can tell.
async fn gateway(
    State(app): State<SharedApp>,
    Extension(demo): Extension<Arc<Demo>>,
    client: Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|line| line.to_str().ok()?.strip_prefix("Bearer "));
    let token = shown
        .and_then(|shown| base64::url::decode(shown).ok()?.try_into().ok())
        .map(Secret::from_bytes);
    if token.is_none_or(|token| token != demo.gateway_token) {
        return Err(Kind::UNAUTHORISED.into());
    }
    let body = read(&headers, body, "application/json", BODY_LEN_MAX).await?;
    let expected = "an object with the texts `id`, `to`, `from` and `text`";
    let message: HandedOver = serde_json::from_slice(&body).map_err(|_| {
        Problem::from(Kind::BAD_MEMBER).in_field("body", expected, "something else")
    })?;
    let to = Phone::parse(&message.to).map_err(|_| {
        Problem::from(Kind::BAD_MEMBER).in_field("to", "a phone number in E.164", "something else")
    })?;
    let HandedOver { id, from, text, .. } = message;
    // As gateways do: in the moment they have it, in their own words.
    let (gateway, app_of_it) = (Arc::clone(&demo), Arc::clone(&app));
    tokio::spawn(post_report(app_of_it, gateway, client, id.clone()));
    let text = text.chars().take(TEXT_LEN_MAX).collect();
    demo.phones.receive(
        to.as_e164(),
        Message {
            id,
            from,
            text,
            at: rfc_3339(app.clock.wall()),
        },
    );
    Ok(StatusCode::ACCEPTED)
}

/// Posts what became of a message, as gateways post it, to the route they post it to.
async fn post_report(app: SharedApp, demo: Arc<Demo>, client: Extension<Client>, id: String) {
    let shown = format!("Bearer {}", demo.reports_token);
    let (Ok(shown), form) = (
        HeaderValue::from_str(&shown),
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    ) else {
        return;
    };
    let headers = [(header::AUTHORIZATION, shown), (header::CONTENT_TYPE, form)];
    let headers = HeaderMap::from_iter(headers);
    let body = Body::from(format!("MessageSid={id}&MessageStatus=delivered"));
    if sms::reports(State(app), client, headers, body)
        .await
        .is_err()
    {
        tracing::warn!("a delivery report of the demo's gateway was not taken");
    }
}

/// `GET /demo/phone/{number}/messages`.
async fn messages(
    Extension(demo): Extension<Arc<Demo>>,
    Path(phone): Path<String>,
) -> Result<Json<Vec<Message>>, Problem> {
    Ok(Json(demo.phones.messages(number(&phone)?.as_e164())))
}

/// A reply as scripts and as the page's form send it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    text: String,
}

/// `POST /demo/phone/{number}/messages`: the person answers an SMS.
async fn reply(
    State(app): State<SharedApp>,
    Extension(demo): Extension<Arc<Demo>>,
    Path(phone): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let phone = number(&phone)?;
    if !is_same_origin(&headers, &app.site.url) {
        return Err(Kind::BAD_REQUEST.into());
    }
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let from_page = media_type.starts_with("application/x-www-form-urlencoded");
    let body = to_bytes(body, BODY_LEN_MAX)
        .await
        .map_err(|_| Problem::from(Kind::TOO_LARGE))?;
    let text = if from_page {
        let form = std::str::from_utf8(&body).unwrap_or_default();
        akashi_pages::frame::forms::Fields::of_query(form)
            .first("text")
            .map(str::to_owned)
    } else {
        serde_json::from_slice(&body)
            .ok()
            .map(|reply: Reply| reply.text)
    };
    let wrong = || {
        Problem::from(Kind::BAD_MEMBER).in_field(
            "body",
            "an object with the text `text`",
            "something else",
        )
    };
    let text: String = text.ok_or_else(wrong)?.chars().take(TEXT_LEN_MAX).collect();
    let mut id = [0; 16];
    draw(&mut id);
    let sent = Message {
        id: base64::url::encode(&id),
        from: phone.as_e164().to_owned(),
        text: text.clone(),
        at: rfc_3339(app.clock.wall()),
    };
    demo.phones.receive(phone.as_e164(), sent);
    if let Err(error) = app.notifier.inbound_sms(&phone, &text).await {
        tracing::warn!(%error, "a reply by SMS could not be taken");
        return Err(Problem::from(Kind::BUSY).retry_after(5));
    }
    if from_page {
        return Ok(Redirect::to(&format!("/demo/phone/{}", phone.as_e164())).into_response());
    }
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `GET /demo/mail/messages`.
async fn mails(Extension(demo): Extension<Arc<Demo>>) -> Json<Vec<Mail>> {
    Json(demo.mails.all())
}

/// How many people there should be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    count: u64,
}

/// `POST /demo/people`: makes the synthetic people that are missing.
async fn make_people(
    Extension(demo): Extension<Arc<Demo>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Made>, Problem> {
    let body = read(&headers, body, "application/json", BODY_LEN_MAX).await?;
    let wanted: Option<Wanted> = serde_json::from_slice(&body).ok();
    let wanted = wanted
        .filter(|wanted| wanted.count <= PEOPLE_MAX)
        .ok_or_else(|| {
            let expected = format!("an object with `count`, at most {PEOPLE_MAX}");
            Problem::from(Kind::BAD_MEMBER).in_field("body", expected, "something else")
        })?;
    // Not in the request itself: a client that goes away must not leave half a batch.
    let making = tokio::spawn(async move {
        let people = demo.people.lock().await;
        people.ensure(wanted.count).await.map_err(|error| {
            tracing::error!(%error, "synthetic people could not be made");
            Problem::from(Kind::INTERNAL)
        })
    });
    Ok(Json(
        making.await.map_err(|_| Problem::from(Kind::INTERNAL))??,
    ))
}

/// Which people.
#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    from: u64,
    #[serde(default = "all")]
    most: u64,
}

const fn all() -> u64 {
    LISTED_MAX
}

/// `GET /demo/people?from&most`: link codes of synthetic people.
async fn list_people(
    Extension(demo): Extension<Arc<Demo>>,
    Query(range): Query<Range>,
) -> Result<Json<Listed>, Problem> {
    let people = demo.people.lock().await.clone();
    let listing = tokio::task::spawn_blocking(move || people.list(range.from, range.most)).await;
    Ok(Json(listing.map_err(|_| Problem::from(Kind::INTERNAL))?))
}
