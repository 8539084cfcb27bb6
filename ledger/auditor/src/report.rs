//! What a check says in the end: a verdict, findings with their places; as text for people, as one
//! JSON object for programs. Exit codes follow from the verdict and from nothing else.

mod history;
mod verify;

use std::fmt::Display;
use std::time::Duration;

use akashi_proof::ids::Timestamp;
use akashi_proof::state::Resumption;
use serde_json::{Map, Value, json};

pub use history::of_history;
pub use verify::of_verify;

use akashi_check::finding::{FINDINGS_MAX, Finding, Severe};
use akashi_check::fsck;
use akashi_check::keys::KeysFrom;
use akashi_check::time::rfc3339;
use akashi_check::verdict::Verdict;
use akashi_tlog::checkpoint::LogKey;
use akashi_tlog::merkle::TreeSize;

/// How a check is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// A check that could not even begin.
#[must_use]
pub fn not_begun(command: &str, what: &str, problem: &str, form: Form) -> String {
    let verdict = Verdict::CouldNotCheck;
    match form {
        Form::Text => format!("{}  {what}\n  {problem}\n", verdict.headline()),
        Form::Json => finding_only(command, what, verdict, problem).to_string() + "\n",
    }
}

fn finding_only(command: &str, what: &str, verdict: Verdict, problem: &str) -> Value {
    let mut object = head(command, what, verdict);
    object.insert(
        "findings".to_owned(),
        json!([{ "kind": verdict.as_str(), "place": "", "problem": problem }]),
    );
    Value::Object(object)
}

