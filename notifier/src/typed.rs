//! What people type and paste, read as it was meant: a page's field, a message from a phone, a
//! gateway's number.
//!
//! Copied from a contact list or a letter, a text carries what the eye does not see - marks that
//! set its direction, soft hyphens, zero-width blanks - and a Japanese keyboard writes digits,
//! letters, dashes and blanks in several widths. None of it says anything.

use akashi_proof::text::is_unseen;
use unicode_normalization::UnicodeNormalization as _;

/// The text in its one plain spelling: without what is not seen, in compatibility composition
/// ([NFKC]: full-width letters and half-width kana become the usual ones), every kind of blank one
/// space, no space around it.
///
/// For what is matched or read, never for what is kept as somebody's words.
///
/// [NFKC]: https://www.unicode.org/reports/tr15/
pub fn plain(typed: &str) -> String {
    spelt(typed.chars()).trim().to_owned()
}

/// As [`plain`], with the space around it.
pub(crate) fn spelt(typed: impl Iterator<Item = char>) -> String {
    let spaced = |c: char| if c.is_whitespace() { ' ' } else { c };
    // Blanks first: a tab or a line feed is a control, yet it parts what stands around it.
    let seen = typed.map(spaced).filter(|c| !is_unseen(*c));
    let composed = seen.nfkc().map(spaced);
    composed.filter(|c| !is_unseen(*c)).collect()
}

/// [`plain`], with every dash - hyphen to horizontal bar, minus sign, and the long vowel mark that
/// stands beside the digits on a keyboard - as a hyphen. For numbers, dates, codes and addresses;
/// kana would lose their vowels.
pub fn plain_line(typed: &str) -> String {
    let dash = |c: char| match c {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{30FC}' | '\u{FE58}' => '-',
        other => other,
    };
    plain(typed).chars().map(dash).collect()
}

/// What people put between the characters of a code, or copy with it from a message.
pub fn is_between(c: char) -> bool {
    let marks = "-.,:_/·・、。「」『』【】()[]\"'";
    c == ' ' || marks.contains(c)
}

/// The six digits of a code, with blanks and marks between and around them. Letters that look like
/// a digit are that digit: no code of digits has a letter. `None` for what is no such code.
pub fn six_digits(typed: &str) -> Option<String> {
    let digit = |c: char| match c {
        'O' | 'o' | '〇' => '0',
        'I' | 'l' | '|' => '1',
        other => other,
    };
    let line = plain_line(typed);
    let digits: String = line
        .chars()
        .filter(|c| !is_between(*c))
        .map(digit)
        .collect();
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::collection;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const BETWEEN: [&str; 8] = ["", "", "-", " ", "\u{200B}", "。", "【", "・"];

    proptest! {
        #[test]
        fn a_code_is_its_digits_whatever_stands_between(
            code in "[0-9]{6}",
            between in collection::vec(select(&BETWEEN[..]), 7),
        ) {
            let mut typed = String::new();
            for (at, between) in between.iter().enumerate() {
                typed.push_str(between);
                typed.extend(code.chars().nth(at));
            }
            prop_assert_eq!(six_digits(&typed), Some(code), "{:?}", typed);
        }
    }

    #[test]
    fn what_the_eye_does_not_see_does_not_matter() {
        for typed in [
            "ABc 482",
            "ＡＢｃ　４８２",
            " \u{FEFF}ABc\u{A0}482\u{200B}\n",
            "\u{202D}ABc\u{2009}482\u{202C}",
            "A\u{AD}B\u{2060}c\t482",
            "\u{2068}ABc\u{202F}482\u{2069}",
        ] {
            assert_eq!(plain(typed), "ABc 482", "{typed:?}");
        }
        assert_eq!(plain("ｲｲｴ"), "イイエ");
        assert_eq!(plain("た\u{3099}め"), "だめ");
        assert_eq!(plain("い\u{200B}いえ"), "いいえ");
    }

    #[test]
    fn every_dash_is_a_hyphen_in_a_line() {
        for dash in [
            "-", "‐", "‑", "–", "—", "―", "−", "ー", "ｰ", "－", "﹣", "﹘",
        ] {
            assert_eq!(plain_line(&format!("１{dash}2")), "1-2", "{dash}");
        }
        assert_eq!(plain("データ"), "データ");
    }

    #[test]
    fn codes_are_read_in_any_width() {
        for typed in [
            "482913",
            "４８２９１３",
            "482 913",
            "482-913",
            " 4 8 2 9 1 3\u{200E}",
            "【482913】",
            "「４８２－９１３」。",
            "482.913",
        ] {
            assert_eq!(six_digits(typed).as_deref(), Some("482913"), "{typed:?}");
        }
        for typed in ["O1O1l0", "o10 1I0", "０１〇１ｌＯ"] {
            assert_eq!(six_digits(typed).as_deref(), Some("010110"), "{typed:?}");
        }
        for typed in [
            "",
            "48291",
            "4829130",
            "48291x",
            "٤٨٢٩١٣",
            "4 8 2 9 1 3 000000",
        ] {
            assert_eq!(six_digits(typed), None, "{typed:?}");
        }
    }
}
