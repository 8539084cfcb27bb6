//! What an access asks, in texts as a configuration or a form holds them, and the query it is asked
//! for. Whether the texts are codes of the ledger is looked at when they become claims, and once
//! more when the statement is signed: one a ledger could not read is never sent.

use akashi_proof::consent::{AccessMode, Period};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{
    CategoryCode, IdError, InstitutionId, Kid, LinkCode, ProcessId, PurposeCode, RoleCode,
    RoleHolderId,
};
use akashi_proof::record::value::Set;
use akashi_proof::statement::{AccessClaims, Basis, Common, RequestNonce, request_digest};

/// What an access asks: everything its statement says that is not about the statement itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access<'a> {
    /// The institution's own code for the person; none for statistics.
    pub subject: Option<&'a str>,
    /// Who asks there.
    pub role_holder: &'a str,
    /// In which role.
    pub role: &'a str,
    /// The business process.
    pub process: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// The institution that has the data.
    pub holder: &'a str,
    /// What data; each category once.
    pub categories: &'a [&'a str],
    /// What will be done with it.
    pub mode: AccessMode,
    /// Of what time the data is.
    pub period: Period,
    /// The ground.
    pub basis: Basis,
    /// The real requester behind this one.
    pub on_behalf_of: Option<&'a str>,
    /// The institution's case.
    pub case: Option<&'a str>,
    /// The institution's key that will present the evidence, where it is not the one that signs.
    pub presenter: Option<&'a str>,
}

/// The query the holder will get, to which the permit is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path and query, from the first `/`. The person is left out: the holder takes her from
    /// the evidence.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Access<'static> {
    /// A look at data of any time, on the ground of the person's consent where no other is named.
    /// Who asks whom for what is to be filled in; what is not is refused when it is signed.
    pub const VIEW: Self = Self {
        subject: None,
        role_holder: "",
        role: "",
        process: "",
        purpose: "",
        holder: "",
        categories: &[],
        mode: AccessMode::View,
        period: Period::ALL,
        basis: Basis::Consent,
        on_behalf_of: None,
        case: None,
        presenter: None,
    };
}

impl Access<'_> {
    /// The claims of its statement.
    ///
    /// # Errors
    /// The [`Fault`] a ledger would find: the first field that is no code.
    pub fn claims(&self, common: Common, request_digest: Digest) -> Result<AccessClaims, Fault> {
        let category = |text: &&str| code("categories", text, CategoryCode::parse);
        let categories = self.categories.iter().map(category);
        Ok(AccessClaims {
            common,
            subject: self
                .subject
                .map(|text| code("subject", text, LinkCode::parse))
                .transpose()?,
            role_holder: code("role_holder", self.role_holder, RoleHolderId::parse)?,
            role: code("role", self.role, RoleCode::parse)?,
            process: code("process", self.process, ProcessId::parse)?,
            purpose: code("purpose", self.purpose, PurposeCode::parse)?,
            holder: code("holder", self.holder, InstitutionId::parse)?,
            categories: Set::new(categories.collect::<Result<Vec<_>, _>>()?),
            mode: self.mode,
            period: self.period,
            basis: self.basis.clone(),
            request_digest,
            on_behalf_of: self.on_behalf_of.map(str::to_owned),
            case: self.case.map(str::to_owned),
            presenter: self
                .presenter
                .map(|text| code("presenter", text, Kid::parse))
                .transpose()?,
        })
    }
}

impl<'a> Query<'a> {
    /// A `GET` of this path and query.
    pub const fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            body: b"",
        }
    }

    /// What an access statement says of this query.
    pub fn digest(&self, nonce: &RequestNonce) -> Digest {
        request_digest(nonce, self.method, self.path, self.body)
    }
}

/// A text read as a code.
fn code<T>(
    field: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Result<T, Fault> {
    parse(text).map_err(|IdError { expected }| {
        let found = if text.is_empty() {
            "nothing"
        } else {
            "another text"
        };
        Fault::new(FaultCode::BadMember, field, expected, found)
    })
}
