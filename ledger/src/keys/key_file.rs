//! What a keyring's rows stand in: they are appended durably, and read when it is opened.
//!
//! Contract, the same for every implementation:
//! - [`KeyFile::append`] returns only when the rows survive a power cut. After an error it is not
//!   known what of them is there, and a second sync must not be asked for them: a system may have
//!   dropped what it could not write, and call the second one good.
//! - [`KeyFile::cut`] gets rid of what is not known: nothing behind the length is there afterwards,
//!   durably, and what is before it is as it was.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Rows, one after the other.
pub trait KeyFile: Send + 'static {
    /// Everything that is in it.
    ///
    /// # Errors
    /// What the system says.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Puts rows behind all others; they are durable when it returns.
    ///
    /// # Errors
    /// What the system says; it is then not known what of them is there.
    fn append(&mut self, rows: &[u8]) -> io::Result<()>;

    /// Opens it anew and cuts it to this many bytes, durably.
    ///
    /// # Errors
    /// What the system says, or `UnexpectedEof` when it is shorter; it must then be cut again.
    fn cut(&mut self, len: u64) -> io::Result<()>;
}

/// A file on a disk.
pub struct DiskKeyFile {
    path: PathBuf,
    file: File,
}

impl DiskKeyFile {
    /// Opens an existing file.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: open(path)?,
        })
    }
}

impl KeyFile for DiskKeyFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, rows: &[u8]) -> io::Result<()> {
        self.file.write_all(rows)?;
        self.file.sync_data()
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file = open(&self.path)?;
        if self.file.metadata()?.len() < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.set_len(len)?;
        self.file.sync_all()
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
        let mut file = DiskKeyFile::open(&path).unwrap();
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
