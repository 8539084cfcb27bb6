//! An institution's own stream in words: roles, refusals, statistics; never about one person.

use akashi_desk::words::names::Names;
use akashi_desk::words::reasons::fault_sentence;
use akashi_proof::record::kind::{
    CountedFor, EmergencyDeclared, Outcome, RoleAssigned, RoleEnded, StatementRefused,
    StatementsThrottled, StatisticsDecided,
};

use crate::words::text::{Rich, pick, say, say_many};
use crate::words::told::{Said, ledger, notice};

pub(super) fn role_assigned(e: &RoleAssigned, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.role(&e.role),
        say!(
            l,
            "担当者に役割を与えました。",
            "A role-holder was given this role."
        ),
    )
}

pub(super) fn role_ended(e: &RoleEnded, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.role(&e.role),
        say!(
            l,
            "担当者の役割を終えました。",
            "A role-holder's role ended."
        ),
    )
}

pub(super) fn refused(e: &StatementRefused, names: &Names) -> Said {
    let l = names.language;
    let mut told = Said::new(
        l,
        pick(l, "認められず", "Not allowed"),
        ledger(l),
        say!(
            l,
            "署名された依頼は、認められませんでした。",
            "A signed request was not allowed."
        ),
    );
    told.ground = Some((
        pick(l, "理由", "Why"),
        Rich::new(l, fault_sentence(l, e.fault.code)),
    ));
    told
}

pub(super) fn throttled(e: &StatementsThrottled, names: &Names) -> Said {
    let l = names.language;
    let count = e.count;
    let sentence = match e.counted_for {
        CountedFor::AboveRate => say_many!(
            l,
            "決められた回数を超えた依頼{count}件を、受け付けませんでした。",
            "One request above the allowed rate was not accepted.",
            "{count} requests above the allowed rate were not accepted.",
            count
        ),
        CountedFor::AboutOnePerson => say_many!(
            l,
            "一人の人について決められた回数を超えた依頼{count}件を、受け付けませんでした。",
            "One request about one person above the allowed rate was not accepted.",
            "{count} requests about one person above the allowed rate were not accepted.",
            count
        ),
        CountedFor::Refused => say_many!(
            l,
            "誤りのある依頼が多かったため、{count}件は一つずつ記録しませんでした。",
            "One bad request, after many others, was not recorded by itself.",
            "{count} bad requests, after many others, were not recorded one by one.",
            count
        ),
        CountedFor::Suspended => say_many!(
            l,
            "停止中に送られた依頼{count}件を、受け付けませんでした。",
            "One request sent while suspended was not accepted.",
            "{count} requests sent while suspended were not accepted.",
            count
        ),
    };
    Said::new(
        l,
        pick(l, "受け付けず", "Not accepted"),
        ledger(l),
        sentence,
    )
}

pub(super) fn emergency(e: &EmergencyDeclared, names: &Names) -> Said {
    let l = names.language;
    let access = e.access;
    Said::new(
        l,
        notice(l),
        names.role(&e.role),
        say!(
            l,
            "緊急を宣言し、情報の利用が許可されました（記録{access}番）。",
            "An emergency was declared, and access was permitted (record {access})."
        ),
    )
}

pub(super) fn statistics(e: &StatisticsDecided, names: &Names) -> Said {
    let l = names.language;
    let (from, size, purpose) = (
        names.institution(&e.holder),
        e.cohort_size,
        names.purpose(&e.purpose),
    );
    let word = match e.outcome {
        Outcome::Permit => pick(l, "集計可", "Count allowed"),
        Outcome::Deny | Outcome::Ask => pick(l, "集計は認められず", "Count not allowed"),
    };
    Said::new(
        l,
        word,
        names.role(&e.role),
        say_many!(
            l,
            "{from}の記録について、{size}人の集計を{purpose}のために求めました。",
            "A role-holder asked for counts over one person at {from}, for {purpose}.",
            "A role-holder asked for counts over {size} persons at {from}, for {purpose}.",
            size
        ),
    )
}
