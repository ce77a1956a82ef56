// The adaptors of frame_crypto.h, called as libwebrtc calls them (pipeline.h): sizes to the byte,
// frames opened where they are and elsewhere, and what follows from every kind of failure.
//
//   cargo build -p frameseal-ffi --release
//   c++ -std=c++20 -Iinclude -Iexamples/webrtc/stubs examples/webrtc/frame_crypto_test.cpp
//       target/release/libframeseal.a -lpthread -ldl -lm
#include <array>
#include <memory>
#include <thread>

#include "allocations.h"
#include "api/make_ref_counted.h"
#include "frame_crypto.h"
#include "pipeline.h"

namespace {

using frameseal::ErrorCode;
using frameseal::Suite;
using pipeline::AudioReceiver;
using pipeline::Bytes;
using pipeline::filled;
using pipeline::Sender;
using pipeline::VideoReceiver;
using webrtc::MediaType;
using Status = frameseal_webrtc::Status;

constexpr Suite gcm = Suite::aes_128_gcm_sha256_128;
constexpr std::uint64_t key_id = 7;

// What an application does: it has the keys, libwebrtc has what encrypts and decrypts with them.
void encrypt_with(webrtc::RtpSenderInterface &sender, Suite suite,
                  std::shared_ptr<frameseal::Encryptor> keys) {
    sender.SetFrameEncryptor(
        webrtc::make_ref_counted<frameseal_webrtc::FrameEncryptor>(suite, std::move(keys)));
}

void decrypt_with(webrtc::RtpReceiverInterface &receiver, Suite suite,
                  std::shared_ptr<const frameseal::Decryptor> keys) {
    receiver.SetFrameDecryptor(
        webrtc::make_ref_counted<frameseal_webrtc::FrameDecryptor>(suite, std::move(keys)));
}

std::shared_ptr<frameseal::Encryptor> sending_keys(Suite suite) {
    return std::make_shared<frameseal::Encryptor>(frameseal::Encryptor::create(suite).value());
}

std::shared_ptr<frameseal::Decryptor> receiving_keys(Suite suite) {
    return std::make_shared<frameseal::Decryptor>(frameseal::Decryptor::create(suite).value());
}

// Alice sends audio and video with one key, Bob has it, if `bob_has_it`.
struct Call {
    explicit Call(bool bob_has_it = true, Suite suite = gcm)
        : alice(sending_keys(suite)), bob(receiving_keys(suite)) {
        encrypt_with(*camera, suite, alice);
        encrypt_with(*microphone, suite, alice);
        decrypt_with(*screen, suite, bob);
        decrypt_with(*speaker, suite, bob);
        alice->add_key(key_id, base_key).value();
        alice->use_key(key_id).value();
        if (bob_has_it) {
            bob->add_key(key_id, base_key).value();
        }
    }

