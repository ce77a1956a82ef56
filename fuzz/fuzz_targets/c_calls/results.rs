//! Which results the header file names for the functions of which the model does not demand a
//! single one. All may answer OK and `FRAMESEAL_ERROR_INVALID_ARGUMENT`; none may answer
//! `FRAMESEAL_ERROR_INTERNAL`, nor `FRAMESEAL_ERROR_FORKED` where nobody forks.

pub(crate) const OK: i32 = 0;
pub(crate) const SYNTAX: i32 = 1;
pub(crate) const UNKNOWN_KEY_ID: i32 = 2;
pub(crate) const AUTHENTICATION: i32 = 3;
pub(crate) const REPLAY: i32 = 4;
pub(crate) const COUNTER_EXHAUSTED: i32 = 5;
pub(crate) const USAGE_LIMIT: i32 = 7;
pub(crate) const KEY_ID_IN_USE: i32 = 8;
pub(crate) const NO_SENDING_KEY: i32 = 9;
pub(crate) const CAPACITY: i32 = 10;
pub(crate) const BUFFER_TOO_SMALL: i32 = 11;
pub(crate) const HEADROOM_TOO_SMALL: i32 = 12;
pub(crate) const POLICY: i32 = 13;
pub(crate) const INVALID: i32 = 14;
pub(crate) const EPOCH_FORK: i32 = 17;
pub(crate) const EPOCH_TOO_OLD: i32 = 18;
pub(crate) const UNKNOWN_EPOCH: i32 = 19;
pub(crate) const UNKNOWN_MEMBER: i32 = 20;
pub(crate) const PASSTHROUGH_REFUSED: i32 = 21;
pub(crate) const GENERATION_TOO_OLD: i32 = 22;
pub(crate) const NOTHING_TO_WAIT_FOR: i32 = 23;

