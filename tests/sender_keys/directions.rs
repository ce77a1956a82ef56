//! A base key sends or receives, never both (RFC 9605 §4.4.1): whatever generation, step and ratchet
//! bits a member says its key has, no frame of our own opens as that member's.

use frameseal::{BaseKey, Error, KeyId, RatchetBits, SenderKeysCore, SendingChain, Storage};

use crate::{KEY, OTHER, SUITE, ms};

const BITS: RatchetBits = RatchetBits::STANDARD;
/// A member who is up to no good.
const MALLORY: u64 = 666;

/// Each test with the growing types and with those of fixed capacity.
macro_rules! with_both_storages {
    ($($test:ident)*) => {
        #[cfg(feature = "alloc")]
        mod growing {
            $(#[test] fn $test() { super::$test::<frameseal::Growing, frameseal::Growing>(); })*
        }
        mod fixed {
            use frameseal::Fixed;
            $(#[test] fn $test() { super::$test::<Fixed<2>, Fixed<4>>(); })*
        }
    };
}

with_both_storages! {
    a_key_of_before_a_roll_does_not_receive
    a_key_of_before_a_stop_does_not_receive
    the_last_sixteen_of_our_generations_are_remembered
    every_step_that_we_came_by_is_refused_however_many_there_were
    a_key_id_that_comes_again_does_not_hide_our_key
    other_ratchet_bits_do_not_hide_our_key
    a_later_key_of_ours_is_refused_at_once_or_never_reached
    a_far_step_is_told_apart_from_ours_and_does_not_keep_us_from_sending
    our_chain_never_comes_to_a_key_that_was_received
    keys_that_were_received_do_not_send
    a_generation_is_compared_with_all_steps_that_were_received
    a_key_that_follows_from_a_received_one_does_not_send
    a_roll_needs_a_key_that_those_who_left_do_not_know
    what_is_refused_changes_nothing
    an_announced_key_cannot_be_taken
    an_announced_key_is_for_one_generation
}

/// `key`, ratcheted.
fn after(key: &[u8], steps: u64) -> Vec<u8> {
    (0..steps).fold(key.to_vec(), |key, _| {
        let next = BaseKey::ratchet(SUITE, &key).unwrap();
        next.as_ref().to_vec()
    })
}

fn in_use<T>(key_id: u64) -> Result<T, Error> {
    Err(Error::KeyIdInUse(KeyId::new(key_id)))
}

fn sending<S: Storage, C: Storage>(generation: u64) -> SenderKeysCore<S, C> {
    let mut keys = SenderKeysCore::new(SUITE);
    keys.start_sending(BITS, generation, &KEY).unwrap();
    keys
}

fn ratchet<S: Storage, C: Storage>(keys: &mut SenderKeysCore<S, C>, steps: u64) {
    (0..steps).for_each(|_| keys.ratchet().unwrap());
}

fn seal<S: Storage, C: Storage>(keys: &mut SenderKeysCore<S, C>) -> Vec<u8> {
    let mut frame = vec![0; keys.sealed_len(4).unwrap()];
    keys.encrypt(b"", b"mine", &mut frame).unwrap();
    frame
}

/// Gives our own frame back to us as one of Mallory's.
fn reflect<S: Storage, C: Storage>(
    keys: &mut SenderKeysCore<S, C>,
    frame: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut frame = frame.to_vec();
    let opened = keys.decrypt(ms(1), MALLORY, b"", &mut frame)?;
    Ok(opened.payload.to_vec())
}

/// Mallory offers a key, at generation 0 and step 0.
fn offer<S: Storage, C: Storage>(keys: &mut SenderKeysCore<S, C>, key: &[u8]) -> Result<(), Error> {
    keys.add_member(ms(0), MALLORY, BITS, 0, 0, key)
}

fn a_key_of_before_a_roll_does_not_receive<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    let frame = seal(&mut alice);
    alice.roll(1, &OTHER).unwrap();
    assert_eq!(offer(&mut alice, &KEY), in_use(0));
    assert_eq!(reflect(&mut alice, &frame), Err(Error::UnknownMember));
    // Nor for a member who is here.
    alice
        .add_member(ms(0), MALLORY, BITS, 0, 0, &[9; 16])
        .unwrap();
    let refused = alice.add_generation(ms(0), MALLORY, 3, 0, &KEY);
    assert_eq!(refused, in_use(0x300));
}

fn a_key_of_before_a_stop_does_not_receive<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    ratchet(&mut alice, 2);
    let frame = seal(&mut alice);
    alice.stop_sending();
    for steps in 0..=2 {
        let refused = alice.add_member(ms(0), MALLORY, BITS, 0, steps, &after(&KEY, steps));
        assert_eq!(refused, in_use(steps));
    }
    assert_eq!(reflect(&mut alice, &frame), Err(Error::UnknownMember));
}

