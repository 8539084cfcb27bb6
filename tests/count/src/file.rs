//! One file: its tokens by the compiler's own lexer, its lines by what stands on them.

use std::collections::BTreeSet;
use std::str::FromStr;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// What was counted in a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Lines of production code, comments and blank lines included.
    pub lines: usize,
    /// Lines under `#[cfg(test)]`.
    pub test_lines: usize,
    /// Lines of it that document: `///` and `//!`.
    pub doc_lines: usize,
    /// URLs in lines that are nothing but comment.
    pub links: usize,
    /// Whether it opens with a comment about itself.
    pub opens_with_comment: bool,
    /// Functions with a body.
    pub functions: Vec<Function>,
    /// Functions that are `pub` without restriction, and how many of them have a comment.
    pub public: usize,
    /// See [`Self::public`].
    pub public_documented: usize,
    /// Calls of `unwrap` and `expect`.
    pub unwraps: usize,
    /// The word `unsafe`.
    pub unsafes: usize,
    /// Types declared: structs, enums, traits, unions.
    pub types: BTreeSet<String>,
    /// Modules under `#[cfg(test)]` that stand in files of their own.
    pub test_modules: Vec<String>,
}

/// A function with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// From the line of `fn` to the line of its last brace.
    pub lines: usize,
    /// Tokens from `fn` on.
    pub tokens: usize,
}

impl File {
    /// Reads a file's text.
    ///
    /// # Errors
    /// What the lexer says about text that is not Rust.
    pub fn read(text: &str) -> Result<Self, proc_macro2::LexError> {
        let stream = TokenStream::from_str(text)?;
        let mut walk = Walk {
            file: Self::default(),
            code: BTreeSet::new(),
            tests: BTreeSet::new(),
        };
        walk.stream(stream);
        let Walk {
            mut file,
            code,
            tests,
        } = walk;
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            if tests.contains(&number) {
                file.test_lines += 1;
                continue;
            }
            file.lines += 1;
            if !code.contains(&number) {
                let line = line.trim_start();
                let documents = line.starts_with("///") || line.starts_with("//!");
                file.doc_lines += usize::from(documents);
                file.links += line.matches("https://").count() + line.matches("http://").count();
            }
        }
        file.opens_with_comment = text.trim_start().starts_with("//!");
        Ok(file)
    }
}

struct Walk {
    file: File,
    /// Lines with a token on them.
    code: BTreeSet<usize>,
    /// Lines under `#[cfg(test)]`.
    tests: BTreeSet<usize>,
}

impl Walk {
    /// Everything between two delimiters, or in a file; returns its tokens.
    fn stream(&mut self, stream: TokenStream) -> usize {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut tokens = 0;
        let mut at = 0;
        // Whether a comment stands before the next item.
        let mut documented = false;
        while let Some(tree) = trees.get(at) {
            if let Some((attribute, end)) = attribute(&trees, at) {
                match attribute {
                    Attribute::Comment => documented = true,
                    Attribute::Inner => {}
                    Attribute::Test => {
                        at = self.test(&trees, at);
                        documented = false;
                        continue;
                    }
                    Attribute::Other => tokens += self.trees(&trees[at..end]),
                }
                at = end;
                continue;
            }
            match word(Some(tree)).as_deref() {
                Some("fn") => self.function(&trees, at, documented),
                Some("struct" | "enum" | "trait" | "union") => {
                    self.file.types.extend(word(trees.get(at + 1)));
                }
                Some("unsafe") => self.file.unsafes += 1,
                Some("unwrap" | "expect") if is_call(&trees, at) => self.file.unwraps += 1,
                _ => {}
            }
            documented &= !ends_item(tree) && !is_punct(Some(tree), ',');
            tokens += self.trees(std::slice::from_ref(tree));
            at += 1;
        }
        tokens
    }

    /// Tokens of these trees; marks the lines they stand on.
    fn trees(&mut self, trees: &[TokenTree]) -> usize {
        let mut tokens = 0;
        for tree in trees {
            match tree {
                TokenTree::Group(group) => {
                    self.code.insert(group.span_open().start().line);
                    self.code.insert(group.span_close().end().line);
                    tokens += self.stream(group.stream());
                    tokens += usize::from(group.delimiter() != Delimiter::None) * 2;
                }
                TokenTree::Punct(punct) => {
                    self.code.insert(punct.span().start().line);
                    tokens += usize::from(punct.spacing() == Spacing::Alone);
                }
                TokenTree::Ident(_) | TokenTree::Literal(_) => {
                    let span = tree.span();
                    self.code.extend(span.start().line..=span.end().line);
                    tokens += 1;
                }
            }
        }
        tokens
    }

