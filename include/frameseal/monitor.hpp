// Who is protected how well, where the application brings the keys or members have sender keys. An
// EpochManager has one inside.
#ifndef FRAMESEAL_MONITOR_HPP
#define FRAMESEAL_MONITOR_HPP

#include "encryptor.hpp"
#include "event.hpp"
#include "holding_buffer.hpp"
#include "sender_keys.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Holds no keys and sees no frames: the application shows it the result of every call that opened
// or sealed one. Members are numbers of the application, and nobody else in the call gets one
// again; what names somebody who is none answers ErrorCode::unknown_member.
class Monitor : public detail::Handle<frameseal_monitor, frameseal_monitor_free> {
public:
    // After `stale_after` without a frame a status expires; 0 is for the default, 10 seconds.
    static Result<Monitor> create(Policy policy, Millis stale_after = Millis(0)) {
        frameseal_monitor *handle = nullptr;
        const auto result = frameseal_monitor_new(static_cast<frameseal_policy>(policy),
                                                  stale_after.count(), &handle);
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return Monitor(handle);
    }

    Result<void> add_member(std::uint64_t member) {
        return detail::done(frameseal_monitor_add_member(native_handle(), member));
    }
    // Forgets all about somebody who left; not for a pause.
    Result<void> remove_member(std::uint64_t member) {
        return detail::done(frameseal_monitor_remove_member(native_handle(), member));
    }
    // Keys that a removed member knows are accepted until `end`; with 0, no more.
    Result<void> set_removal_overlap(Millis end) {
        return detail::done(frameseal_monitor_set_removal_overlap(native_handle(), end.count()));
    }

    // Shows what became of a frame of this member: what decrypt answered, whatever it is.
    template <typename Payload>
    Result<void> observe(Millis now, std::uint64_t member, const Result<Opened<Payload>> &answered) {
        return show(now, member, answered);
    }
    template <typename Payload>
    Result<void> observe(Millis now, std::uint64_t member,
                         const Result<OpenedStep<Payload>> &answered) {
        return show(now, member, answered);
    }
    // A frame that waited: what opening it answered, not that there was one.
    template <typename Frame, typename Buffer>
    Result<void> observe(Millis now, std::uint64_t member, const HeldFrame<Frame, Buffer> &held) {
        return show(now, member, held.opened);
    }
    // A frame that did not open, where only its error is left.
    Result<void> observe_failed(Millis now, std::uint64_t member, const Error &error) {
        if (error == ErrorCode::ok) {
            return ErrorCode::invalid_argument;
        }
        return shown(now, member, error);
    }
    // Other results say nothing of a frame: that a key was added does not mean that one authenticated.
    template <typename T>
    Result<void> observe(Millis now, std::uint64_t member, const Result<T> &answered) = delete;
    // Nor does an error that is none: ErrorCode::ok may be that of any call.
    Result<void> observe(Millis now, std::uint64_t member, const Error &error) = delete;
    // Shows that we sent a frame that is end-to-end encrypted.
    Result<void> observe_sent(Millis now) {
        return detail::done(frameseal_monitor_observe_sent(native_handle(), now.count()));
    }
    // Shows how far a key has come: EventKind::usage_limit_near is raised once, at seven eighths.
    // `config` is what the encryptor was made with.
    Result<void> observe(const Encryptor &encryptor, std::uint64_t key_id,
                         const EncryptorConfig &config = {}) {
        const auto c = detail::raw(config);
        return detail::done(frameseal_monitor_observe_encryptor(
            native_handle(), encryptor.native_handle(), key_id, &c));
    }
    Result<void> observe(const SenderKeys &keys) {
        return detail::done(
            frameseal_monitor_observe_sender_keys(native_handle(), keys.native_handle()));
    }
    // The identity of a member was compared; or, with false, it changed.
    Result<void> set_verified(std::uint64_t member, bool verified) {
        return detail::done(frameseal_monitor_set_verified(native_handle(), member, verified));
    }

