//! What a forged frame costs and changes: seen from inside, where derivations are counted and all
//! that is held can be compared.

use core::time::Duration;

use super::{ChainConfig, RatchetBits, ReceivingChainCore};
use crate::cipher_suite::CipherSuite;
use crate::config::ReceiveConfig;
use crate::error::Error;
use crate::header::KeyId;
use crate::sender_keys::SendingChain;
use crate::storage::{Fixed, Storage};
use crate::time::Timestamp;
use crate::usage::ForgeryPolicy;

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KEY: [u8; 16] = [7; 16];
const NOW: Timestamp = Timestamp::from_millis(1000);

type Chain = ReceivingChainCore<Fixed<16>>;

fn pair(config: ChainConfig) -> (SendingChain, Chain) {
    let bits = RatchetBits::STANDARD;
    let sender = SendingChain::new(SUITE, bits, 3, &KEY).unwrap();
    let receiver = Chain::with_config(SUITE, bits, 3, 0, &KEY, config).unwrap();
    (sender, receiver)
}

fn sealed(sender: &mut SendingChain) -> Vec<u8> {
    let mut frame = vec![0; sender.sealed_len(5).unwrap()];
    sender.encrypt(b"", b"frame", &mut frame).unwrap();
    frame
}

/// A frame of the key id, with a tag that is nobody's.
fn forged(key_id: u64) -> Vec<u8> {
    let mut key = crate::EncryptionKey::new(SUITE, KeyId::new(key_id), &[0xee; 16]).unwrap();
    let mut frame = vec![0; key.sealed_len(5).unwrap()];
    key.encrypt(b"", b"frame", &mut frame).unwrap();
    frame
}

/// All that is held, apart from counters of failures and the one candidate.
fn snapshot<S: Storage>(chain: &ReceivingChainCore<S>) -> Vec<String> {
    let steps = chain.steps.iter().map(|step| {
        let status = step.key.status();
        let base_key = step.base_key.as_ref().map(|key| key.fingerprint(SUITE));
        let seen = (status.highest_counter, status.opened);
        let step = (step.generation, step.number, step.retire_at);
        format!("{step:?} {seen:?} {:?} {base_key:?}", status.fingerprint)
    });
    let rest = (chain.steps.newest(), chain.next_deadline());
    steps.chain([format!("{rest:?}")]).collect()
}

fn open<S: Storage>(chain: &mut ReceivingChainCore<S>, frame: &[u8]) -> Result<(u64, u64), Error> {
    let mut buffer = frame.to_vec();
    let opened = chain.decrypt(NOW, b"", &mut buffer);
    let result = opened.map(|opened| (opened.generation, opened.step));
    if result.is_err() {
        assert_eq!(buffer, frame, "a refused frame is as it was");
    }
    result
}

#[test]
fn a_repeated_forged_candidate_costs_one_derivation() {
    let (mut sender, mut receiver) = pair(ChainConfig::for_suite(SUITE));
    for _ in 0..1000 {
        assert_eq!(
            open(&mut receiver, &forged(0x305)),
            Err(Error::Authentication)
        );
    }
    assert_eq!(receiver.derived_candidates, 1);
    // The frame that it pretended to be is opened with the same derivation.
    for _ in 0..5 {
        sender.ratchet().unwrap();
    }
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((3, 5)));
    assert_eq!(receiver.derived_candidates, 1);
}

#[test]
fn a_forged_frame_derives_nothing_beyond_the_bound_or_for_a_key_that_is_held() {
    let config = ChainConfig::for_suite(SUITE).with_max_forward(10);
    let (_, mut receiver) = pair(config);
    for key_id in [0x30b, 0x380, 0x3ff, 0x2ff, 0x400, u64::MAX] {
        let refused = Err(Error::UnknownKeyId(KeyId::new(key_id)));
        assert_eq!(open(&mut receiver, &forged(key_id)), refused);
    }
    assert_eq!(
        open(&mut receiver, &forged(0x300)),
        Err(Error::Authentication)
    );
    assert_eq!(receiver.derived_candidates, 0);
    assert_eq!(
        open(&mut receiver, &forged(0x30a)),
        Err(Error::Authentication)
    );
    assert_eq!(receiver.derived_candidates, 1);
}

#[test]
fn a_flood_of_forged_frames_leaves_the_chain_as_it_was() {
    let (mut sender, mut receiver) = pair(ChainConfig::for_suite(SUITE));
    // Two generations, retained steps, windows: something to damage.
    sender.ratchet().unwrap();
    sender.ratchet().unwrap();
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((3, 2)));
    receiver.add_generation(NOW, 4, 0, &[8; 16]).unwrap();
    let before = snapshot(&receiver);
    assert_eq!(receiver.status().steps, 4);
    let mut seed = 1_u64;
    for _ in 0..20_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let near = 0x2f0 + (seed >> 33) % 0x220;
        assert!(open(&mut receiver, &forged(near)).is_err());
    }
    assert_eq!(snapshot(&receiver), before);
    assert!(receiver.status().failed_ahead > 1000);
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((3, 2)));
    sender.roll(4, &[8; 16]).unwrap();
    sender.ratchet().unwrap();
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((4, 1)));
}

