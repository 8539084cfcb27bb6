//! Signed statements: what institutions and supervisors say, read from a [`Jws`]
//! into types that cannot be wrong, and written from the same types (docs/RECORD_FORMAT.md 4).

pub mod access;
pub mod act;
pub mod header;
pub mod link;
pub mod link_end;
pub mod present;
pub mod release;
pub mod request;
pub mod write;

pub use access::{AccessClaims, Basis, RequestNonce, request_digest};
pub use act::{Act, ActClaims};
pub use link::LinkClaims;
pub use link_end::LinkEndClaims;
pub use present::{PresentClaims, Presentable, Presentation, Presented};
pub use release::ReleaseClaims;
pub use request::RequestClaims;
pub use write::{StatementSigner, sign_bytes, write};

use std::fmt::Display;

use crate::digest::Digest;
use crate::fault::{Fault, FaultCode};
use crate::ids::{InstitutionId, Jti, Timestamp};
use crate::jws::{Jws, Type};
use crate::strict_json::{Members, Object};
use akashi_tlog::checkpoint::Origin;

/// How far `iat` may be from the writer's time, either way.
pub const FRESH_MILLIS: u64 = 300_000;

/// Seconds at the end of the year 9999.
const SECONDS_MAX: u64 = Timestamp::MAX.as_millis() / 1000;

/// What one type of statement says.
///
/// Claims that were only read are what somebody says somebody says. What a command acts on is a
/// [`Verified`](crate::state::Verified) statement.
pub trait Claims: Sized {
    /// The type of statement they stand in.
    const TYPE: Type;

    /// The claims every statement begins with.
    fn common(&self) -> &Common;

    /// Whether an institution that is suspended may say this: that something ends, or what became
    /// of what was permitted.
    fn is_heard_of_suspended(&self) -> bool;

    /// Takes the claims out of the members of the JSON object.
    ///
    /// # Errors
    /// A [`Fault`] that names the first member that is wrong.
    fn take(members: &mut Members) -> Result<Self, Fault>;

    /// Puts the members [`Self::take`] takes. Times are written in whole seconds.
    fn put(&self, object: &mut Object);

    /// Reads the claims, whoever signed them.
    ///
    /// # Errors
    /// A [`Fault`]: the statement is of another type, or the first member that is wrong.
    fn read(jws: &Jws) -> Result<Self, Fault> {
        let mut members = jws.members(Self::TYPE)?;
        let claims = Self::take(&mut members)?;
        members.finish()?;
        Ok(claims)
    }

    /// The claims as the JSON that is signed.
    fn to_json(&self) -> String {
        let mut object = Object::default();
        self.put(&mut object);
        object.to_string()
    }
}

/// The claims every statement begins with, and a presentation too, which is for a holder instead of
/// a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common<A = Origin> {
    /// The institution or supervisor that signs.
    pub iss: InstitutionId,
    /// The log it is meant for.
    pub aud: A,
    /// When it was signed, to the second.
    pub iat: Timestamp,
    /// Unique under its issuer for ever.
    pub jti: Jti,
    /// From when on it is to be taken, where the signer says so.
    pub nbf: Option<Timestamp>,
    /// Until when it is to be taken, where the signer says so.
    pub exp: Option<Timestamp>,
}

impl Common {
    /// Whoever signed it, whatever else it says: what must be known of a statement before what is
    /// wrong with it is anybody's fault.
    ///
    /// # Errors
    /// A [`Fault`]: the statement is of another type, its claims are no object, or one of these is
    /// wrong.
    pub fn of(jws: &Jws, typ: Type) -> Result<Self, Fault> {
        Self::take(&mut jws.members(typ)?)
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        Self::take_for(members, |text| {
            Origin::new(text)
                .map_err(|_| "the origin of a log: at most 255 bytes, no space, no `+`")
        })
    }

