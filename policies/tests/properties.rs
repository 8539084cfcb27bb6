//! What holds of every decision, whatever is asked: it is made, made alike each time, nothing
//! faulty is permitted, and what is told of a person on refusal does not depend on her.

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

use std::sync::LazyLock;

use akashi_policies::Pack;
use akashi_proof::consent::{AccessMode, Period, Terms};
use akashi_proof::decision::{
    Approval, Decision, Incomplete, LinkStanding, OpenQuestions, told_reasons,
};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, InstitutionId, LeafIndex, LinkCode, ProcessId, PurposeCode, RoleCode, Timestamp,
};
use akashi_proof::record::kind::{Assurance, BasisKind, KeyUse, Outcome, Step};
use akashi_proof::record::value::Set;
use akashi_proof::state::{Consent, Institution, Standing};
use akashi_proof::statement::{Basis, access::CATEGORIES_MAX};
use facts::{Facts, INSTITUTIONS, NOW, id, institution, roles};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

static PACK: LazyLock<Pack> = LazyLock::new(|| Pack::town().unwrap());

/// Codes of the pack, and one it does not know.
fn codes(known: Vec<String>) -> impl Strategy<Value = String> {
    prop_oneof![30 => select(known), 1 => Just("unheard-of".to_owned())]
}

fn categories() -> impl Strategy<Value = Set<CategoryCode>> {
    let known = PACK
        .categories()
        .iter()
        .map(|category| category.code.to_string())
        .collect();
    vec(codes(known), 0..4)
        .prop_map(|codes| Set::new(codes.iter().map(|code| CategoryCode::parse(code).unwrap())))
}

fn times() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        4 => Just(NOW),
        1 => Just(Timestamp::from_millis(0)),
        1 => Just(Timestamp::MAX),
        1 => Just(Timestamp::from_millis(u64::MAX)),
        3 => (0..1_200_000u64).prop_map(|ms| NOW.plus_millis(ms).minus_millis(600_000)),
        1 => any::<u64>().prop_map(Timestamp::from_millis),
    ]
}

/// What is to be done with data, and of what time it is.
fn ways() -> impl Strategy<Value = (AccessMode, Period)> {
    let end = || prop::option::weighted(0.2, times());
    let period = (end(), end()).prop_map(|(from, until)| Period { from, until });
    (select(AccessMode::ALL), period)
}

fn basis() -> impl Strategy<Value = Basis> {
    let reasons = PACK
        .emergency_reasons()
        .iter()
        .map(|reason| reason.code.clone())
        .collect();
    prop_oneof![
        4 => Just(Basis::Consent),
        1 => Just(Basis::Statute),
        2 => codes(reasons).prop_map(|reason_code| {
            Basis::Emergency { reason_code, reason_text: "救急".into() }
        }),
        2 => prop_oneof![0..20u64, any::<u64>()]
            .prop_map(|cohort_size| {
                let cohort_digest = Digest::from_bytes([1; 32]);
                Basis::Statistics { cohort_size, cohort_digest }
            }),
    ]
}

fn links() -> impl Strategy<Value = LinkStanding> {
    prop_oneof![
        6 => Just(LinkStanding::Issued),
        1 => Just(LinkStanding::Revoked),
        1 => Just(LinkStanding::NotIssued),
    ]
}