fn the_last_sixteen_of_our_generations_are_remembered<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    let key = |generation: u8| [generation; 16];
    for generation in 1..=17 {
        ratchet(&mut alice, 3);
        alice.roll(generation.into(), &key(generation)).unwrap();
    }
    for generation in 1..=17 {
        for key in [key(generation).to_vec(), after(&key(generation), 3)] {
            assert_eq!(offer(&mut alice, &key), in_use(0), "{generation}");
        }
    }
    // The bound: of the one before those, nothing is known any more.
    assert_eq!(offer(&mut alice, &KEY), Ok(()));
}

fn every_step_that_we_came_by_is_refused_however_many_there_were<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    ratchet(&mut alice, 4096 + 70);
    let early = [KEY.to_vec(), after(&KEY, 5)];
    let late = after(&KEY, 4096 + 60);
    for key in [&early[0], &early[1], &late] {
        assert_eq!(offer(&mut alice, key), in_use(0));
    }
    alice.roll(1, &OTHER).unwrap();
    for key in [&early[0], &late] {
        assert_eq!(offer(&mut alice, key), in_use(0));
    }
}

fn a_key_id_that_comes_again_does_not_hide_our_key<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    ratchet(&mut alice, 1);
    let frame = seal(&mut alice);
    ratchet(&mut alice, 2);
    // Step 256 has the key id of step 0, and 257 that of the frame.
    let refused = alice.add_member(ms(0), MALLORY, BITS, 0, 256, &KEY);
    assert_eq!(refused, in_use(0));
    assert_eq!(reflect(&mut alice, &frame), Err(Error::UnknownMember));
}

fn other_ratchet_bits_do_not_hide_our_key<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(1); // key id 0x100
    ratchet(&mut alice, 1);
    let frame = seal(&mut alice); // key id 0x101
    // With R = 4, generation 16 has the key ids from 0x100 on.
    let four = RatchetBits::new(4).unwrap();
    let refused = alice.add_member(ms(0), MALLORY, four, 16, 0, &KEY);
    assert_eq!(refused, in_use(0x100));
    let refused = alice.add_member(ms(0), MALLORY, four, 16, 2, &after(&KEY, 2));
    assert_eq!(refused, in_use(0x102));
    assert_eq!(reflect(&mut alice, &frame), Err(Error::UnknownMember));
}

fn a_later_key_of_ours_is_refused_at_once_or_never_reached<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    ratchet(&mut alice, 1);
    // Under any name 32 steps ahead; under its own name 4,096.
    assert_eq!(offer(&mut alice, &after(&KEY, 33)), in_use(0));
    let far = after(&KEY, 4097);
    let refused = alice.add_member(ms(0), MALLORY, BITS, 0, 4097, &far);
    assert_eq!(refused, in_use(1));
    // No other generation is looked for so far ahead: the work would be anybody's to order.
    let key = after(&KEY, 4000);
    let elsewhere = sending::<S, C>(0).add_member(ms(0), MALLORY, BITS, 1, 4000, &key);
    assert_eq!(elsewhere, Ok(()));
    // Further away it is taken, as it might be anybody's; and our chain does not come to it.
    let further = after(&far, 1);
    alice
        .add_member(ms(0), MALLORY, BITS, 0, 4098, &further)
        .unwrap();
    ratchet(&mut alice, 4096);
    let frame = seal(&mut alice);
    assert_eq!(alice.ratchet(), in_use(2));
    assert_eq!(alice.sending().unwrap().step(), 4097);
    assert!(reflect(&mut alice, &frame).is_err());
    alice.roll(1, &OTHER).unwrap();
    ratchet(&mut alice, 1);
}

