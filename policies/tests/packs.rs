//! Packs are data: strict when loaded, part of every decision by their digest, and one line
//! decides.

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

use akashi_policies::{FILES, Pack, PackError, Tell};
use akashi_proof::consent::Terms;
use akashi_proof::decision::{ConsentQuestion, Decide};
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{CategoryCode, LeafIndex, ProcessId};
use akashi_proof::record::kind::{Assurance, Language, Outcome, Step};
use akashi_proof::record::value::Set;
use facts::{Facts, NOW, categories, purposes};

fn town_with(file: &str, from: &str, to: &str) -> Result<Pack, PackError> {
    let mut files = Pack::town_files();
    let text = &files[file];
    assert!(text.contains(from), "`{from}` stands in {file}");
    let text = text.replacen(from, to, 1);
    files.insert(file.to_owned(), text);
    Pack::from_files(files)
}

#[test]
fn policy_is_data_one_line_of_a_pack_changes_a_decision() {
    let facts = Facts::permitted();
    let town = Pack::town().unwrap();
    assert_eq!(facts.decide(&town).outcome, Outcome::Permit);

    let line = r#"roles = ["physician", "emergency-physician"]"#;
    let stricter = town_with("processes.toml", line, r#"roles = ["emergency-physician"]"#).unwrap();
    let refused = facts.decide(&stricter);
    assert_eq!(
        (refused.outcome, refused.step()),
        (Outcome::Deny, Some(Step::Whitelist))
    );
    assert_ne!(
        stricter.policy_digest(),
        town.policy_digest(),
        "the log shows that another pack decided"
    );

    let row = "requesters = [\"insurer\"]\ncategories";
    let other_row = "requesters = [\"hospital\"]\ncategories";
    let ruled = town_with("rules.toml", row, other_row).unwrap();
    let mut special = Facts::permitted();
    special.claims.categories = categories(&["genetic"]);
    special.consents = vec![special.fitting_consent(LeafIndex::new(1))];
    assert_eq!(special.decide(&town).outcome, Outcome::Permit);
    assert_eq!(special.decide(&ruled).step(), Some(Step::Rules));
}

#[test]
fn every_byte_of_every_file_is_in_the_digest() {
    let town = Pack::town().unwrap().digest();
    let mut digests = BTreeSet::from([town]);
    for file in FILES {
        let mut files = Pack::town_files();
        files.get_mut(file).unwrap().push_str("# ");
        digests.insert(Pack::from_files(files).unwrap().digest());
    }
    assert_eq!(digests.len(), FILES.len() + 1);
    assert_eq!(Pack::town().unwrap().digest(), town);
}

#[test]
fn a_pack_has_its_files_and_no_others() {
    for file in FILES {
        let mut files = Pack::town_files();
        files.remove(file);
        assert_eq!(
            Pack::from_files(files).unwrap_err(),
            PackError::Missing { file }
        );
    }
    let mut files = Pack::town_files();
    files.insert("extra.toml".into(), String::new());
    assert_eq!(
        Pack::from_files(files).unwrap_err(),
        PackError::Unexpected {
            file: "extra.toml".into()
        }
    );
    assert_eq!(
        Pack::from_files(BTreeMap::new()).unwrap_err(),
        PackError::Missing { file: "pack.toml" }
    );
}

#[test]
fn what_a_pack_must_not_say_is_refused_by_file_key_expected_and_found() {
    // file, change, and words the message must hold
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "pack.toml",
            "version = 1",
            "version = 1\nowner = \"me\"",
            &[
                "`pack.toml` line",
                "unknown field `owner`",
                "expected one of",
            ],
        ),
        (
            "pack.toml",
            "version = 1",
            "version = 0",
            &["`version`", "from 1", "found 0"],
        ),
        (
            "pack.toml",
            "version = 1",
            "version = -1",
            &["`pack.toml` line 5"],
        ),
        (
            "pack.toml",
            "version = 1",
            "version = 1\nversion = 2",
            &["line 6", "duplicate key"],
        ),
        ("pack.toml", "version = 1", "", &["missing field `version`"]),
        (
            "pack.toml",
            "lifetime_seconds = 600",
            "lifetime_seconds = 601",
            &["`evidence.lifetime_seconds`", "to 600", "found 601"],
        ),
        (
            "pack.toml",
            "minimum_cell = 10",
            "minimum_cell = 9",
            &["`statistics.minimum_cell`", "from 10", "found 9"],
        ),
        (
            "pack.toml",
            "justify_hours = 72",
            "justify_hours = 73",
            &["`emergency.justify_hours`", "to 72"],
        ),
        (
            "pack.toml",
            "emergencies_per_hour = 30",
            "emergencies_per_hour = 61",
            &["`emergency.emergencies_per_hour`", "to 60", "found 61"],
        ),
        (
            "pack.toml",
            "emergencies_per_hour = 30",
            "emergencies_per_hour = 0",
            &["`emergency.emergencies_per_hour`", "from 1", "found 0"],
        ),
        (
            "pack.toml",
            "out_of_purpose = \"always\"",
            "out_of_purpose = \"never\"",
            &[
                "`notify.out_of_purpose`",
                "`always`, `digest`",
                "found `never`",
            ],
        ),
        (
            "pack.toml",
            "digest_days = 7",
            "digest_days = 0",
            &["`notify.digest_days`", "from 1 to 31", "found 0"],
        ),
        (
            "pack.toml",
            "digest_days = 7",
            "digest_days = 32",
            &["`notify.digest_days`", "found 32"],
        ),
        (
            "pack.toml",
            "code = \"pharmacy\"",
            "code = \"hospital\"",
            &["`sector`", "each code once", "`hospital` twice"],
        ),
        (
            "pack.toml",
            "code = \"unconscious\"",
            "code = \"Unconscious\"",
            &["emergency_reason[Unconscious].code", "a-z"],
        ),
        (
            "pack.toml",
            "ja = \"病院\"",
            "ja = \" 病院\"",
            &["sector[hospital].name.ja", "without spaces"],
        ),
        (
            "pack.toml",
            "ja = \"病院\"",
            "ja = \"\"",
            &["sector[hospital].name.ja"],
        ),
        (
            "purposes.toml",
            "hl7 = \"TREAT\"",
            "hl7 = \"TREATS\"",
            &["purpose[treatment].hl7", "v3-ActReason", "`TREATS`"],
        ),
        (
            "purposes.toml",
            "dpv = \"RequestedServiceProvision\"",
            "dpv = \"dpv:X\"",
            &["purpose[treatment].dpv", "`dpv:X`"],
        ),
        (
            "purposes.toml",
            "refusal_meaning = \"care-goes-on\"",
            "refusal_meaning = \"doom\"",
            &[
                "purpose[treatment].refusal_meaning",
                "`care-goes-on`",
                "found `doom`",
            ],
        ),
        (
            "purposes.toml",
            "code = \"dispensing\"",
            "code = \"treatment\"",
            &["`purpose`", "`treatment` twice"],
        ),
        (
            "roles.toml",
            "sectors = [\"hospital\"]",
            "sectors = [\"hopsital\"]",
            &["role[physician].sectors", "found `hopsital`"],
        ),
        (
            "roles.toml",
            "sectors = [\"hospital\"]",
            "sectors = []",
            &["role[physician].sectors", "at least one", "found none"],
        ),
        (
            "roles.toml",
            "may_declare_emergency = true",
            "may_declare_emergency = false",
            &[
                "process[care.emergency].allow[0].roles",
                "may declare an emergency",
                "`emergency-physician`",
            ],
        ),
        (
            "categories.toml",
            "sensitivity = \"ordinary\"",
            "sensitivity = \"low\"",
            &[
                "category[vaccination].sensitivity",
                "`ordinary`",
                "found `low`",
            ],
        ),
        (
            "categories.toml",
            "least_assurance = \"sms\"",
            "least_assurance = \"word\"",
            &[
                "category[vaccination].least_assurance",
                "`sms+recovery`",
                "found `word`",
            ],
        ),
        (
            "categories.toml",
            "least_assurance = \"sms\"",
            "least_assurance = \"passkey\"",
            &[
                "process[city.vaccination-reminder].ask.low_risk",
                "`vaccination`",
            ],
        ),
        (
            "processes.toml",
            "id = \"care.consult\"",
            "id = \"Care\"",
            &["process[Care].id"],
        ),
        (
            "processes.toml",
            "id = \"care.emergency\"",
            "id = \"care.consult\"",
            &["`process`", "`care.consult` twice"],
        ),
        (
            "processes.toml",
            "roles = [\"nurse\"]",
            "roles = [\"nurze\"]",
            &[
                "process[care.consult].allow[1].roles",
                "`nurse`",
                "found `nurze`",
            ],
        ),
        (
            "processes.toml",
            "roles = [\"nurse\"]",
            "roles = [\"nurse\", \"nurse\"]",
            &["each code once", "`nurse` twice"],
        ),
        (
            "processes.toml",
            "roles = [\"nurse\"]",
            "roles = [\"researcher\"]",
            &["allow[1].roles", "sectors that may ask", "`researcher`"],
        ),
        (
            "processes.toml",
            "purposes = [\"treatment\"]",
            "purposes = [\"cure\"]",
            &["allow[0].purposes", "found `cure`"],
        ),
        (
            "processes.toml",
            "holders = [\"pharmacy\"]",
            "holders = [\"kiosk\"]",
            &["allow[2].holders", "found `kiosk`"],
        ),
        (
            "processes.toml",
            "\"genetic\"]\nbases = [\"consent\"]",
            "\"genes\"]\nbases = [\"consent\"]",
            &["allow[0].categories", "found `genes`"],
        ),
        (
            "processes.toml",
            "bases = [\"consent\"]",
            "bases = [\"whim\"]",
            &["allow[0].bases", "found `whim`"],
        ),
        (
            "processes.toml",
            "bases = [\"consent\"]",
            "bases = [\"consent\", \"consent\"]",
            &["allow[0].bases", "each basis once"],
        ),
        (
            "processes.toml",
            "bases = [\"consent\"]",
            "bases = []",
            &["allow[0].bases", "at least one basis"],
        ),
        (
            "processes.toml",
            "bases = [\"consent\"]",
            "bases = [\"consent\"]\nbase = []",
            &["unknown field `base`"],
        ),
        (
            "processes.toml",
            "bases = [\"consent\"]",
            "bases = [\"statute\"]",
            &["process[care.consult].statute", "found nothing"],
        ),
        (
            "processes.toml",
            "bases = [\"statute\"]",
            "bases = [\"consent\"]",
            &["process[city.benefit-check].statute", "as no row"],
        ),
        (
            "processes.toml",
            "\"unconscious\", \"life-threatening\"",
            "\"unconscious\", \"hungry\"",
            &[
                "process[care.emergency].emergency_reasons",
                "found `hungry`",
            ],
        ),
        (
            "processes.toml",
            "notify = { permit = \"always\", deny = \"always\" }",
            "notify = { permit = \"digest\", deny = \"always\" }",
            &["process[care.emergency].notify.permit", "`always`"],
        ),
        (
            "processes.toml",
            "machine = true",
            "machine = true\nminimum_cell = 5",
            &[
                "process[city.statistics].minimum_cell",
                "from 10",
                "found 5",
            ],
        ),
        (
            "processes.toml",
            "machine = true",
            "machine = true\nask = { low_risk = true }",
            &["process[city.statistics].ask", "as no row is on `consent`"],
        ),
        (
            "processes.toml",
            "ask = { low_risk = false,",
            "ask = { low_risk = true,",
            &["process[city.drill-down].ask.low_risk", "`sms`"],
        ),
        (
            "processes.toml",
            "categories = [\"diagnosis\", \"admission\", \"care-level\"]\nbases = [\"consent\"]",
            "categories = [\"diagnosis\", \"genetic\", \"care-level\"]\nbases = [\"consent\"]",
            &[
                "process[city.drill-down].ask",
                "an answer can have, `sms+recovery`",
                "`genetic`",
            ],
        ),
        (
            "processes.toml",
            "window_seconds = 86400",
            "window_seconds = 0",
            &["process[city.drill-down].ask.window_seconds", "found 0"],
        ),
        (
            "processes.toml",
            "who = \"requester\"",
            "who = \"hacker\"",
            &["process[care.consult].flow.who", "found `hacker`"],
        ),
        (
            "rules.toml",
            "\"genetic\"]",
            "\"genes\"]",
            &[
                "forbid[insurer-no-special-data].categories",
                "`genetic`",
                "found `genes`",
            ],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "requesters = [\"bank\"]",
            &[
                "forbid[insurer-no-special-data].requesters",
                "`insurer`",
                "found `bank`",
            ],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "requesters = []",
            &["insurer-no-special-data].requesters", "at least one code"],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "requesters = [\"insurer\", \"insurer\"]",
            &["each code once", "`insurer` twice"],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "requesters = \"insurer\"",
            &[
                "`rules.toml` line 11",
                "a list of codes or `{ not = [...] }`",
            ],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "holders = [\"insurers\"]",
            &["insurer-no-special-data].holders", "found `insurers`"],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "roles = [\"assessor\"]",
            &["insurer-no-special-data].roles", "found `assessor`"],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "processes = [\"insurer.claims\"]",
            &[
                "insurer-no-special-data].processes",
                "found `insurer.claims`",
            ],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "requesters = [\"insurer\"]\nroles = [\"nurse\"]",
            &[
                "insurer-no-special-data].roles",
                "the sectors in `requesters`",
                "`nurse`",
            ],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "hours = [\"night\"]",
            &[
                "`rules.toml` line 11",
                "unknown field `hours`",
                "`requesters`",
            ],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]",
            "case = \"none\"",
            &["`rules.toml` line 11", "expected a boolean"],
        ),
        (
            "rules.toml",
            "requesters = [\"insurer\"]\nbases = [\"emergency\"]",
            "",
            &["forbid[insurer-no-emergency]", "forbids everything"],
        ),
        (
            "rules.toml",
            "bases = [\"emergency\"]",
            "bases = [\"urgency\"]",
            &[
                "forbid[insurer-no-emergency].bases",
                "`emergency`",
                "found `urgency`",
            ],
        ),
        (
            "rules.toml",
            "bases = [\"emergency\"]",
            "categories = [\"genetic\", \"mental-health\"]",
            &[
                "forbid[insurer-no-emergency]",
                "no other row forbids",
                "the condition of `insurer-no-special-data`",
            ],
        ),
        (
            "rules.toml",
            "purposes = { not = [\"research\"] }",
            "purposes = { nto = [\"research\"] }",
            &["`rules.toml` line", "unknown field `nto`", "expected `not`"],
        ),
        (
            "rules.toml",
            "purposes = { not = [\"research\"] }",
            "purposes = { not = [\"research\"], also = [] }",
            &["unknown field `also`"],
        ),
        (
            "rules.toml",
            "purposes = { not = [\"research\"] }",
            "purposes = {}",
            &["missing field `not`"],
        ),
        (
            "rules.toml",
            "purposes = { not = [\"research\"] }",
            "purposes = { not = [\"reserach\"] }",
            &[
                "forbid[research-purpose-only].purposes.not",
                "found `reserach`",
            ],
        ),
        (
            "rules.toml",
            "purposes = { not = [\"research\"] }",
            "purposes = { not = [] }",
            &["research-purpose-only].purposes.not", "at least one code"],
        ),
        (
            "rules.toml",
            "requesters = [\"research\"]",
            "requesters = { not = [\"hospital\", \"pharmacy\", \"city\", \"insurer\", \"research\"] }",
            &[
                "forbid[research-purpose-only].requesters",
                "would never catch anything",
            ],
        ),
        (
            "rules.toml",
            "bases = { not = [\"statistics\"] }",
            "bases = { not = [\"statistics\", \"consent\", \"statute\", \"emergency\"] }",
            &[
                "forbid[research-purpose-only].bases",
                "would never catch anything",
            ],
        ),
        (
            "rules.toml",
            "bases = { not = [\"statistics\"] }",
            "bases = { not = [\"statistic\"] }",
            &[
                "forbid[research-purpose-only].bases.not",
                "`statistics`",
                "found `statistic`",
            ],
        ),
        (
            "rules.toml",
            "code = \"insurer-no-special-data\"\n",
            "",
            &["`rules.toml` line", "missing field `code`"],
        ),
        (
            "rules.toml",
            "code = \"insurer-no-special-data\"",
            "code = \"No data\"",
            &["forbid[No data].code", "a-z"],
        ),
        (
            "rules.toml",
            "code = \"insurer-no-special-data\"",
            "code = \"no-consent\"",
            &[
                "forbid[no-consent].code",
                "no reason of a decision",
                "`no-consent`",
            ],
        ),
        (
            "rules.toml",
            "code = \"insurer-no-emergency\"",
            "code = \"insurer-no-special-data\"",
            &[
                "`forbid`",
                "each code once",
                "`insurer-no-special-data` twice",
            ],
        ),
        (
            "rules.toml",
            ", en = \"An insurer may never declare an emergency.\"",
            "",
            &["missing field `en`"],
        ),
        (
            "rules.toml",
            "en = \"An insurer may never declare an emergency.\"",
            "en = \"\"",
            &["forbid[insurer-no-emergency].sentence.en"],
        ),
        (
            "rules.toml",
            "[[forbid]]",
            "[[permit]]",
            &["unknown field `permit`", "expected `forbid`"],
        ),
    ];
    for (file, from, to, words) in cases {
        let error = match town_with(file, from, to) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{file}: `{to}` was taken"),
        };
        for word in *words {
            assert!(
                error.contains(word),
                "{file}: `{to}`: expected `{word}` in: {error}"
            );
        }
    }
}