/// Honest claims of a row of the whitelist, or any mixture of codes.
fn claimed() -> impl Strategy<Value = Facts> {
    let rows: Vec<Facts> = PACK
        .processes()
        .iter()
        .flat_map(|process| facts::fitting(&PACK, &process.id))
        .collect();
    let mixed = (
        select(INSTITUTIONS.to_vec()),
        codes(
            PACK.roles()
                .iter()
                .map(|role| role.code.to_string())
                .collect(),
        ),
        codes(
            PACK.processes()
                .iter()
                .map(|process| process.id.to_string())
                .collect(),
        ),
        codes(
            PACK.purposes()
                .iter()
                .map(|purpose| purpose.code.to_string())
                .collect(),
        ),
        select(INSTITUTIONS.to_vec()),
        (categories(), ways()),
        basis(),
    );
    let mixed = mixed.prop_map(|(iss, role, process, purpose, holder, what, basis)| {
        let (categories, wanted) = what;
        let mut facts = Facts::permitted();
        let claims = &mut facts.claims;
        claims.common.iss = id(iss);
        claims.role = RoleCode::parse(&role).unwrap();
        claims.process = ProcessId::parse(&process).unwrap();
        claims.purpose = PurposeCode::parse(&purpose).unwrap();
        claims.holder = id(holder);
        claims.categories = categories;
        (claims.mode, claims.period) = wanted;
        claims.subject = claims
            .subject
            .take()
            .filter(|_| basis.kind() != BasisKind::Statistics);
        claims.basis = basis;
        facts.be_honest();
        facts
    });
    prop_oneof![2 => select(rows), 1 => mixed]
}

/// What is known of the person.
fn person(facts: Facts) -> impl Strategy<Value = Facts> {
    let fitting = facts.fitting_consent(LeafIndex::new(7));
    let other = fitting.clone();
    let consents = vec(
        prop_oneof![
            3 => Just(fitting),
            2 => (
                categories(),
                ways(),
                select(INSTITUTIONS.to_vec()),
                (times(), times()),
                select(Assurance::ALL),
                0..100u64,
            )
                .prop_map(move |(categories, way, recipient, validity, assurance, index)| Consent {
                    terms: Terms {
                        categories,
                        access_mode: way.0,
                        period_from: way.1.from,
                        period_until: way.1.until,
                        recipient: id(recipient),
                        valid_from: validity.0,
                        valid_until: validity.1,
                        ..other.terms.clone()
                    },
                    assurance,
                    index: LeafIndex::new(index),
                    ..other.clone()
                }),
        ],
        0..3,
    );
    let open_questions = prop_oneof![3 => Just(0), 1 => 3..6usize, 1 => 30..40usize];
    let rare = || prop::bool::weighted(0.1);
    (links(), rare(), rare(), consents, open_questions).prop_map(
        move |(holder_link, means_blocked, lost, consents, open)| Facts {
            incomplete: Incomplete {
                person: lost,
                ..facts.incomplete
            },
            open_questions: OpenQuestions {
                all: open,
                of_requester: open.min(5),
            },
            holder_link,
            means_blocked,
            consents,
            ..facts.clone()
        },
    )
}

/// Anything at all may be wrong with what is not known of the person.
fn any_facts() -> impl Strategy<Value = Facts> {
    let wrongs = (
        times(),
        links(),
        prop::option::weighted(0.2, select(Assurance::ALL)),
        0..24u32,
        any::<bool>(),
    );
    (claimed().prop_flat_map(person), wrongs).prop_map(
        |(mut facts, (now, requester_link, assurance, wrong, subject))| {
            facts.now = now;
            facts.requester_link = requester_link;
            facts.approval = assurance.map(|assurance| Approval {
                index: LeafIndex::new(99),
                assurance,
            });

            match wrong {
                0 => facts.key = None,
                1 => facts.key.as_mut().unwrap().key_use = KeyUse::Evidence,
                2 => facts.key.as_mut().unwrap().institution = id("hospital.other"),
                3 => facts.key.as_mut().unwrap().valid_until = Some(NOW),
                4 => facts.requester = None,
                5 => facts.requester.as_mut().unwrap().standing = Standing::Suspended,
                6 => facts.requester = Some(institution(&id("hospital.other"))),
                7 => facts.holder = None,
                8 => facts.holder.as_mut().unwrap().standing = Standing::Suspended,
                9 => facts.holder = Some(institution(&id("hospital.other"))),
                10 => {
                    facts.roles = roles(
                        &facts.claims.role_holder,
                        &RoleCode::parse("porter").unwrap(),
                    )
                }
                12 => facts.incomplete.registry = true,
                11 => facts.claims.subject = subject.then(|| LinkCode::from_sealed(&[3; 35])),
                _ => {}
            }
            facts
        },
    )
}

