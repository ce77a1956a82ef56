//! One group with members of both engines, through a life of joins, updates and removals: in every
//! epoch all members have the same keys, the same roster, and open one another's frames.

use std::collections::BTreeMap;

use frameseal::{
    CipherSuite, DecryptionKey, EncryptionKey, GroupTag, KidLayout, MemberId, Timestamp,
};
use frameseal_mls_engines::call::Call;
use frameseal_mls_engines::client::Engine::{self, MlsRs, OpenMls};
use frameseal_mls_engines::room::{Room, Seat};
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
    let mut calls = Calls::new();
    calls.agree(&room, 0, &["ann"])?;
    room.commit("ann", &[("bob", other), ("cai", one)], &[])?;
    calls.agree(&room, 1, &["ann", "bob", "cai"])?;
    room.commit("bob", &[("dan", one), ("eve", other)], &[])?;
    calls.agree(&room, 2, &["ann", "bob", "cai", "dan", "eve"])?;
    for (epoch, committer) in (3..).zip(["ann", "bob", "cai", "dan", "eve"]) {
        room.commit(committer, &[], &[])?;
        calls.agree(&room, epoch, &["ann", "bob", "cai", "dan", "eve"])?;
    }
    room.commit("eve", &[], &["cai"])?;
    calls.agree(&room, 8, &["ann", "bob", "dan", "eve"])?;
    room.commit("dan", &[("fay", other)], &["bob"])?;
    calls.agree(&room, 9, &["ann", "fay", "dan", "eve"])?;
    let (gil, commit) = room.join_externally("gil", other, "ann")?;
    room.seat(gil, &commit)?;
    calls.agree(&room, 10, &["ann", "fay", "gil", "dan", "eve"])?;
    let (hal, commit) = room.join_externally("hal", one, "gil")?;
    room.seat(hal, &commit)?;
    calls.agree(&room, 11, &["ann", "fay", "gil", "dan", "eve", "hal"])?;
    room.commit("gil", &[], &["ann", "fay"])?;
    calls.agree(&room, 12, &["gil", "dan", "eve", "hal"])?;
    room.commit("hal", &[], &["eve"])?;
    calls.agree(&room, 13, &["gil", "dan", "hal"])
}

/// What a member has of the current epoch, for one suite.
struct View<'a> {
    name: &'a str,
    index: u32,
    update: OwnedUpdate,
}

impl<'a> View<'a> {
    fn of(seat: &'a Seat, suite: CipherSuite) -> Result<Self, Error> {
        let update = seat.client.to_update(GroupTag::new(1), suite)?;
        let index = seat.client.index()?;
        assert_eq!(update.lend(|update| update.own_index), Some(index));
        Ok(Self {
            name: &seat.name,
            index,
            update,
        })
    }
}

/// The calls of all who are or were in the group, for each suite. They go on through its epochs.
struct Calls(Vec<(CipherSuite, BTreeMap<String, Call>)>);

impl Calls {
    fn new() -> Self {
        Self(
            CipherSuite::ALL
                .map(|suite| (suite, BTreeMap::new()))
                .into(),
        )
    }

    /// Asserts that the members are in `epoch` with the same keys and roster, and hear one another,
    /// for every suite. `names`: who is in the group, in the order of the leaves.
    fn agree(&mut self, room: &Room, epoch: u64, names: &[&str]) -> Result<(), Error> {
        let seats = room.seats();
        let authenticator = seats[0].client.epoch_authenticator()?;
        for seat in seats {
            assert_eq!(seat.client.epoch_authenticator()?, authenticator);
        }
        let now = Timestamp::from_millis(1000 * epoch);
        for (suite, calls) in &mut self.0 {
            let views = seats.iter().map(|seat| View::of(seat, *suite));
            let mut views = views.collect::<Result<Vec<_>, _>>()?;
            for (seat, view) in seats.iter().zip(&views) {
                let key = seat.client.export("SFrame 1.0 Base Key", suite.key_len())?;
                assert_eq!(view.update.lend(|update| update.base_key.to_vec()), key);
                same(&views[0].update, &view.update, epoch);
            }
            views.sort_by_key(|view| view.index);
            assert!(views.iter().map(|view| view.name).eq(names.iter().copied()));
            keys_fit(*suite, &views)?;
            for view in &views {
                enter(calls, *suite, now, view, &views)?;
            }
            for view in &views {
                all_hear(calls, now, view, &views)?;
            }
        }
        Ok(())
    }
}

/// A member's call takes the epoch, and sends with it since all others are ready.
fn enter(
    calls: &mut BTreeMap<String, Call>,
    suite: CipherSuite,
    now: Timestamp,
    own: &View<'_>,
    views: &[View<'_>],
) -> Result<(), Error> {
    if !calls.contains_key(own.name) {
        calls.insert(own.name.to_owned(), Call::new(suite)?);
    }
    let call = calls.get_mut(own.name).ok_or("no call")?;
    let epoch = call.enter(now, &own.update)?;
    for peer in views.iter().filter(|peer| peer.index != own.index) {
        call.manager.peer_ready(peer.index, epoch, now)?;
    }
    assert_eq!(call.manager.sending_epoch(), Some(epoch), "{}", own.name);
    Ok(())
}

/// A member's frame opens at all others, as from that member, and not at those who have left.
fn all_hear(
    calls: &mut BTreeMap<String, Call>,
    now: Timestamp,
    sender: &View<'_>,
    views: &[View<'_>],
) -> Result<(), Error> {
    let call = calls.get_mut(sender.name).ok_or("no call")?;
    let sealed = call.seal(now, sender.name.as_bytes())?;
    for (name, call) in calls.iter_mut().filter(|(name, _)| *name != sender.name) {
        let mut frame = sealed.clone();
        let heard = call.open(now, &mut frame);
        if views.iter().all(|view| view.name != name) {
            assert!(heard.is_err(), "{name} is no longer in the group");
            continue;
        }
        let heard = heard?;
        assert_eq!(heard.payload, sender.name.as_bytes());
        let from = matches!(heard.member, MemberId::Leaf { index, .. } if index == sender.index);
        assert!(from, "{} at {name}: {:?}", sender.name, heard.member);
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

/// Without an epoch manager: a key under the key id of RFC 9605 §5.2 seals for one made from what
/// another member has.
fn keys_fit(suite: CipherSuite, views: &[View<'_>]) -> Result<(), Error> {
    for (sender, receiver) in views.iter().zip(views.iter().cycle().skip(1)) {
        let mut sealed = [0; 64];
        let len = sender.update.lend(|update| {
            let key_id = KidLayout::STANDARD.key_id(update.epoch, sender.index, 3)?;
            let mut key = EncryptionKey::new(suite, key_id, update.base_key)?;
            key.encrypt(b"room", sender.name.as_bytes(), &mut sealed)
        })?;
        receiver.update.lend(|update| {
            let key_id = KidLayout::STANDARD.key_id(update.epoch, sender.index, 3)?;
            let mut key = DecryptionKey::new(suite, key_id, update.base_key)?;
            let opened = key.decrypt(b"room", &mut sealed[..len])?;
            assert_eq!(opened.payload, sender.name.as_bytes());
            Ok::<_, frameseal::Error>(())
        })?;
    }
    Ok(())
}
