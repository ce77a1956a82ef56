//! The rules that keep a nonce from being used twice (RFC 9605 §9.1), a named test for each.
//!
//! Whatever owns counters is a [`Sender`] here: a single key, an encryptor with a fixed or a
//! growing table, a key ring. What must hold for all of them is written once over that trait; what
//! is about many keys is in `tables`.

use core::marker::PhantomData;
use core::ops::Range;

use frameseal::{
    CipherSuite, Counter, DecryptionKey, EncryptionKey, EncryptorCore, Error, KeyId, KeyRingCore,
    ReceiveConfig, SendConfig, SendingKeyStatus, Storage, UsageLimits, fixed,
};

#[path = "nonce_rules/tables.rs"]
mod tables;

const SUITE: CipherSuite = CipherSuite::Aes128CtrHmacSha256_80;
const KID: KeyId = KeyId::new(7);
const KEY: [u8; 16] = [0x42; 16];
const PAYLOAD: &[u8; 5] = b"frame";

/// Something that sends with `KEY` under `KID`.
trait Sender: Sized {
    /// From counter 0 on.
    fn with_limits(limits: UsageLimits) -> Self;
    /// After a restart.
    fn resumed_after(last: u64) -> Self;
    fn encrypt(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, Error>;
    fn in_place(&mut self, buffer: &mut [u8], payload: Range<usize>) -> Result<(), Error>;
    fn within(&mut self, buffer: &mut [u8], payload: Range<usize>, at: usize) -> Result<(), Error>;
    fn sealed_len(&self, payload_len: usize) -> Result<usize, Error>;
    fn reserve(&mut self, count: u64) -> Result<u64, Error>;
    fn confirm(&mut self, last: u64) -> Result<(), Error>;
    fn status(&self) -> SendingKeyStatus;

    fn fresh() -> Self {
        Self::with_limits(UsageLimits::standard())
    }

    /// Sends a frame; its counter, which is also the one that its nonce was made of.
    fn send(&mut self) -> Result<u64, Error> {
        let mut out = [0; 64];
        let len = self.encrypt(PAYLOAD, &mut out)?;
        Ok(opened_counter(KID, &KEY, &mut out[..len]))
    }
}

/// Opens a frame, which shows that the counter in its header is the one of its nonce.
fn opened_counter(key_id: KeyId, base_key: &[u8], frame: &mut [u8]) -> u64 {
    let mut key = DecryptionKey::new(SUITE, key_id, base_key).unwrap();
    let opened = key.decrypt(b"", frame).unwrap();
    assert_eq!(opened.payload, PAYLOAD);
    opened.counter.value()
}

macro_rules! sender_methods {
    () => {
        fn encrypt(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, Error> {
            Self::encrypt(self, b"", payload, out)
        }
        fn in_place(&mut self, buffer: &mut [u8], payload: Range<usize>) -> Result<(), Error> {
            Self::encrypt_in_place(self, b"", buffer, payload).map(|_| ())
        }
        fn within(
            &mut self,
            buffer: &mut [u8],
            payload: Range<usize>,
            at: usize,
        ) -> Result<(), Error> {
            Self::encrypt_within(self, b"", buffer, payload, at).map(|_| ())
        }
    };
}

impl Sender for EncryptionKey {
    sender_methods!();

    fn with_limits(limits: UsageLimits) -> Self {
        let config = SendConfig::standard().with_limits(limits);
        Self::with_config(SUITE, KID, &KEY, &config).unwrap()
    }
    fn resumed_after(last: u64) -> Self {
        Self::resume_after(SUITE, KID, &KEY, Counter::new(last)).unwrap()
    }
    fn reserve(&mut self, count: u64) -> Result<u64, Error> {
        Self::reserve(self, count).map(Counter::value)
    }
    fn confirm(&mut self, last: u64) -> Result<(), Error> {
        Self::confirm(self, Counter::new(last))
    }
    fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        Self::sealed_len(self, payload_len)
    }
    fn status(&self) -> SendingKeyStatus {
        Self::status(self)
    }
}

impl<S: Storage> Sender for EncryptorCore<S> {
    sender_methods!();

