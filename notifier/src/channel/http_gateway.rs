//! SMS through an HTTP gateway: one POST a message.
//!
//! ```text
//! POST <gateway URL>     Authorization: Bearer <token>
//! {"id": "<same in every attempt>", "to": "+819000000000", "from": "<sender>", "text": "..."}
//! 2xx: handed over; a JSON answer may say what the gateway calls the message (`posted.rs`)
//! ```
//!
//! Waiting for the gateway holds a connection and no thread: [`IN_FLIGHT_MAX`] messages and as many
//! codes as `codes.rs` lets out wait at once, and a thread for each, with what its allocator kept
//! for it, was half of the server's memory. Only a new connection's look-up of the gateway's name
//! takes one of the runtime's threads that may wait.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::posted::id_in_answer;
use super::way_out::{Handing, IN_FLIGHT_MAX, Outgoing, Taken, Undelivered, WayOut};
use crate::settings::{SecretText, SmsSettings, is_loopback};

/// How long one hand-over may take: gateways answer within a second, or something is wrong.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept that nothing is sent on: shorter than the minute after which
/// gateways close it, so that a message seldom meets one that is about to be closed.
const KEPT_FOR: Duration = Duration::from_secs(15);
/// What is read of an answer's body, so that its connection can be used again: gateways answer in
/// a few hundred bytes, and a longer answer costs one more connection.
const ANSWER_LEN_MAX: usize = 64 * 1024;

/// What a connection holds for each direction: a message and a gateway's answer are a few hundred
/// bytes each. The least the client takes; its own choice is fifty times as much.
const BUFFER_LEN: usize = 8 * 1024;

pub(crate) struct SmsGateway {
    client: Way,
    url: Uri,
    /// The whole header.
    token: Option<HeaderValue>,
    sender: String,
}

/// How the gateway is reached.
enum Way {
    Straight(Client<HttpsConnector<HttpConnector>, String>),
    /// Through the proxy the environment names.
    Tunnelled(Client<HttpsConnector<Tunnel<HttpConnector>>, String>),
}

impl Way {
    fn send(&self, request: Request<String>) -> ResponseFuture {
        match self {
            Self::Straight(client) => client.request(request),
            Self::Tunnelled(client) => client.request(request),
        }
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    id: &'a str,
    to: &'a str,
    from: &'a str,
    text: &'a str,
}

impl SmsGateway {
    /// Nothing is connected yet. Whether there is a proxy between is read from `HTTPS_PROXY`,
    /// `ALL_PROXY` and `NO_PROXY`. `None` if the settings are not usable.
    pub(crate) fn new(settings: &SmsSettings) -> Option<Self> {
        Self::through(&Matcher::from_env(), settings)
    }

    fn through(proxies: &Matcher, settings: &SmsSettings) -> Option<Self> {
        let url = settings.gateway()?;
        let mut sockets = HttpConnector::new();
        sockets.enforce_http(false);
        sockets.set_nodelay(true);
        sockets.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(&url)?)
            .https_or_http()
            .enable_http1();
        let mut client = Client::builder(TokioExecutor::new());
        client
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT_FOR)
            .pool_max_idle_per_host(IN_FLIGHT_MAX)
            .http1_max_buf_size(BUFFER_LEN);
        let is_here = url.host().is_some_and(is_loopback);
        let client = match proxies.intercept(&url).filter(|_| !is_here) {
            None => Way::Straight(client.build(connector.wrap_connector(sockets))),
            // What speaks neither plain HTTP nor CONNECT is no proxy we know how to ask.
            Some(proxy) if proxy.uri().scheme_str() != Some("http") => return None,
            Some(proxy) => {
                let tunnel = Tunnel::new(proxy.uri().clone(), sockets);
                let tunnel = match proxy.basic_auth() {
                    Some(auth) => tunnel.with_auth(auth.clone()),
                    None => tunnel,
                };
                Way::Tunnelled(client.build(connector.wrap_connector(tunnel)))
            }
        };
        Some(Self {
            client,
            url,
            token: match &settings.bearer_token {
                Some(token) => Some(bearer(token)?),
                None => None,
            },
            sender: settings.sender.clone(),
        })
    }

    fn request(&self, message: &Outgoing<'_>) -> Option<Request<String>> {
        let wire = Wire {
            id: &message.id,
            to: message.to.spelling(),
            from: &self.sender,
            text: &message.text.body,
        };
        let mut request = Request::post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        request.body(serde_json::to_string(&wire).ok()?).ok()
    }

    async fn post(&self, message: Outgoing<'_>) -> Result<Taken, Undelivered> {
        let request = self
            .request(&message)
            .ok_or(Undelivered::ForGood("the message makes no request"))?;
        let end = Instant::now() + TIMEOUT;
        let answer = timeout_at(end, self.client.send(request))
            .await
            .map_err(|_| Undelivered::ForNow("the SMS gateway did not answer in time"))?
            .map_err(|error| Undelivered::ForNow(cause(&error)))?;
        let status = answer.status().as_u16();
        // What the gateway did is known by its status; the rest frees the connection, and may name
        // the message.
        let rest = Limited::new(answer.into_body(), ANSWER_LEN_MAX).collect();
        let rest = timeout_at(end, rest).await.ok().and_then(Result::ok);
        of_status(status)?;
        let known_as = rest.and_then(|rest| id_in_answer(&rest.to_bytes()));
        Ok(Taken { known_as })
    }
}

/// The header that shows who asks. Never printed, whatever the client logs.
fn bearer(token: &SecretText) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Whom a gateway at this address must prove to be: what this machine trusts. Nothing is asked of a
/// machine's certificates where none are needed.
fn tls(url: &Uri) -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?;
    let builder = if url.scheme_str() == Some("https") {
        builder.try_with_platform_verifier().ok()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Some(builder.with_no_client_auth())
}

/// What broke, without the gateway's own words.
fn cause(error: &hyper_util::client::legacy::Error) -> &'static str {
    if is_of_trust(error) {
        "the SMS gateway could not be trusted"
    } else if error.is_connect() {
        "the SMS gateway could not be reached"
    } else {
        "the connection to the SMS gateway broke"
    }
}

/// Whether it went wrong in a handshake: that arrives as an error of the socket, which names as its
/// source not the error it holds but that one's source.
fn is_of_trust(error: &(dyn Error + 'static)) -> bool {
    let held = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    error.is::<rustls::Error>()
        || held.is_some_and(|held| is_of_trust(held))
        || error.source().is_some_and(is_of_trust)
}

fn of_status(status: u16) -> Result<(), Undelivered> {
    Err(match status {
        200..=299 => return Ok(()),
        // The gateway understood and will not take this message, now or ever.
        400 | 413 | 422 => Undelivered::ForGood("the SMS gateway refused the message"),
        401 | 403 => Undelivered::ForNow("the SMS gateway does not accept the token"),
        429 => Undelivered::ForNow("the SMS gateway asks to slow down"),
        _ => Undelivered::ForNow("the SMS gateway failed"),
    })
}

impl WayOut for SmsGateway {
    fn hand_over<'a>(&'a self, message: Outgoing<'a>) -> Handing<'a> {
        Box::pin(self.post(message))
    }
}

#[cfg(test)]
mod tests;
