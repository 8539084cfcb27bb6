//! What a record means for the person it is about. Pure: the same record under the same
//! circumstances plans the same.
//!
//! | record | what follows |
//! |---|---|
//! | `access.asked` | the question, by SMS |
//! | `approval.refused`, `.expired` | a confirmation |
//! | `access.*` after an approval | a confirmation of what became of it |
//! | `access.denied` at step 3 or 4 | `alert.raised` D1; SMS and e-mail where the pack says "always" |
//! | `access.permitted` in an emergency | SMS and e-mail |
//! | other `access.permitted`, `.denied` | a message where the pack says "always", else counted |
//! | `access.release_refused` | `alert.raised` D11; SMS and e-mail |
//! | `consent.*`, `link.issued` | announced on the second channel: e-mail if there is one |
//! | `subject.contact_verified` | told to the contacts she had before |
//! | other `contact.*`, `means.*`, papers, `account.*` | told to all but a doubted one |
//! | `notice.reported`, but that it arrived | told by mail alone, which brings no report |
//! | everything else, `alert.*` and `notice.*` above all | nothing |

use akashi_policies::{Pack, Tell};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, GroupId, InstitutionId, LeafIndex, Reference, Timestamp};
use akashi_proof::record::Record;
use akashi_proof::record::kind::{
    AccessDecided, Arrival, BasisKind, ByStream, Channel, Event, Outcome, PersonEvent, Rule, Step,
    Template, YesNo,
};
use akashi_proof::state::Person;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Planned {
    /// Record what was found.
    Alert(Found),
    /// Count a use that is summed up.
    Count(Use),
    /// Tell the person.
    Tell(Notice),
    /// The question is answered or over: what was kept for it can go.
    Closed { access: LeafIndex },
}

/// A use of her data that is told with others of some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) access: LeafIndex,
    pub(crate) permitted: bool,
    /// Of how many days they are summed up.
    pub(crate) days: u64,
}

/// What a rule found about one access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) access: LeafIndex,
    pub(crate) rule: Rule,
    /// Who tried it.
    pub(crate) by: InstitutionId,
}

/// One message to one contact, not yet in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) template: Template,
    pub(crate) to: ContactId,
    pub(crate) who: Who,
    pub(crate) question: Option<Question>,
    pub(crate) reported: bool,
    /// How many uses it sums up.
    pub(crate) uses: Option<Uses>,
    /// Joins the consents of one screen: she is told once.
    pub(crate) group: Option<GroupId>,
}

/// The uses of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) from: Timestamp,
    pub(crate) days: u64,
    pub(crate) permitted: u64,
    pub(crate) refused: u64,
}

/// The institution a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    Institution(InstitutionId),
    /// Whoever asked in the record at this log index.
    RequesterOf(LeafIndex),
}

/// What a message about an open question says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) access: LeafIndex,
    pub(crate) reference: Reference,
    pub(crate) digest: Digest,
    pub(crate) low_risk: bool,
    pub(crate) expires: Timestamp,
}

/// Where a person can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) sms: Option<ContactId>,
    pub(crate) email: Option<ContactId>,
}

impl Reach {
    /// The contacts verified last, of those in her own hands.
    pub(crate) fn of(person: &Person, now: Timestamp, with_email: bool) -> Self {
        let last = |channel| {
            let mut of_channel = person
                .contacts_at(now)
                .filter(|contact| contact.channel == channel && contact.speaks_for_her());
            of_channel.next_back().map(|contact| contact.contact)
        };
        Self {
            sms: last(Channel::Sms),
            email: last(Channel::Email).filter(|_| with_email),
        }
    }

    /// The contact of this channel.
    pub(crate) const fn by(self, channel: Channel) -> Option<ContactId> {
        match channel {
            Channel::Sms => self.sms,
            Channel::Email => self.email,
        }
    }

    fn by_sms(self) -> Vec<ContactId> {
        self.sms.or(self.email).into_iter().collect()
    }

