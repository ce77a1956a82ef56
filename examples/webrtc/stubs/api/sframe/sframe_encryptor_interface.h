// Stand-in: what an application gives its sending key to.
#ifndef FRAMESEAL_STUBS_API_SFRAME_SFRAME_ENCRYPTOR_INTERFACE_H
#define FRAMESEAL_STUBS_API_SFRAME_SFRAME_ENCRYPTOR_INTERFACE_H

#include <cstdint>
#include <span>

#include "api/ref_count.h"
#include "api/rtc_error.h"
#include "api/sframe/sframe_types.h"

namespace webrtc {

struct SframeEncryptorInit {
    SframeMode mode;
    SframeCipherSuite cipher_suite;
};

class SframeEncryptorInterface : public RefCountInterface {
public:
    virtual RTCError SetEncryptionKey(uint64_t key_id, std::span<const uint8_t> key_material) = 0;

protected:
    ~SframeEncryptorInterface() override = default;
};

} // namespace webrtc

#endif
