//! Every field of a record by its name, in words: what it is called, and how its value reads.
//!
//! Values are read from their stored bytes by the field's name, so that a record shows *all* its
//! fields; a test holds the table of names and the schemas together.

mod table;

use akashi_desk::words::names::Names;
use akashi_proof::consent::{AccessMode, Frequency};
use akashi_proof::digest::Digest;
use akashi_proof::duty::Duty;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{
    CategoryCode, InstitutionId, LeafIndex, ProcessId, PurposeCode, RoleCode, Timestamp,
};
use akashi_proof::jws::Type;
use akashi_proof::reason::Reasons;
use akashi_proof::record::kind::{
    AnsweredBy, Arrival, Assurance, BasisKind, BlockedBy, Channel, CountedFor, Event, KeptBy,
    KeyRole, KeyUse, Language, LinkEnd, Outcome, Rule, Step, Supervisor, Template, YesNo,
};
use akashi_proof::record::value::{Set, Value};
use akashi_proof::record::{Record, field_names};
use akashi_tlog::base64;

use crate::words::text::{Rich, pick, say};
use crate::words::told::{blocked_by, kept_by, link_end, release_reasons, said};
use table::{As, FIELDS};

/// One field in words.
pub(crate) struct Shown {
    /// As the schema spells it, for those who compare with the documentation.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) value: Rich,
    /// Whether the value is for machines: shown in a fixed width.
    pub(crate) is_code: bool,
}

/// All fields of a record, in the order of its schema.
pub(crate) fn show(record: &Record, names: &Names) -> Vec<Shown> {
    let names = &names.of(record);
    let values = record.values();
    let shown = field_names(record.kind())
        .into_iter()
        .zip(&values)
        .map(|(name, value)| {
            let known = FIELDS.iter().find(|(known, ..)| *known == name);
            let (label, how) = known.map_or((name, As::Kept), |(_, ja, en, how)| {
                (pick(names.language, ja, en), *how)
            });
            let label = match record.kind().key_role() {
                Some(role) if name == "kid" => key_label(role, names.language),
                Some(_) | None => label,
            };
            let released = matches!(record.event, Event::ReleaseRefused(_));
            let how = match how {
                As::Reasons if released => As::ReleaseReasons,
                how => how,
            };
            Shown {
                name,
                label,
                value: Rich::new(names.language, say_value(name, how, value, names)),
                is_code: matches!(how, As::Hex | As::Random | As::Signed | As::SignedMany),
            }
        });
    shown.collect()
}

/// What the key is that a record names: it need not be the one that signed.
const fn key_label(role: KeyRole, l: Language) -> &'static str {
    let (ja, en) = match role {
        KeyRole::Signed => ("署名に使った鍵の名前", "Name of the key that signed"),
        KeyRole::Certified => (
            "認証のときの鍵の名前",
            "Name of the key it was certified with",
        ),
        KeyRole::Registered => ("登録した鍵の名前", "Name of the key that was registered"),
        KeyRole::Revoked => ("使えなくした鍵の名前", "Name of the key that was ended"),
        KeyRole::GivenBack => (
            "すべての鍵に代えて渡された鍵の名前",
            "Name of the key given in place of all others",
        ),
        KeyRole::ObjectedTo => (
            "渡されることに異議のある鍵の名前",
            "Name of the key it objects to being given",
        ),
    };
    pick(l, ja, en)
}

/// Absent, and a list of nothing, read alike; no other value that is shown has these bytes.
fn say_value(name: &str, how: As, value: &[u8], names: &Names) -> String {
    match value {
        [0] | [1, 0, 0] => say_absent(name, names.language).to_owned(),
        [1, bytes @ ..] => {
            read(how, value, bytes, names).unwrap_or_else(|| base64::url::encode(bytes))
        }
        _ => String::new(),
    }
}

