//! What an application has beside its keys, with fixed capacities: frames that wait, the monitor.

use core::time::Duration;

use frameseal::{
    CipherSuite, EncryptionStatus, Error, Event, HoldingConfig, InjectedFrames, KeyId, MemberId,
    Plain, Policy, Timestamp, fixed,
};
use frameseal_freestanding::{check, value};

const KID: KeyId = KeyId::new(7);
const BASE_KEY: [u8; 32] = [0x42; 32];
const METADATA: &[u8] = b"room 7, camera";
const ALICE: MemberId = MemberId::Application(1);

pub fn all(suite: CipherSuite) {
    a_frame_waits_for_its_key(suite);
    what_is_observed_is_told();
    the_clear_is_an_exception();
}

fn now(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn a_frame_waits_for_its_key(suite: CipherSuite) {
    let mut alice = fixed::Encryptor::<1>::new(suite);
    value!(alice.add_key(KID, &BASE_KEY));
    value!(alice.use_key(KID));
    let mut bob = fixed::Decryptor::<1>::new(suite);
    let mut waiting = fixed::HoldingBuffer::<2, 64>::new(HoldingConfig::for_suite(suite));

    for _ in 0..3 {
        let mut buffer = [0; 64];
        let len = value!(alice.encrypt(METADATA, b"early", &mut buffer));
        let frame = buffer.get_mut(..len).unwrap_or_default();
        let held = waiting.hold(now(0), &bob, METADATA, frame);
        check!(held.is_ok() == (waiting.stats().refused == 0));
    }
    check!(waiting.stats().held == 2 && waiting.poll_frame(now(1), &bob).is_none());
    value!(bob.add_key(KID, &BASE_KEY));
    check!(waiting.peek_frame(now(1), &bob).is_some());
    for _ in 0..2 {
        let mut held = value!(waiting.poll_frame(now(2), &bob).ok_or(()));
        let (metadata, sealed) = held.split_mut();
        check!(value!(bob.decrypt(metadata, sealed)).payload == b"early");
    }
    check!(waiting.poll_frame(now(2), &bob).is_none());
}

fn what_is_observed_is_told() {
    let mut monitor = fixed::Monitor::<1>::new(Policy::Standard);
    value!(monitor.add_member(ALICE));
    let other = monitor.add_member(MemberId::Application(2));
    check!(other == Err(Error::Capacity(1)));
    value!(monitor.observe(now(5), ALICE, &Ok(())));
    check!(monitor.poll_event(now(5)) == Some(Event::MemberFirstHeard(ALICE)));
    check!(monitor.status(ALICE, now(6)).level == EncryptionStatus::EndToEnd);
    let stale = value!(monitor.next_deadline().ok_or(()));
    while monitor.poll_event(stale).is_some() {}
    let later = now(60_000);
    check!(monitor.room_status(later).level == EncryptionStatus::Stale);
}

fn the_clear_is_an_exception() {
    let mut monitor = fixed::Monitor::<1>::new(Policy::Standard);
    value!(monitor.add_member(ALICE));
    let silence = InjectedFrames::new(&[&[0xf8, 0xff, 0xfe]]);
    let frame = [1, 2, 3];
    let refused = monitor.pass(now(1), ALICE, &frame, silence);
    check!(refused == Err(Error::PassthroughRefused));
    let injected = monitor.pass(now(1), ALICE, &[0xf8, 0xff, 0xfe], silence);
    check!(injected == Ok(Plain::Injected));
    value!(monitor.allow_passthrough(now(2), ALICE, Duration::from_secs(1)));
    check!(monitor.pass(now(3), ALICE, &frame, silence) == Ok(Plain::Passthrough));
    check!(monitor.status(ALICE, now(3)).level == EncryptionStatus::TransportOnly);
    check!(monitor.pass(now(1002), ALICE, &frame, silence).is_err());
}
