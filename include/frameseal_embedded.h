/*
 * frameseal for devices without an allocator: what frameseal.h declares when FRAMESEAL_NO_ALLOC is
 * defined. Include that one.
 *
 * Written by cbindgen from the Rust sources in ffi/embedded/ and ffi/; changes here are lost.
 *
 * Every call
 *
 * - returns FRAMESEAL_OK, which is 0, or a FRAMESEAL_ERROR_ number, and writes its answers through
 *   pointers. Answers are written only on success, but for what an error needs: a size that would
 *   have sufficed, and the key id of the frame. What is written then is said there.
 * - checks its arguments before it does anything. A pointer may be NULL only where that is said,
 *   or where the length that belongs to it is 0. Pointers must be valid for what they are used
 *   for; that, no library can check.
 * - keeps no pointer when it returns, but that an object stays in the memory where it was placed;
 *   calls nothing back, allocates nothing, and needs no operating system and no C library.
 * - that takes an encryptor or a decryptor wants it for itself: a second call on the same object
 *   that comes meanwhile, from an interrupt or another task, answers
 *   FRAMESEAL_ERROR_INVALID_ARGUMENT. On processors that cannot compare and exchange (Cortex-M0),
 *   that is so for interrupts, and tasks must take turns by themselves. Calls on different objects,
 *   and calls that take none, may run at the same time.
 *
 * To send: frameseal_encryptor_place, _add_key, _use_key, _encrypt, _wipe; to receive:
 * frameseal_decryptor_place, _add_key, _decrypt, _wipe. The other functions and all numbers are
 * those of the ordinary library, which has more of them.
 *
 * Handles are made by a _place function, in memory of the application, and ended by the _wipe
 * function of their type. A pointer to readable memory of the size of an object in which none was
 * placed, or not at that address, or not of that type, or which was wiped, is refused with
 * FRAMESEAL_ERROR_INVALID_ARGUMENT: by a mark of as many bits as a pointer has, made of type and
 * address. All memory belongs to the caller, before and after.
 */


#ifndef FRAMESEAL_EMBEDDED_H
#define FRAMESEAL_EMBEDDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In front of every function. A program for Windows that links with the DLL may define
   FRAMESEAL_SHARED, which saves each call a jump. */
#ifndef FRAMESEAL_API
#if !defined(_WIN32) || !defined(FRAMESEAL_SHARED)
#define FRAMESEAL_API
#elif (defined(__GNUC__) || defined(__clang__)) && defined(__cplusplus) && __cplusplus >= 201703L
#define FRAMESEAL_API [[gnu::dllimport]]
#else
#define FRAMESEAL_API __declspec(dllimport)
#endif
#endif

/* Warns where a result is not looked at. Behind __declspec no [[attribute]] may stand. */
#if defined(_MSC_VER) && !defined(__clang__) && defined(FRAMESEAL_SHARED)
#define FRAMESEAL_MUST_USE
#elif defined(__cplusplus) && __cplusplus >= 201703L
#define FRAMESEAL_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define FRAMESEAL_MUST_USE __attribute__((warn_unused_result))
#else
#define FRAMESEAL_MUST_USE
#endif

/* In front of functions that a later version will not have; the text says what to use instead. */
#if defined(__cplusplus) && __cplusplus >= 201703L
#define FRAMESEAL_DEPRECATED(text) [[deprecated(text)]]
#elif defined(__GNUC__)
#define FRAMESEAL_DEPRECATED(text) __attribute__((deprecated(text)))
#else
#define FRAMESEAL_DEPRECATED(text)
#endif

/**
 * Key ids that an encryptor has room for, those of removed keys included.
 */
#define FRAMESEAL_SENDING_KEYS 4

/**
 * Key ids that a decryptor has room for, those of removed keys included, until they are forgotten.
 */
#define FRAMESEAL_RECEIVING_KEYS 8

/**
 * Counters that the replay window of each receiving key covers: one that is this many or more
 * below the highest accepted one is refused.
 */
#define FRAMESEAL_REPLAY_WINDOW 1024

/**
 * Bytes that suffice for an encryptor on every processor, for a static buffer;
 * `frameseal_encryptor_size` says how many it takes on this one.
 */
#define FRAMESEAL_ENCRYPTOR_SIZE_MAX 2560

