//! Which Rust files there are below a folder, and what each is.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::file::File;

/// What was counted in a package.
#[derive(Default)]
pub struct Package {
    /// Production files by path.
    pub files: BTreeMap<PathBuf, File>,
    /// Lines of its tests, in their own files and beside the code.
    pub test_lines: usize,
}

/// Folders whose files are tests.
const TEST_FOLDER: &str = "tests";
/// Folders whose files are neither production nor test.
const LEFT_OUT: [&str; 4] = ["target", "node_modules", "examples", "benches"];

/// Reads every Rust file below this folder; the packages by the path of their folders.
///
/// # Errors
/// A file that cannot be read, or is not Rust.
pub fn read(root: &Path) -> io::Result<BTreeMap<PathBuf, Package>> {
    let mut packages = BTreeMap::new();
    let mut found = Vec::new();
    let mut folders = vec![(PathBuf::new(), PathBuf::new())];
    while let Some((folder, mut package)) = folders.pop() {
        if root.join(&folder).join("Cargo.toml").exists() {
            package.clone_from(&folder);
        }
        for entry in fs::read_dir(root.join(&folder))? {
            let name = entry?.file_name();
            let path = folder.join(&name);
            let hidden = name.to_string_lossy().starts_with('.');
            if root.join(&path).is_dir() {
                if !hidden && !LEFT_OUT.iter().any(|folder| name == *folder) {
                    folders.push((path, package.clone()));
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path, package.clone()));
            }
        }
    }
    let mut test_modules = Vec::new();
    for (path, package) in found {
        let text = fs::read_to_string(root.join(&path))?;
        let file = File::read(&text)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        let package: &mut Package = packages.entry(package).or_default();
        if is_test(&path) {
            package.test_lines += file.lines + file.test_lines;
            continue;
        }
        package.test_lines += file.test_lines;
        let beside = module_folder(&path);
        test_modules.extend(file.test_modules.iter().map(|name| beside.join(name)));
        package.files.insert(path, file);
    }
    for package in packages.values_mut() {
        take_out_tests(package, &test_modules);
    }
    Ok(packages)
}

/// Makes tests of the files of modules that stand under `#[cfg(test)]`.
fn take_out_tests(package: &mut Package, test_modules: &[PathBuf]) {
    let is_one = |path: &PathBuf| {
        test_modules
            .iter()
            .any(|module| path.starts_with(module) || path == &module.with_extension("rs"))
    };
    for (_, file) in package.files.extract_if(.., |path, _| is_one(path)) {
        package.test_lines += file.lines;
    }
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == TEST_FOLDER)
}

/// Where the modules a file declares have their files.
fn module_folder(path: &Path) -> PathBuf {
    let root = ["lib.rs", "main.rs", "mod.rs"].iter();
    let folder = path.parent().unwrap_or(Path::new(""));
    match path.file_stem() {
        Some(stem) if !root.clone().any(|root| path.ends_with(root)) => folder.join(stem),
        _ => folder.to_owned(),
    }
}
