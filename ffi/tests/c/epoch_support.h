/*
 * A small call for the C test programs: one member's device in it, and its epochs.
 */
#ifndef FRAMESEAL_TESTS_EPOCH_SUPPORT_H
#define FRAMESEAL_TESTS_EPOCH_SUPPORT_H

#include "support.h"

enum { GROUP = 7, MOST_PEOPLE = 20 };

struct device {
    uint32_t index;
    frameseal_epoch_manager *manager;
    frameseal_stream *stream;
    frameseal_receiver *receiver;
};

static inline frameseal_epoch_config epoch_config(void)
{
    frameseal_epoch_config config;
    memset(&config, 0, sizeof config);
    CHECK(frameseal_epoch_config_init(&config, sizeof config, GCM, FRAMESEAL_POLICY_STANDARD)
          == FRAMESEAL_OK);
    return config;
}

/* Feeds an epoch with everybody on the first so many leaves; names and key in exact memory. */
static inline frameseal_result add_epoch(frameseal_epoch_manager *manager, uint32_t own,
                                         uint64_t epoch, uint32_t people)
{
    const size_t key_len = frameseal_suite_key_len(GCM);
    uint8_t *key = allocate(key_len);
    fill(key, key_len);
    key[0] = (uint8_t)epoch;
    frameseal_member *members = allocate(people * sizeof *members);
    uint8_t *names = allocate(people);
    for (uint32_t i = 0; i < people; i++) {
        names[i] = (uint8_t)i;
        members[i].index = i;
        members[i].identity = &names[i];
        members[i].identity_len = 1;
    }
    frameseal_epoch_update update;
    memset(&update, 0, sizeof update);
    update.struct_size = sizeof update;
    update.group = GROUP;
    update.epoch = epoch;
    update.base_key = key;
    update.base_key_len = key_len;
    update.members = members;
    update.member_count = people;
    update.leaf_count = people;
    update.own_index = own;
    const frameseal_result result = frameseal_epoch_manager_add_epoch(manager, 0, &update);
    free(names);
    free(members);
    free(key);
    return result;
}

/* In epoch 1. */
static inline struct device open_device(uint32_t index, uint32_t people)
{
    struct device device = {index, NULL, NULL, NULL};
    const frameseal_epoch_config config = epoch_config();
    CHECK(frameseal_epoch_manager_new(&config, &device.manager) == FRAMESEAL_OK);
    CHECK(frameseal_stream_open(device.manager, FRAMESEAL_STREAM_INDEPENDENT, &device.stream)
          == FRAMESEAL_OK);
    CHECK(frameseal_receiver_open(device.manager, &device.receiver) == FRAMESEAL_OK);
    CHECK(add_epoch(device.manager, index, 1, people) == FRAMESEAL_OK);
    return device;
}

static inline void close_device(struct device *device)
{
    frameseal_epoch_manager_free(device->manager);
    frameseal_stream_close(device->stream);
    frameseal_receiver_close(device->receiver);
}

static inline frameseal_result stream_seal(frameseal_stream *stream, const uint8_t *payload,
                                           size_t len, uint8_t *out, size_t capacity,
                                           size_t *out_len)
{
    return frameseal_stream_encrypt(stream, 0, metadata, sizeof metadata, payload, len, out,
                                    capacity, out_len);
}

static inline frameseal_result receiver_open(const frameseal_receiver *receiver,
                                             const uint8_t *sealed, size_t len, uint8_t *out,
                                             size_t capacity, size_t *out_len,
                                             frameseal_received_info *info)
{
    return frameseal_receiver_decrypt(receiver, 0, metadata, sizeof metadata, sealed, len, out,
                                      capacity, out_len, info);
}

#endif
