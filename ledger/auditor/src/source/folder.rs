//! A log in a folder: a mirror, an export, a medium sent by post.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::thread;

use akashi_check::source::{FetchError, Fetched, Source};

/// A folder that has `checkpoint`, `vkey`, `tile/` and `registry/`.
pub struct Folder(PathBuf);

impl Folder {
    /// An existing folder; `None` if there is none at this path.
    pub fn new(path: impl Into<PathBuf>) -> Option<Self> {
        let path = path.into();
        path.is_dir().then_some(Self(path))
    }
}

impl Source for Folder {
    fn fetch(
        &self,
        path: &str,
        len_max: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<Fetched, FetchError> {
        bytes.clear();
        let path = self.0.join(path);
        // Asked before opening: a pipe would wait for its writer for ever.
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(FetchError::NotAFile),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(Fetched::Missing);
            }
            Err(error) => return Err(error.into()),
        }
        File::open(&path)?
            .take(len_max as u64 + 1)
            .read_to_end(bytes)?;
        Ok(if bytes.len() > len_max {
            Fetched::TooLarge
        } else {
            Fetched::Found
        })
    }

    /// One for each core.
    fn workers(&self) -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }
}
