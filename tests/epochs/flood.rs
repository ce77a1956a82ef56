//! A flood of forged frames changes nothing: not what is known, not what is held, and not what is
//! opened.

use frameseal::{
    CallStorage, Counter, EpochConfig, Error, Event, Header, KeyId, KidLayout, MAX_HEADER_LEN,
    MemberId,
};

use crate::call::{Device, SUITE, WITH_CARL, id, insider, leaf, ms, nonce_of, over_both};
use crate::heap::growth;
use crate::random::Random;

over_both!(a_flood_of_forged_frames_changes_nothing);

const FRAMES: u64 = 100_000;
/// Of whom a frame has been opened: epoch, index, context.
const LIVE: [(u64, u32, u64); 5] = [(1, 1, 0), (1, 2, 0), (2, 1, 0), (2, 1, 15), (3, 2, 7)];

/// A device in the epochs 1 to 3 that has heard everybody who is live; of one of them it has the
/// window, but not the key at hand.
fn listening<S: CallStorage>() -> Device<S> {
    let config = EpochConfig::new(SUITE).with_max_cached_keys(LIVE.len() - 1);
    let mut device = Device::joined(0, config, WITH_CARL);
    for epoch in [2, 3] {
        device.add(0, epoch, WITH_CARL).unwrap();
    }
    for (epoch, index, context) in LIVE {
        let frame = insider(id(epoch), index, context, 5000);
        device.open(0, &frame).unwrap();
    }
    device.seal(0);
    device
}

/// Key ids that are random, and those that name an epoch, a member or a context that exists.
fn hostile_key_id(random: &mut Random) -> KeyId {
    if random.below(4) == 0 {
        return KeyId::new(random.header_value());
    }
    let epoch = random.pick(&[0, 1, 2, 3, 4, 255]);
    let index = random.pick(&[0, 1, 2, 3, 4, 0xffff]);
    let context = random.pick(&[0, 0, 1, 7, 14, 15, 16, (1 << 40) - 1]);
    KidLayout::STANDARD.key_id(epoch, index, context).unwrap()
}

/// A frame that nobody sealed, in `buffer`; how long it is.
fn hostile_frame(random: &mut Random, buffer: &mut [u8]) -> usize {
    let key_id = hostile_key_id(random);
    let header = Header::new(key_id, Counter::new(random.header_value()));
    let header = header.encode();
    let start = header.as_bytes().len();
    buffer[..start].copy_from_slice(header.as_bytes());
    let len = start + random.below(60);
    for byte in &mut buffer[start..len] {
        *byte = random.next().to_le_bytes()[0];
    }
    match random.below(16) {
        // Cut somewhere, the header too.
        0 => random.below(len + 1),
        _ => len,
    }
}

/// How often each kind of refusal came.
#[derive(Debug, Default)]
struct Refused {
    syntax: u64,
    unknown: u64,
    policy: u64,
    authentication: u64,
    replay: u64,
}

fn flood<S: CallStorage>(device: &mut Device<S>, random: &mut Random) -> Refused {
    let mut refused = Refused::default();
    let mut buffer = [0; MAX_HEADER_LEN + 60];
    for _ in 0..FRAMES {
        let len = hostile_frame(random, &mut buffer);
        let sealed = &mut buffer[..len];
        let result = device.manager.decrypt(ms(0), b"room", sealed);
        let count = match result.map(|_| ()).unwrap_err() {
            Error::Syntax(_) => &mut refused.syntax,
            Error::UnknownKeyId(_) => &mut refused.unknown,
            Error::Policy(_) => &mut refused.policy,
            Error::Authentication => &mut refused.authentication,
            Error::Replay => &mut refused.replay,
            other => panic!("{other}"),
        };
        *count += 1;
    }
    refused
}

fn a_flood_of_forged_frames_changes_nothing<S: CallStorage>() {
    let mut device = listening::<S>();
    // What has been heard is told, so that nothing but the flood is left to tell.
    device.events(0);
    let before = device.state(0);
    let mut random = Random::new(7);
    // One key that is derived for a frame and thrown away, and nothing more.
    let one_key = growth(|| {
        let mut frame = crate::call::forged(2, 2, 3, 0);
        let _ = device.manager.decrypt(ms(0), b"room", &mut frame);
    });
    let mut refused = Refused::default();
    let (peak, after) = growth(|| refused = flood(&mut device, &mut random));
    assert_eq!(after, 0, "bytes that are held");
    assert!(peak <= one_key.0, "{peak} bytes, {one_key:?} for one key");
    let Refused {
        syntax,
        unknown,
        policy,
        authentication,
        replay,
    } = refused;
    for count in [syntax, unknown, policy, authentication] {
        assert!(count > FRAMES / 50, "{refused:?}");
    }
    assert!(replay > FRAMES / 1000, "{refused:?}");

    // All that the flood is told by: how many there were.
    let told: Vec<_> = device.events(100);
    let mut replays = 0;
    for event in &told {
        match event {
            Event::UnknownKeyId { count, .. } => assert_eq!(*count, unknown),
            Event::ReplayBurst { count, .. } => replays += count,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((told.len(), replays), (3, replay));
    assert_eq!(device.state(100), before);
    live_senders_still_open(&mut device);
}

fn live_senders_still_open<S: CallStorage>(device: &mut Device<S>) {
    for (epoch, index, context) in LIVE {
        let who: MemberId = leaf(index, 1);
        let again = insider(id(epoch), index, context, 5000);
        assert_eq!(device.open(0, &again), Err(Error::Replay));
        for counter in [5001, 4005, 4999] {
            let frame = insider(id(epoch), index, context, counter);
            assert_eq!(device.open(0, &frame), Ok((who, epoch)));
        }
    }
    // Those who were silent are heard, and we send on.
    let frame = insider(id(3), 1, 9, 0);
    assert_eq!(device.open(0, &frame), Ok((leaf(1, 1), 3)));
    assert_eq!(nonce_of(&device.seal(0)).1, 1);
}
