// The inventory of what servers see of a call, for a product to show.
#ifndef FRAMESEAL_VISIBLE_HPP
#define FRAMESEAL_VISIBLE_HPP

#include "names.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// What decides it. EpochManager::visible_config fills it in.
struct VisibleConfig {
    Suite suite = Suite::aes_128_gcm_sha256_128;
    Keying keying = Keying::plain;
    std::size_t clear_bytes = 0; // the most bytes of a frame that the application leaves in the clear
    std::size_t passthrough_senders = 0;
    std::uint8_t ratchet_bits = 0; // sender keys
    std::uint8_t epoch_bits = 0;   // MLS, 1 to 16
    std::uint8_t index_bits = 0;   // MLS, 0 to 32
};

// One line of the inventory.
struct VisibleItem {
    VisibleId id;
    bool visible;
    std::optional<std::uint64_t> amount; // in the unit that the number of `id` says
    const char *name;                    // for records and translations; static
    const char *text;                    // what a product can show, in English; static
};

namespace detail {

inline frameseal_visible_config raw(const VisibleConfig &config) noexcept {
    auto c = sized<frameseal_visible_config>();
    c.clear_bytes = config.clear_bytes;
    c.passthrough_senders = config.passthrough_senders;
    c.keying = static_cast<frameseal_keying>(config.keying);
    c.suite = raw(config.suite);
    c.ratchet_bits = config.ratchet_bits;
    c.epoch_bits = config.epoch_bits;
    c.index_bits = config.index_bits;
    return c;
}
inline VisibleConfig from(const frameseal_visible_config &c) noexcept {
    return {static_cast<Suite>(c.suite), static_cast<Keying>(c.keying), c.clear_bytes,
            c.passthrough_senders,       c.ratchet_bits,                c.epoch_bits,
            c.index_bits};
}

} // namespace detail

inline std::size_t visible_item_count() noexcept {
    return frameseal_visible_item_count();
}

// Line `at`, from 0 on, always in the same order.
inline Result<VisibleItem> visible_item_at(const VisibleConfig &config, std::size_t at) {
    const auto c_config = detail::raw(config);
    auto c = detail::sized<frameseal_visible_item>();
    const auto result = frameseal_visible_item_at(&c_config, at, &c);
    return detail::answer(
        result,
        VisibleItem{static_cast<VisibleId>(c.id), c.visible != 0,
                    c.has_amount != 0 ? std::optional(c.amount) : std::nullopt, c.name, c.text});
}

// All of it as one JSON object.
inline Result<std::string> visible_json(const VisibleConfig &config) {
    const auto c = detail::raw(config);
    return detail::to_string([&c](char *out, std::size_t capacity, std::size_t *len) {
        return frameseal_visible_json(&c, out, capacity, len);
    });
}
// The same, into `out` with a zero behind it; answers the length without that.
inline Result<std::size_t> visible_json(const VisibleConfig &config, char *out,
                                        std::size_t capacity) {
    const auto c = detail::raw(config);
    std::size_t len = 0;
    const auto result = frameseal_visible_json(&c, out, capacity, &len);
    return detail::text_len(result, len);
}

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
