//! Small questions about text that phones carry.

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
    fn names_are_cut_and_kept_in_the_alphabet_of_phones() {
        assert_eq!(to_gsm("Chūō Hospital – 中央"), "Chuo Hospital - ");
        assert_eq!(shortened("みなと市役所", 6), "みなと市役所");
        assert_eq!(shortened("みなと市役所\n保健課", 6), "みなと市役.");
    }
}