fn a_far_step_is_told_apart_from_ours_and_does_not_keep_us_from_sending<S: Storage, C: Storage>() {
    let mut alice = SenderKeysCore::<S, C>::new(SUITE);
    // Honest or not: with these numbers, no generation of ours may be blocked.
    alice
        .add_member(ms(0), MALLORY, BITS, 1, 1 << 40, &[9; 32])
        .unwrap();
    alice.start_sending(BITS, 0, &KEY).unwrap();
    alice.roll(1, &OTHER).unwrap();
    alice.ratchet().unwrap();
}

fn our_chain_never_comes_to_a_key_that_was_received<S: Storage, C: Storage>() {
    for removed in [false, true] {
        let mut alice = SenderKeysCore::<S, C>::new(SUITE);
        let key = after(&KEY, 4097);
        alice
            .add_member(ms(0), MALLORY, BITS, 0, 4097, &key)
            .unwrap();
        if removed {
            alice.remove_member(MALLORY).unwrap();
        }
        alice.start_sending(BITS, 0, &KEY).unwrap();
        ratchet(&mut alice, 4096);
        assert_eq!(alice.ratchet(), in_use(1), "{removed}");
    }
}

fn keys_that_were_received_do_not_send<S: Storage, C: Storage>() {
    let mut alice = SenderKeysCore::<S, C>::new(SUITE);
    alice.add_member(ms(0), MALLORY, BITS, 0, 0, &KEY).unwrap();
    let mut mallory = SendingChain::new(SUITE, BITS, 0, &KEY).unwrap();
    (0..3).for_each(|_| mallory.ratchet().unwrap());
    let mut frame = [0; 64];
    let len = mallory.encrypt(b"", b"hers", &mut frame).unwrap();
    assert_eq!(reflect(&mut alice, &frame[..len]), Ok(b"hers".to_vec()));
    // A generation that is over, and one of a member who is removed.
    alice.add_generation(ms(2), MALLORY, 1, 0, &OTHER).unwrap();
    alice.poll(ms(20_000));
    assert_eq!(alice.member(MALLORY).unwrap().status().generations, 1);
    alice.remove_member(MALLORY).unwrap();
    for key in [&KEY, &OTHER] {
        assert_eq!(alice.start_sending(BITS, 7, key), in_use(0x700));
    }
    for steps in 1..=3 {
        let refused = alice.start_sending(BITS, 7, &after(&KEY, steps));
        assert_eq!(refused, in_use(0x700), "{steps}");
    }
    alice.start_sending(BITS, 7, &[9; 16]).unwrap();
    assert_eq!(alice.roll(8, &KEY), in_use(0x800));
}

fn a_generation_is_compared_with_all_steps_that_were_received<S: Storage, C: Storage>() {
    let mut alice = SenderKeysCore::<S, C>::new(SUITE);
    alice.add_member(ms(0), MALLORY, BITS, 9, 0, &KEY).unwrap();
    alice
        .add_generation(ms(0), MALLORY, 9, 200, &after(&KEY, 200))
        .unwrap();
    // The first, one that was skipped, the latest: as whatever generation.
    for (steps, generation) in [(0, 0), (100, 3), (200, 9)] {
        let refused = alice.start_sending(BITS, generation, &after(&KEY, steps));
        assert_eq!(refused, in_use(generation << 8), "{steps}");
    }
    // The same when the member is gone.
    alice.remove_member(MALLORY).unwrap();
    assert_eq!(alice.start_sending(BITS, 0, &after(&KEY, 100)), in_use(0));
    // One that leads there in 32 steps, to a member's key that was never ratcheted.
    let mut alice = SenderKeysCore::<S, C>::new(SUITE);
    let early = [5; 16];
    alice
        .add_member(ms(0), MALLORY, BITS, 10, 0, &after(&early, 32))
        .unwrap();
    assert_eq!(alice.start_sending(BITS, 0, &early), in_use(0));
}