#[test]
fn failed_opens_of_steps_ahead_raise_the_alarm_once_and_can_stop_them() {
    let receive = ReceiveConfig::for_suite(SUITE).with_forgery(3, ForgeryPolicy::StopKey);
    let (mut sender, mut receiver) = pair(ChainConfig::for_suite(SUITE).with_receive(receive));
    // Three different keys: the count is of all steps ahead together.
    for key_id in [0x301, 0x302, 0x303] {
        assert_eq!(receiver.poll_forgery_alarm(), None);
        assert_eq!(
            open(&mut receiver, &forged(key_id)),
            Err(Error::Authentication)
        );
    }
    assert_eq!(receiver.poll_forgery_alarm(), Some(KeyId::new(0x300)));
    assert_eq!(receiver.poll_forgery_alarm(), None);
    assert_eq!(
        open(&mut receiver, &sealed(&mut sender)),
        Ok((3, 0)),
        "not ahead"
    );
    sender.ratchet().unwrap();
    let stopped = Err(Error::Policy(KeyId::new(0x301)));
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), stopped);
    assert_eq!(receiver.derived_candidates, 3);
}

#[test]
fn with_one_ratchet_bit_late_frames_count_as_ahead_until_the_key_is_handed_out_again() {
    let one = RatchetBits::new(1).unwrap();
    let receive = ReceiveConfig::for_suite(SUITE).with_forgery(3, ForgeryPolicy::StopKey);
    let config = ChainConfig::for_suite(SUITE).with_receive(receive);
    let mut sender = SendingChain::new(SUITE, one, 3, &KEY).unwrap();
    let mut receiver = Chain::with_config(SUITE, one, 3, 0, &KEY, config).unwrap();
    let late = sealed(&mut sender);
    sender.ratchet().unwrap();
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((3, 1)));
    // Genuine, but its key id is also that of step 2, the only one that it is tried with.
    for _ in 0..3 {
        assert_eq!(open(&mut receiver, &late), Err(Error::Authentication));
    }
    sender.ratchet().unwrap();
    let stopped = Err(Error::Policy(KeyId::new(6)));
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), stopped);
    assert_eq!(receiver.poll_forgery_alarm(), Some(KeyId::new(7)));

    // The key of the present step, as it is handed to somebody who joins.
    let key = sender.joiner_key().base_key.as_ref().to_vec();
    receiver.add_generation(NOW, 3, 2, &key).unwrap();
    assert_eq!(receiver.status().failed_ahead, 0);
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((3, 2)));
    sender.ratchet().unwrap();
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((3, 3)));
}

#[test]
fn a_stop_of_steps_ahead_ends_with_a_new_generation() {
    let receive = ReceiveConfig::for_suite(SUITE).with_forgery(2, ForgeryPolicy::StopKey);
    let (mut sender, mut receiver) = pair(ChainConfig::for_suite(SUITE).with_receive(receive));
    let fail_twice = |receiver: &mut Chain, key_id| {
        for _ in 0..2 {
            let failed = open(receiver, &forged(key_id));
            assert_eq!(failed, Err(Error::Authentication));
        }
        assert!(receiver.poll_forgery_alarm().is_some());
        let stopped = Err(Error::Policy(KeyId::new(key_id)));
        assert_eq!(open(receiver, &forged(key_id)), stopped);
    };
    fail_twice(&mut receiver, 0x301);
    // What is refused, or here already, does not end it.
    assert!(receiver.add_generation(NOW, 3, 0, &[8; 16]).is_err());
    receiver.add_generation(NOW, 3, 0, &KEY).unwrap();
    assert_eq!(receiver.status().failed_ahead, 2);

    receiver.add_generation(NOW, 4, 0, &[8; 16]).unwrap();
    sender.roll(4, &[8; 16]).unwrap();
    sender.ratchet().unwrap();
    assert_eq!(open(&mut receiver, &sealed(&mut sender)), Ok((4, 1)));
    fail_twice(&mut receiver, 0x402);
}

#[test]
fn nothing_that_is_superseded_keeps_its_base_key() {
    let (mut sender, mut receiver) = pair(ChainConfig::for_suite(SUITE));
    for _ in 0..4 {
        sender.ratchet().unwrap();
    }
    open(&mut receiver, &sealed(&mut sender)).unwrap();
    let with_base_key = |chain: &Chain| -> Vec<u64> {
        let heads = chain.steps.iter().filter(|step| step.base_key.is_some());
        heads.map(|step| step.number).collect()
    };
    assert_eq!(receiver.status().steps, 5, "the head, and four behind it");
    assert_eq!(with_base_key(&receiver), [4]);
    assert!(receiver.candidate.is_none());
    receiver.poll(NOW.plus(Duration::from_secs(2)));
    assert_eq!(receiver.status().steps, 1);
    assert_eq!(with_base_key(&receiver), [4]);
}
