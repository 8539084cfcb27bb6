//! Kinds, reasons, duties, rules and the other closed words are matched by name: a wild card would
//! take a new one silently, where the compiler should name the place it must be thought of.
//!
//! A `match` one of whose arms names a variant of a closed enum may have no arm that is a bare `_`
//! or a bare name. Asking about one variant is another thing, and done with `if let`, `let else` or
//! `matches!`. Tests pick single records and may use wild cards.

use std::collections::BTreeSet;
use std::path::Path;

use syn::visit::{self, Visit};

use crate::{ARROWS, sources};

/// Enums that are not declared by `words!`: kinds, what they speak of, and words with a value.
const OTHER_CLOSED: &[&str] = &[
    "About",
    "Act",
    "Basis",
    "ByStream",
    "Closed",
    "Duty",
    "Event",
    "InstitutionEvent",
    "Kind",
    "PersonEvent",
    "Reasons",
    "RegistryEvent",
];

#[test]
fn closed_words_are_matched_without_a_wild_card() {
    let closed = closed();
    for name in [
        "Reason",
        "Rule",
        "ReleaseReason",
        "DutyKind",
        "Outcome",
        "Step",
        "Template",
    ] {
        assert!(closed.contains(name), "{name} is not declared by words!");
    }
    let mut found = Vec::new();
    let ours = ARROWS
        .iter()
        .filter(|(package, _)| !package.starts_with("tests"));
    for (path, text) in ours.flat_map(|(package, _)| sources(&format!("{package}/src"))) {
        if path.file_name().is_some_and(|name| name != "tests.rs") {
            found.extend(wild_cards(&path, &text, &closed));
        }
    }
    assert!(
        found.is_empty(),
        "a wild card in a match over closed words:\n{}",
        found.join("\n")
    );
}

#[test]
fn wild_cards_are_found_wherever_they_hide() {
    let closed = closed();
    let head = "use akashi_proof::record::kind::{Event, Rule};\n";
    let count = |body: &str| {
        let text = format!("{head}fn f(event: &Event) -> u8 {{ {body} }}");
        wild_cards(Path::new("x.rs"), &text, &closed).len()
    };
    for bad in [
        "match event { Event::RoleEnded(_) => 1, _ => 2 }",
        "match event { Event::RoleEnded(_) | Event::RoleAssigned(_) => 1, other => 2 }",
        "match event { kind::Event::RoleEnded(e) if e.x => 1, &_ => 2 }",
        "match (event, 1) { (Event::RoleEnded(_), 1) => 1, _ => 2 }",
        "match Some(event) { Some(Event::RoleEnded(_)) => 1, _ => 2 }",
        "match event { Event::RoleEnded(_) => 1, Event::RoleAssigned(_) | _ => 2 }",
        "match rule { Rule::OutOfPurpose => 1, _ => 2 }",
        "g(|| match event { Event::RoleEnded(_) => 1, _ => 2 })",
    ] {
        assert_eq!(count(bad), 1, "{bad}");
    }
    for good in [
        "match event { Event::RoleEnded(_) => 1, Event::RoleAssigned(_) => 2 }",
        "match event { Event::RoleEnded(_) => 1, _ if late => 3, Event::RoleAssigned(_) => 2 }",
        "if let Event::RoleEnded(_) = event { 1 } else { 2 }",
        "u8::from(matches!(event, Event::RoleEnded(_)))",
        "match x { Other::RoleEnded => 1, _ => 2 }",
        "match x { Step::Missing(_) => 1, _ => 2 }",
    ] {
        assert_eq!(count(good), 0, "{good}");
    }
}

/// The closed enums of the formats: those `words!` declares in `ledger/proof`, and the others.
fn closed() -> BTreeSet<String> {
    let mut closed: BTreeSet<String> = OTHER_CLOSED.iter().map(|name| (*name).to_owned()).collect();
    for (_, text) in sources("ledger/proof/src") {
        for item in syn::parse_file(&text).unwrap().items {
            if let syn::Item::Macro(item) = item
                && item.mac.path.is_ident("words")
            {
                let declared: syn::ItemEnum = item.mac.parse_body().unwrap();
                closed.insert(declared.ident.to_string());
            }
        }
    }
    closed
}

