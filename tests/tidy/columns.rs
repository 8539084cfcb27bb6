//! No line is longer than 100 columns, comments included: whoever reads two files side by side sees
//! all of both. `rustfmt` gives up on what it cannot break, and on comments; this does not.
//!
//! A line that holds a text - a string longer than a few words - may be as long as it takes: what
//! people read is found by searching for it, which two halves are not, and stands in both languages
//! side by side.

use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use crate::root;

/// As `rustfmt.toml` has it.
const COLUMNS: usize = 100;
/// From how many characters on a string is a text: what is shorter finds room on a line of its own.
const LONG: usize = 40;

#[test]
fn no_line_passes_the_edge_but_for_a_text() {
    let mut found = Vec::new();
    for folder in ["ledger", "notifier", "policies", "portal", "tests"] {
        below(&root().join(folder), &mut |path| {
            let text = std::fs::read_to_string(path).unwrap();
            let lines = too_long(&text).into_iter();
            found.extend(lines.map(|line| format!("{}:{line}", path.display())));
        });
    }
    assert!(
        found.is_empty(),
        "longer than {COLUMNS}:\n{}",
        found.join("\n")
    );
}

#[test]
fn comments_and_code_are_too_long_and_texts_are_not() {
    let long = "x".repeat(COLUMNS);
    for (text, is_too_long) in [
        (format!("// {long}"), true),
        (format!("/// {long}\nfn f() {{}}"), true),
        (format!("fn f{long}() {{}}"), true),
        (format!("fn f() {{ g(\"short\", {long}); }}"), true),
        (format!("fn f() {{ g(\"short\"); }} // {long}"), true),
        (format!("fn f() {{ g(\"{long}\", 1); }}"), false),
        (format!("fn f() {{ g(r#\"\n{long} {long}\n\"#); }}"), false),
        (
            format!("fn f() {{ json!({{ \"a\": \"{long}\" }}); }}"),
            false,
        ),
    ] {
        assert_eq!(!too_long(&text).is_empty(), is_too_long, "{text}");
    }
}

/// The numbers of the lines that are longer, and not for a text.
fn too_long(text: &str) -> Vec<usize> {
    let long = |(number, line): (usize, &str)| (line.chars().count() > COLUMNS).then_some(number);
    let mut long: Vec<usize> = (1..).zip(text.lines()).filter_map(long).collect();
    if !long.is_empty() {
        let mut strings = Vec::new();
        strings_in(text.parse().unwrap(), &mut strings);
        long.retain(|line| {
            !strings
                .iter()
                .any(|(first, last)| (*first..=*last).contains(line))
        });
    }
    long
}

/// The first and last lines of string literals that are long; a doc comment is none.
fn strings_in(tokens: TokenStream, found: &mut Vec<(usize, usize)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => strings_in(group.stream(), found),
            TokenTree::Literal(literal) => {
                let span = literal.span();
                let text = span.source_text().unwrap_or_default();
                if text.contains('"') && text.chars().count() > LONG {
                    found.push((span.start().line, span.end().line));
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// Every Rust source below a folder, tests and examples included.
pub fn below(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            below(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path);
        }
    }
}
