//! What was typed into a form that came too late - its session was over, or another tab had begun
//! another - kept until she is back, and then brought before her again.
//!
//! It stays on the server, in memory; her browser keeps a random number for it. It is shown to the
//! one person its page was written for, at the level it was written for, once, and to nobody else
//! who signs in at the same browser. Codes, and the words she was about to agree to, are not kept:
//! what she does she does anew.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_desk::app::drawn;
use akashi_desk::identity::session::{IDLE_MILLIS, Session, Standing};
use akashi_proof::digest::{Digest, Secret};
use akashi_tlog::base64;
use askama::Template;

use crate::frame::csrf::{self, Token};
use crate::frame::forms::Fields;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Visit, page};
use crate::limits::{KEPT_FORM_LEN_MAX, KEPT_FORMS_MAX};
use crate::words::texts::Kept as Texts;

/// How long a form is kept: as long as a session may rest.
pub(crate) const KEPT_MILLIS: u64 = IDLE_MILLIS;

/// Secrets and decisions: never kept, and a form that holds nothing else is not either.
const NEVER: [&str; 6] = [csrf::FIELD, "code", "recovery", "wording", "answer", "kept"];

/// Whether the form of this page is one she fills in, and sending it shows her something first: the
/// words to agree to, a code to type. One that does what it says when it is sent is not kept,
/// however little is in it. Which of all forms that are is held by a test.
fn is_filled_in(path: &str) -> bool {
    match path.strip_prefix("/me/") {
        Some("contacts" | "contacts/replace" | "consents/new") => true,
        Some(rest) => rest
            .strip_prefix("consents/")
            .is_some_and(|id| !id.contains('/')),
        None => false,
    }
}

/// A form that came too late.
#[derive(Clone)]
pub(crate) struct Form {
    token: Token,
    path: String,
    fields: Fields,
}

impl Form {
    /// What there is to keep of a form; `None` where nothing was typed, or nothing of one person's.
    pub(crate) fn of(token: Token, path: &str, fields: Fields) -> Option<Self> {
        let fields = NEVER
            .into_iter()
            .fold(fields, |fields, name| fields.minus(name));
        let fits = (1..=KEPT_FORM_LEN_MAX).contains(&fields.len());
        (is_filled_in(path) && fits).then(|| Self {
            token,
            path: path.to_owned(),
            fields,
        })
    }

    /// Whether it may be shown in this session, on this page.
    fn is_for(&self, key: &Secret, session: &Session, path: &str) -> bool {
        match &session.standing {
            Standing::Person { subject, .. } => {
                self.path == path && self.token.is_written_for(key, subject)
            }
            Standing::Visitor | Standing::Holder(_) => false,
        }
    }
}

/// Forms that came too late, by the digest of what their browsers keep.
#[derive(Default)]
pub(crate) struct Kept {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    forms: HashMap<Digest, Form>,
    order: VecDeque<(u64, Digest)>,
}

impl Kept {
    /// Keeps a form; returns what the browser is to bring back.
    pub(crate) fn keep(&self, form: Form, now: u64) -> String {
        let number = base64::url::encode(&drawn::<32>());
        let mut held = self.held();
        held.forget_old(now);
        let digest = digest(&number);
        held.forms.insert(digest, form);
        held.order.push_back((now, digest));
        number
    }