/**
 * Bytes that suffice for a decryptor on every processor, for a static buffer;
 * `frameseal_decryptor_size` says how many it takes on this one.
 */
#define FRAMESEAL_DECRYPTOR_SIZE_MAX 5632

/**
 * The longest header of a frame, in bytes: headroom that always suffices.
 */
#define FRAMESEAL_MAX_HEADER_LEN 17

/**
 * The longest tag of any cipher suite, in bytes: tailroom that always suffices.
 */
#define FRAMESEAL_MAX_TAG_LEN 16

/**
 * The longest derived base key of any cipher suite, in bytes.
 */
#define FRAMESEAL_MAX_HASH_LEN 64

/**
 * The fewest bytes of a base key. For the 256-bit suites, 32 bytes are advised.
 */
#define FRAMESEAL_MIN_BASE_KEY_LEN 16

/**
 * The version that this header is of, as `0xMMmmpp`: major, minor, patch.
 *
 * Compare with `frameseal_version_number()` to find out that another library was loaded.
 */
#define FRAMESEAL_VERSION_NUMBER 256

/**
 * Opens frames, with keys that the application brings. Opaque.
 *
 * - Made by `frameseal_decryptor_place` in memory of the application, ended by
 *   `frameseal_decryptor_wipe`. In between, that memory must not be moved, copied or written to.
 * - One call at a time; a second one that comes meanwhile, from an interrupt or another task, is
 *   refused.
 * - It remembers which frames it has accepted. After a restart it does not: use new keys then.
 */
typedef struct frameseal_decryptor frameseal_decryptor;

/**
 * Seals frames, with keys that the application brings. Opaque.
 *
 * - Made by `frameseal_encryptor_place` in memory of the application, ended by
 *   `frameseal_encryptor_wipe`. In between, that memory must not be moved, copied or written to.
 * - One call at a time; a second one that comes meanwhile, from an interrupt or another task, is
 *   refused.
 * - It owns the counters. Two encryptors that are given the same base key and key id use the same
 *   nonces, which destroys the protection: give every encryptor and device a base key or key id of
 *   its own (RFC 9605 section 4.4.1). After a restart: a new key, or counters that were reserved.
 */
typedef struct frameseal_encryptor frameseal_encryptor;

/**
 * What a call answers: `FRAMESEAL_OK`, or one of the `FRAMESEAL_ERROR_` numbers.
 *
 * The numbers keep their meaning in later versions, which may add further ones: treat a number
 * that you do not know as an error.
 */
typedef int32_t frameseal_result;

/**
 * What was authenticated with a frame. Set `struct_size` before every call.
 */
typedef struct frameseal_open_info {
    /**
     * `sizeof (frameseal_open_info)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The key that sealed the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it
     * is a claim of whoever sent the bytes.
     */
    uint64_t key_id;
    /**
     * The number of the frame under that key.
     */
    uint64_t counter;
    /**
     * Bytes of the payload.
     */
    size_t payload_len;
} frameseal_open_info;

/**
 * A cipher suite, by its id in the IANA registry "SFrame Cipher Suites".
 */
typedef uint16_t frameseal_suite;

/**
 * What a receiving key has seen. Set `struct_size` before the call.
 */
typedef struct frameseal_receiving_key_status {
    /**
     * `sizeof (frameseal_receiving_key_status)`. Fields that a later version adds are not touched
     * by an earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The highest counter that was accepted, if `has_highest_counter`; else 0.
     */
    uint64_t highest_counter;
    /**
     * Frames opened.
     */
    uint64_t opened;
    /**
     * Frames that named this key and did not authenticate.
     */
    uint64_t failed_opens;
    /**
     * Frames refused as replayed or too old.
     */
    uint64_t replayed;
    /**
     * Names the key in logs without revealing it: print it with 8 hexadecimal digits.
     */
    uint32_t fingerprint;
    /**
     * 1 when the key is there, 0 when it was removed and only its window is remembered.
     */
    uint8_t active;
    /**
     * 0 before the first frame and without replay protection, else 1.
     */
    uint8_t has_highest_counter;
} frameseal_receiving_key_status;

/**
 * How far a sending key has come. Set `struct_size` before the call.
 */