/// What it means that nothing stands there. Of what would limit a consent, "none" would say the
/// opposite.
const fn say_absent(name: &str, l: Language) -> &'static str {
    match name.as_bytes() {
        b"processes" | b"period_from" | b"period_until" | b"erase_by" => {
            pick(l, "限定なし", "not limited")
        }
        _ => pick(l, "なし", "none"),
    }
}

/// The value in words; `None` where the bytes are not of the type the table expects.
fn read(how: As, value: &[u8], bytes: &[u8], names: &Names) -> Option<String> {
    let l = names.language;
    let text = || String::decode(value).ok();
    let fingerprint = |bytes: &[u8]| Digest::of(&[bytes]).to_string();
    Some(match how {
        As::Number => u64::decode(value).ok()?.to_string(),
        As::Numbers => {
            let all = Set::<LeafIndex>::decode(value).ok()?;
            names.list(all.iter().map(ToString::to_string))
        }
        As::Time => names.when.say(Timestamp::decode(value).ok()?),
        As::Text => text()?,
        As::Texts => names.list(Vec::<String>::decode(value).ok()?.into_iter()),
        As::Hex => Digest::decode(value).ok()?.to_string(),
        // A consent is an identifier in its own records and a log index in a decision.
        As::Random if bytes.len() == 8 => u64::decode(value).ok()?.to_string(),
        As::Random => base64::url::encode(bytes),
        As::Kept => pick(
            l,
            "保管しています（画面には出しません）",
            "kept, not shown on a screen",
        )
        .to_owned(),
        As::Signed => fingerprint(bytes),
        As::SignedMany => {
            let statements = Vec::<akashi_proof::record::value::Bytes>::decode(value).ok()?;
            names.list(statements.iter().map(|statement| fingerprint(&statement.0)))
        }
        As::Institution => {
            let id = InstitutionId::decode(value).ok()?;
            let name = names.institution(&id);
            // An unknown one is told with its identifier as it is.
            if names.registry.institution(&id).is_some() {
                format!("{name} ({id})")
            } else {
                name
            }
        }
        As::Institutions => names.list(
            Set::<InstitutionId>::decode(value)
                .ok()?
                .iter()
                .map(|id| names.institution(id)),
        ),
        As::Supervisor => {
            let id = InstitutionId::decode(value).ok()?;
            format!("{} ({id})", names.supervisor(&id))
        }
        As::Supervisors => {
            let all = Vec::<Supervisor>::decode(value).ok()?;
            let say = |one: &Supervisor| format!("{} ({})", one.particulars.name(l), one.vkey);
            names.list(all.iter().map(say))
        }
        As::Role => names.role(&RoleCode::decode(value).ok()?),
        As::Process => names.process(&ProcessId::decode(value).ok()?),
        As::Processes => names.list(
            Set::<ProcessId>::decode(value)
                .ok()?
                .iter()
                .map(|id| names.process(id)),
        ),
        As::Purpose => names.purpose(&PurposeCode::decode(value).ok()?),
        As::Purposes => names.purposes(Set::<PurposeCode>::decode(value).ok()?.iter()),
        As::Categories => names.categories(Set::<CategoryCode>::decode(value).ok()?.iter()),
        As::Assurance => names.assurance(Assurance::decode(value).ok()?).to_owned(),
        As::Basis => names.basis(BasisKind::decode(value).ok()?).to_owned(),
        As::Outcome => match Outcome::decode(value).ok()? {
            Outcome::Permit => pick(l, "利用可", "allowed").to_owned(),
            Outcome::Deny => pick(l, "認められず", "not allowed").to_owned(),
            Outcome::Ask => pick(l, "許可のお願い", "ask the person").to_owned(),
        },
        As::Reasons => say_reasons(&Reasons::decode(value).ok()?, names),
        As::Fault => say_reasons(&Fault::decode(value).ok()?.into(), names),
        As::ReleaseReasons => release_reasons(&Vec::decode(value).ok()?, names),
        As::Duties => {
            let duties = Vec::<Duty>::decode(value).ok()?;
            names.list(duties.into_iter().map(|duty| say_duty(duty, names)))
        }
        As::Rule => say_rule(Rule::decode(value).ok()?, l).to_owned(),
        As::Template => said(l, Template::decode(value).ok()?).to_owned(),
        As::LinkEnd => link_end(LinkEnd::decode(value).ok()?, l).to_owned(),
        As::CountedFor => match CountedFor::decode(value).ok()? {
            CountedFor::AboveRate => pick(l, "回数の超過", "above a rate").to_owned(),
            CountedFor::AboutOnePerson => pick(
                l,
                "一人の人についての超過",
                "above what may be asked of one person",
            )
            .to_owned(),
            CountedFor::Refused => pick(l, "誤りが多かった", "many bad requests").to_owned(),
            CountedFor::Suspended => pick(l, "機関の停止中", "sent while suspended").to_owned(),
        },
        As::BlockedBy => blocked_by(BlockedBy::decode(value).ok()?, l).to_owned(),
        As::KeptBy => kept_by(KeptBy::decode(value).ok()?, l).to_owned(),
        As::KeyUse => match KeyUse::decode(value).ok()? {
            KeyUse::Sign => pick(l, "署名", "signing").to_owned(),
            KeyUse::Evidence => pick(l, "証拠を開く", "opening evidence").to_owned(),
        },
        As::StatementType => say_type(Type::decode(value).ok()?, l).to_owned(),
        As::Channel => names.channel(Channel::decode(value).ok()?).to_owned(),
        As::Arrival => match Arrival::decode(value).ok()? {
            Arrival::Delivered => pick(l, "届いた", "delivered").to_owned(),
            Arrival::Undelivered => pick(l, "届かなかった", "not delivered").to_owned(),
            Arrival::Expired => pick(l, "期限が過ぎた", "expired").to_owned(),
            Arrival::Rejected => pick(l, "受け付けられなかった", "not accepted").to_owned(),
        },
        As::Step => say_step(Step::decode(value).ok()?, l).to_owned(),
        As::YesNo => match YesNo::decode(value).ok()? {
            YesNo::Yes => pick(l, "はい", "yes").to_owned(),
            YesNo::No => pick(l, "いいえ", "no").to_owned(),
        },
        As::Language => match Language::decode(value).ok()? {
            Language::Ja => pick(l, "日本語", "Japanese").to_owned(),
            Language::En => pick(l, "英語", "English").to_owned(),
        },
        As::AnsweredBy => names
            .answered_by(AnsweredBy::decode(value).ok()?)
            .to_owned(),
        As::RefusalMeaning => {
            let codes = text()?;
            let meanings: Vec<String> = codes
                .split(' ')
                .map(|code| names.refusal_meaning(code))
                .collect();
            meanings.join(pick(l, "", " "))
        }
        As::EmergencyReason => names.emergency_reason(&text()?),
        As::AccessMode => names.access_mode(AccessMode::decode(value).ok()?),
        As::Frequency => names.frequency(Frequency::decode(value).ok()?),
    })
}

