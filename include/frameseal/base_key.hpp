// Base keys that are derived from base keys. The answers are secrets and the caller's: a Secret
// wipes itself, other memory is for the caller to wipe.
#ifndef FRAMESEAL_BASE_KEY_HPP
#define FRAMESEAL_BASE_KEY_HPP

#include "secret.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// The next base key of a sender that ratchets (RFC 9605 section 5.1), hash_len(suite) bytes. `out`
// may overlap `base_key`, so that the new one replaces the old one.
inline Result<MutableBytes> ratchet_base_key(Suite suite, Bytes base_key, MutableBytes out) {
    std::size_t len = 0;
    const auto result = frameseal_base_key_ratchet(detail::raw(suite), base_key.data(),
                                                   base_key.size(), out.data(), out.size(), &len);
    return detail::written(result, out, len);
}
inline Result<Secret> ratchet_base_key(Suite suite, Bytes base_key) {
    return Secret::written_by(
        [&](MutableBytes out) { return ratchet_base_key(suite, base_key, out); });
}

// The base key of one RTP stream (draft-ietf-avtcore-rtp-sframe, per-SSRC keys), in the same way.
inline Result<MutableBytes> base_key_for_ssrc(Suite suite, Bytes base_key, std::uint32_t ssrc,
                                              MutableBytes out) {
    std::size_t len = 0;
    const auto result =
        frameseal_base_key_for_ssrc(detail::raw(suite), base_key.data(), base_key.size(), ssrc,
                                    out.data(), out.size(), &len);
    return detail::written(result, out, len);
}
inline Result<Secret> base_key_for_ssrc(Suite suite, Bytes base_key, std::uint32_t ssrc) {
    return Secret::written_by(
        [&](MutableBytes out) { return base_key_for_ssrc(suite, base_key, ssrc, out); });
}

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