    /// The form a browser brings back, if it is for this session and this page: once.
    pub(crate) fn take(
        &self,
        number: &str,
        key: &Secret,
        session: &Session,
        path: &str,
        now: u64,
    ) -> Option<Form> {
        let mut held = self.held();
        held.forget_old(now);
        let digest = digest(number);
        let is_for = held.forms.get(&digest)?.is_for(key, session, path);
        is_for.then(|| held.forms.remove(&digest)).flatten()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn forget_old(&mut self, now: u64) {
        while let Some((came, form)) = self.order.front() {
            let old = now.saturating_sub(*came) >= KEPT_MILLIS;
            if !old && self.order.len() < KEPT_FORMS_MAX {
                return;
            }
            self.forms.remove(form);
            self.order.pop_front();
        }
    }
}

fn digest(number: &str) -> Digest {
    Digest::of(&[b"akashi/kept-form/v1", number.as_bytes()])
}

#[derive(Template)]
#[template(path = "kept.html")]
struct KeptPage {
    shell: Shell,
    t: Texts,
    path: String,
    fields: Fields,
}

/// The page on which she goes on with it, by one button.
pub(crate) fn show(visit: &Visit, form: Form) -> Answer {
    let t = Texts(visit.language);
    page(KeptPage {
        shell: Shell::new(visit, t.title().to_owned()).narrow(),
        t,
        path: form.path,
        fields: form.fields,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use akashi_desk::identity::session::{Met, Sessions, Showed, Shown};
    use akashi_proof::ids::SubjectHandle;
    use akashi_proof::record::kind::Language;

    use super::*;

    const PATH: &str = "/me/consents/new";

    struct Place {
        sessions: Sessions,
        key: Secret,
    }

    impl Place {
        fn new() -> Self {
            Self {
                sessions: Sessions::default(),
                key: Secret::from_bytes([7; 32]),
            }
        }

        fn session(&self, standing: Standing) -> Session {
            let visitor = self.sessions.begin(0).session;
            self.sessions.raise(&visitor, standing, 0).session
        }

        fn person(&self, byte: u8) -> Session {
            let subject = SubjectHandle::from_bytes([byte; 16]);
            self.session(Standing::Person {
                subject,
                showed: Showed::default(),
                shown: Shown::Phone(Arc::new([Met::newcomer(subject)])),
                language: Language::Ja,
            })
        }

        fn form(&self, session: &Session, query: &str) -> Option<Form> {
            let token = Token::draw(&self.key, session);
            Form::of(token, PATH, Fields::of_query(query))
        }
    }

    #[test]
    fn a_form_comes_back_once_to_its_own_person_on_its_own_page() {
        let (place, kept) = (Place::new(), Kept::default());
        let form = place.form(&place.person(1), "until=2027-03-31").unwrap();
        let number = kept.keep(form, 0);
        let take = |session: &Session, path: &str| {
            let taken = kept.take(&number, &place.key, session, path, 1);
            taken.map(|form| form.fields.first("until").map(str::to_owned))
        };
        let phone = Standing::Holder(Arc::new([Met::newcomer(SubjectHandle::from_bytes(
            [1; 16],
        ))]));
        assert_eq!(take(&place.person(2), PATH), None, "another person");
        assert_eq!(take(&place.session(phone), PATH), None, "the phone alone");
        assert_eq!(
            take(&place.sessions.begin(0).session, PATH),
            None,
            "a visitor"
        );
        assert_eq!(take(&place.person(1), "/me"), None, "another page");
        let until = Some(Some("2027-03-31".to_owned()));
        assert_eq!(take(&place.person(1), PATH), until);
        assert_eq!(take(&place.person(1), PATH), None, "once");
    }

    #[test]
    fn secrets_and_decisions_are_not_kept() {
        let place = Place::new();
        let session = place.person(1);
        for nothing in [
            "",
            "csrf=x&code=123456",
            "answer=approve&wording=AAAA&code=123456",
            "recovery=K4TW-9QMX",
        ] {
            assert!(place.form(&session, nothing).is_none(), "{nothing}");
        }
        let form = place.form(&session, "until=x&code=123456&wording=AAAA&csrf=y");
        assert_eq!(
            form.unwrap().fields.iter().collect::<Vec<_>>(),
            [("until", "x")]
        );
        let of = |len: usize| place.form(&session, &format!("a={}", "x".repeat(len - 1)));
        assert!(of(KEPT_FORM_LEN_MAX).is_some() && of(KEPT_FORM_LEN_MAX + 1).is_none());
    }

    /// Why the form at a route is kept, or is not.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Why {
        /// She fills it in, and is shown something before anything is done.
        FilledIn,
        /// What is typed is a secret: a code, a recovery code.
        Secret,
        /// Nothing is typed: it does what its button says, and must be meant anew.
        Decision,
        /// Of somebody who is nobody here yet: her session lasts all day, and what she types is
        /// nobody's to bring back. Also whoever has just what is on her paper.
        Visitor,
    }

    const FORMS: [(&str, Why); 28] = [
        ("/block", Why::Visitor),
        ("/enrol", Why::Visitor),
        ("/enrol/code", Why::Secret),
        ("/enrol/done", Why::Decision),
        ("/me/account", Why::Decision),
        ("/me/block", Why::Decision),
        ("/me/consents/new", Why::FilledIn),
        ("/me/consents/{id}", Why::FilledIn),
        ("/me/consents/{id}/withdraw", Why::Decision),
        ("/me/contacts", Why::FilledIn),
        ("/me/contacts/code", Why::Secret),
        ("/me/contacts/confirm", Why::Decision),
        ("/me/contacts/end", Why::Decision),
        ("/me/contacts/keep", Why::Decision),
        ("/me/contacts/replace", Why::FilledIn),
        ("/me/contacts/replace/code", Why::Secret),
        ("/me/counter-code", Why::Decision),
        ("/me/links/{institution}", Why::Decision),
        ("/me/papers", Why::Secret),
        ("/me/requests/{access}", Why::Decision),
        ("/me/stop", Why::Decision),
        ("/me/unblock", Why::Decision),
        ("/sign-in", Why::Visitor),
        ("/sign-in/code", Why::Secret),
        ("/sign-in/mail", Why::Visitor),
        ("/sign-in/mail/code", Why::Secret),
        ("/sign-out", Why::Decision),
        ("/step-up", Why::Secret),
    ];

    /// Every route of the pages that takes a form.
    fn routes_with_a_form() -> Vec<String> {
        let sources = [include_str!("../lib.rs"), include_str!("../sign_in.rs")];
        let routes = sources
            .iter()
            .flat_map(|source| source.split(".route(").skip(1));
        let with_a_form = routes.filter(|route| route.contains("post("));
        let mut paths: Vec<String> = with_a_form
            .map(|route| {
                let (_, rest) = route.split_once('"').unwrap();
                rest.split_once('"').unwrap().0.to_owned()
            })
            .collect();
        paths.sort();
        paths
    }

    #[test]
    fn of_every_form_it_is_said_whether_it_is_kept_and_why() {
        let named: Vec<&str> = FORMS.iter().map(|(route, _)| *route).collect();
        assert_eq!(routes_with_a_form(), named);
        for (route, why) in FORMS {
            let parts = route.split('/');
            let parts = parts.map(|part| {
                let is_an_id = part.starts_with('{');
                if is_an_id {
                    "AAAAAAAAAAAAAAAAAAAAAA"
                } else {
                    part
                }
            });
            let path = parts.collect::<Vec<_>>().join("/");
            assert_eq!(is_filled_in(&path), why == Why::FilledIn, "{route}");
        }
    }

    #[test]
    fn one_more_than_are_kept_forgets_the_first_and_time_forgets_all() {
        let (place, kept) = (Place::new(), Kept::default());
        let session = place.person(1);
        let keep = |now| kept.keep(place.form(&session, "a=b").unwrap(), now);
        let comes_back = |number: &str, now| {
            let form = kept.take(number, &place.key, &session, PATH, now);
            form.is_some()
        };
        let numbers: Vec<String> = (0..KEPT_FORMS_MAX).map(|_| keep(0)).collect();
        let newest = keep(0);
        assert!(!comes_back(&numbers[0], 0), "the first made room");
        assert!(comes_back(&numbers[2], 0) && comes_back(&newest, 0));
        assert!(comes_back(&numbers[3], KEPT_MILLIS - 1));
        assert!(!comes_back(&numbers[4], KEPT_MILLIS));
    }
}
