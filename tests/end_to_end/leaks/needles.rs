//! Secrets, in every spelling they might appear in, and the search for all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::AhoCorasick;
use akashi_tlog::base64;

/// What kind of secret it is: where it may stand depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A name: the ledger keeps none.
    Name,
    /// The visible ID.
    Qid,
    RecoveryCode,
    /// K, inside the history key.
    HistoryKey,
    /// What names a person inside the ledger.
    Handle,
    /// An institution's code for a person.
    LinkCode,
    /// The key of a link's gates.
    LinkKey,
    /// The private half of a signing key.
    SigningKey,
    /// The key evidence is sealed with.
    EvidenceKey,
    /// Six digits sent to a phone or a mailbox.
    SentCode,
    /// Six digits shown for the counter.
    CounterCode,
    /// A cookie that stands for a session.
    Session,
    /// What every form of a session carries.
    FormToken,
    /// What people at institutions write into statements: a case, a reason, on whose behalf.
    FreeText,
}

/// One secret: what it is, and whose.
#[derive(Clone, Debug)]
pub struct Needle {
    pub kind: Kind,
    /// A person or an institution, by the name the test has for it.
    pub owner: String,
    /// The person a link is of, who may know its key too.
    pub link_of: Option<String>,
    spellings: BTreeSet<Vec<u8>>,
}

impl Needle {
    /// A secret that is a text.
    pub fn text(kind: Kind, owner: &str, text: &str) -> Self {
        Self::new(kind, owner, text.as_bytes(), &[])
    }

    /// A secret that people write in groups: also without what stands between them.
    pub fn grouped(kind: Kind, owner: &str, text: &str) -> Self {
        let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let middle = plain.len() / 2;
        let halves =
            [" ", "-"].map(|between| [&plain[..middle], between, &plain[middle..]].concat());
        Self::new(
            kind,
            owner,
            plain.as_bytes(),
            &[text, &halves[0], &halves[1]],
        )
    }

    /// A phone number, with and without its country, and as people write it.
    pub fn phone(owner: &str, e164: &str) -> Self {
        let national = e164.strip_prefix("+81").unwrap();
        let spaced =
            |between: &str| [&national[..2], &national[2..6], &national[6..]].join(between);
        Self::new(
            Kind::Phone,
            owner,
            national.as_bytes(),
            &[e164, &spaced("-"), &spaced(" ")],
        )
    }

    /// A secret that is bytes, here as base64url.
    pub fn bytes(kind: Kind, owner: &str, base64url: &str) -> Self {
        Self::new(
            kind,
            owner,
            &base64::url::decode(base64url).unwrap(),
            &[base64url],
        )
    }

    /// The key of the link between an institution and a person, here as base64url.
    pub fn link_key(institution: &str, person: &str, base64url: &str) -> Self {
        Self {
            link_of: Some(person.to_owned()),
            ..Self::bytes(Kind::LinkKey, institution, base64url)
        }
    }

    pub fn new(kind: Kind, owner: &str, secret: &[u8], also: &[&str]) -> Self {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimals: Vec<String> = secret.iter().map(u8::to_string).collect();
        let mut spellings = BTreeSet::from([
            secret.to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
        ]);
        spellings.insert(decimals.join(", ").into_bytes());
        spellings.insert(bs58::encode(secret).into_vec());
        for encode in [base64::url::encode, base64::standard::encode] {
            spellings.extend((0..3).map(|before| inside(encode, secret, before)));
        }
        spellings.extend(also.iter().map(|spelling| spelling.as_bytes().to_vec()));
        Self {
            kind,
            owner: owner.to_owned(),
            link_of: None,
            spellings,
        }
    }
}

/// What of the base64 of a longer message depends on the secret alone, where so many bytes stand
/// before it.
fn inside(encode: fn(&[u8]) -> String, secret: &[u8], before: usize) -> Vec<u8> {
    let whole = encode(&[&[0; 2][..before], secret].concat()).into_bytes();
    let (from, until) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
    whole[from..until].to_vec()
}

/// All secrets, ready to be looked for.
pub struct Needles {
    needles: Vec<Needle>,
    /// To which needle each pattern belongs.
    owners: Vec<usize>,
    search: AhoCorasick,
}

impl Needles {
    pub fn new(needles: Vec<Needle>) -> Self {
        let spellings = needles.iter().enumerate();
        let all = spellings
            .flat_map(|(at, needle)| needle.spellings.iter().map(move |spelling| (at, spelling)));
        let (owners, patterns): (Vec<usize>, Vec<&Vec<u8>>) = all.unzip();
        let search = AhoCorasick::new(&patterns).unwrap();
        Self {
            needles,
            owners,
            search,
        }
    }

    /// How many secrets of each kind there are.
    pub fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for needle in &self.needles {
            *counts.entry(needle.kind).or_default() += 1;
        }
        counts
    }

    /// The secrets that stand in these bytes, and what surrounds each where it stands first.
    pub fn found_in(&self, hay: &[u8]) -> Vec<(&Needle, String)> {
        let mut found = BTreeMap::new();
        for hit in self.search.find_overlapping_iter(hay) {
            if is_within_a_number(hay, hit.range()) {
                continue;
            }
            let around = &hay[hit.start().saturating_sub(60)..hay.len().min(hit.end() + 20)];
            found
                .entry(self.owners[hit.pattern().as_usize()])
                .or_insert_with(|| String::from_utf8_lossy(around).into());
        }
        found
            .into_iter()
            .map(|(at, around)| (&self.needles[at], around))
            .collect()
    }
}

/// Whether six digits are part of a longer number: of its whole part, or of what stands behind its
/// point.
fn is_within_a_number(hay: &[u8], hit: Range<usize>) -> bool {
    let is_code = hit.len() == 6 && hay[hit.clone()].iter().all(u8::is_ascii_digit);
    let before = hay[..hit.start]
        .last()
        .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
    is_code && (before || hay.get(hit.end).is_some_and(u8::is_ascii_digit))
}

#[test]
fn a_secret_is_found_in_every_spelling_and_wherever_it_stands() {
    let key: Vec<u8> = (0..32).map(|byte| byte * 7 + 3).collect();
    let needles = Needles::new(vec![
        Needle::new(Kind::LinkKey, "a", &key, &[]),
        Needle::phone("b", "+819055507001"),
        Needle::grouped(Kind::SentCode, "c", "482913"),
    ]);
    let names = |hay: &[u8]| -> String {
        needles
            .found_in(hay)
            .iter()
            .map(|(needle, _)| needle.owner.as_str())
            .collect()
    };
    for before in 0..5 {
        let message = [&[0x5A; 8][..before], &key, b"behind it"].concat();
        for text in [
            base64::url::encode(&message),
            base64::standard::encode(&message),
            format!("{message:?}"),
        ] {
            assert_eq!(names(text.as_bytes()), "a", "{text}");
        }
    }
    for text in [
        "to +819055507001.",
        "09055507001",
        "phone=%2B819055507001",
        "90-5550-7001",
        "39303535353037303031",
    ] {
        assert_eq!(names(text.as_bytes()), "b", "{text}");
    }
    for (text, found) in [
        ("code 482913.", "c"),
        ("482 913", "c"),
        ("1482913", ""),
        ("4829130", ""),
        ("12.482913Z", ""),
        ("482914", ""),
    ] {
        assert_eq!(names(text.as_bytes()), found, "{text}");
    }
}
