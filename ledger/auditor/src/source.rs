//! Sources: a log's public files in a folder or behind a URL ([`akashi_check::source`]).

mod addresses;
mod folder;
mod http;

use akashi_check::source::Source;
use thiserror::Error;

pub use folder::Folder;
pub use http::{Http, UrlError};

/// Why a text names no source.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A URL we do not take.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Not a folder.
    #[error("`{location}` is neither a folder nor an http or https URL")]
    NotAFolder {
        /// What was given.
        location: String,
    },
}

/// Opens what the user named: with `://` in it a URL, else a folder. Nothing is fetched yet.
///
/// # Errors
/// [`OpenError`] when it is neither a URL we take nor an existing folder.
pub fn open(location: &str) -> Result<Box<dyn Source>, OpenError> {
    if location.contains("://") {
        return Ok(Box::new(Http::new(location)?));
    }
    let folder = Folder::new(location).ok_or_else(|| OpenError::NotAFolder {
        location: location.to_owned(),
    })?;
    Ok(Box::new(folder))
}
