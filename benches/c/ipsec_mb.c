/*
 * The bare AEADs of the suites with AES-GCM by Intel's Multi-Buffer Crypto for IPsec library, without
 * SFrame around them: what assembly for the same processor reaches. The key is expanded once, the
 * nonce counts up, and the associated data is as long as that of a frame.
 *   benches/c/run.sh benches/c/ipsec_mb.c -lIPSec_MB        (package libipsec-mb-dev)
 */
#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { NONCE = 12, TAG = 16, HEADER = 4, AAD = 64 };

struct bench_side {
    /* First, since its type asks for the alignment of a cache line. */
    struct gcm_key_data key;
    IMB_MGR *manager;
    uint16_t suite;
    uint64_t counter;
};

static bench_side *side(uint16_t suite, const uint8_t *base_key, size_t base_key_len)
{
    const size_t key_len = suite == 4 ? 16 : suite == 5 ? 32 : 0;
    if (key_len == 0 || base_key_len < key_len) {
        return NULL;
    }
    const size_t align = _Alignof(bench_side);
    bench_side *made = aligned_alloc(align, (sizeof *made + align - 1) / align * align);
    if (made == NULL) {
        return NULL;
    }
    memset(made, 0, sizeof *made);
    made->suite = suite;
    made->manager = alloc_mb_mgr(0);
    if (made->manager == NULL) {
        free(made);
        return NULL;
    }
    /* The fastest code for this processor. */
    init_mb_mgr_auto(made->manager, NULL);
    if (suite == 4) {
        IMB_AES128_GCM_PRE(made->manager, base_key, &made->key);
    } else {
        IMB_AES256_GCM_PRE(made->manager, base_key, &made->key);
    }
    return made;
}

static void free_side(bench_side *side)
{
    free_mb_mgr(side->manager);
    free(side);
}

/* The next nonce, and as much associated data as a frame's header and metadata; its length. */
static size_t begin(bench_side *side, uint8_t nonce[NONCE], uint8_t aad[AAD],
                    const uint8_t *metadata, size_t metadata_len)
{
    static const uint8_t header[HEADER] = {0x99, 0x01, 0x23, 0x01};
    if (metadata_len > AAD - HEADER) {
        return SIZE_MAX;
    }
    memset(nonce, 0, NONCE);
    memcpy(nonce + NONCE - sizeof side->counter, &side->counter, sizeof side->counter);
    side->counter++;
    memcpy(aad, header, HEADER);
    memcpy(aad + HEADER, metadata, metadata_len);
    return HEADER + metadata_len;
}

static size_t seal(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *payload, size_t payload_len, uint8_t *out, size_t capacity)
{
    uint8_t nonce[NONCE], aad[AAD];
    const size_t aad_len = begin(side, nonce, aad, metadata, metadata_len);
    struct gcm_context_data context;
    if (aad_len == SIZE_MAX || capacity < payload_len + TAG) {
        return SIZE_MAX;
    }
    if (side->suite == 4) {
        IMB_AES128_GCM_ENC(side->manager, &side->key, &context, out, payload, payload_len, nonce,
                           aad, aad_len, out + payload_len, TAG);
    } else {
        IMB_AES256_GCM_ENC(side->manager, &side->key, &context, out, payload, payload_len, nonce,
                           aad, aad_len, out + payload_len, TAG);
    }
    return payload_len + TAG;
}

static size_t open(bench_side *side, const uint8_t *metadata, size_t metadata_len,
                   const uint8_t *sealed, size_t sealed_len, uint8_t *out, size_t capacity)
{
    uint8_t nonce[NONCE], aad[AAD], tag[TAG], differs = 0;
    const size_t aad_len = begin(side, nonce, aad, metadata, metadata_len);
    struct gcm_context_data context;
    if (aad_len == SIZE_MAX || sealed_len < TAG || capacity < sealed_len - TAG) {
        return SIZE_MAX;
    }
    const size_t len = sealed_len - TAG;
    if (side->suite == 4) {
        IMB_AES128_GCM_DEC(side->manager, &side->key, &context, out, sealed, len, nonce, aad,
                           aad_len, tag, TAG);
    } else {
        IMB_AES256_GCM_DEC(side->manager, &side->key, &context, out, sealed, len, nonce, aad,
                           aad_len, tag, TAG);
    }
    /* The library leaves the comparison to the caller. */
    for (size_t i = 0; i < TAG; i++) {
        differs |= (uint8_t)(tag[i] ^ sealed[len + i]);
    }
    return differs == 0 ? len : SIZE_MAX;
}

const bench_library other_library = {
    "Intel IPsec MB, bare AEAD", side, side, seal, open, free_side, free_side,
};