/// Reasons as the page tells them; of a bad statement also code, field, expected and found, as they
/// were recorded.
fn say_reasons(reasons: &Reasons, names: &Names) -> String {
    let sentence = names.reasons(reasons);
    match reasons {
        Reasons::Fault(_) => say!(
            names.language,
            "{sentence}（{}）",
            "{sentence} ({})",
            reasons.codes().join(" / ")
        ),
        Reasons::Word(_) | Reasons::Rules(_) => sentence,
    }
}

/// A check of the decision in words (docs/DESIGN.md "The decision").
const fn say_step(step: Step, l: Language) -> &'static str {
    match step {
        Step::Statement => pick(
            l,
            "1. 依頼の書き方と署名",
            "1. the request is well-formed and signed",
        ),
        Step::Institution => pick(
            l,
            "2. 機関の認定と鍵",
            "2. the institution is admitted and its key valid",
        ),
        Step::Role => pick(l, "3. 担当者の役割", "3. the role-holder has the role"),
        Step::Whitelist => pick(
            l,
            "4. 認められた使い方か",
            "4. the use is one that is allowed",
        ),
        Step::RequesterLink => pick(
            l,
            "5. 依頼した機関の連携コード",
            "5. the requester has a code for you",
        ),
        Step::Translation => pick(
            l,
            "6. 連携コードの置き換え",
            "6. the code translates to the holder's",
        ),
        Step::HolderLink => pick(
            l,
            "7. 情報を持つ機関の連携コード",
            "7. the holder has a code for you",
        ),
        Step::Means => pick(
            l,
            "8. カードや番号が止められていないか",
            "8. card, ID or phone is not blocked",
        ),
        Step::Basis => pick(
            l,
            "9. 同意・法律・緊急などの根拠",
            "9. a consent, a law or an emergency covers it",
        ),
        Step::Rules => pick(
            l,
            "10. すべてに共通するルール",
            "10. the rules that hold for all",
        ),
    }
}