    /// The second channel: not the one whose holder could have acted alone.
    fn second(self) -> Vec<ContactId> {
        self.email.or(self.sms).into_iter().collect()
    }

    fn both(self) -> Vec<ContactId> {
        self.sms.into_iter().chain(self.email).collect()
    }
}

/// What planning may know beside the record.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) person: &'a Person,
    pub(crate) reach: Reach,
    pub(crate) pack: &'a Pack,
    pub(crate) now: Timestamp,
    /// Of records older than this nobody is told by message.
    pub(crate) stale_after_millis: u64,
}

/// What is to be done about the record at this log index.
pub(crate) fn plan(index: LeafIndex, record: &Record, at: Circumstances<'_>) -> Vec<Planned> {
    let stale = at.now >= record.time.plus_millis(at.stale_after_millis);
    let mut planned = planned(index, &record.event, at);
    // An open question is never stale: it says itself until when it can be answered.
    planned.retain(|item| {
        !stale || !matches!(item, Planned::Tell(notice) if notice.question.is_none())
    });
    planned
}

/// The message about a question that can still be answered.
pub(crate) fn question(
    person: &Person,
    access: LeafIndex,
    reach: Reach,
    now: Timestamp,
) -> Option<Notice> {
    let ask = person.ask(access).filter(|ask| ask.is_open(now))?;
    let question = Question {
        access,
        reference: ask.reference.clone(),
        digest: ask.approval_digest,
        low_risk: ask.low_risk == YesNo::Yes,
        expires: ask.expires,
    };
    Some(Notice {
        template: Template::ApprovalRequest,
        to: reach.by_sms().first().copied()?,
        who: Who::Institution(ask.requester.clone()),
        question: Some(question),
        reported: false,
        uses: None,
        group: None,
    })
}

/// The message that sums up the uses of some days; none where she has no contact.
pub(crate) fn summary(reach: Reach, uses: Uses) -> Option<Notice> {
    Some(Notice {
        template: Template::Summary,
        to: reach.second().first().copied()?,
        who: Who::Nobody,
        question: None,
        reported: false,
        uses: Some(uses),
        group: None,
    })
}

