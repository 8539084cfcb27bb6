//! The `akashi` binary: arguments in, exit code out. Everything it does is in [`akashi::commands`].

use std::process::ExitCode;

use akashi::cli::Cli;
use clap::Parser;
use mimalloc::MiMalloc;

/// A record is some forty small values on its way to the log: with the system's allocator a fifth
/// of an access's processor time was spent in it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    akashi::commands::run(Cli::parse()).await
}
