//! What one of anything may do to the server, in one place: how many threads read for it, and how
//! much of it may wait; and how much one sender may ask.

use std::time::Duration;

use akashi_ledger::reader::pool::Bounds;
use serde::Deserialize;

use crate::crowd;
use crate::network::RINGS;

/// Places of one kind of work: at most half for one address or site, so that one never has all;
/// three quarters for one provider and what lies between.
const fn shared(most: usize) -> crowd::Bounds {
    crowd::Bounds {
        most,
        by_ring: [most / 2, most / 2, most / 2, most - most / 4],
    }
}

/// Pages looked at at once. At five milliseconds each and eight threads the last waits a third of a
/// second; beyond that a page that says to come back is better than one that comes late. Above:
/// 503, `Retry-After: 1`; counted in `akashi_door_turned_away_total`, like all below. Metric:
/// `akashi_door_turned_away_total`.
pub const PAGES_AT_ONCE: crowd::Bounds = shared(512);

/// Forms for signing in and enrolling at once. They wait for the SMS gateway, some 100 ms each when
/// it is well: 5,000 a second. Metric: `akashi_door_turned_away_total`.
pub const SIGN_IN_AT_ONCE: crowd::Bounds = shared(512);

/// What people and supervisors do at once: twice as many as may look, since nobody does twice what
/// is done, and a withdrawal is never to wait for readers. An act of supervisors has up to 48 KiB:
/// 50 MB in all, half of it of one address. Metric: `akashi_door_turned_away_total`.
pub const ACTS_AT_ONCE: crowd::Bounds = shared(1_024);

/// Requests of institutions at once: as many as the writer takes (2,048 in
/// [`akashi_ledger::limits`]) plus as many that read. An institution's gateway has one address, and
/// half of them to itself. Metric: `akashi_door_turned_away_total`.
pub const INSTITUTIONS_AT_ONCE: crowd::Bounds = shared(4_096);

/// Statements and reads at once of addresses that owe, until it is known who signed them: looking
/// at one takes 60 µs and a row of the data file, so the last waits some 60 ms. Above: 429, as for
/// the debt. Metric: `akashi_door_turned_away_total`.
pub const DEBTORS_AT_ONCE: crowd::Bounds = shared(1_024);

/// Their signatures are checked by one processor in so many, and by one at least: 16,000 a second
/// for each. No metric: above it they wait, in places that are counted.
pub const DEBTORS_PART: usize = 4;

/// Requests for the public log at once: two threads answer 6,000 a second. Metric:
/// `akashi_door_turned_away_total`.
pub const LOG_AT_ONCE: crowd::Bounds = shared(512);

/// Histories as files begun at once, before their first part. Whoever asks has signed in; how many
/// are under way is bounded by [`DOWNLOADS_RUNNING_MAX`]. Metric: `akashi_door_turned_away_total`.
pub const DOWNLOADS_AT_ONCE: crowd::Bounds = shared(64);

/// Histories being written to somebody: one a person, and in all as many as hold 75 MB at a part of
/// 300 kB each. One more ends the one begun first, which its reader notices by its missing end.
/// Metric: `akashi_downloads_running`.
pub const DOWNLOADS_RUNNING_MAX: usize = 256;

/// Requests whose body is still arriving. A statement is one packet or two, so honest ones are here
/// for milliseconds. Above its share a network loses the body that has been arriving longest (503),
/// and above all of them the fullest network does: 64 MB of bodies at the most. Metric:
/// `akashi_door_sent_away_total`.
pub const BODIES: crowd::Bounds = crowd::Bounds {
    most: 4_096,
    by_ring: [256, 512, 1_024, 2_048],
};

/// Requests whose body has lost its place or its time and who have not been told yet. They hold a
/// connection and no body: with all bodies they leave 768 of [`CONNECTIONS`], and those of one site
/// 3,584. Whoever keeps up to some 4,600 bodies open that do not end gains nothing by beginning
/// anew; above it they are answered at once. Metric: `akashi_door_turned_away_total`.
pub const LATE_BODIES: crowd::Bounds = crowd::Bounds {
    most: 3_072,
    by_ring: [2_560, 2_560, 2_560, 2_560],
};

