//! `akashi-link-end+jws`: an institution ends a code of its own for a person
//! (docs/RECORD_FORMAT.md 4).

use super::{Claims, Common};
use crate::fault::Fault;
use crate::ids::LinkCode;
use crate::jws::Type;
use crate::record::kind::LinkEnd;
use crate::strict_json::{Members, Object};

/// The claims of whoever ends a link code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkEndClaims {
    /// Issuer, audience, time, identifier.
    pub common: Common,
    /// The issuer's code for the person.
    pub link_code: LinkCode,
    /// Why it ends.
    pub cause: LinkEnd,
}

impl Claims for LinkEndClaims {
    const TYPE: Type = Type::LinkEnd;

    fn common(&self) -> &Common {
        &self.common
    }

    fn is_heard_of_suspended(&self) -> bool {
        true
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        Ok(Self {
            common: Common::take(members)?,
            link_code: members.text("link_code", LinkCode::parse)?,
            cause: members.text("cause", |word| {
                LinkEnd::parse(word).ok_or("`not-needed`, `disclosed` or `wrong-person`")
            })?,
        })
    }

    fn put(&self, object: &mut Object) {
        self.common.put(object);
        object.text("link_code", self.link_code.as_str());
        object.text("cause", self.cause.as_str());
    }
}
