//! What is left of a key.

use core::arch::asm;
use core::mem::MaybeUninit;

use frameseal_kernel::{Aad, Aes128Gcm, Aes256Gcm, Key};

/// The size that the documentation states.
pub(crate) fn keys_have_their_size() {
    assert_eq!(size_of::<Aes128Gcm>(), 544);
    assert_eq!(size_of::<Aes256Gcm>(), 608);
}

/// A dropped key is zeros.
pub(crate) fn a_dropped_key_is_wiped() {
    fn check<const K: usize>(key: Key<K>) {
        let mut place = MaybeUninit::new(key);
        let bytes = || {
            let start = place.as_ptr().cast::<u8>();
            // SAFETY: a key has no gaps.
            (0..size_of::<Key<K>>()).map(move |at| unsafe { start.add(at).read_volatile() })
        };
        assert!(bytes().filter(|byte| *byte != 0).count() > 400);
        // SAFETY: there is a key, and nothing uses it after this.
        unsafe { place.as_mut_ptr().drop_in_place() };
        let start = place.as_ptr().cast::<u8>();
        // SAFETY: as above.
        let mut bytes = (0..size_of::<Key<K>>()).map(|at| unsafe { start.add(at).read_volatile() });
        assert!(bytes.all(|byte| byte == 0));
    }
    check(Aes128Gcm::new(&[3; 16]).unwrap());
    check(Aes256Gcm::new(&[3; 32]).unwrap());
}

/// The vector registers, and the stack below this function.
#[repr(C, align(64))]
struct Left {
    registers: [[u8; 64]; 32],
    stack: [u8; 4096],
}

/// After a call, no vector register has anything in it, and no block of the key stands on the part
/// of the stack that the call used.
pub(crate) fn a_call_leaves_nothing_of_the_key() {
    calls_leave_nothing(&Aes128Gcm::new(b"sixteen bytes of").unwrap());
    calls_leave_nothing(&Aes256Gcm::new(b"thirty-two bytes of another key.").unwrap());
}

fn calls_leave_nothing<const K: usize>(key: &Key<K>) {
    let mut left = Left {
        registers: [[1; 64]; 32],
        stack: [0; 4096],
    };
    for len in [0, 20, 100, 160, 250, 280, 1_200, 6_000] {
        let mut body = vec![9; len];
        let aad = [4; 70];
        for aad in [
            Aad::from(&aad[..6]),
            Aad::behind(4 << 120, 1, &aad[..6], &[]),
            Aad::behind(4 << 120, 1, &aad[..40], &[]),
            Aad::from(&aad),
        ] {
            look(&mut left, || key.seal_in_place(&[5; 12], aad, &mut body));
            check(key, &left, len);
            let tag = key.seal_in_place(&[5; 12], aad, &mut body).unwrap();
            look(&mut left, || {
                key.open_in_place(&[5; 12], aad, &mut body, &tag)
            });
            check(key, &left, len);
            look(&mut left, || {
                key.open_in_place(&[5; 12], aad, &mut body, &[0; 16])
            });
            check(key, &left, len);
        }
    }
}

/// Zeros below this function, where moving a new key around left copies of it.
#[inline(never)]
fn clear_stack() {
    core::hint::black_box(&mut [0_u8; 8192]);
}

/// Calls, and sees what is left.
#[inline(never)]
fn look<T>(left: &mut Left, call: impl FnOnce() -> T) {
    clear_stack();
    core::hint::black_box(call());
    // SAFETY: stores 32 registers of 64 bytes to where there is room for them, and copies 4 KiB
    // below the stack pointer, where the call was, but for the red zone.
    unsafe {
        asm!(
            "vmovups [rdi], zmm0", "vmovups [rdi + 64], zmm1",
            "vmovups [rdi + 128], zmm2", "vmovups [rdi + 192], zmm3",
            "vmovups [rdi + 256], zmm4", "vmovups [rdi + 320], zmm5",
            "vmovups [rdi + 384], zmm6", "vmovups [rdi + 448], zmm7",
            "vmovups [rdi + 512], zmm8", "vmovups [rdi + 576], zmm9",
            "vmovups [rdi + 640], zmm10", "vmovups [rdi + 704], zmm11",
            "vmovups [rdi + 768], zmm12", "vmovups [rdi + 832], zmm13",
            "vmovups [rdi + 896], zmm14", "vmovups [rdi + 960], zmm15",
            "vmovups [rdi + 1024], zmm16", "vmovups [rdi + 1088], zmm17",
            "vmovups [rdi + 1152], zmm18", "vmovups [rdi + 1216], zmm19",
            "vmovups [rdi + 1280], zmm20", "vmovups [rdi + 1344], zmm21",
            "vmovups [rdi + 1408], zmm22", "vmovups [rdi + 1472], zmm23",
            "vmovups [rdi + 1536], zmm24", "vmovups [rdi + 1600], zmm25",
            "vmovups [rdi + 1664], zmm26", "vmovups [rdi + 1728], zmm27",
            "vmovups [rdi + 1792], zmm28", "vmovups [rdi + 1856], zmm29",
            "vmovups [rdi + 1920], zmm30", "vmovups [rdi + 1984], zmm31",
            "lea rsi, [rsp - 4096]",
            "lea rdi, [rdi + 2048]",
            "mov ecx, 4096",
            "rep movsb",
            inout("rdi") &raw mut *left => _,
            out("rsi") _,
            out("rcx") _,
        );
    }
}

/// The compiler puts nothing on the stack at an address that is not a multiple of eight.
fn check<const K: usize>(key: &Key<K>, left: &Left, len: usize) {
    let start: *const Key<K> = key;
    for at in (0..size_of::<Key<K>>()).step_by(16) {
        // SAFETY: within the key, which has no gaps.
        let block: [u8; 16] = unsafe { start.byte_add(at).cast::<[u8; 16]>().read_unaligned() };
        assert!(
            !left
                .stack
                .windows(16)
                .step_by(8)
                .any(|window| window == block),
            "block {} of the key on the stack, {len} bytes",
            at / 16
        );
        assert!(
            !left
                .registers
                .as_flattened()
                .windows(16)
                .step_by(16)
                .any(|window| window == block),
            "block {} of the key in a register, {len} bytes",
            at / 16
        );
    }
    // The lowest ones may have been used since, to return.
    assert!(
        left.registers[4..]
            .iter()
            .all(|register| *register == [0; 64]),
        "something in a register, {len} bytes"
    );
}