    const Bytes base_key = filled(32, 9);
    std::shared_ptr<frameseal::Encryptor> alice;
    std::shared_ptr<frameseal::Decryptor> bob;
    webrtc::scoped_refptr<Sender> camera = webrtc::make_ref_counted<Sender>(MediaType::VIDEO);
    webrtc::scoped_refptr<Sender> microphone = webrtc::make_ref_counted<Sender>(MediaType::AUDIO);
    webrtc::scoped_refptr<VideoReceiver> screen = webrtc::make_ref_counted<VideoReceiver>();
    webrtc::scoped_refptr<AudioReceiver> speaker = webrtc::make_ref_counted<AudioReceiver>();
};

const Bytes descriptor = filled(12, 3);

void frames_of_all_sizes_and_suites_arrive() {
    for (frameseal_suite number = 1; number <= 8; number++) {
        Call call(true, static_cast<Suite>(number));
        for (const size_t size : {1U, 2U, 15U, 16U, 17U, 160U, 1200U, 5000U}) {
            const Bytes frame = filled(size);
            const auto video = call.camera->send(frame, descriptor);
            CHECK(video && video->size() > size && !pipeline::shows(*video, frame));
            call.screen->receive(*video, descriptor);
            CHECK(call.screen->take() == std::vector<Bytes>{frame});
            const auto audio = call.microphone->send(frame);
            CHECK(audio && !pipeline::shows(*audio, frame));
            CHECK(call.speaker->receive(*audio, size % 5) == frame);
        }
        CHECK(call.screen->asks_for_key_frames && call.speaker->last_status == Status::kOk);
    }
}

// The bounds are not larger than the largest and the smallest header make necessary.
void sizes_are_exact() {
    for (frameseal_suite number = 1; number <= 8; number++) {
        const Suite suite = static_cast<Suite>(number);
        const Bytes frame = filled(100);

        const auto large = webrtc::make_ref_counted<Sender>(MediaType::VIDEO);
        const auto late_keys = sending_keys(suite);
        const std::uint64_t last = ~std::uint64_t{0};
        late_keys->resume_key_after(last, frame, last - 2).value();
        CHECK(late_keys->reserve(last, 1) && late_keys->confirm(last, last - 1));
        late_keys->use_key(last).value();
        encrypt_with(*large, suite, late_keys);
        const auto largest = large->send(frame);
        const auto encryptor = large->GetFrameEncryptor();
        CHECK(largest
              && largest->size() == encryptor->GetMaxCiphertextByteSize(MediaType::VIDEO, 100));

        const auto small = webrtc::make_ref_counted<Sender>(MediaType::VIDEO);
        const auto first_keys = sending_keys(suite);
        first_keys->add_key(0, frame).value();
        first_keys->use_key(0).value();
        encrypt_with(*small, suite, first_keys);
        const auto smallest = small->send(frame);
        const auto decryptor = webrtc::make_ref_counted<frameseal_webrtc::FrameDecryptor>(
            suite, receiving_keys(suite));
        CHECK(smallest
              && decryptor->GetMaxPlaintextByteSize(MediaType::VIDEO, smallest->size()) == 100);
        for (size_t size = 0; size <= 1 + frameseal::tag_len(suite); size++) {
            CHECK(decryptor->GetMaxPlaintextByteSize(MediaType::AUDIO, size) == 0);
        }
    }
}

void an_empty_frame_is_a_frame() {
    Call call;
    const auto encryptor = call.camera->GetFrameEncryptor();
    Bytes sealed(encryptor->GetMaxCiphertextByteSize(MediaType::VIDEO, 0));
    size_t bytes_written = 0;
    CHECK(encryptor->Encrypt(MediaType::VIDEO, 1, {}, {}, sealed, &bytes_written) == 0);
    CHECK(bytes_written >= 1 + frameseal::tag_len(gcm));
    sealed.resize(bytes_written);
    call.screen->receive(sealed);
    CHECK(call.screen->take() == std::vector<Bytes>{{}});
    // Also from libwebrtc's audio path, where the buffer for nothing may have no address.
    const auto decryptor = call.speaker->GetFrameDecryptor();
    CHECK(decryptor->Decrypt(MediaType::AUDIO, {}, {}, sealed, {}).status
          == Status::kFailedToDecrypt); // a replay by now
    CHECK(encryptor->Encrypt(MediaType::AUDIO, 1, {}, {}, sealed, &bytes_written) == 0);
    CHECK(decryptor->Decrypt(MediaType::AUDIO, {}, {}, sealed, {}).IsOk());
    // Silence of audio is not even encrypted, and an empty frame of video is not sent.
    CHECK(call.microphone->send({}) == Bytes() && !call.camera->send({}));
}

void what_cannot_be_encrypted_is_not_sent() {
    const Bytes frame = filled(100);
    const auto camera = webrtc::make_ref_counted<Sender>(MediaType::VIDEO);
    Sender &sender = *camera;
    const auto keys = sending_keys(gcm);
    encrypt_with(sender, gcm, keys);
    CHECK(!sender.send(frame) && sender.last_answer == FRAMESEAL_ERROR_NO_SENDING_KEY);
    const auto limited = std::make_shared<frameseal::Encryptor>(
        frameseal::Encryptor::create(gcm, {2, 0, frameseal::Backend::library_default}).value());
    limited->add_key(1, frame).value();
    limited->use_key(1).value();
    encrypt_with(sender, gcm, limited);
    CHECK(sender.send(frame) && sender.send(frame));
    CHECK(!sender.send(frame) && sender.last_answer == FRAMESEAL_ERROR_USAGE_LIMIT);

    // What libwebrtc would throw away holds nothing of the frame either.
    Bytes out(frame.size() + 64, 0xEE);
    size_t bytes_written = 99;
    const auto encryptor = sender.GetFrameEncryptor();
    CHECK(encryptor->Encrypt(MediaType::VIDEO, 1, {}, frame, out, &bytes_written) != 0);
    CHECK(bytes_written == 0 && out == Bytes(out.size(), 0xEE));
}

void too_small_a_buffer_is_an_error_and_costs_nothing() {
    Call call;
    const Bytes frame = filled(100);
    const auto encryptor = call.camera->GetFrameEncryptor();
    const size_t needed = call.alice->sealed_len(frame.size()).value();
    size_t bytes_written = 99;
    Bytes short_by_one(needed - 1, 0xEE);
    CHECK(encryptor->Encrypt(MediaType::VIDEO, 1, {}, frame, short_by_one, &bytes_written)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(bytes_written == 0 && short_by_one == Bytes(needed - 1, 0xEE));
    CHECK(call.alice->key_status(key_id)->next_counter == 0);

    Bytes sealed(needed);
    CHECK(encryptor->Encrypt(MediaType::VIDEO, 1, {}, frame, sealed, &bytes_written) == 0);
    CHECK(bytes_written == needed);
    const auto decryptor = call.screen->GetFrameDecryptor();
    Bytes out(frame.size() - 1, 0xEE);
    const auto refused = decryptor->Decrypt(MediaType::VIDEO, {}, {}, sealed, out);
    CHECK(refused.status == Status::kFailedToDecrypt && refused.bytes_written == 0);
    CHECK(out == Bytes(out.size(), 0xEE));
    call.screen->receive(sealed);
    CHECK(call.screen->take() == std::vector<Bytes>{frame});
}

// Until the key comes, libwebrtc keeps the frames and asks for key frames; then it tries them
// again, which works because a frame without a key is left as it was.
void frames_before_their_key_open_when_it_comes() {
    Call call(false);
    const std::vector<Bytes> sent = {filled(100, 1), filled(200, 2), filled(300, 3)};
    for (size_t i = 0; i < 2; i++) {
        const Bytes sealed = call.camera->send(sent[i], descriptor).value();
        call.screen->receive(sealed, descriptor);
        CHECK(call.screen->last_status == Status::kRecoverable);
        CHECK(call.screen->last_buffer == sealed && call.screen->asks_for_key_frames);
    }
    CHECK(call.speaker->receive(*call.microphone->send(filled(50))).empty());
    CHECK(call.speaker->last_status == Status::kRecoverable && call.screen->take().empty());
    call.bob->add_key(key_id, call.base_key).value();
    call.screen->receive(*call.camera->send(sent[2], descriptor), descriptor);
    CHECK(call.screen->take() == sent && call.screen->last_status == Status::kOk);
}

void a_new_key_is_used_beside_the_old_one() {
    Call call;
    const Bytes frame = filled(100);
    const Bytes late = call.camera->send(frame).value();
    const Bytes next_key = filled(32, 77);
    call.alice->add_key(key_id + 1, next_key).value();
    call.alice->use_key(key_id + 1).value();
    const Bytes early = call.camera->send(frame).value();
    call.screen->receive(*call.camera->send(frame));
    CHECK(call.screen->last_status == Status::kRecoverable);
    call.bob->add_key(key_id + 1, next_key).value();
    call.screen->receive(early);
    call.screen->receive(late);
    CHECK(call.screen->take().size() == 3); // with the one that was kept
    call.bob->remove_key(key_id).value();
    call.alice->use_key(key_id).value();
    call.screen->receive(*call.camera->send(frame));
    CHECK(call.screen->take().empty() && call.screen->last_status == Status::kRecoverable);
}

void tampered_frames_fail_and_show_nothing() {
    Call call;
    const Bytes frame = filled(64);
    call.screen->receive(*call.camera->send(frame, descriptor), descriptor);
    CHECK(call.screen->take().size() == 1);
    const Bytes good = call.camera->send(frame, descriptor).value();
    for (size_t at = 0; at < good.size(); at++) {
        for (const unsigned bit : {0x01U, 0x80U}) {
            Bytes bad = good;
            bad[at] = static_cast<std::uint8_t>(bad[at] ^ bit);
            call.screen->receive(bad, descriptor);
            CHECK(call.screen->take().empty() && call.screen->last_status != Status::kOk);
            CHECK(!pipeline::shows(call.screen->last_buffer, frame));
        }
    }
    CHECK(call.screen->last_status == Status::kFailedToDecrypt);
    CHECK(!call.screen->asks_for_key_frames);
    for (size_t size = 0; size < good.size(); size++) {
        call.screen->receive(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)),
                             descriptor);
        CHECK(call.screen->take().empty());
    }
    call.screen->receive(good, descriptor);
    CHECK(call.screen->take() == std::vector<Bytes>{frame} && call.screen->asks_for_key_frames);
}