/// The rules once more, as plainly as they can be said, from the outside of the crate: what must
/// hold of a permit.
fn deserves_a_permit(facts: &Facts) -> bool {
    let claims = &facts.claims;
    let iss = &claims.common.iss;
    let certified = |institution: &Option<Institution>, id: &InstitutionId| {
        institution
            .as_ref()
            .is_some_and(|i| i.id == *id && i.standing == Standing::Certified)
    };
    let honest = certified(&facts.requester, iss)
        && certified(&facts.holder, &claims.holder)
        && facts
            .key
            .as_ref()
            .is_some_and(|key| key.institution == *iss && key.is_valid(KeyUse::Sign, facts.now))
        && facts
            .roles
            .holds(&claims.role_holder, &claims.role, facts.now);
    let personal = claims.basis.kind() != BasisKind::Statistics;
    let known = !personal
        || (facts.requester_link == LinkStanding::Issued
            && facts.holder_link == LinkStanding::Issued
            && !facts.means_blocked);
    let sector =
        |of: &Option<Institution>| of.as_ref().map(|i| i.sector.clone()).unwrap_or_default();
    let (asking, holding) = (sector(&facts.requester), sector(&facts.holder));
    let listed = PACK.whitelist(&claims.process).iter().any(|row| {
        row.requesters.iter().any(|s| s.code == asking)
            && row
                .roles
                .iter()
                .any(|role| role.code == claims.role && role.sectors.contains(&asking))
            && row
                .purposes
                .iter()
                .any(|purpose| purpose.code == claims.purpose)
            && row.holders.iter().any(|s| s.code == holding)
            && !claims.categories.is_empty()
            && claims
                .categories
                .iter()
                .all(|code| row.categories.iter().any(|category| category.code == *code))
            && row.bases.contains(&claims.basis.kind())
    });
    let Some(process) = PACK.process(&claims.process) else {
        return false;
    };
    let grounded = match &claims.basis {
        Basis::Consent
            if let Some(approval) = facts.approval
                && process.ask.is_some() =>
        {
            PACK.least_assurance(&claims.categories)
                .is_some_and(|least| approval.assurance >= least)
        }
        Basis::Consent => facts.consents.iter().any(|consent| {
            consent.terms.is_live(facts.now)
                && consent.terms.recipient == *iss
                && consent.terms.holder == claims.holder
                && consent.terms.purposes.contains(&claims.purpose)
                && consent.terms.categories.contains_all(&claims.categories)
                && consent
                    .terms
                    .processes
                    .as_ref()
                    .is_none_or(|processes| processes.contains(&claims.process))
                && (consent.terms.access_mode == claims.mode
                    || (consent.terms.access_mode, claims.mode)
                        == (AccessMode::Store, AccessMode::View))
                && consent
                    .terms
                    .period_from
                    .is_none_or(|from| claims.period.from.is_some_and(|wanted| wanted >= from))
                && consent
                    .terms
                    .period_until
                    .is_none_or(|until| claims.period.until.is_some_and(|wanted| wanted <= until))
                && PACK
                    .least_assurance(&claims.categories)
                    .is_some_and(|least| consent.assurance >= least)
        }),
        Basis::Statute => process.statute.is_some(),
        Basis::Emergency { reason_code, .. } => {
            process.emergency_reasons.contains(reason_code)
                && PACK
                    .role(&claims.role)
                    .is_some_and(|role| role.may_declare_emergency)
        }
        Basis::Statistics { cohort_size, .. } => *cohort_size >= 10,
    };
    let emergency = claims.basis.kind() == BasisKind::Emergency;
    let all_there = emergency || !(facts.incomplete.registry || facts.incomplete.person);
    let special = claims
        .categories
        .iter()
        .any(|code| ["mental-health", "genetic"].contains(&code.as_str()));
    let ruled_out = (asking == "insurer" && (special || emergency)) || (emergency && special);
    let fresh = facts.approval.is_some()
        || facts
            .now
            .as_millis()
            .abs_diff(claims.common.iat.as_millis())
            <= 300_000;
    honest
        && all_there
        && known
        && listed
        && grounded
        && !ruled_out
        && fresh
        && claims.subject.is_some() == personal
}