/// The function without `frameseal_`, and what it may answer besides.
const TABLE: &[(&str, &[i32])] = &[
    ("epoch_manager_new", &[]),
    ("epoch_manager_add_epoch", &[EPOCH_FORK, EPOCH_TOO_OLD]),
    ("epoch_manager_peer_ready", &[UNKNOWN_EPOCH, UNKNOWN_MEMBER]),
    ("epoch_manager_activate", &[UNKNOWN_EPOCH, EPOCH_TOO_OLD]),
    ("epoch_manager_sending_epoch", &[UNKNOWN_EPOCH]),
    ("epoch_manager_member_at", &[UNKNOWN_MEMBER]),
    ("epoch_manager_members", &[BUFFER_TOO_SMALL]),
    ("epoch_manager_epoch_stats", &[UNKNOWN_EPOCH]),
    ("epoch_manager_poll_event", &[]),
    ("epoch_manager_next_deadline", &[]),
    ("epoch_manager_statuses", &[BUFFER_TOO_SMALL]),
    ("epoch_manager_set_verified", &[UNKNOWN_MEMBER]),
    ("epoch_manager_set_epoch_verified", &[UNKNOWN_EPOCH]),
    ("epoch_manager_member_stats", &[UNKNOWN_MEMBER]),
    ("epoch_manager_prepare", &[UNKNOWN_MEMBER, POLICY]),
    ("epoch_manager_visible_config", &[]),
    (
        "epoch_manager_allow_passthrough",
        &[PASSTHROUGH_REFUSED, UNKNOWN_MEMBER],
    ),
    ("epoch_manager_end_passthrough", &[UNKNOWN_MEMBER]),
    (
        "epoch_manager_downgrade",
        &[PASSTHROUGH_REFUSED, UNKNOWN_MEMBER],
    ),
    ("epoch_manager_pass", &[PASSTHROUGH_REFUSED, UNKNOWN_MEMBER]),
    (
        "epoch_manager_allow_sending_in_the_clear",
        &[PASSTHROUGH_REFUSED],
    ),
    ("epoch_manager_downgrade_sending", &[PASSTHROUGH_REFUSED]),
    ("epoch_manager_send_in_the_clear", &[PASSTHROUGH_REFUSED]),
    ("stream_open", &[CAPACITY]),
    ("stream_prepare", &[NO_SENDING_KEY, POLICY]),
    (
        "stream_sealed_len",
        &[NO_SENDING_KEY, POLICY, COUNTER_EXHAUSTED, USAGE_LIMIT],
    ),
    (
        "stream_encrypt",
        &[
            BUFFER_TOO_SMALL,
            NO_SENDING_KEY,
            POLICY,
            COUNTER_EXHAUSTED,
            USAGE_LIMIT,
        ],
    ),
    (
        "stream_encrypt_in_place",
        &[
            HEADROOM_TOO_SMALL,
            BUFFER_TOO_SMALL,
            NO_SENDING_KEY,
            POLICY,
            COUNTER_EXHAUSTED,
            USAGE_LIMIT,
        ],
    ),
    (
        "receiver_decrypt",
        &[
            SYNTAX,
            REPLAY,
            UNKNOWN_KEY_ID,
            POLICY,
            AUTHENTICATION,
            BUFFER_TOO_SMALL,
        ],
    ),
    ("receiver_payload_len", &[SYNTAX]),
    ("sender_keys_payload_len", &[SYNTAX]),
    (
        "sender_keys_start_sending",
        &[GENERATION_TOO_OLD, KEY_ID_IN_USE],
    ),
    ("sender_keys_ratchet", &[NO_SENDING_KEY, KEY_ID_IN_USE]),
    (
        "sender_keys_announce",
        &[NO_SENDING_KEY, GENERATION_TOO_OLD, KEY_ID_IN_USE],
    ),
    (
        "sender_keys_roll",
        &[NO_SENDING_KEY, GENERATION_TOO_OLD, KEY_ID_IN_USE],
    ),
    ("sender_keys_stop_sending", &[]),
    (
        "sender_keys_joiner_key",
        &[NO_SENDING_KEY, BUFFER_TOO_SMALL],
    ),
    (
        "sender_keys_sealed_len",
        &[NO_SENDING_KEY, COUNTER_EXHAUSTED, USAGE_LIMIT],
    ),
    (
        "sender_keys_encrypt",
        &[
            BUFFER_TOO_SMALL,
            NO_SENDING_KEY,
            COUNTER_EXHAUSTED,
            USAGE_LIMIT,
        ],
    ),
    (
        "sender_keys_encrypt_in_place",
        &[
            HEADROOM_TOO_SMALL,
            BUFFER_TOO_SMALL,
            NO_SENDING_KEY,
            COUNTER_EXHAUSTED,
            USAGE_LIMIT,
        ],
    ),
    (
        "sender_keys_decrypt",
        &[
            UNKNOWN_MEMBER,
            SYNTAX,
            REPLAY,
            POLICY,
            UNKNOWN_KEY_ID,
            AUTHENTICATION,
            BUFFER_TOO_SMALL,
        ],
    ),
    (
        "sender_keys_add_member",
        &[KEY_ID_IN_USE, GENERATION_TOO_OLD],
    ),
    (
        "sender_keys_add_generation",
        &[UNKNOWN_MEMBER, GENERATION_TOO_OLD, KEY_ID_IN_USE],
    ),
    ("sender_keys_remove_member", &[UNKNOWN_MEMBER]),
    ("sender_keys_own_key", &[NO_SENDING_KEY]),
    (
        "sender_keys_seal_joiner_key",
        &[NO_SENDING_KEY, BUFFER_TOO_SMALL],
    ),
    ("base_key_seal", &[BUFFER_TOO_SMALL]),
    (
        "sealed_key_open",
        &[AUTHENTICATION, GENERATION_TOO_OLD, BUFFER_TOO_SMALL],
    ),
    ("monitor_remove_member", &[UNKNOWN_MEMBER]),
    ("monitor_observe", &[UNKNOWN_MEMBER]),
    (
        "monitor_allow_passthrough",
        &[PASSTHROUGH_REFUSED, UNKNOWN_MEMBER],
    ),
    (
        "holding_buffer_hold_for_receiver",
        &[SYNTAX, CAPACITY, NOTHING_TO_WAIT_FOR],
    ),
    ("holding_buffer_open_with_receiver", &[BUFFER_TOO_SMALL]),
    ("holding_buffer_drop_next", &[UNKNOWN_KEY_ID]),
    ("inspect", &[]),
    ("visible_item_at", &[]),
    ("visible_json", &[BUFFER_TOO_SMALL]),
    ("audit_record_of_event", &[]),
    ("audit_record_json", &[BUFFER_TOO_SMALL]),
    ("monitor_statuses", &[BUFFER_TOO_SMALL]),
    ("monitor_set_verified", &[UNKNOWN_MEMBER]),
    ("verification_code_for_epoch", &[BUFFER_TOO_SMALL]),
    ("verification_code_for_pair", &[BUFFER_TOO_SMALL]),
];

/// The result, if the header file names it for this function.
#[track_caller]
pub(crate) fn documented(function: &str, result: i32) -> i32 {
    let line = TABLE.iter().find(|(name, _)| *name == function);
    let (_, named) = line.expect("a function of the table");
    assert!(
        result == OK || result == INVALID || named.contains(&result),
        "{function} answered {result}, which its comment does not name"
    );
    result
}
