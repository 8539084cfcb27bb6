//! How many questions may wait for one person: more than she can answer is not asking but spraying.
//! The requester is told the same as ever above a bound: it must not learn how often she is asked.

use akashi_proof::decision::OpenQuestions;
use akashi_proof::record::kind::Assurance;

/// Most open questions to one person: an evening's work.
pub const QUESTIONS_MAX: usize = 32;

/// Most open questions of one institution to one person: two errands of two offices. It must not
/// take the room in which the others ask.
pub const QUESTIONS_OF_ONE_MAX: usize = 4;

/// The surest an answer to a question can be: with the code in the message and the recovery code. A
/// process that asks for more would ask in vain.
pub const ANSWER_ASSURANCE_MAX: Assurance = Assurance::SmsAndRecovery;

/// Whether one more would be too many.
pub(crate) const fn is_full(open: OpenQuestions) -> bool {
    open.all >= QUESTIONS_MAX || open.of_requester >= QUESTIONS_OF_ONE_MAX
}
