//! Reads a history file once, record by record: what it says is checked against itself, and only
//! what later steps need is kept - some two hundred bytes a record, of a link what was signed for
//! it, however long the file is.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use akashi_proof::digest::{Digest, Secret};
use akashi_proof::gate::link_check;
use akashi_proof::history::{HistoryError, HistoryHead, HistoryItem, HistoryReader, read_record};
use akashi_proof::ids::{GateNumber, InstitutionId, LeafIndex, Seq, Timestamp, TreeSize};
use akashi_proof::record::commitment::Disclosure;
use akashi_proof::record::disclosure_text::LINE_LEN_MAX;
use akashi_proof::record::kind::{AccessDecided, ByStream, LinkIssued, PersonEvent};
use akashi_proof::record::{Closed, PersonPosition, Position, Record};
use akashi_tlog::signed_note::Note;

use super::follow::Follow;
use super::link_request::LinkRequest;
use super::parties::Party;
use super::problem::{Findings, Place, Problem};
use super::rests::{At, Rests};
use super::signed::{Behind, Ruled, Signature, behind};
use super::{ClosedCounts, LinkSummary, Summary};

/// What a file shows.
pub(super) struct Shown {
    pub(super) head: HistoryHead,
    /// The checkpoint at its end; its signature is not verified.
    pub(super) note: Note,
    /// Her records 1, 2, 3 ...
    pub(super) records: Vec<ShownRecord>,
    /// Every link issued, in order.
    pub(super) links: Vec<Link>,
    /// What institutions signed besides, as far as the file shows it.
    pub(super) signatures: Vec<Signature>,
    /// By which packs was decided.
    pub(super) ruled: Vec<Ruled>,
    /// Who had to take part.
    pub(super) parties: Vec<Party>,
    /// What the first record commits the history key to; `None` where it could not be read.
    pub(super) tag_key: Option<Digest>,
    /// The numbers of those whose bodies are not open, in order.
    closed: Vec<Seq>,
    last: Option<Timestamp>,
    size: TreeSize,
}

/// One record.
pub(super) struct ShownRecord {
    /// The entry the file names.
    pub(super) index: Option<LeafIndex>,
    /// Why the file does not show what it says.
    pub(super) unshown: Option<Unshown>,
    /// What it commits to, where its fields tell.
    pub(super) commitment: Option<Digest>,
    /// What it says; `None` where that could not be read.
    pub(super) said: Option<Said>,
}

/// Why a file does not show a record.
#[derive(Clone, Copy)]
pub(super) enum Unshown {
    /// It could not be read when the file was made.
    Missing,
    /// Its body is lost, withheld or erased.
    Closed(Closed),
}

/// What a record says that other records and the log must agree with.
pub(super) struct Said {
    /// The entry of the record before.
    pub(super) prev: Option<LeafIndex>,
    /// Of a permit: the link in [`Shown::links`], and the gate's number.
    pub(super) gate: Option<(usize, GateNumber)>,
}

/// A link: an institution's code for her, and the key its gates are made with.
pub(super) struct Link {
    pub(super) institution: InstitutionId,
    pub(super) key: Secret,
    /// What the institution signed; `None`, and reported, where that is not a request for this
    /// link.
    pub(super) request: Option<LinkRequest>,
    /// The highest number among its permits.
    pub(super) gates: Option<GateNumber>,
    /// The number of the record that issued it.
    issued: Seq,
}

impl Link {
    /// Whether a record between the one that issued it and this one is closed: it may have issued a
    /// newer link with the same institution.
    pub(super) fn may_be_replaced(&self, seq: Seq, shown: &Shown) -> bool {
        shown
            .closed
            .iter()
            .any(|closed| self.issued < *closed && *closed < seq)
    }
}

impl Shown {
    pub(super) fn summary(&self) -> Summary {
        Summary {
            origin: self.head.origin.to_string(),
            records: self.head.records,
            closed: self.closed_counts(),
            size: self.size,
            last: self.last,
            links: self
                .links
                .iter()
                .map(|link| {
                    LinkSummary::new(&link.institution, link.gates.map_or(0, GateNumber::value))
                })
                .collect(),
        }
    }

