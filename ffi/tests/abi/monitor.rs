//! The monitor: status from what frames did, events, and what may pass in the clear.

use std::ptr;

use super::capi::*;
use super::device::{checked, new_stats, new_status, no_event};
use super::participant::Participant;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;
const REFUSED: frameseal_result = FRAMESEAL_ERROR_PASSTHROUGH_REFUSED;
const ALICE: u64 = 11;

struct Watch(*mut frameseal_monitor);

impl Drop for Watch {
    fn drop(&mut self) {
        // SAFETY: not used after this.
        unsafe { frameseal_monitor_free(self.0) };
    }
}

impl Watch {
    /// With Alice as a member.
    fn new(policy: u32) -> Self {
        let mut handle = ptr::null_mut();
        // SAFETY: a place for a handle.
        let result = unsafe { frameseal_monitor_new(policy, 0, &raw mut handle) };
        assert_eq!(result, FRAMESEAL_OK);
        // SAFETY: a live handle.
        let added = unsafe { frameseal_monitor_add_member(handle, ALICE) };
        assert_eq!(added, FRAMESEAL_OK);
        Self(handle)
    }

    fn observe(&self, now: u64, result: frameseal_result) {
        // SAFETY: a live handle.
        let observed = unsafe { frameseal_monitor_observe(self.0, now, ALICE, result, 7) };
        assert_eq!(observed, FRAMESEAL_OK);
    }

    fn status(&self, now: u64) -> (u32, u32) {
        let mut status = new_status();
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_monitor_status(self.0, now, ALICE, &raw mut status) };
        assert_eq!(result, FRAMESEAL_OK);
        (status.level, status.reason)
    }

    fn room(&self, now: u64) -> u32 {
        let mut status = new_status();
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_monitor_room_status(self.0, now, &raw mut status) };
        assert_eq!(result, FRAMESEAL_OK);
        status.level
    }

    fn stats(&self, member: u64) -> Result<frameseal_frame_stats, i32> {
        let mut stats = new_stats();
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_monitor_member_stats(self.0, member, &raw mut stats) };
        checked(result, stats)
    }

    fn events(&self, now: u64) -> Vec<frameseal_event> {
        let mut events = Vec::new();
        loop {
            let mut event = no_event();
            // SAFETY: a live handle and a structure that says its size.
            let result = unsafe { frameseal_monitor_poll_event(self.0, now, &raw mut event) };
            assert_eq!(result, FRAMESEAL_OK);
            if event.kind == FRAMESEAL_EVENT_NONE {
                return events;
            }
            events.push(event);
        }
    }

    fn deadline(&self) -> Option<u64> {
        let (mut pending, mut at) = (false, 0);
        // SAFETY: a live handle and places for the answers.
        let result =
            unsafe { frameseal_monitor_next_deadline(self.0, &raw mut pending, &raw mut at) };
        assert_eq!(result, FRAMESEAL_OK);
        pending.then_some(at)
    }

    fn pass(&self, now: u64, frame: &[u8]) -> Result<u32, i32> {
        let silence: [u8; 3] = [0xf8, 0xff, 0xfe];
        let injected = frameseal_slice {
            data: silence.as_ptr(),
            len: 3,
        };
        let mut plain = 0;
        // SAFETY: a live handle, slices and a place for the answer.
        let result = unsafe {
            let (frame, len) = (frame.as_ptr(), frame.len());
            let (why, silence) = (&raw mut plain, &raw const injected);
            frameseal_monitor_pass(self.0, now, ALICE, frame, len, silence, 1, why)
        };
        checked(result, plain)
    }

    fn allow(&self, now: u64, millis: u64) -> frameseal_result {
        // SAFETY: a live handle.
        unsafe { frameseal_monitor_allow_passthrough(self.0, now, ALICE, millis) }
    }

    fn in_the_clear(&self, now: u64) -> (usize, u64) {
        let (mut senders, mut frames) = (99, 99);
        let (a, b) = (&raw mut senders, &raw mut frames);
        // SAFETY: a live handle and places for the answers.
        let result = unsafe { frameseal_monitor_in_the_clear(self.0, now, a, b) };
        assert_eq!(result, FRAMESEAL_OK);
        (senders, frames)
    }
}

