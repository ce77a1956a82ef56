// The adaptors of mls_frame_crypto.h, called as libwebrtc calls them (pipeline.h), in a call whose
// members come and go. There is no MLS engine here: new_epoch() stands for one that has accepted a
// commit; and no clock but the one that the test sets.
//
//   cargo build -p frameseal-ffi --release
//   c++ -std=c++20 -Iinclude -Iexamples/webrtc/stubs examples/webrtc/mls_frame_crypto_test.cpp
//       target/release/libframeseal.a -lpthread -ldl -lm
#include <initializer_list>
#include <string_view>

#include "allocations.h"
#include "api/make_ref_counted.h"
#include "mls_frame_crypto.h"
#include "pipeline.h"

namespace {

using frameseal::Millis;
using frameseal::StreamKind;
using frameseal::Suite;
using pipeline::AudioReceiver;
using pipeline::Bytes;
using pipeline::filled;
using pipeline::Sender;
using pipeline::VideoReceiver;
using webrtc::MediaType;
using Status = frameseal_webrtc::Status;

constexpr Suite gcm = Suite::aes_128_gcm_sha256_128;
constexpr std::uint32_t ALICE = 0, BOB = 1, CAROL = 2, PEOPLE = 3;
constexpr std::string_view names = "abc";

Millis time_of_day{5000};
Millis test_clock() {
    return time_of_day;
}

// One stream for each sender. After an error the sender has no encryptor: it must not get a track.
frameseal::Result<void> encrypt_with(webrtc::RtpSenderInterface &sender, Suite suite,
                                     frameseal::EpochManager &call, StreamKind kind,
                                     frameseal_webrtc::Clock now) {
    auto stream = call.open_stream(kind);
    if (!stream) {
        return stream.error();
    }
    sender.SetFrameEncryptor(webrtc::make_ref_counted<frameseal_webrtc::MlsFrameEncryptor>(
        suite, std::move(*stream), now));
    return {};
}

// One receiver for each track, which plays nobody but the member on this leaf.
frameseal::Result<void> decrypt_with(webrtc::RtpReceiverInterface &receiver, Suite suite,
                                     const frameseal::EpochManager &call, std::uint32_t leaf,
                                     frameseal_webrtc::Clock now) {
    const auto member = call.member_at(leaf);
    if (!member) {
        return member.error();
    }
    auto opened = call.open_receiver();
    if (!opened) {
        return opened.error();
    }
    receiver.SetFrameDecryptor(webrtc::make_ref_counted<frameseal_webrtc::MlsFrameDecryptor>(
        suite, std::move(*opened), *member, now));
    return {};
}

struct Device {
    explicit Device(std::uint32_t own_leaf)
        : leaf(own_leaf),
          call(frameseal::EpochManager::create(frameseal::EpochConfig(gcm)).value()) {
        CHECK(encrypt_with(*camera, gcm, call, StreamKind::key_frames, test_clock));
        CHECK(encrypt_with(*microphone, gcm, call, StreamKind::independent, test_clock));
    }

    void new_epoch(std::uint64_t epoch, std::initializer_list<std::uint32_t> leaves) {
        const Bytes base_key = filled(16, static_cast<unsigned>(epoch) * 11);
        frameseal::EpochUpdate update;
        update.group = 1;
        update.epoch = epoch;
        update.base_key = base_key;
        update.leaf_count = PEOPLE;
        update.own_index = leaf;
        for (const std::uint32_t index : leaves) {
            update.members.push_back({index, names.substr(index, 1)});
        }
        CHECK(call.add_epoch(time_of_day, update));
    }
    void sends_in(std::uint64_t epoch) { CHECK(call.activate(time_of_day, {1, epoch})); }

    // Shows and plays what comes from this member.
    void watch(std::uint32_t index) {
        CHECK(decrypt_with(*screen, gcm, call, index, test_clock));
        CHECK(decrypt_with(*speaker, gcm, call, index, test_clock));
    }

