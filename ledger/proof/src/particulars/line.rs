//! Names and single lines of text, as the registry shows them to everybody.

use unicode_normalization::is_nfc;

use super::{check_length, checked_text, place};
use crate::text::first_hiding;

/// The longest registered name of a Japanese institution has some sixty characters, its English one
/// up to a hundred.
const NAME_LEN_MAX: usize = 100;

/// An address with building and floor, or hours with their exceptions: more is read by nobody at
/// the telephone, and eight supervisors of the longest kind still fit into one value of entry 0.
const LINE_LEN_MAX: usize = 200;

checked_text! {
    /// What an institution or a supervisor is called.
    Name: "a name of 1 to 100 characters in Unicode's composed form (NFC), without invisible characters",
        |text| check(text, NAME_LEN_MAX);
    /// One line of text: hours, an address.
    Line: "a line of 1 to 200 characters in Unicode's composed form (NFC), without invisible characters",
        |text| check(text, LINE_LEN_MAX);
}

/// Only what is seen, with one spelling: composed, spaces inside alone and of the two kinds that
/// are typed.
fn check(text: &str, max: usize) -> Result<(), String> {
    check_length(text, max)?;
    if let Some((at, c)) = first_hiding(text) {
        return Err(place(at, c));
    }
    if text.trim() != text {
        return Err("a space at its beginning or end".to_owned());
    }
    if !is_nfc(text) {
        return Err("another spelling of the same text".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_write_them_are_taken() {
        for name in [
            "ひなた中央総合病院",
            "葛\u{E0100}城クリニック",
            "医療法人社団　みどり会",
            "St. Zoë’s – Hospital No. 1",
        ] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_line_is_longer_than_a_name_and_not_without_end() {
        let (name, line) = ("字".repeat(NAME_LEN_MAX), "字".repeat(LINE_LEN_MAX));
        assert!(Name::parse(&name).is_ok() && Line::parse(&line).is_ok());
        assert_eq!(Name::parse(&line).unwrap_err().found, "200 characters");
        assert!(Line::parse(&format!("{line}字")).is_err());
    }
}
