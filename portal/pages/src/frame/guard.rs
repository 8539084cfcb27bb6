//! What a handler asks for when a page needs to know who is there: the compiler then forgets no
//! check. The persons themselves are in the books, and so in [`Holder::read`] and [`Owner::read`].

use std::sync::Arc;

use akashi_desk::app::SharedApp;
use akashi_desk::identity::Principal;
use akashi_proof::ids::SubjectHandle;
use akashi_proof::state::Person;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;

use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Posted};
use crate::frame::visit::{Books, Visit};

/// Level 1 or 2: somebody who holds the phone of some persons; at level 2 it is one.
pub(crate) struct Holder {
    pub(crate) visit: Visit,
    pub(crate) who: Principal,
}

/// Level 2: this person.
pub(crate) struct Owner {
    pub(crate) visit: Visit,
    pub(crate) who: Principal,
    pub(crate) subject: SubjectHandle,
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
        let who = visit.who().ok_or(PageError::SignIn)?;
        Ok(Self { visit, who })
    }

    /// As [`Visit::read`], with the persons who use this phone: at least one.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, PageError>
    where
        T: Send + 'static,
        F: FnOnce(&Books<'_>, &[Arc<Person>]) -> Result<T, PageError> + Send + 'static,
    {
        let read = self.visit.read(|books| match books.people() {
            // The phone is blocked: what is behind it takes the second thing.
            people if people.is_empty() && !books.enrolled().is_empty() => Err(PageError::StepUp),
            people if people.is_empty() => Err(PageError::SignIn),
            people => work(books, &people),
        });
        read.await
    }
}

impl Owner {
    fn of(visit: Visit) -> Result<Self, PageError> {
        let who = visit.who().ok_or(PageError::SignIn)?;
        let subject = who.subject()?;
        Ok(Self {
            visit,
            who,
            subject,
        })
    }

    /// As [`Visit::read`], with the person.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, PageError>
    where
        T: Send + 'static,
        F: FnOnce(&Books<'_>, &Arc<Person>) -> Result<T, PageError> + Send + 'static,
    {
        let subject = self.subject;
        let read = self.visit.read(move |books| {
            let person = books.reader.person(&subject).ok_or(PageError::SignIn)?;
            work(books, &person)
        });
        read.await
    }
}

impl FromRequestParts<SharedApp> for Holder {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, PageError> {
        Self::of(Visit::from_request_parts(parts, app).await?)
    }
}

impl FromRequestParts<SharedApp> for Owner {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, PageError> {
        Self::of(Visit::from_request_parts(parts, app).await?)
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
        // The form stands on a page of hers alone: she was known when it was opened.
        let owner = Owner::of(visit).map_err(|error| match error {
            PageError::StepUp => PageError::Rested,
            other => other,
        })?;
        Ok(Self { owner, fields })
    }
}
