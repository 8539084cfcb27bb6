//! `akashi-request+jws`: a bearer token for reads, bound to one method and one URL.

use super::Common;
use crate::fault::{Fault, FaultCode};
use crate::jws::{Jws, Type};

/// The claims of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestClaims {
    /// Issuer, audience, time, identifier.
    pub common: Common,
    /// The HTTP method.
    pub htm: String,
    /// The path and query, from the first `/`.
    pub htu: String,
}

impl RequestClaims {
    /// Reads the claims.
    ///
    /// # Errors
    /// A [`Fault`] that names the first member that is wrong.
    pub fn read(jws: &Jws) -> Result<Self, Fault> {
        let text = |text: &str| {
            if text.len() <= 2048 {
                Ok(text.to_owned())
            } else {
                Err("at most 2048 characters")
            }
        };
        let mut members = jws.members(Type::Request)?;
        let claims = Self {
            common: Common::take(&mut members)?,
            htm: members.text("htm", text)?,
            htu: members.text("htu", text)?,
        };
        members.finish()?;
        Ok(claims)
    }

    /// Refuses a token made for another method or URL.
    ///
    /// # Errors
    /// [`FaultCode::Mismatch`].
    pub fn check_target(&self, method: &str, path_and_query: &str) -> Result<(), Fault> {
        for (field, expected, found) in [
            ("htm", method, &self.htm),
            ("htu", path_and_query, &self.htu),
        ] {
            if expected != found {
                return Err(Fault::new(
                    FaultCode::Mismatch,
                    field,
                    format!("`{expected}`"),
                    "another one",
                ));
            }
        }
        Ok(())
    }
}
