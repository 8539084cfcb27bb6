//! Giving, narrowing and withdrawing consent.

use std::fmt::Display;

use crate::pages::text::texts;

texts! {
    /// `/me/consents`.
    Consents {
        title: "同意", "Consents";
        lead: "同意はいつでも、せばめることも、撤回することもできます。次の申し出からすぐに効きます。", "You can narrow or withdraw a consent at any time. It has effect from the next request on.";
        give: "新しく同意する", "Give a consent";
        live: "今の同意", "Consents that stand";
        none_live: "今、有効な同意はありません。", "No consent stands now.";
        ended: "終わった同意", "Consents that have ended";
        valid: "有効", "Valid";
        soon: "もうすぐ期限", "Ends soon";
        withdrawn: "撤回", "Withdrawn";
        expired: "期限切れ", "Expired";
        from: "情報を持つ機関", "Kept at";
        data: "情報", "Data";
        purpose: "目的", "Purpose";
        until: "期限", "Until";
        end_of(day: impl Display): "{day}の終わりまで", "the end of {day}";
        withdrawn_at(time: impl Display): "{time}に撤回", "withdrawn {time}";
        narrow_or_withdraw: "せばめる・撤回する", "Narrow or withdraw";
        receipt: "受領書", "Receipt";
        of(who: impl Display): "：{who}への同意", ": consent to {who}";

        one_title: "同意をせばめる・撤回する", "Narrow or withdraw a consent";
        back: "同意の一覧にもどる", "Back to the consents";
        now: "今の同意", "What stands now";
        narrow: "せばめる", "Narrow it";
        narrow_what: "残したいものだけに印をつけてください。外したものには、次の申し出から、この同意は使えません。", "Leave ticked only what shall remain. For what you untick this consent cannot be used from the next request on.";
        remaining_data: "残す情報", "Data that remains";
        remaining_purposes: "残す目的", "Purposes that remain";
        new_until: "新しい期限", "New end";
        new_until_hint(day: impl Display): "この日の終わりまで有効です。今の期限（{day}）より前の日を選べます。", "It stands until the end of this day. You can choose a day before the present end ({day}).";
        check: "確認へ進む", "Go on to check";
        nothing_left: "少なくとも一つ残してください。すべてやめるときは、撤回してください", "Please leave at least one. To end all of it, withdraw the consent";
        only_less: "ここでは、増やすことはできません。新しく同意してください", "Nothing can be added here. Please give a new consent";
        nothing_changed: "何も変わっていません。外したい情報の印を消すか、期限を早めてください", "Nothing would change. Untick something, or choose an earlier end";
        until_past: "期限は、今日か、今日より後の日にしてください", "Please choose today or a later day";
        until_later: "期限を今より後にはできません", "The end cannot be later than it is now";
        until_unreadable: "期限の日を入れてください", "Please enter the last day";
        narrow_title: "せばめる内容の確認", "Check what will remain";
        narrow_confirm: "この内容にせばめる", "Narrow it to this";
        change: "選びなおす", "Choose again";
        withdraw: "撤回する", "Withdraw it";
        withdraw_what: "この同意をすべて終わりにします。この同意は、次の申し出から使えません。", "This ends all of this consent. This consent cannot be used from the next request on.";
        withdraw_title: "同意を撤回する", "Withdraw the consent";
        withdraw_question(who: impl Display): "{who}への同意を撤回しますか", "Withdraw the consent to {who}?";
        withdraw_after: "すでに渡された情報は、もどりません。撤回したことは履歴に残り、受領書が出ます。もう一度使ってもらいたいときは、新しく同意します。", "Data that was handed over already does not come back. The withdrawal stands in your history, and you get a receipt. To allow it again, give a new consent.";
        withdraw_confirm: "撤回する", "Withdraw";
        cancel: "やめる", "Cancel";
    }

    /// `/me/consents/new`.
    GiveConsent {
        title: "新しく同意する", "Give a consent";
        back: "同意の一覧にもどる", "Back to the consents";
        step_to: "だれに", "To whom";
        step_from: "どこの情報", "Kept where";
        step_what: "何を・何のために", "What, what for";
        step_check: "確認", "Check";
        to_whom: "だれに、あなたの情報を見ることを認めますか", "Who shall be allowed to see data about you?";
        where_from(who: impl Display): "{who}に、どこにある情報を見せますか", "Data kept where shall {who} see?";
        where_from_hint: "情報は、今ある場所から動きません。認められたときだけ、そこから渡されます。", "The data stays where it is. It is handed over from there only when it is allowed.";
        nobody: "同意で情報を見ることのできる機関は、今はありません。", "There is no institution that could see data on your consent.";
        choose_again: "選びなおす", "Choose again";
        recipient: "だれに", "To whom";
        holder: "どこの情報", "Kept at";
        purposes: "何のために", "What for";
        categories: "何の情報を", "What data";
        barred: "このサイトでは同意できません。窓口で、職員 2 人が立ち会って手続きします。", "You cannot agree to this here. It is done at a counter, with two officers.";
        until: "いつまで", "Until when";
        until_hint(day: impl Display): "この日の終わりまで有効です。いちばん遅い日は {day} です。", "It stands until the end of this day. The latest day is {day}.";
        check: "確認へ進む", "Go on to check";
        cancel: "やめる", "Cancel";
        choose_purpose: "何のためかを、少なくとも一つ選んでください", "Please choose at least one purpose";
        choose_category: "情報の種類を、少なくとも一つ選んでください", "Please choose at least one kind of data";
        not_together: "選んだ情報の中に、選んだ目的には使えないものがあります。目的ごとに分けて同意してください", "Some of the data cannot be used for some of the purposes. Please give a consent for each purpose";
        needs_counter: "選んだ情報の中に、窓口でだけ同意できるものがあります", "Some of the data can be agreed to only at a counter";
        until_past: "期限は、今日か、今日より後の日にしてください", "Please choose today or a later day";
        until_too_late: "期限がおそすぎます。もっと早い日にしてください", "That is too late. Please choose an earlier day";
        until_unreadable: "いつまでか、日を入れてください", "Please enter the last day";
        confirm_title: "同意の内容を確かめる", "Check what you agree to";
        confirm_lead: "下の文をよく読んでください。この文のとおりに記録されます。", "Please read this carefully. It is recorded exactly as it stands here.";
        agree: "この内容に同意する", "I agree to this";
        change: "選びなおす", "Choose again";
        digest: "この文の指紋", "Fingerprint of these words";
    }
}
