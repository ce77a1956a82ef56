/*
 * frameseal: end-to-end encryption of media frames, SFrame (RFC 9605).
 *
 * Written by cbindgen from the Rust sources in ffi/; changes here are lost.
 *
 * Every call
 *
 * - returns FRAMESEAL_OK, which is 0, or a FRAMESEAL_ERROR_ number, and writes its answers through
 *   pointers. Answers are written only on success, but for the two that an error needs: a size
 *   that would have sufficed, and a key id that is not known. What is written then is said there.
 * - checks its arguments before it does anything. A pointer may be NULL only where that is said,
 *   or where the length that belongs to it is 0. Pointers must be valid for what they are used
 *   for; that, no library can check.
 * - keeps no pointer when it returns, calls nothing back, starts no thread, and neither aborts nor
 *   throws, but that it aborts when memory for a new object or key cannot be had. Frames need none.
 * - says in its comment which threads may call it.
 *
 * Sending: frameseal_encryptor_new, _add_key, _use_key, _encrypt, _free. Receiving:
 * frameseal_decryptor_new, _add_key, _decrypt, _free.
 *
 * Handles are made by a _new function, owned by the application, and freed by the _free function
 * of their type. All other memory belongs to the caller, before and after.
 */


#ifndef FRAMESEAL_H
#define FRAMESEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Warns where a result is not looked at. */
#if defined(__cplusplus) && __cplusplus >= 201703L
#define FRAMESEAL_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define FRAMESEAL_MUST_USE __attribute__((warn_unused_result))
#else
#define FRAMESEAL_MUST_USE
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
 * The most pieces that metadata may come in. The length of each is not limited.
 */
#define FRAMESEAL_MAX_SLICES 16

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
 * What a call answers: `FRAMESEAL_OK`, or one of the `FRAMESEAL_ERROR_` numbers.
 *
 * The numbers keep their meaning in later versions, which may add further ones: treat a number
 * that you do not know as an error.
 */
typedef int32_t frameseal_result;

/**
 * A cipher suite, by its id in the IANA registry "SFrame Cipher Suites".
 */
typedef uint16_t frameseal_suite;

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
} frameseal_encryptor_config;

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
 * No key was chosen for sending.
 */
#define FRAMESEAL_ERROR_NO_SENDING_KEY 9

/**
 * A table of keys is full. The objects of this version grow and never answer this.
 */
#define FRAMESEAL_ERROR_CAPACITY 10

/**
 * The buffer that is written to is too small; the size that it needs was written out.
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
 * of fewer than 16 bytes.
 */
#define FRAMESEAL_ERROR_INVALID_ARGUMENT 14

/**
 * The encryptor was made in a process of which this one is a fork. Free it and make a new one,
 * with a new base key or key id. Every function that takes an encryptor can answer this.
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
 * Derives the next base key of a sender that ratchets (RFC 9605 section 5.1) into `out`, and
 * writes its length, `frameseal_suite_hash_len`, to `*out_len`.
 *
 * `out` may overlap `base_key`, so that the new one replaces the old one.
 *
 * - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, the base key has fewer than
 *   16 bytes, a pointer or length cannot be right, or `out_len` overlaps `out`
 *
 * A call that fails leaves `out` as it was. Nothing is kept: wipe both keys when you need them no
 * more. Any thread.
 */
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
FRAMESEAL_MUST_USE
frameseal_result frameseal_base_key_for_ssrc(frameseal_suite suite,
                                             const uint8_t *base_key,
                                             size_t base_key_len,
                                             uint32_t ssrc,
                                             uint8_t *out,
                                             size_t out_capacity,
                                             size_t *out_len);

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
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_new(frameseal_suite suite,
                                         struct frameseal_decryptor **decryptor);

/**
 * As `frameseal_decryptor_new`, with protections that are chosen. `config` may be NULL for the
 * defaults; it is read during the call only.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when `struct_size` is not one of this structure, a
 *   flag or field that this version does not know is not zero, the replay window is too large, or
 *   a replay window is asked for and turned off
 *
 * On success the caller owns `*decryptor`, until `frameseal_decryptor_free`. Any thread.
 */
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_new_with_config(frameseal_suite suite,
                                                     const struct frameseal_decryptor_config *config,
                                                     struct frameseal_decryptor **decryptor);

/**
 * Wipes all keys and frees the decryptor; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork.
 */
void frameseal_decryptor_free(struct frameseal_decryptor *decryptor);

