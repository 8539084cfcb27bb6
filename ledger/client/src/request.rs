//! A request, signed and ready to be sent any number of times.

use std::fmt;
use std::marker::PhantomData;

use akashi_proof::digest::Secret;
use akashi_proof::statement::header::{EVIDENCE_KEY, MEDIA_TYPE};
use akashi_tlog::base64;

use crate::answer::Recorded;

/// What is sent: the same bytes every time. `Debug` shows no header and no body: secrets are handed
/// over in them.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// A message, and what type of answer it gets.
pub struct Request<A> {
    message: Message,
    repeatable: bool,
    answer: PhantomData<fn() -> A>,
}

impl Message {
    /// The HTTP method.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// The path and query, from the first `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The body; empty of a read.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl<A> Request<A> {
    /// A public file, or anything else that asks for no signature.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            message: Message {
                method: "GET",
                path: path.into(),
                headers: Vec::new(),
                body: Vec::new(),
            },
            repeatable: true,
            answer: PhantomData,
        }
    }

    /// A read under a bearer token (RFC 6750), which is good once.
    pub(crate) fn read(path: &str, token: &str) -> Self {
        let mut request = Self::get(path);
        let token = ("authorization", format!("Bearer {token}"));
        request.message.headers.push(token);
        request.repeatable = false;
        request
    }

    /// A statement, with what is handed over beside it. Sent again, the same statement gets the
    /// same answer and does nothing twice.
    pub(crate) fn post(
        path: &str,
        statement: String,
        beside: Option<(&'static str, String)>,
    ) -> Self {
        let mut request = Self::get(path);
        let media_type = ("content-type", MEDIA_TYPE.to_owned());
        request.message.method = "POST";
        request.message.headers.push(media_type);
        request.message.headers.extend(beside);
        request.message.body = statement.into_bytes();
        request
    }

    /// What is sent.
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// Whether it may be sent again as it is. A read under a token may not: it is signed anew.
    pub const fn is_repeatable(&self) -> bool {
        self.repeatable
    }
}

impl Request<Recorded> {
    /// An act in the statements of everybody who signs it, with the evidence key it registers, if
    /// it registers one.
    pub fn act(statements: &[String], evidence_key: Option<&Secret>) -> Self {
        let key = |key: &Secret| (EVIDENCE_KEY, base64::url::encode(key.expose()));
        Self::post("/v1/acts", statements.join("\n"), evidence_key.map(key))
    }
}

impl<A> Clone for Request<A> {
    fn clone(&self) -> Self {
        Self {
            message: self.message.clone(),
            ..*self
        }
    }
}

impl<A> fmt::Debug for Request<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}
