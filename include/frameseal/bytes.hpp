// Views of bytes, which own nothing: a pointer and a size. They must not outlive what they view.
#ifndef FRAMESEAL_BYTES_HPP
#define FRAMESEAL_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mode.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

class Bytes;

namespace detail {

template <typename T>
inline constexpr bool is_byte = std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::byte>;

// Elements of containers that can be written as bytes; text as well. Constant ones cannot.
template <typename T>
inline constexpr bool is_writable = is_byte<T> || std::is_same_v<T, char>;
template <typename T>
inline constexpr bool is_readable = is_writable<std::remove_const_t<T>>;

// What a pointer with a size can point to: memory of no type as well.
template <typename T>
inline constexpr bool is_memory = is_writable<T> || std::is_same_v<T, void>;

// What data() points to, for anything that has data() and size().
template <typename C, typename = decltype(std::declval<C &>().size())>
using Element = std::remove_pointer_t<decltype(std::declval<C &>().data())>;

// Views of constant elements that are known as such: std::string_view, ours, and templates that are
// given the constant element, such as std::span, absl::Span and webrtc::ArrayView.
template <typename C>
inline constexpr bool is_constant_view = std::is_base_of_v<Bytes, C>;
template <typename Traits>
inline constexpr bool is_constant_view<std::basic_string_view<char, Traits>> = true;
template <template <typename> class View, typename E>
inline constexpr bool is_constant_view<View<const E>> = true;
template <template <typename, std::size_t> class View, typename E, std::size_t N>
inline constexpr bool is_constant_view<View<const E, N>> = true;
template <template <typename, std::ptrdiff_t> class View, typename E, std::ptrdiff_t N>
inline constexpr bool is_constant_view<View<const E, N>> = true;

// Whether a C owns the bytes that it shows, so that they end with it. A view is copied as it lies in
// memory, and shows elements that can be written also when it is constant; or it is known to be one.
// All else is an owner: also a key with nothing but a constant data(), which looks as a view does.
template <typename C, typename = void>
struct Owns : std::true_type {};
template <typename C>
struct Owns<C, std::void_t<Element<C>, Element<const C>>>
    : std::bool_constant<!std::is_trivially_copyable_v<C>
                         || !std::is_same_v<Element<C>, Element<const C>>
                         || (std::is_const_v<Element<C>> && !is_constant_view<C>)> {};

// Whether an argument `T &&` is an owner that is soon gone.
template <typename T>
inline constexpr bool is_temporary_owner =
    !std::is_lvalue_reference_v<T> && Owns<std::remove_cv_t<std::remove_reference_t<T>>>::value;

} // namespace detail

// Bytes that are written to. From vectors, arrays and std::span of uint8_t, std::byte or char, from
// std::string, from C arrays of uint8_t or std::byte, and from a pointer and a size; not from a
// temporary that owns its bytes, with which what was written would be gone.
class MutableBytes {
public:
    constexpr MutableBytes() noexcept = default;
    constexpr MutableBytes(std::uint8_t *data, std::size_t size) noexcept
        : data_(data), size_(size) {}
    template <typename T, typename = std::enable_if_t<detail::is_memory<T>>>
    MutableBytes(T *data, std::size_t size) noexcept
        : data_(static_cast<std::uint8_t *>(static_cast<void *>(data))), size_(size) {}

    template <typename T, std::size_t N, typename = std::enable_if_t<detail::is_byte<T>>>
    MutableBytes(T (&array)[N]) noexcept
        : data_(reinterpret_cast<std::uint8_t *>(array)), size_(N) {}

    template <typename C, typename Plain = std::remove_reference_t<C>,
              typename = std::enable_if_t<!std::is_same_v<std::remove_const_t<Plain>, MutableBytes>
                                          && detail::is_writable<detail::Element<Plain>>
                                          && !detail::is_temporary_owner<C>>>
    MutableBytes(C &&container) noexcept
        : data_(reinterpret_cast<std::uint8_t *>(container.data())), size_(container.size()) {}

    constexpr std::uint8_t *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr std::uint8_t *begin() const noexcept { return data_; }
    constexpr std::uint8_t *end() const noexcept { return data_ + size_; }
    // `at` must be below size().
    constexpr std::uint8_t &operator[](std::size_t at) const noexcept { return data_[at]; }

