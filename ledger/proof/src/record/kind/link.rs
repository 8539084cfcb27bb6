//! An institution's own code for a person.

use crate::digest::{Digest, Secret};
use crate::ids::{Generation, InstitutionId, Jti, KeyVersion, Kid};
use crate::record::fields::fields;
use crate::record::value::{Bytes, words};
use crate::record::word::Assurance;

words! {
    /// Why a link code ended.
    pub enum LinkEnd {
        /// The person withdrew it.
        Withdrawn = "withdrawn",
        /// It turned out to be somebody else's.
        WrongPerson = "wrong-person",
    }
}

fields! {
    /// Fields of `link.issued`.
    pub struct LinkIssued {
        /// Who learned its code.
        institution: InstitutionId,
        /// Version of the institution's sealing key inside the code.
        key_version: KeyVersion,
        /// Generation inside the code: 0, 1, 2 ... for this person and institution.
        generation: Generation,
        /// `SHA-256("akashi/link-check/v1" || L)`, as the institution signed it.
        link_check: Digest,
        /// L itself: gates of this link are made with it.
        link_key: Secret,
        /// How the person took part: her visible ID and a one-time code read out.
        assurance: Assurance,
        /// The key that signed the request.
        kid: Kid,
        /// The request's identifier.
        jti: Jti,
        /// The institution's signed request.
        statement: Bytes,
    }

    /// Fields of `link.revoked`.
    pub struct LinkRevoked {
        /// Whose code.
        institution: InstitutionId,
        /// Which generation.
        generation: Generation,
        /// Why.
        cause: LinkEnd,
    }
}
