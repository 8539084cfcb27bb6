//! The whole job with everything logged, then a search: no secret of a person or an institution
//! stands in the server's log, in the public files, in the data files, or in an answer or message
//! it has no business in.
//!
//! ```text
//! needles   secrets in every spelling, and the search      town   the secrets of the seeded town
//! walk      the job: every answer, every secret of it      here   what may stand where
//! routes    whether the job came by everything that is served
//! ```

mod needles;
mod routes;
mod town;
mod walk;

use std::collections::BTreeSet;
use std::path::Path;

use akashi_proof::history::{HistoryItem, HistoryReader};
use akashi_tlog::base64;

use self::needles::{Kind, Needle, Needles};
use self::town::Keys;
use self::walk::{Answer, Walk};
use crate::Demo;
use crate::audit::mirror;

/// Where a secret may stand: in what was answered to this request of its own owner, and to nobody
/// else's. Everything that is not in this table is a leak. A star is one part of a path; alone it
/// is any request.
const MAY_STAND: &[(Kind, &str)] = &[
    // The papers, until she has said that she kept them.
    (Kind::Qid, "GET /enrol/done"),
    (Kind::RecoveryCode, "GET /enrol/done"),
    (Kind::HistoryKey, "GET /enrol/history-key"),
    (Kind::HistoryKey, "GET /me/keys/history-key"),
    // Where number and code do not fit, the number she typed, to be corrected.
    (Kind::Phone, "POST /block"),
    // Codes arrive where they were sent, and her own answers lie beside them; one is drawn to be
    // read out.
    (Kind::SentCode, "SMS"),
    (Kind::SentCode, "mail"),
    (Kind::CounterCode, "GET /me/counter-code"),
    // Every form of a session carries its token.
    (Kind::FormToken, "*"),
    // What was written about her is hers to read.
    (Kind::FreeText, "GET /me"),
    (Kind::FreeText, "GET /me/history"),
    (Kind::FreeText, "GET /me/history/*"),
    (Kind::FreeText, "GET /me/history/*/receipt"),
    (Kind::FreeText, "GET /me/requests"),
    (Kind::FreeText, "GET /me/requests/*"),
    (Kind::FreeText, "POST /me/requests/*"),
    // With the keys of her links she checks that no permit is hidden from her, and with what was
    // signed at each counter that the keys are those: it names her, and a code that is spent.
    (Kind::LinkKey, "GET /me/history/file"),
    (Kind::Qid, "GET /me/history/file"),
    (Kind::CounterCode, "GET /me/history/file"),
    // An institution's own code, in the answer that issues it.
    (Kind::LinkCode, "POST /v1/link-codes"),
];

/// The row of the table that lets a secret stand in an answer.
fn place_for(needle: &Needle, answer: &Answer) -> Option<usize> {
    let fits = |pattern: &str| {
        let (wanted, found): (Vec<_>, Vec<_>) = (
            pattern.split('/').collect(),
            answer.request.split('/').collect(),
        );
        let parts = wanted
            .iter()
            .zip(&found)
            .all(|(wanted, found)| *wanted == "*" || wanted == found);
        pattern == "*" || wanted.len() == found.len() && parts
    };
    if needle.owner != answer.to && needle.link_of.as_ref() != Some(&answer.to) {
        return None;
    }
    MAY_STAND
        .iter()
        .position(|(kind, pattern)| *kind == needle.kind && fits(pattern))
}

/// An answer as whoever gets it can read it: behind a history file, the values it opens, and the
/// claims of the statements among them, which no search for a spelling sees through two encodings.
fn readable(answer: &Answer) -> Vec<u8> {
    let mut readable = answer.bytes.clone();
    if answer.request != "GET /me/history/file" {
        return readable;
    }
    let mut file = HistoryReader::new();
    let items = answer
        .bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map_while(|line| file.line(line).ok())
        .flatten();
    for item in items {
        let HistoryItem::Record { disclosure, .. } = item else {
            continue;
        };
        for field in disclosure.opened.values() {
            let text = String::from_utf8_lossy(&field.value);
            let parts = text
                .split('.')
                .filter_map(|part| base64::url::decode(part).ok());
            readable.extend(parts.flatten().chain(field.value.iter().copied()));
        }
    }
    readable
}

/// Everything, and by name the modules of libraries that handle messages: they are to be quiet all
/// the same.
const EVERYTHING: &str =
    "trace,hyper=trace,ureq=trace,ureq_proto::client=trace,lettre::transport=trace";

#[tokio::test]
async fn no_secret_is_in_logs_public_files_data_files_or_where_it_has_no_business() {
    let demo = Demo::start_with(&["--log", EVERYTHING]).await;
    let walk = Walk::through(&demo).await;
    let keys = Keys::of(&demo);
    let mut secrets = town::secrets(&demo, &keys);
    secrets.extend(
        walk.known
            .iter()
            .flat_map(|(owner, institution, code)| keys.inside(owner, institution, code)),
    );
    secrets.extend(walk.secrets);
    let needles = Needles::new(secrets);
    let counts = needles.counts();
    assert_eq!(counts.len(), 16, "of every kind there is one: {counts:?}");

    let (mut leaks, mut met) = (Vec::new(), BTreeSet::new());
    for answer in &walk.answers {
        for (needle, around) in needles.found_in(&readable(answer)) {
            match place_for(needle, answer) {
                Some(row) => _ = met.insert(row),
                None => leaks.push(leak(
                    needle,
                    &format!("{} for {}", answer.request, answer.to),
                    &around,
                )),
            }
        }
    }
    let unmet: Vec<_> = MAY_STAND
        .iter()
        .enumerate()
        .filter(|(row, _)| !met.contains(row))
        .collect();
    assert!(
        unmet.is_empty(),
        "the table allows what is never needed: {unmet:?}"
    );
    demo.server.settled_and_published().await;
    let copy = tempfile::tempdir().unwrap();
    mirror(&demo.server, copy.path()).await;
    let log = demo.server.output();
    routes::all_are_walked(&log);
    assert!(
        ![" hyper", " ureq", " rustls", " lettre"]
            .iter()
            .any(|library| log.contains(library)),
        "a library speaks of what it sends"
    );
    for line in log.lines() {
        // How long a request took, its last field, is a number like any code.
        let said = line.rsplit_once(" took_us=").map_or(line, |(said, _)| said);
        leaks.extend(search(&needles, "the server's log", said.as_bytes()));
    }
    let data = demo.server.kill();
    for path in files_below(copy.path())
        .into_iter()
        .chain(town::data_files(&data))
    {
        leaks.extend(search(
            &needles,
            &path.display().to_string(),
            &std::fs::read(&path).unwrap(),
        ));
    }
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}

/// Every secret that stands in something nobody's secret may stand in.
fn search(needles: &Needles, place: &str, bytes: &[u8]) -> Vec<String> {
    needles
        .found_in(bytes)
        .iter()
        .map(|(needle, around)| leak(needle, place, around))
        .collect()
}

fn leak(needle: &Needle, place: &str, around: &str) -> String {
    format!(
        "{:?} of {} in {place}: …{around}…",
        needle.kind, needle.owner
    )
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let (mut files, mut left) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            files.push(path);
        }
    }
    files
}
