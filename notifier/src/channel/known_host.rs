//! Looks a gateway's name up now and then, and not for every message.
//!
//! The client bounds each look-up by a thread of its own that it starts for it, even where the host
//! is an address: messages to 20,000 new people were 60,000 threads.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::Authority;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long addresses are used: gateways that move leave the old place running for longer.
const KNOWN_FOR: Duration = Duration::from_secs(60);

/// Remembers the host that was looked up last; an agent of ours asks for one host.
#[derive(Debug)]
pub(super) struct KnownHost<R = DefaultResolver> {
    lookup: R,
    known_for: Duration,
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    host: Authority,
    addresses: Vec<SocketAddr>,
    at: Instant,
}

impl Default for KnownHost {
    fn default() -> Self {
        Self::new(DefaultResolver::default(), KNOWN_FOR)
    }
}

impl<R> KnownHost<R> {
    const fn new(lookup: R, known_for: Duration) -> Self {
        Self {
            lookup,
            known_for,
            known: Mutex::new(None),
        }
    }

    fn addresses(&self, uri: &Uri) -> Option<Vec<SocketAddr>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref()?;
        let is_it = uri.authority() == Some(&known.host) && known.at.elapsed() < self.known_for;
        is_it.then(|| known.addresses.clone())
    }
}

impl<R: Resolver> Resolver for KnownHost<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if let Some(addresses) = self.addresses(uri) {
            let mut resolved = self.empty();
            addresses
                .into_iter()
                .for_each(|address| resolved.push(address));
            return Ok(resolved);
        }
        // Not under the lock: who waits for it would not be bound by its own time.
        let resolved = self.lookup.resolve(uri, config, timeout)?;
        let known = uri.authority().map(|host| Known {
            host: host.clone(),
            addresses: resolved.to_vec(),
            at: Instant::now(),
        });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(resolved)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU16, Ordering};

    use ureq::Timeout;
    use ureq::unversioned::transport::time;

    use super::*;

    /// Gives another port each time; no address of a host called `nowhere`.
    #[derive(Clone, Debug, Default)]
    struct Counting(Arc<AtomicU16>);

    impl Resolver for Counting {
        fn resolve(
            &self,
            uri: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            if uri.host() == Some("nowhere") {
                return Err(Error::HostNotFound);
            }
            let mut resolved = self.empty();
            resolved.push(SocketAddr::from(([127, 0, 0, 1], count)));
            Ok(resolved)
        }
    }

    fn ask(host: &KnownHost<Counting>, uri: &'static str) -> Option<u16> {
        let timeout = NextTimeout {
            after: time::Duration::NotHappening,
            reason: Timeout::Global,
            ..NextTimeout::default()
        };
        let resolved = host.resolve(&Uri::from_static(uri), &Config::default(), timeout);
        resolved.ok().map(|addresses| addresses[0].port())
    }

    #[test]
    fn a_host_is_looked_up_once_and_another_is_another() {
        let host = KnownHost::new(Counting::default(), Duration::from_hours(1));
        assert_eq!(ask(&host, "http://gateway/send"), Some(0));
        assert_eq!(ask(&host, "http://gateway/again"), Some(0));
        assert_eq!(ask(&host, "http://gateway:8080/send"), Some(1));
        assert_eq!(ask(&host, "http://gateway/send"), Some(2));
    }

    #[test]
    fn what_was_not_found_is_looked_for_again_and_what_is_old_too() {
        let host = KnownHost::new(Counting::default(), Duration::from_hours(1));
        assert_eq!(ask(&host, "http://nowhere/"), None);
        assert_eq!(ask(&host, "http://nowhere/"), None);
        assert_eq!(host.lookup.0.load(Ordering::Relaxed), 2);
        let host = KnownHost::new(Counting::default(), Duration::ZERO);
        assert_eq!(ask(&host, "http://gateway/"), Some(0));
        assert_eq!(ask(&host, "http://gateway/"), Some(1));
    }
}
