//! Another policy pack on a running ledger: what was decided by the first stays as it was, what
//! comes after is decided by the second, and people read both in the words of their pack.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use akashi_actors::{Access, Actor, Portal, Query, claims, random, reference_and_code};
use akashi_client::{Recorded, Request};
use akashi_policies::Pack;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::Qid;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::statement::RequestNonce;
use akashi_tests::operator::Operator;
use akashi_tests::server::{Answered, Server};
use akashi_tests::visitor::Visitor;
use serde_json::{Value, json};

const HOSPITAL: &str = "hospital.chuo";
const PHARMACY: &str = "pharmacy.midori";
const CITY: &str = "city.hinata";
const NUMBER: &str = "+819012345678";

/// What the two packs call the same purposes, and the rule only the second has.
const TREATMENT: [&str; 2] = ["診療", "手当て"];
const OFFERED: [&str; 2] = ["診察や治療に役立てる", "手当てに役立てる"];
const WELFARE: [&str; 2] = ["福祉の相談・支援", "福祉の案内"];
const RULE: &str = "病院の医師は、薬局の記録を見ることができません。";

/// The files of the second pack.
fn second() -> BTreeMap<String, String> {
    let mut files = Pack::town_files();
    let mut change = |file: &str, from: &str, to: &str| {
        let text = files.get_mut(file).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from}");
        *text = text.replace(from, to);
    };
    change("pack.toml", "version = 1", "version = 2");
    change("purposes.toml", OFFERED[0], OFFERED[1]);
    for [before, after] in [TREATMENT, WELFARE] {
        let name = |name| format!("name = {{ ja = \"{name}\",");
        change("purposes.toml", &name(before), &name(after));
    }
    let rule = format!(
        "\n[[forbid]]\ncode = \"no-pharmacies\"\nsentence = {{ ja = \"{RULE}\", \
         en = \"A physician never sees what a pharmacy has.\" }}\n\
         requesters = [\"hospital\"]\nroles = [\"physician\"]\nholders = [\"pharmacy\"]\n"
    );
    files.get_mut("rules.toml").unwrap().push_str(&rule);
    files
}

fn digest_of(files: BTreeMap<String, String>) -> Digest {
    Pack::from_files(files).unwrap().digest()
}

fn write(folder: &Path, files: &BTreeMap<String, String>) {
    fs::create_dir(folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

/// A ledger that began with the first pack, with both on its shelf.
fn founded(operator: &Operator) {
    write(&operator.path("pack-1"), &Pack::town_files());
    write(&operator.path("pack-2"), &second());
    operator.configure(&["pack-1"]);
    operator.does(&["init"]);
    operator.configure(&["pack-1", "pack-2"]);
}

/// Has an institution certified and gives it a role-holder.
async fn join(operator: &Operator, server: &Server, id: &str, role: (&str, &str)) -> Actor {
    let actor = operator.cast.actor(id);
    let sector = id.split('.').next().unwrap();
    let certified = claims::certified(actor.who(), (id, id), sector);
    let admitted = by_supervisors(operator, &certified);
    assert_eq!(server.carry(admitted.message()).await.status, 200);
    let role = actor.sign(Type::Act, claims::role_assigned(role.0, role.1, 1));
    let given = Request::act(&[text(&role)], None, None);
    assert_eq!(server.carry(given.message()).await.status, 200);
    actor
}

fn by_supervisors(operator: &Operator, act: &Value) -> Request<Recorded> {
    let statements = operator.cast.by_supervisors(act);
    Request::act(&statements.each_ref().map(text), None, None)
}

fn text(statement: &Jws) -> String {
    String::from_utf8(statement.as_bytes().to_vec()).unwrap()
}

/// Gets the institution its code for her, at its counter.
async fn link(
    server: &Server,
    institution: &Actor,
    visitor: &mut Visitor<'_>,
    qid: &str,
) -> String {
    visitor.get("/me/counter-code").await.is(200);
    let page = visitor.post("/me/counter-code", &[]).await;
    let code = page.is(200).between("figure-number\">", "<");
    let code = code.replace(' ', "");
    let key = Secret::from_bytes(random());
    let qid = Qid::parse(qid).unwrap();
    let client = &institution.client;
    let request = client.link(institution.stamp(), qid, &code, &key).unwrap();
    let answer = server.carry(request.message()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["link_code"].as_str().unwrap().to_owned()
}

/// What both supervisors sign.
async fn put_in_force(
    operator: &Operator,
    server: &Server,
    version: u64,
    pack: Digest,
) -> Answered {
    let act = json!({
        "act": "policy.activated", "pack": "town", "version": version,
        "policy_digest": pack.to_base64url(),
    });
    server.carry(by_supervisors(operator, &act).message()).await
}

fn looks<'a>(code: &'a str) -> Access<'a> {
    Access {
        subject: Some(code),
        role_holder: "dr-1",
        role: "physician",
        process: "care.consult",
        purpose: "treatment",
        holder: PHARMACY,
        categories: &["medication"],
        ..Access::VIEW
    }
}

fn asks_her<'a>(code: &'a str) -> Access<'a> {
    Access {
        subject: Some(code),
        role_holder: "of-1",
        role: "welfare-officer",
        process: "city.drill-down",
        purpose: "welfare-support",
        holder: HOSPITAL,
        categories: &["care-level"],
        ..Access::VIEW
    }
}

