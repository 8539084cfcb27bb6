//! JSON of statements: UTF-8, whole numbers, every member once at every depth; then taken apart
//! member by member so that a fault names the member ([`Members`]), and written so that one value
//! has one spelling ([`Object`]).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::fault::{Fault, FaultCode};

/// A JSON value of the shapes statements use; of any other only what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A whole number from 0.
    Number(u64),
    /// The whole part of a number from 0 written with a fraction or an exponent; nothing where it
    /// is too large to be told exactly.
    Fraction(Option<u64>),
    /// A text.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, every member once.
    Object(BTreeMap<String, Json>),
    /// Something statements never hold, in words: a negative number, a truth value, null.
    Other(&'static str),
}

impl Json {
    /// What it is, without what it says: that may be personal.
    const fn shape(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Fraction(None) => "a number too large",
            Self::Fraction(Some(_)) => "a number with a fraction or an exponent",
            Self::Text(_) => "a text",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
            Self::Other(what) => what,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

const NEGATIVE: &str = "a negative number";
/// 2^53: from there on not every whole number is one a float can be.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with every member once")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other(NEGATIVE))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        if number.is_sign_negative() {
            return Ok(Json::Other(NEGATIVE));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the whole part is what is meant, and it fits"
        )]
        let whole = (number < EXACT_BELOW).then_some(number as u64);
        Ok(Json::Fraction(whole))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other("`true` or `false`"))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other("`null`"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Json::Object(object))
    }
}

/// The members of one object, taken one by one; what is left at the end is unknown.
pub struct Members {
    path: &'static str,
    members: BTreeMap<String, Json>,
}

impl Members {
    /// Reads the bytes of a whole JSON object. `path` prefixes the names of its members in faults.
    ///
    /// # Errors
    /// A [`Fault`] that names the member.
    pub fn parse(bytes: &[u8], path: &'static str) -> Result<Self, Fault> {
        let malformed = |found: String| {
            let field = if path.is_empty() { "claims" } else { path };
            Fault::new(
                FaultCode::MalformedClaims,
                field,
                "a JSON object in UTF-8, every member once",
                found,
            )
        };
        let text =
            std::str::from_utf8(bytes).map_err(|_| malformed("bytes that are not UTF-8".into()))?;
        match serde_json::from_str(text) {
            Ok(Json::Object(members)) => Ok(Self { path, members }),
            Ok(_) => Err(malformed("JSON that is not an object".into())),
            // serde_json names line and column and, of our own errors, the cause; it quotes no
            // values.
            Err(error) if error.is_data() => Err(malformed("a duplicate member".into())),
            Err(error) => Err(malformed(format!("an error at column {}", error.column()))),
        }
    }

    /// The members of a nested object.
    ///
    /// # Errors
    /// A [`Fault`] that names the member.
    pub fn nested(&mut self, name: &'static str, path: &'static str) -> Result<Self, Fault> {
        match self.members.remove(name) {
            Some(Json::Object(members)) => Ok(Self { path, members }),
            Some(other) => Err(self.fault(FaultCode::BadMember, name, "an object", other.shape())),
            None => Err(self.fault(FaultCode::MissingMember, name, "an object", "nothing")),
        }
    }

    /// As [`Self::nested`], where the member may be missing.
    ///
    /// # Errors
    /// As [`Self::nested`].
    pub fn optional_nested(
        &mut self,
        name: &'static str,
        path: &'static str,
    ) -> Result<Option<Self>, Fault> {
        let given = self.members.contains_key(name);
        given.then(|| self.nested(name, path)).transpose()
    }

    /// A text read into its type; the type's own error says what was expected.
    ///
    /// # Errors
    /// A [`Fault`] that names the member.
    pub fn text<T, E: fmt::Display>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, Fault> {
        self.optional_text(name, read)?
            .ok_or_else(|| self.fault(FaultCode::MissingMember, name, "a text", "nothing"))
    }

    /// As [`Self::text`], where the member may be missing.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn optional_text<T, E: fmt::Display>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Fault> {
        match self.members.remove(name) {
            None => Ok(None),
            Some(Json::Text(text)) => match read(&text) {
                Ok(value) => Ok(Some(value)),
                Err(error) => {
                    let expected = error.to_string();
                    let expected = expected.strip_prefix("expected ").unwrap_or(&expected);
                    Err(self.fault(FaultCode::BadMember, name, expected, &shape(&text)))
                }
            },
            Some(other) => Err(self.fault(FaultCode::BadMember, name, "a text", other.shape())),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// A [`Fault`] that names the member.
    pub fn number(&mut self, name: &str) -> Result<u64, Fault> {
        self.optional_number(name)?
            .ok_or_else(|| self.fault(FaultCode::MissingMember, name, "a whole number", "nothing"))
    }

    /// As [`Self::number`], where the member may be missing.
    ///
    /// # Errors
    /// As [`Self::number`].
    pub fn optional_number(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        match self.members.remove(name) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(Some(number)),
            Some(other) => Err(self.fault(
                FaultCode::BadMember,
                name,
                "a whole number from 0",
                other.shape(),
            )),
        }
    }

