//! What an SMS gateway says: the replies and delivery reports it posts, the answer in which it
//! names a message it took.
//!
//! There is no standard for any of them. What is read here is what gateways really send, as a form
//! or as JSON, under the names that each of them gives the same things:
//!
//! | what | names, as they are compared: lower case, without `-`, `_` and spaces |
//! |---|---|
//! | the message | `messagesid`, `smssid`, `messageuuid`, `messageid`, `id`, `clientref`, ... |
//! | whom it was for | `to`, `recipient`, `msisdn`, `destination`, ... as a number |
//! | what became of it | `messagestatus`, `smsstatus`, `status`, ... as a word or `{"name": ...}` |
//! | who replied | `from`, `msisdn`, `originator`, `sender` |
//! | the reply | `text`, `body`, `content`, `message`, `payload` |
//!
//! Members that are not asked for are not looked at. A word for a state that is not known here is
//! no state: nothing is ever guessed to have arrived.

use akashi_proof::digest::Digest;
use akashi_proof::record::kind::Arrival;
use serde_json::{Map, Value};

use crate::address::Phone;
use crate::limits::POSTED_AT_ONCE_MAX;

/// Members looked at of each: gateways send up to twenty.
const MEMBERS_MAX: usize = 64;
/// Longest identifier a gateway gives a message, in bytes: a UUID has 36, some put a country and a
/// day before it.
const ID_LEN_MAX: usize = 128;

/// A gateway's own identifiers come first: those who repeat ours, too, name the message by both.
const MESSAGE_IDS: [&str; 10] = [
    "messagesid",
    "smssid",
    "sid",
    "messageuuid",
    "messageid",
    "id",
    "clientref",
    "clientreference",
    "reference",
    "externalid",
];
const STATES: [&str; 6] = [
    "messagestatus",
    "smsstatus",
    "deliverystatus",
    "dlrstatus",
    "status",
    "state",
];
/// Of a report. Some have our own sender under `to` and the phone under another: what is no number
/// of a phone says nothing, and all that are named may be meant.
const RECIPIENTS: [&str; 6] = [
    "to",
    "recipient",
    "msisdn",
    "destination",
    "phonenumber",
    "number",
];
const SENDERS: [&str; 4] = ["from", "msisdn", "originator", "sender"];
const TEXTS: [&str; 5] = ["text", "body", "content", "message", "payload"];
/// Where a gateway that speaks of several at once has their list.
const LISTS: [&str; 3] = ["results", "reports", "messages"];

/// How a gateway writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

/// One message a gateway speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Names as they are compared, and what stands there.
    members: Vec<(String, String)>,
}

/// A message's identifier in somebody's words, as it is kept: only whoever knows it finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(Digest);

impl MessageId {
    /// Of this text; `None` of one that names nothing.
    pub fn of(text: &str) -> Option<Self> {
        let fits = (1..=ID_LEN_MAX).contains(&text.len());
        fits.then(|| Self(Digest::of(&[b"akashi/message-id/v1", text.as_bytes()])))
    }

    pub(crate) const fn from_digest(digest: Digest) -> Self {
        Self(digest)
    }

    pub(crate) const fn digest(&self) -> &Digest {
        &self.0
    }
}

/// What a gateway says has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// This is the end of it.
    Ended(Arrival),
    /// It is on its way.
    Between,
    /// A word that is not known here.
    Unknown,
}

/// A report on one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By what names the message is known, at least one.
    pub ids: Vec<MessageId>,
    /// The phones it may have been for, where it says so.
    pub to: Vec<Phone>,
    /// What became of it.
    pub said: Said,
}

impl Posted {
    /// Reads what a gateway posted. `None` of what is neither a form nor an object or a list of at
    /// most `POSTED_AT_ONCE_MAX` objects (`limits.rs`).
    pub fn read(writing: Writing, body: &[u8]) -> Option<Vec<Self>> {
        match writing {
            Writing::Form => {
                let members = form_urlencoded::parse(body).take(MEMBERS_MAX);
                let members = members.map(|(name, text)| (compared(&name), text.into_owned()));
                let members: Vec<_> = members.collect();
                (!members.is_empty()).then(|| vec![Self { members }])
            }
            Writing::Json => {
                let value: Value = serde_json::from_slice(body).ok()?;
                let objects = objects(&value)?;
                let is_within = objects.len() <= POSTED_AT_ONCE_MAX;
                is_within.then(|| objects.into_iter().map(Self::of_object).collect())
            }
        }
    }

