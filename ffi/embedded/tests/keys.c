/*
 * Keys: as many as there is room for, removed and forgotten, their counters across restarts, what is
 * told of them, and what is computed without an object.
 */
#include "checks.h"

#define SUITE FRAMESEAL_AES_128_GCM_SHA256_128

static uint8_t out[64];
static size_t len;

static bool places_are_limited(void) {
  CHECK(make_pair(SUITE));
  for (uint64_t id = 1; id < FRAMESEAL_SENDING_KEYS; id++) {
    OK(frameseal_encryptor_add_key(sender, KEY_ID + id, base_key, 16));
  }
  CHECK(frameseal_encryptor_add_key(sender, 99, base_key, 16) == FRAMESEAL_ERROR_CAPACITY);
  for (uint64_t id = 1; id < FRAMESEAL_RECEIVING_KEYS; id++) {
    OK(frameseal_decryptor_add_key(receiver, KEY_ID + id, base_key, 16));
  }
  CHECK(frameseal_decryptor_add_key(receiver, 99, base_key, 16) == FRAMESEAL_ERROR_CAPACITY);
  /* A removed key keeps its place, a forgotten one does not. */
  OK(frameseal_decryptor_remove_key(receiver, KEY_ID + 1));
  CHECK(frameseal_decryptor_add_key(receiver, 99, base_key, 16) == FRAMESEAL_ERROR_CAPACITY);
  OK(frameseal_decryptor_forget_key(receiver, KEY_ID + 1));
  OK(frameseal_decryptor_add_key(receiver, 99, base_key, 16));
  return true;
}

