/*
 * Calls that are right and hard: nothing to encrypt, input and output that overlap at every
 * distance, a buffer without a spare byte, the last counter, a fork, also while another thread
 * changes what the child frees, two threads with one frame.
 * Buffers are exactly as long as they are said to be, so that sanitizers and valgrind see a byte
 * too far.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* How far apart input and output are at most. */
enum { REACH = 40 };

/* Nothing to protect is a frame too: a header and a tag. */
static void zero_lengths(void)
{
    for (frameseal_suite suite = 1; suite <= SUITES; suite++) {
        frameseal_encryptor *enc = sender(suite);
        frameseal_decryptor *dec = receiver(suite);
        size_t len = 99;
        CHECK(frameseal_encryptor_sealed_len(enc, 0, &len) == FRAMESEAL_OK);
        size_t needed = 0;
        CHECK(frameseal_encryptor_encrypt(enc, NULL, 0, NULL, 0, NULL, 0, &needed)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        CHECK(needed == len);
        uint8_t *frame = allocate(len);
        CHECK(frameseal_encryptor_encrypt(enc, NULL, 0, NULL, 0, frame, len, &len)
              == FRAMESEAL_OK);
        size_t payload_len = 99;
        CHECK(frameseal_decryptor_payload_len(dec, frame, len, &payload_len) == FRAMESEAL_OK);
        CHECK(payload_len == 0);
        CHECK(frameseal_decryptor_decrypt(dec, NULL, 0, frame, len, NULL, 0, &payload_len, NULL)
              == FRAMESEAL_OK);
        CHECK(payload_len == 0);
        CHECK(frameseal_decryptor_decrypt(dec, NULL, 0, NULL, 0, NULL, 0, &payload_len, NULL)
              == FRAMESEAL_ERROR_SYNTAX);
        frameseal_header header;
        CHECK(frameseal_header_peek(NULL, 0, &header) == FRAMESEAL_ERROR_SYNTAX);
        free(frame);
        frameseal_encryptor_free(enc);
        frameseal_decryptor_free(dec);
    }
}

/* Seals and opens at every distance, in memory that ends where the longer of the two ends. */
static void overlap(frameseal_suite suite)
{
    uint8_t payload[PAYLOAD];
    fill(payload, sizeof payload);
    size_t frame_len = 0;
    uint8_t *frame = sealed_frame(suite, &frame_len);
    for (int distance = -REACH; distance <= REACH; distance++) {
        const size_t in = distance < 0 ? (size_t)-distance : 0;
        const size_t out = distance < 0 ? 0 : (size_t)distance;
        size_t len = 0;

        size_t end = in + PAYLOAD > out + frame_len ? in + PAYLOAD : out + frame_len;
        uint8_t *memory = allocate(end);
        memset(memory, 0xaa, end);
        memcpy(memory + in, payload, PAYLOAD);
        frameseal_encryptor *enc = sender(suite);
        CHECK(seal(enc, memory + in, PAYLOAD, memory + out, frame_len - 1, &len)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        CHECK(len == frame_len && memcmp(memory + in, payload, PAYLOAD) == 0);
        CHECK(seal(enc, memory + in, PAYLOAD, memory + out, frame_len, &len) == FRAMESEAL_OK);
        CHECK(len == frame_len && memcmp(memory + out, frame, frame_len) == 0);
        frameseal_encryptor_free(enc);
        free(memory);

        end = in + frame_len > out + PAYLOAD ? in + frame_len : out + PAYLOAD;
        memory = allocate(end);
        memset(memory, 0xaa, end);
        memcpy(memory + in, frame, frame_len);
        frameseal_decryptor *dec = receiver(suite);
        CHECK(open_frame(dec, memory + in, frame_len, memory + out, PAYLOAD - 1, &len)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        CHECK(len == PAYLOAD && memcmp(memory + in, frame, frame_len) == 0);
        CHECK(open_frame(dec, memory + in, frame_len, memory + out, PAYLOAD, &len)
              == FRAMESEAL_OK);
        CHECK(len == PAYLOAD && memcmp(memory + out, payload, PAYLOAD) == 0);
        frameseal_decryptor_free(dec);
        free(memory);
    }
    free(frame);
}

static void in_place(void)
{
    size_t frame_len = 0;
    uint8_t *frame = sealed_frame(GCM, &frame_len);
    const size_t header_len = frame_len - PAYLOAD - frameseal_suite_tag_len(GCM);
    uint8_t *buffer = allocate(frame_len);
    fill(buffer + header_len, PAYLOAD);
    frameseal_encryptor *enc = sender(GCM);
    size_t offset = 99;
    size_t len = 99;
    CHECK(frameseal_encryptor_encrypt_in_place(enc, metadata, sizeof metadata, buffer, frame_len,
                                               header_len - 1, PAYLOAD, &offset, &len)
          == FRAMESEAL_ERROR_HEADROOM_TOO_SMALL);
    CHECK(offset == header_len && len == 99);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, metadata, sizeof metadata, buffer,
                                               frame_len - 1, header_len, PAYLOAD, &offset, &len)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(len == frame_len);
    CHECK(frameseal_encryptor_encrypt_in_place(enc, metadata, sizeof metadata, buffer, frame_len,
                                               header_len, PAYLOAD, &offset, &len)
          == FRAMESEAL_OK);
    CHECK(offset == 0 && len == frame_len && memcmp(buffer, frame, frame_len) == 0);
    frameseal_encryptor_free(enc);

    /* The same frame, with its metadata in pieces. */
    enc = sender(GCM);
    fill(buffer + header_len, PAYLOAD);
    const frameseal_slice pieces[3] = {
        {metadata, 3}, {NULL, 0}, {metadata + 3, sizeof metadata - 3}};
    CHECK(frameseal_encryptor_encrypt_in_place_slices(enc, pieces, 3, buffer, frame_len,
                                                      header_len, PAYLOAD, &offset, &len)
          == FRAMESEAL_OK);
    CHECK(offset == 0 && len == frame_len && memcmp(buffer, frame, frame_len) == 0);
    frameseal_encryptor_free(enc);
    free(buffer);
    free(frame);
}

static void life_of_a_key(void)
{
    frameseal_encryptor *enc = sender(GCM);
    frameseal_decryptor *dec = receiver(GCM);
    uint8_t frame[64];
    size_t len = 0;
    uint64_t last = 0;
    CHECK(frameseal_encryptor_reserve(enc, KEY_ID, 10, &last) == FRAMESEAL_OK && last == 9);
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_ERROR_RESERVATION_NEEDED);
    CHECK(frameseal_encryptor_confirm(enc, KEY_ID, last + 1) == INVALID);
    CHECK(frameseal_encryptor_confirm(enc, KEY_ID, last) == FRAMESEAL_OK);
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    CHECK(frameseal_encryptor_remove_key(enc, KEY_ID) == FRAMESEAL_OK);
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_ERROR_NO_SENDING_KEY);
    CHECK(frameseal_encryptor_resume_key_after(enc, KEY_ID, base_key, sizeof base_key,
                                               UINT64_MAX - 1)
          == FRAMESEAL_OK);
    CHECK(frameseal_encryptor_use_key(enc, KEY_ID) == FRAMESEAL_OK);
    CHECK(frameseal_encryptor_reserve(enc, KEY_ID, 10, &last) == FRAMESEAL_OK);
    CHECK(last == UINT64_MAX);
    CHECK(frameseal_encryptor_confirm(enc, KEY_ID, last) == FRAMESEAL_OK);
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    size_t opened = 0;
    frame[len - 1] ^= 1;
    CHECK(open_frame(dec, frame, len, frame, sizeof frame, &opened)
          == FRAMESEAL_ERROR_AUTHENTICATION);
    frame[len - 1] ^= 1;
    CHECK(open_frame(dec, frame, len, frame, sizeof frame, &opened) == FRAMESEAL_OK);
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_ERROR_COUNTER_EXHAUSTED);

    bool raised = true;
    uint64_t key_id = 0;
    CHECK(frameseal_decryptor_poll_forgery_alarm(dec, &raised, &key_id) == FRAMESEAL_OK);
    CHECK(!raised && key_id == 0);
    CHECK(frameseal_decryptor_remove_key(dec, KEY_ID) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_remove_key(dec, KEY_ID) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    CHECK(frameseal_decryptor_forget_key(dec, KEY_ID) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_forget_key(dec, KEY_ID) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    frameseal_encryptor_free(enc);
    frameseal_decryptor_free(dec);
}

static void base_keys(void)
{
    for (frameseal_suite suite = 1; suite <= SUITES; suite++) {
        const size_t hash_len = frameseal_suite_hash_len(suite);
        uint8_t *ratcheted = allocate(hash_len);
        uint8_t *of_stream = allocate(hash_len);
        size_t len = 0;
        CHECK(frameseal_base_key_ratchet(suite, base_key, 32, ratcheted, hash_len - 1, &len)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        CHECK(len == hash_len);
        CHECK(frameseal_base_key_ratchet(suite, base_key, 32, ratcheted, hash_len, &len)
              == FRAMESEAL_OK);
        CHECK(frameseal_base_key_for_ssrc(suite, base_key, 32, 1, of_stream, hash_len, &len)
              == FRAMESEAL_OK);
        CHECK(len == hash_len && memcmp(ratcheted, of_stream, hash_len) != 0);
        CHECK(frameseal_base_key_ratchet(suite, base_key, 15, ratcheted, hash_len, &len)
              == INVALID);
        free(ratcheted);
        free(of_stream);
    }
}

static void fork_guard(void)
{
    frameseal_encryptor *enc = sender(GCM);
    uint8_t frame[64];
    size_t len = 0;
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        uint64_t last = 0;
        bool refused =
            seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_ERROR_FORKED
            && frameseal_encryptor_reserve(enc, KEY_ID, 1, &last) == FRAMESEAL_ERROR_FORKED
            && frameseal_encryptor_confirm(enc, KEY_ID, 0) == FRAMESEAL_ERROR_FORKED;
        frameseal_encryptor_free(enc);
        _exit(refused ? 0 : 1);
    }
    int status = 1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(seal(enc, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    frameseal_encryptor_free(enc);
}

struct changes {
    frameseal_sender_keys *keys;
    atomic_bool stop;
};

static void *members_come_and_go(void *argument)
{
    struct changes *changes = argument;
    while (!atomic_load(&changes->stop)) {
        if (frameseal_sender_keys_add_member(changes->keys, 0, 1, 8, 0, 0, base_key,
                                             sizeof base_key)
                != FRAMESEAL_OK
            || frameseal_sender_keys_remove_member(changes->keys, 1) != FRAMESEAL_OK) {
            abort();
        }
        sched_yield();
    }
    return NULL;
}

/* The child frees its copy, which another thread was changing when the process forked. */
static void a_copy_is_freed_in_a_child(void)
{
    frameseal_sender_keys_config config;
    struct changes changes = {.keys = NULL};
    CHECK(frameseal_sender_keys_config_init(&config, sizeof config, GCM) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_new(&config, &changes.keys) == FRAMESEAL_OK);
    for (uint64_t member = 100; member < 1100; member++) {
        CHECK(frameseal_sender_keys_add_member(changes.keys, 0, member, 8, 0, 0, base_key,
                                               sizeof base_key)
              == FRAMESEAL_OK);
    }
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, members_come_and_go, &changes) == 0);
    for (int child = 0; child < 10; child++) {
        const pid_t pid = fork();
        if (pid == 0) {
            alarm(20);
            frameseal_sender_keys_free(changes.keys);
            /* Not by _exit(), at which valgrind finds what was not freed since it is half changed. */
            raise(SIGKILL);
        }
        int status = -1;
        CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    atomic_store(&changes.stop, true);
    CHECK(pthread_join(thread, NULL) == 0);
    frameseal_sender_keys_free(changes.keys);
}

struct race {
    const frameseal_decryptor *decryptor;
    const uint8_t *frame;
    size_t len;
    frameseal_result result;
};

static void *open_on_thread(void *argument)
{
    struct race *race = argument;
    uint8_t out[PAYLOAD];
    size_t len = 0;
    race->result = open_frame(race->decryptor, race->frame, race->len, out, sizeof out, &len);
    return NULL;
}

static void two_threads_with_one_frame(void)
{
    size_t len = 0;
    uint8_t *frame = sealed_frame(GCM, &len);
    for (int round = 0; round < 50; round++) {
        frameseal_decryptor *dec = receiver(GCM);
        struct race races[2] = {{dec, frame, len, -1}, {dec, frame, len, -1}};
        pthread_t threads[2];
        for (int i = 0; i < 2; i++) {
            CHECK(pthread_create(&threads[i], NULL, open_on_thread, &races[i]) == 0);
        }
        for (int i = 0; i < 2; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
        }
        const int won = (races[0].result == FRAMESEAL_OK) + (races[1].result == FRAMESEAL_OK);
        const int lost = (races[0].result == FRAMESEAL_ERROR_REPLAY)
                         + (races[1].result == FRAMESEAL_ERROR_REPLAY);
        CHECK(won == 1 && lost == 1);
        frameseal_decryptor_free(dec);
    }
    free(frame);
}

int main(void)
{
    zero_lengths();
    for (frameseal_suite suite = 1; suite <= SUITES; suite++) {
        overlap(suite);
    }
    in_place();
    life_of_a_key();
    base_keys();
    fork_guard();
    a_copy_is_freed_in_a_child();
    two_threads_with_one_frame();
    return summary();
}
