// Stand-in: what the send pipeline calls, behind the handle that the application holds.
#ifndef FRAMESEAL_STUBS_MODULES_SFRAME_SFRAME_MEDIA_ENCRYPTOR_INTERFACE_H
#define FRAMESEAL_STUBS_MODULES_SFRAME_SFRAME_MEDIA_ENCRYPTOR_INTERFACE_H

#include <cstddef>
#include <cstdint>
#include <span>

#include "api/sframe/sframe_encryptor_interface.h"

namespace webrtc {

class SframeMediaEncryptorInterface : public SframeEncryptorInterface {
public:
    virtual SframeMode mode() const = 0;
    virtual RTCErrorOr<size_t> Encrypt(std::span<const uint8_t> frame,
                                       std::span<const uint8_t> additional_data,
                                       std::span<uint8_t> encrypted_frame) = 0;
    virtual size_t GetMaxCiphertextByteSize(size_t frame_size) = 0;

protected:
    ~SframeMediaEncryptorInterface() override = default;
};

} // namespace webrtc

#endif
