//! Keys that ratchet and roll.

use frameseal::{
    BaseKey, ChainConfig, CipherSuite, JoinerKey, ReceivingChainCore, SenderKeysCore, SendingChain,
    Storage, VisibleConfig, fixed,
};

use super::values::*;

pub fn every_call(suite: CipherSuite) {
    sending_chain(suite);
    receiving_chain(suite);
    participant(suite);
}

fn config(suite: CipherSuite) -> ChainConfig {
    ChainConfig::for_suite(suite)
        .with_receive(receive_config(suite))
        .with_max_forward(any(0))
        .with_retained_steps(any(0), duration())
        .with_old_generations(any(0), duration())
}

/// `SendingChain`: every method.
fn sending_chain(suite: CipherSuite) {
    let made = SendingChain::with_config(suite, ratchet_bits(), any(0), bytes(), send_config());
    let Ok(mut chain) = made else { return };
    let chain = any(&mut chain);
    any(chain.ratchet()).ok();
    any(chain.roll(any(0), bytes())).ok();
    any(chain.joiner_key().base_key.as_ref());
    any((chain.suite(), chain.ratchet_bits(), chain.key_id()));
    any((chain.generation(), chain.step(), chain.status()));
    any(VisibleConfig::from(&*chain));
    any(chain.sealed_len(any(0))).ok();
    any(chain.encrypt(metadata(), bytes(), buffer())).ok();
    any(chain.encrypt_in_place(metadata(), buffer(), range())).ok();
    any(chain.encrypt_within(metadata(), buffer(), range(), any(0))).ok();
    if let Ok(base_key) = BaseKey::new(bytes()) {
        any(JoinerKey::of_new_generation(any(0), &base_key).generation);
    }
}

/// `fixed::ReceivingChain`: every method.
fn receiving_chain(suite: CipherSuite) {
    let made = fixed::ReceivingChain::<3, 4>::with_config(
        suite,
        ratchet_bits(),
        any(0),
        any(0),
        bytes(),
        config(suite),
    );
    let Ok(mut chain) = made else { return };
    let chain = any(&mut chain);
    any(chain.add_generation(now(), any(0), any(0), bytes())).ok();
    any(&mut *chain).end_old_generations(now(), duration());
    any(&mut *chain).poll(now());
    any((chain.next_deadline(), chain.poll_forgery_alarm()));
    any((chain.status(), chain.step_status(any(0), any(0))));
    any((chain.suite(), chain.ratchet_bits()));
    any(chain.decrypt(now(), metadata(), buffer())).ok();
    any(chain.decrypt_to(now(), metadata(), bytes(), buffer())).ok();
    any(chain.decrypt_within(now(), metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::SenderKeys`: every method.
fn participant(suite: CipherSuite) {
    let mut keys = fixed::SenderKeys::<2, 3, 4>::with_config(suite, send_config(), config(suite));
    let keys = any(&mut keys);
    any(keys.start_sending(ratchet_bits(), any(0), bytes())).ok();
    any(keys.ratchet()).ok();
    any(keys.roll(any(0), bytes())).ok();
    any(keys.add_member(now(), any(0), ratchet_bits(), any(0), any(0), bytes())).ok();
    any(keys.add_generation(now(), any(0), any(0), any(0), bytes())).ok();
    any(&mut *keys).end_old_generations(now(), duration());
    any(&mut *keys).poll(now());
    any((keys.next_deadline(), keys.poll_forgery_alarm()));
    look_at(keys);
    any(keys.encrypt(metadata(), bytes(), buffer())).ok();
    any(keys.encrypt_in_place(metadata(), buffer(), range())).ok();
    any(keys.encrypt_within(metadata(), buffer(), range(), any(0))).ok();
    any(keys.decrypt(now(), any(0), metadata(), buffer())).ok();
    any(keys.decrypt_to(now(), any(0), metadata(), bytes(), buffer())).ok();
    any(keys.decrypt_within(now(), any(0), metadata(), buffer(), range(), any(0))).ok();
    any(keys.remove_member(any(0))).ok();
    any(&mut *keys).stop_sending();
}

fn look_at<S: Storage, C: Storage>(keys: &SenderKeysCore<S, C>) {
    any(keys.sealed_len(any(0))).ok();
    any(keys.joiner_key().map(|joiner| joiner.step)).ok();
    any(keys.sending().map(SendingChain::step));
    any(keys.member(any(0)).map(ReceivingChainCore::status));
    for member in keys.members() {
        any(member);
    }
}
