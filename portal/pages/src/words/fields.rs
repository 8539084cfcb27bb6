//! Every field of a record by its name, in words: what it is called, and how its value reads.
//!
//! Values are read from their stored bytes by the field's name, so that a record shows *all* its
//! fields; a test holds this table and the schemas together.

use akashi_proof::consent::{AccessMode, Frequency};
use akashi_proof::digest::Digest;
use akashi_proof::duty::Duty;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{CategoryCode, InstitutionId, ProcessId, PurposeCode, RoleCode, Timestamp};
use akashi_proof::jws::Type;
use akashi_proof::reason::Reasons;
use akashi_proof::record::kind::{
    AnsweredBy, Assurance, BasisKind, Channel, Event, KeyUse, Language, LinkEnd, Outcome, Rule,
    Step, Supervisor, Template, YesNo,
};
use akashi_proof::record::value::{Set, Value};
use akashi_proof::record::{Record, field_names};
use akashi_tlog::base64;

use crate::words::text::{Rich, pick, say};
use crate::words::told::{release_reasons, said};
use akashi_desk::words::names::Names;

/// How a field's value is shown.
#[derive(Clone, Copy)]
enum As {
    Number,
    Time,
    Text,
    Texts,
    Hex,
    Random,
    /// Known to the ledger; on a screen it would only be in danger.
    Kept,
    /// A signed statement: its digest, as the statement holds a code of the institution's.
    Signed,
    SignedMany,
    Institution,
    Supervisor,
    Supervisors,
    Role,
    Process,
    Processes,
    Purpose,
    Purposes,
    Categories,
    Assurance,
    Basis,
    Outcome,
    Reasons,
    Fault,
    /// Why evidence was not opened: codes of their own.
    ReleaseReasons,
    Duties,
    Rule,
    Template,
    LinkEnd,
    KeyUse,
    StatementType,
    Channel,
    Step,
    YesNo,
    Language,
    AnsweredBy,
    RefusalMeaning,
    EmergencyReason,
    AccessMode,
    Frequency,
}

