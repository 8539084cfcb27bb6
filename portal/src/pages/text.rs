//! How texts are written: each once, in Japanese and English side by side, so that neither can be
//! missing.
//!
//! ```text
//! texts! {
//!     /// Texts of some page.
//!     SomePage {
//!         title: "履歴", "History";
//!         shown(count: usize): "{count} 件", "{count} records";
//!     }
//! }
//! // SomePage(Language::En).shown(3) == "3 records"
//! ```

use std::fmt;

use akashi_proof::record::kind::Language;

/// Declares the texts of one page: a method each, in both languages or the compiler complains.
macro_rules! texts {
    ($( $(#[$doc:meta])* $page:ident { $( $name:ident $( ( $($arg:ident: $ty:ty),+ ) )? : $ja:literal, $en:literal; )* } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $page(pub(crate) akashi_proof::record::kind::Language);

        impl $page {
            $( texts!(@ $name $( ( $($arg: $ty),+ ) )? $ja, $en); )*
        }
    )* };
    (@ $name:ident $ja:literal, $en:literal) => {
        pub(crate) const fn $name(self) -> &'static str {
            match self.0 {
                akashi_proof::record::kind::Language::Ja => $ja,
                akashi_proof::record::kind::Language::En => $en,
            }
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

/// One text in both languages where it is used: `say!(language, "{a} 件", "{a} records")`.
macro_rules! say {
    ($language:expr, $ja:literal, $en:literal $(, $arg:expr)* $(,)?) => {
        match $language {
            akashi_proof::record::kind::Language::Ja => format!($ja $(, $arg)*),
            akashi_proof::record::kind::Language::En => format!($en $(, $arg)*),
        }
    };
}
pub(crate) use say;

/// Picks one of two fixed texts.
pub(crate) const fn pick(language: Language, ja: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}

/// Marks around what is emphasised, from Unicode's private use area, so that a text stays a text
/// until it is shown.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A part of a sentence to be emphasised.
pub(crate) fn strong(text: impl fmt::Display) -> String {
    let text = plain(&text.to_string());
    format!("{OPEN}{text}{CLOSE}")
}

/// The text without emphasis: a name is never half of a mark.
fn plain(text: &str) -> String {
    text.replace([OPEN, CLOSE], "")
}

/// A sentence as HTML: everything in it escaped, what was marked by [`strong`] emphasised. Whatever
/// the text holds, the only tags that come out are `<strong>`, opened and closed in turn.
pub(crate) struct Rich(String);

impl Rich {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Rich {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_open = false;
        for c in self.0.chars() {
            match c {
                OPEN if !is_open => {
                    is_open = true;
                    f.write_str("<strong>")?;
                }
                CLOSE if is_open => {
                    is_open = false;
                    f.write_str("</strong>")?;
                }
                OPEN | CLOSE => {}
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => fmt::Write::write_char(f, other)?,
            }
        }
        if is_open {
            f.write_str("</strong>")
        } else {
            Ok(())
        }
    }
}

impl askama::filters::HtmlSafe for Rich {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_marked_is_emphasised_and_everything_is_escaped() {
        let sentence = Rich::new(format!("{} & <script>", strong("a<b>\u{E001}\u{E000}")));
        assert_eq!(
            sentence.to_string(),
            "<strong>a&lt;b&gt;</strong> &amp; &lt;script&gt;"
        );
        for hostile in ["\u{E000}\u{E000}x", "\u{E001}x\u{E000}", "\u{E000}"] {
            let shown = Rich::new(hostile).to_string();
            assert_eq!(
                shown.matches("<strong>").count(),
                shown.matches("</strong>").count(),
                "{shown}"
            );
        }
    }

    texts! {
        /// For this test.
        Sample {
            title: "題", "Title";
            shown(count: usize, of: &str): "{of} {count} 件", "{count} {of}";
        }
    }

    #[test]
    fn a_text_is_in_the_language_asked_for() {
        assert_eq!(
            (Sample(Language::Ja).title(), Sample(Language::En).title()),
            ("題", "Title")
        );
        assert_eq!(Sample(Language::En).shown(3, "records"), "3 records");
        assert_eq!(Sample(Language::Ja).shown(3, "記録"), "記録 3 件");
    }
}