/// Connections. Some 170 kB each with their buffers, and a file descriptor: `serve` lowers this to
/// what the system gives it. Above, the connection that has been there longest of the fullest
/// network is ended. Metric: `akashi_door_sent_away_total`.
pub const CONNECTIONS: crowd::Bounds = crowd::Bounds {
    most: 8_192,
    by_ring: [512, 512, 1_024, 4_096],
};

/// Requests of one HTTP/2 connection at once: a browser's page asks for ten. A gateway that has
/// more to ask opens another connection. Above: the stream is refused and may be tried again. No
/// metric: it bounds what one connection adds to those that are counted.
pub const STREAMS_AT_ONCE: u32 = 32;

/// Streams of one HTTP/2 connection that the client gave up before they were taken up, and those
/// that were ended for its errors: a browser may give up all it has at once, and makes no errors.
/// Above: the connection ends, as one that only opens and resets. No metric: it bounds what one
/// connection costs.
pub const STREAMS_RESET_MAX: usize = STREAMS_AT_ONCE as usize;

/// Bytes of a request's head: a browser's with its cookies has one to two thousand. Above: HTTP/1
/// 431, HTTP/2 a refused stream. It is also what one HTTP/1 connection holds of what it is sent and
/// sends, each. No metric: it bounds what one connection costs.
pub const HEAD_LEN_MAX: u32 = 16 * 1_024;

/// Bytes that one HTTP/2 stream, and one connection with all of its streams, may send before they
/// are read. No metric: it bounds what one connection costs.
pub const UNREAD_MAX: [u32; 2] = [64 * 1_024, 128 * 1_024];

/// Bytes of answers on their way, from when they are made until the last was written: of a slow
/// download its part, of everybody else nothing most of the time. Above its share the networks lose
/// the answer of which nothing was taken for longest, and above all of it the fullest network does:
/// its connection ends. One address has room for some thousand bundles of the log or pages at once.
/// Metric: `akashi_answers_bytes`, and `akashi_door_sent_away_total` of `answers`.
pub const ANSWERS: crowd::Bounds = crowd::Bounds {
    most: 256 << 20,
    by_ring: [32 << 20, 32 << 20, 64 << 20, 128 << 20],
};

/// What an answer weighs among [`ANSWERS`] beside its bytes: its head, its stream and its place, so
/// that many small ones are no way around. Metric: `akashi_answers_bytes`.
pub const ANSWER_COST: usize = 4 * 1_024;

/// Bytes an answer is handed on in, a frame of HTTP/2: of what is not taken so much, and as much
/// again that waits for its turn, has left our hands. Metric: `akashi_answers_bytes`.
pub const ANSWER_PIECE: usize = 16 * 1_024;

/// How long one piece may take to be taken, and a connection to take anything at all, in seconds: a
/// line of 1 kB/s takes one in 16, and has seven others at once. Above: the connection ends.
/// Metric: `akashi_door_sent_away_total` of `answers`.
pub const TAKEN_SECONDS: u64 = 120;

/// File descriptors kept for everything but connections: the ledger's files, the gateway, the mail
/// server. No metric: it is taken from the connections at start.
pub const FILES_KEPT: usize = 256;

/// Longest body a route takes: a statement or a form. Above: 413, and no more of it is kept.
/// Metric: `akashi_requests_total` (4xx).
pub const BODY_LEN_MAX: usize = 16 * 1_024;

/// Longest body a route takes that says it takes longer ones: evidence, and an act with a statement
/// of each supervisor. Above: 413, and no more of it is kept. Metric: `akashi_requests_total`
/// (4xx).
pub const LONG_BODY_LEN_MAX: usize = akashi_proof::evidence::EVIDENCE_LEN_MAX;

/// Requests to those routes whose body is still arriving, apart from all others. Few have a reason
/// for one; above their share networks lose theirs as those of [`BODIES`] do: 64 MB at the most.
/// Metric: `akashi_door_sent_away_total`.
pub const LONG_BODIES: crowd::Bounds = crowd::Bounds {
    most: 256,
    by_ring: [16, 32, 64, 128],
};

