//! What surprises those who take keys from MLS, shown with real engines.

use frameseal::{
    CipherSuite, Decryptor, Encryptor, Error as FrameError, GroupTag, KeyId, KidLayout,
};
use frameseal_mls_engines::Error;
use frameseal_mls_engines::client::Engine::{self, MlsRs, OpenMls};
use frameseal_mls_engines::client::{Changes, Client, OpenMls as OpenMlsClient, Settings};
use frameseal_mls_engines::room::{Room, Seat};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const ENGINES: [Engine; 2] = [MlsRs, OpenMls];

/// What a member knows of its epoch.
#[derive(Debug, PartialEq)]
struct View {
    group: GroupTag,
    epoch: u64,
    base_key: Vec<u8>,
    leaf_count: u32,
    indexes: Vec<u32>,
    identities: Vec<Vec<u8>>,
}

fn view(client: &dyn Client) -> Result<View, Error> {
    Ok(client.to_update(SUITE)?.lend(|update| View {
        group: update.group,
        epoch: update.epoch,
        base_key: update.base_key.to_vec(),
        leaf_count: update.leaf_count,
        indexes: update.members.iter().map(|member| member.index).collect(),
        identities: update
            .members
            .iter()
            .map(|member| member.identity.to_vec())
            .collect(),
    }))
}

/// The view of the member with this name.
fn view_of(room: &mut Room, name: &str) -> Result<View, Error> {
    view(room.client(name)?)
}

fn add_key(encryptor: &mut Encryptor, client: &dyn Client) -> Result<KeyId, Error> {
    client.to_update(SUITE)?.lend(|update| {
        let index = update.own_index.ok_or("no leaf")?;
        let key_id = KidLayout::STANDARD.key_id(update.epoch, index, 0)?;
        encryptor.add_key(key_id, update.base_key)?;
        Ok(key_id)
    })
}

fn seal(encryptor: &mut Encryptor) -> Result<Vec<u8>, Error> {
    let mut sealed = vec![0; 64];
    let len = encryptor.encrypt(b"", b"a frame", &mut sealed)?;
    sealed.truncate(len);
    Ok(sealed)
}

#[test]
fn the_current_epoch_installed_again_does_not_restart_the_counter() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        let ann = room.client("ann")?;
        let mut encryptor = Encryptor::new(SUITE);
        let mut counters = Vec::new();
        for _ in 0..3 {
            let key_id = add_key(&mut encryptor, ann)?;
            encryptor.use_key(key_id)?;
            let mut decryptor = Decryptor::new(SUITE);
            decryptor.add_key(key_id, &view(ann)?.base_key)?;
            let mut sealed = seal(&mut encryptor)?;
            counters.push(decryptor.decrypt(b"", &mut sealed)?.counter.value());
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

        let by_members = KidLayout::for_leaves(8, 3)?;
        assert!(by_members.key_id(seen.epoch, 8, 0).is_err());
        let by_leaves = KidLayout::for_leaves(8, seen.leaf_count)?;
        assert!(by_leaves.key_id(seen.epoch, 8, 0).is_ok());

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
        room.commit("cai", &[("dan", engine)], &["bob"])?;
        assert_eq!(room.index("dan")?, 1);
        let after = view_of(&mut room, "cai")?;
        assert_eq!(before.indexes, after.indexes);
        assert_eq!(after.epoch, before.epoch + 1);
        let same: Vec<_> = before
            .identities
            .iter()
            .zip(&after.identities)
            .map(|(b, a)| b == a)
            .collect();
        assert_eq!(same, [true, false, true], "only leaf 1 is another member");
    }
    Ok(())
}

