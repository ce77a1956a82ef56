//! Which implementation computes the AEAD of a key, in C.

use core::ffi::{CStr, c_char};

use frameseal_core::{Backend, CipherSuite};

use super::entry::enter_or;
use super::result::{Failure, invalid};
use super::suite::frameseal_suite;

/// Which implementation computes the AEAD of a key. All of them give the same bytes.
pub type frameseal_backend = u32;

/// In a configuration: the default, which is `FRAMESEAL_BACKEND_RUST_CRYPTO`.
pub const FRAMESEAL_BACKEND_DEFAULT: frameseal_backend = 0;
/// AES, GHASH and SHA-2 of the `RustCrypto` project, composed for the sizes of media frames. In
/// every build.
pub const FRAMESEAL_BACKEND_RUST_CRYPTO: frameseal_backend = 1;
/// AWS-LC for long frames of the suites with AES-GCM, at half of the default's time or less
/// from 10 kB on; frames of up to 240 bytes are sealed and opened as by the default. Of a long
/// frame that is refused, zeros are left in the buffer of a call that opens it in place. In builds
/// with the feature `aws-lc`.
pub const FRAMESEAL_BACKEND_AWS_LC: frameseal_backend = 2;
/// AES-GCM in AVX-512, VAES and VPCLMULQDQ instructions, made for short frames; on processors
/// without them keys are those of the default. In builds with the feature `kernel`.
pub const FRAMESEAL_BACKEND_KERNEL: frameseal_backend = 3;

/// What a number stands for; `None` when it is not in this build.
fn known(backend: frameseal_backend) -> Option<Backend> {
    match backend {
        FRAMESEAL_BACKEND_DEFAULT | FRAMESEAL_BACKEND_RUST_CRYPTO => Some(Backend::RustCrypto),
        #[cfg(feature = "aws-lc")]
        FRAMESEAL_BACKEND_AWS_LC => Some(Backend::AwsLc),
        #[cfg(feature = "kernel")]
        FRAMESEAL_BACKEND_KERNEL => Some(Backend::Kernel),
        _ => None,
    }
}

/// The backend that a configuration asks for.
pub(super) fn backend(backend: frameseal_backend) -> Result<Backend, Failure> {
    known(backend).ok_or_else(|| invalid("the backend is not in this build"))
}

/// Which backend really serves keys of a suite on this processor when this one is asked for:
/// `FRAMESEAL_BACKEND_RUST_CRYPTO` for the suites with CTR and HMAC, and for `_KERNEL` where the
/// processor lacks the instructions. 0 when the backend is not in this build, or the suite is not
/// registered. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_backend_serving(
    suite: frameseal_suite,
    backend: frameseal_backend,
) -> frameseal_backend {
    enter_or(0, || {
        let Ok(suite) = CipherSuite::try_from(suite) else {
            return 0;
        };
        match known(backend).map(|backend| backend.serving(suite)) {
            Some(Backend::RustCrypto) => FRAMESEAL_BACKEND_RUST_CRYPTO,
            #[cfg(feature = "aws-lc")]
            Some(Backend::AwsLc) => FRAMESEAL_BACKEND_AWS_LC,
            #[cfg(feature = "kernel")]
            Some(Backend::Kernel) => FRAMESEAL_BACKEND_KERNEL,
            _ => 0,
        }
    })
}

/// The name of a backend, such as `"RustCrypto"`; NULL for a number that is none, and for
/// `FRAMESEAL_BACKEND_DEFAULT`, which is no backend of its own.
///
/// The text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_backend_name(backend: frameseal_backend) -> *const c_char {
    let name = match backend {
        FRAMESEAL_BACKEND_RUST_CRYPTO => c"RustCrypto",
        FRAMESEAL_BACKEND_AWS_LC => c"AWS-LC",
        FRAMESEAL_BACKEND_KERNEL => c"kernel",
        _ => return core::ptr::null(),
    };
    CStr::as_ptr(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GCM: frameseal_suite = 4;
    const CTR_HMAC: frameseal_suite = 1;

    #[test]
    fn backends_in_this_build_serve_and_others_do_not() {
        for asked in [FRAMESEAL_BACKEND_DEFAULT, FRAMESEAL_BACKEND_RUST_CRYPTO] {
            for suite in [GCM, CTR_HMAC] {
                let serving = frameseal_backend_serving(suite, asked);
                assert_eq!(serving, FRAMESEAL_BACKEND_RUST_CRYPTO);
            }
        }
        let aws_lc = frameseal_backend_serving(GCM, FRAMESEAL_BACKEND_AWS_LC);
        let built = cfg!(feature = "aws-lc");
        assert_eq!(aws_lc, if built { FRAMESEAL_BACKEND_AWS_LC } else { 0 });
        let other = frameseal_backend_serving(CTR_HMAC, FRAMESEAL_BACKEND_AWS_LC);
        assert_eq!(other, u32::from(built));
        assert_eq!(backend(FRAMESEAL_BACKEND_AWS_LC).is_ok(), built);
        let built = cfg!(feature = "kernel");
        assert_eq!(backend(FRAMESEAL_BACKEND_KERNEL).is_ok(), built);
        let kernel = frameseal_backend_serving(GCM, FRAMESEAL_BACKEND_KERNEL);
        assert_eq!(kernel > 0, built);
    }

    #[test]
    fn unknown_numbers_are_no_backend() {
        for number in [4, u32::MAX] {
            assert_eq!(frameseal_backend_serving(GCM, number), 0);
            assert!(frameseal_backend_name(number).is_null());
            assert!(backend(number).is_err());
        }
        assert_eq!(frameseal_backend_serving(9, 0), 0, "no such suite");
        assert!(frameseal_backend_name(FRAMESEAL_BACKEND_DEFAULT).is_null());
        for number in 1..=3 {
            assert!(!frameseal_backend_name(number).is_null());
        }
    }
}
