//! The AEAD backends of this build, for tests that run over all of them.

#![allow(dead_code, reason = "no test needs all of it")]

use frameseal::{Backend, CipherSuite};

/// All of them, the default first.
pub(crate) const BACKENDS: &[Backend] = &[
    Backend::RustCrypto,
    #[cfg(feature = "aes-gcm")]
    Backend::AesGcm,
    #[cfg(feature = "kernel")]
    Backend::Kernel,
    #[cfg(feature = "aws-lc")]
    Backend::AwsLc,
];

/// Those that a suite can have: with CTR and HMAC it is always the default.
pub(crate) fn backends_of(suite: CipherSuite) -> &'static [Backend] {
    match suite.ctr_key_len() {
        Some(_) => &BACKENDS[..1],
        None => BACKENDS,
    }
}

/// Whether zeros are left where a frame was that did not authenticate; all others leave the frame.
pub(crate) fn leaves_zeros(backend: Backend) -> bool {
    #[cfg(feature = "aws-lc")]
    return backend == Backend::AwsLc;
    #[cfg(not(feature = "aws-lc"))]
    {
        let _ = backend;
        false
    }
}
