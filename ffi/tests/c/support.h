/*
 * What the C test programs have in common: a check that counts, memory of an exact length, and
 * shorthands for the calls that most tests make.
 */
#ifndef FRAMESEAL_TESTS_SUPPORT_H
#define FRAMESEAL_TESTS_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frameseal.h"

enum { SUITES = 8, KEY_ID = 0x1234, PAYLOAD = 23 };

static const frameseal_suite GCM = FRAMESEAL_AES_128_GCM_SHA256_128;
static const frameseal_result INVALID = FRAMESEAL_ERROR_INVALID_ARGUMENT;
static const uint8_t base_key[32] = "0123456789abcdefghijklmnopqrstu";
static const uint8_t metadata[] = {1, 2, 3, 4, 5};
static long checks;
static long failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        checks++;                                                                                  \
        if (!(condition)) {                                                                        \
            failures++;                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                 \
        }                                                                                          \
    } while (0)

static inline void *allocate(size_t len)
{
    void *memory = malloc(len > 0 ? len : 1);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static inline void fill(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 37 + 11);
    }
}

static inline frameseal_encryptor *sender(frameseal_suite suite)
{
    frameseal_encryptor *encryptor = NULL;
    CHECK(frameseal_encryptor_new(suite, &encryptor) == FRAMESEAL_OK);
    CHECK(frameseal_encryptor_add_key(encryptor, KEY_ID, base_key, sizeof base_key)
          == FRAMESEAL_OK);
    CHECK(frameseal_encryptor_use_key(encryptor, KEY_ID) == FRAMESEAL_OK);
    return encryptor;
}

static inline frameseal_decryptor *receiver(frameseal_suite suite)
{
    frameseal_decryptor *decryptor = NULL;
    CHECK(frameseal_decryptor_new(suite, &decryptor) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_add_key(decryptor, KEY_ID, base_key, sizeof base_key)
          == FRAMESEAL_OK);
    return decryptor;
}

static inline frameseal_result seal(frameseal_encryptor *encryptor, const uint8_t *payload, size_t len,
                             uint8_t *out, size_t capacity, size_t *out_len)
{
    return frameseal_encryptor_encrypt(encryptor, metadata, sizeof metadata, payload, len, out,
                                       capacity, out_len);
}

static inline frameseal_result open_frame(const frameseal_decryptor *decryptor, const uint8_t *sealed,
                                   size_t len, uint8_t *out, size_t capacity, size_t *out_len)
{
    return frameseal_decryptor_decrypt(decryptor, metadata, sizeof metadata, sealed, len, out,
                                       capacity, out_len, NULL);
}

/* A sealed frame of PAYLOAD bytes in memory of exactly its length. */
static inline uint8_t *sealed_frame(frameseal_suite suite, size_t *len)
{
    frameseal_encryptor *encryptor = sender(suite);
    uint8_t payload[PAYLOAD];
    fill(payload, sizeof payload);
    CHECK(frameseal_encryptor_sealed_len(encryptor, PAYLOAD, len) == FRAMESEAL_OK);
    uint8_t *frame = allocate(*len);
    CHECK(seal(encryptor, payload, PAYLOAD, frame, *len, len) == FRAMESEAL_OK);
    frameseal_encryptor_free(encryptor);
    return frame;
}

/* The last line of every program. */
static inline int summary(void)
{
    printf("%ld checks, %ld failures\n", checks, failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
