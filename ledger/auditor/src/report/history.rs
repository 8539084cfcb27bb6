//! A checked history, for the person and whoever helps her.

use serde_json::{Value, json};

use super::{Form, finding_json, head, line, log_json, log_notes, log_text};
use akashi_check::history::{ClosedCounts, LinkSummary, Report, Summary};
use akashi_check::time::rfc3339;
use akashi_check::verdict::Verdict;

/// A checked history.
#[must_use]
pub fn of_history(file: &str, report: &Report, form: Form) -> String {
    match form {
        Form::Text => text_of(file, report),
        Form::Json => json_of(file, report).to_string() + "\n",
    }
}

fn text_of(file: &str, report: &Report) -> String {
    let verdict = report.verdict();
    let mut text = String::new();
    line(
        &mut text,
        format_args!("{}  {file}", headline(report, verdict)),
    );
    for finding in report.log.iter().flat_map(|log| &log.findings) {
        line(
            &mut text,
            format_args!("  {}: {}", finding.place, finding.problem),
        );
    }
    for finding in &report.findings {
        line(
            &mut text,
            format_args!("  {}: {}", finding.place, finding.problem),
        );
    }
    if report.more_findings > 0 {
        line(
            &mut text,
            format_args!("  (and {} more)", report.more_findings),
        );
    }
    text.push_str(meaning(report, verdict));
    if let Some(summary) = &report.summary {
        text.push('\n');
        summary_text(&mut text, summary);
    }
    if let Some(log) = &report.log {
        text.push('\n');
        log_text(&mut text, log);
    }
    if let Some(log) = &report.log {
        log_notes(&mut text, log);
    }
    text
}

/// Who reads no further must not take an old file for a complete one.
fn headline(report: &Report, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::CouldNotCheck if !report.newer.is_empty() => {
            "COULD NOT CHECK: THE FILE IS OLDER THAN THE LOG"
        }
        verdict => verdict.headline(),
    }
}

fn meaning(report: &Report, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => {
            "  The history is complete: the log holds the person's records that are in this file and no other from its time,\n  \
             and no permit of her links stands anywhere else.\n"
        }
        Verdict::DishonestOrBroken | Verdict::DoNotRelease => {
            "  Keep this file and this report, and show them to a supervisor.\n"
        }
        Verdict::CouldNotCheck if report.is_complete => "  (the rest was checked)\n",
        Verdict::CouldNotCheck => "  (what follows from this could not be checked)\n",
    }
}

fn summary_text(text: &mut String, summary: &Summary) {
    let Summary {
        records,
        closed,
        size,
        last,
        links,
        ..
    } = summary;
    line(
        text,
        format_args!("history     {records} records, made when the log had {size} entries"),
    );
    if *closed != ClosedCounts::default() {
        let ClosedCounts {
            lost,
            withheld,
            erased,
        } = closed;
        line(
            text,
            format_args!("not open    {lost} lost, {withheld} withheld, {erased} erased"),
        );
    }
    if let Some(last) = last {
        line(
            text,
            format_args!("last        {}", rfc3339(last.as_millis())),
        );
    }
    for LinkSummary {
        institution,
        names,
        permits,
    } in links
    {
        let names = names
            .as_ref()
            .map(|[ja, en]| format!(" ({ja}, {en})"))
            .unwrap_or_default();
        line(
            text,
            format_args!("link        {institution}{names}, permits: {permits}"),
        );
    }
}

fn link_json(link: &LinkSummary) -> Value {
    let [ja, en] = link
        .names
        .as_ref()
        .map_or([None, None], |[ja, en]| [Some(ja), Some(en)]);
    json!({
        "institution": link.institution.as_str(),
        "name_ja": ja,
        "name_en": en,
        "permits": link.permits,
    })
}

fn json_of(file: &str, report: &Report) -> Value {
    let mut object = head("history", file, report.verdict());
    if let Some(Summary {
        origin,
        records,
        closed,
        size,
        last,
        links,
    }) = &report.summary
    {
        object.insert(
            "history".to_owned(),
            json!({
                "origin": origin,
                "records": records,
                "closed": {
                    "lost": closed.lost,
                    "withheld": closed.withheld,
                    "erased": closed.erased,
                },
                "size": size.value(),
                "last": last.map(|last| rfc3339(last.as_millis())),
                "links": links.iter().map(link_json).collect::<Vec<_>>(),
            }),
        );
    }
    if let Some(log) = &report.log {
        log_json(&mut object, log);
    }
    let is_checked = report.is_complete && report.log.as_ref().is_some_and(|log| log.is_complete);
    object.insert(
        "complete".to_owned(),
        json!(is_checked && report.newer.is_empty()),
    );
    object.insert(
        "newer".to_owned(),
        report
            .newer
            .iter()
            .map(|one| json!({ "record": one.seq.value(), "index": one.index.value() }))
            .collect(),
    );
    let of_log = report.log.iter().flat_map(|log| &log.findings);
    let of_log = of_log.map(|finding| finding_json(&finding.place, &finding.problem));
    let own = report.findings.iter();
    let own = own.map(|finding| finding_json(&finding.place, &finding.problem));
    object.insert("findings".to_owned(), of_log.chain(own).collect());
    object.insert("more_findings".to_owned(), json!(report.more_findings));
    Value::Object(object)
}
