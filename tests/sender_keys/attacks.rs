//! What somebody without the key, or no longer a member, tries. What a forged frame costs and
//! whether anything at all changes is looked at from inside, in `src/sender_keys`.

use frameseal::{CipherSuite, EncryptionKey, Error, Header, KeyId, RatchetBits, SendingChain};

use crate::{Chain, KEY, OTHER, SUITE, ms, open, pair, ratchet, seal, unknown};

/// A frame that names a key id and is sealed with another key.
fn forged(key_id: u64) -> Vec<u8> {
    let mut key = EncryptionKey::new(SUITE, KeyId::new(key_id), &[0xee; 16]).unwrap();
    let mut frame = vec![0; key.sealed_len(5).unwrap()];
    key.encrypt(b"meta", b"frame", &mut frame).unwrap();
    frame
}

#[test]
fn a_forged_future_step_moves_nothing() {
    let (mut sender, mut receiver) = pair();
    let frame = seal(&mut sender);
    for step in 1..=32 {
        let forged = forged(0x700 + step);
        assert_eq!(open(&mut receiver, 0, &forged), Err(Error::Authentication));
    }
    let status = receiver.status();
    assert_eq!((status.step, status.steps, status.failed_ahead), (0, 1, 32));
    assert_eq!(receiver.next_deadline(), None);
    assert_eq!(open(&mut receiver, 0, &frame), Ok((7, 0)));
    ratchet(&mut sender, 1);
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((7, 1)));
    assert_eq!(receiver.status().failed_ahead, 0);
}

#[test]
fn a_damaged_frame_of_a_real_future_step_moves_nothing() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 3);
    let good = seal(&mut sender);
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 0x10;
        assert!(open(&mut receiver, 0, &damaged).is_err());
        assert_eq!((receiver.status().step, receiver.status().steps), (0, 1));
    }
    assert_eq!(open(&mut receiver, 0, &good), Ok((7, 3)));
}

#[test]
fn a_step_beyond_the_bound_is_an_unknown_key_id() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 33);
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), unknown(0x721));
    for key_id in [0x721, 0x780, 0x7ff] {
        assert_eq!(open(&mut receiver, 0, &forged(key_id)), unknown(key_id));
    }
    assert_eq!(receiver.status().failed_ahead, 0);

    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 32);
    assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((7, 32)));
}

#[test]
fn half_the_steps_ahead_is_the_most_that_any_configuration_follows() {
    let bits = RatchetBits::new(3).unwrap();
    let config = frameseal::ChainConfig::for_suite(SUITE).with_max_forward(u32::MAX);
    for (steps, follows) in [(4, true), (5, false)] {
        let mut sender = SendingChain::new(SUITE, bits, 0, &KEY).unwrap();
        let mut receiver = Chain::with_config(SUITE, bits, 0, 0, &KEY, config).unwrap();
        ratchet(&mut sender, steps);
        assert_eq!(open(&mut receiver, 0, &seal(&mut sender)).is_ok(), follows);
    }
}

#[test]
fn a_key_id_that_comes_again_after_all_steps_does_not_open_with_the_old_key() {
    let bits = RatchetBits::new(2).unwrap();
    let mut sender = SendingChain::new(SUITE, bits, 0, &KEY).unwrap();
    let mut receiver = Chain::new(SUITE, bits, 0, 0, &KEY).unwrap();
    let recorded = seal(&mut sender);
    assert_eq!(open(&mut receiver, 0, &recorded), Ok((0, 0)));
    for step in 1..=4 {
        ratchet(&mut sender, 1);
        assert_eq!(open(&mut receiver, 0, &seal(&mut sender)), Ok((0, step)));
    }
    let (header, _) = Header::parse(&recorded).unwrap();
    assert_eq!(header.key_id, sender.key_id());
    // Counter 0 of step 4 was seen, so another number than that: neither replayed nor opened.
    let mut sender = SendingChain::new(SUITE, bits, 0, &KEY).unwrap();
    seal(&mut sender);
    assert_eq!(
        open(&mut receiver, 0, &seal(&mut sender)),
        Err(Error::Authentication)
    );
}

#[test]
fn whoever_knows_only_an_old_generation_forges_nothing_after_it() {
    let (mut removed, mut receiver) = pair();
    receiver.add_generation(ms(0), 8, 0, &OTHER).unwrap();
    receiver.end_old_generations(ms(0), frameseal::Policy::Strict.removal_overlap());
    assert_eq!(open(&mut receiver, 0, &seal(&mut removed)), unknown(0x700));
    // Nor with the new number and what it can derive.
    for steps in 0..4 {
        let bits = RatchetBits::STANDARD;
        let mut forger = SendingChain::new(SUITE, bits, 8, &KEY).unwrap();
        ratchet(&mut forger, steps);
        assert_eq!(
            open(&mut receiver, 0, &seal(&mut forger)),
            Err(Error::Authentication)
        );
    }
    assert_eq!(receiver.status().step, 0);
}

#[test]
fn a_frame_of_another_suite_or_of_no_form_is_refused() {
    let (_, mut receiver) = pair();
    let bits = RatchetBits::STANDARD;
    let other = CipherSuite::Aes128CtrHmacSha256_80;
    let mut sender = SendingChain::new(other, bits, 7, &KEY).unwrap();
    ratchet(&mut sender, 1);
    assert_eq!(
        open(&mut receiver, 0, &[seal(&mut sender), vec![0; 9]].concat()),
        Err(Error::Authentication)
    );
    for len in 0..18 {
        let cut = &forged(0x701)[..len];
        assert!(
            matches!(open(&mut receiver, 0, cut), Err(Error::Syntax(_))),
            "{len}"
        );
    }
    assert_eq!(receiver.status().step, 0);
}

#[test]
fn a_buffer_that_is_too_small_neither_opens_nor_moves() {
    let (mut sender, mut receiver) = pair();
    ratchet(&mut sender, 2);
    let frame = seal(&mut sender);
    let small = receiver
        .decrypt_to(ms(0), b"meta", &frame, &mut [0; 4])
        .map(|_| ());
    assert_eq!(small, Err(Error::BufferTooSmall { needed: 5 }));
    assert_eq!(
        (receiver.status().step, receiver.status().failed_ahead),
        (0, 0)
    );
    assert_eq!(open(&mut receiver, 0, &frame), Ok((7, 2)));
}
