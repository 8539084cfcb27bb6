//! A log behind a URL: plain GETs of static files, over TLS unless the URL says `http`.
//!
//! Redirects are not followed (the prefix given is the prefix checked), no body is read beyond its
//! bound, every request has a time limit and all of them together a pace ([`crate::limits`]), and
//! what fails is tried a few times and then reported. Addresses are looked up once.
//! Whose certificates are believed is the machine's own setting; it matters little, since every
//! byte is checked against signed hashes.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::addresses::LookedUpOnce;
use crate::limits::{
    CONNECT_TIMEOUT, CONNECTIONS, PACE_GRACE, PUBLISH_LAG, REQUEST_TIMEOUT, RESOLVE_TIMEOUT,
    RESPONSE_HEAD_LEN_MAX, RETRY_AFTER, SECONDS_PER_FILE_MAX,
};
use akashi_check::source::{FetchError, Fetched, Source};

/// The prefix of a log's public files, without its final slash.
pub struct Http {
    prefix: String,
    agent: ureq::Agent,
    /// When the first file was asked for.
    begun: OnceLock<Instant>,
    /// How many files it has answered for.
    files: AtomicU64,
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
        Self::within(url, REQUEST_TIMEOUT)
    }

    /// As [`Self::new`], with so much time for each request, its body included.
    fn within(url: &str, request_timeout: Duration) -> Result<Self, UrlError> {
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
            .max_response_header_size(RESPONSE_HEAD_LEN_MAX)
            .timeout_resolve(Some(RESOLVE_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(request_timeout))
            .user_agent(concat!("akashi-audit/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            prefix: url.trim_end_matches('/').to_owned(),
            agent: ureq::Agent::with_parts(
                config,
                DefaultConnector::default(),
                <LookedUpOnce>::default(),
            ),
            begun: OnceLock::new(),
            files: AtomicU64::new(0),
        })
    }

    /// Whether it still gives files at a pace at which a check ends.
    fn check_pace(&self, took: Duration) -> Result<(), FetchError> {
        let files = self.files.load(Ordering::Relaxed);
        let Some(after) = took.checked_sub(PACE_GRACE) else {
            return Ok(());
        };
        if files >= after.as_secs() / SECONDS_PER_FILE_MAX {
            return Ok(());
        }
        let seconds = took.as_secs();
        Err(FetchError::TooSlow { files, seconds })
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
        let begun = *self.begun.get_or_init(Instant::now);
        let mut attempts = 0;
        loop {
            self.check_pace(begun.elapsed())?;
            let answer = self.get(path, len_max, bytes);
            attempts += 1;
            let wait = RETRY_AFTER.get(attempts - 1);
            match answer {
                Ok(Answer::Fetched(fetched)) => {
                    self.files.fetch_add(1, Ordering::Relaxed);
                    return Ok(fetched);
                }
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

    fn lag(&self) -> Duration {
        PUBLISH_LAG
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::sync::atomic::Ordering;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Http, UrlError};
    use crate::limits::{PACE_GRACE, RETRY_AFTER, SECONDS_PER_FILE_MAX};
    use akashi_check::source::{FetchError, Source as _};

    #[test]
    fn a_server_that_drips_for_ever_is_left() {
        let http = Http::new("http://127.0.0.1:1/log").unwrap();
        let after = |seconds| PACE_GRACE + Duration::from_secs(seconds);
        assert!(http.check_pace(after(SECONDS_PER_FILE_MAX - 1)).is_ok());
        assert!(matches!(
            http.check_pace(after(SECONDS_PER_FILE_MAX)),
            Err(FetchError::TooSlow { files: 0, .. })
        ));
        http.files.store(1, Ordering::Relaxed);
        assert!(http.check_pace(after(SECONDS_PER_FILE_MAX)).is_ok());
        assert!(http.check_pace(after(2 * SECONDS_PER_FILE_MAX)).is_err());
    }

    /// Each connection is given a byte again and again, so that it is never silent for long.
    fn dripping(head: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/log", listener.local_addr().unwrap());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut next = head;
                    while stream.write_all(next).is_ok() {
                        thread::sleep(Duration::from_millis(20));
                        next = b"a";
                    }
                });
            }
        });
        url
    }

    #[test]
    fn a_request_ends_in_its_time_though_something_always_comes() {
        let heads: [&[u8]; 3] = [
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-",
            b"HTTP",
        ];
        for head in heads {
            let http = Http::within(&dripping(head), Duration::from_millis(300)).unwrap();
            let begun = Instant::now();
            let answer = http.fetch("checkpoint", 1 << 20, &mut Vec::new());
            assert!(matches!(
                answer,
                Err(FetchError::Network { attempts: 3, .. })
            ));
            let all = RETRY_AFTER.iter().sum::<Duration>() + Duration::from_millis(3 * 300);
            assert!(begun.elapsed() < all + Duration::from_secs(10));
        }
    }

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
