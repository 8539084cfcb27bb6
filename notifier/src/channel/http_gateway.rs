//! SMS through an HTTP gateway: one POST a message.
//!
//! ```text
//! POST <gateway URL>     Authorization: Bearer <token>
//! {"id": "<same in every attempt>", "to": "+819000000000", "from": "<sender>", "text": "..."}
//! 2xx: handed over
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
use ureq::unversioned::transport::DefaultConnector;

use super::known_host::KnownHost;
use super::way_out::{Handing, IN_FLIGHT_MAX, Outgoing, Undelivered, WayOut};
use crate::settings::{SecretText, SmsSettings, is_loopback};

/// How long one hand-over may take: gateways answer within a second, or something is wrong.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What is read of an answer's body, so that its connection can be used again: gateways answer in
/// a few hundred bytes, and a longer answer costs one more connection.
const ANSWER_LEN_MAX: u64 = 64 * 1024;

/// What a connection holds for each direction: a message and a gateway's answer are a few hundred
/// bytes each, and the client's own choice, sixteen times as much, was most of the memory of a
/// server that had told many people something.
const BUFFER_LEN: usize = 8 * 1024;

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
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let mut config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            // A redirect would carry numbers and texts to a place nobody configured.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(IN_FLIGHT_MAX)
            .max_idle_connections_per_host(IN_FLIGHT_MAX)
            .input_buffer_size(BUFFER_LEN)
            .output_buffer_size(BUFFER_LEN)
            .max_response_header_size(BUFFER_LEN)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT));
        if url.host().is_some_and(is_loopback) {
            config = config.proxy(None);
        }
        Some(Self {
            agent: ureq::Agent::with_parts(
                config.build(),
                DefaultConnector::default(),
                KnownHost::default(),
            ),
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
    const UNREACHED: &str = "the SMS gateway could not be reached";
    match error {
        ureq::Error::Timeout(_) => "the SMS gateway did not answer in time",
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => UNREACHED,
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => UNREACHED,
        // What goes wrong in a handshake arrives as an error of the socket.
        ureq::Error::Io(error)
            if error
                .get_ref()
                .is_some_and(|inner| inner.is::<rustls::Error>()) =>
        {
            "the SMS gateway could not be trusted"
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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::address::Address;
    use crate::messages::message::Text;

    /// Posts a message to this port of this machine.
    async fn post(scheme: &str, port: u16) -> Result<(), Undelivered> {
        let gateway = SmsGateway::new(&SmsSettings {
            gateway_url: format!("{scheme}://127.0.0.1:{port}/"),
            bearer_token: None,
            sender: "Akashi".into(),
        })
        .unwrap();
        let to = Address::Phone(crate::Phone::parse("090-0000-0000").unwrap());
        let text = Text {
            subject: None,
            body: "text".into(),
        };
        let message = Outgoing {
            id: "1".into(),
            to: &to,
            text: &text,
        };
        gateway.post(message).await
    }

    #[tokio::test]
    async fn what_broke_is_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepting = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(b"this is not TLS\r\n").unwrap();
        });
        assert_eq!(
            post("https", port).await,
            Err(Undelivered::ForNow("the SMS gateway could not be trusted"))
        );
        accepting.join().unwrap();
        assert_eq!(
            post("http", port).await,
            Err(Undelivered::ForNow("the SMS gateway could not be reached"))
        );
    }

    #[test]
    fn only_a_refusal_of_the_message_itself_is_for_good() {
        for (status, good, for_good) in [
            (200, true, false),
            (202, true, false),
            (307, false, false),
            (400, false, true),
            (401, false, false),
            (413, false, true),
            (422, false, true),
            (429, false, false),
            (503, false, false),
        ] {
            let outcome = of_status(status);
            assert_eq!(outcome.is_ok(), good, "{status}");
            let ended = matches!(outcome, Err(Undelivered::ForGood(_)));
            assert_eq!(ended, for_good, "{status}");
        }
    }
}
