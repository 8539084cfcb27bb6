//! The short run: every seed, and a fixed number of mutants of each target, the same in every run.

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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use akashi_fuzz::corpus::{folder, seeds};
use akashi_fuzz::made::{kept, made};
use akashi_fuzz::mutate::{Numbers, mutant};
use akashi_fuzz::targets::TARGETS;
use akashi_fuzz::{Outcome, Target};

/// Bytes of mutants a target is given: some thousands of small ones, some hundreds of large ones.
const BYTES: usize = 4 << 20;
/// Mutants of a target at most: more of the same kind find little that these do not.
const MUTANTS: usize = 20_000;

#[test]
fn every_target_takes_a_seed_of_its_own() {
    for target in TARGETS {
        let seeds = seeds(target).unwrap();
        assert!(
            seeds
                .iter()
                .any(|seed| (target.run)(seed) == Outcome::Taken),
            "{}: no seed is taken, so that its mutants stop at the first line",
            target.name
        );
    }
}

#[test]
fn every_folder_of_the_corpus_has_its_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name).collect();
    for entry in fs::read_dir(corpus).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(name.as_str()), "corpus/{name} is nobody's");
    }
}

#[test]
fn the_corpus_holds_what_our_formats_make_today() {
    let (mut today, mut here) = (BTreeMap::new(), BTreeMap::new());
    for seed in made() {
        let target = TARGETS.iter().find(|target| target.name == seed.target);
        let outcome = (target.unwrap().run)(&seed.bytes);
        assert_eq!(outcome, Outcome::Taken, "{}/{}", seed.target, seed.name);
        today.insert(format!("{}/{}", seed.target, seed.name), seed.bytes);
    }
    for target in TARGETS {
        for name in kept(target).unwrap() {
            let bytes = fs::read(folder(target).join(&name)).unwrap();
            here.insert(format!("{}/{name}", target.name), bytes);
        }
    }
    let names: BTreeSet<_> = today.keys().chain(here.keys()).collect();
    let others: Vec<_> = names
        .into_iter()
        .filter(|name| today.get(*name) != here.get(*name))
        .collect();
    assert!(
        others.is_empty(),
        "{others:?} are other ones now: cargo run -p akashi-fuzz --bin seeds"
    );
}

/// The guided run reads all seeds of a target before it begins, and every clone carries them.
#[test]
fn the_corpus_is_small() {
    const WHOLE_MAX: usize = 192 << 10;
    const SEED_MAX: usize = 64 << 10;
    let seeds = TARGETS.iter().flat_map(|target| seeds(target).unwrap());
    let sizes: Vec<usize> = seeds.map(|seed| seed.len()).collect();
    let (whole, largest) = (sizes.iter().sum::<usize>(), sizes.iter().max());
    assert!(whole <= WHOLE_MAX, "{whole} bytes");
    assert!(largest <= Some(&SEED_MAX), "{largest:?} bytes");
}

#[test]
fn published_formats_bear_any_bytes() {
    let [published, ..] = parts();
    run(published);
}

#[test]
fn statements_bear_any_bytes() {
    let [_, sent, _] = parts();
    run(sent);
}

#[test]
fn files_records_and_packs_bear_any_bytes() {
    let [.., rest] = parts();
    run(rest);
}

/// The list in three parts that run side by side: published formats, what institutions send, and
/// the rest.
fn parts() -> [&'static [Target]; 3] {
    let begins = |name| TARGETS.iter().position(|target| target.name == name);
    let (sent, rest) = (begins("jws").unwrap(), begins("evidence").unwrap());
    [&TARGETS[..sent], &TARGETS[sent..rest], &TARGETS[rest..]]
}

fn run(targets: &[Target]) {
    for target in targets {
        let seeds = seeds(target).unwrap();
        let mut numbers = Numbers::new(0xA1);
        let mut given = 0;
        for seed in &seeds {
            run_one(target, seed);
        }
        for _ in 0..MUTANTS {
            let seed = &seeds[numbers.below(seeds.len())];
            let other = &seeds[numbers.below(seeds.len())];
            let mutant = mutant(seed, other, &mut numbers);
            run_one(target, &mutant);
            given += mutant.len();
            if given > BYTES {
                break;
            }
        }
    }
}

/// Names the target and shows the bytes when it fails, so that they can be kept as a seed.
fn run_one(target: &Target, bytes: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_err() {
        panic!("{}: {}", target.name, bytes.escape_ascii());
    }
}
