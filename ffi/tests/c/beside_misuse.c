/*
 * Calls every function of what stands beside the keys, that is monitors, holding buffers, codes,
 * inspections and the inventory, with arguments that cannot be right: NULL, numbers that do not
 * exist, structures of other sizes, memory that overlaps where it must not. All are refused, and
 * nothing else happens. Built with sanitizers and run under valgrind by tests/c.sh.
 */
#include "epoch_support.h"

enum { ALICE = 1 };

static frameseal_monitor *make_monitor(void)
{
    frameseal_monitor *monitor = NULL;
    CHECK(frameseal_monitor_new(FRAMESEAL_POLICY_STANDARD, 0, &monitor) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_add_member(monitor, ALICE) == FRAMESEAL_OK);
    return monitor;
}

static frameseal_sender_keys *make_keys(void)
{
    frameseal_sender_keys_config config;
    frameseal_sender_keys *keys = NULL;
    CHECK(frameseal_sender_keys_config_init(&config, sizeof config, GCM) == FRAMESEAL_OK);
    CHECK(frameseal_sender_keys_new(&config, &keys) == FRAMESEAL_OK);
    return keys;
}

static void null_for_the_monitor(void)
{
    frameseal_monitor *const monitor = make_monitor();
    frameseal_encryptor *const enc = sender(GCM);
    frameseal_sender_keys *const keys = make_keys();
    frameseal_status status = {.struct_size = sizeof status, .level = 99};
    frameseal_frame_stats stats = {.struct_size = sizeof stats, .opened = 99};
    frameseal_event event = {.struct_size = sizeof event, .kind = 99};
    const frameseal_slice bad_slice = {NULL, 1};
    const uint8_t byte = 0;
    frameseal_plain plain = 99;
    bool pending = false;
    uint64_t number = 99;
    size_t count = 99;
    frameseal_member_status one = {.level = 99};

    frameseal_monitor_free(NULL);
    CHECK(frameseal_monitor_new(FRAMESEAL_POLICY_STANDARD, 0, NULL) == INVALID);
    CHECK(frameseal_monitor_add_member(NULL, ALICE) == INVALID);
    CHECK(frameseal_monitor_remove_member(NULL, ALICE) == INVALID);
    CHECK(frameseal_monitor_set_removal_overlap(NULL, 1) == INVALID);
    CHECK(frameseal_monitor_observe(NULL, 0, ALICE, FRAMESEAL_OK, 0) == INVALID);
    CHECK(frameseal_monitor_observe_sent(NULL, 0) == INVALID);
    CHECK(frameseal_monitor_observe_encryptor(NULL, enc, KEY_ID, NULL) == INVALID);
    CHECK(frameseal_monitor_observe_encryptor(monitor, NULL, KEY_ID, NULL) == INVALID);
    CHECK(frameseal_monitor_observe_encryptor(monitor, enc, KEY_ID, NULL) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_observe_sender_keys(NULL, keys) == INVALID);
    CHECK(frameseal_monitor_observe_sender_keys(monitor, NULL) == INVALID);
    CHECK(frameseal_monitor_set_verified(NULL, ALICE, true) == INVALID);
    CHECK(frameseal_monitor_status(NULL, 0, ALICE, &status) == INVALID);
    CHECK(frameseal_monitor_status(monitor, 0, ALICE, NULL) == INVALID);
    CHECK(frameseal_monitor_room_status(NULL, 0, &status) == INVALID);
    CHECK(frameseal_monitor_room_status(monitor, 0, NULL) == INVALID);
    CHECK(frameseal_monitor_member_stats(NULL, ALICE, &stats) == INVALID);
    CHECK(frameseal_monitor_member_stats(monitor, ALICE, NULL) == INVALID);
    CHECK(frameseal_monitor_poll_event(NULL, 0, &event) == INVALID);
    CHECK(frameseal_monitor_poll_event(monitor, 0, NULL) == INVALID);
    CHECK(frameseal_monitor_next_deadline(NULL, &pending, &number) == INVALID);
    CHECK(frameseal_monitor_next_deadline(monitor, NULL, &number) == INVALID);
    CHECK(frameseal_monitor_next_deadline(monitor, &pending, NULL) == INVALID);
    CHECK(frameseal_monitor_next_deadline(monitor, (bool *)&number, &number) == INVALID);
    CHECK(frameseal_monitor_allow_passthrough(NULL, 0, ALICE, 1) == INVALID);
    CHECK(frameseal_monitor_allow_passthrough(monitor, 0, ALICE, UINT64_MAX) == INVALID);
    CHECK(frameseal_monitor_end_passthrough(NULL, ALICE) == INVALID);
    CHECK(frameseal_monitor_downgrade(NULL, ALICE) == INVALID);
    CHECK(frameseal_monitor_pass(NULL, 0, ALICE, &byte, 1, NULL, 0, &plain) == INVALID);
    CHECK(frameseal_monitor_pass(monitor, 0, ALICE, NULL, 1, NULL, 0, &plain) == INVALID);
    CHECK(frameseal_monitor_pass(monitor, 0, ALICE, &byte, 1, NULL, 1, &plain) == INVALID);
    CHECK(frameseal_monitor_pass(monitor, 0, ALICE, &byte, 1, &bad_slice, 1, &plain) == INVALID);
    CHECK(frameseal_monitor_pass(monitor, 0, ALICE, &byte, 1, NULL, 0, NULL) == INVALID);
    CHECK(frameseal_monitor_allow_sending_in_the_clear(NULL, 0, 1) == INVALID);
    CHECK(frameseal_monitor_allow_sending_in_the_clear(monitor, 0, UINT64_MAX) == INVALID);
    CHECK(frameseal_monitor_downgrade_sending(NULL) == INVALID);
    CHECK(frameseal_monitor_send_in_the_clear(NULL, 0) == INVALID);
    CHECK(frameseal_monitor_in_the_clear(NULL, 0, &count, &number) == INVALID);
    CHECK(frameseal_monitor_in_the_clear(monitor, 0, NULL, &number) == INVALID);
    CHECK(frameseal_monitor_in_the_clear(monitor, 0, &count, NULL) == INVALID);
    CHECK(frameseal_monitor_statuses(NULL, 0, NULL, sizeof one, 0, &count) == INVALID);
    CHECK(frameseal_monitor_statuses(monitor, 0, NULL, sizeof one, 1, &count) == INVALID);
    CHECK(frameseal_monitor_statuses(monitor, 0, &one, 0, 1, &count) == INVALID);
    CHECK(frameseal_monitor_statuses(monitor, 0, &one, sizeof one, 1, NULL) == INVALID);
    CHECK(number == 99 && count == 99 && plain == 99 && !pending && one.level == 99);
    CHECK(frameseal_monitor_statuses(monitor, 0, NULL, sizeof one, 0, &count)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(frameseal_monitor_statuses(monitor, 0, &one, sizeof one, count, &count) == FRAMESEAL_OK);
    CHECK(count == 1 && one.member.number == ALICE && one.level == FRAMESEAL_STATUS_UNKNOWN);
    CHECK(status.level == 99 && stats.opened == 99 && event.kind == 99);

    for (size_t size = 0; size <= sizeof status; size++) {
        status.struct_size = size;
        CHECK((frameseal_monitor_status(monitor, 0, ALICE, &status) == FRAMESEAL_OK)
              == (size == sizeof status));
    }
    for (size_t size = 0; size <= sizeof stats; size++) {
        stats.struct_size = size;
        CHECK((frameseal_monitor_member_stats(monitor, ALICE, &stats) == FRAMESEAL_OK)
              == (size == sizeof stats));
    }
    for (size_t size = 0; size <= sizeof event; size++) {
        event.struct_size = size;
        CHECK((frameseal_monitor_poll_event(monitor, 0, &event) == FRAMESEAL_OK)
              == (size == sizeof event));
    }
    frameseal_sender_keys_free(keys);
    frameseal_encryptor_free(enc);
    frameseal_monitor_free(monitor);
}

static void life_of_a_monitor(void)
{
    frameseal_monitor *const monitor = make_monitor();
    frameseal_event event = {.struct_size = sizeof event, .kind = 99};
    frameseal_plain plain = 0;
    CHECK(frameseal_monitor_allow_passthrough(monitor, 0, ALICE, 100) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_pass(monitor, 0, ALICE, NULL, 0, NULL, 0, &plain) == FRAMESEAL_OK);
    CHECK(plain == FRAMESEAL_PLAIN_PASSTHROUGH);
    CHECK(frameseal_monitor_end_passthrough(monitor, ALICE) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_observe(monitor, 0, ALICE, FRAMESEAL_OK, 0) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_downgrade(monitor, ALICE) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_set_verified(monitor, ALICE, true) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_set_removal_overlap(monitor, 0) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_observe_sent(monitor, 0) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_downgrade_sending(monitor) == FRAMESEAL_OK);
    CHECK(frameseal_monitor_send_in_the_clear(monitor, 0) == FRAMESEAL_ERROR_PASSTHROUGH_REFUSED);
    int events = 0;
    bool downgraded = false;
    while (frameseal_monitor_poll_event(monitor, 0, &event) == FRAMESEAL_OK
           && event.kind != FRAMESEAL_EVENT_NONE) {
        CHECK(event.member.kind == FRAMESEAL_MEMBER_NONE
              || (event.member.kind == FRAMESEAL_MEMBER_APPLICATION
                  && event.member.number == ALICE));
        downgraded = downgraded || event.kind == FRAMESEAL_EVENT_DOWNGRADE;
        events++;
    }
    CHECK(events >= 4 && downgraded);
    CHECK(frameseal_monitor_remove_member(monitor, ALICE) == FRAMESEAL_OK);
    frameseal_monitor_free(monitor);
}

static frameseal_holding_buffer *make_buffer(void)
{
    frameseal_holding_buffer *buffer = NULL;
    CHECK(frameseal_holding_buffer_new(GCM, NULL, &buffer) == FRAMESEAL_OK);
    return buffer;
}

static void null_for_the_holding_buffer(void)
{
    frameseal_holding_buffer *const buffer = make_buffer();
    frameseal_decryptor *const dec = receiver(GCM);
    frameseal_sender_keys *const keys = make_keys();
    struct device bob = open_device(0, 2);
    frameseal_held_frame held = {.struct_size = sizeof held, .found = 99};
    frameseal_holding_stats stats = {.struct_size = sizeof stats, .held = 99};
    const frameseal_slice bad_slice = {NULL, 1};
    uint8_t bytes[64] = {0};
    uint8_t out[64] = {0};
    bool pending = false;
    uint64_t number = 99;

    frameseal_holding_buffer_free(NULL);
    CHECK(frameseal_holding_buffer_new(GCM, NULL, NULL) == INVALID);
    CHECK(frameseal_holding_buffer_poll(NULL, 0) == INVALID);
    CHECK(frameseal_holding_buffer_clear(NULL) == INVALID);
    CHECK(frameseal_holding_buffer_drop_next(NULL, 0, KEY_ID) == INVALID);
    CHECK(frameseal_holding_buffer_drop_next(buffer, 0, KEY_ID) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    CHECK(frameseal_holding_buffer_next_deadline(NULL, &pending, &number) == INVALID);
    CHECK(frameseal_holding_buffer_next_deadline(buffer, NULL, &number) == INVALID);
    CHECK(frameseal_holding_buffer_next_deadline(buffer, &pending, NULL) == INVALID);
    CHECK(frameseal_holding_buffer_stats(NULL, &stats) == INVALID);
    CHECK(frameseal_holding_buffer_stats(buffer, NULL) == INVALID);

    CHECK(frameseal_holding_buffer_hold_for_decryptor(NULL, dec, 0, NULL, 0, bytes, 40) == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_decryptor(buffer, NULL, 0, NULL, 0, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_decryptor(buffer, dec, 0, NULL, 1, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_decryptor(buffer, dec, 0, &bad_slice, 1, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_decryptor(buffer, dec, 0, NULL, 0, NULL, 40) == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_decryptor(buffer, dec, 0, NULL, 0, NULL, 0)
          == FRAMESEAL_ERROR_SYNTAX);
    CHECK(frameseal_holding_buffer_hold_for_receiver(NULL, bob.receiver, 0, NULL, 0, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_receiver(buffer, NULL, 0, NULL, 0, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_receiver(buffer, bob.receiver, 0, NULL, 1, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_receiver(buffer, bob.receiver, 0, NULL, 0, NULL, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_member(NULL, keys, ALICE, 0, NULL, 0, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_member(buffer, NULL, ALICE, 0, NULL, 0, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_member(buffer, keys, ALICE, 0, NULL, 1, bytes, 40)
          == INVALID);
    CHECK(frameseal_holding_buffer_hold_for_member(buffer, keys, ALICE, 0, NULL, 0, NULL, 40)
          == INVALID);

#define OPEN(buffer, dec, md, md_len, out, out_len, held)                                          \
    frameseal_holding_buffer_open_with_decryptor(buffer, dec, 0, md, md_len, out, out_len, held,   \
                                                 NULL)
    CHECK(OPEN(NULL, dec, bytes, 64, out, 64, &held) == INVALID);
    CHECK(OPEN(buffer, NULL, bytes, 64, out, 64, &held) == INVALID);
    CHECK(OPEN(buffer, dec, NULL, 64, out, 64, &held) == INVALID);
    CHECK(OPEN(buffer, dec, bytes, 64, NULL, 64, &held) == INVALID);
    CHECK(OPEN(buffer, dec, bytes, 64, out, 64, NULL) == INVALID);
    CHECK(OPEN(buffer, dec, out + 8, 8, out, 64, &held) == INVALID);
    CHECK(OPEN(buffer, dec, (uint8_t *)&held, sizeof held, out, 64, &held) == INVALID);
    CHECK(frameseal_holding_buffer_open_with_decryptor(buffer, dec, 0, bytes, 64, out, 64, &held,
                                                       (frameseal_open_info *)&held)
          == INVALID);
    CHECK(frameseal_holding_buffer_open_with_receiver(NULL, bob.receiver, 0, bytes, 64, out, 64,
                                                      &held, NULL)
          == INVALID);
    CHECK(frameseal_holding_buffer_open_with_receiver(buffer, NULL, 0, bytes, 64, out, 64, &held,
                                                      NULL)
          == INVALID);
    CHECK(frameseal_holding_buffer_open_with_receiver(buffer, bob.receiver, 0, bytes, 64, out, 64,
                                                      NULL, NULL)
          == INVALID);
    CHECK(frameseal_holding_buffer_open_with_member(NULL, keys, ALICE, 0, bytes, 64, out, 64, &held,
                                                    NULL)
          == INVALID);
    CHECK(frameseal_holding_buffer_open_with_member(buffer, NULL, ALICE, 0, bytes, 64, out, 64,
                                                    &held, NULL)
          == INVALID);
    CHECK(frameseal_holding_buffer_open_with_member(buffer, keys, ALICE, 0, bytes, 64, out, 64,
                                                    NULL, NULL)
          == INVALID);
    CHECK(held.found == 99 && stats.held == 99 && number == 99 && !pending);
    for (size_t size = 0; size <= sizeof held; size++) {
        held.struct_size = size;
        CHECK((OPEN(buffer, dec, NULL, 0, NULL, 0, &held) == FRAMESEAL_OK)
              == (size == sizeof held));
    }
    CHECK(held.found == 0);
    for (size_t size = 0; size <= sizeof stats; size++) {
        stats.struct_size = size;
        CHECK((frameseal_holding_buffer_stats(buffer, &stats) == FRAMESEAL_OK)
              == (size == sizeof stats));
    }
    frameseal_holding_config config;
    memset(&config, 0, sizeof config);
    for (size_t size = 0; size <= sizeof config; size++) {
        frameseal_holding_buffer *made = NULL;
        config.struct_size = size;
        CHECK((frameseal_holding_buffer_new(GCM, &config, &made) == FRAMESEAL_OK)
              == (size == sizeof config));
        frameseal_holding_buffer_free(made);
    }
    close_device(&bob);
    frameseal_sender_keys_free(keys);
    frameseal_decryptor_free(dec);
    frameseal_holding_buffer_free(buffer);
}

/* A frame that comes before its key, and buffers of exact lengths. */
static void a_frame_that_waits(void)
{
    frameseal_holding_buffer *const buffer = make_buffer();
    frameseal_decryptor *dec = NULL;
    CHECK(frameseal_decryptor_new(GCM, &dec) == FRAMESEAL_OK);
    size_t len = 0;
    uint8_t *frame = sealed_frame(GCM, &len);
    const frameseal_slice pieces[2] = {{metadata, 2}, {metadata + 2, sizeof metadata - 2}};
    CHECK(frameseal_holding_buffer_hold_for_decryptor(buffer, dec, 0, pieces, 2, frame, len)
          == FRAMESEAL_OK);
    free(frame);
    frameseal_held_frame held = {.struct_size = sizeof held};
    CHECK(OPEN(buffer, dec, NULL, 0, NULL, 0, &held) == FRAMESEAL_OK && held.found == 0);
    CHECK(frameseal_decryptor_add_key(dec, KEY_ID, base_key, sizeof base_key) == FRAMESEAL_OK);
    CHECK(OPEN(buffer, dec, NULL, 0, NULL, 0, &held) == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(held.metadata_len == sizeof metadata && held.payload_len == PAYLOAD);
    CHECK(held.key_id == KEY_ID);
    uint8_t *got = allocate(held.metadata_len);
    uint8_t *out = allocate(held.payload_len);
    CHECK(OPEN(buffer, dec, got, held.metadata_len, out, held.payload_len, &held) == FRAMESEAL_OK);
    CHECK(held.found == 1 && held.result == FRAMESEAL_OK && held.key_id == KEY_ID);
    CHECK(memcmp(got, metadata, sizeof metadata) == 0);
    uint8_t payload[PAYLOAD];
    fill(payload, sizeof payload);
    CHECK(memcmp(out, payload, PAYLOAD) == 0);
    free(got);
    free(out);
    CHECK(frameseal_holding_buffer_poll(buffer, 0) == FRAMESEAL_OK);
    CHECK(frameseal_holding_buffer_clear(buffer) == FRAMESEAL_OK);
    frameseal_decryptor_free(dec);
    frameseal_holding_buffer_free(buffer);
}

/* A forged frame that is larger than the caller's memory, and good ones behind it. */
static void a_large_frame_in_front(void)
{
    enum { LARGE = 4000, GOOD = 50 };
    frameseal_holding_buffer *const buffer = make_buffer();
    frameseal_encryptor *const enc = sender(GCM);
    frameseal_decryptor *dec = NULL;
    CHECK(frameseal_decryptor_new(GCM, &dec) == FRAMESEAL_OK);
    uint8_t *payload = allocate(LARGE);
    uint8_t *frame = allocate(LARGE + 64);
    memset(payload, 0, LARGE);
    size_t len = 0;
    for (int i = 0; i <= GOOD; i++) {
        CHECK(seal(enc, payload, i == 0 ? LARGE : 5, frame, LARGE + 64, &len) == FRAMESEAL_OK);
        frame[len - 1] ^= i == 0;
        CHECK(frameseal_holding_buffer_hold_for_decryptor(
                  buffer, dec, (uint64_t)i, &(frameseal_slice){metadata, sizeof metadata}, 1, frame,
                  len)
              == FRAMESEAL_OK);
    }
    free(payload);
    free(frame);
    CHECK(frameseal_decryptor_add_key(dec, KEY_ID, base_key, sizeof base_key) == FRAMESEAL_OK);
    int opened = 0;
    int dropped = 0;
    uint8_t got[sizeof metadata];
    uint8_t out[5];
    frameseal_held_frame held = {.struct_size = sizeof held, .found = 1};
    while (held.found && opened + dropped <= GOOD + 1) {
        const frameseal_result result = OPEN(buffer, dec, got, sizeof got, out, sizeof out, &held);
        if (result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL) {
            CHECK(held.payload_len == LARGE && held.key_id == KEY_ID);
            CHECK(frameseal_holding_buffer_drop_next(buffer, 0, held.key_id) == FRAMESEAL_OK);
            dropped++;
        } else {
            CHECK(result == FRAMESEAL_OK && held.result == FRAMESEAL_OK);
            opened += held.found;
        }
    }
    CHECK(opened == GOOD && dropped == 1);
    frameseal_encryptor_free(enc);
    frameseal_decryptor_free(dec);
    frameseal_holding_buffer_free(buffer);
}

static void codes(void)
{
    const uint8_t bytes[65] = {0};
    const frameseal_identity alice = {{bytes, 1}, {bytes, 32}};
    const frameseal_identity bob = {{bytes, 2}, {bytes, 33}};
    const frameseal_identity broken = {{NULL, 1}, {bytes, 32}};
    size_t len = 99;
    char *out = allocate(31);
    CHECK(frameseal_verification_code_for_epoch(NULL, 32, 30, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_epoch(bytes, 31, 30, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_epoch(bytes, 32, 0, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_epoch(bytes, 32, 30, NULL, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_epoch(bytes, 32, 30, out, 31, NULL) == INVALID);
    CHECK(frameseal_verification_code_for_epoch(bytes, 32, 30, (char *)&len, sizeof len, &len)
          == INVALID);
    CHECK(frameseal_verification_code_for_pair(NULL, &bob, 30, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_pair(&alice, NULL, 30, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_pair(&alice, &broken, 30, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_pair(&alice, &alice, 30, out, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_pair(&alice, &bob, 30, NULL, 31, &len) == INVALID);
    CHECK(frameseal_verification_code_for_pair(&alice, &bob, 30, out, 31, NULL) == INVALID);
    CHECK(len == 99);
    CHECK(frameseal_verification_code_for_pair(&alice, &bob, 30, out, 30, &len)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(len == 31);
    CHECK(frameseal_verification_code_for_pair(&alice, &bob, 30, out, 31, &len) == FRAMESEAL_OK);
    CHECK(len == 30 && strlen(out) == 30);
    CHECK(frameseal_verification_code_for_epoch(bytes, 32, 30, out, 31, &len) == FRAMESEAL_OK);
    free(out);
}

static void inspections(void)
{
    uint8_t bytes[20] = {0};
    frameseal_inspector call;
    frameseal_inspection seen;
    memset(&call, 0, sizeof call);
    memset(&seen, 0, sizeof seen);
    call.struct_size = sizeof call;
    call.keying = FRAMESEAL_KEYING_PLAIN;
    seen.struct_size = sizeof seen;
    CHECK(frameseal_inspect(NULL, bytes, 20, &seen) == INVALID);
    CHECK(frameseal_inspect(&call, NULL, 20, &seen) == INVALID);
    CHECK(frameseal_inspect(&call, bytes, 20, NULL) == INVALID);
    CHECK(frameseal_inspect(&call, NULL, 0, &seen) == FRAMESEAL_OK);
    CHECK(seen.verdict == FRAMESEAL_VERDICT_SYNTAX);
    for (size_t size = 0; size <= sizeof call; size++) {
        call.struct_size = size;
        CHECK((frameseal_inspect(&call, bytes, 20, &seen) == FRAMESEAL_OK)
              == (size == sizeof call));
    }
    for (size_t size = 0; size <= sizeof seen; size++) {
        seen.struct_size = size;
        CHECK((frameseal_inspect(&call, bytes, 20, &seen) == FRAMESEAL_OK)
              == (size == sizeof seen));
    }
    CHECK(seen.verdict == FRAMESEAL_VERDICT_POSSIBLE && seen.header_len == 1);
    for (frameseal_verdict verdict = 0; verdict < 10; verdict++) {
        const bool known = verdict >= FRAMESEAL_VERDICT_POSSIBLE
                           && verdict <= FRAMESEAL_VERDICT_NO_SUCH_CONTEXT;
        CHECK((strcmp(frameseal_verdict_text(verdict), frameseal_verdict_text(99)) != 0) == known);
    }
}

static void inventory(void)
{
    struct device alice = open_device(0, 2);
    frameseal_visible_config config;
    frameseal_visible_item item;
    memset(&config, 0, sizeof config);
    memset(&item, 0, sizeof item);
    config.struct_size = sizeof config;
    item.struct_size = sizeof item;
    size_t len = 99;
    CHECK(frameseal_epoch_manager_visible_config(NULL, 0, &config) == INVALID);
    CHECK(frameseal_epoch_manager_visible_config(alice.manager, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_visible_config(alice.manager, 0, &config) == FRAMESEAL_OK);
    const size_t count = frameseal_visible_item_count();
    CHECK(frameseal_visible_item_at(NULL, 0, &item) == INVALID);
    CHECK(frameseal_visible_item_at(&config, 0, NULL) == INVALID);
    CHECK(frameseal_visible_item_at(&config, count, &item) == INVALID);
    CHECK(frameseal_visible_item_at(&config, SIZE_MAX, &item) == INVALID);
    for (size_t at = 0; at < count; at++) {
        CHECK(frameseal_visible_item_at(&config, at, &item) == FRAMESEAL_OK);
        CHECK(item.id == at + 1 && strlen(item.name) > 0 && strlen(item.text) > 0);
    }
    for (size_t size = 0; size <= sizeof item; size++) {
        item.struct_size = size;
        CHECK((frameseal_visible_item_at(&config, 0, &item) == FRAMESEAL_OK)
              == (size == sizeof item));
    }
    CHECK(frameseal_visible_json(NULL, NULL, 0, &len) == INVALID);
    CHECK(frameseal_visible_json(&config, NULL, 1, &len) == INVALID);
    CHECK(frameseal_visible_json(&config, NULL, 0, NULL) == INVALID && len == 99);
    CHECK(frameseal_visible_json(&config, NULL, 0, &len) == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    char *json = allocate(len);
    CHECK(frameseal_visible_json(&config, json, len - 1, &len) == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(frameseal_visible_json(&config, json, len, &len) == FRAMESEAL_OK);
    CHECK(json[0] == '{' && json[len - 1] == '}' && strlen(json) == len);
    free(json);
    for (size_t size = 0; size <= sizeof config; size++) {
        config.struct_size = size;
        CHECK((frameseal_visible_item_count() > 0)
              && (frameseal_visible_json(&config, NULL, 0, &len) == INVALID)
                     == (size != sizeof config));
    }
    close_device(&alice);
}

int main(void)
{
    null_for_the_monitor();
    life_of_a_monitor();
    null_for_the_holding_buffer();
    a_frame_that_waits();
    a_large_frame_in_front();
    codes();
    inspections();
    inventory();
    return summary();
}
