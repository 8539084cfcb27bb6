use akashi_proof::record::kind::{Channel, Language, Template};

use super::words::{APPROVE, FILLER, OURS, REFUSE, REPORT};
use super::*;
use crate::codes::challenge::CodeUse;
use crate::messages::message::{Facts, Message};
use crate::settings::{Settings, SmsSettings};

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
        (
            "はい BKTR 482 913",
            Some(Approve),
            Some("BKTR"),
            Some("482913"),
        ),
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
fn refusing_is_never_harder_than_this() {
    for text in [
        // As the field knows them.
        "イイエ",
        "ｲｲｴ",
        "い\u{200B}いえ",
        "た\u{3099}め",
        "ノー",
        "いいえです",
        "やめてください",
        "不許可",
        "N O",
        // And others of their kind.
        "\u{202D}いいえ\u{202C}",
        "\u{FEFF}no\u{A0}",
        "い\u{2060}い\u{AD}え",
        "た\u{309B}め",
        "ﾀﾞﾒ",
        "ダメだよ",
        "許\u{E0100}可しない",
        "ＮＯ！",
        "ｎｏ．",
        "N.O.",
        "n-o",
        "No, thanks.",
        "no thank you",
        "Don’t allow",
        "いいえいいえ",
        "いいえ。\r\nお断りします",
        "いいえー",
        "いいえ🙏",
        "いいえ\n\niPhoneから送信",
        "《いいえ》",
        "お断りいたします。よろしくお願いします",
        "NOBKTR",
        "bktr no",
        "B K T R、いいえ",
        "いいえ 受付番号ＢＫＴＲ",
        "いいえ\nBKTR\nやまだ はなこ",
        "No BKTR 482913",
    ] {
        assert_eq!(read(text).word, Some(Word::Refuse), "{text:?}");
    }
}

#[test]
fn what_is_no_answer_is_no_refusal() {
    for text in [
        // As the field knows them.
        "I have no idea who you are",
        "No problem, go ahead",
        "「拒否」って何ですか？",
        "I am driving. No messages until 5.",
        "Auto-reply: No.",
        "Liked “NO BKTR”",
        "Reacted 👍 to “いいえ BKTR”",
        "「いいえ BKTR」を高評価しました",
        "> To refuse you can also reply NO BKTR",
        // And others of their kind.
        "No problem, go ahead BKTR",
        "BKTR no problem",
        "BKTR: no objection",
        "No way! That is fine with me",
        "no?",
        "いいえ？",
        "いいえ、ですよね？ BKTR",
        "断るとどうなりますか",
        "だめか",
        "だめもと",
        "いいえとはいえない",
        "許可しないとは言っていない",
        "許可 だめ",
        "はいいいえ",
        "いいえ👍",
        "No. 1",
        "номер no",
        "Out of office. No access to mail. BKTR",
        "自動応答: いいえ",
        "Fwd: 【あかし】いいえ BKTR",
        "いいえ BKTR というのは間違いです",
        "noon",
        "ok no",
    ] {
        assert_eq!(read(text).word, None, "{text:?}");
    }
}

#[test]
fn a_text_of_ours_is_no_answer_however_it_comes_back() {
    let sms = SmsSettings {
        gateway_url: "http://localhost/".into(),
        bearer_token: None,
        sender: "Akashi".into(),
    };
    let settings = Settings::new(sms, None, "https://portal.example.jp".into());
    let codes = [CodeUse::Enrol, CodeUse::SignIn, CodeUse::AddContact].map(Message::Code);
    let messages = Template::ALL.iter().copied().map(Message::Notice);
    for (message, language, low_risk) in messages.chain(codes).flat_map(|message| {
        let languages = [Language::Ja, Language::En].into_iter();
        languages.flat_map(move |l| [(message, l, true), (message, l, false)])
    }) {
        let facts = Facts {
            who: "みなと市役所".into(),
            reference: "BKTR".into(),
            code: "482913".into(),
            low_risk,
            reported: true,
            until: "12月31日23時59分".into(),
            ..Facts::default()
        };
        let text = message
            .render(Channel::Sms, language, &facts, &settings)
            .unwrap()
            .body;
        // Without the beginning that every Japanese one has.
        let inner = text
            .split_once('】')
            .map_or(text.as_str(), |(_, inner)| inner);
        let known = OURS.iter().any(|words| folded(inner).contains(words));
        assert!(known, "{} {language}: {inner}", message.name());
        for back in [
            text.clone(),
            format!("Liked “{text}”"),
            format!("“{inner}”に「いいね」しました"),
            format!("いいえ\n{inner}"),
            format!("no BKTR\n> {inner}"),
            format!("Fwd: {inner}"),
        ] {
            assert_eq!(read(&back).word, None, "{back}");
        }
        // A forward that lost its beginning or its end, as long as a sentence of it is left.
        let at: Vec<usize> = inner.char_indices().map(|(at, _)| at).collect();
        for cut in at.iter().take(at.len().saturating_sub(24)) {
            let (head, tail) = inner.split_at(*cut);
            assert_eq!(read(tail).word, None, "{tail}");
            assert!(
                head.chars().count() < 24 || read(head).word.is_none(),
                "{head}"
            );
        }
    }
}

#[test]
fn a_long_text_is_not_read() {
    let text = format!("{} no", "x".repeat(100_000));
    assert_eq!(read(&text).word, None);
    let spaces = |count| format!("no{}", " ".repeat(count));
    assert_eq!(read(&spaces(REPLY_LEN_MAX - 2)).word, Some(Word::Refuse));
    assert_eq!(read(&spaces(REPLY_LEN_MAX - 1)).word, None);
}

#[test]
fn the_lists_are_spelt_as_they_are_compared() {
    let lists = [APPROVE, REFUSE, REPORT, FILLER, OURS, AUTOMATIC];
    for words in lists.concat() {
        assert_eq!(folded(words), words);
        let entry = words.split(' ').count() <= ENTRY_WORDS_MAX;
        assert!(entry || OURS.contains(&words), "{words}");
    }
}
