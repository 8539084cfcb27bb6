//! What can be wrong with a signed read: its token, its path, its query.

use akashi_actors::{named, sign};
use akashi_proof::jws::{STATEMENT_LEN_MAX, Type};
use akashi_tlog::base64::url;
use axum::body::Body;
use axum::http::{HeaderValue, Request};
use serde_json::{Value, json};

use super::inputs::{PIECES, WHO, input, short};
use super::walk::{Input, PERSONAL};
use crate::foundation::text;
use crate::town::Town;

/// A signed read, its token and its path.
pub fn reads(town: &Town, path: &str, link: &str) -> Vec<Input> {
    let target = match path {
        "/v1/accesses/{id}" => format!("/v1/accesses/{}", url::encode(&[9; 32])),
        _ => format!("/v1/links/{link}/gates?above=0"),
    };
    let ask = |line: Option<String>, target: &str| {
        let mut request = Request::get(target);
        if let Some(line) = line {
            request = request.header("authorization", line);
        }
        request.body(Body::empty()).unwrap()
    };
    let token =
        |who: &str, typ: Type, claims: Value| format!("Bearer {}", town.sign(who, typ, claims));
    let for_this = |target: &str| json!({ "htm": "GET", "htu": target });
    let good = |target: &str| token("hospital.minato", Type::Request, for_this(target));
    let with = |name: &str, value: Value| {
        let mut claims = for_this(&target);
        claims[name] = value;
        token(WHO, Type::Request, claims)
    };
    let mut inputs: Vec<Input> = vec![
        ("no token", None),
        ("Basic", Some("Basic eDp5".to_owned())),
        ("Bearer alone", Some("Bearer ".to_owned())),
        ("words", Some("Bearer hello".to_owned())),
        (
            "a token too long",
            Some(format!("Bearer {}", "a".repeat(STATEMENT_LEN_MAX + 1))),
        ),
        ("another method", Some(with("htm", json!("POST")))),
        ("another path", Some(with("htu", json!("/v1/elsewhere")))),
        ("another log", Some(with("aud", json!("other.example/log")))),
        ("long ago", Some(with("iat", json!(town.now() - 400)))),
        ("htm 1", Some(with("htm", json!(1)))),
        (
            "htu of 10,000 letters",
            Some(with("htu", json!("x".repeat(10_000)))),
        ),
        ("an unknown member", Some(with("name", json!(PERSONAL)))),
        (
            "another type",
            Some(token(WHO, Type::Act, for_this(&target))),
        ),
        (
            "a supervisor's",
            Some(token("supervisor.north", Type::Request, for_this(&target))),
        ),
        (
            "a key nobody registered",
            Some(format!(
                "Bearer {}",
                text(&sign(&named("nobody.known"), Type::Request, "{}"))
            )),
        ),
    ]
    .into_iter()
    .map(|(name, line)| input(name, ask(line, &target)))
    .collect();
    let used = good(&target);
    inputs.push(input(
        "good, of another institution",
        ask(Some(used.clone()), &target),
    ));
    inputs.push(input("the same again", ask(Some(used), &target)));
    let mut twice = ask(Some(good(&target)), &target);
    let second = HeaderValue::from_str(&good(&target)).unwrap();
    twice.headers_mut().append("authorization", second);
    inputs.push(input("two tokens", twice));
    for piece in PIECES {
        let target = path.replace("{id}", piece).replace("{code}", piece);
        inputs.push(input(short(piece), ask(Some(good(&target)), &target)));
    }
    if path.contains("{code}") {
        for query in [
            "",
            "?above=",
            "?above=-1",
            "?above=1e3",
            "?above=18446744073709551616",
            "?above=0&above=0",
            "?from=0",
            "?above=0&x=1",
            "?above=0&from=99999999",
        ] {
            let target = format!("/v1/links/{link}/gates{query}");
            let own = token(WHO, Type::Request, for_this(&target));
            inputs.push(input(format!("query `{query}`"), ask(Some(own), &target)));
        }
    }
    inputs
}
