//! One sentence for every kind of record, in both languages: the only place that knows how a record
//! reads.
//!
//! The match on [`Event`] is exhaustive, so that a new kind does not compile before it has its
//! sentence. Kinds that never stand in a person's stream have one too: the same words serve the
//! registry's pages.

use akashi_proof::ids::{ConsentId, InstitutionId, PurposeCode};
use akashi_proof::record::Record;
use akashi_proof::record::event::{
    AccessDecided, AlertRaised, ApprovalAnswered, BasisKind, ConsentGiven, Event, Language,
    NoticeDelivery, Outcome, Step, YesNo,
};

use super::names::Names;
use super::text::{Rich, pick, say, strong};

/// How a record is marked: the icon and the colour of its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Permit,
    Deny,
    Ask,
    Alert,
    Emergency,
    Consent,
    Withdrawn,
    Expired,
    Notice,
}

impl Mark {
    /// The name in the style sheet, which is the icon's too.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
            Self::Consent => "consent",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Notice => "notice",
        }
    }
}

/// A record in words.
pub(crate) struct Told {
    pub(crate) mark: Mark,
    /// The word beside the mark.
    pub(crate) word: &'static str,
    /// Who acted, as a heading.
    pub(crate) who: String,
    pub(crate) sentence: Rich,
    /// Label and text of what it rests on: the ground of a permit, the reasons of a refusal.
    pub(crate) ground: Option<(&'static str, String)>,
}

/// Other records a sentence may speak of; `None` where one is missing or unreadable.
pub(crate) trait Related {
    /// The record at this log index, if it is the person's own.
    fn record(&self, index: u64) -> Option<Record>;
    /// What a consent said when it was given, and the log index of that record.
    fn consent(&self, id: &ConsentId) -> Option<(u64, ConsentGiven)>;
}

/// Puts a record into words.
pub(crate) fn tell(event: &Event, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let you = || pick(l, "あなた", "You").to_owned();
    let ledger = || pick(l, "この記録台帳", "This ledger").to_owned();
    let told = |mark, word, who, sentence: String| Told {
        mark,
        word,
        who,
        sentence: Rich::new(sentence),
        ground: None,
    };
    let notice = pick(l, "お知らせ", "Notice");
    match event {
        Event::AccessPermitted(e) | Event::AccessDenied(e) | Event::AccessAsked(e) => {
            access(e, names)
        }
        Event::AccessReleased(e) => {
            let index = e.access;
            let sentence = match access_at(related, index) {
                Some(access) => {
                    let (to, what) = (
                        strong(names.institution(&access.requester)),
                        strong(names.categories(access.categories.iter())),
                    );
                    say!(
                        l,
                        "許可（記録 {index} 番）を確かめて、{to}に{what}を渡しました。",
                        "Checked the permit (record {index}) and handed {what} to {to}."
                    )
                }
                None => say!(
                    l,
                    "許可（記録 {index} 番）を確かめて、情報を渡しました。",
                    "Checked the permit (record {index}) and handed the data over."
                ),
            };
            told(
                Mark::Permit,
                pick(l, "提供", "Handed over"),
                names.institution(&e.holder),
                sentence,
            )
        }
        Event::ReleaseRefused(e) => {
            let index = e.access;
            let sentence = say!(
                l,
                "許可（記録 {index} 番）で情報を渡そうとしましたが、その許可はもう使えないため、止めました。",
                "Wanted to hand data over on the permit in record {index}, which can no longer be used. It was stopped."
            );
            let mut told = told(
                Mark::Deny,
                pick(l, "提供を停止", "Stopped"),
                names.institution(&e.holder),
                sentence,
            );
            let reasons = e.reasons.iter().map(|code| release_reason(l, code));
            told.ground = Some((pick(l, "理由", "Why"), names.list(reasons)));
            told
        }
        Event::ConsentGiven(e) => {
            let (to, from) = (
                strong(names.institution(&e.recipient)),
                names.institution(&e.holder),
            );
            let (what, purpose) = (
                strong(names.categories(e.categories.iter())),
                strong(names.purposes(e.purposes.iter())),
            );
            let until = names.when.say_last_day(e.valid_until);
            let sentence = say!(
                l,
                "{to}が、{from}にあるあなたの{what}を、{purpose}のために使うことに同意しました。{until}まで有効です。",
                "Agreed that {to} may use {what} kept at {from} for {purpose}, until {until}."
            );
            let mut told = told(Mark::Consent, pick(l, "同意", "Consent"), you(), sentence);
            told.ground = Some((
                pick(l, "確認", "Known by"),
                names.assurance(e.assurance).to_owned(),
            ));
            told
        }
        Event::ConsentNarrowed(e) => {
            let to = recipient(related, &e.consent, names);
            let (what, purpose) = (
                strong(names.categories(e.categories.iter())),
                names.purposes(e.purposes.iter()),
            );
            let until = names.when.say_last_day(e.valid_until);
            let sentence = say!(
                l,
                "{to}への同意をせばめました。残るのは{what}（{purpose}）で、{until}までです。",
                "Left less of the consent to {to} standing: {what} for {purpose}, until {until}."
            );
            told(
                Mark::Consent,
                pick(l, "同意の変更", "Consent changed"),
                you(),
                sentence,
            )
        }
        Event::ConsentWithdrawn(e) => told(
            Mark::Withdrawn,
            pick(l, "撤回", "Withdrawn"),
            you(),
            withdrawn(&e.consent, names, related),
        ),
        Event::ApprovalRequested(e) => {
            let (who, reference) = (asker(related, e.access, names), strong(&e.reference));
            let until = names.when.say(e.expires);
            let sentence = say!(
                l,
                "{who}の申し出（記録 {} 番）について、あなたの返事をお願いしました。受付番号は {reference}、期限は{until}です。",
                "Asked you about the request of {who} (record {}). The reference is {reference}; you had until {until}.",
                e.access
            );
            told(
                Mark::Ask,
                pick(l, "確認依頼", "You were asked"),
                ledger(),
                sentence,
            )
        }
        Event::ApprovalGranted(e) => {
            let (who, how) = (
                strong(asker(related, e.access, names)),
                names.answered_by(e.answered_by),
            );
            let sentence = say!(
                l,
                "{who}の申し出（記録 {} 番）を、{how}許可しました。",
                "Allowed the request of {who} (record {}) {how}.",
                e.access
            );
            answered(
                e,
                Told {
                    ..told(
                        Mark::Permit,
                        pick(l, "あなたが許可", "You allowed"),
                        you(),
                        sentence,
                    )
                },
                names,
            )
        }
        Event::ApprovalRefused(e) => {
            let (who, how) = (
                strong(asker(related, e.access, names)),
                names.answered_by(e.answered_by),
            );
            let sentence = match e.reported {
                YesNo::Yes => say!(
                    l,
                    "{who}の申し出（記録 {} 番）を、{how}断り、おかしい申し出として報告しました。",
                    "Refused the request of {who} (record {}) {how} and reported it as suspicious.",
                    e.access
                ),
                YesNo::No => say!(
                    l,
                    "{who}の申し出（記録 {} 番）を、{how}断りました。",
                    "Refused the request of {who} (record {}) {how}.",
                    e.access
                ),
            };
            answered(
                e,
                told(
                    Mark::Deny,
                    pick(l, "あなたが拒否", "You refused"),
                    you(),
                    sentence,
                ),
                names,
            )
        }
        Event::ApprovalExpired(e) => {
            let who = strong(asker(related, e.access, names));
            let sentence = say!(
                l,
                "{who}の申し出（記録 {} 番）は、期限までに返事がなかったので、断ったものとして終わりました。",
                "The request of {who} (record {}) was not answered in time. That counts as a refusal.",
                e.access
            );
            told(
                Mark::Expired,
                pick(l, "期限切れ", "Expired"),
                you(),
                sentence,
            )
        }
        Event::AlertRaised(e) => told(
            Mark::Alert,
            pick(l, "注意", "Warning"),
            ledger(),
            alert(e, names, related),
        ),
        Event::NoticeSent(e) => told(Mark::Notice, notice, ledger(), delivery(e, true, names)),
        Event::NoticeFailed(e) => told(
            Mark::Alert,
            pick(l, "お知らせが届かず", "Notice not delivered"),
            ledger(),
            delivery(e, false, names),
        ),
        Event::SubjectEnrolled(e) => {
            let sentence = say!(
                l,
                "Akashi に登録しました。ここから、あなたについての記録が始まります。",
                "Enrolled with Akashi. The record about you begins here."
            );
            let mut told = told(Mark::Consent, pick(l, "登録", "Enrolled"), you(), sentence);
            told.ground = Some((
                pick(l, "確認", "Known by"),
                names.assurance(e.assurance).to_owned(),
            ));
            told
        }
        Event::ContactVerified(e) => {
            let channel = names.channel(e.channel);
            let sentence = match e.replaces {
                None => say!(
                    l,
                    "{channel}の連絡先が、あなたのものであることを確かめました。",
                    "Showed that a contact by {channel} is yours."
                ),
                Some(_) => say!(
                    l,
                    "{channel}の連絡先を新しいものに取りかえました。",
                    "Replaced a contact by {channel} with a new one."
                ),
            };
            told(Mark::Notice, pick(l, "連絡先", "Contact"), you(), sentence)
        }
        Event::LinkIssued(e) => {
            let sentence = say!(
                l,
                "あなたの番号（qid）と、窓口であなたが伝えた番号を確かめて、この機関だけで使う連携コードを受け取りました。",
                "Received its own code for you, after your visible ID (qid) and the number you read out were checked. No other institution can use it."
            );
            told(
                Mark::Notice,
                pick(l, "連携", "Linked"),
                names.institution(&e.institution),
                sentence,
            )
        }
        Event::LinkRevoked(e) => {
            let sentence = say!(
                l,
                "この機関の連携コードは無効になりました。",
                "The code of this institution for you has ended."
            );
            told(
                Mark::Withdrawn,
                pick(l, "連携の終わり", "Link ended"),
                names.institution(&e.institution),
                sentence,
            )
        }
        // The registry and the institutions' own streams: never about one person.
        Event::LedgerOpened(_) => told(
            Mark::Notice,
            notice,
            ledger(),
            say!(l, "台帳が始まりました。", "The ledger was opened."),
        ),
        Event::InstitutionCertified(e) => told(
            Mark::Permit,
            notice,
            names.institution(&e.institution),
            say!(
                l,
                "監督機関が、この機関の参加を認めました。",
                "The supervisors admitted this institution."
            ),
        ),
        Event::InstitutionSuspended(e) => told(
            Mark::Alert,
            notice,
            names.institution(&e.institution),
            say!(
                l,
                "監督機関が、この機関の利用を止めました。",
                "The supervisors stopped this institution."
            ),
        ),
        Event::InstitutionReinstated(e) => told(
            Mark::Permit,
            notice,
            names.institution(&e.institution),
            say!(
                l,
                "監督機関が、この機関の利用の再開を認めました。",
                "The supervisors let this institution go on."
            ),
        ),
        Event::KeyRegistered(e) => told(
            Mark::Notice,
            notice,
            names.institution(&e.institution),
            say!(l, "新しい鍵を登録しました。", "Registered a new key."),
        ),
        Event::KeyRevoked(e) => told(
            Mark::Withdrawn,
            notice,
            names.institution(&e.institution),
            say!(l, "鍵を使えなくしました。", "Ended a key."),
        ),
        Event::PolicyActivated(e) => {
            let (pack, version) = (&e.pack, e.version);
            told(
                Mark::Notice,
                notice,
                ledger(),
                say!(
                    l,
                    "利用のルール（{pack} 第 {version} 版）が効力をもちました。",
                    "The rules ({pack}, version {version}) came into force."
                ),
            )
        }
        Event::RoleAssigned(e) => told(
            Mark::Notice,
            notice,
            names.role(&e.role),
            say!(
                l,
                "担当者に役割を与えました。",
                "A role-holder was given this role."
            ),
        ),
        Event::RoleEnded(e) => told(
            Mark::Withdrawn,
            notice,
            names.role(&e.role),
            say!(
                l,
                "担当者の役割を終えました。",
                "A role-holder's role ended."
            ),
        ),
        Event::StatementRefused(e) => {
            let mut told = told(
                Mark::Deny,
                pick(l, "拒否", "Refused"),
                ledger(),
                say!(
                    l,
                    "署名された申し出を断りました。",
                    "Refused a signed request."
                ),
            );
            told.ground = Some((pick(l, "理由", "Why"), names.reasons(&e.reasons)));
            told
        }
        Event::StatementsThrottled(e) => {
            let count = e.count;
            let sentence = say!(
                l,
                "決められた回数をこえた申し出{count}件を、受けつけませんでした。",
                "Did not take {count} requests above the allowed rate."
            );
            told(
                Mark::Deny,
                pick(l, "受けつけず", "Not taken"),
                ledger(),
                sentence,
            )
        }
        Event::StatisticsPermitted(e) | Event::StatisticsDenied(e) => {
            let (from, size, purpose) = (
                names.institution(&e.holder),
                e.cohort_size,
                names.purpose(&e.purpose),
            );
            let (mark, word) = match e.outcome {
                Outcome::Permit => (Mark::Permit, pick(l, "集計を許可", "Count allowed")),
                Outcome::Deny | Outcome::Ask => {
                    (Mark::Deny, pick(l, "集計を拒否", "Count refused"))
                }
            };
            told(
                mark,
                word,
                names.role(&e.role),
                say!(
                    l,
                    "{from}の記録について、{size} 人の集計を{purpose}のために求めました。",
                    "Asked for counts over {size} persons at {from}, for {purpose}."
                ),
            )
        }
    }
}

fn access(e: &AccessDecided, names: &Names) -> Told {
    let l = names.language;
    let (signer, role) = (names.institution(&e.requester), names.role(&e.role));
    // Who signed is certified and stands first; for whom they say they ask is their own word, which
    // nobody checked.
    let who = match &e.on_behalf_of {
        None => say!(l, "{signer}（{role}）", "{signer} ({role})"),
        Some(other) => say!(
            l,
            "{signer}（{role}、相手の説明によれば「{other}」のため）",
            "{signer} ({role}, on behalf of, as they say: {other})"
        ),
    };
    let from = names.institution(&e.holder);
    let (what, purpose) = (
        strong(names.categories(e.categories.iter())),
        strong(names.purpose(&e.purpose)),
    );
    let emergency = e.basis_kind == BasisKind::Emergency;
    let (mark, word, sentence) = match e.outcome {
        Outcome::Permit if emergency => (
            Mark::Emergency,
            pick(l, "緊急・許可", "Emergency, allowed"),
            say!(
                l,
                "{from}にある{what}を、あなたの同意なしに、{purpose}のために見ることが緊急に認められました。",
                "Was allowed, as an emergency and without your consent, to see {what} kept at {from} for {purpose}."
            ),
        ),
        Outcome::Permit => (
            Mark::Permit,
            pick(l, "許可", "Allowed"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見ることが認められました。",
                "Was allowed to see {what} kept at {from} for {purpose}."
            ),
        ),
        Outcome::Deny if e.step == Some(Step::Whitelist) => (
            Mark::Alert,
            pick(
                l,
                "認められた範囲の外・拒否",
                "Outside what is allowed, refused",
            ),
            say!(
                l,
                "{from}にある{what}を、{purpose}のためとして見ようとしましたが、認められた範囲の外なので断りました。",
                "Asked to see {what} kept at {from}, for {purpose}. It is outside what is allowed, so it was refused."
            ),
        ),
        Outcome::Deny => (
            Mark::Deny,
            pick(l, "拒否", "Refused"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見ようとしましたが、断りました。",
                "Tried to see {what} kept at {from} for {purpose}. It was refused."
            ),
        ),
        Outcome::Ask => (
            Mark::Ask,
            pick(l, "あなたに確認", "You were asked"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見てよいか、あなたに尋ねました。",
                "Asked you whether {what} kept at {from} may be seen for {purpose}."
            ),
        ),
    };
    let ground = match e.outcome {
        Outcome::Permit => (pick(l, "根拠", "Ground"), ground(e, names)),
        Outcome::Deny => (pick(l, "理由", "Why"), names.reasons(&e.reasons)),
        Outcome::Ask => (pick(l, "理由", "Why"), names.reasons(&e.reasons)),
    };
    Told {
        mark,
        word,
        who,
        sentence: Rich::new(sentence),
        ground: Some(ground),
    }
}

/// What a permit rests on.
fn ground(e: &AccessDecided, names: &Names) -> String {
    let l = names.language;
    match (e.basis_kind, e.consent, e.approval) {
        (BasisKind::Consent, _, Some(index)) => {
            say!(
                l,
                "あなたの許可（記録 {index} 番）",
                "You allowed it (record {index})"
            )
        }
        (BasisKind::Consent, Some(index), _) => {
            say!(
                l,
                "あなたの同意（記録 {index} 番）",
                "Your consent (record {index})"
            )
        }
        (BasisKind::Statute, ..) => {
            let statute = names
                .pack
                .process(&e.process)
                .and_then(|process| process.statute.as_ref());
            statute
                .map_or(names.basis(e.basis_kind), |text| text.in_language(l))
                .to_owned()
        }
        (BasisKind::Emergency, ..) => {
            let reason = e
                .reason_code
                .as_deref()
                .map(|code| names.emergency_reason(code))
                .unwrap_or_default();
            match &e.reason_text {
                Some(text) => say!(
                    l,
                    "緊急：{reason}（担当者の説明「{text}」）",
                    "Emergency: {reason} (in their own words: “{text}”)"
                ),
                None => say!(l, "緊急：{reason}", "Emergency: {reason}"),
            }
        }
        _ => names.basis(e.basis_kind).to_owned(),
    }
}

fn answered(e: &ApprovalAnswered, mut told: Told, names: &Names) -> Told {
    let l = names.language;
    let seen = match e.seen {
        YesNo::Yes => pick(
            l,
            "内容をすべて画面で確かめたうえで",
            "with the whole request on the screen",
        ),
        YesNo::No => pick(l, "内容の画面は見ずに", "without seeing the whole request"),
    };
    let how = names.assurance(e.assurance);
    told.ground = Some((
        pick(l, "確認", "Known by"),
        say!(l, "{how}、{seen}", "{how}, {seen}"),
    ));
    told
}

fn delivery(e: &NoticeDelivery, sent: bool, names: &Names) -> String {
    let l = names.language;
    let channel = names.channel(e.channel);
    match (sent, e.about) {
        (true, Some(index)) => say!(
            l,
            "記録 {index} 番について、{channel}でお知らせしました。",
            "Told you of record {index} by {channel}."
        ),
        (true, None) => say!(l, "{channel}でお知らせしました。", "Told you by {channel}."),
        (false, Some(index)) => say!(
            l,
            "記録 {index} 番について{channel}でお知らせしようとしましたが、届けられませんでした。",
            "Tried to tell you of record {index} by {channel}; it could not be delivered."
        ),
        (false, None) => say!(
            l,
            "{channel}でお知らせしようとしましたが、届けられませんでした。",
            "Tried to tell you by {channel}; it could not be delivered."
        ),
    }
}

/// Which consent ended. Another may allow the same: so this one is named, and nothing is said of
/// the others.
fn withdrawn(id: &ConsentId, names: &Names, related: &dyn Related) -> String {
    let l = names.language;
    let Some((index, given)) = related.consent(id) else {
        return pick(
            l,
            "ある機関への同意を撤回しました。この同意は、次の申し出から使えません。",
            "Withdrew the consent to an institution. This consent cannot be used from the next request on.",
        )
        .to_owned();
    };
    let (to, from) = (
        strong(names.institution(&given.recipient)),
        names.institution(&given.holder),
    );
    let what = strong(names.categories(given.categories.iter()));
    say!(
        l,
        "{to}への同意を撤回しました。{from}にある{what}を使うことへの同意（記録 {index} 番）です。この同意は、次の申し出から使えません。",
        "Withdrew the consent to {to} that was given in record {index}, for {what} kept at {from}. This consent cannot be used from the next request on."
    )
}

fn recipient(related: &dyn Related, id: &ConsentId, names: &Names) -> String {
    match related.consent(id) {
        Some((_, given)) => strong(names.institution(&given.recipient)),
        None => pick(names.language, "ある機関", "an institution").to_owned(),
    }
}

fn asker(related: &dyn Related, access: u64, names: &Names) -> String {
    match access_at(related, access) {
        Some(access) => names.institution(&access.requester),
        None => pick(names.language, "ある機関", "an institution").to_owned(),
    }
}

/// The decision at this log index.
pub(crate) fn access_at(related: &dyn Related, index: u64) -> Option<AccessDecided> {
    match related.record(index)?.event {
        Event::AccessPermitted(e) | Event::AccessDenied(e) | Event::AccessAsked(e) => Some(e),
        _ => None,
    }
}

/// Why evidence was not opened.
pub(crate) fn release_reason(l: Language, code: &str) -> String {
    match code {
        "spent" => pick(l, "すでに一度使われている", "it was used once already").to_owned(),
        "expired" => pick(l, "期限が過ぎている", "its time is over").to_owned(),
        "consent-ended" => pick(
            l,
            "もとになった同意が終わっている",
            "the consent it rested on has ended",
        )
        .to_owned(),
        "institution-suspended" => pick(
            l,
            "機関の利用が止められている",
            "an institution is suspended",
        )
        .to_owned(),
        "link-ended" => pick(l, "連携コードが無効になっている", "a link code has ended").to_owned(),
        other => say!(l, "その他（{other}）", "another reason ({other})"),
    }
}

/// A warning. Of evidence used twice or too late it names who presented it: the holder, and not
/// whoever once asked.
fn alert(e: &AlertRaised, names: &Names, related: &dyn Related) -> String {
    let (l, index, what) = (
        names.language,
        e.access,
        alert_rule(names.language, &e.rule),
    );
    let holder = access_at(related, index)
        .filter(|_| e.rule == "D11")
        .map(|access| names.institution(&access.holder));
    match holder.map(strong) {
        Some(who) => say!(
            l,
            "{who}について、注意が必要です（記録 {index} 番の許可）：{what}",
            "{who} needs your attention (the permit in record {index}): {what}"
        ),
        None => {
            let who = strong(asker(related, index, names));
            say!(
                l,
                "{who}の申し出（記録 {index} 番）について、注意が必要です：{what}",
                "The request of {who} (record {index}) needs your attention: {what}"
            )
        }
    }
}

/// What a detector's rule means (docs: the notifier's rules keep the names of the list they were
/// taken from).
fn alert_rule(l: Language, rule: &str) -> String {
    match rule {
        "D1" => pick(
            l,
            "認められた範囲の外で、情報を見ようとしました。",
            "data was asked for outside what is allowed.",
        )
        .to_owned(),
        "D11" => pick(
            l,
            "もう使えない許可で、情報を渡そうとしました。",
            "data was nearly handed over on a permit that could not be used.",
        )
        .to_owned(),
        other => other.to_owned(),
    }
}

/// Which institutions and purposes a record is about: what the history is filtered by.
#[derive(Default)]
pub(crate) struct Matter {
    pub(crate) institutions: Vec<InstitutionId>,
    pub(crate) purposes: Vec<PurposeCode>,
}

impl Matter {
    /// What a record is about, through the access or consent it speaks of.
    pub(crate) fn of(event: &Event, related: &dyn Related) -> Self {
        match event {
            Event::AccessPermitted(e) | Event::AccessDenied(e) | Event::AccessAsked(e) => {
                Self::of_access(e)
            }
            Event::AccessReleased(e) => Self::of_access_at(related, e.access),
            Event::ReleaseRefused(e) => Self::of_access_at(related, e.access),
            Event::ApprovalRequested(e) => Self::of_access_at(related, e.access),
            Event::ApprovalGranted(e) | Event::ApprovalRefused(e) => {
                Self::of_access_at(related, e.access)
            }
            Event::ApprovalExpired(e) => Self::of_access_at(related, e.access),
            Event::AlertRaised(e) => Self::of_access_at(related, e.access),
            Event::NoticeSent(e) | Event::NoticeFailed(e) => {
                let about = e.about.and_then(|index| related.record(index));
                // A notice may be about anything but another notice.
                about
                    .filter(|record| {
                        !matches!(record.event, Event::NoticeSent(_) | Event::NoticeFailed(_))
                    })
                    .map(|record| Self::of(&record.event, related))
                    .unwrap_or_default()
            }
            Event::ConsentGiven(e) => Self::of_consent(e),
            Event::ConsentNarrowed(e) => Self::of_consent_of(related, &e.consent),
            Event::ConsentWithdrawn(e) => Self::of_consent_of(related, &e.consent),
            Event::LinkIssued(e) => Self {
                institutions: vec![e.institution.clone()],
                purposes: Vec::new(),
            },
            Event::LinkRevoked(e) => Self {
                institutions: vec![e.institution.clone()],
                purposes: Vec::new(),
            },
            Event::SubjectEnrolled(_)
            | Event::ContactVerified(_)
            | Event::LedgerOpened(_)
            | Event::InstitutionCertified(_)
            | Event::InstitutionSuspended(_)
            | Event::InstitutionReinstated(_)
            | Event::KeyRegistered(_)
            | Event::KeyRevoked(_)
            | Event::PolicyActivated(_)
            | Event::RoleAssigned(_)
            | Event::RoleEnded(_)
            | Event::StatementRefused(_)
            | Event::StatementsThrottled(_)
            | Event::StatisticsPermitted(_)
            | Event::StatisticsDenied(_) => Self::default(),
        }
    }

    fn of_access(e: &AccessDecided) -> Self {
        Self {
            institutions: vec![e.requester.clone(), e.holder.clone()],
            purposes: vec![e.purpose.clone()],
        }
    }

    fn of_access_at(related: &dyn Related, index: u64) -> Self {
        access_at(related, index)
            .map(|e| Self::of_access(&e))
            .unwrap_or_default()
    }

    fn of_consent_of(related: &dyn Related, id: &ConsentId) -> Self {
        related
            .consent(id)
            .map(|(_, given)| Self::of_consent(&given))
            .unwrap_or_default()
    }

    fn of_consent(e: &ConsentGiven) -> Self {
        Self {
            institutions: vec![e.recipient.clone(), e.holder.clone()],
            purposes: e.purposes.to_vec(),
        }
    }
}
