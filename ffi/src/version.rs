//! Which version of the library runs, and which one the header is of.

use core::ffi::{CStr, c_char};

/// The version that this header is of, as `0xMMmmpp`: major, minor, patch.
///
/// Compare with `frameseal_version_number()` to find out that another library was loaded.
pub const FRAMESEAL_VERSION_NUMBER: u32 = 0x00_01_00;

/// The version of the library that runs, as text: `"0.1.0"`.
///
/// Never NULL; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The version of the library that runs with the implementations of AEADs that are built into it, as
/// text for logs: `"0.1.0 (RustCrypto)"`, with the features `aws-lc` and `kernel`
/// `"0.1.0 (RustCrypto, AWS-LC, kernel)"`.
///
/// Which of them serves a suite on this processor tells `frameseal_backend_serving`.
///
/// Never NULL; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_version_text() -> *const c_char {
    TEXT.as_ptr()
}

/// The version of the library that runs, as `0xMMmmpp`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_version_number() -> u32 {
    FRAMESEAL_VERSION_NUMBER
}

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };

const TEXT: &CStr = match CStr::from_bytes_with_nul(
    match (cfg!(feature = "aws-lc"), cfg!(feature = "kernel")) {
        (false, false) => concat!(env!("CARGO_PKG_VERSION"), " (RustCrypto)\0"),
        (true, false) => concat!(env!("CARGO_PKG_VERSION"), " (RustCrypto, AWS-LC)\0"),
        (false, true) => concat!(env!("CARGO_PKG_VERSION"), " (RustCrypto, kernel)\0"),
        (true, true) => concat!(env!("CARGO_PKG_VERSION"), " (RustCrypto, AWS-LC, kernel)\0"),
    }
    .as_bytes(),
) {
    Ok(text) => text,
    Err(_) => c"",
};

// The header needs a literal; here it is compared with the version of the package.
const _: () = assert!(
    FRAMESEAL_VERSION_NUMBER
        == (decimal(env!("CARGO_PKG_VERSION_MAJOR")) << 16)
            | (decimal(env!("CARGO_PKG_VERSION_MINOR")) << 8)
            | decimal(env!("CARGO_PKG_VERSION_PATCH"))
);

const fn decimal(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) if number < 256 => number,
        // No version number equals this one.
        _ => u32::MAX,
    }
}
