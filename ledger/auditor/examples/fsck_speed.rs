//! How fast `fsck` re-derives a log in a folder, per core and on all cores.
//!
//! ```text
//! cargo run --release -p akashi-audit --example fsck_speed -- [ENTRIES] [FOLDER]
//! ```
//! Writes an honest log of ENTRIES (2,000,000) entries into FOLDER (a temporary one) unless one is
//! there, then checks it three times with one worker and three times with one for each core. The
//! files come from the page cache, as they do for whoever has just fetched a log; what is measured
//! is the work, not the disk.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    reason = "a test fails by panicking"
)]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::time::Instant;

use akashi_audit::source::Folder;
use akashi_check::fsck::{self, Request};
use akashi_check::source::Source;
use akashi_check::verdict::Verdict;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let entries: u64 = arguments.next().map_or(2_000_000, |number| {
        number.parse().expect("a number of entries")
    });
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = arguments
        .next()
        .map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    if !folder.join("checkpoint").exists() {
        let started = Instant::now();
        std::fs::create_dir_all(&folder).expect("a folder");
        support::TestLog::honest(entries).write(&folder);
        println!(
            "wrote {entries} entries in {:.1} s",
            started.elapsed().as_secs_f64()
        );
    }
    let source = Folder::new(&folder).expect("a folder");
    for workers in [1, source.workers()] {
        for _ in 0..3 {
            let (started, cpu) = (Instant::now(), cpu_seconds());
            let checked = fsck::run(&Request {
                workers,
                ..Request::of(&source)
            });
            let took = started.elapsed();
            assert_eq!(checked.verdict(), Verdict::Good, "{:?}", checked.findings);
            let rate = |seconds: f64| checked.checked.entries as f64 / seconds / 1e6;
            let (wall, cpu) = (took.as_secs_f64(), cpu_seconds() - cpu);
            println!(
                "{workers} worker(s): {wall:.3} s, {:.2} million entries/s; {cpu:.2} s of processor, {:.2} million entries/s",
                rate(wall),
                rate(cpu)
            );
        }
    }
    println!("peak resident memory: {}", peak_memory());
}

/// Processor time used so far, from the kernel; on a busy machine the fairer clock. Not a number
/// where nobody says it.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the command's name: user and system time are fields 14 and 15, in hundredths of a
    // second.
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or(f64::NAN)
    };
    (ticks(11) + ticks(12)) / 100.0
}

/// From the kernel, where there is one that says it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known".to_owned(), |line| line.trim().to_owned())
}
