//! What institutions and supervisors are told, in both languages: nobody knows which one they read.

use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::particulars::Particulars;
use akashi_proof::record::kind::Language;
use akashi_proof::state::Registry;
use askama::Template;

use super::row::{Row, What};
use crate::messages::compose::written;
use crate::messages::message::Text;
use crate::settings::Settings;

/// A body, as it is named to another.
struct Named {
    ja: String,
    en: String,
    /// How it is rung up, where the registry still says so.
    telephone_ja: String,
    telephone_en: String,
}

/// What templates read.
struct View<'a> {
    ja: bool,
    portal: &'a str,
    url: &'a str,
    /// Log index of the act.
    record: u64,
    /// Whom it was done to.
    id: &'a InstitutionId,
    name: &'a str,
    /// Who signed it.
    by: Vec<&'a str>,
    kid: &'a str,
    /// When a reset is in force.
    at: String,
    in_force: bool,
    reminds: bool,
    /// Whether a key of the log ended, instead of being added.
    ended: bool,
    supervisors: Vec<(&'a str, &'a str)>,
}

macro_rules! bodies {
    ($( $name:ident: $path:literal; )*) => { $(
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> { v: &'a View<'a> }
    )* };
}

bodies! {
    KeysReset: "bodies.keys_reset.txt";
    ResetObjected: "bodies.reset_objected.txt";
    SupervisorReplaced: "bodies.supervisor_replaced.txt";
    AddressChanged: "bodies.address_changed.txt";
    LogKey: "bodies.log_key.txt";
    LedgerResumed: "bodies.ledger_resumed.txt";
    Foot: "bodies.foot.txt";
}

/// When a reset is in force, where the row is about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InForce {
    at: Timestamp,
    already: bool,
}

/// The mail, as the registry has it at `now`; nothing where what it is to say is not so any more.
pub(super) fn text(
    row: &Row,
    registry: &Registry,
    now: Timestamp,
    settings: &Settings,
) -> Option<Text> {
    let in_force = match row.what {
        What::KeysReset => Some(reset_in_force(row, registry, now)?),
        What::ResetObjected => {
            let reset = registry.institution(&row.whom)?.last_reset()?;
            let holds = Some(&reset.kid) == row.kid.as_ref() && reset.effect.is_none();
            return holds
                .then(|| in_both(row, registry, None, settings))
                .flatten();
        }
        What::SupervisorReplaced
        | What::AddressChanged
        | What::LogKeyAdded
        | What::LogKeyEnded
        | What::LedgerResumed => None,
    };
    in_both(row, registry, in_force, settings)
}

/// Nothing where the reset was objected to, another took its place, or it was signed again for
/// another moment than the one the row reminds of.
fn reset_in_force(row: &Row, registry: &Registry, now: Timestamp) -> Option<InForce> {
    let reset = registry.institution(&row.whom)?.last_reset()?;
    let at = reset.effect?;
    let holds = Some(&reset.kid) == row.kid.as_ref();
    let reminded = row.reminds.is_none_or(|moment| moment == at && now < at);
    (holds && reminded).then_some(InForce {
        at,
        already: at <= now,
    })
}

