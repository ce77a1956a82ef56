//! Many epochs within a moment, as when everybody joins at once.

use frameseal::{CallStorage, EpochConfig, Error, Event, FixedCall, KidLayout, SendSwitch};

use crate::call::{ALICE_AND_BOB, Device, SUITE, id, kid, leaf, nonce_of, over_both, seconds};

over_both!(
    who_lags_behind_a_burst_is_heard_until_the_bits_come_round,
    a_burst_is_told_in_full_or_counted,
);

/// Alice and Bob, with so many bits of epoch and places for epochs.
fn devices<S: CallStorage>(bits: u32) -> (Device<S>, Device<S>) {
    let config = EpochConfig::new(SUITE)
        .with_layout(KidLayout::new(bits, 8).unwrap())
        .with_send_switch(SendSwitch::After(seconds(2)));
    let device = |index| Device::joined(index, config.clone(), ALICE_AND_BOB);
    (device(0), device(1))
}

/// With a place for each of the 256 epochs that 8 bits tell apart.
type Wide = FixedCall<256, 4, 256, 2>;

#[cfg(feature = "alloc")]
#[test]
fn live_senders_open_through_a_burst() {
    for bits in [4, 8] {
        burst::<frameseal::Growing>(bits, 50);
        burst::<frameseal::Growing>(bits, 300);
    }
}

#[test]
fn live_senders_open_through_a_burst_over_fixed_storage() {
    burst::<crate::call::Fixed>(4, 300);
    // It is large, and so are the copies of it while it is moved to its place.
    let roomy = std::thread::Builder::new().stack_size(16 << 20);
    let done = roomy.spawn(|| burst::<Wide>(8, 300)).unwrap().join();
    assert!(done.is_ok());
}

/// Epochs come seventeen a second; Bob has each one a little later than Alice.
fn burst<S: CallStorage>(bits: u32, burst: u64) {
    let (mut alice, mut bob) = devices::<S>(bits);
    let mut seen = std::collections::BTreeSet::new();
    let mut lost = 0;
    for epoch in 2..=burst {
        let now = epoch * 59;
        alice.add(now, epoch, ALICE_AND_BOB).unwrap();
        for device in [&mut alice, &mut bob] {
            device.events(now);
        }
        let early = alice.seal(now);
        let of = alice.manager.sending_epoch().unwrap().epoch;
        assert!(seen.insert((of, nonce_of(&early))), "{of} twice");
        let opened = bob.open(now, &early);
        // Only when the bits have come round is it sent with at once; see below.
        if of == epoch {
            assert!(bits == 4 && opened.is_err(), "{epoch}");
            lost += 1;
        } else {
            assert_eq!(opened, Ok((leaf(0, 1), of)));
        }
        bob.add(now + 20, epoch, ALICE_AND_BOB).unwrap();
        let late = alice.seal(now + 20);
        let (_, of) = bob.open(now + 20, &late).unwrap();
        assert!(seen.insert((of, nonce_of(&late))), "{of} twice");
        let back = bob.seal(now + 20);
        assert_eq!(alice.open(now + 20, &back).unwrap().0, leaf(1, 1));
    }
    // What a receiver lost that has epochs later than the sender.
    assert_eq!(lost, if bits == 4 { (burst - 1) / 16 } else { 0 });
    // And then all is as it was.
    let end = burst * 59 + 20_000;
    for device in [&mut alice, &mut bob] {
        device.events(end);
        assert_eq!(device.live(), [burst]);
    }
    assert_eq!(bob.open(end, &alice.seal(end)), Ok((leaf(0, 1), burst)));
}

fn who_lags_behind_a_burst_is_heard_until_the_bits_come_round<S: CallStorage>() {
    let (mut alice, mut bob) = devices::<S>(4);
    let frames: Vec<_> = (0..16).map(|_| bob.seal(0)).collect();
    for (epoch, frame) in (2..).zip(&frames) {
        if epoch < 17 {
            alice.add(0, epoch, ALICE_AND_BOB).unwrap();
            assert_eq!(alice.open(0, frame), Ok((leaf(1, 1), 1)), "{epoch}");
        } else {
            // The sixteenth takes the bits of the first, so the key id is another key's.
            alice.add(0, epoch, ALICE_AND_BOB).unwrap();
            assert_eq!(alice.open(0, frame), Err(Error::Authentication));
        }
    }
    assert_eq!(alice.live(), (2..=17).collect::<Vec<_>>());
    // The epoch that sends was taken away, so the newest one sends.
    assert_eq!(alice.manager.sending_epoch(), Some(id(17)));
    assert_eq!(nonce_of(&alice.seal(0)).0, kid(1, 0, 0).value());
}

fn a_burst_is_told_in_full_or_counted<S: CallStorage>() {
    let (mut alice, _) = devices::<S>(4);
    alice.events(0);
    let mut pushed = 0;
    for epoch in 2..=300 {
        alice.add(epoch, epoch, ALICE_AND_BOB).unwrap();
        pushed += 1;
    }
    let events = alice.events(301);
    let merged = match events.first() {
        Some(Event::Merged(count)) => *count,
        other => panic!("{other:?}"),
    };
    let of_epochs = |event: &&Event| {
        use Event::{EpochActivated, EpochAdded, EpochRetired};
        matches!(event, EpochAdded(_) | EpochActivated(_) | EpochRetired(_))
    };
    let told = events.iter().filter(of_epochs).count() as u64;
    // Each was added; all but the live sixteen retired; those that lost their place to a newer one
    // while they were sent with are few, but they were activated.
    let retired = 300 - 16;
    assert!(merged + told >= pushed + retired, "{merged} {told}");
    assert!(
        events.contains(&Event::EpochAdded(id(300))),
        "the latest stays"
    );
    assert!(events.len() < 40, "bounded");
    assert_eq!(alice.events(302), []);
}
