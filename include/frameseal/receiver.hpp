// Opens the frames of a call whose keys come from MLS.
#ifndef FRAMESEAL_RECEIVER_HPP
#define FRAMESEAL_RECEIVER_HPP

#include "status.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

class EpochManager;

// A frame that authenticated. All members of a group can derive the key that sealed it, so any of
// them could have (RFC 9605 section 7.2). Payload is MutableBytes or a std::vector.
template <typename Payload>
struct Received {
    Payload payload;
    std::uint64_t key_id;
    std::uint64_t counter;
    MemberId member;       // whose key sealed it
    std::uint64_t context; // which stream of theirs
    EpochId epoch;

    // The same, with its payload elsewhere.
    template <typename Other>
    Received<Other> with(Other elsewhere) const {
        return {std::move(elsewhere), key_id, counter, member, context, epoch};
    }
};

namespace detail {

template <typename Payload>
Received<Payload> told(const frameseal_received_info &info, Payload payload) {
    return {std::move(payload), info.key_id,  info.counter,
            from(info.member),  info.context, from(info.epoch)};
}

} // namespace detail

// Opened by EpochManager::open_receiver: one for all threads, or one for each. It may outlive its
// manager. Of two threads with the same frame, one gets ErrorCode::replay. After fork, the child's
// copy answers ErrorCode::forked.
class Receiver : public detail::Handle<frameseal_receiver, frameseal_receiver_close> {
public:
    // That of its manager; said also when it was moved from.
    Suite suite() const noexcept { return suite_; }

    // How many bytes of payload a frame claims to have. Needs no key.
    Result<std::size_t> payload_len(Bytes sealed) const {
        std::size_t len = 0;
        const auto result =
            frameseal_receiver_payload_len(native_handle(), sealed.data(), sealed.size(), &len);
        return detail::answer(result, len);
    }

    // As Decryptor::decrypt. The key id is unknown also when nobody is on the leaf that it names.
    Result<Received<MutableBytes>> decrypt(Millis now, const Metadata &metadata, Bytes sealed,
                                           MutableBytes out) const {
        auto info = detail::sized<frameseal_received_info>();
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_receiver_decrypt(native_handle(), now.count(), metadata.one().data(),
                                             metadata.one().size(), sealed.data(), sealed.size(),
                                             out.data(), out.size(), &len, &info)
                : frameseal_receiver_decrypt_slices(native_handle(), now.count(), metadata.data(),
                                                    metadata.size(), sealed.data(), sealed.size(),
                                                    out.data(), out.size(), &len, &info);
        if (result != FRAMESEAL_OK) {
            return detail::failure(result, len, info.key_id);
        }
        return detail::told(info, out.first(len));
    }
    // The payload replaces the frame, from the same address on.
    Result<Received<MutableBytes>> decrypt_in_place(Millis now, const Metadata &metadata,
                                                    MutableBytes frame) const {
        return decrypt(now, metadata, frame, frame);
    }
    // The same, into a new vector.
    Result<Received<std::vector<std::uint8_t>>> decrypt(Millis now, const Metadata &metadata,
                                                        Bytes sealed) const {
        return detail::open_to_vector<Received>(sealed.size(), [&](MutableBytes out) {
            return decrypt(now, metadata, sealed, out);
        });
    }

private:
    friend class EpochManager;
    Receiver(frameseal_receiver *handle, Suite suite) noexcept : Handle(handle), suite_(suite) {}

    Suite suite_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
