use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::record::fields::Fields;
use crate::record::value::Value;

fn id(text: &str) -> InstitutionId {
    InstitutionId::parse(text).unwrap()
}

fn institutions() -> impl Strategy<Value = InstitutionId> {
    select(vec![id("hospital.chuo"), id("pharmacy.midori")])
}

fn categories() -> impl Strategy<Value = Set<CategoryCode>> {
    let all = ["allergies", "images", "medication"].map(|code| CategoryCode::parse(code).unwrap());
    subsequence(all.to_vec(), 0..=3).prop_map(Set::new)
}

fn purposes() -> impl Strategy<Value = Set<PurposeCode>> {
    let all = ["research", "treatment"].map(|code| PurposeCode::parse(code).unwrap());
    subsequence(all.to_vec(), 0..=2).prop_map(Set::new)
}

fn process() -> [ProcessId; 2] {
    ["care.consult", "care.refer"].map(|code| ProcessId::parse(code).unwrap())
}

fn processes() -> impl Strategy<Value = Option<Set<ProcessId>>> {
    prop::option::of(subsequence(process().to_vec(), 0..=2).prop_map(Set::new))
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..4u64).prop_map(Timestamp::from_millis)
}

fn period() -> impl Strategy<Value = Period> {
    (prop::option::of(time()), prop::option::of(time()))
        .prop_map(|(from, until)| Period { from, until })
}

fn mode() -> impl Strategy<Value = AccessMode> {
    select(AccessMode::ALL.to_vec())
}

fn frequency() -> impl Strategy<Value = Frequency> {
    let times = (1..4u16, select(Span::ALL.to_vec()))
        .prop_map(|(most, each)| Frequency::Times { most, each });
    prop_oneof![Just(Frequency::AsNeeded), Just(Frequency::Once), times]
}

prop_compose! {
    fn terms()(
        pair in (institutions(), institutions()),
        categories in categories(),
        purposes in purposes(),
        processes in processes(),
        access_mode in mode(),
        period in period(),
        valid in (time(), time()),
        frequency in frequency(),
    ) -> Terms {
        Terms {
            processes,
            access_mode,
            period_from: period.from,
            period_until: period.until,
            frequency,
            ..Terms::to_view(pair, categories, purposes, valid)
        }
    }
}

/// What of terms is changed at random, so that one of two is often within the other.
fn less(of: Terms) -> impl Strategy<Value = Terms> {
    (terms(), prop::bits::u16::masked(0x1FF)).prop_map(move |(other, changed)| {
        let at = |bit: u16| changed >> bit & 1 == 1;
        let mut less = of.clone();
        if at(0) {
            less.categories = Set::new(meet(&of.categories, &other.categories));
        }
        if at(1) {
            less.purposes = Set::new(meet(&of.purposes, &other.purposes));
        }
        if at(2) && less.processes.is_none() {
            less.processes = other.processes;
        }
        if at(3) && of.access_mode.covers(other.access_mode) {
            less.access_mode = other.access_mode;
        }
        if at(4) && less.period_from.is_none() {
            less.period_from = other.period_from;
        }
        if at(5) && less.period_until.is_none() {
            less.period_until = other.period_until;
        }
        if at(6) {
            less.valid_from = of.valid_from.max(other.valid_from);
        }
        if at(7) {
            less.valid_until = of.valid_until.min(other.valid_until);
        }
        if at(8) && other.frequency.narrows(of.frequency) {
            less.frequency = other.frequency;
        }
        less
    })
}

fn meet<T: Ord + Clone>(one: &Set<T>, other: &Set<T>) -> Vec<T> {
    let both = one.iter().filter(|item| other.contains(item));
    both.cloned().collect()
}

/// A use of at least one category and one instant, as every statement is.
#[derive(Clone, Debug)]
struct Wanted {
    terms: Terms,
    process: ProcessId,
    purpose: PurposeCode,
}

