//! Bounds that are rules of the log: every auditor holds them against the records, and a log that
//! breaks one is not an honest one. Behind them those of a holder of data, which are its own.

/// Most keys of an institution that have not ended, of both uses together: signing keys for a few
/// sites and an evidence key, each beside its successor while they change. Above it
/// `key.registered` is refused until one is revoked or has run out; metric:
/// `akashi_statements_refused_total`.
pub const KEYS_ALIVE_MAX: usize = 8;

/// Fewest supervisors that must sign an act: nobody alone decides who is in the ledger. A log whose
/// entry 0 demands fewer is not opened, and no checker takes it for one. No metric: there is no
/// such log.
pub const THRESHOLD_MIN: u64 = 2;

/// Most keys a log signs with at a time: two while one takes the other's place, and one more where
/// that has to begin again before it is over, because the new one was stolen too. Every checkpoint
/// and every proof carries as many signatures. Above it `ledger.key_added` is refused until one is
/// ended; metric: `akashi_statements_refused_total`.
pub const LOG_KEYS_ALIVE_MAX: usize = 3;

/// Most keys a log ever has: one a year for longer than anybody keeps a proof. Every reader of the
/// registry keeps them all. Above it `ledger.key_added` is refused for good, and a successor log is
/// opened; metric: `akashi_statements_refused_total`.
pub const LOG_KEYS_EVER_MAX: usize = 256;

/// Longest checkpoint by which a log is handed over: its text, and some thirty signatures, of its
/// keys and of witnesses. It stands in each supervisor's statement of 16 KiB. A longer one is a bad
/// member of the act; metric: `akashi_statements_refused_total`.
pub const HANDOVER_LEN_MAX: usize = 4 * 1024;

/// How long after the last record a wall clock is believed by itself, where the ledger was shut
/// or its clock set meanwhile: a holiday, and far less than a clock is off that was never set.
/// Above it nothing is recorded but `ledger.resumed`, by which the supervisors vouch for the
/// clock; a shorter pause is not vouched for. Metric: `akashi_writer_stopped`.
pub const PAUSE_MILLIS_MAX: u64 = 7 * 86_400_000;

/// How long a reset of an institution's keys waits while one of its signing keys is valid: 72
/// hours, so that whoever has them, the owner first, can be asked over a week-end. Where none is
/// valid nobody could object, and it is in force at once. No metric: the registry says when.
pub const RESET_WAIT_MILLIS: u64 = 72 * 3_600 * 1_000;

/// Most keys an institution registers in one day (UTC): all of them four times over. A key is a row
/// of the keyring and a public record for ever. Above it `key.registered` is refused until the day
/// is over; metric: `akashi_statements_refused_total`.
///
/// A revocation has no bound of its own, so that nobody who stole a key can use up the day's acts
/// and keep the theft from being ended: it ends a key that lives, so there are never more than
/// this and [`KEYS_ALIVE_MAX`] together.
pub const KEYS_PER_DAY_MAX: u64 = 32;

/// Most numbers a holder keeps of one link: twenty releases a second about one person for as long
/// as evidence of ten minutes is kept. Above it nothing more is released on the link until the
/// oldest have ended; the refusal is `GateRefused::Full`, to be counted by the holder. No metric of
/// the server.
pub const SPENT_MAX: usize = 16_384;

/// Most gates in one file with which a holder catches up: two thousand permits are passed over with
/// it, and it is made of some 32 times 25 hashes. Who is further behind asks again from where it
/// came to; metric of what the ledger is asked: `akashi_reads_refused_total`.
pub const GATES_AT_ONCE_MAX: usize = 32;

/// Most questions of a week that her fold remembers as refused, reported or unanswered: nine a day,
/// each a different one. Above it no new question makes her phone ring, and all wait on her page;
/// it is no rule of the log, and nothing is refused. Metric: `akashi_questions_held_back_total`.
pub const RESTS_MAX: usize = 64;

/// Most contacts of one person, one that is to replace another counted in its place: a phone, a few
/// addresses; more are a mistake or an attack on somebody's mailbox. Above it
/// `subject.contact_verified` is refused, and she is told; no metric.
pub const CONTACTS_MAX: usize = 5;

/// How long a contact that is to be replaced can stop it: three days, so that who is away for a
/// week-end still reads the message that says so. A longer one keeps out whoever has a new number.
/// No metric: both contacts are told.
pub const COOLING_OFF_MILLIS: u64 = 72 * 3_600 * 1_000;

/// Most messages one `notice.reported` speaks of: more than one telephone is sent in a day. Above
/// it there is one record more; no metric, as nothing is lost.
pub const REPORTED_AT_ONCE_MAX: usize = 64;
