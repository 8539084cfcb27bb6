//! Answers and problems, read strictly.

use akashi_client::{
    ANSWER_LEN_MAX, Answer, Client, ClientError, Decision, NotProved, Problem, ReadAgain, Recorded,
    Resolution, Response,
};
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::kind::Outcome;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signer::Signer;
use serde_json::{Value, json};

use crate::script::{Impatient, Server, recorded, release, say, say_json, say_problem};

fn read<A: Answer>(body: &Value) -> Option<A> {
    A::read(&Response {
        status: 200,
        media_type: Some("application/json".into()),
        retry_after: None,
        body: body.to_string().into_bytes(),
    })
}

/// [`recorded`] with these members.
fn with(members: Value) -> Value {
    let mut answer = recorded();
    let all = answer.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    answer
}

#[test]
fn a_decision_is_read_and_members_to_come_are_left_alone() {
    let permit = with(json!({
        "id": "x", "decision": "permit", "reasons": [], "duties": ["notify"], "expires": 7,
        "evidence": "e", "later": {},
    }));
    let decision: Decision = read(&permit).unwrap();
    assert_eq!(decision.decision, Outcome::Permit);
    assert_eq!(decision.expires, Some(Timestamp::from_millis(7)));
    assert_eq!(decision.evidence.as_deref(), Some("e"));

    let asked = |resolution: Value| {
        let first = json!({"id": "x", "decision": "ask", "reasons": ["ask-the-person"]});
        let mut answer = with(first);
        answer["resolution"] = resolution;
        answer["delayed"] = json!(false);
        read::<ReadAgain>(&answer)
    };
    assert_eq!(asked(Value::Null).unwrap().resolution, None);
    let denied = asked(json!({"decision": "deny", "reasons": ["not-available"]}));
    assert_eq!(denied.unwrap().resolution, Some(Resolution::NotAvailable));
    let permitted = asked(permit).unwrap().resolution;
    assert_eq!(permitted, Some(Resolution::Permitted(Box::new(decision))));
    for strange in [json!({"decision": "ask"}), json!({}), json!("permit")] {
        assert_eq!(asked(strange.clone()), None, "{strange}");
    }
}

#[test]
fn what_no_ledger_answers_is_not_read() {
    let good = json!({"id": "x", "decision": "deny", "reasons": []});
    assert!(read::<Decision>(&with(good.clone())).is_some());
    for (member, value) in [
        ("decision", json!("maybe")),
        ("reasons", json!("none")),
        ("index", json!("9")),
        ("index", json!(-1)),
        ("proof", json!("c2sp.org/tlog-proof@v1\n")),
        ("proof", Value::Null),
        ("expires", json!("soon")),
        ("id", json!(7)),
    ] {
        let mut bad = with(good.clone());
        bad[member] = value;
        assert_eq!(read::<Decision>(&bad), None, "{bad}");
    }
    let twice = recorded().to_string().replacen('{', "{\"index\":9,", 1);
    let server = Server::playing(vec![say(200, "content-type: application/json\r\n", twice)]);
    let failed = Client::new(&Impatient::to(&server)).send(&release());
    assert!(matches!(
        failed,
        Err(ClientError::NotALedger { status: 200 })
    ));
}

#[test]
fn a_proof_shows_its_own_record_under_its_own_log() {
    let keys = |seed: u8| {
        let signer = akashi_actors::SeededSigner::log(crate::script::ORIGIN, seed);
        LogKeys::new(vec![signer.verifying_key().clone()]).unwrap()
    };
    let good: Recorded = read(&recorded()).unwrap();
    assert!(good.verify(&keys(7)).is_ok());
    assert!(matches!(good.verify(&keys(8)), Err(NotProved::Rejected(_))));
    let other: Recorded = read(&with(json!({"index": 8}))).unwrap();
    let (expected, found) = (LeafIndex::new(8), LeafIndex::new(9));
    assert_eq!(
        other.verify(&keys(7)),
        Err(NotProved::OtherRecord { expected, found })
    );
}

#[test]
fn a_problem_names_field_expected_and_found_and_is_not_sent_again() {
    let server = Server::playing(vec![say_problem(
        400,
        "",
        &json!({
            "type": "/problems/bad-member", "title": "A value is not of its type.", "status": 400,
            "detail": "`iat`: expected a whole number, found a text", "field": "iat",
            "expected": "a whole number", "found": "a text", "index": 9, "later": 1,
        }),
    )]);
    let failed = Client::new(&Impatient::to(&server)).send(&release());
    let failed = failed.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the ledger refused: A value is not of its type. `iat`: expected a whole number, found a text"
    );
    let ClientError::Refused(problem) = failed else {
        panic!("{failed}")
    };
    let Problem {
        field,
        expected,
        found,
        index,
        ..
    } = problem.as_ref();
    assert_eq!(problem.code(), "bad-member");
    assert_eq!(field.as_deref(), Some("iat"));
    assert_eq!(expected.as_deref(), Some("a whole number"));
    assert_eq!(found.as_deref(), Some("a text"));
    assert_eq!(*index, Some(LeafIndex::new(9)));
    assert_eq!(server.taken().len(), 1);
}

#[test]
fn what_is_not_a_ledger_is_told_apart() {
    let problem = json!({"type": "/problems/busy", "title": "t", "status": 409});
    for (what, step, status) in [
        (
            "a page",
            say(200, "content-type: text/html\r\n", "<html>"),
            200,
        ),
        (
            "an answer that calls itself a page",
            say(200, "content-type: text/html\r\n", recorded().to_string()),
            200,
        ),
        ("nothing", say(204, "", ""), 204),
        (
            "a problem of another status",
            say_problem(410, "", &problem),
            410,
        ),
        (
            "a problem that is no problem",
            say(
                409,
                "content-type: application/json\r\n",
                problem.to_string(),
            ),
            409,
        ),
        ("a fault without a word", say(500, "", ""), 500),
    ] {
        let server = Server::playing(vec![step]);
        match Client::new(&Impatient::to(&server)).send(&release()) {
            Err(ClientError::NotALedger { status: found }) => assert_eq!(found, status, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(server.taken().len(), 1, "{what}");
    }
}

#[test]
fn a_redirection_is_not_followed() {
    let elsewhere = Server::playing(vec![say_json(&recorded())]);
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}/v1/releases\r\n", elsewhere.url);
        let server = Server::playing(vec![say(status, &location, "")]);
        match Client::new(&Impatient::to(&server)).send(&release()) {
            Err(ClientError::NotALedger { status: found }) => assert_eq!(found, status),
            other => panic!("{other:?}"),
        }
    }
    assert!(elsewhere.taken().is_empty());
}

#[test]
fn an_answer_that_is_too_long_is_not_read_and_not_asked_for_again() {
    let long = " ".repeat(usize::try_from(ANSWER_LEN_MAX).unwrap() + 1);
    let server = Server::playing(vec![say(200, "content-type: application/json\r\n", long)]);
    let failed = Client::new(&Impatient::to(&server)).send(&release());
    assert!(matches!(failed, Err(ClientError::TooLong)), "{failed:?}");
    assert_eq!(server.taken().len(), 1);
}
