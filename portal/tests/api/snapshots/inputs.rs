//! Bad input by kind of route: whatever a route takes, these are the ways to get it wrong.

use akashi_actors::{named, sign};
use akashi_api::openapi::RouteDoc;
use akashi_proof::jws::{STATEMENT_LEN_MAX, Type};
use akashi_proof::statement::header::{EVIDENCE_KEY, LINK_KEY, MEDIA_TYPE, REQUEST_NONCE};
use akashi_tlog::base64::url;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request};
use serde_json::{Value, json};

use super::claims::claims_of;
use super::reads::reads;
use super::walk::{Input, PERSONAL};
use crate::foundation::{role_assigned, text};
use crate::town::{INBOUND_TOKEN, Town, qid};

pub const WHO: &str = "hospital.chuo";

/// All of it for one route.
pub fn of(town: &Town, route: &'static RouteDoc, link: &str) -> Vec<Input> {
    let mut inputs = methods(route);
    match (route.method, route.path) {
        ("post", path) if statement(town, path, link).is_some() => {
            let (typ, claims, beside) = statement(town, path, link).unwrap();
            inputs.extend(statements(town, path, (typ, &claims), beside));
        }
        ("post", "/v1/evidence/verify") => inputs.extend(evidence()),
        ("post", path @ "/sms/inbound") => inputs.extend(posted_by_gateway(path, REPLY)),
        ("post", path @ "/sms/reports") => inputs.extend(posted_by_gateway(path, REPORT)),
        ("get", path @ ("/v1/accesses/{id}" | "/v1/links/{code}/gates")) => {
            inputs.extend(reads(town, path, link));
        }
        ("get", path) if path.contains('{') => inputs.extend(pieces(path)),
        // Nothing can be wrong but the method.
        ("get", path) if !path.starts_with("/v1/") || FIXED.contains(&path) => {}
        (method, path) => panic!("{method} {path} has no rows here"),
    }
    inputs
}

/// Documents: whoever asks gets them.
const FIXED: [&str; 2] = ["/v1/policy", "/v1/openapi.json"];

/// A header beside a statement, and how many bytes it holds.
pub type Beside = Option<(&'static str, usize)>;

/// What a route for statements takes: type, good claims, header beside.
fn statement(town: &Town, path: &str, link: &str) -> Option<(Type, Value, Beside)> {
    let digest = url::encode(&[8; 32]);
    Some(match path {
        "/v1/accesses" => (
            Type::Access,
            town.emergency(link),
            Some((REQUEST_NONCE, 16)),
        ),
        "/v1/link-codes" => (
            Type::Link,
            json!({ "qid": qid(), "code": "123456", "link_check": digest }),
            Some((LINK_KEY, 32)),
        ),
        "/v1/link-ends" => (
            Type::LinkEnd,
            json!({ "link_code": link, "cause": "disclosed" }),
            None,
        ),
        "/v1/releases" => (
            Type::Release,
            json!({ "index": 1, "evidence_digest": digest, "presented": "a.b.c" }),
            None,
        ),
        "/v1/acts" => (
            Type::Act,
            role_assigned("x-1", "nurse"),
            Some((EVIDENCE_KEY, 32)),
        ),
        _ => return None,
    })
}

pub fn input(name: impl Into<String>, request: Request<Body>) -> Input {
    Input {
        name: name.into(),
        request,
    }
}

/// The path with something in its open pieces.
fn filled(path: &str) -> String {
    let path = path.replace("{*path}", "0/000.p/1");
    match path.split_once('{') {
        Some((before, rest)) => format!("{before}1{}", rest.split_once('}').unwrap().1),
        None => path,
    }
}

fn methods(route: &'static RouteDoc) -> Vec<Input> {
    let all = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::from_bytes(b"PROPFIND").unwrap(),
    ];
    let is_other = |method: &Method| !method.as_str().eq_ignore_ascii_case(route.method);
    let others = all.into_iter().filter(is_other);
    // Pages answer people, as a page.
    let is_page = ["/docs", "/problems/{code}"].contains(&route.path);
    let others = others.filter(|_| !is_page);
    let request = |method: Method| {
        let name = method.to_string();
        let request = Request::builder().method(method).uri(filled(route.path));
        input(name, request.body(Body::empty()).unwrap())
    };
    others.map(request).collect()
}

