//! The machine that Bochs emulates: a console, memory, guard pages, an end.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, global_asm};
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::checks::pages::Guarded;

// What compiled code calls; short, and eight bytes at a time, as every step is emulated. And what a fault does: it says which and where.
global_asm!(
    ".globl memcpy",
    "memcpy:",
    "mov rax, rdi",
    "mov rcx, rdx",
    "shr rcx, 3",
    "rep movsq",
    "mov ecx, edx",
    "and ecx, 7",
    "rep movsb",
    "ret",
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
    "movzx eax, sil",
    "mov rcx, 0x0101010101010101",
    "imul rax, rcx",
    "mov rcx, rdx",
    "shr rcx, 3",
    "rep stosq",
    "mov ecx, edx",
    "and ecx, 7",
    "rep stosb",
    "mov rax, r8",
    "ret",
    ".globl memcmp",
    ".globl bcmp",
    "memcmp:",
    "bcmp:",
    "xor ecx, ecx",
    "4:",
    "lea rax, [rcx + 8]",
    "cmp rax, rdx",
    "ja 2f",
    "mov r8, [rdi + rcx]",
    "cmp r8, [rsi + rcx]",
    "jne 2f",
    "mov rcx, rax",
    "jmp 4b",
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
    // Vectors 0 to 31, 16 bytes each.
    ".balign 16",
    "faults:",
    ".set number, 0",
    ".rept 32",
    "mov edi, number",
    "jmp fault_entry",
    ".balign 16",
    ".set number, number + 1",
    ".endr",
    "fault_entry:",
    "mov rsi, [rsp]",
    "mov rdx, [rsp + 8]",
    "mov rcx, cr2",
    "and rsp, -64",
    "call fault",
    "ud2",
);

unsafe extern "C" {
    fn faults();
}

#[unsafe(no_mangle)]
extern "C" fn fault(number: u64, first: u64, second: u64, address: u64) -> ! {
    panic!("processor fault {number}, address {address:#x}, stack {first:#x} {second:#x}");
}

/// A console of one character after the other.
pub(crate) struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            // SAFETY: this port of Bochs takes a character.
            unsafe { asm!("out 0xe9, al", in("al") byte, options(nomem, nostack)) };
        }
        Ok(())
    }
}

macro_rules! say {
    ($($text:tt)*) => {{
        use core::fmt::Write;
        let _ = writeln!($crate::machine::Console, $($text)*);
    }};
}
pub(crate) use say;

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    say!("FAILED: {info}");
    end()
}

/// Switches the machine off.
pub(crate) fn end() -> ! {
    for byte in b"Shutdown" {
        // SAFETY: this port of Bochs ends it when it gets this word.
        unsafe { asm!("out dx, al", in("dx") 0x8900u16, in("al") *byte, options(nomem, nostack)) };
    }
    loop {
        core::hint::spin_loop();
    }
}

/// Instructions since the start: in Bochs, the time stamp counter counts them.
pub(crate) fn instructions() -> u64 {
    // SAFETY: reads a counter.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[repr(C, align(16))]
struct Gates([u64; 64]);

static mut GATES: Gates = Gates([0; 64]);

/// From here on a fault is told instead of starting the machine again.
pub(crate) fn watch_faults() {
    let table = &raw mut GATES;
    for number in 0..32 {
        let target = faults as *const () as u64 + 16 * number;
        let low = target & 0xffff | 8 << 16 | 0x8e00 << 32 | (target >> 16 & 0xffff) << 48;
        // SAFETY: one thread, and the processor reads the table only from `lidt` on.
        unsafe {
            (*table).0[2 * number as usize] = low;
            (*table).0[2 * number as usize + 1] = target >> 32;
        }
    }
    let mut pointer = [0; 10];
    pointer[..2].copy_from_slice(&511u16.to_le_bytes());
    pointer[2..].copy_from_slice(&(table as u64).to_le_bytes());
    // SAFETY: the table stays, and its gates lead to code that ends the program.
    unsafe { asm!("lidt [{}]", in(reg) &pointer) };
}

/// Without the AVX-512 state, as an operating system without support for it leaves the machine.
pub(crate) fn disable_avx512_state() {
    // SAFETY: leaves x87, SSE and AVX on; nothing compiled uses more without asking.
    unsafe { asm!("xsetbv", in("ecx") 0, in("eax") 7, in("edx") 0) };
}

const PAGE: usize = 4096;

#[repr(C, align(4096))]
struct Pages([[u64; PAGE / 8]; 8]);

static mut TABLE: Pages = Pages([[0; PAGE / 8]; 8]);
static mut ROOM: Pages = Pages([[0; PAGE / 8]; 8]);

/// Regions of two pages, with nothing before, between and behind them: at the address 512 MiB.
pub(crate) fn guarded() -> [Guarded; 3] {
    const BASE: usize = 0x2000_0000;
    let (table, room) = (&raw mut TABLE, (&raw mut ROOM) as u64);
    let region = |number: usize| {
        let first = 1 + 3 * number;
        for page in 0..2 {
            let physical = room + ((2 * number + page) * PAGE) as u64;
            // SAFETY: one thread; nothing else is mapped there.
            unsafe { (*table).0[0][first + page] = physical | 3 };
        }
        Guarded {
            start: (BASE + first * PAGE) as *mut u8,
            len: 2 * PAGE,
        }
    };
    let regions = [region(0), region(1), region(2)];
    // SAFETY: the page directory that the boot sector made is at 0x3000, 2 MiB an entry; nothing
    // uses this part of it. Loading the table's address anew forgets what was cached.
    unsafe {
        let entry = (0x3000 + 8 * (BASE >> 21)) as *mut u64;
        entry.write_volatile(table as u64 | 3);
        asm!("mov {0}, cr3", "mov cr3, {0}", out(reg) _);
    }
    regions
}

/// Memory from 64 MiB on, given out upwards; all of it is free again when nothing is in use.
struct Heap {
    next: AtomicUsize,
    in_use: AtomicUsize,
}

const HEAP: core::ops::Range<usize> = 0x400_0000..0x780_0000;

#[global_allocator]
static ALLOCATOR: Heap = Heap {
    next: AtomicUsize::new(HEAP.start),
    in_use: AtomicUsize::new(0),
};

// SAFETY: ranges within the heap that do not overlap, aligned as asked; there is one thread.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self
            .next
            .load(Ordering::Relaxed)
            .next_multiple_of(layout.align());
        let end = start + layout.size();
        if end > HEAP.end {
            return null_mut();
        }
        self.next.store(end, Ordering::Relaxed);
        self.in_use.fetch_add(1, Ordering::Relaxed);
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        if self.in_use.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.next.store(HEAP.start, Ordering::Relaxed);
        }
    }
}
