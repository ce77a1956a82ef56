// Sender keys (RFC 9605 section 5.1): every participant has a key of its own.
#ifndef FRAMESEAL_SENDER_KEYS_HPP
#define FRAMESEAL_SENDER_KEYS_HPP

#include "decryptor.hpp"
#include "sealed_key.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Low bits of key ids that carry the ratchet step: none, the most, and for when there is no reason
// for others.
inline constexpr std::uint32_t no_ratchet = FRAMESEAL_NO_RATCHET;
inline constexpr std::uint32_t max_ratchet_bits = FRAMESEAL_MAX_RATCHET_BITS;
inline constexpr std::uint32_t standard_ratchet_bits = FRAMESEAL_STANDARD_RATCHET_BITS;

// Begins with the library's defaults for the suite; change what shall be different. What a field is
// for stands at the field of that name in frameseal_sender_keys_config.
struct SenderKeysConfig {
    explicit SenderKeysConfig(Suite for_suite) : suite(for_suite) {
        auto c = detail::sized<frameseal_sender_keys_config>();
        if (frameseal_sender_keys_config_init(&c, sizeof c, detail::raw(suite)) == FRAMESEAL_OK) {
            replay_protection = (c.flags & FRAMESEAL_REPLAY_PROTECTION_OFF) == 0;
            stop_key_on_forgery = (c.flags & FRAMESEAL_STOP_KEY_ON_FORGERY) != 0;
            max_frames = c.max_frames;
            max_bytes = c.max_bytes;
            failed_opens = c.failed_opens;
            retain = Millis(c.retain_ms);
            retain_generation = Millis(c.retain_generation_ms);
            replay_window = c.replay_window;
            max_forward = c.max_forward;
            max_retained = c.max_retained;
            max_old_generations = c.max_old_generations;
            backend = static_cast<Backend>(c.backend);
        }
    }

    Suite suite;
    bool replay_protection = true;
    bool stop_key_on_forgery = false; // anybody who can send bytes can then stop a key
    std::uint64_t max_frames = 0;
    std::uint64_t max_bytes = 0;
    std::uint64_t failed_opens = 0;
    Millis retain{};
    Millis retain_generation{};
    std::uint32_t replay_window = 0;
    std::uint32_t max_forward = 0;
    std::uint32_t max_retained = 0;
    std::uint32_t max_old_generations = 0;
    Backend backend = Backend::library_default;

    frameseal_sender_keys_config raw() const noexcept {
        auto c = detail::sized<frameseal_sender_keys_config>();
        c.suite = detail::raw(suite);
        c.flags = detail::replay_flags(replay_protection, stop_key_on_forgery);
        c.max_frames = max_frames;
        c.max_bytes = max_bytes;
        c.failed_opens = failed_opens;
        c.retain_ms = retain.count();
        c.retain_generation_ms = retain_generation.count();
        c.replay_window = replay_window;
        c.max_forward = max_forward;
        c.max_retained = max_retained;
        c.max_old_generations = max_old_generations;
        c.backend = detail::raw(backend);
        return c;
    }
};

// How far our own key has come.
struct OwnSenderKey {
    std::uint64_t generation;
    std::uint64_t step;
    std::uint64_t key_id;       // of the next frame
    std::uint64_t next_counter; // 0 when exhausted
    std::uint64_t frames;       // sealed in this step
    std::uint64_t bytes;
    std::uint32_t fingerprint; // for logs, as 8 hexadecimal digits: reveals nothing of the key
    std::uint32_t ratchet_bits;
    bool exhausted;
};

// What is held of one member's keys.
struct MemberSenderKey {
    std::uint64_t generation;   // the newest
    std::uint64_t step;         // the latest that authenticated, or that it began with
    std::uint64_t failed_ahead; // frames that named a step ahead and did not authenticate
    std::size_t generations;    // how many are held
    std::size_t steps;
};

// A frame that authenticated. Payload is MutableBytes or a std::vector.
template <typename Payload>
struct OpenedStep {
    Payload payload;
    std::uint64_t key_id;
    std::uint64_t counter;
    std::uint64_t generation;
    std::uint64_t step;

