/*
 * Calls every function of an epoch manager, its streams and receivers with arguments that cannot be
 * right: NULL, numbers that do not exist, structures of other sizes. All are refused, and nothing
 * else happens. And lists and records in memory of exact lengths. Built with sanitizers and run under valgrind by tests/c.sh.
 */
#include "epoch_support.h"

static const frameseal_epoch_id first = {GROUP, 1};

static void null_for_the_manager(void)
{
    struct device alice = open_device(0, 2);
    frameseal_epoch_manager *const manager = alice.manager;
    frameseal_member_id bob;
    frameseal_epoch_id epoch = {99, 99};
    frameseal_status status = {.struct_size = sizeof status, .level = 99};
    frameseal_frame_stats stats = {.struct_size = sizeof stats, .opened = 99};
    frameseal_event event = {.struct_size = sizeof event, .kind = 99};
    frameseal_epoch_config config = epoch_config();
    const frameseal_slice bad_slice = {NULL, 1};
    const uint8_t byte = 0;
    frameseal_plain plain = 99;
    bool pending = false;
    uint64_t number = 99;
    CHECK(frameseal_epoch_manager_member_at(manager, 1, &bob) == FRAMESEAL_OK);

    frameseal_epoch_manager_free(NULL);
    CHECK(frameseal_epoch_config_init(NULL, sizeof config, GCM, 1) == INVALID);
    CHECK(frameseal_epoch_manager_new(NULL, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_new(&config, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_add_epoch(NULL, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_add_epoch(manager, 0, NULL) == INVALID);
    CHECK(add_epoch(NULL, 0, 2, 2) == INVALID);
    CHECK(frameseal_epoch_manager_peer_ready(NULL, 0, 1, &first) == INVALID);
    CHECK(frameseal_epoch_manager_peer_ready(manager, 0, 1, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_activate(NULL, 0, &first) == INVALID);
    CHECK(frameseal_epoch_manager_activate(manager, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_prepare(NULL, 0, 1, 0) == INVALID);
    CHECK(frameseal_epoch_manager_force_rekey(NULL) == INVALID);
    CHECK(frameseal_epoch_manager_sending_epoch(NULL, &epoch) == INVALID);
    CHECK(frameseal_epoch_manager_sending_epoch(manager, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_member_at(NULL, 1, &bob) == INVALID);
    CHECK(frameseal_epoch_manager_member_at(manager, 1, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_status(NULL, 0, &bob, &status) == INVALID);
    CHECK(frameseal_epoch_manager_status(manager, 0, NULL, &status) == INVALID);
    CHECK(frameseal_epoch_manager_status(manager, 0, &bob, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_room_status(NULL, 0, &status) == INVALID);
    CHECK(frameseal_epoch_manager_room_status(manager, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_member_stats(NULL, &bob, &stats) == INVALID);
    CHECK(frameseal_epoch_manager_member_stats(manager, NULL, &stats) == INVALID);
    CHECK(frameseal_epoch_manager_member_stats(manager, &bob, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_epoch_stats(NULL, &first, &stats) == INVALID);
    CHECK(frameseal_epoch_manager_epoch_stats(manager, NULL, &stats) == INVALID);
    CHECK(frameseal_epoch_manager_epoch_stats(manager, &first, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_set_verified(NULL, &bob, true) == INVALID);
    CHECK(frameseal_epoch_manager_set_verified(manager, NULL, true) == INVALID);
    CHECK(frameseal_epoch_manager_set_epoch_verified(NULL, &first) == INVALID);
    CHECK(frameseal_epoch_manager_set_epoch_verified(manager, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_poll_event(NULL, 0, &event) == INVALID);
    CHECK(frameseal_epoch_manager_poll_event(manager, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_next_deadline(NULL, &pending, &number) == INVALID);
    CHECK(frameseal_epoch_manager_next_deadline(manager, NULL, &number) == INVALID);
    CHECK(frameseal_epoch_manager_next_deadline(manager, &pending, NULL) == INVALID);

    CHECK(frameseal_epoch_manager_allow_passthrough(NULL, 0, &bob, 1) == INVALID);
    CHECK(frameseal_epoch_manager_allow_passthrough(manager, 0, NULL, 1) == INVALID);
    CHECK(frameseal_epoch_manager_end_passthrough(NULL, &bob) == INVALID);
    CHECK(frameseal_epoch_manager_end_passthrough(manager, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_downgrade(NULL, &bob) == INVALID);
    CHECK(frameseal_epoch_manager_downgrade(manager, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_pass(NULL, 0, &bob, &byte, 1, NULL, 0, &plain) == INVALID);
    CHECK(frameseal_epoch_manager_pass(manager, 0, NULL, &byte, 1, NULL, 0, &plain) == INVALID);
    CHECK(frameseal_epoch_manager_pass(manager, 0, &bob, NULL, 1, NULL, 0, &plain) == INVALID);
    CHECK(frameseal_epoch_manager_pass(manager, 0, &bob, &byte, 1, NULL, 1, &plain) == INVALID);
    CHECK(frameseal_epoch_manager_pass(manager, 0, &bob, &byte, 1, &bad_slice, 1, &plain)
          == INVALID);
    CHECK(frameseal_epoch_manager_pass(manager, 0, &bob, &byte, 1, &bad_slice, SIZE_MAX, &plain)
          == INVALID);
    CHECK(frameseal_epoch_manager_pass(manager, 0, &bob, &byte, 1, NULL, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_allow_sending_in_the_clear(NULL, 0, 1) == INVALID);
    CHECK(frameseal_epoch_manager_downgrade_sending(NULL) == INVALID);
    CHECK(frameseal_epoch_manager_send_in_the_clear(NULL, 0) == INVALID);

    CHECK(epoch.epoch == 99 && status.level == 99 && stats.opened == 99 && event.kind == 99);
    CHECK(plain == 99 && number == 99 && !pending);
    /* An empty frame is one that was not allowed, not an argument that is wrong. */
    CHECK(frameseal_epoch_manager_pass(manager, 0, &bob, NULL, 0, NULL, 0, &plain)
          == FRAMESEAL_ERROR_PASSTHROUGH_REFUSED);
    close_device(&alice);
}

static void null_for_streams_and_receivers(void)
{
    struct device alice = open_device(0, 2);
    frameseal_stream *const stream = alice.stream;
    const frameseal_receiver *const receiver = alice.receiver;
    uint8_t bytes[64] = {0};
    size_t len = 99;
    uint64_t context = 99;
    const frameseal_slice bad_slice = {NULL, 1};
    frameseal_stream *no_stream = NULL;
    frameseal_receiver *no_receiver = NULL;

    frameseal_stream_close(NULL);
    frameseal_receiver_close(NULL);
    CHECK(frameseal_stream_open(NULL, FRAMESEAL_STREAM_INDEPENDENT, &no_stream) == INVALID);
    CHECK(frameseal_stream_open(alice.manager, FRAMESEAL_STREAM_INDEPENDENT, NULL) == INVALID);
    CHECK(frameseal_stream_open(alice.manager, 0, &no_stream) == INVALID);
    CHECK(frameseal_stream_open(alice.manager, 3, &no_stream) == INVALID);
    CHECK(frameseal_receiver_open(NULL, &no_receiver) == INVALID);
    CHECK(frameseal_receiver_open(alice.manager, NULL) == INVALID);
    CHECK(no_stream == NULL && no_receiver == NULL);
    CHECK(frameseal_stream_context(NULL, &context) == INVALID);
    CHECK(frameseal_stream_context(stream, NULL) == INVALID);
    CHECK(frameseal_stream_mark_key_frame(NULL) == INVALID);
    CHECK(frameseal_stream_prepare(NULL, 0) == INVALID);
    CHECK(frameseal_stream_sealed_len(NULL, 0, 1, &len) == INVALID);
    CHECK(frameseal_stream_sealed_len(stream, 0, 1, NULL) == INVALID);
    CHECK(frameseal_stream_sealed_len(stream, 0, SIZE_MAX, &len) == INVALID);
    CHECK(frameseal_stream_sealed_len(stream, 0, (SIZE_MAX >> 1) + 1, &len) == INVALID);

    size_t frame_offset = 99;
    size_t frame_len = 99;
    CHECK(frameseal_stream_encrypt_in_place(NULL, 0, NULL, 0, bytes, 64, 20, 4, &frame_offset,
                                            &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, NULL, 1, bytes, 64, 20, 4, &frame_offset,
                                            &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, NULL, 0, NULL, 64, 20, 4, &frame_offset,
                                            &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, NULL, 0, bytes, 64, 20, 4, NULL,
                                            &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, NULL, 0, bytes, 64, 20, 4, &frame_offset,
                                            NULL) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, NULL, 0, bytes, 64, 20, 4, &frame_len,
                                            &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, NULL, 0, bytes, 64, SIZE_MAX, 4,
                                            &frame_offset, &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place(stream, 0, bytes + 8, 8, bytes, 64, 20, 4,
                                            &frame_offset, &frame_len) == INVALID);
    const frameseal_slice inside = {bytes + 8, 8};
    CHECK(frameseal_stream_encrypt_in_place_slices(NULL, 0, NULL, 0, bytes, 64, 20, 4,
                                                   &frame_offset, &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place_slices(stream, 0, &bad_slice, 1, bytes, 64, 20, 4,
                                                   &frame_offset, &frame_len) == INVALID);
    CHECK(frameseal_stream_encrypt_in_place_slices(stream, 0, &inside, 1, bytes, 64, 20, 4,
                                                   &frame_offset, &frame_len) == INVALID);
    CHECK(frame_offset == 99 && frame_len == 99);

    CHECK(stream_seal(NULL, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(stream_seal(stream, NULL, 1, bytes, 64, &len) == INVALID);
    CHECK(stream_seal(stream, bytes, SIZE_MAX, bytes, 64, &len) == INVALID);
    CHECK(stream_seal(stream, bytes, 1, NULL, 64, &len) == INVALID);
    CHECK(stream_seal(stream, bytes, 1, bytes, SIZE_MAX, &len) == INVALID);
    CHECK(stream_seal(stream, bytes, 1, bytes, 64, NULL) == INVALID);
    CHECK(frameseal_stream_encrypt(stream, 0, NULL, 1, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_stream_encrypt_slices(NULL, 0, NULL, 0, bytes, 1, bytes, 64, &len) == INVALID);
    CHECK(frameseal_stream_encrypt_slices(stream, 0, NULL, 1, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_stream_encrypt_slices(stream, 0, &bad_slice, 1, bytes, 1, bytes, 64, &len)
          == INVALID);
    CHECK(frameseal_stream_encrypt_slices(stream, 0, &bad_slice, SIZE_MAX, bytes, 1, bytes, 64,
                                          &len)
          == INVALID);

    CHECK(frameseal_receiver_payload_len(NULL, bytes, 1, &len) == INVALID);
    CHECK(frameseal_receiver_payload_len(receiver, NULL, 1, &len) == INVALID);
    CHECK(frameseal_receiver_payload_len(receiver, bytes, 1, NULL) == INVALID);
    CHECK(receiver_open(NULL, bytes, 1, bytes, 64, &len, NULL) == INVALID);
    CHECK(receiver_open(receiver, NULL, 1, bytes, 64, &len, NULL) == INVALID);
    CHECK(receiver_open(receiver, bytes, SIZE_MAX, bytes, 64, &len, NULL) == INVALID);
    CHECK(receiver_open(receiver, bytes, 1, NULL, 64, &len, NULL) == INVALID);
    CHECK(receiver_open(receiver, bytes, 1, bytes, 64, NULL, NULL) == INVALID);
    CHECK(frameseal_receiver_decrypt(receiver, 0, NULL, 1, bytes, 1, bytes, 64, &len, NULL)
          == INVALID);
    CHECK(frameseal_receiver_decrypt_slices(receiver, 0, NULL, 1, bytes, 1, bytes, 64, &len, NULL)
          == INVALID);
    CHECK(frameseal_receiver_decrypt_slices(receiver, 0, &bad_slice, 1, bytes, 1, bytes, 64, &len,
                                            NULL)
          == INVALID);
    CHECK(len == 99 && context == 99 && bytes[0] == 0);
    close_device(&alice);
}

/* Structures of every size: those that never were are refused, larger ones keep what is behind. */
static void structure_sizes(void)
{
    struct {
        frameseal_epoch_config known;
        uint8_t added[64];
    } config;
    for (size_t size = 0; size <= sizeof config; size++) {
        const frameseal_result expected = size >= sizeof config.known ? FRAMESEAL_OK : INVALID;
        memset(&config, 0xff, sizeof config);
        CHECK(frameseal_epoch_config_init(&config.known, size, GCM, FRAMESEAL_POLICY_STANDARD)
              == expected);
        CHECK(size == sizeof config || ((uint8_t *)&config)[size] == 0xff);
        config.known.struct_size = size;
        frameseal_epoch_manager *manager = NULL;
        CHECK(frameseal_epoch_manager_new(&config.known, &manager) == expected);
        CHECK((manager != NULL) == (expected == FRAMESEAL_OK));
        frameseal_epoch_manager_free(manager);
    }

    struct device alice = open_device(0, 2);
    struct device bob = open_device(1, 2);
    frameseal_epoch_update update = {.struct_size = 0};
    frameseal_status status = {.level = 99};
    frameseal_frame_stats stats = {.opened = 99};
    frameseal_event event = {.kind = 99};
    frameseal_received_info info = {.counter = 99};
    uint8_t frame[64];
    uint8_t payload[64];
    size_t len = 0;
    size_t opened = 99;
    CHECK(stream_seal(bob.stream, NULL, 0, frame, sizeof frame, &len) == FRAMESEAL_OK);
    const size_t wrong[] = {0, 1, sizeof(size_t), 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        update.struct_size = wrong[i];
        status.struct_size = wrong[i];
        stats.struct_size = wrong[i];
        event.struct_size = wrong[i];
        info.struct_size = wrong[i];
        CHECK(frameseal_epoch_manager_add_epoch(alice.manager, 0, &update) == INVALID);
        CHECK(frameseal_epoch_manager_room_status(alice.manager, 0, &status) == INVALID);
        CHECK(frameseal_epoch_manager_epoch_stats(alice.manager, &first, &stats) == INVALID);
        CHECK(frameseal_epoch_manager_poll_event(alice.manager, 0, &event) == INVALID);
        CHECK(receiver_open(alice.receiver, frame, len, payload, sizeof payload, &opened, &info)
              == INVALID);
    }
    CHECK(status.level == 99 && stats.opened == 99 && event.kind == 99 && info.counter == 99);
    CHECK(opened == 99);
    info.struct_size = sizeof info;
    CHECK(receiver_open(alice.receiver, frame, len, payload, sizeof payload, &opened, &info)
          == FRAMESEAL_OK);
    CHECK(opened == 0 && info.counter == 0 && info.member.index == 1 && info.payload_len == 0);
    close_device(&alice);
    close_device(&bob);
}

/* Lists of members in memory of exact lengths, and of elements of other sizes. */
static void lists(void)
{
    struct device alice = open_device(0, 3);
    frameseal_epoch_manager *const manager = alice.manager;
    enum { STATUS = sizeof(frameseal_member_status), PRESENT = sizeof(frameseal_present_member) };
    size_t count = 99;
    CHECK(frameseal_epoch_manager_statuses(NULL, 0, NULL, STATUS, 0, &count) == INVALID);
    CHECK(frameseal_epoch_manager_statuses(manager, 0, NULL, STATUS, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_statuses(manager, 0, NULL, STATUS, 1, &count) == INVALID);
    CHECK(frameseal_epoch_manager_statuses(manager, 0, NULL, STATUS, SIZE_MAX, &count) == INVALID);
    CHECK(frameseal_epoch_manager_members(NULL, NULL, PRESENT, 0, &count) == INVALID);
    CHECK(frameseal_epoch_manager_members(manager, NULL, PRESENT, 0, NULL) == INVALID);
    CHECK(frameseal_epoch_manager_members(manager, NULL, PRESENT, 1, &count) == INVALID);
    CHECK(count == 99);
    CHECK(frameseal_epoch_manager_members(manager, NULL, PRESENT, 0, &count)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(count == 3);
    frameseal_present_member *members = allocate(count * sizeof *members);
    CHECK(frameseal_epoch_manager_members(manager, members, PRESENT, 2, &count)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(frameseal_epoch_manager_members(manager, members, PRESENT, 3, (size_t *)members)
          == INVALID);
    CHECK(frameseal_epoch_manager_members(manager, members, PRESENT, 3, &count) == FRAMESEAL_OK);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK(members[i].member.index == i && members[i].member.kind == FRAMESEAL_MEMBER_LEAF);
        CHECK(members[i].identity_len == 1 && members[i].identity[0] == i);
    }
    free(members);
    /* A program that was compiled with a newer header. */
    const size_t newer = PRESENT + 16;
    uint8_t *bytes = allocate(3 * newer);
    memset(bytes, 0xee, 3 * newer);
    for (size_t size = 0; size <= newer; size++) {
        const bool fits = size >= PRESENT && size % sizeof(uint64_t) == 0;
        CHECK((frameseal_epoch_manager_members(manager, (frameseal_present_member *)bytes, size, 3,
                                               &count)
               == FRAMESEAL_OK)
              == fits);
    }
    CHECK(bytes[3 * newer - 1] == 0);
    CHECK(bytes[2 * newer + offsetof(frameseal_present_member, identity)] == 2);
    free(bytes);
    CHECK(frameseal_epoch_manager_statuses(manager, 0, NULL, STATUS, 0, &count) == FRAMESEAL_OK);
    CHECK(count == 0);
    close_device(&alice);
}

/* Every event of a short call, recorded and written in memory of exact lengths. */
static void audit_records(void)
{
    struct device alice = open_device(0, 2);
    frameseal_event event = {.struct_size = sizeof event};
    frameseal_audit_record record = {.struct_size = sizeof record, .kind = 99};
    size_t len = 99;
    CHECK(frameseal_audit_record_of_event(NULL, 0, &record) == INVALID);
    CHECK(frameseal_audit_record_of_event(&event, 0, NULL) == INVALID);
    CHECK(frameseal_audit_record_of_event(&event, 0, &record) == INVALID);
    CHECK(frameseal_audit_record_json(NULL, NULL, 0, &len) == INVALID);
    CHECK(frameseal_audit_record_json(&record, NULL, 0, &len) == INVALID);
    CHECK(record.kind == 99 && len == 99);
    int records = 0;
    while (frameseal_epoch_manager_poll_event(alice.manager, 0, &event) == FRAMESEAL_OK
           && event.kind != FRAMESEAL_EVENT_NONE) {
        CHECK(frameseal_audit_record_of_event(&event, 7, &record) == FRAMESEAL_OK);
        CHECK(record.kind == event.kind && record.at_ms == 7);
        CHECK(frameseal_audit_record_json(&record, NULL, 0, NULL) == INVALID);
        CHECK(frameseal_audit_record_json(&record, NULL, 1, &len) == INVALID);
        CHECK(frameseal_audit_record_json(&record, NULL, 0, &len)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        char *json = allocate(len);
        CHECK(frameseal_audit_record_json(&record, json, len - 1, &len)
              == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        CHECK(frameseal_audit_record_json(&record, json, len, &len) == FRAMESEAL_OK);
        CHECK(strlen(json) == len && strstr(json, frameseal_audit_kind_name(event.kind)) != NULL);
        free(json);
        records++;
    }
    CHECK(records > 0);
    for (size_t size = 0; size <= sizeof record; size++) {
        record.struct_size = size;
        CHECK((frameseal_audit_record_json(&record, NULL, 0, &len) == INVALID)
              == (size != sizeof record));
    }
    const char *const none = frameseal_audit_kind_name(UINT32_MAX);
    for (frameseal_event_kind kind = 0; kind < 40; kind++) {
        CHECK((strcmp(frameseal_audit_kind_name(kind), none) != 0)
              == (kind >= 1 && kind <= FRAMESEAL_EVENT_SENDING_DOWNGRADE));
    }
    close_device(&alice);
}

static void numbers_and_texts(void)
{
    const char *const none = frameseal_event_text(UINT32_MAX);
    for (frameseal_event_kind kind = 0; kind < 40; kind++) {
        CHECK(strlen(frameseal_event_text(kind)) > 0);
        CHECK((strcmp(frameseal_event_text(kind), none) != 0)
              == (kind <= FRAMESEAL_EVENT_SENDING_DOWNGRADE));
    }
    const char *const no_level = frameseal_status_text(0);
    const char *const no_reason = frameseal_status_reason_text(0);
    for (uint32_t number = 1; number < 100; number++) {
        CHECK((strcmp(frameseal_status_text(number), no_level) != 0)
              == (number % 10 == 0 && number <= FRAMESEAL_STATUS_END_TO_END_VERIFIED));
        CHECK((strcmp(frameseal_status_reason_text(number), no_reason) != 0)
              == (number <= FRAMESEAL_REASON_EPOCH_TOO_OLD));
    }
    struct device alice = open_device(0, 2);
    frameseal_member_id nobody = {.kind = FRAMESEAL_MEMBER_NONE};
    CHECK(frameseal_epoch_manager_set_verified(alice.manager, &nobody, true) == INVALID);
    nobody.kind = FRAMESEAL_MEMBER_LEAF;
    CHECK(frameseal_epoch_manager_set_verified(alice.manager, &nobody, true)
          == FRAMESEAL_ERROR_UNKNOWN_MEMBER);
    frameseal_epoch_update update = {
        .struct_size = sizeof update, .group = GROUP, .epoch = 2, .member_count = SIZE_MAX};
    for (uint32_t leaves = 0; leaves < 3; leaves++) {
        update.leaf_count = leaves > 1 ? UINT32_MAX : leaves;
        CHECK(frameseal_epoch_manager_add_epoch(alice.manager, 0, &update) == INVALID);
    }
    close_device(&alice);
}

int main(void)
{
    null_for_the_manager();
    null_for_streams_and_receivers();
    structure_sizes();
    lists();
    audit_records();
    numbers_and_texts();
    return summary();
}
