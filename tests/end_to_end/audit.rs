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
            assert_eq!(
                output.status.code(),
                Some(1),
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
