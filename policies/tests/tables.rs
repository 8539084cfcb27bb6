//! Decisions as tables: `tests/tables/*.toml`, each case a statement and the state it meets, with
//! the answer expected. Every case begins with the file's `[base]` and says only what is different.

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

use std::collections::BTreeMap;
use std::path::Path;

use akashi_policies::Pack;
use akashi_proof::consent::AccessMode;
use akashi_proof::decision::{
    Approval, Decision, Incomplete, LinkStanding, OpenQuestions, told_reasons,
};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, ProcessId, PurposeCode, RoleCode, Timestamp};
use akashi_proof::record::kind::{Assurance, KeyUse};
use akashi_proof::record::value::Set;
use akashi_proof::state::Standing;
use akashi_proof::statement::Basis;
use facts::{Facts, NOW, categories, id, institution};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    base: Base,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    statement: toml::Table,
    #[serde(default)]
    state: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    pack: Vec<Change>,
    #[serde(default)]
    statement: toml::Table,
    #[serde(default)]
    state: toml::Table,
    expect: Expect,
}

/// A change of the town's pack, for this case only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    iss: String,
    role: String,
    process: String,
    purpose: String,
    holder: String,
    categories: Vec<String>,
    mode: Option<String>,
    data_begins_in_seconds: Option<i64>,
    basis: String,
    #[serde(default)]
    reason_code: String,
    #[serde(default)]
    cohort_size: u64,
    #[serde(default)]
    iat_seconds_ago: u64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct State {
    requester: Option<String>,
    requester_sector: Option<String>,
    holder: Option<String>,
    holder_sector: Option<String>,
    key: Option<String>,
    held_role: Option<String>,
    requester_link: Option<String>,
    holder_link: Option<String>,
    means_blocked: bool,
    /// The assurance of her approval.
    approved: Option<String>,
    open_questions: usize,
    open_permits: usize,
    incomplete_registry: bool,
    incomplete_person: bool,
    open_questions_of_requester: usize,
    consents: Vec<ConsentRow>,
}

/// What a consent says; what it does not say fits the statement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentRow {
    index: u64,
    recipient: Option<String>,
    holder: Option<String>,
    categories: Option<Vec<String>>,
    purposes: Option<Vec<String>>,
    processes: Option<Vec<String>>,
    mode: Option<String>,
    data_begins_in_seconds: Option<i64>,
    begins_in_seconds: Option<i64>,
    ends_in_seconds: Option<i64>,
    assurance: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expect {
    outcome: String,
    told: Option<String>,
    step: Option<String>,
    reasons: Vec<String>,
    told_reasons: Option<Vec<String>>,
    duties: Option<Vec<String>>,
    expires_in_seconds: Option<u64>,
    consent: Option<u64>,
    low_risk: Option<bool>,
    fault_field: Option<String>,
}

#[test]
fn every_case_of_every_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let table: Table = toml::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        for case in table.case {
            cases += 1;
            let decision = decide(&table.base, &case, &name);
            let found = observed(&decision, &case.expect);
            if found != case.expect {
                wrong.push(format!(
                    "{name}: {}\n  expected {:?}\n  found    {found:?}",
                    case.name, case.expect
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases >= 60, "only {cases} cases were found");
}

fn decide(base: &Base, case: &Case, file: &str) -> Decision {
    let statement: Statement = merged(&base.statement, &case.statement, file, &case.name);
    let state: State = merged(&base.state, &case.state, file, &case.name);
    facts(&statement, &state).decide(&changed(&case.pack))
}

fn merged<T: serde::de::DeserializeOwned>(
    base: &toml::Table,
    over: &toml::Table,
    file: &str,
    name: &str,
) -> T {
    let mut table = base.clone();
    table.extend(over.clone());
    table
        .try_into()
        .unwrap_or_else(|error| panic!("{file}: {name}: {error}"))
}

fn changed(changes: &[Change]) -> Pack {
    let mut files = Pack::town_files();
    for change in changes {
        let text = &files[&change.file];
        assert_eq!(
            text.matches(&change.from).count(),
            1,
            "`{}` stands once in {}",
            change.from,
            change.file
        );
        let text = text.replace(&change.from, &change.to);
        files.insert(change.file.clone(), text);
    }
    Pack::from_files(files).unwrap()
}

fn facts(statement: &Statement, state: &State) -> Facts {
    let mut facts = Facts::permitted();
    facts.consents.clear();
    let claims = &mut facts.claims;
    claims.common.iss = id(&statement.iss);
    claims.common.iat = NOW.minus_millis(statement.iat_seconds_ago * 1000);
    claims.role = RoleCode::parse(&statement.role).unwrap();
    claims.process = ProcessId::parse(&statement.process).unwrap();
    claims.purpose = PurposeCode::parse(&statement.purpose).unwrap();
    claims.holder = id(&statement.holder);
    claims.categories = categories(&strs(&statement.categories));
    if let Some(word) = &statement.mode {
        claims.mode = AccessMode::parse(word).unwrap();
    }
    claims.period.from = statement.data_begins_in_seconds.map(in_seconds);
    claims.basis = match statement.basis.as_str() {
        "consent" => Basis::Consent,
        "statute" => Basis::Statute,
        "emergency" => Basis::Emergency {
            reason_code: statement.reason_code.clone(),
            reason_text: "救急搬送".into(),
        },
        "statistics" => {
            claims.subject = None;
            Basis::Statistics {
                cohort_size: statement.cohort_size,
                cohort_digest: Digest::from_bytes([1; 32]),
            }
        }
        other => panic!("no basis is called {other}"),
    };
    facts.be_honest();
    apply(state, &mut facts);
    facts
}

fn apply(state: &State, facts: &mut Facts) {
    let standing = |word: &Option<String>,
                    institution: &mut Option<akashi_proof::state::Institution>| {
        match word.as_deref() {
            None => {}
            Some("unknown") => *institution = None,
            Some("suspended") => institution.as_mut().unwrap().standing = Standing::Suspended,
            Some(other) => *institution = Some(facts::institution(&id(other))),
        }
    };
    standing(&state.requester, &mut facts.requester);
    standing(&state.holder, &mut facts.holder);
    if let Some(sector) = &state.requester_sector {
        facts.requester.as_mut().unwrap().sector = sector.clone();
    }
    if let Some(sector) = &state.holder_sector {
        facts.holder.as_mut().unwrap().sector = sector.clone();
    }
    let key = facts.key.as_mut().unwrap();
    match state.key.as_deref() {
        None => {}
        Some("unknown") => facts.key = None,
        Some("of-another") => key.institution = institution(&id("hospital.other")).id,
        Some("for-evidence") => key.key_use = KeyUse::Evidence,
        Some("ended") => key.valid_until = Some(NOW),
        Some("not-begun") => key.valid_from = NOW.plus_millis(1),
        Some(other) => panic!("no key is {other}"),
    }
    if let Some(role) = &state.held_role {
        facts.roles = facts::roles(&facts.claims.role_holder, &RoleCode::parse(role).unwrap());
    }
    facts.requester_link = link(state.requester_link.as_deref());
    facts.holder_link = link(state.holder_link.as_deref());
    facts.means_blocked = state.means_blocked;
    facts.approval = state.approved.as_ref().map(|assurance| Approval {
        index: LeafIndex::new(99),
        assurance: Assurance::parse(assurance).unwrap(),
    });
    facts.open_permits = state.open_permits;
    facts.open_questions = OpenQuestions {
        all: state.open_questions,
        of_requester: state.open_questions_of_requester,
    };
    facts.incomplete = Incomplete {
        registry: state.incomplete_registry,
        person: state.incomplete_person,
    };
    let consents: Vec<_> = state
        .consents
        .iter()
        .map(|row| consent(row, facts))
        .collect();
    facts.consents = consents;
}

fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis().saturating_add_signed(seconds * 1000))
}

