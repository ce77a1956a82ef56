// Frames that came before their key wait here, if the application wants that.
#ifndef FRAMESEAL_HOLDING_BUFFER_HPP
#define FRAMESEAL_HOLDING_BUFFER_HPP

#include "decryptor.hpp"
#include "receiver.hpp"
#include "sender_keys.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

inline constexpr std::uint32_t max_held_frames = FRAMESEAL_MAX_HELD_FRAMES;

// What a holding buffer takes, frames and their metadata together; 0 is for the default.
struct HoldingConfig {
    std::uint64_t max_bytes = 0;     // in all: 4 MiB
    std::uint64_t sender_bytes = 0;  // of one sender, and so of one frame: 512 KiB
    Millis max_age{};                // 2 seconds
    std::uint32_t max_frames = 0;    // in all, at most max_held_frames: 1,024
    std::uint32_t sender_frames = 0; // of one sender: 128
    // Those of the EpochConfig, for quotas by leaf and epoch; 0 for a quota for each key id.
    std::uint8_t epoch_bits = 0;
    std::uint8_t index_bits = 0;
};

// What it holds and has done, in frames, but for `bytes`.
struct HoldingStats {
    std::uint64_t frames; // that wait now
    std::uint64_t bytes;  // that wait now
    std::uint64_t held;
    std::uint64_t released;
    std::uint64_t expired;
    std::uint64_t refused;
};

// A frame that waited. `opened` is what opening it answered: it was its one try.
template <typename Frame, typename Buffer>
struct HeldFrame {
    std::uint64_t key_id;
    Millis arrived;
    Buffer metadata; // empty if it did not open
    Result<Frame> opened;
};

