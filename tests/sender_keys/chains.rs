//! The two moves of a sender, and receivers who follow.

use frameseal::{BaseKey, CipherSuite, Error, KeyId, RatchetBits, SendConfig, SendingChain};
use frameseal::{MAX_HEADER_LEN, UsageLimits};

use crate::{Chain, KEY, OTHER, SUITE, ms, open, pair, ratchet, seal};

#[test]
fn a_receiver_follows_when_the_sender_ratchets() {
    for suite in CipherSuite::ALL {
        let bits = RatchetBits::new(3).unwrap();
        let mut sender = SendingChain::new(suite, bits, 1, &KEY).unwrap();
        let mut receiver = Chain::new(suite, bits, 1, 0, &KEY).unwrap();
        // Past the end of three bits, more than once.
        for step in 0..20 {
            assert_eq!(sender.key_id(), KeyId::new(8 + step % 8));
            assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((1, step)));
            assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((1, step)));
            ratchet(&mut sender, 1);
        }
    }
}

#[test]
fn a_sender_that_ratchets_counts_from_zero_with_another_key() {
    let (mut sender, _) = pair();
    seal(&mut sender);
    let before = sender.status();
    assert_eq!((before.frames, sender.step()), (1, 0));
    // 2^8 steps later, the key id is the same again.
    ratchet(&mut sender, 256);
    let after = sender.status();
    assert_eq!((after.frames, sender.step()), (0, 256));
    assert_eq!(after.next_counter.unwrap().value(), 0);
    assert_eq!(sender.key_id(), KeyId::new(0x700));
    assert_ne!(before.fingerprint, after.fingerprint, "another key");
}

#[test]
fn a_joiner_at_some_step_opens_what_comes_and_nothing_from_before() {
    let (mut sender, mut old) = pair();
    ratchet(&mut sender, 3);
    let before = seal(&mut sender);
    ratchet(&mut sender, 1);
    let key = sender.joiner_key();
    let (generation, step) = (key.generation, key.step);
    assert_eq!((generation, step), (7, 4));
    let bits = RatchetBits::STANDARD;
    let mut joiner = Chain::new(SUITE, bits, generation, step, key.base_key.as_ref()).unwrap();
    assert_eq!(open(&mut joiner, 0, &before), crate::unknown(0x703));
    assert_eq!(open(&mut old, 0, &before), Ok((7, 3)));
    for step in 4..8 {
        let frame = seal(&mut sender);
        assert_eq!(open(&mut joiner, 0, &frame), Ok((7, step)));
        assert_eq!(open(&mut old, 0, &frame), Ok((7, step)));
        ratchet(&mut sender, 1);
    }
}

#[test]
fn a_joiner_may_start_at_a_step_beyond_the_ratchet_bits() {
    let bits = RatchetBits::new(2).unwrap();
    let mut sender = SendingChain::new(SUITE, bits, 0, &KEY).unwrap();
    ratchet(&mut sender, 9);
    let key = sender.joiner_key();
    let mut joiner = Chain::new(SUITE, bits, 0, key.step, key.base_key.as_ref()).unwrap();
    assert_eq!(open(&mut joiner, 0, &seal(&mut sender)), Ok((0, 9)));
    ratchet(&mut sender, 1);
    assert_eq!(open(&mut joiner, 0, &seal(&mut sender)), Ok((0, 10)));
}

#[test]
fn a_roll_goes_up_and_never_down() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 5);
    for generation in [0, 6, 7] {
        let refused = sender.roll(generation, &OTHER);
        assert_eq!(refused, Err(Error::GenerationTooOld(generation)));
    }
    assert_eq!((sender.generation(), sender.step()), (7, 5), "unchanged");
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((7, 5)));

    sender.roll(9, &OTHER).unwrap();
    assert_eq!((sender.generation(), sender.step()), (9, 0));
    let frame = seal(&mut sender);
    assert_eq!(open(&mut receiver, 0, &frame), crate::unknown(0x900));
    receiver.add_generation(ms(0), 9, 0, &OTHER).unwrap();
    assert_eq!(open(&mut receiver, 0, &frame), Ok((9, 0)));
    let refused = receiver.add_generation(ms(0), 8, 0, &KEY);
    assert_eq!(refused, Err(Error::GenerationTooOld(8)));
}

#[test]
fn a_roll_to_the_key_of_before_or_one_of_its_chain_is_refused() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 2);
    let at = |steps: usize| {
        let mut chain = SendingChain::new(SUITE, RatchetBits::STANDARD, 0, &KEY).unwrap();
        ratchet(&mut chain, steps);
        chain.joiner_key().base_key.as_ref().to_vec()
    };
    for steps in [0, 1, 2, 3, 34] {
        let refused = sender.roll(8, &at(steps));
        assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(0x800))));
    }
    assert_eq!((sender.generation(), sender.step()), (7, 2), "unchanged");
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((7, 2)));
    sender.roll(8, &OTHER).unwrap();
}

