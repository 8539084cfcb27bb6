//! Browsers in which a code came back before: not a stranger's, whoever asks for codes or types
//! wrong ones elsewhere ("device cookies", OWASP; docs/decisions/0021).
//!
//! ```text
//! cookie   base64url(a sealed row: akashi_ledger::RowSeal)
//! plain    u64 when it was made | name (16) | ground (16) | the address
//! ```
//! A mark ends with what it rests on ([`Ground`]): who has the address, with which papers, and by
//! which record it was blocked last, which unblocking does not take back. So whoever read a phone
//! for a while is a stranger again, and for good, once its owner has acted.
//!
//! A mark opens nothing and says nothing of who is there: it lets the browser's tries for this one
//! address be counted by themselves. It outlives the session and the server, whose keyring has its
//! key, and is sealed: whoever uses the same browser later reads no number in it.

use akashi_ledger::random::drawn;
use akashi_ledger::{Reader, RowSeal};
use akashi_notifier::{Address, Contacts, Name};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::kind::YesNo;
use akashi_tlog::base64;

/// How long a mark is good, since somebody last signed in with it: half a year, as people who look
/// at their records twice a year should be known.
pub const MARK_MILLIS: u64 = 183 * 24 * 3_600 * 1_000;

/// Longest mark that is looked at: one of the longest address has 452 characters.
const MARK_LEN_MAX: usize = 512;

/// Makes the marks of browsers and reads them.
pub struct Browsers {
    seal: RowSeal,
}

/// A browser that is known for one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub(crate) name: Name,
    ground: Ground,
    address: String,
}

/// What marks for an address rest on, as one name that changes with it: whose it is, under which
/// contact, whether that is blocked and by which record it last was, and with which recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ground([u8; 16]);

impl Ground {
    /// As it stands at `now`.
    pub(crate) fn of(
        contacts: &Contacts,
        reader: &Reader,
        address: &Address,
        now: Timestamp,
    ) -> Self {
        let rows = contacts.contacts_of(address).into_iter();
        let mut stands: Vec<Vec<u8>> = rows
            .filter_map(|row| {
                let person = reader.person(&row.subject)?;
                let mut hers = person.contacts_at(now);
                let known = hers.find(|known| known.contact == row.id)?;
                let blocked = u8::from(known.blocked == YesNo::Yes);
                // Of one that never was: no record of hers is where the log begins.
                let block = known.block.unwrap_or(LeafIndex::new(0)).to_be_bytes();
                let recovery = person.recovery_digest.map(|digest| *digest.as_bytes());
                let parts = [
                    &row.subject.as_bytes()[..],
                    row.id.as_bytes(),
                    &[blocked],
                    &block,
                    &recovery.unwrap_or_default(),
                ];
                Some(parts.concat())
            })
            .collect();
        stands.sort_unstable();
        let digest = Digest::of(&[b"akashi/browser-ground/v1", &stands.concat()]);
        let first = digest.as_bytes().first_chunk::<16>();
        Self(first.copied().unwrap_or_default())
    }
}

impl Known {
    /// Whether it is known for this address.
    pub(crate) fn is_for(&self, address: &Address) -> bool {
        self.address == address.spelling()
    }

    /// Whether what it rests on stands as it did.
    pub(crate) fn rests_on(&self, ground: Ground) -> bool {
        self.ground == ground
    }
}

impl Browsers {
    /// Under the keyring's key.
    pub(crate) const fn new(seal: RowSeal) -> Self {
        Self { seal }
    }

    /// The mark of a browser in which a code for this address was right: under the name it had
    /// before, so that it has one and no more.
    pub(crate) fn mark(
        &self,
        (address, ground): (&Address, Ground),
        before: Option<&Known>,
        now: Timestamp,
    ) -> String {
        let before = before.filter(|before| before.is_for(address));
        let name = before.map_or_else(drawn, |before| before.name);
        let made = now.as_millis().to_be_bytes();
        let plain = [&made[..], &name, &ground.0, address.spelling().as_bytes()].concat();
        base64::url::encode(&self.seal.seal(0, &plain))
    }

    /// What a cookie says, if it was made here and is not too old.
    pub fn find(&self, cookie: &str, now: Timestamp) -> Option<Known> {
        let cookie = (cookie.len() <= MARK_LEN_MAX).then_some(cookie)?;
        let plain = self.seal.open(0, &base64::url::decode(cookie).ok()?)?;
        let (made, rest) = plain.split_first_chunk::<8>()?;
        let (name, rest) = rest.split_first_chunk::<16>()?;
        let (ground, address) = rest.split_first_chunk::<16>()?;
        let ends = Timestamp::from_millis(u64::from_be_bytes(*made)).plus_millis(MARK_MILLIS);
        (now < ends).then_some(())?;
        Some(Known {
            name: *name,
            ground: Ground(*ground),
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

    const GROUND: Ground = Ground([1; 16]);

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
        let mark = browsers.mark((&hers, GROUND), None, NOW);
        let known = browsers.find(&mark, NOW).unwrap();
        assert!(known.is_for(&hers) && !known.is_for(&number("090-1234-5679")));
        assert!(known.rests_on(GROUND) && !known.rests_on(Ground([2; 16])));
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
        let first = find(browsers.mark((&hers, GROUND), None, NOW));
        let again = find(browsers.mark((&hers, GROUND), Some(&first), NOW));
        assert_eq!(first, again);
        let other = find(browsers.mark((&number("090-1234-5679"), GROUND), Some(&first), NOW));
        assert_ne!(first.name, other.name, "for another number it is another");
        let longest = Address::Email(
            akashi_notifier::Email::parse(&format!("{}@{}.jp", "a".repeat(64), "b".repeat(60)))
                .unwrap(),
        );
        assert!(browsers.mark((&longest, GROUND), None, NOW).len() <= MARK_LEN_MAX);
    }
}