fn a_key_that_follows_from_a_received_one_does_not_send<S: Storage, C: Storage>() {
    let mut alice = SenderKeysCore::<S, C>::new(SUITE);
    alice.add_member(ms(0), MALLORY, BITS, 0, 0, &KEY).unwrap();
    for steps in [1, 32] {
        let refused = alice.start_sending(BITS, 4, &after(&KEY, steps));
        assert_eq!(refused, in_use(0x400));
    }
    alice.start_sending(BITS, 4, &after(&OTHER, 1)).unwrap();
}

fn a_roll_needs_a_key_that_those_who_left_do_not_know<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    ratchet(&mut alice, 3);
    for steps in [0, 2, 3, 4, 35] {
        let refused = alice.roll(1, &after(&KEY, steps));
        assert_eq!(refused, in_use(0x100), "{steps}");
    }
    alice.roll(1, &OTHER).unwrap();
    // Nor does one come back later, or after a stop.
    assert_eq!(alice.roll(2, &KEY), in_use(0x200));
    alice.stop_sending();
    for key in [&KEY, &OTHER] {
        assert_eq!(alice.start_sending(BITS, 2, key), in_use(0x200));
    }
    alice.start_sending(BITS, 2, &[9; 16]).unwrap();
}

fn what_is_refused_changes_nothing<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    alice
        .add_member(ms(0), MALLORY, BITS, 0, 0, &OTHER)
        .unwrap();
    seal(&mut alice);
    for key in [&KEY, &OTHER] {
        assert_eq!(alice.roll(1, key), in_use(0x100));
        let refused = alice.add_generation(ms(0), MALLORY, 1, 0, &KEY);
        assert_eq!(refused, in_use(0x100));
    }
    let own = alice.sending().unwrap();
    assert_eq!((own.generation(), own.status().frames), (0, 1));
    assert_eq!(alice.member(MALLORY).unwrap().status().generation, 0);
    alice.roll(1, &[9; 16]).unwrap();
}

fn an_announced_key_cannot_be_taken<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    alice
        .add_member(ms(0), MALLORY, BITS, 0, 0, &OTHER)
        .unwrap();
    for generation in 1..30 {
        let key = [100 + u8::try_from(generation).unwrap(); 16];
        alice.announce(generation, &key).unwrap();
        for steps in [0, 1, 32] {
            let taken = after(&key, steps);
            let now = ms(generation * 1000);
            let refused = alice.add_generation(now, MALLORY, generation, 0, &taken);
            assert_eq!(refused, in_use(generation << BITS.bits()), "{steps}");
        }
        alice.roll(generation, &key).unwrap();
        let sending = alice.sending().unwrap();
        assert_eq!((sending.generation(), sending.step()), (generation, 0));
    }
}

fn an_announced_key_is_for_one_generation<S: Storage, C: Storage>() {
    let mut alice = sending::<S, C>(0);
    assert_eq!(alice.announce(0, &[5; 16]), Err(Error::GenerationTooOld(0)));
    assert_eq!(alice.announce(1, &KEY), in_use(1 << BITS.bits()));
    alice.announce(1, &[5; 16]).unwrap();
    // The others were given that one.
    for (generation, key) in [(1, [6; 16]), (2, [5; 16]), (2, [6; 16])] {
        let refused = alice.roll(generation, &key);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))));
        assert_eq!(alice.sending().unwrap().generation(), 0);
    }
    // The application thinks again.
    alice.announce(2, &[6; 16]).unwrap();
    alice.roll(2, &[6; 16]).unwrap();
    assert_eq!(alice.roll(1, &[5; 16]), Err(Error::GenerationTooOld(1)));
    alice
        .add_member(ms(0), MALLORY, BITS, 0, 0, &[5; 16])
        .unwrap();
    assert_eq!(alice.roll(3, &[5; 16]), in_use(3 << BITS.bits()));
}
