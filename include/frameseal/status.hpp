// Who is protected how well, and what their frames did.
#ifndef FRAMESEAL_STATUS_HPP
#define FRAMESEAL_STATUS_HPP

#include "names.hpp"
#include "ordered.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// An epoch of an MLS group (RFC 9420), by its full number. `group` is the application's, and goes
// up when the group is made anew, so that later epochs are greater.
struct EpochId {
    std::uint64_t group = 0;
    std::uint64_t epoch = 0;

    // Its comparisons and hash, as of MemberId, are those of ordered.hpp.
    auto tied() const noexcept { return std::tie(group, epoch); }
};

// A member of a call. Whoever comes to a leaf that somebody left is another member, with another
// `joined`.
struct MemberId {
    MemberKind kind = MemberKind::none;
    std::uint64_t group = 0;
    std::uint64_t joined = 0; // the epoch in which the member was first seen on this leaf
    std::uint32_t index = 0;  // the leaf
    std::uint64_t number = 0; // the application's, with MemberKind::application

    auto tied() const noexcept { return std::tie(kind, group, joined, index, number); }
};

struct Status {
    StatusLevel level = StatusLevel::unknown;
    StatusReason reason = StatusReason::other;

    friend bool operator==(const Status &a, const Status &b) noexcept {
        return a.level == b.level && a.reason == b.reason;
    }
    friend bool operator!=(const Status &a, const Status &b) noexcept { return !(a == b); }
};

// The same, for programs in which another header makes a macro of its name.
using EncryptionStatus = Status;

struct MemberStatus {
    MemberId member;
    Status status;
};

// Somebody who is in the newest epoch.
struct PresentMember {
    MemberId member;
    std::vector<std::uint8_t> identity;
};

// What frames of one member, or of one epoch, did.
struct FrameStats {
    std::uint64_t opened;
    std::uint64_t failed_opens;
    std::uint64_t replayed;
    std::uint64_t passed;   // in the clear, as the application allowed
    std::uint64_t injected; // by a server, as the application allowed
    std::optional<Millis> last_authenticated;
};

namespace detail {

inline frameseal_epoch_id raw(const EpochId &id) noexcept {
    return {id.group, id.epoch};
}
inline EpochId from(const frameseal_epoch_id &c) noexcept {
    return {c.group, c.epoch};
}
inline frameseal_member_id raw(const MemberId &id) noexcept {
    return {id.group, id.joined, id.index, static_cast<std::uint32_t>(id.kind), id.number};
}
inline MemberId from(const frameseal_member_id &c) noexcept {
    return {static_cast<MemberKind>(c.kind), c.group, c.joined, c.index, c.number};
}
inline Status from(frameseal_encryption_status level, frameseal_status_reason reason) noexcept {
    return {static_cast<StatusLevel>(level), static_cast<StatusReason>(reason)};
}
inline MemberStatus from(const frameseal_member_status &c) noexcept {
    return {from(c.member), from(c.level, c.reason)};
}
inline PresentMember from(const frameseal_present_member &c) {
    return {from(c.member), {c.identity, c.identity + c.identity_len}};
}
inline FrameStats from(const frameseal_frame_stats &c) noexcept {
    return {c.opened,   c.failed_opens,
            c.replayed, c.passed,
            c.injected, c.has_last_authenticated != 0 ? std::optional<Millis>(c.last_authenticated_ms)
                                                      : std::nullopt};
}

// A list in the C library's structures, as one of ours.
template <typename T, typename C>
Result<std::vector<T>> converted(const Result<std::vector<C>> &list) {
    if (!list) {
        return list.error();
    }
    std::vector<T> entries;
    entries.reserve(list->size());
    for (const C &c : *list) {
        entries.push_back(from(c));
    }
    return Result<std::vector<T>>(std::move(entries));
}

} // namespace detail
} // namespace FRAMESEAL_MODE
} // namespace frameseal

template <>
struct std::hash<frameseal::EpochId> : frameseal::detail::Hash<frameseal::EpochId> {};
template <>
struct std::hash<frameseal::MemberId> : frameseal::detail::Hash<frameseal::MemberId> {};

#endif