#[test]
fn a_pack_may_have_no_rules_and_says_so() {
    let mut files = Pack::town_files();
    files.insert("rules.toml".into(), "forbid = []\n".into());
    let pack = Pack::from_files(files.clone()).unwrap();
    assert!(pack.rules().is_empty());
    assert_eq!(Facts::permitted().decide(&pack).outcome, Outcome::Permit);
    // Rules only forbid: what no row of the whitelist lists is not permitted for want of one.
    let mut unlisted = Facts::permitted();
    unlisted.claims.categories = categories(&["claims"]);
    unlisted.consents = vec![unlisted.fitting_consent(LeafIndex::new(1))];
    assert_eq!(unlisted.decide(&pack).step(), Some(Step::Whitelist));

    files.insert("rules.toml".into(), "# none\n".into());
    let error = Pack::from_files(files).unwrap_err().to_string();
    assert!(error.contains("missing field `forbid`"), "{error}");
}

#[test]
fn a_pack_has_as_many_rules_as_anyone_reads_and_no_more() {
    let with_rows = |count: usize| {
        let row = |number: usize| {
            format!(
                "[[forbid]]\ncode = \"rule-{number}\"\nsentence = {{ ja = \"禁止\", en = \"No.\" }}\n\
                 roles = [\"{}\"]\ncategories = [\"{}\"]\npurposes = [\"{}\"]\n",
                ["physician", "nurse", "pharmacist"][number % 3],
                [
                    "medication",
                    "allergy",
                    "diagnosis",
                    "claims",
                    "admission",
                    "genetic",
                    "care-level"
                ][number % 7],
                [
                    "treatment",
                    "dispensing",
                    "research",
                    "public-health",
                    "claim-review",
                    "welfare-support",
                    "official-statistics",
                    "benefit-eligibility",
                ][number % 8],
            )
        };
        let mut files = Pack::town_files();
        files.insert("rules.toml".into(), (0..count).map(row).collect());
        Pack::from_files(files).map(|pack| pack.rules().len())
    };
    assert_eq!(with_rows(128).unwrap(), 128);
    let error = with_rows(129).unwrap_err().to_string();
    assert!(
        error.contains("at most 128") && error.contains("found 129"),
        "{error}"
    );
}

