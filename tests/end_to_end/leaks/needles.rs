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
    /// Six digits: a longer number that they happen to be part of is not this secret.
    code: Option<String>,
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
        let is_code = plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            code: is_code.then(|| plain.clone()),
            ..Self::new(
                kind,
                owner,
                plain.as_bytes(),
                &[text, &halves[0], &halves[1]],
            )
        }
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
            code: None,
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
            let needle = &self.needles[self.owners[hit.pattern().as_usize()]];
            let code = needle.code.as_deref();
            if code.is_some_and(|code| is_of_another_number(code, hay, hit.range())) {
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

/// Whether a hit of six digits, plain or in base64, is of another number: of a longer one's whole
/// part, or of what stands behind its point. A time in a statement has ten digits, five codes'
/// worth. What base64 shows of a code may leave out bits of its last digit: only decoding it tells.
fn is_of_another_number(code: &str, hay: &[u8], hit: Range<usize>) -> bool {
    let found = &hay[hit.clone()];
    let is_plain = |byte: &u8| byte.is_ascii_digit() || b" -".contains(byte);
    if found.iter().all(is_plain) && found.len() <= 7 {
        return goes_on(hay, hit);
    }
    let is_fragment = found.len() == 7 && found.iter().any(u8::is_ascii_alphabetic);
    match decoded_around(code, hay, hit) {
        Some((text, at)) => goes_on(&text, at..at + code.len()),
        None => is_fragment,
    }
}

/// Whether the number goes on before or behind these digits of it.
fn goes_on(text: &[u8], digits: Range<usize>) -> bool {
    let before = text[..digits.start]
        .last()
        .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
    before || text.get(digits.end).is_some_and(u8::is_ascii_digit)
}

/// What the base64 around a hit says, and where in it the code stands: where base64 begins is not
/// known, so each of the four ways to read it is tried.
fn decoded_around(code: &str, hay: &[u8], hit: Range<usize>) -> Option<(Vec<u8>, usize)> {
    const AROUND: usize = 8;
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_+/".contains(byte);
    let before = hay[..hit.start].iter().rev().take(AROUND);
    let behind = hay[hit.end..].iter().take(AROUND);
    let start = hit.start - before.take_while(is_base64).count();
    let end = hit.end + behind.take_while(is_base64).count();
    let spelt = String::from_utf8(hay[start..end].to_vec()).ok()?;
    (0..4).find_map(|skipped| {
        let part = spelt.get(skipped..)?;
        let part = &part[..part.len() / 4 * 4];
        let text = base64::url::decode(part).or_else(|_| base64::standard::decode(part));
        let text = text.ok()?;
        let at = text
            .windows(code.len())
            .position(|part| part == code.as_bytes())?;
        Some((text, at))
    })
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
        ("055-482-9131", ""),
        ("12.482913Z", ""),
        ("482914", ""),
    ] {
        assert_eq!(names(text.as_bytes()), found, "{text}");
    }
    for (claim, found) in [
        (r#""code":"482913","iat""#, "c"),
        (r#""iat":1482913000,"iss""#, ""),
        (r#""iat":4829130,"iss""#, ""),
        (r#""code":"482914","iat""#, ""),
        (r#""code":"482917","iat""#, ""),
    ] {
        for before in ["", "1", "12", "123"] {
            let text = base64::url::encode(format!("{before}{claim}").as_bytes());
            assert_eq!(names(text.as_bytes()), found, "{before}{claim}");
        }
    }
}
