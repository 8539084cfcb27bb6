//! What a person sees when something did not work: what happened, what to do, and the number of the
//! request.

use akashi_desk::Declined;
use akashi_desk::reading::Busy;
use akashi_ledger::{LedgerError, Refusal};
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::frame::said::Said;
use crate::frame::shell::Shell;
use crate::frame::visit::{self, Visit};
use crate::words::texts::Errors;

/// Why there is no page.
#[derive(Clone, Debug)]
pub enum PageError {
    /// There is no such page, or none she may know of.
    NotFound,
    /// She must sign in first.
    SignIn,
    /// She must show the second thing first.
    StepUp,
    /// She had shown it, but her own pages have closed since.
    Rested,
    /// Her session has ended.
    Ended,
    /// The form is of a page of hers from before: another tab, or a session before this one.
    Stale,
    /// The form did not come from a page of ours.
    Forged,
    /// More was sent than any form of ours holds.
    TooLarge,
    /// What she asked for does not fit what stands now: answered already, ended meanwhile.
    Conflict,
    /// Too many codes, or too many tries.
    TooMany,
    /// The ledger takes nothing at the moment.
    Stopped,
    /// Too many look at pages at this moment.
    Busy,
    /// Something is broken here.
    Internal,
}

impl PageError {
    /// Logs what is broken; the visitor gets a fixed sentence.
    pub(crate) fn internal(what: &'static str, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "{what}");
        Self::Internal
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn | Self::StepUp | Self::Rested | Self::Ended | Self::Stale => {
                StatusCode::SEE_OTHER
            }
            Self::Forged => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Stopped | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether a form was right but for its time: what was typed is worth keeping.
    pub(crate) const fn is_too_late(&self) -> bool {
        matches!(
            self,
            Self::SignIn | Self::Rested | Self::Ended | Self::Stale
        )
    }

    /// After how many seconds to try again, where that helps.
    const fn retry_after(&self) -> Option<&'static str> {
        match self {
            Self::Busy => Some("1"),
            Self::Stopped => Some("5"),
            Self::TooMany => Some("600"),
            Self::NotFound
            | Self::SignIn
            | Self::StepUp
            | Self::Rested
            | Self::Ended
            | Self::Stale
            | Self::Forged
            | Self::TooLarge
            | Self::Conflict
            | Self::Internal => None,
        }
    }
}

impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) => {
                let field = fault.field;
                tracing::info!(code = %fault.code, field, "a page's command was refused");
                Self::Conflict
            }
            // It stands in the log, and what it says is not there: nothing can follow from it.
            // Bounds of institutions are none of a page's.
            Refusal::Closed(_) | Refusal::Above(_) => Self::Conflict,
            Refusal::Unreadable(why) => {
                Self::internal("what a command rests on cannot be read", &why)
            }
            Refusal::Busy
            | Refusal::Clock(_)
            | Refusal::DiskLow
            | Refusal::NoPolicy(_)
            | Refusal::Poisoned(_)
            | Refusal::Stopped => Self::Stopped,
        }
    }
}

impl From<Declined> for PageError {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::NotThere => Self::NotFound,
            Declined::Nobody => Self::SignIn,
            Declined::MoreSurely => Self::StepUp,
            Declined::Overtaken | Declined::PhoneFull => Self::Conflict,
            Declined::TooMany => Self::TooMany,
            Declined::CannotSend => Self::Stopped,
            Declined::Busy(busy) => busy.into(),
            Declined::Refused(refusal) => refusal.into(),
            Declined::Unreadable(error) => error.into(),
            Declined::Contacts(error) => Self::internal("a contact could not be kept", &error),
            Declined::Broken(what) => Self::internal("something does not hold", &what),
        }
    }
}

impl From<Busy> for PageError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<LedgerError> for PageError {
    fn from(error: LedgerError) -> Self {
        Self::internal("the ledger could not be read", &error)
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::internal("a page could not be written", &error)
    }
}

/// Carried to [`visit::carry`], which knows the reader's language.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    t: Errors,
    title: &'static str,
    what: &'static str,
    /// Where to go from here: link and text.
    next: (&'static str, &'static str),
    reference: String,
}

