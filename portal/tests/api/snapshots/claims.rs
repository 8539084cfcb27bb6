//! What can be wrong in the claims of a statement, whatever its type.

use serde_json::{Map, Value, json};

use super::inputs::WHO;
use super::walk::PERSONAL;
use crate::town::Town;

/// Wrong in the claims: each member missing, of another type, with words; dates; shapes of JSON.
pub fn claims_of(town: &Town, claims: &Value) -> Vec<(String, Vec<u8>)> {
    let complete = || town.complete(WHO, claims.clone());
    let good = complete();
    let one = good.to_string();
    let mut all = vec![
        (
            "claims of no UTF-8".to_owned(),
            b"{\"iss\":\"\xFF\"}".to_vec(),
        ),
        ("claims that are a list".to_owned(), b"[]".to_vec()),
        ("no claims".to_owned(), Vec::new()),
        (
            "claims cut off".to_owned(),
            one.as_bytes()[..one.len() - 1].to_vec(),
        ),
        (
            "a member twice".to_owned(),
            one.replacen('{', "{\"iss\":\"x\",", 1).into_bytes(),
        ),
        (
            "a number of 400 digits".to_owned(),
            raw(&good, "iat", &"9".repeat(400)),
        ),
    ];
    let mut with = |name: &str, value: Value, as_what: &str| {
        let mut claims = complete();
        set(&mut claims, name, value);
        all.push((format!("{name} {as_what}"), claims.to_string().into_bytes()));
    };
    with("aud", json!("other.example/log"), "of another log");
    with("aud", json!([town.app.origin().to_string(), "x"]), "of two");
    with("iat", json!(town.now() - 400), "of long ago");
    with("iat", json!(town.now() + 400), "to come");
    with("nbf", json!(town.now() + 400), "to come");
    with("exp", json!(town.now()), "over");
    for (value, as_what) in [
        (json!(0), "0"),
        (json!(-1), "-1"),
        (json!(253_402_300_800_u64), "in the year 10000"),
        (json!(9_007_199_254_740_992_u64), "2^53"),
        (json!(u64::MAX), "2^64-1"),
        (json!(1e300), "1e300"),
        (json!("1780272000"), "as text"),
    ] {
        with("iat", value, as_what);
    }
    with("name", json!(PERSONAL), "unknown");
    with(PERSONAL, json!(1), "as a member");
    with("x".repeat(200).as_str(), json!(1), "as a member");
    for name in members(&good) {
        with(&name, Value::Null, "null");
        with(&name, json!([[]]), "a list of lists");
        with(&name, json!({}), "an object");
        with(&name, json!(PERSONAL), "of words");
        with(&name, json!("x".repeat(10_000)), "of 10,000 letters");
        with(&name, json!("\u{0}"), "NUL");
        with(&name, json!(1.5), "1.5");
        with(&name, json!(true), "true");
    }
    for name in members(&good) {
        let mut claims = complete();
        remove(&mut claims, &name);
        all.push((format!("no {name}"), claims.to_string().into_bytes()));
    }
    all
}

/// Names of members, those inside others with a dot.
fn members(claims: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in claims.as_object().unwrap() {
        names.push(name.clone());
        if let Some(inside) = value.as_object() {
            names.extend(inside.keys().map(|inner| format!("{name}.{inner}")));
        }
    }
    names
}

fn inside<'c>(claims: &'c mut Value, name: &str) -> (&'c mut Map<String, Value>, String) {
    match name.split_once('.') {
        Some((outer, inner)) => (claims[outer].as_object_mut().unwrap(), inner.to_owned()),
        None => (claims.as_object_mut().unwrap(), name.to_owned()),
    }
}

fn set(claims: &mut Value, name: &str, value: Value) {
    let (object, name) = inside(claims, name);
    object.insert(name, value);
}

fn remove(claims: &mut Value, name: &str) {
    let (object, name) = inside(claims, name);
    object.remove(&name);
}

/// The claims with these very characters as one member's value.
fn raw(claims: &Value, name: &str, characters: &str) -> Vec<u8> {
    let mut claims = claims.clone();
    claims[name] = json!("@");
    claims.to_string().replace("\"@\"", characters).into_bytes()
}