void a_descriptor_that_was_changed_is_noticed() {
    Call call;
    const Bytes frame = filled(64);
    Bytes other = descriptor;
    other[5] ^= 1;
    call.screen->receive(*call.camera->send(frame, descriptor), other);
    CHECK(call.screen->last_status == Status::kFailedToDecrypt);
    call.screen->receive(*call.camera->send(frame, descriptor), {});
    CHECK(call.screen->last_status == Status::kFailedToDecrypt && call.screen->take().empty());
    CHECK(!pipeline::shows(call.screen->last_buffer, frame));
}

void a_frame_is_opened_once() {
    Call call;
    const Bytes frame = filled(64);
    const Bytes sealed = call.camera->send(frame).value();
    call.screen->receive(sealed);
    CHECK(call.screen->take().size() == 1);
    call.screen->receive(sealed);
    CHECK(call.screen->take().empty() && call.screen->last_buffer == sealed);
    CHECK(call.screen->last_status == Status::kFailedToDecrypt);
    CHECK(call.speaker->receive(sealed).empty());
    // One replay does not keep the stream from going on.
    call.screen->receive(*call.camera->send(frame));
    CHECK(call.screen->take().size() == 1 && call.screen->asks_for_key_frames);
}

void frames_in_the_clear_are_refused() {
    Call call;
    for (unsigned seed = 0; seed < 256; seed++) {
        const Bytes frame = filled(200, seed);
        call.screen->receive(frame);
        CHECK(call.screen->take().empty() && call.speaker->receive(frame).empty());
    }
}

