/*
 * Calls every function of sender keys, and those that seal base keys, with arguments that cannot be
 * right: NULL, lengths and numbers that do not exist, structures of other sizes, memory that
 * overlaps where it must not. All are refused, and nothing else happens. Built with sanitizers and
 * run under valgrind by tests/c.sh.
 */
#include "support.h"

enum { ALICE = 1, BITS = FRAMESEAL_STANDARD_RATCHET_BITS, KEY = FRAMESEAL_SEALING_KEY_LEN };

static frameseal_sender_keys *make_keys(void)
{
    frameseal_sender_keys_config config;
    frameseal_sender_keys *keys = NULL;
    CHECK(frameseal_sender_keys_config_init(&config, sizeof config, GCM) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_new(&config, &keys) == FRAMESEAL_OK);
    return keys;
}

/* Sends with a key of its own, and knows Alice's. */
static frameseal_sender_keys *make_sender(void)
{
    static const uint8_t own[32] = {7};
    frameseal_sender_keys *keys = make_keys();
    CHECK(frameseal_sender_keys_start_sending(keys, BITS, 0, own, sizeof own) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_add_member(keys, 0, ALICE, BITS, 0, 0, base_key, 32)
          == FRAMESEAL_OK);
    return keys;
}

static void null_for_the_keys(void)
{
    frameseal_sender_keys *const keys = make_sender();
    frameseal_own_sender_key own = {.struct_size = sizeof own, .step = 99};
    frameseal_member_sender_key held = {.struct_size = sizeof held, .step = 99};
    uint8_t out[FRAMESEAL_MAX_BASE_KEY_LEN] = {0};
    uint64_t number = 99;
    uint64_t number2 = 99;
    size_t len = 99;
    bool flag = false;

    frameseal_sender_keys_free(NULL);
    CHECK(frameseal_sender_keys_config_init(NULL, sizeof(frameseal_sender_keys_config), GCM)
          == INVALID);
    CHECK(frameseal_sender_keys_new(NULL, NULL) == INVALID);
    CHECK(frameseal_sender_keys_start_sending(NULL, BITS, 0, base_key, 32) == INVALID);
    CHECK(frameseal_sender_keys_ratchet(NULL) == INVALID);
    CHECK(frameseal_sender_keys_roll(NULL, 1, base_key, 32) == INVALID);
    CHECK(frameseal_sender_keys_roll(keys, 1, NULL, 32) == INVALID);
    CHECK(frameseal_sender_keys_roll(keys, 1, NULL, 0) == INVALID);
    CHECK(frameseal_sender_keys_roll(keys, 1, base_key, SIZE_MAX) == INVALID);
    CHECK(frameseal_sender_keys_announce(NULL, 1, base_key, 32) == INVALID);
    CHECK(frameseal_sender_keys_announce(keys, 1, NULL, 32) == INVALID);
    CHECK(frameseal_sender_keys_announce(keys, 1, NULL, 0) == INVALID);
    CHECK(frameseal_sender_keys_announce(keys, 1, base_key, SIZE_MAX) == INVALID);
    CHECK(frameseal_sender_keys_stop_sending(NULL) == INVALID);
    CHECK(frameseal_sender_keys_add_member(NULL, 0, 2, BITS, 0, 0, base_key, 32) == INVALID);
    CHECK(frameseal_sender_keys_add_member(keys, 0, 2, BITS, 0, 0, NULL, 32) == INVALID);
    CHECK(frameseal_sender_keys_add_member(keys, 0, 2, 33, 0, 0, base_key, 32) == INVALID);
    CHECK(frameseal_sender_keys_add_member(keys, 0, 2, BITS, UINT64_MAX, 0, base_key, 32)
          == INVALID);
    CHECK(frameseal_sender_keys_add_generation(NULL, 0, ALICE, 1, 0, base_key, 32) == INVALID);
    CHECK(frameseal_sender_keys_add_generation(keys, 0, ALICE, 1, 0, NULL, 32) == INVALID);
    CHECK(frameseal_sender_keys_remove_member(NULL, ALICE) == INVALID);
    CHECK(frameseal_sender_keys_end_old_generations(NULL, 0, 0) == INVALID);
    CHECK(frameseal_sender_keys_poll(NULL, 0) == INVALID);
    CHECK(frameseal_sender_keys_next_deadline(NULL, &flag, &number) == INVALID);
    CHECK(frameseal_sender_keys_next_deadline(keys, NULL, &number) == INVALID);
    CHECK(frameseal_sender_keys_next_deadline(keys, &flag, NULL) == INVALID);
    CHECK(frameseal_sender_keys_next_deadline(keys, (bool *)&number, &number) == INVALID);
    CHECK(frameseal_sender_keys_poll_forgery_alarm(NULL, &flag, &number, &number2) == INVALID);
    CHECK(frameseal_sender_keys_poll_forgery_alarm(keys, NULL, &number, &number2) == INVALID);
    CHECK(frameseal_sender_keys_poll_forgery_alarm(keys, &flag, NULL, &number2) == INVALID);
    CHECK(frameseal_sender_keys_poll_forgery_alarm(keys, &flag, &number, NULL) == INVALID);
    CHECK(frameseal_sender_keys_poll_forgery_alarm(keys, &flag, &number, &number) == INVALID);
    CHECK(frameseal_sender_keys_own_key(NULL, &own) == INVALID);
    CHECK(frameseal_sender_keys_own_key(keys, NULL) == INVALID);
    CHECK(frameseal_sender_keys_member_key(NULL, ALICE, &held) == INVALID);
    CHECK(frameseal_sender_keys_member_key(keys, ALICE, NULL) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(NULL, &number, &number2, out, 96, &len) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(keys, NULL, &number2, out, 96, &len) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(keys, &number, NULL, out, 96, &len) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(keys, &number, &number2, NULL, 96, &len) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(keys, &number, &number2, out, 96, NULL) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(keys, &number, &number, out, 96, &len) == INVALID);
    CHECK(frameseal_sender_keys_joiner_key(keys, &number, &number2, (uint8_t *)&len, sizeof len,
                                           &len)
          == INVALID);
    CHECK(number == 99 && number2 == 99 && len == 99 && !flag && out[0] == 0);
    CHECK(own.step == 99 && held.step == 99);
    frameseal_sender_keys_free(keys);
}

