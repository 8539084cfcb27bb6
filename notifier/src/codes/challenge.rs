//! The challenge a form carries while a code is on its way: it says itself what it stands for,
//! under a MAC, so that the server keeps nothing for whoever only asks.

use std::fmt;

use akashi_ledger::random::draw;
use akashi_proof::digest::Secret;
use akashi_tlog::base64;

use crate::address::{Address, Email, Phone};
use crate::codes::among::Among;

/// What a code is for. A challenge for one use is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeUse {
    /// Joining.
    Enrol,
    /// Signing in.
    SignIn,
    /// Showing that another contact is hers.
    AddContact,
}

impl CodeUse {
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Enrol => "e_",
            Self::SignIn => "s_",
            Self::AddContact => "a_",
        }
    }
}

/// Names one code that was sent. It opens nothing without the code; a form can carry it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Challenge(String);

/// What a challenge says, once its MAC is right.
pub(crate) struct Claimed {
    pub(crate) code_use: CodeUse,
    /// Its number: codes sent later are not for it.
    pub(crate) order: u64,
    /// When it was given out.
    pub(crate) made: u64,
    /// Whose tries it is counted with.
    pub(crate) among: Among,
    pub(crate) to: Address,
}

/// Bytes before the address in a challenge: order, time, whose tries, MAC.
const BEFORE_ADDRESS: usize = 8 + 8 + 17 + 32;

impl Challenge {
    /// An identity for the message that carries a code: not the challenge, which a gateway need not
    /// know.
    pub(crate) fn draw_id() -> String {
        let mut bytes = [0; 16];
        draw(&mut bytes);
        base64::url::encode(&bytes)
    }

    /// Reads a challenge back from a form, for the use the form is for; `None` for any other.
    pub fn parse(code_use: CodeUse, text: &str) -> Option<Self> {
        let bytes = base64::url::decode(text.strip_prefix(code_use.prefix())?).ok()?;
        (bytes.len() > BEFORE_ADDRESS).then(|| Self(text.to_owned()))
    }

    /// Whether it was given to a browser in which a code for its address was right before. What
    /// this says is believed only of a challenge that comes back sealed, or is kept here.
    pub fn is_of_known_browser(&self) -> bool {
        let text = self.0.get(2..).unwrap_or_default();
        let bytes = base64::url::decode(text).unwrap_or_default();
        let among = bytes.get(16..33).and_then(|bytes| bytes.try_into().ok());
        matches!(among.and_then(Among::from_bytes), Some(Among::Known(_)))
    }

    /// The challenge as a form carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn make(key: &Secret, claimed: &Claimed) -> Self {
        let mut bytes = Vec::with_capacity(BEFORE_ADDRESS + 16);
        bytes.extend(claimed.order.to_be_bytes());
        bytes.extend(claimed.made.to_be_bytes());
        bytes.extend(claimed.among.to_bytes());
        bytes.extend(claimed.mac(key));
        bytes.extend(claimed.to.spelling().as_bytes());
        let prefix = claimed.code_use.prefix();
        Self(format!("{prefix}{}", base64::url::encode(&bytes)))
    }

    /// What it says, if it was made here.
    pub(crate) fn open(&self, key: &Secret) -> Option<Claimed> {
        let uses = [CodeUse::Enrol, CodeUse::SignIn, CodeUse::AddContact];
        let (code_use, text) = uses
            .into_iter()
            .find_map(|code_use| Some((code_use, self.0.strip_prefix(code_use.prefix())?)))?;
        let bytes = base64::url::decode(text).ok()?;
        let (order, rest) = bytes.split_first_chunk::<8>()?;
        let (made, rest) = rest.split_first_chunk::<8>()?;
        let (among, rest) = rest.split_first_chunk::<17>()?;
        let (mac, spelling) = rest.split_first_chunk::<32>()?;
        let spelling = std::str::from_utf8(spelling).ok()?;
        let to = if spelling.starts_with('+') {
            Address::Phone(Phone::parse(spelling).ok()?)
        } else {
            Address::Email(Email::parse(spelling).ok()?)
        };
        let claimed = Claimed {
            code_use,
            order: u64::from_be_bytes(*order),
            made: u64::from_be_bytes(*made),
            among: Among::from_bytes(*among)?,
            to,
        };
        // `Secret` compares in constant time.
        let right = Secret::from_bytes(*mac) == Secret::from_bytes(claimed.mac(key));
        right.then_some(claimed)
    }
}

impl Claimed {
    fn mac(&self, key: &Secret) -> [u8; 32] {
        key.hmac(&[
            b"akashi/challenge/v1",
            self.code_use.prefix().as_bytes(),
            &self.order.to_be_bytes(),
            &self.made.to_be_bytes(),
            &self.among.to_bytes(),
            self.to.spelling().as_bytes(),
        ])
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}
