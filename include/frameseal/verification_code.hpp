// Codes that people read to each other, to find out that nobody is between them.
#ifndef FRAMESEAL_VERIFICATION_CODE_HPP
#define FRAMESEAL_VERIFICATION_CODE_HPP

#include "borrowed_bytes.hpp"
#include "handle.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// How many digits. The long code begins with the other one.
enum class CodeDigits : std::uint32_t {
    standard = FRAMESEAL_CODE_DIGITS,
    full = FRAMESEAL_LONG_CODE_DIGITS,
};

// One of two parties whose identities are compared. Holds views alone.
struct Identity {
    BorrowedBytes name;       // at least one byte, the same in both applications
    BorrowedBytes public_key; // long-term, at least 32 bytes
};

namespace detail {

inline frameseal_identity raw(const Identity &identity) noexcept {
    return {{identity.name.data(), identity.name.size()},
            {identity.public_key.data(), identity.public_key.size()}};
}

} // namespace detail

// The code of an MLS epoch, from its epoch authenticator of 32 to 64 bytes. Show it in groups of
// five, with the epoch's number. Some milliseconds on a telephone: not for the media thread.
inline Result<std::string> verification_code_for_epoch(Bytes authenticator,
                                                       CodeDigits digits = CodeDigits::standard) {
    return detail::to_string([&](char *out, std::size_t capacity, std::size_t *len) {
        return frameseal_verification_code_for_epoch(authenticator.data(), authenticator.size(),
                                                     static_cast<std::uint32_t>(digits), out,
                                                     capacity, len);
    });
}
// The same, into `out` with a zero behind it; answers the number of digits.
inline Result<std::size_t> verification_code_for_epoch(Bytes authenticator, CodeDigits digits,
                                                       char *out, std::size_t capacity) {
    std::size_t len = 0;
    const auto result = frameseal_verification_code_for_epoch(
        authenticator.data(), authenticator.size(), static_cast<std::uint32_t>(digits), out,
        capacity, &len);
    return detail::text_len(result, len);
}

// The code of two identities, the same whichever is named first, for as long as both keep their
// keys.
inline Result<std::string> verification_code_for_pair(const Identity &one, const Identity &other,
                                                      CodeDigits digits = CodeDigits::standard) {
    const auto c_one = detail::raw(one);
    const auto c_other = detail::raw(other);
    return detail::to_string([&](char *out, std::size_t capacity, std::size_t *len) {
        return frameseal_verification_code_for_pair(&c_one, &c_other,
                                                    static_cast<std::uint32_t>(digits), out,
                                                    capacity, len);
    });
}
// The same, into `out` with a zero behind it; answers the number of digits.
inline Result<std::size_t> verification_code_for_pair(const Identity &one, const Identity &other,
                                                      CodeDigits digits, char *out,
                                                      std::size_t capacity) {
    const auto c_one = detail::raw(one);
    const auto c_other = detail::raw(other);
    std::size_t len = 0;
    const auto result = frameseal_verification_code_for_pair(
        &c_one, &c_other, static_cast<std::uint32_t>(digits), out, capacity, &len);
    return detail::text_len(result, len);
}

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
