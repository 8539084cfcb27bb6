//! A verified statement: a type that only [`Registry::verify`] can make.
//!
//! Claims that were only read ([`Claims::read`]) are somebody's words in somebody's name. Whoever
//! acts on a statement asks for a [`Verified`] one, so that the check cannot be left out: `kid`
//! names a signing key of the registry, that key signed these very bytes by the strict rule (RFC
//! 8032, `verify_strict`), the statement is of the type asked for, and its issuer is whose key that
//! is.
//!
//! ```compile_fail,E0451
//! use akashi_proof::jws::Jws;
//! use akashi_proof::state::{SignedBy, Verified};
//! use akashi_proof::statement::LinkClaims;
//! use akashi_tlog::public_key::PublicKey;
//!
//! fn believe(
//!     jws: Jws,
//!     claims: LinkClaims,
//!     by: SignedBy,
//!     key: PublicKey,
//! ) -> Verified<LinkClaims> {
//!     // The fields are private, and there is no other constructor.
//!     Verified { jws, claims, by, key }
//! }
//! ```

use super::registered::Standing;
use super::registry::Registry;
use crate::fault::{Fault, FaultCode};
use crate::ids::{InstitutionId, Kid, Timestamp};
use crate::jws::{Jws, Type};
use crate::record::kind::KeyUse;
use crate::record::value::Bytes;
use crate::statement::Claims;
use akashi_tlog::public_key::PublicKey;

/// A statement whose signature was checked with a key of the registry; `C` is what it says.
///
/// Whether that key may be used is asked of a moment, which the one who made it does not know: the
/// writer asks [`Self::stands_at`] of the time of the record. An access is the exception: that its
/// key is no longer valid is a decision about the person, step 2, and recorded as one.
#[derive(Clone, Debug)]
pub struct Verified<C> {
    jws: Jws,
    claims: C,
    by: SignedBy,
    key: PublicKey,
}

/// In place of the claims of a statement that was signed, and in which nothing else is believed:
/// what a refusal is recorded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread;

/// Whose key signed a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// An institution, by a key it registered.
    Institution(InstitutionId),
    /// A supervisor, by its key in the registry. Supervisors sign acts, and the tokens with which
    /// they have the answer to an act again.
    Supervisor(InstitutionId),
}

/// Why a statement is not taken as verified.
#[derive(Clone, Debug)]
pub enum NotVerified {
    /// No key of the registry has the name in `kid`.
    UnknownKey(Kid),
    /// `kid` names an evidence key: it signs nothing.
    WrongUse(Kid),
    /// The signature is not one by the key `kid` names.
    BadSignature,
    /// The signer is known, and the type, the claims or the issuer are wrong.
    Bad {
        /// The statement, of which only the signer is believed.
        statement: Box<Verified<Unread>>,
        /// What is wrong.
        fault: Fault,
    },
}

impl NotVerified {
    /// What is wrong, and the statement where its signer is known: a fault of nobody's has no
    /// stream it could be recorded in.
    pub fn into_parts(self) -> (Fault, Option<Verified<Unread>>) {
        let of_nobody = |code, field, expected: &str, found: &str| {
            (Fault::new(code, field, expected, found), None)
        };
        match self {
            Self::UnknownKey(kid) => of_nobody(
                FaultCode::UnknownKey,
                "kid",
                "a signing key in the registry",
                &format!("`{kid}`"),
            ),
            Self::WrongUse(kid) => of_nobody(
                FaultCode::InvalidKey,
                "kid",
                "a signing key",
                &format!("the evidence key `{kid}`"),
            ),
            Self::BadSignature => of_nobody(
                FaultCode::BadSignature,
                "signature",
                "an Ed25519 signature by the key `kid` names",
                "none",
            ),
            Self::Bad { statement, fault } => (fault, Some(*statement)),
        }
    }
}

impl From<NotVerified> for Fault {
    fn from(why: NotVerified) -> Self {
        why.into_parts().0
    }
}

impl Registry {
    /// Takes a statement as said by the one whose key signed it.
    ///
    /// # Errors
    /// [`NotVerified`]: no key, another key, another type, another issuer, or claims that cannot be
    /// read.
    pub fn verify<C: Claims>(&self, jws: Jws) -> Result<Verified<C>, NotVerified> {
        let (by, key) = self.signing_key(jws.kid())?;
        jws.verify(&key).map_err(|_| NotVerified::BadSignature)?;
        let read = C::read(&jws).and_then(|claims| {
            by.check_signs(C::TYPE)?;
            by.check_issuer(&claims.common().iss)?;
            Ok(claims)
        });
        match read {
            Ok(claims) => Ok(Verified {
                jws,
                claims,
                by,
                key,
            }),
            Err(fault) => Err(NotVerified::Bad {
                statement: Box::new(Verified {
                    jws,
                    claims: Unread,
                    by,
                    key,
                }),
                fault,
            }),
        }
    }

