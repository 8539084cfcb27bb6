//! How much stands on a page, and how much is remembered of forms. What does not stand on a page
//! is one link further, and how many records the link leads to is said; what is forgotten of forms
//! is a convenience and no protection. So nothing counts these. What a page looks at is bounded,
//! and counted, by the desk ([`akashi_desk::limits::READ_MAX`]).

/// Rows on a page of a history; a group is one. Above, the page leads to older records.
pub(crate) const ROWS_MAX: usize = 50;

/// Rows of the history on the overview. The history has them all.
pub(crate) const OVERVIEW_ROWS_MAX: usize = 5;

/// Records written out on a page, those inside groups with them: each is read whole and put into
/// words, some 60 µs. Above, groups show their first record, and all of them one link further.
pub(crate) const LINES_MAX: usize = 2 * ROWS_MAX;

/// Records written out inside one group: enough to see what they are. Above, they are one link
/// further.
pub(crate) const GROUP_SHOWN_MAX: usize = 10;

/// So many of one run stand alone on one day: what happens now and then is read one by one. From
/// the next on they are one row with their number.
pub(crate) const RUN_ALONE_MAX: usize = 3;

/// Warnings written out on the overview, a run being one; emergencies before all others. Above,
/// they are counted, and the history has them.
pub(crate) const ALERTS_SHOWN_MAX: usize = 10;

/// How long a form that was sent is known when it comes again: as long as a code is good.
pub(crate) const FORM_REMEMBERED_MILLIS: u64 = 10 * 60 * 1_000;

/// Most forms remembered, half a kilobyte each: 27 a second for those ten minutes, more than a
/// large city sends. One more forgets the one sent first.
pub(crate) const FORMS_REMEMBERED_MAX: usize = 16_384;

/// Most forms kept that came too late; only pages of somebody who was signed in have such forms.
/// One more forgets the one kept first.
pub(crate) const KEPT_FORMS_MAX: usize = 4_096;

/// Longest form kept, names and values: the longest of ours, with every category and purpose
/// ticked, is half of it. One that is longer is not kept.
pub(crate) const KEPT_FORM_LEN_MAX: usize = 4 * 1_024;

/// Most pages kept that answered a form: 512 at once at the doors, twice. One more forgets the
/// first, and reloading that opens the form anew.
pub(crate) const SHOWN_PAGES_MAX: usize = 1_024;

/// Longest such page, in bytes: the longest of ours, with every category and who is rung up, is
/// half of it. One that is longer answers its form itself, as a page does.
pub(crate) const SHOWN_PAGE_LEN_MAX: u64 = 64 * 1_024;
