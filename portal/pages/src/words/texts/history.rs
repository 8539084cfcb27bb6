//! What happened: overview, history, one record, its receipt.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/me`.
    Overview {
        title: "あなたの記録", "Your record";
        lead: "誰が、いつ、何のためにあなたの情報を使ったかを、ここで確かめられます。", "Here you can see who used your data, when, and what for.";
        lead_level_1: "この電話への「許可のお願い」を見て、返事ができます。", "You can see and answer the permission requests sent to this phone.";
        replacing: "お知らせ先の変更を止める", "Stop the replacing of a contact";
        block_title: "電話をなくしたら", "If you lose this phone";
        block_what: "すぐに使えないようにできます。この電話で見られるものも、あなたの同意による利用も止まります。", "You can block it at once: it shows nothing more, and nothing is allowed by your consents.";
        block_open: "電話を使えないようにする", "Block the phone";
        waiting: "返事を待っていること", "Waiting for your answer";
        nothing_waiting: "返事を待っていることはありません。", "Nothing is waiting for your answer.";
        asks(who: impl Display): "{who}から、あなたの情報を見る許可のお願い", "{who} asks for your permission to see your data";
        on_behalf_of(other: impl Display): "誰のためか（相手の説明）：{other}",
            "On behalf of (as they say): {other}";
        until(until: impl Display): "{until}までにお返事がなければ、許可されなかったものとして扱います。", "If you do not answer by {until}, it counts as refused.";
        answer: "内容を見て返事をする", "See it and answer";
        reference: "受付番号", "Reference";
        attention: "気をつけていただきたいこと", "What needs your attention";
        more_alerts(many alerts): "ほかに{alerts}件あります。", "There is one more.",
            "There are {alerts} more.";
        same_kind(many records): "最近30日間に、この機関について同じ種類の記録が{records}件あります。", "In the last 30 days there is one record of this kind about this institution.",
            "In the last 30 days there are {records} records of this kind about this institution.";
        same_kind_all: "すべて見る", "See them all";
        month: "最近30日間", "The last 30 days";
        permitted: "利用可", "Allowed";
        refused: "認められず", "Not allowed";
        live: "今の同意", "Consents in force";
        unit: "件", "";
        more_than: "以上", " or more";
        ending_soon(many consents): "もうすぐ期限：{consents}件", "One ends soon", "{consents} end soon";
        none_ending: "期限が近いものはありません", "No consent ends soon";
        month_closed(many records): "ほかに、内容を読めない記録が{records}件あります。", "What one more record said cannot be read.", "What {records} more records said cannot be read.";
        incomplete_title: "あなたの記録の一部が失われました", "Some of your records are lost";
        incomplete_what: "何が有効か確かめられないため、緊急のほかは、あなたの情報を見ることは認められません。新しい同意もできません。取り消しと、断ることは、今までどおりできます。", "It cannot be checked what is in force. So nobody may see your data except in an emergency, and you cannot give a new consent. You can withdraw and refuse as before.";
        recent: "最近の記録", "Latest records";
        all: "利用の記録をすべて見る", "See the whole history";
        what_to_do: "できること", "What you can do";
        give: "新しく同意する", "Give a consent";
        counter: "窓口で伝える番号を出す", "Get a number for the counter";
        papers: "登録の紙がまだ表示できます。印刷するか、書き写してください。", "The papers of your enrolment can still be shown. Please print or copy them.";
        papers_link: "紙を表示する", "Show the papers";
        more_title: "利用の記録と同意を見る", "See your history and consents";
        more_what: "利用の記録や同意は、回復コードを入れると開きます。", "Your history and consents open with your recovery code.";
        more_link: "回復コードを入れる", "Enter the recovery code";
        several: "この電話を使う皆さんへのお願いを、まとめて表示しています。", "The permission requests to everybody who uses this phone are shown together.";
        notices: "この電話などへ送ったお知らせ", "Notices sent";
        notices_what: "内容は、回復コードを入れると「利用の記録」のページで見られます。", "The page “History” shows what they were about; it opens with the recovery code.";
        no_notices: "お知らせはまだありません。", "There are no notices yet.";
    }

    /// `/me/history`.
    History {
        title: "利用の記録", "History";
        lead: "あなたの情報についての記録を、新しい順に並べています。", "These are all the records about your data, the newest first.";
        filter: "絞り込み", "Choose what to see";
        all: "すべて", "All";
        permitted: "利用可", "Allowed";
        refused: "認められず", "Not allowed";
        emergencies: "緊急", "Emergencies";
        asked: "許可のお願い", "Permission requests";
        consents: "同意", "Consents";
        own: "自分の手続き", "What I did";
        notices: "お知らせ", "Notices";
        undelivered: "届けられなかったお知らせ", "Notices that could not be delivered";
        more_filter: "機関・目的・期間で絞る", "By institution, purpose or time";
        institution: "機関", "Institution";
        purpose: "目的", "Purpose";
        any: "すべて", "All";
        from: "いつから", "From";
        day_hint: "例：2026年11月5日、2026-11-05", "For example 2026-11-05";
        older_consents: "古い同意は、このページのためには調べていません。その取り消しなどは、どの機関についてのものかを示せず、機関や目的で絞っても出てこないことがあります。", "Older consents were not looked at for this page. Of a record about one of them we cannot say here which institution it was for, and choosing an institution or a purpose may not find it.";
        day_unread: "日付を読めませんでした。2026-11-05のように、年から入れてください。この日付では絞っていません", "We could not read this date. Please write it year first, such as 2026-11-05. The list is not narrowed by it";
        to: "いつまで", "To";
        apply: "絞り込む", "Show these";
        only_permitted: "利用を認めたもの", "Uses that were allowed";
        only_denied: "認めなかった依頼", "Requests that were not allowed";
        take_off: "を外す", "(remove)";
        in_all(many records): "あなたの記録は全部で{records}件です。", "There is one record about you in all.", "There are {records} records about you in all.";
        shown(many rows): "このページに{rows}行を表示しています。", "This page shows one line.",
            "This page shows {rows} lines.";
        nothing: "当てはまる記録はありません。", "There is no such record.";
        nothing_yet: "ここまでには、当てはまる記録はありません。古い記録へ進んでください。", "There is no such record so far. Please go on to older ones.";
        complete_title(many records): "あなたの記録{records}件は、欠けなくそろっています", "Your one record is here: none is missing", "All {records} records about you are here: none is missing";
        complete_what(low: impl Display, high: impl Display): "最初の1件から順に数えて確かめました。このページは通し番号{low}〜{high}から作り、内容を表示している記録は、公開ログと一つずつ照らし合わせました。", "Your records were counted from the first one on. This page was made of numbers {low} to {high}; each record whose content is shown was compared with the public log.";
        complete_page_title(low: impl Display, high: impl Display): "通し番号{low}〜{high}の記録は、欠けなくそろっています", "Your records {low} to {high} are all here: none is missing";
        closed_among(many records): "このうち{records}件は、内容を読めません。どれかは、下の一覧で分かります。", "What one of them said cannot be read. The list below shows which.", "What {records} of them said cannot be read. The list below shows which.";
        undated: "日付の分からない記録", "Records without a known date";
        closed_row(many records): "内容を読めない記録が{records}件続いています。", "One record that cannot be read.", "{records} records in a row that cannot be read.";
        missing_title: "記録が欠けています", "Records are missing";
        missing_what(numbers: impl Display): "あなたの記録のうち、通し番号{numbers}が、見つからないか、壊れています。これは起きてはならないことです。このページを印刷して、監督機関に知らせてください。", "Of your records, number {numbers} cannot be found or is damaged. This must never happen. Please print this page and tell a supervisor.";
        missing_elsewhere: "このページの記録はそろっていますが、ほかのページの記録が欠けています。これは起きてはならないことです。監督機関に知らせてください。", "The records on this page are all here, but some on other pages are missing. This must never happen. Please tell a supervisor.";
        open(index: impl Display): "記録{index}番を開く", "Open record {index}";
        group_all(many records): "{records}件をすべて見る", "See the one record",
            "See all {records} records";
        group_rest: "一つずつ並べたページを開く", "Open a page that lists each of them";
        group_first(many records): "最初の{records}件", "The first one", "The first {records}";
        pages: "ページ", "Pages";
        older: "古い記録へ", "Older records";
        newest: "最も新しい記録へ", "Newest records";
        file_title: "利用の記録を保存して、自分で確かめる", "Save your history and check it yourself";
        file_what: "利用の記録の全部を、一つのファイルに保存できます。このファイルと「記録の鍵」があれば、運営する人を信じなくても、あなたの記録が一つも隠されていないことを、公開ログと照らし合わせて確かめられます。自分でするのが難しいときは、信頼できる人に頼めます。", "You can save your whole history as one file. With this file and your history key, you - or somebody you trust - can compare it with the public log and see that none of your records is hidden, without trusting those who run Akashi.";
        file_keep: "ファイルには記録の内容が入っています。信頼できる人のほかには渡さないでください。記録の鍵は入っていません。", "The file holds what your records say, so give it only to people you trust. Your history key is not in it.";
        file_save: "利用の記録をファイルに保存する", "Save my history as a file";
        file_key: "記録の鍵を表示する", "Show the history key";
        how_to_check: "あかしの画面を使わずに確かめる方法", "How to check without Akashi's own pages";
    }

    /// `/me/history/{index}` and its receipt.
    Record {
        title(index: impl Display): "記録{index}番", "Record {index}";
        page_title(word: &str, who: impl Display, index: impl Display): "{word}：{who}（記録{index}番）",
            "{word}: {who} (record {index})";
        see_consent: "この同意を見る・取り消す", "See or withdraw this consent";
        back: "利用の記録に戻る", "Back to the history";
        contents: "記録の内容", "What it says";
        seq(seq: impl Display): "通し番号{seq}", "Number {seq} among your records";
        all_fields: "記録されているすべての項目", "Every field of the record";
        all_fields_what: "「指紋」は、中身を見せずに、変えられていないことを示すための値です。", "A “fingerprint” is a value that shows that something was not changed, without showing it.";
        words_agreed: "同意したときに表示した文", "The words you agreed to";
        older_consent: "この記録がいう同意は、このページで調べる範囲より前のものです。どの機関についての同意だったか、ほかの同意で同じ利用がまだ認められているかは、ここには示していません。いま認めている内容は、同意の一覧でご確認ください。", "The consent this record is about was given longer ago than one page looks back. Which institutions it was for, and whether another consent still allows the same, is not shown here. Your consents say what you allow now.";
        see_consents: "同意の一覧を見る", "See your consents";
        words_digest: "この文の指紋", "Fingerprint of these words";
        proof: "この記録の証明", "Proof of this record";
        proof_closed: "内容が読めなくても、この証明は変わりません。", "This proof stands although what the record says cannot be read.";
        proof_what(index: impl Display, size: impl Display): "この記録は、公開ログの{index}番にあります。あかしは、最初から{size}件までの全体に署名しています。後から書き換えたり消したりすると、誰の目にも分かります。", "This record is number {index} in the public log. Akashi has signed the whole log at size {size}. If the record were changed or removed later, anyone could see it.";
        place: "ログの位置", "Place in the log";
        size: "署名された件数", "Entries that were signed";
        commitment: "記録の指紋", "Fingerprint of the record";
        path(many fingerprints): "経路の指紋{fingerprints}個と、署名された状態を見る", "See the one fingerprint of the path and the signed state", "See the {fingerprints} fingerprints of the path and the signed state";
        download: "証明を保存する（.tlog-proof）", "Save the proof (.tlog-proof)";
        receipt_link: "記録の控えを開く（印刷できます）", "Open the receipt (to print)";
        how: "確かめ方", "How to check";
        answer: "返事をする", "Answer it";
        odd: "心当たりがないときは", "If you do not recognise this";
        odd_what: "記録の控えを印刷し、その機関か監督機関にお尋ねください。控えと証明があれば、記録があったことを誰にでも示せます。", "Print the receipt and ask the institution or a supervisor. With it and the proof you can show anyone that the record was there.";

        receipt_title(index: impl Display): "記録の控え（記録{index}番）", "Receipt of record {index}";
        receipt: "記録の控え", "Receipt";
        done: "記録しました", "It is recorded";
        done_what: "この記録の控えを印刷するか、保存してください。", "Please print or save this receipt.";
        when: "記録した時刻", "Recorded at";
        what: "内容", "What";
        who: "誰が", "Who";
        ledger: "公開ログの名前", "Name of the log";
        key: "公開ログの公開鍵", "The log's public key";
        needs_link(who: impl Display): "{who}は、まだあなたについてあかしを使えません。初めて窓口に行くときに、qidのQRコードと「窓口で伝える番号」が必要です。", "{who} cannot send requests about you yet. When you go there for the first time you need the QR code of your ID and a number for the counter.";
        needs_link_action: "窓口で伝える番号", "Number for the counter";
        to_record: "この記録に戻る", "Back to the record";
        print: "印刷するには、ブラウザーのメニューから「印刷」を選びます。", "To print, choose “Print” in the menu of your browser.";
    }
}