    fn closed_counts(&self) -> ClosedCounts {
        let mut counts = ClosedCounts::default();
        for record in &self.records {
            match record.unshown {
                Some(Unshown::Closed(Closed::Lost)) => counts.lost += 1,
                Some(Unshown::Closed(Closed::Withheld { .. })) => counts.withheld += 1,
                Some(Unshown::Closed(Closed::Erased)) => counts.erased += 1,
                Some(Unshown::Missing) | None => {}
            }
        }
        counts
    }
}

/// Reads a file; `None`, and reported, where it is not a history. What is wrong with single records
/// is reported too.
pub(super) fn read(file: &mut dyn BufRead, findings: &Findings) -> Option<Shown> {
    match read_items(file, findings) {
        Ok(shown) => Some(shown),
        Err(problem) => {
            findings.add(Place::File, problem);
            None
        }
    }
}

fn read_items(file: &mut dyn BufRead, findings: &Findings) -> Result<Shown, Problem> {
    let (mut reader, mut line) = (HistoryReader::new(), Vec::new());
    let mut walk = Walk::default();
    loop {
        line.clear();
        if Read::take(&mut *file, LINE_LEN_MAX as u64).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if let (Some(item), Some(head)) = (reader.line(&line)?, reader.head()) {
            walk.item(head, item, findings);
        }
    }
    let (head, note) = reader.finish()?;
    let size = akashi_tlog::checkpoint::Checkpoint::parse(note.text())
        .map_err(HistoryError::from)?
        .size();
    check_below(&walk.records, size, findings);
    let Walk {
        records,
        links,
        signatures,
        ruled,
        parties,
        tag_key,
        closed,
        time,
        ..
    } = walk;
    let last = (time > Timestamp::default()).then_some(time);
    Ok(Shown {
        head,
        note,
        records,
        links,
        signatures,
        ruled,
        parties,
        tag_key,
        closed,
        last,
        size,
    })
}

/// Every record stands below the size the file says the log had when it was made. An older
/// checkpoint behind newer records would make a record that is left out look as if it came after
/// the file.
fn check_below(records: &[ShownRecord], size: TreeSize, findings: &Findings) {
    for (seq, record) in Seq::FIRST.upward().zip(records) {
        if let Some(index) = record.index.filter(|index| !size.contains(*index)) {
            findings.add(
                Place::Record(seq),
                Problem::BeyondCheckpoint { index, size },
            );
        }
    }
}

/// Goes through the records in order.
#[derive(Default)]
struct Walk {
    records: Vec<ShownRecord>,
    links: Vec<Link>,
    signatures: Vec<Signature>,
    ruled: Vec<Ruled>,
    parties: Vec<Party>,
    /// What records rest on.
    rests: Rests,
    /// The writer's fold of them.
    follow: Follow,
    tag_key: Option<Digest>,
    /// The digest of her visible ID, once it is known.
    qid: Option<Digest>,
    /// The check values of the links so far.
    link_checks: HashSet<Digest>,
    /// The numbers of those whose bodies are not open.
    closed: Vec<Seq>,
    time: Timestamp,
    /// How many records could not be read: what seems wrong in later ones may then only be unseen.
    unread: u64,
}

impl Walk {
    fn item(&mut self, head: &HistoryHead, item: HistoryItem, findings: &Findings) {
        let record = match item {
            // Reported once it is known where the log has it.
            HistoryItem::Missing { index, .. } => ShownRecord {
                index,
                unshown: Some(Unshown::Missing),
                commitment: None,
                said: None,
            },
            HistoryItem::Closed { seq, index, closed } => {
                self.closed.push(seq);
                ShownRecord {
                    index: Some(index),
                    unshown: Some(Unshown::Closed(closed)),
                    commitment: None,
                    said: None,
                }
            }
            HistoryItem::Record {
                seq,
                index,
                disclosure,
            } => {
                let said = self.record(head, (seq, index), &disclosure, findings);
                let said = said
                    .map_err(|problem| findings.add(Place::Record(seq), problem))
                    .ok();
                let commitment = disclosure.commitment().ok();
                ShownRecord {
                    index: Some(index),
                    unshown: None,
                    commitment,
                    said,
                }
            }
        };
        if record.said.is_none() {
            self.unread += 1;
            self.follow.skip();
        }
        self.records.push(record);
    }

