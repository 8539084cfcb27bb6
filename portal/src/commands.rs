//! What the binary does. Exit code 0: done; 1: it could not be done, or something dishonest was
//! found; 2: it could not be checked.

pub mod acts;
pub mod checkpoint;
pub mod clock;
pub mod demo;
pub mod init;
pub mod institution;
pub mod key;
pub mod log_key;
pub mod logging;
pub mod particulars;
pub mod policy;
pub mod reset;
pub mod serve;
pub mod supervisor;

use std::process::ExitCode;

use crate::cli::{
    Cli, ClockCommand, Command, InstitutionCommand, KeyCommand, LogKeyCommand, PolicyCommand,
    SupervisorCommand,
};

/// Runs one command.
pub async fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Demo(args) => said(demo::run(args).await),
        Command::Init(args) => said(init::run(&args)),
        Command::Serve(args) => said(serve::run(&args).await),
        Command::Policy {
            command: PolicyCommand::Check { folder },
        } => said(policy::check(&folder)),
        Command::Policy {
            command: PolicyCommand::Activate(args),
        } => said(policy::activate(&args)),
        Command::Institution {
            command: InstitutionCommand::Add(args),
        } => said(institution::add(&args)),
        Command::Institution {
            command: InstitutionCommand::Change(args),
        } => said(institution::change(&args)),
        Command::Institution {
            command: InstitutionCommand::ResetKeys(args),
        } => said(reset::reset_keys(&args)),
        Command::Institution {
            command: InstitutionCommand::Object(args),
        } => said(reset::object(&args)),
        Command::Supervisor {
            command: SupervisorCommand::Change(args),
        } => said(supervisor::change(&args)),
        Command::Supervisor {
            command: SupervisorCommand::Replace(args),
        } => said(supervisor::replace(&args)),
        Command::Key {
            command: KeyCommand::New(args),
        } => said(key::new(&args)),
        Command::LogKey {
            command: LogKeyCommand::New(args),
        } => {
            let config = args.read().map_err(log_key::LogKeyCommandError::from);
            said(config.and_then(|config| log_key::new(&config)))
        }
        Command::LogKey {
            command: LogKeyCommand::Add(args),
        } => said(log_key::add(&args)),
        Command::LogKey {
            command: LogKeyCommand::End(args),
        } => said(log_key::end(&args)),
        Command::Clock {
            command: ClockCommand::Resume(args),
        } => said(clock::resume(&args)),
        Command::Load(args) => return load(args).await,
    };
    if outcome {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn load(args: akashi_demo::load::LoadArgs) -> ExitCode {
    match akashi_demo::load::run(args).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let dishonest = error.is_dishonest();
            eprintln!("akashi: {error}");
            if dishonest {
                ExitCode::FAILURE
            } else {
                ExitCode::from(2)
            }
        }
    }
}

fn said<E: std::fmt::Display>(outcome: Result<(), E>) -> bool {
    if let Err(error) = &outcome {
        eprintln!("akashi: {error}");
    }
    outcome.is_ok()
}
