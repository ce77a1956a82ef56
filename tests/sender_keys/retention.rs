//! What is kept behind the head of a chain: how long, how many, and with which window.

use core::time::Duration;

use frameseal::{ChainConfig, Error, Policy, RatchetBits, SendingChain};

use crate::{Chain, KEY, OTHER, SUITE, ms, open, pair, ratchet, seal, unknown};

/// Frames of the steps 0 to `last`, one each.
fn one_of_each_step(sender: &mut SendingChain, last: usize) -> Vec<Vec<u8>> {
    let mut frames = vec![seal(sender)];
    for _ in 0..last {
        ratchet(sender, 1);
        frames.push(seal(sender));
    }
    frames
}

#[test]
fn late_frames_of_skipped_and_superseded_steps_open() {
    let (mut sender, mut receiver) = pair();
    let frames = one_of_each_step(&mut sender, 4);
    for step in [4, 2, 0, 3, 1] {
        let expected = Ok((7, u64::try_from(step).unwrap()));
        assert_eq!(open(&mut receiver, 0, &frames[step]), expected);
    }
    for frame in &frames {
        assert_eq!(open(&mut receiver, 0, frame), Err(Error::Replay));
    }
}

#[test]
fn a_step_is_gone_two_seconds_after_it_was_superseded() {
    let (mut sender, mut receiver) = pair();
    let frames = one_of_each_step(&mut sender, 2);
    assert_eq!(open(&mut receiver, 10, &frames[1]), Ok((7, 1)));
    assert_eq!(receiver.next_deadline(), Some(ms(2010)));
    assert_eq!(open(&mut receiver, 500, &frames[2]), Ok((7, 2)));
    assert_eq!(open(&mut receiver, 2009, &frames[0]), Ok((7, 0)));
    assert_eq!(receiver.next_deadline(), Some(ms(2010)));
    assert_eq!(receiver.status().steps, 3);
    // Step 0 went, step 1 is here, with its window.
    assert_eq!(open(&mut receiver, 2010, &frames[0]), unknown(0x700));
    assert_eq!(open(&mut receiver, 2010, &frames[1]), Err(Error::Replay));
    receiver.poll(ms(2500));
    assert_eq!(
        (receiver.status().steps, receiver.next_deadline()),
        (1, None)
    );
    assert_eq!(open(&mut receiver, 2500, &frames[1]), unknown(0x701));
}

#[test]
fn a_clock_that_steps_back_brings_nothing_back_and_delays_nothing() {
    let (mut sender, mut receiver) = pair();
    let frames = one_of_each_step(&mut sender, 1);
    assert_eq!(open(&mut receiver, 5000, &frames[1]), Ok((7, 1)));
    assert_eq!(open(&mut receiver, 7000, &frames[0]), unknown(0x700));
    receiver.poll(ms(0));
    assert_eq!(open(&mut receiver, 0, &frames[0]), unknown(0x700));
    ratchet(&mut sender, 1);
    open(&mut receiver, 0, &seal(&mut sender)).unwrap();
    assert_eq!(receiver.next_deadline(), Some(ms(9000)));
}

#[test]
fn no_more_steps_are_kept_than_configured_and_the_oldest_go_first() {
    let config = ChainConfig::for_suite(SUITE).with_retained_steps(3, Duration::from_secs(9));
    let bits = RatchetBits::STANDARD;
    let mut sender = SendingChain::new(SUITE, bits, 7, &KEY).unwrap();
    let mut receiver = Chain::with_config(SUITE, bits, 7, 0, &KEY, config).unwrap();
    let frames = one_of_each_step(&mut sender, 10);
    assert_eq!(open(&mut receiver, 0, &frames[1]), Ok((7, 1)));
    assert_eq!(open(&mut receiver, 0, &frames[10]), Ok((7, 10)));
    for (step, frame) in frames.iter().enumerate() {
        let step = step as u64;
        let expected = match step {
            0..7 => unknown(0x700 + step),
            7..10 => Ok((7, step)),
            _ => Err(Error::Replay),
        };
        assert_eq!(open(&mut receiver, 0, frame), expected, "{step}");
    }
    assert_eq!(receiver.status().steps, 4);
}

#[test]
fn nothing_is_kept_when_so_configured() {
    for config in [
        ChainConfig::for_suite(SUITE).with_retained_steps(0, Duration::from_secs(9)),
        ChainConfig::for_suite(SUITE).with_retained_steps(9, Duration::ZERO),
    ] {
        let bits = RatchetBits::STANDARD;
        let mut sender = SendingChain::new(SUITE, bits, 7, &KEY).unwrap();
        let mut receiver = Chain::with_config(SUITE, bits, 7, 0, &KEY, config).unwrap();
        let frames = one_of_each_step(&mut sender, 2);
        assert_eq!(open(&mut receiver, 0, &frames[2]), Ok((7, 2)));
        assert_eq!(receiver.status().steps, 1);
        assert_eq!(open(&mut receiver, 0, &frames[1]), unknown(0x701));
    }
}

