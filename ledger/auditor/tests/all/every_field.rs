//! Every field of every record that `fsck` or `history` reads, changed by itself in an otherwise
//! honest log: what the table of `akashi_check::fields` says is compared is found, by the kind of
//! fault it names, and what it says nobody compares is not.

use std::collections::BTreeSet;

use akashi_actors::SeededSigner;
use akashi_audit::source::Folder;
use akashi_check::fields::{By, Compared, of_field};
use akashi_check::finding::Severe as _;
use akashi_check::fsck;
use akashi_check::history::{self, Place};
use akashi_check::verdict::{Severity, Verdict};
use akashi_proof::consent::AccessMode;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    ConsentId, ContactId, Generation, InstitutionId, LeafIndex, NoticeId, Reference, Timestamp,
};
use akashi_proof::limits::COOLING_OFF_MILLIS;
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::{
    AccessAsked, AccessDecided, AccessesCounted, AccountChanged, AlertRaised, AnsweredBy,
    ApprovalAnswered, ApprovalExpired, Arrival, Assurance, BasisKind, BlockedBy, Channel,
    ConsentNarrowed, ConsentWithdrawn, ConsentsStopped, ContactDoubted, ContactKept,
    ContactReplaced, ContactSettled, ContactVerified, Event, KeptBy, KeyUse, Kind, Language,
    LinkEnd, LinkWithdrawn, MeansBlocked, MeansUnblocked, NoticeDelivery, NoticesReported, Outcome,
    PapersReplaced, ReleaseReason, ReleaseRefused, Rule, Step, Template, YesNo,
};
use akashi_proof::record::value::Set;
use akashi_proof::record::{Record, StreamKind, field_names};
use akashi_proof::stream;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;

use crate::lying_ground::{agreed, link_end};
use crate::person::{
    Asked, HOSPITAL, PHARMACY, Reported, Story, again, decided, enrolled, jti, link_key, linked,
    linked_on, qid, released_on,
};
use crate::support::{OPENED, TestLog, gate, gate_number, honest_registry, log_signer};
use crate::{log_keys, standstill, stolen_keys};

/// Room for the registry, and for every kind of record about her behind it.
const SIZE: u64 = 120;
const LANGUAGE: Language = Language::Ja;
const ASSURANCE: Assurance = Assurance::SmsAndRecovery;
const PHONE: ContactId = ContactId::from_bytes([4; 16]);
const MAIL: ContactId = ContactId::from_bytes([21; 16]);
const NEW_PHONE: ContactId = ContactId::from_bytes([22; 16]);

// --- A life in which everything happens ---

/// What goes on appending to her history, and knows where its records will stand.
struct Life(Story);

impl Life {
    fn index(&self) -> LeafIndex {
        LeafIndex::new(self.0.place_of(self.0.records.len() as u64 + 1))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(OPENED + 1_000 * (self.0.records.len() as u64 + 1))
    }

    /// Appends it; returns its log index.
    fn add(&mut self, event: Event) -> LeafIndex {
        let index = self.index();
        self.0.append(event, None);
        index
    }

    /// A permit with the next gate of the pharmacy's link.
    fn permit(&mut self, number: u64, bend: impl FnOnce(&mut AccessDecided)) -> LeafIndex {
        let index = self.index();
        let mut permit = decided();
        permit.gate_number = Some(gate_number(number));
        permit.jti = jti(100 + number);
        permit.expires = Some(self.now().plus_millis(600_000));
        bend(&mut permit);
        let carried = gate(&link_key("pharmacy"), number);
        self.0.append(Event::AccessPermitted(permit), Some(carried));
        index
    }

    /// A question; returns its log index and the identifier of its request.
    fn ask(&mut self, number: u8, waits: u64) -> (LeafIndex, AccessAsked) {
        let digest = Digest::from_bytes([number; 32]);
        let decided = AccessDecided {
            basis_kind: BasisKind::Consent,
            outcome: Outcome::Ask,
            told: Outcome::Ask,
            gate_number: None,
            holder_link: None,
            expires: Some(self.now().plus_millis(waits)),
            jti: jti(number.into()),
            ..decided()
        };
        let asked = AccessAsked {
            decided,
            reference: Reference::of(&digest, |_| false),
            approval_digest: digest,
            low_risk: YesNo::No,
        };
        (self.add(Event::AccessAsked(asked.clone())), asked)
    }
}

