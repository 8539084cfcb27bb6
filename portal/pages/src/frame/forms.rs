//! What was typed into a form, and what is wrong with it.

use akashi_desk::app::SharedApp;
use akashi_proof::digest::Digest;
use akashi_proof::record::value::Set;
use axum::extract::{FromRequest, Request};
use axum::http::Uri;

use crate::frame::csrf::{self, Token};
use crate::frame::error::PageError;
use crate::frame::visit::Visit;

/// Longest form: the longest page of ours sends a few hundred bytes.
pub(crate) const FORM_LEN_MAX: usize = 16 * 1024;

/// Names and values, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Of a query string; one that cannot be read is empty.
    pub fn of_query(query: &str) -> Self {
        let pairs = Uri::builder()
            .path_and_query(format!("/?{query}"))
            .build()
            .ok();
        let pairs = pairs
            .and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
        Self(pairs.map(|pairs| pairs.0).unwrap_or_default())
    }

    /// Of a form's body; one that is no text is empty.
    pub(crate) fn of_form(body: &[u8]) -> Self {
        std::str::from_utf8(body).map_or_else(|_| Self::default(), Self::of_query)
    }

    /// Names and values, in the order they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Bytes of all names and values.
    pub(crate) fn len(&self) -> usize {
        self.iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    }

    /// The first value of a name; an empty one counts as none.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a name that can be read; what cannot is as if it were not there.
    pub(crate) fn read_all<T: Ord>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Set<T> {
        Set::new(self.all(name).filter_map(read))
    }

    /// The words that were on the screen, by the digest the form carries; any other text is of
    /// none.
    pub(crate) fn seen(&self) -> Option<Digest> {
        self.first("wording").and_then(Digest::from_base64url)
    }

    /// With one more name and value.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without this name.
    pub(crate) fn minus(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self
    }

    /// As a query with this one name set to one value.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let kept = self.0.iter().filter(|(key, _)| key != name);
        let pairs = kept
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .chain([(name, value)]);
        query(pairs)
    }

    /// As a query without this name.
    pub(crate) fn without(&self, name: &str) -> String {
        query(
            self.0
                .iter()
                .filter(|(key, _)| key != name)
                .map(|(key, value)| (key.as_str(), value.as_str())),
        )
    }
}

fn query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("{}={}", escape(key), escape(value)))
        .collect();
    format!("?{}", pairs.join("&"))
}

/// Percent-encodes everything but unreserved characters ([RFC 3986 section 2.3]).
///
/// [RFC 3986 section 2.3]: https://www.rfc-editor.org/rfc/rfc3986#section-2.3
fn escape(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escaped).collect()
}

/// A form of a page of ours: the session's token was in it, and no browser says that it came from
/// elsewhere.
pub(crate) struct Posted {
    pub(crate) visit: Visit,
    pub(crate) fields: Fields,
}

impl FromRequest<SharedApp> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, PageError> {
        use axum::RequestExt;
        let mut request = request;
        let visit = request.extract_parts_with_state::<Visit, _>(app).await?;
        if !csrf::is_same_origin(request.headers(), &app.site.url) {
            return Err(PageError::Forged);
        }
        let is_form = request.headers().get("content-type").is_some_and(|value| {
            value.to_str().is_ok_and(|value| {
                value
                    .to_ascii_lowercase()
                    .starts_with("application/x-www-form-urlencoded")
            })
        });
        if !is_form {
            return Err(PageError::Forged);
        }
        let body = axum::body::to_bytes(request.into_body(), FORM_LEN_MAX)
            .await
            .map_err(|_| PageError::TooLarge)?;
        let fields = Fields::of_query(std::str::from_utf8(&body).map_err(|_| PageError::Forged)?);
        check(&visit, &fields)?;
        Ok(Self { visit, fields })
    }
}

/// Whether a form is of a page of this session. One of hers from before is no attack - her session
/// had ended, or another tab has begun another - and is asked for again.
fn check(visit: &Visit, fields: &Fields) -> Result<(), PageError> {
    let session = visit.session()?;
    let key = &visit.app.form_key;
    let token = fields.first(csrf::FIELD);
    let token = token.and_then(|sent| Token::parse(key, sent));
    let token = token.ok_or(PageError::Forged)?;
    if token.is_of(session) {
        return Ok(());
    }
    // She has signed in since, in another tab: where anybody may be, the page says so. What is hers
    // is never done with a page of somebody who was not known yet.
    let from_before =
        session.level() > 0 && !visit.path().starts_with("/me") && token.is_a_visitors(key);
    if token.is_hers(key, session) || from_before {
        return Err(PageError::Stale);
    }
    Err(PageError::Forged)
}

/// An entry of a list to choose from.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) is_chosen: bool,
}

/// What is wrong with a form, in words, by field.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<(&'static str, String)>);

impl Mistakes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn one(field: &'static str, what: impl Into<String>) -> Self {
        Self(vec![(field, what.into())])
    }

    /// Each by its field, as a page says it.
    pub(crate) fn all(said: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let said = said.into_iter();
        Self(said.map(|(field, what)| (field, what.to_owned())).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Of one field, the first.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, what)| what.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(&'static str, String)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_through_a_query() {
        let fields = Fields::of_query("a=%E8%A8%BC&b=1&b=2&empty=&q=a%26b+c");
        assert_eq!(
            (fields.first("a"), fields.first("q"), fields.first("empty")),
            (Some("証"), Some("a&b c"), None)
        );
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["1", "2"]);
        let again = fields.with("b", "3");
        assert_eq!(again, "?a=%E8%A8%BC&empty=&q=a%26b%20c&b=3");
        assert_eq!(Fields::of_query(&again[1..]).first("q"), Some("a&b c"));
        assert_eq!(fields.without("q"), "?a=%E8%A8%BC&b=1&b=2&empty=");
    }

    /// So that no form can forget to say in its title, and at its beginning, that it has mistakes.
    #[test]
    fn whatever_shows_a_mistake_is_a_form() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let mut forms = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let template = std::fs::read_to_string(&path).unwrap();
            if !template.contains("shell.mistake(") {
                continue;
            }
            forms += 1;
            let is_form = template.starts_with("{% extends \"form.html\" %}\n{% block form %}");
            assert!(is_form, "{path:?} extends form.html");
        }
        assert!(forms > 8, "{forms}");
    }

    #[test]
    fn what_cannot_be_read_is_empty() {
        for bad in ["%", "a=%zz", "a=%ff", "\u{7f} x"] {
            let fields = Fields::of_query(bad);
            assert!(fields.first("b").is_none(), "{bad}");
        }
    }
}