    fn with_limits(limits: UsageLimits) -> Self {
        let config = SendConfig::standard().with_limits(limits);
        let mut encryptor = Self::with_config(SUITE, config);
        encryptor.add_key(KID, &KEY).unwrap();
        encryptor.use_key(KID).unwrap();
        encryptor
    }
    fn resumed_after(last: u64) -> Self {
        let mut encryptor = Self::new(SUITE);
        encryptor
            .resume_key_after(KID, &KEY, Counter::new(last))
            .unwrap();
        encryptor.use_key(KID).unwrap();
        encryptor
    }
    fn reserve(&mut self, count: u64) -> Result<u64, Error> {
        Self::reserve(self, KID, count).map(Counter::value)
    }
    fn confirm(&mut self, last: u64) -> Result<(), Error> {
        Self::confirm(self, KID, Counter::new(last))
    }
    fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        Self::sealed_len(self, payload_len)
    }
    fn status(&self) -> SendingKeyStatus {
        self.key_status(KID).unwrap()
    }
}

impl<S: Storage> Sender for KeyRingCore<S> {
    sender_methods!();

    fn with_limits(limits: UsageLimits) -> Self {
        let send = SendConfig::standard().with_limits(limits);
        let mut ring = Self::with_config(SUITE, send, ReceiveConfig::for_suite(SUITE));
        ring.add_sending_key(KID, &KEY).unwrap();
        ring.use_key(KID).unwrap();
        ring
    }
    fn resumed_after(last: u64) -> Self {
        let mut ring = Self::new(SUITE);
        let last = Counter::new(last);
        ring.resume_sending_key_after(KID, &KEY, last).unwrap();
        ring.use_key(KID).unwrap();
        ring
    }
    fn reserve(&mut self, count: u64) -> Result<u64, Error> {
        Self::reserve(self, KID, count).map(Counter::value)
    }
    fn confirm(&mut self, last: u64) -> Result<(), Error> {
        Self::confirm(self, KID, Counter::new(last))
    }
    fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        self.encryptor().sealed_len(payload_len)
    }
    fn status(&self) -> SendingKeyStatus {
        self.encryptor().key_status(KID).unwrap()
    }
}

