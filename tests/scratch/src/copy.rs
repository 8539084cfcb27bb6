//! The workspace's sources in a folder of their own: what git knows or would take, nothing built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Trouble;

/// A copy that is gone when this is.
pub struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// Always in the same folder, so that what was compiled of it before still serves.
    pub fn of(root: &Path, folder: &Path) -> Result<Self, Trouble> {
        let copy = Self {
            folder: folder.to_owned(),
        };
        copy.remove();
        let mut git = Command::new("git");
        git.arg("-C").arg(root);
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = git.output().map_err(|error| Trouble::Command {
            command: "git ls-files".to_owned(),
            what: error.to_string(),
        })?;
        if !listed.status.success() {
            return Err(Trouble::Command {
                command: "git ls-files".to_owned(),
                what: String::from_utf8_lossy(&listed.stderr).into_owned(),
            });
        }
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        for name in names.split_terminator('\0') {
            let (from, to) = (root.join(name), folder.join(name));
            // Removed and not yet committed.
            if from.is_file() {
                copied(&from, &to).map_err(|error| Trouble::File { path: from, error })?;
            }
        }
        Ok(copy)
    }

    /// Where it stands.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn remove(&self) {
        // Where there is none; what is left for another reason is written over.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}

fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(|_| ())
}

/// A text file.
pub fn read(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|error| Trouble::File {
        path: path.to_owned(),
        error,
    })
}

/// Writes a text file anew.
pub fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(|error| Trouble::File {
        path: path.to_owned(),
        error,
    })
}
