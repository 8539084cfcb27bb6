//! One spelling for what phones write in many.

use crate::typed::spelt;

/// A text as it is compared with words people type: what is not seen is gone, every width and
/// composition has one spelling ([NFKC]), letters are small, katakana is hiragana. Line breaks
/// stay.
///
/// [NFKC]: https://www.unicode.org/reports/tr15/
pub(super) fn folded(text: &str) -> String {
    let as_marks = |c: char| match c {
        // Voicing marks that some keyboards write as characters of their own.
        '\u{309B}' => '\u{3099}',
        '\u{309C}' => '\u{309A}',
        c => c,
    };
    let selects = |c: &char| matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let as_hiragana = |c: char| match c {
        '\u{30A1}'..='\u{30F6}' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        c => c,
    };
    let line = |line: &str| {
        let letters = line.chars().filter(|c| !selects(c)).map(as_marks);
        let small = spelt(letters).to_lowercase();
        small.chars().map(as_hiragana).collect::<String>()
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_has_one_folded_spelling() {
        for (typed, word) in [
            ("イイエ", "いいえ"),
            ("ｲｲｴ", "いいえ"),
            ("い\u{200B}いえ", "いいえ"),
            ("た\u{3099}め", "だめ"),
            ("た\u{309B}め", "だめ"),
            ("ﾀﾞﾒ", "だめ"),
            ("ノー", "のー"),
            ("ＮＯ\t４", "no 4"),
            ("許\u{E0100}可", "許可"),
            ("a\r\nb", "a \nb"),
        ] {
            assert_eq!(folded(typed), word, "{typed:?}");
            assert_eq!(folded(word), word, "{word}");
        }
    }
}
