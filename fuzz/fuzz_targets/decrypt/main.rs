//! Frames from anywhere, behind known keys: genuine ones in any order, mutations of genuine ones
//! that get as far as the AEAD, and plain bytes.
//!
//! `Decryptor`, `fixed::Decryptor` and `SharedDecryptor` get every frame, in every buffer mode.
//! They must agree with each other and with a model: nothing opens that was not sealed here,
//! nothing opens twice, a refused frame changes no buffer and no state, and the genuine frame that
//! comes after all of it opens.
#![no_main]

mod delivery;
mod world;

use delivery::{Delivery, Outcome, Place, deliver};
use frameseal_core::{
    CipherSuite, Decryptor, ReceiveConfig, ReplayProtection, SharedDecryptor, fixed,
};
use frameseal_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use world::{KEYS, METADATA, WINDOW, World};

/// Commands for one input; more would make single runs slow.
const MOST_COMMANDS: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let suite = input.pick(&CipherSuite::ALL);
    let mut world = World::new(suite, input.byte());
    let mut receivers = Receivers::new(suite);
    for _ in 0..MOST_COMMANDS {
        if input.is_empty() {
            break;
        }
        let Some((frame, metadata)) = world.next_frame(&mut input) else {
            continue;
        };
        let place = Place::read(&mut input, frame.len());
        receivers.deliver(
            &mut world,
            &Delivery {
                frame,
                metadata,
                place,
            },
        );
    }
    for sender in 0..KEYS.len() {
        if let Some((frame, metadata)) = world.seal(sender, 7) {
            let place = Place::Here;
            let opened = receivers.deliver(
                &mut world,
                &Delivery {
                    frame,
                    metadata,
                    place,
                },
            );
            assert!(opened, "the genuine frame after all of it");
        }
    }
});

/// One of each kind, with the same keys.
struct Receivers {
    growing: Decryptor,
    fixed: fixed::Decryptor<2, { WINDOW as usize / 64 }>,
    shared: SharedDecryptor,
}

impl Receivers {
    fn new(suite: CipherSuite) -> Self {
        let config = ReceiveConfig::for_suite(suite).with_replay(ReplayProtection::Window(WINDOW));
        let mut all = Self {
            growing: Decryptor::with_config(suite, config),
            fixed: fixed::Decryptor::with_config(suite, config),
            shared: SharedDecryptor::with_config(suite, config),
        };
        for (key_id, base_key) in KEYS {
            all.growing.add_key(key_id, &base_key).unwrap();
            all.fixed.add_key(key_id, &base_key).unwrap();
            all.shared.add_key(key_id, &base_key).unwrap();
        }
        all
    }

    /// Delivers to all three and compares; whether the frame was opened.
    fn deliver(&mut self, world: &mut World, delivery: &Delivery) -> bool {
        let metadata = METADATA[delivery.metadata];
        let outcome: Outcome = deliver!(self.growing, metadata, delivery);
        assert_eq!(
            outcome,
            deliver!(self.fixed, metadata, delivery),
            "fixed::Decryptor"
        );
        assert_eq!(
            outcome,
            deliver!(self.shared, metadata, delivery),
            "SharedDecryptor"
        );
        outcome.check_buffer(delivery);
        world.judge(delivery, &outcome);
        for (key_id, _) in KEYS {
            let status = self.growing.key_status(key_id);
            assert_eq!(status, self.fixed.key_status(key_id));
            assert_eq!(status, self.shared.key_status(key_id));
            world.check_status(key_id, &status.unwrap());
        }
        outcome.opened.is_ok()
    }
}
