// Opens frames, with keys that the application brings.
#ifndef FRAMESEAL_DECRYPTOR_HPP
#define FRAMESEAL_DECRYPTOR_HPP

#include "suite.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Protections of each key of a Decryptor; 0 is for the default.
struct DecryptorConfig {
    std::uint32_t replay_window = 0;      // counters: 1,024; at most max_replay_window
    bool replay_protection = true;        // false accepts every frame any number of times
    bool stop_key_on_forgery = false;     // anybody who can send bytes can then stop a key
    std::uint64_t failed_opens = 0;       // that raise the forgery alarm: by the length of the tag
    Backend backend = Backend::library_default;
};

// What a receiving key has seen.
struct ReceivingKeyStatus {
    std::optional<std::uint64_t> highest_counter; // none before the first frame
    std::uint64_t opened;
    std::uint64_t failed_opens;
    std::uint64_t replayed;
    std::uint32_t fingerprint; // for logs, as 8 hexadecimal digits: reveals nothing of the key
    bool active;               // false when it was removed, and only its window is remembered
};

// A frame that authenticated. Payload is MutableBytes or a std::vector.
template <typename Payload>
struct Opened {
    Payload payload;
    std::uint64_t key_id;
    std::uint64_t counter;

    // The same, with its payload elsewhere.
    template <typename Other>
    Opened<Other> with(Other elsewhere) const {
        return {std::move(elsewhere), key_id, counter};
    }
};

namespace detail {

inline std::uint32_t replay_flags(bool replay_protection, bool stop_key_on_forgery) noexcept {
    return (replay_protection ? 0U : std::uint32_t{FRAMESEAL_REPLAY_PROTECTION_OFF})
           | (stop_key_on_forgery ? std::uint32_t{FRAMESEAL_STOP_KEY_ON_FORGERY} : 0U);
}

inline frameseal_decryptor_config raw(const DecryptorConfig &config) noexcept {
    auto c = sized<frameseal_decryptor_config>();
    c.replay_window = config.replay_window;
    c.flags = replay_flags(config.replay_protection, config.stop_key_on_forgery);
    c.failed_opens = config.failed_opens;
    c.backend = raw(config.backend);
    return c;
}

template <typename Payload>
Opened<Payload> told(const frameseal_open_info &info, Payload payload) {
    return {std::move(payload), info.key_id, info.counter};
}

} // namespace detail

// Frames are opened at the same time on as many threads as call `decrypt`. Of two threads with the
// same frame, one gets ErrorCode::replay.
class Decryptor : public detail::Handle<frameseal_decryptor, frameseal_decryptor_free> {
public:
    static Result<Decryptor> create(Suite suite) {
        frameseal_decryptor *handle = nullptr;
        const auto result = frameseal_decryptor_new(detail::raw(suite), &handle);
        return owner(result, handle, suite);
    }
    static Result<Decryptor> create(Suite suite, const DecryptorConfig &config) {
        const auto c = detail::raw(config);
        frameseal_decryptor *handle = nullptr;
        const auto result = frameseal_decryptor_new_with_config(detail::raw(suite), &c, &handle);
        return owner(result, handle, suite);
    }

    // What it was made for; said also when it was moved from.
    Suite suite() const noexcept { return suite_; }

    // Adds a key; frames of it can be opened at once. The same key again changes nothing, another
    // one under its key id is ErrorCode::key_id_in_use. The base key is not kept: wipe it.
    Result<void> add_key(std::uint64_t key_id, Bytes base_key) {
        return detail::done(frameseal_decryptor_add_key(native_handle(), key_id, base_key.data(),
                                                        base_key.size()));
    }
    // Wipes a key; its key id and replay window are remembered.
    Result<void> remove_key(std::uint64_t key_id) {
        return detail::done(frameseal_decryptor_remove_key(native_handle(), key_id));
    }
    // Wipes all about a key. If it ever came back, its frames would be accepted once more.
    Result<void> forget_key(std::uint64_t key_id) {
        return detail::done(frameseal_decryptor_forget_key(native_handle(), key_id));
    }

    // The next key with as many failed opens as the configuration allows. Each is told once.
    Result<std::optional<std::uint64_t>> poll_forgery_alarm() {
        bool raised = false;
        std::uint64_t key_id = 0;
        const auto result = frameseal_decryptor_poll_forgery_alarm(native_handle(), &raised, &key_id);
        return detail::answer(result, raised ? std::optional(key_id) : std::nullopt);
    }
    // Also of a key that was removed.
    Result<ReceivingKeyStatus> key_status(std::uint64_t key_id) const {
        auto c = detail::sized<frameseal_receiving_key_status>();
        const auto result = frameseal_decryptor_key_status(native_handle(), key_id, &c);
        return detail::answer(
            result,
            ReceivingKeyStatus{c.has_highest_counter != 0 ? std::optional(c.highest_counter)
                                                          : std::nullopt,
                               c.opened, c.failed_opens, c.replayed, c.fingerprint, c.active != 0});
    }
    // How many bytes of payload a frame claims to have. Needs no key.
    Result<std::size_t> payload_len(Bytes sealed) const {
        std::size_t len = 0;
        const auto result =
            frameseal_decryptor_payload_len(native_handle(), sealed.data(), sealed.size(), &len);
        return detail::answer(result, len);
    }

    // Opens a frame to the front of `out`, and answers that part. They may overlap in any way, and
    // then all of `sealed` may be written to; `metadata` may overlap neither. error().key_id() says
    // which key is unknown, error().needed() what `out` needs. A call that fails leaves no payload
    // in `out`; only of an authentication failure and a lost race it leaves ciphertext or zeros.
    Result<Opened<MutableBytes>> decrypt(const Metadata &metadata, Bytes sealed,
                                         MutableBytes out) const {
        auto info = detail::sized<frameseal_open_info>();
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_decryptor_decrypt(native_handle(), metadata.one().data(),
                                              metadata.one().size(), sealed.data(), sealed.size(),
                                              out.data(), out.size(), &len, &info)
                : frameseal_decryptor_decrypt_slices(native_handle(), metadata.data(),
                                                     metadata.size(), sealed.data(), sealed.size(),
                                                     out.data(), out.size(), &len, &info);
        if (result != FRAMESEAL_OK) {
            return detail::failure(result, len, info.key_id);
        }
        return detail::told(info, out.first(len));
    }
    // The payload replaces the frame, from the same address on.
    Result<Opened<MutableBytes>> decrypt_in_place(const Metadata &metadata,
                                                  MutableBytes frame) const {
        return decrypt(metadata, frame, frame);
    }
    // The same, into a new vector.
    Result<Opened<std::vector<std::uint8_t>>> decrypt(const Metadata &metadata,
                                                      Bytes sealed) const {
        return detail::open_to_vector<Opened>(sealed.size(), [&](MutableBytes out) {
            return decrypt(metadata, sealed, out);
        });
    }

private:
    Decryptor(frameseal_decryptor *handle, Suite suite) noexcept : Handle(handle), suite_(suite) {}
    static Result<Decryptor> owner(frameseal_result result, frameseal_decryptor *handle,
                                   Suite suite) {
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return Decryptor(handle, suite);
    }

    Suite suite_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
