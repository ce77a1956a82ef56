// Stand-in: where an encryptor is plugged in.
#ifndef FRAMESEAL_STUBS_API_RTP_SENDER_INTERFACE_H
#define FRAMESEAL_STUBS_API_RTP_SENDER_INTERFACE_H

#include "api/crypto/frame_encryptor_interface.h"
#include "api/scoped_refptr.h"

namespace webrtc {

class RtpSenderInterface : public RefCountInterface {
public:
    virtual void SetFrameEncryptor(scoped_refptr<FrameEncryptorInterface> frame_encryptor) = 0;
    virtual scoped_refptr<FrameEncryptorInterface> GetFrameEncryptor() const = 0;

protected:
    ~RtpSenderInterface() override = default;
};

} // namespace webrtc

#endif
