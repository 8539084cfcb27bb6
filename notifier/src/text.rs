//! Small questions about text that phones carry.

use unicode_segmentation::UnicodeSegmentation;

/// How many SMS segments a text takes: GSM 03.38 where all of it fits, UCS-2 otherwise ([3GPP TS
/// 23.040], 9.2.3.24.1).
///
/// [3GPP TS 23.040]: https://www.3gpp.org/dynareport/23040.htm
pub fn sms_segments(text: &str) -> usize {
    let (length, single, joined) = if text.chars().all(is_gsm) {
        (septets(text), 160, 153)
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

/// What a name takes of a message: units of UTF-16, of which UCS-2 carries 67 a segment, and
/// septets where it is in the alphabet of GSM 03.38. A letter may take several.
fn units(text: &str) -> usize {
    if text.chars().all(is_gsm) {
        septets(text)
    } else {
        text.encode_utf16().count()
    }
}

fn septets(text: &str) -> usize {
    text.chars()
        .map(|c| if GSM_EXTENDED.contains(c) { 2 } else { 1 })
        .sum()
}

/// A name in at most `most` units, the cut shown. It is cut between letters as people see them: a
/// mark, a voicing or a variant of a letter goes with it.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    if units(&name) <= most {
        return name;
    }
    let room = most.saturating_sub(CUT.len());
    let mut kept = 0;
    for (start, letter) in name.grapheme_indices(true) {
        let end = start + letter.len();
        if name.get(..end).is_none_or(|kept| units(kept) > room) {
            break;
        }
        kept = end;
    }
    let kept = name.get(..kept).unwrap_or_default().trim_end();
    format!("{kept}{CUT}")
}

/// Shows that a name goes on.
const CUT: &str = ".";

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

    #[test]
    fn a_name_is_cut_before_a_whole_letter_and_bounded_by_what_a_message_carries() {
        for (name, most, cut) in [
            ("葛\u{e0100}飾区", 5, "葛\u{e0100}飾区"),
            ("葛\u{e0100}飾区役所", 5, "葛\u{e0100}飾."),
            ("葛\u{e0100}飾区役所", 4, "葛\u{e0100}."),
            ("葛\u{e0100}飾区役所", 3, "."),
            ("か\u{3099}んこ\u{309a}", 4, "か\u{3099}ん."),
            ("か\u{3099}んこ\u{309a}", 3, "か\u{3099}."),
            ("か\u{3099}んこ\u{309a}", 2, "."),
            ("𠮷野家", 3, "𠮷."),
            ("𠮷野家", 2, "."),
            ("👩\u{200d}⚕\u{fe0f}医院です", 6, "👩\u{200d}⚕\u{fe0f}."),
            ("👩\u{200d}⚕\u{fe0f}医院です", 5, "."),
            ("🇯🇵🇯🇵🇯🇵", 9, "🇯🇵🇯🇵."),
            ("कि\u{200d}कि", 3, "."),
            ("{abc}", 6, "{abc."),
        ] {
            assert_eq!(shortened(name, most), cut, "{name} in {most}");
            assert!(units(&shortened(name, most)) <= most, "{name} in {most}");
        }
        let long = "𠮷".repeat(16);
        assert_eq!(shortened(&long, 16), format!("{}.", "𠮷".repeat(7)));
    }
}
