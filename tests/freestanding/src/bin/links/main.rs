//! The core of frameseal at work without std, without an allocator and without libc.
//!
//! A program, not a unit test: that it links is half of what it shows, since whatever the core
//! needed beyond `core` would be missing here. It exits with 0 when all went well; otherwise it
//! writes which line did not hold, and exits with 1.
#![no_std]
#![no_main]

#[cfg(feature = "allocate")]
extern crate alloc;

mod epochs;
mod keys;
mod sender_keys;
mod watch;
mod wire;

use frameseal::CipherSuite;
use frameseal_freestanding::exit;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(101)
}

#[unsafe(no_mangle)]
extern "C" fn program() -> ! {
    // The control: a use of the heap.
    #[cfg(feature = "allocate")]
    core::hint::black_box(alloc::vec::Vec::<u8>::with_capacity(7));

    wire::all();
    for suite in CipherSuite::ALL {
        keys::all(suite);
        sender_keys::all(suite);
        epochs::all(suite);
        watch::all(suite);
    }
    exit(0)
}
