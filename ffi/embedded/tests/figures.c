/*
 * What the library takes: the memory of objects, and on the emulated machine the deepest stack of
 * each kind of call, of all suites. Prints numbers, for docs/embedded.md, and checks no limits.
 */
#include "checks.h"

static uint8_t frame[2000];
static size_t len;
static size_t deepest[4];

static void measure(size_t kind) {
  const size_t depth = painted_over();
  if (depth > deepest[kind]) deepest[kind] = depth;
}

static bool measure_suite(frameseal_suite suite) {
  paint_stack();
  OK(frameseal_decryptor_place(receiver_memory, sizeof receiver_memory, suite, &receiver));
  measure(0);
  OK(frameseal_encryptor_place(sender_memory, sizeof sender_memory, suite, &sender));
  paint_stack();
  OK(frameseal_decryptor_add_key(receiver, KEY_ID, base_key, sizeof base_key));
  OK(frameseal_encryptor_add_key(sender, KEY_ID, base_key, sizeof base_key));
  measure(1);
  OK(frameseal_encryptor_use_key(sender, KEY_ID));
  for (size_t size = 0; size <= 1200; size += 100) {
    paint_stack();
    OK(seal(frame, size, frame, sizeof frame, &len));
    measure(2);
    paint_stack();
    OK(open_to(frame, len, frame, sizeof frame, &len));
    measure(3);
  }
  return true;
}

static void tell(const char *name, size_t number) {
  say(name);
  say_number(number);
  say("\n");
}

int main(void) {
  for (frameseal_suite suite = 1; suite <= 8; suite++) {
    if (!measure_suite(suite)) return 1;
  }
  tell("bytes of an encryptor: ", frameseal_encryptor_size());
  tell("bytes of a decryptor: ", frameseal_decryptor_size());
  tell("stack of placing: ", deepest[0]);
  tell("stack of adding a key: ", deepest[1]);
  tell("stack of sealing: ", deepest[2]);
  tell("stack of opening: ", deepest[3]);
  return 0;
}
