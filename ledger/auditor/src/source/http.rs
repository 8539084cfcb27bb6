//! A log behind a URL: plain GETs of static files, over TLS unless the URL says `http`.
//!
//! Redirects are not followed (the prefix given is the prefix checked), no body is read beyond its
//! bound, every request has a time limit, and what fails is tried a few times and then reported.
//! Whose certificates are believed is the machine's own setting; it matters little, since every
//! byte is checked against signed hashes.

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use ureq::tls::{RootCerts, TlsConfig};

use akashi_check::source::{FetchError, Fetched, Source};

/// To reach the server, name look-up and TLS included. Three round trips of a bad mobile link stay
/// below it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For one request in all: the largest body (1 MiB) at 35 kB/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Waits before the second and the third attempt: long enough for a server that restarts behind a
/// proxy, short enough that a dead one is reported within a few seconds.
const RETRY_AFTER: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];
/// Requests at the same time: hides a round trip of 50 ms behind seven others, and is what browsers
/// ask of one host.
const CONNECTIONS: usize = 8;

/// The prefix of a log's public files, without its final slash.
pub struct Http {
    prefix: String,
    agent: ureq::Agent,
}

/// Why a URL is not one we fetch from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Another scheme.
    #[error("a log's URL begins with `https://` or `http://`")]
    Scheme,
    /// A name and password, a query, a fragment, a space or a control character.
    #[error("character {found:?} must not occur in a log's URL")]
    Character {
        /// The first such character.
        found: char,
    },
    /// Nothing after the scheme.
    #[error("a log's URL names a host")]
    NoHost,
}

impl Http {
    /// The log whose files lie below this URL.
    ///
    /// # Errors
    /// [`UrlError`] with the first thing that is wrong with it.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))
            .ok_or(UrlError::Scheme)?;
        let forbidden =
            |c: &char| matches!(c, '?' | '#' | '@' | '\\') || c.is_whitespace() || c.is_control();
        if let Some(found) = rest.chars().find(forbidden) {
            return Err(UrlError::Character { found });
        }
        if rest.is_empty() || rest.starts_with('/') {
            return Err(UrlError::NoHost);
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
            .max_idle_connections_per_host(CONNECTIONS)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(REQUEST_TIMEOUT))
            .user_agent(concat!("akashi-audit/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            prefix: url.trim_end_matches('/').to_owned(),
            agent: config.new_agent(),
        })
    }

    fn get(&self, path: &str, len_max: usize, bytes: &mut Vec<u8>) -> Result<Answer, ureq::Error> {
        bytes.clear();
        let response = self.agent.get(format!("{}/{path}", self.prefix)).call()?;
        match response.status().as_u16() {
            200 => {
                response
                    .into_body()
                    .into_reader()
                    .take(len_max as u64 + 1)
                    .read_to_end(bytes)?;
                Ok(Answer::Fetched(if bytes.len() > len_max {
                    Fetched::TooLarge
                } else {
                    Fetched::Found
                }))
            }
            404 | 410 => Ok(Answer::Fetched(Fetched::Missing)),
            status => Ok(Answer::Status(status)),
        }
    }
}

enum Answer {
    Fetched(Fetched),
    Status(u16),
}

impl Source for Http {
    fn fetch(
        &self,
        path: &str,
        len_max: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<Fetched, FetchError> {
        let mut attempts = 0;
        loop {
            let answer = self.get(path, len_max, bytes);
            attempts += 1;
            let wait = RETRY_AFTER.get(attempts - 1);
            match answer {
                Ok(Answer::Fetched(fetched)) => return Ok(fetched),
                // Redirects and refusals stay what they are; overload and faults may pass.
                Ok(Answer::Status(status))
                    if wait.is_none() || !(status == 429 || status >= 500) =>
                {
                    return Err(FetchError::Status { status, attempts });
                }
                Err(cause) if wait.is_none() => {
                    return Err(FetchError::Network {
                        attempts,
                        cause: Box::new(cause),
                    });
                }
                Ok(Answer::Status(_)) | Err(_) => {}
            }
            wait.copied().into_iter().for_each(thread::sleep);
        }
    }

    fn workers(&self) -> usize {
        CONNECTIONS
    }
}

#[cfg(test)]
mod tests {
    use super::{Http, UrlError};

    #[test]
    fn only_plain_prefixes_are_taken() {
        assert!(
            Http::new("https://log.example/log/")
                .is_ok_and(|http| http.prefix == "https://log.example/log")
        );
        assert!(Http::new("http://127.0.0.1:8080/log").is_ok());
        assert_eq!(Http::new("ftp://log.example").err(), Some(UrlError::Scheme));
        assert_eq!(Http::new("file:///log").err(), Some(UrlError::Scheme));
        assert_eq!(Http::new("https://").err(), Some(UrlError::NoHost));
        assert_eq!(Http::new("https:///log").err(), Some(UrlError::NoHost));
        for (url, found) in [
            ("https://a:b@log.example", '@'),
            ("https://log.example/?x", '?'),
            ("https://log.example/a b", ' '),
        ] {
            assert_eq!(Http::new(url).err(), Some(UrlError::Character { found }));
        }
    }
}
