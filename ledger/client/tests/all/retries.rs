//! The same statement again, within bounds.

use std::net::TcpListener;
use std::time::Duration;

use akashi_client::{Client, ClientError, Message, ReadAgain, Request};
use akashi_proof::digest::Secret;
use akashi_proof::ids::{LeafIndex, LinkCode, Qid, RoleCode, RoleHolderId};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::LinkEnd;
use akashi_proof::statement::{Act, Claims, RequestClaims};

use crate::script::{
    Impatient, Server, Step, access, hospital, recorded, release, say, say_busy, say_json, stamp,
};

const TOKEN: &str = "authorization: Bearer ";

/// The line of the token in a request, if there is one: good for the resource it is sent to, by the
/// signer of the statement.
fn token(request: &[u8]) -> Option<String> {
    let text = String::from_utf8(request.to_vec()).unwrap();
    let line = text.lines().find(|line| line.starts_with(TOKEN))?;
    let jws = Jws::parse(line.strip_prefix(TOKEN)?.as_bytes()).unwrap();
    let claims = RequestClaims::read(&jws).unwrap();
    let path = text.split(' ').nth(1).unwrap();
    claims.check_target("POST", path).unwrap();
    assert_eq!(&claims.common.iss, hospital().id());
    Some(line.to_owned())
}

fn without_token(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(request.to_vec()).unwrap();
    let lines = text.split_inclusive("\r\n");
    let left: String = lines.filter(|line| !line.starts_with(TOKEN)).collect();
    left.into_bytes()
}

#[test]
fn what_was_cut_off_is_sent_again_byte_for_byte_and_gets_its_answer() {
    let half =
        "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"ind";
    let server = Server::playing(vec![
        Step::Cut,
        Step::CutAfter(half),
        Step::CutAfter("HTTP/1.1 2"),
        say_json(&recorded()),
    ]);
    let way = Impatient::to(&server);
    let request = release();
    let answer = Client::new(&way).send(&request).unwrap();
    assert_eq!(answer.index, LeafIndex::new(9));

    let taken = server.taken();
    assert_eq!(taken.len(), 4);
    let (first, again) = taken.split_first().unwrap();
    assert!(
        token(first).is_none(),
        "nothing but the statement is needed"
    );
    let mut tokens: Vec<String> = again.iter().map(|bytes| token(bytes).unwrap()).collect();
    assert!(
        again.iter().all(|bytes| without_token(bytes) == *first),
        "one jti"
    );
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), again.len(), "a token is good once");
    assert!(first.ends_with(request.message().body()));
    assert!(taken[0].starts_with(b"POST /v1/releases HTTP/1.1\r\n"));
}

/// A request of every kind that carries a statement of its own.
fn stated() -> Vec<Message> {
    let by = hospital();
    let code = LinkCode::from_sealed(&[3; 35]);
    let qid = Qid::parse(&format!("qid:{}", "7".repeat(43))).unwrap();
    let link = by.link(stamp(), qid, "123456", &Secret::from_bytes([4; 32]));
    let end = by.end_link(stamp(), code, LinkEnd::Disclosed);
    let act = Act::EndRole {
        role_holder: RoleHolderId::parse("dr-01").unwrap(),
        role: RoleCode::parse("physician").unwrap(),
    };
    let alone = by.act(stamp(), act.clone(), None).unwrap();
    let line = by.act_statement(stamp(), act).unwrap();
    let together = Request::act(&[line.clone(), line], None, Some((&by, stamp().now)));
    vec![
        link.unwrap().message_again(),
        end.unwrap().message_again(),
        access().message_again(),
        release().message_again(),
        alone.message_again(),
        together.message_again(),
    ]
}

#[test]
fn every_statement_that_is_sent_again_shows_a_token_of_its_signer() {
    for message in stated() {
        let token = message.headers().find(|(name, _)| *name == "authorization");
        let (_, token) = token.unwrap_or_else(|| panic!("{message:?} shows none"));
        let token = token.strip_prefix("Bearer ").unwrap();
        let claims = RequestClaims::read(&Jws::parse(token.as_bytes()).unwrap()).unwrap();
        claims.check_target("POST", message.path()).unwrap();
        assert_eq!(&claims.common.iss, hospital().id());
    }
}

#[test]
fn what_is_handed_over_beside_a_statement_is_sent_again_with_it() {
    let decision = {
        let mut answer = recorded();
        answer["id"] = "x".into();
        answer["decision"] = "deny".into();
        answer["reasons"] = serde_json::json!(["4-whitelist"]);
        answer
    };
    let server = Server::playing(vec![Step::Cut, say_json(&decision)]);
    let way = Impatient::to(&server);
    Client::new(&way).send(&access()).unwrap();
    let taken = server.taken();
    assert_eq!(taken[0], without_token(&taken[1]));
    let head = String::from_utf8_lossy(&taken[1]);
    let nonce = "akashi-request-nonce: AgICAgICAgICAgICAgICAg\r\n";
    assert!(head.contains(nonce), "{head}");
    assert!(
        head.contains("content-type: application/jose\r\n"),
        "{head}"
    );
}

#[test]
fn a_ledger_that_is_busy_says_when_to_come_again_within_reason() {
    let server = Server::playing(vec![
        say_busy("retry-after: 7\r\n"),
        say_busy("retry-after: 86400\r\n"),
        say(502, "content-type: text/html\r\n", "<h1>Bad gateway</h1>"),
        say_busy("retry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n"),
        say_json(&recorded()),
    ]);
    let way = Impatient::to(&server);
    Client::new(&way).send(&release()).unwrap();
    let least = [7, 25, 3, 10].map(Duration::from_secs);
    let waited = way.waited.take();
    assert_eq!(waited.len(), least.len());
    for (waited, least) in waited.into_iter().zip(least) {
        let most = least + least / 4;
        assert!(least <= waited && waited <= most, "{least:?} {waited:?}");
    }
}

#[test]
fn it_gives_up_in_time_and_tells_a_busy_ledger_from_a_silent_one() {
    let silent = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let way = Impatient::at(&silent);
    let failed = Client::new(&way).send(&release()).unwrap_err();
    assert!(
        matches!(failed, ClientError::NoAnswer { tries: 5, .. }),
        "{failed}"
    );
    assert!(failed.to_string().contains(&silent), "{failed}");
    let failed = Client::brief(&way).send(&release()).unwrap_err();
    assert!(
        matches!(failed, ClientError::NoAnswer { tries: 3, .. }),
        "{failed}"
    );

    let server = Server::playing((0..5).map(|_| say_busy("")).collect());
    let failed = Client::new(&Impatient::to(&server)).send(&release());
    match failed.unwrap_err() {
        ClientError::Refused(problem) => assert_eq!(problem.code(), "busy"),
        other => panic!("{other}"),
    }
    assert_eq!(server.taken().len(), 5);
}

#[test]
fn a_token_is_good_once_and_never_sent_twice() {
    let server = Server::playing(vec![Step::Cut, say_busy(""), say_json(&recorded())]);
    let way = Impatient::to(&server);
    let read = || {
        hospital()
            .read::<ReadAgain>(stamp(), "/v1/accesses/x")
            .unwrap()
    };
    let failed = Client::new(&way).send(&read()).unwrap_err();
    assert!(matches!(failed, ClientError::NoAnswer { tries: 1, .. }));
    let failed = Client::new(&way).send(&read()).unwrap_err();
    assert!(matches!(failed, ClientError::Refused(_)));
    assert_eq!(server.taken().len(), 2);
    assert!(way.waited.take().is_empty());
}