/// Everything that can be wrong with a statement and what stands around it.
fn statements(
    town: &Town,
    path: &str,
    (typ, claims): (Type, &Value),
    beside: Beside,
) -> Vec<Input> {
    let good = town.sign(WHO, typ, claims.clone());
    let post = |body: Vec<u8>| {
        let mut request = Request::post(path).header("content-type", MEDIA_TYPE);
        if let Some((name, len)) = beside {
            request = request.header(name, url::encode(&vec![2; len]));
        }
        request.body(Body::from(body)).unwrap()
    };
    let mut inputs: Vec<Input> = bodies(&good)
        .into_iter()
        .map(|(name, body)| input(name, post(body)))
        .collect();
    for (name, jws) in headers_inside(town, typ, claims) {
        inputs.push(input(name, post(jws.into_bytes())));
    }
    for (name, bytes) in claims_of(town, claims) {
        let jws = text(&sign(&named(WHO), typ, bytes));
        inputs.push(input(name, post(jws.into_bytes())));
    }
    inputs.extend(media_types(&good, post));
    if let Some((name, len)) = beside {
        inputs.extend(headers_beside(&good, (name, len), post));
    }
    inputs
}

fn bodies(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (signed, _) = good.rsplit_once('.').unwrap();
    let bytes = |text: String| text.into_bytes();
    vec![
        ("no body", Vec::new()),
        ("words", bytes(PERSONAL.to_owned())),
        ("no UTF-8", vec![0xFF, 0xFE, 0x00]),
        ("a byte order mark", bytes(format!("\u{feff}{good}"))),
        ("a space before it", bytes(format!(" {good}"))),
        ("a line break after it", bytes(format!("{good}\r\n"))),
        ("in quotation marks", bytes(format!("\"{good}\""))),
        ("two of them", bytes(format!("{good}.{good}"))),
        ("padding", bytes(format!("{good}="))),
        ("no signature", bytes(format!("{signed}."))),
        ("a short signature", bytes(format!("{signed}.AAAA"))),
        (
            "another signature",
            bytes(format!("{signed}.{}", url::encode(&[0; 64]))),
        ),
        (
            "JSON serialization",
            br#"{"payload":"","signatures":[]}"#.to_vec(),
        ),
        ("16 KiB and a byte", vec![b'a'; STATEMENT_LEN_MAX + 1]),
        ("a megabyte", vec![b'a'; 1 << 20]),
    ]
}

/// Wrong in the JWS header: algorithm, name of the key, type.
fn headers_inside(town: &Town, typ: Type, claims: &Value) -> Vec<(String, String)> {
    let kid = named(WHO).kid().to_string();
    let with = |header: Value| {
        let parts = [header.to_string().into_bytes(), b"{}".to_vec(), vec![0; 64]];
        parts.map(|part| url::encode(&part)).join(".")
    };
    let good = json!({ "alg": "Ed25519", "kid": kid, "typ": typ.as_str() });
    let changed = |name: &str, value: Value| {
        let mut header = good.clone();
        header[name] = value;
        with(header)
    };
    let without = |name: &str| {
        let mut header = good.clone();
        header.as_object_mut().unwrap().remove(name);
        with(header)
    };
    let mut all: Vec<(String, String)> = vec![
        ("no alg".into(), without("alg")),
        ("alg none".into(), changed("alg", json!("none"))),
        ("alg ES256".into(), changed("alg", json!("ES256"))),
        ("no kid".into(), without("kid")),
        ("kid of words".into(), changed("kid", json!(PERSONAL))),
        ("no typ".into(), without("typ")),
        ("typ JWT".into(), changed("typ", json!("JWT"))),
        ("crit".into(), changed("crit", json!(["exp"]))),
    ];
    for other in Type::ALL.iter().filter(|other| **other != typ) {
        all.push((other.to_string(), town.sign(WHO, *other, claims.clone())));
    }
    let supervisor_s = |typ: Type| town.sign("supervisor.north", typ, claims.clone());
    all.push(("a supervisor's".into(), supervisor_s(typ)));
    all.push(("a supervisor's token".into(), supervisor_s(Type::Request)));
    let stranger_s = text(&sign(&named("nobody.known"), typ, claims.to_string()));
    all.push(("a key nobody registered".into(), stranger_s));
    let mut in_her_name = claims.clone();
    in_her_name["iss"] = json!(WHO);
    all.push((
        "in another's name".into(),
        town.sign("pharmacy.midori", typ, in_her_name),
    ));
    all
}

fn media_types(good: &str, post: impl Fn(Vec<u8>) -> Request<Body>) -> Vec<Input> {
    let with = |name: &str, values: &[&str], what: &str| {
        let mut request = post(good.as_bytes().to_vec());
        request.headers_mut().remove(name.to_owned());
        for value in values {
            let name = axum::http::HeaderName::try_from(name).unwrap();
            request
                .headers_mut()
                .append(name, HeaderValue::from_str(value).unwrap());
        }
        input(what, request)
    };
    let long = "x".repeat(4_000);
    vec![
        with("content-type", &[], "no content type"),
        with("content-type", &["application/json"], "application/json"),
        with(
            "content-type",
            &["application/jose+json"],
            "application/jose+json",
        ),
        with("content-type", &[&long], "a long content type"),
        with(
            "content-type",
            &[MEDIA_TYPE, MEDIA_TYPE],
            "two content types",
        ),
        with("content-encoding", &["gzip"], "gzip"),
        with("content-encoding", &["br, gzip"], "br, gzip"),
    ]
}

