//! How a Japanese name is read.
//!
//! In hiragana, as ruby is set: a screen reader that meets kanji guesses, and who looks for a name
//! in a list looks where it is read. Katakana would be a second spelling of the same reading, so
//! there is none.

use super::{at_place, check_length, checked_text};

/// A name of a hundred characters is not read with fewer; one that needs more is not said aloud.
const READING_LEN_MAX: usize = 150;

checked_text! {
    /// The reading of a name: hiragana, `ー`, and one wide space between words.
    Reading: "a reading of 1 to 150 characters in hiragana, with single wide spaces between words", check;
}

fn check(text: &str) -> Result<(), String> {
    check_length(text, READING_LEN_MAX)?;
    at_place(text, |c| !is_of_a_reading(c))?;
    if text.split('\u{3000}').any(str::is_empty) {
        return Err("a space that is not a single one between words".to_owned());
    }
    Ok(())
}

const fn is_of_a_reading(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ー' | '\u{3000}')
}

impl Reading {
    /// What readings are sorted by: the order of the fifty sounds, in which small, voiced and plain
    /// kana stand together and `ー` is the vowel it lengthens (JIS X 4061, simplified); where two
    /// read the same, the reading as it is written.
    pub fn sort_key(&self) -> (String, &str) {
        let mut sounds = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            match c {
                '\u{3000}' => {}
                'ー' => sounds.extend(sounds.chars().next_back().map(vowel)),
                kana => sounds.push(plain(kana)),
            }
        }
        (sounds, &self.0)
    }
}

/// The large unvoiced kana of the same place in the table.
#[expect(
    clippy::indexing_slicing,
    reason = "the table has a place for each letter of the range"
)]
const fn plain(kana: char) -> char {
    const PLAIN: [char; 86] = [
        'あ', 'あ', 'い', 'い', 'う', 'う', 'え', 'え', 'お', 'お', 'か', 'か', 'き', 'き', 'く',
        'く', 'け', 'け', 'こ', 'こ', 'さ', 'さ', 'し', 'し', 'す', 'す', 'せ', 'せ', 'そ', 'そ',
        'た', 'た', 'ち', 'ち', 'つ', 'つ', 'つ', 'て', 'て', 'と', 'と', 'な', 'に', 'ぬ', 'ね',
        'の', 'は', 'は', 'は', 'ひ', 'ひ', 'ひ', 'ふ', 'ふ', 'ふ', 'へ', 'へ', 'へ', 'ほ', 'ほ',
        'ほ', 'ま', 'み', 'む', 'め', 'も', 'や', 'や', 'ゆ', 'ゆ', 'よ', 'よ', 'ら', 'り', 'る',
        'れ', 'ろ', 'わ', 'わ', 'ゐ', 'ゑ', 'を', 'ん', 'う', 'か', 'け',
    ];
    match kana {
        'ぁ'..='ゖ' => PLAIN[kana as usize - 'ぁ' as usize],
        other => other,
    }
}

/// The vowel a plain kana ends with.
const fn vowel(kana: char) -> char {
    match kana {
        'あ' | 'か' | 'さ' | 'た' | 'な' | 'は' | 'ま' | 'や' | 'ら' | 'わ' => 'あ',
        'い' | 'き' | 'し' | 'ち' | 'に' | 'ひ' | 'み' | 'り' | 'ゐ' => 'い',
        'う' | 'く' | 'す' | 'つ' | 'ぬ' | 'ふ' | 'む' | 'ゆ' | 'る' => 'う',
        'え' | 'け' | 'せ' | 'て' | 'ね' | 'へ' | 'め' | 'れ' | 'ゑ' => 'え',
        'お' | 'こ' | 'そ' | 'と' | 'の' | 'ほ' | 'も' | 'よ' | 'ろ' | 'を' => 'お',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_hiragana_and_nothing_else() {
        for reading in [
            "みどりやっきょく",
            "ひなた　しやくしょ",
            "せんたー",
            "ゔぁいおりん",
        ] {
            assert_eq!(Reading::parse(reading).unwrap().as_str(), reading);
        }
        for other in [
            "",
            "ミドリ",
            "みどり薬局",
            "みどり・やっきょく",
            "みどり やっきょく",
            "　みどり",
            "みどり　",
            "み　　どり",
            "midori",
            "かゝみ",
        ] {
            assert!(Reading::parse(other).is_err(), "{other}");
        }
        assert!(Reading::parse(&"あ".repeat(READING_LEN_MAX + 1)).is_err());
    }

    #[test]
    fn the_table_of_plain_kana_has_each_in_its_place() {
        for (from, to) in [
            ('ぁ', 'あ'),
            ('が', 'か'),
            ('っ', 'つ'),
            ('づ', 'つ'),
            ('ぱ', 'は'),
            ('ぼ', 'ほ'),
            ('ま', 'ま'),
            ('ゃ', 'や'),
            ('よ', 'よ'),
            ('ろ', 'ろ'),
            ('ゎ', 'わ'),
            ('を', 'を'),
            ('ん', 'ん'),
            ('ゔ', 'う'),
            ('ゖ', 'け'),
            ('ー', 'ー'),
        ] {
            assert_eq!(plain(from), to, "{from}");
        }
    }

    #[test]
    fn lists_are_in_the_order_of_the_fifty_sounds() {
        let mut readings = [
            "みなとびょういん",
            "ひなたしやくしょ",
            "びょういん",
            "ひなた　いがく",
            "せんたあ",
            "せんたー",
            "ひやく",
            "せんたん",
            "みどりやっきょく",
        ]
        .map(|reading| Reading::parse(reading).unwrap());
        readings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let sorted: Vec<&str> = readings.iter().map(Reading::as_str).collect();
        assert_eq!(
            sorted,
            [
                "せんたあ",
                "せんたー",
                "せんたん",
                "ひなた　いがく",
                "ひなたしやくしょ",
                "ひやく",
                "びょういん",
                "みどりやっきょく",
                "みなとびょういん",
            ]
        );
    }
}
