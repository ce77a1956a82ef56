/*
 * frameseal: end-to-end encryption of media frames, SFrame (RFC 9605).
 *
 * Written by cbindgen from the Rust sources in ffi/; changes here are lost.
 *
 * Every call
 *
 * - returns FRAMESEAL_OK, which is 0, or a FRAMESEAL_ERROR_ number, and writes its answers through
 *   pointers. Answers are written only on success, but for what an error needs: a size or a count
 *   that would have sufficed, and the key id of the frame. What is written then is said there.
 * - checks its arguments before it does anything. A pointer may be NULL only where that is said,
 *   or where the length that belongs to it is 0. Pointers must be valid for what they are used
 *   for; that, no library can check.
 * - keeps no pointer when it returns, calls nothing back, starts no thread, and neither aborts nor
 *   throws, but that it aborts when memory cannot be had: for a new object, key, member or epoch,
 *   for a list or a text. Frames need none, but for the first of a sender, or of a ratchet step,
 *   whose key is derived for it, forged or not.
 * - says in its comment which threads may call it.
 *
 * With keys of your own: frameseal_encryptor_new, _add_key, _use_key, _encrypt, _free to send, and
 * frameseal_decryptor_new, _add_key, _decrypt, _free to receive.
 *
 * With keys from MLS: frameseal_epoch_config_init, frameseal_epoch_manager_new, _add_epoch for each
 * epoch, _poll_event, _free; frameseal_stream_open, _encrypt, _close to send, and
 * frameseal_receiver_open, _decrypt, _close to receive.
 *
 * With sender keys: frameseal_sender_keys_config_init, frameseal_sender_keys_new, _start_sending,
 * _ratchet, _roll, _encrypt, _free to send, and _add_member, _add_generation, _decrypt to receive.
 *
 * Beside them: frameseal_monitor_new for who is protected how well, which an epoch manager tells by
 * itself, frameseal_holding_buffer_new for frames that come before their key, and
 * frameseal_audit_record_of_event for what an operator may keep of a call.
 *
 * Handles are made by a _new or _open function, owned by the application, and freed by the _free or
 * _close function of their type. All other memory belongs to the caller, before and after.
 *
 * With FRAMESEAL_NO_ALLOC defined, this header declares the library for devices that have no
 * allocator instead, in which objects are placed in memory of the application.
 */
#ifdef FRAMESEAL_NO_ALLOC
#include "frameseal_embedded.h"
#else


#ifndef FRAMESEAL_H
#define FRAMESEAL_H

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
 * Accepts every counter any number of times. For applications that refuse replayed frames by
 * themselves.
 */
#define FRAMESEAL_REPLAY_PROTECTION_OFF 1

/**
 * Refuses every further frame of a key that has raised the forgery alarm, with
 * `FRAMESEAL_ERROR_POLICY`. Anybody who can send bytes can raise it.
 */
#define FRAMESEAL_STOP_KEY_ON_FORGERY 2

/**
 * The largest replay window. It takes a bit of memory for each counter and each key.
 */
#define FRAMESEAL_MAX_REPLAY_WINDOW 1048576

/**
 * Opens frames of our own leaf as well, as for a test call with oneself.
 */
#define FRAMESEAL_LOOPBACK 4

/**
 * Gives each epoch the fewest index bits for its leaf count (RFC 9605 section 5.2), instead of
 * `index_bits`. All members must do the same.
 */
#define FRAMESEAL_INDEX_BITS_BY_LEAVES 8

/**
 * The longest identity of a member, in bytes. Longer ones are hashed by the application.
 */
#define FRAMESEAL_MAX_IDENTITY_LEN 32

/**
 * `own_index` of somebody who only receives.
 */
#define FRAMESEAL_RECEIVE_ONLY 4294967295

/**
 * The most frames that a holding buffer is made for.
 */
#define FRAMESEAL_MAX_HELD_FRAMES 65536

/**
 * `kind` of a `frameseal_member_id` that names nobody.
 */
#define FRAMESEAL_MEMBER_NONE 0

/**
 * `kind` of a member who is on a leaf of an MLS group.
 */
#define FRAMESEAL_MEMBER_LEAF 1

/**
 * `kind` of a member whom the application numbers itself, as a monitor's are.
 */
#define FRAMESEAL_MEMBER_APPLICATION 2

/**
 * The most pieces that metadata may come in. The length of each is not limited.
 */
#define FRAMESEAL_MAX_SLICES 16

/**
 * The longest time for which one call allows passthrough, in milliseconds.
 */
#define FRAMESEAL_MAX_PASSTHROUGH_MS 3600000

/**
 * Bytes of a sealing key, secret or public (X25519, RFC 7748), and of the randomness of a call.
 */
#define FRAMESEAL_SEALING_KEY_LEN 32

/**
 * The longest id of a call or participant in a `frameseal_key_envelope`, in bytes.
 */
#define FRAMESEAL_MAX_ENVELOPE_ID_LEN 255

/**
 * Bytes that a sealed base key has more than the base key in it.
 */
#define FRAMESEAL_SEALED_KEY_OVERHEAD 65

/**
 * The most base key bytes that can come out of `frameseal_sender_keys_joiner_key` or
 * `frameseal_sealed_key_open`.
 */
#define FRAMESEAL_MAX_BASE_KEY_LEN 96

/**
 * Ratchet bits of a sender who never ratchets: its key id is the generation.
 */
#define FRAMESEAL_NO_RATCHET 0

/**
 * The most ratchet bits.
 */
#define FRAMESEAL_MAX_RATCHET_BITS 32

/**
 * Ratchet bits for when there is no reason for others.
 */
#define FRAMESEAL_STANDARD_RATCHET_BITS 8

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
 * Digits of a code to read aloud; about 99 bits.
 */
#define FRAMESEAL_CODE_DIGITS 30

/**
 * Digits of the long code, of which the first `FRAMESEAL_CODE_DIGITS` are the short one; about 199
 * bits.
 */
#define FRAMESEAL_LONG_CODE_DIGITS 60

/**
 * The version that this header is of, as `0xMMmmpp`: major, minor, patch.
 *
 * Compare with `frameseal_version_number()` to find out that another library was loaded.
 */
#define FRAMESEAL_VERSION_NUMBER 256

/**
 * Opens frames, with keys that the application brings. Opaque.
 *
 * - Made by `frameseal_decryptor_new`, owned by the application, freed by it with
 *   `frameseal_decryptor_free`.
 * - Every function may be called from any thread. Frames are opened at the same time on as many
 *   threads as call; only their bookkeeping takes turns. Of two threads with the same frame, one
 *   gets `FRAMESEAL_ERROR_REPLAY`.
 * - After `fork`, the child's copy still opens frames, if no other thread was inside a call on it
 *   when the process forked.
 */
typedef struct frameseal_decryptor frameseal_decryptor;

/**
 * Seals frames, with keys that the application brings. Opaque.
 *
 * - Made by `frameseal_encryptor_new`, owned by the application, freed by it with
 *   `frameseal_encryptor_free`.
 * - Every function may be called from any thread; calls on one encryptor wait for each other.
 * - It owns the counters. Two encryptors that are given the same base key and key id use the same
 *   nonces, which destroys the protection: give every encryptor, process and device a base key or
 *   key id of its own (RFC 9605 section 4.4.1).
 * - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
 *   be freed; a new one can be made, for a new base key or key id. On Linux 4.14 and later, copies
 *   made around the C library (`_Fork`, `clone`) are noticed as well; elsewhere `fork` only. A
 *   restored snapshot of a machine never is: after that, the application must do the same by
 *   itself.
 */
typedef struct frameseal_encryptor frameseal_encryptor;

/**
 * A member's side of a call whose keys come from MLS (RFC 9605 section 5.2). Opaque.
 *
 * It is fed with a `frameseal_epoch_update` for every accepted epoch, by any MLS engine. It
 * receives with a new epoch at once, sends with it when the others are ready, and wipes the old
 * one after a while; after a removal it sends with the new epoch at once. Frames are sealed by the
 * streams and opened by the receivers that are opened from it.
 *
 * - Made by `frameseal_epoch_manager_new`, owned by the application, freed by it with
 *   `frameseal_epoch_manager_free`. Its streams and receivers live on without it, and are closed
 *   by the application as well.
 * - Every function may be called from any thread, at the same time as others.
 * - Time is what the application says, in milliseconds of a clock that is not set back.
 * - It owns the counters. A second manager for the same member, in another process or on another
 *   device with the same leaf, must have other contexts (`own_contexts_start`, `own_contexts_end`).
 *   A process that starts anew or is restored from a snapshot must not go on in an epoch in which
 *   it may have sent: it commits first, and feeds only the new epoch (RFC 9605 section 9.1).
 * - After `fork`, every call on the child's copy, and on those of its streams and receivers,
 *   answers `FRAMESEAL_ERROR_FORKED`, but that they can be freed and closed. What
 *   `frameseal_encryptor` says of forks holds here, too.
 */
typedef struct frameseal_epoch_manager frameseal_epoch_manager;

/**
 * Frames that came before their key wait here, if the application wants that: it holds copies of
 * frames and metadata, and no key. Opaque.
 *
 * What waits has not authenticated, and anybody can send it. So only frames whose key is not here
 * yet are taken; each sender has a quota, so that a forger who names one sender takes no places from
 * another; when there is no place the new frame is refused, never an older one dropped; and all is
 * dropped when its time is over.
 *
 * - Made by `frameseal_holding_buffer_new`, owned by the application, freed by it with
 *   `frameseal_holding_buffer_free`. One for each object that opens its frames; with sender keys,
 *   one for each member, since their key ids are unique for each sender only.
 * - Every function may be called from any thread; calls on one buffer wait for each other.
 * - Time is what the application says, in milliseconds of a clock that is not set back.
 * - After `fork`, the child's copy still works, if no other thread was inside a call on it when the
 *   process forked.
 */
typedef struct frameseal_holding_buffer frameseal_holding_buffer;

/**
 * Watches over the members of a call whose keys the application brings itself, or whose members
 * have sender keys: how well each and the call are protected. An epoch manager has one inside.
 * Opaque.
 *
 * It holds no keys and sees no frames, only what became of them: the application shows it the
 * result of every call that opened or sealed a frame. It believes whose they are: where key ids do
 * not tell that, the application must know the member of a stream from something that servers
 * cannot change.
 *
 * - Made by `frameseal_monitor_new`, owned by the application, freed by it with
 *   `frameseal_monitor_free`.
 * - Every function may be called from any thread; calls on one monitor wait for each other.
 * - Members are known by numbers that the application gives, and gives to nobody else in the call:
 *   whoever comes back is another member.
 * - Time is what the application says, in milliseconds of a clock that is not set back.
 * - After `fork`, the child's copy still works, if no other thread was inside a call on it when the
 *   process forked.
 */
typedef struct frameseal_monitor frameseal_monitor;

/**
 * Opens the frames of a call. Opaque.
 *
 * - Made by `frameseal_receiver_open`, owned by the application, closed by it with
 *   `frameseal_receiver_close`, before or after its manager is freed.
 * - Every function may be called from any thread. Frames are opened at the same time on as many
 *   threads as call, with one receiver or with several: all share keys and replay windows. Of two
 *   threads with the same frame, one gets `FRAMESEAL_ERROR_REPLAY`.
 * - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
 *   be closed.
 */
typedef struct frameseal_receiver frameseal_receiver;

/**
 * All sender keys of one participant (RFC 9605 section 5.1): our own key, which ratchets when
 * somebody joins and rolls when somebody leaves, and the keys of the others. Opaque.
 *
 * - Made by `frameseal_sender_keys_new`, owned by the application, freed by it with
 *   `frameseal_sender_keys_free`.
 * - Every function may be called from any thread; calls on one object wait for each other.
 * - Members are known by numbers that the application gives. Key ids are unique only for each
 *   sender, so whoever opens a frame says whose it is. Nobody who leaves is remembered: a member
 *   who comes back gets another number, or begins a newer generation.
 * - Time is what the application says, in milliseconds of a clock that is not set back.
 * - It owns our counters. After a restart, begin a new generation with a new base key.
 * - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
 *   be freed. What `frameseal_encryptor` says of forks holds here, too.
 */
typedef struct frameseal_sender_keys frameseal_sender_keys;

/**
 * A stream that is sent: it owns a context of the key ids and a counter, and moves from epoch to
 * epoch as its manager decides. Opaque.
 *
 * - Made by `frameseal_stream_open`, owned by the application, closed by it with
 *   `frameseal_stream_close`, before or after its manager is freed.
 * - Every function may be called from any thread; calls on one stream wait for each other, those
 *   on two streams do not.
 * - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
 *   be closed.
 */
typedef struct frameseal_stream frameseal_stream;

/**
 * Which implementation computes the AEAD of a key. All of them give the same bytes.
 */
typedef uint32_t frameseal_backend;

/**
 * A cipher suite, by its id in the IANA registry "SFrame Cipher Suites".
 */
typedef uint16_t frameseal_suite;

/**
 * What a call answers: `FRAMESEAL_OK`, or one of the `FRAMESEAL_ERROR_` numbers.
 *
 * The numbers keep their meaning in later versions, which may add further ones: treat a number
 * that you do not know as an error.
 */
typedef int32_t frameseal_result;

/**
 * How well media is protected. The larger, the better; later versions may add numbers in between.
 */
typedef uint32_t frameseal_encryption_status;

/**
 * Why a status is what it is.
 */
typedef uint32_t frameseal_status_reason;

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
 * Some bytes that are only read: one piece of metadata.
 */
typedef struct frameseal_slice {
    /**
     * The bytes; may be NULL when `len` is 0.
     */
    const uint8_t *data;
    /**
     * How many there are.
     */
    size_t len;
} frameseal_slice;

/**
 * How a decryptor's keys are set up. Initialise all of it to zero, then `struct_size`, then what
 * shall not be the default.
 */
typedef struct frameseal_decryptor_config {
    /**
     * `sizeof (frameseal_decryptor_config)`.
     */
    size_t struct_size;
    /**
     * How many counters the window covers, the highest accepted one among them: one that is this
     * many or more below it is refused. At most `FRAMESEAL_MAX_REPLAY_WINDOW`; rounded up to a
     * power of two, at least 64; 0 for the default, 1,024.
     */
    uint32_t replay_window;
    /**
     * `FRAMESEAL_REPLAY_PROTECTION_OFF` and `FRAMESEAL_STOP_KEY_ON_FORGERY`, or 0.
     */
    uint32_t flags;
    /**
     * Failed opens of one key that raise the forgery alarm; 0 for the default, which depends on
     * the length of the tag: 2^22 for 32 bits, 2^34 for 64 bits, 2^40 for more.
     */
    uint64_t failed_opens;
    /**
     * Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
     * default.
     */
    frameseal_backend backend;
} frameseal_decryptor_config;

/**
 * How an encryptor's keys are set up. Initialise all of it to zero, then `struct_size`, then what
 * shall not be the default.
 */
typedef struct frameseal_encryptor_config {
    /**
     * `sizeof (frameseal_encryptor_config)`.
     */
    size_t struct_size;
    /**
     * Frames that may be sealed with one key; 0 for the default, 2^32.
     */
    uint64_t max_frames;
    /**
     * Bytes that may be sealed with one key, each frame rounded up to blocks of 16 bytes and
     * counted with one block more; 0 for the default, 2^38.
     */
    uint64_t max_bytes;
    /**
     * Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
     * default.
     */
    frameseal_backend backend;
} frameseal_encryptor_config;

/**
 * What a call insists on.
 */
typedef uint32_t frameseal_policy;

