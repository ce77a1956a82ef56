/*
 * The platform of the checks on a bare Cortex-M4 with a floating point unit, as QEMU's machine
 * mps2-an386 emulates it: the vector table, what must happen before `main`, and semihosting, by
 * which the emulator prints and ends. `machine.ld` says where things lie.
 */
#include <stdint.h>

#include "platform.h"

int main(void);

extern uint8_t stack_top[], stack_bottom[];
extern uint8_t data_start[], data_end[], data_in_flash[];
extern uint8_t bss_start[], bss_end[];

/* Semihosting: the operation in r0, its argument in r1. */
static void ask_emulator(uint32_t operation, const void *argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void end(uint32_t status) {
  /* SYS_EXIT_EXTENDED with ADP_Stopped_ApplicationExit. */
  const uint32_t block[2] = {0x20026, status};
  ask_emulator(0x20, block);
  for (;;) {
  }
}

void say(const char *text) { ask_emulator(4, text); }

void known(const void *bytes, size_t len) {
  (void)bytes;
  (void)len;
}

static volatile uint8_t *stack_pointer(void) {
  volatile uint8_t *pointer;
  __asm__ volatile("mov %0, sp" : "=r"(pointer));
  return pointer;
}

static volatile uint8_t *painted_from;

#define PAINT 0xA5
/* What the caller and the painting itself have below their stack pointers is not painted. */
#define MARGIN 64

void paint_stack(void) {
  painted_from = stack_pointer() - MARGIN;
  for (volatile uint8_t *at = stack_bottom; at < painted_from; at++) *at = PAINT;
}

size_t painted_over(void) {
  volatile uint8_t *at = stack_bottom;
  while (at < painted_from && *at == PAINT) at++;
  return (size_t)(painted_from - at);
}

void reset(void);
void reset(void) {
  /* Full access to the floating point unit, before any code may use it. */
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
  const uint8_t *from = data_in_flash;
  for (uint8_t *to = data_start; to < data_end; to++) *to = *from++;
  for (uint8_t *at = bss_start; at < bss_end; at++) *at = 0;
  end((uint32_t)main());
}

static void fault(void) {
  say("a fault of the processor\n");
  end(99);
}

/* What the timer calls; a program that starts it has its own. */
void tick(void);
__attribute__((weak)) void tick(void) { fault(); }

struct vectors {
  uint8_t *stack;
  void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     fault, tick}};
