//! Frames that wait for their epoch, in a holding buffer with the limits of the call: no member
//! takes more than a member's share.

use frameseal::{CallStorage, EpochConfig, EpochManagerCore, HoldingBuffer, KidLayout};

use crate::call::{ALICE_AND_BOB, Device, SUITE, ms, over_both};
use crate::frames::seal_at;

over_both!(
    whoever_names_many_contexts_takes_no_more_than_one_share,
    where_index_bits_follow_the_leaves_a_share_is_a_key_ids,
);

const SHARE: usize = 2;
const CONTEXTS: u64 = 16;

/// How many frames are held, of four in each of sixteen contexts of one sender of epoch 2.
fn held<S: CallStorage>(
    call: &EpochManagerCore<S>,
    buffer: &mut HoldingBuffer,
    layout: KidLayout,
) -> usize {
    let mut held = 0;
    for context in 0..CONTEXTS {
        let key_id = layout.key_id(2, 1, context).unwrap().value();
        for counter in 0..4 {
            let frame = seal_at(SUITE, key_id, &[7; 16], counter, b"room", b"payload");
            let kept = buffer.hold(ms(0), call, b"room", &frame);
            held += usize::from(kept.is_ok());
        }
    }
    held
}

fn whoever_names_many_contexts_takes_no_more_than_one_share<S: CallStorage>() {
    let config = EpochConfig::new(SUITE);
    let limits = config.holding_config().with_sender_limits(SHARE, 10_000);
    let alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    let mut buffer = HoldingBuffer::new(limits);
    let held = held(&alice.manager, &mut buffer, KidLayout::STANDARD);
    assert_eq!(held, SHARE);
}

fn where_index_bits_follow_the_leaves_a_share_is_a_key_ids<S: CallStorage>() {
    let config = EpochConfig::new(SUITE).with_index_bits_by_leaves();
    // Nobody knows how many leaves epoch 2 will have, so nobody knows what is an index in it.
    let limits = config.holding_config().with_sender_limits(SHARE, 10_000);
    let next = KidLayout::for_leaves(8, 3).unwrap();
    let alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    let mut buffer = HoldingBuffer::new(limits);
    let each = SHARE * usize::try_from(CONTEXTS).unwrap();
    assert_eq!(held(&alice.manager, &mut buffer, next), each);
    // Who does know can say so.
    let mut buffer = HoldingBuffer::new(limits.with_layout(next));
    assert_eq!(held(&alice.manager, &mut buffer, next), SHARE);
}