async fn in_force(server: &Server) -> Value {
    server.get("/v1/policy").await.json()["digest"].clone()
}

#[tokio::test]
async fn another_pack_comes_into_force_while_the_ledger_runs() {
    let folder = tempfile::tempdir().unwrap();
    let operator = Operator::new(folder.path());
    founded(&operator);
    let (first, second) = (digest_of(Pack::town_files()), digest_of(second()));
    let server = operator.serve().await;
    let hospital = join(&operator, &server, HOSPITAL, ("dr-1", "physician")).await;
    let pharmacy = join(&operator, &server, PHARMACY, ("ph-1", "pharmacist")).await;
    let city = join(&operator, &server, CITY, ("of-1", "welfare-officer")).await;
    let mut visitor = Visitor::new(&server);
    let papers = visitor.enrol(NUMBER).await;
    let hers = link(&server, &hospital, &mut visitor, &papers.qid).await;
    link(&server, &pharmacy, &mut visitor, &papers.qid).await;
    let of_city = link(&server, &city, &mut visitor, &papers.qid).await;
    agree(&mut visitor, OFFERED).await;

    // By the first pack: a permit, and a question.
    let nonce = RequestNonce::from_bytes([1; 16]);
    let request = |asked: &Access<'_>, by: &Actor| {
        let made = by
            .client
            .access(by.stamp(), asked, &Query::get("/record"), &nonce);
        made.unwrap()
    };
    let before = request(&looks(&hers), &hospital);
    let permit = server.carry(before.message()).await;
    assert_eq!(permit.json()["decision"], "permit", "{}", permit.text());
    let known = server.texts(NUMBER).await.len();
    let question = request(&asks_her(&of_city), &city);
    let question = server.carry(question.message()).await.json();
    assert_eq!(question["decision"], "ask", "{question}");
    let sms = |text: &str| text.contains("受付番号");
    let sms = server.wait_for_text(NUMBER, known, sms).await;

    // Only what is on the shelf comes into force, and only as what it is.
    let unknown = put_in_force(&operator, &server, 2, Digest::of(&[b"another"])).await;
    assert_eq!(
        unknown.json()["field"],
        "policy_digest",
        "{}",
        unknown.text()
    );
    let wrong = put_in_force(&operator, &server, 3, second).await;
    assert_eq!(wrong.json()["field"], "version", "{}", wrong.text());
    let again = put_in_force(&operator, &server, 1, first).await;
    assert_eq!(again.status, 409, "{}", again.text());
    assert_eq!(in_force(&server).await, first.to_base64url());
    let done = put_in_force(&operator, &server, 2, second).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(in_force(&server).await, second.to_base64url());

    // By the second: the same is refused.
    let refused = server
        .carry(request(&looks(&hers), &hospital).message())
        .await
        .json();
    assert_eq!(refused["decision"], "deny", "{refused}");
    assert_eq!(refused["reasons"][0], "not-available");

    // The question stands as it was asked; her answer is decided by the second.
    let path = format!("/me/requests/{}", question["index"]);
    let page = visitor.get(&path).await;
    page.is(200).shows(WELFARE[0]);
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let (_, code) = reference_and_code(&sms);
    let answer = [
        ("answer", "approve"),
        ("wording", wording.as_str()),
        ("code", code.as_str()),
    ];
    visitor.post(&path, &answer).await.is(303);
    let read = format!("/v1/accesses/{}", question["id"].as_str().unwrap());
    let read = city.client.read::<Value>(city.stamp(), &read).unwrap();
    let resolved = server.carry(read.message()).await.json()["resolution"].clone();
    assert_eq!(resolved["decision"], "permit", "{resolved}");

    // Each record is told in the words of the pack that decided it.
    let told = [
        (permit.json()["index"].clone(), TREATMENT[0]),
        (refused["index"].clone(), TREATMENT[1]),
        (refused["index"].clone(), RULE),
        (question["index"].clone(), WELFARE[0]),
        (resolved["index"].clone(), WELFARE[1]),
    ];
    reads_both(&mut visitor, &told).await;
    agree(&mut visitor, [OFFERED[1], OFFERED[0]]).await;

    // The same after a restart, and a retry has its first answer.
    let retried = server.carry(&before.message_again()).await;
    assert_eq!((retried.status, &retried.bytes), (200, &permit.bytes));
    drop(visitor);
    server.kill();
    let server = operator.serve().await;
    assert_eq!(in_force(&server).await, second.to_base64url());
    let retried = server.carry(&before.message_again()).await;
    assert_eq!((retried.status, &retried.bytes), (200, &permit.bytes));
    let mut visitor = Visitor::new(&server);
    visitor.sign_in(NUMBER).await.is(303);
    visitor.step_up(&papers.recovery).await.is(303);
    reads_both(&mut visitor, &told).await;
}

