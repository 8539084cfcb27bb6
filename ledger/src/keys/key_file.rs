//! What a keyring's rows stand in: they are appended durably, and read when it is opened.
//!
//! Contract, the same for every implementation; one caller at a time reads, appends or cuts:
//! - [`KeyFile::read`] gives what survives a power cut: what the process before wrote and never
//!   synced is synced first, or is not there.
//! - [`KeyFile::append`] returns only when the rows survive a power cut. After an error it is not
//!   known what of them is there, and a second sync must not be asked for them: a system may have
//!   dropped what it could not write, and call the second one good.
//! - [`KeyFile::cut`] gets rid of what is not known: nothing behind the length is there afterwards,
//!   durably, and what is before it is as it was.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::files;

/// Rows, one after the other.
pub trait KeyFile: Send + Sync + 'static {
    /// Everything that is in it, durable.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self) -> io::Result<Vec<u8>>;

    /// Puts rows behind all others; they are durable when it returns.
    ///
    /// # Errors
    /// What the system says; it is then not known what of them is there.
    fn append(&self, rows: &[u8]) -> io::Result<()>;

    /// Opens it anew and cuts it to this many bytes, durably.
    ///
    /// # Errors
    /// What the system says, or `UnexpectedEof` when it is shorter; it must then be cut again.
    fn cut(&self, len: u64) -> io::Result<()>;

    /// Bytes that can still be written where it is, at any time.
    ///
    /// # Errors
    /// What the system says.
    fn free_space(&self) -> io::Result<u64>;
}

/// A file on a disk.
pub struct DiskKeyFile {
    path: PathBuf,
    file: Mutex<File>,
}

impl DiskKeyFile {
    /// Opens an existing file.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(open(path)?),
        })
    }

    fn file(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyFile for DiskKeyFile {
    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = self.file();
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&self, rows: &[u8]) -> io::Result<()> {
        let mut file = self.file();
        file.write_all(rows)?;
        file.sync_data()
    }

    fn cut(&self, len: u64) -> io::Result<()> {
        let mut file = self.file();
        *file = open(&self.path)?;
        if file.metadata()?.len() < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.set_len(len)?;
        file.sync_all()
    }

    fn free_space(&self) -> io::Result<u64> {
        files::free_space(&self.path)
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_gone_and_the_next_row_stands_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        std::fs::write(&path, b"").unwrap();
        let file = DiskKeyFile::open(&path).unwrap();
        file.append(b"first second").unwrap();
        file.cut(6).unwrap();
        file.append(b"third").unwrap();
        assert_eq!(file.read().unwrap(), b"first third");
        assert_eq!(std::fs::read(&path).unwrap(), b"first third");
        let longer = file.cut(12).unwrap_err();
        assert_eq!(longer.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(std::fs::read(&path).unwrap(), b"first third");
    }
}
