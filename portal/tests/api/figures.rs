//! `/metrics` as Prometheus reads it: names say what they are, and every bound names one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use akashi_proof::jws::Type;

use crate::town::Town;

/// A family: its type, and its samples by name and labels.
struct Family {
    kind: String,
    samples: BTreeMap<String, f64>,
}

/// Reads the text strictly: HELP, TYPE, samples, for one family after another.
fn read(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line
            .strip_prefix("# HELP ")
            .unwrap()
            .split_once(' ')
            .unwrap();
        assert!(help.ends_with('.') && help.len() > 10, "{line}");
        let kind = lines.next().unwrap();
        let kind = kind.strip_prefix(&format!("# TYPE {name} ")).unwrap();
        let mut samples = BTreeMap::new();
        while let Some(sample) = lines.next_if(|line| !line.starts_with('#')) {
            let (of, value) = sample.rsplit_once(' ').unwrap();
            let base = of.split('{').next().unwrap();
            let is_part = ["_bucket", "_sum", "_count"]
                .iter()
                .any(|part| kind == "histogram" && base.strip_suffix(part) == Some(name));
            assert!(base == name || is_part, "{sample} stands under {name}");
            let before = samples.insert(of.to_owned(), value.parse().unwrap());
            assert!(before.is_none(), "{sample} twice");
        }
        let family = Family {
            kind: kind.to_owned(),
            samples,
        };
        assert!(
            families.insert(name.to_owned(), family).is_none(),
            "{name} twice"
        );
    }
    families
}

async fn figures(town: &Town) -> BTreeMap<String, Family> {
    read(&town.get("/metrics").await.text())
}

#[tokio::test]
async fn what_is_called_a_total_is_a_counter_and_never_falls() {
    let town = Town::new().await;
    let before = figures(&town).await;
    for (name, family) in &before {
        assert!(name.starts_with("akashi_"), "{name}");
        assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name}");
        let kinds = ["counter", "gauge", "histogram"];
        assert!(kinds.contains(&&*family.kind), "{name}: {}", family.kind);
        // Times are seconds, sizes bytes: the base units of Prometheus.
        for unit in [
            "milli", "micro", "minute", "hour", "kilo", "mega", "_ms", "_us",
        ] {
            assert!(!name.contains(unit), "{name} is not in a base unit");
        }
        assert!(
            !family.samples.is_empty() || name == "akashi_request_seconds",
            "{name}"
        );
    }
    let link = town.link("hospital.chuo").await;
    for _ in 0..2 {
        let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
        town.access(&statement).await;
        town.access(&statement).await;
        town.post("/v1/acts", "hello", &[]).await;
    }
    let after = figures(&town).await;
    let mut risen = 0;
    for (name, family) in before.iter().filter(|(_, family)| family.kind != "gauge") {
        for (sample, before) in &family.samples {
            let after = after[name].samples[sample];
            assert!(after >= *before, "{sample} fell from {before} to {after}");
            risen += usize::from(after > *before);
        }
    }
    assert!(risen > 5, "{risen} have risen");
}

/// Where the server's bounds stand. Those of commands (`akashi-audit`, `akashi-check`) end in words
/// and an exit code.
const LIMITS: [&str; 5] = [
    "ledger/src/limits.rs",
    "ledger/proof/src/limits.rs",
    "notifier/src/limits.rs",
    "portal/desk/src/limits.rs",
    "portal/pages/src/limits.rs",
];

/// The bounds of one file with what is said of each.
fn bounds(text: &str) -> Vec<(String, String)> {
    let (mut bounds, mut said) = (Vec::new(), String::new());
    for line in text.lines().map(str::trim) {
        if let Some(more) = line.strip_prefix("///") {
            said.push_str(more);
            continue;
        }
        let declared = line
            .strip_prefix("pub const ")
            .or_else(|| line.strip_prefix("pub(crate) const "))
            .filter(|rest| !rest.starts_with("fn "))
            .or_else(|| {
                line.strip_prefix("pub ")
                    .filter(|rest| rest.ends_with("u32,"))
            });
        if let Some((name, _)) = declared.and_then(|rest| rest.split_once(':')) {
            bounds.push((name.to_owned(), said.clone()));
        }
        said.clear();
    }
    bounds
}

#[tokio::test]
async fn every_bound_names_its_metric_or_says_that_it_has_none() {
    let there = figures(&Town::new().await).await;
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in LIMITS {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        // Of all there is in it, as its first lines say.
        let has_none = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .any(|line| line.contains("nothing counts these"));
        for (name, said) in bounds(&text).into_iter().filter(|_| !has_none) {
            count += 1;
            let word = |c: char| c.is_ascii_lowercase() || c == '_';
            let named: Vec<&str> = said
                .split(|c| !word(c))
                .filter(|part| part.starts_with("akashi_") && !said.contains(&format!("[`{part}")))
                .collect();
            let is_there = !named.is_empty() && named.iter().all(|one| there.contains_key(*one));
            if !is_there && !said.to_lowercase().contains("no metric") {
                wrong.push(format!("{file}: {name}: {named:?}"));
            }
        }
    }
    assert!(count > 70, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
