/*
 * Objects in memory of the caller: wherever it begins, and never beyond it; what is no object is
 * refused; and nothing is left of one that was wiped.
 */
#include "checks.h"

#define SUITE FRAMESEAL_AES_256_GCM_SHA512_128
#define GUARD 0xEE

static _Alignas(64) uint8_t memory[FRAMESEAL_DECRYPTOR_SIZE_MAX + 64];

static void *crooked(void *pointer) { return (uint8_t *)pointer + 1; }

static bool encryptors_find_room_at_every_address(void) {
  const size_t size = frameseal_encryptor_size();
  CHECK(size <= FRAMESEAL_ENCRYPTOR_SIZE_MAX);
  for (size_t at = 1; at <= 32; at++) {
    frameseal_encryptor *made = NULL;
    fill(memory, GUARD, sizeof memory);
    CHECK(frameseal_encryptor_place(memory + at, size - 1, SUITE, &made)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(made == NULL && count(memory, GUARD, sizeof memory) == sizeof memory);
    OK(frameseal_encryptor_place(memory + at, size, SUITE, &made));
    CHECK((uint8_t *)made >= memory + at && (uintptr_t)made % sizeof(uint64_t) == 0);
    /* What was there before is gone, also from the gap behind the mark, which has the size of a
     * pointer and is followed by something that is aligned more strictly. */
    CHECK(count((uint8_t *)made + sizeof made, 0, sizeof made) == sizeof made);
    OK(frameseal_encryptor_add_key(made, KEY_ID, base_key, sizeof base_key));
    known(memory, sizeof memory);
    CHECK(count(memory, GUARD, at) == at);
    CHECK(count(memory + at + size, GUARD, sizeof memory - at - size) == sizeof memory - at - size);
    /* The key is there, and then nothing is: zeros, and gaps that were never written to. */
    CHECK(count(memory + at, 0, size) + 200 < size);
    OK(frameseal_encryptor_wipe(made));
    CHECK(count(memory + at, 0, size) + count(memory + at, GUARD, size) == size);
    CHECK(count(memory + at, GUARD, size) < 16);
  }
  return true;
}

static bool decryptors_find_room_at_every_address(void) {
  const size_t size = frameseal_decryptor_size();
  CHECK(size <= FRAMESEAL_DECRYPTOR_SIZE_MAX);
  for (size_t at = 1; at <= 32; at++) {
    frameseal_decryptor *made = NULL;
    fill(memory, GUARD, sizeof memory);
    CHECK(frameseal_decryptor_place(memory + at, size - 1, SUITE, &made)
          == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(made == NULL && count(memory, GUARD, sizeof memory) == sizeof memory);
    OK(frameseal_decryptor_place(memory + at, size, SUITE, &made));
    CHECK((uint8_t *)made >= memory + at && (uintptr_t)made % sizeof(uint64_t) == 0);
    /* What was there before is gone, also from the gap behind the mark, which has the size of a
     * pointer and is followed by something that is aligned more strictly. */
    CHECK(count((uint8_t *)made + sizeof made, 0, sizeof made) == sizeof made);
    OK(frameseal_decryptor_add_key(made, KEY_ID, base_key, sizeof base_key));
    known(memory, sizeof memory);
    CHECK(count(memory, GUARD, at) == at);
    CHECK(count(memory + at + size, GUARD, sizeof memory - at - size) == sizeof memory - at - size);
    CHECK(count(memory + at, 0, size) + 200 < size);
    OK(frameseal_decryptor_wipe(made));
    CHECK(count(memory + at, 0, size) + count(memory + at, GUARD, size) == size);
    CHECK(count(memory + at, GUARD, size) < 16);
  }
  return true;
}

static bool wrong_arguments_of_placing_are_refused(void) {
  const size_t size = sizeof memory;
  frameseal_encryptor *encryptor = NULL;
  frameseal_decryptor *decryptor = NULL;
  REFUSED(frameseal_encryptor_place(NULL, size, SUITE, &encryptor));
  REFUSED(frameseal_encryptor_place(NULL, 0, SUITE, &encryptor));
  REFUSED(frameseal_encryptor_place(memory, size, SUITE, NULL));
  REFUSED(frameseal_encryptor_place(memory, size, SUITE, crooked(&encryptor)));
  REFUSED(frameseal_encryptor_place(memory, size, SUITE, (void *)(memory + 64)));
  REFUSED(frameseal_encryptor_place(memory, size, 0, &encryptor));
  REFUSED(frameseal_encryptor_place(memory, size, 9, &encryptor));
  REFUSED(frameseal_encryptor_place(memory, SIZE_MAX, SUITE, &encryptor));
  REFUSED(frameseal_decryptor_place(NULL, size, SUITE, &decryptor));
  REFUSED(frameseal_decryptor_place(memory, size, SUITE, NULL));
  REFUSED(frameseal_decryptor_place(memory, size, SUITE, (void *)(memory + 64)));
  REFUSED(frameseal_decryptor_place(memory, size, 9, &decryptor));
  CHECK(encryptor == NULL && decryptor == NULL);
  return true;
}

/* What every function that takes an encryptor says of a handle that is none. */
static bool refused_as_encryptor(void *handle) {
  frameseal_encryptor *none = handle;
  frameseal_sending_key_status status = {.struct_size = sizeof status};
  uint8_t out[64];
  uint64_t last = 0;
  size_t len = 0;
  REFUSED(frameseal_encryptor_add_key(none, KEY_ID, base_key, sizeof base_key));
  REFUSED(frameseal_encryptor_resume_key_after(none, KEY_ID, base_key, sizeof base_key, 5));
  REFUSED(frameseal_encryptor_use_key(none, KEY_ID));
  REFUSED(frameseal_encryptor_remove_key(none, KEY_ID));
  REFUSED(frameseal_encryptor_reserve(none, KEY_ID, 1, &last));
  REFUSED(frameseal_encryptor_confirm(none, KEY_ID, 1));
  REFUSED(frameseal_encryptor_sealed_len(none, 1, &len));
  REFUSED(frameseal_encryptor_encrypt(none, NULL, 0, base_key, 1, out, sizeof out, &len));
  REFUSED(frameseal_encryptor_key_status(none, KEY_ID, &status));
  return true;
}

static bool refused_as_decryptor(void *handle) {
  frameseal_decryptor *none = handle;
  frameseal_receiving_key_status status = {.struct_size = sizeof status};
  uint8_t out[64];
  uint64_t key_id = 0;
  bool raised = false;
  size_t len = 0;
  REFUSED(frameseal_decryptor_add_key(none, KEY_ID, base_key, sizeof base_key));
  REFUSED(frameseal_decryptor_remove_key(none, KEY_ID));
  REFUSED(frameseal_decryptor_forget_key(none, KEY_ID));
  REFUSED(frameseal_decryptor_poll_forgery_alarm(none, &raised, &key_id));
  REFUSED(frameseal_decryptor_payload_len(none, base_key, 32, &len));
  REFUSED(frameseal_decryptor_decrypt(none, NULL, 0, base_key, 32, out, sizeof out, &len, NULL));
  REFUSED(frameseal_decryptor_key_status(none, KEY_ID, &status));
  return true;
}

static bool refused_as_both(void *handle) {
  return refused_as_encryptor(handle) && refused_as_decryptor(handle);
}

static bool what_is_no_object_is_refused(void) {
  static uint64_t bytes[sizeof memory / 8];
  uint8_t *const aligned = (uint8_t *)bytes;
  OK(frameseal_encryptor_wipe(NULL));
  OK(frameseal_decryptor_wipe(NULL));
  CHECK(refused_as_both(NULL));
  for (unsigned byte = 0; byte < 256; byte += 15) {
    fill(aligned, (uint8_t)byte, sizeof memory);
    CHECK(refused_as_both(aligned));
    REFUSED(frameseal_encryptor_wipe((void *)aligned));
    REFUSED(frameseal_decryptor_wipe((void *)aligned));
    CHECK(count(aligned, (uint8_t)byte, sizeof memory) == sizeof memory);
  }
  return true;
}

/* Of two live objects: their addresses, taken for something else. */
static bool objects_are_told_apart(void) {
  static uint64_t elsewhere[sizeof memory / 8];
  CHECK(make_pair(SUITE));
  CHECK(refused_as_encryptor(receiver) && refused_as_decryptor(sender));
  REFUSED(frameseal_encryptor_wipe((void *)receiver));
  REFUSED(frameseal_decryptor_wipe((void *)sender));
  CHECK(refused_as_both(crooked(sender)) && refused_as_both(crooked(receiver)));
  REFUSED(frameseal_encryptor_wipe(crooked(sender)));
  /* A copy would seal with the same nonces. */
  copy((uint8_t *)elsewhere, (const uint8_t *)sender, frameseal_encryptor_size() - 15);
  CHECK(refused_as_both(elsewhere));
  frameseal_encryptor *const was_sender = sender;
  OK(frameseal_encryptor_wipe(sender));
  OK(frameseal_decryptor_wipe(receiver));
  CHECK(refused_as_both(was_sender));
  REFUSED(frameseal_encryptor_wipe(was_sender));
  REFUSED(frameseal_decryptor_wipe(receiver));
  return true;
}

static bool placing_anew_wipes_what_was_there(void) {
  frameseal_encryptor *made = NULL;
  const size_t size = frameseal_encryptor_size();
  fill(memory, 0, sizeof memory);
  OK(frameseal_encryptor_place(memory, size, SUITE, &made));
  OK(frameseal_encryptor_add_key(made, KEY_ID, base_key, sizeof base_key));
  known(memory, size);
  const size_t with_key = count(memory, 0, size);
  OK(frameseal_encryptor_place(memory, size, SUITE, &made));
  known(memory, size);
  CHECK(count(memory, 0, size) > with_key + 200);
  CHECK(frameseal_encryptor_use_key(made, KEY_ID) == FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
  return true;
}

int main(void) {
  const bool held = encryptors_find_room_at_every_address()
                    && decryptors_find_room_at_every_address()
                    && wrong_arguments_of_placing_are_refused() && what_is_no_object_is_refused()
                    && objects_are_told_apart() && placing_anew_wipes_what_was_there();
  if (held) say("placing and wiping\n");
  return held ? 0 : 1;
}
