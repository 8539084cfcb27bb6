//! Where a host is, looked up once for a whole check.
//!
//! The client's own look-up starts a thread for every request, since the system's call cannot be
//! interrupted. One for a check is enough: it asks one host, and a log that moves meanwhile is
//! asked for again by whoever checks.

use std::sync::Mutex;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The addresses of the one host that is asked; none before the first request, nor after a look-up
/// that failed.
#[derive(Debug, Default)]
pub(super) struct LookedUpOnce<System = DefaultResolver> {
    found: Mutex<Option<(Uri, ResolvedSocketAddrs)>>,
    system: System,
}

impl<System: Resolver> Resolver for LookedUpOnce<System> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        // Held while looking: the other connections wait for this answer and do not ask again.
        let mut found = self.found.lock().unwrap_or_else(|dead| dead.into_inner());
        if let Some((of, addresses)) = &*found
            && of.authority() == uri.authority()
            && of.scheme() == uri.scheme()
        {
            return Ok(addresses.clone());
        }
        let addresses = self.system.resolve(uri, config, timeout)?;
        *found = Some((uri.clone(), addresses.clone()));
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ureq::Error;
    use ureq::config::Config;
    use ureq::http::Uri;
    use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
    use ureq::unversioned::transport::NextTimeout;

    use super::LookedUpOnce;

    /// Counts how often it is asked, and fails the first time.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl Resolver for Counting {
        fn resolve(
            &self,
            uri: &Uri,
            config: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
                return Err(Error::HostNotFound);
            }
            DefaultResolver::default().resolve(uri, config, timeout)
        }
    }

    #[test]
    fn a_host_is_looked_up_once_and_another_one_anew() {
        let resolver = LookedUpOnce::<Counting>::default();
        let port = |uri: &'static str| {
            let uri = Uri::from_static(uri);
            let found = resolver.resolve(&uri, &Config::default(), NextTimeout::default());
            found.ok().and_then(|found| Some(found.first()?.port()))
        };
        let times = || resolver.system.0.load(Ordering::Relaxed);
        assert_eq!(port("http://127.0.0.1:81/log/checkpoint"), None);
        for tile in ["checkpoint", "vkey", "tile/0/000"] {
            let uri = format!("http://127.0.0.1:81/log/{tile}");
            assert_eq!(port(uri.leak()), Some(81));
            assert_eq!(times(), 2, "a failure is not kept, an answer is");
        }
        assert_eq!(port("http://127.0.0.1:82/log/vkey"), Some(82));
        assert_eq!(port("https://127.0.0.1/log/vkey"), Some(443));
        assert_eq!(times(), 4);
    }
}
