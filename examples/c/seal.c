/*
 * End-to-end encryption of one frame, from C: Alice seals, a forwarder looks, Bob opens; then what
 * happens to frames that are not what Alice sent.
 *
 *   cargo build -p frameseal-ffi --release
 *   cc -std=c11 -Iinclude examples/c/seal.c target/release/libframeseal.a -lpthread -ldl -lm
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frameseal.h"

/* In a call, the application or MLS gives both ends this key, and nobody else. */
static const uint8_t base_key[16] = {
    0x5e, 0x11, 0x23, 0xc9, 0x80, 0x4f, 0x3a, 0xd7, 0x62, 0x0b, 0xee, 0x91, 0x1d, 0x78, 0xa4, 0x36,
};
enum { KEY_ID = 7, OTHER_KEY_ID = 300 };
static const char frame[] = "an encoded frame";
/* Both ends know it, it does not travel, and changing it is noticed. */
static const char metadata[] = "room 12, camera";

static int failures;

/* Says what was expected and what came. */
static void expect(const char *what, frameseal_result expected, frameseal_result result)
{
    printf("%-52s %s\n", what, frameseal_result_text(result));
    if (result != expected) {
        printf("    expected: %s\n", frameseal_result_text(expected));
        failures++;
    }
}

static void check(const char *what, bool holds)
{
    if (!holds) {
        printf("    does not hold: %s\n", what);
        failures++;
    }
}

/* What a forwarder does: it has no key. */
static void forward(const uint8_t *sealed, size_t len)
{
    frameseal_header header;
    expect("the forwarder reads the header", FRAMESEAL_OK,
           frameseal_header_peek(sealed, len, &header));
    printf("    key id %" PRIu64 ", counter %" PRIu64 ", %zu bytes\n", header.key_id,
           header.counter, len);
    check("it is Alice's first frame", header.key_id == KEY_ID && header.counter == 0);
}

static frameseal_encryptor *new_sender(uint64_t key_id)
{
    frameseal_encryptor *alice = NULL;
    expect("A sender makes an encryptor", FRAMESEAL_OK,
           frameseal_encryptor_new(FRAMESEAL_AES_128_GCM_SHA256_128, &alice));
    expect("  adds a key", FRAMESEAL_OK,
           frameseal_encryptor_add_key(alice, key_id, base_key, sizeof base_key));
    expect("  chooses it for sending", FRAMESEAL_OK, frameseal_encryptor_use_key(alice, key_id));
    return alice;
}

static frameseal_decryptor *new_receiver(void)
{
    frameseal_decryptor *bob = NULL;
    expect("Bob makes a decryptor", FRAMESEAL_OK,
           frameseal_decryptor_new(FRAMESEAL_AES_128_GCM_SHA256_128, &bob));
    expect("  adds Alice's key", FRAMESEAL_OK,
           frameseal_decryptor_add_key(bob, KEY_ID, base_key, sizeof base_key));
    return bob;
}

/* Opens in place: the payload replaces the frame, from the same address on. */
static frameseal_result open_frame(const frameseal_decryptor *bob, const char *authenticated,
                                   uint8_t *buffer, size_t *len, frameseal_open_info *info)
{
    info->struct_size = sizeof *info;
    return frameseal_decryptor_decrypt(bob, (const uint8_t *)authenticated, strlen(authenticated),
                                       buffer, *len, buffer, *len, len, info);
}

int main(void)
{
    printf("frameseal %s, %s\n\n", frameseal_version(),
           frameseal_suite_name(FRAMESEAL_AES_128_GCM_SHA256_128));
    check("library and header are of one version",
          frameseal_version_number() == FRAMESEAL_VERSION_NUMBER);

    frameseal_encryptor *alice = new_sender(KEY_ID);
    frameseal_decryptor *bob = new_receiver();

    /* The exact size comes from a function; sizeof frame + overhead bounds it. */
    size_t needed = 0;
    expect("Alice asks how long the frame will be", FRAMESEAL_OK,
           frameseal_encryptor_sealed_len(alice, sizeof frame, &needed));
    check("the bound holds",
          needed <= sizeof frame + frameseal_max_overhead(FRAMESEAL_AES_128_GCM_SHA256_128));
    uint8_t *sealed = malloc(needed);
    if (sealed == NULL) {
        return EXIT_FAILURE;
    }
    size_t len = 0;
    expect("Alice seals into a buffer that is too small", FRAMESEAL_ERROR_BUFFER_TOO_SMALL,
           frameseal_encryptor_encrypt(alice, (const uint8_t *)metadata, strlen(metadata),
                                       (const uint8_t *)frame, sizeof frame, sealed, needed - 1,
                                       &len));
    check("the needed size is told", len == needed);
    expect("Alice seals", FRAMESEAL_OK,
           frameseal_encryptor_encrypt(alice, (const uint8_t *)metadata, strlen(metadata),
                                       (const uint8_t *)frame, sizeof frame, sealed, needed, &len));
    check("the size was exact", len == needed);

    forward(sealed, len);

    /* Bob gets copies, since opening happens in place. */
    uint8_t buffer[64];
    frameseal_open_info info;
    memcpy(buffer, sealed, len);
    buffer[len - 1] ^= 1;
    size_t opened = len;
    expect("Bob opens the frame with a bit flipped", FRAMESEAL_ERROR_AUTHENTICATION,
           open_frame(bob, metadata, buffer, &opened, &info));

    memcpy(buffer, sealed, len);
    opened = len;
    expect("with other metadata", FRAMESEAL_ERROR_AUTHENTICATION,
           open_frame(bob, "room 13, camera", buffer, &opened, &info));

    memcpy(buffer, sealed, len);
    opened = len;
    expect("as it was sent", FRAMESEAL_OK, open_frame(bob, metadata, buffer, &opened, &info));
    check("it is the frame that Alice sealed",
          opened == sizeof frame && memcmp(buffer, frame, sizeof frame) == 0);
    check("it was Alice's key", info.key_id == KEY_ID && info.counter == 0);

    memcpy(buffer, sealed, len);
    opened = len;
    expect("once more", FRAMESEAL_ERROR_REPLAY, open_frame(bob, metadata, buffer, &opened, &info));

    opened = 3;
    expect("cut off", FRAMESEAL_ERROR_SYNTAX, open_frame(bob, metadata, buffer, &opened, &info));

    frameseal_encryptor *carol = new_sender(OTHER_KEY_ID);
    expect("  and seals", FRAMESEAL_OK,
           frameseal_encryptor_encrypt(carol, NULL, 0, (const uint8_t *)frame, sizeof frame, buffer,
                                       sizeof buffer, &opened));
    expect("Bob opens a frame of a key that he does not have", FRAMESEAL_ERROR_UNKNOWN_KEY_ID,
           open_frame(bob, "", buffer, &opened, &info));
    check("the key id is told", info.key_id == OTHER_KEY_ID);

    free(sealed);
    frameseal_encryptor_free(carol);
    frameseal_encryptor_free(alice);
    frameseal_decryptor_free(bob);
    printf("\n%s\n", failures == 0 ? "all as expected" : "NOT as expected");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
