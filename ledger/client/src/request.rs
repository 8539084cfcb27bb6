//! A request, signed and ready to be sent any number of times.

use std::fmt;
use std::marker::PhantomData;

use akashi_proof::digest::Secret;
use akashi_proof::ids::Timestamp;
use akashi_proof::statement::header::{EVIDENCE_KEY, MEDIA_TYPE};
use akashi_tlog::base64;

use crate::answer::Recorded;
use crate::institution::{Institution, Stamp};

/// What is sent: the same statement every time. `Debug` shows no header and no body: secrets are
/// handed over in them.
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
    again: Option<Again>,
    answer: PhantomData<fn() -> A>,
}

/// Who shows, where a statement is sent again, that it is its signer who asks.
#[derive(Clone, Debug)]
struct Again {
    signer: Institution,
    /// When the statement was signed: a token signed then is good as long as the statement is
    /// fresh, which all tries of one sending are within.
    now: Timestamp,
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

impl Message {
    /// Shows a bearer token (RFC 6750).
    fn show(&mut self, token: &str) {
        let token = ("authorization", format!("Bearer {token}"));
        self.headers.push(token);
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
            again: None,
            answer: PhantomData,
        }
    }

    /// A read under a bearer token (RFC 6750), which is good once.
    pub(crate) fn read(path: &str, token: &str) -> Self {
        let mut request = Self::get(path);
        request.message.show(token);
        request.repeatable = false;
        request
    }

    /// A statement, with what is handed over beside it. Sent again, the same statement gets the
    /// same answer and does nothing twice; the answer is its signer's, so there is no request
    /// without saying who shows that: the signer, and when it signed. `None` only where no signer
    /// is here.
    pub(crate) fn post(
        path: &str,
        statement: String,
        beside: Option<(&'static str, String)>,
        signer: Option<(&Institution, Timestamp)>,
    ) -> Self {
        let mut request = Self::get(path);
        let media_type = ("content-type", MEDIA_TYPE.to_owned());
        request.message.method = "POST";
        request.message.headers.push(media_type);
        request.message.headers.extend(beside);
        request.message.body = statement.into_bytes();
        request.again = signer.map(|(signer, now)| Again {
            signer: signer.clone(),
            now,
        });
        request
    }

    /// The same with this token, which is good once: so it is sent once.
    pub(crate) fn showing(&self, token: &str) -> Self {
        let mut request = self.clone();
        request.message.show(token);
        request.repeatable = false;
        request
    }

    /// What is sent when it is not known whether the message arrived: the same bytes, and beside a
    /// statement a token that was never used. Signed bytes are public things, so a ledger gives
    /// the answer to who shows one, also at another address than the first. Without randomness
    /// for it the message as it was, which is answered at the same address.
    pub fn message_again(&self) -> Message {
        let mut message = self.message.clone();
        let token = self.again.as_ref().and_then(|Again { signer, now }| {
            let stamp = Stamp::draw(*now).ok()?;
            signer.token(stamp, message.method, &message.path).ok()
        });
        if let Some(token) = token {
            message.show(&token);
        }
        message
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
    /// it registers one; `signer` is one of them, and when it signed. Where none of them is here,
    /// an act sent again has its answer only at the address it was sent from first.
    pub fn act(
        statements: &[String],
        evidence_key: Option<&Secret>,
        signer: Option<(&Institution, Timestamp)>,
    ) -> Self {
        let key = |key: &Secret| (EVIDENCE_KEY, base64::url::encode(key.expose()));
        let (body, key) = (statements.join("\n"), evidence_key.map(key));
        Self::post("/v1/acts", body, key, signer)
    }
}

impl<A> Clone for Request<A> {
    fn clone(&self) -> Self {
        Self {
            message: self.message.clone(),
            repeatable: self.repeatable,
            again: self.again.clone(),
            answer: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Request<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}
