// What a server can read of a frame, without a key. Nothing of it is authenticated.
#ifndef FRAMESEAL_INSPECT_HPP
#define FRAMESEAL_INSPECT_HPP

#include "names.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// The header of a frame.
struct Header {
    std::uint64_t key_id;
    std::uint64_t counter;
    std::size_t len; // bytes of the header
};

// Reads the header at the start of `data`: to route, or to look for a key.
inline Result<Header> peek_header(Bytes data) {
    frameseal_header c{};
    const auto result = frameseal_header_peek(data.data(), data.size(), &c);
    return detail::answer(result, Header{c.key_id, c.counter, c.len});
}

// What the bytes say, and how long the parts are; zeros where the keying has no such number, and
// all but the verdict if the frame is not possible.
struct Inspection {
    Verdict verdict;
    std::uint64_t key_id;
    std::uint64_t counter;
    std::uint64_t generation; // sender keys
    std::uint64_t step_bits;  // sender keys: the low bits of the step
    std::uint64_t context;    // MLS
    std::uint64_t epoch_bits; // MLS: the low bits of the epoch
    std::uint32_t index;      // MLS: the leaf
    std::size_t header_len;
    std::size_t sealed_len;
    std::size_t payload_len; // 0 if the suite is not known
};

// What a server knows of a call.
struct Inspector {
    Keying keying = Keying::plain;
    std::optional<Suite> suite;
    std::uint64_t contexts = 0; // MLS: they are below this number; 0 if that is not known
    std::uint32_t leaves = 0;   // MLS: of the tree, blank ones included; 0 if that is not known
    std::uint8_t ratchet_bits = 0; // sender keys
    std::uint8_t epoch_bits = 0;   // MLS, 1 to 16
    std::uint8_t index_bits = 0;   // MLS, 0 to 32

    // Whether these bytes can be a frame of the call. That is weak evidence, and no status.
    Result<Inspection> inspect(Bytes sealed) const {
        auto call = detail::sized<frameseal_inspector>();
        call.contexts = contexts;
        call.leaves = leaves;
        call.keying = static_cast<frameseal_keying>(keying);
        call.suite = suite.has_value() ? detail::raw(*suite) : frameseal_suite{0};
        call.ratchet_bits = ratchet_bits;
        call.epoch_bits = epoch_bits;
        call.index_bits = index_bits;
        auto c = detail::sized<frameseal_inspection>();
        const auto result = frameseal_inspect(&call, sealed.data(), sealed.size(), &c);
        return detail::answer(result, Inspection{static_cast<Verdict>(c.verdict), c.key_id, c.counter,
                                                 c.generation, c.step_bits, c.context, c.epoch_bits,
                                                 c.index, c.header_len, c.sealed_len,
                                                 c.payload_len});
    }
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
