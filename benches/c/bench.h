/*
 * What a library must be able to do to be measured beside frameseal. To measure another one, write
 * a file like openssl.c that defines `other_library`, and give it to run.sh.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* One side of a call with one key: whoever seals, or whoever opens. */
typedef struct bench_side bench_side;

typedef struct {
    /* For the head of a column. */
    const char *name;
    /*
     * Makes a side for a cipher suite, by its number in the IANA registry, with one key; NULL when
     * the library lacks the suite. Is not timed.
     */
    bench_side *(*sender)(uint16_t suite, const uint8_t *base_key, size_t base_key_len);
    bench_side *(*receiver)(uint16_t suite, const uint8_t *base_key, size_t base_key_len);
    /*
     * Seals a frame, each under a new counter or nonce, from one buffer to another; or opens what
     * the same library sealed, in the same order. Says how many bytes were written, SIZE_MAX if it
     * failed. The output has room for 64 bytes more than the input.
     */
    size_t (*seal)(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *payload, size_t payload_len, uint8_t *out, size_t capacity);
    size_t (*open)(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *sealed, size_t sealed_len, uint8_t *out, size_t capacity);
    void (*free_sender)(bench_side *side);
    void (*free_receiver)(bench_side *side);
} bench_library;

extern const bench_library frameseal_library;
extern const bench_library other_library;

#endif
