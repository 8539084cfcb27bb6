//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::clock::ResumeArgs;
use crate::commands::institution::{AddArgs, ChangeArgs};
use crate::commands::key::NewArgs;
use crate::commands::log_key::{AddLogKeyArgs, EndLogKeyArgs};
use crate::commands::policy::ActivateArgs;
use crate::commands::reset::{ObjectArgs, ResetKeysArgs};
use crate::commands::supervisor::{ChangeSupervisorArgs, ReplaceArgs};
use crate::config::{Config, ConfigError, Settings};

/// Akashi: a consent and audit ledger.
#[derive(Debug, Parser)]
#[command(name = "akashi", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Starts a seeded town on this machine, with a phone and a mail box to look into
    Demo(akashi_demo::DemoArgs),
    /// Makes a new ledger in the folders of a config file
    Init(ConfigArgs),
    /// Serves a ledger
    Serve(ServeArgs),
    /// Policy packs
    Policy {
        /// What to do with it.
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Institutions
    Institution {
        /// What to do with them.
        #[command(subcommand)]
        command: InstitutionCommand,
    },
    /// Supervisors
    Supervisor {
        /// What to do with them.
        #[command(subcommand)]
        command: SupervisorCommand,
    },
    /// Keys of supervisors and institutions
    Key {
        /// What to do with them.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// The keys the log itself signs with
    LogKey {
        /// What to do with them.
        #[command(subcommand)]
        command: LogKeyCommand,
    },
    /// The clock of a ledger
    Clock {
        /// What to do about it.
        #[command(subcommand)]
        command: ClockCommand,
    },
    /// Drives a running demo with signed accesses, or looks for acknowledged ones in its log
    Load(akashi_demo::load::LoadArgs),
}

/// What to do with a policy pack.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Reads a pack as the server would, and says what is in it or what is wrong
    Check {
        /// The pack's folder.
        folder: PathBuf,
    },
    /// Puts a pack of the server's shelf in force: signs the supervisors' act, and posts it when
    /// enough have signed
    Activate(ActivateArgs),
}

/// What to do with institutions.
#[derive(Debug, Subcommand)]
pub enum InstitutionCommand {
    /// Certifies an institution: signs the supervisors' act, and posts it when enough have signed
    Add(Box<AddArgs>),
    /// Says how an institution is called and reached from now on, signed as its certification was
    Change(Box<ChangeArgs>),
    /// Gives an institution a new key in place of all it has, signed as its certification was
    ResetKeys(Box<ResetKeysArgs>),
    /// Objects to a reset of the institution's keys, with one of them
    Object(Box<ObjectArgs>),
}

/// What to do with supervisors.
#[derive(Debug, Subcommand)]
pub enum SupervisorCommand {
    /// Says how a supervisor is called and reached from now on
    Change(Box<ChangeSupervisorArgs>),
    /// Puts another key, or another supervisor, in the place of one, who does not sign
    Replace(Box<ReplaceArgs>),
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Draws a signing key into a new file and prints its public half
    New(NewArgs),
}

/// What to do with the log's keys.
#[derive(Debug, Subcommand)]
pub enum LogKeyCommand {
    /// Draws a key for the log into the ledger's keys and prints its vkey; it signs nothing yet
    New(ConfigArgs),
    /// Lets the log sign with this key too: signs the supervisors' act, and posts it when enough
    /// have signed
    Add(Box<AddLogKeyArgs>),
    /// Ends a key of the log, beside another that stays, signed as its adding was
    End(Box<EndLogKeyArgs>),
}

/// What to do about a ledger's clock.
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// Vouches for the clock of a ledger that recorded nothing for more than a week, so that it
    /// goes on: signs the supervisors' act, and posts it when enough have signed
    Resume(Box<ResumeArgs>),
}

/// Where settings come from.
#[derive(Clone, Debug, Args)]
pub struct ConfigArgs {
    /// The config file; docs/akashi.example.toml shows every setting
    #[arg(long, value_name = "FILE", env = "AKASHI_CONFIG")]
    pub config: Option<PathBuf>,
    /// Sets one setting, over file and environment; may be given several times
    #[arg(long = "set", value_name = "SECTION.NAME=VALUE")]
    pub assignments: Vec<String>,
}

impl ConfigArgs {
    /// File, then environment, then flags.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(&self) -> Result<Config, ConfigError> {
        // Other programs' variables need not be UTF-8.
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Settings::from_file(self.config.as_deref())?
            .with_environment(variables)?
            .with_assignments(&self.assignments)?
            .finish()
            .map_err(|error| error.without_file(self.config.is_none()))
    }
}

/// Arguments of `akashi serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Address and port, over `server.listen`
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_has_help() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        let help = command.render_long_help().to_string();
        for name in [
            "demo",
            "init",
            "serve",
            "policy",
            "institution",
            "supervisor",
            "key",
            "log-key",
            "clock",
            "load",
        ] {
            assert!(help.contains(name), "{name}");
        }
    }
}