/// Her pages of these records say these words.
async fn reads_both(visitor: &mut Visitor<'_>, told: &[(Value, &str)]) {
    let history = visitor.get("/me/history").await;
    history.is(200).shows("件は、欠けなくそろっています");
    for (index, words) in told {
        let page = visitor.get(&format!("/me/history/{index}")).await;
        page.is(200).shows(words);
    }
}

/// Agrees to treatment, where the page offers it in the first of these words and not in the second.
async fn agree(visitor: &mut Visitor<'_>, [offered, not]: [&str; 2]) {
    let path = "/me/consents/new";
    let form = visitor
        .get(&format!("{path}?recipient={HOSPITAL}&holder={PHARMACY}"))
        .await;
    form.is(200).shows(offered).hides(not);
    let until = form.between("max=\"", "\"");
    let wanted = [
        ("recipient", HOSPITAL),
        ("holder", PHARMACY),
        ("purpose", "treatment"),
        ("category", "medication"),
        ("until", until.as_str()),
    ];
    let page = visitor.post(path, &wanted).await;
    let wording = page.is(200).between("name=\"wording\" value=\"", "\"");
    let agreed = [&wanted[..], &[("wording", wording.as_str())]].concat();
    visitor.post(path, &agreed).await.is(303);
}

#[tokio::test]
async fn a_server_starts_only_with_the_pack_in_force_on_its_shelf_and_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let operator = Operator::new(folder.path());
    founded(&operator);
    write(&operator.path("copy"), &Pack::town_files());
    operator.configure(&["pack-2"]);
    let said = operator.is_refused(&["serve"]);
    let (first, second) = (digest_of(Pack::town_files()), digest_of(second()));
    for part in [
        format!("policy.packs has town {second}"),
        format!("the log says that town {first} is in force"),
    ] {
        assert!(said.contains(&part), "{said}");
    }
    operator.configure(&["pack-2", "pack-1", "copy"]);
    let said = operator.is_refused(&["serve"]);
    let (one, other) = (operator.path("pack-1"), operator.path("copy"));
    let same = format!(
        "policy.packs: `{}` and `{}` hold the same pack, {first}",
        one.display(),
        other.display()
    );
    assert!(said.contains(&same), "{said}");
    assert_eq!(said.lines().count(), 1, "one clear line: {said}");
}
