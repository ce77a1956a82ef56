// Seals frames, with keys that the application brings.
#ifndef FRAMESEAL_ENCRYPTOR_HPP
#define FRAMESEAL_ENCRYPTOR_HPP

#include "suite.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Limits of each key of an Encryptor; 0 is for the default.
struct EncryptorConfig {
    std::uint64_t max_frames = 0; // 2^32
    std::uint64_t max_bytes = 0;  // 2^38, each frame in blocks of 16 bytes and one block more
    Backend backend = Backend::library_default;
};

// How far a sending key has come.
struct SendingKeyStatus {
    std::uint64_t next_counter; // 0 when exhausted
    std::uint64_t frames;
    std::uint64_t bytes;
    std::uint32_t fingerprint; // for logs, as 8 hexadecimal digits: reveals nothing of the key
    bool active;               // false when it was removed, and only its counter is remembered
    bool exhausted;
};

namespace detail {

inline frameseal_encryptor_config raw(const EncryptorConfig &config) noexcept {
    auto c = sized<frameseal_encryptor_config>();
    c.max_frames = config.max_frames;
    c.max_bytes = config.max_bytes;
    c.backend = raw(config.backend);
    return c;
}

} // namespace detail

// Owns counters: give every encryptor, process and device a base key or key id of its own (RFC 9605
// section 4.4.1), or nonces repeat. After fork, the child's copy answers ErrorCode::forked.
class Encryptor : public detail::Handle<frameseal_encryptor, frameseal_encryptor_free> {
public:
    static Result<Encryptor> create(Suite suite) {
        frameseal_encryptor *handle = nullptr;
        const auto result = frameseal_encryptor_new(detail::raw(suite), &handle);
        return owner(result, handle, suite);
    }
    static Result<Encryptor> create(Suite suite, const EncryptorConfig &config) {
        const auto c = detail::raw(config);
        frameseal_encryptor *handle = nullptr;
        const auto result = frameseal_encryptor_new_with_config(detail::raw(suite), &c, &handle);
        return owner(result, handle, suite);
    }

    // What it was made for; said also when it was moved from.
    Suite suite() const noexcept { return suite_; }

    // Adds a key, without sending with it yet: give it to the receivers first. The same key again
    // changes nothing, another one under a key id that was used is ErrorCode::key_id_in_use. The
    // base key is not kept: wipe it.
    Result<void> add_key(std::uint64_t key_id, Bytes base_key) {
        return detail::done(frameseal_encryptor_add_key(native_handle(), key_id, base_key.data(),
                                                        base_key.size()));
    }
    // Adds a key that sealed before this process began, to go on behind `last`, which `reserve`
    // answered and was stored. Never from a snapshot or backup.
    Result<void> resume_key_after(std::uint64_t key_id, Bytes base_key, std::uint64_t last) {
        return detail::done(frameseal_encryptor_resume_key_after(
            native_handle(), key_id, base_key.data(), base_key.size(), last));
    }
    // Seals with this key from the next frame on.
    Result<void> use_key(std::uint64_t key_id) {
        return detail::done(frameseal_encryptor_use_key(native_handle(), key_id));
    }
    // Wipes a key; its key id and counter are remembered.
    Result<void> remove_key(std::uint64_t key_id) {
        return detail::done(frameseal_encryptor_remove_key(native_handle(), key_id));
    }

    // Sets `count` counters of a key aside and answers the last one: store it, then `confirm` it,
    // and only then are they used (RFC 9605 section 9.1).
    Result<std::uint64_t> reserve(std::uint64_t key_id, std::uint64_t count) {
        std::uint64_t last = 0;
        const auto result = frameseal_encryptor_reserve(native_handle(), key_id, count, &last);
        return detail::answer(result, last);
    }
    Result<void> confirm(std::uint64_t key_id, std::uint64_t last) {
        return detail::done(frameseal_encryptor_confirm(native_handle(), key_id, last));
    }

    // Exactly how many bytes the next frame has when it is sealed.
    Result<std::size_t> sealed_len(std::size_t payload_len) const {
        std::size_t len = 0;
        const auto result = frameseal_encryptor_sealed_len(native_handle(), payload_len, &len);
        return detail::answer(result, len);
    }
    // Also of a key that was removed.
    Result<SendingKeyStatus> key_status(std::uint64_t key_id) const {
        auto c = detail::sized<frameseal_sending_key_status>();
        const auto result = frameseal_encryptor_key_status(native_handle(), key_id, &c);
        return detail::answer(result,
                              SendingKeyStatus{c.next_counter, c.frames, c.bytes, c.fingerprint,
                                               c.active != 0, c.exhausted != 0});
    }

    // Seals `payload` to the front of `out`, and answers that part: header, ciphertext and tag.
    // `payload` and `out` may overlap in any way, `metadata` may not overlap them. When `out` is
    // too small, error().needed() says what suffices. A call that fails uses no counter and leaves
    // `out` as it was.
    Result<MutableBytes> encrypt(const Metadata &metadata, Bytes payload, MutableBytes out) {
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_encryptor_encrypt(native_handle(), metadata.one().data(),
                                              metadata.one().size(), payload.data(), payload.size(),
                                              out.data(), out.size(), &len)
                : frameseal_encryptor_encrypt_slices(native_handle(), metadata.data(),
                                                     metadata.size(), payload.data(),
                                                     payload.size(), out.data(), out.size(), &len);
        return detail::written(result, out, len);
    }
    // The same, into a new vector.
    Result<std::vector<std::uint8_t>> encrypt(const Metadata &metadata, Bytes payload) {
        return detail::to_vector(payload.size() + max_overhead(suite_), [&](MutableBytes out) {
            return encrypt(metadata, payload, out);
        });
    }
    // Seals the payload of `payload_len` bytes at `payload_offset` where it is, and answers the
    // part of `buffer` that is the frame, around it. Needs headroom and tailroom: max_header_len
    // and max_tag_len suffice. With headroom_too_small, error().needed() is the offset that is
    // needed, with buffer_too_small the size of the buffer. `metadata` is outside the buffer.
    Result<MutableBytes> encrypt_in_place(const Metadata &metadata, MutableBytes buffer,
                                          std::size_t payload_offset, std::size_t payload_len) {
        std::size_t offset = 0;
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_encryptor_encrypt_in_place(
                      native_handle(), metadata.one().data(), metadata.one().size(),
                      buffer.data(), buffer.size(), payload_offset, payload_len, &offset, &len)
                : frameseal_encryptor_encrypt_in_place_slices(
                      native_handle(), metadata.data(), metadata.size(), buffer.data(),
                      buffer.size(), payload_offset, payload_len, &offset, &len);
        return detail::in_place(result, buffer, offset, len);
    }

private:
    Encryptor(frameseal_encryptor *handle, Suite suite) noexcept : Handle(handle), suite_(suite) {}
    static Result<Encryptor> owner(frameseal_result result, frameseal_encryptor *handle,
                                   Suite suite) {
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return Encryptor(handle, suite);
    }

    Suite suite_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
