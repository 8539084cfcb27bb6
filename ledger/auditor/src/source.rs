//! Where a log's public files come from: everything below one prefix, in a folder or behind a URL.
//!
//! A source is not believed. It says found, missing, or larger than such a file can be; a failed
//! read is an error and never "missing", so that a broken network cannot be mistaken for a
//! dishonest log or the other way round.

mod folder;
mod http;

use std::io;

use thiserror::Error;

pub use folder::Folder;
pub use http::{Http, UrlError};

/// Gives the files below a log's prefix.
pub trait Source: Sync {
    /// Reads the file at `path` (below the prefix, parts joined by `/`) into `bytes`, which is
    /// emptied first. Reads no more than `len_max` bytes and one.
    ///
    /// # Errors
    /// [`FetchError`] when the source cannot say whether there is such a file, or cannot give it.
    fn fetch(&self, path: &str, len_max: usize, bytes: &mut Vec<u8>)
    -> Result<Fetched, FetchError>;

    /// How many fetches at the same time serve best.
    fn workers(&self) -> usize;
}

/// What a source answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// The file is there and has been read.
    Found,
    /// There is no such file.
    Missing,
    /// There is one, larger than was asked for. What was read of it is of no use.
    TooLarge,
}

/// Why a source could not answer.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The file system failed.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device where a file should be.
    #[error("is there but is not a file")]
    NotAFile,
    /// The server could not be reached, or broke off.
    #[error("cannot be fetched after {attempts} attempts: {cause}")]
    Network {
        /// How often it was tried.
        attempts: usize,
        /// What happened the last time.
        #[source]
        cause: Box<ureq::Error>,
    },
    /// The server answered, neither with the file nor with 404 or 410.
    #[error("the server answers {status} after {attempts} attempt(s)")]
    Status {
        /// The HTTP status.
        status: u16,
        /// How often it was tried.
        attempts: usize,
    },
}

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
