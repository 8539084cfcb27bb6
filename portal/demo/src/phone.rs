//! The demo's phones: what the SMS gateway was given, kept in memory for whoever looks at
//! `/demo/phone`. Any number is a phone here. The real channel posts to the gateway over HTTP; a
//! reply goes the way the portal's own inbound route goes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use akashi_proof::ids::Timestamp;
use serde::Serialize;

/// Messages kept of one phone: a screen of a day's tests; older ones fall off.
const MESSAGES_MAX: usize = 200;
/// Phones kept, those longest silent go: with [`MESSAGES_MAX`] messages of [`TEXT_LEN_MAX`]
/// characters each 64 MB at most, or 200 in Japanese; in practice a hundredth.
const PHONES_MAX: usize = 256;
/// Longest text, in characters: twice ten concatenated SMS.
pub const TEXT_LEN_MAX: usize = 1_280;

/// A message on a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its identifier: the gateway's, or drawn for a reply.
    pub id: String,
    /// Who sent it: the portal's sender, or the phone's own number for a reply.
    pub from: String,
    /// What it says.
    pub text: String,
    /// When it arrived, [RFC 3339].
    ///
    /// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339
    pub at: String,
}

/// All phones.
#[derive(Default)]
pub struct Phones {
    phones: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    phones: HashMap<String, Phone>,
    /// Counts arrivals: orders phones by how long they have been silent.
    arrivals: u64,
}

#[derive(Default)]
struct Phone {
    messages: VecDeque<Message>,
    last: u64,
}

impl Phones {
    /// Puts a message on a phone. The same message handed over twice is one.
    pub fn receive(&self, number: &str, message: Message) {
        let mut book = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        book.arrivals += 1;
        let last = book.arrivals;
        if !book.phones.contains_key(number) && book.phones.len() >= PHONES_MAX {
            let silent = book
                .phones
                .iter()
                .min_by_key(|(_, phone)| phone.last)
                .map(|(number, _)| number.clone());
            silent.and_then(|number| book.phones.remove(&number));
        }
        let phone = book.phones.entry(number.to_owned()).or_default();
        if phone.messages.iter().any(|known| known.id == message.id) {
            return;
        }
        phone.last = last;
        phone.messages.push_back(message);
        if phone.messages.len() > MESSAGES_MAX {
            phone.messages.pop_front();
        }
    }

    /// The messages on a phone, newest last.
    pub fn messages(&self, number: &str) -> Vec<Message> {
        let book = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        book.phones
            .get(number)
            .map(|phone| phone.messages.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// The phones that have messages and how many, the one that heard last first.
    pub fn heard(&self) -> Vec<(String, usize)> {
        let book = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        let mut heard: Vec<_> = book
            .phones
            .iter()
            .map(|(n, phone)| (phone.last, n.clone(), phone.messages.len()))
            .collect();
        heard.sort_by_key(|(last, ..)| std::cmp::Reverse(*last));
        heard
            .into_iter()
            .map(|(_, number, count)| (number, count))
            .collect()
    }
}

/// A time as [RFC 3339], to the millisecond, in UTC.
///
/// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339
pub fn rfc_3339(time: Timestamp) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: usize) -> Message {
        Message {
            id: id.to_string(),
            from: "Akashi".into(),
            text: "text".into(),
            at: String::new(),
        }
    }

    #[test]
    fn messages_stand_newest_last_and_once() {
        let phones = Phones::default();
        for id in [1, 2, 2, 3] {
            phones.receive("+819000000101", message(id));
        }
        let ids: Vec<_> = phones
            .messages("+819000000101")
            .into_iter()
            .map(|message| message.id)
            .collect();
        assert_eq!(ids, ["1", "2", "3"]);
        assert!(phones.messages("+819000000102").is_empty());
    }

    #[test]
    fn memory_is_bounded_and_the_silent_are_forgotten_first() {
        let phones = Phones::default();
        for number in 0..PHONES_MAX {
            phones.receive(&number.to_string(), message(0));
        }
        phones.receive("0", message(1));
        phones.receive("one more", message(0));
        let heard = phones.heard();
        assert_eq!(heard.len(), PHONES_MAX);
        assert_eq!(
            heard[..2],
            [("one more".to_owned(), 1), ("0".to_owned(), 2)]
        );
        assert!(
            phones.messages("1").is_empty(),
            "the one longest silent is gone"
        );
        for id in 0..MESSAGES_MAX + 5 {
            phones.receive("busy", message(id));
        }
        let kept = phones.messages("busy");
        assert_eq!((kept.len(), kept[0].id.as_str()), (MESSAGES_MAX, "5"));
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(
            rfc_3339(Timestamp::from_millis(1_790_000_000_250)),
            "2026-09-21T14:13:20.250Z"
        );
    }
}
