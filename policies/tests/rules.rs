//! Step 10: a row forbids what it says, and the demands of uses that no pack has yet can be said in
//! rows (`rules/`; the whole list is docs/decisions/0006-rules-as-rows.md).

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use akashi_policies::Pack;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, ProcessId, PurposeCode, RoleCode};
use akashi_proof::record::kind::{BasisKind, Outcome, Step};
use akashi_proof::statement::Basis;
use facts::{Facts, categories, id};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clauses {
    codes: Codes,
    clause: Vec<Clause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    sectors: Vec<String>,
    roles: Vec<String>,
    purposes: Vec<String>,
    processes: Vec<String>,
    categories: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    id: String,
    access: toml::Table,
    forbidden_by: Vec<String>,
    but: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    requester: String,
    role: String,
    process: String,
    purpose: String,
    holder: String,
    categories: Vec<String>,
    basis: String,
    #[serde(default)]
    case: bool,
    #[serde(default)]
    on_behalf_of: bool,
}

/// A file beside this test, or anywhere else in the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn every_demand_that_is_a_rule_is_a_row() {
    let clauses: Clauses = toml::from_str(&read("tests/rules/clauses.toml")).unwrap();
    let pack = wide_open(&clauses.codes, read("tests/rules/rules.toml"));
    let list = read("../docs/decisions/0006-rules-as-rows.md");
    let mut shown = BTreeSet::new();
    for clause in &clauses.clause {
        let refused = facts(clause.access.clone()).decide(&pack);
        let mut expected = vec!["forbidden-by-rule".to_owned()];
        expected.extend(clause.forbidden_by.iter().cloned());
        assert_eq!(
            (refused.step(), &refused.reasons.codes()),
            (Some(Step::Rules), &expected),
            "{}",
            clause.id
        );
        let mut other = clause.access.clone();
        other.extend(clause.but.clone());
        let allowed = facts(other).decide(&pack);
        assert_eq!(
            allowed.outcome,
            Outcome::Permit,
            "{} but {:?}: {:?}",
            clause.id,
            clause.but,
            allowed.reasons
        );
        for code in &clause.forbidden_by {
            shown.insert(code.clone());
            let listed = list
                .lines()
                .any(|line| line.starts_with(&format!("| {} |", clause.id)) && line.contains(code));
            assert!(listed, "docs/decisions/0006: {} and `{code}`", clause.id);
        }
    }
    let all: BTreeSet<String> = pack.rules().iter().map(|r| r.code.to_string()).collect();
    assert_eq!(
        shown, all,
        "every row of the file is shown to forbid something"
    );
}

/// A pack whose whitelist lets everybody do everything, so that its rules alone decide.
fn wide_open(codes: &Codes, rules: String) -> Pack {
    let text = r#"{ ja = "例", en = "example" }"#;
    let town = Pack::town_files();
    let named = |table: &str, codes: &[String], rest: &str| -> String {
        let row = |code: &String| format!("[[{table}]]\ncode = {code:?}\nname = {text}\n{rest}\n");
        codes.iter().map(row).collect()
    };
    let head = &town["pack.toml"];
    let (before, sectors) = head.split_once("[[sector]]").unwrap();
    let (_, after) = sectors.split_once("[[emergency_reason]]").unwrap();
    let sectors = named("sector", &codes.sectors, "");
    let pack = format!("{before}{sectors}\n[[emergency_reason]]{after}");
    let allow = format!(
        "[[process.allow]]\nrequesters = {0:?}\nroles = {1:?}\npurposes = {2:?}\nholders = {0:?}\n\
         categories = {3:?}\nbases = [\"consent\", \"statute\", \"emergency\", \"statistics\"]\n",
        codes.sectors, codes.roles, codes.purposes, codes.categories
    );
    let step = r#"{ who = "requester", ja = "例", en = "example" }"#;
    let process = |id: &String| {
        format!(
            "[[process]]\nid = {id:?}\nname = {text}\nwhat = {text}\nmachine = false\n\
             statute = {text}\nemergency_reasons = [\"unconscious\"]\nflow = [{step}, {step}]\n\
             notify = {{ permit = \"always\", deny = \"always\" }}\n{allow}\n"
        )
    };
    let files = BTreeMap::from([
        ("pack.toml".to_owned(), pack),
        (
            "roles.toml".to_owned(),
            named(
                "role",
                &codes.roles,
                &format!(
                    "sectors = {:?}\nmay_declare_emergency = true",
                    codes.sectors
                ),
            ),
        ),
        (
            "purposes.toml".to_owned(),
            named(
                "purpose",
                &codes.purposes,
                &format!(
                    "sentence = {text}\nhl7 = \"TREAT\"\ndpv = \"ServiceProvision\"\n\
                     refusal_meaning = \"no-disadvantage\""
                ),
            ),
        ),
        (
            "categories.toml".to_owned(),
            named(
                "category",
                &codes.categories,
                &format!(
                    "description = {text}\nsensitivity = \"ordinary\"\nleast_assurance = \"sms\""
                ),
            ),
        ),
        (
            "processes.toml".to_owned(),
            codes.processes.iter().map(process).collect(),
        ),
        ("rules.toml".to_owned(), rules),
    ]);
    Pack::from_files(files).unwrap()
}

