//! What a call through the C library costs above the same call in Rust.
//!
//! `benches/c/call_cost.sh` builds `libframeseal.so` and runs this with its path in
//! `FRAMESEAL_LIBRARY`: the functions come from the library that applications link with, so nothing
//! of them can be inlined here. Rust's side is the type that the C handle keeps, called from a function
//! that is not inlined either; below that, the compiler merges what it likes. A C encryptor may be
//! called from any thread, so there is a row with Rust's behind a lock too. `--quick` takes fewer
//! rounds; with `--check` the run fails when a call costs more than [`MOST`] above Rust's.

use std::ffi::c_void;
use std::hint::black_box;
use std::process::ExitCode;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

use frameseal::{CipherSuite, Encryptor, KeyId, SharedDecryptor};
use frameseal_peers::peer::{BASE_KEY, KID, METADATA};
use frameseal_peers::{Buffer, Case, Limits, batch, interleave};
use libloading::Library;

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const SIZES: [usize; 3] = [20, 100, 1_200];
/// Nanoseconds that a call may cost above Rust's at 100 bytes.
const MOST: f64 = 10.0;

type New = unsafe extern "C" fn(u16, *mut *mut c_void) -> i32;
type AddKey = unsafe extern "C" fn(*mut c_void, u64, *const u8, usize) -> i32;
type UseKey = unsafe extern "C" fn(*mut c_void, u64) -> i32;
type Free = unsafe extern "C" fn(*mut c_void);
type Encrypt = unsafe extern "C" fn(
    *mut c_void,
    *const u8,
    usize,
    *const u8,
    usize,
    *mut u8,
    usize,
    *mut usize,
) -> i32;
type Decrypt = unsafe extern "C" fn(
    *const c_void,
    *const u8,
    usize,
    *const u8,
    usize,
    *mut u8,
    usize,
    *mut usize,
    *mut c_void,
) -> i32;

fn main() -> ExitCode {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let rounds = if has("--quick") { 61 } else { 301 };
    let path = std::env::var_os("FRAMESEAL_LIBRARY")
        .expect("FRAMESEAL_LIBRARY must name libframeseal.so: run benches/c/call_cost.sh");
    // SAFETY: the library was built for this; loading it runs nothing but what Rust's does.
    let library = unsafe { Library::new(path) }.expect("the library loads");

    println!("{SUITE}, buffer to buffer (ns, medians of {rounds} rounds)\n");
    println!("| bytes | call | Rust | C | above |\n|---|---|---|---|---|");
    let mut limits = Limits::default();
    for size in SIZES {
        let pairs = [
            ("encrypt", rust_encrypt(size), c_encrypt(&library, size)),
            (
                "encrypt, Rust's behind a lock",
                rust_encrypt_locked(size),
                c_encrypt(&library, size),
            ),
            ("decrypt", rust_decrypt(size), c_decrypt(&library, size)),
        ];
        for (name, mut rust, mut c) in pairs {
            interleave(&mut [&mut rust, &mut c], rounds);
            let above = c.excess_over(&rust);
            println!(
                "| {size} | {name} | {:.0} | {:.0} | {above:+.0} |",
                rust.nanoseconds(),
                c.nanoseconds()
            );
            limits.check(size != 100 || above <= MOST, || {
                format!("{name}, {size} B: {above:.1} ns above Rust, at most {MOST}")
            });
        }
    }
    limits.report(has("--check"))
}

fn encryptor() -> Encryptor {
    let mut encryptor = Encryptor::new(SUITE);
    encryptor
        .add_key(KeyId::new(KID), &BASE_KEY)
        .expect("a good key");
    encryptor.use_key(KeyId::new(KID)).expect("it is there");
    encryptor
}

#[inline(never)]
fn encrypt(encryptor: &mut Encryptor, metadata: &[u8], payload: &[u8], out: &mut [u8]) -> usize {
    let sealed = encryptor.encrypt(metadata, payload, out);
    sealed.expect("room for everything")
}

#[inline(never)]
fn decrypt(decryptor: &SharedDecryptor, metadata: &[u8], sealed: &[u8], out: &mut [u8]) -> usize {
    let opened = decryptor.decrypt_to(metadata, sealed, out);
    opened.expect("sealed by us").payload.len()
}

fn rust_encrypt<'a>(size: usize) -> Case<'a> {
    let state = (encryptor(), vec![0x5a; size], Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(encryptor, payload, out), _| {
            let (payload, out) = (black_box(&payload[..]), black_box(&mut out[..]));
            black_box(encrypt(encryptor, black_box(METADATA), payload, out));
        },
    )
}

#[inline(never)]
fn encrypt_locked(
    encryptor: &Mutex<Encryptor>,
    metadata: &[u8],
    payload: &[u8],
    out: &mut [u8],
) -> usize {
    let mut encryptor = encryptor.lock().unwrap_or_else(PoisonError::into_inner);
    let sealed = encryptor.encrypt(metadata, payload, out);
    sealed.expect("room for everything")
}

