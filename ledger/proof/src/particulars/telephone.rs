//! Telephone numbers as the registry has them: with the country code (ITU-T E.164), and with the
//! hyphens between which people say them (RFC 3966, section 5.1.1).

use super::checked_text;
use crate::record::kind::Language;

/// E.164: country code and number together.
const DIGITS_MAX: usize = 15;
/// The shortest number one rings up from abroad.
const DIGITS_MIN: usize = 7;
/// Country code, area, exchange, subscriber, and one more where a country has it.
const GROUPS_MAX: usize = 5;

/// Japan, whose numbers people know with a 0 before them.
const JAPAN: &str = "81";

checked_text! {
    /// A telephone number: `+81-55-000-1201`.
    Telephone: "a telephone number with its country code and hyphens, such as +81-55-000-1201 (no 0 after the 81)", check;
}

fn check(text: &str) -> Result<(), String> {
    let Some(number) = text.strip_prefix('+') else {
        return Err("no `+` before it".to_owned());
    };
    // Looked at before anything else: a text of any length is refused at once.
    if number.len() > DIGITS_MAX + GROUPS_MAX {
        return Err(format!("{} characters", text.chars().count()));
    }
    let groups: Vec<&str> = number.split('-').collect();
    let is_number = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !groups.iter().all(is_number) {
        return Err("something else than digits between hyphens".to_owned());
    }
    if groups.len() < 2 || groups.len() > GROUPS_MAX {
        return Err(format!("{} groups of digits", groups.len()));
    }
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits) {
        return Err(format!("{digits} digits"));
    }
    let (country, rest) = groups.split_first().unwrap_or((&"", &[]));
    if country.len() > 3 || country.starts_with('0') {
        return Err("no country code in its first group".to_owned());
    }
    if *country == JAPAN {
        check_japanese(rest)?;
    }
    Ok(())
}

/// Nine digits of a line or a free number, ten of a mobile, an 050 or an 0800 one.
fn check_japanese(groups: &[&str]) -> Result<(), String> {
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    if groups.first().is_some_and(|group| group.starts_with('0')) {
        return Err("a 0 after the country code".to_owned());
    }
    if !(9..=10).contains(&digits) {
        return Err(format!("{digits} digits after the 81"));
    }
    Ok(())
}

impl Telephone {
    /// The number as people who read this language write it: 055-000-1201, +81 55 000 1201 (ITU-T
    /// E.123).
    pub fn written(&self, language: Language) -> String {
        match (language, self.0.strip_prefix("+81-")) {
            (Language::Ja, Some(national)) => format!("0{national}"),
            (Language::Ja, None) | (Language::En, _) => self.0.replace('-', " "),
        }
    }

    /// The URI that rings it up (RFC 3966): `tel:+81550001201`.
    pub fn uri(&self) -> String {
        format!("tel:{}", self.0.replace('-', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_people_write_it_and_rung_up_as_machines_do() {
        let number = Telephone::parse("+81-55-000-1201").unwrap();
        assert_eq!(number.written(Language::Ja), "055-000-1201");
        assert_eq!(number.written(Language::En), "+81 55 000 1201");
        assert_eq!(number.uri(), "tel:+81550001201");
        let abroad = Telephone::parse("+372-600-0000").unwrap();
        assert_eq!(abroad.written(Language::Ja), "+372 600 0000");
    }

    #[test]
    fn a_number_has_one_spelling() {
        for good in ["+81-120-000-120", "+81-90-0000-1201", "+1-202-555-0100"] {
            assert!(Telephone::parse(good).is_ok(), "{good}");
        }
        for (bad, found) in [
            ("", "no `+` before it"),
            ("055-000-1201", "no `+` before it"),
            ("+81-055-000-1201", "a 0 after the country code"),
            ("+81550001201", "1 groups of digits"),
            (
                "+81-55--0001201",
                "something else than digits between hyphens",
            ),
            (
                "+81-55-000-1201-",
                "something else than digits between hyphens",
            ),
            (
                "+81 55 000 1201",
                "something else than digits between hyphens",
            ),
            ("+81-55-000-120", "8 digits after the 81"),
            ("+81-55-000-120100", "11 digits after the 81"),
            ("+8155-000-1201", "no country code in its first group"),
            ("+01-202-555-0100", "no country code in its first group"),
            ("+1-2-3-4-5-67", "6 groups of digits"),
            ("+1-23456", "6 digits"),
            (
                "+81-５５-000-1201",
                "something else than digits between hyphens",
            ),
            ("+81-55-000-1201-2;ext=1", "23 characters"),
        ] {
            assert_eq!(Telephone::parse(bad).unwrap_err().found, found, "{bad}");
        }
    }
}