fn institution(name: &str) -> InstitutionId {
    InstitutionId::parse(name).unwrap()
}

fn settled(contact: ContactId, channel: Channel) -> ContactSettled {
    ContactSettled {
        contact,
        channel,
        assurance: ASSURANCE,
        language: LANGUAGE,
    }
}

fn changed() -> AccountChanged {
    AccountChanged {
        assurance: ASSURANCE,
        language: LANGUAGE,
    }
}

fn answered(access: LeafIndex, asked: &AccessAsked) -> ApprovalAnswered {
    ApprovalAnswered {
        access,
        approval_digest: asked.approval_digest,
        answered_by: AnsweredBy::Portal,
        seen: YesNo::Yes,
        reported: YesNo::No,
        wording_digest: Digest::from_bytes([32; 32]),
        language: LANGUAGE,
        assurance: ASSURANCE,
    }
}

/// An honest history with a record of every kind about a person.
fn life() -> Story {
    let mut life = Life(Story::empty(SIZE));
    let first = stream::tag_key_commitment(life.0.key.epoch, &life.0.key.key);
    life.add(enrolled(first));
    life.add(linked(HOSPITAL, "hospital"));
    life.add(linked(PHARMACY, "pharmacy"));
    contacts(&mut life);
    consents(&mut life);
    questions(&mut life);
    life.add(Event::AccessDenied(AccessDecided {
        jti: jti(50),
        outcome: Outcome::Deny,
        told: Outcome::Deny,
        gate_number: None,
        holder_link: None,
        expires: None,
        ..decided()
    }));
    told(&mut life);
    endings(&mut life);
    let kinds: BTreeSet<_> = life.0.records.iter().map(|one| one.record.kind()).collect();
    let all = Kind::ALL.iter().copied();
    let all: BTreeSet<_> = all
        .filter(|kind| kind.stream() == StreamKind::Person)
        .collect();
    assert_eq!(kinds, all);
    life.0
}

fn contacts(life: &mut Life) {
    let (contact, channel) = (MAIL, Channel::Email);
    life.add(Event::ContactVerified(ContactVerified {
        contact,
        channel,
        assurance: ASSURANCE,
    }));
    let channel = Channel::Sms;
    let effective = life.now().plus_millis(COOLING_OFF_MILLIS);
    life.add(Event::ContactReplaced(ContactReplaced {
        contact: NEW_PHONE,
        channel,
        replaces: PHONE,
        effective,
        assurance: ASSURANCE,
        language: LANGUAGE,
    }));
    let contact = PHONE;
    life.add(Event::ContactDoubted(ContactDoubted { contact, channel }));
    life.add(Event::ContactKept(ContactKept {
        contact,
        channel,
        instead_of: NEW_PHONE,
        kept_by: KeptBy::Person,
        language: LANGUAGE,
    }));
    life.add(Event::ContactConfirmed(settled(PHONE, channel)));
    life.add(Event::MeansBlocked(MeansBlocked {
        contact,
        channel,
        blocked_by: BlockedBy::Person,
        language: LANGUAGE,
    }));
    life.add(Event::MeansUnblocked(MeansUnblocked {
        contact,
        channel,
        assurance: ASSURANCE,
        language: LANGUAGE,
    }));
}

fn consents(life: &mut Life) {
    let mut given = agreed();
    let day = |day| Some(Timestamp::from_millis(day));
    given.terms.processes = Some(Set::new([decided().process]));
    (given.terms.period_from, given.terms.period_until) = (day(5), day(9_000));
    let consent = life.add(Event::ConsentGiven(given.clone()));
    let permit = life.permit(1, |permit| {
        permit.basis_kind = BasisKind::Consent;
        permit.consent = Some(consent);
        (permit.period_from, permit.period_until) = (day(7), day(8_000));
    });
    let reported = Reported::honest(permit.value()).statement();
    life.add(released_on(permit.value(), reported));
    let mut terms = given.terms.clone();
    terms.valid_until = terms.valid_until.minus_millis(1);
    life.add(Event::ConsentNarrowed(ConsentNarrowed {
        consent: given.consent,
        terms,
        wording_digest: Digest::from_bytes([19; 32]),
        language: LANGUAGE,
        assurance: ASSURANCE,
    }));
    life.add(Event::ConsentWithdrawn(ConsentWithdrawn {
        consent: given.consent,
        assurance: ASSURANCE,
        language: LANGUAGE,
    }));
    let mut again = given;
    again.consent = ConsentId::from_bytes([23; 16]);
    life.add(Event::ConsentGiven(again));
    life.add(Event::ConsentsStopped(ConsentsStopped {
        count: 1,
        assurance: ASSURANCE,
        language: LANGUAGE,
    }));
}

