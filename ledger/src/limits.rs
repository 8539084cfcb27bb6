//! Bounds of the writer, each with where its number comes from.

use std::time::Duration;

/// Most commands in one commit (docs/DESIGN.md "The writer"): at 512 the commit's fixed cost is a
/// few per cent of the whole. The rest waits for the next commit. Metric:
/// `akashi_commands_waiting`.
pub const COMMIT_COMMANDS_MAX: usize = 512;

/// Most commands waiting in the regular lane: at the slowest rate seen with one command a commit
/// (about 1,000/s) the last one waits two seconds, which a client still waits for. Above it a
/// command is refused as busy. Metric: `akashi_commands_refused_total`.
pub const REGULAR_WAITING_MAX: usize = 2_048;

/// Room kept for what people do themselves - withdrawals, blocks, refusals -, for suspensions, and
/// for revoked keys, which have a rate of each key's: so that a flood cannot keep them out. Above
/// it a command is refused as busy. Metric: `akashi_commands_waiting{lane="urgent"}`.
pub const URGENT_WAITING_MAX: usize = 768;

/// Room for what institutions end by what they sign: link codes and roles. A third of the urgent
/// room and never a part of it, so that no number of them, and no suspended one, keeps out a
/// withdrawal; one institution has a quarter of it ([`LANE_OF_ONE_SIGNER`]), so that none keeps out
/// what others end. Above it a command is refused as busy; what would end nothing is not let in and
/// waits in the regular lane. Metric: `akashi_commands_waiting{lane="ending"}`.
pub const ENDING_WAITING_MAX: usize = 256;

/// The part of a commit that is the regular lane's while something waits there: one in so many.
/// What people do comes at their own rates; what institutions end comes at the rate of their doors,
/// whole bursts at once, and has a lane of its own ([`ENDING_WAITING_MAX`]). Should both fill
/// commits, everybody else is slower and not shut out. Metric: `akashi_commands_waiting`, by lane.
pub const REGULAR_SHARE: usize = 4;

/// The part of a lane's places one institution or supervisor may have waiting: one in so many; in
/// the regular lane as many as one commit takes. Four hostile ones are needed to fill a lane, and
/// whoever else has something in it takes turns with them. What comes late, whoever's it is, is one
/// such sender. Above it a command is refused as busy. In memory: after a restart nothing waits.
/// Metric: `akashi_commands_of_one_refused_total`, by lane.
pub const LANE_OF_ONE_SIGNER: usize = 4;

/// Most things one person may have waiting in a lane: a browser sends six at once. Forty-eight
/// people who do nothing else are needed to fill the urgent lane. Above it a command is refused as
/// busy; otherwise as [`LANE_OF_ONE_SIGNER`]. Metric: `akashi_commands_of_one_refused_total`.
pub const LANE_OF_ONE_PERSON_MAX: usize = 16;

/// Most commands whose new keys are made durable with one sync: as many as one commit takes, whose
/// keys are 150 kB. The rest waits for the next sync. Metric: `akashi_commands_waiting`.
pub const KEY_ORDERS_MAX: usize = COMMIT_COMMANDS_MAX;

/// Most commands waiting for new keys in the regular lane: two syncs, some milliseconds each. What
/// waits here and before the writer must fit into [`FREE_SPACE_MIN`] together. Above it a command
/// is refused as busy. Metric: `akashi_commands_refused_total`.
pub const KEYS_REGULAR_WAITING_MAX: usize = 1_024;

/// Room kept for urgent commands that need new keys: in the first minutes of a year every first
/// record of a person does, a withdrawal's too. Above it a command is refused as busy. Metric:
/// `akashi_commands_refused_total`.
pub const KEYS_URGENT_WAITING_MAX: usize = 384;

/// Room for what institutions end that needs new keys, as [`ENDING_WAITING_MAX`]. Above it a
/// command is refused as busy. Metric: `akashi_commands_refused_total`.
pub const KEYS_ENDING_WAITING_MAX: usize = 128;

/// How soon a stopped writer or key maker looks again whether it can go on: what failed for a
/// moment is not noticed by many, and reading a large state again and again leaves the disk to
/// others. Metric: `akashi_writer_stopped`, `akashi_key_maker_stopped`.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How far the wall clock may part from the monotonic one within [`CLOCK_WINDOW_MILLIS`]: more is
/// a clock that was set, not one that is slow. Above it nothing is recorded
/// (`akashi_writer_stopped`).
pub const CLOCK_PART_MILLIS_MAX: u64 = 2_000;

