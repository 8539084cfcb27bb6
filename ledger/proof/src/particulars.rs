//! What supervisors certify of an institution, and entry 0 of a supervisor, for the people who have
//! to reach it: its names, how the Japanese one is read, telephone, e-mail, hours, address, web
//! page.
//!
//! Each field has a type that only its check can make, in records as in statements, so that
//! nothing that stands in the registry can turn, hide or forge what is shown beside it. The members
//! have the same names wherever they are written: a record, an act, a file of settings
//! ([`Particulars::read`], [`Particulars::texts`]).
//!
//! This is not how *people* are reached: their telephone numbers are in no record.

mod email;
mod line;
mod reading;
mod telephone;
mod web_page;

pub use email::Email;
pub use line::{Line, Name};
pub use reading::Reading;
pub use telephone::Telephone;
pub use web_page::WebPage;

use crate::fault::{Fault, FaultCode};
use crate::record::fields::fields;
use crate::record::kind::Language;

fields! {
    /// The names of an institution or a supervisor, and how it is reached.
    pub struct Particulars {
        /// Its name in Japanese.
        name_ja: Name,
        /// How that name is read, in hiragana.
        name_kana: Reading,
        /// Its name in English.
        name_en: Name,
        /// Its telephone number for questions.
        telephone: Telephone,
        /// Where mail for it goes; what is done to its keys is told it there.
        email: Email,
        /// When somebody answers there, in Japanese.
        hours_ja: Line,
        /// The same in English.
        hours_en: Line,
        /// Where it is, in Japanese.
        address_ja: Line,
        /// The same in English.
        address_en: Line,
        /// Its web page, where it has one.
        web: Option<WebPage>,
    }
}

/// Why a text cannot stand in a field; the text itself is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct Unfit {
    /// The rule the text broke.
    pub expected: String,
    /// What was there, in words.
    pub found: String,
}

impl Particulars {
    /// Puts together what `text` has under the name of each field.
    ///
    /// # Errors
    /// Those of `text`; a [`Fault`] that names the first field that is missing or unfit.
    pub fn read(
        mut text: impl FnMut(&'static str) -> Result<Option<String>, Fault>,
    ) -> Result<Self, Fault> {
        Ok(Self {
            name_ja: needed("name_ja", &mut text, Name::parse)?,
            name_kana: needed("name_kana", &mut text, Reading::parse)?,
            name_en: needed("name_en", &mut text, Name::parse)?,
            telephone: needed("telephone", &mut text, Telephone::parse)?,
            email: needed("email", &mut text, Email::parse)?,
            hours_ja: needed("hours_ja", &mut text, Line::parse)?,
            hours_en: needed("hours_en", &mut text, Line::parse)?,
            address_ja: needed("address_ja", &mut text, Line::parse)?,
            address_en: needed("address_en", &mut text, Line::parse)?,
            web: optional("web", &mut text, WebPage::parse)?,
        })
    }

    /// The texts [`Self::read`] reads, by the names of their fields.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("name_ja", self.name_ja.as_str()),
            ("name_kana", self.name_kana.as_str()),
            ("name_en", self.name_en.as_str()),
            ("telephone", self.telephone.as_str()),
            ("email", self.email.as_str()),
            ("hours_ja", self.hours_ja.as_str()),
            ("hours_en", self.hours_en.as_str()),
            ("address_ja", self.address_ja.as_str()),
            ("address_en", self.address_en.as_str()),
        ]
        .into_iter()
        .chain(self.web.iter().map(|web| ("web", web.as_str())))
    }

    /// The name in this language.
    pub const fn name(&self, language: Language) -> &Name {
        match language {
            Language::Ja => &self.name_ja,
            Language::En => &self.name_en,
        }
    }

    /// The hours in this language.
    pub const fn hours(&self, language: Language) -> &Line {
        match language {
            Language::Ja => &self.hours_ja,
            Language::En => &self.hours_en,
        }
    }

    /// The address in this language.
    pub const fn address(&self, language: Language) -> &Line {
        match language {
            Language::Ja => &self.address_ja,
            Language::En => &self.address_en,
        }
    }
}

fn optional<T>(
    field: &'static str,
    text: &mut impl FnMut(&'static str) -> Result<Option<String>, Fault>,
    parse: fn(&str) -> Result<T, Unfit>,
) -> Result<Option<T>, Fault> {
    let read = |text: String| {
        parse(&text)
            .map_err(|unfit| Fault::new(FaultCode::BadMember, field, unfit.expected, unfit.found))
    };
    text(field)?.map(read).transpose()
}

fn needed<T>(
    field: &'static str,
    text: &mut impl FnMut(&'static str) -> Result<Option<String>, Fault>,
    parse: fn(&str) -> Result<T, Unfit>,
) -> Result<T, Fault> {
    optional(field, text, parse)?
        .ok_or_else(|| Fault::new(FaultCode::MissingMember, field, "a text", "nothing"))
}

/// Declares a text that only its check makes, and that is checked again when a record is read.
macro_rules! checked_text {
    ($( $(#[$doc:meta])* $name:ident: $expected:literal, $check:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads the text in its one spelling.
            ///
            /// # Errors
            /// [`Unfit`](crate::particulars::Unfit), which does not repeat the text.
            pub fn parse(text: &str) -> Result<Self, $crate::particulars::Unfit> {
                let check: fn(&str) -> Result<(), String> = $check;
                match check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(found) => {
                        let expected = $expected.to_owned();
                        Err($crate::particulars::Unfit { expected, found })
                    }
                }
            }

            /// The text as it was certified.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::record::value::Item for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.0.as_bytes());
            }

            fn read(bytes: &[u8]) -> Result<Self, $crate::record::value::ValueError> {
                std::str::from_utf8(bytes)
                    .ok()
                    .and_then(|text| Self::parse(text).ok())
                    .ok_or($crate::record::value::ValueError::Type($expected))
            }
        }
    )* };
}
use checked_text;