    fn of_object(object: &Map<String, Value>) -> Self {
        let members = object.iter().take(MEMBERS_MAX);
        let members = members.filter_map(|(name, value)| Some((compared(name), text(value)?)));
        Self {
            members: members.collect(),
        }
    }

    /// Who sent a reply, as the gateway writes it.
    pub fn sender(&self) -> Option<&str> {
        self.first(&SENDERS)
    }

    /// What a reply says.
    pub fn text(&self) -> Option<&str> {
        self.first(&TEXTS)
    }

    /// What it reports; `None` where no message is named, or no state.
    pub fn report(&self) -> Option<Report> {
        let said = said(self.first(&STATES)?);
        let ids: Vec<MessageId> = self.ids().collect();
        let to = RECIPIENTS.iter().filter_map(|name| self.first(&[name]));
        let to = to.filter_map(|number| Phone::parse(number).ok()).collect();
        (!ids.is_empty()).then_some(Report { ids, to, said })
    }

    fn ids(&self) -> impl Iterator<Item = MessageId> {
        let named = MESSAGE_IDS.iter().filter_map(|name| self.first(&[name]));
        named.filter_map(MessageId::of)
    }

    /// What stands under the first of these names that is there.
    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let mut members = self.members.iter();
            let found = members.find(|(known, _)| known == name);
            found.map(|(_, text)| text.as_str())
        })
    }
}

/// What a gateway calls the message it took, from the body of its answer.
pub(crate) fn id_in_answer(body: &[u8]) -> Option<MessageId> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let object = objects(&value)?.into_iter().next()?;
    Posted::of_object(object).ids().next()
}

