//! One hostile institution and one hostile network at full rate, and ten people beside them who go
//! on with their lives: the real binary behind a proxy it trusts, on this machine.
//!
//! ```sh
//! ./tests/run storm               # small: under a minute
//! ./tests/run --deep              # large: 4,096 open requests and twenty times the statements
//! target/debug/akashi-storm [--large]
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `town.rs` | the ledger, its institutions, its people |
//! | `behind.rs` | requests with an address of one's own, as a proxy forwards them |
//! | `honest.rs` | what a person and the institutions she knows do, and how long it takes |
//! | `institution.rs` | refusals, acts that change nothing, emergencies, ends of links, and more |
//! | `network.rs` | a /48: bodies that never end, numbers nobody has |
//! | `census.rs` | every record of the log afterwards, and the bound it is charged to |
//! | `bounds.rs` | what must hold, each with its reason |
//!
//! The people live once without the storm, then twice beside it, the same each time. Then the
//! server is killed in the midst of a third, and the storm goes on when it is there again. What is
//! asserted are numbers of things, never times: those are printed, and say something on a machine
//! that does nothing else.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod behind;
mod bounds;
mod census;
mod honest;
mod institution;
mod network;
mod town;

use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use akashi_actors::until_so;
use akashi_proof::ids::LeafIndex;
use akashi_tests::server::figure;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

use crate::bounds::{Found, Restarted, Stretch};
use crate::census::Census;
use crate::honest::{Lived, live, look_at_all};
use crate::institution::Sent;
use crate::network::Tried;
use crate::town::Town;

/// How many records the log may be ahead of a warning when it arrives on a telephone: what is
/// recorded while it is read, composed and handed over. Each signer has no more than so many
/// requests on their way, and a share of the writer's queue: not the length of the flood.
const WARNED_BEHIND_MAX: u64 = 2_048;

/// How much comes at once, and how much in all.
struct Strength {
    /// How often a person goes through her round in one stretch. No more than sixteen permits of
    /// one requester wait, and a code is sent three times in ten minutes: nine in all.
    rounds: usize,
    /// Statements of each kind the hostile institution sends in one stretch.
    statements: usize,
    /// On so many connections each.
    connections: usize,
    /// Requests whose bodies never end, open at once.
    open: usize,
    /// Sign-ins with numbers nobody has, in one stretch.
    sign_ins: usize,
}

const SMALL: Strength = Strength {
    rounds: 2,
    statements: 400,
    connections: 4,
    open: 400,
    sign_ins: 60,
};
const LARGE: Strength = Strength {
    rounds: 5,
    statements: 8_000,
    connections: 16,
    open: 4_096,
    sign_ins: 2_000,
};

/// Whose requests run where.
#[derive(Clone, Copy)]
struct Handles<'a> {
    people: &'a Handle,
    storm: &'a Handle,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let strength = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => SMALL,
        ["--large"] => LARGE,
        _ => {
            eprintln!("akashi-storm [--large]");
            return ExitCode::from(2);
        }
    };
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(yields)
        .build()
        .unwrap();
    // People come from elsewhere: their requests wait for no client's of the storm.
    let elsewhere = Runtime::new().unwrap();
    let handles = Handles {
        people: elsewhere.handle(),
        storm: runtime.handle(),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut town = runtime.block_on(Town::found(folder.path()));
    let quiet = stretch(&town, &strength, handles, false);
    let first = stretch(&town, &strength, handles, true);
    let second = stretch(&town, &strength, handles, true);
    let restarted = restart(&mut town, &strength, runtime.handle());
    let audited = runtime.block_on(town.audited());
    let rung = town.rung_by_nobody();
    town.server.end_in_order();
    let found = Found {
        quiet,
        first,
        second,
        restarted,
        audited,
        rung,
        census: Census::take(folder.path()),
        rounds: strength.rounds as u64,
        people: town.people.len() as u64,
        warned_behind_max: WARNED_BEHIND_MAX,
    };
    let wrong = found.wrong();
    print!("{found}");
    for line in &wrong {
        println!("FAILED {line}");
    }
    println!(
        "{} passed, {} failed",
        found.asked() - wrong.len(),
        wrong.len()
    );
    if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whoever storms has machines of his own and takes no processor from the server, nor from the
/// people's browsers: his threads here have what those leave.
fn yields() {
    rustix::process::nice(19).unwrap();
}

/// The institution's storm, in the midst of which the server is killed; and again, once it is
/// there.
fn restart(town: &mut Town, strength: &Strength, handle: &Handle) -> Restarted {
    let (answered, midst) = (AtomicUsize::new(0), strength.statements);
    let before = std::thread::scope(|scope| {
        let hostile = scope.spawn(|| {
            yields();
            institution::storm(town, strength, handle, &answered)
        });
        // As many as of one kind are sent: the others of all kinds are on their way or to come.
        handle.block_on(until_so("the storm is on", || {
            answered.load(Ordering::Relaxed) >= midst
        }));
        let process = town.server.process().to_string();
        let killed = Command::new("kill").args(["-KILL", &process]).status();
        assert!(killed.unwrap().success());
        hostile.join().unwrap()
    });
    handle.block_on(town.start_again());
    let since = handle.block_on(town.server.figures());
    let since = LeafIndex::new(figure(&since, "akashi_log_entries"));
    let after = institution::storm(town, strength, handle, &answered);
    let looked = handle.block_on(look_at_all(town));
    handle.block_on(town.calm());
    Restarted {
        before,
        after,
        since,
        looked,
    }
}

/// The people's rounds, with or without the storm; ends when both are over and everybody was told.
fn stretch(town: &Town, strength: &Strength, handles: Handles<'_>, storm: bool) -> Stretch {
    let handle = handles.storm;
    let (entries_before, since) = (handle.block_on(town.calm()), SystemTime::now());
    let answered = AtomicUsize::new(0);
    // Closed when the storm is over.
    let (ends, over) = watch::channel(());
    let (lived, sent, tried) = std::thread::scope(|scope| {
        let hostile = storm.then(|| {
            let answered = &answered;
            let institution = scope.spawn(move || {
                yields();
                institution::storm(town, strength, handle, answered)
            });
            let network = scope.spawn(move || {
                yields();
                network::storm(town, strength, handle, &over)
            });
            (institution, network)
        });
        let people: Vec<_> = town
            .people
            .iter()
            .map(|person| {
                scope.spawn(|| handles.people.block_on(live(town, person, strength.rounds)))
            })
            .collect();
        let lived: Vec<Lived> = people.into_iter().map(|one| one.join().unwrap()).collect();
        let (sent, tried) = hostile.map_or_else(
            || (Sent::default(), Tried::default()),
            |(institution, network)| {
                let sent = institution.join().unwrap();
                drop(ends);
                (sent, network.join().unwrap())
            },
        );
        (Lived::all(lived), sent, tried)
    });
    let entries = handle.block_on(town.calm()) - entries_before;
    Stretch {
        lived,
        sent,
        tried,
        entries,
        between: (since, SystemTime::now()),
        memory: town.memory(),
    }
}