    // The same, with its payload elsewhere.
    template <typename Other>
    OpenedStep<Other> with(Other elsewhere) const {
        return {std::move(elsewhere), key_id, counter, generation, step};
    }
};

namespace detail {

template <typename Payload>
OpenedStep<Payload> told(const frameseal_step_info &info, Payload payload) {
    return {std::move(payload), info.key_id, info.counter, info.generation, info.step};
}

} // namespace detail

// Our own key and those of the others. Members are numbers of the application, since key ids are
// unique for each sender only; nobody who comes back gets an old number. Owns counters: after a
// restart, begin a new generation with a new base key. After fork, the child's copy answers
// ErrorCode::forked. Base keys that it is given are not kept where they are: wipe them.
class SenderKeys : public detail::Handle<frameseal_sender_keys, frameseal_sender_keys_free> {
public:
    static Result<SenderKeys> create(const SenderKeysConfig &config) {
        const auto c = config.raw();
        frameseal_sender_keys *handle = nullptr;
        const auto result = frameseal_sender_keys_new(&c, &handle);
        if (result != FRAMESEAL_OK) {
            return Error::of(result);
        }
        return SenderKeys(handle, config.suite);
    }
    // With the defaults.
    static Result<SenderKeys> create(Suite suite) { return create(SenderKeysConfig(suite)); }

    // What it was made for; said also when it was moved from.
    Suite suite() const noexcept { return suite_; }

    // Begins to send, at step 0 of a generation. The receivers must know the ratchet bits.
    Result<void> start_sending(std::uint32_t ratchet_bits, std::uint64_t generation,
                               Bytes base_key) {
        return detail::done(frameseal_sender_keys_start_sending(
            native_handle(), ratchet_bits, generation, base_key.data(), base_key.size()));
    }
    // Somebody joins: goes to the next step. Then give `joiner_key` to whoever joins.
    Result<void> ratchet() {
        return detail::done(frameseal_sender_keys_ratchet(native_handle()));
    }
    // Somebody left: first announce the next generation, then give its key to those who stay, then
    // roll to it.
    Result<void> announce(std::uint64_t generation, Bytes base_key) {
        return detail::done(frameseal_sender_keys_announce(native_handle(), generation,
                                                           base_key.data(), base_key.size()));
    }
    Result<void> roll(std::uint64_t generation, Bytes base_key) {
        return detail::done(frameseal_sender_keys_roll(native_handle(), generation, base_key.data(),
                                                       base_key.size()));
    }
    // Wipes our own key.
    Result<void> stop_sending() {
        return detail::done(frameseal_sender_keys_stop_sending(native_handle()));
    }

    // What somebody who joins is given, over a channel that is end-to-end encrypted.
    Result<SenderKey<Secret>> joiner_key() const {
        return detail::sender_key_of([this](MutableBytes out) { return joiner_key(out); });
    }
    // The same, with the base key in `out`, which is for the caller to wipe.
    Result<SenderKey<MutableBytes>> joiner_key(MutableBytes out) const {
        std::uint64_t generation = 0;
        std::uint64_t step = 0;
        std::size_t len = 0;
        const auto result = frameseal_sender_keys_joiner_key(native_handle(), &generation, &step,
                                                             out.data(), out.size(), &len);
        if (result != FRAMESEAL_OK) {
            return detail::failure(result, len);
        }
        return SenderKey<MutableBytes>{generation, step, out.first(len)};
    }
    // The same, sealed to one participant, for any channel: see sealed_key.hpp.
    Result<MutableBytes> seal_joiner_key(const KeyEnvelope &envelope, Bytes secret_key,
                                         Bytes public_key, Bytes random, MutableBytes out) const {
        const auto c = detail::raw(envelope);
        std::size_t len = 0;
        const auto result = frameseal_sender_keys_seal_joiner_key(
            native_handle(), &c, secret_key.data(), secret_key.size(), public_key.data(),
            public_key.size(), random.data(), random.size(), out.data(), out.size(), &len);
        return detail::written(result, out, len);
    }
    Result<std::vector<std::uint8_t>> seal_joiner_key(const KeyEnvelope &envelope, Bytes secret_key,
                                                      Bytes public_key, Bytes random) const {
        return detail::to_vector(max_base_key_len + sealed_key_overhead, [&](MutableBytes out) {
            return seal_joiner_key(envelope, secret_key, public_key, random, out);
        });
    }

