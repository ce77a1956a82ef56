// Stand-in: what is encrypted, and with which cipher suite.
#ifndef FRAMESEAL_STUBS_API_SFRAME_SFRAME_TYPES_H
#define FRAMESEAL_STUBS_API_SFRAME_SFRAME_TYPES_H

namespace webrtc {

enum class SframeMode { kPerFrame, kPerPacket };

enum class SframeCipherSuite {
    kAes128CtrHmacSha256_80,
    kAes128CtrHmacSha256_64,
    kAes128CtrHmacSha256_32,
    kAes128GcmSha256_128,
    kAes256GcmSha512_128,
    kAes256CtrHmacSha512_80,
    kAes256CtrHmacSha512_64,
    kAes256CtrHmacSha512_32,
};

} // namespace webrtc

#endif