    std::uint32_t leaf;
    frameseal::EpochManager call;
    webrtc::scoped_refptr<Sender> camera = webrtc::make_ref_counted<Sender>(MediaType::VIDEO);
    webrtc::scoped_refptr<Sender> microphone = webrtc::make_ref_counted<Sender>(MediaType::AUDIO);
    webrtc::scoped_refptr<VideoReceiver> screen = webrtc::make_ref_counted<VideoReceiver>();
    webrtc::scoped_refptr<AudioReceiver> speaker = webrtc::make_ref_counted<AudioReceiver>();
};

const Bytes descriptor = filled(12, 3);

// Alice and Bob in epoch 1; Bob watches Alice.
struct Two {
    Two() {
        alice.new_epoch(1, {ALICE, BOB});
        bob.new_epoch(1, {ALICE, BOB});
        bob.watch(ALICE);
    }
    Device alice{ALICE};
    Device bob{BOB};
};

void audio_and_video_of_a_member_arrive() {
    Two two;
    for (const size_t size : {1U, 16U, 160U, 1200U, 5000U}) {
        const Bytes frame = filled(size);
        const auto video = two.alice.camera->send(frame, descriptor);
        CHECK(video && !pipeline::shows(*video, frame));
        two.bob.screen->receive(*video, descriptor);
        CHECK(two.bob.screen->take() == std::vector<Bytes>{frame});
        const auto audio = two.alice.microphone->send(frame);
        CHECK(audio && !pipeline::shows(*audio, frame));
        CHECK(two.bob.speaker->receive(*audio, 7) == frame);
    }
    CHECK(two.bob.screen->asks_for_key_frames);
}

void nothing_is_sent_before_the_first_epoch() {
    Device alice(ALICE);
    CHECK(!alice.camera->send(filled(100)));
    CHECK(alice.camera->last_answer == FRAMESEAL_ERROR_NO_SENDING_KEY);
    alice.new_epoch(1, {ALICE, BOB});
    CHECK(alice.camera->send(filled(100)));
}

// There are 16 streams, of which Alice has two. Who gets none is told so, and must not send: here
// nothing would encrypt.
void a_sender_without_an_encryptor_is_an_error() {
    Device alice(ALICE);
    std::vector<webrtc::scoped_refptr<Sender>> others;
    while (others.size() + 2 < 16) {
        others.push_back(webrtc::make_ref_counted<Sender>(MediaType::VIDEO));
        CHECK(encrypt_with(*others.back(), gcm, alice.call, StreamKind::key_frames, test_clock));
    }
    const auto too_many = webrtc::make_ref_counted<Sender>(MediaType::VIDEO);
    const auto refused =
        encrypt_with(*too_many, gcm, alice.call, StreamKind::key_frames, test_clock);
    CHECK(refused.error() == frameseal::ErrorCode::capacity);
    CHECK(!too_many->GetFrameEncryptor());
}

void a_receiver_of_nobody_is_an_error() {
    Device bob(BOB);
    bob.new_epoch(1, {ALICE, BOB});
    const auto refused = decrypt_with(*bob.screen, gcm, bob.call, CAROL, test_clock);
    CHECK(refused.error() == frameseal::ErrorCode::unknown_member);
    CHECK(!bob.screen->GetFrameDecryptor());
}

// Both epochs at once: frames that are under way when sending moves, and frames that come before
// the epoch does.
void frames_of_the_old_and_of_the_new_epoch_open() {
    Two two;
    const Bytes frame = filled(100);
    const Bytes late = two.alice.camera->send(frame, descriptor).value();
    two.alice.new_epoch(2, {ALICE, BOB});
    two.alice.sends_in(2);
    const Bytes early = two.alice.camera->send(frame, descriptor).value();
    two.bob.screen->receive(early, descriptor);
    CHECK(two.bob.screen->last_status == Status::kRecoverable);
    CHECK(two.bob.screen->last_buffer == early && two.bob.screen->asks_for_key_frames);
    two.bob.new_epoch(2, {ALICE, BOB});
    two.bob.screen->receive(two.alice.camera->send(frame, descriptor).value(), descriptor);
    two.bob.screen->receive(late, descriptor);
    CHECK(two.bob.screen->take().size() == 3); // with the one that libwebrtc kept
    two.bob.screen->receive(late, descriptor);
    CHECK(two.bob.screen->take().empty());
    CHECK(two.bob.screen->last_status == Status::kFailedToDecrypt);
}

// Two seconds after a removal the old epoch is gone.
void whoever_was_removed_is_not_heard_after_two_seconds() {
    Two two;
    Device &alice = two.alice;
    Device &bob = two.bob;
    bob.new_epoch(2, {BOB, CAROL});
    CHECK(bob.speaker->receive(*alice.microphone->send(filled(50))).size() == 50);
    const Bytes for_bob_only = bob.microphone->send(filled(50)).value();
    alice.watch(BOB);
    CHECK(alice.speaker->receive(for_bob_only).empty());
    CHECK(alice.speaker->last_status == Status::kRecoverable);
    time_of_day += Millis(2000);
    CHECK(bob.speaker->receive(*alice.microphone->send(filled(50))).empty());
    CHECK(bob.speaker->last_status == Status::kRecoverable);
}

// A server may send another member's frames to the receiver of Alice: they are end-to-end
// encrypted too, and would be shown under her name.
void a_receiver_plays_nobody_but_its_sender() {
    Device alice(ALICE), bob(BOB), carol(CAROL);
    for (Device *device : {&alice, &bob, &carol}) {
        device->new_epoch(1, {ALICE, BOB, CAROL});
    }
    bob.watch(ALICE);
    const Bytes frame = filled(300);
    bob.screen->receive(*alice.camera->send(frame));
    CHECK(bob.screen->take().size() == 1);
    bob.screen->receive(*carol.camera->send(frame));
    CHECK(bob.screen->take().empty() && bob.screen->last_status == Status::kFailedToDecrypt);
    CHECK(!pipeline::shows(bob.screen->last_buffer, frame));
    CHECK(bob.speaker->receive(*carol.microphone->send(frame)).empty());

    // Without a sender, it plays everybody.
    bob.speaker->SetFrameDecryptor(webrtc::make_ref_counted<frameseal_webrtc::MlsFrameDecryptor>(
        gcm, bob.call.open_receiver().value(), std::nullopt, test_clock));
    CHECK(bob.speaker->receive(*carol.microphone->send(frame)) == frame);
    CHECK(bob.speaker->receive(*alice.microphone->send(frame)) == frame);
    // But not itself, which only a server that reflects frames would send.
    CHECK(bob.speaker->receive(*bob.microphone->send(frame)).empty());
    CHECK(bob.speaker->last_status == Status::kFailedToDecrypt);
}

void tampered_frames_fail_and_show_nothing() {
    Two two;
    const Bytes frame = filled(64);
    two.bob.screen->receive(*two.alice.camera->send(frame, descriptor), descriptor);
    CHECK(two.bob.screen->take().size() == 1);
    const Bytes good = two.alice.camera->send(frame, descriptor).value();
    for (size_t at = 0; at < good.size(); at++) {
        Bytes bad = good;
        bad[at] ^= 0x20;
        two.bob.screen->receive(bad, descriptor);
        CHECK(two.bob.screen->take().empty() && two.bob.screen->last_status != Status::kOk);
        CHECK(!pipeline::shows(two.bob.screen->last_buffer, frame));
    }
    two.bob.screen->receive(good, filled(12, 4));
    CHECK(two.bob.screen->last_status == Status::kFailedToDecrypt);
    two.bob.screen->receive(good, descriptor);
    CHECK(two.bob.screen->take() == std::vector<Bytes>{frame});
}

std::uint64_t epoch_of(const std::optional<Bytes> &sealed) {
    return frameseal::peek_header(*sealed)->key_id & 0xFF; // 8 bits of epoch by default
}

// The adaptors ask the clock: two seconds after an epoch came, sending moves to it.
void sending_moves_with_the_clock() {
    Two two;
    two.alice.new_epoch(2, {ALICE, BOB});
    CHECK(epoch_of(two.alice.microphone->send(filled(9))) == 1);
    time_of_day += Millis(1999);
    CHECK(epoch_of(two.alice.microphone->send(filled(9))) == 1);
    time_of_day += Millis(1);
    CHECK(epoch_of(two.alice.microphone->send(filled(9))) == 2);
}

// The encoder's callback knows which frame is a key frame, libwebrtc's Encrypt does not.
void a_stream_can_be_told_of_key_frames() {
    frameseal::EpochConfig config(gcm);
    config.send_switch = frameseal::SendSwitch::at_key_frame;
    config.send_by = Millis(60'000);
    config.retire_after = Millis(120'000);
    Device alice(ALICE);
    alice.call = frameseal::EpochManager::create(config).value();
    const auto encryptor = webrtc::make_ref_counted<frameseal_webrtc::MlsFrameEncryptor>(
        gcm, alice.call.open_stream(StreamKind::key_frames).value(), test_clock);
    alice.camera->SetFrameEncryptor(encryptor);
    alice.new_epoch(1, {ALICE, BOB});
    alice.new_epoch(2, {ALICE, BOB});
    CHECK(epoch_of(alice.camera->send(filled(9))) == 1);
    CHECK(encryptor->stream().mark_key_frame());
    CHECK(epoch_of(alice.camera->send(filled(9))) == 2);
}

void a_frame_allocates_nothing() {
    Two two;
    const auto encryptor = two.alice.camera->GetFrameEncryptor();
    const auto decryptor = two.bob.screen->GetFrameDecryptor();
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
        good = decryptor->Decrypt(MediaType::VIDEO, no_csrcs, descriptor, sealed, sealed).IsOk()
               && good;
    }
    CHECK(allocations.load() == before && good);
}

// The streams and receivers live on without their manager, as libwebrtc may hold them longer.
void the_adaptors_outlive_the_manager() {
    Two two;
    {
        const frameseal::EpochManager gone = std::move(two.alice.call);
        const frameseal::EpochManager gone_too = std::move(two.bob.call);
    }
    CHECK(two.bob.speaker->receive(*two.alice.microphone->send(filled(50))).size() == 50);
}

void the_clock_that_is_taken_goes_on() {
    const Millis before = frameseal_webrtc::steady_clock();
    CHECK(before > Millis(0) && frameseal_webrtc::steady_clock() >= before);
}

} // namespace

int main() {
    audio_and_video_of_a_member_arrive();
    nothing_is_sent_before_the_first_epoch();
    a_sender_without_an_encryptor_is_an_error();
    a_receiver_of_nobody_is_an_error();
    frames_of_the_old_and_of_the_new_epoch_open();
    whoever_was_removed_is_not_heard_after_two_seconds();
    a_receiver_plays_nobody_but_its_sender();
    tampered_frames_fail_and_show_nothing();
    sending_moves_with_the_clock();
    a_stream_can_be_told_of_key_frames();
    a_frame_allocates_nothing();
    the_adaptors_outlive_the_manager();
    the_clock_that_is_taken_goes_on();
    return pipeline::summary();
}
