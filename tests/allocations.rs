//! No frame operation allocates once its keys are there: every type, suite, size and way through
//! buffers, and frames that are refused as well.
//!
//! The allocator of this test counts its calls, for each thread alone so that tests do not disturb
//! one another, and is itself tested.

use core::cell::Cell;
use core::ops::Range;
use std::alloc::{GlobalAlloc, Layout, System};

use frameseal::{
    CipherSuite, Counter, DecryptionKey, DecryptorCore, EncryptionKey, EncryptorCore, Error,
    Header, KeyId, KeyRingCore, Metadata, Storage, fixed,
};

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    // Constant and without a destructor, so that using it allocates nothing.
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    CALLS.set(CALLS.get() + 1);
}

// SAFETY: every method hands its arguments to `System` unchanged and answers what `System`
// answers, so all that a `GlobalAlloc` promises is promised by `System`. Counting touches a
// thread-local integer: it neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller promises what `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller promises what `System` asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller promises what `System` asks for, and `memory` came from `System`.
        unsafe { System.realloc(memory, layout, new_size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller promises what `System` asks for, and `memory` came from `System`.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Calls of the allocator, frees included, that `work` makes on this thread.
fn calls(work: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    work();
    CALLS.get() - before
}

#[test]
fn the_counting_allocator_counts() {
    use core::hint::black_box;
    assert_eq!(calls(|| ()), 0);
    assert_eq!(calls(|| drop(black_box(Box::new(1u8)))), 2, "made, freed");
    assert_eq!(calls(|| drop(black_box(vec![0u8; 100]))), 2, "zeroed");
    let mut growing: Vec<u8> = Vec::with_capacity(1);
    assert_eq!(calls(|| growing.extend([1, 2, 3])), 1, "moved");
    assert!(calls(|| drop(black_box(format!("{}", black_box(1))))) >= 2);
    let elsewhere = || {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| calls(|| drop(black_box(vec![1u8; 100]))));
            thread.join().unwrap()
        })
    };
    assert_eq!(elsewhere(), 2, "on a thread of its own");
}

const KID: KeyId = KeyId::new(0x1234);
const BASE_KEY: [u8; 16] = [0x42; 16];
/// From nothing over an Opus frame to a key frame, on both sides of the borders between ways to
/// encrypt.
const SIZES: [usize; 8] = [0, 20, 160, 241, 1_200, 5_000, 10_000, 20_000];
/// Where payloads begin: behind the longest header.
const HEADROOM: usize = frameseal::MAX_HEADER_LEN;
/// Longer than what an implementation may join on the stack.
const META: [&[u8]; 3] = [&[7; 300], b"", b"more"];

