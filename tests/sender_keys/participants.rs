//! One object for all sender keys of a participant: members, directions, times.

use frameseal::{Error, KeyId, RatchetBits, SendingChain, fixed};

use crate::{KEY, Keys, OTHER, SUITE, ms, seal};

const BITS: RatchetBits = RatchetBits::STANDARD;

fn frame_of(keys: &mut Keys) -> Vec<u8> {
    let mut frame = vec![0; keys.sealed_len(5).unwrap()];
    keys.encrypt(b"meta", b"frame", &mut frame).unwrap();
    frame
}

fn open(keys: &mut Keys, now: u64, member: u64, frame: &[u8]) -> Result<(u64, u64), Error> {
    let mut frame = frame.to_vec();
    let opened = keys.decrypt(ms(now), member, b"meta", &mut frame)?;
    assert_eq!(opened.payload, b"frame");
    Ok((opened.generation, opened.step))
}

/// Somebody who sends with `key`, at generation 0.
fn sender(key: &[u8]) -> Keys {
    let mut keys = Keys::new(SUITE);
    keys.start_sending(BITS, 0, key).unwrap();
    keys
}

#[test]
fn members_with_the_same_key_ids_are_told_apart_by_their_number() {
    let (mut alice, mut bob) = (sender(&KEY), sender(&OTHER));
    let mut carol = Keys::new(SUITE);
    carol.add_member(ms(0), 1, BITS, 0, 0, &KEY).unwrap();
    carol.add_member(ms(0), 2, BITS, 0, 0, &OTHER).unwrap();
    let (from_alice, from_bob) = (frame_of(&mut alice), frame_of(&mut bob));
    // The wrong member, with the same key id.
    assert_eq!(
        open(&mut carol, 0, 2, &from_alice),
        Err(Error::Authentication)
    );
    assert_eq!(
        open(&mut carol, 0, 1, &from_bob),
        Err(Error::Authentication)
    );
    assert_eq!(open(&mut carol, 0, 3, &from_bob), Err(Error::UnknownMember));
    assert_eq!(open(&mut carol, 0, 1, &from_alice), Ok((0, 0)));
    assert_eq!(open(&mut carol, 0, 2, &from_bob), Ok((0, 0)));
    bob.ratchet().unwrap();
    assert_eq!(open(&mut carol, 0, 2, &frame_of(&mut bob)), Ok((0, 1)));
    assert_eq!(carol.member(1).unwrap().status().step, 0);
    assert_eq!(carol.members().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_removed_member_opens_no_more() {
    let mut alice = sender(&KEY);
    let mut bob = Keys::new(SUITE);
    bob.add_member(ms(0), 1, BITS, 0, 0, &KEY).unwrap();
    assert_eq!(open(&mut bob, 0, 1, &frame_of(&mut alice)), Ok((0, 0)));
    bob.remove_member(1).unwrap();
    assert_eq!(
        open(&mut bob, 0, 1, &frame_of(&mut alice)),
        Err(Error::UnknownMember)
    );
    assert_eq!(bob.remove_member(1), Err(Error::UnknownMember));
    let gone = bob.add_generation(ms(0), 1, 1, 0, &OTHER);
    assert_eq!(gone, Err(Error::UnknownMember));
    assert!(bob.member(1).is_none());
}

#[test]
fn a_key_that_sends_is_refused_for_receiving() {
    let mut alice = sender(&KEY);
    alice.ratchet().unwrap();
    alice.ratchet().unwrap();
    let now = alice.joiner_key().unwrap().base_key.as_ref().to_vec();
    alice.ratchet().unwrap();
    let later = alice.joiner_key().unwrap().base_key.as_ref().to_vec();
    alice.add_member(ms(0), 9, BITS, 0, 0, &OTHER).unwrap();
    // Our own key as it was, as it is, as another generation, and for a member who is here.
    for (generation, step, key) in [
        (0, 0, &KEY[..]),
        (0, 2, &now),
        (0, 3, &later),
        (5, 0, &later),
    ] {
        let key_id = BITS.key_id(generation, step).unwrap();
        let refused = alice.add_member(ms(0), 1, BITS, generation, step, key);
        assert_eq!(refused, Err(Error::KeyIdInUse(key_id)));
        let refused = alice.add_generation(ms(0), 9, generation, step, key);
        assert_eq!(refused, Err(Error::KeyIdInUse(key_id)));
    }
    // A step that we have not come to yet.
    let mut ahead = SendingChain::new(SUITE, BITS, 0, &KEY).unwrap();
    (0..9).for_each(|_| ahead.ratchet().unwrap());
    let key = ahead.joiner_key().base_key.as_ref();
    let refused = alice.add_member(ms(0), 1, BITS, 0, 9, key);
    assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(9))));
    assert_eq!(alice.members().collect::<Vec<_>>(), [9]);
}

