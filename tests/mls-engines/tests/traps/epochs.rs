//! What the epoch manager makes of epochs that come in unexpected ways.

use frameseal::{EpochConfig, Error as CallError, GroupTag, KidLayout, MemberId, Timestamp};
use frameseal_mls_engines::Error;
use frameseal_mls_engines::call::Call;
use frameseal_mls_engines::client::Changes;
use frameseal_mls_engines::room::Room;

use crate::{ENGINES, GROUP, SUITE, update_of, view_of};

const START: Timestamp = Timestamp::ZERO;

/// A call of the member with this name, in the current epoch.
fn call_of(room: &mut Room, name: &str) -> Result<Call, Error> {
    let mut call = Call::new(SUITE)?;
    call.enter(START, &update_of(room, name)?)?;
    Ok(call)
}

#[test]
fn the_current_epoch_installed_again_does_not_restart_the_counter() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        room.commit("ann", &[("bob", engine.other())], &[])?;
        let mut ann = call_of(&mut room, "ann")?;
        let mut bob = call_of(&mut room, "bob")?;
        let mut counters = Vec::new();
        for _ in 0..3 {
            ann.enter(START, &update_of(&mut room, "ann")?)?;
            bob.enter(START, &update_of(&mut room, "bob")?)?;
            let mut sealed = ann.seal(START, b"hello")?;
            counters.push(bob.open(START, &mut sealed)?.counter.value());
        }
        assert_eq!(counters, [0, 1, 2], "{engine:?}");
    }
    Ok(())
}

#[test]
fn a_leaf_index_exceeds_the_member_count_after_removals() -> Result<(), Error> {
    for engine in ENGINES {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let mut room = Room::new(b"a room", names[0], engine)?;
        let joiners: Vec<_> = names[1..]
            .iter()
            .map(|name| (*name, engine.other()))
            .collect();
        room.commit("a", &joiners, &[])?;
        room.commit("i", &[], &names[1..7])?;
        let seen = view_of(&mut room, "h")?;
        assert_eq!(
            (seen.indexes.as_slice(), seen.leaf_count),
            (&[0, 7, 8][..], 16)
        );

        let config = || EpochConfig::new(SUITE);
        let by_members = config().with_layout(KidLayout::for_leaves(8, 3)?);
        let mut too_narrow = Call::with_config(by_members)?;
        let update = update_of(&mut room, "i")?;
        assert!(matches!(
            too_narrow.enter(START, &update),
            Err(CallError::InvalidArgument(_))
        ));

        let mut a = Call::with_config(config().with_index_bits_by_leaves())?;
        let mut i = Call::with_config(config().with_index_bits_by_leaves())?;
        a.enter(START, &update_of(&mut room, "a")?)?;
        i.enter(START, &update)?;
        let mut sealed = i.seal(START, b"from leaf 8")?;
        assert_eq!(a.open(START, &mut sealed)?.payload, b"from leaf 8");

        // The tree becomes smaller with its last members.
        room.commit("a", &[], &["i"])?;
        assert_eq!(view_of(&mut room, "h")?.leaf_count, 8, "{engine:?}");
        room.commit("a", &[], &["h"])?;
        assert_eq!(view_of(&mut room, "a")?.leaf_count, 1, "{engine:?}");
    }
    Ok(())
}

#[test]
fn a_leaf_is_reused_inside_one_commit() -> Result<(), Error> {
    for engine in ENGINES {
        let other = engine.other();
        let mut room = Room::new(b"a room", "ann", engine)?;
        room.commit("ann", &[("bob", other), ("cai", other)], &[])?;
        let before = view_of(&mut room, "cai")?;
        let mut cai = call_of(&mut room, "cai")?;
        let mut late = call_of(&mut room, "bob")?.seal(START, b"from bob")?;

        room.commit("cai", &[("dan", engine)], &["bob"])?;
        assert_eq!(room.index("dan")?, 1);
        let after = view_of(&mut room, "cai")?;
        assert_eq!(before.indexes, after.indexes);
        let stayed = before.identities.iter().zip(&after.identities);
        let stayed: Vec<_> = stayed.map(|(before, after)| before == after).collect();
        assert_eq!(stayed, [true, false, true], "leaf 1 is another member");

        // A frame that was under way is still from bob.
        cai.enter(START, &update_of(&mut room, "cai")?)?;
        let mut frame = call_of(&mut room, "dan")?.seal(START, b"from dan")?;
        let on_leaf_1 = |joined| MemberId::Leaf {
            group: before.id.group,
            index: 1,
            joined,
        };
        assert_eq!(
            cai.open(START, &mut late)?.member,
            on_leaf_1(before.id.epoch)
        );
        assert_eq!(
            cai.open(START, &mut frame)?.member,
            on_leaf_1(after.id.epoch)
        );
    }
    Ok(())
}