#[test]
fn the_town_speaks_both_languages_everywhere() {
    let town = Pack::town().unwrap();
    assert_eq!((town.name(), town.version()), ("town", 1));
    let japanese = |text: &str| {
        text.chars()
            .any(|c| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}'))
    };
    let mut texts = vec![town.title()];
    texts.extend(
        town.purposes()
            .iter()
            .flat_map(|purpose| [&purpose.name, &purpose.sentence]),
    );
    texts.extend(
        town.categories()
            .iter()
            .flat_map(|category| [&category.name, &category.description]),
    );
    texts.extend(town.roles().iter().map(|role| &role.name));
    texts.extend(
        town.sectors()
            .iter()
            .chain(town.emergency_reasons())
            .map(|meaning| &meaning.name),
    );
    texts.extend(
        town.access_modes()
            .iter()
            .chain(town.frequencies())
            .map(|meaning| &meaning.name),
    );
    texts.extend(town.rules().iter().map(|rule| &rule.sentence));
    for process in town.processes() {
        texts.extend([&process.name, &process.what]);
        texts.extend(process.flow.iter().map(|step| &step.text));
        texts.extend(&process.statute);
    }
    for text in texts {
        assert!(japanese(text.in_language(Language::Ja)), "{text:?}");
        assert!(text.in_language(Language::En).is_ascii(), "{text:?}");
    }
    for purpose in town.purposes() {
        assert!(town.refusal_meaning(&purpose.refusal_meaning).is_some());
        assert!(purpose.dpv_iri().starts_with("https://w3id.org/dpv#"));
    }
}

