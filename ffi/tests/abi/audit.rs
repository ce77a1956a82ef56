//! Audit records: made of events as they are polled, and written as JSON.

use std::ffi::CStr;
use std::ptr;

use super::capi::*;
use super::device::{Device, id, no_event};

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;

fn no_record() -> frameseal_audit_record {
    frameseal_audit_record {
        struct_size: size_of::<frameseal_audit_record>(),
        at_ms: 99,
        epoch: 99,
        count: 99,
        kind: 99,
        level: 99,
        reason: 99,
        has_epoch: 99,
        has_status: 99,
        has_count: 99,
    }
}

fn record_of(event: &frameseal_event) -> Result<frameseal_audit_record, frameseal_result> {
    let mut record = no_record();
    // SAFETY: structures that say their size.
    match unsafe { frameseal_audit_record_of_event(event, 50, &raw mut record) } {
        FRAMESEAL_OK => Ok(record),
        error => {
            assert_eq!((record.kind, record.has_count), (99, 99));
            Err(error)
        }
    }
}

/// In a buffer of so many bytes; the number that was told.
fn json_in(capacity: usize, record: &frameseal_audit_record) -> (i32, Vec<u8>, usize) {
    let (mut out, mut len) = (vec![0xee; capacity], 99);
    let start = out.as_mut_ptr().cast();
    // SAFETY: a structure that says its size, a buffer and a place for the length.
    let result = unsafe { frameseal_audit_record_json(record, start, capacity, &raw mut len) };
    (result, out, len)
}

fn json(record: &frameseal_audit_record) -> String {
    let (result, out, len) = json_in(200, record);
    assert_eq!((result, out[len]), (FRAMESEAL_OK, 0));
    String::from_utf8(out[..len].to_vec()).unwrap()
}

#[test]
fn a_call_is_recorded_without_anybody_in_it() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    bob.decrypt(5, &alice.encrypt(5, b"hello").unwrap())
        .unwrap();
    assert_eq!(bob.add(7, 2, &[1]), FRAMESEAL_OK, "alice is removed");
    let events = bob.events(30);
    let records: Vec<_> = events
        .iter()
        .map(|event| record_of(event).unwrap())
        .collect();
    let told: Vec<_> = records.iter().map(json).collect();
    for expected in [
        r#"{"at_ms":50,"kind":"epoch-added","epoch":1}"#,
        r#"{"at_ms":50,"kind":"member-first-heard"}"#,
        r#"{"at_ms":7,"kind":"send-cut-off","epoch":2}"#,
    ] {
        assert!(told.iter().any(|json| json == expected), "{told:#?}");
    }
    let status = told
        .iter()
        .find(|json| json.contains("room-status-changed"));
    let status = status.unwrap();
    assert!(status.contains(r#""status":"#) && status.contains(r#""reason":"#));
    for (event, record) in events.iter().zip(&records) {
        assert_eq!((record.kind, record.has_count), (event.kind, 0));
        let epoch = (record.has_epoch == 1).then_some(record.epoch);
        assert_eq!(epoch, (event.epoch.group > 0).then_some(event.epoch.epoch));
    }
}

#[test]
fn counts_and_statuses_are_kept() {
    let mut event = no_event();
    event.kind = FRAMESEAL_EVENT_UNKNOWN_KEY_ID;
    event.count = 4;
    let record = record_of(&event).unwrap();
    assert_eq!((record.count, record.has_count, record.at_ms), (4, 1, 50));
    assert_eq!((record.epoch, record.has_epoch), (0, 0));
    assert_eq!(
        json(&record),
        r#"{"at_ms":50,"kind":"unknown-key-id","count":4}"#
    );
    event.kind = FRAMESEAL_EVENT_ROOM_STATUS_CHANGED;
    (event.level, event.reason) = (FRAMESEAL_STATUS_STALE, FRAMESEAL_REASON_SILENT);
    let record = record_of(&event).unwrap();
    assert_eq!((record.level, record.reason, record.has_status), (40, 7, 1));
    let expected =
        r#"{"at_ms":50,"kind":"room-status-changed","status":"stale","reason":"silent"}"#;
    assert_eq!(json(&record), expected);
}

#[test]
fn what_is_no_event_and_no_record_is_refused() {
    let mut event = no_event();
    for kind in [FRAMESEAL_EVENT_NONE, 18, u32::MAX] {
        event.kind = kind;
        assert_eq!(record_of(&event).map(|_| ()), Err(INVALID), "{kind}");
    }
    event.kind = FRAMESEAL_EVENT_ROOM_STATUS_CHANGED;
    assert_eq!(record_of(&event).map(|_| ()), Err(INVALID), "no such level");
    event.kind = FRAMESEAL_EVENT_EPOCH_ADDED;
    event.epoch = id(3);
    let mut record = record_of(&event).unwrap();
    record.has_epoch = 0;
    assert_eq!(json_in(200, &record).0, INVALID);
    record.has_epoch = 1;
    record.struct_size -= 1;
    assert_eq!(json_in(200, &record).0, INVALID);
    // SAFETY: pointers that are refused before they are used.
    let null = unsafe {
        [
            frameseal_audit_record_of_event(ptr::null(), 0, &raw mut record),
            frameseal_audit_record_of_event(&raw const event, 0, ptr::null_mut()),
            frameseal_audit_record_json(
                ptr::null(),
                ptr::null_mut(),
                0,
                &raw mut record.struct_size,
            ),
            frameseal_audit_record_json(&raw const record, ptr::null_mut(), 0, ptr::null_mut()),
        ]
    };
    assert_eq!(null, [INVALID; 4]);
}

#[test]
fn json_that_does_not_fit_is_not_written() {
    let mut event = no_event();
    event.kind = FRAMESEAL_EVENT_REKEY_NEEDED;
    let record = record_of(&event).unwrap();
    let expected = r#"{"at_ms":50,"kind":"rekey-needed"}"#;
    let needed = expected.len() + 1;
    for capacity in [0, 1, needed - 1] {
        let (result, out, len) = json_in(capacity, &record);
        assert_eq!((result, len), (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, needed));
        assert!(out.iter().all(|byte| *byte == 0xee));
    }
    assert_eq!(json_in(needed, &record).0, FRAMESEAL_OK);
    assert_eq!(json(&record), expected);
}

#[test]
fn kinds_have_stable_names() {
    let name = |kind| {
        // SAFETY: a static text, ended by a zero byte.
        unsafe { CStr::from_ptr(frameseal_audit_kind_name(kind)) }
    };
    assert_eq!(name(FRAMESEAL_EVENT_SEND_CUT_OFF), c"send-cut-off");
    for kind in [0, 18, u32::MAX] {
        assert_eq!(name(kind), c"unknown");
    }
}
