//! What a person means by answering an SMS. Pure: a text in, words, reference and code out.

use akashi_proof::ids::Reference;

use crate::typed::{plain, six_digits};

/// What she says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Approve,
    Refuse,
    Report,
}

/// A reply, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Nothing where no known word, or words that contradict each other, were found.
    pub(crate) word: Option<Word>,
    /// Every run of letters that could be a reference, in whatever case.
    pub(crate) references: Vec<Reference>,
    /// The six digits, if there is exactly one such run.
    pub(crate) code: Option<String>,
}

/// Longest reply looked at: two SMS segments hold 306 characters.
const REPLY_LEN_MAX: usize = 320;

const APPROVE: &[&str] = &[
    "はい",
    "許可",
    "許可する",
    "許可します",
    "同意",
    "同意する",
    "同意します",
    "承認",
    "yes",
    "ok",
    "allow",
    "approve",
];
const REFUSE: &[&str] = &[
    "いいえ",
    "いや",
    "拒否",
    "拒否する",
    "拒否します",
    "断る",
    "断ります",
    "お断り",
    "お断りします",
    "ことわる",
    "許可しない",
    "許可しません",
    "同意しない",
    "同意しません",
    "だめ",
    "ダメ",
    "no",
    "refuse",
    "deny",
    "decline",
    "reject",
];
const REPORT: &[&str] = &[
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
    "fraud",
    "scam",
];

/// Takes a reply apart. Words count as a whole, so that a long text that merely mentions one is not
/// an answer.
pub(crate) fn read(text: &str) -> Reply {
    let text: String = plain(text).chars().take(REPLY_LEN_MAX).collect();
    let runs = runs(&text);
    let found = |words: &[&str]| {
        runs.iter()
            .any(|run| words.contains(&run.to_lowercase().as_str()))
    };
    let word = match (found(APPROVE), found(REFUSE), found(REPORT)) {
        (false, _, true) => Some(Word::Report),
        (false, true, false) => Some(Word::Refuse),
        (true, false, false) => Some(Word::Approve),
        _ => None,
    };
    let references = runs
        .iter()
        .filter_map(|run| Reference::parse(&run.to_ascii_uppercase()).ok())
        .collect();
    let mut codes = runs.iter().filter_map(|run| six_digits(run));
    let code = codes.next().filter(|_| codes.next().is_none());
    Reply {
        word,
        references,
        code,
    }
}

/// Runs of letters, of digits, and of Japanese characters.
fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<(Kind, String)> = Vec::new();
    for c in text.chars() {
        let kind = Kind::of(c);
        match runs.last_mut() {
            Some((last, run)) if *last == kind => run.push(c),
            _ => runs.push((kind, c.to_string())),
        }
    }
    runs.into_iter()
        .filter(|(kind, _)| *kind != Kind::Other)
        .map(|(_, run)| run)
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Latin,
    Digit,
    Japanese,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' => Self::Digit,
            'a'..='z' | 'A'..='Z' => Self::Latin,
            '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}' | '\u{4E00}'..='\u{9FFF}' => {
                Self::Japanese
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_as_people_type_them() {
        use Word::{Approve, Refuse, Report};
        for (text, word, reference, code) in [
            ("いいえ BKTR", Some(Refuse), Some("BKTR"), None),
            ("いいえBKTR", Some(Refuse), Some("BKTR"), None),
            ("いいえ　ｂｋｔｒ", Some(Refuse), Some("BKTR"), None),
            ("「いいえ　ＢＫＴＲ」", Some(Refuse), Some("BKTR"), None),
            ("no bktr", Some(Refuse), Some("BKTR"), None),
            ("No.", Some(Refuse), None, None),
            ("拒否します。", Some(Refuse), None, None),
            ("許可しない", Some(Refuse), None, None),
            ("通報 BKTR", Some(Report), Some("BKTR"), None),
            ("いいえ、怪しい BKTR", Some(Report), Some("BKTR"), None),
            ("REPORT BKTR", Some(Report), Some("BKTR"), None),
            (
                "はい BKTR 482913",
                Some(Approve),
                Some("BKTR"),
                Some("482913"),
            ),
            (
                "はい　ＢＫＴＲ　４８２９１３",
                Some(Approve),
                Some("BKTR"),
                Some("482913"),
            ),
            (
                "YES BKTR482913",
                Some(Approve),
                Some("BKTR"),
                Some("482913"),
            ),
            ("はい", Some(Approve), None, None),
            ("はい、いいえ", None, None, None),
            ("はい 通報", None, None, None),
            ("許可していいですか", None, None, None),
            ("BKTR", None, Some("BKTR"), None),
            ("はい 482913 111111", Some(Approve), None, None),
            ("はい 4829130", Some(Approve), None, None),
            ("", None, None, None),
            ("🌸", None, None, None),
        ] {
            let reply = read(text);
            assert_eq!(reply.word, word, "{text}");
            assert_eq!(
                reply.references.first().map(Reference::as_str),
                reference,
                "{text}"
            );
            assert_eq!(reply.code.as_deref(), code, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = format!("{} no", "x".repeat(100_000));
        assert_eq!(read(&text).word, None);
    }
}
