//! What a program needs when there is nothing under it: an entry point, the memory functions that
//! compiled code calls, and a way to end.
//!
//! For x86-64 Linux. The memory functions are assembly because a `memcpy` written in Rust is
//! compiled to a call of `memcpy`; they are as short as can be, not fast.
#![no_std]

use core::arch::{asm, global_asm};

// The kernel enters at `_start` with the stack pointer at the argument count; a function wants the
// stack aligned as after a call. `program` is the `main` of each program here.
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call program",
    "ud2",
    ".globl memcpy",
    "memcpy:",
    "mov rax, rdi",
    "mov rcx, rdx",
    "rep movsb",
    "ret",
    // Backwards when the destination begins inside the source.
    ".globl memmove",
    "memmove:",
    "mov rax, rdi",
    "mov rcx, rdx",
    "mov r8, rdi",
    "sub r8, rsi",
    "cmp r8, rdx",
    "jb 2f",
    "rep movsb",
    "ret",
    "2:",
    "lea rdi, [rdi + rdx - 1]",
    "lea rsi, [rsi + rdx - 1]",
    "std",
    "rep movsb",
    "cld",
    "ret",
    ".globl memset",
    "memset:",
    "mov r8, rdi",
    "mov eax, esi",
    "mov rcx, rdx",
    "rep stosb",
    "mov rax, r8",
    "ret",
    ".globl memcmp",
    ".globl bcmp",
    "memcmp:",
    "bcmp:",
    "xor ecx, ecx",
    "2:",
    "cmp rcx, rdx",
    "je 3f",
    "movzx eax, byte ptr [rdi + rcx]",
    "movzx r8d, byte ptr [rsi + rcx]",
    "inc rcx",
    "sub eax, r8d",
    "je 2b",
    "ret",
    "3:",
    "xor eax, eax",
    "ret",
);

/// Ends the process.
pub fn exit(code: i32) -> ! {
    const EXIT_GROUP: u64 = 231;
    // SAFETY: the system call takes one number, touches no memory and does not return.
    unsafe {
        asm!("syscall", in("rax") EXIT_GROUP, in("rdi") code, options(noreturn, nostack));
    }
}