/**
 * When sending moves to a new epoch. A removal moves it at once, whatever is chosen.
 */
typedef uint32_t frameseal_send_switch;

/**
 * How a call with MLS is set up. Let `frameseal_epoch_config_init` fill in the defaults, then
 * change what shall be different. All times are in milliseconds.
 */
typedef struct frameseal_epoch_config {
    /**
     * `sizeof (frameseal_epoch_config)`.
     */
    size_t struct_size;
    /**
     * The cipher suite of all frames.
     */
    frameseal_suite suite;
    /**
     * Bits of a key id for the epoch, 1 to 16; 8 by default. All members use the same.
     */
    uint8_t epoch_bits;
    /**
     * Bits of a key id for the leaf index, 0 to 32; 16 by default. All members use the same.
     */
    uint8_t index_bits;
    /**
     * `FRAMESEAL_LOOPBACK`, `FRAMESEAL_INDEX_BITS_BY_LEAVES`, `FRAMESEAL_REPLAY_PROTECTION_OFF`
     * and `FRAMESEAL_STOP_KEY_ON_FORGERY`, or 0, the default.
     */
    uint32_t flags;
    /**
     * One of the `FRAMESEAL_POLICY_` numbers.
     */
    frameseal_policy policy;
    /**
     * One of the `FRAMESEAL_SEND_` numbers; `FRAMESEAL_SEND_WHEN_READY` by default.
     */
    frameseal_send_switch send_switch;
    /**
     * From when on sending may move, with `FRAMESEAL_SEND_AT_KEY_FRAME`; 0 by default.
     */
    uint64_t send_from_ms;
    /**
     * When sending moves at the latest; 2,000 by default. Not used by `FRAMESEAL_SEND_WHEN_TOLD`.
     */
    uint64_t send_by_ms;
    /**
     * How long frames of an epoch are accepted after sending moved on; 10,000 by default.
     */
    uint64_t retire_after_ms;
    /**
     * How long frames of older epochs are accepted after a removal: by default 2,000, and 0 under
     * `FRAMESEAL_POLICY_STRICT`, which takes nothing else.
     */
    uint64_t removal_overlap_ms;
    /**
     * The first context that this manager gives to its streams; 0 by default. A second manager for
     * the same member must have other contexts.
     */
    uint64_t own_contexts_start;
    /**
     * Behind the last of these contexts; 16 by default.
     */
    uint64_t own_contexts_end;
    /**
     * Contexts that are accepted of each member: those below this number; 16 by default.
     */
    uint64_t streams_per_member;
    /**
     * After how long without a frame a status expires; 10,000 by default.
     */
    uint64_t stale_after_ms;
    /**
     * Frames that may be sealed with one key; 0, the default, for 2^32.
     */
    uint64_t max_frames;
    /**
     * Bytes that may be sealed with one key, counted as in `frameseal_encryptor_config`; 0, the
     * default, for 2^38.
     */
    uint64_t max_bytes;
    /**
     * Failed opens of one key that raise the forgery alarm; 0, the default, for the number that
     * `frameseal_decryptor_config` names.
     */
    uint64_t failed_opens;
    /**
     * Counters that the replay window of each key covers, as in `frameseal_decryptor_config`; 0,
     * the default, for 1,024.
     */
    uint32_t replay_window;
    /**
     * Epochs that may be live at once; 256 by default. The oldest one retires for a new one.
     */
    uint32_t max_epochs;
    /**
     * Receiving keys that are kept expanded; 4,096 by default. A key beyond it is derived again
     * when it is needed; its replay window stays.
     */
    uint32_t max_cached_keys;
    /**
     * Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
     * default.
     */
    frameseal_backend backend;
} frameseal_epoch_config;

/**
 * A leaf of the group and who is on it.
 */
typedef struct frameseal_member {
    /**
     * The leaf index.
     */
    uint32_t index;
    /**
     * What tells this member from others: for example a hash of the credential and signature key
     * of the leaf. The same in every epoch: a leaf with another identity than before is another
     * member, and the one before counts as removed.
     */
    const uint8_t *identity;
    /**
     * Bytes of it, 1 to `FRAMESEAL_MAX_IDENTITY_LEN`.
     */
    size_t identity_len;
} frameseal_member;

/**
 * A new epoch of the group (RFC 9420), once its commit was accepted. Initialise all of it to zero,
 * then `struct_size`, then the rest.
 *
 * Only accepted epochs: one's own commit may lose against another for the same epoch, so it must
 * not be told before the delivery service has taken it.
 */
typedef struct frameseal_epoch_update {
    /**
     * `sizeof (frameseal_epoch_update)`.
     */
    size_t struct_size;
    /**
     * As in `frameseal_epoch_id`.
     */
    uint64_t group;
    /**
     * The full number of the epoch.
     */
    uint64_t epoch;
    /**
     * `MLS-Exporter("SFrame 1.0 Base Key", "", Nk)` (RFC 9605 section 5.2). It is copied: wipe
     * your own.
     */
    const uint8_t *base_key;
    /**
     * Bytes of it: exactly `frameseal_suite_key_len`.
     */
    size_t base_key_len;
    /**
     * Everybody in the group, ourselves too, in ascending order of leaf index.
     */
    const struct frameseal_member *members;
    /**
     * How many there are.
     */
    size_t member_count;
    /**
     * Leaves of the tree, blank ones included: all indexes are below it.
     */
    uint32_t leaf_count;
    /**
     * Our own leaf, or `FRAMESEAL_RECEIVE_ONLY`.
     *
     * **Never leave it out: 0 is not "none", it is leaf 0.** A device that is not on leaf 0 and says
     * so seals with the keys and nonces of the member there, which destroys the protection of both.
     */
    uint32_t own_index;
} frameseal_epoch_update;

/**
 * An epoch of an MLS group (RFC 9420), by its full number.
 */
typedef struct frameseal_epoch_id {
    /**
     * Which group: a number that the application chooses and that goes up whenever the group is
     * made anew, for example 1, 2, 3. It stays on this device.
     */
    uint64_t group;
    /**
     * The number of the epoch in it.
     */
    uint64_t epoch;
} frameseal_epoch_id;

/**
 * A member of a call. Leaves are used again: whoever comes to a leaf that somebody left is another
 * member, with another `joined`. `frameseal_epoch_manager_member_at` tells who is there now.
 */
typedef struct frameseal_member_id {
    /**
     * Which group.
     */
    uint64_t group;
    /**
     * The epoch in which the member was first seen on this leaf.
     */
    uint64_t joined;
    /**
     * The leaf index, which is the sender index of RFC 9605 section 5.2.
     */
    uint32_t index;
    /**
     * `FRAMESEAL_MEMBER_LEAF`; or `FRAMESEAL_MEMBER_APPLICATION`, and then all else but `number`
     * is 0; or `FRAMESEAL_MEMBER_NONE`, and then all else is 0.
     */
    uint32_t kind;
    /**
     * The number that the application gave, for `FRAMESEAL_MEMBER_APPLICATION`; else 0.
     */
    uint64_t number;
} frameseal_member_id;

/**
 * A status with its reason. Set `struct_size` before every call.
 */
typedef struct frameseal_status {
    /**
     * `sizeof (frameseal_status)`. Fields that a later version adds are not touched by an earlier
     * library: initialise them.
     */
    size_t struct_size;
    /**
     * How well it is protected: one of the `FRAMESEAL_STATUS_` numbers.
     */
    frameseal_encryption_status level;
    /**
     * Why: one of the `FRAMESEAL_REASON_` numbers.
     */
    frameseal_status_reason reason;
} frameseal_status;

/**
 * What frames of one member, or of one epoch, did. Set `struct_size` before every call.
 */
typedef struct frameseal_frame_stats {
    /**
     * `sizeof (frameseal_frame_stats)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * Frames that authenticated and were opened.
     */
    uint64_t opened;
    /**
     * Frames that did not authenticate.
     */
    uint64_t failed_opens;
    /**
     * Frames refused as replayed or too old.
     */
    uint64_t replayed;
    /**
     * Frames that passed in the clear, as the application allowed.
     */
    uint64_t passed;
    /**
     * Frames that a server put in, byte for byte as the application allowed.
     */
    uint64_t injected;
    /**
     * When a frame last authenticated, if `has_last_authenticated`; else 0.
     */
    uint64_t last_authenticated_ms;
    /**
     * 1 when a frame has authenticated, else 0.
     */
    uint8_t has_last_authenticated;
} frameseal_frame_stats;

/**
 * What happened.
 *
 * The numbers keep their meaning in later versions, which may add further ones: skip an event that
 * you do not know.
 */
typedef uint32_t frameseal_event_kind;

/**
 * Something that the application may want to act upon. Set `struct_size` before every call. Fields
 * that the comment of its kind does not name are 0.
 */
typedef struct frameseal_event {
    /**
     * `sizeof (frameseal_event)`. Fields that a later version adds are not touched by an earlier
     * library: initialise them.
     */
    size_t struct_size;
    /**
     * One of the `FRAMESEAL_EVENT_` numbers.
     */
    frameseal_event_kind kind;
    /**
     * One of the `FRAMESEAL_STATUS_` numbers.
     */
    frameseal_encryption_status level;
    /**
     * One of the `FRAMESEAL_REASON_` numbers.
     */
    frameseal_status_reason reason;
    /**
     * Always 0.
     */
    uint32_t reserved;
    /**
     * Which epoch.
     */
    struct frameseal_epoch_id epoch;
    /**
     * Which member.
     */
    struct frameseal_member_id member;
    /**
     * Which key.
     */
    uint64_t key_id;
    /**
     * How many.
     */
    uint64_t count;
    /**
     * When, on the clock of the application.
     */
    uint64_t at_ms;
} frameseal_event;

/**
 * One event, without anything that names a person, a device, a group or a key. Set `struct_size`
 * before every call.
 */
typedef struct frameseal_audit_record {
    /**
     * `sizeof (frameseal_audit_record)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * When it happened, on the clock of the application. Not the time of day.
     */
    uint64_t at_ms;
    /**
     * The number of the epoch that it is about, if `has_epoch`; else 0.
     */
    uint64_t epoch;
    /**
     * How many frames or events, if `has_count`; else 0.
     */
    uint64_t count;
    /**
     * What happened: one of the `FRAMESEAL_EVENT_` numbers.
     */
    frameseal_event_kind kind;
    /**
     * The new status, of a member that is not named or of the call: one of the
     * `FRAMESEAL_STATUS_` numbers, if `has_status`; else 0.
     */
    frameseal_encryption_status level;
    /**
     * Its reason: one of the `FRAMESEAL_REASON_` numbers, if `has_status`; else 0.
     */
    frameseal_status_reason reason;
    /**
     * 1 when there is an epoch, else 0.
     */
    uint8_t has_epoch;
    /**
     * 1 when there is a status, else 0.
     */
    uint8_t has_status;
    /**
     * 1 when there is a count, else 0.
     */
    uint8_t has_count;
} frameseal_audit_record;

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
 * What a holding buffer takes. Bytes are those of frames and their metadata together. Initialise
 * all of it to zero, then `struct_size`, then what shall not be the default.
 */
typedef struct frameseal_holding_config {
    /**
     * `sizeof (frameseal_holding_config)`.
     */
    size_t struct_size;
    /**
     * Bytes in all; 0 for the default, 4 MiB.
     */
    uint64_t max_bytes;
    /**
     * Bytes of one sender, and so the most that one frame and its metadata have; 0 for the default,
     * 512 KiB.
     */
    uint64_t sender_bytes;
    /**
     * How long a frame is held, in milliseconds; 0 for the default, 2,000.
     */
    uint64_t max_age_ms;
    /**
     * Frames in all, at most `FRAMESEAL_MAX_HELD_FRAMES`; 0 for the default, 1,024.
     */
    uint32_t max_frames;
    /**
     * Frames of one sender; 0 for the default, 128.
     */
    uint32_t sender_frames;
    /**
     * With the `epoch_bits` of a `frameseal_epoch_config`, 1 to 16, quotas are for each leaf and
     * epoch of MLS; 0 for a quota for each key id, which is what a call with
     * `FRAMESEAL_INDEX_BITS_BY_LEAVES` needs, whose epochs have other bits of index each.
     */
    uint8_t epoch_bits;
    /**
     * With the `index_bits` of a `frameseal_epoch_config`, 0 to 32; 0 if `epoch_bits` is.
     */
    uint8_t index_bits;
} frameseal_holding_config;

/**
 * What a holding buffer holds and has done. Set `struct_size` before the call.
 */
typedef struct frameseal_holding_stats {
    /**
     * `sizeof (frameseal_holding_stats)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * Frames that wait now.
     */
    uint64_t frames;
    /**
     * Bytes that wait now, metadata included.
     */
    uint64_t bytes;
    /**
     * Frames that were taken in.
     */
    uint64_t held;
    /**
     * Frames that came out when their key had come, or that
     * `frameseal_holding_buffer_drop_next` dropped.
     */
    uint64_t released;
    /**
     * Frames that were dropped because their key did not come in time.
     */
    uint64_t expired;
    /**
     * Frames that were refused because a limit was reached.
     */
    uint64_t refused;
} frameseal_holding_stats;

/**
 * A frame that waited. Set `struct_size` before every call.
 */
typedef struct frameseal_held_frame {
    /**
     * `sizeof (frameseal_held_frame)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The key id that it names.
     */
    uint64_t key_id;
    /**
     * When it came.
     */
    uint64_t arrived_ms;
    /**
     * Bytes of the metadata that came with it, all pieces joined.
     */
    size_t metadata_len;
    /**
     * Bytes of its payload.
     */
    size_t payload_len;
    /**
     * What opening it answered: `FRAMESEAL_OK`, or why it is lost.
     */
    frameseal_result result;
    /**
     * 1 when there was a frame whose key has come, 0 when there was none: then all else is 0.
     */
    uint8_t found;
} frameseal_held_frame;

/**
 * What was authenticated with a frame. Set `struct_size` before every call. The member is whose key
 * sealed it: all members of a group can derive that key, so any of them could have (RFC 9605
 * section 7.2).
 */
typedef struct frameseal_received_info {
    /**
     * `sizeof (frameseal_received_info)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The key id of the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it is a
     * claim of whoever sent the bytes.
     */
    uint64_t key_id;
    /**
     * The number of the frame under that key id.
     */
    uint64_t counter;
    /**
     * Whose key sealed it.
     */
    struct frameseal_member_id member;
    /**
     * Which stream of the member.
     */
    uint64_t context;
    /**
     * Under which epoch.
     */
    struct frameseal_epoch_id epoch;
    /**
     * Bytes of the payload, which begins where `out` does.
     */
    size_t payload_len;
} frameseal_received_info;

/**
 * What was authenticated with a frame under sender keys. Set `struct_size` before every call.
 */
typedef struct frameseal_step_info {
    /**
     * `sizeof (frameseal_step_info)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The key id of the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it is a
     * claim of whoever sent the bytes.
     */
    uint64_t key_id;
    /**
     * The number of the frame under that key.
     */
    uint64_t counter;
    /**
     * The generation of the key.
     */
    uint64_t generation;
    /**
     * The ratchet step of the key, counted in full.
     */
    uint64_t step;
    /**
     * Bytes of the payload, which begins where `out` does.
     */
    size_t payload_len;
} frameseal_step_info;

/**
 * How the key ids of a call are made.
 */
typedef uint32_t frameseal_keying;

/**
 * What a server knows of a call. Initialise all of it to zero, then `struct_size` and `keying`, then
 * what else is known.
 */
