//! What a ledger answers. What is known is read strictly; members a later version adds are left
//! alone (RFC 9457 section 3.2 asks for that in problems).

use akashi_proof::entry::{Entry, EntryError};
use akashi_proof::gate::CatchUp;
use akashi_proof::ids::{LeafIndex, LinkCode, Timestamp};
use akashi_proof::record::kind::Outcome;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::tlog_proof::{ProofRejected, TlogProof};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};

use crate::client::Response;

/// What a good answer is read into.
pub trait Answer: Sized {
    /// Reads it; `None` where no ledger answers so.
    fn read(response: &Response) -> Option<Self>;
}

/// A record, and the proof that the log holds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Recorded {
    /// Its log index.
    #[serde(deserialize_with = "index")]
    pub index: LeafIndex,
    /// Its proof, to be kept: it stands for ever.
    #[serde(deserialize_with = "proof")]
    pub proof: TlogProof,
}

/// A decision of any kind: permit, deny or ask.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Decision {
    /// The access's name, in `GET /v1/accesses/{id}`.
    pub id: String,
    /// What the requester is told.
    #[serde(deserialize_with = "outcome")]
    pub decision: Outcome,
    /// Stable codes.
    pub reasons: Vec<String>,
    /// What the requester must do, of a permit.
    #[serde(default)]
    pub duties: Vec<String>,
    /// Of a permit the end of its evidence, of an ask the end of waiting.
    #[serde(default, deserialize_with = "optional_time")]
    pub expires: Option<Timestamp>,
    /// The decision's record.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// The `.akashi-evidence` of a permit, to be handed to the holder as it is.
    pub evidence: Option<String>,
}

/// An access read again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReadAgain {
    /// The first answer, as it was given.
    #[serde(flatten)]
    pub first: Decision,
    /// Whether the person's phone has not rung yet because the institution asks too much: it waits
    /// on her page. The same of a refusal that looks like a question.
    pub delayed: bool,
    /// How the question to the person ended; `None` while it is open, and where nobody is asked.
    pub resolution: Option<Resolution>,
}

/// How a question to a person ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// She approved, and the new decision permits.
    Permitted(Box<Decision>),
    /// No permit came of it in time; why is not said.
    NotAvailable,
}

/// A link code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Issued {
    /// The institution's own code for the person.
    #[serde(deserialize_with = "link_code")]
    pub link_code: LinkCode,
    /// The link's record.
    #[serde(flatten)]
    pub recorded: Recorded,
}

/// Gates of a link in the log, not verified: [`Holder::catch_up`](crate::Holder::catch_up) is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gates(pub CatchUp);

/// A file of the public log, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File(pub Vec<u8>);

/// What a ledger says is wrong (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{title}{}", .detail.as_ref().map(|detail| format!(" {detail}")).unwrap_or_default())]
pub struct Problem {
    /// The address of its kind; the last segment is the stable code.
    pub r#type: String,
    /// The same in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Where, what was expected and what was found, in one sentence.
    pub detail: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// What was expected there.
    pub expected: Option<String>,
    /// What was found there.
    pub found: Option<String>,
    /// Log index of the refusal, where it is recorded.
    #[serde(default, deserialize_with = "optional_index")]
    pub index: Option<LeafIndex>,
}

/// Why a proof does not show what was answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    /// The log did not sign a tree with this entry in it.
    #[error(transparent)]
    Rejected(#[from] ProofRejected),
    /// What it proves is not an entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// It proves another record.
    #[error("expected a proof of record {expected}, found one of {found}")]
    OtherRecord {
        /// The record answered.
        expected: LeafIndex,
        /// The record proved.
        found: LeafIndex,
    },
}

impl Recorded {
    /// Checks that the log signed a tree that holds this record; returns its entry. Reads only.
    ///
    /// # Errors
    /// [`NotProved`]: the answer is worth nothing, whoever gave it.
    pub fn verify(&self, log: &LogKeys) -> Result<Entry, NotProved> {
        let (entry, inclusion) = self.proof.verify_extra(log, &[])?;
        let (expected, found) = (self.index, inclusion.index());
        if expected != found {
            return Err(NotProved::OtherRecord { expected, found });
        }
        Ok(Entry::parse(entry)?)
    }
}

impl Problem {
    /// The stable code.
    pub fn code(&self) -> &str {
        self.r#type.rsplit('/').next().unwrap_or_default()
    }
}

macro_rules! json_answers {
    ($($name:ident),*) => { $(
        impl Answer for $name {
            fn read(response: &Response) -> Option<Self> {
                json(response, "application/json")
            }
        }
    )* };
}

json_answers!(Recorded, Decision, ReadAgain, Issued);

impl Answer for Problem {
    fn read(response: &Response) -> Option<Self> {
        let problem: Self = json(response, "application/problem+json")?;
        (problem.status == response.status).then_some(problem)
    }
}

impl Answer for Gates {
    fn read(response: &Response) -> Option<Self> {
        let is_text = response.media_type.as_deref() == Some("text/plain");
        let read = || CatchUp::parse(&response.body).ok();
        is_text.then(read).flatten().map(Self)
    }
}

impl Answer for File {
    fn read(response: &Response) -> Option<Self> {
        Some(Self(response.body.clone()))
    }
}

fn json<T: DeserializeOwned>(response: &Response, media_type: &str) -> Option<T> {
    let body = || serde_json::from_slice(&response.body).ok();
    (response.media_type.as_deref() == Some(media_type))
        .then(body)
        .flatten()
}

impl<'de> Deserialize<'de> for Resolution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answered = serde_json::Value::deserialize(deserializer)?;
        let decision = answered.get("decision").and_then(|word| word.as_str());
        match decision.and_then(Outcome::parse) {
            Some(Outcome::Permit) => serde_json::from_value(answered)
                .map(|permit| Self::Permitted(Box::new(permit)))
                .map_err(D::Error::custom),
            Some(Outcome::Deny) => Ok(Self::NotAvailable),
            Some(Outcome::Ask) | None => Err(D::Error::custom("expected `permit` or `deny`")),
        }
    }
}

fn outcome<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Outcome, D::Error> {
    let word = String::deserialize(deserializer)?;
    Outcome::parse(&word).ok_or_else(|| D::Error::custom("expected `permit`, `deny` or `ask`"))
}

fn link_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LinkCode, D::Error> {
    LinkCode::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn proof<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TlogProof, D::Error> {
    TlogProof::parse(String::deserialize(deserializer)?.as_bytes()).map_err(D::Error::custom)
}

fn index<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LeafIndex, D::Error> {
    u64::deserialize(deserializer).map(LeafIndex::new)
}

fn optional_index<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<LeafIndex>, D::Error> {
    Option::<u64>::deserialize(deserializer).map(|index| index.map(LeafIndex::new))
}

fn optional_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    Option::<u64>::deserialize(deserializer).map(|time| time.map(Timestamp::from_millis))
}
