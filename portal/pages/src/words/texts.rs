//! Every sentence of the pages, in Japanese and English side by side. A text that is missing in one
//! language does not compile.
//!
//! Written for a reader of eighty: short sentences, no word of ours where there is one of hers,
//! what happens next, what happens if she does nothing.

mod account;
mod bodies;
mod consents;
mod contacts;
mod enrol;
mod frame;
mod help;
mod history;
mod links;
mod means;
mod public;
mod requests;

pub(crate) use account::{Account, Papers, Standing, StepUp};
pub(crate) use bodies::Bodies;
pub(crate) use consents::{Consents, GiveConsent};
pub(crate) use contacts::{ByMail, Contacts};
pub(crate) use enrol::{Enrol, Number, SignIn};
pub(crate) use frame::{Closes, Errors, Frame, Kept, Said};
pub(crate) use help::{Accessibility, Help};
pub(crate) use history::{History, Overview, Record};
pub(crate) use links::Links;
pub(crate) use means::Means;
pub(crate) use public::{Audit, Welcome};
pub(crate) use requests::Requests;

#[cfg(test)]
mod tests {
    use akashi_proof::record::kind::Language;

    use super::*;

    /// Every text that counts, of this many.
    fn counting(l: Language, count: usize) -> Vec<String> {
        [
            Account(l).counting(count),
            StepUp(l).counting(count),
            Papers(l).counting(count),
            Standing(l).counting(count),
            Consents(l).counting(count),
            ByMail(l).counting(count),
            Contacts(l).counting(count),
            GiveConsent(l).counting(count),
            Enrol(l).counting(count),
            Accessibility(l).counting(count),
            Closes(l).counting(count),
            Kept(l).counting(count),
            Said(l).counting(count),
            Number(l).counting(count),
            SignIn(l).counting(count),
            Errors(l).counting(count),
            Frame(l).counting(count),
            Help(l).counting(count),
            History(l).counting(count),
            Links(l).counting(count),
            Means(l).counting(count),
            Overview(l).counting(count),
            Record(l).counting(count),
            Audit(l).counting(count),
            Bodies(l).counting(count),
            Welcome(l).counting(count),
            Requests(l).counting(count),
        ]
        .concat()
    }

    #[test]
    fn one_and_two_are_said_as_people_say_them() {
        let (one, two) = (counting(Language::En, 1), counting(Language::En, 2));
        assert!(one.len() >= 9 && one.len() == two.len(), "{one:?}");
        for (one, two) in one.iter().zip(&two) {
            assert!(!one.contains('1') && !one.contains('2'), "{one}");
            assert!(two.contains('2') && one != two, "{two}");
        }
        for count in [1, 2] {
            for text in counting(Language::Ja, count) {
                assert!(text.contains(&count.to_string()), "{text}");
                assert!(!text.contains(' '), "{text}");
            }
        }
    }
}
