//! Warnings and messages in words.

use akashi_desk::words::names::Names;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{
    AlertRaised, Arrival, Language, NoticeDelivery, NoticesReported, Rule, Template,
};

use crate::words::text::{pick, say, say_many, strong};
use crate::words::told::{Related, Said, access_at, asker, ledger, notice, the_record};

pub(super) fn raised(e: &AlertRaised, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    let (who, sentence) = alert(e, names, related);
    Said::new(l, pick(l, "注意", "Warning"), who, sentence)
}

/// A warning: under whose name, and what it says. Of evidence misused it names who presented it:
/// the holder, and not whoever once asked.
fn alert(e: &AlertRaised, names: &Names, related: &dyn Related) -> (String, String) {
    let (l, index) = (names.language, e.access);
    let what = [found(l, e.rule), &times(l, e.count)].concat();
    let record = the_record(l, index);
    let holder = || {
        let access = access_at(related, index)?;
        Some(names.institution(&access.holder))
    };
    let presented_by = match e.rule {
        Rule::OutOfPurpose => None,
        Rule::EvidenceMisused => holder(),
    };
    match presented_by {
        Some(who) => {
            let named = strong(&who);
            let sentence = say!(
                l,
                "{named}について、注意が必要です（{record}の利用証）：{what}",
                "{named} needs your attention (the permit in {record}): {what}"
            );
            (who, sentence)
        }
        None => {
            let who = asker(related, index, names);
            let named = strong(&who);
            let sentence = say!(
                l,
                "{named}の依頼（{record}）について、注意が必要です：{what}",
                "The request of {named} ({record}) needs your attention: {what}"
            );
            (who, sentence)
        }
    }
}

/// How often the same was found, where it was more than once: what a sentence ends with.
fn times(l: Language, count: u64) -> String {
    if count <= 1 {
        return String::new();
    }
    say_many!(
        l,
        "同じことが{count}回ありました。",
        " It happened once.",
        " It happened {count} times.",
        count
    )
}

/// What a detector's rule finds, as a sentence.
const fn found(l: Language, rule: Rule) -> &'static str {
    match rule {
        Rule::OutOfPurpose => pick(
            l,
            "認められた範囲の外で、情報を見ようとしました。",
            "data was asked for outside what is allowed.",
        ),
        Rule::EvidenceMisused => pick(
            l,
            "もう使えない利用証で、情報を渡そうとしました。",
            "data was nearly handed over on a permit that could not be used.",
        ),
    }
}

pub(super) fn sent(e: &NoticeDelivery, names: &Names) -> Said {
    let l = names.language;
    Said::new(l, notice(l), ledger(l), delivery(e, true, names))
}

pub(super) fn failed(e: &NoticeDelivery, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        pick(l, "お知らせが届かず", "Notice not delivered"),
        ledger(l),
        delivery(e, false, names),
    )
}

/// That a notice was handed over is all that is known: whether it arrived, a gateway's "taken" does
/// not say, and neither do we.
fn delivery(e: &NoticeDelivery, sent: bool, names: &Names) -> String {
    let l = names.language;
    let (channel, what) = (names.channel(e.channel), said(l, e.template));
    match (sent, e.about.map(|index| the_record(l, index))) {
        (true, Some(record)) => say!(
            l,
            "{channel}でお知らせを送り出しました（{record}）：{what}",
            "Akashi handed over a notice by {channel} ({record}): {what}"
        ),
        (true, None) => say!(
            l,
            "{channel}でお知らせを送り出しました：{what}",
            "Akashi handed over a notice by {channel}: {what}"
        ),
        (false, Some(record)) => say!(
            l,
            "{channel}でお知らせしようとしましたが、届けられませんでした（{record}）：{what}",
            "Akashi tried to tell you by {channel}, but the notice could not be delivered ({record}): {what}"
        ),
        (false, None) => say!(
            l,
            "{channel}でお知らせしようとしましたが、届けられませんでした：{what}",
            "Akashi tried to tell you by {channel}, but the notice could not be delivered: {what}"
        ),
    }
}

pub(super) fn reported(e: &NoticesReported, names: &Names) -> Said {
    let l = names.language;
    let count = e.notices.len() as u64;
    let first = e.notices.first().copied().unwrap_or(LeafIndex::FIRST);
    let record = the_record(l, first);
    let word = match e.arrival {
        Arrival::Delivered => notice(l),
        Arrival::Undelivered | Arrival::Expired | Arrival::Rejected => {
            pick(l, "お知らせが届かず", "Notice not delivered")
        }
    };
    Said::new(l, word, ledger(l), arrived(l, e.arrival, &record, count))
}

/// What the gateway says, as its word: whether anybody read it, nobody knows.
fn arrived(l: Language, arrival: Arrival, record: &str, count: u64) -> String {
    match arrival {
        Arrival::Delivered => say_many!(
            l,
            "SMSでのお知らせ{count}件（最初は{record}）が電話に届いたと、SMSの会社から連絡がありました。",
            "The SMS company reports that a notice by SMS ({record}) reached the phone.",
            "The SMS company reports that {count} notices by SMS (the first is {record}) reached the phone.",
            count
        ),
        Arrival::Undelivered => say!(
            l,
            "SMSでのお知らせ（{record}）が電話に届かなかったと、SMSの会社から連絡がありました。",
            "The SMS company reports that a notice by SMS ({record}) did not reach the phone."
        ),
        Arrival::Expired => say!(
            l,
            "SMSでのお知らせ（{record}）は、電話につながらないまま期限が過ぎたと、SMSの会社から連絡がありました。",
            "The SMS company reports that a notice by SMS ({record}) expired: the phone was out of reach."
        ),
        Arrival::Rejected => say!(
            l,
            "SMSでのお知らせ（{record}）は、電話会社に受け付けられなかったと、SMSの会社から連絡がありました。",
            "The SMS company reports that a notice by SMS ({record}) was not accepted by the phone network."
        ),
    }
}

