//! Waiting for what must come, and ports that stay free: nothing a test does may depend on how fast
//! a machine is, or on who else works on it.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long what must come may take: only a machine on which nothing works takes longer. Two waits
/// fit into the five minutes a test may run (`.config/nextest.toml`).
pub const COMES_WITHIN: Duration = Duration::from_secs(120);
/// How soon it is looked again.
const LOOKS_AGAIN: Duration = Duration::from_millis(10);

/// Looks until there is what a test waits for; `what` names it where it never comes.
///
/// # Panics
/// After [`COMES_WITHIN`].
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < COMES_WITHIN, "never: {what}");
        tokio::time::sleep(LOOKS_AGAIN).await;
    }
}

/// [`until`] something is so.
///
/// # Panics
/// After [`COMES_WITHIN`].
pub async fn until_so(what: &str, mut is_so: impl FnMut() -> bool) {
    until(what, async || is_so().then_some(())).await;
}

/// [`until`] on a thread of its own.
///
/// # Panics
/// After [`COMES_WITHIN`].
pub fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < COMES_WITHIN, "never: {what}");
        std::thread::sleep(LOOKS_AGAIN);
    }
}

/// A port of this machine for a server that is told its port, and finds it again after a restart.
/// Below those a system gives to whoever asks for any, so that no connection of another test takes
/// it meanwhile; looked for from the process's number on, so that two tests do not look in step,
/// and from behind the last one given, so that none is given twice before it is bound.
///
/// # Panics
/// Where all are taken.
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 20_000;
    static LOOKED_AT: AtomicU32 = AtomicU32::new(0);
    let from = std::process::id().wrapping_mul(61);
    let steps = (0..COUNT).map(|_| LOOKED_AT.fetch_add(1, Relaxed));
    let ports = steps.map(|step| FIRST + from.wrapping_add(step) % COUNT);
    ports
        .map(|port| port as u16)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let mut given: Vec<u16> = (0..64).map(|_| free_port()).collect();
        given.sort_unstable();
        given.dedup();
        assert_eq!(given.len(), 64);
    }
}