fn questions(life: &mut Life) {
    let (access, asked) = life.ask(1, 600_000);
    let granted = life.add(Event::ApprovalGranted(answered(access, &asked)));
    let permit = life.permit(2, |permit| {
        permit.basis_kind = BasisKind::Consent;
        permit.approval = Some(granted);
        permit.jti = asked.decided.jti.clone();
    });
    let mut reported = Reported::honest(permit.value());
    reported.jti = jti(70);
    let Event::AccessReleased(report) = released_on(permit.value(), reported.statement()) else {
        unreachable!()
    };
    life.add(Event::ReleaseRefused(ReleaseRefused {
        access: report.access,
        holder: report.holder,
        reasons: vec![ReleaseReason::Expired],
        kid: report.kid,
        jti: reported.jti,
        statement: report.statement,
    }));
    life.permit(3, |_| ());
    let (access, asked) = life.ask(2, 600_000);
    life.add(Event::ApprovalRefused(answered(access, &asked)));
    let (access, asked) = life.ask(3, 500);
    life.add(Event::ApprovalExpired(ApprovalExpired {
        access,
        approval_digest: asked.approval_digest,
    }));
}

fn told(life: &mut Life) {
    let (from, until) = (life.now().minus_millis(100), life.now());
    let asked = decided();
    life.add(Event::AccessesCounted(AccessesCounted {
        requester: asked.requester,
        from,
        until,
        count: 2,
        role_holders: Set::new([asked.role_holder]),
        processes: Set::new([asked.process]),
        purposes: Set::new([asked.purpose]),
        holders: Set::new([asked.holder]),
        root: Digest::from_bytes([40; 32]),
    }));
    let denied = life.0.records.iter();
    let mut denied = denied.filter(|one| one.record.kind() == Kind::AccessDenied);
    let access = LeafIndex::new(denied.next().unwrap().index);
    life.add(Event::AlertRaised(AlertRaised {
        access,
        rule: Rule::OutOfPurpose,
        count: 1,
    }));
    let delivery = |number| NoticeDelivery {
        notice: NoticeId::from_bytes([number; 16]),
        about: Some(access),
        template: Template::OutOfPurpose,
        channel: Channel::Sms,
        contact: PHONE,
        text_digest: Digest::from_bytes([41; 32]),
        attempts: 1,
    };
    let sent = life.add(Event::NoticeSent(delivery(1)));
    life.add(Event::NoticeFailed(delivery(2)));
    life.add(Event::NoticesReported(NoticesReported {
        arrival: Arrival::Delivered,
        notices: Set::new([sent]),
    }));
}

fn endings(life: &mut Life) {
    life.add(Event::LinkRevoked(link_end_of(
        HOSPITAL,
        60,
        LinkEnd::NotNeeded,
    )));
    life.add(Event::LinkCorrected(link_end_of(
        PHARMACY,
        61,
        LinkEnd::WrongPerson,
    )));
    life.add(Event::PapersReplaced(PapersReplaced {
        qid_digest: qid('8').digest(),
        recovery_digest: Digest::from_bytes([5; 32]),
        assurance: ASSURANCE,
        language: LANGUAGE,
    }));
    let mut asked = Asked::honest(HOSPITAL, "hospital again");
    asked.qid = qid('8');
    life.add(again(linked_on(HOSPITAL, "hospital again", &asked)));
    life.add(Event::LinkWithdrawn(LinkWithdrawn {
        institution: institution(HOSPITAL),
        generation: Generation::FIRST.next().unwrap(),
        assurance: ASSURANCE,
        language: LANGUAGE,
    }));
    life.add(Event::ContactEnded(settled(MAIL, Channel::Email)));
    life.add(Event::AccountSuspended(changed()));
    life.add(Event::AccountResumed(changed()));
    life.add(Event::AccountClosed(changed()));
}

fn link_end_of(
    institution: &str,
    number: u64,
    cause: LinkEnd,
) -> akashi_proof::record::kind::LinkRevoked {
    let seed = if institution == HOSPITAL {
        crate::support::HOSPITAL_SEED
    } else {
        crate::support::PHARMACY_SEED
    };
    let mut ended = link_end(seed, cause);
    ended.institution = self::institution(institution);
    ended.jti = jti(number);
    ended
}

