use std::task::Waker;

use super::*;

const BOUNDS: Bounds = Bounds {
    most: 8,
    by_ring: [2, 3, 4, 6],
};

fn customer(n: u8) -> [u8; 8] {
    [0x20, 1, 0x0d, 0xb8, 0, n, n, n]
}

fn is_sent_away(place: &Place) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    place.poll_sent_away(&mut context).is_ready()
}

#[test]
fn each_width_of_network_has_its_bound() {
    let crowd = Crowd::new(BOUNDS);
    let of = |last: [u8; 4]| crowd.enter(&[[0x20, 1, 0x0d, 0xb8], last].concat());
    let one = (of([0, 0, 0, 0]).unwrap(), of([0, 0, 0, 0]).unwrap());
    assert!(of([0, 0, 0, 0]).is_none(), "N + 1 of one address");
    let home = of([0, 0, 0, 1]).unwrap();
    assert!(of([0, 0, 0, 2]).is_none(), "N + 1 of one home line");
    let site = of([0, 0, 1, 0]).unwrap();
    assert!(of([0, 0, 2, 0]).is_none(), "N + 1 of one site");
    let provider = (of([1, 0, 0, 0]).unwrap(), of([2, 0, 0, 0]).unwrap());
    assert!(of([3, 0, 0, 0]).is_none(), "N + 1 of one provider");
    let others = (crowd.enter(&[192, 0, 2, 1]), crowd.enter(b""));
    assert!(others.0.is_some() && others.1.is_some());
    assert!(crowd.enter(&[192, 1, 2, 1]).is_none(), "N + 1 in all");
    assert_eq!((crowd.count(), crowd.turned_away()), (8, 5));
    drop((one, home, site, provider, others));
    assert_eq!(crowd.count(), 0);
    let inside = crowd.inside();
    let left = inside.networks.iter().map(HashMap::len).sum::<usize>();
    assert_eq!(
        (left, inside.fullest.len()),
        (0, 0),
        "nothing is left behind"
    );
}

#[test]
fn who_stays_makes_room_for_himself_and_the_fullest_network_for_all() {
    let crowd = Crowd::new(BOUNDS);
    let slow = |n| crowd.push_in(&customer(n)).unwrap();
    let (first, second) = (slow(0), slow(0));
    let third = slow(0);
    assert!(is_sent_away(&first) && !is_sent_away(&second));
    let honest = (1..=4).map(|n| crowd.push_in(&[192, 0, n, 1]).unwrap());
    let mut honest: Vec<Place> = honest.collect();
    honest.extend((1..=2).map(|n| crowd.push_in(&[198, 0, n, 1]).unwrap()));
    assert_eq!(crowd.count(), 8);
    let newcomer = crowd.push_in(&[203, 0, 113, 1]).unwrap();
    assert!(is_sent_away(&second), "the fullest network gives way");
    assert!(is_sent_away(&second), "and says so whenever it is asked");
    assert!(!honest.iter().any(is_sent_away));
    assert!(!is_sent_away(&third) && !is_sent_away(&newcomer));
    assert_eq!((crowd.count(), crowd.sent_away()), (8, 2));
    drop(second);
    assert_eq!(crowd.count(), 8, "a place that was lost is given back once");
}

#[test]
fn the_system_may_have_room_for_less() {
    let crowd = Crowd::new(BOUNDS);
    crowd.at_most(100);
    crowd.at_most(1);
    let here = crowd.push_in(b"").unwrap();
    assert!(crowd.push_in(b"").is_none(), "nobody can be told");
    drop(here);
    assert!(crowd.push_in(b"").is_some());
}

/// Room for so much for this customer, and who hears that it is gone.
fn weighing(crowd: &Arc<Crowd>, n: u8, weight: usize) -> (Seat, Arc<Notice>) {
    let notice = Arc::<Notice>::default();
    let guest = Arc::clone(&notice) as Arc<dyn Guest>;
    (
        crowd.push_in_with(&customer(n), weight, guest).unwrap(),
        notice,
    )
}

fn is_given(notice: &Notice) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    notice.poll_given(&mut context).is_ready()
}

#[test]
fn what_is_heavy_makes_as_much_room_as_it_takes_and_the_one_resting_longest_goes() {
    let crowd = Crowd::new(Bounds {
        most: 100,
        by_ring: [30, 30, 60, 100],
    });
    let (first, second) = (weighing(&crowd, 1, 10), weighing(&crowd, 1, 10));
    let third = weighing(&crowd, 1, 10);
    assert_eq!((crowd.weight(), crowd.sent_away()), (30, 0), "N");
    first.0.touch();
    let more = weighing(&crowd, 1, 1);
    assert_eq!((crowd.weight(), crowd.sent_away()), (21, 1), "N + 1");
    assert!(is_given(&second.1) && !is_given(&first.1) && !is_given(&third.1));
    second.0.touch();
    assert_eq!(crowd.weight(), 21, "who has gone does not come back");
    let heavy = weighing(&crowd, 1, 40);
    assert!([&first, &third, &more].map(|held| is_given(&held.1)) == [true; 3]);
    assert_eq!(
        (crowd.weight(), crowd.count()),
        (40, 1),
        "alone, all the same"
    );
    drop((first, second, third, more));
    assert_eq!(crowd.weight(), 40);
    drop(heavy);
    let inside = crowd.inside();
    let left = inside.networks.iter().map(HashMap::len).sum::<usize>();
    assert_eq!((inside.weight, left, inside.fullest.len()), (0, 0, 0));
}

#[test]
fn who_shows_no_sign_of_life_goes_and_whoever_does_stays() {
    /// A time after everything before it.
    fn later() -> Instant {
        let before = Instant::now();
        std::iter::repeat_with(Instant::now)
            .find(|now| *now > before)
            .unwrap()
    }
    let crowd = Crowd::new(BOUNDS);
    let (silent, slow) = (weighing(&crowd, 1, 1), weighing(&crowd, 2, 1));
    for _ in 0..3 {
        let before = later();
        slow.0.touch();
        crowd.send_away_resting(before);
        assert!(is_given(&silent.1) && !is_given(&slow.1));
    }
    assert_eq!((crowd.count(), crowd.sent_away()), (1, 1));
    crowd.send_away_resting(later());
    assert!(is_given(&slow.1));
    assert_eq!((crowd.count(), crowd.weight()), (0, 0));
}
