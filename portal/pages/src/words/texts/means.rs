//! What must end at once: the phone, all consents.

use crate::words::text::texts;

texts! {
    /// `/block`, `/me/block`, `/me/unblock`, `/me/stop`.
    Means {
        block_title: "電話を使えないようにする", "Block the phone";
        block_question: "この電話を、あかしで使えないようにしますか？", "Block this phone in Akashi?";
        block_several: "この電話は何人かで使われています。全員について使えなくなります。", "Several people use this phone. It is blocked for all of them.";
        block_shows: "すぐに、この電話だけでは、あなたについて何も見られず、返事もできなくなります。ほかの場所で開いている画面も閉じます。", "From now on the phone alone shows nothing of you and can answer nothing. Pages that are open elsewhere are closed.";
        block_stops: "元に戻すか、お知らせ先から外すまで、あなたの同意や許可による利用は認められません。同意は消えません。", "Until it is unblocked, or no contact of yours any more, nothing is allowed by your consents or your permission. Your consents are not lost.";
        block_told: "この電話へは、お知らせ先や登録についての変更だけをお知らせします。", "The phone is told of changes to your contacts and enrolment only.";
        block_law: "法律にもとづく利用と、緊急の利用は続き、これまでどおり記録されます。", "Uses by law and in an emergency go on, and are recorded as before.";
        block_back: "元に戻すには、SMSの確認コードと、回復コードの両方が必要です。", "To unblock it you need both the code we send by SMS and your recovery code.";
        block_confirm: "使えないようにする", "Block it";
        not_block: "そのままにして戻る", "Go back without blocking it";
        paper_lead: "電話をなくしたときや、番号がほかの人のものになったときに使います。ログインは要りません。", "For when you have lost the phone, or its number is somebody else's now. You need not sign in.";
        phone: "登録した電話番号", "The phone number you enrolled with";
        phone_hint: "例：090-1234-5678。", "For example 090-1234-5678";
        recovery: "回復コード", "Recovery code";
        recovery_hint: "登録のときに印刷した紙にあります。例：K4TW-9QMX-2HRP-7VNC-3FJ8。", "It is on the sheet you printed when you enrolled. For example K4TW-9QMX-2HRP-7VNC-3FJ8";
        misspelt: "回復コードは、数字と英字を合わせて20文字です。もう一度見て入れてください", "A recovery code has 20 letters and digits. Please look at it again";
        no_match: "電話番号と回復コードの組み合わせが違います。もう一度見て入れてください", "Number and recovery code do not belong together. Please look at them again";
        blocked_title: "電話を使えないようにしました", "The phone is blocked";
        home: "ホームへ", "To Home";

        unblock_title: "電話を元に戻す", "Unblock the phone";
        unblock_what: "電話があなたの手元にあるときだけ、元に戻してください。あなたの同意や許可による利用も、また始まります。", "Unblock it only when you have the phone in your hand. What you have consented to is allowed again.";
        unblock_confirm: "元に戻す", "Unblock it";
        not_blocked: "電話は、使える状態です。", "The phone is not blocked.";

        stop_title: "すべての同意を取り消す", "Stop everything";
        stop_question: "すべての同意を取り消しますか？", "Withdraw all your consents?";
        stop_what(many consents): "今ある同意{consents}件を、すべて一度に取り消します。", "This withdraws the one consent that stands.", "This withdraws all {consents} consents that stand, at once.";
        stop_at_once: "次の依頼から、同意による利用は認められません。すでに認められていて、まだ渡していない情報も渡りません。", "From the next request nothing is allowed by consent; what was allowed but not yet handed over is not handed over either.";
        stop_law: "法律にもとづく利用と、緊急の利用は止まらず、これまでどおり記録されます。", "Uses by law and in an emergency do not stop, and are recorded as before.";
        stop_past: "すでに渡された情報は戻りません。", "What was handed over does not come back.";
        stop_again: "もう一度使ってもらいたいときは、一つずつ新しく同意します。", "To allow something again, give a new consent for it.";
        stop_links: "機関が、あなたについてあかしを使えること自体は変わりません。それも終えるには：", "Institutions can still send requests about you. To end that, too:";
        links: "機関の一覧", "the institutions";
        stop_confirm: "すべて取り消す", "Withdraw all";
        not_stop: "取り消さずに戻る", "Go back without withdrawing";
        nothing_to_stop: "今、有効な同意はありません。", "No consent stands now.";
    }
}
