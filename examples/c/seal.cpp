// End-to-end encryption of frames, from C++17. The two small classes own the handles and turn
// results into exceptions; an application may take them along.
//
//   cargo build -p frameseal-ffi --release
//   c++ -std=c++17 -Iinclude examples/c/seal.cpp target/release/libframeseal.a -lpthread -ldl -lm
#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "frameseal.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

class Error : public std::runtime_error {
public:
    explicit Error(frameseal_result result)
        : std::runtime_error(frameseal_result_text(result)), result_(result) {}
    frameseal_result result() const { return result_; }

private:
    frameseal_result result_;
};

void check(frameseal_result result) {
    if (result != FRAMESEAL_OK) {
        throw Error(result);
    }
}

const std::uint8_t *bytes(std::string_view text) {
    return reinterpret_cast<const std::uint8_t *>(text.data());
}

class Encryptor {
public:
    explicit Encryptor(frameseal_suite suite) : suite_(suite) {
        frameseal_encryptor *handle = nullptr;
        check(frameseal_encryptor_new(suite, &handle));
        handle_.reset(handle);
    }

    void add_key(std::uint64_t key_id, const Bytes &base_key) {
        check(frameseal_encryptor_add_key(handle_.get(), key_id, base_key.data(), base_key.size()));
    }

    void use_key(std::uint64_t key_id) {
        check(frameseal_encryptor_use_key(handle_.get(), key_id));
    }

    Bytes encrypt(std::string_view metadata, std::string_view payload) {
        Bytes out(payload.size() + frameseal_max_overhead(suite_));
        std::size_t len = 0;
        check(frameseal_encryptor_encrypt(handle_.get(), bytes(metadata), metadata.size(),
                                          bytes(payload), payload.size(), out.data(), out.size(),
                                          &len));
        out.resize(len);
        return out;
    }

private:
    struct Free {
        void operator()(frameseal_encryptor *handle) const { frameseal_encryptor_free(handle); }
    };
    frameseal_suite suite_;
    std::unique_ptr<frameseal_encryptor, Free> handle_;
};

class Decryptor {
public:
    explicit Decryptor(frameseal_suite suite) {
        frameseal_decryptor *handle = nullptr;
        check(frameseal_decryptor_new(suite, &handle));
        handle_.reset(handle);
    }

    void add_key(std::uint64_t key_id, const Bytes &base_key) {
        check(frameseal_decryptor_add_key(handle_.get(), key_id, base_key.data(), base_key.size()));
    }

    // Opens in place; several threads may call it. The payload begins where the frame began.
    void decrypt(std::string_view metadata, Bytes &frame) const {
        std::size_t len = 0;
        check(frameseal_decryptor_decrypt(handle_.get(), bytes(metadata), metadata.size(),
                                          frame.data(), frame.size(), frame.data(), frame.size(),
                                          &len, nullptr));
        frame.resize(len);
    }

private:
    struct Free {
        void operator()(frameseal_decryptor *handle) const { frameseal_decryptor_free(handle); }
    };
    std::unique_ptr<frameseal_decryptor, Free> handle_;
};

bool is(const Bytes &payload, std::string_view text) {
    return std::string_view(reinterpret_cast<const char *>(payload.data()), payload.size()) == text;
}

// Derives a base key for one RTP stream; any stream counts its frames for itself.
Bytes base_key_of_stream(frameseal_suite suite, const Bytes &base_key, std::uint32_t ssrc) {
    Bytes derived(frameseal_suite_hash_len(suite));
    std::size_t len = 0;
    check(frameseal_base_key_for_ssrc(suite, base_key.data(), base_key.size(), ssrc, derived.data(),
                                      derived.size(), &len));
    return derived;
}

int run() {
    const frameseal_suite suite = FRAMESEAL_AES_256_GCM_SHA512_128;
    const Bytes base_key = base_key_of_stream(suite, Bytes(32, 0x42), 0x1234'5678);
    Encryptor alice(suite);
    alice.add_key(7, base_key);
    alice.use_key(7);
    Decryptor bob(suite);
    bob.add_key(7, base_key);
    std::cout << "frameseal " << frameseal_version() << ", " << frameseal_suite_name(suite) << "\n";

    // Audio and video on threads of their own, one decryptor for both.
    std::array<bool, 2> good{};
    auto receive = [&bob](const std::vector<Bytes> &frames, std::string_view text, bool &result) {
        result = true;
        for (Bytes frame : frames) {
            bob.decrypt("room 12", frame);
            result = result && is(frame, text);
        }
    };
    std::vector<Bytes> audio;
    std::vector<Bytes> video;
    for (int i = 0; i < 100; i++) {
        audio.push_back(alice.encrypt("room 12", "a short frame"));
        video.push_back(alice.encrypt("room 12", "a frame that is a little longer"));
    }
    std::thread other([&] { receive(audio, "a short frame", good[0]); });
    receive(video, "a frame that is a little longer", good[1]);
    other.join();
    if (!good[0] || !good[1]) {
        std::cerr << "a frame came out different\n";
        return 1;
    }
    std::cout << "200 frames opened on two threads\n";

    Bytes tampered = alice.encrypt("room 12", "frame");
    tampered.back() ^= 1;
    for (Bytes frame : {audio.front(), tampered}) {
        try {
            bob.decrypt("room 12", frame);
            std::cerr << "opened what must not open\n";
            return 1;
        } catch (const Error &error) {
            std::cout << "refused: " << error.what() << "\n";
            if (error.result() != FRAMESEAL_ERROR_REPLAY
                && error.result() != FRAMESEAL_ERROR_AUTHENTICATION) {
                return 1;
            }
        }
    }
    return 0;
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