static void null_for_frames(void)
{
    frameseal_sender_keys *const keys = make_sender();
    frameseal_step_info info = {.struct_size = sizeof info, .step = 99};
    const frameseal_slice bad_slice = {NULL, 1};
    uint8_t bytes[64] = {0};
    size_t len = 99;

    CHECK(frameseal_sender_keys_sealed_len(NULL, 1, &len) == INVALID);
    CHECK(frameseal_sender_keys_sealed_len(keys, 1, NULL) == INVALID);
    CHECK(frameseal_sender_keys_sealed_len(keys, SIZE_MAX, &len) == INVALID);
    CHECK(frameseal_sender_keys_payload_len(NULL, bytes, 1, &len) == INVALID);
    CHECK(frameseal_sender_keys_payload_len(keys, NULL, 1, &len) == INVALID);
    CHECK(frameseal_sender_keys_payload_len(keys, bytes, 1, NULL) == INVALID);
    size_t frame_offset = 99;
    size_t frame_len = 99;
    CHECK(frameseal_sender_keys_encrypt_in_place(NULL, NULL, 0, bytes, 64, 20, 4, &frame_offset,
                                                 &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, NULL, 1, bytes, 64, 20, 4, &frame_offset,
                                                 &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, NULL, 0, NULL, 64, 20, 4, &frame_offset,
                                                 &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, NULL, 0, bytes, 64, 20, 4, NULL,
                                                 &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, NULL, 0, bytes, 64, 20, 4, &frame_offset,
                                                 NULL) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, NULL, 0, bytes, 64, 20, 4, &frame_len,
                                                 &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, NULL, 0, bytes, 64, SIZE_MAX, 4,
                                                 &frame_offset, &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place(keys, bytes + 8, 8, bytes, 64, 20, 4,
                                                 &frame_offset, &frame_len) == INVALID);
    const frameseal_slice inside = {bytes + 8, 8};
    const frameseal_slice nowhere = {NULL, 1};
    CHECK(frameseal_sender_keys_encrypt_in_place_slices(NULL, NULL, 0, bytes, 64, 20, 4,
                                                        &frame_offset, &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place_slices(keys, &nowhere, 1, bytes, 64, 20, 4,
                                                        &frame_offset, &frame_len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_in_place_slices(keys, &inside, 1, bytes, 64, 20, 4,
                                                        &frame_offset, &frame_len) == INVALID);
    CHECK(frame_offset == 99 && frame_len == 99);

    CHECK(frameseal_sender_keys_encrypt(NULL, NULL, 0, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt(keys, NULL, 1, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt(keys, NULL, 0, NULL, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt(keys, NULL, 0, bytes, 1, NULL, 64, &len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt(keys, NULL, 0, bytes, 1, bytes, 64, NULL) == INVALID);
    CHECK(frameseal_sender_keys_encrypt(keys, bytes + 8, 8, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_sender_keys_encrypt_slices(NULL, NULL, 0, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_sender_keys_encrypt_slices(keys, NULL, 1, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_sender_keys_encrypt_slices(keys, &bad_slice, 1, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_sender_keys_encrypt_slices(keys, &bad_slice, FRAMESEAL_MAX_SLICES + 1, bytes, 1,
                                               bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt(NULL, 0, ALICE, NULL, 0, bytes, 1, bytes, 64, &len, &info)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt(keys, 0, ALICE, NULL, 1, bytes, 1, bytes, 64, &len, &info)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt(keys, 0, ALICE, NULL, 0, NULL, 1, bytes, 64, &len, &info)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt(keys, 0, ALICE, NULL, 0, bytes, 1, NULL, 64, &len, &info)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt(keys, 0, ALICE, NULL, 0, bytes, 1, bytes, 64, NULL, &info)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt_slices(NULL, 0, ALICE, NULL, 0, bytes, 1, bytes, 64, &len,
                                               NULL)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt_slices(keys, 0, ALICE, &bad_slice, 1, bytes, 1, bytes, 64,
                                               &len, NULL)
          == INVALID);
    CHECK(frameseal_sender_keys_decrypt(keys, 0, ALICE, NULL, 0, NULL, 0, NULL, 0, &len, NULL)
          == FRAMESEAL_ERROR_SYNTAX);
    CHECK(len == 99 && bytes[0] == 0 && info.step == 99);
    frameseal_sender_keys_free(keys);
}

static void structure_sizes(void)
{
    frameseal_sender_keys *const keys = make_sender();
    frameseal_sender_keys_config defaults;
    frameseal_sender_keys_config config;
    CHECK(frameseal_sender_keys_config_init(&defaults, sizeof defaults, GCM) == FRAMESEAL_OK);
    for (size_t size = 0; size <= sizeof config; size++) {
        frameseal_sender_keys *made = NULL;
        const bool right = size == sizeof config;
        memset(&config, 0xaa, sizeof config);
        CHECK((frameseal_sender_keys_config_init(&config, size, GCM) == FRAMESEAL_OK) == right);
        config = defaults;
        config.struct_size = size;
        CHECK((frameseal_sender_keys_new(&config, &made) == FRAMESEAL_OK) == right);
        CHECK((made != NULL) == right);
        frameseal_sender_keys_free(made);
    }
    CHECK(frameseal_sender_keys_new(&defaults, NULL) == INVALID);
    frameseal_own_sender_key own;
    frameseal_member_sender_key held;
    memset(&own, 0, sizeof own);
    memset(&held, 0, sizeof held);
    for (size_t size = 0; size <= sizeof own; size++) {
        own.struct_size = size;
        CHECK((frameseal_sender_keys_own_key(keys, &own) == FRAMESEAL_OK) == (size == sizeof own));
    }
    for (size_t size = 0; size <= sizeof held; size++) {
        held.struct_size = size;
        CHECK((frameseal_sender_keys_member_key(keys, ALICE, &held) == FRAMESEAL_OK)
              == (size == sizeof held));
    }
    CHECK(own.ratchet_bits == BITS && held.steps == 1);

    uint8_t frame[64] = {1, 2, 3, 4};
    uint8_t out[64];
    size_t len = 0;
    size_t opened = 0;
    frameseal_step_info info;
    memset(&info, 0, sizeof info);
    frameseal_sender_keys *const alice = make_keys();
    CHECK(frameseal_sender_keys_start_sending(alice, BITS, 0, base_key, 32) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_encrypt(alice, metadata, sizeof metadata, frame, 4, frame, 64, &len)
          == FRAMESEAL_OK);
    for (size_t size = 0; size <= sizeof info; size++) {
        info.struct_size = size;
        CHECK(frameseal_sender_keys_decrypt(keys, 0, ALICE, metadata, sizeof metadata, frame, len,
                                            out, sizeof out, &opened, &info)
              == (size == sizeof info ? FRAMESEAL_OK : INVALID));
    }
    CHECK(opened == 4 && info.payload_len == 4);
    frameseal_sender_keys_free(alice);
    frameseal_sender_keys_free(keys);
}

/* A call's life, with memory of exact lengths. */
static void life_of_a_sender(void)
{
    frameseal_sender_keys *const alice = make_keys();
    frameseal_sender_keys *const bob = make_keys();
    CHECK(frameseal_sender_keys_start_sending(alice, BITS, 0, base_key, 32) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_ratchet(alice) == FRAMESEAL_OK);
    uint64_t generation = 99;
    uint64_t step = 99;
    size_t len = 0;
    uint8_t *key = allocate(31);
    CHECK(frameseal_sender_keys_joiner_key(alice, &generation, &step, key, 31, &len)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(len == 32 && generation == 99);
    free(key);
    key = allocate(32);
    CHECK(frameseal_sender_keys_joiner_key(alice, &generation, &step, key, 32, &len)
          == FRAMESEAL_OK);
    CHECK(generation == 0 && step == 1);
    CHECK(frameseal_sender_keys_add_member(bob, 0, ALICE, BITS, generation, step, key, len)
          == FRAMESEAL_OK);
    free(key);

    uint8_t payload[PAYLOAD];
    fill(payload, sizeof payload);
    const frameseal_slice pieces[2] = {{metadata, 2}, {metadata + 2, sizeof metadata - 2}};
    CHECK(frameseal_sender_keys_sealed_len(alice, PAYLOAD, &len) == FRAMESEAL_OK);
    uint8_t *frame = allocate(len);
    CHECK(frameseal_sender_keys_encrypt_slices(alice, pieces, 2, payload, PAYLOAD, frame, len, &len)
          == FRAMESEAL_OK);
    size_t opened = 0;
    CHECK(frameseal_sender_keys_payload_len(bob, frame, len, &opened) == FRAMESEAL_OK);
    CHECK(opened == PAYLOAD);
    CHECK(frameseal_sender_keys_decrypt_slices(bob, 0, ALICE, pieces, 1, frame, len, frame, len,
                                               &opened, NULL)
          == FRAMESEAL_ERROR_AUTHENTICATION);
    CHECK(frameseal_sender_keys_encrypt(alice, metadata, sizeof metadata, payload, PAYLOAD, frame,
                                        len, &len)
          == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_decrypt_slices(bob, 0, ALICE, pieces, 2, frame, len, frame, len,
                                               &opened, NULL)
          == FRAMESEAL_OK);
    CHECK(opened == PAYLOAD && memcmp(frame, payload, PAYLOAD) == 0);
    const size_t header_len = len - PAYLOAD - 16;
    size_t offset = 99;
    size_t sealed = 99;
    memcpy(frame + header_len, payload, PAYLOAD);
    CHECK(frameseal_sender_keys_encrypt_in_place(alice, metadata, sizeof metadata, frame, len,
                                                 header_len - 1, PAYLOAD, &offset, &sealed)
          == FRAMESEAL_ERROR_HEADROOM_TOO_SMALL);
    CHECK(offset == header_len && sealed == 99);
    CHECK(frameseal_sender_keys_encrypt_in_place(alice, metadata, sizeof metadata, frame, len - 1,
                                                 header_len, PAYLOAD, &offset, &sealed)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(sealed == len);
    CHECK(frameseal_sender_keys_encrypt_in_place(alice, metadata, sizeof metadata, frame, len,
                                                 header_len, PAYLOAD, &offset, &sealed)
          == FRAMESEAL_OK);
    CHECK(offset == 0 && sealed == len);
    CHECK(frameseal_sender_keys_decrypt(bob, 0, ALICE, metadata, sizeof metadata, frame, len, frame,
                                        len, &opened, NULL)
          == FRAMESEAL_OK);
    CHECK(opened == PAYLOAD && memcmp(frame, payload, PAYLOAD) == 0);
    memcpy(frame + header_len, payload, PAYLOAD);
    CHECK(frameseal_sender_keys_encrypt_in_place_slices(alice, pieces, 2, frame, len, header_len,
                                                        PAYLOAD, &offset, &sealed)
          == FRAMESEAL_OK);
    CHECK(offset == 0 && sealed == len);
    CHECK(frameseal_sender_keys_decrypt(bob, 0, ALICE, metadata, sizeof metadata, frame, len, frame,
                                        len, &opened, NULL)
          == FRAMESEAL_OK);
    CHECK(opened == PAYLOAD && memcmp(frame, payload, PAYLOAD) == 0);
    free(frame);

    CHECK(frameseal_sender_keys_add_generation(bob, 0, ALICE, 1, 0, metadata, sizeof metadata)
          == INVALID);
    const uint8_t second[16] = {2};
    CHECK(frameseal_sender_keys_announce(alice, 1, second, 16) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_add_member(alice, 0, ALICE + 1, BITS, 9, 0, second, 16)
          == FRAMESEAL_ERROR_KEY_ID_IN_USE);
    CHECK(frameseal_sender_keys_add_generation(bob, 0, ALICE, 1, 0, second, 16) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_roll(alice, 1, second, 16) == FRAMESEAL_OK);
    bool pending = false;
    uint64_t at = 0;
    CHECK(frameseal_sender_keys_next_deadline(bob, &pending, &at) == FRAMESEAL_OK);
    CHECK(pending && at == 10000);
    CHECK(frameseal_sender_keys_end_old_generations(bob, 0, 0) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_poll(bob, 0) == FRAMESEAL_OK);
    bool raised = true;
    uint64_t who = 99;
    CHECK(frameseal_sender_keys_poll_forgery_alarm(bob, &raised, &who, &at) == FRAMESEAL_OK);
    CHECK(!raised && who == 99);
    CHECK(frameseal_sender_keys_remove_member(bob, ALICE) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_stop_sending(alice) == FRAMESEAL_OK);
    frameseal_sender_keys_free(alice);
    frameseal_sender_keys_free(bob);
}

static frameseal_key_envelope make_envelope(void)
{
    static const uint8_t ids[3] = {1, 2, 3};
    frameseal_key_envelope envelope;
    memset(&envelope, 0, sizeof envelope);
    envelope.struct_size = sizeof envelope;
    envelope.call = (frameseal_slice){ids, 1};
    envelope.sender = (frameseal_slice){ids + 1, 1};
    envelope.recipient = (frameseal_slice){ids + 2, 1};
    envelope.ratchet_bits = BITS;
    envelope.suite = GCM;
    return envelope;
}

static void sealed_keys(void)
{
    frameseal_sender_keys *const keys = make_sender();
    frameseal_key_envelope envelope = make_envelope();
    const uint8_t random[KEY] = {9};
    uint8_t secret[KEY];
    uint8_t public[KEY];
    uint8_t *message = allocate(32 + FRAMESEAL_SEALED_KEY_OVERHEAD);
    const size_t full = 32 + FRAMESEAL_SEALED_KEY_OVERHEAD;
    uint8_t key[FRAMESEAL_MAX_BASE_KEY_LEN];
    uint64_t generation = 99;
    uint64_t step = 99;
    size_t len = 99;

    CHECK(frameseal_sealing_key_pair(NULL, KEY, secret, KEY, public, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY, NULL, KEY, public, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY, secret, KEY, NULL, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY - 1, secret, KEY, public, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY, secret, KEY - 1, public, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY, secret, KEY, public, KEY - 1) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY, secret, KEY, secret, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(secret, KEY, secret, KEY, public, KEY) == INVALID);
    CHECK(frameseal_sealing_key_pair(random, KEY, secret, KEY, public, KEY) == FRAMESEAL_OK);

#define SEAL(keys, envelope, secret, public, random, length, out, capacity, out_len)               \
    frameseal_sender_keys_seal_joiner_key(keys, envelope, secret, KEY, public, length, random, KEY, \
                                          out, capacity, out_len)
    CHECK(SEAL(NULL, &envelope, secret, public, random, KEY, message, full, &len) == INVALID);
    CHECK(SEAL(keys, NULL, secret, public, random, KEY, message, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, NULL, public, random, KEY, message, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, NULL, random, KEY, message, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, public, NULL, KEY, message, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, public, random, KEY, NULL, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, public, random, KEY, message, full, NULL) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, public, random, 1, message, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, message, random, KEY, message, full, &len) == INVALID);
    CHECK(SEAL(keys, &envelope, secret, public, message, KEY, message, full, &len) == INVALID);
    envelope.call.data = message;
    CHECK(SEAL(keys, &envelope, secret, public, random, KEY, message, full, &len) == INVALID);
    envelope.call.data = NULL;
    CHECK(SEAL(keys, &envelope, secret, public, random, KEY, message, full, &len) == INVALID);
    envelope = make_envelope();
    CHECK(len == 99);
    for (size_t size = 0; size <= sizeof envelope; size++) {
        envelope.struct_size = size;
        CHECK(SEAL(keys, &envelope, secret, public, random, KEY, message, full, &len)
              == (size == sizeof envelope ? FRAMESEAL_OK : INVALID));
    }
    CHECK(len == full);
    CHECK(SEAL(keys, &envelope, secret, public, random, KEY, message, full - 1, &len)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(SEAL(keys, &envelope, secret, public, random, KEY, message, full, &len) == FRAMESEAL_OK);

#define OPEN(envelope, secret, public, length, message, generation, step, key, capacity, key_len)  \
    frameseal_sealed_key_open(envelope, secret, KEY, public, length, NULL, message, full,          \
                              generation, step, key, capacity, key_len)
    CHECK(OPEN(NULL, secret, public, KEY, message, &generation, &step, key, 96, &len) == INVALID);
    CHECK(OPEN(&envelope, NULL, public, KEY, message, &generation, &step, key, 96, &len)
          == INVALID);
    CHECK(OPEN(&envelope, secret, NULL, KEY, message, &generation, &step, key, 96, &len)
          == INVALID);
    CHECK(OPEN(&envelope, secret, public, 1, message, &generation, &step, key, 96, &len)
          == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, NULL, &generation, &step, key, 96, &len) == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, message, NULL, &step, key, 96, &len) == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, message, &generation, NULL, key, 96, &len)
          == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, message, &generation, &step, NULL, 96, &len)
          == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, message, &generation, &step, key, 96, NULL)
          == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, message, &step, &step, key, 96, &len) == INVALID);
    CHECK(OPEN(&envelope, secret, public, KEY, message, &generation, &step, key, 31, &len)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(len == 32 && generation == 99 && step == 99);
    /* From the message into its own memory: what is read is read before anything is written. */
    CHECK(OPEN(&envelope, secret, public, KEY, message, &generation, &step, message, full, &len)
          == FRAMESEAL_OK);
    CHECK(len == 32 && generation == 0 && step == 0 && message[0] == 7);
    const uint64_t last = 0;
    CHECK(frameseal_sealed_key_open(&envelope, secret, KEY, public, KEY, &last, message, full,
                                    &generation, &step, key, 96, &len)
          == FRAMESEAL_ERROR_AUTHENTICATION);

#define SEAL_BASE(envelope, key, key_len, out, out_len)                                            \
    frameseal_base_key_seal(envelope, 1, key, key_len, secret, KEY, public, KEY, random, KEY, out, \
                            full, out_len)
    CHECK(SEAL_BASE(NULL, base_key, 32, message, &len) == INVALID);
    CHECK(SEAL_BASE(&envelope, NULL, 32, message, &len) == INVALID);
    CHECK(SEAL_BASE(&envelope, base_key, 15, message, &len) == INVALID);
    CHECK(SEAL_BASE(&envelope, base_key, 32, NULL, &len) == INVALID);
    CHECK(SEAL_BASE(&envelope, base_key, 32, message, NULL) == INVALID);
    CHECK(SEAL_BASE(&envelope, message, 32, message, &len) == INVALID);
    CHECK(SEAL_BASE(&envelope, base_key, 32, message, &len) == FRAMESEAL_OK);
    CHECK(OPEN(&envelope, secret, public, KEY, message, &generation, &step, key, 96, &len)
          == FRAMESEAL_OK);
    CHECK(generation == 1 && step == 0 && len == 32 && memcmp(key, base_key, 32) == 0);
    CHECK(frameseal_sealed_key_open(&envelope, secret, KEY, public, KEY, &generation, message, full,
                                    &generation, &step, key, 96, &len)
          == FRAMESEAL_ERROR_GENERATION_TOO_OLD);
    free(message);
    frameseal_sender_keys_free(keys);
}

int main(void)
{
    null_for_the_keys();
    null_for_frames();
    structure_sizes();
    life_of_a_sender();
    sealed_keys();
    return summary();
}
