//! What a check says in the end: a verdict, findings with their places; as text for people, as one
//! JSON object for programs. Exit codes follow from the verdict and from nothing else.

mod history;

use std::fmt::Display;
use std::time::Duration;

use serde_json::{Value, json};

pub use history::of_history;

use akashi_check::finding::{FINDINGS_MAX, Finding, Severe};
use akashi_check::keys::KeysFrom;
use akashi_check::verdict::Verdict;
use akashi_check::{fsck, verify};

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
    object["findings"] = json!([{ "kind": verdict.as_str(), "place": "", "problem": problem }]);
    object
}

fn head(command: &str, what: &str, verdict: Verdict) -> Value {
    json!({
        "tool": concat!("akashi-audit ", env!("CARGO_PKG_VERSION")),
        "command": command,
        "checked": what,
        "verdict": verdict.as_str(),
        "exit_code": verdict.exit_code(),
    })
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
    if report.keys_from == KeysFrom::Source && report.keys.is_some() {
        text.push_str(OWN_KEY_NOTE);
    }
    text
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
    }
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
}

/// What it means that nobody told us a key.
const OWN_KEY_NOTE: &str = "\nNOTE  No --vkey was given: the key was taken from the source itself. This shows that the source agrees with\n      \
    itself, not that it is the log you mean. Get the key from somewhere else and give it with --vkey.\n";

fn fsck_json(source: &str, report: &fsck::Report, took: Duration) -> Value {
    let mut object = head("fsck", source, report.verdict());
    log_json(&mut object, report);
    object["complete"] = json!(report.is_complete);
    object["findings"] = report
        .findings
        .iter()
        .map(|finding| finding_json(&finding.place, &finding.problem))
        .collect();
    object["took_ms"] = json!(took.as_millis() as u64);
    object["entries_per_second"] = json!(rate(report.checked.entries, took));
    object
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
fn log_json(object: &mut Value, report: &fsck::Report) {
    object["keys_from"] = json!(report.keys_from.as_str());
    if let Some(keys) = &report.keys {
        object["keys"] = keys
            .keys()
            .iter()
            .map(|key| json!(key.to_string()))
            .collect();
    }
    if let Some(verified) = &report.checkpoint {
        let checkpoint = verified.checkpoint();
        object["origin"] = json!(checkpoint.origin().as_str());
        object["size"] = json!(checkpoint.size().value());
        object["root"] = json!(checkpoint.root().to_base64());
        object["signed_by"] = verified
            .signatures()
            .iter()
            .map(|one| json!(one.key().to_string()))
            .collect();
    }
    object["counts"] = json!({
        "entries": report.checked.entries,
        "entry_bundles": report.checked.entry_bundles,
        "hash_tiles": report.checked.hash_tiles,
        "tags_and_gates": report.checked.tags_and_gates,
        "registry_records": report.checked.registry_records,
    });
}

fn rate(entries: u64, took: Duration) -> u64 {
    (entries as f64 / took.as_secs_f64().max(1e-9)) as u64
}

/// A checked file.
#[must_use]
pub fn of_verify(file: &str, report: &verify::Report, keys_from: KeysFrom, form: Form) -> String {
    let verdict = report.verdict();
    match form {
        Form::Text => {
            let mut text = String::new();
            line(&mut text, format_args!("{}  {file}", verdict.headline()));
            for problem in &report.problems {
                line(&mut text, format_args!("  {problem}"));
            }
            // Beside a problem it would read as a leave to go on.
            if let Some(meaning) = report.meaning.filter(|_| verdict == Verdict::Good) {
                line(&mut text, format_args!("  {meaning}"));
            }
            text.push('\n');
            for fact in &report.facts {
                line(
                    &mut text,
                    format_args!("{:<18}{}", fact.label, shown(&fact.value)),
                );
            }
            for note in &report.notes {
                text.push('\n');
                line(&mut text, format_args!("NOTE  {note}"));
            }
            if keys_from == KeysFrom::Source {
                text.push_str(OWN_KEY_NOTE);
            }
            text
        }
        Form::Json => {
            let mut object = head("verify", file, verdict);
            object["keys_from"] = json!(keys_from.as_str());
            object["facts"] = report
                .facts
                .iter()
                .map(|fact| (fact.name.to_owned(), fact.value.clone()))
                .collect();
            object["notes"] = json!(report.notes);
            object["findings"] = report
                .problems
                .iter()
                .map(|problem| finding_json(&problem.place(), problem))
                .collect();
            object.to_string() + "\n"
        }
    }
}

/// A value as people read it: without quotes and brackets.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
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
