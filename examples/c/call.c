/*
 * Real media, end to end: every frame of an IVF file is encrypted by a sender, goes as ciphertext
 * through a forwarder that holds no key, and comes out at a receiver, who compares it with the
 * file byte by byte.
 *
 *   cargo build -p frameseal-ffi --release
 *   cc -std=c11 -Iinclude examples/c/call.c target/release/libframeseal.a -lpthread -ldl -lm
 *   ./a.out examples/media/video.ivf
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frameseal.h"

enum { IVF_FILE_HEADER = 32, IVF_FRAME_HEADER = 12, MAX_FRAME = 1 << 24 };

static const frameseal_suite suite = FRAMESEAL_AES_128_GCM_SHA256_128;
static const uint64_t key_id = 0x101;
static const uint8_t base_key[16] = {
    0x93, 0x2a, 0x07, 0xb8, 0x44, 0xf0, 0x1c, 0x6d, 0xa1, 0x58, 0xe3, 0x29, 0x7f, 0xc2, 0x0d, 0x86,
};

/* What happened to all frames together. */
struct totals {
    uint64_t frames;
    uint64_t payload_bytes;
    uint64_t sealed_bytes;
};

static int fail(const char *what, frameseal_result result)
{
    fprintf(stderr, "%s: %s\n", what, frameseal_result_text(result));
    return EXIT_FAILURE;
}

static uint32_t little_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16
           | (uint32_t)bytes[3] << 24;
}

/* The next frame of the file with its timestamp: 1, or 0 at the end, or -1 when it is cut off. */
static int next_frame(FILE *file, uint8_t **frame, size_t *len, uint8_t timestamp[8])
{
    uint8_t header[IVF_FRAME_HEADER];
    size_t got = fread(header, 1, sizeof header, file);
    if (got == 0 && feof(file)) {
        return 0;
    }
    *len = little_endian(header);
    if (got != sizeof header || *len > MAX_FRAME) {
        return -1;
    }
    memcpy(timestamp, header + 4, 8);
    *frame = malloc(*len + 1);
    if (*frame == NULL || fread(*frame, 1, *len, file) != *len) {
        return -1;
    }
    return 1;
}

/* The forwarder: all that it has is the sealed frame. */
static int forward(const uint8_t *sealed, size_t len)
{
    frameseal_header header;
    frameseal_result result = frameseal_header_peek(sealed, len, &header);
    if (result != FRAMESEAL_OK) {
        return fail("forwarder", result);
    }
    printf("forwarded  KID %-6" PRIu64 " CTR %-6" PRIu64 " %7zu bytes\n", header.key_id,
           header.counter, len);
    return EXIT_SUCCESS;
}

/* Encrypts, forwards, decrypts and compares one frame. The timestamp is authenticated with it. */
static int carry(frameseal_encryptor *sender, const frameseal_decryptor *receiver,
                 const uint8_t *frame, size_t len, const uint8_t timestamp[8],
                 struct totals *totals)
{
    const size_t capacity = len + frameseal_max_overhead(suite);
    uint8_t *buffer = malloc(capacity);
    if (buffer == NULL) {
        return EXIT_FAILURE;
    }
    /* Any number of pieces; this is what it means to authenticate them in this order. */
    const frameseal_slice metadata[] = {{(const uint8_t *)"camera", 6}, {timestamp, 8}};
    int status = EXIT_FAILURE;
    size_t sealed_len = 0;
    size_t opened_len = 0;
    frameseal_result result = frameseal_encryptor_encrypt_slices(
        sender, metadata, 2, frame, len, buffer, capacity, &sealed_len);
    if (result != FRAMESEAL_OK) {
        fail("sender", result);
    } else if (forward(buffer, sealed_len) == EXIT_SUCCESS) {
        result = frameseal_decryptor_decrypt_slices(receiver, metadata, 2, buffer, sealed_len,
                                                    buffer, capacity, &opened_len, NULL);
        if (result != FRAMESEAL_OK) {
            fail("receiver", result);
        } else if (opened_len != len || memcmp(buffer, frame, len) != 0) {
            fprintf(stderr, "the frame came out different\n");
        } else {
            totals->frames++;
            totals->payload_bytes += len;
            totals->sealed_bytes += sealed_len;
            status = EXIT_SUCCESS;
        }
    }
    free(buffer);
    return status;
}

static int carry_all(FILE *file, frameseal_encryptor *sender, const frameseal_decryptor *receiver,
                     struct totals *totals)
{
    uint8_t file_header[IVF_FILE_HEADER];
    if (fread(file_header, 1, sizeof file_header, file) != sizeof file_header
        || memcmp(file_header, "DKIF", 4) != 0) {
        fprintf(stderr, "not an IVF file\n");
        return EXIT_FAILURE;
    }
    for (;;) {
        uint8_t *frame = NULL;
        size_t len = 0;
        uint8_t timestamp[8];
        int more = next_frame(file, &frame, &len, timestamp);
        int status = EXIT_FAILURE;
        if (more < 0) {
            fprintf(stderr, "the file is cut off\n");
        } else if (more > 0) {
            status = carry(sender, receiver, frame, len, timestamp, totals);
        }
        free(frame);
        if (more == 0) {
            return EXIT_SUCCESS;
        }
        if (status != EXIT_SUCCESS) {
            return status;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE.ivf\n", argv[0]);
        return EXIT_FAILURE;
    }
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    frameseal_encryptor *sender = NULL;
    frameseal_decryptor *receiver = NULL;
    struct totals totals = {0, 0, 0};
    int status = EXIT_FAILURE;
    frameseal_result result = frameseal_encryptor_new(suite, &sender);
    if (result == FRAMESEAL_OK) {
        result = frameseal_encryptor_add_key(sender, key_id, base_key, sizeof base_key);
    }
    if (result == FRAMESEAL_OK) {
        result = frameseal_encryptor_use_key(sender, key_id);
    }
    if (result == FRAMESEAL_OK) {
        result = frameseal_decryptor_new(suite, &receiver);
    }
    if (result == FRAMESEAL_OK) {
        result = frameseal_decryptor_add_key(receiver, key_id, base_key, sizeof base_key);
    }
    if (result != FRAMESEAL_OK) {
        fail("set-up", result);
    } else {
        status = carry_all(file, sender, receiver, &totals);
    }
    frameseal_encryptor_free(sender);
    frameseal_decryptor_free(receiver);
    fclose(file);
    if (status == EXIT_SUCCESS && totals.frames == 0) {
        fprintf(stderr, "no frame in the file\n");
        status = EXIT_FAILURE;
    }
    if (status == EXIT_SUCCESS) {
        uint64_t added = totals.sealed_bytes - totals.payload_bytes;
        printf("%" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64
               " added (%.2f %%), all equal to the file\n",
               totals.frames, totals.payload_bytes, added,
               100.0 * (double)added / (double)totals.payload_bytes);
    }
    return status;
}
