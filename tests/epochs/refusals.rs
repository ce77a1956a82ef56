//! Updates that are wrong are refused, and then nothing has changed.

use frameseal::{EpochUpdate, Error, Member};

use crate::call::{
    ALICE_AND_BOB, GROUP, base_key, id, insider, leaf, ms, nonce_of, over_all, pair,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    another_key_for_an_epoch_that_is_here_is_a_fork,
    the_key_of_another_epoch_is_refused,
    a_refused_update_changes_nothing,
    a_configuration_that_contradicts_itself_is_refused,
);

const MEMBERS: &[Member<'_>] = &[
    Member {
        index: 0,
        identity: b"alice",
    },
    Member {
        index: 1,
        identity: b"bob",
    },
];

fn another_key_for_an_epoch_that_is_here_is_a_fork<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    for device in [&mut alice, &mut bob] {
        device.add(0, 2, ALICE_AND_BOB).unwrap();
        device.events(0);
    }
    let before = alice.state(0);
    for epoch in [1, 2] {
        let mut other_key = base_key(id(epoch));
        other_key[15] ^= 1;
        let update = EpochUpdate {
            group: GROUP,
            epoch,
            base_key: &other_key,
            own_index: Some(0),
            leaf_count: 2,
            members: MEMBERS,
        };
        let fork = Err(Error::Fork(id(epoch)));
        assert_eq!(alice.manager.add_epoch(ms(0), &update), fork);
    }
    assert_eq!(alice.state(0), before);
    assert_eq!(alice.events(0), []);
    // The one that was here stays.
    assert_eq!(bob.open(0, &alice.seal(0)), Ok((leaf(0, 1), 1)));
    let frame = insider(id(2), 1, 0, 0);
    assert_eq!(alice.open(0, &frame), Ok((leaf(1, 1), 2)));
}

fn the_key_of_another_epoch_is_refused<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.seal(0);
    alice.add(0, 2, ALICE_AND_BOB).unwrap();
    alice.manager.activate(id(2), ms(0)).unwrap();
    // Epoch 1 is gone, and would begin again at counter 0: 257 has its low-order bits.
    alice.events(20_000);
    let before = alice.state(20_000);
    for (epoch, of) in [(257, 1), (3, 1), (3, 2)] {
        let key = base_key(id(of));
        let update = EpochUpdate {
            group: GROUP,
            epoch,
            base_key: &key,
            own_index: Some(0),
            leaf_count: 2,
            members: MEMBERS,
        };
        let refused = alice.manager.add_epoch(ms(20_000), &update);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{epoch}");
        assert_eq!(alice.state(20_000), before);
    }
}

/// Updates that are each wrong in one way, made from a good one.
fn wrong_updates<R>(good: EpochUpdate<'_>, mut f: impl FnMut(&str, &EpochUpdate<'_>) -> R) {
    let mut try_one = |name: &str, change: &dyn Fn(&mut EpochUpdate<'_>)| {
        let mut update = good;
        change(&mut update);
        f(name, &update);
    };
    try_one("no key", &|update| update.base_key = &[]);
    try_one("a short key", &|update| update.base_key = &[1; 15]);
    try_one("a long key", &|update| update.base_key = &[1; 17]);
    try_one("a key of zeros", &|update| update.base_key = &[0; 16]);
    try_one("an older epoch", &|update| update.epoch = 3);
    try_one("a fork", &|update| update.epoch = 5);
    try_one("more leaves than indexes", &|update| {
        update.leaf_count = 0x1_0001;
    });
    try_one("an index beyond the leaves", &|update| {
        update.leaf_count = 1;
    });
    try_one("ourselves not among them", &|update| {
        update.own_index = Some(7);
    });
    const TWICE: &[Member<'_>] = &[MEMBERS[0], MEMBERS[0], MEMBERS[1]];
    try_one("a leaf twice", &|update| update.members = TWICE);
    const BACKWARDS: &[Member<'_>] = &[MEMBERS[1], MEMBERS[0]];
    try_one("backwards", &|update| update.members = BACKWARDS);
    const LONG: &[Member<'_>] = &[
        MEMBERS[0],
        Member {
            index: 1,
            identity: &[7; 33],
        },
    ];
    try_one("a long identity", &|update| update.members = LONG);
    // Else all who have none would be one and the same, on whatever leaf in whatever epoch.
    const EMPTY: &[Member<'_>] = &[
        MEMBERS[0],
        Member {
            index: 1,
            identity: b"",
        },
    ];
    try_one("an empty identity", &|update| update.members = EMPTY);
}

fn a_refused_update_changes_nothing<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    for device in [&mut alice, &mut bob] {
        device.add(0, 5, ALICE_AND_BOB).unwrap();
    }
    alice.open(0, &bob.seal(0)).unwrap();
    alice.seal(0);
    alice.events(0);
    let before = alice.state(0);
    let key = [0x77; 16];
    let good = EpochUpdate {
        group: GROUP,
        epoch: 6,
        base_key: &key,
        own_index: Some(0),
        leaf_count: 2,
        members: MEMBERS,
    };
    let mut tried = 0;
    wrong_updates(good, |name, update| {
        let refused = alice.manager.add_epoch(ms(0), update);
        let expected = match name {
            "an older epoch" => Err(Error::EpochTooOld(id(3))),
            "a fork" => Err(Error::Fork(id(5))),
            _ => refused,
        };
        assert_eq!(refused, expected, "{name}");
        assert!(refused.is_err(), "{name}");
        if !matches!(name, "an older epoch" | "a fork") {
            assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{name}");
        }
        assert_eq!(alice.state(0), before, "{name}");
        assert_eq!(alice.events(0), [], "{name}");
        tried += 1;
    });
    assert_eq!(tried, 13);
    // Epoch 5 comes when it would have come, and counters go on.
    assert_eq!(nonce_of(&alice.seal(1999)), (1, 1));
    assert_eq!(nonce_of(&alice.seal(2000)), (5, 0));
    alice.open(2000, &bob.seal(2000)).unwrap();
    assert_eq!(alice.manager.add_epoch(ms(2000), &good), Ok(()));
}

fn a_configuration_that_contradicts_itself_is_refused<S: Kind>() {
    use frameseal::{CipherSuite, EpochConfig, Policy};
    use std::time::Duration;

    let good = EpochConfig::new(CipherSuite::Aes128GcmSha256_128);
    let short_tags = EpochConfig::new(CipherSuite::Aes128CtrHmacSha256_32);
    let late = Duration::from_millis(1);
    let wrong = [
        ("no epoch", good.clone().with_max_epochs(0)),
        ("no context", good.clone().with_contexts(3..3, 16)),
        ("no key", good.clone().with_max_cached_keys(0)),
        (
            "a context too large to send",
            good.clone().with_contexts(0..(1 << 40) + 1, 16),
        ),
        (
            "too large to receive",
            good.clone().with_contexts(0..1, (1 << 40) + 1),
        ),
        ("short tags", short_tags.clone().with_policy(Policy::Strict)),
        (
            "an overlap",
            good.clone()
                .with_policy(Policy::Strict)
                .with_overlaps(late, late),
        ),
    ];
    for (name, config) in wrong {
        let refused = S::Manager::new(config).map(|_| ());
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{name}");
    }
    let good = [
        good.clone().with_contexts(0..1 << 40, 1 << 40),
        short_tags,
        good.with_policy(Policy::Strict)
            .with_overlaps(late, Duration::ZERO),
    ];
    for config in good {
        assert!(S::Manager::new(config).is_ok());
    }
}