    /// The `fn` at this place, if it is a function and not a type.
    fn function(&mut self, trees: &[TokenTree], at: usize, documented: bool) {
        if word(trees.get(at + 1)).is_none() {
            return;
        }
        let before = (at.saturating_sub(4)..at).rev().map(|at| trees.get(at));
        let public = before
            .take_while(|tree| matches!(tree, Some(TokenTree::Ident(_))))
            .any(|tree| word(tree).as_deref() == Some("pub"));
        if public {
            self.file.public += 1;
            self.file.public_documented += usize::from(documented);
        }
        let Some(end) = trees[at..].iter().position(ends_item) else {
            return;
        };
        let whole = &trees[at..=at + end];
        if let Some(TokenTree::Group(body)) = whole.last() {
            // A walk of its own: what stands in it is counted where it is met.
            let mut apart = Walk {
                file: File::default(),
                code: BTreeSet::new(),
                tests: BTreeSet::new(),
            };
            let first = trees[at].span().start().line;
            self.file.functions.push(Function {
                lines: body.span_close().end().line - first + 1,
                tokens: apart.trees(whole),
            });
        }
    }

    /// Passes over the item that the attribute at this place makes a test; returns where the next
    /// one begins.
    fn test(&mut self, trees: &[TokenTree], at: usize) -> usize {
        let mut end = at + 2;
        while let Some(tree) = trees.get(end) {
            end += 1;
            if ends_item(tree) {
                break;
            }
        }
        let first = trees[at].span().start().line;
        let last = trees[end - 1].span().end().line;
        self.tests.extend(first..=last);
        let item = &trees[at..end];
        if let Some(name) = item
            .iter()
            .position(|tree| word(Some(tree)).as_deref() == Some("mod"))
            && is_punct(item.last(), ';')
        {
            self.file.test_modules.extend(word(item.get(name + 1)));
        }
        end
    }
}

/// What an attribute says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    /// A comment on what follows.
    Comment,
    /// A comment on what it stands in.
    Inner,
    Test,
    Other,
}

/// The attribute at this place, comments among them, and where what follows it begins.
fn attribute(trees: &[TokenTree], at: usize) -> Option<(Attribute, usize)> {
    if !is_punct(trees.get(at), '#') {
        return None;
    }
    let inner = is_punct(trees.get(at + 1), '!');
    let end = at + 2 + usize::from(inner);
    let Some(TokenTree::Group(group)) = trees.get(end - 1) else {
        return None;
    };
    let text = group.stream().to_string().replace(' ', "");
    let attribute = match text.as_str() {
        "cfg(test)" | "test" => Attribute::Test,
        _ if text.starts_with("doc=") && inner => Attribute::Inner,
        _ if text.starts_with("doc=") => Attribute::Comment,
        _ => Attribute::Other,
    };
    Some((attribute, end))
}

/// Whether an item ends with this tree: a semicolon, or what stands in braces.
fn ends_item(tree: &TokenTree) -> bool {
    is_punct(Some(tree), ';')
        || matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn word(tree: Option<&TokenTree>) -> Option<String> {
    match tree {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(tree: Option<&TokenTree>, character: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// Whether the word at this place is called as a method.
fn is_call(trees: &[TokenTree], at: usize) -> bool {
    let arguments = matches!(trees.get(at + 1), Some(TokenTree::Group(group))
        if group.delimiter() == Delimiter::Parenthesis);
    arguments && at > 0 && is_punct(trees.get(at - 1), '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"//! A file. See https://example.org/spec.

/// Two lines
/// of words.
#[must_use]
pub const fn first<'a>(x: &'a str) -> bool {
    // Not a function: fn no() {}, and no brace: '{'.
    let text = r#"fn neither() { x.unwrap() }"#;
    text.len() == x.parse::<usize>().unwrap() && 'x' == '{'
}

pub fn bare() {}
pub(crate) fn inner(of: fn(u8) -> u8) -> u8 { of(1) }
pub struct Thing;

#[cfg(test)]
mod apart;

#[cfg(test)]
mod tests {
    pub struct Hidden;
    fn hidden() { None.unwrap() }
}
"##;

    #[test]
    fn what_stands_in_strings_comments_and_tests_is_not_code() {
        let file = File::read(TEXT).unwrap();
        assert_eq!((file.lines, file.test_lines), (16, 7));
        assert_eq!((file.doc_lines, file.links), (3, 1));
        assert!(file.opens_with_comment);
        assert_eq!((file.public, file.public_documented), (2, 1));
        assert_eq!((file.unwraps, file.unsafes), (1, 0));
        assert_eq!(file.types, BTreeSet::from(["Thing".to_owned()]));
        assert_eq!(file.test_modules, ["apart"]);
        assert_eq!(
            file.functions.iter().map(|f| f.lines).collect::<Vec<_>>(),
            [5, 1, 1]
        );
        // fn bare ( ) { }
        assert_eq!(file.functions[1].tokens, 6);
    }
}