// --- Other values ---

/// Every closed word there is.
fn words() -> Vec<&'static str> {
    macro_rules! all {
        ($( $words:ty ),*) => {
            [ $( <$words>::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>() ),* ].concat()
        };
    }
    all!(
        AccessMode,
        AnsweredBy,
        Arrival,
        Assurance,
        BasisKind,
        BlockedBy,
        Channel,
        KeptBy,
        KeyUse,
        Language,
        LinkEnd,
        Outcome,
        Reason,
        ReleaseReason,
        Rule,
        Step,
        Template,
        YesNo
    )
}

/// How many of them are tried, of every sort one: all of them where one that is found is looked
/// for.
fn tried(mut others: Vec<Record>, compared: Compared) -> Vec<Record> {
    let most = match compared {
        Compared::Exactly(_) => 6,
        Compared::Within(_) => others.len().max(1),
        Compared::Elsewhere | Compared::Writer | Compared::Nobody => 3,
    };
    let step = others.len().div_ceil(most).max(1);
    let mut nth = 0_usize..;
    others.retain(|_| nth.next().is_some_and(|nth| nth.is_multiple_of(step)));
    others
}

/// Other values that may stand in this field of this record, one of each sort: near ones, far ones,
/// none at all.
fn others(record: &Record, at: usize) -> Vec<Record> {
    let values = record.values();
    let own = &values[at];
    let mut other: Vec<Vec<u8>> = vec![vec![0], vec![1], [&own[..], b"x"].concat()];
    for byte in [1, own.len() / 2, own.len() - 1] {
        for bit in [1, 4] {
            let mut flipped = own.clone();
            flipped[byte.min(own.len() - 1)] ^= bit;
            other.push(flipped);
        }
    }
    other.extend(
        words()
            .iter()
            .map(|word| [b"\x01", word.as_bytes()].concat()),
    );
    for text in [HOSPITAL, PHARMACY, "x", "2026-01-01"] {
        other.push([b"\x01", text.as_bytes()].concat());
    }
    for number in [0, 1, 2, 10, 20, 255, 8_000_000_000_000_u64] {
        other.push([&[1][..], &number.to_be_bytes()].concat());
    }
    if let Ok(number) = <[u8; 8]>::try_from(&own[1..]) {
        let number = u64::from_be_bytes(number);
        for near in [number.saturating_sub(1), number + 1] {
            other.push([&[1][..], &near.to_be_bytes()].concat());
        }
    }
    for len in [16, 32] {
        other.push([vec![1], vec![77; len]].concat());
    }
    // Lists: empty, of one text, of one number.
    other.push(vec![1, 0, 0]);
    for item in [&b"zz"[..], &77_u64.to_be_bytes()] {
        let len = (item.len() as u32).to_be_bytes();
        other.push([&[1, 0, 1][..], &len, item].concat());
    }
    let read = |other: Vec<u8>| {
        let mut changed = values.clone();
        changed[at] = other;
        let borrowed: Vec<&[u8]> = changed.iter().map(Vec::as_slice).collect();
        let changed = Record::from_values(&borrowed).ok()?;
        (changed.kind() == record.kind() && changed.values()[at] != *own).then_some(changed)
    };
    let mut seen = BTreeSet::new();
    let others = other.into_iter().filter_map(read);
    others
        .filter(|other| seen.insert(other.values()[at].clone()))
        .collect()
}

// --- A person's records ---

/// What `history` finds where the ledger has recorded this in place of an honest record.
fn found(story: &mut Story, at: usize, other: Record) -> history::Report {
    let seq = at as u64 + 1;
    let honest = story.records[at].record.clone();
    story.change(seq, |filed| filed.record = other);
    let report = story.check(&story.file());
    story.change(seq, |filed| filed.record = honest);
    report
}

