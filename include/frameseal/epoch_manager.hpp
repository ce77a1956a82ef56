// A member's side of a call whose keys come from MLS (RFC 9605 section 5.2).
#ifndef FRAMESEAL_EPOCH_MANAGER_HPP
#define FRAMESEAL_EPOCH_MANAGER_HPP

#include "epoch_config.hpp"
#include "event.hpp"
#include "receiver.hpp"
#include "stream.hpp"
#include "visible.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// The longest time for which one call allows passthrough.
inline constexpr Millis max_passthrough{FRAMESEAL_MAX_PASSTHROUGH_MS};

// Fed with an EpochUpdate for every accepted epoch, by any MLS engine. Frames are sealed by the
// streams and opened by the receivers that are opened from it, and which live on without it.
//
// It owns counters: a second manager for the same member needs other contexts, and a process that
// starts anew must not go on in an epoch in which it may have sent. After fork, the child's copy
// answers ErrorCode::forked.
class EpochManager : public detail::Handle<frameseal_epoch_manager, frameseal_epoch_manager_free> {
public:
    static Result<EpochManager> create(const EpochConfig &config) {
        const auto c = config.raw();
        frameseal_epoch_manager *handle = nullptr;
        const auto result = frameseal_epoch_manager_new(&c, &handle);
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return EpochManager(handle, config.suite);
    }

    // What it was made for; said also when it was moved from.
    Suite suite() const noexcept { return suite_; }

    // A stream with a context that no other has: ErrorCode::capacity when all are taken.
    Result<Stream> open_stream(StreamKind kind) {
        frameseal_stream *handle = nullptr;
        const auto result = frameseal_stream_open(
            native_handle(), static_cast<frameseal_stream_kind>(kind), &handle);
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return Stream(handle, suite_);
    }
    Result<Receiver> open_receiver() const {
        frameseal_receiver *handle = nullptr;
        const auto result = frameseal_receiver_open(native_handle(), &handle);
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return Receiver(handle, suite_);
    }

    // Receives with the epoch from now on, and sends with it as `send_switch` says; at once, if a
    // member was removed. ErrorCode::epoch_fork: the epoch is here with another key, and nothing
    // may be sent until it is known which is right. Nothing of the update is kept: wipe the base
    // key.
    Result<void> add_epoch(Millis now, const EpochUpdate &update) {
        std::vector<frameseal_member> members;
        members.reserve(update.members.size());
        for (const Member &member : update.members) {
            members.push_back({member.index, member.identity.data(), member.identity.size()});
        }
        auto c = detail::sized<frameseal_epoch_update>();
        c.group = update.group;
        c.epoch = update.epoch;
        c.base_key = update.base_key.data();
        c.base_key_len = update.base_key.size();
        c.members = members.data();
        c.member_count = members.size();
        c.leaf_count = update.leaf_count;
        c.own_index =
            update.own_index.value_or(static_cast<std::uint32_t>(FRAMESEAL_RECEIVE_ONLY));
        return detail::done(frameseal_epoch_manager_add_epoch(native_handle(), now.count(), &c));
    }
    // The member on this leaf says that it has an epoch. When all have, sending moves to it.
    Result<void> peer_ready(Millis now, std::uint32_t index, const EpochId &epoch) {
        const auto c = detail::raw(epoch);
        return detail::done(
            frameseal_epoch_manager_peer_ready(native_handle(), now.count(), index, &c));
    }
    // Sending moves to this epoch now.
    Result<void> activate(Millis now, const EpochId &epoch) {
        const auto c = detail::raw(epoch);
        return detail::done(frameseal_epoch_manager_activate(native_handle(), now.count(), &c));
    }
    // Derives the key of a member's stream before its first frame, away from the media thread.
    Result<void> prepare(Millis now, std::uint32_t index, std::uint64_t context) {
        return detail::done(
            frameseal_epoch_manager_prepare(native_handle(), now.count(), index, context));
    }
    // Raises EventKind::rekey_needed, upon which the application commits.
    Result<void> force_rekey() {
        return detail::done(frameseal_epoch_manager_force_rekey(native_handle()));
    }

