//! In which function a line stands.

use std::path::Path;

use proc_macro2::Span;
use syn::visit::{self, Visit};

use crate::Trouble;
use crate::copy::read;

/// `FILE FUNCTION`, the function with the type whose it is; `-` for what stands in none.
pub fn of(copy: &Path, file: &str, line: usize) -> Result<String, Trouble> {
    let path = copy.join(file);
    let function = function(&read(&path)?, line);
    let function = function.map_err(|error| Trouble::Rust { path, error })?;
    Ok(format!("{file} {function}"))
}

fn function(text: &str, line: usize) -> syn::Result<String> {
    let parsed = syn::parse_file(text)?;
    let mut search = Search {
        line,
        of: String::new(),
        found: "-".to_owned(),
    };
    search.visit_file(&parsed);
    Ok(search.found)
}

struct Search {
    line: usize,
    /// The type whose functions are looked at.
    of: String,
    found: String,
}

impl Search {
    /// The inner function is come to after the one it stands in.
    fn take(&mut self, name: &syn::Ident, begin: Span, block: &syn::Block) {
        let end = block.brace_token.span.close();
        if (begin.start().line..=end.end().line).contains(&self.line) {
            self.found = format!("{}{name}", self.of);
        }
    }

    fn within(&mut self, of: String, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.of, of);
        visit(self);
        self.of = outer;
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.take(&item.sig.ident, item.sig.fn_token.span, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.take(&item.sig.ident, item.sig.fn_token.span, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.take(&item.sig.ident, item.sig.fn_token.span, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let of = name.map_or_else(String::new, |name| name + "::");
        self.within(of, |search| visit::visit_item_impl(search, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let of = format!("{}::", item.ident);
        self.within(of, |search| visit::visit_item_trait(search, item));
    }
}

#[cfg(test)]
mod tests {
    use super::function;

    #[test]
    fn a_line_stands_in_the_innermost_function() {
        let text = "\
const A: u8 = 1;
fn free() {
    fn inner() {
        g();
    }
    h();
}
impl<'a> Shown<'a> {
    const fn own(&self) -> u8 {
        1
    }
}
mod deep {
    impl Display for super::Other {
        fn fmt() {
            1
        }
    }
    trait T {
        fn given() {
            1
        }
    }
}
";
        for (line, name) in [
            (1, "-"),
            (2, "free"),
            (4, "inner"),
            (6, "free"),
            (10, "Shown::own"),
            (16, "Other::fmt"),
            (21, "T::given"),
        ] {
            assert_eq!(function(text, line).unwrap(), name, "line {line}");
        }
    }
}
