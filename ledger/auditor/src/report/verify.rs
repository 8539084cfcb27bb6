//! A checked file: what it proves, and what the log says of it today.

use serde_json::{Value, json};

use super::{Form, OWN_KEY_NOTE, finding_json, head, held_json, line, shown_head};
use akashi_check::finding::Finding;
use akashi_check::keys::KeysFrom;
use akashi_check::verdict::Verdict;
use akashi_check::{fsck, verify};

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
            for Finding { place, problem } in report.today.iter().flat_map(|log| &log.findings) {
                line(&mut text, format_args!("  {place}: {problem}"));
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
            if let Some(today) = &report.today {
                today_text(&mut text, today);
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
            object.insert("keys_from".to_owned(), json!(keys_from.as_str()));
            object.insert(
                "facts".to_owned(),
                report
                    .facts
                    .iter()
                    .map(|fact| (fact.name.to_owned(), fact.value.clone()))
                    .collect(),
            );
            object.insert("notes".to_owned(), json!(report.notes));
            if let Some(today) = &report.today {
                object.insert("today".to_owned(), today_json(today));
            }
            let of_log = report.today.iter().flat_map(|today| &today.findings);
            let of_log = of_log.map(|finding| finding_json(&finding.place, &finding.problem));
            let of_file = report.problems.iter();
            let of_file = of_file.map(|problem| finding_json(&problem.place(), problem));
            object.insert("findings".to_owned(), of_file.chain(of_log).collect());
            Value::Object(object).to_string() + "\n"
        }
    }
}

/// What the log says today of what a file proves.
fn today_text(text: &mut String, today: &fsck::Today) {
    if let Some(verified) = &today.checkpoint {
        let now = verified.checkpoint();
        let (size, root) = (now.size(), now.root());
        line(
            text,
            format_args!("{:<18}{size} entries, root {root}", "the log today"),
        );
    }
    for held in &today.held {
        line(
            text,
            format_args!("{:<18}{}", "begins with", shown_head(held)),
        );
    }
}

fn today_json(today: &fsck::Today) -> Value {
    let now = today
        .checkpoint
        .as_ref()
        .map(|verified| verified.checkpoint());
    json!({
        "size": now.map(|now| now.size().value()),
        "root": now.map(|now| now.root().to_base64()),
        "begins_with": today.held.iter().map(held_json).collect::<Vec<_>>(),
        "complete": today.is_complete,
    })
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