    // Adds a member who sends, at a generation and step; a member who is here gets a newer one.
    Result<void> add_member(Millis now, std::uint64_t member, std::uint32_t ratchet_bits,
                            std::uint64_t generation, std::uint64_t step, Bytes base_key) {
        return detail::done(frameseal_sender_keys_add_member(native_handle(), now.count(), member,
                                                             ratchet_bits, generation, step,
                                                             base_key.data(), base_key.size()));
    }
    template <typename Key>
    Result<void> add_member(Millis now, std::uint64_t member, std::uint32_t ratchet_bits,
                            const SenderKey<Key> &key) {
        return add_member(now, member, ratchet_bits, key.generation, key.step, key.base_key);
    }
    // A member rolls. The old generations are accepted for `retain_generation` more.
    Result<void> add_generation(Millis now, std::uint64_t member, std::uint64_t generation,
                                std::uint64_t step, Bytes base_key) {
        return detail::done(
            frameseal_sender_keys_add_generation(native_handle(), now.count(), member, generation,
                                                 step, base_key.data(), base_key.size()));
    }
    template <typename Key>
    Result<void> add_generation(Millis now, std::uint64_t member, const SenderKey<Key> &key) {
        return add_generation(now, member, key.generation, key.step, key.base_key);
    }
    // Wipes all keys of a member. Then roll, and let the others roll.
    Result<void> remove_member(std::uint64_t member) {
        return detail::done(frameseal_sender_keys_remove_member(native_handle(), member));
    }
    // Accepts old generations for no longer than `within` from now on, as when somebody was
    // removed.
    Result<void> end_old_generations(Millis now, Millis within) {
        return detail::done(frameseal_sender_keys_end_old_generations(native_handle(), now.count(),
                                                                      within.count()));
    }

    // Wipes the keys that are due: to be called at `next_deadline`.
    Result<void> poll(Millis now) {
        return detail::done(frameseal_sender_keys_poll(native_handle(), now.count()));
    }
    Result<std::optional<Millis>> next_deadline() const {
        bool pending = false;
        std::uint64_t at_ms = 0;
        const auto result = frameseal_sender_keys_next_deadline(native_handle(), &pending, &at_ms);
        return detail::deadline(result, pending, at_ms);
    }
    struct ForgeryAlarm {
        std::uint64_t member;
        std::uint64_t key_id;
    };
    // The next key with as many failed opens as the configuration allows. Each is told once.
    Result<std::optional<ForgeryAlarm>> poll_forgery_alarm() {
        bool raised = false;
        ForgeryAlarm alarm{};
        const auto result = frameseal_sender_keys_poll_forgery_alarm(native_handle(), &raised,
                                                                     &alarm.member, &alarm.key_id);
        return detail::answer(result, raised ? std::optional(alarm) : std::nullopt);
    }
    Result<OwnSenderKey> own_key() const {
        auto c = detail::sized<frameseal_own_sender_key>();
        const auto result = frameseal_sender_keys_own_key(native_handle(), &c);
        return detail::answer(result, OwnSenderKey{c.generation, c.step, c.key_id, c.next_counter,
                                                   c.frames, c.bytes, c.fingerprint, c.ratchet_bits,
                                                   c.exhausted != 0});
    }
    Result<MemberSenderKey> member_key(std::uint64_t member) const {
        auto c = detail::sized<frameseal_member_sender_key>();
        const auto result = frameseal_sender_keys_member_key(native_handle(), member, &c);
        return detail::answer(result, MemberSenderKey{c.generation, c.step, c.failed_ahead,
                                                      c.generations, c.steps});
    }

