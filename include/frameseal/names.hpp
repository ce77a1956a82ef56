// The numbers that the library answers and is told, by name. Later versions may add some: a
// `switch` needs a `default`. What each means stands at the number of the same name in frameseal.h.
#ifndef FRAMESEAL_NAMES_HPP
#define FRAMESEAL_NAMES_HPP

#include "suite.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// How well media is protected: the larger, the better. `unknown` is 30, not 0.
enum class StatusLevel : frameseal_encryption_status {
    broken = FRAMESEAL_STATUS_BROKEN,
    transport_only = FRAMESEAL_STATUS_TRANSPORT_ONLY,
    unknown = FRAMESEAL_STATUS_UNKNOWN,
    stale = FRAMESEAL_STATUS_STALE,
    overlap_after_removal = FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL,
    end_to_end = FRAMESEAL_STATUS_END_TO_END,
    end_to_end_verified = FRAMESEAL_STATUS_END_TO_END_VERIFIED,
};

// Why a status is what it is.
enum class StatusReason : frameseal_status_reason {
    other = FRAMESEAL_REASON_OTHER,
    authenticated = FRAMESEAL_REASON_AUTHENTICATED,
    verified = FRAMESEAL_REASON_VERIFIED,
    nothing_received = FRAMESEAL_REASON_NOTHING_RECEIVED,
    passthrough = FRAMESEAL_REASON_PASSTHROUGH,
    does_not_authenticate = FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE,
    no_key = FRAMESEAL_REASON_NO_KEY,
    silent = FRAMESEAL_REASON_SILENT,
    removed_member_has_keys = FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS,
    sending_in_the_clear = FRAMESEAL_REASON_SENDING_IN_THE_CLEAR,
    epoch_too_old = FRAMESEAL_REASON_EPOCH_TOO_OLD,
};

// What a call insists on.
enum class Policy : frameseal_policy {
    standard = FRAMESEAL_POLICY_STANDARD,
    strict = FRAMESEAL_POLICY_STRICT,
};

// When sending moves to a new epoch. A removal moves it at once, whatever is chosen.
enum class SendSwitch : frameseal_send_switch {
    when_ready = FRAMESEAL_SEND_WHEN_READY,
    after = FRAMESEAL_SEND_AFTER,
    at_key_frame = FRAMESEAL_SEND_AT_KEY_FRAME,
    when_told = FRAMESEAL_SEND_WHEN_TOLD,
};

// What a stream carries: audio, or video with its key frames.
enum class StreamKind : frameseal_stream_kind {
    independent = FRAMESEAL_STREAM_INDEPENDENT,
    key_frames = FRAMESEAL_STREAM_KEY_FRAMES,
};

// What happened. Which fields of an Event count is said there for each.
enum class EventKind : frameseal_event_kind {
    none = FRAMESEAL_EVENT_NONE,
    key_frame_needed = FRAMESEAL_EVENT_KEY_FRAME_NEEDED,
    member_first_heard = FRAMESEAL_EVENT_MEMBER_FIRST_HEARD,
    status_changed = FRAMESEAL_EVENT_STATUS_CHANGED,
    room_status_changed = FRAMESEAL_EVENT_ROOM_STATUS_CHANGED,
    epoch_added = FRAMESEAL_EVENT_EPOCH_ADDED,
    epoch_activated = FRAMESEAL_EVENT_EPOCH_ACTIVATED,
    epoch_retired = FRAMESEAL_EVENT_EPOCH_RETIRED,
    send_cut_off = FRAMESEAL_EVENT_SEND_CUT_OFF,
    receive_overlap_ended = FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED,
    downgrade = FRAMESEAL_EVENT_DOWNGRADE,
    replay_burst = FRAMESEAL_EVENT_REPLAY_BURST,
    forgery_limit = FRAMESEAL_EVENT_FORGERY_LIMIT,
    usage_limit_near = FRAMESEAL_EVENT_USAGE_LIMIT_NEAR,
    rekey_needed = FRAMESEAL_EVENT_REKEY_NEEDED,
    unknown_key_id = FRAMESEAL_EVENT_UNKNOWN_KEY_ID,
    merged = FRAMESEAL_EVENT_MERGED,
    sending_downgrade = FRAMESEAL_EVENT_SENDING_DOWNGRADE,
};

