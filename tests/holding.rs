//! Frames that wait for their keys: what is taken, what is refused, in what order they come out,
//! and what a forger can do to others.
//!
//! Every scenario runs over the growing buffer and over one of fixed capacity.
#![cfg(feature = "std")]

#[path = "support/frames.rs"]
mod frames;
#[path = "holding/model.rs"]
mod model;
#[path = "support/random.rs"]
mod random;

use core::time::Duration;
use std::collections::BTreeSet;

use frames::seal_at;
use frameseal::{
    CipherSuite, Decryptor, Error, FixedFrames, FrameStorage, Growing, Header, HoldingBuffer,
    HoldingBufferCore, HoldingConfig, HoldingStats, KeyId, KidLayout, KnownKeys, Metadata,
    SharedDecryptor, SyntaxError, Timestamp, fixed,
};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const BASE_KEY: [u8; 16] = [0x42; 16];

/// 64 places of 256 bytes.
type Fixed = FixedFrames<64, 256>;

/// The keys that are here, in tests that decrypt nothing.
#[derive(Default)]
struct Known(BTreeSet<u64>);

impl KnownKeys for Known {
    fn is_known(&self, key_id: KeyId) -> bool {
        self.0.contains(&key_id.value())
    }
}

fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn metadata_of(kid: u64) -> [u8; 8] {
    kid.to_be_bytes()
}

/// A frame that anybody can make: the header of this key id, and no valid tag.
fn forged(kid: u64, counter: u64) -> Vec<u8> {
    let header = Header::new(kid.into(), counter.into()).encode();
    [header.as_ref(), &[0x66; 20]].concat()
}

/// The key ids and counters that come out now.
fn released<S: FrameStorage>(
    buffer: &mut HoldingBufferCore<S>,
    now: Timestamp,
    known: &impl KnownKeys,
) -> Vec<(u64, u64)> {
    let mut out = Vec::new();
    while let Some(mut held) = buffer.poll_frame(now, known) {
        let (header, _) = Header::parse(held.sealed_mut()).unwrap();
        assert_eq!(header.key_id, held.key_id());
        out.push((header.key_id.value(), header.counter.value()));
    }
    out
}