/// Pieces of evidence being checked, or waiting for it, each up to [`LONG_BODY_LEN_MAX`] long and
/// some three times that once it is taken apart: 48 MB in all, half of it of one address. Anybody
/// may ask; a holder that does so for each release asks for one at a time, of some 4 kB. Above its
/// share a network, and above all of them everybody, is answered 503 before the body is kept for
/// it. Metric: `akashi_door_turned_away_total{door="evidence"}`.
pub const EVIDENCE_AT_ONCE: crowd::Bounds = shared(64);

/// How long a body may take to arrive, in seconds: a form over the worst telephone line takes
/// three. Above it 503. Metric: `akashi_requests_total` (5xx).
pub const BODY_SECONDS: u64 = 10;

/// How many times the rate of one address the networks around it have, ring by ring. Offices and
/// telephone networks put many people behind neighbouring addresses, but few at the same second.
/// Above: 429. Metric: `akashi_requests_total` (4xx).
pub const RATE_BY_RING: [u32; RINGS] = [1, 4, 16, 64];

/// Senders remembered by one rate at one width, each some 50 bytes. A network's rate runs out long
/// before it fills this; who finds it full is counted by the networks around it only. No metric: it
/// is bounded by the networks, which are counted.
pub const SENDERS_MAX: usize = 32_768;

/// Most people signed in at once, a quarter of a large city; some 500 bytes each. Above, the
/// quarter that rests longest is signed out, counted in `akashi_sessions_forgotten_total`. Of
/// visitors who have not signed in nothing is kept, so there may be any number of them.
pub const SIGNED_IN_MAX: usize = 100_000;

/// People who have one number: a large family with one telephone. Not counted is who has closed her
/// account, and who has let pass three days since somebody else showed the number to be theirs: it
/// is its next owner's. Above: nobody more, whether she enrols or changes her number; it is said to
/// whoever has typed the code of the message, and counted as a page answered 422. What signing in
/// with a number reads grows by six people a day at most, as many codes as go to one number nobody
/// is known by (`codes_per_new_address` in the notifier's settings).
/// Metric: `akashi_requests_total` (4xx).
pub const PEOPLE_OF_ONE_PHONE_MAX: usize = 8;

/// Lines in which those wait who enrol with an address, add, replace or confirm one: whoever has to
/// do with one of the others in a line, one in so many, waits for their records, some milliseconds
/// each. At most 256, what a byte says. No metric: each has shown a code, and how many come at once
/// is bounded by the doors.
pub const ADDRESS_LINES: usize = 256;

/// When a form that blocks a phone by number and recovery code is answered, counted from when it
/// was asked: later than anything it reads takes, so that the time says nothing of who has the
/// number. What it does besides, where both are right, may take longer.
/// No metric: each is answered so late.
pub const BLOCK_ANSWERED_AFTER: Duration = Duration::from_millis(250);

/// How many times the wrong codes of one address the networks around it may type in ten minutes,
/// over all numbers together. Above: 429, and no code from there is looked at for a while, right or
/// wrong, but in browsers that are known; counted in `akashi_guessers_paused_total`. At the default
/// of 60 a whole provider guesses once in 260 ten-minute stretches right, whatever it tries.
pub const WRONG_CODES_BY_RING: [u32; RINGS] = [1, 4, 16, 64];

/// How many times the codes to people nobody knows yet that one address may have sent in an hour
/// the networks around it may. Four times the default of 125 is half of the hour's ceiling for
/// everybody (`codes_to_newcomers` in the notifier's settings): no network has all of it. Above:
/// 429; counted in `akashi_rung_too_often_total`.
pub const NEWCOMERS_BY_RING: [u32; RINGS] = [1, 1, 2, 4];

/// The ring whose networks are told apart where one number is rung or guessed at by somebody nobody
/// knows: a site, a rented server. Above [`Rates::newcomers_number_per_day`] and
/// [`Rates::sign_in_number_per_day`]: 429; counted in `akashi_rung_too_often_total`.
pub const RINGING_RING: usize = 2;

/// Pages: at most as many reads as doors let in that read for pages (512 + 512 + 1,024), so that no
/// act is refused here; one takes a few to a few thousand records at some 30 µs each, mostly from
/// memory. Eight threads give as many processors something to do, and fewer keep one long history
/// from delaying the others much. Metric: `akashi_reads_refused_total`.
pub const PAGES: Bounds = Bounds {
    threads: 8,
    places: 8 + 2_048,
};