    // The epoch that all sending is in.
    Result<EpochId> sending_epoch() const {
        frameseal_epoch_id c{};
        const auto result = frameseal_epoch_manager_sending_epoch(native_handle(), &c);
        return detail::answer(result, detail::from(c));
    }
    // Who is on a leaf in the newest epoch.
    Result<MemberId> member_at(std::uint32_t index) const {
        frameseal_member_id c{};
        const auto result = frameseal_epoch_manager_member_at(native_handle(), index, &c);
        return detail::answer(result, detail::from(c));
    }
    // Everybody in the newest epoch, by leaf index.
    Result<std::vector<PresentMember>> members() const {
        return detail::converted<PresentMember>(detail::to_list<frameseal_present_member>(
            [this](frameseal_present_member *entries, std::size_t capacity, std::size_t *count) {
                return frameseal_epoch_manager_members(native_handle(), entries, sizeof *entries,
                                                       capacity, count);
            }));
    }
    // Without allocating, in the C library's structure: answers how many there are.
    // error().needed() says how many would have to fit.
    Result<std::size_t> members(frameseal_present_member *entries, std::size_t capacity) const {
        std::size_t count = 0;
        const auto result = frameseal_epoch_manager_members(native_handle(), entries,
                                                            sizeof *entries, capacity, &count);
        return detail::text_len(result, count);
    }

    // How well the frames of a member are protected; `unknown` for our own leaf.
    Result<Status> status(Millis now, const MemberId &member) const {
        const auto c_member = detail::raw(member);
        auto c = detail::sized<frameseal_status>();
        const auto result =
            frameseal_epoch_manager_status(native_handle(), now.count(), &c_member, &c);
        return detail::answer(result, detail::from(c.level, c.reason));
    }
    // How well the call is protected: as the weakest who is heard, and no better than what we send.
    Result<Status> room_status(Millis now) const {
        auto c = detail::sized<frameseal_status>();
        const auto result = frameseal_epoch_manager_room_status(native_handle(), now.count(), &c);
        return detail::answer(result, detail::from(c.level, c.reason));
    }
    // Of everybody of whom something is known, in no particular order.
    Result<std::vector<MemberStatus>> statuses(Millis now) const {
        return detail::converted<MemberStatus>(detail::to_list<frameseal_member_status>(
            [&](frameseal_member_status *entries, std::size_t capacity, std::size_t *count) {
                return frameseal_epoch_manager_statuses(native_handle(), now.count(), entries,
                                                        sizeof *entries, capacity, count);
            }));
    }
    // Without allocating, as `members`.
    Result<std::size_t> statuses(Millis now, frameseal_member_status *entries,
                                 std::size_t capacity) const {
        std::size_t count = 0;
        const auto result = frameseal_epoch_manager_statuses(native_handle(), now.count(), entries,
                                                             sizeof *entries, capacity, &count);
        return detail::text_len(result, count);
    }
    // What the frames of a member did, in all epochs.
    Result<FrameStats> member_stats(const MemberId &member) const {
        const auto c_member = detail::raw(member);
        auto c = detail::sized<frameseal_frame_stats>();
        const auto result = frameseal_epoch_manager_member_stats(native_handle(), &c_member, &c);
        return detail::answer(result, detail::from(c));
    }
    // What the frames of a live epoch did.
    Result<FrameStats> epoch_stats(const EpochId &epoch) const {
        const auto c_epoch = detail::raw(epoch);
        auto c = detail::sized<frameseal_frame_stats>();
        const auto result = frameseal_epoch_manager_epoch_stats(native_handle(), &c_epoch, &c);
        return detail::answer(result, detail::from(c));
    }

