// libwebrtc's newer SFrame encryptor and decryptor: the handles to which an application gives its
// keys, and behind them what the pipeline calls. CreateSframeEncryptorOrError of a sender and
// CreateSframeDecryptorOrError of a receiver make such objects of libwebrtc's own; in a libwebrtc
// that is built from source, these are made there instead. Only this file is needed, and C++20.
//
// Negotiation, packets and their payload descriptors stay with libwebrtc, whichever is made. Any
// thread may call. A frame costs no allocation, and never leaves in the clear.
#ifndef FRAMESEAL_WEBRTC_SFRAME_CRYPTO_H
#define FRAMESEAL_WEBRTC_SFRAME_CRYPTO_H

#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "api/make_ref_counted.h"
#include "frameseal.hpp"
#include "modules/sframe/sframe_media_decryptor_interface.h"
#include "modules/sframe/sframe_media_encryptor_interface.h"

namespace frameseal_webrtc {

// The suite of that name; none for one of a later libwebrtc.
inline std::optional<frameseal::Suite> suite_of(webrtc::SframeCipherSuite suite) noexcept {
    using Theirs = webrtc::SframeCipherSuite;
    using frameseal::Suite;
    switch (suite) {
    case Theirs::kAes128CtrHmacSha256_80:
        return Suite::aes_128_ctr_hmac_sha256_80;
    case Theirs::kAes128CtrHmacSha256_64:
        return Suite::aes_128_ctr_hmac_sha256_64;
    case Theirs::kAes128CtrHmacSha256_32:
        return Suite::aes_128_ctr_hmac_sha256_32;
    case Theirs::kAes128GcmSha256_128:
        return Suite::aes_128_gcm_sha256_128;
    case Theirs::kAes256GcmSha512_128:
        return Suite::aes_256_gcm_sha512_128;
    case Theirs::kAes256CtrHmacSha512_80:
        return Suite::aes_256_ctr_hmac_sha512_80;
    case Theirs::kAes256CtrHmacSha512_64:
        return Suite::aes_256_ctr_hmac_sha512_64;
    case Theirs::kAes256CtrHmacSha512_32:
        return Suite::aes_256_ctr_hmac_sha512_32;
    }
    return std::nullopt;
}

// Errors of keys and of sending, as libwebrtc's kinds.
inline webrtc::RTCErrorType error_type_of(frameseal::ErrorCode code) noexcept {
    using frameseal::ErrorCode;
    using webrtc::RTCErrorType;
    switch (code) {
    case ErrorCode::ok:
        return RTCErrorType::NONE;
    case ErrorCode::no_sending_key:
        return RTCErrorType::INVALID_STATE;
    case ErrorCode::key_id_in_use:
        return RTCErrorType::INVALID_MODIFICATION;
    case ErrorCode::invalid_argument:
        return RTCErrorType::INVALID_PARAMETER;
    case ErrorCode::buffer_too_small:
        return RTCErrorType::INVALID_RANGE;
    case ErrorCode::counter_exhausted:
    case ErrorCode::usage_limit:
        return RTCErrorType::RESOURCE_EXHAUSTED;
    default:
        return RTCErrorType::INTERNAL_ERROR;
    }
}

// Of a call about keys: with a text, which is allocated.
inline webrtc::RTCError key_error(const frameseal::Error &error) {
    if (error == frameseal::ErrorCode::ok) {
        return webrtc::RTCError::OK();
    }
    return webrtc::RTCError(error_type_of(error.code()), error.message());
}

class SframeEncryptor : public webrtc::SframeMediaEncryptorInterface {
public:
    // `suite` is the one of `keys`.
    SframeEncryptor(webrtc::SframeMode mode, frameseal::Suite suite, frameseal::Encryptor keys)
        : mode_(mode), suite_(suite), keys_(std::move(keys)) {}

    // Sends with this key from the next frame on, and wipes the one of before. Another key under a
    // key id that was used is INVALID_MODIFICATION, since its receivers would not know which is
    // meant; the same key again goes on with its counter.
    webrtc::RTCError SetEncryptionKey(uint64_t key_id,
                                      std::span<const uint8_t> key_material) override {
        const std::lock_guard<std::mutex> lock(changing_);
        auto done = keys_.add_key(key_id, key_material);
        if (done) {
            done = keys_.use_key(key_id);
        }
        if (done && active_ && *active_ != key_id) {
            done = keys_.remove_key(*active_);
        }
        if (done) {
            active_ = key_id;
        }
        return key_error(done.error());
    }

