// Stand-in: an error, and a value or an error.
#ifndef FRAMESEAL_STUBS_API_RTC_ERROR_H
#define FRAMESEAL_STUBS_API_RTC_ERROR_H

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace webrtc {

enum class RTCErrorType {
    NONE,
    UNSUPPORTED_OPERATION,
    UNSUPPORTED_PARAMETER,
    INVALID_PARAMETER,
    INVALID_RANGE,
    SYNTAX_ERROR,
    INVALID_STATE,
    INVALID_MODIFICATION,
    NETWORK_ERROR,
    RESOURCE_EXHAUSTED,
    INTERNAL_ERROR,
    OPERATION_ERROR_WITH_DATA,
};

class RTCError {
public:
    RTCError() = default;
    explicit RTCError(RTCErrorType type) : type_(type) {}
    RTCError(RTCErrorType type, std::string_view message) : type_(type), message_(message) {}
    static RTCError OK() { return RTCError(); }

    RTCErrorType type() const { return type_; }
    const char *message() const { return message_.c_str(); }
    bool ok() const { return type_ == RTCErrorType::NONE; }

private:
    RTCErrorType type_ = RTCErrorType::NONE;
    std::string message_;
};

template <typename T>
class RTCErrorOr {
public:
    RTCErrorOr(RTCError &&error) : error_(std::move(error)) {}
    RTCErrorOr(const T &value) : value_(value) {}
    RTCErrorOr(T &&value) : value_(std::move(value)) {}

    bool ok() const { return error_.ok(); }
    const RTCError &error() const { return error_; }
    RTCError MoveError() { return std::move(error_); }
    const T &value() const { return *value_; }
    T MoveValue() { return std::move(*value_); }

private:
    RTCError error_;
    std::optional<T> value_;
};

} // namespace webrtc

#endif
