//! Questions people ask, and what no ledger can prove.

use crate::words::text::texts;

texts! {
    /// `/help`.
    Help {
        title: "使い方とよくある質問", "Help and questions";
        lead: "できるだけやさしい言葉でお答えします。", "These answers use words that are as plain as possible.";
        contents: "このページの内容", "On this page";
        questions: "よくある質問", "Questions";
        limits: "この記録で証明できないこと", "What this record cannot prove";
        limits_lead: "どんな記録にも、できないことがあります。隠さずに書きます。", "No record can do everything. This is what ours cannot do.";

        who: "誰が私の情報を見られますか", "Who can see my data?";
        who_answer: "監督機関に認められた病院・薬局・市役所などの、決められた役割の人だけです。決められた目的で、あなたの同意・法律・緊急のどれかの根拠があるときだけです。それ以外の依頼は認められず、認められなかったことも記録に残ります。",
            "Only people with a certain role in a hospital, pharmacy, office and so on that the supervisors admitted - for an allowed purpose, and with your consent, a law or an emergency as the ground. Nothing else is allowed, and requests that were not allowed are recorded too.";
        recorded: "何が記録されますか", "What is recorded?";
        recorded_answer: "誰が（機関と役割）、いつ、何のために、どの種類の情報を、どこから見ようとしたか。認められたか、認められなかったか、その理由。あなたがした同意や返事。あなたに送ったお知らせ。これらが、最初の1件から順に、欠けなく並びます。",
            "These are recorded: who asked (institution and role), when, what for, for what kind of data and from where; whether it was allowed or not, and why; what you agreed to or answered; the notices sent to you. All of it is listed in order from your first record on, without a gap.";
        content: "病気や検査の内容も入っていますか", "Does it hold my illnesses and test results?";
        content_answer: "入っていません。情報そのものは、病院や薬局などにあります。あかしが持つのは「お薬の記録」「検査の結果」といった種類の名前だけです。お名前・住所・生年月日も持ちません。電話番号とメールアドレスは、別の場所に暗号で保管しています。",
            "No. The data itself stays with the hospital, pharmacy and so on. Akashi holds only the names of kinds, such as “medication” or “test results”. It does not hold your name, address or date of birth. Your phone number and e-mail address are kept elsewhere, encrypted.";
        without: "私の同意なしに見られることはありますか", "Can anyone look without my consent?";
        without_answer: "あります。法律で決められている場合と、意識がないなどの緊急の場合です。どちらも記録に残ります。緊急の場合はすぐにお知らせし、医師は後から理由を説明しなければなりません。説明の期限は記録に残りますが、説明そのものは、まだここでは受け付けていません。監督機関は今のところ、あかしを運営する人を通じて確かめます。人数だけの集計では、一人ひとりのことは分かりません。",
            "Yes: where a law provides for it, and in an emergency, for instance when you are unconscious. Both are recorded. You are told of an emergency at once, and the physician must explain the reason afterwards. The record shows when the explanation is due, but the explanation itself is not collected here yet: today the supervisors see to it through those who run Akashi. Counts show only numbers, never a single person.";
        stop: "利用を止めたいときはどうしますか", "How do I stop it?";
        stop_answer: "「同意」のページで、一つずつ、範囲を減らすことも取り消すこともできます。その同意は、次の依頼からすぐに使えなくなります。同じことを認める同意がほかにあれば、それも取り消してください。法律と緊急による利用は、同意を取り消しても止まりませんが、記録はされます。",
            "On the page “Consents” you can narrow or withdraw each one. From the next request, that consent cannot be used; if another one allows the same, withdraw it too. Uses by law or in an emergency go on, and are recorded.";
        odd: "心当たりのない記録があるときは", "What if I do not recognise a record?";
        odd_answer: "記録を開いて記録の控えを印刷し、その機関か監督機関にお尋ねください。控えと証明があれば、記録があったことを誰にでも示せます。「許可のお願い」が不審だと思ったら、「断って、不審な依頼として報告する」を選んでください。報告したことは記録に残りますが、監督機関に自動では届きません。今のところ、監督機関はあかしを運営する人を通じて報告を見ます。急ぐときは、監督機関に直接お知らせください。",
            "Open the record, print its receipt, and ask the institution or a supervisor. With the receipt and its proof you can show anyone that the record was there. If a permission request looks suspicious, choose “Refuse and report it as suspicious”. The report is recorded but is not sent to the supervisors by itself: today they see it through those who run Akashi. If it is urgent, tell a supervisor yourself.";
        fake: "偽のSMSが心配です", "I am afraid of fake messages.";
        fake_answer: "あかしのSMSには、リンクも、病気や情報の種類も書きません。書くのは、依頼した機関の名前、受付番号、確認コード（6桁の数字）だけです。あかしは、ご自分でアドレスを入れるか、しおりから開いてください。確認コードを、電話で人に教えないでください。",
            "Our SMS never hold a link, nor what data it is about: only who asks, a reference and a code of six digits. Open Akashi by typing its address or from your bookmarks. Never tell anyone the code over the phone.";
        paper: "紙（番号と回復コード）をなくしました", "I lost my papers (ID and recovery code).";
        paper_answer: "番号（qid）だけを人に見られても、何も開きません。回復コードをなくすと、利用の記録と同意のページが開けなくなります。なくしたコードの代わりは、まだあかしの画面では出せません。もう一度登録すると、新しい人として、新しい記録が始まります。手元にあるコードを人に見られたときは、「番号と回復コードを新しくする」で替えられます。",
            "If somebody sees your visible ID (qid) alone, it opens nothing. Without the recovery code you cannot open your history and consents. Nothing replaces a code that is lost in Akashi yet. If you enrol again, a new record begins, as for a new person. While you have the code, and somebody else has seen it, new papers replace it.";
        phone: "電話番号が変わりました", "My phone number has changed.";
        phone_answer: "電話番号はお知らせ先で、あなた自身ではありません。番号が別の人のものになっても、その人があなたの利用の記録や同意を開くことはできません。「お知らせ先」のページで新しい番号に替えられます。前の番号にもお知らせし、三日後に切り替わります。電話をなくしたときは、「電話を使えないようにする」で、すぐに止めてください。",
            "Your number is a way to reach you; it is not you. If it is given to somebody else, they cannot open your history or consents. On the page of your contacts you replace it by a new one: the old number is told, and after three days the new one counts. If you have lost the phone, block it: that takes effect at once.";
        family: "家族で一つの電話を使っています", "My family shares one phone.";
        family_answer: "一人ずつ登録できます。SMSの確認コードでログインすると、その電話を使う全員への「許可のお願い」が見えます。利用の記録や同意は、それぞれの回復コードを入れた人の分だけが開きます。",
            "Each of you can enrol. After signing in with the SMS code, permission requests to everybody who uses the phone are shown. History and consents open only for the person whose recovery code is entered.";
        cookies: "私がどのページを見たかを、あかしは集めますか", "Does Akashi keep track of what I look at?";
        cookies_answer: "いいえ。ログインと言語のためと、次のログインであなたのブラウザーだと分かるようにするためと、途中になった入力を続けられるようにするためのクッキーだけを使い、ほかの会社には何も送りません。スクリプトは使っていません。",
            "No. There are only cookies for being signed in, for the language, for knowing your browser again when you next sign in, and for going on with what you were entering, and nothing is sent to any other company. There are no scripts.";

        never_asked: "あかしに依頼せずに見た人", "Someone who never asks";
        never_asked_answer: "機関の中の人が、あかしに依頼せずに手元の記録を見た場合、ここには残りません。情報を持つ機関が、利用証を示さない相手に情報を渡さないことで防いでいますが、あかしだけでは証明できません。",
            "If somebody inside an institution looks at its own files without asking Akashi, nothing is recorded here. Institutions hand data over only against a permit, which prevents much of it; Akashi alone cannot prove it.";
        collusion: "二つの機関が示し合わせた場合", "Two institutions together";
        collusion_answer: "機関ごとに、あなたの番号は別々です。しかし、一度記録されたやりとりについて二つの機関が示し合わせると、同じ人だと分かってしまいます。",
            "Each institution knows you under a different code. But if two of them put together what they know of one recorded exchange, they can tell that it was the same person.";
        operator_holder: "運営者と情報を持つ機関が示し合わせた場合", "The operator and a holder together";
        operator_holder_answer: "あかしを運営する人と、情報を持つ機関とが示し合わせると、ある利用をあなたの一覧から隠せます。どちらか一方だけでは隠せません。一方だけなら、誰かが気づきます。",
            "If those who run Akashi and an institution that holds your data act together, they can keep a use out of your list. Neither can do it alone: then somebody would notice.";
        sms: "SMSによる返事", "Answers by SMS";
        sms_answer: "SMSで受けた返事は、運営者に対する証明にはなりません。そのため、大切な種類の情報には、もっと確かな方法を求めています。記録には、どの方法で本人を確かめたかが必ず書かれます。",
            "An answer by SMS proves nothing against the operator. For important data something surer is required, and every record says how your identity was shown.";
        afterwards: "渡した後のこと", "What happens afterwards";
        afterwards_answer: "情報を受け取った機関が、その後どう使ったかは、ここからは見えません。いつまでに消すかという約束は記録されます。",
            "What an institution does with data after it has received it cannot be seen from here. When it must be erased is recorded.";
    }

    /// `/accessibility`.
    Accessibility {
        title: "アクセシビリティについて", "Accessibility";
        lead: "どなたにも使っていただけるように作り、確かめていることと、まだできていないことです。", "What is done so that everybody can use Akashi, how it is checked, and what is not good enough yet.";
        aim: "目標", "What we aim at";
        aim_what: "日本産業規格JIS X 8341-3:2016のレベルAA（ウェブコンテンツ・アクセシビリティ・ガイドラインWCAG 2.2のAAを含む）に沿うことを目標にしています。第三者による試験はまだ受けていないため、「準拠」とは言いません。", "We aim at level AA of JIS X 8341-3:2016 and of WCAG 2.2. Nobody else has tested it yet, so we do not claim that it conforms.";
        works: "できること", "What works";
        works_keyboard: "すべての操作が、キーボードだけでできます。今どこにいるかは、太い枠で分かります。", "Everything can be done with the keyboard alone. A thick frame shows where you are.";
        works_text: "文字を2倍に大きくしても、画面の幅が320ピクセルでも、横に動かさずに読めます。", "With text twice as large, or on a screen 320 pixels wide, you can read without scrolling sideways.";
        works_script: "スクリプト（画面の中で動くプログラム）が止まっていても使えます。", "It works without scripts.";
        works_colour: "色だけで伝えることはありません。必ず言葉と印を添えています。", "Nothing is said by colour alone: there is always a word and a sign.";
        works_time: "ご本人のページは時間が過ぎると閉じますが、閉じる前にお知らせし、延長できます。送った入力の内容は残ります。", "Your own pages close after a time. You are told before, and can lengthen it; what you enter is kept.";
        works_errors: "入力に直すところがあると、ページの名前の初めに「エラー」と出し、直すところを一番上にまとめます。", "If something in a form must be corrected, the title begins with “Error”, and what to correct stands at the top.";
        checked: "確かめ方", "How it is checked";
        checked_what: "変更のたびに、すべての画面を、マウス、キーボードだけの小さな画面、スクリプトなしの三通りで操作し、検査の道具（axe）で調べています。", "With every change the pages are used in three ways - with a mouse, on a small screen with the keyboard alone, and without scripts - and examined with a tool (axe).";
        gaps: "まだできていないこと", "What is not good enough yet";
        gaps_reader: "画面を読み上げるソフトでは、人が試していません。", "Nobody has tried it with a screen reader.";
        gaps_code: "回復コードは20文字あります。貼り付けや、パスワードを覚える道具を使えますが、紙から写すのは大変です。", "The recovery code has 20 characters. You can paste it or let a password manager keep it, but copying it from paper is hard.";
        gaps_words: "ふりがな、やさしい日本語、日本語と英語のほかの言葉は、まだありません。", "There is no furigana, no plain Japanese, and no language but Japanese and English.";
        gaps_api: "プログラムのための説明（API）のページは、英語だけです。", "The pages for programs (the API) are in English only.";
        tell: "使いにくいところがあったら", "If something is hard to use";
        tell_what: "監督機関にお知らせください。電話番号は「参加している機関と問い合わせ先」のページにあります。窓口の機関の人に手伝ってもらうこともできますが、回復コードと記録の鍵は見せないでください。", "Please tell a supervisor; the page “Who takes part, and how to reach them” has the numbers. People at an institution's counter may help you too, but never show them your recovery code or your history key.";
    }
}