static bool key_ids_keep_their_keys(void) {
  CHECK(make_pair(SUITE));
  CHECK(frameseal_encryptor_add_key(sender, KEY_ID, base_key + 1, 16)
        == FRAMESEAL_ERROR_KEY_ID_IN_USE);
  CHECK(frameseal_decryptor_add_key(receiver, KEY_ID, base_key + 1, 16)
        == FRAMESEAL_ERROR_KEY_ID_IN_USE);
  CHECK(frameseal_encryptor_use_key(sender, 99) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
  REFUSED(frameseal_encryptor_add_key(sender, 99, base_key, 15));
  REFUSED(frameseal_encryptor_add_key(sender, 99, NULL, 16));
  REFUSED(frameseal_decryptor_add_key(receiver, 99, NULL, 16));
  return true;
}

static bool a_removed_key_remembers_its_counter(void) {
  frameseal_sending_key_status sending = {.struct_size = sizeof sending};
  frameseal_receiving_key_status receiving = {.struct_size = sizeof receiving};
  CHECK(make_pair(SUITE));
  OK(seal(base_key, 5, out, sizeof out, &len));
  OK(open_to(out, len, out, sizeof out, &len));
  OK(frameseal_encryptor_remove_key(sender, KEY_ID));
  CHECK(seal(base_key, 5, out, sizeof out, &len) == FRAMESEAL_ERROR_NO_SENDING_KEY);
  OK(frameseal_encryptor_key_status(sender, KEY_ID, &sending));
  CHECK(sending.next_counter == 1 && sending.frames == 1 && !sending.active && !sending.exhausted);
  OK(frameseal_decryptor_key_status(receiver, KEY_ID, &receiving));
  CHECK(receiving.highest_counter == 0 && receiving.has_highest_counter && receiving.active);
  CHECK(receiving.opened == 1 && receiving.fingerprint == sending.fingerprint);
  OK(frameseal_encryptor_add_key(sender, KEY_ID, base_key, sizeof base_key));
  OK(frameseal_encryptor_use_key(sender, KEY_ID));
  OK(seal(base_key, 5, out, sizeof out, &len));
  frameseal_header header = {0};
  OK(frameseal_header_peek(out, len, &header));
  CHECK(header.key_id == KEY_ID && header.counter == 1 && header.len == 1);
  CHECK(frameseal_encryptor_key_status(sender, 99, &sending) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
  sending.struct_size = 0;
  REFUSED(frameseal_encryptor_key_status(sender, KEY_ID, &sending));
  REFUSED(frameseal_decryptor_key_status(receiver, KEY_ID, NULL));
  return true;
}

static bool no_counter_comes_twice_across_restarts(void) {
  uint64_t stored = 0;
  frameseal_header header = {0};
  CHECK(make_pair(SUITE));
  OK(frameseal_encryptor_reserve(sender, KEY_ID, 2, &stored));
  CHECK(seal(base_key, 5, out, sizeof out, &len) == FRAMESEAL_ERROR_RESERVATION_NEEDED);
  OK(frameseal_encryptor_confirm(sender, KEY_ID, stored));
  OK(seal(base_key, 5, out, sizeof out, &len));
  OK(seal(base_key, 5, out, sizeof out, &len));
  CHECK(seal(base_key, 5, out, sizeof out, &len) == FRAMESEAL_ERROR_RESERVATION_NEEDED);
  OK(frameseal_encryptor_wipe(sender));

  OK(frameseal_encryptor_place(sender_memory, sizeof sender_memory, SUITE, &sender));
  OK(frameseal_encryptor_resume_key_after(sender, KEY_ID, base_key, sizeof base_key, stored));
  OK(frameseal_encryptor_use_key(sender, KEY_ID));
  CHECK(seal(base_key, 5, out, sizeof out, &len) == FRAMESEAL_ERROR_RESERVATION_NEEDED);
  OK(frameseal_encryptor_reserve(sender, KEY_ID, 1, &stored));
  OK(frameseal_encryptor_confirm(sender, KEY_ID, stored));
  OK(seal(base_key, 5, out, sizeof out, &len));
  OK(frameseal_header_peek(out, len, &header));
  CHECK(header.counter == 2);
  return true;
}

static bool forgeries_are_counted(void) {
  uint64_t key_id = 0;
  bool raised = true;
  frameseal_receiving_key_status status = {.struct_size = sizeof status};
  CHECK(make_pair(SUITE));
  OK(seal(base_key, 5, out, sizeof out, &len));
  out[len - 1] ^= 1;
  CHECK(open_to(out, len, out, sizeof out, &len) == FRAMESEAL_ERROR_AUTHENTICATION);
  OK(frameseal_decryptor_key_status(receiver, KEY_ID, &status));
  CHECK(status.failed_opens == 1 && status.opened == 0);
  OK(frameseal_decryptor_poll_forgery_alarm(receiver, &raised, &key_id));
  CHECK(!raised);
  REFUSED(frameseal_decryptor_poll_forgery_alarm(receiver, NULL, &key_id));
  return true;
}

static bool is_text(const char *text, const char *expected) {
  size_t at = 0;
  while (text[at] == expected[at] && text[at] != 0) at++;
  return text[at] == expected[at];
}

static bool what_needs_no_object_is_computed(void) {
  uint8_t key[FRAMESEAL_MAX_HASH_LEN], stream_key[FRAMESEAL_MAX_HASH_LEN];
  frameseal_header header = {0};
  CHECK(frameseal_version_number() == FRAMESEAL_VERSION_NUMBER && *frameseal_version() != 0);
  CHECK(*frameseal_version_text() == *frameseal_version());
  CHECK(is_text(frameseal_suite_name(SUITE), "AES_128_GCM_SHA256_128"));
  CHECK(frameseal_suite_name(9) == NULL && frameseal_max_overhead(9) == 0);
  CHECK(frameseal_suite_key_len(SUITE) == 16 && frameseal_suite_tag_len(SUITE) == 16);
  CHECK(frameseal_suite_hash_len(SUITE) == 32 && frameseal_max_overhead(SUITE) == 33);
  CHECK(is_text(frameseal_result_text(FRAMESEAL_OK), "success"));
  CHECK(is_text(frameseal_result_text(-1), "unknown result"));
  CHECK(frameseal_header_peek(NULL, 0, &header) == FRAMESEAL_ERROR_SYNTAX);
  REFUSED(frameseal_header_peek(base_key, 1, NULL));
  OK(frameseal_base_key_ratchet(SUITE, base_key, 16, key, sizeof key, &len));
  CHECK(len == 32 && !same(key, base_key, 16));
  OK(frameseal_base_key_for_ssrc(SUITE, base_key, 16, 5, stream_key, sizeof stream_key, &len));
  CHECK(len == 32 && !same(key, stream_key, 32));
  CHECK(frameseal_base_key_ratchet(SUITE, base_key, 16, key, 31, &len)
        == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
  CHECK(len == 32);
  return true;
}

int main(void) {
  const bool held = places_are_limited() && key_ids_keep_their_keys()
                    && a_removed_key_remembers_its_counter()
                    && no_counter_comes_twice_across_restarts() && forgeries_are_counted()
                    && what_needs_no_object_is_computed();
  if (held) say("keys\n");
  return held ? 0 : 1;
}
