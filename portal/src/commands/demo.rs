//! `akashi demo`: the made-up town, served on this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use akashi_demo::{DemoArgs, DemoError};
use akashi_policies::{Pack, load};

use crate::commands::logging::{self, LevelError};
use crate::config::{LogConfig, ServerConfig};
use crate::server::{self, ServerError};

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoCommandError {
    /// The level of the log.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// The town could not be made, continued or shown.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The sockets.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// A folder that goes with the demo, or stays.
enum Place {
    Given(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Place {
    fn of(data: Option<&Path>) -> Result<Self, DemoError> {
        match data {
            Some(path) => Ok(Self::Given(path.to_owned())),
            None => tempfile::Builder::new()
                .prefix("akashi-demo-")
                .tempdir()
                .map(Self::Temporary)
                .map_err(|error| DemoError::File {
                    path: std::env::temp_dir(),
                    error,
                }),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

/// Starts the demo and runs it until told to end.
///
/// # Errors
/// [`DemoError`]; what was made stays, and the next start goes on from there.
pub async fn run(args: DemoArgs) -> Result<(), DemoCommandError> {
    logging::start(&LogConfig {
        level: args.log.clone(),
        ..LogConfig::default()
    })?;
    akashi_demo::check_address(args.listen)?;
    let pack = pack(args.pack.as_deref())?;
    let place = Place::of(args.data.as_deref())?;
    let listener = server::listen(args.listen)?;
    let address = listener.local_addr().map_err(ServerError::Io)?;
    let (app, demo) = akashi_demo::start(place.path(), address, pack).await?;
    if args.people > 0 {
        demo.make_people(args.people).await?;
    }
    let is_temporary = matches!(place, Place::Temporary(_));
    print!("{}", demo.greeting(place.path(), is_temporary));
    server::run(app, &settings(address), listener, akashi_demo::routes(demo)).await?;
    Ok(())
}

/// The pack in a folder, or the built-in one.
fn pack(folder: Option<&Path>) -> Result<Pack, DemoError> {
    match folder {
        Some(folder) => Ok(load::folder(folder)?),
        None => Ok(Pack::town()?),
    }
}

/// How the demo is served.
fn settings(address: SocketAddr) -> ServerConfig {
    ServerConfig {
        listen: address,
        public_url: format!("http://{address}"),
        // Making 2,048 people takes a second on an idle machine.
        request_seconds: 60,
        ..ServerConfig::default()
    }
}
