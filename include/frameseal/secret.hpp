// A key in memory that is wiped.
#ifndef FRAMESEAL_SECRET_HPP
#define FRAMESEAL_SECRET_HPP

#include "suite.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Up to max_base_key_len secret bytes, which are wiped when it is destroyed, moved from or assigned
// to. Converts to Bytes. Has its bytes inside, so that nothing is allocated, and is not copied.
class Secret {
public:
    Secret() noexcept = default;
    Secret(Secret &&other) noexcept { take(other); }
    Secret &operator=(Secret &&other) noexcept {
        if (this != &other) {
            take(other);
        }
        return *this;
    }
    ~Secret() { wipe(); }

    const std::uint8_t *data() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    void wipe() noexcept {
        // Written through a volatile pointer, which compilers do not leave out.
        volatile std::uint8_t *bytes = bytes_;
        for (std::size_t i = 0; i < sizeof bytes_; i++) {
            bytes[i] = 0;
        }
        size_ = 0;
    }

    // Lets `write` write the secret to memory of max_base_key_len bytes and answer the part that it
    // wrote, which begins where that does.
    template <typename Write>
    static Result<Secret> written_by(Write write) {
        Secret secret;
        const Result<MutableBytes> part = write(MutableBytes(secret.bytes_));
        if (!part) {
            return part.error();
        }
        secret.size_ = part->size();
        return Result<Secret>(std::move(secret));
    }

private:
    void take(Secret &other) noexcept {
        std::memcpy(bytes_, other.bytes_, sizeof bytes_);
        size_ = other.size_;
        other.wipe();
    }

    std::uint8_t bytes_[max_base_key_len] = {};
    std::size_t size_ = 0;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
