// Values or errors, without exceptions.
#ifndef FRAMESEAL_RESULT_HPP
#define FRAMESEAL_RESULT_HPP

#include <cstdlib>
#include <memory>
#include <optional>
#if defined(FRAMESEAL_EXCEPTIONS)
#include <exception>
#endif

#include "bytes.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// The numbers of frameseal_result. Later versions may add some: treat one that you do not know as
// an error.
enum class ErrorCode : frameseal_result {
    ok = FRAMESEAL_OK,
    syntax = FRAMESEAL_ERROR_SYNTAX,
    unknown_key_id = FRAMESEAL_ERROR_UNKNOWN_KEY_ID,
    authentication = FRAMESEAL_ERROR_AUTHENTICATION,
    replay = FRAMESEAL_ERROR_REPLAY,
    counter_exhausted = FRAMESEAL_ERROR_COUNTER_EXHAUSTED,
    reservation_needed = FRAMESEAL_ERROR_RESERVATION_NEEDED,
    usage_limit = FRAMESEAL_ERROR_USAGE_LIMIT,
    key_id_in_use = FRAMESEAL_ERROR_KEY_ID_IN_USE,
    no_sending_key = FRAMESEAL_ERROR_NO_SENDING_KEY,
    capacity = FRAMESEAL_ERROR_CAPACITY,
    buffer_too_small = FRAMESEAL_ERROR_BUFFER_TOO_SMALL,
    headroom_too_small = FRAMESEAL_ERROR_HEADROOM_TOO_SMALL,
    policy = FRAMESEAL_ERROR_POLICY,
    invalid_argument = FRAMESEAL_ERROR_INVALID_ARGUMENT,
    forked = FRAMESEAL_ERROR_FORKED,
    internal = FRAMESEAL_ERROR_INTERNAL,
    epoch_fork = FRAMESEAL_ERROR_EPOCH_FORK,
    epoch_too_old = FRAMESEAL_ERROR_EPOCH_TOO_OLD,
    unknown_epoch = FRAMESEAL_ERROR_UNKNOWN_EPOCH,
    unknown_member = FRAMESEAL_ERROR_UNKNOWN_MEMBER,
    passthrough_refused = FRAMESEAL_ERROR_PASSTHROUGH_REFUSED,
    generation_too_old = FRAMESEAL_ERROR_GENERATION_TOO_OLD,
    nothing_to_wait_for = FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR,
};

// Why the last call of this thread failed that did, in words for logs: which argument was wrong and
// what it must be, which key id was not found. Says more than Error::message(); to be asked before
// another call of frameseal.hpp, also one that succeeds: those that answer a std::string or a
// std::vector ask the C library for a size first. Read before it is asked again. Never nullptr.
inline const char *last_error_text() noexcept { return frameseal_last_error_text(); }

// What a call answered, with what it told beside it. Compares with an ErrorCode:
// `if (opened.error() == ErrorCode::replay)`.
class [[nodiscard]] Error {
public:
    constexpr Error() noexcept = default;
    constexpr Error(ErrorCode code) noexcept : code_(code) {}

    static constexpr Error of(frameseal_result result) noexcept {
        return Error(static_cast<ErrorCode>(result));
    }
    static constexpr Error too_small(frameseal_result result, std::size_t needed) noexcept {
        Error error = of(result);
        error.needed_ = needed;
        return error;
    }
    static constexpr Error of_key(frameseal_result result, std::uint64_t key_id) noexcept {
        Error error = of(result);
        error.key_id_ = key_id;
        return error;
    }
    static constexpr Error held_too_large(frameseal_result result, const frameseal_held_frame &held) {
        Error error = too_small(result, held.payload_len);
        error.needed_metadata_ = held.metadata_len;
        error.key_id_ = held.key_id;
        return error;
    }

    constexpr ErrorCode code() const noexcept { return code_; }
    constexpr frameseal_result raw() const noexcept { return static_cast<frameseal_result>(code_); }
    // A short English text for logs; static.
    const char *message() const noexcept { return frameseal_result_text(raw()); }

