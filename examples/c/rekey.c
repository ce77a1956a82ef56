/*
 * A call whose keys move, from C: Alice and Bob talk, Carol joins, Bob is removed. Every change is
 * an epoch of an MLS group; everybody feeds it to an epoch manager, and frames go on meanwhile. What
 * the managers tell is printed as it is polled.
 *
 * There is no MLS engine in this program: new_epoch() stands for one that has accepted a commit. And
 * there is no clock: the application says what time it is, here in simulated milliseconds.
 *
 *   cargo build -p frameseal-ffi --release
 *   cc -std=c11 -Iinclude examples/c/rekey.c target/release/libframeseal.a -lpthread -ldl -lm
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frameseal.h"

enum { ALICE, BOB, CAROL, PEOPLE, CAPACITY = 128 };

static const frameseal_suite suite = FRAMESEAL_AES_128_GCM_SHA256_128;
static const char *const names[PEOPLE] = {"alice", "bob", "carol"};
/* Both ends know it, it does not travel, and changing it is noticed. */
static const uint8_t metadata[] = {'r', 'o', 'o', 'm', ' ', '1', '2'};

/* One member's device. In a call of three, each of these is another process. */
struct device {
    uint32_t leaf;
    frameseal_epoch_manager *manager;
    frameseal_stream *microphone;
    frameseal_receiver *receiver;
};

static uint64_t now_ms;
static int failures;

static void check(const char *what, bool holds)
{
    if (!holds) {
        printf("    does not hold: %s\n", what);
        failures++;
    }
}

/* Says what was expected if something else came. */
static void expect(const char *what, frameseal_result expected, frameseal_result result)
{
    if (result != expected) {
        printf("    %s: %s, expected: %s\n", what, frameseal_result_text(result),
               frameseal_result_text(expected));
        failures++;
    }
}

static void open_device(struct device *device, uint32_t leaf)
{
    frameseal_epoch_config config;
    device->leaf = leaf;
    /* The defaults of the standard policy; a product changes single fields after this. */
    expect("defaults", FRAMESEAL_OK,
           frameseal_epoch_config_init(&config, sizeof config, suite, FRAMESEAL_POLICY_STANDARD));
    expect("manager", FRAMESEAL_OK, frameseal_epoch_manager_new(&config, &device->manager));
    /* Audio: every frame can be decoded by itself. Each stream has a counter of its own. */
    expect("stream", FRAMESEAL_OK,
           frameseal_stream_open(device->manager, FRAMESEAL_STREAM_INDEPENDENT,
                                 &device->microphone));
    expect("receiver", FRAMESEAL_OK,
           frameseal_receiver_open(device->manager, &device->receiver));
}

static void close_device(struct device *device)
{
    frameseal_stream_close(device->microphone);
    frameseal_receiver_close(device->receiver);
    frameseal_epoch_manager_free(device->manager);
}

/* What the manager has to tell, until it has nothing more. */
static void print_events(const struct device *device)
{
    for (;;) {
        frameseal_event event = {.struct_size = sizeof event};
        expect("poll", FRAMESEAL_OK,
               frameseal_epoch_manager_poll_event(device->manager, now_ms, &event));
        if (event.kind == FRAMESEAL_EVENT_NONE) {
            return;
        }
        printf("%6" PRIu64 " ms  %-5s  %s", now_ms, names[device->leaf],
               frameseal_event_text(event.kind));
        if (event.member.kind == FRAMESEAL_MEMBER_LEAF) {
            printf(": %s", names[event.member.index]);
        }
        if (event.epoch.group != 0) {
            printf(": epoch %" PRIu64, event.epoch.epoch);
        }
        if (event.level != 0) {
            printf(": %s (%s)", frameseal_status_text(event.level),
                   frameseal_status_reason_text(event.reason));
        }
        printf("\n");
    }
}

/* An MLS engine has accepted a commit: this device learns of the epoch and who is in it. */
static void new_epoch(const struct device *device, uint64_t epoch, const uint32_t *leaves,
                      size_t count)
{
    /* What the engine would export: MLS-Exporter("SFrame 1.0 Base Key", "", 16). */
    uint8_t base_key[16];
    for (size_t i = 0; i < sizeof base_key; i++) {
        base_key[i] = (uint8_t)(epoch * 101 + i * 29 + 7);
    }
    frameseal_member members[PEOPLE];
    for (size_t i = 0; i < count; i++) {
        /* A product has a hash of the credential and signature key here. */
        members[i].index = leaves[i];
        members[i].identity = (const uint8_t *)names[leaves[i]];
        members[i].identity_len = strlen(names[leaves[i]]);
    }
    const frameseal_epoch_update update = {
        .struct_size = sizeof update,
        .group = 1,
        .epoch = epoch,
        .base_key = base_key,
        .base_key_len = sizeof base_key,
        .members = members,
        .member_count = count,
        .leaf_count = PEOPLE,
        .own_index = device->leaf,
    };
    expect("new epoch", FRAMESEAL_OK,
           frameseal_epoch_manager_add_epoch(device->manager, now_ms, &update));
    /* A product wipes it so that the compiler cannot leave that out, and deletes it in its engine. */
    memset(base_key, 0, sizeof base_key);
    print_events(device);
}

