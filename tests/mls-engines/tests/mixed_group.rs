//! One group with members of both engines, through a life of joins, updates and removals: in every
//! epoch all members have the same keys, the same roster, and open one another's frames.

use frameseal::{CipherSuite, DecryptionKey, EncryptionKey, KidLayout};
use frameseal_mls_engines::client::Engine::{self, MlsRs, OpenMls};
use frameseal_mls_engines::room::Room;
use frameseal_mls_engines::{Error, OwnedUpdate};

#[test]
fn a_group_made_by_mls_rs_agrees_in_every_epoch() {
    a_life_of_a_group(MlsRs).unwrap();
}

#[test]
fn a_group_made_by_openmls_agrees_in_every_epoch() {
    a_life_of_a_group(OpenMls).unwrap();
}

/// Joiners of each engine by welcome and by external commit, and commits of every kind by each.
fn a_life_of_a_group(creator: Engine) -> Result<(), Error> {
    let (one, other) = (creator, creator.other());
    let mut room = Room::new(b"a room", "ann", one)?;
    agree(&room, 0, &["ann"])?;
    room.commit("ann", &[("bob", other), ("cai", one)], &[])?;
    agree(&room, 1, &["ann", "bob", "cai"])?;
    room.commit("bob", &[("dan", one), ("eve", other)], &[])?;
    agree(&room, 2, &["ann", "bob", "cai", "dan", "eve"])?;
    for (epoch, committer) in (3..).zip(["ann", "bob", "cai", "dan", "eve"]) {
        room.commit(committer, &[], &[])?;
        agree(&room, epoch, &["ann", "bob", "cai", "dan", "eve"])?;
    }
    room.commit("eve", &[], &["cai"])?;
    agree(&room, 8, &["ann", "bob", "dan", "eve"])?;
    room.commit("dan", &[("fay", other)], &["bob"])?;
    agree(&room, 9, &["ann", "fay", "dan", "eve"])?;
    let (gil, commit) = room.join_externally("gil", other, "ann")?;
    room.seat(gil, &commit)?;
    agree(&room, 10, &["ann", "fay", "gil", "dan", "eve"])?;
    let (hal, commit) = room.join_externally("hal", one, "gil")?;
    room.seat(hal, &commit)?;
    agree(&room, 11, &["ann", "fay", "gil", "dan", "eve", "hal"])?;
    room.commit("gil", &[], &["ann", "fay"])?;
    agree(&room, 12, &["gil", "dan", "eve", "hal"])?;
    room.commit("hal", &[], &["eve"])?;
    agree(&room, 13, &["gil", "dan", "hal"])
}

/// Asserts that the members are in `epoch` and have the same view of it, for every suite. `names`:
/// who is in the group, in the order of the leaves.
fn agree(room: &Room, epoch: u64, names: &[&str]) -> Result<(), Error> {
    let seats = room.seats();
    let authenticator = seats[0].client.epoch_authenticator()?;
    for seat in seats {
        assert_eq!(seat.client.epoch_authenticator()?, authenticator);
    }
    for suite in CipherSuite::ALL {
        let mut views = Vec::new();
        for seat in seats {
            views.push((seat.name.as_str(), seat.client.to_update(suite)?));
        }
        for (_, view) in &views {
            same(&views[0].1, view, epoch);
        }
        views.sort_by_key(|(_, view)| view.lend(|update| update.own_index));
        assert!(
            views.iter().map(|(name, _)| name).eq(names),
            "epoch {epoch}"
        );
        frames_open(suite, &views)?;
    }
    Ok(())
}

/// All but the own index is the same for two members.
fn same(a: &OwnedUpdate, b: &OwnedUpdate, epoch: u64) {
    a.lend(|a| {
        b.lend(|b| {
            assert_eq!((a.epoch, b.epoch), (epoch, epoch));
            assert_eq!(a.group, b.group);
            assert_eq!(a.base_key, b.base_key);
            assert_eq!(a.leaf_count, b.leaf_count);
            assert_eq!(a.members, b.members);
        });
    });
}

/// Everybody's frame opens at everybody else, under the key id that each side works out for itself.
fn frames_open(suite: CipherSuite, views: &[(&str, OwnedUpdate)]) -> Result<(), Error> {
    for (sender, sending) in views {
        let mut sealed = [0; 64];
        let (index, len) = sending.lend(|update| {
            let index = update.own_index.ok_or("the sender has no leaf")?;
            let key_id = KidLayout::STANDARD.key_id(update.epoch, index, 0)?;
            let mut key = EncryptionKey::new(suite, key_id, update.base_key)?;
            let len = key.encrypt(b"room", sender.as_bytes(), &mut sealed)?;
            Ok::<_, Error>((index, len))
        })?;
        for (receiver, receiving) in views.iter().filter(|(name, _)| name != sender) {
            receiving.lend(|update| {
                let key_id = KidLayout::STANDARD.key_id(update.epoch, index, 0)?;
                let mut key = DecryptionKey::new(suite, key_id, update.base_key)?;
                let mut frame = sealed;
                let opened = key.decrypt(b"room", &mut frame[..len])?;
                assert_eq!(opened.payload, sender.as_bytes(), "at {receiver}");
                Ok::<_, Error>(())
            })?;
        }
    }
    Ok(())
}
