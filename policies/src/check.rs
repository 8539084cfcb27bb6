//! From the files as written to types that cannot be wrong. The first thing that is wrong is named
//! by file and key.

mod rules;

use serde::de::DeserializeOwned;

use akashi_proof::ids::{CategoryCode, IdError, ProcessId, PurposeCode, RoleCode};
use akashi_proof::record::kind::{Assurance, BasisKind};

use crate::category::{Category, Sensitivity};
use crate::codes::{Bits, CODES_MAX, Coded, Codes, TableError};
use crate::error::PackError;
use crate::files::{CATEGORIES_FILE, PACK_FILE, PROCESSES_FILE, PURPOSES_FILE, ROLES_FILE};
use crate::process::{Actor, Allow, AskRule, FlowStep, Notify, Process, Tell};
use crate::purpose::{HL7_CODES, Purpose};
use crate::questions::ANSWER_ASSURANCE_MAX;
use crate::role::Role;
use crate::settings::{
    DIGEST_DAYS_MAX, EMERGENCIES_PER_HOUR_MOST, EVIDENCE_SECONDS_MAX, MINIMUM_CELL_LEAST, Meaning,
    Settings,
};
use crate::source;
use crate::text::Text;

pub(crate) use rules::rules;

/// Longest a question may wait: thirty days.
const WINDOW_SECONDS_MAX: u64 = 30 * 24 * 3600;
/// Longest any number of days may be: a hundred years.
const DAYS_MAX: u64 = 36_525;
/// Largest minimum cell; beyond it nothing would ever be counted.
const MINIMUM_CELL_MOST: u64 = 1_000_000;
/// Steps in the picture of a process: one is no picture, nine do not fit on a page.
const FLOW_STEPS: std::ops::RangeInclusive<usize> = 2..=8;

/// Reads a TOML file into its shape.
pub(crate) fn parsed<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, PackError> {
    toml::from_str(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        PackError::Shape {
            file,
            line: before.matches('\n').count() + 1,
            message: error.message().to_owned(),
        }
    })
}

/// A place in a file, for saying what is wrong there.
struct At {
    file: &'static str,
    key: String,
}

impl At {
    fn new(file: &'static str, key: impl Into<String>) -> Self {
        Self {
            file,
            key: key.into(),
        }
    }

