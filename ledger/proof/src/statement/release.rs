//! `akashi-release+jws`: a holder reports, before the data leaves, that it releases on a piece of
//! evidence.

use super::{Claims, Common, Presentation, digest};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::ids::LeafIndex;
use crate::jws::Type;
use crate::strict_json::{Members, Object};

/// The claims of a release report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseClaims {
    /// Issuer (the holder), audience, time, identifier.
    pub common: Common,
    /// Log index of the permit.
    pub index: LeafIndex,
    /// [`evidence_digest`](crate::evidence::evidence_digest), so that the report names exactly
    /// what was relied on.
    pub evidence_digest: Digest,
    /// What its requester presented it with, as it came.
    pub presented: Presentation,
}

impl Claims for ReleaseClaims {
    const TYPE: Type = Type::Release;

    fn common(&self) -> &Common {
        &self.common
    }

    fn is_heard_of_suspended(&self) -> bool {
        true
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        Ok(Self {
            common: Common::take(members)?,
            index: LeafIndex::new(members.number("index")?),
            evidence_digest: members.text("evidence_digest", digest)?,
            presented: Presentation::take(members)?,
        })
    }

    fn put(&self, object: &mut Object) {
        self.common.put(object);
        object.number("index", self.index.value());
        object.text("evidence_digest", self.evidence_digest.to_base64url());
        object.text("presented", self.presented.as_str());
    }
}
