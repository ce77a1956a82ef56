// Counts what C++ allocates, in programs of one file, which include this. What the C library
// allocates is not seen here: tests/allocations.rs and tests/epochs are about that.
#ifndef FRAMESEAL_WEBRTC_ALLOCATIONS_H
#define FRAMESEAL_WEBRTC_ALLOCATIONS_H

#include <atomic>
#include <cstdlib>
#include <new>

inline std::atomic<long> allocations{0};

void *operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    void *memory = std::malloc(size != 0 ? size : 1);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}
void operator delete(void *memory) noexcept {
    std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
    std::free(memory);
}

#endif