/// How long the clocks must have run together to be believed again after they had parted. Looked at
/// as often while they are believed, or a slow drift of many idle hours would be taken for a step.
/// Metric: `akashi_writer_stopped`.
pub const CLOCK_WINDOW_MILLIS: u64 = 60_000;

/// How long bodies are kept: medical records are kept for five years (Ordinance for Enforcement of
/// the Medical Practitioners' Act, article 23 of the Act), public documents of this kind for ten.
/// No metric: it is written into each record.
pub const RETENTION_MILLIS: u64 = 10 * 366 * 24 * 3_600 * 1_000;

/// After how many records every changed state row has been written: what opening after a crash
/// replays at most, about a third of a second (docs/decisions/0002). No metric: nothing waits for
/// it.
pub const SWEEP_RECORDS: u64 = 65_536;

/// Into how many segments of the handle space one sweep is cut. No metric: nothing waits for it.
pub const SWEEP_SEGMENTS: u64 = 128;

/// Entries of a derived index held in memory before they are written as a sorted run
/// (docs/decisions/0002). No metric: nothing waits for it.
pub const RUN_LEN: usize = 65_536;

/// Most consents one command gives, as one screen joins them by their group: more than anyone reads
/// on one screen. Only alerts are more, and smaller. Above it nothing of it is given. No metric:
/// she is told.
pub const CONSENTS_AT_ONCE_MAX: usize = 16;

/// Most alerts one command raises: each is a few hundred bytes, so that a command of them stays
/// within what one command may write. What is beyond goes with the next command. Metric:
/// `akashi_notifier_waiting`.
pub const ALERTS_AT_ONCE_MAX: usize = 64;

/// Most roles an institution's role-holders have at a time: a large university hospital has some
/// five thousand staff. Above it `role.assigned` is refused. Metric:
/// `akashi_statements_refused_total`.
pub const ROLES_MAX: usize = 10_000;

/// Most live consents of one person: every institution of a prefecture, many times over. Above it
/// no more is given. No metric: she is told.
pub const CONSENTS_MAX: usize = 1_000;

/// Most statements of one key that are recorded though they came too late or after its end: enough
/// to see in the record that a key is lost or a queue was stuck, and no more for whoever has found
/// a pile of old ones. What is above is answered alike, not recorded, and counted by the server
/// (`akashi_statements_unrecorded_total`).
pub const LATE_OF_ONE_KEY_MAX: u64 = 100;

/// Most bytes of signed statements one act may carry: a record's value has room for 64 KiB. Above
/// it the act is refused, which of supervisors is not recorded. Metric:
/// `akashi_statements_refused_total`, `akashi_statements_unrecorded_total`.
pub const ACT_STATEMENTS_LEN_MAX: usize = 48 * 1024;

/// Below this much free space, for the data or for the keys, nothing new is accepted: everything
/// that waits (4,608 commands of three times 16 KiB) and what the store copies on the way to keep
/// it still fits. Below it commands are answered 503. Metric: `akashi_requests_total` (5xx).
pub const FREE_SPACE_MIN: u64 = 256 << 20;

/// Most statements of one institution about one person that are decided, or refused as releases, in
/// an hour (UTC): a visit that asks twenty holders for a dozen kinds of data each. Above it nothing
/// is decided until the hour is over: answered 429, and counted into her stream, two records an
/// hour at the most. Metric: `akashi_statements_counted_total{why="about-one-person"}`.
pub const ABOUT_ONE_PER_HOUR_MAX: u64 = 256;

/// Most on a day (UTC): two such hours. Without it an institution that is never stopped could fill
/// a person's history file within months (docs/DESIGN.md "Bounds"). Above it as above the hour.
/// Metric: `akashi_statements_counted_total`.
pub const ABOUT_ONE_PER_DAY_MAX: u64 = 512;

/// So many emergencies more, of the hour and of the day: nobody at an institution who asks too much
/// about somebody is to keep its emergency room from her. Above them as above the hour. Metric:
/// `akashi_statements_counted_total`.
pub const ABOUT_ONE_FOR_EMERGENCIES: u64 = 32;

/// Most members of each set of a record that counts: what is beyond says nothing new of who it was.
/// No metric: the number itself is exact.
pub const COUNTED_SET_MAX: usize = 16;

/// Most refusals of one institution that are recorded in a minute (UTC): a hundredth of what may be
/// decided for it. Those above are answered as they are and counted in
/// one record. What comes late is not among them: strangers send it. Metric:
/// `akashi_statements_counted_total{why="refused"}`.
pub const REFUSALS_PER_MINUTE_MAX: u64 = 600;