/// Refuses an empty text, and one of more than `max` characters.
fn check_length(text: &str, max: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("nothing".to_owned()),
        length if length > max => Err(format!("{length} characters")),
        _ => Ok(()),
    }
}

/// A character that is not allowed, by its number and place: whoever has to find a character that
/// cannot be seen has no use for the character.
fn at_place(text: &str, is_wrong: impl Fn(char) -> bool) -> Result<(), String> {
    match text
        .chars()
        .position(&is_wrong)
        .zip(text.chars().find(|c| is_wrong(*c)))
    {
        None => Ok(()),
        Some((at, c)) => Err(place(at, c)),
    }
}

fn place(at: usize, c: char) -> String {
    format!("U+{:04X} as character {}", u32::from(c), at + 1)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::fields::Fields;

    /// A hospital that nobody can ring up.
    pub(crate) fn hospital() -> Particulars {
        read(&texts()).unwrap()
    }

    fn texts() -> Vec<(&'static str, String)> {
        [
            ("name_ja", "ひなた中央総合病院"),
            ("name_kana", "ひなたちゅうおうそうごうびょういん"),
            ("name_en", "Hinata Chuo General Hospital"),
            ("telephone", "+81-55-000-1201"),
            ("email", "kojin-joho@chuo.hinata.example"),
            ("hours_ja", "月〜金 8:30–17:15"),
            ("hours_en", "Mon–Fri 8:30–17:15"),
            ("address_ja", "ひなた県ひなた市中央一丁目1番1号"),
            ("address_en", "1-1-1 Chuo, Hinata City, Hinata"),
            ("web", "https://chuo.hinata.example/"),
        ]
        .map(|(name, text)| (name, text.to_owned()))
        .to_vec()
    }

    fn read(texts: &[(&'static str, String)]) -> Result<Particulars, Fault> {
        let find = |field| texts.iter().find(|(name, _)| *name == field);
        Particulars::read(|field| Ok(find(field).map(|(_, text)| text.clone())))
    }

    #[test]
    fn texts_are_read_as_they_are_written_and_named_as_the_record_names_them() {
        let particulars = read(&texts()).unwrap();
        let written: Vec<(&str, String)> = particulars
            .texts()
            .map(|(name, text)| (name, text.to_owned()))
            .collect();
        assert_eq!(written, texts());
        let names: Vec<&str> = particulars.texts().map(|(name, _)| name).collect();
        assert_eq!(names, Particulars::NAMES);
        let values = particulars.values();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        assert_eq!(Particulars::from_values(&values), Ok(particulars));
    }

    #[test]
    fn only_the_web_page_may_be_missing() {
        for at in 0..texts().len() {
            let mut less = texts();
            let (name, _) = less.remove(at);
            match read(&less) {
                Ok(particulars) => assert_eq!((name, particulars.web), ("web", None)),
                Err(fault) => {
                    assert_eq!(
                        (fault.field.as_str(), fault.code),
                        (name, FaultCode::MissingMember)
                    );
                }
            }
        }
    }

    /// What an adversary would like to see certified, field by field.
    #[test]
    fn nothing_that_turns_hides_or_forges_is_certified() {
        let long = "あ".repeat(10_000);
        let lies: &[(&str, &str, &str)] = &[
            ("name_ja", "ひなた\u{202E}病院", "U+202E as character 4"),
            ("name_en", "Chuo\u{200B} Hospital", "U+200B as character 5"),
            ("name_ja", &long, "10000 characters"),
            ("name_ja", "", "nothing"),
            ("name_ja", "神\u{E000}社", "U+E000 as character 2"),
            ("name_ja", " 病院", "a space at its beginning or end"),
            ("name_en", "Chuo\u{A0}Hospital", "U+00A0 as character 5"),
            (
                "name_en",
                "Cafe\u{301}",
                "another spelling of the same text",
            ),
            ("name_kana", "ひなた中央びょういん", "U+4E2D as character 4"),
            ("name_kana", "ヒナタ", "U+30D2 as character 1"),
            ("name_kana", "か\u{3099}っこう", "U+3099 as character 2"),
            ("telephone", "03-CALL-NOW", "no `+` before it"),
            (
                "telephone",
                "+81-55-OOO-1201",
                "something else than digits between hyphens",
            ),
            ("email", "Kojin@chuo.example", "`K` as character 1"),
            (
                "email",
                "a@chuo.example\nBcc: b@evil.example",
                "U+000A as character 15",
            ),
            ("hours_ja", "9:00\n17:00", "U+000A as character 5"),
            ("address_en", "1-1-1\u{2066} Chuo", "U+2066 as character 6"),
            (
                "web",
                "javascript:alert(1)",
                "another beginning than `https://`",
            ),
            (
                "web",
                "https://city.example@evil.example/",
                "`@` as character 21",
            ),
        ];
        for (field, lie, found) in lies {
            let mut bent = texts();
            let at = bent.iter().position(|(name, _)| name == field).unwrap();
            bent[at].1 = (*lie).to_owned();
            let fault = read(&bent).unwrap_err();
            assert_eq!(
                (fault.field.as_str(), fault.found.as_str()),
                (*field, *found)
            );
        }
    }
}
