//! Around every page, and in place of one.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// Masthead, menu, footer.
    Frame {
        skip: "本文へ移動", "Skip to content";
        service: "あかし", "Akashi";
        brand_what: "同意と利用の記録", "Consent and use, on record";
        demo: "これはデモです。人も記録も架空です。", "This is a demonstration. People and records are made up.";
        other_language: "English", "日本語";
        sign_in: "ログイン", "Sign in";
        sign_out: "ログアウト", "Sign out";
        main_menu: "メインメニュー", "Main menu";
        overview: "ホーム", "Home";
        history: "利用の記録", "History";
        consents: "同意", "Consents";
        requests: "許可のお願い", "Permission requests";
        contacts: "お知らせ先", "Contacts";
        keys: "窓口・本人確認", "Counter and ID";
        waiting: "件が未回答", "not answered";
        help: "使い方", "Help";
        limits: "この記録で証明できないこと", "What this record cannot prove";
        audit: "自分で確かめる", "Check it yourself";
        institutions: "参加している機関と問い合わせ先", "Who takes part, and how to reach them";
        log: "公開ログ", "Public log";
        ledger: "公開ログの名前", "Name of the log";
        record(index: impl Display): "記録{index}番", "Record {index}";
        required: "必須", "required";
        errors_title(many places): "{places}か所を直してください", "Please correct one place",
            "Please correct {places} places";
        qr_of_qid: "あなたの番号（qid）のQRコード", "QR code of your visible ID (qid)";
        qr_of_key: "記録の鍵のQRコード", "QR code of the history key";
    }

    /// When something did not work.
    Errors {
        reference: "お問い合わせ番号", "Reference";
        reference_what: "お問い合わせのときは、この番号をお知らせください。", "If you ask us about this, please tell us this number.";
        to_front: "最初のページへ", "To the front page";
        to_overview: "ホームへ", "To your home page";
        to_help: "使い方へ", "To the help";
        not_found: "ページが見つかりません", "There is no such page";
        not_found_what: "アドレス（URL）が違うか、ほかの人のページです。最初のページから、もう一度お探しください。", "The address is wrong, or the page is another person's. Please start again from the front page.";
        too_large: "送られた内容が長すぎます", "What was sent is too long";
        too_large_what: "この画面で受け付けられる長さを超えています。何も変わっていません。短くして、もう一度お試しください。", "It is longer than this page takes. Nothing was changed. Please make it shorter and try again.";
        forged: "この操作は受け付けませんでした", "This was not accepted";
        forged_what: "画面が古くなっていることが、最も多い原因です。ページを開き直して、もう一度お試しください。あかしの画面以外から送られたものも、受け付けません。何も変わっていません。", "Most often the page was simply too old: please open it again and retry. What another site sends is not accepted either. Nothing was changed.";
        conflict: "状況が変わったため、記録できませんでした", "Something has changed in the meantime, so nothing was recorded";
        conflict_what: "すでに返事をした、期限が過ぎた、などの場合です。今の状態を確かめてください。", "You may have answered it already, or its time may be over. Please look at how things are now.";
        too_many: "回数が多すぎます", "There were too many attempts";
        too_fast: "アクセスが混み合っています", "Too many pages at once";
        too_fast_what: "お使いの回線から、短い間にたくさんのページが開かれました。1分ほどしてから、もう一度お試しください。", "Many pages were opened from your connection within a short time. Please try again in about a minute.";
        too_many_what: "安全のため、少しの間お待ちいただいています。10分ほどしてから、もう一度お試しください。", "To keep you safe you are asked to wait a little. Please try again in about ten minutes.";
        stopped: "今は記録できません", "Nothing can be recorded now";
        stopped_what: "あかしが一時的に止まっています。何も失われていません。しばらくしてから、もう一度お試しください。", "Akashi has stopped for the moment. Nothing is lost. Please try again in a little while.";
        internal: "うまくいきませんでした", "Something went wrong here";
        internal_what: "こちらの不具合です。何度も続くときは、下の番号をお知らせください。", "The fault is ours. If it happens again, please tell us the number below.";
        wrong_method: "この操作はできません", "This cannot be done here";
        wrong_method_what: "画面が古くなっているかもしれません。ページを開き直してください。", "The page may be too old. Please open it again.";
        busy: "ただいま混み合っています", "Akashi is very busy just now";
        busy_what: "しばらくしてから、もう一度お試しください。何も変わっていません。", "Please try again in a little while. Nothing was changed.";
    }
}
