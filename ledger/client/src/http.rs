//! The way to a ledger over HTTP. Whose certificates are believed is the machine's own setting.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::header::{CONTENT_TYPE, RETRY_AFTER};
use ureq::http::{HeaderName, Request, Uri, response};
use ureq::tls::{RootCerts, TlsConfig};

use crate::client::{Response, Transport, TransportError};
use crate::request::Message;

/// How long one exchange may take, connecting included: a ledger decides and signs within a second.
pub(crate) const EXCHANGE_MAX: Duration = Duration::from_secs(30);

/// The longest answer taken, in bytes. The longest a ledger gives to institutions is evidence of
/// 256 KiB, a proof beside it, both within JSON, and that twice.
pub const ANSWER_LEN_MAX: u64 = 4 << 20;

/// A server, and the connections to it that are kept. It follows no redirection: what is handed
/// over beside a statement is for this server alone.
#[derive(Clone, Debug)]
pub struct Http {
    prefix: String,
    agent: ureq::Agent,
}

/// A URL that is none of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `https://host`, or `http://host` where the host is this machine, with nothing behind the path"
)]
pub struct UrlError;

/// No answer, and from where.
#[derive(Debug, thiserror::Error)]
#[error("`{prefix}`: {error}")]
struct Lost {
    prefix: String,
    #[source]
    error: ureq::Error,
}

impl Http {
    /// The server at this URL, which may have a path of its own. Keys travel in headers, so beyond
    /// this machine it must be reached over TLS.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn new(url: &str) -> Result<Self, UrlError> {
        let uri: Uri = url.parse().map_err(|_| UrlError)?;
        let authority = uri.authority().ok_or(UrlError)?;
        let is_safe = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => is_this_machine(authority.host()),
            _ => false,
        };
        if !is_safe || url.contains(['@', '?', '#']) {
            return Err(UrlError);
        }
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(EXCHANGE_MAX))
            .user_agent(concat!("akashi-client/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            prefix: url.trim_end_matches('/').to_owned(),
            agent: config.new_agent(),
        })
    }

    fn exchange(&self, message: &Message) -> Result<Response, ureq::Error> {
        let mut builder = Request::builder().method(message.method()).uri(format!(
            "{}{}",
            self.prefix,
            message.path()
        ));
        for (name, value) in message.headers() {
            builder = builder.header(name, value);
        }
        let response = if message.body().is_empty() {
            self.agent.run(builder.body(())?)?
        } else {
            self.agent.run(builder.body(message.body())?)?
        };
        let (head, body) = response.into_parts();
        let media_type = text(&head, &CONTENT_TYPE).and_then(|value| value.split(';').next());
        Ok(Response {
            status: head.status.as_u16(),
            media_type: media_type.map(|value| value.trim().to_ascii_lowercase()),
            retry_after: text(&head, &RETRY_AFTER).and_then(|value| value.parse().ok()),
            body: body
                .into_with_config()
                .limit(ANSWER_LEN_MAX)
                .read_to_vec()?,
        })
    }
}

impl Transport for Http {
    fn send(&self, message: &Message) -> Result<Response, TransportError> {
        self.exchange(message).map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => TransportError::TooLong,
            error => TransportError::Lost(Box::new(Lost {
                prefix: self.prefix.clone(),
                error,
            })),
        })
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

fn text<'h>(head: &'h response::Parts, name: &HeaderName) -> Option<&'h str> {
    head.headers.get(name)?.to_str().ok()
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_prefixes_are_taken_and_keys_go_over_tls() {
        assert!(
            Http::new("https://ledger.example.jp/")
                .is_ok_and(|http| http.prefix == "https://ledger.example.jp")
        );
        for good in [
            "http://127.0.0.1:8080/a",
            "http://localhost:1",
            "http://[::1]:1",
        ] {
            assert!(Http::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ledger",
            "ftp://a",
            "https://",
            "https:///a",
            "https://u@a",
            "https://a?x",
            "https://a#x",
            "https://a b",
            "http://ledger.example.jp",
            "http://localhost.example.jp",
            "http://10.0.0.1",
        ] {
            assert_eq!(Http::new(bad).err(), Some(UrlError), "{bad}");
        }
    }
}
