//! Institutions and supervisors as pages name them where they say how they are reached: what the
//! registry says today, which is what supervisors signed. Whatever is shown beside it, a name of
//! the past or words she agreed to, she wants to reach who answers now.

use std::collections::BTreeSet;

use akashi_desk::history::gist::{Gist, Matter};
use akashi_desk::words::names::Names;
use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::particulars::Particulars;
use akashi_proof::record::Record;
use akashi_proof::record::kind::{AccessDecided, Language};
use akashi_proof::state::{Institution, Standing, Supervisor};

use crate::words::text::Rich;
use crate::words::texts::Bodies;
use crate::words::told::Related;

/// One of them, with what is certified of it.
pub(crate) struct Body {
    pub(crate) id: String,
    /// Where its own page is.
    pub(crate) path: String,
    pub(crate) name: Rich,
    /// How the Japanese name is read.
    pub(crate) reading: Rich,
    /// What it is called in a record of the time before its name was changed.
    pub(crate) called_then: Option<Rich>,
    /// The number as it is written.
    pub(crate) telephone: String,
    /// The number as a link that rings it up.
    pub(crate) telephone_uri: String,
    /// Where mail about its keys goes.
    pub(crate) email: String,
    pub(crate) hours: Rich,
    pub(crate) address: Rich,
    pub(crate) web: Option<String>,
    /// What an institution is, in the words of the pack; supervisors have none.
    pub(crate) sector: Option<String>,
    /// It can be rung up all the same.
    pub(crate) is_suspended: bool,
}

impl Body {
    /// An institution.
    pub(crate) fn institution(known: &Institution, names: &Names) -> Self {
        let l = names.language;
        let sector = names.pack.sector(&known.sector);
        Self {
            sector: sector.map(|sector| sector.name.in_language(l).to_owned()),
            is_suspended: known.standing == Standing::Suspended,
            ..Self::new("institutions", &known.id, &known.particulars, l)
        }
    }

    /// A supervisor.
    pub(crate) fn supervisor(known: &Supervisor, l: Language) -> Self {
        Self::new("supervisors", &known.id, &known.particulars, l)
    }

    fn new(pages: &str, id: &InstitutionId, of: &Particulars, l: Language) -> Self {
        Self {
            id: id.to_string(),
            path: format!("/{pages}/{id}"),
            name: Rich::new(l, of.name(l).as_str()),
            reading: Rich::new(l, of.name_kana.as_str()),
            called_then: None,
            telephone: of.telephone.written(l),
            telephone_uri: of.telephone.uri(),
            email: of.email.to_string(),
            hours: Rich::new(l, of.hours(l).as_str()),
            address: Rich::new(l, of.address(l).as_str()),
            web: of.web.as_ref().map(ToString::to_string),
            sector: None,
            is_suspended: false,
        }
    }
}

/// The institutions a page names, and how they are reached: in full on the page of one thing
/// (`reach.html`), one line each below a list (`reach_lines.html`).
pub(crate) struct Reach {
    pub(crate) t: Bodies,
    /// Why they stand here.
    pub(crate) why: &'static str,
    pub(crate) bodies: Vec<Body>,
    /// Those nobody certified, whose number nobody knows.
    pub(crate) unknown: Vec<String>,
    /// Who watches over all of them.
    pub(crate) supervisors: Vec<Body>,
}

impl Reach {
    /// Of a page that names these.
    pub(crate) fn of<'a>(
        named: impl IntoIterator<Item = &'a InstitutionId>,
        names: &Names,
    ) -> Self {
        Self::named_at(None, named, names)
    }

    /// Of the page of this record.
    pub(crate) fn of_record(record: &Record, related: &dyn Related, names: &Names) -> Self {
        let matter = Matter::of(&Gist::of(&record.event), related);
        Self::named_at(Some(record.time), matter.institutions(), names)
    }

    /// Of a page on which she answers a request: whether it is real she asks before.
    pub(crate) fn before_she_answers(asked: &AccessDecided, names: &Names) -> Self {
        Self {
            why: Bodies(names.language).ring_back(),
            ..Self::of([&asked.requester, &asked.holder], names)
        }
    }

    /// Each once, as a list is sorted in this language, with the name the page may call it by.
    fn named_at<'a>(
        time: Option<Timestamp>,
        named: impl IntoIterator<Item = &'a InstitutionId>,
        names: &Names,
    ) -> Self {
        let l = names.language;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for id in named.into_iter().collect::<BTreeSet<_>>() {
            match names.registry.institution(id) {
                Some(institution) => known.push(institution),
                None => unknown.push(id.to_string()),
            }
        }
        sort(&mut known, l, |one| &one.particulars);
        let body = |known: &Institution| {
            let then = time.map(|time| known.particulars_at(time).name(l));
            let other = then.filter(|then| *then != known.particulars.name(l));
            Body {
                called_then: other.map(|then| Rich::new(l, then.as_str())),
                ..Body::institution(known, names)
            }
        };
        Self {
            t: Bodies(l),
            why: Bodies(l).reach_what(),
            bodies: known.into_iter().map(body).collect(),
            unknown,
            supervisors: supervisors(names),
        }
    }

    /// Whether the page names nobody.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bodies.is_empty() && self.unknown.is_empty()
    }
}

/// All institutions, as people look for a name.
pub(crate) fn institutions(names: &Names) -> Vec<Body> {
    let all = by_name(names).into_iter();
    all.map(|one| Body::institution(one, names)).collect()
}

/// The same as the registry has them.
pub(crate) fn by_name(names: &Names) -> Vec<&Institution> {
    let mut all: Vec<_> = names.registry.institutions().collect();
    sort(&mut all, names.language, |one| &one.particulars);
    all
}

/// All supervisors, as people look for a name.
pub(crate) fn supervisors(names: &Names) -> Vec<Body> {
    let mut all: Vec<_> = names.registry.supervisors().collect();
    sort(&mut all, names.language, |one| &one.particulars);
    let body = |one| Body::supervisor(one, names.language);
    all.into_iter().map(body).collect()
}

/// Sorts as people look for a name: by its reading in Japanese, by its letters in English.
pub(crate) fn sort<T>(list: &mut [T], l: Language, particulars: impl Fn(&T) -> &Particulars) {
    match l {
        Language::Ja => list.sort_by(|a, b| {
            let (a, b) = (particulars(a), particulars(b));
            a.name_kana.sort_key().cmp(&b.name_kana.sort_key())
        }),
        Language::En => list.sort_by_key(|of| particulars(of).name_en.as_str().to_lowercase()),
    }
}