#[test]
fn the_consent_page_offers_what_can_take_effect_and_nothing_else() {
    let town = Pack::town().unwrap();
    let offered = |recipient: &str, holder: &str| -> Vec<(String, Vec<String>, Vec<String>)> {
        let choices = town.consent_choices(recipient, holder);
        let spelt = choices.iter().map(|choice| {
            let categories = choice
                .categories
                .iter()
                .map(|category| category.code.to_string())
                .collect();
            (
                choice.purpose.code.to_string(),
                categories,
                choice.processes.iter().map(|p| p.id.to_string()).collect(),
            )
        });
        spelt.collect()
    };
    let [(purpose, categories, processes)] = offered("pharmacy", "hospital").try_into().unwrap();
    assert_eq!(
        (purpose.as_str(), processes.as_slice()),
        ("dispensing", &["pharmacy.dispense".to_owned()][..])
    );
    assert_eq!(categories, ["medication", "allergy"]);
    // The whitelist lists mental health for insurers; a rule forbids it, so nobody is asked to
    // agree to it.
    let [(_, categories, _)] = offered("insurer", "hospital").try_into().unwrap();
    assert_eq!(categories, ["medication", "diagnosis", "admission"]);
    assert_eq!(offered("city", "hospital").len(), 2);
    assert!(offered("hospital", "city").is_empty() && offered("circus", "hospital").is_empty());
}

