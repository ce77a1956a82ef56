//! One frame on its way into a receiver: where it lies, where its payload shall go, and what the
//! memory around looks like afterwards.

use core::ops::Range;

use frameseal_core::{Error, Header};
use frameseal_fuzz::Input;

/// Memory that no frame was written to.
const UNTOUCHED: u8 = 0xa5;

pub(crate) struct Delivery {
    pub(crate) frame: Vec<u8>,
    /// Which of the known pieces of metadata.
    pub(crate) metadata: usize,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Here,
    /// To a buffer of so many bytes.
    Apart(usize),
    /// Inside a buffer of so many bytes; the range may be none of it.
    Within {
        len: usize,
        sealed: Range<usize>,
        out_start: usize,
    },
}

/// What a receiver answers, without references.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Payload, key id and counter.
    pub(crate) opened: Result<(Vec<u8>, u64, u64), Error>,
    /// The memory of [`Delivery::memory`], afterwards.
    pub(crate) memory: Vec<u8>,
}

impl Place {
    pub(crate) fn read(input: &mut Input<'_>, frame_len: usize) -> Self {
        match input.below(4) {
            0 => Self::Here,
            // Around the size of the payload.
            1 => Self::Apart((frame_len + 4).saturating_sub(input.below(40))),
            _ => {
                let before = input.below(40);
                let out_start = input.up_to(frame_len + 60);
                let len = before + frame_len + input.below(40);
                let mut sealed = before..before + frame_len;
                match input.below(16) {
                    0 => sealed.end = len + 1,
                    1 => sealed = sealed.end..sealed.start,
                    2 => sealed = usize::MAX - 1..usize::MAX,
                    _ => {}
                }
                Self::Within {
                    len,
                    sealed,
                    out_start,
                }
            }
        }
    }

    /// Whether the range of the frame is one of the buffer.
    pub(crate) fn is_valid(&self) -> bool {
        match self {
            Self::Within { len, sealed, .. } => sealed.start <= sealed.end && sealed.end <= *len,
            _ => true,
        }
    }

    /// Whether a payload of so many bytes fits.
    pub(crate) fn has_room(&self, payload_len: usize) -> bool {
        match self {
            Self::Here => true,
            Self::Apart(capacity) => payload_len <= *capacity,
            Self::Within { len, out_start, .. } => out_start + payload_len <= *len,
        }
    }
}

impl Delivery {
    /// The memory that the receiver may write to, before it does.
    pub(crate) fn memory(&self) -> Vec<u8> {
        match &self.place {
            Place::Here => self.frame.clone(),
            Place::Apart(capacity) => vec![UNTOUCHED; *capacity],
            Place::Within { len, sealed, .. } => {
                let mut memory = vec![UNTOUCHED; *len];
                if self.place.is_valid() && sealed.len() == self.frame.len() {
                    memory[sealed.clone()].copy_from_slice(&self.frame);
                }
                memory
            }
        }
    }
}

/// Calls the method that the place asks for: the three receivers have them in common, but no trait.
macro_rules! deliver {
    ($receiver:expr, $metadata:expr, $delivery:expr) => {{
        let mut memory = $delivery.memory();
        let opened = match &$delivery.place {
            Place::Here => $receiver.decrypt($metadata, &mut memory),
            Place::Apart(_) => $receiver.decrypt_to($metadata, &$delivery.frame, &mut memory),
            Place::Within {
                sealed, out_start, ..
            } => $receiver.decrypt_within($metadata, &mut memory, sealed.clone(), *out_start),
        };
        let opened = opened.map(|it| (it.payload.to_vec(), it.key_id.value(), it.counter.value()));
        Outcome { opened, memory }
    }};
}
pub(crate) use deliver;

impl Outcome {
    /// Checks every byte that the receiver could write to.
    pub(crate) fn check_buffer(&self, delivery: &Delivery) {
        let mut expected = delivery.memory();
        let header_len = Header::parse(&delivery.frame).map_or(0, |(_, len)| len);
        match (&self.opened, &delivery.place) {
            (Ok((payload, ..)), Place::Here) => {
                expected[header_len..header_len + payload.len()].copy_from_slice(payload);
            }
            (Ok((payload, ..)), Place::Apart(_)) => {
                expected[..payload.len()].copy_from_slice(payload);
            }
            (
                Ok((payload, ..)),
                Place::Within {
                    sealed, out_start, ..
                },
            ) => {
                // The place of the frame is free after it was opened.
                expected[sealed.clone()].copy_from_slice(&self.memory[sealed.clone()]);
                expected[*out_start..*out_start + payload.len()].copy_from_slice(payload);
            }
            // The one failure that may leave a trace: the ciphertext.
            (Err(Error::Authentication), Place::Apart(_)) => {
                let after_header = &delivery.frame[header_len..];
                let unchanged = self.memory.iter().zip(&expected).rev();
                let changed = self.memory.len() - unchanged.take_while(|(a, b)| a == b).count();
                assert_eq!(
                    self.memory[..changed],
                    after_header[..changed],
                    "not ciphertext"
                );
                return;
            }
            (Err(_), _) => {}
        }
        assert_eq!(self.memory, expected, "{:?}", self.opened);
    }
}