/// An honest access with a consent to it.
fn facts(access: toml::Table) -> Facts {
    let access: Access = access.try_into().unwrap();
    let mut facts = Facts::permitted();
    let claims = &mut facts.claims;
    claims.common.iss = id(&format!("{}.asks", access.requester));
    claims.role = RoleCode::parse(&access.role).unwrap();
    claims.process = ProcessId::parse(&access.process).unwrap();
    claims.purpose = PurposeCode::parse(&access.purpose).unwrap();
    claims.holder = id(&format!("{}.has", access.holder));
    let codes: Vec<&str> = access.categories.iter().map(String::as_str).collect();
    claims.categories = categories(&codes);
    claims.basis = match BasisKind::parse(&access.basis).unwrap() {
        BasisKind::Consent => Basis::Consent,
        BasisKind::Statute => Basis::Statute,
        BasisKind::Emergency => Basis::Emergency {
            reason_code: "unconscious".into(),
            reason_text: "救急搬送".into(),
        },
        BasisKind::Statistics => {
            claims.subject = None;
            Basis::Statistics {
                cohort_size: 100,
                cohort_digest: Digest::from_bytes([1; 32]),
            }
        }
    };
    claims.case = access.case.then(|| "C-17".to_owned());
    claims.on_behalf_of = access.on_behalf_of.then(|| "another".to_owned());
    facts.be_honest();
    facts.consents = vec![facts.fitting_consent(LeafIndex::new(7))];
    facts
}

static TOWN: LazyLock<Pack> = LazyLock::new(|| Pack::town().unwrap());

/// A row as its author reads it.
#[derive(Clone, Debug)]
struct Row {
    /// Field, whether it says `not`, codes.
    lines: Vec<(&'static str, bool, Vec<String>)>,
    case: Option<bool>,
    on_behalf_of: Option<bool>,
}

impl Row {
    fn written(&self, number: usize) -> String {
        let mut row = format!(
            "[[forbid]]\ncode = \"rule-{number}\"\nsentence = {{ ja = \"禁止\", en = \"No.\" }}\n"
        );
        for (field, not, codes) in &self.lines {
            row += &if *not {
                format!("{field} = {{ not = {codes:?} }}\n")
            } else {
                format!("{field} = {codes:?}\n")
            };
        }
        for (field, value) in [("case", self.case), ("on_behalf_of", self.on_behalf_of)] {
            row += &value.map_or(String::new(), |value| format!("{field} = {value}\n"));
        }
        row
    }

