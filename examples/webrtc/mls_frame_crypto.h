// libwebrtc's frame encryptor and decryptor, with keys from MLS. Take this file and
// frame_results.h; docs/libwebrtc.md says where they are plugged in.
//
// The application keeps the EpochManager, feeds it with epochs, and polls it, on any thread. Each
// sender gets a stream of its own, and each receiver a receiver. What was said of threads,
// allocations and frames in the clear in frame_crypto.h holds here too, but that the first frame of
// a stream or of a sender in a new epoch derives its key, which `prepare` does beforehand.
#ifndef FRAMESEAL_WEBRTC_MLS_FRAME_CRYPTO_H
#define FRAMESEAL_WEBRTC_MLS_FRAME_CRYPTO_H

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "api/crypto/frame_encryptor_interface.h"
#include "frame_results.h"

namespace frameseal_webrtc {

// What time it is. Must be the clock whose times the EpochManager is called with.
using Clock = frameseal::Millis (*)();

inline frameseal::Millis steady_clock() {
    return std::chrono::duration_cast<frameseal::Millis>(
        std::chrono::steady_clock::now().time_since_epoch());
}

// For RtpSenderInterface::SetFrameEncryptor; all layers of a simulcast are one stream.
class MlsFrameEncryptor : public webrtc::FrameEncryptorInterface {
public:
    MlsFrameEncryptor(frameseal::Suite suite, frameseal::Stream stream, Clock now = steady_clock)
        : suite_(suite), stream_(std::move(stream)), now_(now) {}

    int Encrypt(webrtc::MediaType /*media_type*/, uint32_t /*ssrc*/,
                View<const uint8_t> additional_data, View<const uint8_t> frame,
                View<uint8_t> encrypted_frame, size_t *bytes_written) override {
        return encrypted(stream_.encrypt(now_(), additional_data, frame, encrypted_frame),
                         bytes_written);
    }
    size_t GetMaxCiphertextByteSize(webrtc::MediaType /*media_type*/, size_t frame_size) override {
        return max_sealed_len(suite_, frame_size);
    }

    // For `prepare`, and for `mark_key_frame`, since Encrypt is not told what a frame is. Any
    // thread.
    frameseal::Stream &stream() noexcept { return stream_; }

private:
    const frameseal::Suite suite_;
    frameseal::Stream stream_;
    const Clock now_;
};

// For RtpReceiverInterface::SetFrameDecryptor. With a `sender`, frames of other members fail, whom
// a server may put in that sender's place: everybody in the group has keys for everybody.
class MlsFrameDecryptor : public webrtc::FrameDecryptorInterface {
public:
    MlsFrameDecryptor(frameseal::Suite suite, frameseal::Receiver receiver,
                      std::optional<frameseal::MemberId> sender = std::nullopt,
                      Clock now = steady_clock)
        : suite_(suite), receiver_(std::move(receiver)), sender_(sender), now_(now) {}

    // `frame` may be where `encrypted_frame` is. Behind the payload, all of it is then overwritten.
    Result Decrypt(webrtc::MediaType /*media_type*/, const std::vector<uint32_t> & /*csrcs*/,
                   View<const uint8_t> additional_data, View<const uint8_t> encrypted_frame,
                   View<uint8_t> frame) override {
        const auto received = receiver_.decrypt(now_(), additional_data, encrypted_frame, frame);
        if (received && sender_ && received->member != *sender_) {
            std::fill(received->payload.begin(), received->payload.end(), uint8_t{0});
            return {Status::kFailedToDecrypt, 0};
        }
        return decrypted(received);
    }
    size_t GetMaxPlaintextByteSize(webrtc::MediaType /*media_type*/,
                                   size_t encrypted_frame_size) override {
        return max_payload_len(suite_, encrypted_frame_size);
    }

private:
    const frameseal::Suite suite_;
    const frameseal::Receiver receiver_;
    const std::optional<frameseal::MemberId> sender_;
    const Clock now_;
};

} // namespace frameseal_webrtc

#endif