// Who a MemberId names: a leaf of an MLS group, or a number of the application.
enum class MemberKind : std::uint32_t {
    none = FRAMESEAL_MEMBER_NONE,
    leaf = FRAMESEAL_MEMBER_LEAF,
    application = FRAMESEAL_MEMBER_APPLICATION,
};

// Why a frame in the clear may be played.
enum class Plain : frameseal_plain {
    injected = FRAMESEAL_PLAIN_INJECTED,
    passthrough = FRAMESEAL_PLAIN_PASSTHROUGH,
};

// How the key ids of a call are made.
enum class Keying : frameseal_keying {
    plain = FRAMESEAL_KEYING_PLAIN,
    sender_keys = FRAMESEAL_KEYING_SENDER_KEYS,
    mls = FRAMESEAL_KEYING_MLS,
};

// Whether bytes can be a frame of a call, and why not.
enum class Verdict : frameseal_verdict {
    other = FRAMESEAL_VERDICT_OTHER,
    possible = FRAMESEAL_VERDICT_POSSIBLE,
    syntax = FRAMESEAL_VERDICT_SYNTAX,
    no_such_leaf = FRAMESEAL_VERDICT_NO_SUCH_LEAF,
    no_such_context = FRAMESEAL_VERDICT_NO_SUCH_CONTEXT,
};

// Something that a server may see.
enum class VisibleId : frameseal_visible_id {
    key_ids = FRAMESEAL_VISIBLE_KEY_IDS,
    sender_index = FRAMESEAL_VISIBLE_SENDER_INDEX,
    epoch_count = FRAMESEAL_VISIBLE_EPOCH_COUNT,
    stream_context = FRAMESEAL_VISIBLE_STREAM_CONTEXT,
    generation = FRAMESEAL_VISIBLE_GENERATION,
    ratchet_steps = FRAMESEAL_VISIBLE_RATCHET_STEPS,
    frame_counters = FRAMESEAL_VISIBLE_FRAME_COUNTERS,
    frame_sizes = FRAMESEAL_VISIBLE_FRAME_SIZES,
    timing = FRAMESEAL_VISIBLE_TIMING,
    suite_overhead = FRAMESEAL_VISIBLE_SUITE_OVERHEAD,
    clear_bytes = FRAMESEAL_VISIBLE_CLEAR_BYTES,
    media_in_the_clear = FRAMESEAL_VISIBLE_MEDIA_IN_THE_CLEAR,
    membership = FRAMESEAL_VISIBLE_MEMBERSHIP,
    transport_headers = FRAMESEAL_VISIBLE_TRANSPORT_HEADERS,
    network_addresses = FRAMESEAL_VISIBLE_NETWORK_ADDRESSES,
};

// Short English texts for logs, also for numbers that do not exist.
inline const char *text(ErrorCode code) noexcept {
    return frameseal_result_text(static_cast<frameseal_result>(code));
}
inline const char *text(StatusLevel level) noexcept {
    return frameseal_status_text(static_cast<frameseal_encryption_status>(level));
}
inline const char *text(StatusReason reason) noexcept {
    return frameseal_status_reason_text(static_cast<frameseal_status_reason>(reason));
}
inline const char *text(EventKind kind) noexcept {
    return frameseal_event_text(static_cast<frameseal_event_kind>(kind));
}
inline const char *text(Verdict verdict) noexcept {
    return frameseal_verdict_text(static_cast<frameseal_verdict>(verdict));
}
// A stable name, such as "epoch-added": what stands in the JSON of an AuditRecord.
inline const char *name(EventKind kind) noexcept {
    return frameseal_audit_kind_name(static_cast<frameseal_event_kind>(kind));
}

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
