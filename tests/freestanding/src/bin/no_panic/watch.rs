//! What an application has beside its keys: the monitor, and frames that wait.

use frameseal::{
    AuditRecord, CipherSuite, EncryptionKey, Error, HoldingConfig, KeyId, KnownKeys, fixed,
};

use super::values::*;

pub fn every_call(suite: CipherSuite) {
    let mut monitor = fixed::Monitor::<3>::new(policy()).with_stale_after(duration());
    let monitor = any(&mut monitor);
    observe(monitor, suite);
    pass_in_the_clear(monitor);
    tell(monitor);
    holding_buffer(suite);
}

type Monitor = fixed::Monitor<3>;

/// What the monitor is shown.
#[inline(never)]
fn observe(monitor: &mut Monitor, suite: CipherSuite) {
    any(monitor.policy());
    any(monitor.add_member(member_id())).ok();
    let outcome = if any(false) {
        Ok(())
    } else {
        Err(any(Error::Replay))
    };
    any(monitor.observe(now(), member_id(), &outcome)).ok();
    any(&mut *monitor).observe_sent(now());
    if let Ok(key) = EncryptionKey::new(suite, key_id(), bytes()) {
        let status = any(key.status());
        any(&mut *monitor).observe_sending_key(key_id(), &status, usage_limits());
    }
    any(&mut *monitor).set_removal_overlap(any(Some(now())));
    any(monitor.set_verified(member_id(), any(true))).ok();
    any(monitor.remove_member(member_id())).ok();
}

#[inline(never)]
fn pass_in_the_clear(monitor: &mut Monitor) {
    any(monitor.allow_passthrough(now(), member_id(), duration())).ok();
    any(monitor.pass(now(), member_id(), bytes(), injected())).ok();
    any(monitor.end_passthrough(member_id())).ok();
    any(monitor.downgrade(member_id())).ok();
    any(monitor.allow_sending_in_the_clear(now(), duration())).ok();
    any(monitor.send_in_the_clear(now())).ok();
    any(monitor.downgrade_sending()).ok();
    any((
        monitor.passthrough_senders(now()),
        monitor.sent_in_the_clear(),
    ));
}

/// What the monitor says.
#[inline(never)]
fn tell(monitor: &mut Monitor) {
    any((
        monitor.status(member_id(), now()),
        monitor.room_status(now()),
    ));
    any(monitor.member_stats(member_id()));
    if let Some(event) = any(monitor.poll_event(now())) {
        let record = any(AuditRecord::new(now(), &event));
        any(record.kind.name());
    }
    any(monitor.next_deadline());
}

/// Keys that come and go as they like.
struct AnyKeys;

impl KnownKeys for AnyKeys {
    fn is_known(&self, _: KeyId) -> bool {
        any(true)
    }
}

/// `fixed::HoldingBuffer`: every method.
#[inline(never)]
fn holding_buffer(suite: CipherSuite) {
    let mut config = HoldingConfig::for_suite(suite)
        .with_limits(any(3), any(64))
        .with_sender_limits(any(3), any(64))
        .with_max_age(duration());
    if any(false) {
        config = config.with_layout(layout());
    }
    let mut waiting = fixed::HoldingBuffer::<3, 64>::new(config);
    let waiting = any(&mut waiting);
    any(waiting.hold(now(), &AnyKeys, metadata(), bytes())).ok();
    any(waiting.peek_frame(now(), &AnyKeys));
    if let Some(mut held) = waiting.poll_frame(now(), &AnyKeys) {
        let held = any(&mut held);
        any((held.key_id(), held.arrived()));
        any(held.metadata());
        any(held.sealed_mut());
        any(held.split_mut());
    }
    any(&mut *waiting).poll(now());
    any((waiting.next_deadline(), waiting.stats()));
    any(waiting.config());
    any(&mut *waiting).clear();
}
