// End-to-end encryption of frames, from C++17: objects that free themselves, one decryptor for two
// threads, and errors that throw where nothing can be done about them.
//
//   cargo build -p frameseal-ffi --release
//   c++ -std=c++17 -Iinclude examples/c/seal.cpp target/release/libframeseal.a -lpthread -ldl -lm
#include <array>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string_view>
#include <thread>
#include <vector>

// value() throws. Without this it aborts, and the header compiles with -fno-exceptions.
#define FRAMESEAL_EXCEPTIONS
#include "frameseal.hpp"

namespace {

using Frame = std::vector<std::uint8_t>;

constexpr frameseal::Suite suite = frameseal::Suite::aes_256_gcm_sha512_128;
constexpr std::uint64_t key_id = 7;

bool is(frameseal::Bytes payload, std::string_view text) {
    return std::string_view(reinterpret_cast<const char *>(payload.data()), payload.size()) == text;
}

// Opens frames where they are, as a media engine does: nothing is allocated or copied.
bool receive(const frameseal::Decryptor &decryptor, std::vector<Frame> frames,
             std::string_view text) {
    for (Frame &frame : frames) {
        const auto opened = decryptor.decrypt_in_place("room 12", frame);
        if (!opened || !is(opened->payload, text)) {
            return false;
        }
    }
    return true;
}

// What must not open tells why by its error, and does not throw.
bool refuses(const frameseal::Decryptor &decryptor, const Frame &frame,
             frameseal::ErrorCode expected) {
    const auto opened = decryptor.decrypt("room 12", frame);
    if (opened) {
        std::cerr << "opened what must not open\n";
        return false;
    }
    std::cout << "refused: " << opened.error().message() << "\n";
    return opened.error() == expected;
}

int run() {
    // Any RTP stream counts its frames for itself, so each has a base key of its own. It is wiped
    // when it goes out of scope.
    const Frame base_key(32, 0x42);
    const frameseal::Secret of_stream =
        frameseal::base_key_for_ssrc(suite, base_key, 0x1234'5678).value();

    auto alice = frameseal::Encryptor::create(suite).value();
    alice.add_key(key_id, of_stream).value();
    alice.use_key(key_id).value();
    auto bob = frameseal::Decryptor::create(suite).value();
    bob.add_key(key_id, of_stream).value();
    std::cout << "frameseal " << frameseal::version() << ", " << frameseal::name(suite) << "\n";

    // Audio and video on threads of their own, one decryptor for both.
    std::vector<Frame> audio;
    std::vector<Frame> video;
    for (int i = 0; i < 100; i++) {
        audio.push_back(alice.encrypt("room 12", "a short frame").value());
        video.push_back(alice.encrypt("room 12", "a frame that is a little longer").value());
    }
    std::array<bool, 2> good{};
    std::thread other([&] { good[0] = receive(bob, audio, "a short frame"); });
    good[1] = receive(bob, video, "a frame that is a little longer");
    other.join();
    if (!good[0] || !good[1]) {
        std::cerr << "a frame came out different\n";
        return 1;
    }
    std::cout << "200 frames opened on two threads\n";

    Frame tampered = alice.encrypt("room 12", "frame").value();
    tampered.back() ^= 1;
    const bool refused = refuses(bob, audio.front(), frameseal::ErrorCode::replay)
                         && refuses(bob, tampered, frameseal::ErrorCode::authentication);
    return refused ? 0 : 1;
}

} // namespace

int main() {
    try {
        return run();
    } catch (const std::exception &error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