#[test]
fn a_group_made_anew_starts_at_epoch_0() -> Result<(), Error> {
    for engine in ENGINES {
        let mut old = Room::new(b"the first group", "ann", engine)?;
        let first = view_of(&mut old, "ann")?;
        let mut new = Room::new(b"the second group", "ann", engine)?;
        let second = view_of(&mut new, "ann")?;
        assert_eq!((first.epoch, second.epoch), (0, 0));
        assert_ne!(first.base_key, second.base_key);
        assert_ne!(first.group, second.group);

        // An application that uses a group id again makes them look like one.
        let mut again = Room::new(b"the first group", "ann", engine)?;
        let third = view_of(&mut again, "ann")?;
        assert_eq!((third.group, third.epoch), (first.group, first.epoch));
        assert_ne!(third.base_key, first.base_key);
    }
    Ok(())
}

#[test]
fn sixteen_commits_come_back_to_the_same_four_epoch_bits() -> Result<(), Error> {
    let four = KidLayout::new(4, 8)?;
    let eight = KidLayout::new(8, 8)?;
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        let before = view_of(&mut room, "ann")?;
        for _ in 0..16 {
            room.commit("ann", &[], &[])?;
        }
        let after = view_of(&mut room, "ann")?;
        assert_ne!(before.base_key, after.base_key);
        assert_eq!(
            four.key_id(before.epoch, 0, 0),
            four.key_id(after.epoch, 0, 0)
        );
        assert_ne!(
            eight.key_id(before.epoch, 0, 0),
            eight.key_id(after.epoch, 0, 0)
        );
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
        assert_eq!((ann.group, ann.epoch), (bob.group, bob.epoch));
        assert_ne!(ann.base_key, bob.base_key);
    }
    Ok(())
}

/// A member that was removed, what it knew before, and the room without it.
fn removed(engine: Engine) -> Result<(Seat, View, Room), Error> {
    let mut room = Room::new(b"a room", "ann", engine.other())?;
    room.commit("ann", &[("bob", engine)], &[])?;
    let before = view_of(&mut room, "bob")?;
    let bob = room.commit("ann", &[], &["bob"])?.pop();
    Ok((bob.ok_or("bob did not notice")?, before, room))
}

#[test]
fn mls_rs_after_its_own_removal_keeps_exporting() -> Result<(), Error> {
    let (bob, before, mut room) = removed(MlsRs)?;
    assert_eq!(view(&*bob.client)?, before, "as if nothing had happened");
    let ann = view_of(&mut room, "ann")?;
    assert_eq!(ann.epoch, before.epoch + 1);
    assert_ne!(ann.base_key, before.base_key);
    Ok(())
}

#[test]
fn openmls_after_its_own_removal_exports_nothing() -> Result<(), Error> {
    let (bob, ..) = removed(OpenMls)?;
    assert!(bob.client.to_update(SUITE).is_err());
    Ok(())
}

#[test]
fn the_length_of_an_export_is_hashed_in() -> Result<(), Error> {
    let mut lengths: Vec<_> = CipherSuite::ALL
        .iter()
        .map(|suite| suite.key_len())
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    assert_eq!(lengths, [16, 32, 48, 96]);
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        let ann = room.client("ann")?;
        for (short, long) in lengths.iter().zip(&lengths[1..]) {
            let (short, long) = (ann.export(*short)?, ann.export(*long)?);
            assert!(!long.starts_with(&short), "{engine:?}: {}", short.len());
        }
    }
    Ok(())
}

#[test]
fn no_engine_exports_for_a_past_epoch() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        let before = view_of(&mut room, "ann")?;
        room.commit("ann", &[], &[])?;
        let after = view_of(&mut room, "ann")?;
        assert_eq!(after.epoch, before.epoch + 1);
        assert_ne!(
            after.base_key, before.base_key,
            "copied before the commit, or lost"
        );
    }
    Ok(())
}

#[test]
fn mls_rs_exports_nothing_once_the_exporter_is_deleted() -> Result<(), Error> {
    let mut room = Room::new(b"a room", "ann", MlsRs)?;
    let before = view_of(&mut room, "ann")?;
    room.client("ann")?.delete_exporter()?;
    // An error, or at least another key.
    assert!(!matches!(view_of(&mut room, "ann"), Ok(after) if after.base_key == before.base_key));
    // The next epoch has its own.
    room.commit("ann", &[("bob", OpenMls)], &[])?;
    assert_eq!(view_of(&mut room, "ann")?, view_of(&mut room, "bob")?);
    Ok(())
}

