/*
 * Frames sealed and opened on a device that has neither an allocator nor an operating system: all
 * memory is static, and nothing is called but frameseal. The same program runs on a computer:
 *
 *   cargo build --release --manifest-path ffi/embedded/Cargo.toml
 *   cc -Iinclude examples/c/embedded.c ffi/embedded/target/release/libframeseal_embedded.a -o /tmp/embedded
 *
 * docs/embedded.md tells how it is built for a microcontroller.
 */
#define FRAMESEAL_NO_ALLOC
#include "frameseal.h"

#define KEY_ID 7
#define SAMPLES 160 /* 20 ms of sound */

/* Wherever they begin: objects find their alignment by themselves. */
static uint8_t sender_memory[FRAMESEAL_ENCRYPTOR_SIZE_MAX];
static uint8_t receiver_memory[FRAMESEAL_DECRYPTOR_SIZE_MAX];

/* Of a real device: random, and known to both ends, from its key management. */
static uint8_t base_key[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                               '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
static const uint8_t metadata[] = {'d', 'o', 'o', 'r'};

/* A frame of the microphone; every one is another. */
static void record(uint8_t *samples, unsigned number) {
  for (size_t at = 0; at < SAMPLES; at++) {
    samples[at] = (uint8_t)(number + at);
  }
}

static bool is_recorded(const uint8_t *samples, size_t len, unsigned number) {
  for (size_t at = 0; at < len; at++) {
    if (samples[at] != (uint8_t)(number + at)) return false;
  }
  return len == SAMPLES;
}

/* Seals a frame where it is recorded, and opens it where it is received. */
static frameseal_result send_one(frameseal_encryptor *sender, frameseal_decryptor *receiver,
                                 unsigned number) {
  static uint8_t frame[SAMPLES + FRAMESEAL_MAX_HEADER_LEN + FRAMESEAL_MAX_TAG_LEN];
  size_t len = 0;

  record(frame, number);
  frameseal_result rc = frameseal_encryptor_encrypt(sender, metadata, sizeof metadata, frame,
                                                    SAMPLES, frame, sizeof frame, &len);
  if (rc != FRAMESEAL_OK) return rc;
  /* Here it goes over the network: `len` bytes of `frame`. */
  rc = frameseal_decryptor_decrypt(receiver, metadata, sizeof metadata, frame, len, frame,
                                   sizeof frame, &len, NULL);
  if (rc == FRAMESEAL_OK && !is_recorded(frame, len, number)) rc = FRAMESEAL_ERROR_INTERNAL;
  return rc;
}

int main(void) {
  frameseal_encryptor *sender = NULL;
  frameseal_decryptor *receiver = NULL;

  frameseal_result rc = frameseal_encryptor_place(sender_memory, sizeof sender_memory,
                                                  FRAMESEAL_AES_128_GCM_SHA256_128, &sender);
  if (rc == FRAMESEAL_OK)
    rc = frameseal_decryptor_place(receiver_memory, sizeof receiver_memory,
                                   FRAMESEAL_AES_128_GCM_SHA256_128, &receiver);
  if (rc == FRAMESEAL_OK)
    rc = frameseal_encryptor_add_key(sender, KEY_ID, base_key, sizeof base_key);
  if (rc == FRAMESEAL_OK) rc = frameseal_encryptor_use_key(sender, KEY_ID);
  if (rc == FRAMESEAL_OK)
    rc = frameseal_decryptor_add_key(receiver, KEY_ID, base_key, sizeof base_key);

  for (unsigned number = 0; number < 50 && rc == FRAMESEAL_OK; number++) {
    rc = send_one(sender, receiver, number);
  }

  frameseal_result wiped = frameseal_encryptor_wipe(sender);
  if (rc == FRAMESEAL_OK) rc = wiped;
  wiped = frameseal_decryptor_wipe(receiver);
  if (rc == FRAMESEAL_OK) rc = wiped;
  return rc == FRAMESEAL_OK ? 0 : 1;
}