typedef struct frameseal_inspector {
    /**
     * `sizeof (frameseal_inspector)`.
     */
    size_t struct_size;
    /**
     * In MLS mode, contexts are below this number; 0 if that is not known.
     */
    uint64_t contexts;
    /**
     * In MLS mode, how many leaves the tree has, blank ones included; 0 if that is not known. It
     * must be told when the tree grows, before the new members send.
     */
    uint32_t leaves;
    /**
     * One of the `FRAMESEAL_KEYING_` numbers.
     */
    frameseal_keying keying;
    /**
     * The cipher suite; 0 if that is not known.
     */
    frameseal_suite suite;
    /**
     * With `FRAMESEAL_KEYING_SENDER_KEYS`, the ratchet bits; else 0.
     */
    uint8_t ratchet_bits;
    /**
     * With `FRAMESEAL_KEYING_MLS`, the bits of the epoch, 1 to 16; else 0.
     */
    uint8_t epoch_bits;
    /**
     * With `FRAMESEAL_KEYING_MLS`, the bits of the leaf index, 0 to 32; else 0.
     */
    uint8_t index_bits;
} frameseal_inspector;

/**
 * Whether bytes can be an SFrame frame of a call, and why not.
 */
typedef uint32_t frameseal_verdict;

/**
 * What the header of a frame says, and how long its parts are. Nothing of it is authenticated:
 * whoever sent the bytes chose it. Set `struct_size` before every call. Numbers that the keying
 * does not have are 0; if the frame is not possible, all are.
 */
typedef struct frameseal_inspection {
    /**
     * `sizeof (frameseal_inspection)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * Which key sealed the frame.
     */
    uint64_t key_id;
    /**
     * Which frame of that key it is.
     */
    uint64_t counter;
    /**
     * Sender keys: the generation.
     */
    uint64_t generation;
    /**
     * Sender keys: the low bits of the ratchet step.
     */
    uint64_t step_bits;
    /**
     * MLS: which stream of its sender.
     */
    uint64_t context;
    /**
     * MLS: the low bits of the epoch's number.
     */
    uint64_t epoch_bits;
    /**
     * MLS: the leaf index of the sender.
     */
    uint32_t index;
    /**
     * One of the `FRAMESEAL_VERDICT_` numbers.
     */
    frameseal_verdict verdict;
    /**
     * Bytes of the header, 1 to 17.
     */
    size_t header_len;
    /**
     * Bytes of the whole frame: header, ciphertext and tag.
     */
    size_t sealed_len;
    /**
     * Bytes of the payload, exactly, if the suite is known; else 0.
     */
    size_t payload_len;
} frameseal_inspection;

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
 * How well one member is protected. It may grow in later versions, so functions that fill an array
 * of it take `sizeof (frameseal_member_status)` as well.
 */
typedef struct frameseal_member_status {
    /**
     * Which member.
     */
    struct frameseal_member_id member;
    /**
     * How well: one of the `FRAMESEAL_STATUS_` numbers.
     */
    frameseal_encryption_status level;
    /**
     * Why: one of the `FRAMESEAL_REASON_` numbers.
     */
    frameseal_status_reason reason;
} frameseal_member_status;

/**
 * Somebody who is in the newest epoch. It may grow in later versions, so functions that fill an
 * array of it take `sizeof (frameseal_present_member)` as well.
 */
typedef struct frameseal_present_member {
    /**
     * Which member.
     */
    struct frameseal_member_id member;
    /**
     * What the epoch's update gave as identity, and zeros behind it.
     */
    uint8_t identity[FRAMESEAL_MAX_IDENTITY_LEN];
    /**
     * Bytes of it.
     */
    size_t identity_len;
} frameseal_present_member;

/**
 * Why a frame in the clear may be played.
 */
typedef uint32_t frameseal_plain;

/**
 * How sender keys are set up. Let `frameseal_sender_keys_config_init` fill in the defaults, then
 * change what shall be different. All times are in milliseconds.
 */
typedef struct frameseal_sender_keys_config {
    /**
     * `sizeof (frameseal_sender_keys_config)`.
     */
    size_t struct_size;
    /**
     * The cipher suite of all frames.
     */
    frameseal_suite suite;
    /**
     * Must be 0.
     */
    uint16_t reserved;
    /**
     * `FRAMESEAL_REPLAY_PROTECTION_OFF` and `FRAMESEAL_STOP_KEY_ON_FORGERY`, or 0, the default.
     */
    uint32_t flags;
    /**
     * Frames that may be sealed with the key of one step; 0, the default, for 2^32.
     */
    uint64_t max_frames;
    /**
     * Bytes that may be sealed with the key of one step, counted as in
     * `frameseal_encryptor_config`; 0, the default, for 2^38.
     */
    uint64_t max_bytes;
    /**
     * Failed opens of one key that raise the forgery alarm; 0, the default, for the number that
     * `frameseal_decryptor_config` names.
     */
    uint64_t failed_opens;
    /**
     * How long a ratchet step is kept for late frames after a later one authenticated; 2,000 by
     * default.
     */
    uint64_t retain_ms;
    /**
     * How long a generation is kept after a newer one was added: as long as the sender may take to
     * switch, and frames to arrive; 10,000 by default.
     */
    uint64_t retain_generation_ms;
    /**
     * Counters that the replay window of each key covers, as in `frameseal_decryptor_config`; 0,
     * the default, for 1,024.
     */
    uint32_t replay_window;
    /**
     * The most steps that a frame may be ahead, which are the derivations that one forged frame
     * can cost; 32 by default.
     */
    uint32_t max_forward;
    /**
     * The most superseded steps of one sender that are kept; 8 by default.
     */
    uint32_t max_retained;
    /**
     * The most generations of one sender that are kept beside the newest; 2 by default.
     */
    uint32_t max_old_generations;
    /**
     * Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
     * default.
     */
    frameseal_backend backend;
} frameseal_sender_keys_config;

/**
 * How far our own sender key has come. Set `struct_size` before the call.
 */
typedef struct frameseal_own_sender_key {
    /**
     * `sizeof (frameseal_own_sender_key)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The generation.
     */
    uint64_t generation;
    /**
     * The ratchet step in it, counted in full.
     */
    uint64_t step;
    /**
     * The key id of the next frame.
     */
    uint64_t key_id;
    /**
     * The counter of the next frame; 0 when `exhausted`.
     */
    uint64_t next_counter;
    /**
     * Frames sealed in this step.
     */
    uint64_t frames;
    /**
     * Bytes sealed in this step, counted as in `frameseal_encryptor_config`.
     */
    uint64_t bytes;
    /**
     * Names the key of this step in logs without revealing it: print it with 8 hexadecimal digits.
     */
    uint32_t fingerprint;
    /**
     * How many low bits of our key ids carry the step.
     */
    uint32_t ratchet_bits;
    /**
     * 1 when the last counter, 2^64 - 1, was used, else 0.
     */
    uint8_t exhausted;
} frameseal_own_sender_key;

/**
 * What is held of one member's sender keys. Set `struct_size` before the call.
 */
typedef struct frameseal_member_sender_key {
    /**
     * `sizeof (frameseal_member_sender_key)`. Fields that a later version adds are not touched by
     * an earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * The newest generation.
     */
    uint64_t generation;
    /**
     * The latest step of it that authenticated, or that it began with.
     */
    uint64_t step;
    /**
     * Frames that named a step ahead and did not authenticate, since it last moved.
     */
    uint64_t failed_ahead;
    /**
     * How many generations are held.
     */
    size_t generations;
    /**
     * How many steps are held, of all generations together.
     */
    size_t steps;
} frameseal_member_sender_key;

/**
 * What a sealed base key is for. Both sides must say the same; the ids are the application's, of up
 * to `FRAMESEAL_MAX_ENVELOPE_ID_LEN` bytes each. Initialise all of it to zero, then `struct_size`,
 * then the rest.
 */
typedef struct frameseal_key_envelope {
    /**
     * `sizeof (frameseal_key_envelope)`.
     */
    size_t struct_size;
    /**
     * The call. It must differ between any two calls.
     */
    struct frameseal_slice call;
    /**
     * Whose base key it is, and who seals it.
     */
    struct frameseal_slice sender;
    /**
     * To whom.
     */
    struct frameseal_slice recipient;
    /**
     * The ratchet bits of the sender's key ids.
     */
    uint32_t ratchet_bits;
    /**
     * The suite of the sender's frames.
     */
    frameseal_suite suite;
    /**
     * Must be 0.
     */
    uint16_t reserved;
} frameseal_key_envelope;

/**
 * What a stream carries, which decides when it can move to a new epoch.
 */
typedef uint32_t frameseal_stream_kind;

/**
 * One of two parties whose identities are compared.
 */
typedef struct frameseal_identity {
    /**
     * What both applications call this party, at least one byte: an account name, a device id. Both
     * must use the same bytes, so text has to be in one normal form.
     */
    struct frameseal_slice name;
    /**
     * The long-term public key, at least 32 bytes, in the one encoding that both use.
     */
    struct frameseal_slice public_key;
} frameseal_identity;

/**
 * The configuration that decides what servers see. Initialise all of it to zero, then
 * `struct_size`, `suite` and `keying`, then the rest; or let
 * `frameseal_epoch_manager_visible_config` fill it in.
 */
typedef struct frameseal_visible_config {
    /**
     * `sizeof (frameseal_visible_config)`.
     */
    size_t struct_size;
    /**
     * The most bytes of a frame that the application leaves in the clear, such as codec headers.
     */
    size_t clear_bytes;
    /**
     * Senders, ourselves included, who may pass in the clear now.
     */
    size_t passthrough_senders;
    /**
     * One of the `FRAMESEAL_KEYING_` numbers.
     */
    frameseal_keying keying;
    /**
     * The cipher suite.
     */
    frameseal_suite suite;
    /**
     * With `FRAMESEAL_KEYING_SENDER_KEYS`, the ratchet bits; else 0.
     */
    uint8_t ratchet_bits;
    /**
     * With `FRAMESEAL_KEYING_MLS`, the bits of the epoch, 1 to 16; else 0.
     */
    uint8_t epoch_bits;
    /**
     * With `FRAMESEAL_KEYING_MLS`, the bits of the leaf index, 0 to 32; else 0.
     */
    uint8_t index_bits;
} frameseal_visible_config;

/**
 * Something that a server may see. The numbers keep their meaning in later versions, which may add
 * further ones.
 */
typedef uint32_t frameseal_visible_id;

/**
 * One line of the inventory. Set `struct_size` before every call.
 */
typedef struct frameseal_visible_item {
    /**
     * `sizeof (frameseal_visible_item)`. Fields that a later version adds are not touched by an
     * earlier library: initialise them.
     */
    size_t struct_size;
    /**
     * A stable name for records and translations, for example `"sender-index"`. Static.
     */
    const char *name;
    /**
     * What a product can show, in English: what servers see if this is visible. Static.
     */
    const char *text;
    /**
     * How much, in the unit that the `FRAMESEAL_VISIBLE_` number says, if `has_amount`; else 0.
     */
    uint64_t amount;
    /**
     * One of the `FRAMESEAL_VISIBLE_` numbers.
     */
    frameseal_visible_id id;
    /**
     * 1 when servers see it now, else 0.
     */
    uint8_t visible;
    /**
     * 1 when there is an amount, else 0.
     */
    uint8_t has_amount;
} frameseal_visible_item;

/**
 * In a configuration: the default, which is `FRAMESEAL_BACKEND_RUST_CRYPTO`.
 */
#define FRAMESEAL_BACKEND_DEFAULT 0

/**
 * AES, GHASH and SHA-2 of the `RustCrypto` project, composed for the sizes of media frames. In
 * every build.
 */
#define FRAMESEAL_BACKEND_RUST_CRYPTO 1

/**
 * AWS-LC for long frames of the suites with AES-GCM, at half of the default's time or less
 * from 10 kB on; frames of up to 240 bytes are sealed and opened as by the default. Of a long
 * frame that is refused, zeros are left in the buffer of a call that opens it in place. In builds
 * with the feature `aws-lc`.
 */
#define FRAMESEAL_BACKEND_AWS_LC 2

/**
 * AES-GCM in AVX-512, VAES and VPCLMULQDQ instructions, made for short frames; on processors
 * without them keys are those of the default. In builds with the feature `kernel`.
 */
#define FRAMESEAL_BACKEND_KERNEL 3

/**
 * Frames come and do not authenticate, or the sending key is older than the policy allows.
 */
#define FRAMESEAL_STATUS_BROKEN 10

/**
 * Frames pass with transport encryption only: servers can read them.
 */
#define FRAMESEAL_STATUS_TRANSPORT_ONLY 20

/**
 * Nothing has authenticated yet.
 */
#define FRAMESEAL_STATUS_UNKNOWN 30

/**
 * Nothing has authenticated for a while.
 */
#define FRAMESEAL_STATUS_STALE 40

/**
 * End-to-end encrypted, but with keys that a member has who was removed, and who can forge the
 * others with them: until the overlap ends, and until frames with newer keys came.
 */
#define FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL 50

/**
 * End-to-end encrypted: only members have the keys.
 */
#define FRAMESEAL_STATUS_END_TO_END 60

/**
 * End-to-end encrypted, and the identities were compared.
 */
#define FRAMESEAL_STATUS_END_TO_END_VERIFIED 70

/**
 * Frames authenticate.
 */
#define FRAMESEAL_REASON_AUTHENTICATED 1

/**
 * Frames authenticate, and the identity was compared.
 */
#define FRAMESEAL_REASON_VERIFIED 2

/**
 * No frame came.
 */
#define FRAMESEAL_REASON_NOTHING_RECEIVED 3

/**
 * Frames passed in the clear, as the application allowed.
 */
#define FRAMESEAL_REASON_PASSTHROUGH 4

/**
 * Frames came that do not authenticate.
 */
#define FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE 5

/**
 * Frames came whose key is not here.
 */
#define FRAMESEAL_REASON_NO_KEY 6

/**
 * Frames authenticated, but none of late.
 */
#define FRAMESEAL_REASON_SILENT 7

/**
 * A removed member has keys that are still accepted, or that the latest frames were sealed with.
 */
#define FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS 8

/**
 * We send in the clear ourselves, as the application allowed.
 */
#define FRAMESEAL_REASON_SENDING_IN_THE_CLEAR 9

/**
 * The epoch is older than the policy allows.
 */
#define FRAMESEAL_REASON_EPOCH_TOO_OLD 10

/**
 * A reason that this version has no number for.
 */
#define FRAMESEAL_REASON_OTHER 0

/**
 * End-to-end encryption by default. The application may let single senders pass in the clear for a
 * while, which the status shows. Keys that a removed member knows are accepted for 2 more seconds.
 */
#define FRAMESEAL_POLICY_STANDARD 1

/**
 * End-to-end encryption or nothing: no passthrough in either direction, no suite whose tags have
 * fewer than 80 bits, no sending in an epoch that is older than a day, and no overlap after a
 * removal.
 */
#define FRAMESEAL_POLICY_STRICT 2

/**
 * When all members have acknowledged the epoch (`frameseal_epoch_manager_peer_ready`), or after
 * `send_by_ms` at the latest.
 */
#define FRAMESEAL_SEND_WHEN_READY 1

/**
 * After `send_by_ms`, whatever was acknowledged.
 */
#define FRAMESEAL_SEND_AFTER 2

/**
 * At the first key frame of a stream with key frames after `send_from_ms`, or after `send_by_ms`
 * at the latest; streams without key frames after `send_from_ms`. At once when all members have
 * acknowledged it.
 */
#define FRAMESEAL_SEND_AT_KEY_FRAME 3

/**
 * When the application says so (`frameseal_epoch_manager_activate`), and never by itself.
 */
