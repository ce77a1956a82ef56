//! Sequences of C calls that many programs will make: a call with keys from MLS, one with sender
//! keys, and what stands beside them.
//!
//! `c_api` compares the functions for single keys with the Rust types. Here nothing is compared
//! with the library: a model of the world, written from the header file, says of every frame whether
//! it must, may or must not open, and of every call which bytes it may touch. Where the header file
//! leaves a moment open, as when sending moves, the model takes what it allows.
#![no_main]
#![allow(non_camel_case_types)]

#[path = "../../../ffi/src/lib.rs"]
#[allow(unreachable_pub, dead_code, unused_imports)]
mod capi;

mod arena;
mod beside;
mod chain;
mod device;
mod epochs;
mod frames;
mod group;
mod group_clear;
mod group_frames;
mod group_held;
mod group_trust;
mod group_watch;
mod holding;
mod metadata;
mod opening;
mod participant;
mod participant_frames;
mod participant_keys;
mod participant_sealed;
mod participants;
mod results;
mod sealing;
mod trust;

use frameseal_fuzz::Input;
use group::Group;
use libfuzzer_sys::fuzz_target;
use participants::Participants;

/// Commands for one input; more would make single runs slow.
const MOST_COMMANDS: usize = 96;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    match input.below(16) {
        0..=7 => mls(&mut input),
        8..=13 => sender_keys(&mut input),
        14 => beside::monitor(&mut input),
        _ => beside::stateless(&mut input),
    }
});

fn mls(input: &mut Input<'_>) {
    let mut group = Group::open(input);
    for _ in 0..MOST_COMMANDS {
        if input.is_empty() {
            break;
        }
        match input.below(20) {
            0..=4 => group.seal(input),
            5..=9 => group.open_frame(input),
            10 => group.change(input),
            11 | 12 => group.update(input),
            13 => group.pass_time(input),
            14 => group.move_sending(input),
            16 | 17 => group.hold(input),
            18 => group.open_held(input),
            19 => group.trust(input),
            _ => {
                let at = input.below(group.devices.len());
                match input.below(8) {
                    4 | 5 => group.poll(input),
                    6 | 7 => group.look(input),
                    0 | 1 => group.devices[at].open_stream(input),
                    2 => group.devices[at].open_receiver(),
                    _ => group.devices[at].close_something(input),
                }
            }
        }
    }
}

fn sender_keys(input: &mut Input<'_>) {
    let mut call = Participants::open(input);
    for _ in 0..MOST_COMMANDS {
        if input.is_empty() {
            break;
        }
        match input.below(17) {
            0 | 1 => call.begin(input),
            2 | 3 => call.ratchet_or_stop(input),
            4 | 5 => call.give(input),
            6 => call.remove_or_end(input),
            7 => call.pass_time(input),
            8 => call.tell(input),
            9..=11 => call.seal(input),
            16 => call.seal_key(input),
            _ => call.open_frame(input),
        }
    }
}