#[test]
fn a_consent_that_could_not_take_effect_is_refused_by_field() {
    let town = Pack::town().unwrap();
    let check = |between, purpose: &[&str], category: &[&str], assurance| {
        town.check_consent(
            between,
            &purposes(purpose),
            &categories(category),
            assurance,
        )
        .map_err(|f| (f.code, f.field))
    };
    let care = ("hospital", "hospital");
    assert_eq!(
        check(
            care,
            &["treatment"],
            &["medication", "allergy"],
            Assurance::SmsAndRecovery
        ),
        Ok(())
    );
    let bad = |field: &str| Err((FaultCode::BadMember, field.to_owned()));
    assert_eq!(
        check(care, &["research"], &["medication"], Assurance::Passkey),
        bad("purposes")
    );
    assert_eq!(
        check(care, &["treatment"], &["claims"], Assurance::Passkey),
        bad("categories")
    );
    assert_eq!(
        check(care, &[], &["medication"], Assurance::Passkey),
        bad("purposes")
    );
    assert_eq!(
        check(care, &["treatment"], &[], Assurance::Passkey),
        bad("categories")
    );
    assert_eq!(
        check(
            ("insurer", "hospital"),
            &["claim-review"],
            &["mental-health"],
            Assurance::Passkey
        ),
        bad("categories")
    );
    let too_weak = check(
        care,
        &["treatment"],
        &["medication", "genetic"],
        Assurance::SmsAndRecovery,
    );
    assert_eq!(
        too_weak,
        Err((FaultCode::NotAuthorised, "assurance".to_owned()))
    );
}

