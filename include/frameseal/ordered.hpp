// Comparisons and hashes of the values that name somebody or something, so that they can be the
// keys of std::map and std::unordered_map. Such a type has a `tied()`, which answers a std::tuple
// of what is compared, in this order.
#ifndef FRAMESEAL_ORDERED_HPP
#define FRAMESEAL_ORDERED_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mode.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

namespace detail {

template <typename T>
using Tied = decltype(std::declval<const T &>().tied());

// As those of the standard library, it does not keep whoever chooses the keys from choosing many
// with one hash.
template <typename T>
struct Hash {
    std::size_t operator()(const T &value) const noexcept {
        return std::apply(
            [](const auto &...parts) {
                std::uint64_t hash = 0;
                ((hash = mixed(hash ^ std::hash<std::decay_t<decltype(parts)>>()(parts))), ...);
                return static_cast<std::size_t>(hash);
            },
            value.tied());
    }

private:
    // Small numbers, which most parts are, to all bits.
    static constexpr std::uint64_t mixed(std::uint64_t number) noexcept {
        number *= 0x9E37'79B9'7F4A'7C15U; // odd, with its bits spread: 2^64 by the golden ratio
        return number ^ (number >> 32);
    }
};

} // namespace detail

template <typename T, typename = detail::Tied<T>>
bool operator==(const T &a, const T &b) noexcept {
    return a.tied() == b.tied();
}
template <typename T, typename = detail::Tied<T>>
bool operator!=(const T &a, const T &b) noexcept {
    return !(a == b);
}
template <typename T, typename = detail::Tied<T>>
bool operator<(const T &a, const T &b) noexcept {
    return a.tied() < b.tied();
}
template <typename T, typename = detail::Tied<T>>
bool operator>(const T &a, const T &b) noexcept {
    return b < a;
}
template <typename T, typename = detail::Tied<T>>
bool operator<=(const T &a, const T &b) noexcept {
    return !(b < a);
}
template <typename T, typename = detail::Tied<T>>
bool operator>=(const T &a, const T &b) noexcept {
    return !(a < b);
}

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