/// The objects a gateway writes: one, a list of them, or a list inside one.
fn objects(value: &Value) -> Option<Vec<&Map<String, Value>>> {
    match value {
        Value::Array(list) => list.iter().map(Value::as_object).collect(),
        Value::Object(object) => {
            let mut members = object.iter();
            let list = members.find_map(|(name, value)| {
                let list = value.as_array()?;
                let is_one = LISTS.contains(&compared(name).as_str());
                (is_one && list.first().is_some_and(Value::is_object)).then_some(list)
            });
            match list {
                Some(list) => list.iter().map(Value::as_object).collect(),
                None => Some(vec![object]),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A name or word as they are compared: `Message-Sid`, `message_sid` and `MessageSid` are one.
fn compared(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// A member's text: a number as it is written, of a list its first, of a state its name.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) => list.first()?.as_str().map(str::to_owned),
        Value::Object(state) => {
            let name = state.get("name").or_else(|| state.get("groupName"))?;
            name.as_str().map(str::to_owned)
        }
        Value::Null | Value::Bool(_) => None,
    }
}

/// What a state's word says. Words with more behind them, as `UNDELIVERABLE_NOT_DELIVERED`, are
/// told by their beginning - but a message the operator has is not on the phone.
fn said(word: &str) -> Said {
    let word = compared(word);
    match word.as_str() {
        "delivered" | "delivrd" | "deliveredtohandset" | "deliveredtoterminal" | "read" => {
            Said::Ended(Arrival::Delivered)
        }
        "undelivered" | "undeliv" | "failed" | "deliveryfailed" | "notdelivered" | "deleted"
        | "aborted" | "canceled" | "cancelled" => Said::Ended(Arrival::Undelivered),
        "accepted"
        | "acceptd"
        | "queued"
        | "scheduled"
        | "buffered"
        | "sending"
        | "sent"
        | "submitted"
        | "enroute"
        | "dispatched"
        | "deliveredtooperator"
        | "deliveredtonetwork"
        | "unknown" => Said::Between,
        _ if word.starts_with("undeliverable") => Said::Ended(Arrival::Undelivered),
        _ if word.starts_with("expired") => Said::Ended(Arrival::Expired),
        _ if word.starts_with("rejected") || word == "rejectd" => Said::Ended(Arrival::Rejected),
        _ if word.starts_with("pending") => Said::Between,
        _ => Said::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(writing: Writing, body: &str) -> Vec<Option<Report>> {
        let posted = Posted::read(writing, body.as_bytes()).unwrap();
        posted.iter().map(Posted::report).collect()
    }

    fn report(id: &str, to: &[&str], said: Said) -> Option<Report> {
        let ids = vec![MessageId::of(id).unwrap()];
        let to = to.iter().map(|to| Phone::parse(to).unwrap()).collect();
        Some(Report { ids, to, said })
    }

    #[test]
    fn a_report_is_read_as_gateways_really_post_it() {
        use Writing::{Form, Json};
        let (delivered, undelivered) = (
            Said::Ended(Arrival::Delivered),
            Said::Ended(Arrival::Undelivered),
        );
        for (writing, body, id, said) in [
            (
                Form,
                "AccountSid=AC1&MessageSid=SM9&MessageStatus=delivered&To=%2B819012345678",
                "SM9",
                delivered,
            ),
            (
                Form,
                "MessageSid=SM9&MessageStatus=undelivered&ErrorCode=30003",
                "SM9",
                undelivered,
            ),
            (Form, "SmsSid=SM9&SmsStatus=sent", "SM9", Said::Between),
            (
                Form,
                "MessageUUID=u-1&Status=rejected&ErrorCode=950",
                "u-1",
                Said::Ended(Arrival::Rejected),
            ),
            (
                Form,
                "id=77&status=delivery_failed&recipient=819012345678",
                "77",
                undelivered,
            ),
            (
                Json,
                r#"{"err-code":"0","messageId":"0B00000127FDBC63","msisdn":"819012345678","status":"delivered"}"#,
                "0B00000127FDBC63",
                delivered,
            ),
            (
                Json,
                r#"{"messageId":"0B","status":"expired"}"#,
                "0B",
                Said::Ended(Arrival::Expired),
            ),
            (
                Json,
                r#"{"message_uuid":"aaaa","status":"undeliverable"}"#,
                "aaaa",
                undelivered,
            ),
            (
                Json,
                r#"{"results":[{"messageId":"7","status":{"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET"}}]}"#,
                "7",
                delivered,
            ),
            (
                Json,
                r#"{"results":[{"messageId":"7","status":{"groupName":"DELIVERED","name":"DELIVERED_TO_OPERATOR"}}]}"#,
                "7",
                Said::Between,
            ),
            (
                Json,
                r#"{"results":[{"messageId":"7","status":{"name":"UNDELIVERABLE_NOT_DELIVERED"}}]}"#,
                "7",
                undelivered,
            ),
            (
                Json,
                r#"[{"id":12345678901234567890,"state":"EXPIRED_EXPIRED"}]"#,
                "12345678901234567890",
                Said::Ended(Arrival::Expired),
            ),
            (
                Json,
                r#"{"id":"x","status":"a word nobody knows"}"#,
                "x",
                Said::Unknown,
            ),
        ] {
            let to: &[&str] = if body.contains("819012345678") {
                &["+819012345678"]
            } else {
                &[]
            };
            assert_eq!(reports(writing, body), [report(id, to, said)], "{body}");
        }
    }

    #[test]
    fn whom_an_sms_was_for_is_read_where_it_is_the_number_of_a_phone() {
        let phones = |body: &str| {
            let report = reports(Writing::Json, body).pop().flatten().unwrap();
            let phones = report.to.iter().map(|phone| phone.as_e164().to_owned());
            phones.collect::<Vec<_>>()
        };
        // One gateway has its sender under `to`, and the phone under `msisdn`.
        let other = r#"{"id":"1","status":"read","to":"Akashi","msisdn":"819012345678"}"#;
        assert_eq!(phones(other), ["+819012345678"]);
        let two = r#"{"id":"1","status":"read","to":"07011112222","recipient":819012345678}"#;
        assert_eq!(phones(two), ["+817011112222", "+819012345678"]);
        for none in [
            r#"{"id":"1","status":"read"}"#,
            r#"{"id":"1","status":"read","to":"+12025550123","number":"7"}"#,
        ] {
            assert!(phones(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn no_word_but_a_gateway_s_own_for_it_says_that_a_message_arrived() {
        for word in [
            "",
            "ok",
            "0",
            "200",
            "success",
            "delivered?",
            "not delivered",
            "deliveredtooperator",
            "DELIVERED_TO_NETWORK",
            "undelivered",
            "de\u{301}livered",
            "ｄelivered",
        ] {
            assert_ne!(said(word), Said::Ended(Arrival::Delivered), "{word}");
        }
    }

    #[test]
    fn a_report_that_names_nothing_is_none() {
        let long = "x".repeat(ID_LEN_MAX + 1);
        let too_long = format!("id={long}&status=delivered");
        for body in [
            "status=delivered",
            "id=&status=delivered",
            "id=1",
            "x=y",
            &too_long,
        ] {
            assert_eq!(reports(Writing::Form, body), [None], "{body}");
        }
        for body in ["", "null", "7", "\"x\"", "[1]", "[{},7]", "{"] {
            assert_eq!(Posted::read(Writing::Json, body.as_bytes()), None, "{body}");
        }
        assert_eq!(Posted::read(Writing::Form, b""), None);
    }

    #[test]
    fn all_reports_of_a_request_are_read_or_none_is() {
        let of = |count: usize| {
            let one = r#"{"id":"1","state":"read"}"#;
            format!("[{}]", vec![one; count].join(","))
        };
        let all = of(POSTED_AT_ONCE_MAX);
        assert_eq!(reports(Writing::Json, &all).len(), POSTED_AT_ONCE_MAX);
        assert!(all.len() > 16 * 1_024, "more than one body brings");
        let more = of(POSTED_AT_ONCE_MAX + 1);
        assert_eq!(Posted::read(Writing::Json, more.as_bytes()), None);
    }

    #[test]
    fn a_reply_is_read_as_gateways_really_post_it() {
        for (writing, body) in [
            (
                Writing::Form,
                "From=%2B819012345678&Body=NO+BKTR&NumMedia=0",
            ),
            (
                Writing::Form,
                "msisdn=819012345678&to=81312345678&text=NO%20BKTR",
            ),
            (
                Writing::Json,
                r#"{"from":"+819012345678","text":"NO BKTR","more":[1]}"#,
            ),
            (
                Writing::Json,
                r#"{"results":[{"from":"819012345678","to":"x","text":"NO BKTR"}]}"#,
            ),
            (
                Writing::Json,
                r#"{"type":"mo_text","from":"819012345678","body":"NO BKTR"}"#,
            ),
        ] {
            let posted = Posted::read(writing, body.as_bytes()).unwrap();
            assert_eq!(posted.len(), 1, "{body}");
            assert!(posted[0].sender().unwrap().ends_with("819012345678"));
            assert_eq!(posted[0].text(), Some("NO BKTR"), "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_posted_is_read_within_its_bounds_or_not(
            body: Vec<u8>,
            text in r#"[\[{]?"(id|status|results|text)"[:\[{,0-9\]}a-z"]{0,40}"#,
        ) {
            for body in [body.as_slice(), text.as_bytes()] {
                for writing in [Writing::Form, Writing::Json] {
                    let posted = Posted::read(writing, body).unwrap_or_default();
                    proptest::prop_assert!(posted.len() <= POSTED_AT_ONCE_MAX);
                    for one in posted {
                        proptest::prop_assert!(one.members.len() <= MEMBERS_MAX);
                        let _ = (one.report(), one.sender(), one.text());
                    }
                }
                let _ = id_in_answer(body);
            }
        }
    }

    #[test]
    fn an_answer_names_the_message_that_was_taken() {
        for (answer, id) in [
            (r#"{"id":"A"}"#, Some("A")),
            (r#"{"sid":"SM1","status":"queued","uri":"/x"}"#, Some("SM1")),
            (
                r#"{"message-count":"1","messages":[{"to":"x","message-id":"0A","status":"0"}]}"#,
                Some("0A"),
            ),
            (r#"{"message_uuid":["u-1"],"api_id":"z"}"#, Some("u-1")),
            (
                r#"{"messages":[{"messageId":"7","status":{"groupName":"PENDING"}}]}"#,
                Some("7"),
            ),
            ("ok", None),
            ("", None),
            ("{}", None),
            ("[]", None),
        ] {
            let id = id.and_then(MessageId::of);
            assert_eq!(id_in_answer(answer.as_bytes()), id, "{answer}");
        }
    }
}
