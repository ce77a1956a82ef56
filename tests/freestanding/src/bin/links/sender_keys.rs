//! Keys that ratchet and roll, with the fixed tables.

use frameseal::{CipherSuite, Error, RatchetBits, Timestamp, fixed};
use frameseal_freestanding::{check, value};

type SenderKeys = fixed::SenderKeys<1>;

const ALICE: u64 = 1;
const METADATA: &[u8] = b"room 7, camera";

pub fn all(suite: CipherSuite) {
    let (mut alice, mut bob) = (SenderKeys::new(suite), SenderKeys::new(suite));
    let bits = value!(RatchetBits::new(4));
    value!(alice.start_sending(bits, 0, &[0x0a; 32]));
    value!(bob.add_member(now(0), ALICE, bits, 0, 0, &[0x0a; 32]));
    check!(bob.start_sending(bits, 0, &[0x0a; 32]).is_err());

    hears(&mut alice, &mut bob, now(1), 0);
    // A step that is skipped, and one whose frame is forged first.
    for _ in 0..2 {
        value!(alice.ratchet());
    }
    forged_frames_move_nothing(&mut alice, &mut bob, now(2));
    hears(&mut alice, &mut bob, now(3), 2);
    a_new_generation(&mut alice, &mut bob);
    somebody_else_has_no_place(&mut bob, bits);
}

fn now(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A frame of Alice, in each buffer mode, opens at Bob's.
fn hears(alice: &mut SenderKeys, bob: &mut SenderKeys, now: Timestamp, step: u64) {
    let mut buffer = [0; 64];
    let len = value!(alice.encrypt(METADATA, b"frame", &mut buffer));
    let frame = buffer.get_mut(..len).unwrap_or_default();
    let opened = value!(bob.decrypt(now, ALICE, METADATA, frame));
    check!(opened.payload == b"frame" && opened.step == step);

    let mut buffer = *b"........................frame.................................";
    let sealed = value!(alice.encrypt_in_place(METADATA, &mut buffer, 24..29));
    let opened = bob.decrypt_within(now, ALICE, METADATA, &mut buffer, sealed, 0);
    check!(value!(opened).payload == b"frame");
}

fn forged_frames_move_nothing(alice: &mut SenderKeys, bob: &mut SenderKeys, now: Timestamp) {
    let mut buffer = [0; 64];
    let len = value!(alice.encrypt(METADATA, b"frame", &mut buffer));
    let frame = buffer.get_mut(..len).unwrap_or_default();
    if let Some(last) = frame.last_mut() {
        *last ^= 1;
    }
    let forged = bob.decrypt(now, ALICE, METADATA, frame).err();
    check!(forged == Some(Error::Authentication));
    let step = bob.member(ALICE).map(|chain| chain.status().step);
    check!(step == Some(0));
}

/// Bob has it before Alice sends with it; old keys go one by one when their time is over.
fn a_new_generation(alice: &mut SenderKeys, bob: &mut SenderKeys) {
    value!(bob.add_generation(now(10), ALICE, 1, 0, &[0x0b; 32]));
    hears(alice, bob, now(11), 2);
    value!(alice.roll(1, &[0x0b; 32]));
    hears(alice, bob, now(12), 0);
    let mut last = now(12);
    while let Some(due) = bob.next_deadline() {
        check!(due > last);
        bob.poll(due);
        last = due;
    }
    hears(alice, bob, last, 0);
}

fn somebody_else_has_no_place(bob: &mut SenderKeys, bits: RatchetBits) {
    let refused = bob.add_member(now(20), ALICE + 1, bits, 0, 0, &[0x0c; 32]);
    check!(refused == Err(Error::Capacity(1)));
    value!(bob.remove_member(ALICE));
    check!(bob.members().count() == 0);
}