fn head(command: &str, what: &str, verdict: Verdict) -> Map<String, Value> {
    [
        (
            "tool",
            json!(concat!("akashi-audit ", env!("CARGO_PKG_VERSION"))),
        ),
        ("command", json!(command)),
        ("checked", json!(what)),
        ("verdict", json!(verdict.as_str())),
        ("exit_code", json!(verdict.exit_code())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// A checked log.
#[must_use]
pub fn of_fsck(source: &str, report: &fsck::Report, took: Duration, form: Form) -> String {
    match form {
        Form::Text => fsck_text(source, report, took),
        Form::Json => fsck_json(source, report, took).to_string() + "\n",
    }
}

fn fsck_text(source: &str, report: &fsck::Report, took: Duration) -> String {
    let verdict = report.verdict();
    let mut text = String::new();
    line(&mut text, format_args!("{}  {source}", verdict.headline()));
    for Finding { place, problem } in &report.findings {
        line(&mut text, format_args!("  {place}: {problem}"));
    }
    if report.findings.len() == FINDINGS_MAX {
        line(
            &mut text,
            format_args!("  (stopped after {} problems)", FINDINGS_MAX),
        );
    } else if !report.is_complete {
        line(
            &mut text,
            format_args!("  (what follows from this could not be checked)"),
        );
    }
    text.push('\n');
    log_text(&mut text, report);
    if report.checked.entries > 0 {
        let rate = rate(report.checked.entries, took);
        line(
            &mut text,
            format_args!("took        {:.2} s, {rate} entries/s", took.as_secs_f64()),
        );
    }
    log_notes(&mut text, report);
    text
}

/// What was taken from the log itself.
fn log_notes(text: &mut String, report: &fsck::Report) {
    if report.keys_from == KeysFrom::Source && report.keys.is_some() {
        text.push_str(OWN_KEY_NOTE);
    }
    if !report.supervisors_given && !report.supervisors.ever.is_empty() {
        text.push_str(OWN_SUPERVISORS_NOTE);
    }
}

/// What was read of a log.
fn log_text(text: &mut String, report: &fsck::Report) {
    if let Some(verified) = &report.checkpoint {
        let checkpoint = verified.checkpoint();
        line(text, format_args!("log         {}", checkpoint.origin()));
        line(
            text,
            format_args!(
                "checkpoint  {} entries, root {}",
                checkpoint.size(),
                checkpoint.root()
            ),
        );
        for signature in verified.signatures() {
            line(text, format_args!("signed by   {}", signature.key()));
        }
        if verified.unknown_lines() > 0 {
            let lines = unknown_lines(verified.unknown_lines());
            line(text, format_args!("unknown     {lines}"));
        }
    }
    keys_text(text, report);
    let fsck::Checked {
        entries,
        entry_bundles,
        hash_tiles,
        tags_and_gates,
        registry_records,
    } = report.checked;
    if entries > 0 {
        line(
            text,
            format_args!(
                "re-derived  {entries} entries in {entry_bundles} bundles, {hash_tiles} tiles of hashes"
            ),
        );
        line(
            text,
            format_args!(
                "compared    {tags_and_gates} tags and gates; {registry_records} registry records"
            ),
        );
    }
    supervisors_text(text, &report.supervisors);
    for one in &report.resumptions {
        line(text, format_args!("resumed     {}", shown_resumption(one)));
    }
    for held in &report.held {
        line(text, format_args!("begins with {}", shown_head(held)));
    }
}

/// The log's keys, where it has changed them, and what led from one to the next.
fn keys_text(text: &mut String, report: &fsck::Report) {
    let keys = report.log_keys.iter().flat_map(|keys| keys.keys());
    for key in keys.clone().filter(|_| keys.clone().count() > 1) {
        line(text, format_args!("log key     {key}"));
    }
    for fsck::Followed { by, head } in &report.followed {
        line(
            text,
            format_args!(
                "followed    from {by} by the {} entries with root {} it has signed",
                head.size, head.root
            ),
        );
    }
}

/// What is said of signature lines that are no known key's.
fn unknown_lines(count: usize) -> String {
    let lines = if count == 1 { "line" } else { "lines" };
    format!("{count} signature {lines} by no key known here: nobody has checked what they say")
}

/// Who certifies institutions, each with the key that signs.
fn supervisors_text(text: &mut String, supervisors: &fsck::Supervisors) {
    let fsck::Supervisors { threshold, ever } = supervisors;
    for fsck::Supervisor { key, names, is_now } in ever {
        let [ja, en] = names;
        let until = if *is_now { "" } else { ", no more" };
        line(text, format_args!("supervisor  {key} ({ja}, {en}{until})"));
    }
    if !ever.is_empty() {
        let now = ever.iter().filter(|one| one.is_now).count();
        line(
            text,
            format_args!("must sign   {threshold} of {now} supervisors"),
        );
    }
}

/// When the log went on after a long pause: the reader compares the time with another clock.
fn shown_resumption(one: &Resumption) -> String {
    let [last, resumed] = [one.last_record_at, one.resumed_at].map(|at| rfc3339(at.as_millis()));
    let Resumption { seq, head, .. } = one;
    format!(
        "registry/{seq}: {resumed}, {} entries, the last of {last}",
        head.size
    )
}

fn resumption_json(one: &Resumption) -> Value {
    json!({
        "record": one.seq.value(),
        "resumed_at": rfc3339(one.resumed_at.as_millis()),
        "last_record_at": rfc3339(one.last_record_at.as_millis()),
        "size": one.head.size.value(),
        "root": one.head.root.to_base64(),
    })
}

/// A head the log still begins with, and where it was read.
fn shown_head(held: &fsck::Held) -> String {
    let fsck::Held { name, head } = held;
    format!("{} entries, root {} ({name})", head.size, head.root)
}

fn held_json(held: &fsck::Held) -> Value {
    json!({
        "file": held.name,
        "size": held.head.size.value(),
        "root": held.head.root.to_base64(),
    })
}

fn supervisors_json(supervisors: &fsck::Supervisors) -> Value {
    let one = |one: &fsck::Supervisor| {
        let [ja, en] = &one.names;
        json!({ "key": one.key.to_string(), "name_ja": ja, "name_en": en, "now": one.is_now })
    };
    supervisors.ever.iter().map(one).collect()
}

/// What it means that nobody told us a key.
const OWN_KEY_NOTE: &str = "\nNOTE  No --vkey was given: the key was taken from the source itself. This shows that the source agrees with\n      \
    itself, not that it is the log you mean. Get the key from somewhere else and give it with --vkey.\n";

/// What it means that nobody told us who the supervisors are.
const OWN_SUPERVISORS_NOTE: &str = "\nNOTE  No --supervisor was given: those above are the ones the log names. Whoever founds a log can invent them.\n      \
    Compare them with what each of them publishes, and give them with --supervisor.\n";

fn fsck_json(source: &str, report: &fsck::Report, took: Duration) -> Value {
    let mut object = head("fsck", source, report.verdict());
    log_json(&mut object, report);
    object.insert("complete".to_owned(), json!(report.is_complete));
    object.insert(
        "findings".to_owned(),
        report
            .findings
            .iter()
            .map(|finding| finding_json(&finding.place, &finding.problem))
            .collect(),
    );
    object.insert(
        "took_ms".to_owned(),
        json!(Timestamp::from_unix(took).as_millis()),
    );
    object.insert(
        "entries_per_second".to_owned(),
        json!(rate(report.checked.entries, took)),
    );
    Value::Object(object)
}

/// One finding of any check.
fn finding_json(place: &impl Display, problem: &(impl Severe + Display)) -> Value {
    json!({
        "kind": problem.severity().as_str(),
        "place": place.to_string(),
        "problem": problem.to_string(),
    })
}

/// What was read of a log.
fn log_json(object: &mut Map<String, Value>, report: &fsck::Report) {
    object.insert("keys_from".to_owned(), json!(report.keys_from.as_str()));
    if let Some(keys) = &report.keys {
        object.insert(
            "keys".to_owned(),
            keys.keys()
                .iter()
                .map(|key| json!(key.to_string()))
                .collect(),
        );
    }
    if let Some(verified) = &report.checkpoint {
        let checkpoint = verified.checkpoint();
        object.insert("origin".to_owned(), json!(checkpoint.origin().as_str()));
        object.insert("size".to_owned(), json!(checkpoint.size().value()));
        object.insert("root".to_owned(), json!(checkpoint.root().to_base64()));
        object.insert(
            "signed_by".to_owned(),
            verified
                .signatures()
                .iter()
                .map(|one| json!(one.key().to_string()))
                .collect(),
        );
        object.insert(
            "unknown_signature_lines".to_owned(),
            json!(verified.unknown_lines()),
        );
    }
    if let Some(keys) = &report.log_keys {
        let keys = keys.keys().iter().map(log_key_json);
        object.insert("log_keys".to_owned(), keys.collect());
        let followed = report.followed.iter().map(followed_json);
        object.insert("followed".to_owned(), followed.collect());
    }
    if !report.supervisors.ever.is_empty() {
        let from = if report.supervisors_given {
            KeysFrom::Argument
        } else {
            KeysFrom::Source
        };
        object.insert("supervisors_from".to_owned(), json!(from.as_str()));
        object.insert(
            "supervisors".to_owned(),
            supervisors_json(&report.supervisors),
        );
        object.insert("threshold".to_owned(), json!(report.supervisors.threshold));
    }
    object.insert(
        "resumed".to_owned(),
        report.resumptions.iter().map(resumption_json).collect(),
    );
    object.insert(
        "begins_with".to_owned(),
        report.held.iter().map(held_json).collect(),
    );
    object.insert(
        "counts".to_owned(),
        json!({
            "entries": report.checked.entries,
            "entry_bundles": report.checked.entry_bundles,
            "hash_tiles": report.checked.hash_tiles,
            "tags_and_gates": report.checked.tags_and_gates,
            "registry_records": report.checked.registry_records,
        }),
    );
}

/// A key and the sizes of the trees it signs.
fn log_key_json(key: &LogKey) -> Value {
    json!({
        "key": key.key().to_string(),
        "first_size": key.sizes().first().value(),
        "last_size": key.sizes().last().map(TreeSize::value),
    })
}

fn followed_json(followed: &fsck::Followed) -> Value {
    let fsck::Followed { by, head } = followed;
    json!({ "by": by.to_string(), "size": head.size.value(), "root": head.root.to_base64() })
}

fn rate(entries: u64, took: Duration) -> u64 {
    let per_second = u128::from(entries) * 1_000_000_000 / took.as_nanos().max(1);
    u64::try_from(per_second).unwrap_or(u64::MAX)
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Texts from outside must not steer a terminal or look like lines of ours.
    let plain = |c: char| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.extend(arguments.to_string().chars().map(plain));
    text.push('\n');
}
