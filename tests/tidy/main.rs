//! What no compiler checks about the repository itself: the direction of imports, what comes in
//! from outside, clocks and randomness in one place, no personal turn of phrase in the code, no
//! third-party address in a page.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod circles;
mod closed_words;
mod columns;
mod dependencies;
mod named_tests;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Which of our packages each may import, by name without `akashi-`; what it may, it may in tests
/// too, and every test may import the actors (docs/decisions/0001).
const ARROWS: &[(&str, &str)] = &[
    ("ledger/tlog", ""),
    ("ledger/proof", "tlog"),
    ("ledger/client", "tlog proof"),
    ("policies", "tlog proof"),
    ("ledger", "tlog proof"),
    ("ledger/check", "tlog proof"),
    ("ledger/auditor", "tlog proof check"),
    ("notifier", "tlog proof policies ledger"),
    ("portal/desk", "tlog proof policies ledger notifier"),
    ("portal/api", "tlog proof policies ledger notifier desk"),
    ("portal/pages", "tlog proof policies ledger notifier desk"),
    (
        "portal/demo",
        "tlog proof client policies ledger notifier desk api pages",
    ),
    (
        "portal",
        "tlog proof client policies ledger notifier desk api pages demo",
    ),
    ("tests/actors", "tlog proof client ledger"),
    ("tests/fuzz", "tlog proof policies check"),
    ("tests/count", ""),
    ("tests/scratch", ""),
];

