//! Signed statements: what institutions and supervisors say, read from a [`Jws`](crate::jws::Jws) into types that
//! cannot be wrong (formats.md "Signed statements").

pub mod access;
pub mod act;
pub mod link;
pub mod release;
pub mod request;

pub use access::{AccessClaims, Basis, RequestNonce, request_digest};
pub use act::{Act, ActClaims};
pub use link::LinkClaims;
pub use release::ReleaseClaims;
pub use request::RequestClaims;

use crate::checkpoint::Origin;
use crate::fault::{Fault, FaultCode};
use crate::ids::{InstitutionId, Jti, Timestamp};
use crate::strict_json::Members;

/// How far `iat` may be from the writer's time, either way.
pub const FRESH_MILLIS: u64 = 300_000;

/// Seconds at the end of the year 9999.
const SECONDS_MAX: u64 = Timestamp::MAX.as_millis() / 1000;

/// The claims every statement begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The institution or supervisor that signs.
    pub iss: InstitutionId,
    /// The log it is meant for.
    pub aud: Origin,
    /// When it was signed, to the second.
    pub iat: Timestamp,
    /// Unique under its issuer for ever.
    pub jti: Jti,
}

impl Common {
    fn take(members: &mut Members) -> Result<Self, Fault> {
        Ok(Self {
            iss: members.text("iss", InstitutionId::parse)?,
            aud: members.text("aud", Origin::new)?,
            iat: time(members.number("iat")?, "iat")?,
            jti: members.text("jti", Jti::parse)?,
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
            Err(Fault::new(FaultCode::WrongAudience, "aud", format!("`{origin}`"), format!("`{}`", self.aud)))
        }
    }

    /// Refuses a statement signed too long before or after `now`, the writer's time.
    ///
    /// # Errors
    /// [`FaultCode::NotFresh`].
    pub fn check_fresh(&self, now: Timestamp) -> Result<(), Fault> {
        let apart = now.as_millis().abs_diff(self.iat.as_millis());
        if apart <= FRESH_MILLIS {
            Ok(())
        } else {
            let expected = format!("a time within {} s of {} s", FRESH_MILLIS / 1000, now.as_millis() / 1000);
            Err(Fault::new(FaultCode::NotFresh, "iat", expected, format!("{} s", self.iat.as_millis() / 1000)))
        }
    }
}

/// Seconds since 1970 that can be meant as a date.
fn time(seconds: u64, field: &str) -> Result<Timestamp, Fault> {
    if (1..=SECONDS_MAX).contains(&seconds) {
        Ok(Timestamp::from_seconds(seconds))
    } else {
        let expected = "seconds since 1970, before the year 10000";
        Err(Fault::new(FaultCode::AbsurdDate, field, expected, seconds.to_string()))
    }
}
