// Stand-in: what a sender calls for every frame. 0 is success; with any other number it sends
// nothing of the frame.
#ifndef FRAMESEAL_STUBS_API_CRYPTO_FRAME_ENCRYPTOR_INTERFACE_H
#define FRAMESEAL_STUBS_API_CRYPTO_FRAME_ENCRYPTOR_INTERFACE_H

#include <cstddef>
#include <cstdint>

#include "api/array_view.h"
#include "api/media_types.h"
#include "api/ref_count.h"

namespace webrtc {

class FrameEncryptorInterface : public RefCountInterface {
public:
    ~FrameEncryptorInterface() override = default;

    virtual int Encrypt(MediaType media_type, uint32_t ssrc,
                        ArrayView<const uint8_t> additional_data, ArrayView<const uint8_t> frame,
                        ArrayView<uint8_t> encrypted_frame, size_t *bytes_written) = 0;
    virtual size_t GetMaxCiphertextByteSize(MediaType media_type, size_t frame_size) = 0;
};

} // namespace webrtc

#endif
