//! Sums, medians, and the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use crate::file::{File, Function};
use crate::tree::Package;

const HEAD: &str = "\
| | files / kloc | file median / p90 / max | fn median / p90 / max, lines | fn median / p90 / max, tokens \
| test : prod | doc lines | `pub fn` documented | unwrap+expect per kloc | `unsafe` | links per kloc \
| type names in several files | files that open with a comment |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// The table of these packages, the whole first.
pub fn of(packages: &BTreeMap<PathBuf, Package>) -> String {
    let files = packages.values().flat_map(|package| package.files.values());
    let tests = packages.values().map(|package| package.test_lines).sum();
    let mut table = HEAD.to_owned() + &row("**all**", &files.collect::<Vec<_>>(), tests);
    for (path, package) in packages {
        let files: Vec<&File> = package.files.values().collect();
        if !files.is_empty() {
            table += &row(&format!("`{}`", path.display()), &files, package.test_lines);
        }
    }
    table
}

fn row(name: &str, files: &[&File], test_lines: usize) -> String {
    let sum = |of: fn(&File) -> usize| files.iter().map(|file| of(file)).sum::<usize>();
    let lines = sum(|file| file.lines);
    let kloc = lines as f64 / 1000.0;
    let functions = || files.iter().flat_map(|file| &file.functions);
    let mut row = format!("| {name} | {} / {kloc:.1} ", files.len());
    for numbers in [
        files.iter().map(|file| file.lines).collect(),
        functions()
            .map(|function: &Function| function.lines)
            .collect(),
        functions().map(|function| function.tokens).collect(),
    ] {
        row += &format!("| {} ", spread(numbers));
    }
    let _ = write!(row, "| {:.2} ", test_lines as f64 / lines.max(1) as f64);
    let _ = write!(row, "| {} ", percent(sum(|file| file.doc_lines), lines, 1));
    let public = sum(|file| file.public);
    let _ = write!(
        row,
        "| {} of {public} ",
        percent(sum(|file| file.public_documented), public, 0)
    );
    let unwraps = sum(|file| file.unwraps);
    let _ = write!(row, "| {:.2} ({unwraps}) ", unwraps as f64 / kloc);
    let _ = write!(row, "| {} ", sum(|file| file.unsafes));
    let _ = write!(row, "| {:.1} ", sum(|file| file.links) as f64 / kloc);
    let (several, types) = names(files);
    let _ = write!(row, "| {several} of {types} ");
    let open = files.iter().filter(|file| file.opens_with_comment).count();
    let _ = writeln!(row, "| {open} |");
    row
}

/// Type names declared in more than one file, and all type names.
fn names(files: &[&File]) -> (usize, usize) {
    let (mut once, mut several) = (BTreeSet::new(), BTreeSet::new());
    for name in files.iter().flat_map(|file| &file.types) {
        if !once.insert(name) {
            several.insert(name);
        }
    }
    (several.len(), once.len())
}

/// Median, ninth tenth and maximum.
fn spread(mut numbers: Vec<usize>) -> String {
    numbers.sort_unstable();
    let last = numbers.len().saturating_sub(1);
    let at = |tenths: usize| numbers.get((last * tenths + 5) / 10).copied().unwrap_or(0);
    format!("{} / {} / {}", at(5), at(9), at(10))
}

fn percent(part: usize, whole: usize, digits: usize) -> String {
    format!("{:.digits$} %", 100.0 * part as f64 / whole.max(1) as f64)
}
