//! Giving, narrowing and withdrawing consent.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/me/consents`.
    Consents {
        title: "同意", "Consents";
        lead: "同意はいつでも、範囲を減らすことも、取り消すこともできます。次の依頼からすぐに効きます。", "You can narrow or withdraw a consent at any time. The change applies from the next request.";
        give: "新しく同意する", "Give a consent";
        live: "今の同意", "Consents in force";
        none_live: "今、有効な同意はありません。", "No consent is in force now.";
        ended: "終わった同意", "Ended consents";
        closed(many records): "内容を読めない記録が{records}件あります。その中に、同意の記録があるかもしれません。", "What one of your records said cannot be read. It may have been about a consent.", "What {records} of your records said cannot be read. Some may have been about consents.";
        unread: "古い記録は、このページのためには読んでいません。その中に、終わった同意があるかもしれません。", "Older records were not read for this page. Among them there may be consents that have ended.";
        valid: "有効", "Valid";
        soon: "もうすぐ期限", "Ends soon";
        withdrawn: "取り消し", "Withdrawn";
        expired: "期限切れ", "Expired";
        from: "情報を持つ機関", "Kept at";
        data: "情報", "Data";
        purpose: "目的", "Purpose";
        until: "期限", "Until";
        end_of(day: impl Display): "{day}まで", "the end of {day}";
        withdrawn_at(time: impl Display): "{time}に取り消し", "withdrawn on {time}";
        narrow_or_withdraw: "減らす・取り消す", "Narrow or withdraw";
        receipt: "記録の控え", "Receipt";
        of(who: impl Display): "：{who}への同意", ": consent to {who}";

        ended_title: "この同意は終わっています", "This consent has ended";
        ended_what: "この同意は、もう使えません。もう一度使ってもらいたいときは、新しく同意します。", "This consent cannot be used any more. To allow it again, give a new consent.";
        one_title: "同意の範囲を減らす・取り消す", "Narrow or withdraw a consent";
        back: "同意の一覧に戻る", "Back to the consents";
        now: "今の同意", "The consent as it is now";
        narrow: "同意の範囲を減らす", "Narrow it";
        narrow_what: "残したいものだけに印を付けてください。外したものには、次の依頼から、この同意は使えません。", "Keep the tick only at what should remain. From the next request, this consent cannot be used for what you untick.";
        remaining_data: "残す情報", "Data that remains";
        remaining_purposes: "残す目的", "Purposes that remain";
        new_until: "新しい期限", "New end";
        new_until_hint(day: impl Display): "選んだ日まで有効です。今の期限（{day}）より前の日を選べます。", "The consent is valid until the end of this day. You can choose a day before the present end ({day}).";
        check: "確認へ進む", "Go on to check";
        nothing_left: "少なくとも一つ残してください。すべて終わりにするときは、同意を取り消してください", "Please leave at least one. To end all of it, withdraw the consent";
        only_less: "ここでは、増やすことはできません。新しく同意してください", "You cannot add anything here. Please give a new consent";
        nothing_changed: "何も変わっていません。外したい情報の印を消すか、期限を早めてください", "This would change nothing. Untick something, or choose an earlier end";
        until_past: "期限は、今日か、今日より後の日にしてください", "Please choose today or a later day";
        until_later: "期限を今より後にはできません", "The end cannot be later than it is now";
        until_unreadable: "期限の日を、2027-03-31のように入れてください", "Please enter the last day, such as 2027-03-31";
        narrow_title: "減らした後の内容の確認", "Check what will remain";
        narrow_confirm: "この内容に減らす", "Narrow it to this";
        change: "選び直す", "Choose again";
        withdraw: "同意を取り消す", "Withdraw the consent";
        stop_title: "すべて止めたいとき", "To stop everything";
        stop_what: "今ある同意を、まとめて一度に取り消せます。法律にもとづく利用と緊急の利用は止まりません。", "You can withdraw all consents that stand at once. Uses by law and in an emergency do not stop.";
        stop_open: "すべての同意を取り消す", "Withdraw all consents";
        withdraw_what: "この同意をすべて終わりにします。この同意は、次の依頼から使えません。", "This ends all of this consent. From the next request, this consent cannot be used.";
        withdraw_title: "同意を取り消す", "Withdraw the consent";
        withdraw_question(who: impl Display): "{who}への同意を取り消しますか", "Withdraw the consent to {who}?";
        withdraw_after: "すでに渡された情報は、戻りません。取り消したことは利用の記録に残り、記録の控えが出ます。法律と緊急による利用は止まりませんが、記録されます。もう一度使ってもらいたいときは、新しく同意します。", "Data that was handed over already does not come back. Your history shows the withdrawal, and you get a receipt. Uses by law or in an emergency go on, and are recorded. To allow it again, give a new consent.";
        withdraw_confirm: "同意を取り消す", "Withdraw the consent";
        cancel: "取り消さずに戻る", "Go back without withdrawing";
    }

    /// `/me/consents/new`.
    GiveConsent {
        title: "新しく同意する", "Give a consent";
        back: "同意の一覧に戻る", "Back to the consents";
        step_to: "誰に", "To whom";
        step_from: "どこの情報", "From where";
        step_what: "何を・何のために", "What, and what for";
        step_check: "確認", "Check";
        to_whom: "誰に、あなたの情報を見ることを認めますか", "Whom do you allow to see your data?";
        where_from(who: impl Display): "{who}に、どこにある情報を見せますか", "Which institution keeps the data that {who} may see?";
        where_from_hint: "情報は、今ある場所から動きません。認められたときだけ、そこから渡されます。", "The data stays where it is. It is handed over from there only when it is allowed.";
        nobody: "同意で情報を見ることのできる機関は、今はありません。", "No institution could see your data with a consent at present.";
        choose_again: "選び直す", "Choose again";
        recipient: "誰に", "To whom";
        holder: "どこの情報", "Kept at";
        purposes: "何のために", "What for";
        categories: "何の情報を", "What data";
        barred: "あかしの画面では同意できません。窓口で、職員2人が立ち会って手続きします。", "You cannot agree to this on these pages. It is done at a counter, with two officers.";
        until: "いつまで", "Until when";
        until_hint(day: impl Display): "選んだ日まで有効です。{day}まで選べます。", "The consent is valid until the end of this day. You can choose any day up to {day}.";
        check: "確認へ進む", "Go on to check";
        cancel: "同意せずに戻る", "Go back without agreeing";
        choose_purpose: "何のためかを、少なくとも一つ選んでください", "Please choose at least one purpose";
        choose_category: "情報の種類を、少なくとも一つ選んでください", "Please choose at least one kind of data";
        not_together: "選んだ情報の中に、選んだ目的には使えないものがあります。目的ごとに分けて同意してください", "Some of the data cannot be used for some of the purposes. Please give one consent for each purpose";
        needs_counter: "選んだ情報の中に、窓口でだけ同意できるものがあります", "Some of the data needs a consent given at a counter";
        until_past: "期限は、今日か、今日より後の日にしてください", "Please choose today or a later day";
        until_too_late: "期限が遅すぎます。もっと早い日にしてください", "That day is too late. Please choose an earlier day";
        until_unreadable: "いつまでか、日を2027-03-31のように入れてください", "Please enter the last day, such as 2027-03-31";
        confirm_title: "同意の内容を確かめる", "Check what you agree to";
        confirm_lead: "下の文をよく読んでください。この文のとおりに記録されます。", "Please read this carefully. It is recorded exactly as it is written here.";
        agree: "この内容に同意する", "I agree to this";
        change: "選び直す", "Choose again";
        digest: "この文の指紋", "Fingerprint of these words";
    }
}
