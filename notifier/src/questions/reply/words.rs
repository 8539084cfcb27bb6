//! The words an answer by SMS is made of, and those that show that a text is none. All as
//! [`folded`](super::fold::folded) spells them.

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Approve,
    Refuse,
    Report,
    /// Nothing: it may stand beside a word.
    Filler,
}

/// Most words one entry of the lists has.
pub(super) const ENTRY_WORDS_MAX: usize = 4;

pub(super) const APPROVE: &[&str] = &[
    "はい",
    "許可",
    "許可する",
    "許可します",
    "同意",
    "同意する",
    "同意します",
    "承認",
    "承認する",
    "承認します",
    "いえす",
    "おーけー",
    "yes",
    "ok",
    "allow",
    "approve",
];

pub(super) const REFUSE: &[&str] = &[
    "いいえ",
    "いえ",
    "いや",
    "いやだ",
    "嫌",
    "嫌だ",
    "のー",
    "拒否",
    "拒否する",
    "拒否します",
    "拒否いたします",
    "きょひ",
    "断る",
    "断ります",
    "お断り",
    "お断りする",
    "お断りします",
    "お断りいたします",
    "ことわる",
    "ことわります",
    "おことわり",
    "おことわりします",
    "許可しない",
    "許可しません",
    "許可しないで",
    "許可できません",
    "許可できない",
    "不許可",
    "同意しない",
    "同意しません",
    "同意できません",
    "不同意",
    "承認しない",
    "承認しません",
    "認めない",
    "認めません",
    "だめ",
    "駄目",
    "無理",
    "やめて",
    "やめろ",
    "止めて",
    "やめます",
    "中止",
    "no",
    "nope",
    "no thanks",
    "no thank you",
    "refuse",
    "refused",
    "i refuse",
    "deny",
    "denied",
    "decline",
    "declined",
    "reject",
    "rejected",
    "stop",
    "not allowed",
    "do not allow",
    "dont allow",
    "i do not allow",
    "i dont allow",
    "ng",
];

pub(super) const REPORT: &[&str] = &[
    "通報",
    "通報する",
    "通報します",
    "報告",
    "報告する",
    "報告します",
    "不審",
    "怪しい",
    "あやしい",
    "詐欺",
    "report",
    "report it",
    "fraud",
    "scam",
];

/// What people and telephones put around a word: courtesy, the label our own messages give the
/// reference, the line of a telephone that signs.
pub(super) const FILLER: &[&str] = &[
    "です",
    "だ",
    "よ",
    "だよ",
    "ですよ",
    "ー",
    "ください",
    "下さい",
    "お願いします",
    "おねがいします",
    "お願いいたします",
    "よろしくお願いします",
    "すみません",
    "すみませんが",
    "こんにちは",
    "こんばんは",
    "受付番号",
    "受付番号は",
    "確認こーど",
    "please",
    "thanks",
    "thank you",
    "sorry",
    "hello",
    "hi",
    "ref",
    "reference",
    "code",
    "sent from my iphone",
    "iphone",
    "から送信",
];

/// Of these at least one stands in every SMS of ours, in each language: a text that holds one is a
/// quotation, a forward, a phone's reaction - not what she says herself.
pub(super) const OURS: &[&str] = &[
    // How every Japanese SMS of ours begins.
    "【",
    "】",
    "許可のお願い",
    "お返事",
    "画面で内容を見て",
    "で断ることができます",
    "のお願いを許可できるのは",
    "返信してください",
    "返信では何も変わって",
    "分間有効",
    "心当たりがなければ",
    "のぺーじ",
    "依頼は、認められませんでした",
    "不審な依頼としての報告",
    "asks for your permission",
    "see the request, then",
    "to refuse you can also",
    "permission request",
    "to refuse it reply",
    "to refuse a request",
    "you can allow the request",
    "your reply could not be used",
    "reply has changed nothing",
    "your answer is recorded",
    "your refusal of the request",
    "the request of",
    "your code for",
    "the page history",
    "at the page",
    "was recorded",
    // How the English question ends, behind the word it asks for.
    "until ",
];

/// What telephones and mail systems say of themselves.
pub(super) const AUTOMATIC: &[&str] = &[
    "自動応答",
    "自動返信",
    "自動送信",
    "運転中",
    "auto-reply",
    "auto reply",
    "autoreply",
    "automatic reply",
    "automated",
    "out of office",
    "driving",
];

/// Signs that say yes beside a word that may say no.
pub(super) const YES_SIGNS: &[char] = &['👍', '👌', '🙆', '⭕', '✅', '○', '◯', '💯'];

const LISTS: [(Meaning, &[&str]); 4] = [
    (Meaning::Approve, APPROVE),
    (Meaning::Refuse, REFUSE),
    (Meaning::Report, REPORT),
    (Meaning::Filler, FILLER),
];

/// What this says, as a whole.
pub(super) fn meaning(text: &str) -> Option<Meaning> {
    let found = LISTS.iter().find(|(_, words)| words.contains(&text));
    found.map(|(meaning, _)| *meaning)
}

/// The longest entry a run of Japanese begins with, and what comes after it.
pub(super) fn first_of(run: &str) -> Option<(Meaning, &str)> {
    let entries = LISTS
        .iter()
        .flat_map(|(meaning, words)| words.iter().map(move |word| (*meaning, *word)));
    entries
        .filter_map(|(meaning, word)| Some((word.len(), meaning, run.strip_prefix(word)?)))
        .max_by_key(|(len, ..)| *len)
        .map(|(_, meaning, rest)| (meaning, rest))
}