#define FRAMESEAL_SEND_WHEN_TOLD 4

/**
 * There is no event.
 */
#define FRAMESEAL_EVENT_NONE 0

/**
 * The sending key changed and video receivers may lack what they need to go on: the encoder, if
 * there is one for video, should make a key frame. With `FRAMESEAL_SEND_AT_KEY_FRAME` also when
 * streams may move that wait for one, and not after they all did. Not repeated within half a second.
 */
#define FRAMESEAL_EVENT_KEY_FRAME_NEEDED 1

/**
 * The first frame of `member` authenticated.
 */
#define FRAMESEAL_EVENT_MEMBER_FIRST_HEARD 2

/**
 * The status of `member` changed to `level`, for `reason`.
 */
#define FRAMESEAL_EVENT_STATUS_CHANGED 3

/**
 * The status of the call changed to `level`, for `reason`.
 */
#define FRAMESEAL_EVENT_ROOM_STATUS_CHANGED 4

/**
 * Frames of `epoch` can be received.
 */
#define FRAMESEAL_EVENT_EPOCH_ADDED 5

/**
 * All sending has moved to `epoch`.
 */
#define FRAMESEAL_EVENT_EPOCH_ACTIVATED 6

/**
 * The keys of `epoch` were wiped; a stream that was sealing a frame wipes its own when it is done.
 */
#define FRAMESEAL_EVENT_EPOCH_RETIRED 7

/**
 * Since `at_ms`, nothing is sent that a removed member could open; `epoch` is the first without
 * the member.
 */
#define FRAMESEAL_EVENT_SEND_CUT_OFF 8

/**
 * Since `at_ms`, nothing is accepted that a member could have forged who was removed in `epoch`, or
 * in one before it.
 */
#define FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED 9

/**
 * `member`, whose frames were end-to-end encrypted, may send in the clear from now on, since the
 * application said so.
 */
#define FRAMESEAL_EVENT_DOWNGRADE 10

/**
 * Of `member`, `count` more frames were refused as replayed.
 */
#define FRAMESEAL_EVENT_REPLAY_BURST 11

/**
 * The key of `key_id` has seen as many failed opens as its configuration allows.
 */
#define FRAMESEAL_EVENT_FORGERY_LIMIT 12

/**
 * The sending key of `key_id` has protected nearly as much as its limits allow: a new epoch
 * or generation is needed.
 */
#define FRAMESEAL_EVENT_USAGE_LIMIT_NEAR 13

/**
 * The application should start a new epoch: the current one grows too old, or it was asked for.
 */
#define FRAMESEAL_EVENT_REKEY_NEEDED 14

/**
 * `count` more frames came whose key is not here, the latest under `key_id`.
 */
#define FRAMESEAL_EVENT_UNKNOWN_KEY_ID 15

/**
 * More happened than could be remembered: `count` events are missing. Ask for the status anew.
 */
#define FRAMESEAL_EVENT_MERGED 16

/**
 * We may send in the clear from now on, since the application said so.
 */
#define FRAMESEAL_EVENT_SENDING_DOWNGRADE 17

/**
 * They can be a frame. That is weak evidence: plain media often looks like it.
 */
#define FRAMESEAL_VERDICT_POSSIBLE 1

/**
 * No frame of any call: the header is cut off or not the shortest one, or no frame of the suite has
 * this length.
 */
#define FRAMESEAL_VERDICT_SYNTAX 2

/**
 * The key id names a leaf that the tree does not have.
 */
#define FRAMESEAL_VERDICT_NO_SUCH_LEAF 3

/**
 * The key id names a context that no stream of the call has.
 */
#define FRAMESEAL_VERDICT_NO_SUCH_CONTEXT 4

/**
 * Impossible, for a reason that this version has no number for.
 */
#define FRAMESEAL_VERDICT_OTHER 0

/**
 * The application numbers its keys as it likes.
 */
#define FRAMESEAL_KEYING_PLAIN 1

/**
 * Every sender has keys of its own, with ratchet steps inside generations (RFC 9605 section 5.1).
 */
#define FRAMESEAL_KEYING_SENDER_KEYS 2

/**
 * Epochs of an MLS group (RFC 9605 section 5.2).
 */
#define FRAMESEAL_KEYING_MLS 3

/**
 * It is one that a server puts in, and no media of the sender.
 */
#define FRAMESEAL_PLAIN_INJECTED 1

/**
 * Passthrough is allowed for this sender now; the status says so.
 */
#define FRAMESEAL_PLAIN_PASSTHROUGH 2

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
 * Every frame can be decoded by itself, as with audio.
 */
#define FRAMESEAL_STREAM_INDEPENDENT 1

/**
 * Frames need earlier ones, back to a key frame, as with video.
 */
#define FRAMESEAL_STREAM_KEY_FRAMES 2

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

/**
 * The key id of each frame.
 */
#define FRAMESEAL_VISIBLE_KEY_IDS 1

/**
 * The leaf index of the sender in the key id. Amount: its bits.
 */
#define FRAMESEAL_VISIBLE_SENDER_INDEX 2

/**
 * The low bits of the epoch's number in the key id. Amount: the bits.
 */
#define FRAMESEAL_VISIBLE_EPOCH_COUNT 3

/**
 * The context in the key id. Amount: the bits that are left for it.
 */
#define FRAMESEAL_VISIBLE_STREAM_CONTEXT 4

/**
 * The generation of the sender's key in the key id.
 */
#define FRAMESEAL_VISIBLE_GENERATION 5

/**
 * The ratchet step in the key id. Amount: its bits.
 */
#define FRAMESEAL_VISIBLE_RATCHET_STEPS 6

/**
 * The counter of each frame.
 */
#define FRAMESEAL_VISIBLE_FRAME_COUNTERS 7

/**
 * The size of each frame.
 */
#define FRAMESEAL_VISIBLE_FRAME_SIZES 8

/**
 * The time of each frame.
 */
#define FRAMESEAL_VISIBLE_TIMING 9

/**
 * The bytes that the suite adds. Amount: those of the tag.
 */
#define FRAMESEAL_VISIBLE_SUITE_OVERHEAD 10

/**
 * Bytes of frames that the application leaves in the clear. Amount: the most of one frame.
 */
#define FRAMESEAL_VISIBLE_CLEAR_BYTES 11

/**
 * Whole frames of senders who may pass in the clear. Amount: how many senders.
 */
#define FRAMESEAL_VISIBLE_MEDIA_IN_THE_CLEAR 12

/**
 * Who takes part.
 */
#define FRAMESEAL_VISIBLE_MEMBERSHIP 13

/**
 * What the transport adds.
 */
#define FRAMESEAL_VISIBLE_TRANSPORT_HEADERS 14

/**
 * Network addresses.
 */
#define FRAMESEAL_VISIBLE_NETWORK_ADDRESSES 15

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Which backend really serves keys of a suite on this processor when this one is asked for:
 * `FRAMESEAL_BACKEND_RUST_CRYPTO` for the suites with CTR and HMAC, and for `_KERNEL` where the
 * processor lacks the instructions. 0 when the backend is not in this build, or the suite is not
 * registered. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_backend frameseal_backend_serving(frameseal_suite suite,
                                            frameseal_backend backend);

/**
 * The name of a backend, such as `"RustCrypto"`; NULL for a number that is none, and for
 * `FRAMESEAL_BACKEND_DEFAULT`, which is no backend of its own.
 *
 * The text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_backend_name(frameseal_backend backend);

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
 * A short English text for a level of protection, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_status_text(frameseal_encryption_status level);

/**
 * A short English text for the reason of a status, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_status_reason_text(frameseal_status_reason reason);

/**
 * Opens the frame in `sealed`, writes its payload to `out` and the payload's length to `*out_len`.
 *
 * `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
 * frame, from the same address on. Where they overlap, all of `sealed` may be written to, so no
 * other thread may use it during the call; of the frame's ciphertext, what the payload does not
 * cover is then overwritten with zeros. `metadata` must be what the sender passed. `info` may
 * be NULL; if it is not, its `struct_size` must be set.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`, `FRAMESEAL_ERROR_POLICY`
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: `info->key_id` is set to the key id of the frame
 * - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
 *   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
 *   `out_len` overlaps `info`
 *
 * A call that fails leaves no payload in `out`. It leaves `out` as it was, but for an
 * authentication failure (ciphertext) and for the thread that loses a race for the same frame
 * (`FRAMESEAL_ERROR_REPLAY`, zeros). Keeps no pointer. Any thread, several at once.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_decrypt(const struct frameseal_decryptor *decryptor,
                                             const uint8_t *metadata,
                                             size_t metadata_len,
                                             const uint8_t *sealed,
                                             size_t sealed_len,
                                             uint8_t *out,
                                             size_t out_capacity,
                                             size_t *out_len,
                                             struct frameseal_open_info *info);

/**
 * As `frameseal_decryptor_decrypt`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
 *
 * Results and rules are those of `frameseal_decryptor_decrypt`. Any thread, several at once.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_decrypt_slices(const struct frameseal_decryptor *decryptor,
                                                    const struct frameseal_slice *metadata,
                                                    size_t metadata_count,
                                                    const uint8_t *sealed,
                                                    size_t sealed_len,
                                                    uint8_t *out,
                                                    size_t out_capacity,
                                                    size_t *out_len,
                                                    struct frameseal_open_info *info);

/**
 * Makes a decryptor without keys and with the default protections.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or a pointer cannot be right
 *
 * On success the caller owns `*decryptor`, until `frameseal_decryptor_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_new(frameseal_suite suite,
                                         struct frameseal_decryptor **decryptor);

/**
 * As `frameseal_decryptor_new`, with protections that are chosen. `config` may be NULL for the
 * defaults; it is read during the call only.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when `struct_size` is not one of this structure, a
 *   flag or field that this version does not know is not zero, the backend is not in this build,
 *   the replay window is too large, or a replay window is asked for and turned off
 *
 * On success the caller owns `*decryptor`, until `frameseal_decryptor_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_new_with_config(frameseal_suite suite,
                                                     const struct frameseal_decryptor_config *config,
                                                     struct frameseal_decryptor **decryptor);

/**
 * Wipes all keys and frees the decryptor; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where the copy is not freed and wiped but stays until the child ends if another thread was adding
 * or removing a key when the process forked.
 */
FRAMESEAL_API
void frameseal_decryptor_free(struct frameseal_decryptor *decryptor);

/**
 * Adds a key; frames of it can be opened at once.
 *
 * The same key again changes nothing; after `frameseal_decryptor_remove_key` it comes back with
 * its replay window.
 *
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id; see
 *   `frameseal_decryptor_forget_key`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
 *   pointer or length cannot be right
 *
 * The base key is not kept: wipe it when you need it no more. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_add_key(struct frameseal_decryptor *decryptor,
                                             uint64_t key_id,
                                             const uint8_t *base_key,
                                             size_t base_key_len);

/**
 * Wipes a key, and remembers key id and replay window, so that frames which were accepted are not
 * accepted again if the key comes back.
 *
 * A call that is opening a frame with it on another thread may still succeed; the key is wiped
 * when that call ends.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_remove_key(struct frameseal_decryptor *decryptor,
                                                uint64_t key_id);

/**
 * Wipes a key and everything about it.
 *
 * If the same base key is ever added again under this key id, frames that were accepted before
 * are accepted once more: forget only keys that will never come back.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: nothing is known of this key id
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_forget_key(struct frameseal_decryptor *decryptor,
                                                uint64_t key_id);

/**
 * Tells the next key that has seen as many failed opens as `failed_opens` of the configuration:
 * `*raised` is set to whether there is one, and if so `*key_id` to which. Each is told once.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
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
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_payload_len(const struct frameseal_decryptor *decryptor,
                                                 const uint8_t *sealed,
                                                 size_t sealed_len,
                                                 size_t *payload_len);

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
 * A call that fails uses no counter and leaves `out` as it was. Keeps no pointer. Any thread;
 * calls on one encryptor wait for each other.
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
 * As `frameseal_encryptor_encrypt`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means: where one ends is not
 * authenticated.
 *
 * Results and rules are those of `frameseal_encryptor_encrypt`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_encrypt_slices(struct frameseal_encryptor *encryptor,
                                                    const struct frameseal_slice *metadata,
                                                    size_t metadata_count,
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
 * A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer. Any thread;
 * calls on one encryptor wait for each other.
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
 * As `frameseal_encryptor_encrypt_in_place`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
 *
 * Results and rules are those of `frameseal_encryptor_encrypt_in_place`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_encrypt_in_place_slices(struct frameseal_encryptor *encryptor,
                                                             const struct frameseal_slice *metadata,
                                                             size_t metadata_count,
                                                             uint8_t *buffer,
                                                             size_t buffer_capacity,
                                                             size_t payload_offset,
                                                             size_t payload_len,
                                                             size_t *frame_offset,
                                                             size_t *frame_len);

/**
 * Makes an encryptor without keys and with the default limits.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or a pointer cannot be right
 *
 * On success the caller owns `*encryptor`, until `frameseal_encryptor_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_new(frameseal_suite suite,
                                         struct frameseal_encryptor **encryptor);

/**
 * As `frameseal_encryptor_new`, with limits or another backend. `config` may be NULL for the
 * defaults; it is read during the call only.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when `struct_size` is not one of this structure, a
 *   field that this version does not know is not zero, or the backend is not in this build
 *
 * On success the caller owns `*encryptor`, until `frameseal_encryptor_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_new_with_config(frameseal_suite suite,
                                                     const struct frameseal_encryptor_config *config,
                                                     struct frameseal_encryptor **encryptor);

/**
 * Wipes all keys and frees the encryptor; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where the copy is not freed and wiped but stays until the child ends if another thread was inside
 * a call on it when the process forked.
 */
FRAMESEAL_API
void frameseal_encryptor_free(struct frameseal_encryptor *encryptor);

