//! The front door, and how to check.

use std::fmt::Display;

use crate::pages::text::texts;

texts! {
    /// `/`.
    Welcome {
        title: "あなたの情報を、だれが、なぜ使ったか", "Who used your data, and why";
        heading: "あなたの情報を、だれが、なぜ使ったか。", "Who used your data, and why.";
        lead: "病院や薬局、市役所などがあなたの情報を使おうとするたびに、Akashi（証）は消せない記録を残します。あなたはいつでも、それを見て、止めることができます。",
            "Whenever a hospital, a pharmacy or the city office wants to use data about you, Akashi keeps a record that cannot be erased. You can see it, and stop it, at any time.";
        sign_in: "サインイン", "Sign in";
        enrol: "はじめて登録する", "Enrol";
        to_mine: "あなたの記録へ", "To your record";
        see: "見る", "See";
        see_what: "いつ、だれが、何のために見たか。断られた申し出も、すべて並びます。", "When, who, and what for. Requests that were refused are there too.";
        decide: "決める", "Decide";
        decide_what: "だれに何を、いつまで許すか。せばめることも、やめることも、すぐにできます。", "Who may use what, and until when. You can narrow it or end it at once.";
        check: "確かめる", "Check";
        check_what: "記録が書きかえられていないこと、欠けていないことを、だれでも確かめられます。", "Anyone can check that nothing was changed and nothing is missing.";
        to_help: "使い方とよくある質問", "Help and questions";
        to_audit: "確かめ方", "How to check";
        what_not: "Akashi は、病気や検査の内容そのものを持ちません。持っているのは「だれが・いつ・何のために・どの種類の情報を」という記録だけです。お名前や住所も持ちません。",
            "Akashi does not hold your medical data. It holds only the record: who, when, what for and what kind of data. It does not know your name or address either.";
    }

    /// `/audit`.
    Audit {
        title: "自分で確かめる", "Check it yourself";
        lead: "この台帳を運営する人を信じなくても、記録が書きかえられていないことを確かめられます。", "You need not trust those who run this ledger to see that nothing was changed.";
        now: "今の公開ログ", "The public log now";
        size: "記録の数", "Records";
        root: "全体の指紋（ルート）", "Fingerprint of all (root)";
        key: "台帳の公開鍵（vkey）", "The ledger's public key (vkey)";
        checkpoint: "署名された状態（チェックポイント）", "Signed state (checkpoint)";
        open_checkpoint: "チェックポイントを開く", "Open the checkpoint";
        open_vkey: "公開鍵を開く", "Open the public key";
        how: "確かめ方", "How to check";
        step_1: "1. 公開鍵を書きとめます。登録のときに印刷した紙にもあります。次に来たときも、同じ鍵であることを見てください。", "1. Write the public key down; it is also on the paper you printed when you enrolled. When you come again, see that it is the same.";
        step_2: "2. 道具（akashi-audit）を手に入れます。だれでも中身を読める小さなプログラムで、この台帳のソースコードから、次のように作ります。", "2. Get the tool (akashi-audit). It is a small program anyone can read, and is built from the source code of this ledger:";
        step_3: "3. 公開ログ全体を調べます。すべての記録の指紋を計算しなおし、署名と比べます。", "3. Check the whole public log. It computes the fingerprint of every record anew and compares it with the signature.";
        step_4: "4. 受領書といっしょに保存した証明（.tlog-proof）を調べます。インターネットにつながなくてもできます。", "4. Check a proof (.tlog-proof) you kept with a receipt. This works without the internet.";
        complete: "自分の履歴がそろっていることの確かめ方", "Is my own history complete?";
        complete_what: "あなたの記録が一つも隠されていないことは、あなたの「履歴の鍵」でだけ確かめられます。「履歴」のページでファイルを保存し、鍵の紙の「ahk:」で始まる文字を key.txt に書き写して、次のように調べます。", "That none of your records is hidden can be seen only with your own history key. Save the file on the page “History”, copy the text beginning with “ahk:” from the sheet with the key into key.txt, and run this:";
        complete_result: "「GOOD」なら、公開ログにあるあなたの記録はすべてファイルにあり、あなたの情報を開ける許可は、ほかのどこにもありません。報告の「link」の行に、あなたが窓口で手続きをした機関がすべてあることも見てください。", "“GOOD” means: every record of yours in the public log is in the file, and no permit that opens your data stands anywhere else. See also that every institution at whose counter you have shown your ID is in a line “link” of the report.";
        step_5: "結果が「dishonest」や「broken」なら、その画面を残して、監督機関に知らせてください。", "If the result says “dishonest” or “broken”, keep that screen and tell a supervisor.";
        nothing_in_it: "公開ログには、だれの・何の記録かは書かれていません。書かれているのは、中身を変えられなくする指紋だけです。", "The public log does not say whose records they are or what they say. It holds only fingerprints that keep them from being changed.";
        who: "参加している機関", "Institutions taking part";
        who_what: "監督機関が認めた機関だけが、申し出ることができます。", "Only institutions admitted by the supervisors can ask for anything.";
        supervisors: "監督機関", "The supervisors";
        supervisors_what(threshold: impl Display, all: impl Display): "台帳の最初の記録に名前と鍵がある {all} の機関です。機関を認めること、止めること、ルールを変えることには、このうち {threshold} 以上の署名が要ります。", "The {all} named with their keys in the first record of the ledger. To admit or stop an institution or to change the rules, {threshold} of them must sign.";
        supervisors_limit: "緊急のときの理由の説明は、まだここでは受けつけていません。説明の期限と、あなたからの「おかしい申し出」の報告は記録に残りますが、監督機関がそれを見るのは、今のところ台帳を運営する人を通じてだけです。", "Explanations of emergencies are not collected here yet. Until when they are due, and your reports of suspicious requests, stand in the record; but today the supervisors see them only through those who run the ledger.";
        identifier: "番号（ID）", "ID";
        institution: "機関", "Institution";
        sector: "分野", "Sector";
        standing: "状態", "State";
        certified: "認定", "Certified";
        suspended: "停止", "Suspended";
        rules: "利用のルール", "Rules in force";
        rules_digest: "その指紋", "Their fingerprint";
        limits_link: "この記録で証明できないこと", "What this record cannot prove";
    }
}