typedef struct frameseal_sending_key_status {
    /**
     * `sizeof (frameseal_sending_key_status)`. Fields that a later version adds are not touched by
     * an earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The counter of the next frame; 0 when `exhausted`.
     */
    uint64_t next_counter;
    /**
     * Frames sealed.
     */
    uint64_t frames;
    /**
     * Bytes sealed, counted as in `frameseal_encryptor_config`.
     */
    uint64_t bytes;
    /**
     * Names the key in logs without revealing it: print it with 8 hexadecimal digits.
     */
    uint32_t fingerprint;
    /**
     * 1 when the key is there, 0 when it was removed and only its counter is remembered.
     */
    uint8_t active;
    /**
     * 1 when the last counter, 2^64 - 1, was used, else 0.
     */
    uint8_t exhausted;
} frameseal_sending_key_status;

/**
 * The header of a frame: readable by everybody, and claimed by whoever sent the bytes until the
 * frame has authenticated.
 */
typedef struct frameseal_header {
    /**
     * The key that sealed the frame (KID).
     */
    uint64_t key_id;
    /**
     * The number of the frame under that key (CTR).
     */
    uint64_t counter;
    /**
     * Bytes of the header, 1 to 17.
     */
    size_t len;
} frameseal_header;

/**
 * The call did what it is for.
 */
#define FRAMESEAL_OK 0

/**
 * The bytes are not an SFrame frame. (RFC 9605 sections 4.2, 4.3)
 */
#define FRAMESEAL_ERROR_SYNTAX 1

/**
 * No key with this key id is here. A frame may be tried again when the key has come.
 */
#define FRAMESEAL_ERROR_UNKNOWN_KEY_ID 2

/**
 * The frame does not authenticate: forged, damaged, or with other metadata, key or cipher suite.
 * It must be discarded.
 */
#define FRAMESEAL_ERROR_AUTHENTICATION 3

/**
 * The frame was accepted before, or is older than the replay window.
 */
#define FRAMESEAL_ERROR_REPLAY 4

/**
 * The key has used its last counter, 2^64 - 1; a new key is needed.
 */
#define FRAMESEAL_ERROR_COUNTER_EXHAUSTED 5

/**
 * The key's counters are durable, and none that is confirmed is left: reserve, store, confirm,
 * and try again.
 */
#define FRAMESEAL_ERROR_RESERVATION_NEEDED 6

/**
 * The key has protected as many frames or bytes as its limits allow; a new key is needed.
 */
#define FRAMESEAL_ERROR_USAGE_LIMIT 7

/**
 * Another base key is, or was, in use under this key id.
 */
#define FRAMESEAL_ERROR_KEY_ID_IN_USE 8

/**
 * There is no key to send with: none was chosen, or there is no epoch to send in, or one that we
 * are no member of.
 */
#define FRAMESEAL_ERROR_NO_SENDING_KEY 9

/**
 * A limit is reached: all contexts for streams are taken, or a holding buffer holds as much as it
 * may. Tables of keys grow and never answer this, but those of objects that were placed in memory
 * of the application (`FRAMESEAL_NO_ALLOC`).
 */
#define FRAMESEAL_ERROR_CAPACITY 10

/**
 * The buffer that is written to is too small; the size that it needs was written out, or there is a
 * function that tells it.
 */
#define FRAMESEAL_ERROR_BUFFER_TOO_SMALL 11

/**
 * There is too little room in front of the payload for the header; the room that is needed was
 * written out.
 */
#define FRAMESEAL_ERROR_HEADROOM_TOO_SMALL 12

/**
 * A policy that was chosen by name forbids it, such as `FRAMESEAL_STOP_KEY_ON_FORGERY`.
 */
#define FRAMESEAL_ERROR_POLICY 13

/**
 * An argument can never be right: a NULL or misaligned pointer, a length or offset beyond its
 * buffer, memory that overlaps where it must not, an id or flag that does not exist, a base key
 * of fewer than 16 bytes or of zeros.
 */
#define FRAMESEAL_ERROR_INVALID_ARGUMENT 14

/**
 * The object was made in a process of which this one is a fork. Free it and make a new one, with a
 * new base key or key id. Every function that takes an encryptor, sender keys, an epoch manager, a
 * stream or a receiver can answer this.
 */
#define FRAMESEAL_ERROR_FORKED 15

