/*
 * Calls every function of frameseal.h with arguments that cannot be right: NULL, ids that do not
 * exist, memory that overlaps where it must not, structures of other sizes. All are refused, and
 * nothing else happens. Built with sanitizers and run under valgrind by tests/c.sh.
 */
#include "support.h"

enum { ARENA = 256 };

static void null_for_everything(void)
{
    frameseal_encryptor *enc = sender(GCM);
    frameseal_decryptor *dec = receiver(GCM);
    uint8_t bytes[64] = {0};
    size_t len = 99;
    size_t len2 = 99;
    uint64_t number = 99;
    bool raised = false;
    const frameseal_slice bad_slice = {NULL, 1};

    frameseal_encryptor_free(NULL);
    frameseal_encryptor_free(NULL);
    frameseal_decryptor_free(NULL);
    frameseal_decryptor_free(NULL);
    CHECK(frameseal_encryptor_new(GCM, NULL) == INVALID);
    CHECK(frameseal_encryptor_new_with_config(GCM, NULL, NULL) == INVALID);
    CHECK(frameseal_decryptor_new(GCM, NULL) == INVALID);
    CHECK(frameseal_decryptor_new_with_config(GCM, NULL, NULL) == INVALID);
    CHECK(frameseal_header_peek(NULL, 1, NULL) == INVALID);
    CHECK(frameseal_header_peek(bytes, 1, NULL) == INVALID);

    CHECK(frameseal_encryptor_add_key(NULL, 1, base_key, 32) == INVALID);
    CHECK(frameseal_encryptor_add_key(enc, 1, NULL, 32) == INVALID);
    CHECK(frameseal_encryptor_add_key(enc, 1, NULL, 0) == INVALID);
    CHECK(frameseal_encryptor_resume_key_after(NULL, 1, base_key, 32, 0) == INVALID);
    CHECK(frameseal_encryptor_resume_key_after(enc, 1, NULL, 32, 0) == INVALID);
    CHECK(frameseal_encryptor_use_key(NULL, 1) == INVALID);
    CHECK(frameseal_encryptor_remove_key(NULL, 1) == INVALID);
    CHECK(frameseal_encryptor_reserve(NULL, KEY_ID, 1, &number) == INVALID);
    CHECK(frameseal_encryptor_reserve(enc, KEY_ID, 1, NULL) == INVALID);
    CHECK(frameseal_encryptor_confirm(NULL, KEY_ID, 1) == INVALID);
    CHECK(frameseal_encryptor_sealed_len(NULL, 1, &len) == INVALID);
    CHECK(frameseal_encryptor_sealed_len(enc, 1, NULL) == INVALID);
    CHECK(frameseal_encryptor_key_status(NULL, KEY_ID, NULL) == INVALID);
    CHECK(frameseal_encryptor_key_status(enc, KEY_ID, NULL) == INVALID);

    CHECK(seal(NULL, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(seal(enc, NULL, 1, bytes, 64, &len) == INVALID);
    CHECK(seal(enc, bytes, 1, NULL, 64, &len) == INVALID);
    CHECK(seal(enc, bytes, 1, bytes, 64, NULL) == INVALID);
    CHECK(frameseal_encryptor_encrypt(enc, NULL, 1, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_encryptor_encrypt_slices(NULL, NULL, 0, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_encryptor_encrypt_slices(enc, NULL, 1, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_encryptor_encrypt_slices(enc, &bad_slice, 1, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_slices(enc, &bad_slice, SIZE_MAX, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(NULL, NULL, 0, bytes, 64, 20, 4, &len, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, NULL, 1, bytes, 64, 20, 4, &len, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, NULL, 0, NULL, 64, 20, 4, &len, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, NULL, 0, bytes, 64, 20, 4, NULL, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, NULL, 0, bytes, 64, 20, 4, &len, NULL)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, NULL, 0, bytes, 64, 20, 4, &len, &len)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, NULL, 0, bytes, 64, SIZE_MAX, 4, &len, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place_slices(NULL, NULL, 0, bytes, 64, 20, 4, &len, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place_slices(enc, NULL, 1, bytes, 64, 20, 4, &len, &len2)
          == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place_slices(enc, &bad_slice, 1, bytes, 64, 20, 4, &len,
                                                      &len2) == INVALID);
    CHECK(frameseal_encryptor_encrypt_in_place_slices(enc, &bad_slice, SIZE_MAX, bytes, 64, 20, 4,
                                                      &len, &len2) == INVALID);

    CHECK(frameseal_decryptor_add_key(NULL, 1, base_key, 32) == INVALID);
    CHECK(frameseal_decryptor_add_key(dec, 1, NULL, 32) == INVALID);
    CHECK(frameseal_decryptor_remove_key(NULL, 1) == INVALID);
    CHECK(frameseal_decryptor_forget_key(NULL, 1) == INVALID);
    CHECK(frameseal_decryptor_poll_forgery_alarm(NULL, &raised, &number) == INVALID);
    CHECK(frameseal_decryptor_poll_forgery_alarm(dec, NULL, &number) == INVALID);
    CHECK(frameseal_decryptor_poll_forgery_alarm(dec, &raised, NULL) == INVALID);
    CHECK(frameseal_decryptor_payload_len(NULL, bytes, 1, &len) == INVALID);
    CHECK(frameseal_decryptor_payload_len(dec, NULL, 1, &len) == INVALID);
    CHECK(frameseal_decryptor_payload_len(dec, bytes, 1, NULL) == INVALID);
    CHECK(frameseal_decryptor_key_status(NULL, KEY_ID, NULL) == INVALID);
    CHECK(frameseal_decryptor_key_status(dec, KEY_ID, NULL) == INVALID);
    CHECK(open_frame(NULL, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(open_frame(dec, NULL, 1, bytes, 64, &len) == INVALID);
    CHECK(open_frame(dec, bytes, 1, NULL, 64, &len) == INVALID);
    CHECK(open_frame(dec, bytes, 1, bytes, 64, NULL) == INVALID);
    CHECK(frameseal_decryptor_decrypt(dec, NULL, 1, bytes, 1, bytes, 64, &len, NULL) == INVALID);
    CHECK(frameseal_decryptor_decrypt_slices(dec, NULL, 1, bytes, 1, bytes, 64, &len, NULL)
          == INVALID);
    CHECK(frameseal_decryptor_decrypt_slices(dec, &bad_slice, 1, bytes, 1, bytes, 64, &len, NULL)
          == INVALID);

    CHECK(frameseal_base_key_ratchet(GCM, NULL, 32, bytes, 64, &len) == INVALID);
    CHECK(frameseal_base_key_ratchet(GCM, base_key, 32, NULL, 64, &len) == INVALID);
    CHECK(frameseal_base_key_ratchet(GCM, base_key, 32, bytes, 64, NULL) == INVALID);
    CHECK(frameseal_base_key_for_ssrc(GCM, NULL, 32, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_base_key_for_ssrc(GCM, base_key, 32, 1, NULL, 64, &len) == INVALID);
    CHECK(frameseal_base_key_for_ssrc(GCM, base_key, 32, 1, bytes, 64, NULL) == INVALID);
    CHECK(len == 99 && len2 == 99 && number == 99 && bytes[0] == 0);

    frameseal_encryptor_free(enc);
    frameseal_decryptor_free(dec);
}

/* A backend is in the build, and then serves, or asking for it is refused. */
static void backends(void)
{
    for (unsigned suite = 0; suite <= SUITES + 1; suite++) {
        const frameseal_suite id = (frameseal_suite)suite;
        const bool registered = suite >= 1 && suite <= SUITES;
        const frameseal_backend standard = registered ? FRAMESEAL_BACKEND_RUST_CRYPTO : 0;
        CHECK(frameseal_backend_serving(id, FRAMESEAL_BACKEND_DEFAULT) == standard);
        for (frameseal_backend backend = 0; backend < 6; backend++) {
            const frameseal_backend serving = frameseal_backend_serving(id, backend);
            CHECK((frameseal_backend_name(serving) != NULL) == (serving != 0));
            frameseal_encryptor_config send = {.struct_size = sizeof send, .backend = backend};
            frameseal_decryptor_config receive = {.struct_size = sizeof receive,
                                                  .backend = backend};
            frameseal_encryptor *enc = NULL;
            frameseal_decryptor *dec = NULL;
            const frameseal_result expected = serving != 0 ? FRAMESEAL_OK : INVALID;
            CHECK(frameseal_encryptor_new_with_config(id, &send, &enc) == expected);
            CHECK(frameseal_decryptor_new_with_config(id, &receive, &dec) == expected);
            if (serving != 0) {
                /* What one backend seals, each opens. */
                uint8_t frame[500] = {0}, out[540], opened[540];
                size_t len = 0;
                CHECK(frameseal_encryptor_add_key(enc, 7, base_key, 32) == FRAMESEAL_OK);
                CHECK(frameseal_encryptor_use_key(enc, 7) == FRAMESEAL_OK);
                CHECK(frameseal_decryptor_add_key(dec, 7, base_key, 32) == FRAMESEAL_OK);
                CHECK(frameseal_encryptor_encrypt(enc, NULL, 0, frame, sizeof frame, out,
                                                  sizeof out, &len) == FRAMESEAL_OK);
                CHECK(frameseal_decryptor_decrypt(dec, NULL, 0, out, len, opened, sizeof opened,
                                                  &len, NULL) == FRAMESEAL_OK);
                CHECK(len == sizeof frame && memcmp(opened, frame, len) == 0);
            }
            frameseal_encryptor_free(enc);
            frameseal_decryptor_free(dec);
        }
    }
}

static void sizes_and_names(void)
{
    for (unsigned id = 0; id < 0x10000; id += id < 20 ? 1 : 997) {
        const frameseal_suite suite = (frameseal_suite)id;
        const bool registered = id >= 1 && id <= SUITES;
        CHECK((frameseal_suite_name(suite) != NULL) == registered);
        CHECK((frameseal_suite_tag_len(suite) > 0) == registered);
        CHECK((frameseal_suite_key_len(suite) > 0) == registered);
        CHECK((frameseal_suite_hash_len(suite) > 0) == registered);
        CHECK((frameseal_max_overhead(suite) > 0) == registered);
        CHECK(frameseal_suite_tag_len(suite) <= FRAMESEAL_MAX_TAG_LEN);
        CHECK(frameseal_suite_hash_len(suite) <= FRAMESEAL_MAX_HASH_LEN);
        frameseal_encryptor *enc = NULL;
        frameseal_decryptor *dec = NULL;
        CHECK((frameseal_encryptor_new(suite, &enc) == FRAMESEAL_OK) == registered);
        CHECK((frameseal_decryptor_new(suite, &dec) == FRAMESEAL_OK) == registered);
        CHECK((enc != NULL) == registered && (dec != NULL) == registered);
        frameseal_encryptor_free(enc);
        frameseal_decryptor_free(dec);
    }
    for (frameseal_result result = -3; result < 30; result++) {
        const char *text = frameseal_result_text(result);
        const bool known = result >= FRAMESEAL_OK && result <= FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR;
        CHECK(strlen(text) > 0);
        CHECK((strcmp(text, frameseal_result_text(-1)) != 0) == known);
    }
    CHECK(strlen(frameseal_version()) >= 5);
    CHECK(strncmp(frameseal_version_text(), frameseal_version(), strlen(frameseal_version())) == 0);
    CHECK(strstr(frameseal_version_text(), " (RustCrypto") != NULL);
    CHECK(frameseal_version_number() == FRAMESEAL_VERSION_NUMBER);
}

/* Each failure is told in words, by the thread that it happened to. */
static void a_failure_says_why(void)
{
    const uint8_t short_key[8] = {1};
    frameseal_decryptor *dec = NULL;
    CHECK(frameseal_decryptor_new(GCM, &dec) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_add_key(dec, 1, short_key, sizeof short_key) == INVALID);
    const char *text = frameseal_last_error_text();
    CHECK(strcmp(text, "invalid argument: a base key must have 16 bytes or more") == 0);
    CHECK(frameseal_decryptor_remove_key(dec, 77) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    CHECK(strcmp(text, "invalid argument: a base key must have 16 bytes or more") == 0);
    CHECK(strstr(frameseal_last_error_text(), "77") != NULL);
    CHECK(frameseal_decryptor_new(GCM, NULL) == INVALID);
    CHECK(strstr(frameseal_last_error_text(), "NULL") != NULL);
    frameseal_decryptor_free(dec);
    CHECK(strstr(frameseal_last_error_text(), "NULL") != NULL);
}

/* Metadata, places for answers and the output may not share a byte. */
static void overlap_that_is_refused(void)
{
    frameseal_encryptor *enc = sender(GCM);
    frameseal_decryptor *dec = receiver(GCM);
    union {
        uint8_t bytes[ARENA];
        size_t sizes[ARENA / sizeof(size_t)];
        frameseal_open_info info;
    } arena;
    memset(&arena, 0, sizeof arena);
    const size_t mid = ARENA / 2;
    uint8_t *out = arena.bytes + mid;
    size_t len = 0;
    const uint8_t payload[4] = {1, 2, 3, 4};
    for (int distance = -16; distance <= 64; distance++) {
        const uint8_t *md = out + distance;
        frameseal_result expected = distance <= -16 || distance >= 64 ? FRAMESEAL_OK : INVALID;
        CHECK(frameseal_encryptor_encrypt(enc, md, 16, payload, 4, out, 64, &len) == expected);
        const frameseal_slice two[2] = {{payload, 4}, {md, 16}};
        CHECK(frameseal_encryptor_encrypt_slices(enc, two, 2, payload, 4, out, 64, &len)
              == expected);
        size_t offset = 0;
        CHECK(frameseal_encryptor_encrypt_in_place(enc, md, 16, out, 64, 20, 4, &offset, &len)
              == expected);
        frameseal_result opened =
            frameseal_decryptor_decrypt(dec, md, 16, payload, 4, out, 64, &len, NULL);
        CHECK((opened == INVALID) == (expected == INVALID));
    }
    size_t *inside = &arena.sizes[mid / sizeof(size_t)];
    CHECK(seal(enc, payload, 4, out, 64, inside) == INVALID);
    CHECK(open_frame(dec, payload, 4, out, 64, inside) == INVALID);
    CHECK(frameseal_base_key_ratchet(GCM, base_key, 32, out, 64, inside) == INVALID);
    arena.info.struct_size = sizeof arena.info;
    CHECK(frameseal_decryptor_decrypt(dec, NULL, 0, payload, 4, arena.bytes, 64, &len, &arena.info)
          == INVALID);
    frameseal_encryptor_free(enc);
    frameseal_decryptor_free(dec);
}

/* Structures of every size: those that never were are refused, larger ones must be zero. */
static void structure_sizes(void)
{
    struct {
        frameseal_encryptor_config known;
        uint8_t added[64];
    } sending;
    struct {
        frameseal_decryptor_config known;
        uint8_t added[64];
    } receiving;
    memset(&sending, 0, sizeof sending);
    memset(&receiving, 0, sizeof receiving);
    for (size_t size = 0; size <= sizeof sending.known + 64; size++) {
        frameseal_encryptor *enc = NULL;
        sending.known.struct_size = size;
        const bool right = size >= sizeof sending.known;
        CHECK(frameseal_encryptor_new_with_config(GCM, &sending.known, &enc)
              == (right ? FRAMESEAL_OK : INVALID));
        CHECK((enc != NULL) == right);
        frameseal_encryptor_free(enc);
    }
    for (size_t size = 0; size <= sizeof receiving.known + 64; size++) {
        frameseal_decryptor *dec = NULL;
        receiving.known.struct_size = size;
        const bool right = size >= sizeof receiving.known;
        CHECK(frameseal_decryptor_new_with_config(GCM, &receiving.known, &dec)
              == (right ? FRAMESEAL_OK : INVALID));
        frameseal_decryptor_free(dec);
    }
    frameseal_encryptor *enc = NULL;
    sending.known.struct_size = sizeof sending;
    sending.added[63] = 1;
    CHECK(frameseal_encryptor_new_with_config(GCM, &sending.known, &enc) == INVALID);
    sending.known.struct_size = SIZE_MAX;
    CHECK(frameseal_encryptor_new_with_config(GCM, &sending.known, &enc) == INVALID);
    CHECK(enc == NULL);

    enc = sender(GCM);
    frameseal_decryptor *dec = receiver(GCM);
    frameseal_sending_key_status sent;
    frameseal_receiving_key_status received;
    memset(&sent, 0, sizeof sent);
    memset(&received, 0, sizeof received);
    for (size_t size = 0; size <= sizeof sent; size++) {
        sent.struct_size = size;
        CHECK((frameseal_encryptor_key_status(enc, KEY_ID, &sent) == FRAMESEAL_OK)
              == (size == sizeof sent));
    }
    for (size_t size = 0; size <= sizeof received; size++) {
        received.struct_size = size;
        CHECK((frameseal_decryptor_key_status(dec, KEY_ID, &received) == FRAMESEAL_OK)
              == (size == sizeof received));
    }
    CHECK(sent.active == 1 && received.active == 1 && sent.fingerprint == received.fingerprint);
    CHECK(frameseal_encryptor_key_status(enc, 1, &sent) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    CHECK(frameseal_decryptor_key_status(dec, 1, &received) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    frameseal_encryptor_free(enc);
    frameseal_decryptor_free(dec);
}

int main(void)
{
    null_for_everything();
    sizes_and_names();
    backends();
    a_failure_says_why();
    overlap_that_is_refused();
    structure_sizes();
    return summary();
}