/// The writer asks about the whole of what is agreed to, whoever sends it.
#[test]
fn a_consent_is_for_no_longer_than_the_pack_allows_and_for_processes_it_can_take_effect_in() {
    let town = Pack::town().unwrap();
    let facts = Facts::permitted();
    let terms = &facts.consents[0].terms;
    let may_agree = |terms: &Terms| {
        let question = ConsentQuestion {
            now: NOW,
            recipient: facts.requester.as_ref().unwrap(),
            holder: facts.holder.as_ref().unwrap(),
            terms,
            assurance: Assurance::SmsAndRecovery,
        };
        town.may_agree(&question).map_err(|fault| fault.field)
    };
    let hours = |hours: u64| NOW.plus_millis(hours * 3_600_000);
    let days = town.settings().consent_days_max;
    let until = |valid_until| Terms {
        valid_until,
        ..terms.clone()
    };
    // The last day, which may begin as late as the days end and be as long as 25 hours.
    let last = hours(days * 24 + 25);
    assert_eq!(may_agree(&until(last)), Ok(()));
    let late = Err("valid_until".to_owned());
    assert_eq!(may_agree(&until(last.plus_millis(1))), late);
    // Nor by beginning later.
    let put_off = Terms {
        valid_from: hours(days * 24),
        ..until(hours(days * 48))
    };
    assert_eq!(may_agree(&put_off), late);

    let within = |ids: &[&str]| {
        let processes = Set::new(ids.iter().map(|id| ProcessId::parse(id).unwrap()));
        may_agree(&Terms {
            processes: Some(processes),
            ..terms.clone()
        })
    };
    assert_eq!(within(&["care.consult"]), Ok(()));
    let unusable = Err("processes".to_owned());
    for ids in [
        &[][..],
        &["pharmacy.dispense"],
        &["care.consult", "no.such-process"],
    ] {
        assert_eq!(within(ids), unusable, "{ids:?}");
    }
}