/**
 * A fault inside the library, which was contained; or the system refused to install the fork
 * guard. Nothing was sealed or opened.
 */
#define FRAMESEAL_ERROR_INTERNAL 16

/**
 * Another base key was added for an epoch that is here: two histories of the group exist, and
 * nothing may be sent until the application knows which one is right.
 */
#define FRAMESEAL_ERROR_EPOCH_FORK 17

/**
 * The epoch is not newer than the newest one, and not here any more.
 */
#define FRAMESEAL_ERROR_EPOCH_TOO_OLD 18

/**
 * The epoch is not here.
 */
#define FRAMESEAL_ERROR_UNKNOWN_EPOCH 19

/**
 * Nobody with this number, or on this leaf, is a member.
 */
#define FRAMESEAL_ERROR_UNKNOWN_MEMBER 20

/**
 * Sending or receiving in the clear is not allowed, or not any more.
 */
#define FRAMESEAL_ERROR_PASSTHROUGH_REFUSED 21

/**
 * The generation of sender keys is not newer than the newest one. (RFC 9605 section 5.1)
 */
#define FRAMESEAL_ERROR_GENERATION_TOO_OLD 22

/**
 * A frame that was to be held has nothing to wait for: its key has come since, or its epoch or
 * generation is here and has no such key. Decrypt it once more, and drop it if that fails.
 */
#define FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR 23

/**
 * AES-128 in counter mode, HMAC-SHA-256 cut to 80 bits.
 */
#define FRAMESEAL_AES_128_CTR_HMAC_SHA256_80 1

/**
 * AES-128 in counter mode, HMAC-SHA-256 cut to 64 bits.
 */
#define FRAMESEAL_AES_128_CTR_HMAC_SHA256_64 2

/**
 * AES-128 in counter mode, HMAC-SHA-256 cut to 32 bits: see RFC 9605 section 7.5 first.
 */
#define FRAMESEAL_AES_128_CTR_HMAC_SHA256_32 3

/**
 * AES-128-GCM, tag of 128 bits, keys by HKDF-SHA-256.
 */
#define FRAMESEAL_AES_128_GCM_SHA256_128 4

/**
 * AES-256-GCM, tag of 128 bits, keys by HKDF-SHA-512.
 */
#define FRAMESEAL_AES_256_GCM_SHA512_128 5

/**
 * AES-256 in counter mode, HMAC-SHA-512 cut to 80 bits.
 */
#define FRAMESEAL_AES_256_CTR_HMAC_SHA512_80 6

/**
 * AES-256 in counter mode, HMAC-SHA-512 cut to 64 bits.
 */
#define FRAMESEAL_AES_256_CTR_HMAC_SHA512_64 7

/**
 * AES-256 in counter mode, HMAC-SHA-512 cut to 32 bits: see RFC 9605 section 7.5 first.
 */
