//! Being asked, and answering.

use std::fmt::Display;

use crate::pages::text::texts;

texts! {
    /// `/me/requests`.
    Requests {
        title: "確認依頼", "Requests to you";
        lead: "あなたの情報を見てよいか、返事を待っている申し出です。返事をしなければ、見ることはできません。", "These requests wait for your answer. If you do not answer, nothing can be seen.";
        none: "今、返事を待っている申し出はありません。", "No request waits for your answer.";
        several: "この電話を使うみなさんへのお願いを、まとめて表示しています。受付番号を、届いた SMS と比べてください。", "Requests to everybody who uses this phone are shown together. Compare the number with the SMS you received.";
        asks(who: impl Display): "{who}が尋ねています", "{who} asks";
        open: "内容を見て返事をする", "See it and answer";
        of(reference: impl Display): "：受付番号 {reference}", ": number {reference}";
        until: "期限", "Answer by";
        reference: "受付番号", "Reference";
        on_behalf_of: "だれのためか（相手の説明）", "On behalf of (as they say)";
        what_for: "目的", "What for";

        one_title: "確認依頼", "A request to you";
        back: "一覧にもどる", "Back to the list";
        question(who: impl Display): "{who}が、あなたの情報を見てよいか尋ねています", "{who} asks whether it may see data about you";
        deadline(until: impl Display): "期限：{until}。それまでに返事がなければ、断ったものとして扱います。", "Please answer by {until}. If you do not, it counts as refused.";
        compare: "届いた SMS にある受付番号と同じか、確かめてください。", "See that it is the number in the SMS you received.";
        not_put: "今、あなたの電話に SMS を送っています。少し待ってから、このページを開きなおしてください。", "An SMS is being sent to your phone. Please wait a moment and open this page again.";
        code: "この申し出の SMS にある確認コード（6 けたの数字）", "The code (six digits) in the SMS about this request";
        code_hint: "許可するときだけ必要です。断るときは入れなくてかまいません。", "Needed only to allow it. Leave it empty to refuse.";
        code_wrong: "確認コードがちがいます。この申し出の SMS にある 6 けたの数字を入れてください", "That is not the code. Please enter the six digits in the SMS about this request";
        no_sms: "同じ内容を前にもお尋ねしたときなどは、SMS を送っていません。届いていなければ、ここから受け取れます。", "If the same was asked before, for instance, no SMS was sent. If you have none, you can have it sent from here.";
        send: "この申し出の SMS を受け取る", "Send me the SMS about this request";
        too_many_codes: "この SMS は、もう何度も送りました。10 分ほど待ってから、もう一度お試しください", "This SMS was sent several times already. Please try again in about ten minutes";
        changed: "表示した文が変わりました。もう一度お読みください", "The words on the page have changed. Please read them again";
        approve: "見ることを許可する", "Allow it";
        refuse: "断る", "Refuse";
        report: "断って、おかしい申し出として報告する", "Refuse and report it as suspicious";
        report_what: "身におぼえがない、しつこい、などのときに選んでください。監督機関が調べる材料になります。", "Choose this if you know nothing of it or are being pressed. It helps the supervisors look into it.";
        needs_step_up: "許可するには、回復コードも必要です。断るのは、このままできます。", "To allow this you also need your recovery code. You can refuse right away.";
        step_up: "回復コードを入れる", "Enter the recovery code";
        answer: "あなたの返事", "Your answer";

        closed: "この申し出は終わっています", "This request is closed";
        decided: "その後の判断", "What was decided then";
        open_record: "記録を開く", "Open the record";
    }
}