    webrtc::SframeMode mode() const override { return mode_; }
    webrtc::RTCErrorOr<size_t> Encrypt(std::span<const uint8_t> frame,
                                       std::span<const uint8_t> additional_data,
                                       std::span<uint8_t> encrypted_frame) override {
        const auto sealed = keys_.encrypt(additional_data, frame, encrypted_frame);
        if (!sealed) {
            return webrtc::RTCError(error_type_of(sealed.error().code()));
        }
        return sealed->size();
    }
    size_t GetMaxCiphertextByteSize(size_t frame_size) override {
        return frame_size + frameseal::max_overhead(suite_);
    }

    // For `key_status`: how far a key has come.
    const frameseal::Encryptor &keys() const noexcept { return keys_; }

private:
    const webrtc::SframeMode mode_;
    const frameseal::Suite suite_;
    frameseal::Encryptor keys_;
    std::mutex changing_; // so that two key changes do not mix; frames do not take it
    std::optional<uint64_t> active_;
};

class SframeDecryptor : public webrtc::SframeMediaDecryptorInterface {
public:
    explicit SframeDecryptor(frameseal::Decryptor keys) : keys_(std::move(keys)) {}

    webrtc::RTCError AddDecryptionKey(uint64_t key_id,
                                      std::span<const uint8_t> key_material) override {
        return key_error(keys_.add_key(key_id, key_material).error());
    }
    // A key that is not here is as good as removed.
    webrtc::RTCError RemoveDecryptionKey(uint64_t key_id) override {
        const auto removed = keys_.remove_key(key_id);
        return removed.error() == frameseal::ErrorCode::unknown_key_id ? webrtc::RTCError::OK()
                                                                       : key_error(removed.error());
    }

    // A frame that is refused for another reason than the three that libwebrtc knows, such as a
    // replay, is told as one that does not authenticate.
    webrtc::SframeDecryptResult Decrypt(std::span<const uint8_t> encrypted_frame,
                                        std::span<const uint8_t> additional_data,
                                        std::span<uint8_t> frame) override {
        using webrtc::SframeDecryptFailure;
        const auto opened = keys_.decrypt(additional_data, encrypted_frame, frame);
        if (opened) {
            return webrtc::SframeDecryptSuccess{opened->payload.size()};
        }
        switch (opened.error().code()) {
        case frameseal::ErrorCode::unknown_key_id:
            return SframeDecryptFailure::KeyId(opened.error().key_id());
        case frameseal::ErrorCode::syntax:
            return SframeDecryptFailure::Syntax();
        default:
            return SframeDecryptFailure::Authentication();
        }
    }
    // As libwebrtc's own: no less than the frame, so that the payload fits whatever its header.
    size_t GetMaxPlaintextByteSize(size_t encrypted_frame_size) override {
        return encrypted_frame_size;
    }

    // For `key_status` and `poll_forgery_alarm`.
    const frameseal::Decryptor &keys() const noexcept { return keys_; }

private:
    frameseal::Decryptor keys_;
};

// What CreateSframeEncryptorOrError makes: a handle for the application, an encryptor for the
// pipeline.
inline webrtc::RTCErrorOr<webrtc::scoped_refptr<SframeEncryptor>>
make_sframe_encryptor(const webrtc::SframeEncryptorInit &init) {
    const auto suite = suite_of(init.cipher_suite);
    if (!suite) {
        return webrtc::RTCError(webrtc::RTCErrorType::UNSUPPORTED_PARAMETER, "cipher suite");
    }
    auto keys = frameseal::Encryptor::create(*suite);
    if (!keys) {
        return key_error(keys.error());
    }
    return webrtc::make_ref_counted<SframeEncryptor>(init.mode, *suite, std::move(*keys));
}

// The same for CreateSframeDecryptorOrError. It is not known yet whether frames come or packets, of
// which there are more: the window is for packets.
inline webrtc::RTCErrorOr<webrtc::scoped_refptr<SframeDecryptor>>
make_sframe_decryptor(webrtc::SframeCipherSuite cipher_suite) {
    const auto suite = suite_of(cipher_suite);
    if (!suite) {
        return webrtc::RTCError(webrtc::RTCErrorType::UNSUPPORTED_PARAMETER, "cipher suite");
    }
    frameseal::DecryptorConfig config;
    config.replay_window = 4096;
    auto keys = frameseal::Decryptor::create(*suite, config);
    if (!keys) {
        return key_error(keys.error());
    }
    return webrtc::make_ref_counted<SframeDecryptor>(std::move(*keys));
}

} // namespace frameseal_webrtc

#endif