/// Name, Japanese, English, how it is shown. In the order of the schemas.
const FIELDS: &[(&str, &str, &str, As)] = &[
    ("kind", "記録の種類", "Kind of record", As::Text),
    ("schema", "書式の版", "Version of its form", As::Number),
    ("origin", "公開ログの名前", "Name of the log", As::Text),
    ("time", "記録した時刻", "Recorded at", As::Time),
    (
        "subject",
        "あなたを表す内部の番号",
        "Akashi's own handle for you",
        As::Kept,
    ),
    (
        "epoch",
        "記録の鍵の世代",
        "Generation of your history key",
        As::Number,
    ),
    ("seq", "通し番号", "Its number among yours", As::Number),
    (
        "prev",
        "あなたの一つ前の記録",
        "Your record before it",
        As::Number,
    ),
    (
        "engine",
        "判断した仕組みの版",
        "What decided, and its version",
        As::Text,
    ),
    (
        "retain_until",
        "内容を保存する期限",
        "Its content is kept until",
        As::Time,
    ),
    ("format", "公開ログの書式", "Format of the log", As::Number),
    (
        "log_vkey",
        "公開ログの公開鍵",
        "The log's public key",
        As::Text,
    ),
    (
        "supervisors",
        "監督機関とその公開鍵",
        "The supervisors and their public keys",
        As::Supervisors,
    ),
    (
        "threshold",
        "必要な署名の数",
        "Signatures needed",
        As::Number,
    ),
    ("tag_scheme", "索引の方式", "Scheme of tags", As::Text),
    ("map_scheme", "一覧の方式", "Scheme of the map", As::Text),
    ("time_zone", "時刻の基準", "Time zone", As::Text),
    ("pack", "ルールの名前", "Name of the rules", As::Text),
    (
        "policy_digest",
        "そのときのルールの指紋",
        "Fingerprint of the rules in force",
        As::Hex,
    ),
    (
        "predecessor",
        "前の公開ログの最後",
        "End of the log before",
        As::Signed,
    ),
    ("institution", "機関", "Institution", As::Institution),
    ("supervisor", "監督機関", "Supervisor", As::Supervisor),
    ("name_ja", "日本語の名前", "Name in Japanese", As::Text),
    ("name_kana", "名前の読み", "How it is read", As::Text),
    ("name_en", "英語の名前", "Name in English", As::Text),
    ("telephone", "電話番号", "Telephone", As::Text),
    (
        "hours_ja",
        "受付時間（日本語）",
        "Hours, in Japanese",
        As::Text,
    ),
    (
        "hours_en",
        "受付時間（英語）",
        "Hours, in English",
        As::Text,
    ),
    (
        "address_ja",
        "所在地（日本語）",
        "Address, in Japanese",
        As::Text,
    ),
    (
        "address_en",
        "所在地（英語）",
        "Address, in English",
        As::Text,
    ),
    ("web", "ウェブページ", "Web page", As::Text),
    ("sector", "分野", "Sector", As::Text),
    (
        "kid",
        "署名に使った鍵の名前",
        "Name of the key that signed",
        As::Text,
    ),
    ("public_key", "公開鍵", "Public key", As::Hex),
    (
        "statements",
        "署名された書類の指紋",
        "Fingerprints of what was signed",
        As::SignedMany,
    ),
    ("reason", "理由", "Reason", As::Text),
    ("cause", "終わった理由", "Why it ended", As::LinkEnd),
    ("key_use", "鍵の用途", "Use of the key", As::KeyUse),
    ("valid_from", "有効期間の始め", "Valid from", As::Time),
    (
        "valid_until",
        "有効期間の終わり（この時刻より前まで）",
        "Valid until before",
        As::Time,
    ),
    (
        "statement",
        "署名された書類の指紋",
        "Fingerprint of what was signed",
        As::Signed,
    ),
    ("version", "版", "Version", As::Number),
    (
        "role_holder",
        "担当者の番号",
        "The role-holder's number",
        As::Text,
    ),
    ("role", "担当者の役割", "Role", As::Role),
    (
        "typ",
        "書類の種類",
        "Type of the statement",
        As::StatementType,
    ),
    ("jti", "書類の番号", "Number of the statement", As::Text),
    ("step", "通らなかった確認", "Check that failed", As::Step),
    ("fault", "誤り", "What was wrong", As::Fault),
    ("reasons", "判断の理由", "Reasons", As::Reasons),
    ("from", "最初に届いた時刻", "When the first came", As::Time),
    ("until", "最後に届いた時刻", "When the last came", As::Time),
    ("count", "件数", "How many", As::Number),
    (
        "statement_digest",
        "署名された書類の指紋",
        "Fingerprint of what was signed",
        As::Hex,
    ),
    ("process", "業務", "Work it was for", As::Process),
    ("purpose", "目的", "Purpose", As::Purpose),
    (
        "holder",
        "情報を持つ機関",
        "Who has the data",
        As::Institution,
    ),
    ("categories", "情報の種類", "What data", As::Categories),
    ("cohort_size", "集計した人数", "Persons counted", As::Number),
    (
        "cohort_digest",
        "集計の条件の指紋",
        "Fingerprint of who was counted",
        As::Hex,
    ),
    (
        "request_digest",
        "照会の内容の指紋",
        "Fingerprint of the exact query",
        As::Hex,
    ),
    ("outcome", "判断", "Decision", As::Outcome),
    (
        "tag_key",
        "記録の鍵の指紋",
        "Fingerprint of your history key",
        As::Hex,
    ),
    (
        "qid_digest",
        "あなたの番号（qid）の指紋",
        "Fingerprint of your visible ID",
        As::Hex,
    ),
    (
        "recovery_digest",
        "回復コードの指紋",
        "Fingerprint of your recovery code",
        As::Hex,
    ),
    (
        "contact",
        "お知らせ先の番号",
        "Number of the contact",
        As::Random,
    ),
    (
        "assurance",
        "本人確認",
        "How your identity was shown",
        As::Assurance,
    ),
    ("language", "表示した言語", "Language shown", As::Language),
    ("channel", "連絡の方法", "Way of contact", As::Channel),
    (
        "replaces",
        "取り替えたお知らせ先",
        "Contact it replaces",
        As::Random,
    ),
    (
        "key_version",
        "連携コードの鍵の版",
        "Key version of the code",
        As::Number,
    ),
    (
        "generation",
        "連携コードの世代",
        "Generation of the code",
        As::Number,
    ),
    (
        "link_check",
        "連携の鍵の指紋",
        "Fingerprint of the link's key",
        As::Hex,
    ),
    ("link_key", "連携の鍵", "The link's key", As::Kept),
    ("consent", "同意の番号", "The consent", As::Random),
    (
        "group",
        "同じ画面で行った同意",
        "Consents of one screen",
        As::Random,
    ),
    (
        "recipient",
        "情報を使う機関",
        "Who may use it",
        As::Institution,
    ),
    ("purposes", "目的", "Purposes", As::Purposes),
    (
        "processes",
        "業務の範囲",
        "Only for this work",
        As::Processes,
    ),
    (
        "providers",
        "処理を任された相手",
        "Others who process it",
        As::Texts,
    ),
    (
        "access_mode",
        "使い方",
        "How it may be used",
        As::AccessMode,
    ),
    (
        "period_from",
        "この時刻からの情報だけ",
        "Only data from",
        As::Time,
    ),
    (
        "period_until",
        "この時刻より前の情報だけ",
        "Only data before",
        As::Time,
    ),
    ("frequency", "回数", "How often", As::Frequency),
    ("erase_by", "消す期限", "To be erased by", As::Time),
    (
        "wording_digest",
        "表示した文の指紋",
        "Fingerprint of the words shown",
        As::Hex,
    ),
    (
        "refusal_meaning",
        "断った場合にどうなるか",
        "What refusing would mean",
        As::RefusalMeaning,
    ),
    (
        "evidence",
        "同意の署名",
        "Signature of the consent",
        As::Signed,
    ),
    (
        "log_to",
        "使用を記録する公開ログ",
        "Where uses are recorded",
        As::Text,
    ),
    ("requester", "依頼した機関", "Who asked", As::Institution),
    ("basis_kind", "依頼の根拠", "Ground claimed", As::Basis),
    (
        "reason_code",
        "緊急の理由",
        "Reason of the emergency",
        As::EmergencyReason,
    ),
    (
        "reason_text",
        "担当者の説明",
        "In their own words",
        As::Text,
    ),
    (
        "on_behalf_of",
        "誰のためか（相手の説明）",
        "On behalf of (as they say)",
        As::Text,
    ),
    (
        "case",
        "依頼した機関の案件番号",
        "The institution's own case number",
        As::Text,
    ),
    (
        "request_nonce",
        "指紋に混ぜた乱数",
        "Random part of the fingerprint",
        As::Kept,
    ),
    (
        "told",
        "相手に伝えた答え",
        "What they were told",
        As::Outcome,
    ),
    (
        "duties",
        "情報を受け取る機関がしなければならないこと",
        "What the institution must do",
        As::Duties,
    ),
    ("expires", "期限", "Ends at", As::Time),
    (
        "approval",
        "もとにした許可の記録",
        "Approval relied on (record)",
        As::Number,
    ),
    (
        "holder_link",
        "情報を持つ機関の連携コード",
        "The holder's code for you",
        As::Kept,
    ),
    (
        "gate_number",
        "この連携で何枚目の利用証か",
        "Number of the permit on this link",
        As::Number,
    ),
    (
        "access",
        "もとの依頼の記録",
        "The request it is about (record)",
        As::Number,
    ),
    ("reference", "受付番号", "Reference", As::Text),
    (
        "approval_digest",
        "お願いした内容の指紋",
        "Fingerprint of what you were asked",
        As::Hex,
    ),
    (
        "low_risk",
        "SMSの返信だけで許可できるか",
        "Whether an SMS reply may allow it",
        As::YesNo,
    ),
    (
        "answered_by",
        "返事の方法",
        "How it was answered",
        As::AnsweredBy,
    ),
    (
        "seen",
        "詳細画面を開いての返事か",
        "Whether all of it was on the screen",
        As::YesNo,
    ),
    (
        "reported",
        "不審な依頼として報告したか",
        "Whether it was reported",
        As::YesNo,
    ),
    ("rule", "見つけた仕組み", "What found it", As::Rule),
    (
        "notice",
        "お知らせの番号",
        "Number of the message",
        As::Random,
    ),
    (
        "about",
        "お知らせした記録",
        "Record it is about",
        As::Number,
    ),
    ("template", "文面の種類", "Kind of message", As::Template),
    (
        "text_digest",
        "送った文の指紋",
        "Fingerprint of the text sent",
        As::Hex,
    ),
    ("attempts", "送った回数", "Times it was tried", As::Number),
];

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
        As::LinkEnd => match LinkEnd::decode(value).ok()? {
            LinkEnd::Withdrawn => pick(l, "あなたが利用を止めました", "you withdrew it").to_owned(),
            LinkEnd::WrongPerson => {
                pick(l, "別の人のものでした", "it was somebody else's").to_owned()
            }
        },
        As::KeyUse => match KeyUse::decode(value).ok()? {
            KeyUse::Sign => pick(l, "署名", "signing").to_owned(),
            KeyUse::Evidence => pick(l, "証拠を開く", "opening evidence").to_owned(),
        },
        As::StatementType => say_type(Type::decode(value).ok()?, l).to_owned(),
        As::Channel => names.channel(Channel::decode(value).ok()?).to_owned(),
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
        Type::Release => pick(l, "提供の報告", "report of a release"),
        Type::Act => pick(
            l,
            "監督機関や機関の届け出",
            "act of a supervisor or an institution",
        ),
        Type::Consent => pick(l, "窓口での同意", "consent at a counter"),
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
        const REGISTRY: &str = "predecessor";
        for (name, ..) in FIELDS
            .iter()
            .filter(|(.., how)| matches!(how, As::Kept | As::Signed))
        {
            assert!(
                CLOSED.contains(name) || ["link_key", REGISTRY].contains(name),
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
