//! Free texts that people read beside names that were checked: nothing in them may turn, hide or
//! break the line around it (Unicode Technical Report 36, section 3). What a text is about is the
//! business of whoever asks for it.

use unicode_normalization::char::{
    canonical_combining_class, is_combining_mark, is_public_assigned,
};

/// Vietnamese has two marks on a letter, pointed Hebrew three.
const MARKS_IN_A_ROW_MAX: usize = 3;

/// The canonical combining class of strokes drawn through a letter.
const OVERLAY: u8 = 1;

/// A free text of `min` to `max` characters that reads as it is written: people see it beside names
/// that were checked, so nothing in it may turn, hide or break the line around it.
pub(crate) fn free_text(text: &str, min: usize, max: usize) -> Result<String, String> {
    let length = text.chars().count();
    let says_something = text.chars().any(char::is_alphanumeric) && text.trim() == text;
    if (min..=max).contains(&length) && says_something && first_hiding(text).is_none() {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "{min} to {max} characters with a letter or digit, no space at either end or beside \
             another, and none that is unseen or unassigned or covers others"
        ))
    }
}

/// The first character that hides, or covers what stands around it, and its place from 0: what is
/// unseen, blank, of private use or unassigned (noncharacters are); marks at the beginning, heaped
/// up, struck through a letter or drawn around it; spaces that look like another one, or beside
/// another, as many of which begin a line of their own. A variation selector is good behind a
/// kanji, as Japanese names are written.
pub(crate) fn first_hiding(text: &str) -> Option<(usize, char)> {
    let (mut before, mut marks) = (None, 0);
    for (at, c) in text.chars().enumerate() {
        let is_mark = is_combining_mark(c);
        marks = if is_mark { marks + 1 } else { 0 };
        let is_covering = is_mark
            && (at == 0
                || marks > MARKS_IN_A_ROW_MAX
                || is_enclosing(c)
                || canonical_combining_class(c) == OVERLAY);
        let is_gap = is_space(c) && before.is_some_and(is_space);
        let is_hiding = if matches!(c, '\u{E0100}'..='\u{E01EF}') {
            !before.is_some_and(is_kanji)
        } else {
            is_unseen(c) || is_blank(c) || is_covering || is_gap || !is_public_assigned(c)
        };
        if is_hiding {
            return Some((at, c));
        }
        before = Some(c);
    }
    None
}

/// Whether a character is drawn as nothing though it is no format character, stands for something
/// that is not there, or is a space that looks like another one.
const fn is_blank(c: char) -> bool {
    matches!(c, '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2800}' | '\u{FFFC}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{16FE4}' | '\u{1D159}')
        || c.is_whitespace() && !is_space(c)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{3000}')
}

/// Unicode's Me: a ring, a stroke in a ring, a frame around the letter before.
const fn is_enclosing(c: char) -> bool {
    matches!(c, '\u{488}' | '\u{489}' | '\u{1ABE}' | '\u{20DD}'..='\u{20E0}'
        | '\u{20E2}'..='\u{20E4}' | '\u{A670}'..='\u{A672}')
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Whether a character is not seen but changes what is: Unicode's Cc, Cf, Zl and Zp (as of Unicode
/// 16), and the letters and marks drawn as nothing. Variation selectors are not among them:
/// Japanese names are written with them.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' // soft hyphen
                | '\u{34F}' // combining grapheme joiner
                | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
                | '\u{890}'..='\u{891}' | '\u{8E2}'
                | '\u{115F}'..='\u{1160}' | '\u{3164}' | '\u{FFA0}' // Hangul fillers
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}' // zero width, left-to-right, right-to-left
                | '\u{2028}'..='\u{202E}' // separators, embeddings, overrides
                | '\u{2060}'..='\u{206F}' // joiners, isolates
                | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
                | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E007F}' // tags
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_turns_hides_or_breaks_what_stands_around_it_is_refused() {
        for c in [
            '\0', '\n', '\u{85}', '\u{AD}', '\u{61C}', '\u{200B}', '\u{200D}', '\u{200F}',
            '\u{2028}', '\u{2029}',
        ]
        .into_iter()
        .chain([
            '\u{202A}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{FEFF}',
            '\u{E0041}',
        ]) {
            assert!(
                free_text(&format!("a{c}b"), 1, 10).is_err(),
                "{:x}",
                u32::from(c)
            );
        }
    }

    #[test]
    fn a_text_that_covers_or_says_nothing_is_refused() {
        let heaped = format!("e{}", "\u{301}".repeat(4));
        for text in [
            "\u{301}".repeat(128),
            format!("e{}", "\u{336}".repeat(100)),
            "e\u{336}".into(),
            "a\u{20E0}b".into(),
            "a\u{489}b".into(),
            "a  b".into(),
            "a\u{3000} b".into(),
            "a\u{16FE4}b".into(),
            "\u{301}a".into(),
            heaped,
        ]
        .into_iter()
        .chain(
            [
                "\u{2800}",
                " ",
                "  ",
                "\u{3000}",
                " a",
                "a ",
                "a\u{3000}",
                "。",
                "…",
            ]
            .map(String::from),
        ) {
            assert!(free_text(&text, 1, 200).is_err(), "{text:?}");
        }
        // Alone, first, last and between letters.
        let named = [
            '\u{2800}',
            '\u{17B4}',
            '\u{17B5}',
            '\u{180B}',
            '\u{180E}',
            '\u{FE00}',
            '\u{FE0F}',
            '\u{FFFC}',
            '\u{E000}',
            '\u{F8FF}',
            '\u{F0000}',
            '\u{10FFFD}',
            '\u{378}',
            '\u{A0}',
            '\u{2003}',
            '\u{E0100}',
        ];
        let noncharacters = (0..=0x10_u32)
            .flat_map(|plane| [plane << 16 | 0xFFFE, plane << 16 | 0xFFFF])
            .chain(0xFDD0..=0xFDEF)
            .filter_map(char::from_u32);
        for c in named.into_iter().chain(noncharacters) {
            for text in [
                format!("{c}"),
                format!("{c}a"),
                format!("a{c}"),
                format!("a{c}b"),
            ] {
                assert!(free_text(&text, 1, 10).is_err(), "{text:?}");
            }
        }
    }

    #[test]
    fn texts_as_people_write_them_are_taken() {
        for text in [
            "ひなた市立病院　内科",
            "葛\u{E0100}城",
            "Zoë’s – №1 (a/b)",
            "山田 🌸",
            "שלום",
            "שָׁלוֹם",
            "ngu\u{302}\u{301}",
            "か\u{3099}",
        ] {
            assert_eq!(free_text(text, 1, 20).as_deref(), Ok(text));
        }
        assert!(free_text("", 1, 3).is_err() && free_text("abcd", 1, 3).is_err());
    }
}
