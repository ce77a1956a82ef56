//! Links only if no call into the core of frameseal can panic.
//!
//! The panic handler calls a function that exists nowhere. As long as any panic can be reached, the
//! linker asks for it and fails; the program links when the optimizer has proved every one away.
//! Every argument is hidden from the optimizer, so that the proof holds for all values, not for the
//! ones that are written here; those only let the program run to its end.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::ops::Range;

use frameseal::{
    BaseKey, CipherSuite, Counter, DecryptionKey, EncryptionKey, ForgeryPolicy, Header, KeyId,
    Metadata, ReceiveConfig, ReplayProtection, SendConfig, UsageLimits, fixed,
};
use frameseal_freestanding::exit;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn frameseal_panic_is_reachable() -> !;
    }
    // SAFETY: never called; a program that contains the call does not link.
    unsafe { frameseal_panic_is_reachable() }
}

#[unsafe(no_mangle)]
extern "C" fn program() -> ! {
    header();
    key_schedule();
    for suite in CipherSuite::ALL {
        let suite = black_box(suite);
        sending_key(suite);
        receiving_key(suite);
        encryptor(suite);
        decryptor(suite);
        key_ring(suite);
    }
    // The control: a panic at the very end, which is reached only through everything above.
    #[cfg(feature = "provoke")]
    any(any(&[0u8; 4]).get(..any(0)).unwrap());
    exit(0)
}

/// A value that the optimizer knows nothing about.
#[inline(never)]
fn any<T>(value: T) -> T {
    black_box(value)
}

fn bytes() -> &'static [u8] {
    any(&[])
}

fn buffer() -> &'static mut [u8] {
    any(&mut [])
}

fn range() -> Range<usize> {
    any(0)..any(0)
}

fn key_id() -> KeyId {
    KeyId::new(any(0))
}

fn counter() -> Counter {
    Counter::new(any(0))
}

fn metadata() -> Metadata<'static> {
    if any(false) {
        Metadata::from(bytes())
    } else {
        Metadata::from(any::<&[&[u8]]>(&[]))
    }
}

fn send_config() -> SendConfig {
    let limits = UsageLimits::standard()
        .with_frames(any(0))
        .with_bytes(any(0));
    SendConfig::standard().with_limits(limits)
}

fn receive_config(suite: CipherSuite) -> ReceiveConfig {
    let config = ReceiveConfig::for_suite(suite)
        .with_forgery(any(0), any(ForgeryPolicy::StopKey))
        .with_replay(ReplayProtection::Window(any(0)));
    if any(false) {
        config.with_replay(ReplayProtection::Off)
    } else {
        config
    }
}

/// Parsing, writing and measuring headers.
fn header() {
    let parsed = any(Header::parse(bytes()));
    if let Ok((header, len)) = parsed {
        any((header.encoded_len(), len));
        any(header.encode().as_bytes());
    }
    any(Header::new(key_id(), counter()).encode());
}

/// All derivations, from base keys of any length.
fn key_schedule() {
    let suite = any(CipherSuite::try_from(any(0)));
    if let Ok(suite) = suite {
        any(BaseKey::ratchet(suite, bytes()).as_ref().map(AsRef::as_ref)).ok();
        any(BaseKey::for_ssrc(suite, bytes(), any(0))
            .as_ref()
            .map(AsRef::as_ref))
        .ok();
        any(suite.max_overhead());
    }
}

