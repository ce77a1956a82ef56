//! Whether this processor has the instructions, and the operating system keeps their registers.
//!
//! `cpufeatures` asks CPUID for each instruction set, and XGETBV whether the operating system saves
//! the mask registers and all of the 512-bit registers (bits 5 to 7 of XCR0, with those of SSE and
//! AVX). It keeps the answer: a processor does not change while a program runs, and CPUID traps to
//! the hypervisor of a virtual machine.
//!
//! Everything else in this crate is compiled for these sets, by the attribute `target_feature` at
//! each function, and only a [`Proof`] leads there. The attributes name subsets of this list.

cpufeatures::new!(
    required,
    "avx",
    "avx2",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "aes",
    "vaes",
    "pclmulqdq",
    "vpclmulqdq",
    "ssse3",
    "sse4.1",
    "bmi1",
    "bmi2"
);

/// That all of it is there. Only [`detect`] makes one.
#[derive(Clone, Copy)]
pub(crate) struct Proof(());

/// Asks, or remembers.
#[inline]
pub(crate) fn detect() -> Option<Proof> {
    required::get().then_some(Proof(()))
}