fn consent(row: &ConsentRow, facts: &Facts) -> akashi_proof::state::Consent {
    let mut consent = facts.fitting_consent(LeafIndex::new(row.index));
    if let Some(recipient) = &row.recipient {
        consent.terms.recipient = id(recipient);
    }
    if let Some(holder) = &row.holder {
        consent.terms.holder = id(holder);
    }
    if let Some(codes) = &row.categories {
        consent.terms.categories = categories(&strs(codes));
    }
    if let Some(codes) = &row.purposes {
        consent.terms.purposes =
            Set::new(codes.iter().map(|code| PurposeCode::parse(code).unwrap()));
    }
    if let Some(ids) = &row.processes {
        consent.terms.processes =
            Some(Set::new(ids.iter().map(|id| ProcessId::parse(id).unwrap())));
    }
    if let Some(word) = &row.mode {
        consent.terms.access_mode = AccessMode::parse(word).unwrap();
    }
    consent.terms.period_from = row.data_begins_in_seconds.map(in_seconds);
    consent.terms.valid_from = row
        .begins_in_seconds
        .map_or(consent.terms.valid_from, in_seconds);
    consent.terms.valid_until = row
        .ends_in_seconds
        .map_or(consent.terms.valid_until, in_seconds);
    if let Some(word) = &row.assurance {
        consent.assurance = Assurance::parse(word).unwrap();
    }
    consent
}

fn link(word: Option<&str>) -> LinkStanding {
    match word {
        None => LinkStanding::Issued,
        Some("revoked") => LinkStanding::Revoked,
        Some("not-issued") => LinkStanding::NotIssued,
        Some(other) => panic!("no link is {other}"),
    }
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The decision in the table's words; what the case does not ask for is left as it stands there.
fn observed(decision: &Decision, expect: &Expect) -> Expect {
    let told = told_reasons(decision.told, &decision.reasons);
    let seconds = |at: Timestamp| (at.as_millis() - NOW.as_millis()) / 1000;
    let duties: BTreeMap<String, String> = decision
        .duties
        .iter()
        .map(|duty| {
            let name = duty.kind().to_string();
            let text = match duty.by() {
                Some(by) => format!("{name}={}s", seconds(by)),
                None => name.clone(),
            };
            (name, text)
        })
        .collect();
    Expect {
        outcome: decision.outcome.as_str().to_owned(),
        told: expect
            .told
            .is_some()
            .then(|| decision.told.as_str().to_owned()),
        step: decision.step().map(|step| step.as_str().to_owned()),
        // Of a bad statement the table names code and field; what was expected there is prose.
        reasons: match decision.reasons.fault() {
            Some(fault) => vec![fault.code.to_string()],
            None => decision.reasons.codes(),
        },
        told_reasons: expect.told_reasons.is_some().then_some(told),
        duties: expect
            .duties
            .is_some()
            .then(|| duties.into_values().collect()),
        expires_in_seconds: decision
            .expires
            .filter(|_| expect.expires_in_seconds.is_some())
            .map(seconds),
        consent: if expect.consent.is_some() {
            decision.consent.map(LeafIndex::value)
        } else {
            None
        },
        low_risk: expect.low_risk.is_some().then_some(decision.low_risk),
        fault_field: decision.reasons.fault().map(|fault| fault.field.clone()),
    }
}
