//! How texts are written: each once, in Japanese and English side by side, so that neither can be
//! missing.
//!
//! ```text
//! texts! {
//!     /// Texts of some page.
//!     SomePage {
//!         title: "利用の記録", "History";
//!         of(who: &str): "{who}の記録", "Records of {who}";
//!         shown(many records): "{records}件", "one record", "{records} records";
//!     }
//! }
//! // SomePage(Language::En).shown(1) == "one record"
//! ```
//!
//! What is counted is `many`: such a text has no form without a singular of its own, so that none
//! can say "1 records". `tests/tidy/words.rs` sees to it that no other text puts a number before a
//! plural.

use std::fmt;

pub(crate) use akashi_desk::words::say::{Count, pick, say, say_many};
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::Language;

/// Declares the texts of one page: a method each, in both languages or the compiler complains.
macro_rules! texts {
    ($(
        $(#[$doc:meta])*
        $page:ident {
            $( $name:ident $( ( $($arg:tt)+ ) )? : $ja:literal, $($en:literal),+; )*
        }
    )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $page(pub(crate) akashi_proof::record::kind::Language);

        impl $page {
            $( texts!(@ $name $( ( $($arg)+ ) )? $ja, $($en),+); )*

            /// Each text that counts, of this many.
            #[cfg(test)]
            pub(crate) fn counting(self, count: usize) -> Vec<String> {
                let all = [$( texts!(% self, count, $name $( ( $($arg)+ ) )?) ),*];
                all.into_iter().flatten().collect()
            }
        }
    )* };
    (% $page:expr, $count:expr, $name:ident ( many $what:ident )) => { Some($page.$name($count)) };
    (% $page:expr, $count:expr, $name:ident $( ( $($arg:ident: $ty:ty),+ ) )?) => {{
        let _: usize = $count;
        None::<String>
    }};
    (@ $name:ident $ja:literal, $en:literal) => {
        pub(crate) const fn $name(self) -> &'static str {
            match self.0 {
                akashi_proof::record::kind::Language::Ja => $ja,
                akashi_proof::record::kind::Language::En => $en,
            }
        }
    };
    (@ $name:ident ( many $count:ident ) $ja:literal, $one:literal, $many:literal) => {
        pub(crate) fn $name(self, $count: impl crate::words::text::Count) -> String {
            crate::words::text::say_many!(self.0, $ja, $one, $many, $count)
        }
    };
    (@ $name:ident ( $($arg:ident: $ty:ty),+ ) $ja:literal, $en:literal) => {
        pub(crate) fn $name(self, $($arg: $ty),+) -> String {
            match self.0 {
                akashi_proof::record::kind::Language::Ja => format!($ja),
                akashi_proof::record::kind::Language::En => format!($en),
            }
        }
    };
}
pub(crate) use texts;

/// Marks around what is emphasised, from Unicode's private use area, so that a text stays a text
/// until it is shown.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
/// Around the number of a record, and behind the words that lead to it.
const TO: char = '\u{E002}';
const BY: char = '\u{E003}';
const END: char = '\u{E004}';

/// A part of a sentence to be emphasised.
pub(crate) fn strong(text: impl fmt::Display) -> String {
    let text = plain(&text.to_string());
    format!("{OPEN}{text}{CLOSE}")
}

/// Words that lead to a record of hers.
pub(crate) fn leading_to(index: LeafIndex, words: &str) -> String {
    format!("{TO}{index}{BY}{words}{END}")
}

/// The text without marks: a name is never half of one.
fn plain(text: &str) -> String {
    text.replace([OPEN, CLOSE, TO, BY, END], "")
}

/// The number of a record that the rest of a text begins with, and what stands behind it. Nothing
/// but a number is ever part of an address.
fn number(rest: &str) -> Option<(LeafIndex, &str)> {
    let (number, behind) = rest.split_once(BY)?;
    Some((LeafIndex::parse(number).ok()?, behind))
}

/// A sentence as HTML: everything in it escaped, what was marked by [`strong`] emphasised, and what
/// is Japanese on an English page - an officer's words, a name as it was certified - marked as
/// such, so that it is read out as Japanese - and a record's number the way to it. Whatever the
/// text holds, the only tags that come out are `<strong>`, `<span lang="ja">` and links to records
/// of hers, opened and closed in turn.
#[derive(Clone, Debug)]
pub struct Rich {
    language: Language,
    text: String,
}

impl Rich {
    /// A sentence, or any recorded text, on a page in this language.
    pub(crate) fn new(language: Language, text: impl Into<String>) -> Self {
        Self {
            language,
            text: text.into(),
        }
    }

    /// The words alone: for the title of a page.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        let mut rest = self.text.as_str();
        while let Some((before, behind)) = rest.split_once(TO) {
            words.push_str(&plain(before));
            rest = number(behind).map_or(behind, |(_, behind)| behind);
        }
        words.push_str(&plain(rest));
        words
    }

    /// The sentence with another behind it.
    pub(crate) fn followed_by(mut self, sentence: &str) -> Self {
        self.text.push_str(sentence);
        self
    }

    /// Whether a character has to be marked on this page.
    const fn is_foreign(&self, c: char) -> bool {
        matches!(self.language, Language::En) && is_japanese(c)
    }
}

/// Kana, kanji, and the marks and wide forms that stand between them.
const fn is_japanese(c: char) -> bool {
    matches!(c,
        '\u{3000}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}'
        | '\u{20000}'..='\u{323AF}')
}

