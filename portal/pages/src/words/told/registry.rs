//! The registry in words: never about one person.

use akashi_desk::words::names::Names;
use akashi_proof::record::kind::{
    InstitutionCertified, InstitutionChanged, InstitutionReinstated, InstitutionSuspended,
    KeyRegistered, KeyReset, KeyRevoked, LedgerResumed, PolicyActivated, ResetObjected,
    SupervisorChanged, SupervisorReplaced,
};

use crate::words::text::say;
use crate::words::told::{Said, ledger, notice};

pub(super) fn opened(names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        ledger(l),
        say!(l, "公開ログが始まりました。", "The public log was opened."),
    )
}

pub(super) fn log_key_added(names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        ledger(l),
        say!(
            l,
            "監督機関が、公開ログの署名に新しい鍵を加えることを決めました。",
            "The supervisors added a key with which the public log is signed."
        ),
    )
}

pub(super) fn log_key_ended(names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        ledger(l),
        say!(
            l,
            "監督機関が、公開ログの署名の鍵の一つを使い終えることを決めました。これから先は、残りの鍵の署名だけが有効です。",
            "The supervisors ended one of the keys with which the public log is signed. From now on only the others count."
        ),
    )
}

pub(super) fn resumed(e: &LedgerResumed, names: &Names) -> Said {
    let l = names.language;
    let last = names.when.say(e.last_record_at);
    Said::new(
        l,
        notice(l),
        ledger(l),
        say!(
            l,
            "{last}の記録を最後に、7日より長く何も記録されていませんでした。監督機関が時計の時刻を確かめ、ここから記録を再開しました。",
            "After the record of {last} nothing was recorded for more than 7 days. The supervisors vouched for the time by the clock, and recording went on from here."
        ),
    )
}

pub(super) fn certified(e: &InstitutionCertified, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "監督機関が、この機関の参加を認めました。",
            "The supervisors admitted this institution."
        ),
    )
}

pub(super) fn changed(e: &InstitutionChanged, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "監督機関が、この機関の名前や問い合わせ先の変更を認めました。",
            "The supervisors certified a new name, or another way to reach this institution."
        ),
    )
}

pub(super) fn supervisor_changed(e: &SupervisorChanged, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.supervisor(&e.supervisor),
        say!(
            l,
            "監督機関の名前や問い合わせ先が変わりました。",
            "This supervisor has a new name, or another way to reach it."
        ),
    )
}

pub(super) fn supervisor_replaced(e: &SupervisorReplaced, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.supervisor(&e.supervisor),
        say!(
            l,
            "ほかの監督機関が、この監督機関の鍵、または監督機関そのものを入れ替えました。",
            "The other supervisors replaced the key of this supervisor, or the supervisor itself."
        ),
    )
}

pub(super) fn suspended(e: &InstitutionSuspended, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "監督機関が、この機関の利用を止めました。",
            "The supervisors suspended this institution."
        ),
    )
}

pub(super) fn reinstated(e: &InstitutionReinstated, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "監督機関が、この機関の利用の再開を認めました。",
            "The supervisors let this institution go on."
        ),
    )
}

pub(super) fn key_registered(e: &KeyRegistered, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "新しい鍵を登録しました。",
            "This institution registered a new key."
        ),
    )
}

pub(super) fn key_revoked(e: &KeyRevoked, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(l, "鍵を使えなくしました。", "This institution ended a key."),
    )
}

pub(super) fn key_reset(e: &KeyReset, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "監督機関が、この機関のすべての鍵を新しい鍵に替えることを決めました。使える署名の鍵が残っているときは、72時間後に替わります。",
            "The supervisors decided to put a new key in place of all the keys of this institution: after 72 hours if it still has a valid signing key, otherwise at once."
        ),
    )
}

pub(super) fn reset_objected(e: &ResetObjected, names: &Names) -> Said {
    let l = names.language;
    Said::new(
        l,
        notice(l),
        names.institution(&e.institution),
        say!(
            l,
            "鍵の入れ替えに異議を唱えました。入れ替えには、もう1つの監督機関の署名が要ります。",
            "This institution objected to the replacement of its keys: one supervisor more must sign it."
        ),
    )
}

pub(super) fn policy_activated(e: &PolicyActivated, names: &Names) -> Said {
    let l = names.language;
    let (pack, version) = (&e.pack, e.version);
    Said::new(
        l,
        notice(l),
        ledger(l),
        say!(
            l,
            "利用のルール（{pack}第{version}版）が効力を持ちました。",
            "The rules ({pack}, version {version}) came into force."
        ),
    )
}
