//! The `akashi` binary: arguments in, exit code out. Everything it does is in [`akashi::commands`].

use std::process::ExitCode;

use akashi::cli::Cli;
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    akashi::commands::run(Cli::parse()).await
}