/* Over the application's signalling: this device has the epoch. */
static void ready(const struct device *device, const struct device *peer, uint64_t epoch)
{
    const frameseal_epoch_id id = {.group = 1, .epoch = epoch};
    expect("ready", FRAMESEAL_OK,
           frameseal_epoch_manager_peer_ready(device->manager, now_ms, peer->leaf, &id));
    print_events(device);
}

/* Seals a frame that says who speaks. */
static size_t speak(const struct device *device, uint8_t frame[CAPACITY])
{
    size_t len = 0;
    const char *name = names[device->leaf];
    expect("speak", FRAMESEAL_OK,
           frameseal_stream_encrypt(device->microphone, now_ms, metadata, sizeof metadata,
                                    (const uint8_t *)name, strlen(name), frame, CAPACITY, &len));
    return len;
}

/* Opens a frame; when that is expected to succeed, it must be from this sender in this epoch. */
static void hear(const struct device *device, const uint8_t *frame, size_t len,
                 frameseal_result expected, const struct device *sender, uint64_t epoch)
{
    uint8_t payload[CAPACITY];
    size_t payload_len = 0;
    frameseal_received_info info = {.struct_size = sizeof info};
    const frameseal_result result =
        frameseal_receiver_decrypt(device->receiver, now_ms, metadata, sizeof metadata, frame, len,
                                   payload, sizeof payload, &payload_len, &info);
    expect("hear", expected, result);
    if (result == FRAMESEAL_OK) {
        printf("%6" PRIu64 " ms  %-5s  hears %s in epoch %" PRIu64 ", KID %" PRIu64
               " CTR %" PRIu64 "\n",
               now_ms, names[device->leaf], names[info.member.index], info.epoch.epoch, info.key_id,
               info.counter);
        const char *name = names[sender->leaf];
        check("it is what was said",
              payload_len == strlen(name) && memcmp(payload, name, payload_len) == 0);
        check("by whom and when", info.member.index == sender->leaf && info.epoch.epoch == epoch);
    } else {
        printf("%6" PRIu64 " ms  %-5s  cannot open a frame of %s: %s\n", now_ms,
               names[device->leaf], names[sender->leaf], frameseal_result_text(result));
    }
    print_events(device);
}

/* How the application would light its lock. */
static void light(const struct device *device, frameseal_encryption_status expected)
{
    frameseal_status status = {.struct_size = sizeof status};
    expect("status", FRAMESEAL_OK,
           frameseal_epoch_manager_room_status(device->manager, now_ms, &status));
    printf("%6" PRIu64 " ms  %-5s  shows: %s\n", now_ms, names[device->leaf],
           frameseal_status_text(status.level));
    check("the light is the right one", status.level == expected);
}

static uint64_t sending_epoch(const struct device *device)
{
    frameseal_epoch_id epoch = {0, 0};
    expect("sending epoch", FRAMESEAL_OK,
           frameseal_epoch_manager_sending_epoch(device->manager, &epoch));
    return epoch.epoch;
}

/* Nothing comes and nothing is sent: the device sleeps, and wakes when its manager wants to be asked,
   the last time at `until_ms`. */
static void sleep_until(const struct device *device, uint64_t until_ms)
{
    int times = 0;
    for (; times < 100; times++) {
        bool pending = false;
        uint64_t at_ms = 0;
        expect("deadline", FRAMESEAL_OK,
               frameseal_epoch_manager_next_deadline(device->manager, &pending, &at_ms));
        if (!pending || at_ms > until_ms) {
            break;
        }
        /* It may be now: then there is something to tell already. */
        now_ms = at_ms > now_ms ? at_ms : now_ms;
        print_events(device);
    }
    check("it woke a few times", times > 0 && times < 10);
    check("the last time when it should", now_ms == until_ms);
    now_ms = until_ms;
}