impl fmt::Display for Rich {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut is_open, mut is_span, mut is_link) = (false, false, false);
        let mut rest = self.text.as_str();
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            if self.is_foreign(c) != is_span {
                is_span = !is_span;
                f.write_str(if is_span {
                    "<span lang=\"ja\">"
                } else {
                    "</span>"
                })?;
            }
            match c {
                TO if !is_open && !is_link => {
                    if let Some((index, behind)) = number(rest) {
                        (is_link, rest) = (true, behind);
                        write!(f, "<a href=\"/me/history/{index}\">")?;
                    }
                }
                END if is_link => {
                    is_link = false;
                    f.write_str("</a>")?;
                }
                OPEN if !is_open && !is_link => {
                    is_open = true;
                    f.write_str("<strong>")?;
                }
                CLOSE if is_open => {
                    is_open = false;
                    f.write_str("</strong>")?;
                }
                OPEN | CLOSE | TO | BY | END => {}
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => fmt::Write::write_char(f, other)?,
            }
        }
        if is_span {
            f.write_str("</span>")?;
        }
        if is_open {
            f.write_str("</strong>")?;
        }
        if is_link {
            f.write_str("</a>")?;
        }
        Ok(())
    }
}

impl askama::filters::HtmlSafe for Rich {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_marked_is_emphasised_and_everything_is_escaped() {
        let sentence = Rich::new(
            Language::Ja,
            format!("{} & <script>", strong("a<b>\u{E001}\u{E000}")),
        );
        assert_eq!(
            sentence.to_string(),
            "<strong>a&lt;b&gt;</strong> &amp; &lt;script&gt;"
        );
        for hostile in ["\u{E000}\u{E000}x", "\u{E001}x\u{E000}", "\u{E000}"] {
            let shown = Rich::new(Language::Ja, hostile).to_string();
            assert_eq!(
                shown.matches("<strong>").count(),
                shown.matches("</strong>").count(),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_records_number_is_the_way_to_it_and_nothing_else_ever_is() {
        let record = leading_to(LeafIndex::new(141), "record 141, 記録");
        let sentence = Rich::new(Language::En, format!("A ({record}): {}", strong("B")));
        assert_eq!(
            sentence.to_string(),
            "A (<a href=\"/me/history/141\">record 141, <span lang=\"ja\">記録</span></a>): \
             <strong>B</strong>"
        );
        assert_eq!(sentence.words(), "A (record 141, 記録): B");
        for hostile in [
            "\u{E002}/../../evil\u{E003}x\u{E004}",
            "\u{E002}1\"onclick=x\u{E003}x",
            "\u{E002}01\u{E003}x\u{E004}",
            "\u{E002}\u{E003}\u{E004}",
            "\u{E002}1",
            "\u{E004}\u{E003}\u{E002}",
        ] {
            let shown = Rich::new(Language::Ja, hostile).to_string();
            assert!(!shown.contains("<a"), "{shown}");
        }
        for nested in [
            "\u{E002}1\u{E003}a\u{E002}2\u{E003}b\u{E004}c",
            "\u{E002}1\u{E003}a\u{E000}b\u{E004}c\u{E001}",
            "\u{E000}\u{E002}1\u{E003}a\u{E001}\u{E004}",
            "\u{E002}1\u{E003}a",
        ] {
            let shown = Rich::new(Language::Ja, nested).to_string();
            let tags: Vec<&str> = shown.split('<').skip(1).collect();
            assert!(matches!(tags.len(), 0 | 2), "{shown}");
            let opened = shown.matches("<a ").count();
            assert!(
                opened <= 1 && opened == shown.matches("</a>").count(),
                "{shown}"
            );
        }
    }

    #[test]
    fn japanese_on_an_english_page_is_marked_as_such() {
        let text = format!("A 救急隊 <1>, {}: 「はい」", strong("市役所 B"));
        assert_eq!(
            Rich::new(Language::En, text.as_str()).to_string(),
            "A <span lang=\"ja\">救急隊</span> &lt;1&gt;, <strong><span lang=\"ja\">市役所</span> B</strong>: \
             <span lang=\"ja\">「はい」</span>"
        );
        assert!(!Rich::new(Language::Ja, text).to_string().contains("span"));
    }

    texts! {
        /// For this test.
        Sample {
            title: "題", "Title";
            of(who: &str): "{who}の記録", "Records of {who}";
            shown(many records): "記録{records}件", "one record", "{records} records";
        }
    }

    #[test]
    fn a_text_is_in_the_language_asked_for() {
        assert_eq!(
            (Sample(Language::Ja).title(), Sample(Language::En).title()),
            ("題", "Title")
        );
        assert_eq!(Sample(Language::En).of("her"), "Records of her");
        assert_eq!(Sample(Language::Ja).of("私"), "私の記録");
    }

    #[test]
    fn what_is_counted_is_said_in_its_number() {
        let (ja, en) = (Sample(Language::Ja), Sample(Language::En));
        assert_eq!(
            (ja.shown(1_u64), ja.shown(2_u64)),
            ("記録1件".into(), "記録2件".into())
        );
        assert_eq!(
            (en.shown(1_usize), en.shown(2_u32)),
            ("one record".into(), "2 records".into())
        );
        assert_eq!(en.shown(0_u64), "0 records");
        assert_eq!(en.counting(2), ["2 records"], "and no other of its texts");
    }
}
