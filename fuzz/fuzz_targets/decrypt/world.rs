//! The senders, what they have sealed, and a model of what a receiver must say to a frame.

use std::collections::BTreeSet;

use frameseal_core::{
    CipherSuite, Counter, EncryptionKey, Error, Header, KeyId, ReceivingKeyStatus, SyntaxError,
};
use frameseal_fuzz::{Input, payload};

use crate::delivery::{Delivery, Outcome};

pub(crate) const KEYS: [(KeyId, [u8; 32]); 2] = [
    (KeyId::new(5), [0x51; 32]),
    (KeyId::new(0x1234), [0x52; 32]),
];

/// Two of them have one length, which is authenticated too.
pub(crate) const METADATA: [&[u8]; 4] = [b"", b"room 7, camera", b"room 8, camera", &[0x6d; 300]];

/// Frames for one input, those that are lost included.
const MOST_FRAMES: usize = 600;
/// How many frames are lost at once: few, or around the size of the window.
const LOST: [usize; 8] = [1, 1, 2, 63, 126, 127, 128, 129];

/// Counters that the receivers remember.
pub(crate) const WINDOW: u32 = 128;

/// The senders go on behind one of these, so that counters have all lengths.
const LAST_COUNTERS: [u64; 6] = [3, 250, 65_530, 0xff_ffff_fff0, u64::MAX - 300, u64::MAX - 2];

pub(crate) struct World {
    suite: CipherSuite,
    senders: [EncryptionKey; 2],
    sealed: Vec<Sealed>,
    seen: [Seen; 2],
}

/// A genuine frame.
struct Sealed {
    frame: Vec<u8>,
    metadata: usize,
    payload: Vec<u8>,
}

/// What a receiver must have counted for one key.
#[derive(Default)]
struct Seen {
    accepted: BTreeSet<u64>,
    failed_opens: u64,
    replayed: u64,
}

impl Seen {
    /// The rule of the window, said once more: not twice, and not below it.
    fn refuses(&self, counter: u64) -> bool {
        let old = |highest: &u64| highest.saturating_sub(counter) >= u64::from(WINDOW);
        self.accepted.contains(&counter) || self.accepted.last().is_some_and(old)
    }
}

impl World {
    pub(crate) fn new(suite: CipherSuite, choice: u8) -> Self {
        let last = LAST_COUNTERS.get(usize::from(choice)).copied();
        let senders = KEYS.map(|(key_id, base_key)| match last {
            None => EncryptionKey::new(suite, key_id, &base_key).unwrap(),
            Some(last) => {
                let last = Counter::new(last);
                let mut key = EncryptionKey::resume_after(suite, key_id, &base_key, last).unwrap();
                let reserved = key.reserve(10_000).unwrap();
                key.confirm(reserved).unwrap();
                key
            }
        });
        Self {
            suite,
            senders,
            sealed: Vec::new(),
            seen: Default::default(),
        }
    }

    /// Seals a frame and remembers it; `None` when the counter is used up.
    pub(crate) fn seal(&mut self, sender: usize, len: usize) -> Option<(Vec<u8>, usize)> {
        let payload = payload(len, self.sealed.len() as u64);
        let metadata = self.sealed.len() % METADATA.len();
        let mut frame = vec![0; len + self.suite.max_overhead()];
        match self.senders[sender].encrypt(METADATA[metadata], &payload, &mut frame) {
            Ok(len) => frame.truncate(len),
            Err(Error::CounterExhausted(_)) => return None,
            Err(error) => panic!("{error}"),
        }
        self.sealed.push(Sealed {
            frame: frame.clone(),
            metadata,
            payload,
        });
        Some((frame, metadata))
    }

    /// What the next command puts on the wire: a frame and its metadata.
    pub(crate) fn next_frame(&mut self, input: &mut Input<'_>) -> Option<(Vec<u8>, usize)> {
        let command = input.below(10);
        if command == 0 {
            let len = input.below(64);
            return Some((input.bytes(len).to_vec(), input.below(METADATA.len())));
        }
        if command == 1 && !self.sealed.is_empty() {
            let earlier = &self.sealed[input.up_to(self.sealed.len() - 1)];
            return Some((earlier.frame.clone(), earlier.metadata));
        }
        let sender = input.below(KEYS.len());
        if self.sealed.len() > MOST_FRAMES {
            return None;
        }
        if command == 2 {
            // On the way, to come later or never.
            for _ in 0..input.pick(&LOST) {
                self.seal(sender, 1)?;
            }
            return None;
        }
        // Mostly short; now and then beyond the chunks of the implementation.
        let len = input.pick(&[0, 1, 15, 16, 20, 160, 239, 240, 241, 1023, 1100]);
        let (mut frame, mut metadata) = self.seal(sender, len)?;
        match command {
            4 | 5 => {
                for _ in 0..=input.below(3) {
                    let at = input.up_to(frame.len() - 1);
                    frame[at] ^= input.byte();
                }
            }
            6 => frame.truncate(input.up_to(frame.len())),
            7 => {
                let len = 1 + input.below(20);
                frame.extend(input.bytes(len));
            }
            8 => metadata = input.below(METADATA.len()),
            9 => {
                // Its header in front of the rest of an earlier frame.
                let other = &self.sealed[input.up_to(self.sealed.len() - 1)].frame;
                frame.truncate(Header::parse(&frame).unwrap().1);
                frame.extend(&other[Header::parse(other).unwrap().1..]);
            }
            _ => {}
        }
        Some((frame, metadata))
    }

