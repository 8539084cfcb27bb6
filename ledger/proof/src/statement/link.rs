//! `akashi-link+jws`: an institution asks for its code of a person who stands at its counter.
//!
//! She shows her visible ID and reads out a one-time code; the institution draws the link key L,
//! signs its check value and hands L over beside the statement (docs/RECORD_FORMAT.md 3).

use super::{Claims, Common, digest};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::ids::Qid;
use crate::jws::Type;
use crate::strict_json::{Members, Object};

/// The claims of a link request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkClaims {
    /// Issuer, audience, time, identifier.
    pub common: Common,
    /// The person's visible ID, as read from her QR picture.
    pub qid: Qid,
    /// The one-time code she read out: six digits.
    pub code: String,
    /// `SHA-256("akashi/link-check/v1" || L)`.
    pub link_check: Digest,
}

impl Claims for LinkClaims {
    const TYPE: Type = Type::Link;

    fn common(&self) -> &Common {
        &self.common
    }

    fn is_heard_of_suspended(&self) -> bool {
        false
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        Ok(Self {
            common: Common::take(members)?,
            qid: members.text("qid", Qid::parse)?,
            code: members.text("code", |code| {
                let digits = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
                if digits {
                    Ok(code.to_owned())
                } else {
                    Err("six digits")
                }
            })?,
            link_check: members.text("link_check", digest)?,
        })
    }

    fn put(&self, object: &mut Object) {
        self.common.put(object);
        object.text("qid", self.qid.as_str());
        object.text("code", &self.code);
        object.text("link_check", self.link_check.to_base64url());
    }
}