/// Makes each rule a test for every kind of sender.
macro_rules! rules_of_every_sender {
    ($($rule:ident)*) => {
        mod key { $(#[test] fn $rule() { super::$rule::<super::EncryptionKey>(); })* }
        mod fixed_encryptor { $(#[test] fn $rule() { super::$rule::<super::fixed::Encryptor<2>>(); })* }
        #[cfg(feature = "alloc")]
        mod encryptor { $(#[test] fn $rule() { super::$rule::<frameseal::Encryptor>(); })* }
        mod fixed_key_ring {
            $(#[test]
            fn $rule() { super::$rule::<super::fixed::KeyRing<1>>(); })*
        }
    };
}
rules_of_every_sender! {
    counters_start_at_zero_and_rise_by_one
    the_same_payload_never_looks_the_same
    a_call_that_fails_uses_no_counter
    a_frame_beyond_a_usage_limit_uses_no_counter
    the_last_counter_is_usable_once
    a_resumed_key_goes_on_behind_the_stored_counter_once_more_are_confirmed
    only_confirmed_counters_are_used
    confirming_what_was_not_reserved_is_refused
}

fn counters_start_at_zero_and_rise_by_one<T: Sender>() {
    let mut sender = T::fresh();
    for expected in 0..300 {
        assert_eq!(sender.send(), Ok(expected));
    }
}

fn the_same_payload_never_looks_the_same<T: Sender>() {
    // All of these have headers of one byte; what follows depends on the nonce.
    let mut sender = T::fresh();
    let mut seen = Vec::new();
    for _ in 0..8 {
        let mut out = [0; 64];
        let len = sender.encrypt(&[0; 32], &mut out).unwrap();
        let ciphertext = out[1..len - SUITE.tag_len()].to_vec();
        assert!(!seen.contains(&ciphertext));
        seen.push(ciphertext);
    }
}

fn a_call_that_fails_uses_no_counter<T: Sender>() {
    let mut sender = T::fresh();
    // One header byte and the tag are added to each frame.
    let added = 1 + SUITE.tag_len();
    let invalid = |result| matches!(result, Err(Error::InvalidArgument(_)));
    for round in 0..5 {
        let before = sender.status();
        let mut small = [0x11; 20];

        assert_eq!(
            sender.encrypt(&[0; 10], &mut small),
            Err(Error::BufferTooSmall { needed: 10 + added })
        );
        assert_eq!(
            sender.within(&mut small, 0..10, 3),
            Err(Error::BufferTooSmall {
                needed: 3 + 10 + added
            })
        );
        assert_eq!(
            sender.in_place(&mut small, 0..5),
            Err(Error::HeadroomTooSmall { needed: 1 })
        );
        assert_eq!(
            sender.in_place(&mut small, 1..12),
            Err(Error::BufferTooSmall { needed: 11 + added })
        );
        assert!(invalid(sender.in_place(&mut small, 9..21)), "beyond");
        #[allow(clippy::reversed_empty_ranges)]
        let reversed = 9..8;
        assert!(invalid(sender.in_place(&mut small, reversed.clone())));
        assert!(invalid(sender.within(&mut small, reversed, 0)));
        assert!(invalid(sender.within(&mut small, 0..1, usize::MAX)));
        #[cfg(target_pointer_width = "64")]
        assert!(
            matches!(
                sender.sealed_len((1 << 36) + 1),
                Err(Error::InvalidArgument(_))
            ),
            "no frame can have this payload"
        );

        assert_eq!(small, [0x11; 20]);
        assert_eq!(sender.status(), before);
        assert_eq!(sender.send(), Ok(round));
    }
}

fn a_frame_beyond_a_usage_limit_uses_no_counter<T: Sender>() {
    // A frame of 5 bytes is charged with two blocks.
    let mut sender = T::with_limits(UsageLimits::standard().with_bytes(3 * 32));
    assert_eq!(sender.send(), Ok(0));
    let before = sender.status();
    let mut out = [0; 200];
    assert_eq!(
        sender.encrypt(&[0; 64], &mut out),
        Err(Error::UsageLimit(KID))
    );
    assert_eq!(sender.status(), before);
    assert_eq!(sender.send(), Ok(1));
    assert_eq!(sender.send(), Ok(2));
    for _ in 0..3 {
        assert_eq!(sender.send(), Err(Error::UsageLimit(KID)));
    }
    assert_eq!(sender.status().next_counter, Some(Counter::new(3)));
}

fn the_last_counter_is_usable_once<T: Sender>() {
    let mut sender = T::resumed_after(u64::MAX - 2);
    assert_eq!(sender.reserve(10), Ok(u64::MAX), "fewer than 10 are left");
    sender.confirm(u64::MAX).unwrap();
    assert_eq!(sender.send(), Ok(u64::MAX - 1));
    assert_eq!(sender.send(), Ok(u64::MAX));
    for _ in 0..3 {
        assert_eq!(sender.send(), Err(Error::CounterExhausted(KID)));
        assert_eq!(sender.sealed_len(5), Err(Error::CounterExhausted(KID)));
        assert_eq!(sender.reserve(1), Err(Error::CounterExhausted(KID)));
        // It was reserved, so this is no error; but there is nothing to use.
        sender.confirm(u64::MAX).unwrap();
    }
    assert_eq!(sender.status().next_counter, None);

    let mut spent = T::resumed_after(u64::MAX);
    assert_eq!(spent.send(), Err(Error::CounterExhausted(KID)));
    assert_eq!(spent.reserve(1), Err(Error::CounterExhausted(KID)));
}

fn a_resumed_key_goes_on_behind_the_stored_counter_once_more_are_confirmed<T: Sender>() {
    let mut sender = T::resumed_after(41);
    for _ in 0..3 {
        assert_eq!(sender.send(), Err(Error::ReservationNeeded(KID)));
    }
    assert_eq!(sender.reserve(2), Ok(43));
    assert_eq!(sender.send(), Err(Error::ReservationNeeded(KID)));
    sender.confirm(43).unwrap();
    assert_eq!(sender.send(), Ok(42));
    assert_eq!(sender.send(), Ok(43));
    assert_eq!(sender.send(), Err(Error::ReservationNeeded(KID)));
}

fn only_confirmed_counters_are_used<T: Sender>() {
    let mut sender = T::fresh();
    assert_eq!(sender.send(), Ok(0), "volatile until the first reservation");
    assert_eq!(sender.reserve(10), Ok(10));
    assert_eq!(sender.reserve(10), Ok(10), "asked again, the same answer");
    assert_eq!(sender.reserve(4), Ok(10), "never less than before");
    assert_eq!(sender.send(), Err(Error::ReservationNeeded(KID)));
    // A part of what was reserved may be confirmed first.
    sender.confirm(2).unwrap();
    assert_eq!(sender.send(), Ok(1));
    sender.confirm(4).unwrap();
    sender.confirm(2).unwrap();
    assert_eq!(sender.send(), Ok(2), "a late answer takes nothing back");
    // The next block is asked for while this one is in use.
    assert_eq!(sender.reserve(3), Ok(10));
    assert_eq!(sender.send(), Ok(3));
    assert_eq!(sender.send(), Ok(4));
    assert_eq!(sender.send(), Err(Error::ReservationNeeded(KID)));
    sender.confirm(7).unwrap();
    assert_eq!(sender.send(), Ok(5));
}

fn confirming_what_was_not_reserved_is_refused<T: Sender>() {
    let refused = |result| matches!(result, Err(Error::InvalidArgument(_)));
    let mut sender = T::fresh();
    assert!(refused(sender.confirm(0)), "nothing was reserved");
    assert!(refused(sender.reserve(0).map(|_| ())));
    assert_eq!(sender.send(), Ok(0), "still volatile");
    assert_eq!(sender.reserve(5), Ok(5));
    assert!(refused(sender.confirm(6)));
    assert!(refused(sender.confirm(u64::MAX)));
    assert_eq!(sender.send(), Err(Error::ReservationNeeded(KID)));

    let mut resumed = T::resumed_after(100);
    assert!(refused(resumed.confirm(100)), "stored by another process");
    assert!(refused(resumed.confirm(101)));
    assert_eq!(resumed.send(), Err(Error::ReservationNeeded(KID)));
}

/// Says whether `T` can be cloned: the inherent constants exist only for types that can, and go
/// before those of the trait.
struct Probe<T>(PhantomData<T>);
trait Cannot {
    const CLONE: bool = false;
    const COPY: bool = false;
}
impl<T> Cannot for Probe<T> {}
impl<T: Clone> Probe<T> {
    const CLONE: bool = true;
}
impl<T: Copy> Probe<T> {
    const COPY: bool = true;
}

#[test]
fn nothing_that_owns_a_counter_can_be_copied() {
    const { assert!(Probe::<Counter>::CLONE && Probe::<Counter>::COPY) };
    const { assert!(!Probe::<EncryptionKey>::CLONE && !Probe::<EncryptionKey>::COPY) };
    const { assert!(!Probe::<fixed::Encryptor<1>>::CLONE && !Probe::<fixed::Encryptor<1>>::COPY) };
    const { assert!(!Probe::<fixed::KeyRing<1>>::CLONE && !Probe::<fixed::KeyRing<1>>::COPY) };
    #[cfg(feature = "alloc")]
    const {
        use frameseal::{Encryptor, KeyRing};
        assert!(!Probe::<Encryptor>::CLONE && !Probe::<Encryptor>::COPY);
        assert!(!Probe::<KeyRing>::CLONE && !Probe::<KeyRing>::COPY);
    }
}