/// The error as a page, or as the way to where it is put right.
pub(crate) fn show(error: &PageError, visit: &Visit) -> Response {
    let t = Errors(visit.language);
    let (title, what, next) = match error {
        PageError::SignIn if visit.is_over() => return late("/sign-in", Said::Over, visit),
        PageError::SignIn => return to_sign_in("/sign-in", visit),
        PageError::StepUp => return to_sign_in("/step-up", visit),
        PageError::Rested => return late("/step-up", Said::Rested, visit),
        PageError::Ended => return late("/sign-in", Said::Over, visit),
        // Every form but the one for signing out stands on the page it is sent to.
        PageError::Stale => return visit.saying(Said::Stale, Redirect::to(visit.path())),
        PageError::NotFound => (t.not_found(), t.not_found_what(), ("/", t.to_front())),
        PageError::Forged => (t.forged(), t.forged_what(), ("/", t.to_front())),
        PageError::TooLarge => (t.too_large(), t.too_large_what(), ("/", t.to_front())),
        PageError::Conflict => (t.conflict(), t.conflict_what(), ("/me", t.to_overview())),
        PageError::TooMany => (t.too_many(), t.too_many_what(), ("/help", t.to_help())),
        PageError::Stopped => (t.stopped(), t.stopped_what(), ("/", t.to_front())),
        PageError::Busy => (t.busy(), t.busy_what(), ("/", t.to_front())),
        PageError::Internal => (t.internal(), t.internal_what(), ("/", t.to_front())),
    };
    let page = visit::page(error_page(visit, (title, what), next));
    let mut response = page.map_or_else(
        |_| error.status().into_response(),
        IntoResponse::into_response,
    );
    *response.status_mut() = error.status();
    if let Some(seconds) = error.retry_after() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}

fn error_page(
    visit: &Visit,
    (title, what): (&'static str, &'static str),
    next: (&'static str, &'static str),
) -> ErrorPage {
    let reference = visit.reference().to_owned();
    ErrorPage {
        shell: Shell::new(visit, title.to_owned()).narrow(),
        t: Errors(visit.language),
        title,
        what,
        next,
        reference,
    }
}

/// The page for what was refused before any page was asked: no such address, too many requests, too
/// busy.
pub fn of_status(status: StatusCode, visit: &Visit) -> Option<String> {
    let t = Errors(visit.language);
    let texts = match status {
        StatusCode::NOT_FOUND => (t.not_found(), t.not_found_what()),
        StatusCode::METHOD_NOT_ALLOWED => (t.wrong_method(), t.wrong_method_what()),
        StatusCode::TOO_MANY_REQUESTS => (t.too_fast(), t.too_fast_what()),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => (t.busy(), t.busy_what()),
        _ => (t.internal(), t.internal_what()),
    };
    error_page(visit, texts, ("/", t.to_front())).render().ok()
}

/// Only paths of the person's own pages come back after signing in, and only such that need no
/// escaping.
fn to_sign_in(way: &'static str, visit: &Visit) -> Response {
    let path = visit.path();
    let target = if way_back(path).is_some() {
        format!("{way}?next={path}")
    } else {
        way.to_owned()
    };
    Redirect::to(&target).into_response()
}

/// As [`to_sign_in`], and there it is said why.
fn late(way: &'static str, why: Said, visit: &Visit) -> Response {
    visit.saying(why, to_sign_in(way, visit))
}

/// A path to come back to after signing in, if it is one of ours; never another site.
pub(crate) fn way_back(path: &str) -> Option<&str> {
    let is_ours = path == "/me" || path.starts_with("/me/");
    let is_plain = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_'));
    (is_ours && is_plain && !path.contains("//")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        for good in [
            "/me",
            "/me/history",
            "/me/history/12/receipt",
            "/me/consents/AAAAAAAAAAAAAAAAAAAAA_",
        ] {
            assert_eq!(way_back(good), Some(good));
        }
        for bad in [
            "",
            "/",
            "/log",
            "//evil.example",
            "/me//evil.example",
            "https://evil.example/me",
            "/me\\x",
            "/me/../x",
            "/me?x=1",
            "/mean",
        ] {
            assert_eq!(way_back(bad), None, "{bad}");
        }
    }
}