/// `EncryptionKey`: every method, in every buffer mode.
fn sending_key(suite: CipherSuite) {
    let made = if any(false) {
        EncryptionKey::with_config(suite, key_id(), bytes(), &send_config())
    } else {
        EncryptionKey::resume_after(suite, key_id(), bytes(), counter())
    };
    let Ok(key) = made else { return };
    let key = &mut any(key);
    let _ = any((key.key_id(), key.suite(), key.backend(), key.status()));
    any(key.reserve(any(0))).ok();
    any(key.confirm(counter())).ok();
    any(key.sealed_len(any(0))).ok();
    any(key.encrypt(metadata(), bytes(), buffer())).ok();
    any(key.encrypt_in_place(metadata(), buffer(), range())).ok();
    any(key.encrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `DecryptionKey`: every method, in every buffer mode, and with them the replay window.
fn receiving_key(suite: CipherSuite) {
    let config = receive_config(suite);
    let Ok(key) = DecryptionKey::with_config(suite, key_id(), bytes(), &config) else {
        return;
    };
    let key = &mut any(key);
    let _ = any((key.key_id(), key.suite(), key.backend(), key.status()));
    any(key.decrypt(metadata(), buffer())).ok();
    any(key.decrypt_to(metadata(), bytes(), buffer())).ok();
    any(key.decrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::Encryptor`: every method.
fn encryptor(suite: CipherSuite) {
    let encryptor = &mut any(fixed::Encryptor::<3>::with_config(suite, send_config()));
    any(encryptor.add_key(key_id(), bytes())).ok();
    any(encryptor.resume_key_after(key_id(), bytes(), counter())).ok();
    any(encryptor.use_key(key_id())).ok();
    any(encryptor.remove_key(key_id())).ok();
    any(encryptor.reserve(key_id(), any(0))).ok();
    any(encryptor.confirm(key_id(), counter())).ok();
    let _ = any((encryptor.key_in_use(), encryptor.key_status(key_id())));
    let _ = any((encryptor.suite(), encryptor.backend()));
    any(encryptor.sealed_len(any(0))).ok();
    any(encryptor.encrypt(metadata(), bytes(), buffer())).ok();
    any(encryptor.encrypt_in_place(metadata(), buffer(), range())).ok();
    any(encryptor.encrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::Decryptor`: every method.
fn decryptor(suite: CipherSuite) {
    let config = receive_config(suite);
    let decryptor = &mut any(fixed::Decryptor::<3, 4>::with_config(suite, config));
    any(decryptor.add_key(key_id(), bytes())).ok();
    any(decryptor.remove_key(key_id())).ok();
    any(decryptor.forget_key(key_id())).ok();
    let _ = any((
        decryptor.key_status(key_id()),
        decryptor.poll_forgery_alarm(),
    ));
    let _ = any((decryptor.suite(), decryptor.backend()));
    any(decryptor.payload_len(bytes())).ok();
    any(decryptor.decrypt(metadata(), buffer())).ok();
    any(decryptor.decrypt_to(metadata(), bytes(), buffer())).ok();
    any(decryptor.decrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::KeyRing`: every method.
fn key_ring(suite: CipherSuite) {
    let config = receive_config(suite);
    let ring = &mut any(fixed::KeyRing::<3, 4>::with_config(
        suite,
        send_config(),
        config,
    ));
    any(ring.add_sending_key(key_id(), bytes())).ok();
    any(ring.resume_sending_key_after(key_id(), bytes(), counter())).ok();
    any(ring.add_receiving_key(key_id(), bytes())).ok();
    any(ring.use_key(key_id())).ok();
    any(ring.reserve(key_id(), any(0))).ok();
    any(ring.confirm(key_id(), counter())).ok();
    any(ring.poll_forgery_alarm());
    any(ring.remove_sending_key(key_id())).ok();
    any(ring.remove_receiving_key(key_id())).ok();
    any(ring.encryptor().key_in_use());
    any(ring.decryptor().key_status(key_id()));
    any(ring.encrypt(metadata(), bytes(), buffer())).ok();
    any(ring.encrypt_in_place(metadata(), buffer(), range())).ok();
    any(ring.encrypt_within(metadata(), buffer(), range(), any(0))).ok();
    any(ring.decrypt(metadata(), buffer())).ok();
    any(ring.decrypt_to(metadata(), bytes(), buffer())).ok();
    any(ring.decrypt_within(metadata(), buffer(), range(), any(0))).ok();
}