/**
 * Adds a key, without sending with it yet: give it to the receivers first, then call
 * `frameseal_encryptor_use_key`.
 *
 * The same key again changes nothing; after `frameseal_encryptor_remove_key` it comes back with
 * the counter where it was. A key id is bound to its first base key for as long as the encryptor
 * lives: where key ids wrap, as those of MLS do, make a new encryptor for new base keys.
 *
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
 *   pointer or length cannot be right
 *
 * The base key is not kept: wipe it when you need it no more. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_add_key(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id,
                                             const uint8_t *base_key,
                                             size_t base_key_len);

/**
 * Adds a key that sealed frames before this process began, to go on behind `last`: the value of
 * `frameseal_encryptor_reserve` that was stored last. Nothing can be sealed before the next
 * `frameseal_encryptor_reserve` and `frameseal_encryptor_confirm`.
 *
 * Never resume from a snapshot or a backup, which may be older than the last frame that was sent;
 * use a new key instead (RFC 9605 section 9.1). A key that is already here never goes back, only
 * forward.
 *
 * - results as those of `frameseal_encryptor_add_key`
 *
 * The base key is not kept. Any thread.
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
 *
 * Any thread.
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
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_remove_key(struct frameseal_encryptor *encryptor,
                                                uint64_t key_id);

/**
 * Asks for `count` counters of a key to be set aside, and makes its counter durable. Writes the
 * last of them to `*last`: store it where a crash cannot lose it, then
 * `frameseal_encryptor_confirm` it, and only then are they used (RFC 9605 section 9.1). After a
 * restart, `frameseal_encryptor_resume_key_after` it.
 *
 * Never answers less than before: asking again before confirming answers the same, or more when
 * more is asked for. Never replace what is stored by a smaller number; several threads must take
 * turns at reserving, storing and confirming. Counters that were confirmed earlier stay
 * usable meanwhile; those of a counter that was not durable do not.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 * - `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`: no counter is left to set aside
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `count` is 0, or a pointer cannot be right
 *
 * Any thread.
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
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_confirm(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id,
                                             uint64_t last);

/**
 * How many bytes the next frame will have when it is sealed, exactly: header, payload and tag.
 *
 * With several threads, the next frame may be another thread's; `frameseal_max_overhead` bounds
 * all frames.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
 *   `FRAMESEAL_ERROR_RESERVATION_NEEDED`: there is no next frame
 * - `FRAMESEAL_ERROR_USAGE_LIMIT`: the limits of the key forbid a frame with that payload
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
 *   right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_sealed_len(const struct frameseal_encryptor *encryptor,
                                                size_t payload_len,
                                                size_t *sealed_len);

/**
 * Fills `*config` with the defaults for a suite under a policy, `struct_size` included.
 *
 * `struct_size` is `sizeof (frameseal_epoch_config)`; nothing beyond it is written.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, the policy does not exist or
 *   does not take the suite, or the pointer or size cannot be right
 *
 * A call that fails leaves `*config` as it was. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_config_init(struct frameseal_epoch_config *config,
                                             size_t struct_size,
                                             frameseal_suite suite,
                                             frameseal_policy policy);

/**
 * Makes a manager without epochs. `config` is read during the call only.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `config` contradicts itself (no epoch, no context, contexts
 *   that do not fit the key ids, an overlap under `FRAMESEAL_POLICY_STRICT`), has a number that
 *   does not exist or the size of no such structure, or a pointer cannot be right
 *
 * On success the caller owns `*manager`, until `frameseal_epoch_manager_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_new(const struct frameseal_epoch_config *config,
                                             struct frameseal_epoch_manager **manager);

/**
 * Frees the manager; NULL is allowed and does nothing. Keys are wiped when the last of its streams
 * and receivers is closed, too.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where its copy of the keys is not wiped but stays until the child ends.
 */
FRAMESEAL_API
void frameseal_epoch_manager_free(struct frameseal_epoch_manager *manager);

/**
 * Adds an epoch. Frames of it are opened from now on; when sending moves to it is what
 * `send_switch` of the configuration says, but at once if a member was removed or the group was
 * made anew. The first epoch sends at once.
 *
 * The same epoch with the same key again changes nothing. An older epoch whose low-order bits are
 * the same is removed (RFC 9605 section 5.2).
 *
 * - `FRAMESEAL_ERROR_EPOCH_FORK`: the epoch is here with another key. The manager goes on with the
 *   key that it had: send nothing more until you know which of the two is right
 * - `FRAMESEAL_ERROR_EPOCH_TOO_OLD`: it is not newer than all that were added before
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has not exactly `frameseal_suite_key_len`
 *   bytes or is all zeros, or one of the last 64 epochs had it, so that its counters would start again; members are
 *   not in ascending order or not below the leaf count, an identity is empty or too long, the own
 *   index is not among the members, something does not fit the key ids, or a pointer, length or
 *   `struct_size` cannot be right
 *
 * Who was removed from the group gets no base key and frees the manager.
 *
 * A call that fails changes nothing. When it returns, no frame is begun any more in an epoch that
 * sending left. Nothing of the update is kept: wipe the base key when you need it no more. Any
 * thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_add_epoch(struct frameseal_epoch_manager *manager,
                                                   uint64_t now_ms,
                                                   const struct frameseal_epoch_update *update);

/**
 * A member says that it has an epoch. When all have said so, sending moves to it, with
 * `FRAMESEAL_SEND_WHEN_READY` and `FRAMESEAL_SEND_AT_KEY_FRAME`.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: the epoch is not live
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nobody is on that leaf in it, or it is our own
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_peer_ready(struct frameseal_epoch_manager *manager,
                                                    uint64_t now_ms,
                                                    uint32_t index,
                                                    const struct frameseal_epoch_id *epoch);

/**
 * The application decides that sending moves to this epoch now.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: the epoch is not live
 * - `FRAMESEAL_ERROR_EPOCH_TOO_OLD`: sending has moved past it, and never moves back
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_activate(struct frameseal_epoch_manager *manager,
                                                  uint64_t now_ms,
                                                  const struct frameseal_epoch_id *epoch);

/**
 * Derives the key of a member's stream in the newest epoch before its first frame, away from the
 * media thread; for members who are expected to send. `context` is which of their streams.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nobody is on that leaf
 * - `FRAMESEAL_ERROR_POLICY`: it is our own leaf, or a context beyond those that are accepted
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: index or context do not fit the key ids, or a pointer
 *   cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_prepare(struct frameseal_epoch_manager *manager,
                                                 uint64_t now_ms,
                                                 uint32_t index,
                                                 uint64_t context);

/**
 * Asks for a new epoch, for example after a device was lost: raises
 * `FRAMESEAL_EVENT_REKEY_NEEDED`, upon which the application commits.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_force_rekey(struct frameseal_epoch_manager *manager);

/**
 * Tells the epoch that all sending is in; streams that wait for a key frame come to it then.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: no epoch was added yet
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_sending_epoch(const struct frameseal_epoch_manager *manager,
                                                       struct frameseal_epoch_id *epoch);

/**
 * Tells who is on a leaf in the newest epoch.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nobody is
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_member_at(const struct frameseal_epoch_manager *manager,
                                                   uint32_t index,
                                                   struct frameseal_member_id *member);

/**
 * Tells how well the frames of a member are protected; `FRAMESEAL_STATUS_UNKNOWN` also for somebody
 * who is no member, and always for our own leaf, of which nothing is received (but with
 * `FRAMESEAL_LOOPBACK`): what we send counts in `frameseal_epoch_manager_room_status`.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, member or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_status(const struct frameseal_epoch_manager *manager,
                                                uint64_t now_ms,
                                                const struct frameseal_member_id *member,
                                                struct frameseal_status *status);

/**
 * Tells how well the call is protected: as well as the weakest of those who are heard, and no
 * better than what we send ourselves.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_room_status(const struct frameseal_epoch_manager *manager,
                                                     uint64_t now_ms,
                                                     struct frameseal_status *status);

/**
 * Tells what the frames of a member did, in all epochs. No media thread waits for it.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: of that member, no frame was heard yet
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, member or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_member_stats(const struct frameseal_epoch_manager *manager,
                                                      const struct frameseal_member_id *member,
                                                      struct frameseal_frame_stats *stats);

/**
 * Tells what the frames of a live epoch did. No media thread waits for it.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: the epoch is not live
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_epoch_stats(const struct frameseal_epoch_manager *manager,
                                                     const struct frameseal_epoch_id *epoch,
                                                     struct frameseal_frame_stats *stats);

/**
 * Says that the identity of a member was compared; with `verified` false, that it was not.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or member cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_set_verified(struct frameseal_epoch_manager *manager,
                                                      const struct frameseal_member_id *member,
                                                      bool verified);

/**
 * Says that everybody compared the code of this epoch: all identities in it are verified. Who joins
 * later is not.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: it is not the newest
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_set_epoch_verified(struct frameseal_epoch_manager *manager,
                                                            const struct frameseal_epoch_id *epoch);

/**
 * Takes the next event; its `kind` is `FRAMESEAL_EVENT_NONE` when there is none.
 *
 * To be called until there is none, after every change and at
 * `frameseal_epoch_manager_next_deadline`, also when no frame comes: it wipes the keys that are
 * due.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right; no event is
 *   taken
 *
 * Any thread; each event is told once.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_poll_event(struct frameseal_epoch_manager *manager,
                                                    uint64_t now_ms,
                                                    struct frameseal_event *event);

/**
 * Tells when something changes by itself: `*pending` is set to whether there is such a time, and if
 * so `*at_ms` to it. Poll events then, so that keys are wiped in time; a time that has come already
 * means at once.
 *
 * A frame that another thread seals or opens afterwards can bring that time nearer, also where there
 * was none, and wakes nobody. So a thread that sleeps until then sleeps 100 ms at most and asks
 * again, or asks after frames. More often than that, what frames did is not looked at.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_next_deadline(const struct frameseal_epoch_manager *manager,
                                                       bool *pending,
                                                       uint64_t *at_ms);

/**
 * A short English text for a kind of event, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_event_text(frameseal_event_kind kind);

/**
 * Makes the record of an event that was polled at `now_ms`, for an operator to keep: its time, kind,
 * epoch, status and count, and neither member, group nor key id. An event that says when it happened
 * keeps its own time.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: it is `FRAMESEAL_EVENT_NONE` or nothing that a `_poll_event`
 *   function tells, or a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_audit_record_of_event(const struct frameseal_event *event,
                                                 uint64_t now_ms,
                                                 struct frameseal_audit_record *record);

/**
 * Writes the record as one JSON object to `out`, UTF-8 and a zero byte behind it, and its length
 * without that byte to `*out_len`: `at_ms`, `kind` as `frameseal_audit_kind_name` has it, and where
 * there are any `epoch`, `status`, `reason` and `count`.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs, the zero
 *   byte included
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: nothing that `frameseal_audit_record_of_event` makes, a
 *   pointer or `struct_size` cannot be right, or `out_len` overlaps `out`
 *
 * A call that fails leaves `out` as it was. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_audit_record_json(const struct frameseal_audit_record *record,
                                             char *out,
                                             size_t out_capacity,
                                             size_t *out_len);

/**
 * A stable name for a kind of event, for example `"epoch-added"`: what stands in JSON.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_audit_kind_name(frameseal_event_kind kind);

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
 * Makes an empty holding buffer. `config` may be NULL for the defaults; it is read during the call
 * only. What is shorter than the tag of the suite is not held.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, there are bits that do not
 *   exist or too many frames, `config` has the size of no such structure, or a pointer cannot be
 *   right
 *
 * On success the caller owns `*buffer`, until `frameseal_holding_buffer_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_new(frameseal_suite suite,
                                              const struct frameseal_holding_config *config,
                                              struct frameseal_holding_buffer **buffer);

/**
 * Wipes what waits and frees the buffer; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where the copy is not freed and wiped but stays until the child ends if another thread was inside
 * a call on it when the process forked.
 */
FRAMESEAL_API
void frameseal_holding_buffer_free(struct frameseal_holding_buffer *buffer);

