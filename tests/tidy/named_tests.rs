//! What SECURITY.md and TRUST.md say was mended or comes to light is shown by a test that is named
//! beside it: a row without one, or with one that is gone, is a promise nobody keeps.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::root;

/// Every test there is, by name.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in all_sources() {
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) else {
                continue;
            };
            let name = rest.split(['(', '<']).next().unwrap();
            names.insert(name.to_owned());
            is_test = false;
        }
    }
    names
}

/// Every Rust source of the repository, tests among them.
fn all_sources() -> Vec<String> {
    let packages = ["ledger", "notifier", "policies", "portal", "tests"];
    let mut folders: Vec<PathBuf> = packages.map(|package| root().join(package)).into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

/// The cells of each row of the tables of a document whose head begins with this cell.
fn rows(document: &str, first: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let mut rows = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let cells: Vec<String> = line
            .strip_prefix("| ")
            .and_then(|line| line.strip_suffix(" |"))
            .map(|line| {
                line.split(" | ")
                    .map(|cell| cell.trim().to_owned())
                    .collect()
            })
            .unwrap_or_default();
        match cells.first() {
            Some(cell) if cell == first => inside = true,
            Some(_) if inside => rows.push(cells),
            Some(_) => {}
            None => inside &= line.starts_with("|--"),
        }
    }
    rows
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Says of a finding that no test shows its mend so far.
const NOT_YET: &str = "*not yet*";
/// How many may say so: fewer with time, never more.
const NOT_YET_MAX: usize = 2;

fn assert_shown(document: &str, first: &str, columns: usize) {
    let tests = tests();
    let rows = rows(document, first);
    assert!(rows.len() > 5, "{document}: {} rows", rows.len());
    let (not_yet, rows): (Vec<_>, Vec<_>) =
        (rows.into_iter()).partition(|row| row.last().is_some_and(|cell| cell == NOT_YET));
    assert!(not_yet.len() <= NOT_YET_MAX, "{document}: {not_yet:#?}");
    for row in rows {
        assert_eq!(row.len(), columns, "{document}: {row:?}");
        let named: Vec<&str> = quoted(row.last().unwrap()).collect();
        assert!(!named.is_empty(), "{document}: no test shows `{}`", row[0]);
        for name in named {
            assert!(
                tests.contains(name),
                "{document}: there is no test `{name}`"
            );
        }
    }
}

#[test]
fn what_was_mended_is_held_by_a_test() {
    assert_shown("SECURITY.md", "finding", 3);
}

#[test]
fn every_lie_is_exposed_by_a_test() {
    assert_shown("docs/TRUST.md", "lie", 4);
}

/// What may not be done is stopped by something, and that is said.
#[test]
fn everybody_in_the_model_is_stopped_by_something() {
    let rows = rows("SECURITY.md", "who");
    assert!(rows.len() >= 8, "{rows:?}");
    for row in rows {
        assert_eq!(row.len(), 4, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}
