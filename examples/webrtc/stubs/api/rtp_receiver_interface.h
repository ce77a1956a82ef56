// Stand-in: where a decryptor is plugged in.
#ifndef FRAMESEAL_STUBS_API_RTP_RECEIVER_INTERFACE_H
#define FRAMESEAL_STUBS_API_RTP_RECEIVER_INTERFACE_H

#include "api/crypto/frame_decryptor_interface.h"
#include "api/scoped_refptr.h"

namespace webrtc {

class RtpReceiverInterface : public RefCountInterface {
public:
    virtual void SetFrameDecryptor(scoped_refptr<FrameDecryptorInterface> frame_decryptor) = 0;
    virtual scoped_refptr<FrameDecryptorInterface> GetFrameDecryptor() const = 0;

protected:
    ~RtpReceiverInterface() override = default;
};

} // namespace webrtc

#endif
