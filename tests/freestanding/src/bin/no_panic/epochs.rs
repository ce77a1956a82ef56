//! Keys from MLS: epochs, members, streams.

use frameseal::{
    CipherSuite, EpochConfig, EpochUpdate, KnownKeys, Member, SendSwitch, StreamId, StreamKind,
    VisibleConfig, fixed,
};

use super::values::*;

type Manager = fixed::EpochManager<3, 4, 3, 2, 2>;

pub fn every_call(suite: CipherSuite) {
    let Ok(mut manager) = Manager::new(config(suite)) else {
        return;
    };
    let manager = any(&mut manager);
    change_epochs(manager);
    look_at(manager);
    receive(manager);
    watch(manager);
    pass_in_the_clear(manager);
    if let Ok(stream) = manager.open_stream(any(StreamKind::KeyFrames)) {
        send(manager, stream);
    }
}

fn config(suite: CipherSuite) -> EpochConfig {
    let switch = match any(0) {
        0 => SendSwitch::WhenReady(duration()),
        1 => SendSwitch::After(duration()),
        2 => SendSwitch::AtKeyFrame(duration(), duration()),
        _ => SendSwitch::WhenTold,
    };
    let mut config = EpochConfig::new(suite)
        .with_policy(policy())
        .with_layout(layout())
        .with_send_switch(switch)
        .with_overlaps(duration(), duration())
        .with_contexts(any(0)..any(2), any(2))
        .with_max_epochs(any(3))
        .with_max_cached_keys(any(2))
        .with_keys(send_config(), receive_config(suite))
        .with_stale_after(duration());
    if any(false) {
        config = config.with_loopback().with_index_bits_by_leaves();
    }
    config
}

/// Everything with which epochs come, begin to send, and go.
#[inline(never)]
fn change_epochs(manager: &mut Manager) {
    let update = EpochUpdate {
        group: group(),
        epoch: any(0),
        base_key: bytes(),
        own_index: any(Some(0)),
        leaf_count: any(2),
        members: any::<&[Member<'_>]>(&[]),
    };
    any(manager.add_epoch(now(), &update)).ok();
    any(manager.peer_ready(any(0), epoch_id(), now())).ok();
    any(manager.activate(epoch_id(), now())).ok();
    any(&mut *manager).force_rekey();
    any(manager.poll_event(now()));
    any(manager.next_deadline());
}

#[inline(never)]
fn look_at(manager: &Manager) {
    any((manager.suite(), manager.backend()));
    any(manager.config());
    any((manager.sending_epoch(), manager.member_at(any(0))));
    any(manager.is_member(member_id()));
    for epoch in manager.live_epochs() {
        any(epoch);
    }
    for member in manager.members() {
        any(member);
    }
    any((manager.has_epoch_of(key_id()), manager.is_known(key_id())));
    any(manager.payload_len(bytes())).ok();
    any(manager.visible_config(now()));
    any(VisibleConfig::from(manager.config()));
}

/// Frames of others, in every buffer mode.
#[inline(never)]
fn receive(manager: &mut Manager) {
    any(manager.prepare(now(), any(0), any(0))).ok();
    any(manager.decrypt(now(), metadata(), buffer())).ok();
    any(manager.decrypt_to(now(), metadata(), bytes(), buffer())).ok();
    any(manager.decrypt_within(now(), metadata(), buffer(), range(), any(0))).ok();
}

/// Frames of our own, in every buffer mode.
#[inline(never)]
fn send(manager: &mut Manager, stream: StreamId) {
    any(stream.context());
    any(manager.mark_key_frame(stream)).ok();
    any(manager.prepare_stream(now(), stream)).ok();
    any(manager.stream_status(stream)).ok();
    any(manager.sealed_len(now(), stream, any(0))).ok();
    any(manager.encrypt(now(), stream, metadata(), bytes(), buffer())).ok();
    any(manager.encrypt_in_place(now(), stream, metadata(), buffer(), range())).ok();
    any(manager.encrypt_within(now(), stream, metadata(), buffer(), range(), any(0))).ok();
    any(manager.close_stream(stream)).ok();
}

/// Status, statistics and verification.
#[inline(never)]
fn watch(manager: &mut Manager) {
    any(manager.set_verified(member_id(), any(true))).ok();
    any(manager.set_epoch_verified(epoch_id())).ok();
    any(manager.status(member_id(), now()));
    any(manager.room_status(now()));
    any((
        manager.member_stats(member_id()),
        manager.epoch_stats(epoch_id()),
    ));
}

#[inline(never)]
fn pass_in_the_clear(manager: &mut Manager) {
    any(manager.allow_passthrough(now(), member_id(), duration())).ok();
    any(manager.pass(now(), member_id(), bytes(), injected())).ok();
    any(manager.end_passthrough(member_id())).ok();
    any(manager.downgrade(member_id())).ok();
    any(manager.allow_sending_in_the_clear(now(), duration())).ok();
    any(manager.send_in_the_clear(now())).ok();
    any(manager.downgrade_sending()).ok();
}