/// Something that encrypts with `BASE_KEY` under `KID`.
trait Sender {
    fn make(suite: CipherSuite) -> Self;
    fn apart(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, Error>;
    fn in_place(&mut self, buffer: &mut [u8], payload: Range<usize>)
    -> Result<Range<usize>, Error>;
    fn within(&mut self, buffer: &mut [u8], payload: Range<usize>) -> Result<Range<usize>, Error>;
}

/// Something that decrypts with it.
trait Receiver {
    fn make(suite: CipherSuite) -> Self;
    fn in_place(&mut self, meta: Metadata<'_>, sealed: &mut [u8]) -> Result<usize, Error>;
    fn apart(&mut self, meta: Metadata<'_>, sealed: &[u8], out: &mut [u8]) -> Result<usize, Error>;
    fn within(&mut self, meta: Metadata<'_>, buffer: &mut [u8]) -> Result<usize, Error>;
}

macro_rules! sender_methods {
    () => {
        fn apart(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, Error> {
            self.encrypt(&META, payload, out)
        }
        fn in_place(
            &mut self,
            buffer: &mut [u8],
            payload: Range<usize>,
        ) -> Result<Range<usize>, Error> {
            self.encrypt_in_place(&META, buffer, payload)
        }
        fn within(
            &mut self,
            buffer: &mut [u8],
            payload: Range<usize>,
        ) -> Result<Range<usize>, Error> {
            self.encrypt_within(&META, buffer, payload, 0)
        }
    };
}

macro_rules! receiver_methods {
    () => {
        fn in_place(&mut self, meta: Metadata<'_>, sealed: &mut [u8]) -> Result<usize, Error> {
            self.decrypt(meta, sealed)
                .map(|opened| opened.payload.len())
        }
        fn apart(
            &mut self,
            meta: Metadata<'_>,
            sealed: &[u8],
            out: &mut [u8],
        ) -> Result<usize, Error> {
            self.decrypt_to(meta, sealed, out)
                .map(|opened| opened.payload.len())
        }
        fn within(&mut self, meta: Metadata<'_>, buffer: &mut [u8]) -> Result<usize, Error> {
            let sealed = 0..buffer.len();
            self.decrypt_within(meta, buffer, sealed, 1)
                .map(|opened| opened.payload.len())
        }
    };
}

impl Sender for EncryptionKey {
    sender_methods!();

    fn make(suite: CipherSuite) -> Self {
        Self::new(suite, KID, &BASE_KEY).unwrap()
    }
}

impl<S: Storage> Sender for EncryptorCore<S> {
    sender_methods!();

    fn make(suite: CipherSuite) -> Self {
        let mut encryptor = Self::new(suite);
        encryptor.add_key(KeyId::new(1), &[0x43; 16]).unwrap();
        encryptor.add_key(KID, &BASE_KEY).unwrap();
        encryptor.use_key(KID).unwrap();
        encryptor
    }
}

impl<S: Storage> Sender for KeyRingCore<S> {
    sender_methods!();

    fn make(suite: CipherSuite) -> Self {
        let mut ring = Self::new(suite);
        ring.add_sending_key(KID, &BASE_KEY).unwrap();
        ring.use_key(KID).unwrap();
        ring
    }
}

impl Receiver for DecryptionKey {
    receiver_methods!();

    fn make(suite: CipherSuite) -> Self {
        Self::new(suite, KID, &BASE_KEY).unwrap()
    }
}

impl<S: Storage> Receiver for DecryptorCore<S> {
    receiver_methods!();

    fn make(suite: CipherSuite) -> Self {
        let mut decryptor = Self::new(suite);
        decryptor.add_key(KeyId::new(1), &[0x43; 16]).unwrap();
        decryptor.add_key(KID, &BASE_KEY).unwrap();
        decryptor
    }
}

impl<S: Storage> Receiver for KeyRingCore<S> {
    receiver_methods!();

    fn make(suite: CipherSuite) -> Self {
        let mut ring = Self::new(suite);
        ring.add_receiving_key(KID, &BASE_KEY).unwrap();
        ring
    }
}

#[cfg(feature = "std")]
impl Receiver for frameseal::SharedDecryptor {
    receiver_methods!();

    fn make(suite: CipherSuite) -> Self {
        let decryptor = Self::new(suite);
        decryptor.add_key(KID, &BASE_KEY).unwrap();
        decryptor
    }
}

// Behind the macros, which it uses.
#[path = "allocations/sender_keys.rs"]
mod sender_keys;

/// Every way to encrypt and every way to be refused, from the first frame on: nothing is made on
/// demand.
fn sending_allocates_nothing<T: Sender>() {
    for suite in CipherSuite::ALL {
        for size in SIZES {
            let mut sender = T::make(suite);
            let payload = vec![0x5a; size];
            let mut buffer = vec![0x5a; HEADROOM + size + suite.tag_len()];
            let range = HEADROOM..HEADROOM + size;
            let made = calls(|| {
                for _ in 0..3 {
                    sender.apart(&payload, &mut buffer).unwrap();
                    sender.in_place(&mut buffer, range.clone()).unwrap();
                    sender.within(&mut buffer, range.clone()).unwrap();
                    let short = sender.apart(&payload, &mut buffer[..size]);
                    assert!(matches!(short, Err(Error::BufferTooSmall { .. })));
                    let cramped = sender.in_place(&mut buffer, 0..size);
                    assert!(matches!(cramped, Err(Error::HeadroomTooSmall { .. })));
                }
            });
            assert_eq!(made, 0, "{suite}, {size} bytes");
        }
    }
}

/// Every way to decrypt and every way to be refused.
fn receiving_allocates_nothing<T: Receiver>() {
    for suite in CipherSuite::ALL {
        for size in SIZES {
            let mut sender = <EncryptionKey as Sender>::make(suite);
            let mut frame = || {
                let mut frame = vec![0; sender.sealed_len(size).unwrap()];
                sender.apart(&vec![0x5a; size], &mut frame).unwrap();
                frame
            };
            let mut frames = [frame(), frame(), frame()];
            let mut forged = frame();
            *forged.last_mut().unwrap() ^= 1;
            let mut unknown = frame();
            unknown[1] ^= 1;
            let again = frames[1].clone();
            let mut receiver = T::make(suite);
            let mut out = vec![0; size];
            let meta = || Metadata::from(&META);

            let made = calls(|| {
                // Refused first, so that a key that has opened nothing is covered as well.
                for _ in 0..2 {
                    let kid = KeyId::new(KID.value() ^ 0x100);
                    let refused = Err(Error::UnknownKeyId(kid));
                    assert_eq!(receiver.in_place(meta(), &mut unknown), refused);
                    assert_eq!(receiver.apart(meta(), &unknown, &mut out), refused);
                    assert_eq!(receiver.within(meta(), &mut unknown), refused);
                    let refused = Err(Error::Authentication);
                    assert_eq!(receiver.in_place(meta(), &mut forged), refused);
                    assert_eq!(receiver.apart(meta(), &forged, &mut out), refused);
                    assert_eq!(receiver.within(meta(), &mut forged), refused);
                    assert!(receiver.in_place(meta(), &mut []).is_err());
                }
                let [one, two, three] = &mut frames;
                assert_eq!(receiver.in_place(meta(), one), Ok(size));
                assert_eq!(receiver.apart(meta(), two, &mut out), Ok(size));
                assert_eq!(receiver.within(meta(), three), Ok(size));
                let replayed = receiver.apart(meta(), &again, &mut out);
                assert_eq!(replayed, Err(Error::Replay));
            });
            assert_eq!(made, 0, "{suite}, {size} bytes");
        }
    }
}

#[test]
fn an_encryption_key_allocates_nothing() {
    sending_allocates_nothing::<EncryptionKey>();
}

#[test]
fn a_decryption_key_allocates_nothing() {
    receiving_allocates_nothing::<DecryptionKey>();
}

#[test]
fn the_fixed_types_allocate_nothing() {
    sending_allocates_nothing::<fixed::Encryptor<4>>();
    receiving_allocates_nothing::<fixed::Decryptor<4>>();
    sending_allocates_nothing::<fixed::KeyRing<4>>();
    receiving_allocates_nothing::<fixed::KeyRing<4>>();
}

#[cfg(feature = "alloc")]
#[test]
fn the_growing_types_allocate_nothing_for_frames() {
    sending_allocates_nothing::<frameseal::Encryptor>();
    receiving_allocates_nothing::<frameseal::Decryptor>();
    sending_allocates_nothing::<frameseal::KeyRing>();
    receiving_allocates_nothing::<frameseal::KeyRing>();
}

#[cfg(feature = "std")]
#[test]
fn a_shared_decryptor_allocates_nothing_for_frames() {
    receiving_allocates_nothing::<frameseal::SharedDecryptor>();
}

#[test]
fn the_fixed_types_allocate_nothing_even_for_keys() {
    for suite in CipherSuite::ALL {
        let made = calls(|| {
            let mut sender = <fixed::Encryptor<2> as Sender>::make(suite);
            let last = sender.reserve(KID, 10).unwrap();
            sender.confirm(KID, last).unwrap();
            sender.remove_key(KID).unwrap();
            sender.resume_key_after(KID, &BASE_KEY, last).unwrap();
            assert_eq!(
                sender.add_key(KeyId::new(3), &BASE_KEY),
                Err(Error::Capacity(2))
            );
            let mut receiver = <fixed::Decryptor<2> as Receiver>::make(suite);
            receiver.remove_key(KID).unwrap();
            receiver.forget_key(KID).unwrap();
            receiver.add_key(KID, &BASE_KEY).unwrap();
        });
        assert_eq!(made, 0, "{suite}");
    }
}

#[test]
fn headers_allocate_nothing() {
    let made = calls(|| {
        for shift in 0..64 {
            let header = Header::new(KeyId::new(u64::MAX >> shift), Counter::new(1 << shift));
            let encoded = header.encode();
            let parsed = Header::parse(encoded.as_bytes());
            assert_eq!(parsed, Ok((header, header.encoded_len())));
            assert!(Header::parse(&[]).is_err());
        }
    });
    assert_eq!(made, 0);
}