    /// Refuses a statement meant for another log.
    ///
    /// # Errors
    /// [`FaultCode::WrongAudience`].
    pub fn check_audience(&self, origin: &Origin) -> Result<(), Fault> {
        if self.aud == *origin {
            Ok(())
        } else {
            Err(Fault::new(
                FaultCode::WrongAudience,
                "aud",
                format!("`{origin}`"),
                "that of another log",
            ))
        }
    }
}

impl<A: Display> Common<A> {
    /// Takes what other people's libraries put there too, where nothing hangs on it: `aud` as a
    /// list of one, times with a fraction, and `sub`, which says nothing here.
    fn take_for<E: Display>(
        members: &mut Members,
        audience: impl Fn(&str) -> Result<A, E>,
    ) -> Result<Self, Fault> {
        members.ignore("sub");
        let mut date = |name| {
            let seconds = members.optional_numeric_date(name)?;
            seconds.map(|seconds| time(seconds, name)).transpose()
        };
        let (iat, nbf, exp) = (date("iat")?, date("nbf")?, date("exp")?);
        let missing = || Fault::new(FaultCode::MissingMember, "iat", "a number", "nothing");
        Ok(Self {
            iss: members.text("iss", InstitutionId::parse)?,
            aud: members.only_text("aud", audience)?,
            iat: iat.ok_or_else(missing)?,
            jti: members.text("jti", Jti::parse)?,
            nbf,
            exp,
        })
    }

    fn put(&self, object: &mut Object) {
        object.text("iss", &self.iss);
        object.text("aud", &self.aud);
        object.number("iat", seconds(self.iat));
        object.text("jti", &self.jti);
        object.optional_number("nbf", self.nbf.map(seconds));
        object.optional_number("exp", self.exp.map(seconds));
    }

    /// Refuses a statement signed too long before or after `now`, the writer's time, or one its
    /// signer wants taken at another time. `nbf` may be as far ahead as `iat` may; after `exp`
    /// nothing is taken.
    ///
    /// # Errors
    /// [`FaultCode::NotFresh`].
    pub fn check_fresh(&self, now: Timestamp) -> Result<(), Fault> {
        let not_fresh = |field, expected: String, found: Timestamp| {
            let found = format!("{} s", seconds(found));
            Err(Fault::new(FaultCode::NotFresh, field, expected, found))
        };
        let ahead = now.plus_millis(FRESH_MILLIS);
        if now.as_millis().abs_diff(self.iat.as_millis()) > FRESH_MILLIS {
            let within = FRESH_MILLIS / 1000;
            let expected = format!("a time within {within} s of {} s", seconds(now));
            return not_fresh("iat", expected, self.iat);
        }
        if let Some(nbf) = self.nbf.filter(|nbf| ahead < *nbf) {
            let expected = format!("a time no later than {} s", seconds(ahead));
            return not_fresh("nbf", expected, nbf);
        }
        if let Some(exp) = self.exp.filter(|exp| *exp <= now) {
            let expected = format!("a time after {} s", seconds(now));
            return not_fresh("exp", expected, exp);
        }
        Ok(())
    }
}

fn digest(text: &str) -> Result<Digest, &'static str> {
    Digest::from_base64url(text).ok_or("a SHA-256 digest: 43 characters of base64url")
}

fn optional_time(members: &mut Members, field: &'static str) -> Result<Option<Timestamp>, Fault> {
    members
        .optional_number(field)?
        .map(|seconds| time(seconds, field))
        .transpose()
}

/// Seconds since 1970 that can be meant as a date.
fn time(seconds: u64, field: &str) -> Result<Timestamp, Fault> {
    if (1..=SECONDS_MAX).contains(&seconds) {
        Ok(Timestamp::from_seconds(seconds))
    } else {
        let expected = "seconds since 1970, before the year 10000";
        Err(Fault::new(
            FaultCode::AbsurdDate,
            field,
            expected,
            seconds.to_string(),
        ))
    }
}

/// A time as claims write it.
const fn seconds(time: Timestamp) -> u64 {
    time.as_millis() / 1000
}