/// By what a problem of a history was found.
fn by(place: &Place, problem: &history::Problem) -> By {
    use history::Problem as P;
    match problem {
        P::Field { field, .. } => match *field {
            "origin" | "epoch" | "seq" | "prev" | "time" if matches!(place, Place::Record(_)) => {
                By::Place
            }
            "gate_number" => By::Gate,
            "policy_digest" => By::Registry,
            _ => By::Ground,
        },
        P::File(_) | P::Enrolment | P::BeyondCheckpoint { .. } => By::Place,
        P::NoEntry { .. } | P::OtherIndex { .. } | P::Hidden { .. } | P::Gap { .. } => By::Place,
        P::OtherKey => By::Key,
        P::LinkKey { .. } | P::LinkNotSigned { .. } | P::NotSigned { .. } => By::Signed,
        P::NotShown(_) => By::Shown,
        P::RestsOnNothing { .. } => By::Ground,
        P::Contradiction { .. } => By::Rules,
        P::NoLink { .. }
        | P::WrongGate { .. }
        | P::OtherGate { .. }
        | P::ForeignGate { .. }
        | P::LinkKeyTwice { .. } => By::Gate,
        other => panic!("{place}: {other}"),
    }
}

/// Whether each other value is found, and by what.
fn outcome(report: &history::Report) -> Option<BTreeSet<By>> {
    let found = report.findings.iter();
    let found: BTreeSet<_> = found.map(|one| by(&one.place, &one.problem)).collect();
    let is_wrong = |one: &history::Finding| one.problem.severity() == Severity::DishonestOrBroken;
    match report.verdict() {
        Verdict::Good => None,
        // Whose history it is, is not the log's lie.
        Verdict::CouldNotCheck if found.contains(&By::Key) => Some(found),
        Verdict::DishonestOrBroken => {
            assert!(report.findings.iter().any(is_wrong));
            Some(found)
        }
        other => panic!("{other:?}: {found:?}"),
    }
}

/// What the table says of this field, and what is found where it has another value: in the first
/// record of its kind where every other value must be found, in any where one must.
fn check_field(story: &mut Story, kind: Kind, name: &'static str) -> Result<(), String> {
    let at = field_names(kind)
        .iter()
        .position(|one| *one == name)
        .unwrap();
    let compared = of_field(kind, name).unwrap().compared;
    let is_of_kind = |at: &usize| story.records[*at].record.kind() == kind;
    let of_kind: Vec<_> = (0..story.records.len()).filter(is_of_kind).collect();
    let mut outcomes = Vec::new();
    for (nth, number) in of_kind.into_iter().enumerate() {
        let record = &story.records[number].record;
        let mut all = others(record, at);
        let of_kind = story
            .records
            .iter()
            .filter(|other| name != "kind" || other.record == *record);
        for other in of_kind {
            let names = field_names(other.record.kind());
            if let Some(same) = names.iter().position(|one| *one == name) {
                let mut values = record.values();
                values[at] = other.record.values()[same].clone();
                let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
                let other = Record::from_values(&values).ok();
                all.extend(other.filter(|other| other != record && !all.contains(other)));
            }
        }
        let is_first = nth == 0;
        for other in tried(all, compared) {
            let value = other.values()[at].clone();
            let outcome = outcome(&found(story, number, other));
            let is_known = match compared {
                Compared::Exactly(_) if !is_first => continue,
                Compared::Exactly(by) | Compared::Within(by) => {
                    outcome.as_ref().is_some_and(|found| found.contains(&by))
                }
                Compared::Elsewhere | Compared::Writer | Compared::Nobody => outcome.is_none(),
            };
            outcomes.push((is_known, format!("{value:x?}: {outcome:?}")));
            if is_known && matches!(compared, Compared::Within(_)) {
                return Ok(());
            }
        }
        if !matches!(compared, Compared::Within(_)) {
            break;
        }
    }
    let wrong: Vec<_> = outcomes.iter().filter(|(is_known, _)| !is_known).collect();
    let is_within = matches!(compared, Compared::Within(_));
    if wrong.is_empty() && !is_within {
        return Ok(());
    }
    let wrong: Vec<_> = wrong
        .iter()
        .map(|(_, said)| said.as_str())
        .take(4)
        .collect();
    Err(format!(
        "{} `{name}` {compared:?}: {}",
        kind.name(),
        wrong.join("; ")
    ))
}

