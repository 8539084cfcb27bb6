//! What one of anything may do to the server, in one place: how many threads read for it, and how
//! much of it may wait; and how much one sender may ask.

use akashi_ledger::reader::pool::Bounds;
use serde::Deserialize;

/// Pages. One of them reads a few to a few thousand records at some 30 µs each, mostly from memory:
/// eight threads give as many processors something to do, and fewer keep one long history from
/// delaying the others much. Behind each thread 32 may wait, at five milliseconds a page a sixth of
/// a second; beyond that a page that says to come back is better than one that comes late.
pub const PAGES: Bounds = Bounds {
    threads: 8,
    places: 8 * 33,
};

/// Answers to institutions: one to three rows and the evidence made of them, some 50 µs. Four
/// threads make 80,000 a second, more than the writer does, and wait for a cold disk side by side.
/// As many may wait as the writer takes (2,048 in [`akashi_ledger::limits`]): who got a decision
/// also gets its answer.
pub const INSTITUTIONS: Bounds = Bounds {
    threads: 4,
    places: 4 + 2_048,
};

/// The public log: a tile is 256 rows, some 300 µs, and a cache in front of the server asks for
/// each once. Two threads, so that whoever reads the log from its beginning takes no more than two
/// processors; a hundred may wait for 15 ms.
pub const LOG: Bounds = Bounds {
    threads: 2,
    places: 2 + 100,
};

/// Histories as files, in parts of 64 records, some 2 ms each. A file that is under way waits for
/// its next turn; one more is begun only while fewer than this wait, that is while a turn comes
/// within 50 ms.
pub const DOWNLOADS: Bounds = Bounds {
    threads: 2,
    places: 2 + 50,
};

/// How much one sender may ask. Numbers are per minute; a burst of as many is let through at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Pages per address: a family or an office behind one address turns a page a second.
    pub pages_per_minute: u32,
    /// Sign-in, enrolment and codes per address: what costs an SMS or guesses at one.
    pub sign_in_per_minute: u32,
    /// Messages taken from the SMS gateway.
    pub inbound_sms_per_minute: u32,
    /// Statements per signed institution: a thousand a second is a large hospital group at its
    /// busiest, ten times over.
    pub statements_per_minute: u32,
    /// Requests to the API per address that no registered key signed: bad statements cost a
    /// signature check each.
    pub unsigned_per_minute: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            pages_per_minute: 240,
            sign_in_per_minute: 20,
            inbound_sms_per_minute: 600,
            statements_per_minute: 60_000,
            unsigned_per_minute: 600,
        }
    }
}
