//! What happened: overview, history, one record, its receipt.

use std::fmt::Display;

use crate::pages::text::texts;

texts! {
    /// `/me`.
    Overview {
        title: "あなたの記録", "Your record";
        lead: "だれが、いつ、何のためにあなたの情報を使ったかを、ここで確かめられます。", "See here who used data about you, when, and what for.";
        lead_level_1: "この電話への「確認依頼」を見て、返事ができます。", "You can see and answer requests sent to this phone.";
        waiting: "返事を待っていること", "Waiting for your answer";
        nothing_waiting: "返事を待っていることはありません。", "Nothing is waiting for your answer.";
        asks(who: impl Display): "{who}が、あなたの情報を見てよいか尋ねています", "{who} asks whether it may see data about you";
        on_behalf_of(other: impl Display): "だれのためか（相手の説明）：{other}", "On behalf of (as they say): {other}";
        until(until: impl Display): "{until}までに返事がなければ、断ったものとして扱います。", "If you do not answer by {until}, it counts as refused.";
        answer: "内容を見て返事をする", "See it and answer";
        reference: "受付番号", "Reference";
        attention: "気をつけていただきたいこと", "Needs your attention";
        more_alerts(count: impl Display): "ほかに {count} 件あります。", "And {count} more.";
        month: "この 30 日", "The last 30 days";
        permitted: "認められた利用", "Uses allowed";
        refused: "断られた申し出", "Requests refused";
        live: "今の同意", "Consents now";
        unit: "件", "";
        more_than: "以上", "or more";
        ending_soon(count: impl Display): "もうすぐ期限：{count} 件", "Ending soon: {count}";
        none_ending: "期限が近いものはありません", "None ends soon";
        recent: "最近の記録", "Latest records";
        all: "すべての履歴を見る", "See the whole history";
        what_to_do: "できること", "What you can do";
        give: "新しく同意する", "Give a consent";
        counter: "窓口で伝える番号を出す", "Get a number for the counter";
        papers: "登録の紙がまだ表示できます。印刷するか、書き写してください。", "The papers of your enrolment can still be shown. Please print or copy them.";
        papers_link: "紙を表示する", "Show the papers";
        more_title: "履歴と同意を見る", "See history and consents";
        more_what: "履歴や同意は、回復コードを入れると開きます。", "History and consents open with your recovery code.";
        more_link: "回復コードを入れる", "Enter the recovery code";
        several: "この電話を使うみなさんへのお願いを、まとめて表示しています。", "Requests to everybody who uses this phone are shown together.";
        notices: "この電話などへ送ったお知らせ", "Notices sent";
        notices_what: "内容は、回復コードを入れると履歴で見られます。", "What they were about stands in the history, which opens with the recovery code.";
        no_notices: "お知らせはまだありません。", "There are no notices yet.";
    }

    /// `/me/history`.
    History {
        title: "履歴", "History";
        lead: "あなたの情報についての記録を、新しい順に並べています。", "All records about your data, newest first.";
        filter: "しぼり込み", "Choose what to see";
        all: "すべて", "All";
        permitted: "認められた", "Allowed";
        refused: "断られた", "Refused";
        emergencies: "緊急", "Emergencies";
        asked: "確認依頼", "You were asked";
        consents: "同意", "Consents";
        notices: "お知らせ", "Notices";
        more_filter: "機関・目的・期間でしぼる", "By institution, purpose or time";
        institution: "機関", "Institution";
        purpose: "目的", "Purpose";
        any: "すべて", "All";
        from: "いつから", "From";
        to: "いつまで", "To";
        apply: "しぼり込む", "Show these";
        take_off: "を外す", "(remove)";
        shown(rows: impl Display, total: impl Display): "あなたの記録は全部で {total} 件です。このページに {rows} 行を表示しています。", "There are {total} records about you in all. This page shows {rows} lines.";
        nothing: "あてはまる記録はありません。", "No record fits.";
        nothing_yet: "ここまでには、あてはまる記録はありません。古い記録へ進んでください。", "No record fits so far. Please go on to older ones.";
        complete_title(total: impl Display): "あなたの記録 {total} 件は、欠けなくそろっています", "All {total} records about you are here: none is missing";
        complete_what(low: impl Display, high: impl Display): "1 件目から順に数えて確かめました。このページのために読んだ {low}〜{high} 件目は、公開ログと一つずつ照らし合わせました。", "They were counted from your first one on. Numbers {low} to {high}, read for this page, were each compared with the public log.";
        complete_page_title(low: impl Display, high: impl Display): "{low}〜{high} 件目は、欠けなくそろっています", "Your records {low} to {high} are all here: none is missing";
        missing_title: "記録が欠けています", "Records are missing";
        missing_what(numbers: impl Display): "あなたの {numbers} 件目が、見つからないか、こわれています。これは起きてはならないことです。このページを印刷して、監督機関に知らせてください。", "Your records number {numbers} cannot be found or are damaged. This must never happen. Please print this page and tell a supervisor.";
        missing_elsewhere: "このページの記録はそろっていますが、ほかのページの記録が欠けています。これは起きてはならないことです。監督機関に知らせてください。", "The records on this page are all here, but some on other pages are missing. This must never happen. Please tell a supervisor.";
        open(index: impl Display): "記録 {index} 番を開く", "Open record {index}";
        group_all(count: impl Display): "{count} 件をすべて見る", "See all {count}";
        group_rest: "一つずつ並べたページを開く", "Open a page with each of them";
        group_first(count: impl Display): "はじめの {count} 件", "The first {count}";
        pages: "ページ", "Pages";
        older: "古い記録へ", "Older records";
        newest: "いちばん新しい記録へ", "Newest records";
        file_title: "履歴を保存して、自分で確かめる", "Save your history and check it yourself";
        file_what: "履歴の全部を、一つのファイルに保存できます。このファイルと「履歴の鍵」があれば、運営する人を信じなくても、あなたの記録が一つも隠されていないことを、公開ログと照らし合わせて確かめられます。自分でするのがむずかしいときは、信頼できる人に頼めます。", "You can save your whole history as one file. With this file and your history key, you - or somebody you trust - can compare it with the public log and see that none of your records is hidden, without trusting those who run the ledger.";
        file_keep: "ファイルには記録の内容が入っています。信頼できる人のほかには渡さないでください。履歴の鍵は入っていません。", "The file holds what your records say, so give it only to people you trust. Your history key is not in it.";
        file_save: "履歴をファイルに保存する", "Save my history as a file";
        file_key: "履歴の鍵を表示する", "Show the history key";
        how_to_check: "このサイトを使わずに確かめる方法", "How to check without this site";
    }

    /// `/me/history/{index}` and its receipt.
    Record {
        title(index: impl Display): "記録 {index} 番", "Record {index}";
        back: "履歴にもどる", "Back to the history";
        contents: "記録の内容", "What it says";
        seq(seq: impl Display): "あなたの {seq} 件目の記録です。", "It is number {seq} among your records.";
        all_fields: "記録されているすべての項目", "Every field of the record";
        all_fields_what: "「指紋」は、中身を見せずに、変えられていないことを示すための値です。", "A “fingerprint” is a value that shows that something was not changed, without showing it.";
        words_agreed: "同意したときに表示した文", "The words you agreed to";
        words_digest: "この文の指紋", "Fingerprint of these words";
        proof: "この記録の証明", "Proof of this record";
        proof_what(index: impl Display, size: impl Display): "この記録は、公開ログの {index} 番にあります。台帳は、{size} 件までの全体に署名しています。後から書きかえたり消したりすると、だれの目にもわかります。", "This record is number {index} in the public log. The ledger has signed all of its first {size} entries. If it were changed or removed later, anyone could see it.";
        place: "ログの位置", "Place in the log";
        size: "署名された大きさ", "Size that was signed";
        commitment: "記録の指紋", "Fingerprint of the record";
        path(count: impl Display): "経路の指紋 {count} 個と、署名された状態を見る", "See the {count} fingerprints of the path and the signed state";
        download: "証明を保存する（.tlog-proof）", "Save the proof (.tlog-proof)";
        receipt_link: "受領書を開く（印刷できます）", "Open the receipt (to print)";
        how: "確かめ方", "How to check";
        answer: "返事をする", "Answer it";
        odd: "身におぼえがないときは", "If you do not know this";
        odd_what: "受領書を印刷し、その機関か監督機関におたずねください。受領書と証明があれば、記録があったことをだれにでも示せます。", "Print the receipt and ask the institution or a supervisor. With it and the proof you can show anyone that the record was there.";

        receipt_title(index: impl Display): "受領書 記録 {index} 番", "Receipt, record {index}";
        receipt: "受領書", "Receipt";
        done: "記録しました", "It is recorded";
        done_what: "次の申し出からすぐに効きます。この受領書を印刷するか、保存してください。", "It has effect from the next request on. Print this receipt or save it.";
        when: "記録した時刻", "Recorded at";
        what: "内容", "What";
        who: "だれが", "Who";
        ledger: "台帳の名前", "Name of the ledger";
        key: "台帳の公開鍵", "The ledger's public key";
        needs_link(who: impl Display): "{who}は、まだあなたを知りません。はじめて窓口に行くときに、qid の QR コードと「窓口で伝える番号」が必要です。", "{who} does not know you yet. When you go there for the first time you need the QR code of your ID and a number for the counter.";
        needs_link_action: "窓口で伝える番号", "Number for the counter";
        to_record: "記録を開く", "Open the record";
        print: "印刷するには、ブラウザーのメニューから「印刷」を選びます。", "To print, choose “Print” in the menu of your browser.";
    }
}
