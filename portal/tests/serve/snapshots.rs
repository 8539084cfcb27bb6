//! What the commands print, as operators read it.

use std::process::Command;

use akashi_actors::Console;

use crate::Operator;

fn akashi(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akashi"));
    command.args(arguments).env_remove("AKASHI_CONFIG");
    command
}

fn assert_reads_as(name: &str, transcript: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, transcript);
    });
}

#[test]
fn every_command_helps_as_in_its_snapshot() {
    let mut console = Console::new();
    console.help(&|arguments| akashi(arguments));
    assert_reads_as("help", &console.transcript(&[]));
}

#[test]
fn a_ledger_is_made_as_in_its_snapshot() {
    let operator = Operator::new();
    let mut console = Console::new();
    let key = operator.path("key.jwk");
    let key = key.to_str().unwrap();
    let made = console.run(
        &mut akashi(&["key", "new", "--name", "supervisor.east", "--out", key]),
        String::from,
    );
    let vkey = String::from_utf8(made.stdout).unwrap();
    let vkey = vkey.split_whitespace().last().unwrap().to_owned();
    for arguments in [
        &["init"][..],
        &["init"],
        &["init", "--set", "ledger.threshold=1"],
        &["init", "--set", "ledger.origin=demo.akashi.example/log"],
        &[
            "serve",
            "--set",
            "server.listen=0.0.0.0:0",
            "--set",
            "server.public_url=http://ledger.example.jp",
        ],
        &["serve", "--set", "sms.gateway_url=http://sms.example.jp/"],
        &["serve", "--set", "nothing.known=1"],
    ] {
        console.run(&mut operator.command(arguments), String::from);
    }
    let folder = operator.folder.path().to_str().unwrap();
    let port = format!("127.0.0.1:{}", operator.port);
    let replaced = [(folder, "FOLDER"), (&port, "ADDRESS:PORT"), (&vkey, "VKEY")];
    assert_reads_as("making_a_ledger", &console.transcript(&replaced));
}

#[test]
fn a_pack_is_checked_as_in_its_snapshot() {
    let operator = Operator::new();
    let pack = operator.path("pack");
    let check = ["policy", "check", pack.to_str().unwrap()];
    let mut console = Console::new();
    console.run(&mut akashi(&check), String::from);
    let town = akashi_policies::Pack::town_files();
    for (file, right, wrong) in [
        ("rules.toml", "\"insurer\"", "\"insurers\""),
        (
            "pack.toml",
            "lifetime_seconds = 600",
            "lifetime_seconds = 601",
        ),
        ("roles.toml", "[", "nonsense"),
    ] {
        let bent = town[file].replacen(right, wrong, 1);
        assert_ne!(bent, town[file], "{file} holds no `{right}`");
        std::fs::write(pack.join(file), bent).unwrap();
        console.run(&mut akashi(&check), String::from);
        std::fs::write(pack.join(file), &town[file]).unwrap();
    }
    std::fs::remove_file(pack.join("roles.toml")).unwrap();
    console.run(&mut akashi(&check), String::from);
    let folder = operator.folder.path().to_str().unwrap();
    assert_reads_as(
        "checking_a_pack",
        &console.transcript(&[(folder, "FOLDER")]),
    );
}
