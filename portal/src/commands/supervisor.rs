//! `akashi supervisor change`: the act by which supervisors say how one of them is called and
//! reached from now on. Its key stays as entry 0 names it.

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

/// Why a supervisor was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSupervisorError {
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
/// [`ChangeSupervisorError`].
pub fn change(args: &ChangeSupervisorArgs) -> Result<(), ChangeSupervisorError> {
    let particulars = args.particulars.read()?;
    particulars::show(&particulars);
    let act = Act::ChangeSupervisor {
        supervisor: InstitutionId::parse(&args.id)?,
        particulars,
    };
    let done = format!("{} is changed", args.id);
    Ok(args.signing.carry_out(&act, &done)?)
}
