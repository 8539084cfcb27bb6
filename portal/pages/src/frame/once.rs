//! One form is one act, however often it comes: by a double click, by Back and the same button, by
//! a browser that sends it again.
//!
//! Every page carries a number of its own ([`Token::page`]). The same form of the same page within
//! some minutes gets the first answer again - the way on, and the session's cookie where the act
//! raised it - while the act is done once. Two that come at once share one answer.
//!
//! An act that was begun is carried to its end though its browser has left: the second click hangs
//! up on the first, and papers nobody was shown are lost for good.
//!
//! Nothing here is needed for what the ledger records: consents and answers that stand are not
//! recorded again, whatever is remembered here.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_proof::digest::Digest;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::response::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use tokio::sync::watch;

use crate::frame::csrf::Token;
use crate::frame::error::PageError;
use crate::frame::visit::SessionChange;
use crate::limits::{FORM_REMEMBERED_MILLIS, FORMS_REMEMBERED_MAX};

/// Forms that were sent lately.
#[derive(Default)]
pub(crate) struct Once {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    forms: HashMap<Digest, Form>,
    /// In the order they came: what is remembered longest is forgotten first.
    order: VecDeque<(u64, Digest)>,
}

struct Form {
    came: u64,
    /// The session's cookie it came with, and the one it was given: nobody else is answered.
    cookies: [Option<Digest>; 2],
    answer: watch::Receiver<Option<Answered>>,
}

/// An answer that can be given again.
#[derive(Clone)]
struct Answered {
    head: Parts,
    body: Bytes,
}

impl Answered {
    async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        // Our own pages, whole in memory already.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        Self { head, body }
    }

    /// Whether something was done, so that doing it again would be a second act.
    fn is_done(&self) -> bool {
        let declined = self.head.extensions.get::<PageError>().is_some();
        self.head.status == StatusCode::SEE_OTHER && !declined
    }

    /// The session's cookie it gives.
    fn cookie(&self) -> Option<Digest> {
        let change = self.head.extensions.get::<SessionChange>();
        change.and_then(SessionChange::cookie).map(cookie_digest)
    }

    fn into_response(self) -> Response {
        let mut head = self.head;
        head.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(head, Body::from(self.body))
    }
}

/// What is remembered of a session's cookie.
pub(crate) fn cookie_digest(value: &str) -> Digest {
    Digest::of(&[b"akashi/form-cookie/v1", value.as_bytes()])
}

/// What makes a form the same form: its page, where it went, and every byte of it.
pub(crate) fn form_digest(token: &Token, path: &str, body: &[u8]) -> Digest {
    let label = b"akashi/form-sent/v1";
    Digest::of(&[label, token.page(), path.as_bytes(), b"\n", body])
}

