/*
 * Calls that come in the middle of others, from an interrupt, on the emulated machine: those on the
 * same object are refused, those on another one work, and what was interrupted comes to its end.
 */
#include "checks.h"

#define SUITE FRAMESEAL_AES_128_CTR_HMAC_SHA256_80

/* The timer of every Cortex-M. */
#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014)

static frameseal_encryptor *own;
static volatile unsigned ticks, refused, sealed, own_sealed, wrong;

/* On every tick: a frame with the object that may be in use, and one with an object of its own. */
void tick(void);
void tick(void) {
  static uint8_t out[64];
  size_t len = 0;
  ticks++;
  switch (seal(base_key, 16, out, sizeof out, &len)) {
    case FRAMESEAL_OK: sealed++; break;
    case FRAMESEAL_ERROR_INVALID_ARGUMENT: refused++; break;
    default: wrong++;
  }
  if (frameseal_encryptor_encrypt(own, NULL, 0, base_key, 16, out, sizeof out, &len)
      == FRAMESEAL_OK) {
    own_sealed++;
  }
}

static bool frames_are_sealed_once(void) {
  static uint8_t frame[400];
  uint64_t expected = 0;
  size_t len = 0;
  for (unsigned number = 0; number < 200; number++) {
    frameseal_header header = {0};
    OK(seal(frame, 300, frame, sizeof frame, &len));
    OK(frameseal_header_peek(frame, len, &header));
    /* Each counter at most once: that of the tick in between is another. */
    CHECK(number == 0 || header.counter > expected);
    expected = header.counter;
    OK(open_to(frame, len, frame, sizeof frame, &len));
    CHECK(len == 300);
  }
  SYSTICK_CONTROL = 0;
  CHECK(expected + 1 <= 200 + sealed && 200 + sealed <= expected + 1 + sealed);
  return true;
}

int main(void) {
  static uint8_t own_memory[FRAMESEAL_ENCRYPTOR_SIZE_MAX];
  if (!make_pair(SUITE)
      || frameseal_encryptor_place(own_memory, sizeof own_memory, SUITE, &own) != FRAMESEAL_OK
      || frameseal_encryptor_add_key(own, 8, base_key, sizeof base_key) != FRAMESEAL_OK
      || frameseal_encryptor_use_key(own, 8) != FRAMESEAL_OK) {
    return 1;
  }
  SYSTICK_RELOAD = 40000;
  SYSTICK_CONTROL = 7;
  if (!frames_are_sealed_once()) return 1;
  say_number(ticks);
  say(" interrupts, ");
  say_number(refused);
  say(" during a call\n");
  return refused > 0 && sealed > 0 && wrong == 0 && own_sealed == ticks ? 0 : 1;
}
