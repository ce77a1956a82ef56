//! Keys that the application numbers, with the fixed tables.

use core::ops::Range;

use frameseal::{CipherSuite, Counter, DecryptionKey, EncryptionKey, Error, Header, KeyId, fixed};
use frameseal_freestanding::{check, value};

const KID: KeyId = KeyId::new(0x1234);
const BASE_KEY: [u8; 32] = [0x42; 32];
const METADATA: &[u8] = b"room 7, camera";
/// Room in front of a payload for any header, and behind it for any tag.
const ROOM: usize = 32;

pub fn all(suite: CipherSuite) {
    let mut payload = [0; 3000];
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte = index.to_le_bytes()[0] | 0x80;
    }
    for len in [0, 1, 20, 160, 241, 1200, 3000] {
        if let Some(payload) = payload.get(..len) {
            every_buffer_mode(suite, payload);
        }
    }
    single_keys(suite);
    directions_stay_apart(suite);
}

/// Each way to encrypt, each opened in each way, with the fixed tables.
fn every_buffer_mode(suite: CipherSuite, payload: &[u8]) {
    let mut sender = fixed::Encryptor::<2>::new(suite);
    let mut receiver = fixed::Decryptor::<2, 64>::new(suite);
    value!(sender.add_key(KID, &BASE_KEY));
    value!(sender.use_key(KID));
    value!(receiver.add_key(KID, &BASE_KEY));

    for number in 0..9 {
        let mut buffer = [0; 4000];
        let sealed = match number / 3 {
            0 => 0..value!(sender.encrypt(METADATA, payload, &mut buffer)),
            1 => {
                let at = place(&mut buffer, payload);
                value!(sender.encrypt_in_place(METADATA, &mut buffer, at))
            }
            _ => {
                let at = place(&mut buffer, payload);
                value!(sender.encrypt_within(METADATA, &mut buffer, at, ROOM / 2))
            }
        };
        let mut out = [0; 4000];
        let frame = buffer.get_mut(sealed.clone()).unwrap_or_default();
        let header = value!(Header::parse(frame)).0;
        check!(header == Header::new(KID, Counter::new(number)));
        check!(frame.len() == value!(receiver.payload_len(frame)) + overhead(suite, header));

        tampered_frames_fail(&mut receiver, frame);
        let frame_again = copy(frame, &mut out);
        let opened = match number % 3 {
            0 => value!(receiver.decrypt(METADATA, frame)),
            1 => value!(receiver.decrypt_to(METADATA, frame_again, frame)),
            _ => value!(receiver.decrypt_within(METADATA, &mut buffer, sealed, 1)),
        };
        check!(opened.payload == payload);
        check!((opened.key_id, opened.counter.value()) == (KID, number));
        check!(receiver.decrypt(METADATA, frame_again).err() == Some(Error::Replay));
    }
    let status = receiver.key_status(KID);
    check!(status.is_some_and(|status| status.opened == 9 && status.replayed == 9));
}

/// Writes the payload into the buffer behind some room; where it lies.
fn place(buffer: &mut [u8], payload: &[u8]) -> Range<usize> {
    let at = ROOM..ROOM + payload.len();
    copy(payload, buffer.get_mut(at.clone()).unwrap_or_default());
    at
}

fn copy<'to>(from: &[u8], to: &'to mut [u8]) -> &'to mut [u8] {
    let to = to.get_mut(..from.len()).unwrap_or_default();
    check!(to.len() == from.len());
    to.copy_from_slice(from);
    to
}

fn overhead(suite: CipherSuite, header: Header) -> usize {
    header.encoded_len() + suite.tag_len()
}

/// Other metadata, and a change in the first, middle and last byte behind the header: all refused,
/// and the frame is left as it was.
fn tampered_frames_fail(receiver: &mut fixed::Decryptor<2, 64>, frame: &mut [u8]) {
    let other = receiver.decrypt(b"room 8, camera", frame).err();
    check!(other == Some(Error::Authentication));
    let header_len = value!(Header::parse(frame)).1;
    for at in [header_len, (header_len + frame.len()) / 2, frame.len() - 1] {
        for bit in [0x01, 0x80] {
            flip(frame, at, bit);
            let forged = receiver.decrypt(METADATA, frame).err();
            check!(forged == Some(Error::Authentication));
            flip(frame, at, bit);
        }
    }
}

fn flip(frame: &mut [u8], at: usize, bit: u8) {
    check!(at < frame.len());
    if let Some(byte) = frame.get_mut(at) {
        *byte ^= bit;
    }
}

/// The same with one key on each side, and a counter that is stored before it is used.
fn single_keys(suite: CipherSuite) {
    let mut sender = value!(EncryptionKey::new(suite, KID, &BASE_KEY));
    let mut receiver = value!(DecryptionKey::new(suite, KID, &BASE_KEY));
    let mut buffer = [0; 64];
    let last = value!(sender.reserve(2));
    check!(sender.encrypt(METADATA, b"early", &mut buffer) == Err(Error::ReservationNeeded(KID)));
    value!(sender.confirm(last));
    for number in 0..2 {
        let len = value!(sender.encrypt(METADATA, b"frame", &mut buffer));
        let opened = value!(receiver.decrypt(METADATA, buffer.get_mut(..len).unwrap_or_default()));
        check!(opened.payload == b"frame" && opened.counter.value() == number);
    }
    check!(receiver.status().opened == 2);
}

/// One key never serves both directions of a key ring, and a full table says so.
fn directions_stay_apart(suite: CipherSuite) {
    let mut alice = fixed::KeyRing::<1>::new(suite);
    let mut bob = fixed::KeyRing::<1>::new(suite);
    value!(alice.add_sending_key(KID, &BASE_KEY));
    value!(alice.use_key(KID));
    value!(bob.add_receiving_key(KID, &BASE_KEY));
    check!(alice.add_receiving_key(KID, &BASE_KEY) == Err(Error::KeyIdInUse(KID)));
    check!(alice.add_sending_key(KeyId::new(1), &BASE_KEY) == Err(Error::Capacity(1)));

    let mut buffer = [0; 64];
    let len = value!(alice.encrypt(METADATA, b"hello", &mut buffer));
    let frame = buffer.get_mut(..len).unwrap_or_default();
    check!(alice.decrypt(METADATA, frame).err() == Some(Error::UnknownKeyId(KID)));
    check!(value!(bob.decrypt(METADATA, frame)).payload == b"hello");
}
