//! Counting what was sent, so that nobody is worn down and no bill is run up. Times are
//! milliseconds of the monotonic clock. What a requester asks goes by the log's, and is counted in
//! rows (`tally.rs`).

use akashi_proof::ids::InstitutionId;
use akashi_proof::record::kind::Template;

use crate::address::Address;
use crate::messages::urgency::Urgency;
use crate::settings::{Budget, Budgets};
use crate::sliding::Sliding;

/// Keys remembered at most of each budget. When as many were active within one window, further keys
/// are refused: whoever makes a hundred thousand numbers ask within minutes is not a person. Of
/// warnings they are let through instead.
const KEYS_MAX: usize = 100_000;

/// What is spent of the budgets.
pub(crate) struct Spent {
    questions: Sliding<Address>,
    notices: Sliding<Heap>,
    warnings: Sliding<Heap>,
    /// The one message that says more happened than messages were sent about.
    more: Sliding<Heap>,
    reply_answers: Sliding<Address>,
    /// Messages about a question that the person asked for herself.
    asked_for: Sliding<Address>,
}

impl Spent {
    pub(crate) fn new(budgets: Budgets) -> Self {
        let once = Budget {
            most: 1,
            ..budgets.warnings_of_one_kind
        };
        Self {
            questions: Sliding::of_keys(KEYS_MAX, budgets.questions_per_number),
            notices: Sliding::of_keys(KEYS_MAX, budgets.notices_per_address),
            warnings: Sliding::open_when_full(KEYS_MAX, budgets.warnings_of_one_kind),
            more: Sliding::of_keys(KEYS_MAX, once),
            reply_answers: Sliding::of_keys(KEYS_MAX, budgets.reply_answers_per_number),
            asked_for: Sliding::of_keys(KEYS_MAX, budgets.codes_per_address),
        }
    }

    /// Counts a question to this address, if it fits.
    pub(crate) fn take_question(&mut self, to: &Address, now: u64) -> bool {
        self.questions.take(to.clone(), now)
    }

    /// How many milliseconds from now a question to this address may fit, where none does now.
    pub(crate) fn question_fits_in(&self, to: &Address, now: u64) -> u64 {
        self.questions.frees_at(to, now).saturating_sub(now)
    }

    /// Counts a question that was put to this address so many milliseconds ago.
    pub(crate) fn count_question(&mut self, to: &Address, now: u64, ago: u64) {
        self.questions.count_past(to.clone(), now, ago);
    }

    /// Counts a message about a question that the person asked for, if it fits.
    pub(crate) fn take_asked_for(&mut self, to: &Address, now: u64) -> bool {
        self.asked_for.take(to.clone(), now)
    }

    /// Counts an answer to a reply, if it fits.
    pub(crate) fn take_reply_answer(&mut self, to: &Address, now: u64) -> bool {
        self.reply_answers.take(to.clone(), now)
    }

    /// Counts any other message, if it fits, or the one that says there were more.
    pub(crate) fn take_notice(
        &mut self,
        template: Template,
        to: &Address,
        about: Option<&InstitutionId>,
        now: u64,
    ) -> Room {
        let heap = Heap::of(template, to, about);
        let budget = if heap.warning.is_some() {
            &mut self.warnings
        } else {
            &mut self.notices
        };
        if budget.take(heap.clone(), now) {
            Room::ForIt
        } else if self.more.take(heap, now) {
            Room::ToSayMore
        } else {
            Room::None
        }
    }

    /// Counts a message that was sent so many milliseconds ago, before the server was restarted;
    /// questions aside, which are counted as they were put.
    pub(crate) fn count_sent(
        &mut self,
        template: Template,
        to: &Address,
        about: Option<&InstitutionId>,
        now: u64,
        ago: u64,
    ) {
        // Of the one that says there was more, no record says of which heap: better that it is said
        // once more than not at all.
        if matches!(template, Template::ApprovalRequest | Template::MoreHappened) {
            return;
        }
        if Urgency::of(template) == Urgency::Question {
            self.reply_answers.count_past(to.clone(), now, ago);
            return;
        }
        let heap = Heap::of(template, to, about);
        if heap.warning.is_some() {
            self.warnings.count_past(heap, now, ago);
        } else {
            self.notices.count_past(heap, now, ago);
        }
    }
}

/// Messages counted together: all plain ones to an address; warnings by kind and institution, so
/// that none is drowned by others.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Heap {
    to: Address,
    warning: Option<(Template, Option<InstitutionId>)>,
}

impl Heap {
    fn of(template: Template, to: &Address, about: Option<&InstitutionId>) -> Self {
        let is_warning = Urgency::of(template).is_warning();
        Self {
            to: to.clone(),
            warning: is_warning.then(|| (template, about.cloned())),
        }
    }
}

/// Whether one more message may be sent.
pub(crate) enum Room {
    ForIt,
    /// The budget is spent, and she has not been told yet that more happened.
    ToSayMore,
    None,
}