// Holds copies of frames and metadata, and no key. What waits has not authenticated: only frames
// whose key is not here yet are taken, each sender has a quota, and when there is no place the new
// frame is refused. One for each object that opens its frames; with sender keys, one for each
// member.
class HoldingBuffer
    : public detail::Handle<frameseal_holding_buffer, frameseal_holding_buffer_free> {
    using Vector = std::vector<std::uint8_t>;
    template <typename Frame>
    using Next = Result<std::optional<HeldFrame<Frame, MutableBytes>>>;
    template <typename Frame>
    using NextVector = Result<std::optional<HeldFrame<Frame, Vector>>>;

public:
    static Result<HoldingBuffer> create(Suite suite, const HoldingConfig &config = {}) {
        auto c = detail::sized<frameseal_holding_config>();
        c.max_bytes = config.max_bytes;
        c.sender_bytes = config.sender_bytes;
        c.max_age_ms = config.max_age.count();
        c.max_frames = config.max_frames;
        c.sender_frames = config.sender_frames;
        c.epoch_bits = config.epoch_bits;
        c.index_bits = config.index_bits;
        frameseal_holding_buffer *handle = nullptr;
        const auto result = frameseal_holding_buffer_new(detail::raw(suite), &c, &handle);
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return HoldingBuffer(handle);
    }

    // Copies a frame for which decrypt answered unknown_key_id (or unknown_member).
    // ErrorCode::capacity: a limit is reached. nothing_to_wait_for: its key has
    // come, or never will; decrypt it once more, and drop it if that fails.
    Result<void> hold(const Decryptor &decryptor, Millis now, const Metadata &metadata,
                      Bytes sealed) {
        return detail::done(frameseal_holding_buffer_hold_for_decryptor(
            native_handle(), decryptor.native_handle(), now.count(), metadata.data(),
            metadata.size(), sealed.data(), sealed.size()));
    }
    Result<void> hold(const Receiver &receiver, Millis now, const Metadata &metadata,
                      Bytes sealed) {
        return detail::done(frameseal_holding_buffer_hold_for_receiver(
            native_handle(), receiver.native_handle(), now.count(), metadata.data(),
            metadata.size(), sealed.data(), sealed.size()));
    }
    Result<void> hold(const SenderKeys &keys, std::uint64_t member, Millis now,
                      const Metadata &metadata, Bytes sealed) {
        return detail::done(frameseal_holding_buffer_hold_for_member(
            native_handle(), keys.native_handle(), member, now.count(), metadata.data(),
            metadata.size(), sealed.data(), sealed.size()));
    }

    // Opens the next frame whose key has come, in order of arrival, if there is one: to be called
    // when keys were added, until there is none. Metadata and payload are written to the front of
    // `metadata` and `out`, which overlap nothing; `sender_bytes` of the configuration always
    // suffice for each. With buffer_too_small the frame goes on waiting: error().needed_metadata()
    // and .needed() suffice, or `drop_next` gives up the frame of error().key_id().
    Next<Opened<MutableBytes>> open(const Decryptor &decryptor, Millis now, MutableBytes metadata,
                                    MutableBytes out) {
        return next<frameseal_open_info, Opened<MutableBytes>>(
            metadata, out, [&](frameseal_held_frame *frame, frameseal_open_info *info) {
                return frameseal_holding_buffer_open_with_decryptor(
                    native_handle(), decryptor.native_handle(), now.count(), metadata.data(),
                    metadata.size(), out.data(), out.size(), frame, info);
            });
    }
    Next<Received<MutableBytes>> open(const Receiver &receiver, Millis now, MutableBytes metadata,
                                      MutableBytes out) {
        return next<frameseal_received_info, Received<MutableBytes>>(
            metadata, out, [&](frameseal_held_frame *frame, frameseal_received_info *info) {
                return frameseal_holding_buffer_open_with_receiver(
                    native_handle(), receiver.native_handle(), now.count(), metadata.data(),
                    metadata.size(), out.data(), out.size(), frame, info);
            });
    }
    Next<OpenedStep<MutableBytes>> open(SenderKeys &keys, std::uint64_t member, Millis now,
                                        MutableBytes metadata, MutableBytes out) {
        return next<frameseal_step_info, OpenedStep<MutableBytes>>(
            metadata, out, [&](frameseal_held_frame *frame, frameseal_step_info *info) {
                return frameseal_holding_buffer_open_with_member(
                    native_handle(), keys.native_handle(), member, now.count(), metadata.data(),
                    metadata.size(), out.data(), out.size(), frame, info);
            });
    }
    // The same, into new vectors.
    NextVector<Opened<Vector>> open(const Decryptor &decryptor, Millis now) {
        return next_vector<Opened<Vector>>([&](MutableBytes metadata, MutableBytes out) {
            return open(decryptor, now, metadata, out);
        });
    }
    NextVector<Received<Vector>> open(const Receiver &receiver, Millis now) {
        return next_vector<Received<Vector>>([&](MutableBytes metadata, MutableBytes out) {
            return open(receiver, now, metadata, out);
        });
    }
    NextVector<OpenedStep<Vector>> open(SenderKeys &keys, std::uint64_t member, Millis now) {
        return next_vector<OpenedStep<Vector>>([&](MutableBytes metadata, MutableBytes out) {
            return open(keys, member, now, metadata, out);
        });
    }
    // Wipes the first frame of this key id, which `open` found too large, at the time of that call.
    Result<void> drop_next(Millis now, std::uint64_t key_id) {
        return detail::done(
            frameseal_holding_buffer_drop_next(native_handle(), now.count(), key_id));
    }

    // Drops the frames whose time is over: to be called at `next_deadline`.
    Result<void> poll(Millis now) {
        return detail::done(frameseal_holding_buffer_poll(native_handle(), now.count()));
    }
    Result<std::optional<Millis>> next_deadline() const {
        bool pending = false;
        std::uint64_t at_ms = 0;
        const auto result =
            frameseal_holding_buffer_next_deadline(native_handle(), &pending, &at_ms);
        return detail::deadline(result, pending, at_ms);
    }
    // Wipes all frames, as when a call ends.
    Result<void> clear() {
        return detail::done(frameseal_holding_buffer_clear(native_handle()));
    }
    Result<HoldingStats> stats() const {
        auto c = detail::sized<frameseal_holding_stats>();
        const auto result = frameseal_holding_buffer_stats(native_handle(), &c);
        return detail::answer(result, HoldingStats{c.frames, c.bytes, c.held, c.released, c.expired,
                                                   c.refused});
    }

private:
    using Handle::Handle;

    template <typename Info, typename Frame, typename Call>
    static Next<Frame> next(MutableBytes metadata, MutableBytes out, Call call) {
        auto held = detail::sized<frameseal_held_frame>();
        auto info = detail::sized<Info>();
        const frameseal_result result = call(&held, &info);
        if (result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL) {
            return Error::held_too_large(result, held);
        }
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        if (held.found == 0) {
            return std::nullopt;
        }
        if (held.result != FRAMESEAL_OK) {
            const Error error = detail::failure(held.result, held.payload_len, held.key_id);
            return HeldFrame<Frame, MutableBytes>{held.key_id, Millis(held.arrived_ms), {}, error};
        }
        return HeldFrame<Frame, MutableBytes>{held.key_id, Millis(held.arrived_ms),
                                              metadata.first(held.metadata_len),
                                              detail::told(info, out.first(held.payload_len))};
    }

    // Asks without room for how much the next frame needs, and again with that; meanwhile another
    // thread may have taken it, and the one behind it need more.
    template <typename Frame, typename Call>
    static NextVector<Frame> next_vector(Call call) {
        Vector metadata;
        Vector out;
        auto held = call(metadata, out);
        while (held.error() == ErrorCode::buffer_too_small) {
            metadata.resize(held.error().needed_metadata());
            out.resize(held.error().needed());
            held = call(metadata, out);
        }
        if (!held) {
            return held.error();
        }
        if (!held->has_value()) {
            return std::nullopt;
        }
        const auto &frame = **held;
        if (!frame.opened) {
            return HeldFrame<Frame, Vector>{frame.key_id, frame.arrived, {}, frame.opened.error()};
        }
        metadata.resize(frame.metadata.size());
        out.resize(frame.opened->payload.size());
        return HeldFrame<Frame, Vector>{frame.key_id, frame.arrived, std::move(metadata),
                                        frame.opened->with(std::move(out))};
    }
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