/// Answers to institutions: one to three rows and the evidence made of them, some 50 µs. Four
/// threads make 80,000 a second, more than the writer does, and wait for a cold disk side by side.
/// As many may wait as the writer takes (2,048 in [`akashi_ledger::limits`]): who got a decision
/// also gets its answer. Metric: `akashi_reads_refused_total`.
pub const INSTITUTIONS: Bounds = Bounds {
    threads: 4,
    places: 4 + 2_048,
};

/// The public log: a tile is 256 rows, some 300 µs, and a cache in front of the server asks for
/// each once. Two threads, so that whoever reads the log from its beginning takes no more than two
/// processors; all that its door lets in may wait, the last for 80 ms. Metric:
/// `akashi_reads_refused_total`.
pub const LOG: Bounds = Bounds {
    threads: 2,
    places: 2 + 512,
};

/// Evidence that is checked for whoever asks: some 150 µs, and fifteen milliseconds where somebody
/// makes it as long as can be, three proofs of a hundred signatures each. One thread, so that
/// strangers take no more than one processor whatever they send, and none of those that serve
/// requests; all that [`EVIDENCE_AT_ONCE`] lets in may wait. Metric: `akashi_reads_refused_total`.
pub const EVIDENCE: Bounds = Bounds {
    threads: 1,
    places: 1 + 64,
};

/// Histories as files, in parts of 64 records, some 2 ms each. A file that is under way waits for
/// its next turn; one more is begun only while fewer than this wait, that is while a turn comes
/// within 50 ms. Metric: `akashi_reads_refused_total`.
pub const DOWNLOADS: Bounds = Bounds {
    threads: 2,
    places: 2 + 50,
};

/// Most records one page looks at, most of them in outline: what an institution makes about one
/// person in eleven days in which it is refused as often as it may be. Some 40 ms for a person
/// whose outline is not remembered, one or two for one whose is. A page that needs more goes on
/// where it stopped, and says so; counted in `akashi_pages_stopped_total`.
pub const READ_MAX: usize = 6_000;

/// Rows of outlines remembered, of all people together; some 100 bytes each, 400 where nothing of
/// them is alike. Room for 24 people whose pages are at [`READ_MAX`] within minutes. Above, the
/// outline that rests longest is forgotten and made again when its page is next looked at; counted
/// in `akashi_outlines_forgotten_total`, and all there are in `akashi_outline_rows`.
pub const OUTLINE_ROWS_MAX: usize = 24 * READ_MAX;

/// Rows of the shortest outline that is remembered: reading fewer anew costs two milliseconds, and
/// people with few records take no room from those with many. Metric: `akashi_outline_rows`.
pub const OUTLINE_LEN_MIN: usize = 256;

/// Most statements of ten minutes whose first sender is remembered: as many as all institutions may
/// send at 160 a second, and twice that in all, some 15 MB. What is above makes the oldest be
/// forgotten: whoever sends one of those again must show a token, as the client library does.
/// Metric: `akashi_statements_known_total`.
pub const FIRST_SENDERS_MAX: usize = 100_000;

/// Pairs of an institution and a person of whom more is being counted than may be decided
/// ([`akashi_ledger::limits::ABOUT_ONE_PER_HOUR_MAX`]): two to four kilobytes each. Who would be
/// one more is counted in its institution's stream, without a person. Metric:
/// `akashi_statements_counted_total`.
pub const EXCESS_MAX: usize = 4_096;

/// Of one institution: a quarter, so that four hostile ones are needed to fill it, and others lose
/// nothing then but whom a number was about. Metric: `akashi_statements_counted_total`.
pub const EXCESS_OF_ONE_MAX: usize = EXCESS_MAX / 4;

/// Tokens remembered as used, of all institutions: at the time one is fresh (five minutes either
/// way) room for 300 a second, some 35 MB. Above it who has used most makes room. Metric:
/// `akashi_requests_total` (5xx).
pub const TOKENS_MAX: usize = 200_000;

/// Of one institution, 80 a second: whoever reads more waits alone (503, `Retry-After: 10`).
/// Metric: `akashi_requests_total` (5xx).
pub const TOKENS_OF_ONE_MAX: usize = TOKENS_MAX / 4;

