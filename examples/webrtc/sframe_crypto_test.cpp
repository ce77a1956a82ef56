// The adaptors of sframe_crypto.h, called as libwebrtc's pipeline and an application call them.
//
//   cargo build -p frameseal-ffi --release
//   c++ -std=c++20 -Iinclude -Iexamples/webrtc/stubs examples/webrtc/sframe_crypto_test.cpp
//       target/release/libframeseal.a -lpthread -ldl -lm
#include <array>

#include "allocations.h"
#include "pipeline.h"
#include "sframe_crypto.h"

namespace {

using pipeline::Bytes;
using pipeline::filled;
using webrtc::RTCErrorType;
using webrtc::SframeCipherSuite;
using webrtc::SframeDecryptErrorType;
using webrtc::SframeDecryptFailure;
using webrtc::SframeDecryptResult;
using webrtc::SframeDecryptSuccess;
using webrtc::SframeMode;

constexpr std::array suites = {
    SframeCipherSuite::kAes128CtrHmacSha256_80, SframeCipherSuite::kAes128CtrHmacSha256_64,
    SframeCipherSuite::kAes128CtrHmacSha256_32, SframeCipherSuite::kAes128GcmSha256_128,
    SframeCipherSuite::kAes256GcmSha512_128,    SframeCipherSuite::kAes256CtrHmacSha512_80,
    SframeCipherSuite::kAes256CtrHmacSha512_64, SframeCipherSuite::kAes256CtrHmacSha512_32,
};
constexpr SframeCipherSuite gcm = SframeCipherSuite::kAes128GcmSha256_128;
const Bytes base_key = filled(32, 9);
const Bytes metadata = filled(12, 3);

// What a sender does where libwebrtc makes an encryptor of its own: the pipeline gets it, and the
// application its handle. It needs no proxy, since any thread may call it.
webrtc::RTCErrorOr<webrtc::scoped_refptr<webrtc::SframeEncryptorInterface>>
CreateSframeEncryptorOrError(
    const webrtc::SframeEncryptorInit &options,
    webrtc::scoped_refptr<webrtc::SframeMediaEncryptorInterface> &pipeline) {
    auto made = frameseal_webrtc::make_sframe_encryptor(options);
    if (!made.ok()) {
        return made.MoveError();
    }
    pipeline = made.value();
    return webrtc::scoped_refptr<webrtc::SframeEncryptorInterface>(made.MoveValue());
}

struct Call {
    explicit Call(SframeCipherSuite suite = gcm, SframeMode mode = SframeMode::kPerFrame)
        : decryptor(frameseal_webrtc::make_sframe_decryptor(suite).MoveValue()),
          sending_keys(CreateSframeEncryptorOrError({mode, suite}, encryptor).MoveValue()),
          receiving_keys(decryptor) {}

    RTCErrorType send(const Bytes &frame, Bytes &sealed) {
        sealed.assign(encryptor->GetMaxCiphertextByteSize(frame.size()), 0xEE);
        const auto written = encryptor->Encrypt(frame, metadata, sealed);
        if (!written.ok()) {
            return written.error().type();
        }
        CHECK(written.value() <= sealed.size());
        sealed.resize(written.value());
        return RTCErrorType::NONE;
    }
    Bytes send(const Bytes &frame) {
        Bytes sealed;
        CHECK(send(frame, sealed) == RTCErrorType::NONE);
        return sealed;
    }

    // The payload, or nothing and `failure`.
    std::optional<Bytes> receive(const Bytes &sealed, const Bytes &with = metadata) {
        Bytes frame(decryptor->GetMaxPlaintextByteSize(sealed.size()));
        const SframeDecryptResult result = decryptor->Decrypt(sealed, with, frame);
        if (const auto *opened = std::get_if<SframeDecryptSuccess>(&result)) {
            CHECK(opened->bytes_written <= frame.size());
            frame.resize(opened->bytes_written);
            return frame;
        }
        failure = std::get<SframeDecryptFailure>(result);
        return std::nullopt;
    }