    /// Seconds since 1970 as [RFC 7519 section 2] writes them: a number that may have a fraction,
    /// which is left out. Nothing where the member is missing.
    ///
    /// # Errors
    /// A [`Fault`] that names the member.
    ///
    /// [RFC 7519 section 2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
    pub fn optional_numeric_date(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        if let Some(Json::Fraction(Some(whole))) = self.members.get(name) {
            let whole = *whole;
            self.members.remove(name);
            return Ok(Some(whole));
        }
        self.optional_number(name)
    }

    /// A text that may as well be the only one of a list.
    pub fn only_text<T, E: fmt::Display>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, Fault> {
        if let Some(Json::Array(items)) = self.members.get_mut(name)
            && items.len() == 1
            && let Some(only) = items.pop()
        {
            self.members.insert(name.to_owned(), only);
        }
        self.text(name, read)
    }

    /// Takes a member away, whatever it says.
    pub fn ignore(&mut self, name: &str) {
        self.members.remove(name);
    }

    /// A list of texts, at least one and at most `most`, none twice.
    ///
    /// # Errors
    /// A [`Fault`] that names the member.
    pub fn texts<T: Ord, E: fmt::Display>(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<T>, Fault> {
        let expected = format!("a list of 1 to {most} texts, none twice");
        let items = match self.members.remove(name) {
            Some(Json::Array(items)) => items,
            Some(other) => {
                return Err(self.fault(FaultCode::BadMember, name, &expected, other.shape()));
            }
            None => return Err(self.fault(FaultCode::MissingMember, name, &expected, "nothing")),
        };
        if items.is_empty() || items.len() > most {
            return Err(self.fault(
                FaultCode::BadMember,
                name,
                &expected,
                &format!("{} items", items.len()),
            ));
        }
        let mut values = Vec::with_capacity(items.len());
        for item in &items {
            let Json::Text(text) = item else {
                return Err(self.fault(
                    FaultCode::BadMember,
                    name,
                    &expected,
                    "an item that is no text",
                ));
            };
            let value = read(text).map_err(|error| {
                self.fault(FaultCode::BadMember, name, &error.to_string(), &shape(text))
            })?;
            if values.contains(&value) {
                return Err(self.fault(FaultCode::BadMember, name, &expected, "an item twice"));
            }
            values.push(value);
        }
        Ok(values)
    }

    /// Refuses whatever was not taken.
    ///
    /// # Errors
    /// A [`Fault`] that names the first that is left.
    pub fn finish(self) -> Result<(), Fault> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name)
                if name.len() <= 64
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') =>
            {
                Err(self.fault(FaultCode::UnknownMember, name, "no such member", "one"))
            }
            Some(_) => Err(self.fault(
                FaultCode::UnknownMember,
                "claims",
                "known members only",
                "another one",
            )),
        }
    }

    fn fault(&self, code: FaultCode, name: &str, expected: &str, found: &str) -> Fault {
        let field = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        Fault::new(code, &field, expected, found)
    }
}