/**
 * Drops the frames whose time is over. Every other call with a time does so too; to be called at
 * `frameseal_holding_buffer_next_deadline`.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_poll(struct frameseal_holding_buffer *buffer,
                                               uint64_t now_ms);

/**
 * Tells when the next frame is dropped if its key does not come: `*pending` is set to whether one
 * waits, and if so `*at_ms` to that time.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_next_deadline(const struct frameseal_holding_buffer *buffer,
                                                        bool *pending,
                                                        uint64_t *at_ms);

/**
 * Wipes all frames, as when a call ends; they are not counted as expired.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_clear(struct frameseal_holding_buffer *buffer);

/**
 * Tells what it holds and has done.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_stats(const struct frameseal_holding_buffer *buffer,
                                                struct frameseal_holding_stats *stats);

/**
 * Copies a frame for which `frameseal_decryptor_decrypt` answered `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`,
 * with its metadata in `metadata_count` pieces, at most `FRAMESEAL_MAX_SLICES`.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of the suite
 * - `FRAMESEAL_ERROR_CAPACITY`: a limit is reached; the frame is lost, what waits is as it was
 * - `FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR`: its key has come since: decrypt it
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_hold_for_decryptor(struct frameseal_holding_buffer *buffer,
                                                             const struct frameseal_decryptor *decryptor,
                                                             uint64_t now_ms,
                                                             const struct frameseal_slice *metadata,
                                                             size_t metadata_count,
                                                             const uint8_t *sealed,
                                                             size_t sealed_len);

/**
 * As `frameseal_holding_buffer_hold_for_decryptor`, for a frame that waits for its epoch: one for
 * which `frameseal_receiver_decrypt` answered `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`. Give the buffer the
 * bits of the call's key ids, so that quotas are for each leaf.
 *
 * - `FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR`: its epoch is here, since another thread has added it, or
 *   with nobody on the frame's leaf: decrypt it once more, and drop it if that fails
 * - otherwise as that
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_hold_for_receiver(struct frameseal_holding_buffer *buffer,
                                                            const struct frameseal_receiver *receiver,
                                                            uint64_t now_ms,
                                                            const struct frameseal_slice *metadata,
                                                            size_t metadata_count,
                                                            const uint8_t *sealed,
                                                            size_t sealed_len);

/**
 * As `frameseal_holding_buffer_hold_for_decryptor`, for a frame of this member that waits for its
 * generation, or for the member's first key: one for which `frameseal_sender_keys_decrypt` answered
 * `FRAMESEAL_ERROR_UNKNOWN_KEY_ID` or `FRAMESEAL_ERROR_UNKNOWN_MEMBER`. The buffer is for frames of
 * this member only.
 *
 * - `FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR`: its generation, or a newer one, is here: decrypt it once
 *   more, and drop it if that fails
 * - otherwise as that
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_hold_for_member(struct frameseal_holding_buffer *buffer,
                                                          const struct frameseal_sender_keys *keys,
                                                          uint64_t member,
                                                          uint64_t now_ms,
                                                          const struct frameseal_slice *metadata,
                                                          size_t metadata_count,
                                                          const uint8_t *sealed,
                                                          size_t sealed_len);

/**
 * Takes the next frame, in order of arrival, whose key has come to the decryptor, and opens it:
 * writes its metadata to `metadata` and its payload to `out`, and tells about it in `*frame` and
 * `*info`. To be called when keys were added, until `frame->found` is 0.
 *
 * A frame that does not open is lost, this was its one try: `frame->result` says why, and the call
 * itself answers `FRAMESEAL_OK`. `info` may be NULL; if it is not, its `struct_size` must be set. It
 * is written as by `frameseal_decryptor_decrypt`.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: the frame goes on waiting, and so do those behind it;
 *   `frame->metadata_len` and `frame->payload_len` are set to the bytes that `metadata` and `out`
 *   need, and `frame->key_id` to its key id
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
 *   places that are written to overlap
 *
 * As many bytes as `sender_bytes` of the configuration always suffice, for `metadata` and for `out`:
 * no frame that is larger waits. Whoever has less calls again with more when a frame is too large,
 * or gives it up with `frameseal_holding_buffer_drop_next`. Anybody can send a large frame that will
 * not open.
 *
 * If the frame did not open, `metadata` is as it was, and `out` too, or it holds ciphertext. Keeps
 * no pointer. Any thread; calls on one buffer wait for each other.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_open_with_decryptor(struct frameseal_holding_buffer *buffer,
                                                              const struct frameseal_decryptor *decryptor,
                                                              uint64_t now_ms,
                                                              uint8_t *metadata,
                                                              size_t metadata_capacity,
                                                              uint8_t *out,
                                                              size_t out_capacity,
                                                              struct frameseal_held_frame *frame,
                                                              struct frameseal_open_info *info);

/**
 * As `frameseal_holding_buffer_open_with_decryptor`, for frames whose epoch has come. Whether their
 * senders are members of it is decided now.
 *
 * Results and rules are those of that function; `*info` is written as by
 * `frameseal_receiver_decrypt`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_open_with_receiver(struct frameseal_holding_buffer *buffer,
                                                             const struct frameseal_receiver *receiver,
                                                             uint64_t now_ms,
                                                             uint8_t *metadata,
                                                             size_t metadata_capacity,
                                                             uint8_t *out,
                                                             size_t out_capacity,
                                                             struct frameseal_held_frame *frame,
                                                             struct frameseal_received_info *info);

/**
 * As `frameseal_holding_buffer_open_with_decryptor`, for frames of this member whose generation has
 * come.
 *
 * Results and rules are those of that function; `*info` is written as by
 * `frameseal_sender_keys_decrypt`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_open_with_member(struct frameseal_holding_buffer *buffer,
                                                           struct frameseal_sender_keys *keys,
                                                           uint64_t member,
                                                           uint64_t now_ms,
                                                           uint8_t *metadata,
                                                           size_t metadata_capacity,
                                                           uint8_t *out,
                                                           size_t out_capacity,
                                                           struct frameseal_held_frame *frame,
                                                           struct frameseal_step_info *info);

/**
 * Wipes the frame of this key id that came first, without opening it: for one that an `_open_`
 * function found too large, whose key id it told, so that those behind it come out. Call it with the
 * time of that call, and before another call that opens.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no frame of this key id waits
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_holding_buffer_drop_next(struct frameseal_holding_buffer *buffer,
                                                    uint64_t now_ms,
                                                    uint64_t key_id);

/**
 * Reads a frame, all of it, without a key, and says in `seen->verdict` whether it can be one.
 *
 * Use it to drop what is certainly not SFrame and to route what may be. Whether a stream is
 * end-to-end encrypted is for its receivers to say, who have the keys: of random byte strings that
 * are long enough, 99.3 % have a valid header.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `call` has a number that does not exist, bits that do not
 *   belong to its keying, or the size of no such structure, or a pointer or length cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_inspect(const struct frameseal_inspector *call,
                                   const uint8_t *sealed,
                                   size_t sealed_len,
                                   struct frameseal_inspection *seen);

/**
 * A short English text for a verdict, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_verdict_text(frameseal_verdict verdict);

/**
 * Tells how far a sending key has come, also when it was removed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_key_status(const struct frameseal_encryptor *encryptor,
                                                uint64_t key_id,
                                                struct frameseal_sending_key_status *status);

/**
 * Tells what a receiving key has seen, also when it was removed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here, or was forgotten
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_key_status(const struct frameseal_decryptor *decryptor,
                                                uint64_t key_id,
                                                struct frameseal_receiving_key_status *status);

/**
 * Why the last call of this thread failed that answered an error, in English, for logs and for who
 * writes the application: which argument was wrong and what it must be, which key id was not found,
 * which size was needed. `frameseal_result_text` has one text for each number, this says more.
 *
 * ```c
 * if (frameseal_epoch_manager_add_epoch(manager, now_ms, &epoch) != FRAMESEAL_OK)
 *     log_line(frameseal_last_error_text()); // invalid argument: too many epochs for one manager
 * ```
 *
 * The words may change with any version: do not compare them. They hold no secret and no byte of a
 * payload; the key id of a frame is what its header says. Calls that succeed change nothing, so ask only after one that failed.
 *
 * Never NULL, and empty when none failed; the text is the library's, and stays as it is until this
 * thread calls this function again, or ends. Any thread; each has its own.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_last_error_text(void);

/**
 * Tells how well everybody is protected of whom something is known; of all others, and of our own
 * leaf, it is `FRAMESEAL_STATUS_UNKNOWN`. One call costs less than
 * `frameseal_epoch_manager_status` for each.
 *
 * Fills `entries`, in no particular order, and sets `*count` to how many there are. `entry_size` is
 * `sizeof (frameseal_member_status)`, `capacity` how many fit; with 0, `entries` may be NULL.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*count` is set to how many there are now, and nothing else
 *   is written; by the next call there may be more
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `entry_size` cannot be right, or `count`
 *   overlaps `entries`
 *
 * Media threads that look up a sender wait for it, as for `frameseal_epoch_manager_room_status`. Any
 * thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_statuses(const struct frameseal_epoch_manager *manager,
                                                  uint64_t now_ms,
                                                  struct frameseal_member_status *entries,
                                                  size_t entry_size,
                                                  size_t capacity,
                                                  size_t *count);

/**
 * As `frameseal_epoch_manager_statuses`, for all members of a monitor, which are those of
 * `FRAMESEAL_MEMBER_APPLICATION`.
 *
 * Results and rules are those of that function, but that no media thread waits. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_statuses(const struct frameseal_monitor *monitor,
                                            uint64_t now_ms,
                                            struct frameseal_member_status *entries,
                                            size_t entry_size,
                                            size_t capacity,
                                            size_t *count);

/**
 * Tells everybody who is in the newest epoch, ourselves included, in ascending order of leaf index.
 * Nobody is before the first epoch.
 *
 * Fills `entries` and sets `*count` to how many there are. `entry_size` is
 * `sizeof (frameseal_present_member)`, `capacity` how many fit; with 0, `entries` may be NULL.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*count` is set to how many there are now, and nothing else
 *   is written; by the next call there may be more
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `entry_size` cannot be right, or `count`
 *   overlaps `entries`
 *
 * No media thread waits for it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_members(const struct frameseal_epoch_manager *manager,
                                                 struct frameseal_present_member *entries,
                                                 size_t entry_size,
                                                 size_t capacity,
                                                 size_t *count);

/**
 * Makes a monitor without members. `policy` is one of the `FRAMESEAL_POLICY_` numbers; after
 * `stale_after_ms` without a frame a status expires, 0 is for the default, 10,000.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the policy does not exist, or a pointer cannot be right
 *
 * On success the caller owns `*monitor`, until `frameseal_monitor_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_new(frameseal_policy policy,
                                       uint64_t stale_after_ms,
                                       struct frameseal_monitor **monitor);

/**
 * Frees the monitor; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where the copy is not freed and wiped but stays until the child ends if another thread was inside
 * a call on it when the process forked.
 */
FRAMESEAL_API
void frameseal_monitor_free(struct frameseal_monitor *monitor);

/**
 * Adds a member, of whom nothing is known yet; one that is here already stays as it is.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_add_member(struct frameseal_monitor *monitor,
                                              uint64_t member);

/**
 * Forgets a member who left, also that frames of theirs authenticated and that their identity was
 * compared. Whoever is added under the same number again is unknown, and may be allowed to pass in
 * the clear again: give the number to nobody else, and do not remove members for a pause.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_remove_member(struct frameseal_monitor *monitor,
                                                 uint64_t member);

/**
 * Says that keys which a removed member knows are still accepted, until `end_ms`, or, with 0, no
 * more: for an application that changes keys itself. The status shows it until then, and of each
 * member until a frame authenticates behind it.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_set_removal_overlap(struct frameseal_monitor *monitor,
                                                       uint64_t end_ms);

/**
 * Shows the monitor what became of a frame of this member: the result that a `_decrypt` function
 * answered, whatever it is. `key_id` counts only with `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and is what
 * that function told then.
 *
 * `FRAMESEAL_ERROR_AUTHENTICATION`, `FRAMESEAL_ERROR_SYNTAX` and `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`
 * lower the status if they go on for two seconds, `FRAMESEAL_ERROR_REPLAY` is counted; other errors
 * are the caller's own mistakes and change nothing.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_observe(struct frameseal_monitor *monitor,
                                           uint64_t now_ms,
                                           uint64_t member,
                                           frameseal_result result,
                                           uint64_t key_id);

/**
 * Shows the monitor that we sent a frame that is end-to-end encrypted. Ends what
 * `frameseal_monitor_allow_sending_in_the_clear` allowed.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_observe_sent(struct frameseal_monitor *monitor,
                                                uint64_t now_ms);

/**
 * Shows the monitor how far a key of an encryptor has come: raises
 * `FRAMESEAL_EVENT_USAGE_LIMIT_NEAR`, once for each of the last eight key ids, when seven eighths of
 * a limit are used. `config` is what the encryptor was made with, NULL for the defaults. Now and
 * then is enough.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never in the encryptor
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_observe_encryptor(struct frameseal_monitor *monitor,
                                                     const struct frameseal_encryptor *encryptor,
                                                     uint64_t key_id,
                                                     const struct frameseal_encryptor_config *config);

/**
 * As `frameseal_monitor_observe_encryptor`, for our own sender key at its present step.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_observe_sender_keys(struct frameseal_monitor *monitor,
                                                       const struct frameseal_sender_keys *keys);

/**
 * Says that the identity of a member was compared; with `verified` false, that it changed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_set_verified(struct frameseal_monitor *monitor,
                                                uint64_t member,
                                                bool verified);

/**
 * Lets frames of a member pass in the clear for `duration_ms`, up to
 * `FRAMESEAL_MAX_PASSTHROUGH_MS`: for a client that cannot encrypt yet. The first frame of theirs
 * that authenticates ends it.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when frames of this
 *   member have authenticated; see `frameseal_monitor_downgrade`
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_allow_passthrough(struct frameseal_monitor *monitor,
                                                     uint64_t now_ms,
                                                     uint64_t member,
                                                     uint64_t duration_ms);

/**
 * Ends what `frameseal_monitor_allow_passthrough` allowed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_end_passthrough(struct frameseal_monitor *monitor,
                                                   uint64_t member);

/**
 * Accepts that a member whose frames were end-to-end encrypted will send in the clear, after which
 * `frameseal_monitor_allow_passthrough` works again. To be called when people have been told, never
 * because of what a server says. Raises `FRAMESEAL_EVENT_DOWNGRADE`.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_downgrade(struct frameseal_monitor *monitor,
                                             uint64_t member);

/**
 * Asks whether a frame that came in the clear from this member may be played, counts it if so, and
 * writes to `*plain` why, one of the `FRAMESEAL_PLAIN_` numbers. Never to be asked about a frame
 * that could not be opened, only about one of which the application knows that it is not encrypted.
 *
 * `injected` are `injected_count` frames, at most `FRAMESEAL_MAX_SLICES`, that a server may put in,
 * such as silence, byte for byte: they pass without leave.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_pass(struct frameseal_monitor *monitor,
                                        uint64_t now_ms,
                                        uint64_t member,
                                        const uint8_t *frame,
                                        size_t frame_len,
                                        const struct frameseal_slice *injected,
                                        size_t injected_count,
                                        frameseal_plain *plain);

/**
 * Lets us send in the clear for `duration_ms`, up to `FRAMESEAL_MAX_PASSTHROUGH_MS`, until
 * `frameseal_monitor_observe_sent` is shown a frame.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when we have sent
 *   encrypted frames; see `frameseal_monitor_downgrade_sending`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_allow_sending_in_the_clear(struct frameseal_monitor *monitor,
                                                              uint64_t now_ms,
                                                              uint64_t duration_ms);

/**
 * As `frameseal_monitor_downgrade`, for our own sending. Raises
 * `FRAMESEAL_EVENT_SENDING_DOWNGRADE`.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_downgrade_sending(struct frameseal_monitor *monitor);

/**
 * Asks whether the next frame may be sent in the clear, and counts it if so.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_send_in_the_clear(struct frameseal_monitor *monitor,
                                                     uint64_t now_ms);

/**
 * Tells how many senders, ourselves included, may pass in the clear now, and how many frames we
 * sent in the clear so far.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_in_the_clear(const struct frameseal_monitor *monitor,
                                                uint64_t now_ms,
                                                size_t *senders,
                                                uint64_t *frames_sent);

/**
 * Tells how well the frames of a member are protected; `FRAMESEAL_STATUS_UNKNOWN` also for somebody
 * who is no member.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_status(const struct frameseal_monitor *monitor,
                                          uint64_t now_ms,
                                          uint64_t member,
                                          struct frameseal_status *status);

/**
 * Tells how well the call is protected: as well as the weakest of those who are heard, and no
 * better than what we send ourselves. It is verified when all members are, the silent ones too.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_room_status(const struct frameseal_monitor *monitor,
                                               uint64_t now_ms,
                                               struct frameseal_status *status);

/**
 * Tells what the frames of a member did.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_member_stats(const struct frameseal_monitor *monitor,
                                                uint64_t member,
                                                struct frameseal_frame_stats *stats);

/**
 * Takes the next event; its `kind` is `FRAMESEAL_EVENT_NONE` when there is none. Members are those
 * of `FRAMESEAL_MEMBER_APPLICATION`.
 *
 * To be called until there is none, after every change and at `frameseal_monitor_next_deadline`.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right; no event is
 *   taken
 *
 * Any thread; each event is told once.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_poll_event(struct frameseal_monitor *monitor,
                                              uint64_t now_ms,
                                              struct frameseal_event *event);

/**
 * Tells when a status changes by itself: `*pending` is set to whether there is such a time, and if
 * so `*at_ms` to it. Poll events then.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_monitor_next_deadline(const struct frameseal_monitor *monitor,
                                                 bool *pending,
                                                 uint64_t *at_ms);

/**
 * Lets frames of a member pass in the clear for `duration_ms`, up to
 * `FRAMESEAL_MAX_PASSTHROUGH_MS`: for a client that cannot encrypt yet. The first frame of theirs
 * that authenticates ends it.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when frames of this
 *   member have authenticated; see `frameseal_epoch_manager_downgrade`
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer or member cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_allow_passthrough(struct frameseal_epoch_manager *manager,
                                                           uint64_t now_ms,
                                                           const struct frameseal_member_id *member,
                                                           uint64_t duration_ms);

/**
 * Ends what `frameseal_epoch_manager_allow_passthrough` allowed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nothing is known of that member
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or member cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_end_passthrough(struct frameseal_epoch_manager *manager,
                                                         const struct frameseal_member_id *member);

/**
 * Accepts that a member whose frames were end-to-end encrypted will send in the clear, after which
 * `frameseal_epoch_manager_allow_passthrough` works again. To be called when people have been told,
 * never because of what a server says. Raises `FRAMESEAL_EVENT_DOWNGRADE`.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or member cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_downgrade(struct frameseal_epoch_manager *manager,
                                                   const struct frameseal_member_id *member);

/**
 * Asks whether a frame that came in the clear from this member may be played, counts it if so, and
 * writes to `*plain` why. Never to be asked about a frame that could not be opened, only about one
 * of which the application knows that it is not encrypted.
 *
 * `injected` are `injected_count` frames, at most `FRAMESEAL_MAX_SLICES`, that a server may put in,
 * such as silence, byte for byte: they pass without leave.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or member cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_pass(struct frameseal_epoch_manager *manager,
                                              uint64_t now_ms,
                                              const struct frameseal_member_id *member,
                                              const uint8_t *frame,
                                              size_t frame_len,
                                              const struct frameseal_slice *injected,
                                              size_t injected_count,
                                              frameseal_plain *plain);

/**
 * Lets us send in the clear for `duration_ms`, up to `FRAMESEAL_MAX_PASSTHROUGH_MS`, until the
 * first frame of ours that is end-to-end encrypted.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when we have sent
 *   encrypted frames; see `frameseal_epoch_manager_downgrade_sending`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_allow_sending_in_the_clear(struct frameseal_epoch_manager *manager,
                                                                    uint64_t now_ms,
                                                                    uint64_t duration_ms);

/**
 * As `frameseal_epoch_manager_downgrade`, for our own sending.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_downgrade_sending(struct frameseal_epoch_manager *manager);

/**
 * Asks whether the next frame may be sent in the clear, and counts it if so.
 *
 * - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_send_in_the_clear(struct frameseal_epoch_manager *manager,
                                                           uint64_t now_ms);

/**
 * Makes a receiver for the frames of a call: one for all threads, or one for each.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * On success the caller owns `*receiver`, until `frameseal_receiver_close`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_receiver_open(const struct frameseal_epoch_manager *manager,
                                         struct frameseal_receiver **receiver);

/**
 * Closes the receiver; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where its copy of the call's keys is not wiped but stays until the child ends.
 */