fn planned(index: LeafIndex, event: &Event, at: Circumstances<'_>) -> Vec<Planned> {
    let reach = at.reach;
    // Who is told belongs to a person's stream.
    let ByStream::Person(event) = event.by_stream() else {
        return Vec::new();
    };
    match event {
        PersonEvent::AccessAsked(_) => question(at.person, index, reach, at.now)
            .into_iter()
            .map(Planned::Tell)
            .collect(),
        PersonEvent::ApprovalGranted(e) => vec![Planned::Closed { access: e.access }],
        PersonEvent::ApprovalRefused(e) => {
            let reported = e.reported == YesNo::Yes;
            let who = Who::RequesterOf(e.access);
            let told = tell(Template::ApprovalRefused, who, reach.second(), |n| {
                n.reported = reported
            });
            closed(e.access, told)
        }
        PersonEvent::ApprovalExpired(e) => closed(
            e.access,
            plainly(
                Template::ApprovalExpired,
                Who::RequesterOf(e.access),
                reach.second(),
            ),
        ),
        PersonEvent::AccessPermitted(e) => permitted(index, e, at),
        PersonEvent::AccessDenied(e) => denied(index, e, at),
        PersonEvent::ReleaseRefused(e) => {
            let who = Who::Institution(e.holder.clone());
            let mut planned = plainly(Template::ReleaseRefused, who, reach.both());
            // Where only the ledger's own records are at fault, nobody has misused anything.
            if !e.reasons.iter().all(|reason| reason.is_of_the_ledger()) {
                let alert = Planned::Alert(Found {
                    access: e.access,
                    rule: Rule::EvidenceMisused,
                    by: e.holder.clone(),
                });
                planned.insert(0, alert);
            }
            planned
        }
        PersonEvent::ConsentGiven(e) => {
            let group = Some(e.group);
            tell(Template::ConsentGiven, Who::Nobody, reach.second(), |n| {
                n.group = group
            })
        }
        PersonEvent::ConsentNarrowed(_) => {
            plainly(Template::ConsentNarrowed, Who::Nobody, reach.second())
        }
        PersonEvent::ConsentWithdrawn(_) => {
            plainly(Template::ConsentWithdrawn, Who::Nobody, reach.second())
        }
        PersonEvent::ConsentsStopped(_) => {
            plainly(Template::ConsentsStopped, Who::Nobody, reach.second())
        }
        PersonEvent::MeansBlocked(e) => plainly(
            Template::MeansBlocked,
            Who::Nobody,
            witnesses(at, Some(e.contact), None),
        ),
        PersonEvent::MeansUnblocked(e) => plainly(
            Template::MeansUnblocked,
            Who::Nobody,
            witnesses(at, Some(e.contact), None),
        ),
        PersonEvent::LinkIssued(e) => plainly(
            Template::LinkIssued,
            Who::Institution(e.institution.clone()),
            reach.second(),
        ),
        PersonEvent::LinkWithdrawn(e) => plainly(
            Template::LinkEnded,
            Who::Institution(e.institution.clone()),
            reach.second(),
        ),
        PersonEvent::LinkRevoked(e) => plainly(
            Template::LinkEnded,
            Who::Institution(e.institution.clone()),
            reach.second(),
        ),
        PersonEvent::LinkCorrected(e) => plainly(
            Template::LinkCorrected,
            Who::Institution(e.institution.clone()),
            reach.both(),
        ),
        PersonEvent::PapersReplaced(_) => plainly(
            Template::PapersReplaced,
            Who::Nobody,
            witnesses(at, None, None),
        ),
        PersonEvent::ContactReplaced(e) => plainly(
            Template::ContactReplacing,
            Who::Nobody,
            witnesses(at, Some(e.replaces), Some(e.contact)),
        ),
        PersonEvent::ContactKept(e) => plainly(
            Template::ContactKept,
            Who::Nobody,
            witnesses(at, Some(e.contact), Some(e.instead_of)),
        ),
        PersonEvent::ContactEnded(e) => plainly(
            Template::ContactEnded,
            Who::Nobody,
            witnesses(at, Some(e.contact), None),
        ),
        PersonEvent::ContactDoubted(e) => plainly(
            Template::ContactDoubted,
            Who::Nobody,
            witnesses(at, None, Some(e.contact)),
        ),
        PersonEvent::ContactConfirmed(e) => plainly(
            Template::ContactChanged,
            Who::Nobody,
            witnesses(at, None, Some(e.contact)),
        ),
        PersonEvent::AccountSuspended(_)
        | PersonEvent::AccountResumed(_)
        | PersonEvent::AccountClosed(_) => plainly(
            Template::AccountChanged,
            Who::Nobody,
            witnesses(at, None, None),
        ),
        PersonEvent::ContactVerified(e) => plainly(
            Template::ContactChanged,
            Who::Nobody,
            witnesses(at, None, Some(e.contact)),
        ),
        PersonEvent::NoticesReported(e) => match e.arrival {
            Arrival::Delivered => Vec::new(),
            Arrival::Undelivered | Arrival::Expired | Arrival::Rejected => plainly(
                Template::NoticeUndelivered,
                Who::Nobody,
                reach.email.into_iter().collect(),
            ),
        },
        // Of enrolling: she sat before the screen. Of a release: the permit was told of. Of what
        // was counted: nothing came of it, and those before it were told as they are. What the
        // notifier itself caused causes nothing: no loops.
        PersonEvent::SubjectEnrolled(_)
        | PersonEvent::AccessesCounted(_)
        | PersonEvent::AccessReleased(_)
        | PersonEvent::AlertRaised(_)
        | PersonEvent::NoticeSent(_)
        | PersonEvent::NoticeFailed(_) => Vec::new(),
    }
}