#[test]
fn the_same_generation_again_changes_nothing_and_another_key_for_it_is_refused() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 2);
    let frame = seal(&mut sender);
    open(&mut receiver, 0, &frame).unwrap();
    let before = receiver.status();
    let current = sender.joiner_key().base_key.as_ref().to_vec();
    receiver.add_generation(ms(0), 7, 0, &KEY).unwrap();
    receiver.add_generation(ms(0), 7, 2, &current).unwrap();
    assert_eq!(receiver.status(), before);
    assert_eq!(
        open(&mut receiver, 0, &frame),
        Err(Error::Replay),
        "the window is there"
    );
    for (step, key) in [
        (0, &OTHER[..]),
        (2, &KEY),
        (3, &KEY),
        (0, &current),
        (1, &current),
    ] {
        let refused = receiver.add_generation(ms(0), 7, step, key);
        assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(0x700 + step))));
    }
    let far = receiver.add_generation(ms(0), 7, 5000, &KEY);
    assert!(matches!(far, Err(Error::InvalidArgument(_))));
    assert_eq!(receiver.status(), before);
}

#[test]
fn a_receiver_that_missed_many_steps_is_brought_up_by_the_later_key() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 1000);
    let frame = seal(&mut sender);
    let key_id = sender.key_id().value();
    assert_eq!(open(&mut receiver, 0, &frame), crate::unknown(key_id));
    let key = sender.joiner_key();
    receiver
        .add_generation(ms(0), 7, key.step, key.base_key.as_ref())
        .unwrap();
    assert_eq!(open(&mut receiver, 0, &frame), Ok((7, 1000)));
}

#[test]
fn a_sender_without_ratchet_bits_only_rolls() {
    let none = RatchetBits::NONE;
    let mut sender = SendingChain::new(SUITE, none, 7, &KEY).unwrap();
    let mut receiver = Chain::new(SUITE, none, 7, 0, &KEY).unwrap();
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((7, 0)));
    assert!(matches!(sender.ratchet(), Err(Error::InvalidArgument(_))));
    assert_eq!(sender.key_id(), KeyId::new(7));
    sender.roll(8, &OTHER).unwrap();
    receiver.add_generation(ms(0), 8, 0, &OTHER).unwrap();
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((8, 0)));
}

#[test]
fn keys_and_generations_that_cannot_be_are_refused() {
    let bits = RatchetBits::new(32).unwrap();
    let refused = |generation, len| {
        let key = vec![1; len];
        let sender = SendingChain::new(SUITE, bits, generation, &key).err();
        let receiver = Chain::new(SUITE, bits, generation, 0, &key).err();
        assert_eq!(sender, receiver);
        matches!(sender, Some(Error::InvalidArgument(_)))
    };
    assert!(refused(0, 15) && refused(0, 97) && refused(1 << 32, 16));
    assert!(!refused(0, 16) && !refused(0, 96) && !refused((1 << 32) - 1, 32));
    let mut sender = SendingChain::new(SUITE, bits, 0, &KEY).unwrap();
    assert!(sender.roll(1 << 32, &OTHER).is_err() && sender.roll(1, &[1; 15]).is_err());
    assert_eq!((sender.generation(), sender.status().frames), (0, 0));
}

#[test]
fn usage_limits_hold_for_each_step_and_a_ratchet_begins_anew() {
    let limits = UsageLimits::standard().with_frames(2);
    let config = SendConfig::standard().with_limits(limits);
    let bits = RatchetBits::STANDARD;
    let mut sender = SendingChain::with_config(SUITE, bits, 0, &KEY, config).unwrap();
    seal(&mut sender);
    seal(&mut sender);
    assert_eq!(sender.sealed_len(5), Err(Error::UsageLimit(KeyId::new(0))));
    sender.ratchet().unwrap();
    seal(&mut sender);
}

#[test]
fn every_way_through_buffers_gives_the_same_frame() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 1);
    let mut buffer = vec![0; 200];
    let payload = MAX_HEADER_LEN..MAX_HEADER_LEN + 5;
    buffer[payload.clone()].copy_from_slice(b"frame");
    let range = sender
        .encrypt_in_place(b"meta", &mut buffer, payload.clone())
        .unwrap();
    let mut out = [0; 5];
    let opened = receiver
        .decrypt_to(ms(0), b"meta", &buffer[range], &mut out)
        .unwrap();
    assert_eq!(
        (&*opened.payload, opened.step, opened.counter.value()),
        (&b"frame"[..], 1, 0)
    );

    buffer[payload.clone()].copy_from_slice(b"frame");
    let range = sender
        .encrypt_within(b"meta", &mut buffer, payload, 100)
        .unwrap();
    let opened = receiver
        .decrypt_within(ms(0), b"meta", &mut buffer, range, 3)
        .unwrap();
    assert_eq!(
        (&*opened.payload, opened.step, opened.counter.value()),
        (&b"frame"[..], 1, 1)
    );
    assert_eq!(&buffer[3..8], b"frame");
}

#[test]
fn no_secret_shows_in_debug_output() {
    let (sender, receiver) = pair();
    let base_key = BaseKey::new(&KEY).unwrap();
    for text in [
        format!("{sender:?}"),
        format!("{receiver:?}"),
        format!("{base_key:?}"),
    ] {
        assert!(!text.contains("66, 66") && !text.contains("4242"), "{text}");
    }
}
