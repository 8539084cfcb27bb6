//! Around every page, and in place of one.

use std::fmt::Display;

use crate::pages::text::texts;

texts! {
    /// Masthead, menu, footer.
    Frame {
        skip: "本文へ移動", "Skip to content";
        brand_what: "同意と利用の記録", "Consent and use, on record";
        demo: "これはデモです。人も記録も架空です。", "This is a demonstration. People and records are made up.";
        other_language: "English", "日本語";
        sign_in: "サインイン", "Sign in";
        sign_out: "サインアウト", "Sign out";
        main_menu: "メインメニュー", "Main menu";
        overview: "概要", "Overview";
        history: "履歴", "History";
        consents: "同意", "Consents";
        requests: "確認依頼", "Requests";
        contacts: "連絡先", "Contacts";
        keys: "番号と鍵", "ID and keys";
        waiting: "件 未回答", "not answered";
        help: "使い方", "Help";
        limits: "この記録で証明できないこと", "What this record cannot prove";
        audit: "自分で確かめる", "Check it yourself";
        log: "公開ログ", "Public log";
        ledger: "台帳の名前", "Name of the ledger";
        record(index: impl Display): "記録 {index} 番", "Record {index}";
        required: "必須", "required";
        errors_title(count: impl Display): "{count} か所を直してください", "Please correct {count} place(s)";
        qr_of_qid: "あなたの番号（qid）の QR コード", "QR code of your visible ID (qid)";
        qr_of_key: "履歴の鍵の QR コード", "QR code of the history key";
    }

    /// When something did not work.
    Errors {
        reference: "お問い合わせ番号", "Reference";
        reference_what: "お問い合わせのときは、この番号をお知らせください。", "If you ask us about this, please tell us this number.";
        to_front: "はじめのページへ", "To the front page";
        to_overview: "概要へ", "To the overview";
        to_help: "使い方へ", "To the help";
        not_found: "ページが見つかりません", "There is no such page";
        not_found_what: "アドレス（URL）がちがうか、ほかの人のページです。メニューから探してください。", "The address is wrong, or the page is another person's. Please look for it in the menu.";
        too_large: "送られた内容が長すぎます", "Too much was sent";
        too_large_what: "この画面で受けつけられる長さをこえています。何も変わっていません。短くして、もう一度お試しください。", "It is longer than this page takes. Nothing was changed. Please make it shorter and try again.";
        forged: "この操作は受けつけませんでした", "This was not accepted";
        forged_what: "ほかのサイトから送られたか、画面が古くなっています。何も変わっていません。ページを開きなおして、もう一度お試しください。", "It came from another site, or the page was too old. Nothing was changed. Please open the page again and retry.";
        conflict: "状況が変わったため、記録できませんでした", "Something has changed meanwhile, so nothing was recorded";
        conflict_what: "すでに返事をした、期限が過ぎた、などの場合です。今の状態を確かめてください。", "It may have been answered already, or its time is over. Please look at what stands now.";
        too_many: "回数が多すぎます", "Too many times";
        too_many_what: "安全のため、少しの間お待ちいただいています。10 分ほどしてから、もう一度お試しください。", "To keep you safe you are asked to wait a little. Please try again in about ten minutes.";
        stopped: "今は記録できません", "Nothing can be recorded now";
        stopped_what: "台帳が一時的に止まっています。何も失われていません。しばらくしてから、もう一度お試しください。", "The ledger has stopped for the moment. Nothing is lost. Please try again in a little while.";
        internal: "うまくいきませんでした", "Something went wrong here";
        internal_what: "こちらの不具合です。何度も続くときは、下の番号をお知らせください。", "The fault is ours. If it happens again, please tell us the number below.";
        wrong_method: "この操作はできません", "This cannot be done here";
        wrong_method_what: "画面が古くなっているかもしれません。ページを開きなおしてください。", "The page may be too old. Please open it again.";
        busy: "ただいま混み合っています", "Very busy just now";
        busy_what: "しばらくしてから、もう一度お試しください。何も変わっていません。", "Please try again in a little while. Nothing was changed.";
    }
}
