// A translation unit with frameseal.hpp in the other mode, compiled with -fno-exceptions and
// -fno-rtti: it links with those that throw, and value() of an error aborts.
#include "errors.hpp"

#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

#include "frameseal.hpp"

bool works_without_exceptions() {
    auto encryptor = frameseal::Encryptor::create(frameseal::Suite::aes_128_gcm_sha256_128);
    auto decryptor = frameseal::Decryptor::create(frameseal::Suite::aes_128_gcm_sha256_128);
    if (!encryptor || !decryptor || !encryptor->add_key(1, "0123456789abcdef")
        || !encryptor->use_key(1) || !decryptor->add_key(1, "0123456789abcdef")) {
        return false;
    }
    auto frame = encryptor->encrypt("metadata", "frame");
    return frame && decryptor->decrypt_in_place("metadata", *frame)
           && decryptor->decrypt_in_place("metadata", *frame).error().code()
                  != frameseal::ErrorCode::ok;
}

bool aborts_without_exceptions() {
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        const frameseal::Result<int> error = frameseal::ErrorCode::replay;
        _exit(*error);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status)
           && WTERMSIG(status) == SIGABRT;
}
