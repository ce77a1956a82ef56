/*
 * The platform of the checks on Linux on x86-64 without a C library: system calls, and the four
 * memory functions that compilers call. So it is seen that the library needs nothing else.
 */
#include "platform.h"

int main(void);

static long system_call(long number, long first, long second, long third) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(first), "S"(second), "d"(third)
                   : "rcx", "r11", "memory");
  return result;
}

void say(const char *text) {
  size_t len = 0;
  while (text[len] != 0) len++;
  (void)system_call(1, 1, (long)text, (long)len);
}

void paint_stack(void) {}

size_t painted_over(void) { return 0; }

void known(const void *bytes, size_t len) {
  (void)bytes;
  (void)len;
}

void begin(void);
void begin(void) {
  (void)system_call(231, main(), 0, 0);
  for (;;) {
  }
}

/* The kernel enters here; a function wants the stack aligned as after a call. */
__asm__(".globl _start\n"
        "_start: xor %ebp, %ebp\n"
        "and $-16, %rsp\n"
        "call begin\n");

/* Compiled without builtins, so that no loop becomes a call of the very function. */
void *memcpy(void *restrict to, const void *restrict from, size_t len) {
  unsigned char *out = to;
  const unsigned char *in = from;
  for (size_t at = 0; at < len; at++) out[at] = in[at];
  return to;
}

void *memmove(void *to, const void *from, size_t len) {
  unsigned char *out = to;
  const unsigned char *in = from;
  if (out < in) return memcpy(to, from, len);
  for (size_t at = len; at > 0; at--) out[at - 1] = in[at - 1];
  return to;
}

void *memset(void *to, int byte, size_t len) {
  unsigned char *out = to;
  for (size_t at = 0; at < len; at++) out[at] = (unsigned char)byte;
  return to;
}

int memcmp(const void *one, const void *other, size_t len) {
  const unsigned char *a = one, *b = other;
  for (size_t at = 0; at < len; at++) {
    if (a[at] != b[at]) return a[at] < b[at] ? -1 : 1;
  }
  return 0;
}

int bcmp(const void *one, const void *other, size_t len) { return memcmp(one, other, len); }
