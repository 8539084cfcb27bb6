//! The README's tour, replayed: every `console` block is run and its output compared with what the
//! page promises. In an expected line `…` stands for anything; a line that is `…` alone stands for
//! any number of lines.

use std::path::PathBuf;
use std::process::Command;

use akashi_tests::server::binary;

use crate::Demo;

const README: &str = include_str!("../../README.md");

/// The commands of the tour with the lines each is expected to print.
fn steps() -> Vec<(String, Vec<String>)> {
    let tour = README
        .split("## A tour of five minutes")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for block in tour.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push((command.to_owned(), Vec::new())),
                (None, Some((_, expected))) => expected.push(line.to_owned()),
                (None, None) => panic!("output before the first command"),
            }
        }
    }
    steps
}

fn line_matches(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| found.strip_prefix(first)) else {
        return false;
    };
    let mut open_end = false;
    for part in parts {
        open_end = part.is_empty();
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || open_end
}

fn all_match(expected: &[String], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line == "…" => {
            (0..=found.len()).any(|skipped| all_match(rest, &found[skipped..]))
        }
        (Some((line, rest)), Some((first, after))) => {
            line_matches(line, first) && all_match(rest, after)
        }
        _ => false,
    }
}

#[tokio::test]
async fn the_tour_does_what_the_readme_says() {
    let demo = Demo::start().await;
    demo.server.settled_and_published().await;
    let address = demo.server.url.strip_prefix("http://").unwrap();
    std::os::unix::fs::symlink(&demo.server.data, demo.folder.path().join("town")).unwrap();
    let mut path: PathBuf = binary("akashi");
    path.pop();
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap());
    let steps = steps();
    assert!(steps.len() >= 7, "{}", steps.len());
    for (command, expected) in steps {
        let output = Command::new("bash")
            .args(["-c", &command.replace("127.0.0.1:8080", address)])
            .current_dir(demo.folder.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout)
            .unwrap()
            .replace(address, "127.0.0.1:8080");
        let found: Vec<&str> = text.lines().collect();
        assert!(
            all_match(&expected, &found),
            "$ {command}\nexpected:\n{}\nfound:\n{text}",
            expected.join("\n")
        );
    }
}