#[test]
fn an_old_generation_lives_ten_seconds_after_the_next_was_added() {
    let (mut sender, mut receiver) = pair();
    let old = [seal(&mut sender), seal(&mut sender)];
    ratchet(&mut sender, 1);
    let skipped = seal(&mut sender);
    ratchet(&mut sender, 1);
    let ahead = seal(&mut sender);
    receiver.add_generation(ms(100), 8, 0, &OTHER).unwrap();
    receiver.add_generation(ms(9000), 8, 0, &OTHER).unwrap();
    assert_eq!(receiver.next_deadline(), Some(ms(10_100)), "not prolonged");
    assert_eq!(open(&mut receiver, 9000, &old[0]), Ok((7, 0)));
    // The sender may still ratchet it, but its steps do not outlive it.
    assert_eq!(open(&mut receiver, 9500, &ahead), Ok((7, 2)));
    assert_eq!(receiver.status().generations, 2);
    assert_eq!(open(&mut receiver, 10_099, &old[1]), Ok((7, 0)));
    assert_eq!(receiver.next_deadline(), Some(ms(10_100)));
    assert_eq!(open(&mut receiver, 10_100, &old[1]), unknown(0x700));
    assert_eq!(open(&mut receiver, 10_100, &skipped), unknown(0x701));
    assert_eq!(open(&mut receiver, 10_100, &ahead), unknown(0x702));
    assert_eq!(
        (receiver.status().generations, receiver.status().steps),
        (1, 1)
    );
    // And it does not come back.
    let back = receiver.add_generation(ms(10_100), 7, 0, &KEY);
    assert_eq!(back, Err(Error::GenerationTooOld(7)));
}

#[test]
fn after_a_removal_old_generations_end_when_the_policy_says() {
    for (policy, millis) in [(Policy::Standard, 2000), (Policy::Strict, 0)] {
        let (mut sender, mut receiver) = pair();
        let old = [seal(&mut sender), seal(&mut sender)];
        receiver.add_generation(ms(500), 8, 0, &OTHER).unwrap();
        receiver.end_old_generations(ms(500), policy.removal_overlap());
        if millis > 0 {
            assert_eq!(open(&mut receiver, 500 + millis - 1, &old[0]), Ok((7, 0)));
        }
        assert_eq!(open(&mut receiver, 500 + millis, &old[1]), unknown(0x700));
        sender.roll(8, &OTHER).unwrap();
        assert_eq!(
            open(&mut receiver, 500 + millis, &seal(&mut sender)),
            Ok((8, 0))
        );
    }
}

#[test]
fn no_more_generations_are_kept_than_configured() {
    let (mut sender, mut receiver) = pair();
    let mut frames = vec![seal(&mut sender)];
    for generation in 8..=11_u8 {
        let key = [generation; 16];
        sender.roll(generation.into(), &key).unwrap();
        receiver
            .add_generation(ms(0), generation.into(), 0, &key)
            .unwrap();
        frames.push(seal(&mut sender));
    }
    assert_eq!(receiver.status().generations, 3);
    assert_eq!(open(&mut receiver, 0, &frames[0]), unknown(0x700));
    assert_eq!(open(&mut receiver, 0, &frames[1]), unknown(0x800));
    assert_eq!(open(&mut receiver, 0, &frames[2]), Ok((9, 0)));
    assert_eq!(open(&mut receiver, 0, &frames[3]), Ok((10, 0)));
    assert_eq!(open(&mut receiver, 0, &frames[4]), Ok((11, 0)));
}

#[test]
fn a_window_lives_as_long_as_its_step() {
    let (mut sender, mut receiver) = pair();
    let first = [seal(&mut sender), seal(&mut sender)];
    assert_eq!(open(&mut receiver, 0, &first[0]), Ok((7, 0)));
    ratchet(&mut sender, 1);
    let second = seal(&mut sender);
    assert_eq!(open(&mut receiver, 0, &second), Ok((7, 1)));
    // The frame that moved the chain is in the window of the step that it moved it to.
    assert_eq!(open(&mut receiver, 0, &second), Err(Error::Replay));
    assert_eq!(open(&mut receiver, 0, &first[0]), Err(Error::Replay));
    assert_eq!(open(&mut receiver, 0, &first[1]), Ok((7, 0)));
    receiver.add_generation(ms(0), 8, 0, &OTHER).unwrap();
    for frame in [&first[0], &first[1], &second] {
        assert_eq!(open(&mut receiver, 0, frame), Err(Error::Replay));
    }
    let status = receiver.step_status(7, 0).unwrap();
    assert_eq!((status.opened, status.replayed), (2, 3));
}

#[test]
fn with_few_ratchet_bits_no_step_behind_is_taken_for_one_ahead() {
    // Two bits: two steps ahead, one behind, however many were to be kept.
    let bits = RatchetBits::new(2).unwrap();
    let mut sender = SendingChain::new(SUITE, bits, 0, &KEY).unwrap();
    let mut receiver = Chain::new(SUITE, bits, 0, 0, &KEY).unwrap();
    let frames = one_of_each_step(&mut sender, 6);
    assert_eq!(open(&mut receiver, 0, &frames[2]), Ok((0, 2)));
    assert_eq!(open(&mut receiver, 0, &frames[1]), Ok((0, 1)));
    // Step 0 has the key id of step 4, and so is taken for it, and refused.
    assert_eq!(
        open(&mut receiver, 0, &frames[0]),
        Err(Error::Authentication)
    );
    assert_eq!(open(&mut receiver, 0, &frames[4]), Ok((0, 4)));
    // Steps 5 and 6 can be told from 3 and 4 only if nothing older is held.
    assert_eq!(open(&mut receiver, 0, &frames[6]), Ok((0, 6)));
    assert_eq!(open(&mut receiver, 0, &frames[5]), Ok((0, 5)));
    assert_eq!(receiver.status().steps, 2);
}
