//! Keys that the application numbers: single ones, and the tables of them.

use frameseal::{CipherSuite, DecryptionKey, EncryptionKey, fixed};

use super::values::*;

pub fn every_call(suite: CipherSuite) {
    sending_key(suite);
    receiving_key(suite);
    encryptor(suite);
    decryptor(suite);
    key_ring(suite);
}

/// `EncryptionKey`: every method, in every buffer mode.
fn sending_key(suite: CipherSuite) {
    let config = send_config();
    let made = match any(0) {
        0 => EncryptionKey::with_config(suite, key_id(), bytes(), &config),
        1 => EncryptionKey::resume_after(suite, key_id(), bytes(), counter()),
        _ => EncryptionKey::resume_after_with_config(suite, key_id(), bytes(), counter(), &config),
    };
    let Ok(mut key) = made else { return };
    let key = any(&mut key);
    any((key.key_id(), key.suite(), key.backend(), key.status()));
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
    let Ok(mut key) = DecryptionKey::with_config(suite, key_id(), bytes(), &config) else {
        return;
    };
    let key = any(&mut key);
    any((key.key_id(), key.suite(), key.backend(), key.status()));
    any(key.decrypt(metadata(), buffer())).ok();
    any(key.decrypt_to(metadata(), bytes(), buffer())).ok();
    any(key.decrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::Encryptor`: every method.
fn encryptor(suite: CipherSuite) {
    let mut encryptor = fixed::Encryptor::<3>::with_config(suite, send_config());
    let encryptor = any(&mut encryptor);
    any(encryptor.add_key(key_id(), bytes())).ok();
    any(encryptor.resume_key_after(key_id(), bytes(), counter())).ok();
    any(encryptor.use_key(key_id())).ok();
    any(encryptor.remove_key(key_id())).ok();
    any(encryptor.reserve(key_id(), any(0))).ok();
    any(encryptor.confirm(key_id(), counter())).ok();
    any((encryptor.key_in_use(), encryptor.key_status(key_id())));
    any((encryptor.suite(), encryptor.backend()));
    any(encryptor.sealed_len(any(0))).ok();
    any(encryptor.encrypt(metadata(), bytes(), buffer())).ok();
    any(encryptor.encrypt_in_place(metadata(), buffer(), range())).ok();
    any(encryptor.encrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::Decryptor`: every method.
fn decryptor(suite: CipherSuite) {
    let config = receive_config(suite);
    let mut decryptor = fixed::Decryptor::<3, 4>::with_config(suite, config);
    let decryptor = any(&mut decryptor);
    any(decryptor.add_key(key_id(), bytes())).ok();
    any(decryptor.remove_key(key_id())).ok();
    any(decryptor.forget_key(key_id())).ok();
    any((
        decryptor.key_status(key_id()),
        decryptor.poll_forgery_alarm(),
    ));
    any((decryptor.suite(), decryptor.backend()));
    any(decryptor.payload_len(bytes())).ok();
    any(decryptor.decrypt(metadata(), buffer())).ok();
    any(decryptor.decrypt_to(metadata(), bytes(), buffer())).ok();
    any(decryptor.decrypt_within(metadata(), buffer(), range(), any(0))).ok();
}

/// `fixed::KeyRing`: every method.
fn key_ring(suite: CipherSuite) {
    let config = receive_config(suite);
    let mut ring = fixed::KeyRing::<3, 4>::with_config(suite, send_config(), config);
    let ring = any(&mut ring);
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