void every_error_has_its_status() {
    int recoverable = 0;
    for (int code = 1; code <= 100; code++) {
        const Status status = frameseal_webrtc::status_of(static_cast<ErrorCode>(code));
        CHECK(status == Status::kRecoverable || status == Status::kFailedToDecrypt);
        recoverable += status == Status::kRecoverable ? 1 : 0;
    }
    CHECK(recoverable == 1);
    CHECK(frameseal_webrtc::status_of(ErrorCode::unknown_key_id) == Status::kRecoverable);
    CHECK(frameseal_webrtc::status_of(ErrorCode::ok) == Status::kOk);
}

// Two factories have two worker threads, encoders have threads of their own, and the application
// brings keys on another one.
void audio_and_video_run_on_threads_of_their_own() {
    constexpr int frames = 500;
    Call call;
    long video_opened = 0;
    long audio_opened = 0;
    std::thread video([&] {
        for (int i = 0; i < frames; i++) {
            call.screen->receive(*call.camera->send(filled(900), descriptor), descriptor);
        }
        video_opened = static_cast<long>(call.screen->take().size());
    });
    std::thread audio([&] {
        for (int i = 0; i < frames; i++) {
            const Bytes frame = filled(120);
            audio_opened += call.speaker->receive(*call.microphone->send(frame)) == frame ? 1 : 0;
        }
    });
    for (std::uint64_t id = 100; id < 150; id++) {
        CHECK(call.bob->add_key(id, filled(32, static_cast<unsigned>(id))));
        CHECK(call.alice->add_key(id, filled(32, static_cast<unsigned>(id))));
    }
    video.join();
    audio.join();
    CHECK(video_opened == frames && audio_opened == frames);
}

