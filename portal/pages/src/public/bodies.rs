//! `/institutions`: who takes part and how to reach them, as supervisors certified it; and a page
//! for each of them.

use akashi_proof::ids::InstitutionId;
use akashi_proof::particulars::Particulars;
use akashi_proof::record::kind::Language;
use akashi_proof::state::Standing;
use askama::Template;
use axum::extract::Path;

use crate::frame::error::PageError;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, page};
use crate::words::bodies::{Body, institutions, supervisors};
use crate::words::text::Rich;
use crate::words::texts::Bodies as Texts;

#[derive(Template)]
#[template(path = "institutions.html")]
struct BodiesPage {
    shell: Shell,
    t: Texts,
    institutions: Vec<Body>,
    supervisors: Vec<Body>,
}

#[derive(Template)]
#[template(path = "institution.html")]
struct BodyPage {
    shell: Shell,
    t: Texts,
    body: Body,
    /// Its name in the language the page is not in, below what that is called.
    other_name: (&'static str, Rich),
    /// What only an institution has.
    certified: Option<Certified>,
    /// Where her own records with it are, if it is she who looks.
    hers: Option<String>,
}

/// Since when an institution takes part.
struct Certified {
    on: String,
    /// Since when it is suspended, if it is.
    suspended_since: Option<String>,
    /// Supervisors put a new key in place of all it has: said until that is in force.
    reset: Option<String>,
}

/// `GET /institutions`.
pub(crate) async fn list(visit: Visit) -> Answer {
    visit.read(show_list).await
}

fn show_list(books: &Books<'_>) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    page(BodiesPage {
        shell: books.shell(t.title()),
        t,
        institutions: institutions(&names),
        supervisors: supervisors(&names),
    })
}

/// `GET /institutions/{id}`.
pub(crate) async fn institution(visit: Visit, Path(id): Path<String>) -> Answer {
    let now = visit.now();
    let shown = visit.read(move |books| {
        let (names, id) = (books.names(), parse(&id)?);
        let one = names.registry.institution(&id).ok_or(PageError::NotFound)?;
        let on_day = |time| names.when.say_day(names.when.day(time));
        let certified = Certified {
            on: on_day(one.certified),
            suspended_since: match one.standing {
                Standing::Certified => None,
                Standing::Suspended => Some(on_day(one.standing_since)),
            },
            reset: one.reset_waiting(now).map(|reset| match reset.effect {
                Some(effect) => Texts(books.language).reset_what(&names.when.say(effect)),
                None => Texts(books.language).reset_objected().to_owned(),
            }),
        };
        let hers = (books.level() == 2).then(|| format!("/me/history?institution={id}"));
        let body = Body::institution(one, &names);
        show(books, &one.particulars, body, Some(certified), hers)
    });
    shown.await
}

/// `GET /supervisors/{id}`.
pub(crate) async fn supervisor(visit: Visit, Path(id): Path<String>) -> Answer {
    let shown = visit.read(move |books| {
        let (names, id) = (books.names(), parse(&id)?);
        let one = names.registry.supervisor_named(&id);
        let one = one.ok_or(PageError::NotFound)?;
        let body = Body::supervisor(one, names.language);
        show(books, &one.particulars, body, None, None)
    });
    shown.await
}

fn parse(id: &str) -> Result<InstitutionId, PageError> {
    InstitutionId::parse(id).map_err(|_| PageError::NotFound)
}

fn show(
    books: &Books<'_>,
    particulars: &Particulars,
    body: Body,
    certified: Option<Certified>,
    hers: Option<String>,
) -> Answer {
    let (l, t) = (books.language, Texts(books.language));
    let (label, other) = match l {
        Language::Ja => (t.name_en(), Language::En),
        Language::En => (t.name_ja(), Language::Ja),
    };
    page(BodyPage {
        shell: books.shell(particulars.name(l).as_str()).narrow(),
        t,
        body,
        other_name: (label, Rich::new(l, particulars.name(other).as_str())),
        certified,
        hers,
    })
}
