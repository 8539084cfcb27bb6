//! `kill -9` in the middle of load, and start again: every acknowledged record is there, and the
//! log goes on.

use std::process::Command;

use akashi_actors::until_so;
use akashi_tests::server::{Server, binary};

use crate::Demo;
use crate::audit::audit;

#[tokio::test]
async fn every_acknowledged_record_survives_a_kill_under_load() {
    let demo = Demo::start().await;
    let acked = demo.folder.path().join("acked");
    let load = |arguments: &[&str]| {
        let mut command = Command::new(binary("akashi"));
        command.arg("load").args(arguments);
        command
    };
    let (url, file) = (demo.server.url.clone(), demo.server.data.join("demo.json"));
    let mut running = load(&[
        "--url",
        &url,
        "--demo",
        file.to_str().unwrap(),
        "--acked",
        acked.to_str().unwrap(),
    ])
    .args(["--clients", "16", "--seconds", "20", "--people", "40"])
    .stdout(std::process::Stdio::null())
    .stderr(std::process::Stdio::null())
    .spawn()
    .unwrap();
    until_so("load has begun", || {
        std::fs::metadata(&acked).is_ok_and(|metadata| metadata.len() >= 20_000)
    })
    .await;
    let vkey = demo.description.vkey.clone();
    let data = demo.server.kill();
    running.wait().unwrap();

    for _ in 0..2 {
        let server = Server::start(&data).await;
        let checked = load(&["--url", &server.url, "--check", acked.to_str().unwrap()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stdout).into_owned()
            + &String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{said}");
        let audited = audit(&["fsck", &format!("{}/log", server.url), "--vkey", &vkey]);
        assert!(
            audited.status.success(),
            "{}",
            String::from_utf8_lossy(&audited.stderr)
        );
        server.kill();
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let demo = Demo::start().await;
    let output = Command::new(binary("akashi"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(&demo.server.data)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("another akashi has it open"), "{said}");
}