    fn record(
        &mut self,
        head: &HistoryHead,
        (seq, index): (Seq, LeafIndex),
        disclosure: &Disclosure,
        findings: &Findings,
    ) -> Result<Said, Problem> {
        let (record, _) = read_record(disclosure)?;
        let Position::Person(place) = &record.position else {
            return Err(Problem::NotPersonal {
                kind: record.kind().name(),
            });
        };
        let mut problems = self.is_next(head, seq, &record, place);
        let ByStream::Person(event) = record.event.by_stream() else {
            return Err(Problem::NotPersonal {
                kind: record.kind().name(),
            });
        };
        let add = |problem| findings.add(Place::Record(seq), problem);
        if (seq == Seq::FIRST) != matches!(event, PersonEvent::SubjectEnrolled(_)) {
            problems.into_iter().for_each(add);
            return Err(Problem::Enrolment);
        }
        let at = At {
            index,
            time: record.time,
        };
        problems.extend(self.ground(at, &record, &event));
        problems.extend(self.signatures(seq, &record, &event));
        let parties = Party::of(seq, record.time, &event, &self.rests);
        self.parties.extend(parties);
        let gate = match event {
            PersonEvent::SubjectEnrolled(enrolled) => {
                (self.tag_key, self.qid) = (Some(enrolled.tag_key), Some(enrolled.qid_digest));
                None
            }
            // From here on links rest on the new one.
            PersonEvent::PapersReplaced(replaced) => {
                self.qid = Some(replaced.qid_digest);
                None
            }
            PersonEvent::LinkIssued(issued) => {
                problems.extend(self.link(seq, &record, issued));
                None
            }
            PersonEvent::AccessPermitted(permit) => self
                .permit(permit)
                .map_err(|problem| problems.push(problem))
                .unwrap_or_default(),
            PersonEvent::ContactVerified(_)
            | PersonEvent::AccountSuspended(_)
            | PersonEvent::AccountResumed(_)
            | PersonEvent::AccountClosed(_)
            | PersonEvent::ContactReplaced(_)
            | PersonEvent::ContactKept(_)
            | PersonEvent::ContactEnded(_)
            | PersonEvent::ContactDoubted(_)
            | PersonEvent::ContactConfirmed(_)
            | PersonEvent::LinkWithdrawn(_)
            | PersonEvent::LinkRevoked(_)
            | PersonEvent::LinkCorrected(_)
            | PersonEvent::ConsentGiven(_)
            | PersonEvent::ConsentNarrowed(_)
            | PersonEvent::ConsentWithdrawn(_)
            | PersonEvent::ConsentsStopped(_)
            | PersonEvent::MeansBlocked(_)
            | PersonEvent::MeansUnblocked(_)
            | PersonEvent::AccessDenied(_)
            | PersonEvent::AccessAsked(_)
            | PersonEvent::AccessesCounted(_)
            | PersonEvent::AccessReleased(_)
            | PersonEvent::ReleaseRefused(_)
            | PersonEvent::ApprovalGranted(_)
            | PersonEvent::ApprovalRefused(_)
            | PersonEvent::ApprovalExpired(_)
            | PersonEvent::AlertRaised(_)
            | PersonEvent::NoticeSent(_)
            | PersonEvent::NoticeFailed(_)
            | PersonEvent::NoticesReported(_) => None,
        };
        let follows = self.follow.take(index, &record);
        if problems.is_empty() {
            problems.extend(follows.err());
        } else {
            self.follow.skip();
        }
        problems.into_iter().for_each(add);
        Ok(Said {
            prev: place.prev,
            gate,
        })
    }

    /// What every record repeats must be what the file says, and time must not run back.
    fn is_next(
        &mut self,
        head: &HistoryHead,
        seq: Seq,
        record: &Record,
        place: &PersonPosition,
    ) -> Vec<Problem> {
        let before = self.time;
        self.time = before.max(record.time);
        let differs = |field, expected: String, found: String| {
            (expected != found).then_some(Problem::Field {
                field,
                expected,
                found,
            })
        };
        let runs_back = (record.time < before).then(|| Problem::Field {
            field: "time",
            expected: format!(
                "not before the {} ms of the record before it",
                before.as_millis()
            ),
            found: format!("{} ms", record.time.as_millis()),
        });
        let checks = [
            differs("origin", head.origin.to_string(), record.origin.to_string()),
            differs("epoch", head.epoch.to_string(), place.epoch.to_string()),
            differs("seq", seq.to_string(), place.seq.to_string()),
            runs_back,
        ];
        checks.into_iter().flatten().collect()
    }