    // The identity of a member was compared, or not.
    Result<void> set_verified(const MemberId &member, bool verified) {
        const auto c = detail::raw(member);
        return detail::done(frameseal_epoch_manager_set_verified(native_handle(), &c, verified));
    }
    // Everybody compared the code of this epoch, which is the newest.
    Result<void> set_epoch_verified(const EpochId &epoch) {
        const auto c = detail::raw(epoch);
        return detail::done(frameseal_epoch_manager_set_epoch_verified(native_handle(), &c));
    }

    // Takes the next event, if there is one, and wipes keys that are due: to be called until there
    // is none, after every change and at `next_deadline`.
    Result<std::optional<Event>> poll_event(Millis now) {
        auto c = detail::sized<frameseal_event>();
        const auto result = frameseal_epoch_manager_poll_event(native_handle(), now.count(), &c);
        return detail::polled(result, c);
    }
    // Gives `handler(const Event &)` all there are.
    template <typename Handler>
    Result<void> poll_events(Millis now, Handler &&handler) {
        return detail::poll_all(*this, now, handler);
    }
    // When something changes by itself, if it does: poll then. A time that has come means at once.
    // Frames on other threads bring it nearer and wake nobody: ask again every 100 ms at the latest.
    Result<std::optional<Millis>> next_deadline() const {
        bool pending = false;
        std::uint64_t at_ms = 0;
        const auto result = frameseal_epoch_manager_next_deadline(native_handle(), &pending, &at_ms);
        return detail::deadline(result, pending, at_ms);
    }

    // Lets a member who cannot encrypt yet pass in the clear, up to max_passthrough. Refused when
    // frames of theirs authenticated, unless people have been told and `downgrade` was called; and
    // always under Policy::strict.
    Result<void> allow_passthrough(Millis now, const MemberId &member, Millis duration) {
        const auto c = detail::raw(member);
        return detail::done(frameseal_epoch_manager_allow_passthrough(native_handle(), now.count(),
                                                                      &c, duration.count()));
    }
    Result<void> end_passthrough(const MemberId &member) {
        const auto c = detail::raw(member);
        return detail::done(frameseal_epoch_manager_end_passthrough(native_handle(), &c));
    }
    Result<void> downgrade(const MemberId &member) {
        const auto c = detail::raw(member);
        return detail::done(frameseal_epoch_manager_downgrade(native_handle(), &c));
    }
    // Whether a frame that came in the clear may be played, and why. Never to be asked about one
    // that could not be opened. `injected` are frames that a server may put in.
    Result<Plain> pass(Millis now, const MemberId &member, Bytes frame,
                       const Slices &injected = {}) {
        const auto c = detail::raw(member);
        frameseal_plain plain = 0;
        const auto result = frameseal_epoch_manager_pass(native_handle(), now.count(), &c,
                                                         frame.data(), frame.size(),
                                                         injected.data(), injected.size(), &plain);
        return detail::answer(result, static_cast<Plain>(plain));
    }
    // The same three for our own sending; the last asks about the next frame, and counts it.
    Result<void> allow_sending_in_the_clear(Millis now, Millis duration) {
        return detail::done(frameseal_epoch_manager_allow_sending_in_the_clear(
            native_handle(), now.count(), duration.count()));
    }
    Result<void> downgrade_sending() {
        return detail::done(frameseal_epoch_manager_downgrade_sending(native_handle()));
    }
    Result<void> send_in_the_clear(Millis now) {
        return detail::done(frameseal_epoch_manager_send_in_the_clear(native_handle(), now.count()));
    }

    // What decides what servers see now. `clear_bytes` is what only the application knows.
    Result<VisibleConfig> visible_config(Millis now, std::size_t clear_bytes = 0) const {
        auto c = detail::sized<frameseal_visible_config>();
        c.clear_bytes = clear_bytes;
        const auto result =
            frameseal_epoch_manager_visible_config(native_handle(), now.count(), &c);
        return detail::answer(result, detail::from(c));
    }

private:
    EpochManager(frameseal_epoch_manager *handle, Suite suite) noexcept
        : Handle(handle), suite_(suite) {}

    Suite suite_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
