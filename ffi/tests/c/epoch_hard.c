/*
 * A call whose keys move, used hard from C: nothing to encrypt, every suite, a flood of forged
 * frames with live senders, two threads in one stream while epochs change, a fork. Buffers are
 * exactly as long as they are said to be, so that sanitizers and valgrind see a byte too far.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "epoch_support.h"

enum { ROUNDS = 50, FORGED = 30, FRAMES = 200, EPOCHS = 40 };

/* Also when the output overlaps the payload only with the size that was told. */
static void a_told_size_suffices(void)
{
    struct device bob = open_device(1, 2);
    uint8_t buffer[128];
    for (size_t distance = 0; distance < 40; distance++) {
        size_t needed = 0;
        size_t len = 0;
        fill(buffer + 64, 23);
        CHECK(stream_seal(bob.stream, buffer + 64, 23, buffer + 64 - distance, 0, &needed)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        CHECK(stream_seal(bob.stream, buffer + 64, 23, buffer + 64 - distance, needed, &len)
              == FRAMESEAL_OK);
        CHECK(len <= needed);
    }
    close_device(&bob);
}

/* Where the payload lies, in memory of exactly the frame's length. */
static void in_place(void)
{
    struct device alice = open_device(0, 2);
    struct device bob = open_device(1, 2);
    size_t frame_len = 0;
    CHECK(frameseal_stream_sealed_len(bob.stream, 0, 23, &frame_len) == FRAMESEAL_OK);
    const size_t header_len = frame_len - 23 - 16;
    uint8_t *buffer = allocate(frame_len);
    fill(buffer + header_len, 23);
    size_t offset = 99;
    size_t len = 99;
    CHECK(frameseal_stream_encrypt_in_place(bob.stream, 0, NULL, 0, buffer, frame_len,
                                            header_len - 1, 23, &offset, &len)
          == FRAMESEAL_ERROR_HEADROOM_TOO_SMALL);
    CHECK(offset == header_len && len == 99);
    CHECK(frameseal_stream_encrypt_in_place(bob.stream, 0, NULL, 0, buffer, frame_len - 1,
                                            header_len, 23, &offset, &len)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(len == frame_len);
    CHECK(frameseal_stream_encrypt_in_place(bob.stream, 0, NULL, 0, buffer, frame_len, header_len,
                                            23, &offset, &len)
          == FRAMESEAL_OK);
    CHECK(offset == 0 && len == frame_len);
    CHECK(frameseal_receiver_decrypt(alice.receiver, 0, NULL, 0, buffer, len, buffer, frame_len,
                                     &len, NULL)
          == FRAMESEAL_OK);
    uint8_t expected[23];
    fill(expected, 23);
    CHECK(len == 23 && memcmp(buffer, expected, 23) == 0);

    memcpy(buffer + header_len, expected, 23);
    const frameseal_slice pieces[2] = {{expected, 5}, {expected + 5, 6}};
    CHECK(frameseal_stream_encrypt_in_place_slices(bob.stream, 0, pieces, 2, buffer, frame_len,
                                                   header_len, 23, &offset, &len)
          == FRAMESEAL_OK);
    CHECK(offset == 0 && len == frame_len);
    CHECK(frameseal_receiver_decrypt(alice.receiver, 0, expected, 11, buffer, len, buffer,
                                     frame_len, &len, NULL)
          == FRAMESEAL_OK);
    CHECK(len == 23 && memcmp(buffer, expected, 23) == 0);
    free(buffer);
    close_device(&alice);
    close_device(&bob);
}

/* Nothing to protect is a frame too: a header and a tag. */
static void zero_lengths(void)
{
    struct device alice = open_device(0, 2);
    struct device bob = open_device(1, 2);
    size_t len = 99;
    CHECK(frameseal_stream_prepare(bob.stream, 0) == FRAMESEAL_OK);
    CHECK(frameseal_stream_sealed_len(bob.stream, 0, 0, &len) == FRAMESEAL_OK);
    size_t needed = 0;
    CHECK(frameseal_stream_encrypt(bob.stream, 0, NULL, 0, NULL, 0, NULL, 0, &needed)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(needed == len);
    uint8_t *frame = allocate(len);
    CHECK(frameseal_stream_encrypt_slices(bob.stream, 0, NULL, 0, NULL, 0, frame, len, &len)
          == FRAMESEAL_OK);
    size_t payload_len = 99;
    CHECK(frameseal_receiver_payload_len(alice.receiver, frame, len, &payload_len)
          == FRAMESEAL_OK);
    CHECK(payload_len == 0);
    CHECK(frameseal_receiver_decrypt_slices(alice.receiver, 0, NULL, 0, frame, len, NULL, 0,
                                            &payload_len, NULL)
          == FRAMESEAL_OK);
    CHECK(payload_len == 0);
    CHECK(frameseal_receiver_decrypt(alice.receiver, 0, NULL, 0, NULL, 0, NULL, 0, &payload_len,
                                     NULL)
          == FRAMESEAL_ERROR_SYNTAX);
    free(frame);
    close_device(&alice);
    close_device(&bob);
}

/* Joining, moving by hand, and leaving: with the deadlines and counts that belong to them. */
static void life_of_a_call(void)
{
    struct device alice = open_device(0, 3);
    struct device bob = open_device(1, 3);
    const frameseal_epoch_id second = {GROUP, 2};
    frameseal_epoch_id sending = {0, 0};
    frameseal_member_id member;
    frameseal_frame_stats stats = {.struct_size = sizeof stats};
    uint8_t frame[PAYLOAD + 33];
    uint8_t payload[PAYLOAD] = {0};
    size_t len = 0;
    size_t opened = 0;
    uint64_t context = 99;
    CHECK(frameseal_stream_context(alice.stream, &context) == FRAMESEAL_OK && context == 0);
    CHECK(frameseal_stream_mark_key_frame(alice.stream) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_prepare(alice.manager, 0, 1, 0) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_force_rekey(alice.manager) == FRAMESEAL_OK);
    CHECK(add_epoch(alice.manager, 0, 2, 3) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_peer_ready(alice.manager, 0, 1, &second) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_activate(alice.manager, 0, &second) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_sending_epoch(alice.manager, &sending) == FRAMESEAL_OK);
    CHECK(sending.group == GROUP && sending.epoch == 2);
    CHECK(stream_seal(bob.stream, payload, PAYLOAD, frame, sizeof frame, &len) == FRAMESEAL_OK);
    CHECK(receiver_open(alice.receiver, frame, len, frame, sizeof frame, &opened, NULL)
          == FRAMESEAL_OK);
    CHECK(opened == PAYLOAD && memcmp(frame, payload, PAYLOAD) == 0);
    CHECK(frameseal_epoch_manager_member_at(alice.manager, 1, &member) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_member_stats(alice.manager, &member, &stats) == FRAMESEAL_OK);
    CHECK(stats.opened == 1);
    CHECK(frameseal_epoch_manager_set_verified(alice.manager, &member, true) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_set_epoch_verified(alice.manager, &second) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_downgrade(alice.manager, &member) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_allow_passthrough(alice.manager, 0, &member, 9) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_end_passthrough(alice.manager, &member) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_downgrade_sending(alice.manager) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_allow_sending_in_the_clear(alice.manager, 0, 9) == FRAMESEAL_OK);
    CHECK(frameseal_epoch_manager_send_in_the_clear(alice.manager, 1) == FRAMESEAL_OK);
    CHECK(add_epoch(alice.manager, 0, 2, 3) == FRAMESEAL_OK);
    CHECK(add_epoch(alice.manager, 0, 1, 3) == FRAMESEAL_OK);
    CHECK(add_epoch(alice.manager, 0, 3, 2) == FRAMESEAL_OK);
    bool pending = false;
    uint64_t at_ms = 0;
    long told = 0;
    for (int times = 0; times < 100; times++) {
        CHECK(frameseal_epoch_manager_next_deadline(alice.manager, &pending, &at_ms)
              == FRAMESEAL_OK);
        frameseal_event event = {.struct_size = sizeof event};
        do {
            CHECK(frameseal_epoch_manager_poll_event(alice.manager, at_ms, &event)
                  == FRAMESEAL_OK);
            told += event.kind != FRAMESEAL_EVENT_NONE;
        } while (event.kind != FRAMESEAL_EVENT_NONE);
        if (!pending) {
            break;
        }
    }
    CHECK(!pending && told > 5);
    CHECK(frameseal_epoch_manager_epoch_stats(alice.manager, &second, &stats)
          == FRAMESEAL_ERROR_UNKNOWN_EPOCH);
    close_device(&alice);
    close_device(&bob);
}

/* A frame of any sender and stream that was never sealed: KID and CTR in two and one bytes. */
static void forge(uint8_t frame[40], uint32_t number)
{
    for (size_t i = 0; i < 40; i++) {
        frame[i] = (uint8_t)(number >> (i % 24));
    }
    frame[0] = 0x98;
    frame[1] = (uint8_t)(1 + number % MOST_PEOPLE);
    frame[2] = (uint8_t)(number % 3 == 0 ? 2 : 1);
    frame[3] = (uint8_t)(8 + number % 240);
}

static void flood(void)
{
    struct device alice = open_device(0, MOST_PEOPLE);
    struct device senders[MOST_PEOPLE];
    for (uint32_t i = 1; i < MOST_PEOPLE; i++) {
        senders[i] = open_device(i, MOST_PEOPLE);
    }
    uint8_t payload[PAYLOAD];
    fill(payload, sizeof payload);
    uint32_t number = 12345;
    long refused = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < FORGED; i++) {
            uint8_t frame[40];
            size_t len = 99;
            number = number * 1664525 + 1013904223;
            forge(frame, number >> 8);
            refused += receiver_open(alice.receiver, frame, sizeof frame, frame, sizeof frame,
                                     &len, NULL)
                       != FRAMESEAL_OK;
            CHECK(len == 99);
        }
        for (uint32_t i = 1; i < MOST_PEOPLE; i++) {
            uint8_t frame[PAYLOAD + 33];
            size_t len = 0;
            frameseal_received_info info = {.struct_size = sizeof info};
            CHECK(stream_seal(senders[i].stream, payload, PAYLOAD, frame, sizeof frame, &len)
                  == FRAMESEAL_OK);
            CHECK(receiver_open(alice.receiver, frame, len, frame, PAYLOAD, &len, &info)
                  == FRAMESEAL_OK);
            CHECK(len == PAYLOAD && memcmp(frame, payload, PAYLOAD) == 0);
            CHECK(info.member.index == i && info.counter == round && info.epoch.epoch == 1);
        }
    }
    CHECK(refused == (long)ROUNDS * FORGED);
    frameseal_status status = {.struct_size = sizeof status};
    CHECK(frameseal_epoch_manager_room_status(alice.manager, 0, &status) == FRAMESEAL_OK);
    CHECK(status.level == FRAMESEAL_STATUS_END_TO_END);
    close_device(&alice);
    for (uint32_t i = 1; i < MOST_PEOPLE; i++) {
        close_device(&senders[i]);
    }
}

/* What one thread seals: the headers of its frames. */
struct work {
    frameseal_stream *stream;
    frameseal_header headers[FRAMES];
    long sealed;
};

static void *seal_on_thread(void *argument)
{
    struct work *work = argument;
    for (int i = 0; i < FRAMES; i++) {
        uint8_t frame[40];
        size_t len = 0;
        work->sealed += stream_seal(work->stream, NULL, 0, frame, sizeof frame, &len)
                            == FRAMESEAL_OK
                        && frameseal_header_peek(frame, len, &work->headers[i]) == FRAMESEAL_OK;
    }
    return NULL;
}

static void two_threads_in_one_stream(void)
{
    struct device alice = open_device(0, 2);
    static struct work works[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        works[i].stream = alice.stream;
        CHECK(pthread_create(&threads[i], NULL, seal_on_thread, &works[i]) == 0);
    }
    for (uint64_t epoch = 2; epoch < EPOCHS; epoch++) {
        const frameseal_epoch_id id = {GROUP, epoch};
        CHECK(add_epoch(alice.manager, 0, epoch, 2) == FRAMESEAL_OK);
        CHECK(frameseal_epoch_manager_activate(alice.manager, 0, &id) == FRAMESEAL_OK);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(works[i].sealed == FRAMES);
    }
    long shared = 0;
    for (int i = 0; i < FRAMES; i++) {
        for (int j = 0; j < FRAMES; j++) {
            const frameseal_header *one = &works[0].headers[i];
            const frameseal_header *two = &works[1].headers[j];
            shared += one->key_id == two->key_id && one->counter == two->counter;
        }
    }
    CHECK(shared == 0);
    close_device(&alice);
}

/* Where the copies of a child are seen to be in use until it ends. */
static struct device copied;

static void fork_guard(void)
{
    copied = open_device(0, 2);
    uint8_t frame[64];
    size_t len = 0;
    CHECK(stream_seal(copied.stream, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        frameseal_stream *stream = NULL;
        bool refused =
            stream_seal(copied.stream, NULL, 0, frame, sizeof frame, &len)
                == FRAMESEAL_ERROR_FORKED
            && frameseal_stream_open(copied.manager, FRAMESEAL_STREAM_INDEPENDENT, &stream)
                   == FRAMESEAL_ERROR_FORKED
            && add_epoch(copied.manager, 0, 2, 2) == FRAMESEAL_ERROR_FORKED
            && receiver_open(copied.receiver, frame, len, frame, sizeof frame, &len, NULL)
                   == FRAMESEAL_ERROR_FORKED;
        _exit(refused && stream == NULL ? 0 : 1);
    }
    int status = 1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(stream_seal(copied.stream, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    close_device(&copied);
}

int main(void)
{
    in_place();
    a_told_size_suffices();
    zero_lengths();
    life_of_a_call();
    flood();
    two_threads_in_one_stream();
    fork_guard();
    return summary();
}
