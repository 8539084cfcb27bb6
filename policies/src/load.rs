//! Reads a pack from a folder: the only file of this crate that touches a file system. Decisions
//! never do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::PackError;
use crate::files::FILE_LEN_MAX;
use crate::pack::Pack;

/// Why a folder could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or a file in it could not be read.
    #[error("`{path}`: {source}")]
    Read {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The files are not a pack.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// Loads the pack in a folder. Hidden files (`.` first) are no part of a pack; anything else
/// unexpected is refused.
///
/// # Errors
/// [`LoadError`]; a file that cannot be read is an error, never an empty file.
pub fn folder(path: &Path) -> Result<Pack, LoadError> {
    Ok(Pack::from_files(files(path)?)?)
}

fn files(folder: &Path) -> Result<BTreeMap<String, String>, LoadError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LoadError::Read { path, source }
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') {
            continue;
        }
        let len = fs::metadata(&path).map_err(failed(&path))?.len();
        if len > FILE_LEN_MAX as u64 {
            return Err(PackError::TooLarge {
                file: name,
                found: usize::try_from(len).unwrap_or(usize::MAX),
            }
            .into());
        }
        files.insert(name, fs::read_to_string(&path).map_err(failed(&path))?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in Pack::town_files() {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_loads_as_the_same_pack() {
        let written = town();
        fs::write(written.path().join(".editor.swp"), "not part of it").unwrap();
        assert_eq!(
            folder(written.path()).unwrap().digest(),
            Pack::town().unwrap().digest()
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_empty() {
        let written = town();
        assert!(matches!(
            folder(&written.path().join("none")),
            Err(LoadError::Read { .. })
        ));
        fs::remove_file(written.path().join("rules.toml")).unwrap();
        let missing = folder(written.path());
        assert!(matches!(
            missing,
            Err(LoadError::Pack(PackError::Missing { file: "rules.toml" }))
        ));
        fs::write(written.path().join("rules.toml"), [0xFF]).unwrap();
        assert!(matches!(
            folder(written.path()),
            Err(LoadError::Read { .. })
        ));
        fs::remove_file(written.path().join("rules.toml")).unwrap();
        fs::create_dir(written.path().join("rules.toml")).unwrap();
        assert!(matches!(
            folder(written.path()),
            Err(LoadError::Read { .. })
        ));
    }

    #[test]
    fn a_stray_or_huge_file_is_refused() {
        let written = town();
        fs::write(written.path().join("roles.toml.orig"), "").unwrap();
        assert!(matches!(
            folder(written.path()),
            Err(LoadError::Pack(PackError::Unexpected { .. }))
        ));
        let written = town();
        fs::write(
            written.path().join("roles.toml"),
            vec![b'#'; FILE_LEN_MAX + 1],
        )
        .unwrap();
        assert!(matches!(
            folder(written.path()),
            Err(LoadError::Pack(PackError::TooLarge { .. }))
        ));
    }
}
