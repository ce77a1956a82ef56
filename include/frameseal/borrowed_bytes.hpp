// Bytes of the application that a structure names until it is given to a call.
#ifndef FRAMESEAL_BORROWED_BYTES_HPP
#define FRAMESEAL_BORROWED_BYTES_HPP

#include "bytes.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

class BorrowedBytes;

namespace detail {

template <typename T>
inline constexpr bool is_lender = std::conjunction_v<
    std::negation<std::is_same<std::remove_cv_t<std::remove_reference_t<T>>, BorrowedBytes>>,
    std::is_convertible<T, Bytes>>;

} // namespace detail

// A view, as Bytes, for a field: what is assigned to it must live until the call. So it comes from
// what has a name, as a Secret or std::vector, from literals and from other views. It does not come
// from a temporary that owns its bytes, such as the answer of a function: keep that in a variable.
// What no compiler sees here is a member of one, as in `answer()->base_key`, nor that what has a name
// is moved from or wiped before the call: a base key of zeros is refused, whoever that happens to.
class BorrowedBytes : public Bytes {
public:
    constexpr BorrowedBytes() noexcept = default;
    constexpr BorrowedBytes(const std::uint8_t *data, std::size_t size) noexcept
        : Bytes(data, size) {}
    template <typename T, typename = std::enable_if_t<detail::is_memory<T>>>
    BorrowedBytes(const T *data, std::size_t size) noexcept : Bytes(data, size) {}

    template <typename T, std::enable_if_t<
                              detail::is_lender<T &&> && !detail::is_temporary_owner<T>, int> = 0>
    BorrowedBytes(T &&lender) noexcept : Bytes(std::forward<T>(lender)) {}
    template <typename T, std::enable_if_t<
                              detail::is_lender<T &&> && detail::is_temporary_owner<T>, int> = 0>
    BorrowedBytes(T &&temporary) = delete;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