    webrtc::scoped_refptr<webrtc::SframeMediaEncryptorInterface> encryptor;
    const webrtc::scoped_refptr<webrtc::SframeMediaDecryptorInterface> decryptor;
    const webrtc::scoped_refptr<webrtc::SframeEncryptorInterface> sending_keys;
    const webrtc::scoped_refptr<webrtc::SframeDecryptorInterface> receiving_keys;
    SframeDecryptFailure failure = SframeDecryptFailure::Syntax();
};

void frames_and_packets_of_all_suites_arrive() {
    for (const SframeCipherSuite suite : suites) {
        for (const SframeMode mode : {SframeMode::kPerFrame, SframeMode::kPerPacket}) {
            Call call(suite, mode);
            CHECK(call.encryptor->mode() == mode);
            CHECK(call.sending_keys->SetEncryptionKey(7, base_key).ok());
            CHECK(call.receiving_keys->AddDecryptionKey(7, base_key).ok());
            for (const size_t size : {0U, 1U, 16U, 160U, 1200U}) {
                const Bytes frame = filled(size);
                const Bytes sealed = call.send(frame);
                CHECK(!pipeline::shows(sealed, frame));
                CHECK(call.receive(sealed) == frame);
            }
        }
    }
}

// The suites have the numbers of the IANA registry in their order.
void every_suite_is_the_one_of_its_name() {
    for (size_t i = 0; i < suites.size(); i++) {
        const auto suite = frameseal_webrtc::suite_of(suites[i]);
        CHECK(suite && static_cast<frameseal_suite>(*suite) == i + 1);
    }
    const auto later = static_cast<SframeCipherSuite>(99);
    CHECK(!frameseal_webrtc::suite_of(later));
    Call call;
    const auto made = CreateSframeEncryptorOrError({SframeMode::kPerFrame, later}, call.encryptor);
    CHECK(made.error().type() == RTCErrorType::UNSUPPORTED_PARAMETER);
    CHECK(frameseal_webrtc::make_sframe_decryptor(later).error().type()
          == RTCErrorType::UNSUPPORTED_PARAMETER);
}

void nothing_is_sent_without_a_key() {
    Call call;
    const Bytes frame = filled(100);
    Bytes sealed;
    CHECK(call.send(frame, sealed) == RTCErrorType::INVALID_STATE);
    CHECK(sealed == Bytes(sealed.size(), 0xEE));
    CHECK(call.sending_keys->SetEncryptionKey(7, filled(15)).type()
          == RTCErrorType::INVALID_PARAMETER);
    CHECK(call.send(frame, sealed) == RTCErrorType::INVALID_STATE);
    CHECK(call.sending_keys->SetEncryptionKey(7, base_key).ok());
    Bytes too_small(frame.size(), 0xEE);
    CHECK(call.encryptor->Encrypt(frame, metadata, too_small).error().type()
          == RTCErrorType::INVALID_RANGE);
    CHECK(too_small == Bytes(too_small.size(), 0xEE));
    CHECK(call.send(frame, sealed) == RTCErrorType::NONE);
}

void a_key_at_its_limit_sends_nothing_more() {
    auto keys = frameseal::Encryptor::create(frameseal::Suite::aes_128_gcm_sha256_128,
                                             {1, 0, frameseal::Backend::library_default});
    Call call;
    call.encryptor = webrtc::make_ref_counted<frameseal_webrtc::SframeEncryptor>(
        SframeMode::kPerFrame, frameseal::Suite::aes_128_gcm_sha256_128, std::move(*keys));
    CHECK(call.encryptor->SetEncryptionKey(7, base_key).ok());
    Bytes sealed;
    CHECK(call.send(filled(100), sealed) == RTCErrorType::NONE);
    CHECK(call.send(filled(100), sealed) == RTCErrorType::RESOURCE_EXHAUSTED);
    CHECK(sealed == Bytes(sealed.size(), 0xEE));
}

void the_key_before_is_wiped() {
    const auto encryptor =
        frameseal_webrtc::make_sframe_encryptor({SframeMode::kPerFrame, gcm}).MoveValue();
    CHECK(encryptor->SetEncryptionKey(7, base_key).ok() && encryptor->keys().key_status(7)->active);
    CHECK(encryptor->SetEncryptionKey(7, base_key).ok() && encryptor->keys().key_status(7)->active);
    CHECK(encryptor->SetEncryptionKey(8, filled(32)).ok());
    CHECK(!encryptor->keys().key_status(7)->active && encryptor->keys().key_status(8)->active);
    const auto decryptor = frameseal_webrtc::make_sframe_decryptor(gcm).MoveValue();
    CHECK(decryptor->AddDecryptionKey(7, base_key).ok() && decryptor->keys().key_status(7)->active);
    CHECK(decryptor->RemoveDecryptionKey(7).ok() && !decryptor->keys().key_status(7)->active);
}

// A key is replaced by the next one; coming back to it goes on with its counter, and so never
// seals two frames alike.
void keys_change_and_come_back() {
    Call call;
    const Bytes frame = filled(100);
    const Bytes next_key = filled(32, 77);
    CHECK(call.receiving_keys->AddDecryptionKey(7, base_key).ok());
    CHECK(call.receiving_keys->AddDecryptionKey(8, next_key).ok());
    CHECK(call.sending_keys->SetEncryptionKey(7, base_key).ok());
    const Bytes first = call.send(frame);
    CHECK(call.sending_keys->SetEncryptionKey(8, next_key).ok());
    const Bytes second = call.send(frame);
    CHECK(call.sending_keys->SetEncryptionKey(7, base_key).ok());
    const Bytes third = call.send(frame);
    CHECK(frameseal::peek_header(first)->key_id == 7);
    CHECK(frameseal::peek_header(second)->key_id == 8);
    CHECK(frameseal::peek_header(third)->key_id == 7);
    CHECK(frameseal::peek_header(third)->counter == 1);
    CHECK(call.receive(first) == frame && call.receive(second) == frame);
    CHECK(call.receive(third) == frame);
    CHECK(call.sending_keys->SetEncryptionKey(8, base_key).type()
          == RTCErrorType::INVALID_MODIFICATION);
    // What could not be set did not stop the key before it.
    CHECK(frameseal::peek_header(call.send(frame))->key_id == 7);
    CHECK(call.receiving_keys->AddDecryptionKey(8, base_key).type()
          == RTCErrorType::INVALID_MODIFICATION);
}

void failures_are_told_as_libwebrtc_knows_them() {
    Call call;
    const Bytes frame = filled(100);
    CHECK(call.sending_keys->SetEncryptionKey(70'000, base_key).ok());
    const Bytes sealed = call.send(frame);
    CHECK(!call.receive(sealed) && call.failure.type == SframeDecryptErrorType::kKeyId);
    CHECK(call.failure.key_id == 70'000U);
    CHECK(call.receiving_keys->AddDecryptionKey(70'000, base_key).ok());

    Bytes bad = sealed;
    bad.back() ^= 1;
    CHECK(!call.receive(bad) && call.failure.type == SframeDecryptErrorType::kAuthentication);
    CHECK(!call.failure.key_id);
    CHECK(!call.receive(sealed, {}));
    CHECK(call.failure.type == SframeDecryptErrorType::kAuthentication);
    CHECK(!call.receive({}) && call.failure.type == SframeDecryptErrorType::kSyntax);
    CHECK(call.receive(sealed) == frame);
    CHECK(!call.receive(sealed) && call.failure.type == SframeDecryptErrorType::kAuthentication);

    CHECK(call.receiving_keys->RemoveDecryptionKey(70'000).ok());
    CHECK(call.receiving_keys->RemoveDecryptionKey(70'000).ok());
    CHECK(call.receiving_keys->RemoveDecryptionKey(3).ok());
    CHECK(!call.receive(call.send(frame)) && call.failure.type == SframeDecryptErrorType::kKeyId);
}

// Packets of a stream come in another order by more than frames do.
void a_packet_may_be_late() {
    Call call(gcm, SframeMode::kPerPacket);
    CHECK(call.sending_keys->SetEncryptionKey(7, base_key).ok());
    CHECK(call.receiving_keys->AddDecryptionKey(7, base_key).ok());
    const Bytes late = call.send(filled(100));
    for (int i = 0; i < 4000; i++) {
        CHECK(call.receive(call.send(filled(10))).has_value());
    }
    CHECK(call.receive(late) == filled(100));
}

void a_frame_is_opened_where_it_is_and_allocates_nothing() {
    Call call;
    CHECK(call.sending_keys->SetEncryptionKey(7, base_key).ok());
    CHECK(call.receiving_keys->AddDecryptionKey(7, base_key).ok());
    const Bytes frame = filled(1000);
    Bytes buffer(call.encryptor->GetMaxCiphertextByteSize(frame.size()));
    const long before = allocations.load();
    bool good = true;
    for (int i = 0; i < 100; i++) {
        good = good && !call.encryptor->Encrypt(frame, metadata, std::span(buffer).first(99)).ok();
        const auto written = call.encryptor->Encrypt(frame, metadata, buffer);
        good = good && written.ok();
        const std::span<std::uint8_t> sealed(buffer.data(), written.ok() ? written.value() : 0);
        // Every second frame comes with other metadata, and is refused.
        const auto result = call.decryptor->Decrypt(sealed, i % 2 == 0 ? metadata : frame, sealed);
        good = good && std::holds_alternative<SframeDecryptSuccess>(result) == (i % 2 == 0);
        good = good && (i % 2 != 0 || std::equal(frame.begin(), frame.end(), sealed.begin()));
    }
    CHECK(allocations.load() == before && good);
}

} // namespace

int main() {
    frames_and_packets_of_all_suites_arrive();
    every_suite_is_the_one_of_its_name();
    nothing_is_sent_without_a_key();
    a_key_at_its_limit_sends_nothing_more();
    the_key_before_is_wiped();
    keys_change_and_come_back();
    failures_are_told_as_libwebrtc_knows_them();
    a_packet_may_be_late();
    a_frame_is_opened_where_it_is_and_allocates_nothing();
    return pipeline::summary();
}