#[test]
fn a_group_made_anew_starts_at_epoch_0() -> Result<(), Error> {
    for engine in ENGINES {
        let mut old = Room::new(b"a room", "ann", engine)?;
        let mut new = Room::new(b"a room", "ann", engine)?;
        let (first, second) = (view_of(&mut old, "ann")?, view_of(&mut new, "ann")?);
        assert_eq!((first.id.epoch, second.id.epoch), (0, 0));
        assert_ne!(first.base_key, second.base_key);

        // Under the tag of the old group it looks like a second history of it.
        let mut call = call_of(&mut old, "ann")?;
        let same_tag = call.enter(START, &update_of(&mut new, "ann")?);
        assert_eq!(same_tag, Err(CallError::Fork(second.id)));
        let next = new.client("ann")?.to_update(GroupTag::new(2), SUITE)?;
        let epoch = call.enter(START, &next)?;
        assert_eq!(call.manager.sending_epoch(), Some(epoch));

        // The old group does not come back, even if somebody commits in it.
        old.commit("ann", &[], &[])?;
        let too_old = CallError::EpochTooOld(view_of(&mut old, "ann")?.id);
        let late = call.enter(START, &update_of(&mut old, "ann")?);
        assert_eq!(late, Err(too_old));
    }
    Ok(())
}

#[test]
fn sixteen_commits_come_back_to_the_same_four_epoch_bits() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        room.commit("ann", &[("bob", engine.other())], &[])?;
        let mut early = call_of(&mut room, "bob")?.seal(START, b"early")?;
        let bits = |epoch_bits| KidLayout::new(epoch_bits, 16);
        let mut four = Call::with_config(EpochConfig::new(SUITE).with_layout(bits(4)?))?;
        let mut eight = Call::with_config(EpochConfig::new(SUITE).with_layout(bits(8)?))?;
        let first = view_of(&mut room, "ann")?.id;
        for _ in 0..=16 {
            let update = update_of(&mut room, "ann")?;
            four.enter(START, &update)?;
            eight.enter(START, &update)?;
            room.commit("ann", &[], &[])?;
        }
        // One second, and the first epoch had to go. With eight bits it is still heard.
        assert!(four.manager.live_epochs().all(|epoch| epoch != first));
        assert_eq!(eight.open(START, &mut early)?.payload, b"early");
    }
    Ok(())
}

#[test]
fn two_racing_commits_for_one_epoch_give_different_keys() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        room.commit("ann", &[("bob", engine.other())], &[])?;
        let before = view_of(&mut room, "ann")?;

        // A commit that waits changes nothing, and the one that loses is dropped.
        let winner = room.client("ann")?.commit(&Changes::default())?;
        room.client("bob")?.commit(&Changes::default())?;
        assert_eq!(view_of(&mut room, "ann")?, before);
        assert_eq!(view_of(&mut room, "bob")?, before);
        room.client("bob")?.drop_pending()?;
        room.deliver("ann", &winner)?;
        assert_eq!(view_of(&mut room, "ann")?, view_of(&mut room, "bob")?);

        // Whoever takes its own commit for the winner has other keys under the same number.
        for name in ["ann", "bob"] {
            let client = room.client(name)?;
            client.commit(&Changes::default())?;
            client.accept()?;
        }
        let (ann, bob) = (view_of(&mut room, "ann")?, view_of(&mut room, "bob")?);
        assert_eq!(ann.id, bob.id);
        assert_ne!(ann.base_key, bob.base_key);
        let mut call = call_of(&mut room, "ann")?;
        let entered = call.enter(START, &update_of(&mut room, "bob")?);
        assert_eq!(entered, Err(CallError::Fork(bob.id)));
    }
    Ok(())
}

#[test]
fn an_external_joiner_sends_before_the_others_have_the_commit() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine.other())?;
        let mut ann = call_of(&mut room, "ann")?;

        let (zoe, commit) = room.join_externally("zoe", engine, "ann")?;
        let mut call = Call::new(SUITE)?;
        let epoch = call.enter(START, &zoe.client.to_update(GROUP, SUITE)?)?;
        let mut sealed = call.seal(START, b"hello")?;

        let Err(CallError::UnknownKeyId(key_id)) = ann.open(START, &mut sealed) else {
            return Err("not an unknown key id".into());
        };
        assert!(!ann.manager.has_epoch_of(key_id));
        let parts = KidLayout::STANDARD.parts(key_id);
        assert_eq!((parts.epoch_bits, parts.index), (epoch.epoch, 1));

        room.seat(zoe, &commit)?;
        ann.enter(START, &update_of(&mut room, "ann")?)?;
        assert_eq!(ann.open(START, &mut sealed)?.payload, b"hello");
    }
    Ok(())
}
