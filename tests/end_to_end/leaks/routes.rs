//! Every route of pages and API, by the sources that serve it, and whether the walk came by it, by
//! the server's log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Routes the walk does not come by yet: ways to end and to replace what is hers, whose forms the
/// tests of the pages fill in. A new route does not belong here but into the walk.
const NOT_WALKED: &[&str] = &[
    "GET /block",
    "POST /block",
    "GET /blocked",
    "GET /me/account",
    "POST /me/account",
    "GET /me/block",
    "POST /me/block",
    "POST /me/contacts/confirm",
    "GET /me/contacts/end",
    "POST /me/contacts/end",
    "GET /me/contacts/keep",
    "POST /me/contacts/keep",
    "GET /me/contacts/replace",
    "POST /me/contacts/replace",
    "GET /me/contacts/replace/code",
    "POST /me/contacts/replace/code",
    "GET /me/papers",
    "POST /me/papers",
    "GET /me/stop",
    "POST /me/stop",
    "GET /me/unblock",
    "POST /me/unblock",
    "GET /sign-in/mail",
    "POST /sign-in/mail",
    "GET /sign-in/mail/code",
    "POST /sign-in/mail/code",
];

/// Holds what is served against what the log says was asked for.
pub fn all_are_walked(log: &str) {
    let (served, walked) = (served(), walked(log));
    assert!(served.len() > 60, "are these the sources? {served:?}");
    let excused: BTreeSet<&str> = NOT_WALKED.iter().copied().collect();
    let missed: Vec<&String> = served
        .iter()
        .filter(|route| !walked.contains(*route) && !excused.contains(route.as_str()))
        .collect();
    assert!(
        missed.is_empty(),
        "no secret was looked for in what these answer: walk them (leaks/walk): {missed:?}"
    );
    let stale: Vec<&str> = excused
        .into_iter()
        .filter(|route| walked.contains(*route) || !served.contains(*route))
        .collect();
    assert!(
        stale.is_empty(),
        "these are walked, or not there: {stale:?}"
    );
}

/// Method and route of every request the log has a line for.
fn walked(log: &str) -> BTreeSet<String> {
    let value = |line: &str, name: &str| {
        let (_, rest) = line.split_once(name)?;
        Some(rest.split(' ').next()?.trim_matches('"').to_owned())
    };
    let route = |line| {
        Some(format!(
            "{} {}",
            value(line, " method=")?,
            value(line, " route=")?
        ))
    };
    log.lines().filter_map(route).collect()
}

/// Method and route of everything the routers of pages and API say they serve.
fn served() -> BTreeSet<String> {
    let portal = Path::new(env!("CARGO_MANIFEST_DIR")).join("../portal");
    let mut files = vec![portal.join("src/router.rs")];
    for package in ["api", "pages"] {
        sources(&portal.join(package).join("src"), &mut files);
    }
    let mut served = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for call in text.split(".route(").skip(1) {
            let Some((route, handlers)) = literal(call) else {
                continue;
            };
            for (method, called) in [("GET", "get("), ("POST", "post(")] {
                if handlers.contains(called) {
                    served.insert(format!("{method} {route}"));
                }
            }
        }
    }
    served
}

/// The route a call begins with, and what stands behind it up to the call's end; `None` where it
/// begins with no text, as in words about routes.
fn literal(call: &str) -> Option<(&str, &str)> {
    let (route, rest) = call.trim_start().strip_prefix('"')?.split_once("\",")?;
    let mut depth = 1_u32;
    let end = rest.find(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    Some((route, &rest[..end?]))
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn routes_are_read_from_sources_and_from_the_log() {
    let (route, handlers) =
        literal("\"/me/{id}\", get(a::b).post(c)).route(\"/x\", get(d))").unwrap();
    assert_eq!((route, handlers), ("/me/{id}", " get(a::b).post(c)"));
    assert!(literal("name, get(x))").is_none());
    let line =
        "INFO request request_id=\"r\" method=\"GET\" route=\"/me/{id}\" status=200 took_us=1";
    assert_eq!(walked(line), BTreeSet::from(["GET /me/{id}".to_owned()]));
    let served = served();
    for known in [
        "GET /me",
        "POST /me/consents/{id}",
        "POST /v1/acts",
        "GET /docs",
    ] {
        assert!(served.contains(known), "{known}");
    }
}