fn manifest(package: &Path) -> toml::Table {
    let path = root().join(package).join("Cargo.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn dependencies(package: &str, tables: &[&str]) -> BTreeSet<String> {
    let manifest = manifest(Path::new(package));
    let of = |table: &&str| {
        manifest
            .get(*table)
            .and_then(toml::Value::as_table)
            .cloned()
            .unwrap_or_default()
    };
    tables
        .iter()
        .map(of)
        .flat_map(|table| table.keys().cloned().collect::<Vec<_>>())
        .collect()
}

#[test]
fn imports_follow_the_arrows() {
    for (package, allowed) in ARROWS {
        let allowed: BTreeSet<&str> = allowed.split(' ').collect();
        for (table, actors) in [
            ("dependencies", false),
            ("build-dependencies", false),
            ("dev-dependencies", true),
        ] {
            for name in dependencies(package, &[table]) {
                let ours = (name == "akashi").then_some("akashi");
                if let Some(ours) = ours.or(name.strip_prefix("akashi-")) {
                    let may = allowed.contains(ours) || (actors && ours == "actors");
                    assert!(may, "{package} must not import {name} ({table})");
                }
            }
        }
    }
}

#[test]
fn every_package_has_its_arrows() {
    let workspace = manifest(Path::new(""));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<&str> = members.iter().map(|m| m.as_str().unwrap()).collect();
    // `tests` may import everything: it is the one that sees the whole from outside.
    let drawn = ARROWS.iter().map(|(package, _)| *package).chain(["tests"]);
    assert_eq!(members, drawn.collect());
}

#[test]
fn formats_do_no_input_or_output() {
    for package in ["ledger/tlog", "ledger/proof", "ledger/check"] {
        for name in dependencies(package, &["dependencies"]) {
            assert!(
                !["tokio", "redb", "axum", "getrandom", "rand", "ureq"].contains(&name.as_str()),
                "{package} imports {name}"
            );
        }
        for (path, text) in sources(&format!("{package}/src")) {
            for forbidden in [
                "std::fs",
                "std::net",
                "SystemTime",
                "Instant::now",
                "std::env",
                "std::thread",
            ] {
                // What is checked is checked on several cores.
                let many = package == "ledger/check" && forbidden == "std::thread";
                assert!(
                    many || !text.contains(forbidden),
                    "{} names {forbidden}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_desk_knows_neither_http_nor_html() {
    let dependencies = dependencies("portal/desk", &["dependencies", "dev-dependencies"]);
    for faces in ["askama", "axum", "http", "hyper", "hyper-util", "tower"] {
        assert!(!dependencies.contains(faces), "the desk imports {faces}");
    }
    for (path, text) in sources("portal/desk/src") {
        for forbidden in ["HeaderMap", "StatusCode", "IntoResponse", "Template)]"] {
            let names = text.contains(forbidden);
            assert!(!names, "{} names {forbidden}", path.display());
        }
    }
}

/// Whoever faces people or machines asks the desk. They read records, which the desk hands them a
/// reader for, and say what became of a refusal; they change nothing themselves, and never say of
/// themselves who is there. That no command reaches the writer around the desk the compiler sees
/// to: `App::submit` is its own.
#[test]
fn faces_change_nothing_around_the_desk() {
    const FORBIDDEN: [&str; 6] = [
        "akashi_ledger::command",
        "Ledger",
        "Command",
        "Principal::holder",
        "Principal::person",
        "akashi_ledger::random",
    ];
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    for (path, text) in ["portal/pages/src", "portal/api/src"].map(sources).concat() {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for forbidden in FORBIDDEN {
                let named = line.match_indices(forbidden).any(|(at, _)| {
                    let after = line[at + forbidden.len()..].chars().next();
                    let before = line[..at].chars().next_back();
                    !after.is_some_and(is_part) && !before.is_some_and(is_part)
                });
                assert!(!named, "{} names {forbidden}: {line}", path.display());
            }
        }
    }
}

/// What is stored is read on threads that may wait for the disk: whoever keeps a reader could read
/// on a thread of the runtime. At its start the notifier takes one, for the door.
#[test]
fn the_notifier_reads_through_one_door() {
    for (path, text) in sources("notifier/src") {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code: String = code.split_whitespace().collect();
        let is = |name: &str| path.ends_with(format!("notifier/src/{name}"));
        let takes = code.contains("ledger.reader()") && !is("notifier.rs");
        let keeps = code.contains(":Reader,") && !is("books.rs");
        assert!(!takes, "{} takes a reader from the ledger", path.display());
        assert!(!keeps, "{} keeps a reader", path.display());
    }
}

/// A clock that was set makes old what is not: what is given up by it is gone. The ledger's writer
/// knows whether it is believed, and `times.rs` asks there.
#[test]
fn the_notifier_has_a_time_from_one_place_or_none() {
    let mut asks = 0;
    for (path, text) in sources("notifier/src") {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let is_times = path.ends_with("notifier/src/times.rs");
        asks += usize::from(is_times && code.contains(".wall()"));
        assert!(
            is_times || !code.contains(".wall()"),
            "{} reads the wall clock",
            path.display()
        );
    }
    assert_eq!(asks, 1, "the one place is found");
}

#[test]
fn the_decision_reads_no_clock_no_file_no_environment() {
    for (path, text) in sources("policies/src") {
        let loader = path.file_name().is_some_and(|name| name == "load.rs");
        for forbidden in ["SystemTime", "Instant::now", "std::env", "std::net"] {
            assert!(
                !text.contains(forbidden),
                "{} names {forbidden}",
                path.display()
            );
        }
        assert!(
            loader || !text.contains("std::fs"),
            "{} reads files",
            path.display()
        );
    }
}

#[test]
fn the_ledger_asks_for_the_time_in_one_place() {
    for (path, text) in sources("ledger/src") {
        let clock = path.ends_with("clock.rs");
        assert!(
            clock || !text.contains("SystemTime"),
            "{} reads the wall clock",
            path.display()
        );
    }
}

#[test]
fn no_key_of_the_ledger_leaves_it() {
    for (path, text) in sources("ledger/src") {
        // Drawing new bytes is no door to those that are there.
        if path.ends_with("random.rs") {
            continue;
        }
        for signature in text.split("pub fn ").skip(1) {
            let signature = signature.split('{').next().unwrap_or_default();
            let returned = signature.split("->").nth(1).unwrap_or_default();
            for key in ["Secret", "Keyring", "KeyOf", "SigningKey"] {
                assert!(
                    !returned.contains(key),
                    "{} gives a key away: {signature}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn no_stubs_and_no_unsafe() {
    for folder in ["ledger", "notifier", "policies", "portal"] {
        for (path, text) in sources(folder) {
            for forbidden in ["todo!(", "unimplemented!(", "unsafe {"] {
                assert!(
                    !text.contains(forbidden),
                    "{} holds {forbidden}",
                    path.display()
                );
            }
        }
    }
}

/// A test that sleeps counts on how fast a machine is; `akashi_actors::until` waits for what is
/// meant.
#[test]
fn tests_wait_for_what_they_mean_and_for_no_time() {
    let may = [
        "tests/actors/src/waiting.rs",
        // Kills a start at another moment each time: there a time is what is meant.
        "portal/tests/demo.rs",
    ];
    for folder in ["ledger", "notifier", "policies", "portal", "tests"] {
        columns::below(&root().join(folder), &mut |path| {
            let path = path.strip_prefix(root()).unwrap();
            let is_test = path.components().any(|part| part.as_os_str() == "tests");
            let tidy = path.starts_with("tests/tidy");
            if is_test && !tidy && !may.iter().any(|may| path == Path::new(may)) {
                let text = std::fs::read_to_string(root().join(path)).unwrap();
                assert!(!text.contains("sleep("), "{} sleeps", path.display());
            }
        });
    }
}

#[test]
fn documents_name_files_that_exist() {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.push(root().join("README.md"));
    for page in pages
        .iter()
        .filter(|page| page.extension().is_some_and(|extension| extension == "md"))
    {
        let text = std::fs::read_to_string(page).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let path = quoted.split(' ').next().unwrap_or_default();
            let ours = [
                "ledger/",
                "portal/",
                "notifier/",
                "policies/",
                "tests/",
                "docs/",
            ]
            .iter()
            .any(|p| path.starts_with(p));
            let literal = path
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            assert!(
                !ours || !literal || root().join(path).exists(),
                "{} names `{path}`",
                page.display()
            );
        }
    }
}

#[test]
fn sources_name_documents_that_exist() {
    let mut named = 0;
    for folder in ["ledger", "notifier", "policies", "portal", "tests"] {
        for (path, text) in sources(folder) {
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c))) {
                let word = word.trim_start_matches("../");
                if word.ends_with(".md") && word.len() > 3 {
                    named += 1;
                    let there =
                        root().join(word).exists() || root().join("docs").join(word).exists();
                    assert!(there, "{} names {word}", path.display());
                }
            }
        }
    }
    assert!(
        named > 20,
        "only {named} documents named: is the scan still right?"
    );
}

/// Every Rust source below a folder of the repository, tests and build output left out.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// A pack is a promise in public: what stands in it and is read by nobody is kept by nobody.
#[test]
fn every_setting_of_a_pack_is_read_by_something() {
    let settings = std::fs::read_to_string(root().join("policies/src/settings.rs")).unwrap();
    let whole = settings.split("pub struct Settings {").nth(1).unwrap();
    let names: Vec<&str> = whole[..whole.find('}').unwrap()]
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 4, "{names:?}");
    let texts: Vec<String> = ["policies/src", "notifier/src", "portal"]
        .into_iter()
        .flat_map(sources)
        .map(|(_, text)| text.split_whitespace().collect())
        .collect();
    for name in names {
        let reads = [format!("settings.{name}"), format!("settings().{name}")];
        let is_read = |text: &String| reads.iter().any(|read| text.contains(read));
        assert!(
            texts.iter().any(is_read),
            "nothing reads the setting `{name}` of a pack"
        );
    }
}
