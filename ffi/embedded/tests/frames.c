/*
 * Frames: all suites, buffers that overlap in any way or are too small, changed and replayed frames,
 * and arguments that cannot be right.
 */
#include "checks.h"

#define LEN 100
#define ROOM (LEN + FRAMESEAL_MAX_HEADER_LEN + FRAMESEAL_MAX_TAG_LEN)

static uint8_t payload[300];
/* Aligned, for places of answers inside of them. */
static _Alignas(8) uint8_t buffer[600], other[600];

static void make_payload(void) {
  for (size_t at = 0; at < sizeof payload; at++) payload[at] = (uint8_t)(at * 7 + 1);
}

static bool frames_of_every_size_open(void) {
  for (size_t size = 0; size <= sizeof payload; size += 1 + size / 9) {
    size_t len = 0, opened_len = 0;
    frameseal_open_info info = {.struct_size = sizeof info};
    OK(seal(payload, size, buffer, sizeof buffer, &len));
    OK(frameseal_decryptor_payload_len(receiver, buffer, len, &opened_len));
    CHECK(opened_len == size);
    OK(frameseal_decryptor_decrypt(receiver, metadata, sizeof metadata, buffer, len, other,
                                   sizeof other, &opened_len, &info));
    CHECK(opened_len == size && same(other, payload, size));
    CHECK(info.key_id == KEY_ID && info.payload_len == size);
  }
  return true;
}

/* Payload, frame and output in one buffer, at every distance from each other. */
static bool buffers_may_overlap_in_any_way(void) {
  for (size_t at = 0; at <= 2 * ROOM; at += 3) {
    size_t len = 0;
    uint8_t *start = buffer + ROOM;
    copy(start, payload, LEN);
    OK(seal(start, LEN, buffer + at, ROOM, &len));
    copy(other, buffer + at, len);
    fill(buffer, 0, sizeof buffer);
    copy(start, other, len);
    OK(open_to(start, len, buffer + at, LEN, &len));
    CHECK(len == LEN && same(buffer + at, payload, LEN));
  }
  return true;
}

static bool changed_frames_are_refused(void) {
  size_t len = 0, opened_len = 0;
  frameseal_header header = {0};
  OK(seal(payload, LEN, buffer, sizeof buffer, &len));
  OK(frameseal_header_peek(buffer, len, &header));
  for (size_t at = 0; at < len; at++) {
    buffer[at] ^= 0x10;
    fill(other, 0, sizeof other);
    frameseal_result rc = open_to(buffer, len, other, sizeof other, &opened_len);
    /* A changed header is that of another frame: of an old one, or of another key. */
    CHECK(rc == FRAMESEAL_ERROR_AUTHENTICATION || (at < header.len && rc != FRAMESEAL_OK));
    CHECK(!same(other, payload, LEN));
    /* In place, too, where the frame stays as it came. */
    copy(other, buffer, len);
    CHECK(open_to(buffer, len, buffer, sizeof buffer, &opened_len) == rc);
    CHECK(same(buffer, other, len));
    buffer[at] ^= 0x10;
  }
  CHECK(frameseal_decryptor_decrypt(receiver, metadata, sizeof metadata - 1, buffer, len, other,
                                    sizeof other, &opened_len, NULL)
        == FRAMESEAL_ERROR_AUTHENTICATION);
  OK(open_to(buffer, len, other, sizeof other, &opened_len));
  CHECK(same(other, payload, LEN));
  return true;
}

static bool replayed_frames_are_refused(void) {
  size_t len = 0, old_len = 0, opened_len = 0;
  static uint8_t old[ROOM];
  OK(seal(payload, LEN, old, sizeof old, &old_len));
  OK(open_to(old, old_len, other, sizeof other, &opened_len));
  CHECK(open_to(old, old_len, other, sizeof other, &opened_len) == FRAMESEAL_ERROR_REPLAY);
  OK(seal(payload, LEN, old, sizeof old, &old_len));
  /* That one was not opened, and is too old when the window has passed it. */
  for (unsigned number = 0; number < FRAMESEAL_REPLAY_WINDOW; number++) {
    OK(seal(payload, 1, buffer, sizeof buffer, &len));
  }
  OK(open_to(buffer, len, other, sizeof other, &opened_len));
  CHECK(open_to(old, old_len, other, sizeof other, &opened_len) == FRAMESEAL_ERROR_REPLAY);
  return true;
}

