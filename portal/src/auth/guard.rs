//! What a handler asks for when a page needs to know who is there: the compiler then forgets no
//! check.

use std::sync::Arc;

use akashi_proof::state::Person;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;

use crate::app::SharedApp;
use crate::pages::error::PageError;
use crate::pages::forms::{Fields, Posted};
use crate::pages::visit::Visit;

/// Level 1 or 2: somebody who holds the phone of these persons; at level 2 it is one.
pub(crate) struct Holder {
    pub(crate) visit: Visit,
    pub(crate) people: Vec<Arc<Person>>,
}

/// Level 2: this person.
pub(crate) struct Owner {
    pub(crate) visit: Visit,
    pub(crate) person: Arc<Person>,
}

/// A form of a [`Holder`].
pub(crate) struct HolderPosted {
    pub(crate) holder: Holder,
    pub(crate) fields: Fields,
}

/// A form of an [`Owner`].
pub(crate) struct OwnerPosted {
    pub(crate) owner: Owner,
    pub(crate) fields: Fields,
}

impl Holder {
    fn of(visit: Visit) -> Result<Self, PageError> {
        match visit.people() {
            people if people.is_empty() => Err(PageError::SignIn),
            people => Ok(Self { visit, people }),
        }
    }
}

impl Owner {
    fn of(visit: Visit) -> Result<Self, PageError> {
        let Holder { visit, mut people } = Holder::of(visit)?;
        match (visit.level(), people.pop()) {
            (2, Some(person)) => Ok(Self { visit, person }),
            _ => Err(PageError::StepUp),
        }
    }
}

impl FromRequestParts<SharedApp> for Holder {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, PageError> {
        let visit = Visit::from_request_parts(parts, app).await?;
        Self::of(visit)
    }
}

impl FromRequestParts<SharedApp> for Owner {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, PageError> {
        let visit = Visit::from_request_parts(parts, app).await?;
        Self::of(visit)
    }
}

impl FromRequest<SharedApp> for HolderPosted {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, PageError> {
        let Posted { visit, fields } = Posted::from_request(request, app).await?;
        Ok(Self {
            holder: Holder::of(visit)?,
            fields,
        })
    }
}

impl FromRequest<SharedApp> for OwnerPosted {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, PageError> {
        let Posted { visit, fields } = Posted::from_request(request, app).await?;
        Ok(Self {
            owner: Owner::of(visit)?,
            fields,
        })
    }
}
