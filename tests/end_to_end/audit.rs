//! The auditor's tool against the running server, and against a copy of its public files.

use std::path::Path;
use std::process::{Command, Output};

use akashi_tests::server::{Server, binary};
use akashi_tlog::checkpoint::{Checkpoint, LogKeys};
use akashi_tlog::signed_note::{Note, VerifyingKey};
use akashi_tlog::tile::{entry_bundles, hash_tiles};

use crate::{Demo, benefit_check};

pub fn log_keys(demo: &Demo) -> LogKeys {
    LogKeys::new(vec![VerifyingKey::parse(&demo.description.vkey).unwrap()]).unwrap()
}

pub fn audit(arguments: &[&str]) -> Output {
    Command::new(binary("akashi-audit"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Copies every public file of the published log into a folder.
pub async fn mirror(server: &Server, folder: &Path) {
    let fetch = async |path: String| {
        let answer = server.get(&format!("/log/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.bytes
    };
    let keep = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let checkpoint = fetch("checkpoint".into()).await;
    let size = Checkpoint::parse(Note::parse(&checkpoint).unwrap().text())
        .unwrap()
        .size();
    keep("checkpoint", &checkpoint);
    keep("vkey", &fetch("vkey".into()).await);
    for tile in hash_tiles(size).chain(entry_bundles(size)) {
        keep(&tile.to_string(), &fetch(tile.to_string()).await);
    }
    for seq in 1.. {
        let answer = server.get(&format!("/log/registry/{seq}")).await;
        if answer.status != 200 {
            break;
        }
        keep(&format!("registry/{seq}"), &answer.bytes);
    }
}

#[tokio::test]
async fn fsck_agrees_with_the_server_and_with_a_copy_and_finds_every_changed_byte() {
    let demo = Demo::start().await;
    demo.server.settled_and_published().await;
    let url = format!("{}/log", demo.server.url);
    let output = audit(&["fsck", &url, "--vkey", &demo.description.vkey]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let copy = tempfile::tempdir().unwrap();
    mirror(&demo.server, copy.path()).await;
    let folder = copy.path().to_str().unwrap();
    let output = audit(&["fsck", folder, "--vkey", &demo.description.vkey]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let mut files = vec![copy.path().to_owned()];
    let mut changed = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        if path.ends_with("vkey") {
            continue;
        }
        let honest = std::fs::read(&path).unwrap();
        for at in [0, honest.len() / 2, honest.len() - 2] {
            let mut bytes = honest.clone();
            bytes[at] ^= 4;
            std::fs::write(&path, bytes).unwrap();
            let output = audit(&["fsck", folder, "--vkey", &demo.description.vkey]);
            // A checkpoint that nobody signed is not the log's, so it is not the log's lie.
            let code = if path.ends_with("checkpoint") { 2 } else { 1 };
            assert_eq!(
                output.status.code(),
                Some(code),
                "{} byte {at}",
                path.display()
            );
            changed += 1;
        }
        std::fs::write(&path, honest).unwrap();
    }
    assert!(changed > 30, "{changed}");
}

#[tokio::test]
async fn verify_checks_evidence_and_proofs_offline_and_finds_every_changed_line() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let answer = city
        .ask(
            &demo.server,
            &benefit_check(&demo.citizen("haruka")),
            "/coverage",
        )
        .await
        .json();
    let files = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("e.akashi-evidence", &answer["evidence"]),
        ("p.tlog-proof", &answer["proof"]),
    ] {
        let path = files.path().join(name);
        let text = text.as_str().unwrap();
        let verify = |text: &[u8]| {
            std::fs::write(&path, text).unwrap();
            audit(&[
                "verify",
                path.to_str().unwrap(),
                "--vkey",
                &demo.description.vkey,
            ])
        };
        let output = verify(text.as_bytes());
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let sealed = line.starts_with("sealed ");
            // Under another first line it is a file of a kind nobody knows, which could not be
            // checked.
            let header = line.starts_with("akashi-evidence/") || line.starts_with("c2sp.org/");
            let mut bytes = text.as_bytes().to_vec();
            bytes[at + line.len() / 2] ^= 1;
            // Whoever is not the holder cannot know what the sealed part says; the holder's check
            // is in its own test.
            let code = verify(&bytes).status.code();
            assert!(
                sealed || code == Some(1) || (header && code == Some(2)),
                "{name} {line}: {code:?}"
            );
            at += line.len();
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

/// Lets the city ask, and waits until that is published; gives back what the last answer proves.
async fn ask_some(demo: &Demo, server: &Server, times: usize) -> String {
    let (city, haruka) = (demo.institution("city.hinata"), demo.citizen("haruka"));
    let mut receipt = None;
    for number in 0..times {
        let path = format!("/coverage/{number}");
        let answer = city.ask(server, &benefit_check(&haruka), &path).await;
        receipt = answer.json()["proof"].as_str().map(str::to_owned);
    }
    server.settled_and_published().await;
    receipt.unwrap()
}

/// Nothing inside can notice this: data, keys and guard are all of the same day. Each of two audits
/// finds a log that agrees with itself; what somebody kept shows that they are two.
#[tokio::test]
async fn a_ledger_put_back_with_its_keys_and_guard_is_found_by_what_people_kept() {
    let demo = Demo::start().await;
    let (vkey, kept) = (demo.description.vkey.clone(), tempfile::tempdir().unwrap());
    demo.server.settled_and_published().await;
    let path = |name: &str| kept.path().join(name).to_str().unwrap().to_owned();
    let (backup, data) = (kept.path().join("backup"), demo.server.data.clone());
    // A server that was ended takes no more; the same folder is then copied and used again.
    let demo = demo.restarted(|data| copy_folder(data, &backup)).await;

    let receipt = ask_some(&demo, &demo.server, 3).await;
    std::fs::write(path("a.tlog-proof"), receipt).unwrap();
    let checkpoint = demo.server.get("/log/checkpoint").await.bytes;
    std::fs::write(path("checkpoint"), checkpoint).unwrap();
    let log = format!("{}/log", demo.server.url);
    let fsck = |log: &str, more: &[&str]| {
        let output = audit(&[&["fsck", log, "--vkey", &vkey], more].concat());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said)
    };
    for name in ["a.tlog-proof", "checkpoint"] {
        let (code, said) = fsck(&log, &["--earlier", &path(name)]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("begins with "), "{said}");
    }

    let put_back = |data: &Path| {
        std::fs::remove_dir_all(data).unwrap();
        copy_folder(&backup, data);
    };
    let demo = demo.restarted(put_back).await;
    ask_some(&demo, &demo.server, 5).await;
    let log = format!("{}/log", demo.server.url);
    let (code, said) = fsck(&log, &[]);
    assert_eq!(code, Some(0), "it agrees with itself: {said}");
    for name in ["a.tlog-proof", "checkpoint"] {
        let (code, said) = fsck(&log, &["--earlier", &path(name)]);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains("TWO HISTORIES"), "{name}: {said}");
    }
    let file = path("a.tlog-proof");
    let verify = |more: &[&str]| audit(&[&["verify", &file, "--vkey", &vkey], more].concat());
    assert_eq!(verify(&[]).status.code(), Some(0), "offline it is good");
    assert_eq!(verify(&["--log", &log]).status.code(), Some(1));
    assert_eq!(data, demo.server.data);
}
