//! "Nothing was recorded for more than a week" of docs/OPERATING.md, command by command, with key
//! files on disk.

use std::time::Duration;

use akashi_actors::{SUPERVISORS, claims, named};
use akashi_client::Request;
use akashi_proof::ids::InstitutionId;

use crate::log_keys::said;
use crate::stolen_keys::Robbed;

const EIGHT_DAYS: Duration = Duration::from_secs(8 * 86_400);

#[tokio::test]
async fn nothing_was_recorded_for_more_than_a_week() {
    let robbed = Robbed::after(EIGHT_DAYS).await;
    // Step 1: what it says.
    let readiness = robbed.server.get("/readyz").await;
    assert_eq!(readiness.status, 503);
    let why = readiness.json()["clock"].as_str().unwrap().to_owned();
    let (_, rest) = why.split_once("the last record, of ").unwrap();
    let last_record = rest.split_inclusive('Z').next().unwrap().to_owned();
    assert!(why.contains("akashi clock resume"), "{why}");
    // Whatever else is sent gets the same answer.
    let act = claims::suspended(&InstitutionId::parse("hospital.chuo").unwrap());
    let statements = robbed.operator.cast.by_supervisors(&act);
    let lines = statements.map(|one| String::from_utf8(one.as_bytes().to_vec()).unwrap());
    let request = Request::act(&lines, None, None);
    let answer = robbed.server.carry(request.message()).await;
    let problem = answer.json();
    assert_eq!(
        (answer.status, &problem["type"]),
        (503, &"/problems/clock-trouble".into())
    );
    assert!(
        problem["expected"]
            .as_str()
            .unwrap()
            .contains("akashi clock resume")
    );
    assert!(problem["found"].as_str().unwrap().contains(&last_record));

    // Step 2: the head it stands at, which is held against what was signed before.
    let vkey = robbed.server.get("/log/vkey").await.text();
    let vkey = vkey.trim();
    let head = robbed.keeps_published("head").await;
    said(&robbed.checks(vkey, &["--earlier", &head]), 0);

    // Step 3: the supervisors vouch for the clock, all of them and of this stand.
    let honest = resume(&head, &last_record);
    robbed.refused(&honest, &SUPERVISORS[..1], "statements of 2 signers");
    let other = resume(&head, "2026-01-01T00:00:00Z");
    robbed.refused(&other, &SUPERVISORS, "the time of the last record");
    let done = robbed.done(&honest, &SUPERVISORS);
    assert!(
        done.contains("you vouch") && done.contains("the ledger goes on: log index 1"),
        "{done}"
    );

    // It records, also after it was killed; and nobody resumes what does not stand still.
    assert_eq!(robbed.server.get("/readyz").await.status, 200);
    robbed.admits("hospital.chuo", &named("hospital.chuo"), &SUPERVISORS);
    robbed.refused(&honest, &SUPERVISORS, "one that records");
    let robbed = robbed.killed_and_served_again().await;
    assert_eq!(robbed.server.get("/readyz").await.status, 200);
    robbed.admits("hospital.new", &named("hospital.new"), &SUPERVISORS);

    // Step 4: everybody can see it.
    robbed.server.settled_and_published().await;
    let text = said(&robbed.checks(vkey, &["--earlier", &head]), 0);
    assert!(text.contains("resumed     registry/2: "), "{text}");
    assert!(
        text.contains(&format!("1 entries, the last of {last_record}")),
        "{text}"
    );
}

/// The command each supervisor signs.
fn resume<'a>(head: &'a str, last_record: &'a str) -> [&'a str; 8] {
    [
        "clock",
        "resume",
        "--checkpoint",
        head,
        "--last-record",
        last_record,
        "--reason",
        "the flood",
    ]
}
