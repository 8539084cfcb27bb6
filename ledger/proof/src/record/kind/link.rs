//! An institution's own code for a person.

use crate::digest::{Digest, Secret};
use crate::ids::{Generation, InstitutionId, Jti, KeyVersion, Kid};
use crate::record::fields::fields;
use crate::record::value::{Bytes, words};
use crate::record::word::{Assurance, Language};

words! {
    /// Why an institution ends a code of its own for a person. Only where it was wrong from the
    /// beginning is that a `link.corrected`; the others are a `link.revoked`.
    pub enum LinkEnd {
        /// It has nothing to do with her any more.
        NotNeeded = "not-needed",
        /// The code has come to others.
        Disclosed = "disclosed",
        /// It was given for somebody else's files: never hers.
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

    /// Fields of `link.withdrawn`: the person's own act.
    pub struct LinkWithdrawn {
        /// Whose code.
        institution: InstitutionId,
        /// Which generation.
        generation: Generation,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `link.revoked` and `link.corrected`: the institution's own act.
    pub struct LinkRevoked {
        /// Whose code.
        institution: InstitutionId,
        /// Which generation.
        generation: Generation,
        /// Why.
        cause: LinkEnd,
        /// The key that signed.
        kid: Kid,
        /// The statement's identifier.
        jti: Jti,
        /// The institution's signed statement.
        statement: Bytes,
    }
}