    /// What she had shown, and what the record rests on.
    fn ground(&mut self, at: At, record: &Record, event: &PersonEvent<'_>) -> Vec<Problem> {
        let shown = record.event.check_shown().map_err(Problem::NotShown);
        let rests = self.rests.take(at, event, self.unread == 0);
        let mut problems: Vec<_> = [shown, rests].into_iter().filter_map(Result::err).collect();
        if let PersonEvent::ConsentGiven(given) = event
            && given.log_to != record.origin.as_str()
        {
            problems.push(Problem::Field {
                field: "log_to",
                expected: record.origin.to_string(),
                found: "another".to_owned(),
            });
        }
        problems
    }

    /// What an institution has signed for it; of a link, with the link itself.
    fn signatures(
        &mut self,
        seq: Seq,
        record: &Record,
        event: &PersonEvent<'_>,
    ) -> Option<Problem> {
        let time = record.time;
        match behind(event) {
            Behind::LinkEnd(ended) => {
                self.signatures
                    .push(Signature::of_link_end(seq, time, ended));
                None
            }
            Behind::Access(decided) => {
                self.ruled.push(Ruled::of(seq, time, decided));
                let asked = (decided, self.rests.asked_at(decided, time));
                match Signature::of_access(seq, time, asked) {
                    Ok(signatures) => self.signatures.extend(signatures),
                    Err(problem) => return Some(problem),
                }
                None
            }
            Behind::Release(report) => {
                let permit = self.rests.permit(report.access());
                match Signature::of_release(seq, record, &report, permit) {
                    Ok(signature) => self.signatures.push(signature),
                    Err(problem) => return Some(problem),
                }
                None
            }
            Behind::Link(_) | Behind::Her | Behind::Ledger => None,
        }
    }

    /// A link: L is the one whose check value is recorded, that value is the one signed for, and no
    /// other link has it.
    fn link(&mut self, seq: Seq, record: &Record, issued: &LinkIssued) -> Vec<Problem> {
        let (institution, key) = (issued.institution.clone(), issued.link_key.clone());
        let is_signed_for = link_check(&key) == issued.link_check;
        let is_first = self.link_checks.insert(issued.link_check);
        let (request, not_signed) = match LinkRequest::of(seq, record, issued, self.qid.as_ref()) {
            Ok(request) => (Some(request), None),
            Err(problem) => (None, Some(problem)),
        };
        let of = institution.to_string();
        self.links.push(Link {
            institution,
            key,
            request,
            gates: None,
            issued: seq,
        });
        let key = (!is_signed_for).then(|| Problem::LinkKey {
            institution: of.clone(),
        });
        let twice = (!is_first).then_some(Problem::LinkKeyTwice { institution: of });
        [key, not_signed, twice].into_iter().flatten().collect()
    }

    /// The link of a permit, and the number of its gate, which must be the next one.
    fn permit(&mut self, permit: &AccessDecided) -> Result<Option<(usize, GateNumber)>, Problem> {
        let holder = permit.holder.as_str();
        let is_of = |(_, link): &(usize, &mut Link)| link.institution.as_str() == holder;
        let Some((at, link)) = self.links.iter_mut().enumerate().rfind(is_of) else {
            let was_seen = self.unread == 0;
            return if was_seen {
                Err(Problem::NoLink {
                    holder: holder.to_owned(),
                })
            } else {
                Ok(None)
            };
        };
        let expected = GateNumber::after(link.gates);
        let can_be = expected..=expected.plus(self.unread);
        let Some(number) = permit.gate_number.filter(|number| can_be.contains(number)) else {
            if self.closed.last() > Some(&link.issued) {
                return Err(Problem::UnknownLink {
                    holder: holder.to_owned(),
                });
            }
            let found = permit
                .gate_number
                .map_or_else(|| "absent".to_owned(), |number| number.to_string());
            return Err(Problem::Field {
                field: "gate_number",
                expected: expected.to_string(),
                found,
            });
        };
        link.gates = Some(number);
        Ok(Some((at, number)))
    }
}
