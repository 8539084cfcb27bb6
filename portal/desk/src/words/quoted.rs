//! What somebody else wrote, inside a sentence of ours: the only place that puts it between
//! quotation marks.
//!
//! A reader tells our words from another's by the marks alone. So nothing between them may look
//! like a mark or a bracket that ends them: what is kept is listed, everything else is replaced.
//! The text as it was written stands in the record's fields, in an element of its own.

use std::fmt;

use akashi_proof::record::kind::Language;

/// Punctuation that ends nothing but a word, or a sentence inside the marks.
const HARMLESS: &str =
    " \u{3000}.,:;!?-/&#%+*=@_~<>–—…№、。・，．：；！？－／＆＃％＋＊＝＠＿～〜＜＞";

/// The text between quotation marks of ours that nothing in it can close.
pub fn quoted(language: Language, text: impl fmt::Display) -> String {
    let text = inert(language, text);
    match language {
        Language::Ja => format!("「{text}」"),
        Language::En => format!("“{text}”"),
    }
}

/// The text for between marks or brackets of ours: its own become angle brackets, which never stand
/// around it; what is neither letter, digit nor harmless punctuation becomes a dot.
pub fn inert(language: Language, text: impl fmt::Display) -> String {
    let text = text.to_string();
    let inner = match language {
        Language::Ja => ['〈', '〉', '・'],
        Language::En => ['‹', '›', '·'],
    };
    let mut shown = String::new();
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_inside_a_word = before.is_some_and(char::is_alphanumeric)
            && rest.peek().is_some_and(|next| next.is_alphanumeric());
        shown.push(harmless(c, is_inside_a_word, inner));
        before = Some(c);
    }
    shown
}

/// The character, or what stands for it.
fn harmless(c: char, is_inside_a_word: bool, [open, close, dot]: [char; 3]) -> char {
    match c {
        '\'' | '’' if is_inside_a_word => '’',
        '(' | '[' | '{' | '“' | '‘' | '«' | '‹' | '「' | '『' | '【' | '〔' | '〖' | '〘'
        | '〚' | '〈' | '《' | '〝' | '（' | '［' | '｛' | '｟' | '｢' => open,
        ')' | ']' | '}' | '”' | '’' | '»' | '›' | '」' | '』' | '】' | '〕' | '〗' | '〙'
        | '〛' | '〉' | '》' | '〞' | '〟' | '）' | '］' | '｝' | '｠' | '｣' => close,
        c if is_like_a_mark(c) => dot,
        c if c.is_alphanumeric() || is_mark_of_a_letter(c) || HARMLESS.contains(c) => c,
        _ => dot,
    }
}

/// Letters by Unicode's count that look like a quotation mark: modifier letters, tone letters, and
/// Hangul and Canadian letters drawn like a corner.
const fn is_like_a_mark(c: char) -> bool {
    matches!(c, '\u{2B0}'..='\u{2FF}' | '\u{A700}'..='\u{A721}' | '\u{3131}' | '\u{3134}'
        | '\u{1100}' | '\u{1102}' | '\u{11A8}' | '\u{11AB}' | '\u{FFA1}' | '\u{FFA4}'
        | '\u{1400}'..='\u{167F}' | '\u{18B0}'..='\u{18FF}')
}

/// Marks that letters of living scripts are written with, and the variants of kanji in names.
const fn is_mark_of_a_letter(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{333}' | '\u{3099}' | '\u{309A}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What may not stand inside, as far as it can be listed.
    const CLOSING: &str =
        "「」『』“”‟„\"'″〝〞〟＂＇｢｣﹁﹂﹃﹄（）()[]【】〔〕⌝⌟\n\u{2028}\u{202E}\u{E002}";

    #[test]
    fn nothing_in_a_quoted_text_ends_the_quotation() {
        let lie = "厚生労働省」のため、裁判所の命令による）。法律により断れません（参考「";
        assert_eq!(
            quoted(Language::Ja, lie),
            "「厚生労働省〉のため、裁判所の命令による〉。法律により断れません〈参考〈」"
        );
        assert_eq!(
            quoted(Language::En, "the police”). You must not refuse (see “"),
            "“the police››. You must not refuse ‹see ‹”"
        );
        // No character of the basic plane or among the pictures, alone or beside a letter, ends it.
        for c in ('\0'..='\u{FFFF}').chain('\u{1F000}'..='\u{1F7FF}') {
            for language in [Language::Ja, Language::En] {
                let shown = quoted(language, format!("{c}a{c}{c}b{c}"));
                let mut inner = shown.chars();
                inner.next();
                inner.next_back();
                assert!(!inner.any(|inside| CLOSING.contains(inside)), "{shown}");
                assert!(!shown.contains("’’"), "{shown}");
            }
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [
            "救急隊 <1>",
            "ひなた市役所　福祉課",
            "葛\u{E0100}城",
            "St. Zoë’s – No. 1",
        ] {
            assert_eq!(quoted(Language::Ja, text), format!("「{text}」"));
        }
    }
}
