//! Warnings and messages in words.

use akashi_proof::record::kind::{AlertRaised, Language, NoticeDelivery, Rule};

use crate::words::text::{pick, say, strong};
use crate::words::told::{Mark, Related, Told, access_at, asker, ledger, notice};
use akashi_desk::words::names::Names;

pub(super) fn raised(e: &AlertRaised, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let (who, sentence) = alert(e, names, related);
    Told::new(l, Mark::Alert, pick(l, "注意", "Warning"), who, sentence)
}

/// A warning: under whose name, and what it says. Of evidence misused it names who presented it:
/// the holder, and not whoever once asked.
fn alert(e: &AlertRaised, names: &Names, related: &dyn Related) -> (String, String) {
    let (l, index, what) = (names.language, e.access, found(names.language, e.rule));
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
                "{named}について、注意が必要です（記録{index}番の利用証）：{what}",
                "{named} needs your attention (the permit in record {index}): {what}"
            );
            (who, sentence)
        }
        None => {
            let who = asker(related, index, names);
            let named = strong(&who);
            let sentence = say!(
                l,
                "{named}の依頼（記録{index}番）について、注意が必要です：{what}",
                "The request of {named} (record {index}) needs your attention: {what}"
            );
            (who, sentence)
        }
    }
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

pub(super) fn sent(e: &NoticeDelivery, names: &Names) -> Told {
    let l = names.language;
    Told::new(
        l,
        Mark::Notice,
        notice(l),
        ledger(l),
        delivery(e, true, names),
    )
}

pub(super) fn failed(e: &NoticeDelivery, names: &Names) -> Told {
    let l = names.language;
    Told::new(
        l,
        Mark::Alert,
        pick(l, "お知らせが届かず", "Notice not delivered"),
        ledger(l),
        delivery(e, false, names),
    )
}

fn delivery(e: &NoticeDelivery, sent: bool, names: &Names) -> String {
    let l = names.language;
    let channel = names.channel(e.channel);
    match (sent, e.about) {
        (true, Some(index)) => say!(
            l,
            "記録{index}番について、{channel}でお知らせしました。",
            "Akashi told you of record {index} by {channel}."
        ),
        (true, None) => say!(
            l,
            "{channel}でお知らせしました。",
            "Akashi told you by {channel}."
        ),
        (false, Some(index)) => say!(
            l,
            "記録{index}番について{channel}でお知らせしようとしましたが、届けられませんでした。",
            "Akashi tried to tell you of record {index} by {channel}, but the notice could not be delivered."
        ),
        (false, None) => say!(
            l,
            "{channel}でお知らせしようとしましたが、届けられませんでした。",
            "Akashi tried to tell you by {channel}, but the notice could not be delivered."
        ),
    }
}
