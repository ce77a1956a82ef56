/*
 * Every kind of handle from several threads at once, as frameseal.h allows it: frames are sealed
 * and opened while keys, members and epochs come and go and statuses are asked for. No frame is lost
 * or opened twice, and no counter used twice. tests/threads.sh builds it with ThreadSanitizer.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "epoch_support.h"
#include "support.h"

enum { THREADS = 3, FRAMES = 200, ALL = THREADS * FRAMES, ROOM = 96, ALICE = 1, OTHER_KEY = 9 };

struct frame {
    size_t len;
    uint8_t bytes[ROOM];
};

/* Runs `work` on THREADS threads, with 0, 1, ... as argument, and `meanwhile` here until they end. */
static atomic_int running;
static void (*the_work)(int);

static void *on_thread(void *number)
{
    the_work((int)(size_t)number);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static void run(void (*work)(int), void (*meanwhile)(void))
{
    pthread_t threads[THREADS];
    the_work = work;
    atomic_store(&running, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, on_thread, (void *)i) == 0);
    }
    do {
        meanwhile();
        sched_yield();
    } while (atomic_load(&running) > 0);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
}

/* What the threads find: `failures` and `checks` of support.h belong to the main thread. */
static atomic_long wrong;
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            atomic_fetch_add(&wrong, 1);                                                           \
        }                                                                                          \
    } while (0)

static struct frame frames[ALL];

/* Each counter from 0 on is in exactly one of the frames, under whatever key ids they are. */
static void no_counter_is_used_twice(void)
{
    static struct frameseal_header headers[ALL];
    for (int i = 0; i < ALL; i++) {
        CHECK(frameseal_header_peek(frames[i].bytes, frames[i].len, &headers[i]) == FRAMESEAL_OK);
        for (int j = 0; j < i; j++) {
            CHECK(headers[i].counter != headers[j].counter
                  || headers[i].key_id != headers[j].key_id);
        }
    }
}

static atomic_long opened;
static atomic_long refused;

static void count(frameseal_result result)
{
    EXPECT(result == FRAMESEAL_OK || result == FRAMESEAL_ERROR_REPLAY);
    atomic_fetch_add(result == FRAMESEAL_OK ? &opened : &refused, 1);
}

/* All threads opened all frames: each frame counts once. */
static void each_frame_opened_once(void)
{
    CHECK(atomic_exchange(&opened, 0) == ALL);
    CHECK(atomic_exchange(&refused, 0) == (THREADS - 1) * ALL);
    CHECK(atomic_exchange(&wrong, 0) == 0);
}

/* ---- keys of the application ---- */

static frameseal_encryptor *encryptor;
static frameseal_decryptor *decryptor;

static void seal_own(int number)
{
    uint8_t payload[PAYLOAD];
    fill(payload, PAYLOAD);
    for (int i = number * FRAMES; i < (number + 1) * FRAMES; i++) {
        EXPECT(frameseal_encryptor_encrypt(encryptor, metadata, sizeof metadata, payload, PAYLOAD,
                                           frames[i].bytes, ROOM, &frames[i].len)
               == FRAMESEAL_OK);
    }
}

static void open_all(int number)
{
    uint8_t expected[PAYLOAD];
    fill(expected, PAYLOAD);
    for (int i = 0; i < ALL; i++) {
        const struct frame *frame = &frames[(i + number * FRAMES) % ALL];
        uint8_t out[ROOM];
        size_t len = 0;
        frameseal_open_info info = {.struct_size = sizeof info};
        const frameseal_result result = frameseal_decryptor_decrypt(
            decryptor, metadata, sizeof metadata, frame->bytes, frame->len, out, ROOM, &len, &info);
        count(result);
        EXPECT(result != FRAMESEAL_OK || (len == PAYLOAD && memcmp(out, expected, len) == 0));
    }
}

