//! What comes into the house: licences, sources, banned and doubled crates by the rules of
//! `deny.toml`, and that what a manifest declares is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::{manifest, root, sources};

/// What of `deny.toml` is held here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Rule>,
    skip: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "crate")]
    spec: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// What cargo says of the packages a build for this machine uses, tests included.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// None for ours.
    source: Option<String>,
}

fn rules() -> Rules {
    toml::from_str(&std::fs::read_to_string(root().join("deny.toml")).unwrap()).unwrap()
}

fn packages() -> Vec<Package> {
    let output = |command: &mut Command| {
        let output = command.current_dir(root()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    };
    let compiler = output(Command::new("rustc").arg("-vV"));
    let host = compiler
        .lines()
        .find_map(|line| line.strip_prefix("host: "));
    let text = output(Command::new(env!("CARGO")).args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        host.unwrap(),
    ]));
    let metadata: Metadata = serde_json::from_str(&text).unwrap();
    assert!(metadata.packages.len() > 100, "cargo names the packages");
    metadata.packages
}

#[test]
fn every_licence_is_one_we_accept() {
    let allowed = rules().licenses.allow;
    for package in packages() {
        let licence = package.license.unwrap_or_default();
        assert!(
            accepted(&licence, &allowed),
            "{} is under `{licence}`",
            package.name
        );
    }
}

#[test]
fn everything_comes_from_the_registry_or_is_ours() {
    let registries = rules().sources.allow_registry;
    for Package { name, source, .. } in packages() {
        let registry = source.as_ref().map(|source| {
            let url = source.strip_prefix("registry+").unwrap_or(source);
            registries.iter().any(|allowed| allowed == url)
        });
        assert!(
            registry.unwrap_or(name == "akashi" || name.starts_with("akashi-")),
            "{name} comes from {source:?}"
        );
    }
}

#[test]
fn nothing_banned_comes_in() {
    let packages = packages();
    for ban in rules().bans.deny {
        let found = packages.iter().any(|package| package.name == ban.spec);
        assert!(!found, "{} is banned: {}", ban.spec, ban.reason);
    }
}

#[test]
fn no_crate_comes_in_two_versions_unless_somebody_is_named_for_it() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let known = versions.entry(package.name).or_default();
        known.insert(package.version);
    }
    for Rule { spec, .. } in rules().bans.skip {
        let (name, version) = spec.split_once('@').unwrap();
        let found = versions.get_mut(name).unwrap_or_else(|| panic!("{spec}"));
        let before = found.len();
        found.retain(|found| !found.starts_with(&format!("{version}.")));
        assert!(before > found.len(), "`{spec}` need not be skipped");
        assert!(!found.is_empty(), "`{spec}` is the only one");
    }
    for (name, versions) in versions {
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}

#[test]
fn what_is_declared_is_used() {
    let members = manifest(Path::new(""));
    let members = members["workspace"]["members"].as_array().unwrap().clone();
    let (mut inherited, mut unused) = (BTreeSet::new(), Vec::new());
    for member in members.iter().map(|member| member.as_str().unwrap()) {
        // A binary may stand in the package's own folder.
        let code = text_below(member, &["src", "guided.rs"]);
        // The last three are those of `tests` itself.
        let folders = ["tests", "examples", "conformance", "end_to_end", "tidy"];
        let tests = text_below(member, &folders);
        let manifest = manifest(Path::new(member));
        for (table, text) in [
            ("dependencies", code.clone()),
            ("dev-dependencies", code + &tests),
        ] {
            let declared = manifest.get(table).and_then(toml::Value::as_table);
            for name in declared.into_iter().flat_map(toml::Table::keys) {
                if !has_word(&text, &name.replace('-', "_")) {
                    unused.push(format!("{member}: {name} ({table})"));
                }
                inherited.insert(name.clone());
            }
        }
    }
    let workspace = manifest(Path::new(""));
    let shared = workspace["workspace"]["dependencies"].as_table().unwrap();
    let nobodys = shared.keys().filter(|name| !inherited.contains(*name));
    unused.extend(nobodys.map(|name| format!("the workspace: {name}")));
    assert!(unused.is_empty(), "declared and not used: {unused:#?}");
}

/// The Rust sources below these folders of a package and in these files, those there are.
fn text_below(package: &str, places: &[&str]) -> String {
    let mut all = String::new();
    for place in places.iter().map(|place| format!("{package}/{place}")) {
        if root().join(&place).is_dir() {
            all.extend(sources(&place).into_iter().map(|(_, text)| text));
        } else {
            all += &std::fs::read_to_string(root().join(&place)).unwrap_or_default();
        }
    }
    all
}

/// Whether a licence, as a manifest words it, is satisfied by what is allowed:
/// `(MIT OR Apache-2.0) AND Unicode-3.0`; a slash is an old `OR`.
fn accepted(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let licence = licence.replace('/', " OR ");
    let licence = licence.trim();
    let any = parts(licence, "OR");
    let all = parts(licence, "AND");
    if any.len() > 1 {
        return any.iter().any(|part| accepted(part, allowed));
    }
    if all.len() > 1 {
        return all.iter().all(|part| accepted(part, allowed));
    }
    match licence
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inside) => accepted(inside, allowed),
        None => allowed.contains(licence),
    }
}

/// What stands between the occurrences of a word outside parentheses.
fn parts(licence: &str, between: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for word in licence.split_whitespace() {
        if depth == 0 && word == between {
            parts.push(String::new());
            continue;
        }
        depth += word.matches('(').count();
        depth -= word.matches(')').count();
        let part = parts.last_mut().unwrap();
        *part += if part.is_empty() { "" } else { " " };
        *part += word;
    }
    parts
}

/// Whether a text has this word, not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

#[test]
fn licences_are_read_as_they_are_worded() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned()]);
    for (licence, good) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND ISC", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT AND GPL-3.0) OR (ISC AND GPL-3.0)", false),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("", false),
    ] {
        assert_eq!(accepted(licence, &allowed), good, "{licence}");
    }
}