static bool small_buffers_are_told_what_is_needed(void) {
  size_t needed = 0, len = 0, opened_len = 0;
  OK(frameseal_encryptor_sealed_len(sender, LEN, &needed));
  for (size_t capacity = 0; capacity < needed; capacity += 5) {
    fill(buffer, 0xEE, sizeof buffer);
    CHECK(seal(payload, LEN, buffer, capacity, &len) == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(len == needed && count(buffer, 0xEE, sizeof buffer) == sizeof buffer);
  }
  OK(seal(payload, LEN, buffer, needed, &len));
  CHECK(len == needed);
  for (size_t capacity = 0; capacity < LEN; capacity += 5) {
    fill(other, 0xEE, sizeof other);
    CHECK(open_to(buffer, len, other, capacity, &opened_len) == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(opened_len == LEN && count(other, 0xEE, sizeof other) == sizeof other);
  }
  OK(open_to(buffer, len, other, LEN, &opened_len));
  CHECK(other[LEN] == 0xEE);
  return true;
}

static bool a_frame_is_sealed_where_its_payload_lies(frameseal_suite suite) {
  size_t needed = 0, offset = 0, len = 0, opened_len = 0;
  OK(frameseal_encryptor_sealed_len(sender, LEN, &needed));
  const size_t front = 20, header = needed - LEN - frameseal_suite_tag_len(suite);
  fill(buffer, 0xEE, sizeof buffer);
  copy(buffer + front, payload, LEN);
  CHECK(frameseal_encryptor_encrypt_in_place(sender, metadata, sizeof metadata, buffer, ROOM,
                                             header - 1, LEN, &offset,
                                             &len)
        == FRAMESEAL_ERROR_HEADROOM_TOO_SMALL);
  CHECK(offset == header);
  CHECK(frameseal_encryptor_encrypt_in_place(sender, metadata, sizeof metadata, buffer,
                                             front + LEN, front, LEN,
                                             &offset, &len)
        == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
  CHECK(len == front - header + needed && count(buffer, 0xEE, front) == front);
  OK(frameseal_encryptor_encrypt_in_place(sender, metadata, sizeof metadata, buffer, len, front,
                                          LEN, &offset, &len));
  CHECK(offset == front - header && len == needed && count(buffer, 0xEE, offset) == offset);
  OK(open_to(buffer + offset, len, other, ROOM, &opened_len));
  CHECK(opened_len == LEN && same(other, payload, LEN));
  REFUSED(frameseal_encryptor_encrypt_in_place(NULL, NULL, 0, buffer, ROOM, front, LEN, &offset,
                                               &len));
  REFUSED(frameseal_encryptor_encrypt_in_place(sender, buffer, 9, buffer, ROOM, front, LEN, &offset,
                                               &len));
  return true;
}

static bool wrong_arguments_of_sealing_are_refused(void) {
  size_t len = 0;
  size_t *inside = (size_t *)(void *)(buffer + 64);
  size_t *crooked = (size_t *)(void *)((uint8_t *)&len + 1);
  REFUSED(frameseal_encryptor_encrypt(NULL, NULL, 0, payload, LEN, buffer, ROOM, &len));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 1, payload, LEN, buffer, ROOM, &len));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 0, NULL, LEN, buffer, ROOM, &len));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 0, payload, LEN, NULL, ROOM, &len));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 0, payload, LEN, buffer, ROOM, NULL));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 0, payload, LEN, buffer, ROOM, crooked));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 0, payload, LEN, buffer, ROOM, inside));
  REFUSED(frameseal_encryptor_encrypt(sender, buffer, 9, payload, LEN, buffer, ROOM, &len));
  REFUSED(frameseal_encryptor_encrypt(sender, NULL, 0, payload, SIZE_MAX, buffer, ROOM, &len));
  REFUSED(frameseal_encryptor_sealed_len(sender, SIZE_MAX, &len));
  return true;
}

static bool wrong_arguments_of_opening_are_refused(void) {
  size_t len = 0, opened = 0;
  frameseal_open_info info = {.struct_size = 3}, *inside = (void *)(other + 64);
  OK(seal(payload, LEN, buffer, sizeof buffer, &len));
  REFUSED(frameseal_decryptor_decrypt(NULL, NULL, 0, buffer, len, other, ROOM, &opened, NULL));
  REFUSED(frameseal_decryptor_decrypt(receiver, NULL, 1, buffer, len, other, ROOM, &opened, NULL));
  REFUSED(frameseal_decryptor_decrypt(receiver, NULL, 0, NULL, len, other, ROOM, &opened, NULL));
  REFUSED(frameseal_decryptor_decrypt(receiver, NULL, 0, buffer, len, NULL, ROOM, &opened, NULL));
  REFUSED(frameseal_decryptor_decrypt(receiver, NULL, 0, buffer, len, other, ROOM, NULL, NULL));
  REFUSED(frameseal_decryptor_decrypt(receiver, NULL, 0, buffer, len, other, ROOM, &opened, &info));
  inside->struct_size = sizeof info;
  REFUSED(frameseal_decryptor_decrypt(receiver, NULL, 0, buffer, len, other, ROOM, &opened,
                                      inside));
  REFUSED(frameseal_decryptor_decrypt(receiver, other, 9, buffer, len, other, ROOM, &opened, NULL));
  REFUSED(frameseal_decryptor_payload_len(receiver, buffer, len, NULL));
  CHECK(open_to(NULL, 0, other, ROOM, &opened) == FRAMESEAL_ERROR_SYNTAX);
  return true;
}

static bool all_with(frameseal_suite suite) {
  return make_pair(suite) && frames_of_every_size_open() && buffers_may_overlap_in_any_way()
         && changed_frames_are_refused() && replayed_frames_are_refused()
         && small_buffers_are_told_what_is_needed()
         && a_frame_is_sealed_where_its_payload_lies(suite)
         && wrong_arguments_of_sealing_are_refused()
         && wrong_arguments_of_opening_are_refused();
}

int main(void) {
  make_payload();
  for (frameseal_suite suite = 1; suite <= 8; suite++) {
    if (!all_with(suite)) return 1;
  }
  say("frames of all suites\n");
  return 0;
}