static void another_sending_key(void)
{
    frameseal_sending_key_status status = {.struct_size = sizeof status};
    CHECK(frameseal_encryptor_key_status(encryptor, KEY_ID, &status) == FRAMESEAL_OK);
    CHECK(frameseal_encryptor_add_key(encryptor, OTHER_KEY, metadata, sizeof metadata) == INVALID);
}

static void another_key_comes_and_goes(void)
{
    bool raised = true;
    uint64_t key_id = 0;
    frameseal_receiving_key_status status = {.struct_size = sizeof status};
    CHECK(frameseal_decryptor_add_key(decryptor, OTHER_KEY, base_key, sizeof base_key)
          == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_key_status(decryptor, KEY_ID, &status) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_poll_forgery_alarm(decryptor, &raised, &key_id) == FRAMESEAL_OK);
    CHECK(!raised);
    CHECK(frameseal_decryptor_remove_key(decryptor, OTHER_KEY) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_forget_key(decryptor, OTHER_KEY) == FRAMESEAL_OK);
}

static void keys_of_the_application(void)
{
    encryptor = sender(GCM);
    decryptor = receiver(GCM);
    run(seal_own, another_sending_key);
    no_counter_is_used_twice();
    run(open_all, another_key_comes_and_goes);
    each_frame_opened_once();
    frameseal_encryptor_free(encryptor);
    frameseal_decryptor_free(decryptor);
}

/* ---- sender keys ---- */

static frameseal_sender_keys *keys_of_alice;
static frameseal_sender_keys *keys_of_bob;

static void seal_with_sender_keys(int number)
{
    const uint8_t payload[PAYLOAD] = {1};
    for (int i = number * FRAMES; i < (number + 1) * FRAMES; i++) {
        EXPECT(frameseal_sender_keys_encrypt(keys_of_alice, NULL, 0, payload, PAYLOAD,
                                             frames[i].bytes, ROOM, &frames[i].len)
               == FRAMESEAL_OK);
    }
}

static void open_with_sender_keys(int number)
{
    for (int i = 0; i < ALL; i++) {
        const struct frame *frame = &frames[(i + number * FRAMES) % ALL];
        uint8_t out[ROOM];
        size_t len = 0;
        count(frameseal_sender_keys_decrypt(keys_of_bob, 0, ALICE, NULL, 0, frame->bytes,
                                            frame->len, out, ROOM, &len, NULL));
    }
}

static void alice_is_asked(void)
{
    frameseal_own_sender_key own = {.struct_size = sizeof own};
    CHECK(frameseal_sender_keys_own_key(keys_of_alice, &own) == FRAMESEAL_OK);
}

static void another_member_comes_and_goes(void)
{
    const uint8_t key[32] = {9};
    CHECK(frameseal_sender_keys_add_member(keys_of_bob, 0, 2, FRAMESEAL_STANDARD_RATCHET_BITS, 0, 0,
                                           key, sizeof key)
          == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_poll(keys_of_bob, 0) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_remove_member(keys_of_bob, 2) == FRAMESEAL_OK);
}

static void sender_keys(void)
{
    frameseal_sender_keys_config config;
    CHECK(frameseal_sender_keys_config_init(&config, sizeof config, GCM) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_new(&config, &keys_of_alice) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_new(&config, &keys_of_bob) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_start_sending(keys_of_alice, FRAMESEAL_STANDARD_RATCHET_BITS, 0,
                                              base_key, sizeof base_key)
          == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_add_member(keys_of_bob, 0, ALICE, FRAMESEAL_STANDARD_RATCHET_BITS,
                                           0, 0, base_key, sizeof base_key)
          == FRAMESEAL_OK);
    run(seal_with_sender_keys, alice_is_asked);
    no_counter_is_used_twice();
    run(open_with_sender_keys, another_member_comes_and_goes);
    each_frame_opened_once();
    frameseal_sender_keys_free(keys_of_alice);
    frameseal_sender_keys_free(keys_of_bob);
}

/* ---- MLS ---- */

enum { PEOPLE = 2 };
static struct device alice;
static struct device bob;
static uint64_t epoch;