    // The first `count`, or all where there are fewer.
    constexpr MutableBytes first(std::size_t count) const noexcept {
        return MutableBytes(data_, count < size_ ? count : size_);
    }
    // `count` from `offset` on, or what there is of them.
    constexpr MutableBytes part(std::size_t offset, std::size_t count) const noexcept {
        return offset < size_ ? MutableBytes(data_ + offset, size_ - offset).first(count)
                              : MutableBytes();
    }

private:
    std::uint8_t *data_ = nullptr;
    std::size_t size_ = 0;
};

// Bytes that are only read. From what MutableBytes comes from, constant or not, and from
// std::string_view and literals. A pointer: make it a std::string_view, or say the size.
class Bytes {
public:
    constexpr Bytes() noexcept = default;
    constexpr Bytes(const std::uint8_t *data, std::size_t size) noexcept
        : data_(data), size_(size) {}
    template <typename T, typename = std::enable_if_t<detail::is_memory<T>>>
    Bytes(const T *data, std::size_t size) noexcept
        : data_(static_cast<const std::uint8_t *>(static_cast<const void *>(data))), size_(size) {}

    template <typename T, std::size_t N, typename = std::enable_if_t<detail::is_byte<T>>>
    Bytes(const T (&array)[N]) noexcept
        : data_(reinterpret_cast<const std::uint8_t *>(array)), size_(N) {}

    // A literal: the zero behind it does not count, zeros in it do.
    template <std::size_t N>
    Bytes(const char (&text)[N]) noexcept
        : data_(reinterpret_cast<const std::uint8_t *>(text)),
          size_(text[N - 1] == '\0' ? N - 1 : N) {}
    // A buffer of characters may be filled in part: say how far, as a std::string_view.
    template <std::size_t N>
    Bytes(char (&text)[N]) = delete;
    // A pointer does not say where its bytes end: make it a std::string_view.
    template <typename P, std::enable_if_t<std::is_pointer_v<P>, int> = 0>
    Bytes(const P &text) = delete;

    template <typename C,
              typename = std::enable_if_t<detail::is_readable<detail::Element<const C>>>>
    Bytes(const C &container) noexcept
        : data_(reinterpret_cast<const std::uint8_t *>(container.data())),
          size_(container.size()) {}

    constexpr const std::uint8_t *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const std::uint8_t *begin() const noexcept { return data_; }
    constexpr const std::uint8_t *end() const noexcept { return data_ + size_; }
    // `at` must be below size().
    constexpr const std::uint8_t &operator[](std::size_t at) const noexcept { return data_[at]; }

private:
    const std::uint8_t *data_ = nullptr;
    std::size_t size_ = 0;
};

// Up to FRAMESEAL_MAX_SLICES views, as the argument of one call: it is not for keeping, and cannot
// be copied. One view converts to it, and so does a list of them: `{"camera", timestamp}`.
class Slices {
public:
    Slices() noexcept : count_(0) {}

    template <typename T, typename = std::enable_if_t<std::is_convertible_v<T &&, Bytes>>>
    Slices(T &&bytes) noexcept : count_(1) {
        slices_[0] = slice(bytes);
    }
    Slices(std::initializer_list<Bytes> list) noexcept : Slices(list.begin(), list.size()) {}

    // More than FRAMESEAL_MAX_SLICES are refused by the call, as an invalid argument.
    Slices(const Bytes *list, std::size_t count) noexcept : count_(count) {
        for (std::size_t i = 0; i < count && i < FRAMESEAL_MAX_SLICES; i++) {
            slices_[i] = slice(list[i]);
        }
    }

    Slices(const Slices &) = delete;
    Slices &operator=(const Slices &) = delete;

    const frameseal_slice *data() const noexcept { return slices_; }
    std::size_t size() const noexcept { return count_; }
    // Whether it is one view, or none, which is an empty one().
    bool is_one() const noexcept { return count_ <= 1; }
    Bytes one() const noexcept {
        return count_ == 1 ? Bytes(slices_[0].data, slices_[0].len) : Bytes();
    }

private:
    static frameseal_slice slice(Bytes bytes) noexcept { return {bytes.data(), bytes.size()}; }

    std::size_t count_;
    frameseal_slice slices_[FRAMESEAL_MAX_SLICES]; // those behind count_ are never read
};

// What is authenticated with a frame and not sent. Pieces mean what their concatenation means.
using Metadata = Slices;

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