/// How much one sender may ask: so much at once, and it fills again evenly in the time it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Pages per address: an office of ten people behind one address turns a page a second each.
    /// Above: 429. Metric: `akashi_requests_total` (4xx).
    pub pages_per_minute: u32,
    /// Sign-in, enrolment and codes per address: forty people behind one address sign in within a
    /// minute. Guessing is bounded by number and code, not by the address of a ward office. Above:
    /// 429. Metric: `akashi_requests_total` (4xx).
    pub sign_in_per_minute: u32,
    /// Wrong codes per address, in ten minutes, of browsers nobody knows: four hundred people who
    /// sign in behind one address, and every seventh slips. Above: none of theirs is looked at,
    /// 429. Metric: `akashi_guessers_paused_total`.
    pub wrong_codes_per_ten_minutes: u32,
    /// Codes to people nobody knows yet, per address, in an hour: a counter that enrols two a
    /// minute. Metric: `akashi_rung_too_often_total`.
    pub newcomers_per_hour: u32,
    /// Codes to one number nobody is known by that one site may have sent in half a day to a day:
    /// half of what the number takes, so that whoever rings a stranger leaves her the other half.
    /// 255 and more: no bound. Metric: `akashi_rung_too_often_total`.
    pub newcomers_number_per_day: u32,
    /// The same of codes for signing in, also to one browser that is known for the number: she
    /// signs in once an hour and mistypes some; whoever only wants her phone to ring needs another
    /// site for more. Above both: 429. Metric: `akashi_rung_too_often_total`.
    pub sign_in_number_per_day: u32,
    /// Requests with replies from the SMS gateway, which shows its token. Above: 429. Metric:
    /// `akashi_requests_total` (4xx).
    pub inbound_sms_per_minute: u32,
    /// Requests with delivery reports from the SMS gateway: a hundred a second, one for each SMS of
    /// a large city's busiest minute. Above: 429. Metric: `akashi_requests_total` (4xx).
    pub sms_reports_per_minute: u32,
    /// Statements per signed institution: a thousand a second is a large hospital group at its
    /// busiest, ten times over. Metric: `akashi_statements_counted_total`.
    pub statements_per_minute: u32,
    /// Megabytes of statements per signed institution and day: five million of 1.5 kB, a large
    /// hospital group's busiest day. What is written is kept for ever; without it the rate alone
    /// would let one key write a terabyte a day. In memory, full again after a restart. Metric:
    /// `akashi_statements_counted_total`.
    pub statement_megabytes_per_day: u32,
    /// Acts and reads per supervisor: they sign together, so each new institution is one of each of
    /// them. Above: 429. Metric: `akashi_requests_total` (4xx).
    pub supervisor_acts_per_minute: u32,
    /// Acts on keys, per key that signs them: a key is changed a few times a year. Counted by key,
    /// so that whoever stole one keeps nobody from revoking it with another. Metric:
    /// `akashi_statements_counted_total`.
    pub key_acts_per_minute: u32,
    /// Requests for machines per address that are nobody's: no registered key signed them, they
    /// come late, they are known and show no token of their signer, or they are no SMS gateway's.
    /// Above: 429 for those, and for nothing that a key has signed, fresh and new. Metric:
    /// `akashi_requests_total` (4xx).
    pub unsigned_per_minute: u32,
    /// Tiles and entries of the public log per address: an auditor reads 25,600 entries a second.
    /// Above: 429. Metric: `akashi_requests_total` (4xx).
    pub log_per_minute: u32,
    /// What is the same for everybody, per address: the policy and the API's document, explanations
    /// of problems, style sheets, whether the server lives. A page asks for five of them once, a
    /// monitor for one each second. Above: 429. Metric: `akashi_requests_total` (4xx).
    pub open_per_minute: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            pages_per_minute: 600,
            sign_in_per_minute: 120,
            wrong_codes_per_ten_minutes: 60,
            newcomers_per_hour: 125,
            newcomers_number_per_day: 3,
            sign_in_number_per_day: 20,
            inbound_sms_per_minute: 600,
            sms_reports_per_minute: 6_000,
            statements_per_minute: 60_000,
            statement_megabytes_per_day: 8_192,
            supervisor_acts_per_minute: 600,
            key_acts_per_minute: 10,
            unsigned_per_minute: 600,
            log_per_minute: 6_000,
            open_per_minute: 6_000,
        }
    }
}
