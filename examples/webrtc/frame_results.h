// What libwebrtc's frame encryptors and decryptors have in common: how frameseal's errors are told
// to libwebrtc, and how large libwebrtc makes its buffers. Everything here is for the adaptors of
// frame_crypto.h and mls_frame_crypto.h.
#ifndef FRAMESEAL_WEBRTC_FRAME_RESULTS_H
#define FRAMESEAL_WEBRTC_FRAME_RESULTS_H

#include "api/crypto/frame_decryptor_interface.h"
#include "frameseal.hpp"

#if !__has_include("api/array_view.h")
#include <span>
#endif

namespace frameseal_webrtc {

// libwebrtc's view of bytes: a class of its own, then another name of std::span, then that alone.
#if __has_include("api/array_view.h")
template <typename T>
using View = webrtc::ArrayView<T>;
#else
template <typename T>
using View = std::span<T>;
#endif

using Status = webrtc::FrameDecryptorInterface::Status;

// kRecoverable says: not this frame, but the stream will go on, so that key frames are asked for.
// That is so where only the key is missing, which comes over another way than the media. All else
// is kFailedToDecrypt, also errors of later versions of the library.
inline Status status_of(frameseal::ErrorCode code) noexcept {
    switch (code) {
    case frameseal::ErrorCode::ok:
        return Status::kOk;
    case frameseal::ErrorCode::unknown_key_id:
        return Status::kRecoverable;
    default:
        return Status::kFailedToDecrypt;
    }
}

// What Decrypt answers for a frame that was opened, or not.
template <typename Opened>
webrtc::FrameDecryptorInterface::Result
decrypted(const frameseal::Result<Opened> &opened) {
    return {status_of(opened.error().code()), opened ? opened->payload.size() : 0};
}

// What Encrypt answers: 0 and how much was written, or the number of the error, with which
// libwebrtc drops the frame.
inline int encrypted(const frameseal::Result<frameseal::MutableBytes> &sealed,
                     size_t *bytes_written) {
    *bytes_written = sealed ? sealed->size() : 0;
    return sealed.error().raw();
}

// The most that a frame of this size can become. libwebrtc allocates it, and cuts it afterwards.
inline size_t max_sealed_len(frameseal::Suite suite, size_t payload_len) noexcept {
    return payload_len + frameseal::max_overhead(suite);
}

// The most that can be in a frame of this size: it has a tag and at least one byte of header. Never
// more than the frame, since libwebrtc opens video where it is and aborts when asked for more room.
inline size_t max_payload_len(frameseal::Suite suite, size_t sealed_len) noexcept {
    const size_t overhead = 1 + frameseal::tag_len(suite);
    return sealed_len > overhead ? sealed_len - overhead : 0;
}

} // namespace frameseal_webrtc

#endif
