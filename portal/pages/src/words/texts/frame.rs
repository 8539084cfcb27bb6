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
        accessibility: "アクセシビリティ", "Accessibility";
        log: "公開ログ", "Public log";
        ledger: "公開ログの名前", "Name of the log";
        record(index: impl Display): "記録{index}番", "Record {index}";
        required: "必須", "required";
        errors_title(many places): "{places}か所を直してください", "Please correct one place",
            "Please correct {places} places";
        open_until(at: impl Display, latest: impl Display): "このページは{at}まで開いています。ページを開くたびに延び、遅くとも{latest}に閉じます。", "These pages stay open until {at}. Each page you open lengthens it, to {latest} at the latest.";
        about_time: "時間と延長について", "About this time";
        closes_soon(at: impl Display): "このページは{at}に閉じます。続けるときは、延長してください。入力の途中でも、そのまま続けられます。", "These pages close at {at}. To go on, lengthen the time; what you are entering stays.";
        closes_at_last(at: impl Display): "このページは{at}に閉じます。それより先には延ばせません。入力の途中の内容は、もう一度ログインすると続けられます。", "These pages close at {at} and cannot stay open longer. What you are entering can be gone on with after you sign in again.";
        lengthen: "延長する（新しい画面が開きます）", "Lengthen the time (opens a new window)";
        printed(at: impl Display): "このページを開いた日時：{at}", "This page was opened: {at}";
        error_before: "エラー：", "Error: ";
        qr_of_qid: "あなたの番号（qid）のQRコード", "QR code of your visible ID (qid)";
        qr_of_key: "記録の鍵のQRコード", "QR code of the history key";
    }

    /// Why she sees a page she did not ask for.
    Said {
        stale: "画面が古くなっていたため、開き直しました。まだ済んでいないときは、内容を確かめて、もう一度押してください。", "The page had become an old one, so here it is anew. If it is not done yet, please look at it and press the button again.";
        over: "ログインの時間が終わりました（30分使わないとき、または8時間が過ぎたとき）。もう一度ログインしてください。", "Your time here is over: after half an hour without use, or eight hours in all. Please sign in again.";
        over_kept: "ログインの時間が終わりました（30分使わないとき、または8時間が過ぎたとき）。入力した内容は残してあります。もう一度ログインすると、続きから始められます。", "Your time here is over: after half an hour without use, or eight hours in all. What you entered is kept; sign in again and you can go on with it.";
        rested: "15分使わなかったか、2時間が過ぎたため、ご本人のページを閉じました。もう一度、回復コードを入れてください。", "After 15 minutes without use, or two hours, your own pages close. Please enter your recovery code again.";
        rested_kept: "15分使わなかったか、2時間が過ぎたため、ご本人のページを閉じました。入力した内容は残してあります。回復コードを入れると、続きから始められます。", "After 15 minutes without use, or two hours, your own pages close. What you entered is kept; enter your recovery code and you can go on with it.";
        signed_out: "ログアウトしました。", "You are signed out.";
    }

    /// `/me/time`.
    Closes {
        title: "開いている時間", "How long these pages stay open";
        open_until(at: impl Display): "{at}まで開いています", "They are open until {at}";
        back: "元の画面に戻って続けられます。この画面は閉じてかまいません。", "You can go back to where you were and go on. This window may be closed.";
        last: "これより先には延ばせません。続けるときは、もう一度ログインしてください。", "They cannot stay open longer. To go on after that, please sign in again.";
        how: "ご本人のページは、15分間どのページも開かないか、開いてから2時間で閉じます。ログインは、30分間どのページも開かないか、8時間で終わります。置き忘れた電話から、利用の記録を見られないようにするためです。閉じる2分前に、画面の下でお知らせします。", "Your own pages close when none is opened for 15 minutes, or after two hours. Being signed in ends when no page is opened for 30 minutes, or after eight hours. That keeps others from reading your history on a phone you have left lying. Two minutes before, a notice appears at the foot of the page.";
        kept: "閉じた後でも、送った入力の内容は30分間残してあり、もう一度ログインすると続きから始められます。", "If they have closed when you send a form, what you entered is kept for 30 minutes, and you can go on with it when you are signed in again.";
        again: "もう一度延長する", "Lengthen it again";
    }

    /// What was typed before her session ended.
    Kept {
        title: "入力の続き", "Go on with what you entered";
        what: "途中で時間が過ぎましたが、入力した内容は残してあります。続けると、その内容が入った画面が開きます。まだ何も記録していません。", "Your time ran out on the way, but what you entered is kept. Going on opens the form with it. Nothing has been recorded yet.";
        go_on: "続ける", "Go on";
        begin_anew: "初めから入力する", "Begin anew";
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