impl Once {
    /// The answer to a form: `act` carried out, or what came of it when it was carried out before.
    /// `cookie` is the session's, as it came; times are of the monotonic clock.
    pub(crate) async fn answer<A>(
        self: &Arc<Self>,
        form: Digest,
        cookie: Option<Digest>,
        now: u64,
        act: A,
    ) -> Response
    where
        A: Future<Output = Response> + Send + 'static,
    {
        let (answered, known) = watch::channel(None);
        let entered = self.held().enter(form, cookie, now, known);
        let first = match entered {
            Entered::Other => return act.await,
            Entered::Again(answer) => return given(answer).await,
            Entered::First(answer) => answer,
        };
        let once = Arc::clone(self);
        // To its end, whoever still waits for it. It is one of those the doors let in, and short.
        tokio::spawn(async move {
            let answer = Answered::of(act.await).await;
            once.held().settle(&form, &answer);
            answered.send_replace(Some(answer));
        });
        given(first).await
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Entered {
    /// Nobody has sent this form yet.
    First(watch::Receiver<Option<Answered>>),
    /// It was sent before, from this browser.
    Again(watch::Receiver<Option<Answered>>),
    /// It was sent before, from elsewhere: whoever that is knows the form and not the session.
    Other,
}

async fn given(mut answer: watch::Receiver<Option<Answered>>) -> Response {
    let answered = match answer.wait_for(Option::is_some).await {
        Ok(answered) => answered.clone(),
        Err(_) => None,
    };
    let broken = || {
        let error = PageError::internal("a form has no answer", &"its handler panicked");
        axum::response::IntoResponse::into_response(error)
    };
    answered.map_or_else(broken, Answered::into_response)
}

impl Held {
    fn enter(
        &mut self,
        form: Digest,
        cookie: Option<Digest>,
        now: u64,
        answer: watch::Receiver<Option<Answered>>,
    ) -> Entered {
        self.forget_old(now);
        if let Some(known) = self.forms.get(&form) {
            return if cookie.is_some() && known.cookies.contains(&cookie) {
                Entered::Again(known.answer.clone())
            } else {
                Entered::Other
            };
        }
        let new = Form {
            came: now,
            cookies: [cookie, None],
            answer: answer.clone(),
        };
        self.forms.insert(form, new);
        self.order.push_back((now, form));
        Entered::First(answer)
    }

    /// What was done is remembered; what was not may be tried again.
    fn settle(&mut self, form: &Digest, answer: &Answered) {
        if !answer.is_done() {
            self.forms.remove(form);
        } else if let Some(known) = self.forms.get_mut(form) {
            known.cookies[1] = answer.cookie();
        }
    }

    fn forget_old(&mut self, now: u64) {
        while let Some((came, form)) = self.order.front() {
            let old = now.saturating_sub(*came) >= FORM_REMEMBERED_MILLIS;
            if !old && self.order.len() < FORMS_REMEMBERED_MAX {
                return;
            }
            // One that was forgotten and sent anew has a later place of its own.
            if self
                .forms
                .get(form)
                .is_some_and(|known| known.came == *came)
            {
                self.forms.remove(form);
            }
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use axum::response::{IntoResponse, Redirect};
    use tokio::sync::Notify;

    use super::*;

    fn form(number: usize) -> Digest {
        Digest::of(&[&number.to_be_bytes()])
    }

    fn cookie(value: &str) -> Option<Digest> {
        Some(cookie_digest(value))
    }

    /// Counts, and answers with where it leads.
    async fn counted(count: Arc<AtomicU32>, done: bool) -> Response {
        let number = count.fetch_add(1, Relaxed) + 1;
        if done {
            Redirect::to(&format!("/done/{number}")).into_response()
        } else {
            StatusCode::UNPROCESSABLE_ENTITY.into_response()
        }
    }

    #[tokio::test]
    async fn what_was_done_is_answered_again_to_whom_it_was_done_for() {
        let (once, count) = (Arc::new(Once::default()), Arc::new(AtomicU32::new(0)));
        let send = async |number, from, now| {
            let act = counted(Arc::clone(&count), true);
            let response = once.answer(form(number), from, now, act).await;
            response.headers()[header::LOCATION].clone()
        };
        assert_eq!(send(1, cookie("a"), 0).await, "/done/1");
        assert_eq!(send(1, cookie("a"), 5).await, "/done/1");
        assert_eq!(send(1, cookie("b"), 5).await, "/done/2", "another's cookie");
        assert_eq!(send(1, None, 5).await, "/done/3", "no cookie");
        assert_eq!(send(2, cookie("a"), 5).await, "/done/4", "another form");
        let end = FORM_REMEMBERED_MILLIS;
        assert_eq!(send(1, cookie("a"), end - 1).await, "/done/1");
        assert_eq!(send(1, cookie("a"), end).await, "/done/5");
    }

    #[tokio::test]
    async fn what_was_not_done_may_be_tried_again() {
        let (once, count) = (Arc::new(Once::default()), Arc::new(AtomicU32::new(0)));
        for tried in 1..=3 {
            let act = counted(Arc::clone(&count), false);
            let response = once.answer(form(1), cookie("a"), 0, act).await;
            assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(count.load(Relaxed), tried);
        }
        assert!(once.held().forms.is_empty());
    }

    #[tokio::test]
    async fn an_act_goes_to_its_end_though_its_browser_has_left() {
        let (once, go_on) = (Arc::new(Once::default()), Arc::new(Notify::new()));
        let wait = Arc::clone(&go_on);
        let first = once.answer(form(1), cookie("a"), 0, async move {
            wait.notified().await;
            Redirect::to("/done").into_response()
        });
        // The second click hangs up on the first.
        assert!(futures_util::FutureExt::now_or_never(first).is_none());
        let never = async { unreachable!("it is under way already") };
        let second = once.answer(form(1), cookie("a"), 0, never);
        let (second, ()) = tokio::join!(second, async { go_on.notify_one() });
        assert_eq!(second.headers()[header::LOCATION], "/done");
    }

    #[tokio::test]
    async fn a_handler_that_panics_leaves_nobody_waiting() {
        let once = Arc::new(Once::default());
        let answer = once.answer(form(1), cookie("a"), 0, async {
            tokio::task::yield_now().await;
            unreachable!("as asked")
        });
        assert_eq!(answer.await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[tokio::test]
    async fn one_more_than_are_remembered_forgets_the_first() {
        let (once, count) = (Arc::new(Once::default()), Arc::new(AtomicU32::new(0)));
        let send = async |number, now| {
            let act = counted(Arc::clone(&count), true);
            once.answer(form(number), cookie("a"), now, act).await;
            count.load(Relaxed)
        };
        for number in 0..FORMS_REMEMBERED_MAX {
            send(number, 0).await;
        }
        let all = count.load(Relaxed);
        assert_eq!(send(1, 1).await, all, "all of them are remembered");
        assert_eq!(send(FORMS_REMEMBERED_MAX, 1).await, all + 1);
        assert!(once.held().forms.len() <= FORMS_REMEMBERED_MAX);
        assert_eq!(send(0, 1).await, all + 2, "the first is forgotten");
    }
}
