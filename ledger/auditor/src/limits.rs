//! What a server may cost whoever asks it. It may be hostile, or a bad line: each bound ends the
//! check with words and exit code 2. What the files themselves may cost stands in
//! `akashi_check::limits`.

use std::time::Duration;

/// To reach the server, TLS included. Three round trips of a bad mobile link stay below it.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// To find the server's addresses, once for a whole check.
pub const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);
/// For one request in all: the largest body (1 MiB) at 35 kB/s.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Waits before the second and the third attempt: long enough for a server that restarts behind a
/// proxy, short enough that a dead one is reported within a few seconds.
pub const RETRY_AFTER: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];
/// Requests at the same time: hides a round trip of 50 ms behind seven others, and is what browsers
/// ask of one host.
pub const CONNECTIONS: usize = 8;
/// How long a server may take without giving files at the pace of [`SECONDS_PER_FILE_MAX`]: the
/// start is slow everywhere, and one pause of a minute is no reason to give up.
pub const PACE_GRACE: Duration = Duration::from_secs(120);
/// Slowest pace after that, over all connections. A bundle and its tile have 34 kB, so a mobile
/// line of 35 kB/s gives two files a second; a server that lets each request hang until just before
/// its end gives one in four seconds.
pub const SECONDS_PER_FILE_MAX: u64 = 2;
/// Longest body of a query (`--body`): what a holder's interface would take of one. Above it the
/// check ends with words and exit code 2.
pub const QUERY_BODY_LEN_MAX: usize = 16 << 20;
/// How long a checkpoint may take to be published: the ledger takes about a second.
pub const PUBLISH_LAG: Duration = Duration::from_secs(3);
/// Longest head of an answer, in bytes: a few dozen header lines of any proxy.
pub const RESPONSE_HEAD_LEN_MAX: usize = 16 * 1024;