fn wild_cards(path: &Path, text: &str, closed: &BTreeSet<String>) -> Vec<String> {
    let file = syn::parse_file(text).unwrap();
    let mut known = Known {
        closed,
        own: path.components().any(|part| part.as_os_str() == "proof"),
        names: BTreeSet::new(),
    };
    known.visit_file(&file);
    let mut search = Search {
        path,
        names: known.names,
        of: None,
        found: Vec::new(),
    };
    search.visit_file(&file);
    search.found
}

/// Which closed enums a file means by their names: other things may be called `Step` or `Kind`.
struct Known<'a> {
    closed: &'a BTreeSet<String>,
    /// Whether the file is one of `ledger/proof`, which imports them from itself.
    own: bool,
    names: BTreeSet<String>,
}

impl Known<'_> {
    fn take(&mut self, tree: &syn::UseTree, ours: bool) {
        match tree {
            syn::UseTree::Path(path) => self.take(&path.tree, ours || path.ident == "akashi_proof"),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.take(tree, ours)),
            syn::UseTree::Name(name) => {
                let name = name.ident.to_string();
                if (ours || self.own) && self.closed.contains(&name) {
                    self.names.insert(name);
                }
            }
            syn::UseTree::Rename(_) | syn::UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Known<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.take(&item.tree, false);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let name = item.ident.to_string();
        if self.own && self.closed.contains(&name) {
            self.names.insert(name);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if self.own {
            self.names
                .extend(self_type(item).filter(|name| self.closed.contains(name)));
        }
        visit::visit_item_impl(self, item);
    }
}

/// Goes through the matches of a file, its tests left out.
struct Search<'a> {
    path: &'a Path,
    names: BTreeSet<String>,
    /// What `Self` means here.
    of: Option<String>,
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|of| of == "test")
        };
        if !item.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outer = std::mem::replace(&mut self.of, self_type(item));
        visit::visit_item_impl(self, item);
        self.of = outer;
    }

    fn visit_expr_match(&mut self, item: &'ast syn::ExprMatch) {
        let named = item.arms.iter().any(|arm| {
            let mut names = Names {
                of: self,
                yes: false,
            };
            names.visit_pat(&arm.pat);
            names.yes
        });
        if named {
            for arm in item.arms.iter().filter(|arm| arm.guard.is_none()) {
                if takes_anything(&arm.pat) {
                    let arrow: proc_macro2::Span = arm.fat_arrow_token.spans[0];
                    let line = arrow.start().line;
                    self.found.push(format!("{}:{line}", self.path.display()));
                }
            }
        }
        visit::visit_expr_match(self, item);
    }
}

/// Whether a pattern names a variant of a closed enum, anywhere in it.
struct Names<'a, 'b> {
    of: &'a Search<'b>,
    yes: bool,
}

impl<'ast> Visit<'ast> for Names<'_, '_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut from_the_end = path.segments.iter().rev().skip(1);
        if let Some(owner) = from_the_end.next() {
            let owner = owner.ident.to_string();
            let meant = match (&self.of.of, owner.as_str()) {
                (Some(of), "Self") => of.clone(),
                _ => owner,
            };
            self.yes |= self.of.names.contains(&meant);
        }
        visit::visit_path(self, path);
    }
}

fn takes_anything(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Wild(_) => true,
        // A constant or a variant that was imported begins with a capital letter.
        syn::Pat::Ident(name) => {
            name.subpat.is_none()
                && name
                    .ident
                    .to_string()
                    .starts_with(|c: char| c.is_lowercase())
        }
        syn::Pat::Or(or) => or.cases.iter().any(takes_anything),
        syn::Pat::Paren(inner) => takes_anything(&inner.pat),
        syn::Pat::Reference(inner) => takes_anything(&inner.pat),
        syn::Pat::Tuple(parts) => parts.elems.iter().all(takes_anything),
        _ => false,
    }
}

fn self_type(item: &syn::ItemImpl) -> Option<String> {
    let syn::Type::Path(path) = &*item.self_ty else {
        return None;
    };
    path.path.segments.last().map(|last| last.ident.to_string())
}
