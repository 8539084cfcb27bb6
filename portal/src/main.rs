//! The `akashi` binary: arguments in, exit code out. Everything it does is in [`akashi::commands`].

use std::process::ExitCode;

use akashi::cli::Cli;
use akashi_desk::turns::processors;
use clap::Parser;
use mimalloc::MiMalloc;

/// A record is some forty small values on its way to the log: with the system's allocator a fifth
/// of an access's processor time was spent in it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Threads that may wait, beside those the parts have of their own. Names are looked up on them,
/// the mail server's for each connection to it; without a bound a silent name server is answered
/// with hundreds, and each keeps some megabytes its allocator once held. What waits for one of them
/// is bounded by who asks.
const BLOCKING_THREADS_MAX: usize = 8;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(processors() + 1)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(akashi::commands::run(Cli::parse())),
        Err(error) => {
            eprintln!("akashi: threads of the runtime: {error}");
            ExitCode::FAILURE
        }
    }
}
