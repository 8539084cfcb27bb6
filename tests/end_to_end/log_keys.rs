//! "The log's key must change" of docs/OPERATING.md, command by command, with key files on disk:
//! from A to A and B, and from both to B; and what holds of A's signatures before, between and
//! after.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use std::sync::Arc;

use akashi_actors::{Actor, SUPERVISORS, claims, named};
use akashi_client::Request;
use akashi_ledger::clock::SystemClock;
use akashi_proof::jws::Type;
use akashi_tests::operator::ORIGIN;
use akashi_tlog::checkpoint::Origin;

use crate::audit::audit;
use crate::stolen_keys::Robbed;

fn words(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

impl Robbed {
    /// The keys that are published.
    async fn vkeys(&self) -> Vec<String> {
        self.server.settled_and_published().await;
        let text = self.server.get("/log/vkey").await.text();
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// Keeps the published checkpoint, as `curl -o` does.
    async fn keeps_checkpoint(&self, name: &str) -> String {
        self.server.settled_and_published().await;
        self.keeps_published(name).await
    }

    /// The same of a ledger that stands still, and in which nobody is told anything.
    pub async fn keeps_published(&self, name: &str) -> String {
        let text = self.server.get("/log/checkpoint").await.text();
        fs::write(self.path(name), &text).unwrap();
        self.path(name)
    }

    /// The proof with which an act of the hospital's is answered, in a file.
    async fn keeps_proof(&self, role_holder: &str) -> String {
        let log = Origin::new(ORIGIN).unwrap();
        let clock = Arc::new(SystemClock::default());
        let hospital = Actor::new(named("hospital.chuo"), &log, clock);
        let role = claims::role_assigned(role_holder, "physician", 1_700_000_000);
        let statement = hospital.sign(Type::Act, role);
        let line = String::from_utf8(statement.as_bytes().to_vec()).unwrap();
        let request = Request::act(&[line], None, None);
        let answer = self.server.carry(request.message()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let path = self.path(&format!("{role_holder}.tlog-proof"));
        fs::write(&path, answer.json()["proof"].as_str().unwrap()).unwrap();
        path
    }

    fn log(&self) -> String {
        format!("{}/log", self.server.url)
    }

    pub fn checks(&self, vkey: &str, more: &[&str]) -> Output {
        audit(&[&["fsck", &self.log(), "--vkey", vkey], more].concat())
    }

    fn verify(&self, file: &str, vkey: &str, more: &[&str]) -> Output {
        audit(&[&["verify", file, "--vkey", vkey], more].concat())
    }
}

/// What it says, once it has ended with this code.
#[track_caller]
pub fn said(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

#[tokio::test]
async fn the_log_s_key_must_change() {
    let robbed = Robbed::new().await;
    let [a] = <[String; 1]>::try_from(robbed.vkeys().await).unwrap();
    let checkpoint_of_a = robbed.keeps_checkpoint("before").await;
    let proof_of_a = robbed.keeps_proof("dr-before").await;

    // Step 1: the operator draws a key. Nothing is signed with it yet.
    let drawn = robbed.operator.does(&["log-key", "new"]);
    let line = |name: &str| {
        let line = drawn.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().to_owned()
    };
    let (b, file) = (line("vkey"), line("file"));
    let file = file.split(": ").next().unwrap().to_owned();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(robbed.vkeys().await, std::slice::from_ref(&a));

    // Step 2: the supervisors add it. What is not on the server, or is one's own, is not added.
    let add = |vkey: &str| {
        let add = [
            "log-key",
            "add",
            "--vkey",
            vkey,
            "--reason",
            "every two years",
        ];
        add.map(ToOwned::to_owned)
    };
    let (added, elsewhere) = (
        add(&b),
        add(&akashi_actors::SeededSigner::log(ORIGIN, 9).vkey()),
    );
    robbed.refused(&words(&added), &SUPERVISORS[..1], "statements of 2 signers");
    robbed.refused(&words(&elsewhere), &SUPERVISORS, "among the ledger's keys");
    robbed.done(&words(&added), &SUPERVISORS);
    assert_eq!(robbed.vkeys().await, [a.clone(), b.clone()]);
    let proof_of_both = robbed.keeps_proof("dr-between").await;
    for vkey in [&a, &b] {
        let text = said(&robbed.checks(vkey, &["--earlier", &checkpoint_of_a]), 0);
        assert!(
            text.contains(&format!("signed by   {a}"))
                && text.contains(&format!("signed by   {b}"))
        );
        said(
            &robbed.verify(&proof_of_both, vkey, &["--log", &robbed.log()]),
            0,
        );
    }
    let robbed = robbed.killed_and_served_again().await;
    assert_eq!(robbed.vkeys().await, [a.clone(), b.clone()]);

    // Step 3: they end the old one, with a checkpoint that both have signed.
    let end = |checkpoint: &str| {
        [
            "log-key",
            "end",
            "--vkey",
            &a,
            "--checkpoint",
            checkpoint,
            "--reason",
            "every two years",
        ]
        .map(ToOwned::to_owned)
    };
    robbed.refused(
        &words(&end(&checkpoint_of_a)),
        &SUPERVISORS,
        "no key that stays",
    );
    let handover = robbed.keeps_checkpoint("handover").await;
    said(&robbed.checks(&a, &["--earlier", &handover]), 0);
    let done = robbed.done(&words(&end(&handover)), &SUPERVISORS);
    assert!(
        done.contains("signs with") && done.contains("no more"),
        "{done}"
    );
    assert_eq!(robbed.vkeys().await, std::slice::from_ref(&b));
    let proof_of_b = robbed.keeps_proof("dr-after").await;

    // Its file may go, and whatever happens to the server, nobody misses it.
    fs::remove_file(robbed.operator.path("keys/log.key")).unwrap();
    let robbed = robbed.killed_and_served_again().await;
    assert_eq!(robbed.vkeys().await, std::slice::from_ref(&b));
    robbed.keeps_proof("dr-later").await;
    robbed.server.settled_and_published().await;

    // Who knows the old key follows the log to the new one; who knows the new one needs nothing.
    let text = said(&robbed.checks(&a, &["--earlier", &checkpoint_of_a]), 0);
    assert!(text.contains(&format!("followed    from {a}")), "{text}");
    assert!(text.contains(&format!("log key     {b}@")), "{text}");
    let text = said(&robbed.checks(&b, &["--earlier", &checkpoint_of_a]), 0);
    assert!(
        text.contains("begins with") && !text.contains("followed"),
        "{text}"
    );
    let stranger = akashi_actors::SeededSigner::log(ORIGIN, 9).vkey();
    said(&robbed.checks(&stranger, &[]), 2);
    for proof in [&proof_of_a, &proof_of_both] {
        said(&robbed.verify(proof, &a, &[]), 0);
        said(&robbed.verify(proof, &a, &["--log", &robbed.log()]), 0);
    }
    said(
        &robbed.verify(&proof_of_b, &b, &["--log", &robbed.log()]),
        0,
    );
    // A file alone leads nowhere: it is not taken under a key that did not sign it.
    said(&robbed.verify(&proof_of_b, &a, &[]), 1);
    said(&robbed.verify(&proof_of_b, &a, &["--vkey", &b]), 0);

    // Without the key that signs, nothing starts, and one line says what is missing.
    fs::rename(&file, robbed.operator.path("elsewhere")).unwrap();
    let refused = robbed.killed_and_not_served_again();
    let name = std::path::Path::new(&file)
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(refused.contains(&name), "{refused}");
}
