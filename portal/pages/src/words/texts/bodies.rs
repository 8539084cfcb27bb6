//! Who takes part, and how to reach them.

use crate::words::text::texts;

texts! {
    /// `/institutions`, and the page of each institution and supervisor.
    Bodies {
        title: "参加している機関と問い合わせ先", "Who takes part, and how to reach them";
        lead: "監督機関が確かめて認めた名前と電話番号です。心当たりのない依頼があったら、メールやSMSにある番号ではなく、ここにある番号へお電話ください。",
            "The supervisors certified these names and telephone numbers. If a request surprises you, ring the number shown here, not one in a message.";
        institutions: "情報を使う機関、情報を持つ機関", "Institutions that use or hold data";
        institutions_what: "五十音順です。", "They are in the order of their English names.";
        supervisors: "監督機関", "The supervisors";
        supervisors_what: "機関を認め、見張る機関です。機関の説明に納得できないときは、こちらへお電話ください。",
            "They admit institutions and watch over them. Ring them if you are not satisfied with what an institution tells you.";
        nobody: "まだ機関はありません。", "There is no institution yet.";
        back: "参加している機関へ", "To all who take part";
        reading: "読み：", "Read as: ";
        name_ja: "日本語の名前", "Name in Japanese";
        name_en: "英語の名前", "Name in English";
        telephone: "電話", "Telephone";
        email: "メール（鍵についての連絡用）", "E-mail, for word about its keys";
        hours: "受付時間", "Hours";
        address: "所在地", "Address";
        web: "ウェブページ", "Web page";
        sector: "分野", "Sector";
        certified: "認定した日", "Certified on";
        standing: "状態", "State";
        is_certified: "認定", "Certified";
        is_suspended: "停止", "Suspended";
        suspended_what(since: &str): "{since}から、監督機関が利用を止めています。お問い合わせはできます。",
            "The supervisors have suspended it since {since}. You can still ring it.";
        reset_what(at: &str): "監督機関が、この機関のすべての鍵を、{at}に新しい鍵に替えます。鍵が盗まれた、または失われたという連絡があったためです。",
            "On {at} the supervisors put a new key in place of all the keys of this institution: they were told that a key was stolen or lost.";
        reset_objected: "監督機関がこの機関の鍵を替えようとしましたが、機関は異議を唱えています。もう1つの監督機関が署名するまで、鍵は替わりません。",
            "The supervisors want to put a new key in place of all the keys of this institution, and it objects. Nothing changes before one supervisor more has signed.";
        identifier: "番号（ID）", "ID";
        hers: "この機関についての、あなたの記録", "Your records with this institution";
        reach: "問い合わせ先", "How to reach them";
        reach_what: "監督機関が確かめて認めた、今の番号です。", "These are the numbers of today. The supervisors certified them.";
        called_then: "この記録での名前：", "Called in this record: ";
        unknown(id: &str): "{id}という機関は、あかしに登録がありません。電話番号を確かめた人は誰もいません。", "No institution {id} is known to Akashi. Nobody has certified a number for it.";
        not_satisfied: "納得できないときは、監督機関へ", "If you are not satisfied, ring the supervisors";
        ring_back: "依頼が本物か確かめたいときは、メッセージにある番号ではなく、こちらへお電話ください。",
            "To make sure that the request is real, ring one of these numbers, not one in a message.";
        all: "すべての機関の問い合わせ先", "All who take part";
    }
}