static void two_people_talk(const struct device *alice, const struct device *bob)
{
    const uint32_t both[] = {ALICE, BOB};
    uint8_t frame[CAPACITY];
    printf("Alice and Bob are in the call:\n");
    now_ms = 1000;
    new_epoch(alice, 1, both, 2);
    new_epoch(bob, 1, both, 2);
    now_ms = 1020;
    size_t len = speak(alice, frame);
    hear(bob, frame, len, FRAMESEAL_OK, alice, 1);
    hear(bob, frame, len, FRAMESEAL_ERROR_REPLAY, alice, 1);
    len = speak(bob, frame);
    hear(alice, frame, len, FRAMESEAL_OK, bob, 1);
    frame[len - 1] ^= 1;
    hear(alice, frame, len, FRAMESEAL_ERROR_REPLAY, bob, 1);
    len = speak(bob, frame);
    frame[len - 1] ^= 1;
    hear(alice, frame, len, FRAMESEAL_ERROR_AUTHENTICATION, bob, 1);
    now_ms = 1200;
    print_events(alice);
    print_events(bob);
    light(alice, FRAMESEAL_STATUS_END_TO_END);
}

static void somebody_joins(const struct device *alice, const struct device *bob,
                           const struct device *carol)
{
    const uint32_t all[] = {ALICE, BOB, CAROL};
    uint8_t frame[CAPACITY];
    printf("\nCarol joins; all receive with the new epoch at once, and send with it when they know "
           "that the others have it:\n");
    now_ms = 5000;
    new_epoch(alice, 2, all, 3);
    new_epoch(carol, 2, all, 3);
    /* Bob has not got the commit yet: he sends in the old epoch, and so does Alice. */
    now_ms = 5020;
    size_t len = speak(bob, frame);
    hear(alice, frame, len, FRAMESEAL_OK, bob, 1);
    hear(carol, frame, len, FRAMESEAL_ERROR_UNKNOWN_KEY_ID, bob, 1);
    check("Alice waits", sending_epoch(alice) == 1);
    ready(alice, carol, 2);
    check("Alice waits for Bob", sending_epoch(alice) == 1);
    now_ms = 5060;
    new_epoch(bob, 2, all, 3);
    ready(alice, bob, 2);
    check("Alice sends with the new epoch", sending_epoch(alice) == 2);
    len = speak(alice, frame);
    hear(bob, frame, len, FRAMESEAL_OK, alice, 2);
    hear(carol, frame, len, FRAMESEAL_OK, alice, 2);
    /* Nobody tells Bob that the others are ready: he moves after two seconds all the same. */
    sleep_until(bob, 7060);
    len = speak(bob, frame);
    hear(carol, frame, len, FRAMESEAL_OK, bob, 2);
}

static void somebody_is_removed(const struct device *alice, const struct device *bob,
                                const struct device *carol)
{
    const uint32_t rest[] = {ALICE, CAROL};
    uint8_t frame[CAPACITY];
    uint8_t late[CAPACITY];
    printf("\nBob is removed; nothing more is sent that he could open, and for two seconds frames "
           "that are under way are still heard:\n");
    now_ms = 9000;
    const size_t late_len = speak(carol, late);
    new_epoch(alice, 3, rest, 2);
    new_epoch(carol, 3, rest, 2);
    check("Alice sends without Bob at once", sending_epoch(alice) == 3);
    size_t len = speak(alice, frame);
    hear(carol, frame, len, FRAMESEAL_OK, alice, 3);
    hear(bob, frame, len, FRAMESEAL_ERROR_UNKNOWN_KEY_ID, alice, 3);
    now_ms = 9040;
    hear(alice, late, late_len, FRAMESEAL_OK, carol, 2);
    light(alice, FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL);
    sleep_until(alice, 11000);
    len = speak(bob, frame);
    hear(alice, frame, len, FRAMESEAL_ERROR_UNKNOWN_KEY_ID, bob, 2);
    len = speak(carol, frame);
    hear(alice, frame, len, FRAMESEAL_OK, carol, 3);
    light(alice, FRAMESEAL_STATUS_END_TO_END);
}

int main(void)
{
    struct device devices[PEOPLE];
    memset(devices, 0, sizeof devices);
    for (uint32_t leaf = 0; leaf < PEOPLE; leaf++) {
        open_device(&devices[leaf], leaf);
    }
    two_people_talk(&devices[ALICE], &devices[BOB]);
    somebody_joins(&devices[ALICE], &devices[BOB], &devices[CAROL]);
    somebody_is_removed(&devices[ALICE], &devices[BOB], &devices[CAROL]);
    for (uint32_t leaf = 0; leaf < PEOPLE; leaf++) {
        close_device(&devices[leaf]);
    }
    printf("\n%s\n", failures == 0 ? "all as expected" : "NOT as expected");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
