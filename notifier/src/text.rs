//! Small questions about text that people type and phones carry.

/// Full-width forms as people's keyboards write them, in their plain spelling: `４８２１` becomes
/// `4821`.
pub(crate) fn half_width(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{3000}' => ' ',
        // The full-width block repeats ASCII 0x21 to 0x7E at a fixed distance.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(plain).collect()
}

/// The six digits of a code as typed: full-width digits and spaces are accepted.
pub(crate) fn six_digits(text: &str) -> Option<String> {
    // Six digits with a separator between any two of them.
    if text.chars().count() > 12 {
        return None;
    }
    let digits: String = half_width(text)
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect();
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// How many SMS segments a text takes: GSM 03.38 where all of it fits, UCS-2 otherwise ([3GPP TS
/// 23.040], 9.2.3.24.1).
///
/// [3GPP TS 23.040]: https://www.3gpp.org/dynareport/23040.htm
pub fn sms_segments(text: &str) -> usize {
    let (length, single, joined) = if text.chars().all(is_gsm) {
        (
            text.chars()
                .map(|c| if GSM_EXTENDED.contains(c) { 2 } else { 1 })
                .sum::<usize>(),
            160,
            153,
        )
    } else {
        (text.encode_utf16().count(), 70, 67)
    };
    if length <= single {
        1
    } else {
        length.div_ceil(joined)
    }
}

/// A text that stays within GSM 03.38: long vowels lose their macron, anything else unknown goes.
pub(crate) fn to_gsm(text: &str) -> String {
    let plain = |c: char| match c {
        'ā' => Some('a'),
        'ī' => Some('i'),
        'ū' => Some('u'),
        'ē' => Some('e'),
        'ō' => Some('o'),
        'Ā' => Some('A'),
        'Ī' => Some('I'),
        'Ū' => Some('U'),
        'Ē' => Some('E'),
        'Ō' => Some('O'),
        '’' => Some('\''),
        '–' | '—' => Some('-'),
        c if is_gsm(c) => Some(c),
        _ => None,
    };
    text.chars().filter_map(plain).collect()
}

/// Characters beside ASCII letters and digits that take one septet, as far as names use them.
const GSM_BASIC: &str = "@£$¥èéùìòÇØøÅå_ÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n\r";
/// Characters that take two.
const GSM_EXTENDED: &str = "^{}\\[~]|€";

fn is_gsm(c: char) -> bool {
    c.is_ascii_alphanumeric() || GSM_BASIC.contains(c) || GSM_EXTENDED.contains(c)
}

/// At most `most` characters of a name, the cut shown.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    if name.chars().count() <= most {
        return name;
    }
    let kept: String = name.chars().take(most.saturating_sub(1)).collect();
    format!("{}.", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_as_phones_do() {
        for (text, segments) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("あ".repeat(70), 1),
            ("あ".repeat(71), 2),
            ("あ".repeat(134), 2),
            ("あ".repeat(135), 3),
            ("€".repeat(81), 2),
            ("🌸".repeat(36), 2),
        ] {
            assert_eq!(sms_segments(&text), segments, "{text}");
        }
    }

    #[test]
    fn typed_digits_are_read_in_any_width() {
        assert_eq!(half_width("ＡＢｃ　４８２"), "ABc 482");
        for text in ["482913", "４８２９１３", "482 913", "482-913"] {
            assert_eq!(six_digits(text).as_deref(), Some("482913"), "{text}");
        }
        for text in [
            "",
            "48291",
            "4829130",
            "48291x",
            "٤٨٢٩١٣",
            "4 8 2 9 1 3 000000",
        ] {
            assert_eq!(six_digits(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_cut_and_kept_in_the_alphabet_of_phones() {
        assert_eq!(to_gsm("Chūō Hospital – 中央"), "Chuo Hospital - ");
        assert_eq!(shortened("みなと市役所", 6), "みなと市役所");
        assert_eq!(shortened("みなと市役所\n保健課", 6), "みなと市役.");
    }
}
