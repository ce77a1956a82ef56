//! Cipher suites in C: the registered ids, and the sizes that a program needs to plan its buffers.

use core::ffi::{CStr, c_char};

use frameseal_core::CipherSuite;

use super::entry::enter_or;

/// A cipher suite, by its id in the IANA registry "SFrame Cipher Suites".
pub type frameseal_suite = u16;

/// AES-128 in counter mode, HMAC-SHA-256 cut to 80 bits.
pub const FRAMESEAL_AES_128_CTR_HMAC_SHA256_80: frameseal_suite = 1;
/// AES-128 in counter mode, HMAC-SHA-256 cut to 64 bits.
pub const FRAMESEAL_AES_128_CTR_HMAC_SHA256_64: frameseal_suite = 2;
/// AES-128 in counter mode, HMAC-SHA-256 cut to 32 bits: see RFC 9605 section 7.5 first.
pub const FRAMESEAL_AES_128_CTR_HMAC_SHA256_32: frameseal_suite = 3;
/// AES-128-GCM, tag of 128 bits, keys by HKDF-SHA-256.
pub const FRAMESEAL_AES_128_GCM_SHA256_128: frameseal_suite = 4;
/// AES-256-GCM, tag of 128 bits, keys by HKDF-SHA-512.
pub const FRAMESEAL_AES_256_GCM_SHA512_128: frameseal_suite = 5;
/// AES-256 in counter mode, HMAC-SHA-512 cut to 80 bits.
pub const FRAMESEAL_AES_256_CTR_HMAC_SHA512_80: frameseal_suite = 6;
/// AES-256 in counter mode, HMAC-SHA-512 cut to 64 bits.
pub const FRAMESEAL_AES_256_CTR_HMAC_SHA512_64: frameseal_suite = 7;
/// AES-256 in counter mode, HMAC-SHA-512 cut to 32 bits: see RFC 9605 section 7.5 first.
pub const FRAMESEAL_AES_256_CTR_HMAC_SHA512_32: frameseal_suite = 8;

/// The longest header of a frame, in bytes: headroom that always suffices.
pub const FRAMESEAL_MAX_HEADER_LEN: usize = 17;
/// The longest tag of any cipher suite, in bytes: tailroom that always suffices.
pub const FRAMESEAL_MAX_TAG_LEN: usize = 16;
/// The longest derived base key of any cipher suite, in bytes.
pub const FRAMESEAL_MAX_HASH_LEN: usize = 64;
/// The fewest bytes of a base key. For the 256-bit suites, 32 bytes are advised.
pub const FRAMESEAL_MIN_BASE_KEY_LEN: usize = 16;

const _: () = assert!(FRAMESEAL_MAX_HEADER_LEN == frameseal_core::MAX_HEADER_LEN);
const _: () = assert!(FRAMESEAL_MAX_TAG_LEN == frameseal_core::MAX_TAG_LEN);
const _: () = assert!(FRAMESEAL_MIN_BASE_KEY_LEN == frameseal_core::MIN_BASE_KEY_LEN);

/// The registered name of a suite, such as `"AES_128_GCM_SHA256_128"`; NULL for an id that is not
/// registered.
///
/// The text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_suite_name(suite: frameseal_suite) -> *const c_char {
    name(suite).map_or(core::ptr::null(), CStr::as_ptr)
}

/// Bytes of the tag that ends every frame (`Nt`); 0 for an id that is not registered. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_suite_tag_len(suite: frameseal_suite) -> usize {
    size(suite, CipherSuite::tag_len)
}

/// Bytes of the AEAD key (`Nk`), which an MLS exporter is asked for (RFC 9605 section 5.2); 0 for
/// an id that is not registered. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_suite_key_len(suite: frameseal_suite) -> usize {
    size(suite, CipherSuite::key_len)
}

/// Bytes of the hash (`Nh`), and of a base key that `frameseal_base_key_ratchet` or
/// `frameseal_base_key_for_ssrc` derives; 0 for an id that is not registered. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_suite_hash_len(suite: frameseal_suite) -> usize {
    size(suite, CipherSuite::hash_len)
}

/// The most bytes that encryption ever adds to a frame: the longest header and the tag; 0 for an id
/// that is not registered. `frameseal_encryptor_sealed_len` says how many the next frame has. Any
/// thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_max_overhead(suite: frameseal_suite) -> usize {
    size(suite, CipherSuite::max_overhead)
}

fn size(suite: frameseal_suite, of: impl Fn(CipherSuite) -> usize) -> usize {
    enter_or(0, || CipherSuite::try_from(suite).map_or(0, of))
}

fn name(suite: frameseal_suite) -> Option<&'static CStr> {
    Some(match suite {
        FRAMESEAL_AES_128_CTR_HMAC_SHA256_80 => c"AES_128_CTR_HMAC_SHA256_80",
        FRAMESEAL_AES_128_CTR_HMAC_SHA256_64 => c"AES_128_CTR_HMAC_SHA256_64",
        FRAMESEAL_AES_128_CTR_HMAC_SHA256_32 => c"AES_128_CTR_HMAC_SHA256_32",
        FRAMESEAL_AES_128_GCM_SHA256_128 => c"AES_128_GCM_SHA256_128",
        FRAMESEAL_AES_256_GCM_SHA512_128 => c"AES_256_GCM_SHA512_128",
        FRAMESEAL_AES_256_CTR_HMAC_SHA512_80 => c"AES_256_CTR_HMAC_SHA512_80",
        FRAMESEAL_AES_256_CTR_HMAC_SHA512_64 => c"AES_256_CTR_HMAC_SHA512_64",
        FRAMESEAL_AES_256_CTR_HMAC_SHA512_32 => c"AES_256_CTR_HMAC_SHA512_32",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_names_and_sizes_are_those_of_the_core() {
        for suite in CipherSuite::ALL {
            let id = suite.id();
            assert_eq!(name(id).and_then(|n| n.to_str().ok()), Some(suite.name()));
            assert_eq!(frameseal_suite_tag_len(id), suite.tag_len());
            assert_eq!(frameseal_suite_key_len(id), suite.key_len());
            assert_eq!(frameseal_suite_hash_len(id), suite.hash_len());
            assert!(suite.hash_len() <= FRAMESEAL_MAX_HASH_LEN);
            assert_eq!(frameseal_max_overhead(id), suite.max_overhead());
        }
    }

    #[test]
    fn unregistered_ids_have_no_name_and_no_sizes() {
        for id in [0, 9, 0x00ff, 0xf000, 0xffff] {
            assert!(frameseal_suite_name(id).is_null());
            assert_eq!(frameseal_suite_tag_len(id), 0);
            assert_eq!(frameseal_suite_key_len(id), 0);
            assert_eq!(frameseal_suite_hash_len(id), 0);
            assert_eq!(frameseal_max_overhead(id), 0);
        }
    }
}
