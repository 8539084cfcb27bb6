//! How much is remembered of forms. What is forgotten is a convenience and no protection, so
//! nothing counts it: whoever sends a form again then meets what stands, as the ledger has it.

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
