//! Links only if no call into the core of frameseal can panic.
//!
//! The panic handler calls a function that exists nowhere. As long as any panic can be reached, the
//! linker asks for it and fails; the program links when the optimizer has proved every one away.
//! Every argument is hidden from the optimizer, so that the proof holds for all values, not for the
//! ones that are written here; those only let the program run to its end. So is every object between
//! two calls, so that it holds whatever was called before.
#![no_std]
#![no_main]

mod epochs;
mod keys;
mod sender_keys;
mod values;
mod watch;
mod wire;

use core::hint::black_box;

use frameseal::CipherSuite;
use frameseal_freestanding::exit;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn frameseal_panic_is_reachable() -> !;
    }
    // SAFETY: never called; a program that contains the call does not link.
    unsafe { frameseal_panic_is_reachable() }
}

#[unsafe(no_mangle)]
extern "C" fn program() -> ! {
    wire::every_call();
    for suite in CipherSuite::ALL {
        let suite = black_box(suite);
        keys::every_call(suite);
        sender_keys::every_call(suite);
        epochs::every_call(suite);
        watch::every_call(suite);
    }
    // The control: a panic at the very end, which is reached only through everything above.
    #[cfg(feature = "provoke")]
    values::any(values::any(&[0u8; 4]).get(..values::any(0)).unwrap());
    exit(0)
}
