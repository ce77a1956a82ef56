//! Streams get contexts that nobody else has, and give them back when nobody can notice.

use frameseal::{CallStorage, EpochConfig, Error, SendSwitch, StreamId, StreamKind};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, base_key, id, kid, ms, nonce_of, over_both, pair, seconds,
};

over_both!(
    a_context_is_not_given_out_again_within_an_epoch,
    a_context_comes_again_in_a_later_epoch_without_repeating_a_pair,
    a_context_that_was_closed_while_an_epoch_waits_is_not_used_in_it,
    a_context_that_was_used_ahead_of_the_others_waits_for_the_next_epoch,
    a_context_without_an_epoch_is_not_lost,
    a_closed_stream_is_gone,
    a_stream_without_its_own_frames_gets_its_key_all_the_same,
);

fn with_contexts<S: CallStorage>(count: u64, switch: SendSwitch) -> Device<S> {
    let config = EpochConfig::new(SUITE)
        .with_contexts(0..count, 16)
        .with_send_switch(switch);
    Device::joined(0, config, ALICE_AND_BOB)
}

fn open<S: CallStorage>(device: &mut Device<S>) -> Result<StreamId, Error> {
    device.manager.open_stream(StreamKind::Independent)
}

fn a_context_is_not_given_out_again_within_an_epoch<S: CallStorage>() {
    let mut alice = with_contexts::<S>(4, SendSwitch::WhenTold);
    let mut seen = vec![nonce_of(&alice.seal(0))];
    for _ in 1..4 {
        let stream = open(&mut alice).unwrap();
        for _ in 0..2 {
            seen.push(nonce_of(&alice.seal_on(0, stream).unwrap()));
        }
        alice.manager.close_stream(stream).unwrap();
    }
    for _ in 0..3 {
        assert_eq!(open(&mut alice), Err(Error::Capacity(4)), "all are used up");
    }
    let frames = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), frames);
}

fn a_context_comes_again_in_a_later_epoch_without_repeating_a_pair<S: CallStorage>() {
    let mut alice = with_contexts::<S>(1, SendSwitch::WhenTold);
    let mut stream = alice.audio;
    let mut seen = Vec::new();
    for epoch in 1..300 {
        for _ in 0..2 {
            let frame = alice.seal_on(epoch, stream).unwrap();
            seen.push((base_key(id(epoch)), nonce_of(&frame)));
            // Sealed under the key of this epoch, whatever its bits are.
            let expected = crate::call::insider(id(epoch), 0, 0, nonce_of(&frame).1);
            assert_eq!(frame, expected);
        }
        alice.manager.close_stream(stream).unwrap();
        assert_eq!(open(&mut alice), Err(Error::Capacity(1)));
        alice.add(epoch, epoch + 1, ALICE_AND_BOB).unwrap();
        assert_eq!(
            open(&mut alice),
            Err(Error::Capacity(1)),
            "not yet sent with"
        );
        alice.manager.activate(id(epoch + 1), ms(epoch)).unwrap();
        stream = match open(&mut alice) {
            Ok(stream) => stream,
            // When it was closed, the newest epoch was this one; so it is free now.
            Err(error) => panic!("{error} in epoch {epoch}"),
        };
        assert_eq!(stream.context(), 0);
    }
    let frames = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), frames);
}

fn a_context_that_was_closed_while_an_epoch_waits_is_not_used_in_it<S: CallStorage>() {
    let mut alice = with_contexts::<S>(1, SendSwitch::WhenTold);
    alice.seal(0);
    alice.add(0, 2, ALICE_AND_BOB).unwrap();
    alice.manager.close_stream(alice.audio).unwrap();
    alice.manager.activate(id(2), ms(0)).unwrap();
    // It may have been closed just after a frame in epoch 2; nobody keeps books that fine.
    assert_eq!(open(&mut alice), Err(Error::Capacity(1)));
    alice.add(0, 3, ALICE_AND_BOB).unwrap();
    alice.manager.activate(id(3), ms(0)).unwrap();
    let stream = open(&mut alice).unwrap();
    assert_eq!(nonce_of(&alice.seal_on(0, stream).unwrap()), (3, 0));
}

fn a_context_that_was_used_ahead_of_the_others_waits_for_the_next_epoch<S: CallStorage>() {
    let switch = SendSwitch::AtKeyFrame(seconds(0), seconds(5));
    let mut alice = with_contexts::<S>(2, switch);
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    alice.add(0, 2, ALICE_AND_BOB).unwrap();
    // The audio stream is in epoch 2, while the call is in epoch 1.
    assert_eq!(nonce_of(&alice.seal(0)), (2, 0));
    alice.manager.close_stream(alice.audio).unwrap();
    assert_eq!(open(&mut alice), Err(Error::Capacity(2)));
    assert_eq!(alice.sends_in(5000, video), 2);
    assert_eq!(open(&mut alice), Err(Error::Capacity(2)), "used in epoch 2");
    alice.add(5000, 3, ALICE_AND_BOB).unwrap();
    alice.manager.activate(id(3), ms(5000)).unwrap();
    let stream = open(&mut alice).unwrap();
    assert_eq!(nonce_of(&alice.seal_on(5000, stream).unwrap()), (3, 0));
}

fn a_context_without_an_epoch_is_not_lost<S: CallStorage>() {
    let config = EpochConfig::new(SUITE).with_contexts(0..1, 1);
    let mut alice = Device::<S>::with_config(0, config);
    alice.manager.close_stream(alice.audio).unwrap();
    alice.add(0, 1, ALICE_AND_BOB).unwrap();
    let stream = open(&mut alice).unwrap();
    assert_eq!(nonce_of(&alice.seal_on(0, stream).unwrap()), (1, 0));
}

fn a_closed_stream_is_gone<S: CallStorage>() {
    let (mut alice, _) = pair::<S>();
    alice.seal(0);
    let stream = alice.audio;
    alice.manager.close_stream(stream).unwrap();
    let no_stream = Error::InvalidArgument("this stream is not open");
    let manager = &mut alice.manager;
    assert_eq!(manager.close_stream(stream), Err(no_stream));
    assert_eq!(manager.mark_key_frame(stream), Err(no_stream));
    assert_eq!(manager.stream_status(stream), Err(no_stream));
    assert_eq!(manager.prepare_stream(ms(0), stream), Err(no_stream));
    assert_eq!(manager.sealed_len(ms(0), stream, 1), Err(no_stream));
    assert_eq!(alice.try_seal(0), Err(no_stream));
}

fn a_stream_without_its_own_frames_gets_its_key_all_the_same<S: CallStorage>() {
    let (mut alice, _) = pair::<S>();
    let manager = &mut alice.manager;
    assert_eq!(manager.stream_status(alice.audio), Ok(None));
    manager.prepare_stream(ms(0), alice.audio).unwrap();
    let status = manager.stream_status(alice.audio).unwrap().unwrap();
    assert_eq!((status.frames, status.active), (0, true));
    // It keeps the key of an epoch that sending has left until the epoch is wiped.
    alice.add(0, 2, ALICE_AND_BOB).unwrap();
    alice.events(12_000);
    assert_eq!(alice.manager.stream_status(alice.audio), Ok(None));
    assert_eq!(nonce_of(&alice.seal(12_000)), (kid(2, 0, 0).value(), 0));
}