void of_two_threads_with_the_same_frame_one_gets_it() {
    Call call;
    for (int round = 0; round < 50; round++) {
        const Bytes sealed = call.camera->send(filled(300)).value();
        std::array<bool, 2> opened{};
        const auto open = [&](size_t thread) {
            const auto decryptor = call.screen->GetFrameDecryptor();
            Bytes copy = sealed;
            opened[thread] = decryptor->Decrypt(MediaType::VIDEO, {}, {}, copy, copy).IsOk();
        };
        std::thread other(open, 0);
        open(1);
        other.join();
        CHECK(opened[0] != opened[1]);
    }
}

void a_frame_allocates_nothing() {
    Call call;
    const auto encryptor = call.camera->GetFrameEncryptor();
    const auto decryptor = call.screen->GetFrameDecryptor();
    const Bytes frame = filled(1000);
    const std::vector<std::uint32_t> no_csrcs;
    Bytes buffer(encryptor->GetMaxCiphertextByteSize(MediaType::VIDEO, frame.size()));
    const webrtc::ArrayView<std::uint8_t> whole = buffer;
    const long before = allocations.load();
    bool good = true;
    for (int i = 0; i < 100; i++) {
        size_t sealed_len = 0;
        good = encryptor->Encrypt(MediaType::VIDEO, 1, descriptor, frame, whole, &sealed_len) == 0
               && good;
        const webrtc::ArrayView<std::uint8_t> sealed(whole.data(), sealed_len);
        // Every second frame comes with other metadata, and is refused.
        const auto result = decryptor->Decrypt(MediaType::VIDEO, no_csrcs,
                                               i % 2 == 0 ? descriptor : frame, sealed, sealed);
        good = result.IsOk() == (i % 2 == 0) && good;
    }
    CHECK(allocations.load() == before && good);
}

void the_adaptors_go_with_their_last_reference() {
    std::weak_ptr<frameseal::Encryptor> sending;
    std::weak_ptr<frameseal::Decryptor> receiving;
    {
        Call call;
        sending = call.alice;
        receiving = call.bob;
        const auto also = call.camera->GetFrameEncryptor();
        call.camera->SetFrameEncryptor(nullptr);
        CHECK(also && !call.camera->GetFrameEncryptor());
    }
    CHECK(sending.expired() && receiving.expired());
}

} // namespace

int main() {
    frames_of_all_sizes_and_suites_arrive();
    sizes_are_exact();
    an_empty_frame_is_a_frame();
    what_cannot_be_encrypted_is_not_sent();
    too_small_a_buffer_is_an_error_and_costs_nothing();
    frames_before_their_key_open_when_it_comes();
    a_new_key_is_used_beside_the_old_one();
    tampered_frames_fail_and_show_nothing();
    a_descriptor_that_was_changed_is_noticed();
    a_frame_is_opened_once();
    frames_in_the_clear_are_refused();
    every_error_has_its_status();
    audio_and_video_run_on_threads_of_their_own();
    of_two_threads_with_the_same_frame_one_gets_it();
    a_frame_allocates_nothing();
    the_adaptors_go_with_their_last_reference();
    return pipeline::summary();
}