fn in_both(
    row: &Row,
    registry: &Registry,
    in_force: Option<InForce>,
    settings: &Settings,
) -> Option<Text> {
    let whom = named(&row.whom, registry);
    let by: Vec<Named> = row.by.iter().map(|id| named(id, registry)).collect();
    let mut watching: Vec<&Particulars> =
        registry.supervisors().map(|one| &one.particulars).collect();
    watching.sort_by_key(|one| one.name_kana.sort_key());
    let watching: Vec<Named> = watching.into_iter().map(of).collect();
    let mut parts = Vec::new();
    for language in [Language::Ja, Language::En] {
        let ja = language == Language::Ja;
        let name = |of: &'_ Named| if ja { of.ja.clone() } else { of.en.clone() };
        let (names, name) = (by.iter().map(name).collect::<Vec<_>>(), name(&whom));
        let (zone, format) = match language {
            Language::Ja => (&registry.time_zone, "%Y年%-m月%-d日%-H時%M分"),
            Language::En => (&registry.time_zone, "%-d %b %Y, %H:%M"),
        };
        let view = View {
            ja,
            portal: if ja {
                &settings.portal_name_ja
            } else {
                &settings.portal_name_en
            },
            url: &settings.portal_url,
            record: row.about.value(),
            id: &row.whom,
            name: &name,
            by: names.iter().map(String::as_str).collect(),
            kid: row.kid.as_ref().map_or("", |kid| kid.as_str()),
            at: in_force.map_or_else(String::new, |one| written(one.at, zone, format)),
            in_force: in_force.is_some_and(|one| one.already),
            reminds: row.reminds.is_some(),
            ended: row.what == What::LogKeyEnded,
            supervisors: watching
                .iter()
                .map(|one| {
                    if ja {
                        (one.ja.as_str(), one.telephone_ja.as_str())
                    } else {
                        (one.en.as_str(), one.telephone_en.as_str())
                    }
                })
                .collect(),
        };
        parts.push(part(row.what, &view).ok()?);
    }
    let body = format!("{}\n", parts.join("\n\n----\n\n"));
    let subject = subject(row, in_force, settings);
    Some(Text {
        subject: Some(subject),
        body,
    })
}

fn part(what: What, v: &View<'_>) -> Result<String, askama::Error> {
    let said = match what {
        What::KeysReset => KeysReset { v }.render()?,
        What::ResetObjected => ResetObjected { v }.render()?,
        What::SupervisorReplaced => SupervisorReplaced { v }.render()?,
        What::AddressChanged => AddressChanged { v }.render()?,
        What::LogKeyAdded | What::LogKeyEnded => LogKey { v }.render()?,
        What::LedgerResumed => LedgerResumed { v }.render()?,
    };
    let foot = Foot { v }.render()?;
    Ok(format!("{}\n\n{}", said.trim(), foot.trim()))
}

fn subject(row: &Row, in_force: Option<InForce>, settings: &Settings) -> String {
    let (ja, en) = match row.what {
        What::KeysReset if in_force.is_some_and(|one| one.already) => {
            ("鍵が替わりました", "keys were replaced")
        }
        What::KeysReset if row.reminds.is_some() => {
            ("鍵が明日替わります", "keys are replaced tomorrow")
        }
        What::KeysReset => ("鍵が替わります", "keys are to be replaced"),
        What::ResetObjected => ("鍵の取り替えに異議", "objection to new keys"),
        What::SupervisorReplaced => ("監督機関の交代", "a supervisor was replaced"),
        What::AddressChanged => ("メールアドレスの変更", "e-mail address changed"),
        What::LogKeyAdded => ("公開ログの鍵の追加", "a key of the log was added"),
        What::LogKeyEnded => ("公開ログの鍵の終了", "a key of the log ended"),
        What::LedgerResumed => ("記録の再開", "recording was resumed"),
    };
    let id = match row.what {
        What::KeysReset | What::ResetObjected | What::SupervisorReplaced | What::AddressChanged => {
            format!(" {}", row.whom)
        }
        What::LogKeyAdded | What::LogKeyEnded | What::LedgerResumed => String::new(),
    };
    format!("【{}】{ja} / {en}{id}", settings.portal_name_ja)
}

fn of(particulars: &Particulars) -> Named {
    Named {
        ja: particulars.name(Language::Ja).to_string(),
        en: particulars.name(Language::En).to_string(),
        telephone_ja: particulars.telephone.written(Language::Ja),
        telephone_en: particulars.telephone.written(Language::En),
    }
}

/// By its certified name; by its identifier where it is one no longer.
fn named(id: &InstitutionId, registry: &Registry) -> Named {
    let institution = registry.institution(id).map(|known| &known.particulars);
    let known = registry
        .supervisor_named(id)
        .map(|known| &known.particulars);
    known.or(institution).map_or_else(
        || Named {
            ja: id.to_string(),
            en: id.to_string(),
            telephone_ja: String::new(),
            telephone_en: String::new(),
        },
        of,
    )
}