#[test]
fn a_key_that_receives_is_refused_for_sending() {
    let mut other = sender(&KEY);
    let mut alice = Keys::new(SUITE);
    alice.add_member(ms(0), 1, BITS, 0, 0, &KEY).unwrap();
    other.ratchet().unwrap();
    other.ratchet().unwrap();
    assert_eq!(open(&mut alice, 0, 1, &frame_of(&mut other)), Ok((0, 2)));
    let current = other.joiner_key().unwrap().base_key.as_ref().to_vec();
    // The key that leads to the one received, and that one itself under any number.
    let refused = alice.start_sending(BITS, 0, &KEY);
    assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(0))));
    let refused = alice.start_sending(BITS, 3, &current);
    assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(0x300))));
    assert!(alice.sending().is_none());
    alice.start_sending(BITS, 0, &OTHER).unwrap();
    let refused = alice.roll(1, &current);
    assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(0x100))));
    assert_eq!(alice.sending().unwrap().generation(), 0);
}

#[test]
fn a_frame_of_our_own_is_nobodys() {
    let mut alice = sender(&KEY);
    alice.add_member(ms(0), 1, BITS, 0, 0, &OTHER).unwrap();
    let reflected = frame_of(&mut alice);
    assert_eq!(
        open(&mut alice, 0, 1, &reflected),
        Err(Error::Authentication)
    );
    assert_eq!(alice.sending().unwrap().status().frames, 1);
    frame_of(&mut alice);
}

#[test]
fn generations_go_up_also_when_sending_stopped_in_between() {
    let mut alice = Keys::new(SUITE);
    assert_eq!(alice.sealed_len(5), Err(Error::NoSendingKey));
    assert_eq!(alice.ratchet(), Err(Error::NoSendingKey));
    assert_eq!(alice.roll(1, &KEY), Err(Error::NoSendingKey));
    assert!(matches!(alice.joiner_key(), Err(Error::NoSendingKey)));
    alice.start_sending(BITS, 4, &KEY).unwrap();
    let twice = alice.start_sending(BITS, 5, &OTHER);
    assert!(matches!(twice, Err(Error::InvalidArgument(_))));
    alice.roll(6, &OTHER).unwrap();
    alice.stop_sending();
    assert_eq!(
        alice.encrypt(b"", b"", &mut [0; 99]),
        Err(Error::NoSendingKey)
    );
    for generation in [4, 5, 6] {
        let refused = alice.start_sending(BITS, generation, &OTHER);
        assert_eq!(refused, Err(Error::GenerationTooOld(generation)));
    }
    // With other ratchet bits, a higher generation could have the same key ids.
    let fewer = RatchetBits::new(4).unwrap();
    let refused = alice.start_sending(fewer, 7, &OTHER);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
    alice.start_sending(BITS, 7, &[9; 16]).unwrap();
    assert_eq!(alice.sending().unwrap().key_id(), KeyId::new(0x700));
}

#[test]
fn the_ratchet_bits_of_a_member_stay() {
    let mut alice = Keys::new(SUITE);
    alice.add_member(ms(0), 1, BITS, 0, 0, &KEY).unwrap();
    alice.add_member(ms(0), 1, BITS, 0, 0, &KEY).unwrap();
    alice.add_member(ms(0), 1, BITS, 1, 0, &OTHER).unwrap();
    assert_eq!(alice.member(1).unwrap().status().generation, 1);
    let fewer = RatchetBits::new(4).unwrap();
    let refused = alice.add_member(ms(0), 1, fewer, 2, 0, &OTHER);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
    alice.add_member(ms(0), 2, fewer, 0, 0, &OTHER).unwrap();
    assert_eq!(alice.member(2).unwrap().ratchet_bits(), fewer);
}