    // With buffer_too_small: the bytes or entries that would have sufficed, in all. With
    // headroom_too_small: the bytes that must lie in front of the payload. Else 0.
    constexpr std::size_t needed() const noexcept { return needed_; }
    // With buffer_too_small of HoldingBuffer::open: the bytes that the metadata needs. Else 0.
    constexpr std::size_t needed_metadata() const noexcept { return needed_metadata_; }
    // With unknown_key_id of a call that opens a frame, and with buffer_too_small of
    // HoldingBuffer::open: the key id of the frame, a claim of whoever sent it. Else 0.
    constexpr std::uint64_t key_id() const noexcept { return key_id_; }

    friend constexpr bool operator==(const Error &error, ErrorCode code) noexcept {
        return error.code_ == code;
    }
    friend constexpr bool operator!=(const Error &error, ErrorCode code) noexcept {
        return error.code_ != code;
    }
    friend constexpr bool operator==(ErrorCode code, const Error &error) noexcept {
        return error.code_ == code;
    }
    friend constexpr bool operator!=(ErrorCode code, const Error &error) noexcept {
        return error.code_ != code;
    }
    // The code and all that was told beside it.
    friend constexpr bool operator==(const Error &a, const Error &b) noexcept {
        return a.code_ == b.code_ && a.needed_ == b.needed_
               && a.needed_metadata_ == b.needed_metadata_ && a.key_id_ == b.key_id_;
    }
    friend constexpr bool operator!=(const Error &a, const Error &b) noexcept { return !(a == b); }

private:
    ErrorCode code_ = ErrorCode::ok;
    std::size_t needed_ = 0;
    std::size_t needed_metadata_ = 0;
    std::uint64_t key_id_ = 0;
};

#if defined(FRAMESEAL_EXCEPTIONS)
// What value() throws.
class Exception : public std::exception {
public:
    explicit Exception(Error error) noexcept : error_(error) {}
    const char *what() const noexcept override { return error_.message(); }
    const Error &error() const noexcept { return error_; }

private:
    Error error_;
};
#endif

namespace detail {

// What happens to whoever asks a failed call for its value.
[[noreturn]] inline void no_value(const Error &error) {
#if defined(FRAMESEAL_EXCEPTIONS)
    throw Exception(error);
#else
    static_cast<void>(error);
    std::abort();
#endif
}

} // namespace detail

// A value, or the error that stands in for it.
template <typename T>
class [[nodiscard]] Result {
public:
    template <typename U = T,
              typename = std::enable_if_t<std::is_convertible_v<U &&, T>
                                          && !std::is_same_v<std::decay_t<U>, Result>>>
    Result(U &&value) : value_(std::in_place, std::forward<U>(value)) {}
    // `error` is not ErrorCode::ok.
    Result(Error error) : error_(error) {}
    Result(ErrorCode code) : error_(code) {}

    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    // ErrorCode::ok where there is a value.
    const Error &error() const & noexcept { return error_; }
    Error error() const && noexcept { return error_; }

    // Without a value, these three abort; with FRAMESEAL_EXCEPTIONS they throw an Exception.
    T &value() & { return checked(*this); }
    const T &value() const & { return checked(*this); }
    T value() && { return std::move(checked(*this)); }
    T &operator*() & { return checked(*this); }
    const T &operator*() const & { return checked(*this); }
    T operator*() && { return std::move(checked(*this)); }
    T *operator->() { return std::addressof(checked(*this)); }
    const T *operator->() const { return std::addressof(checked(*this)); }

    // The value, or `other` in its place.
    template <typename U = T>
    T value_or(U &&other) const & {
        return value_.value_or(std::forward<U>(other));
    }
    template <typename U = T>
    T value_or(U &&other) && {
        return std::move(value_).value_or(std::forward<U>(other));
    }

private:
    template <typename Self>
    static auto &checked(Self &self) {
        if (!self.value_.has_value()) {
            detail::no_value(self.error_);
        }
        return *self.value_;
    }

    std::optional<T> value_;
    Error error_;
};

// Whether a call did what it is for.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(error) {}
    Result(ErrorCode code) : error_(code) {}

    bool has_value() const noexcept { return error_ == ErrorCode::ok; }
    explicit operator bool() const noexcept { return has_value(); }
    const Error &error() const & noexcept { return error_; }
    Error error() const && noexcept { return error_; }
    // On an error, aborts; with FRAMESEAL_EXCEPTIONS it throws an Exception.
    void value() const {
        if (!has_value()) {
            detail::no_value(error_);
        }
    }

private:
    Error error_;
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
