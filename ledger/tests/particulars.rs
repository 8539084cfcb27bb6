//! What institutions and supervisors are called and how people reach them: certified by as many as
//! must sign, changed by as many, the same everywhere afterwards.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use akashi_actors::claims::{certified, changed, supervisor_changed};
use akashi_actors::{SUPERVISORS, commands, named, particulars};
use akashi_ledger::{Done, Refusal};
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{InstitutionId, LeafIndex};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::particulars::{Particulars, Telephone};
use akashi_proof::state::Registry;
use serde_json::Value;
use support::Town;

fn id(name: &str) -> InstitutionId {
    InstitutionId::parse(name).unwrap()
}

fn hospital() -> InstitutionId {
    id("hospital.chuo")
}

fn north() -> InstitutionId {
    id(SUPERVISORS[0])
}

/// As `Town` certifies its institutions, with another number.
fn renumbered(telephone: &str) -> Particulars {
    Particulars {
        telephone: Telephone::parse(telephone).unwrap(),
        ..particulars("中央病院", "Chuo")
    }
}

fn of_hospital(registry: &Registry) -> &Particulars {
    &registry.institution(&hospital()).unwrap().particulars
}

async fn by_supervisors(town: &Town, act: Value) -> Result<Done<LeafIndex>, Refusal> {
    commands::act_by_supervisors(&town.ledger, &town.cast, &act).await
}

fn code<T>(refused: Result<T, Refusal>) -> FaultCode {
    match refused {
        Err(Refusal::Fault(fault)) => fault.code,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("carried out"),
    }
}

/// Statements of one, of one twice, and of two who do not say the same.
fn not_enough(town: &Town, act: &Value, otherwise: (&str, &str)) -> [Vec<Jws>; 3] {
    let sign = |at: usize, act: &Value| town.supervisors[at].sign(Type::Act, act.clone());
    let mut other = act.clone();
    other[otherwise.0] = otherwise.1.into();
    [
        vec![sign(0, act)],
        vec![sign(0, act), sign(0, act)],
        vec![sign(0, act), sign(1, &other)],
    ]
}

#[tokio::test]
async fn supervisors_that_are_too_few_or_say_different_things_certify_and_change_nothing() {
    let town = Town::new().await;
    let size = town.ledger.reader().head().head.size;
    let office = named("office.new");
    for (act, otherwise) in [
        (
            certified(&office, ("偽", "False"), "hospital"),
            ("name_en", "Other"),
        ),
        (
            changed(&hospital(), &renumbered("+81-55-000-9999")),
            ("telephone", "+81-55-000-9998"),
        ),
        (
            supervisor_changed(&north(), &renumbered("+81-55-000-9999")),
            ("web", "https://other.example/"),
        ),
    ] {
        for statements in not_enough(&town, &act, otherwise) {
            let refused = commands::carry_out(&town.ledger, statements, None).await;
            assert_eq!(code(refused), FaultCode::NotAuthorised, "{act}");
        }
    }
    assert_eq!(town.ledger.reader().head().head.size, size);
}

#[tokio::test]
async fn a_wrong_number_is_put_right_by_as_many_as_certified_it() {
    let town = Town::new().await;
    let before = town.ledger.reader().registry();
    town.clock.pass(Duration::from_secs(1));
    let then = renumbered("+81-55-000-4321");
    by_supervisors(&town, changed(&hospital(), &then))
        .await
        .unwrap();
    let registry = town.ledger.reader().registry();
    assert_eq!(*of_hospital(&registry), then);
    let known = registry.institution(&hospital()).unwrap();
    assert_eq!(known.particulars_at(known.certified), of_hospital(&before));
    assert_eq!(known.sector, "hospital", "nothing else has changed");

    // A suspended institution is one people want to ring up.
    town.suspend(&town.hospital).await;
    town.clock.pass(Duration::from_secs(1));
    let then = renumbered("+81-55-000-5555");
    by_supervisors(&town, changed(&hospital(), &then))
        .await
        .unwrap();
    by_supervisors(&town, supervisor_changed(&north(), &then))
        .await
        .unwrap();

    let again = town.open_again().unwrap();
    let registry = again.reader().registry();
    assert_eq!(*of_hospital(&registry), then, "after a start as before it");
    assert_eq!(
        registry.supervisor_named(&north()).unwrap().particulars,
        then
    );
}

#[tokio::test]
async fn an_act_that_changes_nothing_or_nobody_is_refused() {
    let town = Town::new().await;
    let now = of_hospital(&town.ledger.reader().registry()).clone();
    let of_north = town.ledger.reader().registry();
    let of_north = of_north
        .supervisor_named(&north())
        .unwrap()
        .particulars
        .clone();
    for act in [
        changed(&hospital(), &now),
        changed(&id("hospital.nowhere"), &now),
        changed(&north(), &now),
        supervisor_changed(&north(), &of_north),
        supervisor_changed(&hospital(), &of_north),
    ] {
        assert_eq!(code(by_supervisors(&town, act).await), FaultCode::Conflict);
    }
}

#[tokio::test]
async fn an_institution_does_not_change_what_supervisors_certified() {
    let town = Town::new().await;
    let act = changed(&hospital(), &renumbered("+81-55-000-9999"));
    let own = town.hospital.sign(Type::Act, act);
    assert_eq!(
        code(commands::carry_out(&town.ledger, [own], None).await),
        FaultCode::NotAuthorised
    );
}