/// Runs a scenario over both kinds of storage, as two tests of a module.
macro_rules! over_both {
    ($(fn $name:ident<S: FrameStorage>() $body:block)*) => {
        $(fn $name<S: FrameStorage>() $body)*

        mod growing {
            $(#[test] fn $name() { super::$name::<super::Growing>(); })*
        }
        mod fixed_capacity {
            $(#[test] fn $name() { super::$name::<super::Fixed>(); })*
        }
    };
}

over_both! {

fn released_frames_open_in_order_of_arrival<S: FrameStorage>() {
    let mut bob = Decryptor::new(SUITE);
    let mut buffer = HoldingBufferCore::<S>::new(HoldingConfig::for_suite(SUITE));
    let payload = |i: u64| format!("frame {i}").into_bytes();
    // Two senders, interleaved; counters of one come out of order.
    let order = [(7, 2), (9, 0), (7, 0), (7, 1), (9, 1)];
    for (i, (kid, counter)) in order.into_iter().enumerate() {
        let metadata = metadata_of(kid);
        let mut sealed = seal_at(SUITE, kid, &BASE_KEY, counter, &metadata, &payload(counter));
        let refused = bob.decrypt(&metadata, &mut sealed).unwrap_err();
        assert_eq!(refused, Error::UnknownKeyId(kid.into()));
        buffer.hold(ms(i as u64), &bob, &metadata, &sealed).unwrap();
    }
    assert!(buffer.poll_frame(ms(10), &bob).is_none());

    let mut opened = |bob: &mut Decryptor, kid| {
        bob.add_key(KeyId::new(kid), &BASE_KEY).unwrap();
        let mut counters = Vec::new();
        while let Some(mut held) = buffer.poll_frame(ms(20), bob) {
            assert_eq!(held.metadata(), metadata_of(kid));
            let (metadata, sealed) = held.split_mut();
            let opened = bob.decrypt(metadata, sealed).unwrap();
            assert_eq!(opened.payload, payload(opened.counter.value()));
            counters.push(opened.counter.value());
        }
        counters
    };
    assert_eq!(opened(&mut bob, 7), [2, 0, 1]);
    assert_eq!(opened(&mut bob, 9), [0, 1]);
    let expected = (0, 0, 5, 5);
    let HoldingStats { frames, bytes, held, released, .. } = buffer.stats();
    assert_eq!((frames, bytes, held, released), expected);
}

fn a_frame_whose_key_is_here_is_not_held<S: FrameStorage>() {
    let mut bob = Decryptor::new(SUITE);
    bob.add_key(KeyId::new(7), &BASE_KEY).unwrap();
    let mut buffer = HoldingBufferCore::<S>::new(HoldingConfig::for_suite(SUITE));
    let refused = buffer.hold(ms(0), &bob, b"", &forged(7, 0));
    assert!(matches!(refused, Err(Error::NothingToWaitFor)));
    assert_eq!(buffer.stats(), HoldingStats::default());
    // A key that was removed is not here: its frames may wait for its return.
    bob.remove_key(KeyId::new(7)).unwrap();
    buffer.hold(ms(0), &bob, b"", &forged(7, 0)).unwrap();
}

fn what_is_no_frame_is_not_held<S: FrameStorage>() {
    let mut buffer = HoldingBufferCore::<S>::new(HoldingConfig::for_suite(SUITE));
    let cases: [(&[u8], SyntaxError); 3] = [
        (b"", SyntaxError::Empty),
        (&[0x80, 7], SyntaxError::NonMinimalHeader),
        (&[0; 16], SyntaxError::ShorterThanTag),
    ];
    for (bytes, reason) in cases {
        let refused = buffer.hold(ms(0), &Known::default(), b"", bytes);
        assert_eq!(refused, Err(Error::Syntax(reason)));
    }
    assert_eq!(buffer.stats(), HoldingStats::default());
}

fn one_forger_cannot_use_up_the_places_of_another_sender<S: FrameStorage>() {
    let layout = KidLayout::new(8, 16).unwrap();
    let config = HoldingConfig::for_suite(SUITE)
        .with_layout(layout)
        .with_sender_limits(10, 100_000);
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let (mut known, key_id) = (Known::default(), |index, context| {
        layout.key_id(5, index, context).unwrap().value()
    });
    // A thousand frames in the name of index 3, in as many contexts.
    let taken = (0..1000)
        .filter(|i| buffer.hold(ms(0), &known, b"", &forged(key_id(3, *i), *i)).is_ok())
        .count();
    assert_eq!(taken, 10, "all contexts of a sender have one quota");
    assert_eq!(buffer.stats().refused, 990);
    // Index 4 has all its places, and so has index 3 in another epoch.
    for i in 0..10 {
        buffer.hold(ms(0), &known, b"", &forged(key_id(4, 0), i)).unwrap();
    }
    let next_epoch = layout.key_id(6, 3, 0).unwrap().value();
    buffer.hold(ms(0), &known, b"", &forged(next_epoch, 0)).unwrap();

    known.0.insert(key_id(4, 0));
    let all: Vec<_> = (0..10).map(|i| (key_id(4, 0), i)).collect();
    assert_eq!(released(&mut buffer, ms(1), &known), all);
}

fn large_frames_of_one_sender_leave_the_bytes_of_others<S: FrameStorage>() {
    let config = HoldingConfig::for_suite(SUITE)
        .with_limits(64, 1000)
        .with_sender_limits(64, 500);
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let known = Known::default();
    let large = [forged(1, 0), vec![0; 200]].concat();
    buffer.hold(ms(0), &known, b"", &large).unwrap();
    buffer.hold(ms(0), &known, b"", &large).unwrap();
    let refused = buffer.hold(ms(0), &known, b"", &large);
    assert_eq!(refused, Err(Error::Capacity(500)));
    // Without a layout a key id is a sender.
    buffer.hold(ms(0), &known, b"", &[forged(2, 0), vec![0; 200]].concat()).unwrap();
    assert!(buffer.stats().bytes <= 1000);
}

fn when_all_is_full_the_newest_is_dropped<S: FrameStorage>() {
    let config = HoldingConfig::for_suite(SUITE).with_limits(5, 10_000);
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let mut known = Known::default();
    for kid in 0..5 {
        buffer.hold(ms(kid), &known, b"", &forged(kid, 0)).unwrap();
    }
    let before = buffer.stats();
    for kid in 5..50 {
        let refused = buffer.hold(ms(5), &known, b"", &forged(kid, 0));
        assert_eq!(refused, Err(Error::Capacity(5)));
    }
    let after = buffer.stats();
    assert_eq!((after.frames, after.bytes), (before.frames, before.bytes));
    assert_eq!(after.refused, 45);
    known.0.extend(0..50);
    let firsts: Vec<_> = (0..5).map(|kid| (kid, 0)).collect();
    assert_eq!(released(&mut buffer, ms(6), &known), firsts);
    // There is room again.
    buffer.hold(ms(7), &Known::default(), b"", &forged(99, 0)).unwrap();
}

fn what_waited_too_long_is_dropped_and_counted<S: FrameStorage>() {
    let config = HoldingConfig::for_suite(SUITE).with_max_age(Duration::from_millis(100));
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let mut known = Known::default();
    assert_eq!(buffer.next_deadline(), None);
    buffer.hold(ms(1000), &known, b"", &forged(1, 0)).unwrap();
    buffer.hold(ms(1050), &known, b"", &forged(1, 1)).unwrap();
    assert_eq!(buffer.next_deadline(), Some(ms(1100)));
    buffer.poll(ms(1099));
    assert_eq!(buffer.stats().frames, 2);
    known.0.insert(1);
    assert_eq!(released(&mut buffer, ms(1100), &known), [(1, 1)]);
    let stats = buffer.stats();
    assert_eq!((stats.expired, stats.released, stats.bytes), (1, 1, 0));
    assert_eq!(buffer.next_deadline(), None);
}

fn a_clock_that_steps_back_lets_nothing_wait_longer<S: FrameStorage>() {
    let config = HoldingConfig::for_suite(SUITE).with_max_age(Duration::from_millis(100));
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let known = Known::default();
    buffer.poll(ms(5000));
    buffer.hold(ms(10), &known, b"", &forged(1, 0)).unwrap();
    assert_eq!(buffer.next_deadline(), Some(ms(5100)));
    buffer.poll(ms(20));
    assert_eq!(buffer.stats().frames, 1, "not before its time either");
    buffer.poll(ms(5100));
    assert_eq!(buffer.stats().frames, 0);
}

fn expired_frames_make_room_for_new_ones<S: FrameStorage>() {
    let config = HoldingConfig::for_suite(SUITE).with_sender_limits(3, 10_000);
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let known = Known::default();
    for counter in 0..3 {
        buffer.hold(ms(0), &known, b"", &forged(1, counter)).unwrap();
    }
    assert!(buffer.hold(ms(1999), &known, b"", &forged(1, 3)).is_err());
    buffer.hold(ms(2000), &known, b"", &forged(1, 4)).unwrap();
    assert_eq!(buffer.stats().expired, 3);
}

fn a_released_frame_has_one_try_and_is_gone<S: FrameStorage>() {
    let mut buffer = HoldingBufferCore::<S>::new(HoldingConfig::for_suite(SUITE));
    let mut bob = Decryptor::new(SUITE);
    buffer.hold(ms(0), &bob, b"", &forged(7, 0)).unwrap();
    bob.add_key(KeyId::new(7), &BASE_KEY).unwrap();
    let mut held = buffer.poll_frame(ms(1), &bob).unwrap();
    assert_eq!(held.arrived(), ms(0));
    let failed = bob.decrypt(b"", held.sealed_mut()).unwrap_err();
    assert_eq!(failed, Error::Authentication);
    drop(held);
    assert!(buffer.poll_frame(ms(1), &bob).is_none());
    // Even when it is leaked instead of dropped.
    buffer.hold(ms(1), &Known::default(), b"", &forged(7, 1)).unwrap();
    core::mem::forget(buffer.poll_frame(ms(1), &bob).unwrap());
    assert!(buffer.poll_frame(ms(1), &bob).is_none());
    buffer.hold(ms(1), &Known::default(), b"new", &forged(7, 2)).unwrap();
    let mut held = buffer.poll_frame(ms(1), &bob).unwrap();
    assert_eq!(held.split_mut(), (&b"new"[..], &mut forged(7, 2)[..]));
}

fn metadata_in_several_slices_comes_back_in_one<S: FrameStorage>() {
    let mut buffer = HoldingBufferCore::<S>::new(HoldingConfig::for_suite(SUITE));
    let mut known = Known::default();
    let parts = [b"room 7, ".as_slice(), b"", b"camera"];
    buffer.hold(ms(0), &known, &parts, &forged(7, 0)).unwrap();
    buffer.hold(ms(0), &known, Metadata::EMPTY, &forged(7, 1)).unwrap();
    known.0.insert(7);
    let mut held = buffer.poll_frame(ms(0), &known).unwrap();
    assert_eq!(held.metadata(), b"room 7, camera");
    assert_eq!(held.sealed_mut(), forged(7, 0));
    drop(held);
    let held = buffer.poll_frame(ms(0), &known).unwrap();
    assert!(held.metadata().is_empty());
}

fn clearing_drops_everything_at_once<S: FrameStorage>() {
    let mut buffer = HoldingBufferCore::<S>::new(HoldingConfig::for_suite(SUITE));
    let mut known = Known::default();
    for kid in 0..20 {
        buffer.hold(ms(0), &known, b"", &forged(kid, 0)).unwrap();
    }
    buffer.clear();
    known.0.extend(0..20);
    assert!(buffer.poll_frame(ms(0), &known).is_none());
    let stats = buffer.stats();
    assert_eq!((stats.frames, stats.bytes, stats.expired), (0, 0, 0));
    assert_eq!(buffer.next_deadline(), None);
}

fn it_does_what_a_plain_list_would_do<S: FrameStorage>() {
    for seed in 0..20 {
        model::follow::<S>(seed);
    }
}

}

#[test]
fn a_frame_larger_than_a_fixed_slot_is_refused() {
    let mut buffer = fixed::HoldingBuffer::<2, 64>::new(HoldingConfig::for_suite(SUITE));
    let (known, frame) = (Known::default(), forged(1, 0));
    let metadata = vec![0; 64 - frame.len()];
    buffer.hold(ms(0), &known, &metadata, &frame).unwrap();
    let too_long = vec![0; 65 - frame.len()];
    let refused = buffer.hold(ms(0), &known, &too_long, &frame);
    assert_eq!(refused, Err(Error::Capacity(64)));
    assert_eq!(buffer.stats().frames, 1);
    buffer.hold(ms(0), &known, b"", &frame).unwrap();
    // Now its places are taken, whatever the configuration allows.
    let refused = buffer.hold(ms(0), &known, b"", &frame);
    assert_eq!(refused, Err(Error::Capacity(2)));
}

#[test]
fn limits_beyond_all_memory_are_no_danger() {
    let config = HoldingConfig::for_suite(SUITE)
        .with_limits(usize::MAX, usize::MAX)
        .with_sender_limits(usize::MAX, usize::MAX)
        .with_max_age(Duration::MAX);
    let mut buffer = HoldingBuffer::new(config);
    let known = Known::default();
    buffer
        .hold(ms(u64::MAX), &known, b"", &forged(1, 1))
        .unwrap();
    assert_eq!(
        buffer.next_deadline().map(Timestamp::as_millis),
        Some(u64::MAX)
    );
}

#[test]
fn a_shared_decryptor_says_what_it_knows() {
    let bob = SharedDecryptor::new(SUITE);
    assert!(!bob.is_known(KeyId::new(7)));
    bob.add_key(KeyId::new(7), &BASE_KEY).unwrap();
    assert!(bob.is_known(KeyId::new(7)));
    bob.remove_key(KeyId::new(7)).unwrap();
    assert!(!bob.is_known(KeyId::new(7)));
}

#[test]
fn debug_output_shows_no_content() {
    let mut buffer = HoldingBuffer::new(HoldingConfig::for_suite(SUITE));
    let mut known = Known::default();
    buffer
        .hold(ms(0), &known, b"private", &forged(7, 0))
        .unwrap();
    known.0.insert(7);
    let shown = [
        format!("{buffer:?}"),
        format!("{:?}", buffer.poll_frame(ms(0), &known).unwrap()),
    ];
    assert!(
        shown.iter().all(|text| !text.contains("112, 114")),
        "{shown:?}"
    );
}
