//! The person's own standing in words: enrolment, contacts, links.

use akashi_desk::words::names::Names;
use akashi_proof::record::kind::{
    BlockedBy, ContactVerified, Language, LinkEnd, LinkIssued, LinkRevoked, LinkWithdrawn,
    MeansBlocked, MeansUnblocked, PapersReplaced, SubjectEnrolled,
};

use crate::words::text::{Rich, pick, say};
use crate::words::told::{Said, you};

pub(super) fn enrolled(e: &SubjectEnrolled, names: &Names) -> Said {
    let l = names.language;
    let sentence = say!(
        l,
        "あかしに登録しました。ここから、あなたについての記録が始まります。",
        "You enrolled with Akashi. The record about you begins here."
    );
    let mut told = Said::new(l, pick(l, "登録", "Enrolled"), you(l), sentence);
    told.ground = Some((
        pick(l, "本人確認", "Identity shown by"),
        Rich::new(l, names.assurance(e.assurance)),
    ));
    told
}

pub(super) fn papers_replaced(e: &PapersReplaced, names: &Names) -> Said {
    let l = names.language;
    let sentence = say!(
        l,
        "あなたの番号（qid）と回復コードを新しくしました。前の紙にあるものは、もう使えません。",
        "You replaced your visible ID and your recovery code. Those on the old papers can no longer be used."
    );
    let word = pick(l, "新しい紙", "New papers");
    let mut told = Said::new(l, word, you(l), sentence);
    told.ground = Some((
        pick(l, "本人確認", "Identity shown by"),
        Rich::new(l, names.assurance(e.assurance)),
    ));
    told
}

pub(super) fn contact_verified(e: &ContactVerified, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "{channel}のお知らせ先が、あなたのものであることを確かめました。",
        "You showed that a contact by {channel} is yours."
    );
    Said::new(l, pick(l, "お知らせ先", "Contact"), you(l), sentence)
}

pub(super) fn means_blocked(e: &MeansBlocked, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "{channel}のお知らせ先を使えないようにしました。元に戻すか、お知らせ先でなくなるまで、そこからは何も見られず、同意や許可による利用も止まります。そこへは、お知らせ先や登録についての変更だけをお知らせします。",
        "A contact by {channel} was blocked. Until it is unblocked, or yours no longer, it shows nothing of you, nothing is allowed by your consent or permission, and it is told of changes to your contacts and enrolment only."
    );
    let mut told = Said::new(
        l,
        pick(l, "使えないようにした", "Blocked"),
        you(l),
        sentence,
    );
    told.ground = Some((
        pick(l, "操作した人", "Who did it"),
        Rich::new(l, blocked_by(e.blocked_by, l).to_owned()),
    ));
    told
}

/// Who blocked a means.
pub(crate) const fn blocked_by(by: BlockedBy, l: Language) -> &'static str {
    match by {
        BlockedBy::Phone => pick(l, "電話を持っていた人", "whoever held the phone"),
        BlockedBy::Paper => pick(
            l,
            "電話番号と回復コードを知っていた人",
            "whoever knew the number and the recovery code",
        ),
        BlockedBy::Person => pick(l, "あなた", "you"),
    }
}

pub(super) fn means_unblocked(e: &MeansUnblocked, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "{channel}のお知らせ先をまた使えるようにしました。同意や許可による利用も、また始まります。",
        "You unblocked a contact by {channel}; what you have consented to is allowed again."
    );
    let word = pick(l, "元に戻した", "Unblocked");
    Said::new(l, word, you(l), sentence)
}

pub(super) fn link_issued(e: &LinkIssued, names: &Names) -> Said {
    let l = names.language;
    let institution = names.institution(&e.institution);
    let sentence = say!(
        l,
        "窓口での手続きにより、この機関が、あなたについてあかしを使えるようになりました。あなたの番号（qid）と、窓口であなたが伝えた番号を確かめました。",
        "{institution} can now send requests about you: it showed your visible ID (qid) and the number you read out at its counter, and received a code for you that no other institution can use."
    );
    Said::new(
        l,
        pick(l, "窓口の手続き", "At the counter"),
        institution.clone(),
        sentence,
    )
}

pub(super) fn link_withdrawn(e: &LinkWithdrawn, names: &Names) -> Said {
    let l = names.language;
    let institution = names.institution(&e.institution);
    let sentence = say!(
        l,
        "{institution}が、あなたについてあかしを使えないようにしました。あなたを表す番号は無効になりました。",
        "You ended the code by which {institution} knew you: it can no longer send requests about you."
    );
    Said::new(l, use_ended(l), you(l), sentence)
}

pub(super) fn link_revoked(e: &LinkRevoked, names: &Names) -> Said {
    let l = names.language;
    let institution = names.institution(&e.institution);
    let sentence = say!(
        l,
        "この機関があなたを表す番号は無効になり、あなたについてあかしを使えなくなりました。",
        "{institution} can no longer send requests about you: its code for you has ended."
    );
    let mut told = Said::new(l, use_ended(l), institution.clone(), sentence);
    told.ground = Some((
        pick(l, "理由", "Reason"),
        Rich::new(l, link_end(e.cause, l).to_owned()),
    ));
    told
}

pub(super) fn link_corrected(e: &LinkRevoked, names: &Names) -> Said {
    let l = names.language;
    let institution = names.institution(&e.institution);
    let sentence = say!(
        l,
        "この機関は、あなたを別の方と取り違えていたと届け出ました。あなたを表す番号は無効になりました。この機関のこれまでの記録には、別の方についてのものが混ざっているかもしれません。",
        "{institution} reported that it took you for somebody else. Its code for you has ended; earlier records of it may be about that person."
    );
    Said::new(
        l,
        pick(l, "取り違えの届け出", "Taken for somebody else"),
        institution.clone(),
        sentence,
    )
}

const fn use_ended(l: Language) -> &'static str {
    pick(l, "利用の終わり", "Use ended")
}

/// Why an institution ended its code.
pub(crate) const fn link_end(cause: LinkEnd, l: Language) -> &'static str {
    match cause {
        LinkEnd::NotNeeded => pick(
            l,
            "手続きが終わり、必要がなくなりました",
            "it has nothing to do with you any more",
        ),
        LinkEnd::Disclosed => pick(l, "番号がほかの人に知られました", "the code came to others"),
        LinkEnd::WrongPerson => pick(
            l,
            "別の方と取り違えていました",
            "you were taken for somebody else",
        ),
    }
}
