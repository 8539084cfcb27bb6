//! Being asked, and answering.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/me/requests`.
    Requests {
        title: "許可のお願い", "Permission requests";
        lead: "あなたの情報を見る許可のお願いです。お返事がなければ、見ることはできません。", "These institutions ask for your permission to see your data. Without your answer, nothing can be seen.";
        none: "今、返事を待っているお願いはありません。", "No permission request is waiting for your answer.";
        several: "この電話を使う皆さんへのお願いを、まとめて表示しています。受付番号を、届いたSMSと比べてください。", "The permission requests to everybody who uses this phone are shown together. Compare the number with the SMS you received.";
        asks(who: impl Display): "{who}からの許可のお願い", "{who} asks for permission";
        open: "内容を見て返事をする", "See it and answer";
        of(reference: impl Display): "：受付番号{reference}", ": number {reference}";
        until: "期限", "Answer by";
        reference: "受付番号", "Reference";
        on_behalf_of: "誰のためか（相手の説明）", "On behalf of (as they say)";
        what_for: "目的", "What for";

        one_title: "許可のお願い", "A permission request";
        back: "一覧に戻る", "Back to the list";
        question(who: impl Display): "{who}から、あなたの情報を見る許可のお願い", "{who} asks for your permission to see your data";
        deadline(until: impl Display): "期限：{until}。それまでにお返事がなければ、許可されなかったものとして扱います。", "Please answer by {until}. If you do not, it counts as refused.";
        compare: "届いたSMSにある受付番号と同じか、確かめてください。", "See that it is the number in the SMS you received.";
        code: "このお願いのSMSにある確認コード（6桁の数字）", "The code (six digits) in the SMS about this request";
        code_hint: "許可するときだけ必要です。断るときは入れなくて構いません。", "You need it only to allow the request. Leave it empty to refuse.";
        code_wrong: "確認コードが違います。このお願いのSMSにある6桁の数字を入れてください", "That is not the code. Please enter the six digits in the SMS about this request";
        no_sms: "同じ内容を前にもお願いしたときなどは、SMSを送っていません。届いていなければ、ここから受け取れます。", "If the same was asked before, for instance, no SMS was sent. If you have none, you can have it sent from here.";
        is_silent: "このお願いのSMSは送っていません。短い間にお願いが多いときや、同じ内容を前にもお願いしたときは送りません。", "No SMS was sent about this request. None is sent where there are many requests in a short time, or where the same was asked before.";
        send: "このお願いのSMSを受け取る", "Send me the SMS about this request";
        too_many_codes: "このSMSは、もう何度も送りました。10分ほど待ってから、もう一度お試しください", "This SMS was sent several times already. Please try again in about ten minutes";
        changed: "表示した文が変わりました。もう一度お読みください", "The words on the page have changed. Please read them again";
        approve: "見ることを許可する", "Allow it";
        refuse: "断る", "Refuse";
        report: "断って、不審な依頼として報告する", "Refuse and report it as suspicious";
        report_what: "心当たりがない、しつこい、などのときに選んでください。報告したことは記録に残りますが、監督機関に自動では届きません。", "Choose this if you do not recognise it or are being pressed. The report is recorded, but it is not sent to the supervisors by itself.";
        needs_step_up: "許可するには、回復コードも必要です。断るのは、このままできます。", "To allow this you also need your recovery code. You can refuse right away.";
        step_up: "回復コードを入れる", "Enter the recovery code";
        answer: "あなたの返事", "Your answer";

        closed: "この許可のお願いは終わっています", "This permission request is closed";
        decided: "その後の判断", "What was decided then";
        open_record: "記録を開く", "Open the record";
    }
}
