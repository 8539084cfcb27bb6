//! `akashi-request+jws`: a bearer token for reads, bound to one method and one URL.

use super::{Claims, Common};
use crate::fault::{Fault, FaultCode};
use crate::jws::Type;
use crate::strict_json::{Members, Object};

/// Longest method, and longest path with its query: no path of ours comes near.
const TARGET_LEN_MAX: usize = 2048;

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

impl Claims for RequestClaims {
    const TYPE: Type = Type::Request;

    fn common(&self) -> &Common {
        &self.common
    }

    fn is_heard_of_suspended(&self) -> bool {
        false
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        Ok(Self {
            common: Common::take(members)?,
            htm: members.text("htm", target)?,
            htu: members.text("htu", target)?,
        })
    }

    fn put(&self, object: &mut Object) {
        self.common.put(object);
        object.text("htm", &self.htm);
        object.text("htu", &self.htu);
    }
}

impl RequestClaims {
    /// Refuses a token made for another method or URL.
    ///
    /// # Errors
    /// [`FaultCode::Mismatch`].
    pub fn check_target(&self, method: &str, path_and_query: &str) -> Result<(), Fault> {
        check_target((&self.htm, &self.htu), (method, path_and_query))
    }
}

/// A method, or a path with its query.
fn target(text: &str) -> Result<String, String> {
    if text.len() <= TARGET_LEN_MAX {
        Ok(text.to_owned())
    } else {
        Err(format!("at most {TARGET_LEN_MAX} bytes"))
    }
}

/// Refuses a method and URL that are not those meant.
fn check_target(
    (htm, htu): (&str, &str),
    (method, path_and_query): (&str, &str),
) -> Result<(), Fault> {
    // Not the path itself: it may be long, and hold a link code.
    for (field, expected, is_meant) in [
        ("htm", "the request's method", htm == method),
        ("htu", "the request's path and query", htu == path_and_query),
    ] {
        if !is_meant {
            let found = "another";
            return Err(Fault::new(FaultCode::Mismatch, field, expected, found));
        }
    }
    Ok(())
}