/// A duty in words.
fn say_duty(duty: Duty, names: &Names) -> String {
    let l = names.language;
    match duty {
        Duty::Notify => pick(l, "すぐにあなたに知らせること", "to tell you at once").to_owned(),
        Duty::JustifyBy(by) => {
            let time = names.when.say(by);
            say!(
                l,
                "{time}までに理由を説明すること",
                "to explain the reason by {time}"
            )
        }
        Duty::EraseBy(by) => {
            let time = names.when.say(by);
            say!(l, "{time}までに消すこと", "to erase it by {time}")
        }
    }
}

/// A detector's rule: its name in the list, and what it looks for.
const fn say_rule(rule: Rule, l: Language) -> &'static str {
    match rule {
        Rule::OutOfPurpose => pick(
            l,
            "認められた範囲の外での依頼（D1）",
            "a request outside what is allowed (D1)",
        ),
        Rule::EvidenceMisused => pick(
            l,
            "もう使えない利用証の利用（D11）",
            "use of a permit that cannot be used any more (D11)",
        ),
    }
}

/// What a signed statement is for.
const fn say_type(of: Type, l: Language) -> &'static str {
    match of {
        Type::Access => pick(l, "利用の依頼", "request for an access"),
        Type::Link => pick(l, "機関があなたを表す番号の依頼", "request for a link code"),
        Type::LinkEnd => pick(
            l,
            "機関があなたを表す番号の終わりの届け出",
            "end of a link code",
        ),
        Type::Release => pick(l, "提供の報告", "report of a release"),
        Type::Act => pick(
            l,
            "監督機関や機関の届け出",
            "act of a supervisor or an institution",
        ),
        Type::Consent => pick(l, "窓口での同意", "consent at a counter"),
        Type::Present => pick(l, "利用証の提示", "presentation of evidence"),
        Type::Request => pick(l, "閲覧の依頼", "request to read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_proof::history::CLOSED;
    use akashi_proof::record::Kind;

    #[test]
    fn a_history_file_closes_what_no_page_shows_but_the_keys_of_her_links() {
        // Of the registry, which is nobody's history.
        const REGISTRY: [&str; 2] = ["checkpoint", "predecessor"];
        for (name, ..) in FIELDS
            .iter()
            .filter(|(.., how)| matches!(how, As::Kept | As::Signed))
        {
            assert!(
                CLOSED.contains(name) || *name == "link_key" || REGISTRY.contains(name),
                "{name}"
            );
        }
    }

    #[test]
    fn every_field_of_every_kind_is_in_the_table_and_nothing_else() {
        let mut used = std::collections::BTreeSet::new();
        for kind in Kind::ALL {
            for name in field_names(*kind) {
                assert!(
                    FIELDS.iter().any(|(known, ..)| *known == name),
                    "{}: {name}",
                    kind.name()
                );
                used.insert(name);
            }
        }
        let unknown: Vec<_> = FIELDS
            .iter()
            .map(|(name, ..)| name)
            .filter(|name| !used.contains(**name))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert_eq!(used.len(), FIELDS.len(), "each once");
    }
}
