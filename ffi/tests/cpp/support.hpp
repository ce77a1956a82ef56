// What the C++ test programs have in common: a check that counts, and an expected error.
#ifndef FRAMESEAL_TESTS_SUPPORT_HPP
#define FRAMESEAL_TESTS_SUPPORT_HPP

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "frameseal.hpp"

using namespace frameseal;
using Vector = std::vector<std::uint8_t>;

inline constexpr Suite gcm = Suite::aes_128_gcm_sha256_128;
inline constexpr Millis start{0};

inline long checks;
inline long failures;

inline void check(bool holds, const char *file, int line, const char *what) {
    checks++;
    if (!holds) {
        failures++;
        std::printf("%s:%d: %s\n", file, line, what);
    }
}

#define CHECK(condition) check(static_cast<bool>(condition), __FILE__, __LINE__, #condition)
// That a call succeeds, and that it fails in this way.
#define OK(call) check((call).has_value(), __FILE__, __LINE__, #call)
#define FAILS(call, code_) check((call).error() == ErrorCode::code_, __FILE__, __LINE__, #call)

inline Vector filled(std::size_t len, unsigned seed = 1) {
    Vector bytes(len);
    for (std::size_t i = 0; i < len; i++) {
        bytes[i] = static_cast<std::uint8_t>(i * 37 + seed);
    }
    return bytes;
}

inline bool same(Bytes a, Bytes b) {
    return a.size() == b.size() && std::string_view(reinterpret_cast<const char *>(a.data()), a.size())
                                       == std::string_view(
                                           reinterpret_cast<const char *>(b.data()), b.size());
}

// The last line of every program.
inline int summary() {
    std::printf("%ld checks, %ld failures\n", checks, failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
