//! The C functions, called as a careless C program calls them: any order, NULL, lengths that no
//! memory has, misaligned places for answers, and buffers that overlap in every way.
//!
//! All memory is one allocation of exact size, which AddressSanitizer guards. Beside each handle
//! runs its twin, the Rust object with the same keys, on copies of the bytes: result, answers and
//! every byte of the memory must be what the twin says. What the header file forbids, such as a
//! handle that was freed, is not done.
#![no_main]
#![allow(non_camel_case_types)]

#[path = "../../../ffi/src/lib.rs"]
#[allow(unreachable_pub, dead_code, unused_imports)]
mod capi;

mod memory;
mod receiving;
mod sending;
mod stateless;

use core::ptr::{null, null_mut};

use frameseal_core::{
    CipherSuite, Decryptor, Encryptor, Error, ForgeryPolicy, ReceiveConfig, ReplayProtection,
    SendConfig, UsageLimits,
};
use frameseal_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use memory::Memory;

/// Commands for one input; more would make single runs slow.
const MOST_COMMANDS: usize = 64;
const KEY_IDS: [u64; 3] = [1, 9, 0x1234];
/// The last one is too short.
const BASE_KEYS: [&[u8]; 3] = [&[0x61; 16], &[0x62; 32], &[0x63; 15]];

const OK: i32 = 0;
const INVALID: i32 = 14;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let Some(mut session) = Session::open(&mut input) else {
        return;
    };
    for _ in 0..MOST_COMMANDS {
        if input.is_empty() {
            break;
        }
        match input.below(24) {
            0..=3 => session.sending_keys(&mut input),
            4..=9 => session.encrypt(&mut input),
            10..=11 => session.encrypt_in_place(&mut input),
            12..=13 => session.receiving_keys(&mut input),
            14..=20 => session.decrypt(&mut input),
            21 => session.memory.write(&mut input),
            _ => session.stateless(&mut input),
        }
    }
});

/// Two handles, their twins, and the memory that all calls work in.
struct Session {
    encryptor: *mut capi::frameseal_encryptor,
    decryptor: *mut capi::frameseal_decryptor,
    sender: Encryptor,
    receiver: Decryptor,
    memory: Memory,
    /// Where the last frame was sealed to, and with which metadata.
    last: Option<(core::ops::Range<usize>, Option<usize>)>,
}

impl Session {
    fn open(input: &mut Input<'_>) -> Option<Self> {
        let id = u16::from(input.byte() % 10);
        let max_frames = input.pick(&[0, 0, 5]);
        let stop_after = input.pick(&[0, 0, 3]);
        let (mut encryptor, mut decryptor) = (null_mut(), null_mut());
        let send = capi::frameseal_encryptor_config {
            struct_size: size_of::<capi::frameseal_encryptor_config>(),
            max_frames,
            max_bytes: 0,
            backend: capi::FRAMESEAL_BACKEND_DEFAULT,
        };
        let receive = capi::frameseal_decryptor_config {
            struct_size: size_of::<capi::frameseal_decryptor_config>(),
            replay_window: 128,
            flags: if stop_after == 0 {
                0
            } else {
                capi::FRAMESEAL_STOP_KEY_ON_FORGERY
            },
            failed_opens: stop_after,
            backend: capi::FRAMESEAL_BACKEND_DEFAULT,
        };
        // SAFETY: all pointers are to locals.
        let made = unsafe {
            assert_eq!(capi::frameseal_encryptor_new(id, null_mut()), INVALID);
            assert_eq!(
                capi::frameseal_decryptor_new_with_config(id, null(), null_mut()),
                INVALID
            );
            let made = capi::frameseal_encryptor_new_with_config(id, &send, &mut encryptor);
            let also = capi::frameseal_decryptor_new_with_config(id, &receive, &mut decryptor);
            assert_eq!(made, also);
            made
        };
        let Ok(suite) = CipherSuite::try_from(id) else {
            assert!(made == INVALID && encryptor.is_null() && decryptor.is_null());
            return None;
        };
        assert_eq!(made, OK);
        let limits = match max_frames {
            0 => UsageLimits::standard(),
            frames => UsageLimits::standard().with_frames(frames),
        };
        let mut receive_config =
            ReceiveConfig::for_suite(suite).with_replay(ReplayProtection::Window(128));
        if stop_after > 0 {
            receive_config = receive_config.with_forgery(stop_after, ForgeryPolicy::StopKey);
        }
        Some(Self {
            encryptor,
            decryptor,
            sender: Encryptor::with_config(suite, SendConfig::standard().with_limits(limits)),
            receiver: Decryptor::with_config(suite, receive_config),
            memory: Memory::new(),
            last: None,
        })
    }

    fn suite(&self) -> CipherSuite {
        self.sender.suite()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: made by `open`, and freed here only; NULL is allowed.
        unsafe {
            capi::frameseal_encryptor_free(self.encryptor);
            capi::frameseal_decryptor_free(self.decryptor);
            capi::frameseal_encryptor_free(null_mut());
            capi::frameseal_decryptor_free(null_mut());
        }
    }
}

/// The result that a Rust call would be in C: the numbers of the header file.
fn code<T>(result: &Result<T, Error>) -> i32 {
    match result {
        Ok(_) => OK,
        Err(Error::Syntax(_)) => 1,
        Err(Error::UnknownKeyId(_)) => 2,
        Err(Error::Authentication) => 3,
        Err(Error::Replay) => 4,
        Err(Error::CounterExhausted(_)) => 5,
        Err(Error::ReservationNeeded(_)) => 6,
        Err(Error::UsageLimit(_)) => 7,
        Err(Error::KeyIdInUse(_)) => 8,
        Err(Error::NoSendingKey) => 9,
        Err(Error::BufferTooSmall { .. }) => 11,
        Err(Error::HeadroomTooSmall { .. }) => 12,
        Err(Error::Policy(_)) => 13,
        Err(Error::InvalidArgument(_)) => INVALID,
        Err(error) => panic!("not from a growing table: {error}"),
    }
}