FRAMESEAL_API
void frameseal_receiver_close(struct frameseal_receiver *receiver);

/**
 * How many bytes of payload this frame claims to have, exactly. Needs no key.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of the call's suite
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_receiver_payload_len(const struct frameseal_receiver *receiver,
                                                const uint8_t *sealed,
                                                size_t sealed_len,
                                                size_t *payload_len);

/**
 * Opens the frame in `sealed`, writes its payload to `out` and the payload's length to `*out_len`.
 *
 * `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
 * frame, from the same address on. Where they overlap, all of `sealed` may be written to, so no
 * other thread may use it during the call; of the frame's ciphertext, what the payload does not
 * cover is then overwritten with zeros. `metadata` must be what the sender passed. `info` may
 * be NULL; if it is not, its `struct_size` must be set.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: its epoch is not here, or nobody is on that leaf in it;
 *   `info->key_id` is set to the key id of the frame
 * - `FRAMESEAL_ERROR_POLICY`: it names our own leaf, a context beyond those that are accepted, or
 *   a key that was stopped
 * - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
 *   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
 *   `out_len` overlaps `info`
 *
 * A call that fails leaves no payload in `out`. It leaves `out` as it was, but for an
 * authentication failure (ciphertext) and for a frame that is refused after it was opened, as
 * `FRAMESEAL_ERROR_REPLAY`, because another thread was faster with it or its epoch has gone (zeros).
 * Keeps no pointer. Any thread,
 * several at once.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_receiver_decrypt(const struct frameseal_receiver *receiver,
                                            uint64_t now_ms,
                                            const uint8_t *metadata,
                                            size_t metadata_len,
                                            const uint8_t *sealed,
                                            size_t sealed_len,
                                            uint8_t *out,
                                            size_t out_capacity,
                                            size_t *out_len,
                                            struct frameseal_received_info *info);

/**
 * As `frameseal_receiver_decrypt`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
 *
 * Results and rules are those of `frameseal_receiver_decrypt`. Any thread, several at once.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_receiver_decrypt_slices(const struct frameseal_receiver *receiver,
                                                   uint64_t now_ms,
                                                   const struct frameseal_slice *metadata,
                                                   size_t metadata_count,
                                                   const uint8_t *sealed,
                                                   size_t sealed_len,
                                                   uint8_t *out,
                                                   size_t out_capacity,
                                                   size_t *out_len,
                                                   struct frameseal_received_info *info);

/**
 * A short English text for a result, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
const char *frameseal_result_text(frameseal_result result);

/**
 * Fills `*config` with the defaults for a suite, `struct_size` included.
 *
 * `struct_size` is `sizeof (frameseal_sender_keys_config)`; nothing beyond it is written.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or the pointer or size cannot
 *   be right
 *
 * A call that fails leaves `*config` as it was. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_config_init(struct frameseal_sender_keys_config *config,
                                                   size_t struct_size,
                                                   frameseal_suite suite);

/**
 * How many bytes the next frame will have when it is sealed, exactly: header, payload and tag.
 *
 * With several threads, the next frame may be another thread's; `frameseal_max_overhead` bounds
 * all frames.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`: there is no next frame
 * - `FRAMESEAL_ERROR_USAGE_LIMIT`: the limits of the key forbid a frame with that payload
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
 *   right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_sealed_len(const struct frameseal_sender_keys *keys,
                                                  size_t payload_len,
                                                  size_t *sealed_len);

/**
 * Seals `payload` into `out` as header, ciphertext and tag, with our own key at its present step,
 * and writes how many bytes that are to `*out_len`.
 *
 * `payload` and `out` may overlap in any way, or be the same. `metadata` is authenticated and not
 * sent: the receiver must pass the same bytes.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
 *   `FRAMESEAL_ERROR_USAGE_LIMIT`: ratchet or roll
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, `metadata` or
 *   `out_len` overlaps `out` (or `payload`, where that overlaps `out`), or no frame can have that
 *   payload
 *
 * A call that fails uses no counter and leaves `out` as it was. Keeps no pointer. Any thread; calls
 * on one object wait for each other.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_encrypt(struct frameseal_sender_keys *keys,
                                               const uint8_t *metadata,
                                               size_t metadata_len,
                                               const uint8_t *payload,
                                               size_t payload_len,
                                               uint8_t *out,
                                               size_t out_capacity,
                                               size_t *out_len);

/**
 * As `frameseal_sender_keys_encrypt`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means: where one ends is not
 * authenticated.
 *
 * Results and rules are those of `frameseal_sender_keys_encrypt`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_encrypt_slices(struct frameseal_sender_keys *keys,
                                                      const struct frameseal_slice *metadata,
                                                      size_t metadata_count,
                                                      const uint8_t *payload,
                                                      size_t payload_len,
                                                      uint8_t *out,
                                                      size_t out_capacity,
                                                      size_t *out_len);

/**
 * Seals a part of `buffer` where it is, as `frameseal_encryptor_encrypt_in_place` does, with our own
 * key: the payload of `payload_len` bytes that begins `payload_offset` bytes behind the start of
 * `buffer`.
 * The place of the sealed frame in `buffer` is written to `*frame_offset` and `*frame_len`.
 *
 * - `FRAMESEAL_ERROR_HEADROOM_TOO_SMALL`: `*frame_offset` is set to the bytes that must lie in
 *   front of the payload; `FRAMESEAL_MAX_HEADER_LEN` always suffice
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*frame_len` is set to the capacity that `buffer` needs;
 *   `FRAMESEAL_MAX_TAG_LEN` bytes behind the payload always suffice
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when the payload is not inside the buffer, or
 *   `metadata`, `frame_offset` or `frame_len` overlaps the buffer, or the latter two each other
 * - otherwise as `frameseal_sender_keys_encrypt`
 *
 * A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer. Any thread;
 * calls on one object wait for each other.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_encrypt_in_place(struct frameseal_sender_keys *keys,
                                                        const uint8_t *metadata,
                                                        size_t metadata_len,
                                                        uint8_t *buffer,
                                                        size_t buffer_capacity,
                                                        size_t payload_offset,
                                                        size_t payload_len,
                                                        size_t *frame_offset,
                                                        size_t *frame_len);

/**
 * As `frameseal_sender_keys_encrypt_in_place`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
 *
 * Results and rules are those of `frameseal_sender_keys_encrypt_in_place`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_encrypt_in_place_slices(struct frameseal_sender_keys *keys,
                                                               const struct frameseal_slice *metadata,
                                                               size_t metadata_count,
                                                               uint8_t *buffer,
                                                               size_t buffer_capacity,
                                                               size_t payload_offset,
                                                               size_t payload_len,
                                                               size_t *frame_offset,
                                                               size_t *frame_len);

/**
 * How many bytes of payload this frame claims to have, exactly. Needs no key.
 *
 * - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of the suite
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
 *
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_payload_len(const struct frameseal_sender_keys *keys,
                                                   const uint8_t *sealed,
                                                   size_t sealed_len,
                                                   size_t *payload_len);

/**
 * Opens a frame of this member in `sealed`, writes its payload to `out` and the payload's length to
 * `*out_len`. Whose frame it is must be known from elsewhere, such as the stream.
 *
 * `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
 * frame, from the same address on. Where they overlap, all of `sealed` may be written to, so no
 * other thread may use it during the call; of the frame's ciphertext, what the payload does not
 * cover is then overwritten with zeros. `metadata` must be what the sender passed. `info` may
 * be NULL; if it is not, its `struct_size` must be set.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`, `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`,
 *   `FRAMESEAL_ERROR_POLICY`
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the generation is not here (yet), or the step is gone, or too
 *   far ahead; `info->key_id` is set to the key id of the frame
 * - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
 *   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
 *   `out_len` overlaps `info`
 *
 * A call that fails leaves no payload in `out`. It leaves `out` as it was, but for an
 * authentication failure (ciphertext). Keeps no pointer. Any thread; calls on one object wait for
 * each other.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_decrypt(struct frameseal_sender_keys *keys,
                                               uint64_t now_ms,
                                               uint64_t member,
                                               const uint8_t *metadata,
                                               size_t metadata_len,
                                               const uint8_t *sealed,
                                               size_t sealed_len,
                                               uint8_t *out,
                                               size_t out_capacity,
                                               size_t *out_len,
                                               struct frameseal_step_info *info);

/**
 * As `frameseal_sender_keys_decrypt`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
 *
 * Results and rules are those of `frameseal_sender_keys_decrypt`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_decrypt_slices(struct frameseal_sender_keys *keys,
                                                      uint64_t now_ms,
                                                      uint64_t member,
                                                      const struct frameseal_slice *metadata,
                                                      size_t metadata_count,
                                                      const uint8_t *sealed,
                                                      size_t sealed_len,
                                                      uint8_t *out,
                                                      size_t out_capacity,
                                                      size_t *out_len,
                                                      struct frameseal_step_info *info);

/**
 * Adds a member who sends, at a generation and step with the base key of that step. For a member
 * who is here, as `frameseal_sender_keys_add_generation`.
 *
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: the base key is, was or would become our own
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key does not have 16 to
 *   `FRAMESEAL_MAX_BASE_KEY_LEN` bytes or is all zeros, generation and step do not fit the key id, the
 *   ratchet bits do not exist or differ from those of a member who is here, or a pointer or length cannot be
 *   right
 * - for a member who is here, as `frameseal_sender_keys_add_generation`
 *
 * A call that fails changes nothing. The base key is not kept where it is: wipe it when you need it
 * no more. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_add_member(struct frameseal_sender_keys *keys,
                                                  uint64_t now_ms,
                                                  uint64_t member,
                                                  uint32_t ratchet_bits,
                                                  uint64_t generation,
                                                  uint64_t step,
                                                  const uint8_t *base_key,
                                                  size_t base_key_len);

/**
 * Adds a newer generation of a member, who rolls. Its frames can be opened at once, those of older
 * generations for `retain_generation_ms` of the configuration.
 *
 * A key that is here already changes nothing. For a later step of a generation that is here, the
 * key must follow from the one that is here.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_GENERATION_TOO_OLD`: it is older than the newest, and not here
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is here for this generation, or the base key
 *   is, was or would become our own
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: as `frameseal_sender_keys_add_member`; or more than 4,096
 *   steps from the one that is here
 *
 * A call that fails changes nothing. The base key is not kept where it is. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_add_generation(struct frameseal_sender_keys *keys,
                                                      uint64_t now_ms,
                                                      uint64_t member,
                                                      uint64_t generation,
                                                      uint64_t step,
                                                      const uint8_t *base_key,
                                                      size_t base_key_len);

/**
 * Wipes all keys of a member. Our own key is still known to whoever was removed, and those of the
 * others too: roll, and let them roll.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_remove_member(struct frameseal_sender_keys *keys,
                                                     uint64_t member);

/**
 * Accepts the old generations of all members for no longer than `within_ms` from now on: to be
 * called when somebody was removed and the others have rolled, since that one can forge their old
 * generations.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_end_old_generations(struct frameseal_sender_keys *keys,
                                                           uint64_t now_ms,
                                                           uint64_t within_ms);

/**
 * Wipes the keys that are due. Every other call with a time does so too, for the member that it is
 * about; to be called at `frameseal_sender_keys_next_deadline`.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_poll(struct frameseal_sender_keys *keys,
                                            uint64_t now_ms);

/**
 * Tells when the next key is due to be wiped: `*pending` is set to whether there is such a time,
 * and if so `*at_ms` to it.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_next_deadline(const struct frameseal_sender_keys *keys,
                                                     bool *pending,
                                                     uint64_t *at_ms);

/**
 * Tells the next key that has seen as many failed opens as `failed_opens` of the configuration:
 * `*raised` is set to whether there is one, and if so `*member` and `*key_id` to whose and which.
 * Each is told once; failed opens of steps ahead count together.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_poll_forgery_alarm(struct frameseal_sender_keys *keys,
                                                          bool *raised,
                                                          uint64_t *member,
                                                          uint64_t *key_id);

/**
 * Tells how far our own key has come.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_own_key(const struct frameseal_sender_keys *keys,
                                               struct frameseal_own_sender_key *own);

/**
 * Tells what is held of a member's keys.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_member_key(const struct frameseal_sender_keys *keys,
                                                  uint64_t member,
                                                  struct frameseal_member_sender_key *held);

/**
 * Makes a participant's key pair from `FRAMESEAL_SEALING_KEY_LEN` secret random bytes, as
 * `DeriveKeyPair` of RFC 9180. The secret key is written to `secret_key`, the public key to
 * `public_key`; both have room for exactly `FRAMESEAL_SEALING_KEY_LEN` bytes.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a length is another one, a pointer cannot be right, or
 *   places that are written to overlap each other or `random`
 *
 * The secret key is the caller's: store it where secrets are, and wipe it when you need it no more.
 * The others must know from elsewhere whose public key is whose. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sealing_key_pair(const uint8_t *random,
                                            size_t random_len,
                                            uint8_t *secret_key,
                                            size_t secret_key_len,
                                            uint8_t *public_key,
                                            size_t public_key_len);

/**
 * Seals our own base key, at its present generation and step, to one participant who joins: call
 * `frameseal_sender_keys_ratchet` first. The message, `FRAMESEAL_SEALED_KEY_OVERHEAD` bytes longer
 * than the base key, is written to `out` and its length to `*out_len`; any channel can carry it.
 *
 * `secret_key` is ours, `public_key` the recipient's, `random` are secret random bytes, new for
 * every message: `FRAMESEAL_SEALING_KEY_LEN` bytes each. Suite and ratchet bits of the envelope
 * must be those of `keys`.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the envelope has an id that is too long, another suite or
 *   other ratchet bits, or the size of no such structure; the public key is of low order; a key or
 *   the randomness has another length; a pointer cannot be right; or `out` overlaps what is read,
 *   or `out_len`
 *
 * A call that fails leaves no part of the base key in `out`. Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_seal_joiner_key(const struct frameseal_sender_keys *keys,
                                                       const struct frameseal_key_envelope *envelope,
                                                       const uint8_t *secret_key,
                                                       size_t secret_key_len,
                                                       const uint8_t *public_key,
                                                       size_t public_key_len,
                                                       const uint8_t *random,
                                                       size_t random_len,
                                                       uint8_t *out,
                                                       size_t out_capacity,
                                                       size_t *out_len);

/**
 * Seals the base key of a generation, at step 0, to one participant who stays: before
 * `frameseal_sender_keys_roll`. The base key has 16 to `FRAMESEAL_MAX_BASE_KEY_LEN` bytes
 * that are not all zeros.
 *
 * Results and rules are those of `frameseal_sender_keys_seal_joiner_key`; the generation must fit
 * the ratchet bits. Nothing is kept. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_base_key_seal(const struct frameseal_key_envelope *envelope,
                                         uint64_t generation,
                                         const uint8_t *base_key,
                                         size_t base_key_len,
                                         const uint8_t *secret_key,
                                         size_t secret_key_len,
                                         const uint8_t *public_key,
                                         size_t public_key_len,
                                         const uint8_t *random,
                                         size_t random_len,
                                         uint8_t *out,
                                         size_t out_capacity,
                                         size_t *out_len);

/**
 * Opens a sealed base key: writes it to `base_key`, its length to `*base_key_len`, and where it
 * belongs to `*generation` and `*step`. Give it to `frameseal_sender_keys_add_member`.
 *
 * `secret_key` is ours, `public_key` the sender's, `FRAMESEAL_SEALING_KEY_LEN` bytes each.
 * `last_generation` is the last one that was accepted of this sender, also in an earlier part of
 * the call: only a higher one opens, so that a message which is delivered again does nothing. NULL
 * when there was none.
 *
 * - `FRAMESEAL_ERROR_AUTHENTICATION`: the message is cut off, changed, from another sender, or
 *   sealed for another envelope or recipient
 * - `FRAMESEAL_ERROR_GENERATION_TOO_OLD`: the generation that the message names is not higher than
 *   `*last_generation`; this is found before the message is opened, so anybody may have named it
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*base_key_len` is set to the bytes that `base_key` needs,
 *   at most `FRAMESEAL_MAX_BASE_KEY_LEN`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the envelope has an id that is too long, a suite or ratchet
 *   bits that do not exist, or the size of no such structure; a key has another length; a pointer
 *   cannot be right; or what is written to overlaps
 *
 * A call that fails leaves `base_key` as it was. The copy is a secret and the caller's: wipe it.
 * Keeps no pointer. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sealed_key_open(const struct frameseal_key_envelope *envelope,
                                           const uint8_t *secret_key,
                                           size_t secret_key_len,
                                           const uint8_t *public_key,
                                           size_t public_key_len,
                                           const uint64_t *last_generation,
                                           const uint8_t *message,
                                           size_t message_len,
                                           uint64_t *generation,
                                           uint64_t *step,
                                           uint8_t *base_key,
                                           size_t base_key_capacity,
                                           size_t *base_key_len);

/**
 * Makes sender keys without a key. `config` is read during the call only.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `config` has a suite, flag or number that does not exist or
 *   the size of no such structure, or a pointer cannot be right
 *
 * On success the caller owns `*keys`, until `frameseal_sender_keys_free`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_new(const struct frameseal_sender_keys_config *config,
                                           struct frameseal_sender_keys **keys);

/**
 * Wipes all keys and frees the object; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where the copy is not freed and wiped but stays until the child ends if another thread was inside
 * a call on it when the process forked.
 */
