// Stand-in: what an application gives the keys of a sender to.
#ifndef FRAMESEAL_STUBS_API_SFRAME_SFRAME_DECRYPTOR_INTERFACE_H
#define FRAMESEAL_STUBS_API_SFRAME_SFRAME_DECRYPTOR_INTERFACE_H

#include <cstdint>
#include <span>

#include "api/ref_count.h"
#include "api/rtc_error.h"

namespace webrtc {

enum class SframeDecryptErrorType { kAuthentication, kKeyId, kSyntax };

class SframeDecryptorInterface : public RefCountInterface {
public:
    virtual RTCError AddDecryptionKey(uint64_t key_id, std::span<const uint8_t> key_material) = 0;
    virtual RTCError RemoveDecryptionKey(uint64_t key_id) = 0;

protected:
    ~SframeDecryptorInterface() override = default;
};

} // namespace webrtc

#endif
