//! What surrounds every page: head, masthead, menu, footer.

use std::fmt;
use std::sync::Arc;

use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::Language;
use akashi_proof::state::Person;

use crate::frame::closes::Closes;
use crate::frame::csrf::Token;
use crate::frame::forms::Mistakes;
use crate::frame::visit::Visit;
use crate::words::text::Rich;
use crate::words::texts::Frame;

/// What the layout shows.
pub struct Shell {
    pub(crate) t: Frame,
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) is_narrow: bool,
    pub(crate) is_demo: bool,
    pub(crate) level: u8,
    /// The token of this session's forms; empty where there is no session, and then there is no
    /// form.
    pub(crate) csrf: String,
    /// Why she sees this page and not the one she asked for.
    pub(crate) said: Option<&'static str>,
    /// When what is open closes; `None` where nothing is.
    pub(crate) closes: Option<Closes>,
    /// When this page was made, for paper.
    pub(crate) made: String,
    /// Which item of the menu this page belongs to.
    pub(crate) here: &'static str,
    /// How many requests wait for an answer.
    pub(crate) waiting: usize,
    pub(crate) other_language: String,
    pub(crate) origin: String,
}

impl Shell {
    /// The frame of a page that reads nothing - of one that says what did not work, above all: it
    /// must come also when reading is what fails. It does not say how many requests wait.
    pub(crate) fn new(visit: &Visit, title: String) -> Self {
        Self {
            t: Frame(visit.language),
            language: visit.language,
            title,
            is_narrow: false,
            is_demo: visit.app.site.is_demo,
            level: visit.level(),
            csrf: visit
                .session
                .as_ref()
                .map(|session| Token::draw(&visit.app.form_key, session).to_text())
                .unwrap_or_default(),
            said: visit.said(),
            closes: Closes::of(visit),
            made: visit.names().when.say_on_paper(visit.now()),
            here: "",
            waiting: 0,
            other_language: visit.in_other_language(),
            origin: visit.app.origin().to_string(),
        }
    }

    /// With the number of requests that wait for these people: those the page of requests lists.
    pub(crate) fn waiting_for(mut self, people: &[Arc<Person>], now: Timestamp) -> Self {
        let asks = people.iter().flat_map(|person| &person.asks);
        self.waiting = asks.filter(|ask| ask.is_open(now)).count();
        self
    }

    /// A page of text or of one form: as wide as a line is read.
    pub const fn narrow(mut self) -> Self {
        self.is_narrow = true;
        self
    }

    /// The item of the menu this page belongs to.
    pub(crate) const fn at(mut self, here: &'static str) -> Self {
        self.here = here;
        self
    }

    /// The menu.
    pub(crate) fn menu(&self) -> [MenuItem; 6] {
        let t = self.t;
        let item = |path: &'static str, text| MenuItem {
            path,
            text,
            is_here: path == self.here,
            waiting: 0,
        };
        [
            item("/me", t.overview()),
            item("/me/history", t.history()),
            item("/me/consents", t.consents()),
            MenuItem {
                waiting: self.waiting,
                ..item("/me/requests", t.requests())
            },
            item("/me/contacts", t.contacts()),
            item("/me/keys", t.keys()),
        ]
    }

    /// The code of the language this page is not in.
    pub(crate) const fn other_language_code(&self) -> &'static str {
        match self.language {
            Language::Ja => "en",
            Language::En => "ja",
        }
    }

    /// What the page is called.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// A picture beside a word.
    pub(crate) fn icon(&self, name: &str) -> Html {
        Html(format!(
            r#"<svg class="icon" aria-hidden="true" focusable="false"><use href="/static/icons.svg#{name}"></use></svg>"#
        ))
    }

    /// A text others wrote, or a sentence that holds one, for this page: see [`Rich`].
    pub fn rich(&self, text: impl fmt::Display) -> Rich {
        Rich::new(self.language, text.to_string())
    }

    /// A mark with its word.
    pub(crate) fn status(&self, name: &str, word: &str) -> Html {
        let (icon, word) = (self.icon(name), self.rich(word));
        Html(format!(
            r#"<span class="status status--{name}">{icon}{word}</span>"#
        ))
    }

    /// The word beside the label of a field that must be filled.
    pub(crate) fn required(&self) -> Html {
        Html(format!(
            r#"<span class="field__need">{}</span>"#,
            self.t.required()
        ))
    }

    /// What is wrong with a field, above it.
    pub(crate) fn mistake(&self, mistakes: &Mistakes, field: &str) -> Html {
        let Some(what) = mistakes.of(field) else {
            return Html(String::new());
        };
        let (icon, what) = (self.icon("alert"), self.rich(what));
        Html(format!(
            r#"<p class="field__error" id="{field}-error">{icon}{what}</p>"#
        ))
    }

    /// The attributes of a group of boxes of which something must be corrected.
    pub(crate) fn group(&self, mistakes: &Mistakes, field: &str) -> Html {
        let described = mistakes
            .of(field)
            .map(|_| format!(r#" aria-describedby="{field}-error""#));
        Html(described.unwrap_or_default())
    }

    /// The attribute of each box of such a group.
    pub(crate) fn invalid(&self, mistakes: &Mistakes, field: &str) -> Html {
        let invalid = mistakes.of(field).map(|_| r#" aria-invalid="true""#);
        Html(invalid.unwrap_or_default().to_owned())
    }

    /// The attributes of a field with its hint, and of one that must be corrected.
    pub(crate) fn described(&self, mistakes: &Mistakes, field: &str) -> Html {
        Html(match mistakes.of(field) {
            Some(_) => {
                format!(r#" aria-describedby="{field}-hint {field}-error" aria-invalid="true""#)
            }
            None => format!(r#" aria-describedby="{field}-hint""#),
        })
    }
}

/// An item of the menu.
pub(crate) struct MenuItem {
    pub(crate) path: &'static str,
    pub(crate) text: &'static str,
    pub(crate) is_here: bool,
    pub(crate) waiting: usize,
}

/// Markup made here, of names of ours and of escaped text.
pub(crate) struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}