#define FRAMESEAL_AES_256_CTR_HMAC_SHA512_32 8

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Opens the frame in `sealed`, writes its payload to `out` and the payload's length to `*out_len`.
 *
 * `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
 * frame, from the same address on. Where they overlap, all of `sealed` may be written to; of the
 * frame's ciphertext, what the payload does not cover is then overwritten with zeros. `metadata`
 * must be what the sender passed. `info` may be NULL; if it is not, its `struct_size` must be set.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: `info->key_id` is set to the key id of the frame
 * - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
 *   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
 *   `out_len` overlaps `info`
 *
 * A call that fails leaves no payload in `out`, and leaves `out` as it was but for an
 * authentication failure (ciphertext). Keeps no pointer.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_decrypt(struct frameseal_decryptor *decryptor,
                                             const uint8_t *metadata,
                                             size_t metadata_len,
                                             const uint8_t *sealed,
                                             size_t sealed_len,
                                             uint8_t *out,
                                             size_t out_capacity,
                                             size_t *out_len,
                                             struct frameseal_open_info *info);

/**
 * Bytes of memory that a decryptor takes, wherever they begin; at most
 * `FRAMESEAL_DECRYPTOR_SIZE_MAX`. At any time.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_decryptor_size(void);

/**
 * Makes a decryptor without keys in the `size` bytes at `memory`, which may begin anywhere and hold
 * anything; of them, only as many are written to as it takes. Each key will have a replay window of
 * `FRAMESEAL_REPLAY_WINDOW` counters.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `size` is less than `frameseal_decryptor_size()`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, a pointer or size cannot be
 *   right, or `decryptor` lies in the memory
 *
 * The memory belongs to the decryptor until `frameseal_decryptor_wipe`. If a decryptor was there
 * that was not wiped, it is now.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_place(void *memory,
                                           size_t size,
                                           frameseal_suite suite,
                                           struct frameseal_decryptor **decryptor);

/**
 * Wipes all keys and everything else that the decryptor wrote to its memory, and gives the memory
 * back; NULL is allowed and does nothing.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no decryptor is there, or another call is using it; nothing
 *   was wiped then
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_wipe(struct frameseal_decryptor *decryptor);

/**
 * Adds a key; frames of it can be opened at once.
 *
 * The same key again changes nothing; after `frameseal_decryptor_remove_key` it comes back with
 * its replay window.
 *
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id; see
 *   `frameseal_decryptor_forget_key`
 * - `FRAMESEAL_ERROR_CAPACITY`: all `FRAMESEAL_RECEIVING_KEYS` places are taken
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
 *   pointer or length cannot be right
 *
 * The base key is not kept: wipe it when you need it no more.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_add_key(struct frameseal_decryptor *decryptor,
                                             uint64_t key_id,
                                             const uint8_t *base_key,
                                             size_t base_key_len);

/**
 * Wipes a key, and remembers key id and replay window, so that frames which were accepted are not
 * accepted again if the key comes back. Its place stays taken.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_remove_key(struct frameseal_decryptor *decryptor,
                                                uint64_t key_id);

/**
 * Wipes a key and everything about it, and frees its place.
 *
 * If the same base key is ever added again under this key id, frames that were accepted before
 * are accepted once more: forget only keys that will never come back.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: nothing is known of this key id
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_forget_key(struct frameseal_decryptor *decryptor,
                                                uint64_t key_id);

/**
 * Tells the next key that has seen very many failed opens (2^22 with tags of 32 bits, 2^34 of 64
 * bits, else 2^40): `*raised` is set to whether there is one, and if so `*key_id` to which. Each is
 * told once.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_poll_forgery_alarm(struct frameseal_decryptor *decryptor,
                                                        bool *raised,
                                                        uint64_t *key_id);

/**
 * How many bytes of payload this frame claims to have, exactly. Needs no key.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of this decryptor's suite
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
 *
 * Keeps no pointer.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_payload_len(struct frameseal_decryptor *decryptor,
                                                 const uint8_t *sealed,
                                                 size_t sealed_len,
                                                 size_t *payload_len);

/**
 * Tells what a receiving key has seen, also when it was removed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here, or was forgotten
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_key_status(struct frameseal_decryptor *decryptor,
                                                uint64_t key_id,
                                                struct frameseal_receiving_key_status *status);

/**
 * Seals `payload` into `out` as header, ciphertext and tag, with the key in use, and writes how
 * many bytes that are to `*out_len`.
 *
 * `payload` and `out` may overlap in any way, or be the same. `metadata` is authenticated and not
 * sent: the receiver must pass the same bytes.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
 *   `FRAMESEAL_ERROR_RESERVATION_NEEDED`, `FRAMESEAL_ERROR_USAGE_LIMIT`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, `metadata` or
 *   `out_len` overlaps `out` (or `payload`, where that overlaps `out`), or no frame can have that
 *   payload
 *
 * A call that fails uses no counter and leaves `out` as it was. Keeps no pointer.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_encrypt(struct frameseal_encryptor *encryptor,
                                             const uint8_t *metadata,
                                             size_t metadata_len,
                                             const uint8_t *payload,
                                             size_t payload_len,
                                             uint8_t *out,
                                             size_t out_capacity,
                                             size_t *out_len);

/**
 * Seals a part of `buffer` where it is: the payload of `payload_len` bytes that begins
 * `payload_offset` bytes behind the start of `buffer`. The sealed frame ends up around it, and
 * its place in `buffer` is written to `*frame_offset` and `*frame_len`.
 *
 * Needs headroom for the header in front of the payload and tailroom for the tag behind it:
 * `FRAMESEAL_MAX_HEADER_LEN` and `FRAMESEAL_MAX_TAG_LEN` always suffice.
 *
 * - `FRAMESEAL_ERROR_HEADROOM_TOO_SMALL`: `*frame_offset` is set to the bytes that must lie in
 *   front of the payload
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*frame_len` is set to the capacity that `buffer` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when the payload is not inside the buffer, or
 *   `metadata`, `frame_offset` or `frame_len` overlaps the buffer, or the latter two each other
 * - otherwise as `frameseal_encryptor_encrypt`
 *
 * A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_encrypt_in_place(struct frameseal_encryptor *encryptor,
                                                      const uint8_t *metadata,
                                                      size_t metadata_len,
                                                      uint8_t *buffer,
                                                      size_t buffer_capacity,
                                                      size_t payload_offset,
                                                      size_t payload_len,
                                                      size_t *frame_offset,
                                                      size_t *frame_len);

