//! What a panic would do: stop the program where it is, with a trap where the processor has one.
//!
//! No call can reach it: `tests/embedded.sh` links every function of the library and looks for
//! whatever panics. A library without std must say it all the same.

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(target_arch = "arm")]
    // SAFETY: an undefined instruction: the processor takes the fault and does not come back.
    unsafe {
        core::arch::asm!("udf #0", options(noreturn, nomem, nostack));
    }
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    // SAFETY: the same.
    unsafe {
        core::arch::asm!("ud2", options(noreturn, nomem, nostack));
    }
    #[cfg(not(any(target_arch = "arm", target_arch = "x86", target_arch = "x86_64")))]
    loop {
        core::hint::spin_loop();
    }
}

/// Panics for some numbers: that the check of the panics finds it shows that it looks.
#[cfg(feature = "provoke")]
#[allow(unreachable_pub, reason = "C sees it, not the header")]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_provoke(number: usize) -> u8 {
    #[allow(clippy::indexing_slicing, reason = "the control")]
    [1, 2, 3, 4][number]
}
