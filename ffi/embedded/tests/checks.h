/*
 * What the checks share: a way to say what does not hold, and a pair of objects with one key. They
 * need no C library, so that the same programs run on a bare machine.
 */
#ifndef CHECKS_H
#define CHECKS_H

#define FRAMESEAL_NO_ALLOC
#include "frameseal.h"
#include "platform.h"

/* In a function that answers whether all held. */
#define CHECK(condition)                      \
  do {                                        \
    if (!(condition)) {                       \
      say_place(__FILE__, __LINE__);          \
      return false;                           \
    }                                         \
  } while (0)

#define REFUSED(call) CHECK((call) == FRAMESEAL_ERROR_INVALID_ARGUMENT)
#define OK(call) CHECK((call) == FRAMESEAL_OK)

static inline void say_number(size_t number) {
  char digits[24];
  size_t at = sizeof digits - 1;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  say(digits + at);
}

static inline void say_place(const char *file, size_t line) {
  say(file);
  say(":");
  say_number(line);
  say(" does not hold\n");
}

static inline void fill(uint8_t *bytes, uint8_t byte, size_t len) {
  for (size_t at = 0; at < len; at++) bytes[at] = byte;
}

static inline void copy(uint8_t *to, const uint8_t *from, size_t len) {
  for (size_t at = 0; at < len; at++) to[at] = from[at];
}

static inline bool same(const uint8_t *one, const uint8_t *other, size_t len) {
  for (size_t at = 0; at < len; at++) {
    if (one[at] != other[at]) return false;
  }
  return true;
}

static inline size_t count(const uint8_t *bytes, uint8_t byte, size_t len) {
  size_t found = 0;
  for (size_t at = 0; at < len; at++) found += bytes[at] == byte;
  return found;
}

#define KEY_ID 7
static const uint8_t base_key[32] = "0123456789abcdefghijklmnopqrstu";
static const uint8_t metadata[] = "metadata";

static uint8_t sender_memory[FRAMESEAL_ENCRYPTOR_SIZE_MAX];
static uint8_t receiver_memory[FRAMESEAL_DECRYPTOR_SIZE_MAX];
static frameseal_encryptor *sender;
static frameseal_decryptor *receiver;

/* Both with one key, of which the sender has sealed nothing. */
static inline bool make_pair(frameseal_suite suite) {
  OK(frameseal_encryptor_place(sender_memory, sizeof sender_memory, suite, &sender));
  OK(frameseal_encryptor_add_key(sender, KEY_ID, base_key, sizeof base_key));
  OK(frameseal_encryptor_use_key(sender, KEY_ID));
  OK(frameseal_decryptor_place(receiver_memory, sizeof receiver_memory, suite, &receiver));
  OK(frameseal_decryptor_add_key(receiver, KEY_ID, base_key, sizeof base_key));
  return true;
}

static inline frameseal_result seal(const uint8_t *payload, size_t payload_len, uint8_t *out,
                                    size_t capacity, size_t *len) {
  return frameseal_encryptor_encrypt(sender, metadata, sizeof metadata, payload, payload_len, out,
                                     capacity, len);
}

static inline frameseal_result open_to(const uint8_t *sealed, size_t sealed_len, uint8_t *out,
                                       size_t capacity, size_t *len) {
  return frameseal_decryptor_decrypt(receiver, metadata, sizeof metadata, sealed, sealed_len, out,
                                     capacity, len, NULL);
}

#endif