#[test]
fn an_external_joiner_sends_before_the_others_have_the_commit() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine.other())?;
        let mut decryptor = Decryptor::new(SUITE);
        let early = view_of(&mut room, "ann")?;
        decryptor.add_key(
            KidLayout::STANDARD.key_id(early.epoch, 0, 0)?,
            &early.base_key,
        )?;

        let (zoe, commit) = room.join_externally("zoe", engine, "ann")?;
        let mut encryptor = Encryptor::new(SUITE);
        let key_id = add_key(&mut encryptor, &*zoe.client)?;
        encryptor.use_key(key_id)?;
        let mut sealed = seal(&mut encryptor)?;

        let refused = decryptor.decrypt(b"", &mut sealed).err();
        assert_eq!(refused, Some(FrameError::UnknownKeyId(key_id)));
        let parts = KidLayout::STANDARD.parts(key_id);
        assert_eq!((parts.epoch_bits, parts.index), (early.epoch + 1, 1));

        room.seat(zoe, &commit)?;
        let now = view_of(&mut room, "ann")?;
        decryptor.add_key(KidLayout::STANDARD.key_id(now.epoch, 1, 0)?, &now.base_key)?;
        assert_eq!(decryptor.decrypt(b"", &mut sealed)?.payload, b"a frame");
    }
    Ok(())
}

#[test]
fn a_welcome_with_the_defaults_of_openmls_lacks_the_tree() -> Result<(), Error> {
    for engine in ENGINES {
        let mut ann = OpenMlsClient::new("ann", Settings::OPENMLS_DEFAULT)?;
        ann.create_group(b"a room")?;
        let mut bob = engine.client("bob")?;
        let add = vec![bob.key_package()?];
        let commit = ann.commit(&Changes {
            add,
            remove: vec![],
        })?;
        let welcome = commit.welcome.ok_or("no welcome")?;
        assert!(bob.join(&welcome).is_err(), "{engine:?}");
    }
    Ok(())
}

#[test]
fn with_its_default_wire_format_openmls_refuses_the_commits_of_mls_rs() -> Result<(), Error> {
    let settings = Settings {
        tree_in_welcome: true,
        ..Settings::OPENMLS_DEFAULT
    };
    let mut ann = OpenMlsClient::new("ann", settings)?;
    let mut bob = MlsRs.client("bob")?;
    ann.create_group(b"a room")?;
    let add = vec![bob.key_package()?];
    let commit = ann.commit(&Changes {
        add,
        remove: vec![],
    })?;
    ann.accept()?;
    bob.join(&commit.welcome.ok_or("no welcome")?)?;

    let commit = bob.commit(&Changes::default())?;
    assert!(ann.process(&commit.message).is_err());
    Ok(())
}

#[test]
fn an_external_commit_drops_pending_proposals() -> Result<(), Error> {
    for engine in ENGINES {
        let mut room = Room::new(b"a room", "ann", engine)?;
        room.commit("ann", &[("bob", engine.other()), ("cai", engine)], &[])?;
        let cai = room.index("cai")?;
        let proposal = room.client("bob")?.propose_removal(cai)?;
        room.client("ann")?.process_proposal(&proposal)?;
        room.client("cai")?.process_proposal(&proposal)?;
        for seat in room.seats() {
            assert_eq!(seat.client.pending_proposals()?, 1, "{}", seat.name);
        }
        let (dan, commit) = room.join_externally("dan", engine.other(), "ann")?;
        room.seat(dan, &commit)?;
        for seat in room.seats() {
            assert_eq!(seat.client.pending_proposals()?, 0, "{}", seat.name);
        }
        assert_eq!(
            view_of(&mut room, "dan")?.indexes,
            [0, 1, 2, 3],
            "cai is still there"
        );
    }
    Ok(())
}
