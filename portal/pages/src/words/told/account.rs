//! How her account stands, in words.

use akashi_desk::words::names::Names;
use akashi_proof::record::kind::AccountChanged;

use crate::words::text::{Rich, pick, say};
use crate::words::told::{Said, you};

pub(super) fn suspended(e: &AccountChanged, names: &Names) -> Said {
    let l = names.language;
    let sentence = say!(
        l,
        "登録を休止しました。再開するまで、同意や許可による利用は認められません。法律にもとづく利用と緊急の利用は続きます。",
        "You suspended your account. Until you resume it, nothing is allowed by your consent or permission. Uses by law and in an emergency go on."
    );
    with(e, names, pick(l, "休止", "Suspended"), sentence)
}

pub(super) fn resumed(e: &AccountChanged, names: &Names) -> Said {
    let l = names.language;
    let sentence = say!(
        l,
        "登録を再開しました。同意による利用も、また始まります。",
        "You resumed your account; what you have consented to is allowed again."
    );
    with(e, names, pick(l, "再開", "Resumed"), sentence)
}

pub(super) fn closed(e: &AccountChanged, names: &Names) -> Said {
    let l = names.language;
    let sentence = say!(
        l,
        "登録を終了しました。すべての同意と、機関があなたを表す番号は無効になりました。これまでの記録は残り、あなたが見られます。",
        "You closed your account. All your consents, and all codes by which institutions knew you, have ended. What is recorded stays, for you to see."
    );
    with(e, names, pick(l, "登録の終了", "Closed"), sentence)
}

fn with(e: &AccountChanged, names: &Names, word: &'static str, sentence: String) -> Said {
    let l = names.language;
    let mut told = Said::new(l, word, you(l), sentence);
    told.ground = Some((
        pick(l, "本人確認", "Identity shown by"),
        Rich::new(l, names.assurance(e.assurance)),
    ));
    told
}
