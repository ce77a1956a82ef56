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

/// Whether zeros are left where a frame with a payload of so many bytes was that did not
/// authenticate, and that had few metadata: AWS-LC decrypts before it compares. All others leave the
/// frame.
pub(crate) fn leaves_zeros(backend: Backend, payload_len: usize) -> bool {
    #[cfg(feature = "aws-lc")]
    if backend == Backend::AwsLc {
        let gcm = CipherSuite::Aes128GcmSha256_128;
        let kernel = {
            #[cfg(feature = "kernel")]
            {
                Backend::Kernel.serving(gcm) == Backend::Kernel
            }
            #[cfg(not(feature = "kernel"))]
            {
                let _ = gcm;
                false
            }
        };
        return payload_len > if kernel { 16_384 } else { 240 };
    }
    let _ = (backend, payload_len);
    false
}
