// Who a member of an MLS group is, as an epoch's update says it.
#ifndef FRAMESEAL_MEMBER_IDENTITY_HPP
#define FRAMESEAL_MEMBER_IDENTITY_HPP

#include <cstring>
#include <string_view>

#include "bytes.hpp"
#include "ordered.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// The longest identity of a member; longer ones are hashed by the application.
inline constexpr std::size_t max_identity_len = FRAMESEAL_MAX_IDENTITY_LEN;

// A copy of 1 to max_identity_len bytes, from all that Bytes comes from. What is longer is not cut,
// or two members could become one: it leaves the identity empty, and EpochManager::add_epoch
// refuses that, as an invalid argument.
class MemberIdentity {
public:
    MemberIdentity() noexcept = default;
    template <typename T,
              typename = std::enable_if_t<std::conjunction_v<
                  std::negation<std::is_same<std::decay_t<T>, MemberIdentity>>,
                  std::is_convertible<T &&, Bytes>>>>
    MemberIdentity(T &&from) noexcept {
        const Bytes bytes = std::forward<T>(from);
        if (!bytes.empty() && bytes.size() <= max_identity_len) {
            std::memcpy(bytes_, bytes.data(), bytes.size());
            size_ = bytes.size();
        }
    }

    const std::uint8_t *data() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    // As text is compared, byte by byte.
    std::tuple<std::string_view> tied() const noexcept {
        return {std::string_view(reinterpret_cast<const char *>(bytes_), size_)};
    }

private:
    std::uint8_t bytes_[max_identity_len] = {};
    std::size_t size_ = 0;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

template <>
struct std::hash<frameseal::MemberIdentity>
    : frameseal::detail::Hash<frameseal::MemberIdentity> {};

#endif
