// Whether errors throw. All of frameseal.hpp is in an inline namespace of that mode, so that parts
// of a program that were compiled in different modes have different types and never run one mode's
// code by chance; where they pass such types to one another they do not link.
#ifndef FRAMESEAL_MODE_HPP
#define FRAMESEAL_MODE_HPP

#include "../frameseal.h"

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "frameseal.hpp needs C++17"
#endif

#if defined(FRAMESEAL_EXCEPTIONS)
#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#error "FRAMESEAL_EXCEPTIONS is defined, and the compiler was told to do without exceptions"
#endif
#define FRAMESEAL_MODE errors_throw
#else
#define FRAMESEAL_MODE errors_abort
#endif

#endif