/// What a notice says, in one sentence.
pub(crate) const fn said(l: Language, template: Template) -> &'static str {
    match template {
        Template::ApprovalRequest => pick(
            l,
            "許可のお願いがあります。",
            "you have a permission request.",
        ),
        Template::ApprovalPermitted => pick(
            l,
            "あなたの許可により、依頼が認められました。",
            "a request was allowed by your permission.",
        ),
        Template::ApprovalNotPermitted => pick(
            l,
            "あなたは許可しましたが、依頼は別の理由で認められませんでした。",
            "you gave your permission, but the request was not allowed for another reason.",
        ),
        Template::ApprovalRefused => pick(
            l,
            "許可のお願いを、あなたがお断りになりました。",
            "your refusal of a request was recorded.",
        ),
        Template::ApprovalExpired => pick(
            l,
            "許可のお願いの期限が過ぎました。許可されなかったものとして扱います。",
            "a permission request has expired; it counts as refused.",
        ),
        Template::OutOfPurpose => pick(
            l,
            "認められていない形の依頼がありました。",
            "a request was outside what is allowed.",
        ),
        Template::EmergencyAccess => pick(
            l,
            "緊急の宣言により、情報の利用が同意なしで認められました。",
            "an emergency was declared, and your data may be used without your consent.",
        ),
        Template::AccessPermitted => pick(
            l,
            "あなたの情報の利用が認められました。",
            "your data may be used.",
        ),
        Template::AccessRefused => pick(
            l,
            "あなたの情報を使う依頼は認められませんでした。",
            "a request to use your data was not allowed.",
        ),
        Template::ReleaseRefused => pick(
            l,
            "情報の受け渡しを止めました。",
            "a hand-over of your data was stopped.",
        ),
        Template::ConsentGiven => pick(
            l,
            "新しい同意を記録しました。",
            "a new consent was recorded.",
        ),
        Template::ConsentNarrowed => {
            pick(l, "同意の範囲を減らしました。", "a consent was narrowed.")
        }
        Template::ConsentWithdrawn => pick(l, "同意を取り消しました。", "a consent was withdrawn."),
        Template::LinkIssued => pick(
            l,
            "窓口での手続きを記録しました。",
            "a visit to a counter was recorded.",
        ),
        Template::LinkEnded => pick(
            l,
            "ある機関が、あなたについてあかしを使えなくなりました。",
            "an institution can no longer send requests about you.",
        ),
        Template::LinkCorrected => pick(
            l,
            "ある機関から、あなたを別の方と取り違えていたと届け出がありました。",
            "an institution reported that it took you for somebody else.",
        ),
        Template::ConsentsStopped => pick(
            l,
            "すべての同意を取り消しました。",
            "all your consents were withdrawn.",
        ),
        Template::MeansBlocked => pick(
            l,
            "あなたの電話を使えないようにしました。",
            "your phone was blocked.",
        ),
        Template::MeansUnblocked => pick(
            l,
            "あなたの電話を元に戻しました。",
            "your phone was unblocked.",
        ),
        Template::PapersReplaced => pick(
            l,
            "あなたの番号（qid）と回復コードを新しくしました。",
            "your visible ID and recovery code were replaced.",
        ),
        Template::ContactReplacing => pick(
            l,
            "お知らせ先が3日後に変わります。",
            "a contact of yours is to be replaced in three days.",
        ),
        Template::ContactKept => pick(
            l,
            "お知らせ先の変更を止めました。",
            "the replacing of a contact was stopped.",
        ),
        Template::ContactEnded => pick(
            l,
            "お知らせ先を一つ削除しました。",
            "a contact of yours was removed.",
        ),
        Template::ContactDoubted => pick(
            l,
            "あなたの電話番号で、ほかの方が登録しました。",
            "somebody else enrolled with your phone number.",
        ),
        Template::AccountChanged => pick(
            l,
            "あなたの登録を、休止、再開、または終了しました。",
            "your account was suspended, resumed or closed.",
        ),
        Template::ContactChanged => pick(
            l,
            "お知らせ先が追加または変更されました。",
            "your contacts have changed.",
        ),
        Template::ReplyHelp => pick(
            l,
            "返信を受け付けられませんでした。",
            "your reply could not be used.",
        ),
        Template::ReplyLate => pick(
            l,
            "お返事を待っている許可のお願いはありません。",
            "no permission request is waiting for your answer.",
        ),
        Template::ReplyRecorded => pick(l, "お返事を記録しました。", "your answer is recorded."),
        Template::ReplyAnswered => pick(
            l,
            "許可のお願いには、お返事が済んでいます。",
            "you have already answered the request.",
        ),
        Template::ReplyInPortal => pick(
            l,
            "許可できるのは画面だけです。",
            "you can allow the request only on the pages of Akashi.",
        ),
        Template::Summary => pick(
            l,
            "あなたの情報の利用が何件あったかをまとめました。",
            "how many uses of your data there were.",
        ),
        Template::MoreHappened => pick(
            l,
            "このほかにもお知らせがあります。",
            "there is more in your history.",
        ),
        Template::NoticeUndelivered => pick(
            l,
            "SMSのお知らせが届きませんでした。",
            "a notice by SMS did not reach you.",
        ),
    }
}
