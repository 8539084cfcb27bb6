//! Files may import each other within a folder; no circle of them leaves it. A file `x.rs` and what
//! stands below `x/` are one folder, and so is what stands beside `lib.rs`, each file for itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};

use super::{ARROWS, root};

/// A module by its names below the crate's root.
type Module = Vec<String>;

#[test]
fn no_circle_of_files_leaves_its_folder() {
    let mut found = BTreeSet::new();
    for (package, _) in ARROWS {
        let imports = imports_of(&root().join(package).join("src"));
        for circle in circles(&imports) {
            let folders: BTreeSet<&str> = circle.iter().map(|file| file[0].as_str()).collect();
            let in_folders = circle.iter().any(|file| file.len() > 1)
                || circle.iter().any(|file| has_files_below(&imports, file));
            if folders.len() > 1 && in_folders {
                let folders: Vec<String> = folders.into_iter().map(str::to_owned).collect();
                found.insert(((*package).to_owned(), folders));
            }
        }
    }
    assert_eq!(
        found,
        BTreeSet::new(),
        "folders that import each other in a circle"
    );
}

#[test]
fn circles_are_found() {
    let module = |path: &str| -> Module { path.split("::").map(str::to_owned).collect() };
    let imports = [
        ("a::one", "b::two"),
        ("b::two", "c"),
        ("c", "a::one"),
        ("d", "a::one"),
    ]
    .into_iter()
    .map(|(from, to)| (module(from), BTreeSet::from([module(to)])))
    .collect();
    let expected: BTreeSet<Module> = ["a::one", "b::two", "c"].map(module).into();
    assert_eq!(circles(&imports), [expected]);
}

fn has_files_below(imports: &BTreeMap<Module, BTreeSet<Module>>, file: &Module) -> bool {
    imports
        .keys()
        .any(|other| other.len() > file.len() && other.starts_with(file))
}

/// What each file of a package imports from others of it, tests left out.
fn imports_of(folder: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut files = BTreeMap::new();
    read_below(folder, &[], &mut files);
    let known: BTreeSet<Module> = files.keys().cloned().collect();
    files
        .into_iter()
        .map(|(module, file)| {
            let mut walk = Walk {
                at: module.clone(),
                paths: BTreeSet::new(),
            };
            walk.visit_file(&file);
            let imports = walk.paths.into_iter().filter_map(|path| {
                (1..=path.len())
                    .rev()
                    .map(|len| path[..len].to_vec())
                    .find(|prefix| known.contains(prefix))
                    .filter(|target| *target != module)
            });
            let imports = imports.collect();
            (module, imports)
        })
        .collect()
}

fn read_below(folder: &Path, at: &[String], files: &mut BTreeMap<Module, syn::File>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["lib", "main", "tests", "snapshots", "bin"].contains(&name.as_str()) {
            continue;
        }
        let module = [at, &[name]].concat();
        if path.is_dir() {
            read_below(&path, &module, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            files.insert(module, syn::parse_file(&text).unwrap());
        }
    }
}

/// Collects the paths a file names in its own crate, from the crate's root.
struct Walk {
    at: Module,
    paths: BTreeSet<Module>,
}

impl Walk {
    fn add(&mut self, segments: &[String]) {
        let mut base = self.at.clone();
        let mut rest = segments;
        match rest.first().map(String::as_str) {
            Some("crate") => base.clear(),
            Some("self" | "super") => {}
            // Of a module's own, or of another crate.
            _ => return,
        }
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" | "self" => {}
                "super" => drop(base.pop()),
                _ => break,
            }
            rest = after;
        }
        base.extend(rest.iter().cloned());
        self.paths.insert(base);
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.add(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(before, tree);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.add(&segments);
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("cfg"));
        if is_test {
            return;
        }
        visit::visit_item_mod(self, item);
    }
}

/// Sets of files each of which reaches all others of its set.
fn circles(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<BTreeSet<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = imports
        .keys()
        .map(|file| (file, reach(imports, file)))
        .collect();
    let mut found: Vec<BTreeSet<Module>> = Vec::new();
    for (file, reaches) in &reached {
        let circle: BTreeSet<Module> = reaches
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .map(|other| (*other).clone())
            .collect();
        if circle.len() > 1 && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn reach<'a>(
    imports: &'a BTreeMap<Module, BTreeSet<Module>>,
    from: &'a Module,
) -> BTreeSet<&'a Module> {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(file) = ahead.pop() {
        for next in imports.get(file).into_iter().flatten() {
            if seen.insert(next) {
                ahead.push(next);
            }
        }
    }
    seen
}
