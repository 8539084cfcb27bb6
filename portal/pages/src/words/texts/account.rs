//! The second thing, contacts, keys, the counter.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/step-up`.
    StepUp {
        title: "回復コードを入れる", "Enter your recovery code";
        lead: "ここから先は、ご本人だけのページです。登録のときに印刷した紙にある回復コードを入れてください。", "The next pages are yours alone. Please enter the recovery code on the sheet you printed when you enrolled.";
        several: "この電話は何人かで使われています。回復コードを入れた方のページが開きます。", "Several people use this phone. The pages of the person whose recovery code is entered will open.";
        recovery: "回復コード", "Recovery code";
        recovery_hint: "例：K4TW-9QMX-2HRP-7VNC-3FJ8。ハイフンや大文字・小文字は気にしなくて大丈夫です。", "For example K4TW-9QMX-2HRP-7VNC-3FJ8. Hyphens and capitals do not matter.";
        misspelt: "回復コードは、数字と英字を合わせて20文字です。もう一度見て入れてください", "A recovery code has 20 letters and digits. Please look at it again";
        wrong: "回復コードが違います。もう一度見て入れてください", "That is not the recovery code. Please look at it again";
        rest: "間違いが続いたため、15分間、入力できません。その後で、もう一度お試しください", "There were too many wrong codes. You can try again in 15 minutes";
        open: "開く", "Open";
        later: "今は入れない", "Not now";
        why: "SMSの確認コードだけでは開きません。電話を落としたときや、番号がほかの人のものになったときに、あなたの利用の記録を守るためです。15分使わないと、もう一度お聞きします。", "The SMS code alone does not open them. That protects your history if you lose the phone, or if the number is given to somebody else. After 15 minutes without use you are asked again.";
    }

    /// `/me/account`.
    Standing {
        title: "登録の休止と終了", "Suspend or close your account";
        back: "窓口・本人確認へ戻る", "Back to Counter and ID";
        is_open: "あなたの登録は、使える状態です。", "Your account is open.";
        is_suspended: "あなたの登録は、休止しています。", "Your account is suspended.";
        is_closed: "あなたの登録は、終了しています。これまでの記録は、ここで見られます。", "Your account is closed. What is recorded stays here for you to see.";
        suspend_title: "休止する", "Suspend it";
        suspend_what: "再開するまで、同意や許可による利用は認められず、新しい同意や窓口の手続きもできません。同意は消えません。法律にもとづく利用と緊急の利用は続き、記録されます。", "Until you resume it, nothing is allowed by your consents or your permission, and no consent or visit to a counter begins anything new. Your consents are not lost. Uses by law and in an emergency go on, and are recorded.";
        suspend: "登録を休止する", "Suspend my account";
        resume_title: "再開する", "Resume it";
        resume_what: "同意による利用が、また認められるようになります。", "What you have consented to is allowed again.";
        resume: "登録を再開する", "Resume my account";
        close_title: "終了する", "Close it";
        close_consents: "すべての同意を取り消します。", "All your consents are withdrawn.";
        close_links: "すべての機関について、あなたを表す番号を無効にします。どの機関も、あなたについてあかしを使えなくなります。", "All codes by which institutions know you end: none of them can send requests about you.";
        close_law: "緊急のときや、法律にもとづく依頼も、あかしを通しては認められなくなります。", "That goes for emergencies and requests by law, too, as far as they come by way of Akashi.";
        close_history: "これまでの記録は消えません。電話と回復コード、または記録の鍵で、これからも見られます。", "What is recorded is not erased. With phone and recovery code, or with your history key, you can still see it.";
        close_for_good: "元に戻すことはできません。もう一度使うときは、新しく登録します。", "It cannot be undone. To use Akashi again you enrol anew.";
        sure: "終了すると元に戻せないことを、読みました", "I have read that it cannot be undone";
        not_sure: "元に戻せないことを読んで、印を付けてください", "Please read that it cannot be undone, and tick the box";
        close: "登録を終了する", "Close my account";
    }

    /// `/me/papers`.
    Papers {
        title: "番号と回復コードを新しくする", "New ID and recovery code";
        question: "番号（qid）と回復コードを新しくしますか？", "Replace your visible ID and your recovery code?";
        lead: "紙をなくしたときや、ほかの人に見られたときに使います。", "For when a paper is lost, or others have seen it.";
        old_ones: "前の番号と前の回復コードは、すぐに使えなくなります。前の紙は捨ててください。", "The old ID and the old recovery code count for nothing at once. Throw the old papers away.";
        sessions: "ほかの場所で開いているあなたのページは閉じます。", "Your pages that are open elsewhere are closed.";
        institutions: "あなたについてあかしを使える機関と、同意は変わりません。", "Institutions that can send requests about you, and your consents, stay as they are.";
        print: "次のページで新しい紙を印刷します。印刷するか書き写すまで、そのページを閉じないでください。", "You print the new papers on the next page. Do not leave it before you have printed or copied them.";
        recovery: "今の回復コード", "The recovery code you have now";
        confirm: "新しくする", "Replace them";
        keep: "そのままにして戻る", "Go back without replacing them";
    }

    /// `/me/contacts`, `/me/keys`, `/me/counter-code`.
    Account {
        contacts_title: "お知らせ先", "Contacts";
        contacts_lead: "お知らせが届く先です。電話とメールの二つがあると、一つを乗っ取られても気づけます。", "Notices reach you here. With a phone and an e-mail address you notice even if somebody takes one over.";
        rule_asked: "「許可のお願い」と、ログインの確認コードは、SMSで届きます。", "Permission requests and the code for signing in come by SMS.";
        rule_both: "緊急の利用、認められた範囲の外の依頼、止められた提供は、SMSとメールの両方に届きます。", "If your data is used in an emergency, if a request is outside what is allowed, or if a hand-over is stopped, you are told both by SMS and by e-mail.";
        rule_second: "そのほかのお知らせ（同意や返事の控え、窓口での手続きなど）は、メールがあればメールだけに、なければSMSに届きます。", "You are told of everything else (your consents and answers, a visit to a counter and so on) by e-mail only, or by SMS if there is no e-mail address.";
        rule_new: "お知らせ先を追加したときは、それまでのお知らせ先すべてにお知らせします。", "When a contact is added, all the contacts you had before are told.";
        rule_last: "同じ種類のお知らせ先がいくつかあるときは、最後に確かめたものに届きます。", "If you have several contacts of one kind, the one verified last is used.";
        address_gone: "読み出せません", "cannot be read";
        add_title: "メールアドレスを追加する", "Add an e-mail address";
        email: "メールアドレス", "E-mail address";
        email_hint: "確認コードを送ります。", "We send a code to it, to check that it is yours.";
        email_wrong: "メールアドレスを、name@example.jpのように入れてください", "Please enter an e-mail address such as name@example.jp";
        contacts_full: "お知らせ先は5つまでです", "There can be five contacts at most";
        send: "確認コードを送る", "Send a code";
        code: "メールで届いた確認コード（6桁の数字）", "The six digits we sent by e-mail";
        code_sent(to: impl Display): "{to}に送りました。10分間使えます。", "Sent to {to}. It can be used for ten minutes.";
        code_wrong: "確認コードが違います。メールをもう一度見て、6桁の数字を入れてください", "That is not the code. Please look at the e-mail again and enter the six digits";
        code_void: "そのコードはもう使えません。10分が過ぎたか、間違いが続いたためです。もう一度、メールアドレスを入れてください", "That code cannot be used any more: ten minutes have passed, or there were too many wrong tries. Please enter the e-mail address again";
        add: "追加する", "Add";
        cancel: "追加せずに戻る", "Go back without adding";
        block_title: "電話をなくしたとき", "If you lose the phone";
        block_what: "電話をすぐに使えないようにできます。電話が手元になくても、番号と回復コードがあれば、ログインせずにできます（ログインのページから開きます）。", "You can block it at once. Without the phone at hand you need its number and your recovery code; the page for signing in leads there.";
        block_open: "電話を使えないようにする", "Block the phone";
        unblock_open: "電話を元に戻す", "Unblock the phone";

        keys_title: "窓口・本人確認", "Counter and ID";
        counter_title: "窓口で伝える番号", "Number for the counter";
        counter_lead: "病院や市役所の窓口で初めて手続きをするとき、qidのQRコードを見せて、この番号を口頭で伝えます。", "When you are at a counter for the first time, show the QR code of your ID and read this number out.";
        counter_draw: "番号を出す", "Give me a number";
        counter_draw_again: "新しい番号を出す", "Give me a new number";
        counter_now: "今、窓口で伝える番号", "The number to read out now";
        counter_valid: "10分間、1回だけ使えます。電話やメールで聞かれても、教えないでください。窓口の人だけに伝えます。", "It can be used once, within ten minutes. Tell it only to the person at the counter, never over the phone or by mail.";
        counter_qid: "一緒に、登録のときに印刷した紙のQRコード（qid）を見せてください。", "Show it together with the QR code (qid) on the sheet you printed when you enrolled.";
        counter_effect: "その機関は、あなたについてあかしを使えるようになり、あなたを表す番号を受け取ります。ほかの機関とは違う番号です。受け取ったことは利用の記録に残ります。", "The institution can then send requests about you, and receives a code for you that differs from that of every other institution. Your history shows that it received one.";
        counter_open: "窓口で伝える番号のページへ", "To the number for the counter";
        links: "あなたについてあかしを使える機関", "Institutions that can send requests about you";
        links_what: "窓口で手続きをした機関の一覧です。利用を終えることもできます。", "Those at whose counter you have been. You can end it for each of them.";
        links_open: "機関の一覧を見る", "Show them";
        account: "登録の休止と終了", "Suspend or close your account";
        account_open: "登録の休止と終了のページへ", "To that page";
        qid: "あなたの番号（qid）", "Your visible ID (qid)";
        qid_what: "登録のときに印刷した紙にあります。あかしは番号そのものを持たず、指紋だけを持っているので、もう一度表示することはできません。", "It is on the sheet you printed when you enrolled. Akashi keeps only its fingerprint, not the ID itself, so it cannot be shown again.";
        qid_now: "紙を印刷していないので、まだ表示できます。", "You have not printed it yet, so it can still be shown.";
        papers_open: "番号と回復コードを新しくする", "Replace ID and recovery code";
        qid_show: "番号と回復コードの紙を表示する", "Show the sheet with ID and recovery code";
        key: "記録の鍵", "The history key";
        key_what: "利用の記録のファイルと一緒に使い、記録が欠けていないことを、あかしの画面を使わずに確かめるための鍵です。ファイルは「利用の記録」のページで保存できます。表示している間は、周りの人に見られないようにしてください。", "With it and your history as a file you can check, without Akashi's own pages, that no record is missing. You can save the file on the page “History”. While the key is shown, make sure nobody looks over your shoulder.";
        key_show: "記録の鍵を表示する", "Show the history key";
    }
}
