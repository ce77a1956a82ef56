// Cipher suites, the implementations that compute them, sizes, and the version.
#ifndef FRAMESEAL_SUITE_HPP
#define FRAMESEAL_SUITE_HPP

#include "handle.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// The IANA registry "SFrame Cipher Suites". The number behind the last _ is the bits of the tag.
enum class Suite : frameseal_suite {
    aes_128_ctr_hmac_sha256_80 = FRAMESEAL_AES_128_CTR_HMAC_SHA256_80,
    aes_128_ctr_hmac_sha256_64 = FRAMESEAL_AES_128_CTR_HMAC_SHA256_64,
    aes_128_ctr_hmac_sha256_32 = FRAMESEAL_AES_128_CTR_HMAC_SHA256_32, // RFC 9605 section 7.5 first
    aes_128_gcm_sha256_128 = FRAMESEAL_AES_128_GCM_SHA256_128,
    aes_256_gcm_sha512_128 = FRAMESEAL_AES_256_GCM_SHA512_128,
    aes_256_ctr_hmac_sha512_80 = FRAMESEAL_AES_256_CTR_HMAC_SHA512_80,
    aes_256_ctr_hmac_sha512_64 = FRAMESEAL_AES_256_CTR_HMAC_SHA512_64,
    aes_256_ctr_hmac_sha512_32 = FRAMESEAL_AES_256_CTR_HMAC_SHA512_32, // RFC 9605 section 7.5 first
};

// Which implementation computes the AEAD; all give the same bytes. See FRAMESEAL_BACKEND_.
enum class Backend : frameseal_backend {
    library_default = FRAMESEAL_BACKEND_DEFAULT,
    rust_crypto = FRAMESEAL_BACKEND_RUST_CRYPTO,
    aws_lc = FRAMESEAL_BACKEND_AWS_LC,
    kernel = FRAMESEAL_BACKEND_KERNEL,
};

// Headroom and tailroom that always suffice, and other sizes in bytes.
inline constexpr std::size_t max_header_len = FRAMESEAL_MAX_HEADER_LEN;
inline constexpr std::size_t max_tag_len = FRAMESEAL_MAX_TAG_LEN;
inline constexpr std::size_t max_hash_len = FRAMESEAL_MAX_HASH_LEN;
inline constexpr std::size_t min_base_key_len = FRAMESEAL_MIN_BASE_KEY_LEN;
inline constexpr std::size_t max_base_key_len = FRAMESEAL_MAX_BASE_KEY_LEN;
inline constexpr std::size_t max_slices = FRAMESEAL_MAX_SLICES;
inline constexpr std::uint32_t max_replay_window = FRAMESEAL_MAX_REPLAY_WINDOW; // counters

namespace detail {

inline frameseal_suite raw(Suite suite) noexcept {
    return static_cast<frameseal_suite>(suite);
}
inline frameseal_backend raw(Backend backend) noexcept {
    return static_cast<frameseal_backend>(backend);
}
inline const char *text_or_empty(const char *text) noexcept {
    return text != nullptr ? text : "";
}

} // namespace detail

// Its registered name; "" for a number that is not registered. Static, as all texts.
inline const char *name(Suite suite) noexcept {
    return detail::text_or_empty(frameseal_suite_name(detail::raw(suite)));
}
// "" for library_default, which is no backend of its own.
inline const char *name(Backend backend) noexcept {
    return detail::text_or_empty(frameseal_backend_name(detail::raw(backend)));
}
// Which backend really serves keys of the suite on this processor when `asked` is asked for; none
// when it is not in this build.
inline std::optional<Backend> backend_serving(Suite suite, Backend asked) noexcept {
    const frameseal_backend serving =
        frameseal_backend_serving(detail::raw(suite), detail::raw(asked));
    return serving == 0 ? std::nullopt : std::optional(static_cast<Backend>(serving));
}

// Bytes of tag (Nt), key (Nk) and hash (Nh); 0 for a suite that is not registered.
inline std::size_t tag_len(Suite suite) noexcept {
    return frameseal_suite_tag_len(detail::raw(suite));
}
inline std::size_t key_len(Suite suite) noexcept {
    return frameseal_suite_key_len(detail::raw(suite));
}
inline std::size_t hash_len(Suite suite) noexcept {
    return frameseal_suite_hash_len(detail::raw(suite));
}
// The most bytes that encryption adds to a frame.
inline std::size_t max_overhead(Suite suite) noexcept {
    return frameseal_max_overhead(detail::raw(suite));
}

// The library that runs: "0.1.0" and 0xMMmmpp.
inline const char *version() noexcept {
    return frameseal_version();
}
// The version with the AEAD backends that are built in: "0.1.0 (RustCrypto)".
inline const char *version_text() noexcept {
    return frameseal_version_text();
}
inline std::uint32_t version_number() noexcept {
    return frameseal_version_number();
}
// The library that this header is of.
inline constexpr std::uint32_t header_version_number = FRAMESEAL_VERSION_NUMBER;

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