    fn wrong(&self, expected: impl Into<String>, found: impl Into<String>) -> PackError {
        PackError::Value {
            file: self.file,
            key: self.key.clone(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// The same place, one key further in.
    fn key(&self, key: &str) -> Self {
        Self {
            file: self.file,
            key: format!("{}.{key}", self.key),
        }
    }

    fn number(&self, value: u64, range: std::ops::RangeInclusive<u64>) -> Result<u64, PackError> {
        if range.contains(&value) {
            Ok(value)
        } else {
            Err(self.wrong(
                format!("a number from {} to {}", range.start(), range.end()),
                value.to_string(),
            ))
        }
    }

    fn word<T: Copy>(
        &self,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
        all: &[&str],
    ) -> Result<T, PackError> {
        parse(text)
            .ok_or_else(|| self.wrong(format!("one of {}", quoted(all)), format!("`{text}`")))
    }

    fn id<T>(&self, text: &str, parse: fn(&str) -> Result<T, IdError>) -> Result<T, PackError> {
        parse(text).map_err(|error| self.wrong(error.expected, format!("`{text}`")))
    }

    /// Codes the ledger keeps as plain text are of the same alphabet as all others.
    fn code(&self, text: String) -> Result<String, PackError> {
        self.id(&text, CategoryCode::parse).map(|_| text)
    }

    fn text(&self, text: source::Text) -> Result<Text, PackError> {
        for (language, words) in [("ja", &text.ja), ("en", &text.en)] {
            if words.trim().is_empty() || words.trim() != words || words.contains(char::is_control)
            {
                let expected = "a text in one line, without spaces around it";
                return Err(self.key(language).wrong(expected, format!("`{words}`")));
            }
        }
        Ok(Text {
            ja: text.ja,
            en: text.en,
        })
    }

    /// The places of codes in a table; there must be some, each once, all known.
    fn places<T: Coded>(&self, codes: &[String], table: &Codes<T>) -> Result<Bits, PackError> {
        let mut places = Bits::default();
        for code in codes {
            let known = || quoted(&table.items().iter().map(Coded::code).collect::<Vec<_>>());
            let place = table
                .place(code)
                .ok_or_else(|| self.wrong(format!("one of {}", known()), format!("`{code}`")))?;
            if places.contains(place) {
                return Err(self.wrong("each code once", format!("`{code}` twice")));
            }
            places = places.with(place);
        }
        if codes.is_empty() {
            Err(self.wrong("at least one code", "none"))
        } else {
            Ok(places)
        }
    }

    /// Kinds of basis by their words; there must be some, each once.
    fn bases(&self, words: &[String]) -> Result<Vec<BasisKind>, PackError> {
        let all: Vec<&str> = BasisKind::ALL.iter().map(|basis| basis.as_str()).collect();
        let mut bases = Vec::new();
        for word in words {
            let basis = self.word(word, BasisKind::parse, &all)?;
            if bases.contains(&basis) {
                return Err(self.wrong("each basis once", format!("`{word}` twice")));
            }
            bases.push(basis);
        }
        if bases.is_empty() {
            Err(self.wrong("at least one basis", "none"))
        } else {
            Ok(bases)
        }
    }

    fn table<T: Coded>(&self, items: Vec<T>) -> Result<Codes<T>, PackError> {
        Codes::new(items).map_err(|error| match error {
            TableError::Count(count) => {
                self.wrong(format!("1 to {CODES_MAX} of them"), count.to_string())
            }
            TableError::Duplicate(code) => self.wrong("each code once", format!("`{code}` twice")),
        })
    }
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn tell(at: &At, text: &str) -> Result<Tell, PackError> {
    at.word(text, Tell::parse, &["always", "digest"])
}

pub(crate) fn pack_name(name: &str) -> Result<String, PackError> {
    At::new(PACK_FILE, "name").code(name.to_owned())
}

pub(crate) fn pack_title(title: source::Text) -> Result<Text, PackError> {
    At::new(PACK_FILE, "title").text(title)
}

pub(crate) fn settings(pack: &source::PackFile) -> Result<Settings, PackError> {
    let number = |key: &str, value, range| At::new(PACK_FILE, key).number(value, range);
    number("version", pack.version, 1..=u64::from(u32::MAX))?;
    Ok(Settings {
        evidence_seconds: number(
            "evidence.lifetime_seconds",
            pack.evidence.lifetime_seconds,
            1..=EVIDENCE_SECONDS_MAX,
        )?,
        approval_seconds: number(
            "approval.window_seconds",
            pack.approval.window_seconds,
            1..=WINDOW_SECONDS_MAX,
        )?,
        justify_hours: number(
            "emergency.justify_hours",
            pack.emergency.justify_hours,
            1..=72,
        )?,
        emergencies_per_hour: number(
            "emergency.emergencies_per_hour",
            pack.emergency.emergencies_per_hour,
            1..=EMERGENCIES_PER_HOUR_MOST,
        )?,
        minimum_cell: number(
            "statistics.minimum_cell",
            pack.statistics.minimum_cell,
            MINIMUM_CELL_LEAST..=MINIMUM_CELL_MOST,
        )?,
        consent_days_max: number("consent.days_max", pack.consent.days_max, 1..=DAYS_MAX)?,
        out_of_purpose: tell(
            &At::new(PACK_FILE, "notify.out_of_purpose"),
            &pack.notify.out_of_purpose,
        )?,
        digest_days: number(
            "notify.digest_days",
            pack.notify.digest_days,
            1..=DIGEST_DAYS_MAX,
        )?,
    })
}

pub(crate) fn meanings(
    list: &str,
    items: Vec<source::Meaning>,
) -> Result<Codes<Meaning>, PackError> {
    let meaning = |item: source::Meaning| {
        let at = At::new(PACK_FILE, format!("{list}[{}]", item.code));
        Ok(Meaning {
            code: at.key("code").code(item.code)?,
            name: at.key("name").text(item.name)?,
        })
    };
    At::new(PACK_FILE, list).table(items.into_iter().map(meaning).collect::<Result<_, _>>()?)
}

/// As [`meanings`], of words that are closed: each has its meaning, and nothing else has one.
pub(crate) fn meanings_of(
    list: &str,
    items: Vec<source::Meaning>,
    words: &[&str],
) -> Result<Codes<Meaning>, PackError> {
    let known = meanings(list, items)?;
    for meaning in known.items() {
        let at = At::new(PACK_FILE, format!("{list}[{}].code", meaning.code));
        let is_word = |code: &str| words.contains(&code).then_some(());
        at.word(&meaning.code, is_word, words)?;
    }
    match words.iter().find(|word| known.find(word).is_none()) {
        Some(missing) => {
            let at = At::new(PACK_FILE, list);
            Err(at.wrong(format!("a meaning of `{missing}`"), "none"))
        }
        None => Ok(known),
    }
}

pub(crate) fn categories(file: source::CategoriesFile) -> Result<Codes<Category>, PackError> {
    let words: Vec<&str> = Sensitivity::ALL.iter().map(|word| word.as_str()).collect();
    let assurances: Vec<&str> = Assurance::ALL.iter().map(|word| word.as_str()).collect();
    let category = |item: source::Category| {
        let at = At::new(CATEGORIES_FILE, format!("category[{}]", item.code));
        Ok(Category {
            code: at.key("code").id(&item.code, CategoryCode::parse)?,
            name: at.key("name").text(item.name)?,
            description: at.key("description").text(item.description)?,
            sensitivity: at.key("sensitivity").word(
                &item.sensitivity,
                Sensitivity::parse,
                &words,
            )?,
            least_assurance: at.key("least_assurance").word(
                &item.least_assurance,
                Assurance::parse,
                &assurances,
            )?,
        })
    };
    At::new(CATEGORIES_FILE, "category").table(
        file.category
            .into_iter()
            .map(category)
            .collect::<Result<_, _>>()?,
    )
}

pub(crate) fn purposes(
    file: source::PurposesFile,
    refusal_meanings: &Codes<Meaning>,
) -> Result<Codes<Purpose>, PackError> {
    let purpose = |item: source::Purpose| {
        let at = At::new(PURPOSES_FILE, format!("purpose[{}]", item.code));
        if !HL7_CODES.contains(&item.hl7.as_str()) {
            return Err(at.key("hl7").wrong(
                "a PurposeOfUse code of v3-ActReason",
                format!("`{}`", item.hl7),
            ));
        }
        let is_term = item.dpv.starts_with(|c: char| c.is_ascii_uppercase())
            && item.dpv.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_term {
            return Err(at.key("dpv").wrong(
                "a term of DPV, like `ServiceProvision`",
                format!("`{}`", item.dpv),
            ));
        }
        at.key("refusal_meaning").places(
            std::slice::from_ref(&item.refusal_meaning),
            refusal_meanings,
        )?;
        Ok(Purpose {
            code: at.key("code").id(&item.code, PurposeCode::parse)?,
            name: at.key("name").text(item.name)?,
            sentence: at.key("sentence").text(item.sentence)?,
            hl7: item.hl7,
            dpv: item.dpv,
            refusal_meaning: item.refusal_meaning,
        })
    };
    At::new(PURPOSES_FILE, "purpose").table(
        file.purpose
            .into_iter()
            .map(purpose)
            .collect::<Result<_, _>>()?,
    )
}

pub(crate) fn roles(
    file: source::RolesFile,
    sectors: &Codes<Meaning>,
) -> Result<Codes<Role>, PackError> {
    let role = |item: source::Role| {
        let at = At::new(ROLES_FILE, format!("role[{}]", item.code));
        Ok(Role {
            code: at.key("code").id(&item.code, RoleCode::parse)?,
            name: at.key("name").text(item.name)?,
            sector_bits: at.key("sectors").places(&item.sectors, sectors)?,
            sectors: item.sectors,
            may_declare_emergency: item.may_declare_emergency,
        })
    };
    At::new(ROLES_FILE, "role").table(file.role.into_iter().map(role).collect::<Result<_, _>>()?)
}

/// What processes and rules refer to.
pub(crate) struct Known<'p> {
    pub(crate) settings: &'p Settings,
    pub(crate) sectors: &'p Codes<Meaning>,
    pub(crate) emergency_reasons: &'p Codes<Meaning>,
    pub(crate) categories: &'p Codes<Category>,
    pub(crate) purposes: &'p Codes<Purpose>,
    pub(crate) roles: &'p Codes<Role>,
}

pub(crate) fn processes(
    file: source::ProcessesFile,
    known: &Known<'_>,
) -> Result<Codes<Process>, PackError> {
    let processes = file
        .process
        .into_iter()
        .map(|item| process(item, known))
        .collect::<Result<_, _>>()?;
    At::new(PROCESSES_FILE, "process").table(processes)
}

fn process(item: source::Process, known: &Known<'_>) -> Result<Process, PackError> {
    let at = At::new(PROCESSES_FILE, format!("process[{}]", item.id));
    if item.allow.is_empty() {
        return Err(at.key("allow").wrong("at least one row", "none"));
    }
    let rows = item.allow.into_iter().enumerate();
    let allow = rows.map(|(row, item)| allow(&at.key(&format!("allow[{row}]")), item, known));
    let ask = item
        .ask
        .map(|ask| ask_rule(&at.key("ask"), &ask, known))
        .transpose()?;
    let process = Process {
        id: at.key("id").id(&item.id, ProcessId::parse)?,
        name: at.key("name").text(item.name)?,
        what: at.key("what").text(item.what)?,
        flow: flow(&at.key("flow"), item.flow)?,
        machine: item.machine,
        statute: item
            .statute
            .map(|statute| at.key("statute").text(statute))
            .transpose()?,
        minimum_cell: match item.minimum_cell {
            None => known.settings.minimum_cell,
            Some(cell) => at
                .key("minimum_cell")
                .number(cell, known.settings.minimum_cell..=MINIMUM_CELL_MOST)?,
        },
        ask,
        notify: Notify {
            permit: tell(&at.key("notify.permit"), &item.notify.permit)?,
            deny: tell(&at.key("notify.deny"), &item.notify.deny)?,
        },
        erase_after_days: item
            .erase_after_days
            .map(|days| at.key("erase_after_days").number(days, 1..=DAYS_MAX))
            .transpose()?,
        allow: allow.collect::<Result<_, _>>()?,
        emergency_reasons: item.emergency_reasons,
    };
    agrees_with_its_bases(&at, &process, known)?;
    Ok(process)
}

fn flow(at: &At, steps: Vec<source::FlowStep>) -> Result<Vec<FlowStep>, PackError> {
    if !FLOW_STEPS.contains(&steps.len()) {
        let expected = format!("{} to {} steps", FLOW_STEPS.start(), FLOW_STEPS.end());
        return Err(at.wrong(expected, steps.len().to_string()));
    }
    let actors: Vec<&str> = Actor::ALL.iter().map(|actor| actor.as_str()).collect();
    let step = |step: source::FlowStep| {
        Ok(FlowStep {
            who: at.key("who").word(&step.who, Actor::parse, &actors)?,
            text: at.text(source::Text {
                ja: step.ja,
                en: step.en,
            })?,
        })
    };
    steps.into_iter().map(step).collect()
}

fn ask_rule(at: &At, ask: &source::Ask, known: &Known<'_>) -> Result<AskRule, PackError> {
    let window = ask
        .window_seconds
        .unwrap_or(known.settings.approval_seconds);
    let window_seconds = at
        .key("window_seconds")
        .number(window, 1..=WINDOW_SECONDS_MAX)?;
    Ok(AskRule {
        low_risk: ask.low_risk,
        window_seconds,
    })
}

fn allow(at: &At, row: source::Allow, known: &Known<'_>) -> Result<Allow, PackError> {
    let allow = Allow {
        requesters: at
            .key("requesters")
            .places(&row.requesters, known.sectors)?,
        roles: at.key("roles").places(&row.roles, known.roles)?,
        purposes: at.key("purposes").places(&row.purposes, known.purposes)?,
        holders: at.key("holders").places(&row.holders, known.sectors)?,
        categories: at
            .key("categories")
            .places(&row.categories, known.categories)?,
        bases: at.key("bases").bases(&row.bases)?,
    };
    for role in known.roles.items_in(allow.roles) {
        let found = || format!("`{}`", role.code);
        if !role.sector_bits.intersects(allow.requesters) {
            return Err(at
                .key("roles")
                .wrong("roles of the sectors that may ask", found()));
        }
        if allow.bases.contains(&BasisKind::Emergency) && !role.may_declare_emergency {
            return Err(at
                .key("roles")
                .wrong("roles that may declare an emergency", found()));
        }
    }
    Ok(allow)
}

/// A statute, reasons of an emergency, a question to the person: each where a row needs it, and
/// only there.
fn agrees_with_its_bases(at: &At, process: &Process, known: &Known<'_>) -> Result<(), PackError> {
    let accepts = |basis| process.allow.iter().any(|row| row.bases.contains(&basis));
    match (accepts(BasisKind::Statute), &process.statute) {
        (true, None) => {
            return Err(at
                .key("statute")
                .wrong("the statute's name, for rows on `statute`", "nothing"));
        }
        (false, Some(_)) => {
            return Err(at
                .key("statute")
                .wrong("nothing, as no row is on `statute`", "a statute"));
        }
        _ => {}
    }
    if accepts(BasisKind::Emergency) {
        at.key("emergency_reasons")
            .places(&process.emergency_reasons, known.emergency_reasons)?;
        if process.notify.permit != Tell::Always {
            return Err(at
                .key("notify.permit")
                .wrong("`always`, for rows on `emergency`", "`digest`"));
        }
    } else if !process.emergency_reasons.is_empty() {
        return Err(at
            .key("emergency_reasons")
            .wrong("none, as no row is on `emergency`", "some"));
    }
    let Some(ask) = process.ask else {
        return Ok(());
    };
    if !accepts(BasisKind::Consent) {
        return Err(at
            .key("ask")
            .wrong("nothing, as no row is on `consent`", "a question"));
    }
    // A reply by SMS is an SMS code and nothing more: it cannot approve what needs a second thing.
    let asked = process
        .allow
        .iter()
        .filter(|row| row.bases.contains(&BasisKind::Consent));
    let asked = asked.fold(Bits::default(), |bits, row| bits.union(row.categories));
    let beyond = |most| {
        let mut categories = known.categories.items_in(asked);
        categories.find(|category| category.least_assurance > most)
    };
    if let Some(category) = beyond(Assurance::Sms)
        && ask.low_risk
    {
        return Err(at.key("ask.low_risk").wrong(
            "false, or only categories whose least assurance is `sms`",
            format!("`{}`", category.code),
        ));
    }
    if let Some(category) = beyond(ANSWER_ASSURANCE_MAX) {
        let expected = format!(
            "nothing, or only categories whose least assurance an answer can have, `{ANSWER_ASSURANCE_MAX}`"
        );
        return Err(at
            .key("ask")
            .wrong(expected, format!("`{}`", category.code)));
    }
    Ok(())
}
