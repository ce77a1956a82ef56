//! Any sequence of calls on encryptors and key rings: no nonce comes twice.
//!
//! Every input runs against an `Encryptor` with a `fixed::Encryptor`, or a `KeyRing` with a
//! `fixed::KeyRing`, which must answer alike. Each frame that comes out is written down as (base
//! key, key id, counter), also across restarts of an application that keeps what `reserve` told it.
#![no_main]

mod ledger;
mod restarting;
mod ring;

use frameseal_core::{CipherSuite, KeyId};
use frameseal_fuzz::Input;
use libfuzzer_sys::fuzz_target;

/// Commands for one input; more would make single runs slow.
const MOST_COMMANDS: usize = 96;

const KEY_IDS: [KeyId; 3] = [KeyId::new(1), KeyId::new(9), KeyId::new(0x1234)];
/// The last one is too short.
const BASE_KEYS: [&[u8]; 3] = [&[0x61; 16], &[0x62; 32], &[0x63; 15]];

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let choice = input.below(16);
    let suite = CipherSuite::ALL[choice / 2];
    if choice.is_multiple_of(2) {
        restarting::run(suite, &mut input);
    } else {
        ring::run(suite, &mut input);
    }
});