    // Exactly how many bytes the next frame has when it is sealed.
    Result<std::size_t> sealed_len(std::size_t payload_len) const {
        std::size_t len = 0;
        const auto result = frameseal_sender_keys_sealed_len(native_handle(), payload_len, &len);
        return detail::answer(result, len);
    }
    // How many bytes of payload a frame claims to have. Needs no key.
    Result<std::size_t> payload_len(Bytes sealed) const {
        std::size_t len = 0;
        const auto result =
            frameseal_sender_keys_payload_len(native_handle(), sealed.data(), sealed.size(), &len);
        return detail::answer(result, len);
    }
    // As Encryptor::encrypt, with our own key at its present step.
    Result<MutableBytes> encrypt(const Metadata &metadata, Bytes payload, MutableBytes out) {
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_sender_keys_encrypt(native_handle(), metadata.one().data(),
                                                metadata.one().size(), payload.data(),
                                                payload.size(), out.data(), out.size(), &len)
                : frameseal_sender_keys_encrypt_slices(native_handle(), metadata.data(),
                                                       metadata.size(), payload.data(),
                                                       payload.size(), out.data(), out.size(),
                                                       &len);
        return detail::written(result, out, len);
    }
    // As Encryptor::encrypt_in_place.
    Result<MutableBytes> encrypt_in_place(const Metadata &metadata, MutableBytes buffer,
                                          std::size_t payload_offset, std::size_t payload_len) {
        std::size_t offset = 0;
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_sender_keys_encrypt_in_place(
                      native_handle(), metadata.one().data(), metadata.one().size(),
                      buffer.data(), buffer.size(), payload_offset, payload_len, &offset, &len)
                : frameseal_sender_keys_encrypt_in_place_slices(
                      native_handle(), metadata.data(), metadata.size(), buffer.data(),
                      buffer.size(), payload_offset, payload_len, &offset, &len);
        return detail::in_place(result, buffer, offset, len);
    }
    Result<std::vector<std::uint8_t>> encrypt(const Metadata &metadata, Bytes payload) {
        return detail::to_vector(payload.size() + max_overhead(suite_), [&](MutableBytes out) {
            return encrypt(metadata, payload, out);
        });
    }
    // As Decryptor::decrypt, a frame of this member. Whose it is must be known from elsewhere, such
    // as the stream. Calls wait for each other.
    Result<OpenedStep<MutableBytes>> decrypt(Millis now, std::uint64_t member,
                                             const Metadata &metadata, Bytes sealed,
                                             MutableBytes out) {
        auto info = detail::sized<frameseal_step_info>();
        std::size_t len = 0;
        const auto result =
            metadata.is_one()
                ? frameseal_sender_keys_decrypt(native_handle(), now.count(), member,
                                                metadata.one().data(), metadata.one().size(),
                                                sealed.data(), sealed.size(), out.data(),
                                                out.size(), &len, &info)
                : frameseal_sender_keys_decrypt_slices(
                      native_handle(), now.count(), member, metadata.data(), metadata.size(),
                      sealed.data(), sealed.size(), out.data(), out.size(), &len, &info);
        if (result != FRAMESEAL_OK) {
            return detail::failure(result, len, info.key_id);
        }
        return detail::told(info, out.first(len));
    }
    // The payload replaces the frame, from the same address on.
    Result<OpenedStep<MutableBytes>> decrypt_in_place(Millis now, std::uint64_t member,
                                                      const Metadata &metadata,
                                                      MutableBytes frame) {
        return decrypt(now, member, metadata, frame, frame);
    }
    // The same, into a new vector.
    Result<OpenedStep<std::vector<std::uint8_t>>> decrypt(Millis now, std::uint64_t member,
                                                          const Metadata &metadata, Bytes sealed) {
        return detail::open_to_vector<OpenedStep>(sealed.size(), [&](MutableBytes out) {
            return decrypt(now, member, metadata, sealed, out);
        });
    }

private:
    SenderKeys(frameseal_sender_keys *handle, Suite suite) noexcept
        : Handle(handle), suite_(suite) {}

    Suite suite_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
