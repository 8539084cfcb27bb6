//! Enrolling and signing in.

use std::fmt::Display;

use akashi_notifier::PhoneError;

use crate::words::text::texts;

texts! {
    /// What is wrong with a number somebody typed.
    Number {
        unreadable: "携帯電話の番号を、090-1234-5678のように入れてください", "Please enter a mobile number such as 090-1234-5678";
        not_mobile: "この番号ではSMSを受け取れません。060、070、080、090で始まる携帯電話の番号を入れてください", "This number cannot receive SMS. Please enter a mobile number that begins with 060, 070, 080 or 090";
        abroad: "日本の携帯電話の番号を入れてください。外国の番号にはSMSを送れません", "Please enter a Japanese mobile number. We cannot send SMS to numbers abroad";
        made_up: "この番号は使われていません。ご自分の携帯電話の番号を入れてください", "Nobody has this number. Please enter your own mobile number";
    }
    /// `/enrol`, the papers and the history key.
    Enrol {
        title: "新規登録", "Enrol";
        lead: "携帯電話の番号と、SMSで届く確認コードだけで登録できます。お名前や住所はお聞きしません。", "All you need is a mobile phone number and the code we send to it. We do not ask for your name or address.";
        step_phone: "電話番号", "Phone number";
        step_code: "確認コード", "SMS code";
        step_papers: "登録の紙", "Your papers";
        phone: "携帯電話の番号", "Mobile phone number";
        phone_hint: "例：090-1234-5678。SMSを受け取れる日本の携帯電話の番号を入れてください。", "For example 090-1234-5678. A Japanese mobile number that can receive SMS.";
        send: "SMSで確認コードを受け取る", "Send me a code";
        again_title: "前に登録したことがある番号でも登録できます", "A number that was enrolled before can be enrolled again";
        again_what: "その場合は、新しい人として、何もない記録が始まります。前の記録は開きません。前の記録を見たいときは、登録ではなくログインしてください（回復コードが必要です）。家族で一つの電話を使っている場合も、一人ずつ登録できます。",
            "A new, empty record then begins, as for a new person. The old record is not opened. If you want to see your old record, sign in instead; you will need its recovery code. Members of a family who share a phone can each enrol.";
        known_title: "登録は済んでいます", "You are enrolled already";
        known_what: "今、登録した方としてログインしています。もう一度登録する必要はありません。家族で一つの電話を使っている場合に、ほかの方を登録するときは、先にログアウトしてください。", "You are signed in as somebody who is enrolled, and need not enrol again. To enrol another member of a family who share a phone, please sign out first.";
        to_mine: "あなたの記録へ", "To your record";
        to_sign_in: "登録がお済みの方はログイン", "Have you enrolled already? Sign in";
        code: "SMSで届いた確認コード（6桁の数字）", "The six digits we sent by SMS";
        code_sent(to: impl Display): "{to}に送りました。10分間使えます。", "Sent to {to}. It can be used for ten minutes.";
        code_wrong: "確認コードが違います。最後に届いたSMSを見て、6桁の数字を入れてください", "That is not the code. Please look at the newest SMS and enter the six digits";
        code_void: "そのコードはもう使えません。10分が過ぎたか、間違いが続いたためです。もう一度、電話番号を入れてください", "That code cannot be used any more: ten minutes have passed, or there were too many wrong tries. Please enter the phone number again";
        phone_full: "この電話番号では、これ以上登録できません。ほかの電話番号で登録するか、窓口でお尋ねください", "No more people can enrol with this phone number. Please enrol with another number, or ask at a counter";
        no_message: "届かないときは、電話番号が間違っていないか確かめて、もう一度送ってください。", "If nothing arrives, check the phone number and send it again.";
        resend: "電話番号の入力に戻る", "Back to the phone number";
        enrol: "登録する", "Enrol";
        done_title: "登録が終わりました", "You are enrolled";
        new_papers_title: "新しい番号と回復コードです", "Your new ID and recovery code";
        papers_record: "この紙の記録", "The record of these papers";
        done_what: "このページを印刷するか、番号と回復コードを書き写してください。下のボタンを押すと、もう表示できません。", "Print this page, or copy the ID and the recovery code by hand. They cannot be shown again once you press the button below.";
        qid: "あなたの番号（qid）", "Your visible ID (qid)";
        qid_what: "窓口で、このQRコードを見せます。人に見られても、これだけでは何も開きません。", "Show this QR code at a counter. If somebody else sees it, it opens nothing by itself.";
        part_to_show: "窓口で見せる紙", "To show at a counter";
        part_to_keep: "人に見せない紙", "Keep secret";
        cut_here: "ここで切り離し、別々の場所にしまいます。", "Cut here, and keep the two parts in different places.";
        address: "あかしのアドレス", "Address of Akashi";
        vkey: "公開ログの公開鍵（vkey）", "The log's public key (vkey)";
        vkey_what: "秘密ではありません。公開ログを自分で確かめるときは、画面の鍵ではなく、この紙の鍵を使います。", "It is no secret. To check the public log yourself, use this key on paper and not the one on a screen.";
        recovery: "回復コード", "Recovery code";
        recovery_what: "利用の記録と同意を見るとき、SMSの確認コードと一緒に使います。誰にも教えないでください。", "You need it, together with the SMS code, to see your history and consents. Tell it to nobody.";
        first_record: "あなたの最初の記録", "Your first record";
        first_record_at(index: impl Display): "公開ログの{index}番", "Number {index} in the public log";
        supervisors: "監督機関（問い合わせ先）", "Supervisors, whom you can ring";
        supervisors_what: "ほかの機関の電話番号は、あかしの「参加している機関と問い合わせ先」のページにあります。", "The numbers of all institutions are on Akashi's page “Who takes part, and how to reach them”.";
        how_print: "印刷するには、ブラウザーのメニューから「印刷」を選びます。", "To print, choose “Print” in the menu of your browser.";
        key_sheet: "記録の鍵（別の紙）", "The history key (another sheet)";
        key_sheet_what: "記録が欠けていないことを、あかしの画面を使わずに確かめるための鍵です。qidの紙とは別の場所に、人に見せずにしまってください。", "With it you can check, without Akashi's own pages, that no record is missing. Keep it secret, and apart from the sheet with your ID.";
        show_key: "記録の鍵を表示する", "Show the history key";
        kept: "番号と回復コードを、印刷または書き写しました", "I have printed or copied the ID and the recovery code";
        not_kept: "まず、番号と回復コードを印刷または書き写してください", "Please print or copy the ID and the recovery code first";
        start: "始める", "Begin";
        key_title: "記録の鍵", "The history key";
        key_secret: "人に見せない", "Keep secret";
        key_what: "この鍵を持つ人は、あなたについての記録がいくつ、いつあるかを、公開ログから数えられます（中身は読めません）。ふだんは使いません。印刷して、qidとは別の場所にしまってください。", "Whoever has this key can count in the public log how many records there are about you, and when they were made (not what they say). You do not need it every day. Print it and keep it apart from your ID.";
        key_check: "確かめるときは、「利用の記録」のページで保存したファイルと、この鍵とを、信頼できるパソコンで道具（akashi-audit history）に読ませます。自分でするのが難しいときは、信頼できる人に頼めます。あかしの職員を名乗る相手に聞かれても、教えないでください。あかしは鍵を初めから知っているので、聞くことはありません。", "To check, save your history as a file on the page “History”, and give the file and this key to the tool (akashi-audit history) on a computer you trust, or ask somebody you trust to do it. If anyone asks for the key in the name of Akashi, do not give it: Akashi knows it already and never asks.";
        key_back: "見終わったら戻る", "I have seen it: go back";
    }

    /// `/sign-in`.
    SignIn {
        no_phone: "電話がない方（メールと回復コードでログイン）", "I have no phone (sign in by e-mail and recovery code)";
        lost_phone: "電話をなくした方（ログインせずに使えないようにする）", "I have lost my phone (block it without signing in)";
        title: "ログイン", "Sign in";
        lead: "SMSで届く確認コードで、「許可のお願い」を見て返事ができます。利用の記録と同意を見るには、次に回復コードも使います。", "With the code we send by SMS you can see and answer permission requests. For your history and consents you will also need your recovery code.";
        step_phone: "電話番号", "Phone number";
        step_code: "確認コード", "SMS code";
        phone: "登録した携帯電話の番号", "The mobile number you enrolled with";
        phone_hint: "例：090-1234-5678", "For example 090-1234-5678";
        send: "SMSで確認コードを受け取る", "Send me a code";
        to_enrol: "初めての方は登録する", "New here? Enrol";
        code: "SMSで届いた確認コード（6桁の数字）", "The six digits we sent by SMS";
        code_sent(to: impl Display): "{to}が登録されていれば、SMSが届きます。コードは10分間使えます。", "If {to} is enrolled, an SMS arrives. The code can be used for ten minutes.";
        code_wrong: "確認コードが違います。最後に届いたSMSを見て、6桁の数字を入れてください", "That is not the code. Please look at the newest SMS and enter the six digits";
        code_void: "そのコードはもう使えません。10分が過ぎたか、間違いが続いたためです。もう一度、電話番号を入れてください", "That code cannot be used any more: ten minutes have passed, or there were too many wrong tries. Please enter the phone number again";
        no_message: "2分たっても届かないときは、番号が間違っているか、まだ登録されていません。", "If nothing arrives within two minutes, the number is wrong or was never enrolled.";
        resend: "電話番号の入力に戻る", "Back to the phone number";
        sign_in: "ログイン", "Sign in";
        nobody_title: "この番号の登録はありません", "Nobody is enrolled with this number";
        nobody_what: "この電話番号で登録した人はいません。初めての方は登録してください。", "Nobody has enrolled with this phone number. If you are new, please enrol.";
    }
}

impl Number {
    /// Why a number was not taken.
    pub(crate) fn mistake(self, error: PhoneError) -> &'static str {
        match error {
            PhoneError::Unreadable => self.unreadable(),
            PhoneError::NotMobile => self.not_mobile(),
            PhoneError::Abroad => self.abroad(),
            PhoneError::MadeUp => self.made_up(),
        }
    }
}
