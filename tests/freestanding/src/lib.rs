//! What a program needs when there is nothing under it: an entry point, the memory functions that
//! compiled code calls, a way to end, and a way to say why.
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

/// Ends the process with 1, after a line on standard error.
pub fn fail(line: &str) -> ! {
    const WRITE: u64 = 1;
    const STANDARD_ERROR: u64 = 2;
    // SAFETY: the system call reads `line`, which is alive, and changes no memory. Beside the
    // result, the instruction changes `rcx` and `r11`.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") WRITE => _,
            in("rdi") STANDARD_ERROR,
            in("rsi") line.as_ptr(),
            in("rdx") line.len(),
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack, readonly)
        );
    }
    exit(1)
}

/// Ends the program, and says in which line, when something does not hold.
#[macro_export]
macro_rules! check {
    ($condition:expr) => {
        if !$condition {
            $crate::fail(concat!(file!(), ":", line!(), " does not hold\n"));
        }
    };
}

/// The value of a call that must succeed.
#[macro_export]
macro_rules! value {
    ($call:expr) => {
        match $call {
            Ok(value) => value,
            Err(_) => $crate::fail(concat!(file!(), ":", line!(), " is an error\n")),
        }
    };
}