fn permitted(index: LeafIndex, e: &AccessDecided, at: Circumstances<'_>) -> Vec<Planned> {
    let who = Who::Institution(e.requester.clone());
    if e.basis_kind == BasisKind::Emergency {
        plainly(Template::EmergencyAccess, who, at.reach.both())
    } else if e.approval.is_some() {
        plainly(Template::ApprovalPermitted, who, at.reach.second())
    } else {
        match at.pack.tells(&e.process, Outcome::Permit, None) {
            Tell::Always => plainly(Template::AccessPermitted, who, at.reach.second()),
            Tell::Digest => summed_up(index, true, at),
        }
    }
}

/// Tells of it with others, once the days of the pack are over.
fn summed_up(access: LeafIndex, permitted: bool, at: Circumstances<'_>) -> Vec<Planned> {
    vec![Planned::Count(Use {
        access,
        permitted,
        days: at.pack.settings().digest_days,
    })]
}

fn denied(index: LeafIndex, e: &AccessDecided, at: Circumstances<'_>) -> Vec<Planned> {
    let who = Who::Institution(e.requester.clone());
    if e.approval.is_some() {
        // The role or the whitelist may have changed since she was asked; that is no misuse.
        return plainly(Template::ApprovalNotPermitted, who, at.reach.second());
    }
    if matches!(e.step, Some(Step::Role | Step::Whitelist)) {
        let alert = Planned::Alert(Found {
            access: index,
            rule: Rule::OutOfPurpose,
            by: e.requester.clone(),
        });
        let told = match at
            .pack
            .tells(&e.process, Outcome::Deny, Some(Step::Whitelist))
        {
            Tell::Always => plainly(Template::OutOfPurpose, who, at.reach.both()),
            Tell::Digest => summed_up(index, false, at),
        };
        return [vec![alert], told].concat();
    }
    match at.pack.tells(&e.process, Outcome::Deny, e.step) {
        Tell::Always => plainly(Template::AccessRefused, who, at.reach.second()),
        Tell::Digest => summed_up(index, false, at),
    }
}

/// Those who would notice a take-over: every contact she has, and the one the record is `about`,
/// which may be hers no longer when the record is read; not the `new` one.
///
/// A blocked phone is among them: these messages say nothing of her but that, and whoever wants
/// her not to hear of it would begin by blocking it. A doubted one is somebody else's, and is not.
fn witnesses(
    at: Circumstances<'_>,
    about: Option<ContactId>,
    new: Option<ContactId>,
) -> Vec<ContactId> {
    let hers = at.person.contacts_at(at.now);
    let hers = hers.filter(|known| !known.is_doubted() && Some(known.contact) != new);
    let mut told: Vec<ContactId> = hers.map(|known| known.contact).collect();
    let is_doubted = |id: &ContactId| {
        let mut contacts = at.person.contacts.iter();
        contacts.any(|known| known.contact == *id && known.is_doubted())
    };
    told.extend(about.filter(|id| !told.contains(id) && !is_doubted(id)));
    told
}

fn closed(access: LeafIndex, told: Vec<Planned>) -> Vec<Planned> {
    [vec![Planned::Closed { access }], told].concat()
}

fn plainly(template: Template, who: Who, to: Vec<ContactId>) -> Vec<Planned> {
    tell(template, who, to, |_| ())
}

fn tell(
    template: Template,
    who: Who,
    to: Vec<ContactId>,
    more: impl Fn(&mut Notice),
) -> Vec<Planned> {
    let notice = |to| {
        let mut notice = Notice {
            template,
            to,
            who: who.clone(),
            question: None,
            reported: false,
            uses: None,
            group: None,
        };
        more(&mut notice);
        Planned::Tell(notice)
    };
    to.into_iter().map(notice).collect()
}

#[cfg(test)]
mod tests;