    /// Compares what the receivers said with what they must say.
    pub(crate) fn judge(&mut self, delivery: &Delivery, outcome: &Outcome) {
        let opened = &outcome.opened;
        if !delivery.place.is_valid() {
            assert!(
                matches!(opened, Err(Error::InvalidArgument(_))),
                "{opened:?}"
            );
            return;
        }
        let (header, header_len) = match Header::parse(&delivery.frame) {
            Ok(parsed) => parsed,
            Err(reason) => return assert_eq!(opened, &Err(Error::Syntax(reason))),
        };
        let overhead = header_len + self.suite.tag_len();
        let Some(payload_len) = delivery.frame.len().checked_sub(overhead) else {
            let reason = Error::Syntax(SyntaxError::ShorterThanTag);
            return assert_eq!(opened, &Err(reason));
        };
        let Some(key) = KEYS.iter().position(|(key_id, _)| *key_id == header.key_id) else {
            return assert_eq!(opened, &Err(Error::UnknownKeyId(header.key_id)));
        };
        let counter = header.counter.value();
        let genuine = self.sealed.iter().find(|sealed| {
            sealed.frame == delivery.frame
                && METADATA[sealed.metadata] == METADATA[delivery.metadata]
        });
        let seen = &mut self.seen[key];
        let replay = seen.refuses(counter);
        let room = delivery.place.has_room(payload_len);
        match opened {
            Ok((payload, key_id, opened_counter)) => {
                assert!(room && !replay);
                assert_eq!((*key_id, *opened_counter), (header.key_id.value(), counter));
                match genuine {
                    Some(genuine) => assert_eq!(payload, &genuine.payload),
                    // One guess in 2^32 is right for the shortest tags: then the frame is what
                    // the sender would have made of that payload.
                    None => assert_eq!(self.suite.tag_len(), 4, "a forgery"),
                }
                if genuine.is_none() {
                    let metadata = METADATA[delivery.metadata];
                    assert_eq!(
                        reseal(self.suite, key, counter, metadata, payload),
                        delivery.frame
                    );
                }
                seen.accepted.insert(counter);
            }
            Err(Error::Replay) => {
                assert!(replay, "a frame that was not accepted before");
                seen.replayed += 1;
            }
            Err(Error::BufferTooSmall { .. }) => assert!(!room),
            Err(Error::Authentication) => {
                assert!(genuine.is_none(), "a genuine frame");
                seen.failed_opens += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn check_status(&self, key_id: KeyId, status: &ReceivingKeyStatus) {
        let key = KEYS.iter().position(|(id, _)| *id == key_id).unwrap();
        let seen = &self.seen[key];
        assert_eq!(status.opened, seen.accepted.len() as u64);
        assert_eq!(status.failed_opens, seen.failed_opens);
        assert_eq!(status.replayed, seen.replayed);
        let highest = seen.accepted.last().copied().map(Counter::new);
        assert_eq!(status.highest_counter, highest);
    }
}

/// The frame that the sender makes of this payload with this counter.
fn reseal(suite: CipherSuite, key: usize, counter: u64, md: &[u8], payload: &[u8]) -> Vec<u8> {
    let (key_id, base_key) = KEYS[key];
    let mut frame = vec![0; payload.len() + suite.max_overhead()];
    let mut sender = match counter.checked_sub(1) {
        None => EncryptionKey::new(suite, key_id, &base_key).unwrap(),
        Some(last) => {
            let last = Counter::new(last);
            let mut sender = EncryptionKey::resume_after(suite, key_id, &base_key, last).unwrap();
            let reserved = sender.reserve(1).unwrap();
            sender.confirm(reserved).unwrap();
            sender
        }
    };
    let len = sender.encrypt(md, payload, &mut frame).unwrap();
    frame.truncate(len);
    frame
}