    // As those of EpochManager.
    Result<void> allow_passthrough(Millis now, std::uint64_t member, Millis duration) {
        return detail::done(frameseal_monitor_allow_passthrough(native_handle(), now.count(), member,
                                                                duration.count()));
    }
    Result<void> end_passthrough(std::uint64_t member) {
        return detail::done(frameseal_monitor_end_passthrough(native_handle(), member));
    }
    Result<void> downgrade(std::uint64_t member) {
        return detail::done(frameseal_monitor_downgrade(native_handle(), member));
    }
    Result<Plain> pass(Millis now, std::uint64_t member, Bytes frame, const Slices &injected = {}) {
        frameseal_plain plain = 0;
        const auto result =
            frameseal_monitor_pass(native_handle(), now.count(), member, frame.data(), frame.size(),
                                   injected.data(), injected.size(), &plain);
        return detail::answer(result, static_cast<Plain>(plain));
    }
    Result<void> allow_sending_in_the_clear(Millis now, Millis duration) {
        return detail::done(frameseal_monitor_allow_sending_in_the_clear(
            native_handle(), now.count(), duration.count()));
    }
    Result<void> downgrade_sending() {
        return detail::done(frameseal_monitor_downgrade_sending(native_handle()));
    }
    Result<void> send_in_the_clear(Millis now) {
        return detail::done(frameseal_monitor_send_in_the_clear(native_handle(), now.count()));
    }
    struct InTheClear {
        std::size_t senders;       // who may pass in the clear now, ourselves included
        std::uint64_t frames_sent; // that we sent in the clear so far
    };
    Result<InTheClear> in_the_clear(Millis now) const {
        InTheClear told{};
        const auto result = frameseal_monitor_in_the_clear(native_handle(), now.count(),
                                                           &told.senders, &told.frames_sent);
        return detail::answer(result, told);
    }

    // `unknown` also for somebody who is no member.
    Result<Status> status(Millis now, std::uint64_t member) const {
        auto c = detail::sized<frameseal_status>();
        const auto result = frameseal_monitor_status(native_handle(), now.count(), member, &c);
        return detail::answer(result, detail::from(c.level, c.reason));
    }
    // As the weakest who is heard, and no better than what we send.
    Result<Status> room_status(Millis now) const {
        auto c = detail::sized<frameseal_status>();
        const auto result = frameseal_monitor_room_status(native_handle(), now.count(), &c);
        return detail::answer(result, detail::from(c.level, c.reason));
    }
    // Of all members, in no particular order.
    Result<std::vector<MemberStatus>> statuses(Millis now) const {
        return detail::converted<MemberStatus>(detail::to_list<frameseal_member_status>(
            [&](frameseal_member_status *entries, std::size_t capacity, std::size_t *count) {
                return frameseal_monitor_statuses(native_handle(), now.count(), entries,
                                                  sizeof *entries, capacity, count);
            }));
    }
    // Without allocating, in the C library's structure: answers how many there are.
    // error().needed() says how many would have to fit.
    Result<std::size_t> statuses(Millis now, frameseal_member_status *entries,
                                 std::size_t capacity) const {
        std::size_t count = 0;
        const auto result = frameseal_monitor_statuses(native_handle(), now.count(), entries,
                                                       sizeof *entries, capacity, &count);
        return detail::text_len(result, count);
    }
    Result<FrameStats> member_stats(std::uint64_t member) const {
        auto c = detail::sized<frameseal_frame_stats>();
        const auto result = frameseal_monitor_member_stats(native_handle(), member, &c);
        return detail::answer(result, detail::from(c));
    }

    // Takes the next event, if there is one: to be called until there is none, after every change
    // and at `next_deadline`.
    Result<std::optional<Event>> poll_event(Millis now) {
        auto c = detail::sized<frameseal_event>();
        const auto result = frameseal_monitor_poll_event(native_handle(), now.count(), &c);
        return detail::polled(result, c);
    }
    // Gives `handler(const Event &)` all there are.
    template <typename Handler>
    Result<void> poll_events(Millis now, Handler &&handler) {
        return detail::poll_all(*this, now, handler);
    }
    Result<std::optional<Millis>> next_deadline() const {
        bool pending = false;
        std::uint64_t at_ms = 0;
        const auto result = frameseal_monitor_next_deadline(native_handle(), &pending, &at_ms);
        return detail::deadline(result, pending, at_ms);
    }

private:
    using Handle::Handle;

    // Without a value no frame was opened, whatever the error says.
    template <typename T>
    Result<void> show(Millis now, std::uint64_t member, const Result<T> &answered) {
        return answered ? shown(now, member, Error()) : observe_failed(now, member, answered.error());
    }
    Result<void> shown(Millis now, std::uint64_t member, const Error &answered) {
        return detail::done(frameseal_monitor_observe(native_handle(), now.count(), member,
                                                      answered.raw(), answered.key_id()));
    }
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
