//! How a contact is replaced, kept, ended or shared.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/sign-in/mail`.
    ByMail {
        title: "電話なしでログインする", "Sign in without a phone";
        lead: "電話がないときは、お知らせ先のメールアドレスに確認コードを送ります。次に、回復コードも一緒に入れてください。", "If you have no phone, we send a code to an e-mail address of yours. You enter it together with your recovery code.";
        email: "登録したメールアドレス", "Your e-mail address in Akashi";
        email_hint: "「お知らせ先」に追加したものです。", "One that you have added to your contacts.";
        email_wrong: "メールアドレスを、name@example.jpのように入れてください", "Please enter an e-mail address such as name@example.jp";
        no_match: "メールアドレスと回復コードの組み合わせが違います。もう一度見て入れてください", "Address and recovery code do not belong together. Please look at them again";
        send: "確認コードを送る", "Send a code";
        by_phone: "電話でログインする", "Sign in with the phone";
        what_for: "記録を見ること、お知らせ先を変えることなどができます。新しい同意には、SMSでのログインが必要です。", "You can look at your history, change your contacts and so on. For a new consent you must sign in by SMS.";
        code: "メールで届いた確認コード（6桁の数字）", "The six digits we sent by e-mail";
        code_hint: "10分間使えます。", "They can be used for ten minutes.";
        code_sent(to: impl Display): "{to}に送りました。", "Sent to {to}.";
        code_wrong: "確認コードが違います。最後に届いたメールを見て、6桁の数字を入れてください", "That is not the code. Please look at the newest e-mail and enter the six digits";
        code_void: "そのコードはもう使えません。もう一度、初めから入れてください", "That code cannot be used any more. Please begin again";
        open: "開く", "Open";
        again: "初めから入れる", "Begin again";
    }

    /// `/me/contacts/...`.
    Contacts {
        replace: "変える", "Replace";
        end: "削除する", "Remove";
        replace_title: "お知らせ先を変える", "Replace a contact";
        replace_lead(address: impl Display): "{address}を、新しいものに変えます。",
            "Another takes the place of {address}.";
        replace_code: "新しい宛先へ確認コードを送ります。", "We send a code to the new one.";
        replace_old: "今までの宛先には、変わることをお知らせします。心当たりがなければ、そこから止められます。", "The old one is told. From there it can be stopped.";
        replace_wait: "3日後に新しいものへ変わります。それまでは、今までの宛先が使えます。", "After three days the new one takes its place. Until then the old one is used.";
        new_phone: "新しい携帯電話の番号", "New mobile phone number";
        new_phone_hint: "例：090-1234-5678。", "For example 090-1234-5678";
        new_phone_full: "この番号は、すでに8人が使っています。ほかの番号を入れてください", "Eight people use this number already. Please enter another";
        new_email: "新しいメールアドレス", "New e-mail address";
        new_email_hint: "例：name@example.jp。", "For example name@example.jp";
        replace_send: "確認コードを送る", "Send a code";
        code: "届いた確認コード（6桁の数字）", "The six digits we sent";
        code_hint: "新しい宛先に届いたものを入れてください。", "Those that came to the new one.";
        code_void: "そのコードはもう使えません。もう一度、新しい宛先を入れてください", "That code cannot be used any more. Please enter the new one again";
        replace_confirm: "3日後に変える", "Replace it in three days";
        not_replace: "変えずに戻る", "Go back without replacing it";

        keep_title: "お知らせ先の変更を止める", "Stop the replacing of a contact";
        is_replaced(old: impl Display, from: impl Display): "{old}は、{from}に新しいものへ変わります。", "{old} is to be replaced by a new one: {from}.";
        keep_what: "心当たりがなければ、止めてください。今までの宛先がそのまま使えます。", "If you do not recognise this, stop it. The old one is then kept.";
        keep_confirm: "変更を止める", "Stop it";
        nothing_replaced: "変わる予定のお知らせ先はありません。", "No contact is about to be replaced.";
        home: "ホームへ", "To Home";

        end_title: "お知らせ先を削除する", "Remove a contact";
        end_question(address: impl Display): "{address}を削除しますか？", "Remove {address}?";
        end_at_once: "すぐに、ここからはログインできなくなり、削除のお知らせのほかは何も送らなくなります。", "At once nobody can sign in from there any more, and nothing is sent there but word of the removal.";
        end_told: "削除したことを、残りのお知らせ先と、この宛先へお知らせします。", "The contacts you have left are told that it was removed, and this one is.";
        end_not_told: "ほかの方も使っている番号へは、お知らせしません。", "A number that somebody else has, too, is not told.";
        end_phone: "電話がなくなると、「許可のお願い」はメールに届きます。ログインには、メールの確認コードと回復コードを使います。", "Without a phone, permission requests come by e-mail. You sign in with a code by e-mail and your recovery code.";
        end_last: "変更中のお知らせ先と、ほかに3日以上前からあなたへ届くお知らせ先がないものは、削除できません。", "A contact that is being replaced cannot be removed, nor one beside which no other has reached you for three days.";
        end_confirm: "削除する", "Remove it";
        not_end: "削除せずに戻る", "Go back without removing it";

        doubted: "この番号で、ほかの方が登録しました。あなたについてのお知らせは、ここへは送りません。番号がほかの方のものになったときは、変えるか削除してください。家族などと一緒に使っているときは、下のボタンを押してください。", "Somebody else enrolled with this number. Nothing about you is sent to it. If the number is somebody else's now, replace or remove it. If you share it, press the button below.";
        confirm: "一緒に使っている番号です", "We share this number";
        blocked: "使えないようにしてあります。", "It is blocked.";
    }
}
