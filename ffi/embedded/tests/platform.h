/*
 * What the checks need from whatever is under them: a place to tell what failed, a word to
 * valgrind, and on the emulated machine a measure of the stack. Implemented by `hosted.c` for a computer, and without
 * any library by `linux.c` and `machine.c`, which also bring what compiled code needs to begin and
 * end.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stddef.h>

void say(const char *text);

/* Paints the stack below the caller, and tells how deep it has been used since; 0 where that is not
 * known. */
void paint_stack(void);
size_t painted_over(void);

/* Says to valgrind that bytes are known. Those of an object are not where it has gaps. */
void known(const void *bytes, size_t len);

#endif
