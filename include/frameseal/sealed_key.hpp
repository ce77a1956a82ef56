// Base keys that are sealed to one participant, for a channel that servers can read.
#ifndef FRAMESEAL_SEALED_KEY_HPP
#define FRAMESEAL_SEALED_KEY_HPP

#include "borrowed_bytes.hpp"
#include "secret.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Bytes of a secret key, a public key, and the randomness of one call.
inline constexpr std::size_t sealing_key_len = FRAMESEAL_SEALING_KEY_LEN;
// Bytes that a sealed base key has more than the base key in it.
inline constexpr std::size_t sealed_key_overhead = FRAMESEAL_SEALED_KEY_OVERHEAD;
// The longest id in a KeyEnvelope.
inline constexpr std::size_t max_envelope_id_len = FRAMESEAL_MAX_ENVELOPE_ID_LEN;

// A base key and where it belongs. Key is Secret, or MutableBytes.
template <typename Key>
struct SenderKey {
    std::uint64_t generation;
    std::uint64_t step;
    Key base_key;
};

// What a sealed base key is for. Both sides must say the same; ids have up to max_envelope_id_len
// bytes, and are not copied.
struct KeyEnvelope {
    BorrowedBytes call; // differs between any two calls
    BorrowedBytes sender;
    BorrowedBytes recipient;
    std::uint32_t ratchet_bits = FRAMESEAL_STANDARD_RATCHET_BITS; // of the sender
    Suite suite = Suite::aes_128_gcm_sha256_128;                  // of the sender
};

// A participant's keys (X25519). The others must know from elsewhere whose public key is whose.
struct SealingKeyPair {
    Secret secret_key;
    std::uint8_t public_key[sealing_key_len] = {};
};

namespace detail {

inline frameseal_key_envelope raw(const KeyEnvelope &envelope) noexcept {
    auto c = sized<frameseal_key_envelope>();
    c.call = {envelope.call.data(), envelope.call.size()};
    c.sender = {envelope.sender.data(), envelope.sender.size()};
    c.recipient = {envelope.recipient.data(), envelope.recipient.size()};
    c.ratchet_bits = envelope.ratchet_bits;
    c.suite = raw(envelope.suite);
    return c;
}

// Lets `write(MutableBytes)` answer a SenderKey<MutableBytes>, and keeps it as a secret.
template <typename Write>
Result<SenderKey<Secret>> sender_key_of(Write write) {
    std::uint64_t generation = 0;
    std::uint64_t step = 0;
    Result<Secret> secret = Secret::written_by([&](MutableBytes out) -> Result<MutableBytes> {
        const auto key = write(out);
        if (!key) {
            return key.error();
        }
        generation = key->generation;
        step = key->step;
        return key->base_key;
    });
    if (!secret) {
        return secret.error();
    }
    return SenderKey<Secret>{generation, step, std::move(*secret)};
}

} // namespace detail

// Makes keys from sealing_key_len secret random bytes. Exactly as many are written to both places,
// which overlap nothing.
inline Result<void> make_sealing_keys(Bytes random, MutableBytes secret_key,
                                      MutableBytes public_key) {
    return detail::done(frameseal_sealing_key_pair(random.data(), random.size(), secret_key.data(),
                                                   secret_key.size(), public_key.data(),
                                                   public_key.size()));
}
inline Result<SealingKeyPair> make_sealing_keys(Bytes random) {
    SealingKeyPair pair;
    Result<Secret> secret = Secret::written_by([&](MutableBytes out) -> Result<MutableBytes> {
        const MutableBytes place = out.first(sealing_key_len);
        const auto made = make_sealing_keys(random, place, pair.public_key);
        if (!made) {
            return made.error();
        }
        return place;
    });
    if (!secret) {
        return secret.error();
    }
    pair.secret_key = std::move(*secret);
    return Result<SealingKeyPair>(std::move(pair));
}

// Seals the base key of a generation, at step 0, to one participant who stays: between
// SenderKeys::announce and SenderKeys::roll. `secret_key` is ours, `public_key` theirs, `random`
// new for every message.
inline Result<MutableBytes> seal_base_key(const KeyEnvelope &envelope, std::uint64_t generation,
                                          Bytes base_key, Bytes secret_key, Bytes public_key,
                                          Bytes random, MutableBytes out) {
    const auto c = detail::raw(envelope);
    std::size_t len = 0;
    const auto result = frameseal_base_key_seal(
        &c, generation, base_key.data(), base_key.size(), secret_key.data(), secret_key.size(),
        public_key.data(), public_key.size(), random.data(), random.size(), out.data(), out.size(),
        &len);
    return detail::written(result, out, len);
}
inline Result<std::vector<std::uint8_t>> seal_base_key(const KeyEnvelope &envelope,
                                                       std::uint64_t generation, Bytes base_key,
                                                       Bytes secret_key, Bytes public_key,
                                                       Bytes random) {
    return detail::to_vector(base_key.size() + sealed_key_overhead, [&](MutableBytes out) {
        return seal_base_key(envelope, generation, base_key, secret_key, public_key, random, out);
    });
}

// Opens what `seal_base_key` or SenderKeys::seal_joiner_key sealed. `secret_key` is ours,
// `public_key` the sender's. Only a generation higher than `last_generation` opens, the last one
// that was accepted of this sender in the call.
inline Result<SenderKey<MutableBytes>> open_sealed_key(const KeyEnvelope &envelope,
                                                       Bytes secret_key, Bytes public_key,
                                                       std::optional<std::uint64_t> last_generation,
                                                       Bytes message, MutableBytes out) {
    const auto c = detail::raw(envelope);
    std::uint64_t generation = 0;
    std::uint64_t step = 0;
    std::size_t len = 0;
    const auto result = frameseal_sealed_key_open(
        &c, secret_key.data(), secret_key.size(), public_key.data(), public_key.size(),
        last_generation.has_value() ? &*last_generation : nullptr, message.data(), message.size(),
        &generation, &step, out.data(), out.size(), &len);
    if (result != FRAMESEAL_OK) {
        return detail::failure(result, len);
    }
    return SenderKey<MutableBytes>{generation, step, out.first(len)};
}
inline Result<SenderKey<Secret>> open_sealed_key(const KeyEnvelope &envelope, Bytes secret_key,
                                                 Bytes public_key,
                                                 std::optional<std::uint64_t> last_generation,
                                                 Bytes message) {
    return detail::sender_key_of([&](MutableBytes out) {
        return open_sealed_key(envelope, secret_key, public_key, last_generation, message, out);
    });
}

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
