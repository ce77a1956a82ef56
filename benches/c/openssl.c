/*
 * The bare AEADs of the suites with AES-GCM by OpenSSL's libcrypto, without SFrame around them:
 * what a media stack has that calls EVP itself. The context is kept, the nonce counts up, and the
 * associated data is as long as that of a frame.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { NONCE = 12, TAG = 16, HEADER = 4 };

struct bench_side {
    EVP_CIPHER_CTX *context;
    uint64_t counter;
};

static bench_side *side(uint16_t suite, const uint8_t *base_key, size_t base_key_len, int sealing)
{
    const EVP_CIPHER *cipher = suite == 4   ? EVP_aes_128_gcm()
                               : suite == 5 ? EVP_aes_256_gcm()
                                            : NULL;
    if (cipher == NULL || base_key_len < (size_t)EVP_CIPHER_key_length(cipher)) {
        return NULL;
    }
    bench_side *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->context = EVP_CIPHER_CTX_new();
    if (made->context == NULL ||
        EVP_CipherInit_ex(made->context, cipher, NULL, base_key, NULL, sealing) != 1) {
        EVP_CIPHER_CTX_free(made->context);
        free(made);
        return NULL;
    }
    return made;
}

static bench_side *sender(uint16_t suite, const uint8_t *base_key, size_t base_key_len)
{
    return side(suite, base_key, base_key_len, 1);
}

static bench_side *receiver(uint16_t suite, const uint8_t *base_key, size_t base_key_len)
{
    return side(suite, base_key, base_key_len, 0);
}

static void free_side(bench_side *side)
{
    EVP_CIPHER_CTX_free(side->context);
    free(side);
}

/* The next nonce, and as much associated data as a frame's header and metadata. */
static int begin(bench_side *side, int sealing, const uint8_t *metadata, size_t metadata_len)
{
    uint8_t nonce[NONCE] = {0};
    static const uint8_t header[HEADER] = {0x99, 0x01, 0x23, 0x01};
    int len = 0;
    memcpy(nonce + NONCE - sizeof side->counter, &side->counter, sizeof side->counter);
    side->counter++;
    return EVP_CipherInit_ex(side->context, NULL, NULL, NULL, nonce, sealing) == 1 &&
           EVP_CipherUpdate(side->context, NULL, &len, header, HEADER) == 1 &&
           EVP_CipherUpdate(side->context, NULL, &len, metadata, (int)metadata_len) == 1;
}

static size_t seal(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *payload, size_t payload_len, uint8_t *out, size_t capacity)
{
    int len = 0, rest = 0;
    if (capacity < payload_len + TAG || !begin(side, 1, metadata, metadata_len) ||
        EVP_CipherUpdate(side->context, out, &len, payload, (int)payload_len) != 1 ||
        EVP_CipherFinal_ex(side->context, out + len, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(side->context, EVP_CTRL_AEAD_GET_TAG, TAG, out + len + rest) != 1) {
        return SIZE_MAX;
    }
    return (size_t)(len + rest) + TAG;
}

static size_t open(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *sealed, size_t sealed_len, uint8_t *out, size_t capacity)
{
    int len = 0, rest = 0;
    uint8_t tag[TAG];
    if (sealed_len < TAG || capacity < sealed_len - TAG) {
        return SIZE_MAX;
    }
    memcpy(tag, sealed + sealed_len - TAG, TAG);
    if (!begin(side, 0, metadata, metadata_len) ||
        EVP_CipherUpdate(side->context, out, &len, sealed, (int)(sealed_len - TAG)) != 1 ||
        EVP_CIPHER_CTX_ctrl(side->context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1 ||
        EVP_CipherFinal_ex(side->context, out + len, &rest) != 1) {
        return SIZE_MAX;
    }
    return (size_t)(len + rest);
}

const bench_library other_library = {
    "OpenSSL, bare AEAD", sender, receiver, seal, open, free_side, free_side,
};
