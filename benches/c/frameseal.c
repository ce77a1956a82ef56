/* frameseal, through its C library. */
#include "bench.h"
#include "frameseal.h"

enum { KEY_ID = 0x123 };

#ifndef BACKEND
#define BACKEND FRAMESEAL_BACKEND_DEFAULT
#endif

static bench_side *sender(uint16_t suite, const uint8_t *base_key, size_t base_key_len)
{
    const frameseal_encryptor_config config = {.struct_size = sizeof config, .backend = BACKEND};
    frameseal_encryptor *encryptor = NULL;
    if (frameseal_encryptor_new_with_config(suite, &config, &encryptor) != FRAMESEAL_OK ||
        frameseal_encryptor_add_key(encryptor, KEY_ID, base_key, base_key_len) != FRAMESEAL_OK ||
        frameseal_encryptor_use_key(encryptor, KEY_ID) != FRAMESEAL_OK) {
        frameseal_encryptor_free(encryptor);
        return NULL;
    }
    return (bench_side *)encryptor;
}

static bench_side *receiver(uint16_t suite, const uint8_t *base_key, size_t base_key_len)
{
    const frameseal_decryptor_config config = {.struct_size = sizeof config, .backend = BACKEND};
    frameseal_decryptor *decryptor = NULL;
    if (frameseal_decryptor_new_with_config(suite, &config, &decryptor) != FRAMESEAL_OK ||
        frameseal_decryptor_add_key(decryptor, KEY_ID, base_key, base_key_len) != FRAMESEAL_OK) {
        frameseal_decryptor_free(decryptor);
        return NULL;
    }
    return (bench_side *)decryptor;
}

static size_t seal(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *payload, size_t payload_len, uint8_t *out, size_t capacity)
{
    size_t len = SIZE_MAX;
    frameseal_result result =
        frameseal_encryptor_encrypt((frameseal_encryptor *)side, metadata, metadata_len, payload,
                                    payload_len, out, capacity, &len);
    return result == FRAMESEAL_OK ? len : SIZE_MAX;
}

static size_t open(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *sealed, size_t sealed_len, uint8_t *out, size_t capacity)
{
    size_t len = SIZE_MAX;
    frameseal_result result =
        frameseal_decryptor_decrypt((const frameseal_decryptor *)side, metadata, metadata_len,
                                    sealed, sealed_len, out, capacity, &len, NULL);
    return result == FRAMESEAL_OK ? len : SIZE_MAX;
}

static void free_sender(bench_side *side) { frameseal_encryptor_free((frameseal_encryptor *)side); }

static void free_receiver(bench_side *side)
{
    frameseal_decryptor_free((frameseal_decryptor *)side);
}

const bench_library frameseal_library = {
    "frameseal", sender, receiver, seal, open, free_sender, free_receiver,
};