fn rust_encrypt_locked<'a>(size: usize) -> Case<'a> {
    let state = (
        Mutex::new(encryptor()),
        vec![0x5a; size],
        Buffer::padded(size),
    );
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(encryptor, payload, out), _| {
            let (payload, out) = (black_box(&payload[..]), black_box(&mut out[..]));
            black_box(encrypt_locked(encryptor, black_box(METADATA), payload, out));
        },
    )
}

/// Frames that are sealed anew before each batch.
struct Frames {
    encryptor: Encryptor,
    frames: Vec<Buffer>,
    lens: Vec<usize>,
    payload: Vec<u8>,
    out: Buffer,
}

impl Frames {
    fn new(size: usize) -> Self {
        Self {
            encryptor: encryptor(),
            frames: (0..batch(size)).map(|_| Buffer::padded(size)).collect(),
            lens: vec![0; batch(size)],
            payload: vec![0x5a; size],
            out: Buffer::padded(size),
        }
    }

    fn seal(&mut self) {
        for (frame, len) in self.frames.iter_mut().zip(&mut self.lens) {
            let sealed = self.encryptor.encrypt(METADATA, &self.payload, frame);
            *len = sealed.expect("room");
        }
    }
}

fn rust_decrypt<'a>(size: usize) -> Case<'a> {
    let decryptor = SharedDecryptor::new(SUITE);
    decryptor
        .add_key(KeyId::new(KID), &BASE_KEY)
        .expect("a good key");
    Case::new(
        batch(size),
        (decryptor, Frames::new(size)),
        |(_, all)| all.seal(),
        |(decryptor, all), index| {
            let frame = &all.frames[index][..all.lens[index]];
            let (frame, out) = (black_box(frame), black_box(&mut all.out[..]));
            black_box(decrypt(decryptor, black_box(METADATA), frame, out));
        },
    )
}

/// A handle of the C library.
struct Handle {
    object: *mut c_void,
    free: Free,
}

impl Handle {
    fn new(library: &Library, kind: &str) -> Self {
        let mut object = null_mut();
        // SAFETY: the functions have these types in `frameseal.h`, and the pointers are good.
        unsafe {
            let new: New = function(library, kind, "new");
            let add_key: AddKey = function(library, kind, "add_key");
            let suite = SUITE.id();
            assert_eq!(new(suite, &raw mut object), 0);
            assert_eq!(add_key(object, KID, BASE_KEY.as_ptr(), BASE_KEY.len()), 0);
            let free = function(library, kind, "free");
            Self { object, free }
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: owned, and not used afterwards.
        unsafe { (self.free)(self.object) };
    }
}

/// # Safety
/// `F` must be the type that the function has in `frameseal.h`.
unsafe fn function<F: Copy>(library: &Library, kind: &str, name: &str) -> F {
    let name = format!("frameseal_{kind}_{name}");
    // SAFETY: the promise of the caller.
    *unsafe { library.get(name.as_bytes()) }.expect("every function is exported")
}

fn c_encrypt<'a>(library: &Library, size: usize) -> Case<'a> {
    let handle = Handle::new(library, "encryptor");
    // SAFETY: the types of `frameseal.h`.
    let (use_key, encrypt): (UseKey, Encrypt) = unsafe {
        (
            function(library, "encryptor", "use_key"),
            function(library, "encryptor", "encrypt"),
        )
    };
    // SAFETY: a handle that lives.
    assert_eq!(unsafe { use_key(handle.object, KID) }, 0);
    let state = (handle, vec![0x5a; size], Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(handle, payload, out), _| {
            let (payload, out) = (black_box(payload), black_box(out));
            let mut len = 0;
            // SAFETY: a handle that lives, and slices with their lengths.
            let result = unsafe {
                encrypt(
                    handle.object,
                    METADATA.as_ptr(),
                    METADATA.len(),
                    payload.as_ptr(),
                    payload.len(),
                    out.as_mut_ptr(),
                    out.len(),
                    &raw mut len,
                )
            };
            assert_eq!(result, 0);
            black_box(len);
        },
    )
}

fn c_decrypt<'a>(library: &Library, size: usize) -> Case<'a> {
    let handle = Handle::new(library, "decryptor");
    // SAFETY: the type of `frameseal.h`.
    let decrypt: Decrypt = unsafe { function(library, "decryptor", "decrypt") };
    Case::new(
        batch(size),
        (handle, Frames::new(size)),
        |(_, all)| all.seal(),
        move |(handle, all), index| {
            let frame = black_box(&all.frames[index][..all.lens[index]]);
            let out = black_box(&mut all.out);
            let mut len = 0;
            // SAFETY: a handle that lives, and slices with their lengths.
            let result = unsafe {
                decrypt(
                    handle.object,
                    METADATA.as_ptr(),
                    METADATA.len(),
                    frame.as_ptr(),
                    frame.len(),
                    out.as_mut_ptr(),
                    out.len(),
                    &raw mut len,
                    null_mut(),
                )
            };
            assert_eq!(result, 0);
            black_box(len);
        },
    )
}