#[test]
fn the_status_follows_what_frames_did() {
    let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
    let nothing = (FRAMESEAL_STATUS_UNKNOWN, FRAMESEAL_REASON_NOTHING_RECEIVED);
    assert_eq!(watch.status(0), nothing);
    watch.observe(0, FRAMESEAL_OK);
    let good = (FRAMESEAL_STATUS_END_TO_END, FRAMESEAL_REASON_AUTHENTICATED);
    assert_eq!(watch.status(0), good);
    for (result, reason) in [
        (
            FRAMESEAL_ERROR_AUTHENTICATION,
            FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE,
        ),
        (
            FRAMESEAL_ERROR_SYNTAX,
            FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE,
        ),
        (FRAMESEAL_ERROR_UNKNOWN_KEY_ID, FRAMESEAL_REASON_NO_KEY),
    ] {
        let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
        watch.observe(0, FRAMESEAL_OK);
        for now in [100, 1000, 2100] {
            watch.observe(now, result);
        }
        assert_eq!(watch.status(2100), (FRAMESEAL_STATUS_BROKEN, reason));
    }
    for other in [
        FRAMESEAL_ERROR_REPLAY,
        FRAMESEAL_ERROR_INVALID_ARGUMENT,
        -5,
        999,
    ] {
        for now in [100, 1000, 2100] {
            watch.observe(now, other);
        }
    }
    assert_eq!(watch.status(2100), good);
    let stats = watch.stats(ALICE).unwrap();
    assert_eq!(
        (stats.opened, stats.failed_opens, stats.replayed),
        (1, 0, 3)
    );
    assert_eq!(
        (stats.last_authenticated_ms, stats.has_last_authenticated),
        (0, 1)
    );
    // SAFETY: a live handle.
    let overlap = unsafe { frameseal_monitor_set_removal_overlap(watch.0, 3000) };
    let reason = FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS;
    assert_eq!(overlap, FRAMESEAL_OK);
    assert_eq!(
        watch.status(2100),
        (FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL, reason)
    );
    assert_eq!(watch.status(3000), good);
    assert_eq!(watch.status(10_000).0, FRAMESEAL_STATUS_STALE);
}

#[test]
fn members_come_and_go_and_are_verified() {
    let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
    watch.observe(0, FRAMESEAL_OK);
    let unknown = FRAMESEAL_ERROR_UNKNOWN_MEMBER;
    // SAFETY: a live handle.
    let verify = |member| unsafe { frameseal_monitor_set_verified(watch.0, member, true) };
    assert_eq!((verify(12), verify(ALICE)), (unknown, FRAMESEAL_OK));
    assert_eq!(watch.room(0), FRAMESEAL_STATUS_END_TO_END_VERIFIED);
    // SAFETY: a live handle.
    let add = |member| unsafe { frameseal_monitor_add_member(watch.0, member) };
    assert_eq!((add(12), add(ALICE)), (FRAMESEAL_OK, FRAMESEAL_OK));
    assert_eq!(
        watch.room(0),
        FRAMESEAL_STATUS_END_TO_END,
        "a silent one came"
    );
    // SAFETY: a live handle.
    let remove = |member| unsafe { frameseal_monitor_remove_member(watch.0, member) };
    assert_eq!((remove(12), remove(12)), (FRAMESEAL_OK, unknown));
    assert_eq!(watch.room(0), FRAMESEAL_STATUS_END_TO_END_VERIFIED);
    assert_eq!(watch.stats(12).map(|_| ()), Err(unknown));
    // SAFETY: a live handle.
    let stranger = unsafe { frameseal_monitor_observe(watch.0, 0, 12, FRAMESEAL_OK, 0) };
    assert_eq!(stranger, unknown);
}

