//! The institutions that have a code for her, and how one ends.

use std::fmt::Display;

use crate::words::text::texts;

texts! {
    /// `/me/links`.
    Links {
        title: "あなたについてあかしを使える機関", "Institutions that can send requests about you";
        lead: "窓口での手続きにより、あなたを表す番号を受け取った機関です。番号は機関ごとに違い、番号だけでは情報を見ることはできません。", "Each received its own code for you when you were at its counter. No two have the same code, and the code alone opens no data.";
        back: "窓口・本人確認へ戻る", "Back to Counter and ID";
        standing: "今、使える機関", "Those that can now";
        none: "あなたについてあかしを使える機関は、今はありません。", "No institution can send requests about you now.";
        since(when: impl Display): "{when}から", "Since {when}";
        since_unknown: "いつからかは、読み出せません。", "Since when cannot be read.";
        record(index: impl Display): "記録{index}番を見る", "Look at record {index}";
        end(name: impl Display): "{name}の利用を終える", "End it for {name}";
        ended: "終わった機関", "Those that no longer can";
        how_ended(index: impl Display): "どのように終わったか（記録{index}番）", "How it ended (record {index})";
        mistaken: "手続きをした覚えのない機関があるときは、その機関の利用を終えてください。機関が番号を別の方と取り違えていたときは、機関からの届け出でも番号は無効になります。", "If you have never been at the counter of one of them, end it here. An institution that took you for somebody else can end its code as well.";

        end_title: "機関の利用を終える", "End an institution's code";
        end_question(name: impl Display): "{name}が、あなたについてあかしを使えないようにしますか？", "Should {name} no longer be able to send requests about you?";
        end_requests: "この機関があなたを表す番号は、すぐに無効になります。この機関からの次の依頼は認められません。", "Its code for you ends at once: its next request is not allowed.";
        end_data: "この機関が持つあなたの情報も、あかしを通しては、ほかの機関へ渡らなくなります。すでに認められていて、まだ渡していないものも渡りません。", "Your data kept there no longer reach others by way of Akashi; what was allowed but not yet handed over is not handed over either.";
        end_law: "緊急のときや、法律にもとづく依頼も認められません。命に関わる情報を持つ機関では、よくお考えください。", "That goes for emergencies and for requests by law, too. Think twice where the institution has data your life may depend on.";
        end_consents: "同意は、そのまま残ります。取り消すには「同意」のページをお使いください。", "Your consents stay as they are. To withdraw one, use the page “Consents”.";
        end_past: "すでに渡された情報は戻りません。", "What was handed over does not come back.";
        end_again: "また使えるようにするには、もう一度その機関の窓口で手続きをします。", "To allow it again, go to its counter once more.";
        end_confirm: "利用を終える", "End it";
        keep: "終えずに戻る", "Go back without ending it";
    }
}