    /// The slow, obvious reading, from the outside of the crate.
    fn forbids(&self, facts: &Facts) -> bool {
        let claims = &facts.claims;
        let sector = |id: &str| vec![id.split('.').next().unwrap().to_owned()];
        let lines = self.lines.iter().all(|(field, not, codes)| {
            let asked = match *field {
                "requesters" => sector(claims.common.iss.as_str()),
                "holders" => sector(claims.holder.as_str()),
                "purposes" => vec![claims.purpose.to_string()],
                "processes" => vec![claims.process.to_string()],
                "categories" => claims.categories.iter().map(ToString::to_string).collect(),
                "bases" => vec![claims.basis.kind().as_str().to_owned()],
                other => panic!("{other}"),
            };
            asked.iter().any(|code| codes.contains(code) != *not)
        });
        lines
            && self.case.is_none_or(|case| case == claims.case.is_some())
            && self
                .on_behalf_of
                .is_none_or(|other| other == claims.on_behalf_of.is_some())
    }
}

fn line(
    field: &'static str,
    codes: Vec<String>,
) -> impl Strategy<Value = Option<(&'static str, bool, Vec<String>)>> {
    let most = codes.len().min(4) - 1;
    prop::option::weighted(
        0.4,
        (any::<bool>(), subsequence(codes, 1..=most))
            .prop_map(move |(not, codes)| (field, not, codes)),
    )
}

fn row() -> impl Strategy<Value = Row> {
    let sectors = || TOWN.sectors().iter().map(|s| s.code.clone()).collect();
    let purposes = TOWN.purposes().iter().map(|p| p.code.to_string());
    let processes = TOWN.processes().iter().map(|p| p.id.to_string());
    let categories = TOWN.categories().iter().map(|c| c.code.to_string());
    let bases = BasisKind::ALL.iter().map(|b| b.as_str().to_owned());
    let lines = (
        line("requesters", sectors()),
        line("holders", sectors()),
        line("purposes", purposes.collect()),
        line("processes", processes.collect()),
        line("categories", categories.collect()),
        line("bases", bases.collect()),
    );
    let flag = || prop::option::weighted(0.15, any::<bool>());
    (lines, flag(), flag()).prop_map(|((a, b, c, d, e, f), case, on_behalf_of)| Row {
        lines: [a, b, c, d, e, f].into_iter().flatten().collect(),
        case,
        on_behalf_of,
    })
}

/// An access the whitelist lists and a consent covers, with or without a case, for oneself or not.
fn listed() -> impl Strategy<Value = Facts> {
    let all: Vec<Facts> = TOWN
        .processes()
        .iter()
        .flat_map(|process| facts::fitting(&TOWN, &process.id))
        .collect();
    (select(all), any::<bool>(), any::<bool>()).prop_map(|(mut facts, case, other)| {
        facts.claims.case = case.then(|| "C-17".to_owned());
        facts.claims.on_behalf_of = other.then(|| "another".to_owned());
        facts
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_row_forbids_exactly_what_it_reads(rows in vec(row(), 1..4), facts in listed()) {
        let mut files = Pack::town_files();
        let text = rows.iter().enumerate().map(|(number, row)| row.written(number)).collect();
        files.insert("rules.toml".to_owned(), text);
        let pack = Pack::from_files(files);
        // A row without a line, or the same row twice.
        prop_assume!(pack.is_ok());
        let decision = facts.decide(&pack.unwrap());
        let forbidding = rows.iter().enumerate().filter(|(_, row)| row.forbids(&facts));
        let reasons = forbidding.map(|(number, _)| format!("rule-{number}"));
        let mut reasons: Vec<String> = reasons.collect();
        if reasons.is_empty() {
            prop_assert_eq!(decision.outcome, Outcome::Permit, "{:?}", decision.reasons);
        } else {
            reasons.insert(0, "forbidden-by-rule".to_owned());
            prop_assert_eq!(decision.step(), Some(Step::Rules));
            prop_assert_eq!(decision.reasons.codes(), reasons);
        }
    }
}

#[test]
fn consent_is_offered_where_a_case_would_make_the_access_allowed() {
    let with_row = |row: &str| {
        let mut files = Pack::town_files();
        let head = "[[forbid]]\ncode = \"test\"\nsentence = { ja = \"例\", en = \"Example.\" }\n";
        files.insert("rules.toml".to_owned(), format!("{head}{row}"));
        let pack = Pack::from_files(files).unwrap();
        pack.consent_choices("insurer", "hospital").len()
    };
    assert_eq!(
        with_row("case = false"),
        1,
        "she may agree, and the claim then has a number"
    );
    assert_eq!(with_row("on_behalf_of = true"), 1);
    assert_eq!(with_row("processes = [\"insurer.claim-review\"]"), 0);
}