#[test]
fn events_name_the_member_by_its_number() {
    let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
    watch.observe(5, FRAMESEAL_OK);
    let events = watch.events(5);
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            FRAMESEAL_EVENT_MEMBER_FIRST_HEARD,
            FRAMESEAL_EVENT_STATUS_CHANGED,
            FRAMESEAL_EVENT_ROOM_STATUS_CHANGED
        ]
    );
    let member = events[1].member;
    assert_eq!(
        (member.kind, member.number),
        (FRAMESEAL_MEMBER_APPLICATION, ALICE)
    );
    assert_eq!(events[1].level, FRAMESEAL_STATUS_END_TO_END);
    assert_eq!(watch.deadline(), Some(10_005), "it will be stale");
    watch.observe(20, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    let told = watch.events(20);
    assert_eq!(
        (told[0].kind, told[0].key_id),
        (FRAMESEAL_EVENT_UNKNOWN_KEY_ID, 7)
    );
}

#[test]
fn a_key_that_is_nearly_used_up_is_told_once() {
    let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
    let config = frameseal_encryptor_config {
        struct_size: size_of::<frameseal_encryptor_config>(),
        max_frames: 8,
        max_bytes: 0,
        backend: FRAMESEAL_BACKEND_DEFAULT,
    };
    let sender = Sender::with_key(GCM, 7);
    let observe = |key_id| {
        let config = &raw const config;
        // SAFETY: live handles and a configuration.
        unsafe { frameseal_monitor_observe_encryptor(watch.0, sender.0, key_id, config) }
    };
    let near = |now| {
        let events = watch.events(now);
        let near = events
            .iter()
            .filter(|event| event.kind == FRAMESEAL_EVENT_USAGE_LIMIT_NEAR);
        near.map(|event| event.key_id).collect::<Vec<_>>()
    };
    assert_eq!(observe(8), FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    for frame in 0..8 {
        assert_eq!((observe(7), near(0)), (FRAMESEAL_OK, vec![]), "{frame}");
        sender.encrypt(b"", b"frame").unwrap();
        if frame == 6 {
            break;
        }
    }
    assert_eq!((observe(7), near(0)), (FRAMESEAL_OK, vec![7]));
    assert_eq!((observe(7), near(0)), (FRAMESEAL_OK, vec![]));

    let mut config = super::participant::keys_config(GCM).unwrap();
    config.max_frames = 1;
    let keys = Participant::with_config(&config).unwrap();
    // SAFETY: live handles.
    let observe = || unsafe { frameseal_monitor_observe_sender_keys(watch.0, keys.0) };
    assert_eq!(observe(), FRAMESEAL_ERROR_NO_SENDING_KEY);
    assert_eq!(keys.start(8, 2, &BASE_KEY), FRAMESEAL_OK);
    assert_eq!((observe(), near(0)), (FRAMESEAL_OK, vec![]));
    keys.encrypt(b"frame").unwrap();
    assert_eq!((observe(), near(0)), (FRAMESEAL_OK, vec![0x200]));
}

#[test]
fn frames_pass_in_the_clear_only_by_name_and_for_a_while() {
    let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
    assert_eq!(watch.pass(0, b"plain"), Err(REFUSED));
    assert_eq!(
        watch.pass(0, &[0xf8, 0xff, 0xfe]),
        Ok(FRAMESEAL_PLAIN_INJECTED)
    );
    assert_eq!(watch.allow(0, FRAMESEAL_MAX_PASSTHROUGH_MS + 1), INVALID);
    assert_eq!(watch.allow(0, 1000), FRAMESEAL_OK);
    assert_eq!(watch.in_the_clear(0), (1, 0));
    assert_eq!(watch.pass(999, b"plain"), Ok(FRAMESEAL_PLAIN_PASSTHROUGH));
    assert_eq!(watch.status(999).0, FRAMESEAL_STATUS_TRANSPORT_ONLY);
    assert_eq!(watch.pass(1000, b"plain"), Err(REFUSED));
    assert_eq!(watch.allow(1000, 1000), FRAMESEAL_OK);
    // SAFETY: a live handle.
    let ended = unsafe { frameseal_monitor_end_passthrough(watch.0, ALICE) };
    assert_eq!(
        (ended, watch.pass(1001, b"plain")),
        (FRAMESEAL_OK, Err(REFUSED))
    );
    watch.observe(1002, FRAMESEAL_OK);
    assert_eq!(watch.allow(1003, 1000), REFUSED, "closed for good");
    // SAFETY: a live handle.
    let downgraded = unsafe { frameseal_monitor_downgrade(watch.0, ALICE) };
    assert_eq!(
        (downgraded, watch.allow(1003, 1000)),
        (FRAMESEAL_OK, FRAMESEAL_OK)
    );
    let events = watch.events(1003);
    assert!(
        events
            .iter()
            .any(|event| event.kind == FRAMESEAL_EVENT_DOWNGRADE)
    );
    let stats = watch.stats(ALICE).unwrap();
    assert_eq!((stats.passed, stats.injected), (1, 1));

    let strict = Watch::new(FRAMESEAL_POLICY_STRICT);
    assert_eq!(strict.allow(0, 1), REFUSED);
    // SAFETY: a live handle.
    let result = unsafe { frameseal_monitor_downgrade(strict.0, ALICE) };
    assert_eq!(result, REFUSED);
}

#[test]
fn we_send_in_the_clear_only_until_we_encrypt() {
    let watch = Watch::new(FRAMESEAL_POLICY_STANDARD);
    // SAFETY: a live handle.
    let send = |now| unsafe { frameseal_monitor_send_in_the_clear(watch.0, now) };
    // SAFETY: a live handle.
    let allow = |now| unsafe { frameseal_monitor_allow_sending_in_the_clear(watch.0, now, 1000) };
    assert_eq!(
        (send(0), allow(0), send(0)),
        (REFUSED, FRAMESEAL_OK, FRAMESEAL_OK)
    );
    assert_eq!(watch.in_the_clear(0), (1, 1));
    assert_eq!(watch.room(0), FRAMESEAL_STATUS_TRANSPORT_ONLY);
    // SAFETY: a live handle.
    let sent = unsafe { frameseal_monitor_observe_sent(watch.0, 10) };
    assert_eq!(
        (sent, send(10), allow(10)),
        (FRAMESEAL_OK, REFUSED, REFUSED)
    );
    // SAFETY: a live handle.
    let downgraded = unsafe { frameseal_monitor_downgrade_sending(watch.0) };
    assert_eq!(
        (downgraded, allow(20), send(20)),
        (FRAMESEAL_OK, FRAMESEAL_OK, FRAMESEAL_OK)
    );
    let events = watch.events(20);
    let told = FRAMESEAL_EVENT_SENDING_DOWNGRADE;
    assert!(events.iter().any(|event| event.kind == told));
}

#[test]
fn policies_that_do_not_exist_are_refused_and_the_time_can_be_chosen() {
    for policy in [0, 3, u32::MAX] {
        let mut handle = ptr::null_mut();
        // SAFETY: a place for a handle.
        let result = unsafe { frameseal_monitor_new(policy, 0, &raw mut handle) };
        assert_eq!((result, handle), (INVALID, ptr::null_mut()));
    }
    let mut handle = ptr::null_mut();
    // SAFETY: a place for a handle.
    let result = unsafe { frameseal_monitor_new(1, 50, &raw mut handle) };
    assert_eq!(result, FRAMESEAL_OK);
    let watch = Watch(handle);
    // SAFETY: a live handle.
    let result = unsafe { frameseal_monitor_add_member(watch.0, ALICE) };
    assert_eq!(result, FRAMESEAL_OK);
    watch.observe(0, FRAMESEAL_OK);
    assert_eq!(watch.status(49).0, FRAMESEAL_STATUS_END_TO_END);
    assert_eq!(watch.status(50).0, FRAMESEAL_STATUS_STALE);
}