FRAMESEAL_API
void frameseal_sender_keys_free(struct frameseal_sender_keys *keys);

/**
 * Begins to send, at step 0 of a generation. `ratchet_bits` is how many low bits of our key ids
 * carry the ratchet step: 1 to `FRAMESEAL_MAX_RATCHET_BITS`, or `FRAMESEAL_NO_RATCHET`; the
 * receivers must know it, and it stays for as long as this object lives.
 *
 * - `FRAMESEAL_ERROR_GENERATION_TOO_OLD`: the generation is not higher than all that were used here
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: the base key, or one that it leads to or follows from, receives
 *   or received here, or we sent with it before
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: sending has begun (see `frameseal_sender_keys_roll`), the
 *   ratchet bits are others than before, the generation does not fit the key id, the base key does
 *   not have 16 to `FRAMESEAL_MAX_BASE_KEY_LEN` bytes, or a pointer or length cannot be right
 *
 * A call that fails changes nothing. The base key is not kept where it is: wipe it when you need it
 * no more. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_start_sending(struct frameseal_sender_keys *keys,
                                                     uint32_t ratchet_bits,
                                                     uint64_t generation,
                                                     const uint8_t *base_key,
                                                     size_t base_key_len);

/**
 * Goes to the next ratchet step: a new base key that is derived from the present one. To be called
 * when somebody joins, before `frameseal_sender_keys_joiner_key`.
 *
 * Receivers follow by themselves, but at most `max_forward` steps of their configuration (32 by
 * default, and never more than half of those that the ratchet bits tell apart) between two frames of
 * ours that they open. If we may have gone further, as when many join while we are silent, roll
 * (`frameseal_sender_keys_roll`), or give them the key of the newer step as a joiner is given it. A
 * sealed key of the same generation is not opened twice: where keys are sealed, roll.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: the next base key is one that a member was added with, who knows
 *   ours and offered a later one of it: roll instead
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: with `FRAMESEAL_NO_RATCHET`, or a pointer cannot be right
 *
 * A call that fails changes nothing. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_ratchet(struct frameseal_sender_keys *keys);

/**
 * Says which generation and base key `frameseal_sender_keys_roll` will go to. To be called before
 * anybody is given that key: from now on nobody can have it, or one that it leads to within 32
 * steps, added as theirs, which would keep us from rolling or ratcheting.
 *
 * One key is announced at a time: another one replaces it, as when somebody else leaves before we
 * roll. Whoever joins before we roll is given both keys, the present one too.
 *
 * Errors are those of `frameseal_sender_keys_roll`. A call that fails changes nothing. The base key
 * is not kept where it is. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_announce(struct frameseal_sender_keys *keys,
                                                uint64_t generation,
                                                const uint8_t *base_key,
                                                size_t base_key_len);

/**
 * Begins a new generation, at step 0, with a base key that does not follow from an earlier one. To
 * be called when somebody left; those who stay must have been given the base key
 * (`frameseal_base_key_seal`), and before that it is announced
 * (`frameseal_sender_keys_announce`).
 *
 * The old generations of the others are still accepted for `retain_generation_ms` of the
 * configuration, 10,000 by default, unless `frameseal_sender_keys_end_old_generations` ends them
 * earlier, and whoever left can forge them until then. A monitor has to be told:
 * `frameseal_monitor_set_removal_overlap`.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: another generation or base key was announced
 * - otherwise as `frameseal_sender_keys_start_sending`
 *
 * A call that fails changes nothing. The base key is not kept where it is. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_roll(struct frameseal_sender_keys *keys,
                                            uint64_t generation,
                                            const uint8_t *base_key,
                                            size_t base_key_len);

/**
 * Wipes our own key. Its generation is remembered: whoever begins again begins higher, and with
 * another base key.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_stop_sending(struct frameseal_sender_keys *keys);

/**
 * Copies what somebody who joins is given: our base key to `base_key`, its length to
 * `*base_key_len`, and where it belongs to `*generation` and `*step`. Call
 * `frameseal_sender_keys_ratchet` first, so that frames sent before stay closed to the joiner, and
 * give the key only over a channel that is end-to-end encrypted, or let
 * `frameseal_sender_keys_seal_joiner_key` seal it.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*base_key_len` is set to the bytes that `base_key` needs,
 *   at most `FRAMESEAL_MAX_BASE_KEY_LEN`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, or what is written to
 *   overlaps
 *
 * A call that fails leaves `base_key` as it was. The copy is a secret and the caller's: wipe it.
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_sender_keys_joiner_key(const struct frameseal_sender_keys *keys,
                                                  uint64_t *generation,
                                                  uint64_t *step,
                                                  uint8_t *base_key,
                                                  size_t base_key_capacity,
                                                  size_t *base_key_len);

/**
 * Opens a stream: it gets a context that no other stream has, or had in an epoch that can still
 * send. `kind` is one of the `FRAMESEAL_STREAM_` numbers.
 *
 * - `FRAMESEAL_ERROR_CAPACITY`: all contexts of the manager's configuration are taken; those of
 *   closed streams are free again after the next change of epoch
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the kind does not exist, or a pointer cannot be right
 *
 * On success the caller owns `*stream`, until `frameseal_stream_close`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_open(struct frameseal_epoch_manager *manager,
                                       frameseal_stream_kind kind,
                                       struct frameseal_stream **stream);

/**
 * Closes the stream and wipes its key; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork,
 * where its copy of the key is not wiped but stays until the child ends.
 */
FRAMESEAL_API
void frameseal_stream_close(struct frameseal_stream *stream);

/**
 * Tells the context that key ids of the stream carry (RFC 9605 section 5.2): which of our streams
 * it is.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_context(const struct frameseal_stream *stream,
                                          uint64_t *context);

/**
 * Says that the next frame is a key frame, with which the stream may move to a new epoch. Holds
 * until a frame was sealed. Streams of `FRAMESEAL_STREAM_KEY_FRAMES` with
 * `FRAMESEAL_SEND_AT_KEY_FRAME` need it: one that is never told waits until all members are ready,
 * or `send_by_ms` are over. Otherwise it says that the stream came to a new epoch with a key frame,
 * so that `FRAMESEAL_EVENT_KEY_FRAME_NEEDED` need not ask for another one.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_mark_key_frame(struct frameseal_stream *stream);

/**
 * Derives the key for the epoch that the stream sends in now, so that the next frame need not.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_POLICY`: as `frameseal_stream_encrypt`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_prepare(struct frameseal_stream *stream,
                                          uint64_t now_ms);

/**
 * How many bytes the next frame will have when it is sealed, exactly: header, payload and tag. If
 * the epoch changes meanwhile or another thread seals first, it may be another number;
 * `frameseal_max_overhead` bounds all frames.
 *
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_POLICY`,
 *   `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`, `FRAMESEAL_ERROR_USAGE_LIMIT`: there is no next frame with
 *   that payload
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
 *   right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_sealed_len(struct frameseal_stream *stream,
                                             uint64_t now_ms,
                                             size_t payload_len,
                                             size_t *sealed_len);

/**
 * Seals `payload` into `out` as header, ciphertext and tag, in the epoch that the stream sends in
 * now, and writes how many bytes that are to `*out_len`.
 *
 * `payload` and `out` may overlap in any way, or be the same. Where they overlap and `payload` ends
 * behind the end of `out`, `out` needs `payload_len` and `frameseal_max_overhead` bytes.
 * `metadata` is authenticated and not sent: the receiver must pass the same bytes.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_NO_SENDING_KEY`: before the first epoch, and when we are no member of the
 *   epoch that sends
 * - `FRAMESEAL_ERROR_POLICY`: the epoch is older than the policy allows
 * - `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`, `FRAMESEAL_ERROR_USAGE_LIMIT`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, `metadata` or
 *   `out_len` overlaps `out` (or `payload`, where that overlaps `out`), or no frame can have that
 *   payload
 *
 * A call that fails uses no counter and leaves `out` as it was. Keeps no pointer. Any thread; calls
 * on one stream wait for each other.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_encrypt(struct frameseal_stream *stream,
                                          uint64_t now_ms,
                                          const uint8_t *metadata,
                                          size_t metadata_len,
                                          const uint8_t *payload,
                                          size_t payload_len,
                                          uint8_t *out,
                                          size_t out_capacity,
                                          size_t *out_len);

/**
 * As `frameseal_stream_encrypt`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means: where one ends is not
 * authenticated.
 *
 * Results and rules are those of `frameseal_stream_encrypt`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_encrypt_slices(struct frameseal_stream *stream,
                                                 uint64_t now_ms,
                                                 const struct frameseal_slice *metadata,
                                                 size_t metadata_count,
                                                 const uint8_t *payload,
                                                 size_t payload_len,
                                                 uint8_t *out,
                                                 size_t out_capacity,
                                                 size_t *out_len);

/**
 * Seals a part of `buffer` where it is, as `frameseal_encryptor_encrypt_in_place` does: the
 * payload of `payload_len` bytes that begins `payload_offset` bytes behind the start of `buffer`.
 * The place of the sealed frame in `buffer` is written to `*frame_offset` and `*frame_len`.
 *
 * - `FRAMESEAL_ERROR_HEADROOM_TOO_SMALL`: `*frame_offset` is set to the bytes that must lie in
 *   front of the payload; `FRAMESEAL_MAX_HEADER_LEN` always suffice
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*frame_len` is set to the capacity that `buffer` needs;
 *   `FRAMESEAL_MAX_TAG_LEN` bytes behind the payload always suffice
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when the payload is not inside the buffer, or
 *   `metadata`, `frame_offset` or `frame_len` overlaps the buffer, or the latter two each other
 * - otherwise as `frameseal_stream_encrypt`
 *
 * A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer. Any thread;
 * calls on one stream wait for each other.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_encrypt_in_place(struct frameseal_stream *stream,
                                                   uint64_t now_ms,
                                                   const uint8_t *metadata,
                                                   size_t metadata_len,
                                                   uint8_t *buffer,
                                                   size_t buffer_capacity,
                                                   size_t payload_offset,
                                                   size_t payload_len,
                                                   size_t *frame_offset,
                                                   size_t *frame_len);

/**
 * As `frameseal_stream_encrypt_in_place`, with metadata in `metadata_count` pieces, at most
 * `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
 *
 * Results and rules are those of `frameseal_stream_encrypt_in_place`. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_stream_encrypt_in_place_slices(struct frameseal_stream *stream,
                                                          uint64_t now_ms,
                                                          const struct frameseal_slice *metadata,
                                                          size_t metadata_count,
                                                          uint8_t *buffer,
                                                          size_t buffer_capacity,
                                                          size_t payload_offset,
                                                          size_t payload_len,
                                                          size_t *frame_offset,
                                                          size_t *frame_len);

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
 * Computes the code of an MLS epoch from its epoch authenticator (RFC 9420 section 8.7), 32 to 64
 * bytes, and writes it to `out`: `digits` ASCII digits, `FRAMESEAL_CODE_DIGITS` or
 * `FRAMESEAL_LONG_CODE_DIGITS`, and a zero byte. `*out_len` is the number of digits. Show them in
 * groups of five, with the number of the epoch: the code changes with every epoch.
 *
 * Members with the same code are in the same group, at the same epoch, with the same roster. Then
 * call `frameseal_epoch_manager_set_epoch_verified`.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs, which are
 *   `digits` and one more
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the authenticator has another length, there is no code of so
 *   many digits, a pointer cannot be right, or `out_len` overlaps `out`
 *
 * A call that fails leaves `out` as it was. Takes some 4,000 hashes, a few milliseconds on a
 * telephone: not for the media thread. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_verification_code_for_epoch(const uint8_t *authenticator,
                                                       size_t authenticator_len,
                                                       uint32_t digits,
                                                       char *out,
                                                       size_t out_capacity,
                                                       size_t *out_len);

/**
 * Computes the code of two identities, the same on both sides whichever is named first. It does not
 * change with epochs, only when one of the two has a new key.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a name is empty, a key has fewer than 32 bytes, or both
 *   parties are the same
 * - otherwise as `frameseal_verification_code_for_epoch`
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_verification_code_for_pair(const struct frameseal_identity *one,
                                                      const struct frameseal_identity *other,
                                                      uint32_t digits,
                                                      char *out,
                                                      size_t out_capacity,
                                                      size_t *out_len);

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

/**
 * How many lines the inventory has, visible or not. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
size_t frameseal_visible_item_count(void);

/**
 * Tells line `at` of the inventory, 0 to one less than `frameseal_visible_item_count`, always in the
 * same order.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: there is no such line, `config` has a number that does not
 *   exist, bits that do not belong to its keying, or the size of no such structure, or a pointer or
 *   `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_visible_item_at(const struct frameseal_visible_config *config,
                                           size_t at,
                                           struct frameseal_visible_item *item);

/**
 * Writes the inventory as one JSON object to `out`, UTF-8 and a zero byte behind it, and its length
 * without that byte to `*out_len`: `format`, `version`, `cipher_suite`, `keying`, and the list
 * `items` with `id`, `visible`, `amount` (a number or null) and `text`.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs, the zero
 *   byte included
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: as `frameseal_visible_item_at`, or `out_len` overlaps `out`
 *
 * A call that fails leaves `out` as it was. Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_visible_json(const struct frameseal_visible_config *config,
                                        char *out,
                                        size_t out_capacity,
                                        size_t *out_len);

/**
 * Fills in what decides what servers see of a call now, who may pass in the clear included. Set
 * `struct_size` before; `clear_bytes` stays as it is, since only the application knows it.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
FRAMESEAL_API
FRAMESEAL_MUST_USE
frameseal_result frameseal_epoch_manager_visible_config(const struct frameseal_epoch_manager *manager,
                                                        uint64_t now_ms,
                                                        struct frameseal_visible_config *config);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FRAMESEAL_H */

#endif /* FRAMESEAL_NO_ALLOC */