/// What the requester learns.
fn told(decision: &Decision) -> (Outcome, Vec<String>, Option<Timestamp>) {
    let reasons = told_reasons(decision.told, &decision.reasons);
    (
        decision.told,
        reasons,
        decision.expires.filter(|_| decision.told != Outcome::Deny),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_decision_is_total_deterministic_and_permits_exactly_what_it_must(facts in any_facts()) {
        let decision = facts.decide(&PACK);
        prop_assert_eq!(&decision, &facts.decide(&PACK));
        let permitted = decision.outcome == Outcome::Permit;
        prop_assert_eq!(permitted, deserves_a_permit(&facts), "{:?}", decision);

        // Shape: the parts of a decision agree with each other.
        prop_assert!(!decision.reasons.codes().is_empty());
        prop_assert_eq!(decision.outcome == Outcome::Permit, decision.told == Outcome::Permit);
        prop_assert_eq!(decision.outcome == Outcome::Permit, decision.step().is_none());
        let at_first = decision.step() == Some(Step::Statement);
        prop_assert_eq!(decision.reasons.fault().is_some(), at_first);
        prop_assert_eq!(decision.expires.is_some(), decision.told != Outcome::Deny);
        prop_assert!(decision.expires.is_none_or(|expires| expires <= Timestamp::MAX));
        if decision.outcome == Outcome::Ask {
            prop_assert_eq!((decision.told, decision.step()), (Outcome::Ask, Some(Step::Basis)));
        }
        if decision.told == Outcome::Ask {
            let process = PACK.process(&facts.claims.process).unwrap();
            prop_assert!(process.ask.is_some() && facts.approval.is_none());
            prop_assert!((Step::Translation..=Step::Basis).contains(&decision.step().unwrap()));
        }
        if let Some(index) = decision.consent {
            let mut relied_on = facts.consents.iter().filter(|consent| consent.index == index);
            prop_assert!(
                relied_on.any(|consent| decision.expires <= Some(consent.terms.valid_until))
            );
        }
    }

    #[test]
    fn what_is_told_of_a_refusal_does_not_depend_on_the_person(
        (one, other) in claimed().prop_flat_map(|facts| (person(facts.clone()), person(facts))),
    ) {
        let (one, other) = (one.decide(&PACK), other.decide(&PACK));
        if one.outcome != Outcome::Permit && other.outcome != Outcome::Permit {
            prop_assert_eq!(told(&one), told(&other));
        }
    }
}

#[test]
fn every_row_of_the_whitelist_permits_what_no_rule_forbids() {
    let mut forbidden = 0;
    for facts in PACK
        .processes()
        .iter()
        .flat_map(|process| facts::fitting(&PACK, &process.id))
    {
        let decision = facts.decide(&PACK);
        if decision.step() == Some(Step::Rules) {
            forbidden += 1;
        } else {
            assert_eq!(
                decision.outcome,
                Outcome::Permit,
                "{:?} {decision:?}",
                facts.claims
            );
        }
    }
    assert_eq!(
        forbidden, 2,
        "the insurer and mental health, at either hospital"
    );
}

#[test]
fn the_widest_statement_is_decided() {
    let mut facts = Facts::permitted();
    facts.claims.categories = Set::new(
        (0..CATEGORIES_MAX).map(|i| CategoryCode::parse(&format!("category-{i}")).unwrap()),
    );
    assert_eq!(facts.decide(&PACK).step(), Some(Step::Statement));
}
