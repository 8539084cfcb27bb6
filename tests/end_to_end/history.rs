//! A citizen takes her history away and has it checked by the auditor's tool, against the running
//! server's public log.

use std::path::Path;

use akashi_tests::citizen::Citizen;
use akashi_tests::visitor::Visitor;

use crate::audit::audit;
use crate::{Demo, benefit_check};

/// With the code on her phone, and with the recovery code on her sheet.
async fn signed_in<'d>(demo: &'d Demo, citizen: &Citizen) -> Visitor<'d> {
    let mut visitor = Visitor::new(&demo.server);
    visitor.sign_in(&citizen.phone.number).await.is(303);
    visitor.step_up(&citizen.entry.recovery_code).await.is(303);
    visitor
}

/// Her file and her key in a folder, as she would keep them.
async fn take_away(demo: &Demo, citizen: &Citizen, visitor: &mut Visitor<'_>, folder: &Path) {
    // What is told her after she took the file would make it an old one.
    demo.server.settled_and_published().await;
    let file = visitor.get("/me/history/file").await;
    file.is(200);
    std::fs::write(folder.join("her.akashi-history"), &file.text).unwrap();
    let sheet = visitor.get("/me/keys/history-key").await;
    std::fs::write(
        folder.join("key.txt"),
        format!("ahk:{}", sheet.between(">ahk:", "<")),
    )
    .unwrap();
    sheet.shows(&citizen.entry.history_key);
    assert!(
        !demo.server.output().contains("ahk:"),
        "the server's log does not hold the key"
    );
}

/// The exit code of the check, and what it says.
fn check(demo: &Demo, folder: &Path) -> (Option<i32>, String) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (file, key, log) = (
        path("her.akashi-history"),
        path("key.txt"),
        format!("{}/log", demo.server.url),
    );
    let output = audit(&[
        "history",
        &file,
        "--key-file",
        &key,
        "--log",
        &log,
        "--vkey",
        &demo.description.vkey,
    ]);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code(), text)
}

/// Leaves the last record out of a file and says so in its head, as an operator would who hides it.
fn hide_last(file: &str) -> String {
    let (_, counted) = file.split_once("\nepoch 0 ").unwrap();
    let records: u64 = counted.split_once('\n').unwrap().0.parse().unwrap();
    let file = file.replacen(
        &format!("\nepoch 0 {records}\n"),
        &format!("\nepoch 0 {}\n", records - 1),
        1,
    );
    let (before, last) = file.split_once(&format!("\nrecord {records} ")).unwrap();
    format!("{before}{}", &last[last.find("\n\n").unwrap() + 1..])
}

#[tokio::test]
async fn a_citizen_has_her_history_checked_without_trusting_the_server() {
    let demo = Demo::start().await;
    let (haruka, city) = (demo.citizen("haruka"), demo.institution("city.hinata"));
    let permitted = city
        .ask(&demo.server, &benefit_check(&haruka), "/coverage")
        .await
        .json();
    assert_eq!(permitted["decision"], "permit");
    let folder = tempfile::tempdir().unwrap();
    let mut visitor = signed_in(&demo, &haruka).await;
    take_away(&demo, &haruka, &mut visitor, folder.path()).await;

    let (code, text) = check(&demo, folder.path());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("The history is complete"), "{text}");
    assert!(
        text.contains("link        insurer.hinata (ひなた健康保険組合, ")
            && !text.contains("NOTE  No --vkey"),
        "{text}"
    );

    let path = folder.path().join("her.akashi-history");
    let honest = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, hide_last(&honest)).unwrap();
    let (code, text) = check(&demo, folder.path());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("THE FILE LEAVES IT OUT"), "{text}");

    // What comes after the file is newer, not hidden; but nobody is told that an old file is
    // complete.
    std::fs::write(&path, &honest).unwrap();
    let later = city
        .ask(&demo.server, &benefit_check(&haruka), "/coverage/again")
        .await
        .json();
    demo.server
        .published(later["index"].as_u64().unwrap() + 1)
        .await;
    let (code, text) = check(&demo, folder.path());
    assert_eq!(code, Some(2), "{text}");
    let said = format!("at entry {}", later["index"]);
    assert!(
        text.contains("THE FILE IS OLDER THAN THE LOG") && text.contains(&said),
        "{text}"
    );
}

#[tokio::test]
async fn another_citizens_key_opens_nothing() {
    let demo = Demo::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (mine, theirs) = (folder.path().join("mine"), folder.path().join("theirs"));
    for (key, folder) in [("haruka", &mine), ("yui", &theirs)] {
        std::fs::create_dir(folder).unwrap();
        let citizen = demo.citizen(key);
        let mut visitor = signed_in(&demo, &citizen).await;
        take_away(&demo, &citizen, &mut visitor, folder).await;
        let (code, text) = check(&demo, folder);
        assert_eq!(code, Some(0), "{key}: {text}");
    }
    std::fs::copy(theirs.join("key.txt"), mine.join("key.txt")).unwrap();
    let (code, text) = check(&demo, &mine);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("is not the key of this history"), "{text}");
}
