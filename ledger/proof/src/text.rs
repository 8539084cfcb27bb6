//! Free texts that people read beside names that were checked: nothing in them may turn, hide or
//! break the line around it (Unicode Technical Report 36, section 3). What a text is about is the
//! business of whoever asks for it.

/// A free text of `min` to `max` characters that reads as it is written: people see it beside names
/// that were checked, so nothing in it may turn, hide or break the line around it.
pub(crate) fn free_text(text: &str, min: usize, max: usize) -> Result<String, String> {
    let length = text.chars().count();
    if (min..=max).contains(&length) && !text.chars().any(is_unseen) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "{min} to {max} characters, none of them control, format or invisible characters"
        ))
    }
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
    fn texts_as_people_write_them_are_taken() {
        for text in [
            "ひなた市立病院　内科",
            "葛\u{E0100}城",
            "Zoë’s – №1 (a/b)",
            "山田 🌸",
            "שלום",
        ] {
            assert_eq!(free_text(text, 1, 20).as_deref(), Ok(text));
        }
        assert!(free_text("", 1, 3).is_err() && free_text("abcd", 1, 3).is_err());
    }
}