#[test]
fn polling_wipes_the_keys_of_all_members_in_time() {
    let mut alice = Keys::new(SUITE);
    let mut senders = [&KEY, &OTHER].map(|key| SendingChain::new(SUITE, BITS, 0, key).unwrap());
    for (member, sender) in senders.iter_mut().enumerate() {
        let member = member as u64;
        let key = sender.joiner_key().base_key.as_ref().to_vec();
        alice.add_member(ms(0), member, BITS, 0, 0, &key).unwrap();
        sender.ratchet().unwrap();
        open(&mut alice, 100 * (member + 1), member, &seal(sender)).unwrap();
    }
    assert_eq!(alice.next_deadline(), Some(ms(2100)));
    alice.poll(ms(2100));
    assert_eq!(alice.next_deadline(), Some(ms(2200)));
    assert_eq!(alice.member(0).unwrap().status().steps, 1);
    alice.add_generation(ms(2200), 0, 1, 0, &[3; 16]).unwrap();
    alice.end_old_generations(ms(2200), core::time::Duration::from_millis(50));
    // The clock of one member is the clock of all.
    alice.poll(ms(0));
    assert_eq!(alice.member(1).unwrap().status().steps, 1);
    assert_eq!(alice.next_deadline(), Some(ms(2250)));
    alice.poll(ms(2250));
    assert_eq!(
        (
            alice.next_deadline(),
            alice.member(0).unwrap().status().generations
        ),
        (None, 1)
    );
}

#[test]
fn a_full_table_of_members_is_an_error_and_a_full_one_of_steps_drops_the_oldest() {
    let mut alice = fixed::SenderKeys::<2, 3>::new(SUITE);
    alice.add_member(ms(0), 1, BITS, 0, 0, &KEY).unwrap();
    alice.add_member(ms(0), 2, BITS, 0, 0, &OTHER).unwrap();
    let full = alice.add_member(ms(0), 3, BITS, 0, 0, &[3; 16]);
    assert_eq!(full, Err(Error::Capacity(2)));

    let mut sender = SendingChain::new(SUITE, BITS, 0, &KEY).unwrap();
    let mut frames = vec![seal(&mut sender)];
    for _ in 0..6 {
        sender.ratchet().unwrap();
        frames.push(seal(&mut sender));
    }
    let mut open = |step: usize| {
        let mut frame = frames[step].clone();
        alice
            .decrypt(ms(0), 1, b"meta", &mut frame)
            .map(|opened| opened.step)
    };
    assert_eq!(open(6), Ok(6));
    assert_eq!((open(5), open(4)), (Ok(5), Ok(4)));
    assert_eq!(open(3), crate::unknown(3));
    // Even one that has a single place goes on.
    let mut lone = fixed::ReceivingChain::<1>::new(SUITE, BITS, 0, 0, &KEY).unwrap();
    for (step, frame) in frames.iter().enumerate().skip(1) {
        let opened = lone
            .decrypt(ms(0), b"meta", &mut frame.clone())
            .unwrap()
            .step;
        assert_eq!(opened, step as u64);
    }
    lone.add_generation(ms(0), 1, 0, &OTHER).unwrap();
    assert_eq!((lone.status().generation, lone.status().steps), (1, 1));
    let none = fixed::ReceivingChain::<0>::new(SUITE, BITS, 0, 0, &KEY).map(|_| ());
    assert_eq!(none, Err(Error::Capacity(0)));
}

#[test]
fn forgery_alarms_name_the_member() {
    use frameseal::{ChainConfig, ForgeryPolicy, ReceiveConfig, SendConfig};
    let receive = ReceiveConfig::for_suite(SUITE).with_forgery(2, ForgeryPolicy::Signal);
    let config = ChainConfig::for_suite(SUITE).with_receive(receive);
    let mut alice = Keys::with_config(SUITE, SendConfig::standard(), config);
    for member in [1, 2] {
        let key = [member + 10; 16];
        alice
            .add_member(ms(0), member.into(), BITS, 0, 0, &key)
            .unwrap();
    }
    let mut forger = sender(&KEY);
    for _ in 0..2 {
        assert_eq!(alice.poll_forgery_alarm(), None);
        assert_eq!(
            open(&mut alice, 0, 2, &frame_of(&mut forger)),
            Err(Error::Authentication)
        );
    }
    assert_eq!(alice.poll_forgery_alarm(), Some((2, KeyId::new(0))));
    assert_eq!(alice.poll_forgery_alarm(), None);
}
