//! Every route of pages and API, by the sources that serve it, and whether the walk came by it, by
//! the server's log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Paths by the names routers have for them.
type Constants = BTreeMap<String, String>;

/// Holds what is served against what the log says was asked for.
pub fn all_are_walked(log: &str) {
    let (served, walked) = (served(), walked(log));
    assert!(served.len() > 90, "are these the sources? {served:?}");
    let missed: Vec<_> = served.difference(&walked).collect();
    assert!(
        missed.is_empty(),
        "no secret was looked for in what these answer: walk them (leaks/walk): {missed:?}"
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
    let texts: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let module = file.file_stem().unwrap().to_str().unwrap().to_owned();
            (module, std::fs::read_to_string(file).unwrap())
        })
        .collect();
    let named = texts
        .iter()
        .flat_map(|(module, text)| constants(module, text))
        .collect();
    let mut served = BTreeSet::new();
    for call in texts
        .iter()
        .flat_map(|(_, text)| text.split(".route(").skip(1))
    {
        let Some((route, handlers)) = route_of(call, &named) else {
            continue;
        };
        for (method, called) in [
            ("GET", "get("),
            ("POST", "post("),
            ("PUT", "put("),
            ("PATCH", "patch("),
            ("DELETE", "delete("),
        ] {
            if handlers.contains(called) {
                served.insert(format!("{method} {route}"));
            }
        }
    }
    served
}

/// The paths a module names, as a router names them: `closes::PATH`.
fn constants(module: &str, text: &str) -> Vec<(String, String)> {
    let named = text.split("const ").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once(": &str = \"")?;
        let is_path = rest.starts_with('/') && !name.contains(char::is_whitespace);
        is_path.then(|| {
            let path = rest.split('"').next().unwrap();
            (format!("{module}::{name}"), path.to_owned())
        })
    });
    named.collect()
}

/// The route a call begins with, as text or by the name of a constant, and what stands behind it
/// up to the call's end; `None` where it begins with neither, as in words about routes.
///
/// # Panics
/// Where it begins with a name that is no constant of these sources: such a route would be missed.
fn route_of<'a>(call: &'a str, named: &'a Constants) -> Option<(&'a str, &'a str)> {
    let call = call.trim_start();
    let (route, rest) = if let Some(text) = call.strip_prefix('"') {
        text.split_once("\",")?
    } else {
        let (name, rest) = call.split_once(',')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let path = named.get(name);
        (
            path.unwrap_or_else(|| panic!("which path is `{name}`?"))
                .as_str(),
            rest,
        )
    };
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
    let named: Constants = constants(
        "a",
        "pub(crate) const PATH: &str = \"/a\";\nconst N: u8 = 1;",
    )
    .into_iter()
    .collect();
    for (call, route) in [
        (
            "\"/me/{id}\", get(a::b).post(c)).route(\"/x\", get(d))",
            "/me/{id}",
        ),
        ("\n  a::PATH, get(a::b).post(c))", "/a"),
    ] {
        let found = route_of(call, &named).unwrap();
        assert_eq!(found, (route, " get(a::b).post(c)"));
    }
    assert!(route_of("and so on, (x))", &named).is_none());
    let line =
        "INFO request request_id=\"r\" method=\"GET\" route=\"/me/{id}\" status=200 took_us=1";
    assert_eq!(walked(line), BTreeSet::from(["GET /me/{id}".to_owned()]));
    let served = served();
    for known in [
        "GET /me",
        "POST /me/consents/{id}",
        "POST /v1/acts",
        "GET /docs",
        "GET /me/time",
    ] {
        assert!(served.contains(known), "{known}");
    }
}