/// The fields of these kinds, the common ones of the first of them alone.
fn check_kinds(kinds: impl Fn(Kind) -> bool) {
    let mut story = life();
    let report = story.check(&story.file());
    let said = report
        .findings
        .iter()
        .map(|one| format!("{}: {}", one.place, one.problem));
    assert_eq!(
        report.verdict(),
        Verdict::Good,
        "{:#?}",
        said.collect::<Vec<_>>()
    );
    let mut wrong = Vec::new();
    let all = Kind::ALL.iter().copied();
    for kind in all.filter(|kind| kind.stream() == StreamKind::Person && kinds(*kind)) {
        let common = field_names(kind).len() - kind.own_names().len();
        for (at, name) in field_names(kind).into_iter().enumerate() {
            if at >= common || matches!(kind, Kind::AccessDenied | Kind::MeansBlocked) {
                wrong.extend(check_field(&mut story, kind, name).err());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_decision(kind: Kind) -> bool {
    kind.own_names().contains(&"presenter_key")
}

#[test]
fn every_field_of_a_decision_about_her_is_compared_as_the_table_says() {
    check_kinds(is_decision);
}

#[test]
fn every_field_of_what_she_did_and_was_told_is_compared_as_the_table_says() {
    check_kinds(|kind| !is_decision(kind));
}

// --- The registry's records ---

/// Where they stand; the first four where [`log_keys::changed`] hands its log over.
const PLACES_OF_REGISTRY: [u64; 10] = [0, 1, 2, 5, 6, 7, 8, 9, 10, 11];

/// A registry, and who signs the log it is of.
type Signed = (Vec<Record>, fn() -> SeededSigner);

/// What `fsck` finds in a log with this registry that this key signs.
fn registry_found(registry: &[Record], signer: fn() -> SeededSigner) -> fsck::Report {
    let mut log = TestLog::of(&[], 16);
    for (seq, (index, record)) in (1..).zip(PLACES_OF_REGISTRY.into_iter().zip(registry)) {
        log.place(index, seq, record);
    }
    (log.signers, log.vkeys) = (vec![signer()], signer().vkey() + "\n");
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    let vkey = VerifyingKey::parse(&signer().vkey()).unwrap();
    fsck::run(&fsck::Request {
        keys: Some(&LogKeys::new(vec![vkey]).unwrap()),
        workers: 2,
        ..fsck::Request::of(&Folder::new(folder.path()).unwrap())
    })
}

/// Whether the report says so by this.
fn is_said(report: &fsck::Report, by: By) -> bool {
    let by_fold = |one: &fsck::Finding| matches!(one.problem, fsck::Problem::Fold(_));
    report.verdict() == Verdict::DishonestOrBroken
        && match by {
            By::Signed | By::Rules => report.findings.iter().any(by_fold),
            By::Place | By::Given => true,
            other => panic!("{other:?} of the registry"),
        }
}

#[test]
fn every_field_of_the_registry_is_compared_as_the_table_says() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let stories: [Signed; 4] = [
        (honest_registry(), log_signer),
        (stolen_keys::registry(), log_signer),
        (log_keys::changed(), log_keys::second),
        (standstill::registry(), log_signer),
    ];
    for (mut registry, signer) in stories {
        let report = registry_found(&registry, signer);
        assert_eq!(report.verdict(), Verdict::Good, "{:?}", report.findings);
        for at in 0..registry.len() {
            let honest = registry[at].clone();
            let kind = honest.kind();
            if !seen.insert(kind) {
                continue;
            }
            let common = field_names(kind).len() - kind.own_names().len();
            for (place, name) in field_names(kind).into_iter().enumerate() {
                if place < common && kind != Kind::InstitutionCertified {
                    continue;
                }
                let compared = of_field(kind, name).unwrap().compared;
                let mut outcomes = Vec::new();
                for other in tried(others(&honest, place), compared) {
                    let value = other.values()[place].clone();
                    registry[at] = other;
                    let report = registry_found(&registry, signer);
                    let is_known = match compared {
                        Compared::Exactly(by) | Compared::Within(by) => is_said(&report, by),
                        Compared::Elsewhere | Compared::Writer | Compared::Nobody => {
                            report.verdict() == Verdict::Good
                        }
                    };
                    let said = report.findings.first().map(|one| one.problem.to_string());
                    outcomes.push((is_known, format!("{value:x?}: {said:?}")));
                }
                registry[at] = honest.clone();
                let is_right = match compared {
                    Compared::Within(_) => outcomes.iter().any(|(is_known, _)| *is_known),
                    _ => outcomes.iter().all(|(is_known, _)| *is_known),
                };
                if !is_right {
                    let first = outcomes.into_iter().find(|(is_known, _)| !is_known);
                    wrong.push(format!("{} `{name}` {compared:?}: {first:?}", kind.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all = Kind::ALL.iter().copied();
    let all = all.filter(|kind| kind.stream() == StreamKind::Registry);
    assert_eq!(seen, all.collect());
}
