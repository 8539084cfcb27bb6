//! How long one decision takes: `cargo run --release -p akashi-policies --example decision_speed`
//!
//! Prints the 50th and 99th percentile and the maximum of single calls of `decide` on the town's
//! pack.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    reason = "a test fails by panicking"
)]

#[path = "../tests/facts/mod.rs"]
mod facts;

use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::Assurance;
use std::hint::black_box;
use std::time::{Duration, Instant};

use akashi_policies::Pack;
use facts::{Facts, categories};

fn main() -> Result<(), akashi_policies::PackError> {
    let begun = Instant::now();
    let pack = Pack::town()?;
    println!(
        "load the pack                       {:>9.1?}",
        begun.elapsed()
    );

    let permitted = Facts::permitted();
    let mut out_of_purpose = Facts::permitted();
    out_of_purpose.claims.categories = categories(&["claims"]);
    // The claim's row of the whitelist lists mental health, which no insurer may see.
    let claims = pack
        .processes()
        .iter()
        .filter(|process| process.id.as_str() == "insurer.claim-review");
    let forbidden = claims.flat_map(|process| facts::fitting(&pack, &process.id));
    let mut many_consents = Facts::permitted();
    let mut other = many_consents.fitting_consent(LeafIndex::new(3));
    other.terms.holder = facts::id("pharmacy.midori");
    many_consents.consents = [
        vec![other; 49],
        vec![many_consents.fitting_consent(LeafIndex::new(7))],
    ]
    .concat();

    report("permit", 1_000_000, || permitted.decide(&pack));
    report("permit, one of 50 consents", 200_000, || {
        many_consents.decide(&pack)
    });
    report("refusal at step 4", 1_000_000, || {
        out_of_purpose.decide(&pack)
    });
    let (purposes, medicines) = (
        facts::purposes(&["dispensing"]),
        categories(&["medication"]),
    );
    report("a consent, before it is recorded", 200_000, || {
        let between = ("pharmacy", "hospital");
        pack.check_consent(between, &purposes, &medicines, Assurance::Passkey)
    });
    for facts in forbidden.take(1) {
        report("refusal at step 10", 1_000_000, || facts.decide(&pack));
    }
    Ok(())
}

fn report<T>(name: &str, times: usize, decide: impl Fn() -> T) {
    for _ in 0..1000 {
        black_box(decide());
    }
    let taken = (0..times).map(|_| {
        let begun = Instant::now();
        black_box(decide());
        begun.elapsed()
    });
    print(name, taken.collect());
}

fn print(name: &str, mut taken: Vec<Duration>) {
    taken.sort();
    let [p50, p99, max] =
        [taken.len() / 2, taken.len() * 99 / 100, taken.len() - 1].map(|place| taken[place]);
    println!("{name:<34}  p50 {p50:>9.1?}  p99 {p99:>9.1?}  max {max:>9.1?}");
}
