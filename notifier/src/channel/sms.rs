//! SMS through an HTTP gateway: one POST a message.
//!
//! ```text
//! POST <gateway URL>     Authorization: Bearer <token>
//! {"id": "<same in every attempt>", "to": "+819000000000", "from": "<sender>", "text": "..."}     2xx: handed over
//! ```
//!
//! The client waits on its socket, so each hand-over holds one thread of the runtime's blocking
//! pool: no more than messages are handed over at once (`deliver.rs`), none longer than
//! [`TIMEOUT`].

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};

use super::{Handing, Outgoing, Undelivered, WayOut};
use crate::deliver::IN_FLIGHT_MAX;
use crate::settings::{SecretText, SmsSettings, is_loopback};

/// How long one hand-over may take: gateways answer within a second, or something is wrong.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What is read of an answer's body, so that its connection can be used again: gateways answer in
/// a few hundred bytes, and a longer answer costs one more connection.
const ANSWER_LEN_MAX: u64 = 64 * 1024;

pub(crate) struct SmsGateway {
    agent: ureq::Agent,
    url: Uri,
    token: Option<SecretText>,
    sender: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    id: &'a str,
    to: &'a str,
    from: &'a str,
    text: &'a str,
}

impl SmsGateway {
    /// Nothing is connected yet. `None` if the settings are not usable.
    pub(crate) fn new(settings: &SmsSettings) -> Option<Self> {
        let url = settings.gateway()?;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::ring::default_provider(),
            ))
            .build();
        let mut config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            // A redirect would carry numbers and texts to a place nobody configured.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(IN_FLIGHT_MAX)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT));
        if url.host().is_some_and(is_loopback) {
            config = config.proxy(None);
        }
        Some(Self {
            agent: config.build().new_agent(),
            url,
            token: settings.bearer_token.clone(),
            sender: settings.sender.clone(),
        })
    }

    async fn post(&self, message: Outgoing<'_>) -> Result<(), Undelivered> {
        let wire = Wire {
            id: &message.id,
            to: message.to.spelling(),
            from: &self.sender,
            text: &message.text.body,
        };
        let body = serde_json::to_vec(&wire)
            .map_err(|_| Undelivered::ForGood("the message makes no JSON"))?;
        let mut request = self
            .agent
            .post(self.url.clone())
            .content_type("application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {}", token.expose()));
        }
        let status = tokio::task::spawn_blocking(move || {
            let answer = request.send(body)?;
            let status = answer.status().as_u16();
            let mut rest = answer
                .into_body()
                .into_with_config()
                .limit(ANSWER_LEN_MAX)
                .reader();
            // What the gateway did is known by its status; the rest only frees the connection.
            let _ = io::copy(&mut rest, &mut io::sink());
            Ok::<_, ureq::Error>(status)
        })
        .await
        .map_err(|_| Undelivered::ForNow("handing over to the SMS gateway was cut off"))?
        .map_err(|error| Undelivered::ForNow(cause(&error)))?;
        of_status(status)
    }
}

/// What broke, without the gateway's own words.
fn cause(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "the SMS gateway did not answer in time",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => "the SMS gateway could not be trusted",
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
            "the SMS gateway could not be reached"
        }
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "the SMS gateway could not be reached"
        }
        _ => "the connection to the SMS gateway broke",
    }
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