    /// Whether whoever signed is heard at all: a supervisor, or an institution that is not
    /// suspended.
    ///
    /// # Errors
    /// [`FaultCode::Suspended`].
    pub fn check_heard(&self, by: &SignedBy) -> Result<(), Fault> {
        let is_heard = match by {
            SignedBy::Supervisor(_) => true,
            SignedBy::Institution(id) => self
                .institution(id)
                .is_some_and(|known| known.standing == Standing::Certified),
        };
        if is_heard {
            return Ok(());
        }
        let (expected, found) = ("a certified institution", "one that is suspended");
        Err(Fault::new(FaultCode::Suspended, "iss", expected, found))
    }

    /// The key of this name that signs statements, and whose it is.
    fn signing_key(&self, kid: &Kid) -> Result<(SignedBy, PublicKey), NotVerified> {
        if let Some(supervisor) = self.supervisor(kid) {
            return Ok((SignedBy::Supervisor(supervisor.id.clone()), supervisor.key));
        }
        let key = self
            .key(kid)
            .ok_or_else(|| NotVerified::UnknownKey(kid.clone()))?;
        match (key.key_use, key.public) {
            (KeyUse::Sign, Some(public)) => {
                Ok((SignedBy::Institution(key.institution.clone()), public))
            }
            (KeyUse::Sign | KeyUse::Evidence, _) => Err(NotVerified::WrongUse(kid.clone())),
        }
    }
}

impl SignedBy {
    /// The institution; `None` for a supervisor, who has no stream.
    pub const fn institution(&self) -> Option<&InstitutionId> {
        match self {
            Self::Institution(id) => Some(id),
            Self::Supervisor(_) => None,
        }
    }

    /// Whose key it is, institution or supervisor.
    pub const fn id(&self) -> &InstitutionId {
        match self {
            Self::Institution(id) | Self::Supervisor(id) => id,
        }
    }

    /// Whether its owner signs statements of this type: a supervisor acts of its own, and tokens.
    fn check_signs(&self, typ: Type) -> Result<(), Fault> {
        let signs = match self {
            Self::Institution(_) => true,
            Self::Supervisor(_) => matches!(typ, Type::Act | Type::Request),
        };
        if signs {
            return Ok(());
        }
        let (expected, found) = ("the key of an institution", "a supervisor's");
        Err(Fault::new(FaultCode::InvalidKey, "kid", expected, found))
    }

    fn check_issuer(&self, iss: &InstitutionId) -> Result<(), Fault> {
        let id = self.id();
        if iss == id {
            Ok(())
        } else {
            let expected = format!("`{id}`, whose key signed");
            Err(Fault::new(
                FaultCode::InvalidKey,
                "iss",
                expected,
                "another",
            ))
        }
    }
}

impl<C: Claims> Verified<C> {
    /// Refuses what a suspended institution says, but that something ends, or what became of what
    /// was permitted.
    ///
    /// # Errors
    /// [`FaultCode::Suspended`].
    pub fn check_heard(&self, registry: &Registry) -> Result<(), Fault> {
        if self.claims.is_heard_of_suspended() {
            return Ok(());
        }
        registry.check_heard(&self.by)
    }
}

impl<C> Verified<C> {
    /// What it says.
    pub const fn claims(&self) -> &C {
        &self.claims
    }

    /// The statement as it came.
    pub const fn jws(&self) -> &Jws {
        &self.jws
    }

    /// The statement as a record carries it.
    pub fn to_bytes(&self) -> Bytes {
        Bytes(self.jws.as_bytes().to_vec())
    }

    /// The name of the key that signed it.
    pub const fn kid(&self) -> &Kid {
        self.jws.kid()
    }

    /// The key that signed it.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whose key signed it.
    pub const fn by(&self) -> &SignedBy {
        &self.by
    }

    /// The statement without what it says: somebody signed it, and nothing else is believed.
    pub fn unread(self) -> Verified<Unread> {
        let Self { jws, by, key, .. } = self;
        Verified {
            jws,
            claims: Unread,
            by,
            key,
        }
    }

    /// Whether `kid` still means the very key the signature was checked with, for the same owner.
    /// The registry may be a later one than it was verified against.
    ///
    /// # Errors
    /// [`FaultCode::UnknownKey`].
    pub fn still_stands(&self, registry: &Registry) -> Result<(), Fault> {
        match registry.signing_key(self.jws.kid()) {
            Ok((by, key)) if by == self.by && key == self.key => Ok(()),
            _ => Err(Fault::new(
                FaultCode::UnknownKey,
                "kid",
                "the key the signature was checked with",
                "another",
            )),
        }
    }

    /// As [`Self::still_stands`], and whether the key may be used for signing at this time.
    ///
    /// # Errors
    /// [`FaultCode::UnknownKey`] or [`FaultCode::InvalidKey`].
    pub fn stands_at(&self, registry: &Registry, at: Timestamp) -> Result<(), Fault> {
        self.still_stands(registry)?;
        let valid = match &self.by {
            SignedBy::Supervisor(_) => true,
            SignedBy::Institution(_) => registry
                .key(self.jws.kid())
                .is_some_and(|key| key.is_valid(KeyUse::Sign, at)),
        };
        if valid {
            return Ok(());
        }
        Err(Fault::new(
            FaultCode::InvalidKey,
            "kid",
            "a signing key valid at that time",
            format!("`{}`", self.jws.kid()),
        ))
    }
}
