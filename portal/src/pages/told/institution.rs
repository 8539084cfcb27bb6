//! An institution's own stream in words: roles, refusals, statistics; never about one person.

use akashi_proof::record::kind::{
    Outcome, RoleAssigned, RoleEnded, StatementRefused, StatementsThrottled, StatisticsDecided,
};

use super::{Mark, Told, ledger, notice};
use crate::pages::names::Names;
use crate::pages::text::{pick, say};

pub(super) fn role_assigned(e: &RoleAssigned, names: &Names) -> Told {
    let l = names.language;
    Told::new(
        Mark::Notice,
        notice(l),
        names.role(&e.role),
        say!(
            l,
            "担当者に役割を与えました。",
            "A role-holder was given this role."
        ),
    )
}

pub(super) fn role_ended(e: &RoleEnded, names: &Names) -> Told {
    let l = names.language;
    Told::new(
        Mark::Withdrawn,
        notice(l),
        names.role(&e.role),
        say!(
            l,
            "担当者の役割を終えました。",
            "A role-holder's role ended."
        ),
    )
}

pub(super) fn refused(e: &StatementRefused, names: &Names) -> Told {
    let l = names.language;
    let mut told = Told::new(
        Mark::Deny,
        pick(l, "拒否", "Refused"),
        ledger(l),
        say!(
            l,
            "署名された申し出を断りました。",
            "Refused a signed request."
        ),
    );
    told.ground = Some((pick(l, "理由", "Why"), names.reasons(&e.reasons)));
    told
}

pub(super) fn throttled(e: &StatementsThrottled, names: &Names) -> Told {
    let l = names.language;
    let count = e.count;
    let sentence = say!(
        l,
        "決められた回数をこえた申し出{count}件を、受けつけませんでした。",
        "Did not take {count} requests above the allowed rate."
    );
    Told::new(
        Mark::Deny,
        pick(l, "受けつけず", "Not taken"),
        ledger(l),
        sentence,
    )
}

pub(super) fn statistics(e: &StatisticsDecided, names: &Names) -> Told {
    let l = names.language;
    let (from, size, purpose) = (
        names.institution(&e.holder),
        e.cohort_size,
        names.purpose(&e.purpose),
    );
    let (mark, word) = match e.outcome {
        Outcome::Permit => (Mark::Permit, pick(l, "集計を許可", "Count allowed")),
        Outcome::Deny | Outcome::Ask => (Mark::Deny, pick(l, "集計を拒否", "Count refused")),
    };
    Told::new(
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
