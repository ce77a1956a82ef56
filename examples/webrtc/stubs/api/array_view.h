// Stand-in: a view of bytes that others own. In libwebrtc it was a class of its own, and is another
// name of std::span since 2026; C++17 builds of the test have the first, C++20 builds the second.
#ifndef FRAMESEAL_STUBS_API_ARRAY_VIEW_H
#define FRAMESEAL_STUBS_API_ARRAY_VIEW_H

#include <cstddef>
#if __cplusplus >= 202002L
#include <span>
#else
#include <type_traits>
#include <utility>
#endif

namespace webrtc {

#if __cplusplus >= 202002L

template <typename T, std::size_t extent = std::dynamic_extent>
using ArrayView = std::span<T, extent>;

#else

template <typename T>
class ArrayView {
public:
    constexpr ArrayView() = default;
    constexpr ArrayView(std::nullptr_t) {}
    constexpr ArrayView(T *data, std::size_t size) : data_(data), size_(size) {}
    template <typename C, typename Data = decltype(std::declval<C &>().data()),
              typename = std::enable_if_t<std::is_convertible_v<Data, T *>>>
    constexpr ArrayView(C &&container) : data_(container.data()), size_(container.size()) {}

    constexpr T *data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

#endif

} // namespace webrtc

#endif
