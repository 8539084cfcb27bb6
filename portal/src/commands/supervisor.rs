//! `akashi supervisor change` and `akashi supervisor replace`: the acts by which supervisors say
//! how one of them is called and reached from now on, and by which the others put another key, or
//! another supervisor, in the place of one.

use akashi_proof::ids::{IdError, InstitutionId};
use akashi_proof::statement::Act;
use clap::Args;

use crate::commands::acts::{ActError, SigningArgs};
use crate::commands::particulars::{self, ParticularsArgs, ParticularsError};

/// Arguments of `akashi supervisor change`.
#[derive(Clone, Debug, Args)]
pub struct ChangeSupervisorArgs {
    /// The supervisor's identifier: the name of its key
    #[arg(long)]
    pub id: String,
    /// All it is called and reached by from now on.
    #[command(flatten)]
    pub particulars: ParticularsArgs,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Arguments of `akashi supervisor replace`.
#[derive(Clone, Debug, Args)]
pub struct ReplaceArgs {
    /// Who is one no longer: its identifier
    #[arg(long)]
    pub id: String,
    /// The new one's vkey line, as `akashi key new` prints it: its name may be the same
    #[arg(long, value_name = "VKEY")]
    pub vkey: String,
    /// What the new one is called and reached by.
    #[command(flatten)]
    pub particulars: ParticularsArgs,
    /// Who signs: the other supervisors.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Why a supervisor was not changed or replaced.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// The identifier.
    #[error("--id: {0}")]
    Id(#[from] IdError),
    /// What it is called and how it is reached.
    #[error(transparent)]
    Particulars(#[from] ParticularsError),
    /// Signing or posting.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Signs and posts the act.
///
/// # Errors
/// [`SupervisorError`].
pub fn change(args: &ChangeSupervisorArgs) -> Result<(), SupervisorError> {
    let particulars = args.particulars.read()?;
    particulars::show(&particulars);
    let act = Act::ChangeSupervisor {
        supervisor: InstitutionId::parse(&args.id)?,
        particulars,
    };
    let done = format!("{} is changed", args.id);
    Ok(args.signing.carry_out(&act, &done)?)
}

/// Signs and posts the act that puts another in the place of a supervisor.
///
/// # Errors
/// [`SupervisorError`].
pub fn replace(args: &ReplaceArgs) -> Result<(), SupervisorError> {
    let particulars = args.particulars.read()?;
    particulars::show(&particulars);
    let act = Act::ReplaceSupervisor {
        supervisor: InstitutionId::parse(&args.id)?,
        vkey: args.vkey.clone(),
        particulars,
    };
    let done = format!("{} is replaced", args.id);
    Ok(args.signing.carry_out(&act, &done)?)
}
