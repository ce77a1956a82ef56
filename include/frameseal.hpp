// frameseal for C++17: end-to-end encryption of media frames, SFrame (RFC 9605). A layer over
// frameseal.h, in headers only: link the C library.
//
//     auto alice = frameseal::Encryptor::create(frameseal::Suite::aes_128_gcm_sha256_128);
//     if (!alice) { return alice.error().message(); }
//     auto sealed = alice->encrypt("metadata", frame);
//
// Objects. `Encryptor`, `Decryptor`, `EpochManager`, `Stream`, `Receiver`, `SenderKeys`, `Monitor`
// and `HoldingBuffer` own what they stand for: they are moved, not copied, and the last owner frees
// it. On one that was moved from, every call answers `ErrorCode::invalid_argument`; it can be
// destroyed and assigned to.
//
// Threads. Every function of an object may be called from any thread, at the same time as others:
// the library sees to their order. `Decryptor::decrypt` and `Receiver::decrypt` run side by side;
// others on the same object may wait for each other. Only to move, assign or destroy an
// object, nobody else may be using it.
//
// Errors. What can fail answers a `Result`, which cannot be left unseen. `value()`, `*` and `->` of
// one that holds an error call `std::abort`, or throw `frameseal::Exception` where
// FRAMESEAL_EXCEPTIONS is defined; nothing else throws, but what `std::vector` and `std::string`
// throw when memory is out. Compiles with -fno-exceptions and -fno-rtti.
//
// Bytes. `Bytes` and `MutableBytes` are views that are used during the call only. Fields of
// structures copy what they are given, or are `BorrowedBytes`, which refuse temporaries. A function with a
// `MutableBytes` for its answer allocates nothing and answers the part that it wrote; without one,
// it answers a `std::vector`. Which views may overlap is said by the C function.
//
// Time is `Millis` on a clock of the application that is not set back, such as steady_clock.
//
// The comments here are short: the function of the same name in frameseal.h says all about sizes,
// errors and what is left in a buffer when a call fails.
#ifndef FRAMESEAL_HPP
#define FRAMESEAL_HPP

#ifdef FRAMESEAL_NO_ALLOC
#error "the library for devices (FRAMESEAL_NO_ALLOC) has a header in C alone, frameseal.h"
#endif

// A macro of Xlib.h. Where it stays defined, the type is `EncryptionStatus`.
#pragma push_macro("Status")
#undef Status

#include "frameseal/base_key.hpp"
#include "frameseal/borrowed_bytes.hpp"
#include "frameseal/bytes.hpp"
#include "frameseal/decryptor.hpp"
#include "frameseal/encryptor.hpp"
#include "frameseal/epoch_manager.hpp"
#include "frameseal/event.hpp"
#include "frameseal/holding_buffer.hpp"
#include "frameseal/inspect.hpp"
#include "frameseal/member_identity.hpp"
#include "frameseal/monitor.hpp"
#include "frameseal/names.hpp"
#include "frameseal/ordered.hpp"
#include "frameseal/receiver.hpp"
#include "frameseal/result.hpp"
#include "frameseal/sealed_key.hpp"
#include "frameseal/secret.hpp"
#include "frameseal/sender_keys.hpp"
#include "frameseal/status.hpp"
#include "frameseal/stream.hpp"
#include "frameseal/suite.hpp"
#include "frameseal/verification_code.hpp"
#include "frameseal/visible.hpp"

#pragma pop_macro("Status")

#endif
