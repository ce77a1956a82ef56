// Stand-in: what the receive pipeline calls, behind the handle that the application holds.
#ifndef FRAMESEAL_STUBS_MODULES_SFRAME_SFRAME_MEDIA_DECRYPTOR_INTERFACE_H
#define FRAMESEAL_STUBS_MODULES_SFRAME_SFRAME_MEDIA_DECRYPTOR_INTERFACE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "api/sframe/sframe_decryptor_interface.h"

namespace webrtc {

struct SframeDecryptSuccess {
    size_t bytes_written = 0;
};

struct SframeDecryptFailure {
    static SframeDecryptFailure Authentication() {
        return {SframeDecryptErrorType::kAuthentication, std::nullopt};
    }
    static SframeDecryptFailure Syntax() { return {SframeDecryptErrorType::kSyntax, std::nullopt}; }
    static SframeDecryptFailure KeyId(std::optional<uint64_t> key_id) {
        return {SframeDecryptErrorType::kKeyId, key_id};
    }

    SframeDecryptErrorType type;
    std::optional<uint64_t> key_id; // with kKeyId
};

using SframeDecryptResult = std::variant<SframeDecryptSuccess, SframeDecryptFailure>;

class SframeMediaDecryptorInterface : public SframeDecryptorInterface {
public:
    virtual SframeDecryptResult Decrypt(std::span<const uint8_t> encrypted_frame,
                                        std::span<const uint8_t> additional_data,
                                        std::span<uint8_t> frame) = 0;
    virtual size_t GetMaxPlaintextByteSize(size_t encrypted_frame_size) = 0;

protected:
    ~SframeMediaDecryptorInterface() override = default;
};

} // namespace webrtc

#endif