/// The members of an object as it is written: sorted by name, no space between them, texts with the
/// fewest escapes. One value has one spelling, that of [RFC 8785] (JCS) for the shapes statements
/// use; names are ASCII, so that the order of bytes is the order JCS asks for.
///
/// [RFC 8785]: https://www.rfc-editor.org/rfc/rfc8785
#[derive(Clone, Debug, Default)]
pub struct Object(BTreeMap<&'static str, Member>);

#[derive(Clone, Debug)]
enum Member {
    Number(u64),
    Text(String),
    Texts(Vec<String>),
    Object(Object),
}

impl Object {
    /// A text.
    pub fn text(&mut self, name: &'static str, text: impl fmt::Display) {
        self.0.insert(name, Member::Text(text.to_string()));
    }

    /// A text, or no member at all.
    pub fn optional_text(&mut self, name: &'static str, text: Option<impl fmt::Display>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A whole number.
    pub fn number(&mut self, name: &'static str, number: u64) {
        self.0.insert(name, Member::Number(number));
    }

    /// A whole number, or no member at all.
    pub fn optional_number(&mut self, name: &'static str, number: Option<u64>) {
        if let Some(number) = number {
            self.number(name, number);
        }
    }

    /// A list of texts, in this order.
    pub fn texts(
        &mut self,
        name: &'static str,
        texts: impl IntoIterator<Item = impl fmt::Display>,
    ) {
        let texts = texts.into_iter().map(|text| text.to_string()).collect();
        self.0.insert(name, Member::Texts(texts));
    }

    /// A nested object.
    pub fn nested(&mut self, name: &'static str, object: Self) {
        self.0.insert(name, Member::Object(object));
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (place, (name, member)) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { "," })?;
            write_text(f, name)?;
            write!(f, ":{member}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_text(f, text),
            Self::Object(object) => write!(f, "{object}"),
            Self::Texts(texts) => {
                f.write_str("[")?;
                for (place, text) in texts.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { "," })?;
                    write_text(f, text)?;
                }
                f.write_str("]")
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

/// Describes a text without repeating it: it may be personal.
fn shape(text: &str) -> String {
    format!("a text of {} characters", text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RoleCode;

    fn members(text: &str) -> Result<Members, Fault> {
        Members::parse(text.as_bytes(), "")
    }

    #[test]
    fn an_object_is_written_in_one_spelling() {
        let mut nested = Object::default();
        nested.text("kind", "x");
        let mut object = Object::default();
        object.nested("z", nested);
        object.texts("list", ["b", "a"]);
        object.text("a", "\"é\u{1}\n/\u{20ac}");
        object.optional_text("none", None::<&str>);
        object.number("n", u64::MAX);
        assert_eq!(
            object.to_string(),
            r#"{"a":"\"é\u0001\n/€","list":["b","a"],"n":18446744073709551615,"z":{"kind":"x"}}"#
        );
        assert!(Members::parse(object.to_string().as_bytes(), "").is_ok());
    }

    #[test]
    fn duplicates_are_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":1}]}"#,
        ] {
            assert_eq!(
                members(text).err().unwrap().found,
                "a duplicate member",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            "[]",
            "7",
            "null",
            r#"{"a":1}{"#,
            r#"{"a":1} x"#,
            "{\"a\":1",
        ] {
            assert_eq!(
                members(text).err().unwrap().code,
                FaultCode::MalformedClaims,
                "{text}"
            );
        }
        assert!(Members::parse(&[b'{', b'"', 0xFF, b'"', b':', b'1', b'}'], "").is_err());
        assert!(
            members(&("[".repeat(10_000) + "{")).is_err(),
            "depth is bounded"
        );
    }

    #[test]
    fn faults_name_the_member_and_never_its_value() {
        let mut m = members(r#"{"role":"Yamada Hanako","iat":1.5,"n":-1,"x":1}"#).unwrap();
        let fault = m.text("role", RoleCode::parse).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`role`: expected 1 to 64 of a-z 0-9 . - _ beginning with a letter, found a text of 13 characters"
        );
        assert_eq!(
            m.number("iat").unwrap_err().found,
            "a number with a fraction or an exponent"
        );
        assert_eq!(m.number("n").unwrap_err().found, "a negative number");
        assert_eq!(
            m.number("missing").unwrap_err().code,
            FaultCode::MissingMember
        );
        assert_eq!(m.finish().unwrap_err().field, "x");
    }

    #[test]
    fn what_is_found_is_what_was_sent_and_no_number_made_of_it() {
        for (sent, found) in [
            ("1e300", "a number too large"),
            ("9007199254740992.0", "a number too large"),
            ("18446744073709551616", "a number too large"),
            ("1.5", "a number with a fraction or an exponent"),
            ("-1", "a negative number"),
            ("-0.0", "a negative number"),
            ("-1e300", "a negative number"),
            (r#""1""#, "a text"),
            ("[1]", "a list"),
            ("{}", "an object"),
            ("true", "`true` or `false`"),
            ("null", "`null`"),
        ] {
            let text = format!(r#"{{"n":{sent}}}"#);
            let fault = members(&text).unwrap().number("n").unwrap_err();
            assert_eq!((fault.found.as_str(), fault.field.as_str()), (found, "n"));
        }
        let date = |sent: &str| {
            let text = format!(r#"{{"iat":{sent}}}"#);
            members(&text).unwrap().optional_numeric_date("iat")
        };
        assert_eq!(date("1780272000.75"), Ok(Some(1_780_272_000)));
        assert_eq!(date("1e300").unwrap_err().found, "a number too large");
        assert_eq!(date("253402300800.5"), Ok(Some(253_402_300_800)));
    }
}
