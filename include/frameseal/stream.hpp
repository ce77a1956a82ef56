// A stream that is sent in a call whose keys come from MLS.
#ifndef FRAMESEAL_STREAM_HPP
#define FRAMESEAL_STREAM_HPP

#include "names.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

class EpochManager;

// Opened by EpochManager::open_stream. It owns a context of the key ids and a counter, moves from
// epoch to epoch as its manager decides, and may outlive it. Calls on two streams do not wait for
// each other. After fork, the child's copy answers ErrorCode::forked.
class Stream : public detail::Handle<frameseal_stream, frameseal_stream_close> {
public:
    // That of its manager; said also when it was moved from.
    Suite suite() const noexcept { return suite_; }

    // Which of our streams it is, as key ids say it.
    Result<std::uint64_t> context() const {
        std::uint64_t context = 0;
        const auto result = frameseal_stream_context(native_handle(), &context);
        return detail::answer(result, context);
    }
    // The next frame is a key frame, with which the stream may move to a new epoch.
    Result<void> mark_key_frame() {
        return detail::done(frameseal_stream_mark_key_frame(native_handle()));
    }
    // Derives the key of the present epoch, so that the next frame need not.
    Result<void> prepare(Millis now) {
        return detail::done(frameseal_stream_prepare(native_handle(), now.count()));
    }
    // Exactly how many bytes the next frame has when it is sealed now.
    Result<std::size_t> sealed_len(Millis now, std::size_t payload_len) {
        std::size_t len = 0;
        const auto result =
            frameseal_stream_sealed_len(native_handle(), now.count(), payload_len, &len);
        return detail::answer(result, len);
    }

    // As Encryptor::encrypt, in the epoch that the stream sends in now. Where payload and `out`
    // overlap and the payload ends behind the end of `out`, `out` needs payload and max_overhead.
    Result<MutableBytes> encrypt(Millis now, const Metadata &metadata, Bytes payload,
                                 MutableBytes out) {
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_stream_encrypt(native_handle(), now.count(), metadata.one().data(),
                                           metadata.one().size(), payload.data(), payload.size(),
                                           out.data(), out.size(), &len)
                : frameseal_stream_encrypt_slices(native_handle(), now.count(), metadata.data(),
                                                  metadata.size(), payload.data(), payload.size(),
                                                  out.data(), out.size(), &len);
        return detail::written(result, out, len);
    }
    // As Encryptor::encrypt_in_place, in the epoch that the stream sends in now.
    Result<MutableBytes> encrypt_in_place(Millis now, const Metadata &metadata,
                                          MutableBytes buffer, std::size_t payload_offset,
                                          std::size_t payload_len) {
        std::size_t offset = 0;
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_stream_encrypt_in_place(
                      native_handle(), now.count(), metadata.one().data(), metadata.one().size(),
                      buffer.data(), buffer.size(), payload_offset, payload_len, &offset, &len)
                : frameseal_stream_encrypt_in_place_slices(
                      native_handle(), now.count(), metadata.data(), metadata.size(), buffer.data(),
                      buffer.size(), payload_offset, payload_len, &offset, &len);
        return detail::in_place(result, buffer, offset, len);
    }
    // To a new vector.
    Result<std::vector<std::uint8_t>> encrypt(Millis now, const Metadata &metadata, Bytes payload) {
        return detail::to_vector(payload.size() + max_overhead(suite_), [&](MutableBytes out) {
            return encrypt(now, metadata, payload, out);
        });
    }

private:
    friend class EpochManager;
    Stream(frameseal_stream *handle, Suite suite) noexcept : Handle(handle), suite_(suite) {}

    Suite suite_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
