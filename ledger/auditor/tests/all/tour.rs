//! The commands of docs/AUDITING.md, run on a log made here: each prints what the page says.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use akashi_actors::Step;

use crate::person::Story;
use crate::support::{Permit, TestLog};

const PAGE: &str = include_str!("../../../../docs/AUDITING.md");

/// The files the page speaks of.
fn prepare(folder: &Path) {
    let keep = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let log = TestLog::honest(70_000);
    log.write(&folder.join("log"));
    log.write(&folder.join("lie"));
    let tile = folder.join("lie/tile/0/023");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[17 * 32 + 3] ^= 1;
    fs::write(&tile, bytes).unwrap();
    fs::remove_file(folder.join("lie/registry/4")).unwrap();

    // What the log signed before it was rewritten.
    let mut before = TestLog::honest(601);
    before.entries.swap(590, 600);
    keep("receipt.tlog-proof", &before.proof(17).to_string());

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let permit = Permit::decided(now.as_millis() as u64);
    keep("permit.akashi-evidence", &permit.evidence);
    let index = format!("\nindex {}\n", permit.index);
    let other = format!("\nindex {}\n", permit.index + 1);
    keep(
        "changed.tlog-proof",
        &permit.proof.replacen(&index, &other, 1),
    );

    let story = Story::honest();
    story.log.write(&folder.join("her-log"));
    keep("key.txt", &story.key.to_text());
    keep("her.akashi-history", &story.file());
    keep("short.akashi-history", &story.file_of(10));
}

#[test]
fn every_command_of_the_page_prints_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let steps = Step::of(PAGE);
    assert_eq!(steps.len(), 7);
    for step in steps {
        let arguments = step.command.strip_prefix("akashi-audit ").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_akashi-audit"))
            .args(arguments.split(' '))
            .current_dir(folder.path())
            .output()
            .unwrap();
        step.assert_printed(&String::from_utf8(output.stdout).unwrap());
    }
}
