// libwebrtc's frame encryptor and decryptor, with keys that the application brings. Take this file
// and frame_results.h; docs/libwebrtc.md says where they are plugged in.
//
// The application keeps the Encryptor and the Decryptor, by which it adds, changes and removes keys
// at any time and on any thread. Several adaptors may share one: libwebrtc encrypts audio and video
// on threads of their own, and decrypts on its worker thread, of which each factory has one. Frames
// of one Encryptor wait for each other; those of one Decryptor only while a key comes or goes.
//
// A frame costs no allocation, and never leaves in the clear: what cannot be encrypted is an error.
#ifndef FRAMESEAL_WEBRTC_FRAME_CRYPTO_H
#define FRAMESEAL_WEBRTC_FRAME_CRYPTO_H

#include <memory>
#include <utility>
#include <vector>

#include "api/crypto/frame_encryptor_interface.h"
#include "frame_results.h"

namespace frameseal_webrtc {

// For RtpSenderInterface::SetFrameEncryptor. `suite` is the one of `keys`, which is not null.
class FrameEncryptor : public webrtc::FrameEncryptorInterface {
public:
    FrameEncryptor(frameseal::Suite suite, std::shared_ptr<frameseal::Encryptor> keys)
        : suite_(suite), keys_(std::move(keys)) {}

    int Encrypt(webrtc::MediaType /*media_type*/, uint32_t /*ssrc*/,
                View<const uint8_t> additional_data, View<const uint8_t> frame,
                View<uint8_t> encrypted_frame, size_t *bytes_written) override {
        return encrypted(keys_->encrypt(additional_data, frame, encrypted_frame), bytes_written);
    }
    size_t GetMaxCiphertextByteSize(webrtc::MediaType /*media_type*/, size_t frame_size) override {
        return max_sealed_len(suite_, frame_size);
    }

private:
    const frameseal::Suite suite_;
    const std::shared_ptr<frameseal::Encryptor> keys_;
};

// For RtpReceiverInterface::SetFrameDecryptor. With a Decryptor that has the keys of one sender
// only, nobody else's frames come out of this receiver, whatever a server sends to it.
class FrameDecryptor : public webrtc::FrameDecryptorInterface {
public:
    FrameDecryptor(frameseal::Suite suite, std::shared_ptr<const frameseal::Decryptor> keys)
        : suite_(suite), keys_(std::move(keys)) {}

    // `frame` may be where `encrypted_frame` is. Behind the payload, all of it is then overwritten.
    Result Decrypt(webrtc::MediaType /*media_type*/, const std::vector<uint32_t> & /*csrcs*/,
                   View<const uint8_t> additional_data, View<const uint8_t> encrypted_frame,
                   View<uint8_t> frame) override {
        return decrypted(keys_->decrypt(additional_data, encrypted_frame, frame));
    }
    size_t GetMaxPlaintextByteSize(webrtc::MediaType /*media_type*/,
                                   size_t encrypted_frame_size) override {
        return max_payload_len(suite_, encrypted_frame_size);
    }

private:
    const frameseal::Suite suite_;
    const std::shared_ptr<const frameseal::Decryptor> keys_;
};

} // namespace frameseal_webrtc

#endif