/**
 * Bytes of memory that an encryptor takes, wherever they begin; at most
 * `FRAMESEAL_ENCRYPTOR_SIZE_MAX`. At any time.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_encryptor_size(void);

/**
 * Makes an encryptor without keys in the `size` bytes at `memory`, which may begin anywhere and hold
 * anything; of them, only as many are written to as it takes. Limits are the defaults of the
 * ordinary library: 2^32 frames and 2^38 bytes with one key.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `size` is less than `frameseal_encryptor_size()`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, a pointer or size cannot be
 *   right, or `encryptor` lies in the memory
 *
 * The memory belongs to the encryptor until `frameseal_encryptor_wipe`. If an encryptor was there
 * that was not wiped, it is now, and what was said of counters holds for the new one.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_place(void *memory,
                                           size_t size,
                                           frameseal_suite suite,
                                           struct frameseal_encryptor **encryptor);

/**
 * Wipes all keys and everything else that the encryptor wrote to its memory, and gives the memory
 * back; NULL is allowed and does nothing.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no encryptor is there, or another call is using it; nothing
 *   was wiped then
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_wipe(struct frameseal_encryptor *encryptor);

/**
 * Adds a key, without sending with it yet: give it to the receivers first, then call
 * `frameseal_encryptor_use_key`.
 *
 * The same key again changes nothing; after `frameseal_encryptor_remove_key` it comes back with
 * the counter where it was. A key id is bound to its first base key, and keeps its place, for as
 * long as the encryptor lives: for more key ids, wipe it and place a new one, for new base keys.
 *
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id
 * - `FRAMESEAL_ERROR_CAPACITY`: all `FRAMESEAL_SENDING_KEYS` places are taken
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
 *   pointer or length cannot be right
 *
 * The base key is not kept: wipe it when you need it no more.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_add_key(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id,
                                             const uint8_t *base_key,
                                             size_t base_key_len);

/**
 * Adds a key that sealed frames before this start, to go on behind `last`: the value of
 * `frameseal_encryptor_reserve` that was stored last. Nothing can be sealed before the next
 * `frameseal_encryptor_reserve` and `frameseal_encryptor_confirm`.
 *
 * Never resume from a backup, which may be older than the last frame that was sent; use a new key
 * instead (RFC 9605 section 9.1). A key that is already here never goes back, only forward.
 *
 * - results as those of `frameseal_encryptor_add_key`
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_resume_key_after(struct frameseal_encryptor *encryptor,
                                                      uint64_t key_id,
                                                      const uint8_t *base_key,
                                                      size_t base_key_len,
                                                      uint64_t last);

/**
 * Seals with this key from the next frame on.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here; the key in use stays in use
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_use_key(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id);

/**
 * Wipes a key, and remembers key id and counter for as long as the encryptor lives. If it was in
 * use, none is.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_remove_key(struct frameseal_encryptor *encryptor,
                                                uint64_t key_id);

/**
 * Asks for `count` counters of a key to be set aside, and makes its counter durable. Writes the
 * last of them to `*last`: store it where a loss of power cannot lose it, then
 * `frameseal_encryptor_confirm` it, and only then are they used (RFC 9605 section 9.1). After a
 * restart, `frameseal_encryptor_resume_key_after` it.
 *
 * Never answers less than before. Counters that were confirmed earlier stay usable meanwhile; those
 * of a counter that was not durable do not. Never replace what is stored by a smaller number.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 * - `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`: no counter is left to set aside
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `count` is 0, or a pointer cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_reserve(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id,
                                             uint64_t count,
                                             uint64_t *last);

/**
 * Says that `last` has been stored: all counters of the key up to it may be used.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `frameseal_encryptor_reserve` never answered `last` or
 *   more
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_confirm(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id,
                                             uint64_t last);

/**
 * How many bytes the next frame will have when it is sealed, exactly: header, payload and tag.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
 *   `FRAMESEAL_ERROR_RESERVATION_NEEDED`: there is no next frame
 * - `FRAMESEAL_ERROR_USAGE_LIMIT`: the limits of the key forbid a frame with that payload
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
 *   right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_sealed_len(struct frameseal_encryptor *encryptor,
                                                size_t payload_len,
                                                size_t *sealed_len);

/**
 * Tells how far a sending key has come, also when it was removed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_key_status(struct frameseal_encryptor *encryptor,
                                                uint64_t key_id,
                                                struct frameseal_sending_key_status *status);

/**
 * Derives the next base key of a sender that ratchets (RFC 9605 section 5.1) into `out`, and
 * writes its length, `frameseal_suite_hash_len`, to `*out_len`.
 *
 * `out` may overlap `base_key`, so that the new one replaces the old one.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, the base key has fewer than
 *   16 bytes or is all zeros, a pointer or length cannot be right, or `out_len` overlaps `out`
 *
 * A call that fails leaves `out` as it was. Nothing is kept: wipe both keys when you need them no
 * more. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_base_key_ratchet(frameseal_suite suite,
                                            const uint8_t *base_key,
                                            size_t base_key_len,
                                            uint8_t *out,
                                            size_t out_capacity,
                                            size_t *out_len);

/**
 * Derives the base key of one RTP stream (draft-ietf-avtcore-rtp-sframe, per-SSRC keys) into
 * `out`, and writes its length, `frameseal_suite_hash_len`, to `*out_len`.
 *
 * Results and rules are those of `frameseal_base_key_ratchet`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_base_key_for_ssrc(frameseal_suite suite,
                                             const uint8_t *base_key,
                                             size_t base_key_len,
                                             uint32_t ssrc,
                                             uint8_t *out,
                                             size_t out_capacity,
                                             size_t *out_len);

/**
 * Reads the header at the start of `data`. Needs no key.
 *
 * Use the values to route or to look for a key, never to decide anything else: they are not
 * authenticated.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`: the bytes do not begin with an SFrame header
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_header_peek(const uint8_t *data,
                                       size_t len,
                                       struct frameseal_header *header);

/**
 * A short English text for a result, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_result_text(frameseal_result result);

/**
 * The registered name of a suite, such as `"AES_128_GCM_SHA256_128"`; NULL for an id that is not
 * registered.
 *
 * The text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_suite_name(frameseal_suite suite);

/**
 * Bytes of the tag that ends every frame (`Nt`); 0 for an id that is not registered. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_suite_tag_len(frameseal_suite suite);

/**
 * Bytes of the AEAD key (`Nk`), which an MLS exporter is asked for (RFC 9605 section 5.2); 0 for
 * an id that is not registered. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_suite_key_len(frameseal_suite suite);

/**
 * Bytes of the hash (`Nh`), and of a base key that `frameseal_base_key_ratchet` or
 * `frameseal_base_key_for_ssrc` derives; 0 for an id that is not registered. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_suite_hash_len(frameseal_suite suite);

/**
 * The most bytes that encryption ever adds to a frame: the longest header and the tag; 0 for an id
 * that is not registered. `frameseal_encryptor_sealed_len` says how many the next frame has. Any
 * thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_max_overhead(frameseal_suite suite);

/**
 * The version of the library that runs, as text: `"0.1.0"`.
 *
 * Never NULL; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_version(void);

/**
 * The version of the library that runs with the implementations of AEADs that are built into it, as
 * text for logs: `"0.1.0 (RustCrypto)"`, with the features `aws-lc` and `kernel`
 * `"0.1.0 (RustCrypto, AWS-LC, kernel)"`.
 *
 * Which of them serves a suite on this processor tells `frameseal_backend_serving`.
 *
 * Never NULL; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_version_text(void);

/**
 * The version of the library that runs, as `0xMMmmpp`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
uint32_t frameseal_version_number(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FRAMESEAL_EMBEDDED_H */