static void seal_in_epochs(int number)
{
    const uint8_t payload[PAYLOAD] = {1};
    for (int i = number * FRAMES; i < (number + 1) * FRAMES; i++) {
        EXPECT(frameseal_stream_encrypt(alice.stream, 0, NULL, 0, payload, PAYLOAD, frames[i].bytes,
                                        ROOM, &frames[i].len)
               == FRAMESEAL_OK);
    }
}

static void open_in_epochs(int number)
{
    for (int i = 0; i < ALL; i++) {
        const struct frame *frame = &frames[(i + number * FRAMES) % ALL];
        uint8_t out[ROOM];
        size_t len = 0;
        frameseal_received_info info = {.struct_size = sizeof info};
        count(frameseal_receiver_decrypt(bob.receiver, 0, NULL, 0, frame->bytes, frame->len, out,
                                         ROOM, &len, &info));
    }
}

static void alice_moves_on(void)
{
    /* add_epoch() has 255 keys, and a key belongs to one epoch. */
    if (epoch == 255) {
        return;
    }
    const frameseal_epoch_id id = {GROUP, ++epoch};
    CHECK(add_epoch(alice.manager, 0, epoch, PEOPLE) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_activate(alice.manager, 0, &id) == FRAMESEAL_OK);
}

/* Streams and receivers of the same call come and go, and everything is asked. */
static void bob_looks_around(void)
{
    frameseal_event event = {.struct_size = sizeof event};
    frameseal_status status = {.struct_size = sizeof status};
    frameseal_stream *stream = NULL;
    frameseal_receiver *other = NULL;
    bool pending = false;
    uint64_t at = 0;
    CHECK(frameseal_epoch_manager_poll_event(bob.manager, 0, &event) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_room_status(bob.manager, 0, &status) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_next_deadline(bob.manager, &pending, &at) == FRAMESEAL_OK);
    CHECK(frameseal_receiver_open(bob.manager, &other) == FRAMESEAL_OK);
    const frameseal_result result =
        frameseal_stream_open(bob.manager, FRAMESEAL_STREAM_INDEPENDENT, &stream);
    CHECK(result == FRAMESEAL_OK || result == FRAMESEAL_ERROR_CAPACITY);
    frameseal_stream_close(stream);
    frameseal_receiver_close(other);
}

static void epochs(void)
{
    alice = open_device(0, PEOPLE);
    bob = open_device(1, PEOPLE);
    epoch = 1;
    run(seal_in_epochs, alice_moves_on);
    no_counter_is_used_twice();
    close_device(&alice);
    /* For Bob, frames of one epoch: those that come are never too late. */
    alice = open_device(0, PEOPLE);
    seal_in_epochs(0);
    seal_in_epochs(1);
    seal_in_epochs(2);
    run(open_in_epochs, bob_looks_around);
    each_frame_opened_once();
    close_device(&alice);
    close_device(&bob);
}

/* ---- what is not allowed, for a look at the tool ---- */

static uint8_t one_place[ROOM];

static void open_to_one_place(int number)
{
    size_t len = 0;
    (void)number;
    for (int i = 0; i < ALL; i++) {
        const frameseal_result result =
            frameseal_decryptor_decrypt(decryptor, metadata, sizeof metadata, frames[i].bytes,
                                        frames[i].len, one_place, ROOM, &len, NULL);
        EXPECT(result == FRAMESEAL_OK || result == FRAMESEAL_ERROR_REPLAY);
    }
}

static void nothing(void)
{
}

/* Threads that open frames to the same memory: whoever looks for races must see one. */
static void race(void)
{
    encryptor = sender(GCM);
    decryptor = receiver(GCM);
    run(seal_own, nothing);
    run(open_to_one_place, nothing);
    frameseal_encryptor_free(encryptor);
    frameseal_decryptor_free(decryptor);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "race") == 0) {
        race();
        return summary();
    }
    keys_of_the_application();
    sender_keys();
    epochs();
    return summary();
}
