// What the classes that own an object of the C library have in common. For frameseal.hpp itself.
#ifndef FRAMESEAL_HANDLE_HPP
#define FRAMESEAL_HANDLE_HPP

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "result.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Times and durations; std::chrono::milliseconds and whole seconds convert to it.
using Millis = std::chrono::duration<std::uint64_t, std::milli>;

namespace detail {

// Owns a T, which `free` frees. Moved, not copied; a moved-from one holds NULL, which every C
// function refuses.
template <typename T, void (*free)(T *)>
class Handle {
public:
    // Whether it owns an object: false when it was moved from.
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    // For calls of frameseal.h. It stays owned.
    T *native_handle() const noexcept { return handle_.get(); }

protected:
    explicit Handle(T *handle) noexcept : handle_(handle) {}
    ~Handle() = default;
    Handle(Handle &&) noexcept = default;
    Handle &operator=(Handle &&) noexcept = default;

private:
    struct Free {
        void operator()(T *handle) const noexcept { free(handle); }
    };
    std::unique_ptr<T, Free> handle_;
};

// A structure of the C library: zeros, and its size.
template <typename C>
C sized() noexcept {
    C structure{};
    structure.struct_size = sizeof structure;
    return structure;
}

inline Result<void> done(frameseal_result result) {
    return Error::of(result);
}

template <typename T>
Result<T> answer(frameseal_result result, T value) {
    if (result != FRAMESEAL_OK) {
        return Error::of(result);
    }
    return value;
}

// The error of a call that told a needed size in `len`.
inline Error failure(frameseal_result result, std::size_t len) {
    return result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL ? Error::too_small(result, len)
                                                      : Error::of(result);
}

// The error of a call that opens a frame, and told a needed size or key id.
inline Error failure(frameseal_result result, std::size_t len, std::uint64_t key_id) {
    return result == FRAMESEAL_ERROR_UNKNOWN_KEY_ID ? Error::of_key(result, key_id)
                                                    : failure(result, len);
}

// The front of `out`, of which `len` bytes were written.
inline Result<MutableBytes> written(frameseal_result result, MutableBytes out, std::size_t len) {
    if (result != FRAMESEAL_OK) {
        return failure(result, len);
    }
    return out.first(len);
}

// The frame that was sealed inside `buffer`, or what was missing in front of it or behind it.
inline Result<MutableBytes> in_place(frameseal_result result, MutableBytes buffer,
                                     std::size_t offset, std::size_t len) {
    if (result == FRAMESEAL_ERROR_HEADROOM_TOO_SMALL) {
        return Error::too_small(result, offset);
    }
    if (result != FRAMESEAL_OK) {
        return failure(result, len);
    }
    return buffer.part(offset, len);
}

// Lets `write` write to a vector of `capacity` bytes, and cuts it to what was written.
template <typename Write>
Result<std::vector<std::uint8_t>> to_vector(std::size_t capacity, Write write) {
    std::vector<std::uint8_t> out(capacity);
    const Result<MutableBytes> part = write(MutableBytes(out));
    if (!part) {
        return part.error();
    }
    out.resize(part->size());
    return Result<std::vector<std::uint8_t>>(std::move(out));
}

// Lets `open` open a frame of `sealed_len` bytes to a vector: no payload is longer than its frame.
template <template <typename> class Frame, typename Open>
Result<Frame<std::vector<std::uint8_t>>> open_to_vector(std::size_t sealed_len, Open open) {
    std::vector<std::uint8_t> out(sealed_len);
    const Result<Frame<MutableBytes>> frame = open(MutableBytes(out));
    if (!frame) {
        return frame.error();
    }
    out.resize(frame->payload.size());
    return frame->with(std::move(out));
}

// Lets `write(char *out, size_t capacity, size_t *len)` write text, whose length it says at a first
// try.
template <typename Write>
Result<std::string> to_string(Write write) {
    std::size_t len = 0;
    frameseal_result result = write(nullptr, 0, &len);
    std::string out;
    while (result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL) {
        out.resize(len);
        result = write(out.data(), out.size(), &len);
    }
    if (result != FRAMESEAL_OK) {
        return Error::of(result);
    }
    out.resize(len);
    return Result<std::string>(std::move(out));
}

// As `written`, for text with a zero behind it.
inline Result<std::size_t> text_len(frameseal_result result, std::size_t len) {
    if (result != FRAMESEAL_OK) {
        return failure(result, len);
    }
    return len;
}

// Lets `fill(C *entries, size_t capacity, size_t *count)` fill a list, whose length it says when it
// is too short and which may grow meanwhile.
template <typename C, typename Fill>
Result<std::vector<C>> to_list(Fill fill) {
    std::vector<C> entries;
    std::size_t count = 0;
    frameseal_result result = fill(nullptr, 0, &count);
    while (result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL) {
        entries.resize(count);
        result = fill(entries.data(), entries.size(), &count);
    }
    if (result != FRAMESEAL_OK) {
        return Error::of(result);
    }
    entries.resize(count);
    return Result<std::vector<C>>(std::move(entries));
}

// A time that there may be.
inline Result<std::optional<Millis>> deadline(frameseal_result result, bool pending,
                                              std::uint64_t at_ms) {
    return answer(result, pending ? std::optional<Millis>(at_ms) : std::nullopt);
}

} // namespace detail
} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