/// What the page offers and what the writer takes are two walks over the same rows.
#[test]
fn a_consent_is_taken_where_it_is_offered_and_nowhere_else() {
    let town = Pack::town().unwrap();
    let sectors: Vec<&str> = town.sectors().iter().map(|s| s.code.as_str()).collect();
    let mut taken = 0;
    for (recipient, holder) in sectors
        .iter()
        .flat_map(|recipient| sectors.iter().map(move |holder| (*recipient, *holder)))
    {
        let choices = town.consent_choices(recipient, holder);
        for purpose in town.purposes() {
            let choice = choices.iter().find(|c| c.purpose.code == purpose.code);
            for category in town.categories() {
                let offered =
                    choice.is_some_and(|c| c.categories.iter().any(|c| c.code == category.code));
                let checked = town.check_consent(
                    (recipient, holder),
                    &Set::new([purpose.code.clone()]),
                    &Set::new([category.code.clone()]),
                    Assurance::Passkey,
                );
                let found = (purpose.code.as_str(), category.code.as_str());
                assert_eq!(checked.is_ok(), offered, "{recipient} {holder} {found:?}");
                taken += usize::from(offered);
            }
        }
    }
    assert!(taken > 0);
}

#[test]
fn who_is_told_when() {
    let town = Pack::town().unwrap();
    let tells = |process: &str, outcome, step| {
        town.tells(&ProcessId::parse(process).unwrap(), outcome, step)
    };
    assert_eq!(tells("care.consult", Outcome::Permit, None), Tell::Digest);
    assert_eq!(tells("care.emergency", Outcome::Permit, None), Tell::Always);
    assert_eq!(
        tells("care.consult", Outcome::Deny, Some(Step::Whitelist)),
        Tell::Always
    );
    assert_eq!(
        tells("care.consult", Outcome::Deny, Some(Step::Basis)),
        Tell::Digest
    );
    assert_eq!(
        tells("city.vaccination-reminder", Outcome::Ask, Some(Step::Basis)),
        Tell::Always
    );
    assert_eq!(
        tells("of.an.older-pack", Outcome::Permit, None),
        Tell::Always
    );
}

#[test]
fn the_least_assurance_is_that_of_the_most_delicate_category() {
    let town = Pack::town().unwrap();
    assert_eq!(
        town.least_assurance(&categories(&["vaccination"])),
        Some(Assurance::Sms)
    );
    assert_eq!(
        town.least_assurance(&categories(&["vaccination", "medication"])),
        Some(Assurance::SmsAndRecovery)
    );
    assert_eq!(
        town.least_assurance(&categories(&["genetic", "medication"])),
        Some(Assurance::TwoOfficers)
    );
    assert_eq!(
        town.least_assurance(&categories(&["medication", "gossip"])),
        None
    );
    assert_eq!(
        town.least_assurance(&Set::new(Vec::<CategoryCode>::new())),
        None
    );
}
