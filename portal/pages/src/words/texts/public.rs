//! The front door, and how to check.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/`.
    Welcome {
        title: "あなたの情報を、誰が、なぜ使ったか", "Who used your data, and why";
        heading: "あなたの情報を、誰が、なぜ使ったか。", "Who used your data, and why.";
        lead: "病院や薬局、市役所などがあなたの情報を使うときは、あかしに依頼し、あかしがその記録を残します。あなたはいつでも、その記録を見ることができます。同意は、いつでも取り消せます。",
            "When a hospital, a pharmacy or the city office wants to use your data it must ask Akashi, and Akashi keeps a record. You can see that record at any time, and withdraw any consent at any time.";
        sign_in: "ログイン", "Sign in";
        enrol: "新規登録", "Enrol";
        to_mine: "あなたの記録へ", "To your record";
        see: "見る", "See";
        see_what: "いつ、誰が、何のために見ようとしたか。認められなかった依頼も、すべて並びます。", "You see when, who, and what for. Requests that were not allowed are there too.";
        decide: "決める", "Decide";
        decide_what: "誰に何を、いつまで許すか。同意の範囲は、すぐに減らすことも、取り消すこともできます。法律や緊急による利用は止められませんが、記録に残ります。", "You decide who may use what, and until when. You can narrow or withdraw a consent at once. Uses by law or in an emergency cannot be stopped, but they are recorded.";
        check: "確かめる", "Check";
        check_what: "記録が書き換えられていないことは、誰でも確かめられます。あなたの記録が欠けていないことは、あなたが確かめられます。", "Anyone can check that nothing was changed. You can check that nothing of yours is missing.";
        to_help: "使い方とよくある質問", "Help and questions";
        to_audit: "自分で確かめる", "Check it yourself";
        what_not: "あかしは、病気や検査の内容そのものを持ちません。持っているのは「誰が・いつ・何のために・どの種類の情報を」という記録だけです。お名前や住所も持ちません。",
            "Akashi does not hold your medical data. It holds only the record: who, when, what for and what kind of data. It does not know your name, nor where you live.";
    }

    /// `/audit`.
    Audit {
        title: "自分で確かめる", "Check it yourself";
        lead: "あかしを運営する人を信じなくても、記録が書き換えられていないことを確かめられます。", "You need not trust those who run Akashi to see that nothing was changed.";
        now: "今の公開ログ", "The public log now";
        size: "記録の数", "Records";
        root: "全体の指紋（ルート）", "Fingerprint of all (root)";
        key: "公開ログの公開鍵（vkey）", "The log's public key (vkey)";
        checkpoint: "署名された状態（チェックポイント）", "Signed state (checkpoint)";
        open_checkpoint: "チェックポイントを開く", "Open the checkpoint";
        open_vkey: "公開鍵を開く", "Open the public key";
        how: "確かめ方", "How to check";
        step_1: "1. 公開鍵を書きとめます。登録のときに印刷した紙にもあります。次に来たときも、同じ鍵であることを見てください。", "1. Write the public key down; it is also on the paper you printed when you enrolled. When you come again, see that it is the same.";
        step_2: "2. 道具（akashi-audit）を手に入れます。誰でも中身を読める小さなプログラムで、あかしのソースコードから、次のように作ります。", "2. Get the tool (akashi-audit). It is a small program anyone can read, and is built from the source code of Akashi:";
        step_3: "3. 公開ログ全体を調べます。すべての記録の指紋を計算し直し、署名と比べます。", "3. Check the whole public log. It computes the fingerprint of every record again and compares it with the signature.";
        step_4: "4. 記録の控えと一緒に保存した証明（.tlog-proof）を調べます。インターネットにつながなくてもできます。", "4. Check a proof (.tlog-proof) you kept with a receipt. This works without the internet.";
        complete: "自分の記録がそろっていることの確かめ方", "Is my own history complete?";
        complete_what: "あなたの記録が一つも隠されていないことは、あなたの「記録の鍵」でだけ確かめられます。「利用の記録」のページでファイルを保存し、鍵の紙の「ahk:」で始まる文字をkey.txtに書き写して、次のように調べます。", "Only your own history key can show that none of your records is hidden. Save the file on the page “History”, copy the text beginning with “ahk:” from the sheet with the key into key.txt, and run this:";
        complete_result: "「GOOD」なら、公開ログにあるあなたの記録はすべてファイルにあり、あなたの情報を開ける利用証は、ほかのどこにもありません。報告の「link」の行に、あなたが窓口で手続きをした機関がすべてあることも見てください。", "“GOOD” means: every record of yours in the public log is in the file, and there is no permit anywhere else that opens your data. See also that every institution at whose counter you have shown your ID is in a line “link” of the report.";
        step_5: "結果が「dishonest」や「broken」なら、その画面を残して、監督機関に知らせてください。", "If the result says “dishonest” or “broken”, keep that screen and tell a supervisor.";
        nothing_in_it: "公開ログには、誰の・何の記録かは書かれていません。書かれているのは、中身を変えられなくする指紋だけです。", "The public log does not say whose records they are or what they say. It holds only fingerprints that keep them from being changed.";
        who: "参加している機関", "Institutions taking part";
        who_what: "監督機関が認めた機関だけが、依頼できます。", "Only institutions admitted by the supervisors can ask for anything.";
        supervisors: "監督機関", "The supervisors";
        supervisors_what(threshold: impl Display, all: impl Display): "公開ログの最初の記録に名前と鍵がある{all}機関です。機関を認めること、止めること、ルールを変えることには、このうち{threshold}機関以上の署名が要ります。", "They are named with their keys in the first record of the public log ({all} in all). To admit or stop an institution or to change the rules, {threshold} of them must sign.";
        supervisors_limit: "緊急のときの理由の説明は、まだここでは受け付けていません。説明の期限と、あなたからの不審な依頼の報告は記録に残りますが、監督機関がそれを見るのは、今のところあかしを運営する人を通じてだけです。", "Explanations of emergencies are not collected here yet. The record shows when they are due, and your reports of suspicious requests; but today the supervisors see them only through those who run Akashi.";
        identifier: "番号（ID）", "ID";
        institution: "機関", "Institution";
        sector: "分野", "Sector";
        standing: "状態", "State";
        certified: "認定", "Certified";
        suspended: "停止", "Suspended";
        rules: "利用のルール", "Rules in force";
        rules_digest: "利用のルールの指紋", "Fingerprint of the rules";
        limits_link: "この記録で証明できないこと", "What this record cannot prove";
    }
}
