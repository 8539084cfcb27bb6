//! What people type on a Japanese keyboard: full-width digits and letters, long dashes, ideographic
//! spaces.

/// The text with full-width characters as their ASCII ones and every kind of dash as a hyphen.
pub fn to_plain(typed: &str) -> String {
    typed.chars().map(plain).collect()
}

fn plain(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        // hyphen ... horizontal bar, minus sign, and the long vowel marks that stand beside the
        // digits on a keyboard
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FF70}' | '\u{FF0D}' => '-',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// The digits of a one-time code, however they were typed.
pub fn digits(typed: &str) -> String {
    to_plain(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_becomes_plain() {
        assert_eq!(
            to_plain("０９０－１２３４ー５６７８　＋８１"),
            "090-1234-5678 +81"
        );
        assert_eq!(digits(" １２３ ４５６ "), "123456");
        assert_eq!(to_plain("漢字 abc"), "漢字 abc");
    }
}
