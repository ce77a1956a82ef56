/*
 * The vectors of RFC 9605 appendix C.3 and of its successor's suites, sealed and opened: so the
 * ciphers are right on this processor. `vectors.h` is written from tests/vectors/sframe.txt by
 * tests/embedded.sh.
 */
#include "checks.h"
#include "vectors.h"

static uint8_t out[sizeof vectors[0].sealed];
static size_t len;

static bool seals(const struct vector *it) {
  uint64_t last = 0;
  OK(frameseal_encryptor_place(sender_memory, sizeof sender_memory, it->suite, &sender));
  /* The counter of the vector is the next one, and the only one. */
  OK(frameseal_encryptor_resume_key_after(sender, it->key_id, it->base_key, it->base_key_len,
                                          it->counter - 1));
  OK(frameseal_encryptor_use_key(sender, it->key_id));
  OK(frameseal_encryptor_reserve(sender, it->key_id, 1, &last));
  CHECK(last == it->counter);
  OK(frameseal_encryptor_confirm(sender, it->key_id, last));
  OK(frameseal_encryptor_encrypt(sender, it->metadata, it->metadata_len, it->payload,
                                 it->payload_len, out, sizeof out, &len));
  CHECK(len == it->sealed_len && same(out, it->sealed, len));
  return true;
}

static bool opens(const struct vector *it) {
  frameseal_open_info info = {.struct_size = sizeof info};
  OK(frameseal_decryptor_place(receiver_memory, sizeof receiver_memory, it->suite, &receiver));
  OK(frameseal_decryptor_add_key(receiver, it->key_id, it->base_key, it->base_key_len));
  OK(frameseal_decryptor_decrypt(receiver, it->metadata, it->metadata_len, it->sealed,
                                 it->sealed_len, out, sizeof out, &len, &info));
  CHECK(len == it->payload_len && same(out, it->payload, len));
  CHECK(info.key_id == it->key_id && info.counter == it->counter);
  return true;
}

int main(void) {
  size_t done = 0;
  for (; done < sizeof vectors / sizeof vectors[0]; done++) {
    if (!seals(&vectors[done]) || !opens(&vectors[done])) return 1;
  }
  say_number(done);
  say(" vectors, sealed and opened\n");
  return done == 8 ? 0 : 1;
}
