//! Browsers in which a code came back before: not a stranger's, whoever asks for codes or types
//! wrong ones elsewhere ("device cookies", OWASP; docs/decisions/0021).
//!
//! ```text
//! cookie   base64url(a sealed row: akashi_ledger::RowSeal)
//! plain    u64 when it was made | name (16) | the address
//! ```
//! A mark opens nothing and says nothing of who is there: it lets the browser's tries for this one
//! address be counted by themselves. It outlives the session and the server, whose keyring has its
//! key, and is sealed: whoever uses the same browser later reads no number in it.

use akashi_ledger::RowSeal;
use akashi_ledger::random::drawn;
use akashi_notifier::{Address, Name};
use akashi_proof::ids::Timestamp;
use akashi_tlog::base64;

/// How long a mark is good, since somebody last signed in with it: half a year, as people who look
/// at their records twice a year should be known.
pub const MARK_MILLIS: u64 = 183 * 24 * 3_600 * 1_000;

/// Longest mark that is looked at: one of the longest address has 430 characters.
const MARK_LEN_MAX: usize = 512;

/// Makes the marks of browsers and reads them.
pub struct Browsers {
    seal: RowSeal,
}

/// A browser that is known for one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub(crate) name: Name,
    address: String,
}

impl Known {
    /// Whether it is known for this address.
    pub(crate) fn is_for(&self, address: &Address) -> bool {
        self.address == address.spelling()
    }
}

impl Browsers {
    /// Under the keyring's key.
    pub(crate) const fn new(seal: RowSeal) -> Self {
        Self { seal }
    }

    /// The mark of a browser in which a code for this address was right: under the name it had
    /// before, so that it has one and no more.
    pub(crate) fn mark(&self, address: &Address, before: Option<&Known>, now: Timestamp) -> String {
        let before = before.filter(|before| before.is_for(address));
        let name = before.map_or_else(drawn, |before| before.name);
        let made = now.as_millis().to_be_bytes();
        let plain = [&made[..], &name, address.spelling().as_bytes()].concat();
        base64::url::encode(&self.seal.seal(0, &plain))
    }

    /// What a cookie says, if it was made here and is not too old.
    pub fn find(&self, cookie: &str, now: Timestamp) -> Option<Known> {
        let cookie = (cookie.len() <= MARK_LEN_MAX).then_some(cookie)?;
        let plain = self.seal.open(0, &base64::url::decode(cookie).ok()?)?;
        let (made, rest) = plain.split_first_chunk::<8>()?;
        let (name, address) = rest.split_first_chunk::<16>()?;
        let ends = Timestamp::from_millis(u64::from_be_bytes(*made)).plus_millis(MARK_MILLIS);
        (now < ends).then_some(())?;
        Some(Known {
            name: *name,
            address: std::str::from_utf8(address).ok()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use akashi_ledger::RowsOf;
    use akashi_notifier::Phone;
    use akashi_proof::digest::Secret;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn browsers(key: u8) -> Browsers {
        let key = Secret::from_bytes([key; 32]);
        Browsers::new(RowSeal::new(RowsOf::Browsers, &key))
    }

    fn number(text: &str) -> Address {
        Address::Phone(Phone::parse(text).unwrap())
    }

    #[test]
    fn a_mark_is_for_one_address_for_half_a_year_and_as_it_was_made() {
        let (browsers, hers) = (browsers(1), number("090-1234-5678"));
        let mark = browsers.mark(&hers, None, NOW);
        let known = browsers.find(&mark, NOW).unwrap();
        assert!(known.is_for(&hers) && !known.is_for(&number("090-1234-5679")));
        let end = NOW.plus_millis(MARK_MILLIS);
        assert_eq!(
            browsers.find(&mark, NOW.plus_millis(MARK_MILLIS - 1)),
            Some(known)
        );
        assert_eq!(browsers.find(&mark, end), None);
        let bytes = base64::url::decode(&mark).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = base64::url::encode(&changed);
            assert_eq!(browsers.find(&changed, NOW), None, "byte {at}");
        }
        assert!(!bytes.windows(8).any(|eight| eight == b"12345678"));
        assert_eq!(self::browsers(2).find(&mark, NOW), None, "another ledger's");
        for bad in ["", "x", &"A".repeat(MARK_LEN_MAX + 1)] {
            assert_eq!(browsers.find(bad, NOW), None);
        }
    }

    #[test]
    fn a_browser_keeps_its_name_and_gets_no_second_one_by_signing_in_again() {
        let (browsers, hers) = (browsers(1), number("090-1234-5678"));
        let find = |mark: String| browsers.find(&mark, NOW).unwrap();
        let first = find(browsers.mark(&hers, None, NOW));
        let again = find(browsers.mark(&hers, Some(&first), NOW));
        assert_eq!(first, again);
        let other = find(browsers.mark(&number("090-1234-5679"), Some(&first), NOW));
        assert_ne!(first.name, other.name, "for another number it is another");
        let longest = Address::Email(
            akashi_notifier::Email::parse(&format!("{}@{}.jp", "a".repeat(64), "b".repeat(60)))
                .unwrap(),
        );
        assert!(browsers.mark(&longest, None, NOW).len() <= MARK_LEN_MAX);
    }
}
