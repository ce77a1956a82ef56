// What an EpochManager or a Monitor tells, and what an operator may keep of it.
#ifndef FRAMESEAL_EVENT_HPP
#define FRAMESEAL_EVENT_HPP

#include "status.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Something that the application may want to act upon. Which fields count is said at the number of
// its kind in frameseal.h; the others are zeros, also where that is no level or epoch.
struct Event {
    EventKind kind = EventKind::none;
    Status status;
    EpochId epoch;
    std::optional<MemberId> member; // none of an event that is about nobody
    std::uint64_t key_id = 0;
    std::uint64_t count = 0;
    Millis at{};
};

namespace detail {

inline Event from(const frameseal_event &c) noexcept {
    const bool about_nobody = c.member.kind == FRAMESEAL_MEMBER_NONE;
    return {static_cast<EventKind>(c.kind), from(c.level, c.reason), from(c.epoch),
            about_nobody ? std::nullopt : std::optional<MemberId>(from(c.member)),
            c.key_id, c.count, Millis(c.at_ms)};
}

inline frameseal_event raw(const Event &event) noexcept {
    auto c = sized<frameseal_event>();
    c.kind = static_cast<frameseal_event_kind>(event.kind);
    c.level = static_cast<frameseal_encryption_status>(event.status.level);
    c.reason = static_cast<frameseal_status_reason>(event.status.reason);
    c.epoch = raw(event.epoch);
    c.member = raw(event.member.value_or(MemberId()));
    c.key_id = event.key_id;
    c.count = event.count;
    c.at_ms = event.at.count();
    return c;
}

inline Result<std::optional<Event>> polled(frameseal_result result, const frameseal_event &c) {
    const bool none = c.kind == FRAMESEAL_EVENT_NONE;
    return answer(result, none ? std::nullopt : std::optional<Event>(from(c)));
}

// Takes events until there is none.
template <typename Object, typename Handler>
Result<void> poll_all(Object &object, Millis now, Handler &&handler) {
    for (;;) {
        const Result<std::optional<Event>> event = object.poll_event(now);
        if (!event) {
            return event.error();
        }
        if (!event->has_value()) {
            return {};
        }
        handler(**event);
    }
}

} // namespace detail

// One event, without anything that names a person, a device, a group or a key.
struct AuditRecord {
    Millis at{}; // not the time of day
    EventKind kind = EventKind::none;
    std::optional<std::uint64_t> epoch;
    std::optional<Status> status;
    std::optional<std::uint64_t> count;

    // Of an event that was polled at `now`.
    static Result<AuditRecord> of(const Event &event, Millis now) {
        const auto c_event = detail::raw(event);
        auto c = detail::sized<frameseal_audit_record>();
        const auto result = frameseal_audit_record_of_event(&c_event, now.count(), &c);
        AuditRecord record;
        record.at = Millis(c.at_ms);
        record.kind = static_cast<EventKind>(c.kind);
        if (c.has_epoch != 0) {
            record.epoch = c.epoch;
        }
        if (c.has_status != 0) {
            record.status = detail::from(c.level, c.reason);
        }
        if (c.has_count != 0) {
            record.count = c.count;
        }
        return detail::answer(result, record);
    }

    // As one JSON object.
    Result<std::string> json() const {
        return detail::to_string([this](char *out, std::size_t capacity, std::size_t *len) {
            const auto c = raw();
            return frameseal_audit_record_json(&c, out, capacity, len);
        });
    }
    // The same, into `out` with a zero behind it; answers the length without that.
    Result<std::size_t> json(char *out, std::size_t capacity) const {
        const auto c = raw();
        std::size_t len = 0;
        const auto result = frameseal_audit_record_json(&c, out, capacity, &len);
        return detail::text_len(result, len);
    }

private:
    frameseal_audit_record raw() const noexcept {
        auto c = detail::sized<frameseal_audit_record>();
        c.at_ms = at.count();
        c.kind = static_cast<frameseal_event_kind>(kind);
        c.has_epoch = epoch.has_value() ? 1 : 0;
        c.epoch = epoch.value_or(0);
        c.has_status = status.has_value() ? 1 : 0;
        if (status.has_value()) {
            c.level = static_cast<frameseal_encryption_status>(status->level);
            c.reason = static_cast<frameseal_status_reason>(status->reason);
        }
        c.has_count = count.has_value() ? 1 : 0;
        c.count = count.value_or(0);
        return c;
    }
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
