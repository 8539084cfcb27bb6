//! `akashi-audit history`: the real binary on a person's file, her key and a log in a folder.

use std::fs::{self, File};
use std::process::{Command, Output};

use akashi_actors::SeededSigner;

use crate::person::Story;

use crate::support::{assert_exit, log_signer, supervisor_vkeys};
use serde_json::Value;

/// Her file, her key and the log in one folder.
struct Desk {
    folder: tempfile::TempDir,
    story: Story,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            story: Story::honest(),
        };
        desk.story.log.write(&desk.folder.path().join("log"));
        desk.write("key.txt", &(desk.story.key.to_text() + "\n"));
        desk.write("her.akashi-history", &desk.story.file());
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// `history FILE --key-file KEY --log LOG ...`, the good key on standard input.
    fn history(&self, file: &str, key: &str, more: &[&str]) -> Output {
        let key = if key == "-" {
            key.to_owned()
        } else {
            self.path(key)
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_akashi-audit"));
        command
            .args([
                "history",
                &self.path(file),
                "--key-file",
                &key,
                "--log",
                &self.path("log"),
            ])
            .args(more);
        command
            .stdin(File::open(self.path("key.txt")).unwrap())
            .output()
            .unwrap()
    }
}

#[test]
fn a_complete_history_is_told_to_a_helper() {
    let (desk, vkey) = (Desk::new(), log_signer().vkey());
    let [north, south] = supervisor_vkeys();
    let known = [
        "--vkey",
        &vkey,
        "--supervisor",
        &north,
        "--supervisor",
        &south,
    ];
    let good = desk.history("her.akashi-history", "key.txt", &known);
    for said in [
        "GOOD  ",
        "The history is complete",
        "history     11 records, made when the log had 700 entries",
        "link        pharmacy.midori (中央, Chuo), permits: 3",
        "checkpoint  700 entries",
    ] {
        assert_exit(&good, 0, said);
    }
    let text = String::from_utf8(good.stdout).unwrap();
    assert!(
        !text.contains("NOTE") && !text.contains(&desk.story.key.to_text()[4..]),
        "{text}"
    );
    let key = desk.story.key.to_text();
    let (first, second) = key.split_at(40);
    desk.write("typed.txt", &format!(" {first}\r\n{second}\n"));
    assert_exit(
        &desk.history("her.akashi-history", "typed.txt", &[]),
        0,
        "GOOD",
    );
    assert_exit(
        &desk.history("her.akashi-history", "-", &[]),
        0,
        "the key was taken from the source itself",
    );
}

#[test]
fn an_older_file_is_not_good_and_a_hidden_record_a_lie() {
    let mut desk = Desk::new();
    desk.story.made_at = 601;
    desk.write("older", &desk.story.file_of(10));
    let older = desk.history("older", "key.txt", &[]);
    assert_exit(
        &older,
        2,
        "COULD NOT CHECK: THE FILE IS OLDER THAN THE LOG  ",
    );
    assert_exit(
        &older,
        2,
        "holds 1 newer record(s) of this person: number 11 at entry 640. Download the file again",
    );
    let text = String::from_utf8(older.stdout).unwrap();
    assert!(
        !text.contains("GOOD") && !text.contains("is complete"),
        "{text}"
    );
    desk.story.made_at = 700;
    desk.write("short", &desk.story.file_of(10));
    let short = desk.history("short", "key.txt", &[]);
    assert_exit(
        &short,
        1,
        "record 11: THE FILE LEAVES IT OUT: the log holds it at entry 640",
    );
    assert_exit(&short, 1, "show them to a supervisor");
}

#[test]
fn history_in_json() {
    let desk = Desk::new();
    let json = |file: &str, more: &[&str]| -> Value {
        serde_json::from_slice(
            &desk
                .history(file, "key.txt", &[&["--json"], more].concat())
                .stdout,
        )
        .unwrap()
    };
    let good = json("her.akashi-history", &["--vkey", &log_signer().vkey()]);
    assert_eq!(
        (&good["command"], &good["verdict"], &good["exit_code"]),
        (&"history".into(), &"good".into(), &0.into())
    );
    assert_eq!(
        (
            &good["history"]["records"],
            &good["history"]["links"][2]["permits"]
        ),
        (&11.into(), &3.into())
    );
    assert_eq!(good["history"]["links"][0]["name_en"], "Chuo");
    assert_eq!(
        (&good["size"], &good["keys_from"], &good["complete"]),
        (&700.into(), &"argument".into(), &true.into())
    );
    assert_eq!(
        (
            good["newer"].as_array().unwrap().len(),
            good["findings"].as_array().unwrap().len()
        ),
        (0, 0)
    );

    let mut older = Story::honest();
    older.made_at = 512;
    desk.write("older", &older.file_of(9));
    let older = json("older", &[]);
    assert_eq!(
        (&older["verdict"], &older["complete"]),
        (&"could-not-check".into(), &false.into())
    );
    assert_eq!(
        older["newer"],
        serde_json::json!([{"record": 10, "index": 600}, {"record": 11, "index": 640}])
    );

    desk.write("short", &desk.story.file_of(9));
    let short = json("short", &[]);
    assert_eq!(
        (&short["verdict"], &short["exit_code"]),
        (&"dishonest-or-broken".into(), &1.into())
    );
    assert_eq!(
        (
            &short["findings"][1]["place"],
            short["findings"].as_array().unwrap().len()
        ),
        (&"record 11".into(), 2)
    );
}

#[test]
fn what_cannot_be_checked() {
    let desk = Desk::new();
    let file = "her.akashi-history";
    desk.write("no-key", "qid:AAAA");
    let key = desk.story.key.to_text();
    let slip = if key.as_bytes()[20] == b'l' { "I" } else { "l" };
    desk.write("mistyped", &format!("{}{slip}{}", &key[..20], &key[21..]));
    desk.write("half", &key[..40]);
    desk.write("huge-key", &"a".repeat(1000));
    desk.write("other", "akashi-evidence/v1\n");
    assert_exit(
        &desk.history(file, "no-key", &[]),
        2,
        "expected the text on the sheet, whole, from `ahk:` on",
    );
    for key in ["mistyped", "half"] {
        assert_exit(
            &desk.history(file, key, &[]),
            2,
            "a character of the key was copied wrongly or left out",
        );
    }
    assert_exit(
        &desk.history(file, "huge-key", &[]),
        2,
        "has more than 512 bytes",
    );
    assert_exit(&desk.history(file, "absent", &[]), 2, "cannot be read");
    assert_exit(&desk.history("absent", "key.txt", &[]), 2, "cannot be read");
    assert_exit(&desk.history(".", "key.txt", &[]), 2, "cannot be read");
    assert_exit(
        &desk.history("other", "key.txt", &[]),
        2,
        "the first line is not `akashi-history/v1`",
    );
    let foreign = SeededSigner::log("other.example/log", 1).vkey();
    assert_exit(
        &desk.history(file, "key.txt", &["--vkey", &foreign]),
        2,
        "none of the keys that were given",
    );
    fs::remove_file(desk.folder.path().join("log/checkpoint")).unwrap();
    assert_exit(
        &desk.history(file, "key.txt", &[]),
        2,
        "is this the prefix of a log?",
    );
    let absent = desk.history(file, "key.txt", &["--json"]);
    assert_exit(&absent, 2, r#""verdict":"could-not-check""#);
}