/**
 * Adds a key; frames of it can be opened at once.
 *
 * The same key again changes nothing; after `frameseal_decryptor_remove_key` it comes back with
 * its replay window.
 *
 * - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id; see
 *   `frameseal_decryptor_forget_key`
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes, or a pointer or
 *   length cannot be right
 *
 * The base key is not kept: wipe it when you need it no more. Any thread.
 */
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
 *
 * Any thread.
 */
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
 *
 * Any thread.
 */
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
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_poll_forgery_alarm(const struct frameseal_decryptor *decryptor,
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
 * Makes an encryptor without keys and with the default limits.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or a pointer cannot be right
 *
 * On success the caller owns `*encryptor`, until `frameseal_encryptor_free`. Any thread.
 */
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_new(frameseal_suite suite,
                                         struct frameseal_encryptor **encryptor);

/**
 * As `frameseal_encryptor_new`, with limits. `config` may be NULL for the defaults; it is read
 * during the call only.
 *
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when `struct_size` is not one of this structure, or a
 *   field that this version does not know is not zero
 *
 * On success the caller owns `*encryptor`, until `frameseal_encryptor_free`. Any thread.
 */
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_new_with_config(frameseal_suite suite,
                                                     const struct frameseal_encryptor_config *config,
                                                     struct frameseal_encryptor **encryptor);

/**
 * Wipes all keys and frees the encryptor; NULL is allowed and does nothing.
 *
 * No call on it may be running, and none may follow. Any thread, and also the child of a fork.
 */
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
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes, or a pointer or
 *   length cannot be right
 *
 * The base key is not kept: wipe it when you need it no more. Any thread.
 */
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
 *
 * Any thread.
 */
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_use_key(struct frameseal_encryptor *encryptor,
                                             uint64_t key_id);

/**
 * Wipes a key, and remembers key id and counter for as long as the encryptor lives. If it was in
 * use, none is.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
 *
 * Any thread.
 */
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
FRAMESEAL_MUST_USE
frameseal_result frameseal_encryptor_sealed_len(const struct frameseal_encryptor *encryptor,
                                                size_t payload_len,
                                                size_t *sealed_len);

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
FRAMESEAL_MUST_USE
frameseal_result frameseal_header_peek(const uint8_t *data,
                                       size_t len,
                                       struct frameseal_header *header);

/**
 * Tells how far a sending key has come, also when it was removed.
 *
 * - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here
 * - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
 *
 * Any thread.
 */
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
FRAMESEAL_MUST_USE
frameseal_result frameseal_decryptor_key_status(const struct frameseal_decryptor *decryptor,
                                                uint64_t key_id,
                                                struct frameseal_receiving_key_status *status);

/**
 * A short English text for a result, for logs.
 *
 * Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
 */
FRAMESEAL_MUST_USE
const char *frameseal_result_text(frameseal_result result);

/**
 * The registered name of a suite, such as `"AES_128_GCM_SHA256_128"`; NULL for an id that is not
 * registered.
 *
 * The text is static, do not free it. Any thread.
 */
FRAMESEAL_MUST_USE
const char *frameseal_suite_name(frameseal_suite suite);

/**
 * Bytes of the tag that ends every frame (`Nt`); 0 for an id that is not registered. Any thread.
 */
FRAMESEAL_MUST_USE
size_t frameseal_suite_tag_len(frameseal_suite suite);

/**
 * Bytes of the AEAD key (`Nk`), which an MLS exporter is asked for (RFC 9605 section 5.2); 0 for
 * an id that is not registered. Any thread.
 */
FRAMESEAL_MUST_USE
size_t frameseal_suite_key_len(frameseal_suite suite);

/**
 * Bytes of the hash (`Nh`), and of a base key that `frameseal_base_key_ratchet` or
 * `frameseal_base_key_for_ssrc` derives; 0 for an id that is not registered. Any thread.
 */
FRAMESEAL_MUST_USE
size_t frameseal_suite_hash_len(frameseal_suite suite);

/**
 * The most bytes that encryption ever adds to a frame: the longest header and the tag; 0 for an id
 * that is not registered. `frameseal_encryptor_sealed_len` says how many the next frame has. Any
 * thread.
 */
FRAMESEAL_MUST_USE
size_t frameseal_max_overhead(frameseal_suite suite);

/**
 * The version of the library that runs, as text: `"0.1.0"`.
 *
 * Never NULL; the text is static, do not free it. Any thread.
 */
FRAMESEAL_MUST_USE
const char *frameseal_version(void);

/**
 * The version of the library that runs, as `0xMMmmpp`. Any thread.
 */
FRAMESEAL_MUST_USE
uint32_t frameseal_version_number(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FRAMESEAL_H */