fn headers_beside(
    good: &str,
    (name, len): (&'static str, usize),
    post: impl Fn(Vec<u8>) -> Request<Body>,
) -> Vec<Input> {
    let right = url::encode(&vec![2; len]);
    let cases: [(&str, Vec<Vec<u8>>); 7] = [
        ("short", vec![b"AAAA".to_vec()]),
        ("empty", vec![Vec::new()]),
        ("padded", vec![format!("{right}=").into_bytes()]),
        ("in base64", vec!["+/".repeat(22).into_bytes()]),
        ("of 4,000 letters", vec![vec![b'a'; 4_000]]),
        ("of other bytes", vec![vec![0xE5, 0xB1, 0xB1]]),
        (
            "twice",
            vec![right.clone().into_bytes(), right.into_bytes()],
        ),
    ];
    let mut inputs: Vec<Input> = cases
        .into_iter()
        .map(|(what, values)| {
            let mut request = post(good.as_bytes().to_vec());
            request.headers_mut().remove(name);
            for value in values {
                let value = HeaderValue::from_bytes(&value).unwrap();
                request.headers_mut().append(name, value);
            }
            input(format!("{name} {what}"), request)
        })
        .collect();
    if name != EVIDENCE_KEY {
        let mut request = post(good.as_bytes().to_vec());
        request.headers_mut().remove(name);
        inputs.push(input(format!("no {name}"), request));
    }
    inputs
}

fn evidence() -> Vec<Input> {
    let post = |content_type: &'static str, body: Vec<u8>| {
        let request = Request::post("/v1/evidence/verify").header("content-type", content_type);
        request.body(Body::from(body)).unwrap()
    };
    let plain = "text/plain";
    vec![
        input("no body", post(plain, Vec::new())),
        input("words", post(plain, PERSONAL.as_bytes().to_vec())),
        input("no UTF-8", post(plain, vec![0xFF, 0xFE])),
        input("17 KiB", post(plain, vec![b'a'; 17 * 1_024])),
        input("257 KiB", post(plain, vec![b'a'; 257 * 1_024])),
        input("application/json", post("application/json", b"{}".to_vec())),
    ]
}

/// What a gateway posts, right and wrong: whole, with a member missing, with one of another type,
/// with one twice.
type OfGateway = [&'static str; 4];

const REPLY: OfGateway = [
    r#"{"from":"+819012345678","text":"hello"}"#,
    r#"{"from":"+819012345678"}"#,
    r#"{"from":"+819012345678","text":1}"#,
    r#"{"from":"a","from":"b","text":"x"}"#,
];

const REPORT: OfGateway = [
    r#"{"messageId":"7","status":"delivered"}"#,
    r#"{"messageId":"7"}"#,
    r#"{"messageId":"7","status":1}"#,
    r#"{"messageId":"7","messageId":"8","status":"delivered"}"#,
];

fn posted_by_gateway(path: &'static str, of_gateway: OfGateway) -> Vec<Input> {
    let post = |token: Option<&str>, body: &str| {
        let mut request = Request::post(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        request.body(Body::from(body.to_owned())).unwrap()
    };
    let right = format!("Bearer {INBOUND_TOKEN}");
    let with = |body: &str| post(Some(&right), body);
    let [good, missing, other_type, twice] = of_gateway;
    vec![
        input("no token", post(None, good)),
        input("another token", post(Some("Bearer x"), good)),
        input(
            "another scheme",
            post(Some(&format!("Digest {INBOUND_TOKEN}")), good),
        ),
        input("no body", with("")),
        input("words", with(PERSONAL)),
        input("a list", with("[]")),
        input("a member missing", with(missing)),
        input("a number as text", with(other_type)),
        input("a member twice", with(twice)),
        input("9 KiB", with(&"x".repeat(9 * 1_024))),
    ]
}

/// What can stand in an open piece of a path and names nothing.
pub const PIECES: [&str; 9] = [
    "x",
    "%FF",
    "%00",
    "%E5%B1%B1",
    "..%2F..",
    "-1",
    "01",
    "18446744073709551616",
    "99999999",
];

pub fn short(piece: &str) -> String {
    format!("`{piece}`")
}

fn pieces(path: &'static str) -> Vec<Input> {
    let long = "a".repeat(4_000);
    let is_page = path == "/problems/{code}";
    let all = PIECES
        .into_iter()
        .chain([long.as_str()])
        .filter(|_| !is_page);
    let ask = |piece: &str| {
        let open = path.split(['{', '}']).nth(1).unwrap();
        let target = path.replace(&format!("{{{open}}}"), piece);
        let name = if piece.len() > 100 {
            "4,000 letters".to_owned()
        } else {
            short(piece)
        };
        input(name, Request::get(target).body(Body::empty()).unwrap())
    };
    all.map(ask).collect()
}
