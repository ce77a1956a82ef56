// Plays libwebrtc's part towards the adaptors, as its senders and receive streams do: who allocates
// what, which buffer is passed, and what follows from each answer. Where libwebrtc would abort, a
// check fails.
#ifndef FRAMESEAL_WEBRTC_PIPELINE_H
#define FRAMESEAL_WEBRTC_PIPELINE_H

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "api/rtp_receiver_interface.h"
#include "api/rtp_sender_interface.h"

namespace pipeline {

using Bytes = std::vector<uint8_t>;
using Decryption = webrtc::FrameDecryptorInterface::Status;

inline std::atomic<long> checks{0};
inline std::atomic<long> failures{0};

inline void check(bool holds, const char *file, int line, const char *what) {
    checks++;
    if (!holds) {
        failures++;
        std::printf("%s:%d: %s\n", file, line, what);
    }
}

#define CHECK(condition)                                                                           \
    ::pipeline::check(static_cast<bool>(condition), __FILE__, __LINE__, #condition)

// The last line of every program.
inline int summary() {
    std::printf("%ld checks, %ld failures\n", checks.load(), failures.load());
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

inline Bytes filled(size_t len, unsigned seed = 1) {
    Bytes bytes(len);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = static_cast<uint8_t>(i * 37 + seed);
    }
    return bytes;
}

// Whether one of the blocks of 16 bytes of `frame` is anywhere in `buffer`: what must not be after
// a failure.
inline bool shows(const Bytes &buffer, const Bytes &frame) {
    for (size_t at = 0; at + 16 <= frame.size(); at += 16) {
        if (memmem(buffer.data(), buffer.size(), &frame[at], 16) != nullptr) {
            return true;
        }
    }
    return false;
}

class Sender : public webrtc::RtpSenderInterface {
public:
    explicit Sender(webrtc::MediaType media_type) : media_type_(media_type) {}

    void SetFrameEncryptor(
        webrtc::scoped_refptr<webrtc::FrameEncryptorInterface> frame_encryptor) override {
        encryptor_ = std::move(frame_encryptor);
    }
    webrtc::scoped_refptr<webrtc::FrameEncryptorInterface> GetFrameEncryptor() const override {
        return encryptor_;
    }

    // What goes to the packetizer; nothing, if the frame is dropped. Empty audio, which says that
    // there is silence, is sent without asking the encryptor.
    std::optional<Bytes> send(const Bytes &payload, const Bytes &additional_data = {}) {
        if (payload.empty()) {
            return media_type_ == webrtc::MediaType::AUDIO ? std::optional(payload) : std::nullopt;
        }
        Bytes encrypted(encryptor_->GetMaxCiphertextByteSize(media_type_, payload.size()), 0xEE);
        size_t bytes_written = 0;
        last_answer = encryptor_->Encrypt(media_type_, 0x1234, additional_data, payload, encrypted,
                                          &bytes_written);
        if (last_answer != 0) {
            return std::nullopt;
        }
        CHECK(bytes_written <= encrypted.size());
        encrypted.resize(bytes_written);
        return encrypted;
    }

    int last_answer = -1;

private:
    const webrtc::MediaType media_type_;
    webrtc::scoped_refptr<webrtc::FrameEncryptorInterface> encryptor_;
};

class Receiver : public webrtc::RtpReceiverInterface {
public:
    void SetFrameDecryptor(
        webrtc::scoped_refptr<webrtc::FrameDecryptorInterface> frame_decryptor) override {
        decryptor_ = std::move(frame_decryptor);
    }
    webrtc::scoped_refptr<webrtc::FrameDecryptorInterface> GetFrameDecryptor() const override {
        return decryptor_;
    }

private:
    webrtc::scoped_refptr<webrtc::FrameDecryptorInterface> decryptor_;
};

// Audio is decrypted from the packet, which stays as it is, to another buffer. That is measured
// with the padding of the packet, which the decryptor does not get. A failure is silence.
class AudioReceiver : public Receiver {
public:
    Bytes receive(const Bytes &packet, size_t padding = 0) {
        const Bytes before = packet;
        const auto decryptor = GetFrameDecryptor();
        Bytes frame(decryptor->GetMaxPlaintextByteSize(webrtc::MediaType::AUDIO,
                                                       packet.size() + padding));
        const auto result =
            decryptor->Decrypt(webrtc::MediaType::AUDIO, {0x77}, {}, packet, frame);
        last_status = result.status;
        CHECK(packet == before && result.bytes_written <= frame.size());
        frame.resize(result.IsOk() ? result.bytes_written : 0);
        return frame;
    }

    Decryption last_status = Decryption::kUnknown;
};

// Video is decrypted where it is. Until a first frame was opened, those that cannot be opened are
// kept, and tried once more behind the first that can; afterwards they are dropped. Whether key
// frames are asked for hangs on the last change of the status.
class VideoReceiver : public Receiver {
public:
    void receive(Bytes frame, Bytes additional_data = {}) {
        Encrypted encrypted{std::move(frame), std::move(additional_data)};
        if (!decrypt(encrypted)) {
            if (!opened_one_) {
                if (kept_.size() == 24) {
                    kept_.pop_front();
                }
                kept_.push_back(std::move(encrypted));
            }
            return;
        }
        for (Encrypted &kept : std::exchange(kept_, {})) {
            if (decrypt(kept)) {
                frames.push_back(std::move(kept.frame));
            }
        }
        frames.push_back(std::move(encrypted.frame));
    }

    // The frames for the decoder since the last call.
    std::vector<Bytes> take() { return std::exchange(frames, {}); }

    std::vector<Bytes> frames;
    Bytes last_buffer; // as the last call of Decrypt left it
    Decryption last_status = Decryption::kUnknown;
    bool asks_for_key_frames = false;

private:
    struct Encrypted {
        Bytes frame;
        Bytes additional_data;
    };

    bool decrypt(Encrypted &encrypted) {
        const auto decryptor = GetFrameDecryptor();
        Bytes &frame = encrypted.frame;
        const size_t room =
            decryptor->GetMaxPlaintextByteSize(webrtc::MediaType::VIDEO, frame.size());
        CHECK(room <= frame.size());
        const auto result =
            decryptor->Decrypt(webrtc::MediaType::VIDEO, {}, encrypted.additional_data, frame,
                               webrtc::ArrayView<uint8_t>(frame.data(), room));
        last_buffer = frame;
        if (result.status != last_status) {
            last_status = result.status;
            asks_for_key_frames =
                last_status == Decryption::kOk || last_status == Decryption::kRecoverable;
        }
        if (!result.IsOk()) {
            return false;
        }
        CHECK(result.bytes_written <= room);
        frame.resize(result.bytes_written);
        opened_one_ = true;
        return true;
    }

    bool opened_one_ = false;
    std::deque<Encrypted> kept_;
};

} // namespace pipeline

#endif
