//! A record whose body is not open in words: what became of it, and what can still be checked.

use akashi_desk::words::names::Names;
use akashi_proof::record::Closed;

use crate::words::text::{pick, say};
use crate::words::told::{Said, ledger};

/// Puts what is left of a record into words.
pub(super) fn closed(closed: Closed, names: &Names) -> Said {
    let l = names.language;
    let (word, sentence) = match closed {
        Closed::Lost => (
            pick(l, "失われた内容", "Lost"),
            say!(
                l,
                "この記録の内容は失われ、誰にも読めません。記録があったことと、その順番は、公開ログに残っています。",
                "What this record said is lost: nobody can read it. That it was made, and its place among your records, still stands in the public log."
            ),
        ),
        Closed::Withheld { reveal_by: None } => (
            pick(l, "見せられない内容", "Withheld"),
            say!(
                l,
                "この記録の内容は、法律による命令のため、今は見せられません。いつ見せられるかは、まだ決まっていません。",
                "By a lawful order, what this record says cannot be shown now. When it will be shown is not decided yet."
            ),
        ),
        Closed::Withheld {
            reveal_by: Some(time),
        } => {
            let until = names.when.say(time);
            (
                pick(l, "見せられない内容", "Withheld"),
                say!(
                    l,
                    "この記録の内容は、法律による命令のため、今は見せられません。遅くとも{until}には見られるようになります。",
                    "By a lawful order, what this record says cannot be shown now. It will be shown on {until} at the latest."
                ),
            )
        }
        Closed::Erased => (
            pick(l, "消去した内容", "Erased"),
            say!(
                l,
                "この記録の内容は消去されました。今も有効なことは、消去の前に、新しい記録に書き写されています。記録があったことと、その順番は、公開ログに残っています。",
                "What this record said was erased. What still counted had been recorded anew before. That it was made, and its place among your records, still stands in the public log."
            ),
        ),
    };
    Said::new(l, word, ledger(l), sentence)
}
