//! The stable codes in the document: written out of the closed lists, so that none is missing and
//! none is left over.

use akashi_proof::decision::{AnswerCode, told_reasons};
use akashi_proof::duty::DutyKind;
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::kind::{Outcome, ReleaseReason, Step};

/// Whether a requester that is refused for it is told so: asked of the code that tells.
fn is_told(reason: Reason) -> bool {
    let told = told_reasons(Outcome::Deny, &Reasons::Word(reason));
    told.iter().any(|code| *code == reason.to_string())
}

/// A text of the document, with the lists where it names them: `<<reasons>>`, `<<duties>>`,
/// `<<release-reasons>>`.
pub(super) fn fill(text: &str) -> String {
    [
        ("<<reasons>>", reasons as fn() -> String),
        ("<<duties>>", duties),
        ("<<release-reasons>>", release_reasons),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (place, list)| {
        if text.contains(place) {
            text.replace(place, &list())
        } else {
            text
        }
    })
}

fn reasons() -> String {
    let of = |step| move |reason: &&Reason| reason.step() == step;
    let told = |step| {
        let reasons = Reason::ALL.iter().filter(of(Some(step)));
        codes(reasons.filter(|reason| is_told(**reason)))
    };
    let told: Vec<String> = Step::ALL
        .iter()
        .map(|step| (step, told(*step)))
        .filter(|(_, codes)| !codes.is_empty())
        .map(|(step, codes)| format!("`{step}` with {codes}"))
        .collect();
    let beside: Vec<String> = AnswerCode::ALL
        .iter()
        .map(|code| format!("`{code}`: {}", beside(*code)))
        .collect();
    format!(
        "Stable codes. Of a refusal that is told why first the step, then the reason: {}. Step 1 is a problem (4xx), \
         not an answer. Of a permit: {}. Beside or in place of these {}.",
        told.join("; "),
        codes(Reason::ALL.iter().filter(of(None))),
        beside.join("; ")
    )
}

const fn beside(code: AnswerCode) -> &'static str {
    match code {
        AnswerCode::AskThePerson => "the person is asked, which may also stand for a refusal",
        AnswerCode::NotAvailable => {
            "refused after step 5, but for the bound above; why is not told"
        }
        AnswerCode::NoEvidenceKey => {
            "permitted, but there is no evidence, because the holder has registered no key for it"
        }
    }
}

fn duties() -> String {
    let each: Vec<String> = DutyKind::ALL
        .iter()
        .map(|kind| match kind {
            DutyKind::Notify => format!("`{kind}`: the person is told at once"),
            DutyKind::JustifyBy => {
                format!("`{kind}=<ms>`: the emergency is to be explained by then")
            }
            DutyKind::EraseBy => {
                format!("`{kind}=<ms>`: what was received is to be erased by then")
            }
        })
        .collect();
    each.join("; ")
}

fn release_reasons() -> String {
    let each: Vec<String> = ReleaseReason::ALL
        .iter()
        .map(|reason| {
            let meaning = match reason {
                ReleaseReason::Expired => "its time is over",
                ReleaseReason::Spent => "it was used before",
                ReleaseReason::ConsentEnded => "the consent it rests on has ended",
                ReleaseReason::InstitutionSuspended => "requester or holder is suspended",
                ReleaseReason::MeansBlocked => {
                    "it rests on the person's own word, and her phone is blocked"
                }
                ReleaseReason::LinkEnded => "the link code of requester or holder has ended",
                ReleaseReason::KeyEnded => "the key that signed the request has ended",
                ReleaseReason::RoleEnded => "whoever asked has the role no longer",
                ReleaseReason::OtherEvidence => "`evidence_digest` is of something else",
                ReleaseReason::RecordClosed => {
                    "the permit, or the consent it rests on, can no longer be read"
                }
                ReleaseReason::RecordsIncomplete => {
                    "a record is lost, so that it is not known what has ended"
                }
            };
            format!("`{reason}`: {meaning}")
        })
        .collect();
    each.join("; ")
}

fn codes<'a>(of: impl Iterator<Item = &'a Reason>) -> String {
    let codes: Vec<String> = of.map(|reason| format!("`{reason}`")).collect();
    codes.join(", ")
}