impl Wanted {
    fn as_use(&self) -> Use<'_> {
        Use {
            requester: &self.terms.recipient,
            holder: &self.terms.holder,
            process: &self.process,
            purpose: &self.purpose,
            categories: &self.terms.categories,
            mode: self.terms.access_mode,
            period: self.terms.period(),
        }
    }
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let purpose = select(vec![
        PurposeCode::parse("research").unwrap(),
        PurposeCode::parse("treatment").unwrap(),
    ]);
    let wanted = (terms(), select(process().to_vec()), purpose);
    wanted
        .prop_map(|(terms, process, purpose)| Wanted {
            terms,
            process,
            purpose,
        })
        .prop_filter("a use of something", |wanted| {
            let period = wanted.terms.period();
            !wanted.terms.categories.is_empty() && period.overlaps(period)
        })
}

fn terms_and_less() -> impl Strategy<Value = (Terms, Terms)> {
    terms().prop_flat_map(|wider| (Just(wider.clone()), less(wider)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_narrower_terms_cover_wider_ones_cover_too(
        (wider, narrower) in terms_and_less(),
        wanted in wanted(),
        at in time(),
    ) {
        prop_assert!(narrower.narrows(&wider));
        if narrower.covers(&wanted.as_use(), at).is_ok() {
            prop_assert_eq!(wider.covers(&wanted.as_use(), at), Ok(()));
        }
    }

    #[test]
    fn narrowing_any_other_terms_keeps_what_they_cover(
        a in terms(),
        b in terms(),
        wanted in wanted(),
        at in time(),
    ) {
        if a.narrows(&b) && a.covers(&wanted.as_use(), at).is_ok() {
            prop_assert_eq!(b.covers(&wanted.as_use(), at), Ok(()));
        }
    }

    #[test]
    fn narrower_is_a_partial_order((a, b) in terms_and_less(), c in terms()) {
        prop_assert!(a.narrows(&a));
        if a.narrows(&b) {
            prop_assert_eq!(&a, &b, "each narrows the other");
        }
        if c.narrows(&b) {
            prop_assert!(c.narrows(&a));
        }
    }

    #[test]
    fn narrowing_step_by_step_is_narrowing(
        (a, b, c) in terms_and_less().prop_flat_map(|(a, b)| (Just(a), Just(b.clone()), less(b))),
    ) {
        prop_assert!(b.narrows(&a) && c.narrows(&b) && c.narrows(&a));
    }

    #[test]
    fn overlapping_is_mutual_and_seen_wherever_both_cover_a_use(
        a in terms(),
        b in terms(),
        wanted in wanted(),
        at in time(),
    ) {
        prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
        let covers = |terms: &Terms| terms.covers(&wanted.as_use(), at).is_ok();
        if covers(&a) && covers(&b) {
            prop_assert!(a.overlaps(&b));
        }
    }

    #[test]
    fn terms_that_overlap_have_a_use_in_common(a in terms(), b in terms()) {
        if !a.overlaps(&b) {
            return Ok(());
        }
        let processes = [&a.processes, &b.processes].map(|own| {
            own.clone().unwrap_or_else(|| Set::new(process()))
        });
        let modes = [a.access_mode, b.access_mode];
        let wanted = Wanted {
            process: meet(&processes[0], &processes[1]).remove(0),
            purpose: meet(&a.purposes, &b.purposes).remove(0),
            terms: Terms {
                categories: Set::new(meet(&a.categories, &b.categories)),
                access_mode: if modes[0].covers(modes[1]) { modes[1] } else { modes[0] },
                period_from: a.period_from.max(b.period_from),
                period_until: [a.period_until, b.period_until].into_iter().flatten().min(),
                ..a.clone()
            },
        };
        let at = a.valid_from.max(b.valid_from);
        prop_assert_eq!(a.covers(&wanted.as_use(), at), Ok(()));
        prop_assert_eq!(b.covers(&wanted.as_use(), at), Ok(()));
    }

    #[test]
    fn terms_read_back_from_their_positions(terms in terms()) {
        let values = terms.values();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(values.len(), Terms::NAMES.len());
        prop_assert_eq!(Terms::from_values(&values), Ok(terms));
    }
}

#[test]
fn a_frequency_has_one_spelling() {
    let weekly = Frequency::Times {
        most: 2,
        each: Span::Week,
    };
    assert_eq!(weekly.to_string(), "2-each-week");
    for good in [Frequency::AsNeeded, Frequency::Once, weekly] {
        assert_eq!(Frequency::parse(&good.to_string()), Some(good));
        assert_eq!(Frequency::decode(&good.encode()), Ok(good));
    }
    for bad in [
        "",
        "Once",
        "0-each-week",
        "02-each-week",
        "2-each-fortnight",
        "70000-each-day",
        "2-each-",
    ] {
        assert_eq!(Frequency::parse(bad), None, "{bad}");
    }
}

#[test]
fn a_gap_is_named_in_the_order_in_which_one_is_asked() {
    let valid = (Timestamp::from_millis(10), Timestamp::from_millis(20));
    let treatment = PurposeCode::parse("treatment").unwrap();
    let medication = CategoryCode::parse("medication").unwrap();
    let [consult, refer] = process();
    let terms = Terms {
        processes: Some(Set::new([consult.clone()])),
        period_from: Some(Timestamp::from_millis(5)),
        ..Terms::to_view(
            (id("hospital.chuo"), id("pharmacy.midori")),
            Set::new([medication]),
            Set::new([treatment.clone()]),
            valid,
        )
    };
    let (other, research) = (
        id("insurer.hinata"),
        PurposeCode::parse("research").unwrap(),
    );
    let images = Set::new([CategoryCode::parse("images").unwrap()]);
    let recent = Period {
        from: Some(Timestamp::from_millis(7)),
        until: None,
    };
    let good = Use {
        requester: &terms.recipient,
        holder: &terms.holder,
        process: &consult,
        purpose: &treatment,
        categories: &terms.categories,
        mode: AccessMode::View,
        period: recent,
    };
    let now = Timestamp::from_millis(10);
    assert_eq!(terms.covers(&good, now), Ok(()));
    assert_eq!(
        terms.covers(&good, Timestamp::from_millis(9)),
        Err(Gap::Time)
    );
    assert_eq!(
        terms.covers(&good, Timestamp::from_millis(20)),
        Err(Gap::Time)
    );
    // Each leaves the faults before it mended.
    let mut wanted = Use {
        requester: &other,
        holder: &other,
        process: &refer,
        purpose: &research,
        categories: &images,
        mode: AccessMode::Store,
        period: Period::ALL,
    };
    let mut gaps = Vec::new();
    let mut next = |wanted: &Use<'_>| gaps.extend(terms.covers(wanted, now).err());
    next(&wanted);
    wanted.requester = good.requester;
    next(&wanted);
    wanted.holder = good.holder;
    next(&wanted);
    wanted.purpose = good.purpose;
    next(&wanted);
    wanted.categories = good.categories;
    next(&wanted);
    wanted.process = good.process;
    next(&wanted);
    wanted.mode = good.mode;
    next(&wanted);
    let asked = [
        Gap::Recipient,
        Gap::Holder,
        Gap::Purpose,
        Gap::Categories,
        Gap::Process,
        Gap::Mode,
        Gap::Period,
    ];
    assert_eq!(gaps, asked);
    assert!(gaps.is_sorted(), "the greater gap came further");
}

#[test]
fn what_may_be_kept_may_be_looked_at_and_not_the_other_way() {
    assert!(AccessMode::Store.covers(AccessMode::View));
    assert!(!AccessMode::View.covers(AccessMode::Store));
    assert!(!AccessMode::Store.covers(AccessMode::Query));
    let week = |most| Frequency::Times {
        most,
        each: Span::Week,
    };
    let month = Frequency::Times {
        most: 1,
        each: Span::Month,
    };
    assert!(week(1).narrows(week(2)) && !week(2).narrows(week(1)));
    assert!(!month.narrows(week(1)) && !week(1).narrows(month));
    assert!(Frequency::Once.narrows(month) && month.narrows(Frequency::AsNeeded));
}
