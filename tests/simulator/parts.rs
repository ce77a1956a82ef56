//! The parts of the world that the others trust: what they must do is known without them.

use crate::world::delivery_service::{DeliveryService, Kind, identity};
use crate::world::network::{Duplication, Faults, Jitter, Link, Loss, Retransmission, Wire};
use crate::world::nonces::Nonces;
use crate::world::queue::Queue;
use crate::world::random::Random;

fn random() -> Random {
    Random::of(1, "test")
}

/// How many copies of 10,000 packets arrive, and the longest time that one took.
fn measure(mut link: impl Link) -> (usize, u64) {
    let mut arrivals = Vec::new();
    for _ in 0..10_000 {
        link.send(1_000, &mut arrivals);
    }
    let latest = arrivals.iter().max().map_or(0, |at| at - 1_000);
    assert!(arrivals.iter().all(|at| *at >= 1_000));
    (arrivals.len(), latest)
}

#[test]
fn each_fault_of_the_network_does_its_one_thing() {
    let wire = || Wire { takes: 20 };
    assert_eq!(measure(wire()), (10_000, 20));
    let (below, random_) = (wire(), random());
    let jitter = Jitter {
        below,
        random: random_,
        most: 200,
    };
    assert_eq!(measure(jitter), (10_000, 220));
    let loss = || Loss {
        below: wire(),
        random: random(),
        per_mille: 20,
    };
    let (arrived, _) = measure(loss());
    assert!((9_750..9_850).contains(&arrived), "{arrived}");
    let again = Retransmission {
        below: loss(),
        random: random(),
        per_mille: 1_000,
        after: 150,
    };
    let (arrived, latest) = measure(again);
    assert!((9_980..10_000).contains(&arrived), "{arrived}");
    assert_eq!(latest, 170);
    let twice = Duplication {
        below: wire(),
        random: random(),
        per_mille: 10,
    };
    let (arrived, _) = measure(twice);
    assert!((10_070..10_130).contains(&arrived), "{arrived}");
}

#[test]
fn the_usual_network_reorders_and_its_seed_decides() {
    let arrivals = |seed| {
        let (mut link, mut arrivals) = (Faults::usual().link(seed), Vec::new());
        for number in 0..100 {
            link.send(number * 100, &mut arrivals);
        }
        arrivals
    };
    assert!(!arrivals(1).is_sorted());
    assert_eq!(arrivals(1), arrivals(1));
    assert_ne!(arrivals(1), arrivals(2));
}

#[test]
fn leaves_are_used_again_lowest_first_even_in_one_commit() {
    let mut service = DeliveryService::new(1, 1_000);
    let start = service.start(&[0, 1, 2]);
    assert_eq!(start.leaves, [Some(0), Some(1), Some(2), None]);
    let leave = service.change(1, Kind::Leave, Some(1), None);
    assert_eq!(leave.leaves, [Some(0), None, Some(2), None]);
    let join = service.change(2, Kind::Join, None, Some(3));
    assert_eq!(join.index_of(3), Some(1));
    let back = service.change(3, Kind::Return, Some(0), Some(4));
    assert_eq!(back.index_of(4), Some(0));
    assert_ne!(identity(0), identity(4));
    // The tree grows and shrinks by halves.
    for process in [5, 6] {
        service.change(4, Kind::Join, None, Some(process));
    }
    assert_eq!(service.change(5, Kind::Update, None, None).leaves.len(), 8);
    let small = service.change(6, Kind::Leave, Some(6), None);
    assert_eq!(small.leaves.len(), 4);
    assert_ne!(small.base_key, join.base_key);
}

#[test]
fn commits_come_late_but_in_order() {
    let mut service = DeliveryService::new(1, 1_000);
    let mut latest = 0;
    let mut late = 0;
    for at in (0..100_000).step_by(100) {
        let arrives = service.arrival(at, 7);
        assert!(arrives >= latest && (at..=at + 1_000).contains(&arrives));
        latest = arrives;
        late += usize::from(arrives > at + 500);
    }
    assert!(late > 100, "{late}");
}

#[test]
fn a_counter_that_comes_twice_is_noticed_wherever_it_was() {
    let mut nonces = Nonces::default();
    for counter in [0, 1, 2, 10, 11, 5, 4, 6] {
        assert!(nonces.note([1; 16], 7, counter), "{counter}");
    }
    for counter in [0, 1, 2, 4, 5, 6, 10, 11] {
        assert!(!nonces.note([1; 16], 7, counter), "{counter}");
    }
    assert!(nonces.note([1; 16], 8, 0) && nonces.note([2; 16], 7, 0));
    assert!(nonces.note([1; 16], 7, 3) && nonces.note([1; 16], 7, 12));
    let (keys, intervals) = nonces.size();
    assert_eq!(keys, 3);
    assert!(intervals >= 4, "{intervals}");
}

#[test]
fn events_come_in_order_of_time_and_then_of_planning() {
    let mut queue = Queue::new();
    for (at, event) in [(5, "b"), (1, "a"), (5, "c"), (9, "e"), (5, "d")] {
        queue.plan(at, event);
    }
    let order: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
    let expected = [(1, "a"), (5, "b"), (5, "c"), (5, "d"), (9, "e")];
    assert_eq!(order, expected);
}
