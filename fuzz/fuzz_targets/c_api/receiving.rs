//! The functions of a decryptor, beside its twin.

use core::ops::Range;
use core::ptr::null_mut;

use frameseal_core::{Counter, Error, KeyId};
use frameseal_fuzz::Input;

use crate::capi::{self, frameseal_open_info};
use crate::memory::{Answer, Region, UNTOUCHED, overlap, union};
use crate::sending::Metadata;
use crate::{BASE_KEYS, INVALID, KEY_IDS, OK, Session, code};

/// A structure for answers, with room behind it for a larger size than it has.
#[repr(C)]
struct Info {
    known: frameseal_open_info,
    behind: [u64; 4096 / 8],
}

const INFO_SIZE: usize = size_of::<frameseal_open_info>();
const BEHIND: u64 = 0x4b4b_4b4b;

impl Info {
    fn read(input: &mut Input<'_>) -> Option<Self> {
        let struct_size = match input.below(16) {
            0 => return None,
            1 => input.pick(&[0, 1, INFO_SIZE - 1, 4097, usize::MAX]),
            2 => input.pick(&[INFO_SIZE + 1, INFO_SIZE + 24, 4096]),
            _ => INFO_SIZE,
        };
        Some(Self {
            known: frameseal_open_info {
                struct_size,
                key_id: 71,
                counter: 72,
                payload_len: 73,
            },
            behind: [BEHIND; 4096 / 8],
        })
    }

    fn is_valid(&self) -> bool {
        (INFO_SIZE..=4096).contains(&self.known.struct_size)
    }

    fn expect(&self, key_id: u64, counter: u64, payload_len: usize) {
        let known = &self.known;
        assert_eq!(
            (known.key_id, known.counter, known.payload_len),
            (key_id, counter, payload_len)
        );
        assert!(self.behind.iter().all(|word| *word == BEHIND));
    }
}

impl Session {
    pub(crate) fn receiving_keys(&mut self, input: &mut Input<'_>) {
        let raw_id = input.pick(&KEY_IDS);
        let key_id = KeyId::new(raw_id);
        let base_key = input.pick(&BASE_KEYS);
        let (data, len) = (base_key.as_ptr(), base_key.len());
        let (dec, receiver) = (self.decryptor, &mut self.receiver);
        // SAFETY: the handle is alive, and all other pointers are to locals or constants.
        unsafe {
            match input.below(8) {
                0..=4 => assert_eq!(
                    capi::frameseal_decryptor_add_key(dec, raw_id, data, len),
                    code(&receiver.add_key(key_id, base_key))
                ),
                5 => assert_eq!(
                    capi::frameseal_decryptor_remove_key(dec, raw_id),
                    code(&receiver.remove_key(key_id))
                ),
                6 => assert_eq!(
                    capi::frameseal_decryptor_forget_key(dec, raw_id),
                    code(&receiver.forget_key(key_id))
                ),
                _ => {
                    let null = null_mut();
                    assert_eq!(
                        capi::frameseal_decryptor_add_key(null, 1, data, len),
                        INVALID
                    );
                    assert_eq!(capi::frameseal_decryptor_remove_key(null, 1), INVALID);
                    assert_eq!(
                        capi::frameseal_decryptor_add_key(dec, 1, core::ptr::null(), 16),
                        INVALID
                    );
                }
            }
        }
        self.check_receiving_status(raw_id);
    }

    fn check_receiving_status(&mut self, key_id: u64) {
        let mut status = capi::frameseal_receiving_key_status {
            struct_size: size_of::<capi::frameseal_receiving_key_status>(),
            highest_counter: 0,
            opened: 0,
            failed_opens: 0,
            replayed: 0,
            fingerprint: 0,
            active: 7,
            has_highest_counter: 7,
        };
        let (mut raised, mut alarm) = (true, 77);
        // SAFETY: the handle is alive, and the places for answers are locals.
        let (result, polled) = unsafe {
            (
                capi::frameseal_decryptor_key_status(self.decryptor, key_id, &mut status),
                capi::frameseal_decryptor_poll_forgery_alarm(
                    self.decryptor,
                    &mut raised,
                    &mut alarm,
                ),
            )
        };
        let twin_alarm = self.receiver.poll_forgery_alarm();
        assert_eq!((polled, raised), (OK, twin_alarm.is_some()));
        assert_eq!(alarm, twin_alarm.map_or(77, KeyId::value));
        match self.receiver.key_status(KeyId::new(key_id)) {
            None => assert_eq!((result, status.active), (2, 7)),
            Some(twin) => {
                assert_eq!(result, OK);
                let highest = twin.highest_counter;
                assert_eq!(status.highest_counter, highest.map_or(0, Counter::value));
                assert_eq!(status.has_highest_counter, u8::from(highest.is_some()));
                assert_eq!(
                    (
                        status.opened,
                        status.failed_opens,
                        status.replayed,
                        status.active
                    ),
                    (
                        twin.opened,
                        twin.failed_opens,
                        twin.replayed,
                        u8::from(twin.active)
                    )
                );
            }
        }
    }

    pub(crate) fn decrypt(&mut self, input: &mut Input<'_>) {
        // Mostly the last frame, with its metadata; it may have been written over meanwhile.
        let again = self.last.clone().filter(|_| input.below(4) > 0);
        let (sealed, metadata) = match again {
            Some((place, known)) => (Region::In(place), Metadata::again(known)),
            None => (Region::read(input), Metadata::read(input)),
        };
        let out = match input.below(3) {
            // At the same address, as a media engine does it.
            0 => sealed.clone(),
            _ => Region::read(input),
        };
        let mut answer = Answer::read(input);
        if overlap(&metadata.range(), &answer.range()) {
            answer = Answer::Own;
        }
        let mut info = Info::read(input);
        let before = self.memory.copy();
        let (result, own) = self.call_decrypt(&metadata, &sealed, &out, &answer, &mut info);
        let after = self.memory.copy();

        let joined = overlap(&sealed.range(), &out.range());
        let written = if joined {
            union(&sealed.range(), &out.range())
        } else {
            out.range()
        };
        let valid = metadata.is_valid()
            && sealed.is_valid()
            && out.is_valid()
            && answer.is_valid()
            && info.as_ref().is_none_or(Info::is_valid)
            && !overlap(&answer.range(), &written)
            && !overlap(&metadata.range(), &written);
        if !valid {
            assert_eq!((result, own), (INVALID, UNTOUCHED));
            info.inspect(|info| info.expect(71, 72, 73));
            return assert_eq!(after, before);
        }
        let frame = &before[sealed.range()];
        let mut plain = vec![0; out.range().len()];
        let opened = self
            .receiver
            .decrypt_to(&metadata.bytes(&before), frame, &mut plain);
        assert_eq!(result, code(&opened));
        let mut expected = before.clone();
        let mut facts = (71, 72, 73);
        let mut value = None;
        match opened {
            Ok(opened) => {
                let len = opened.payload.len();
                if joined {
                    // The place of the frame is free after it was opened.
                    expected[sealed.range()].copy_from_slice(&after[sealed.range()]);
                }
                let start = out.range().start;
                expected[start..start + len].copy_from_slice(opened.payload);
                facts = (opened.key_id.value(), opened.counter.value(), len);
                value = Some(len);
            }
            Err(Error::BufferTooSmall { needed }) => value = Some(needed),
            Err(Error::UnknownKeyId(key_id)) => facts.0 = key_id.value(),
            Err(Error::Authentication) => {
                allow_ciphertext(frame, &out.range(), &after, &mut expected)
            }
            Err(_) => {}
        }
        answer.expect(value, own, &mut expected);
        info.inspect(|info| info.expect(facts.0, facts.1, facts.2));
        assert_eq!(after, expected);
    }

    fn call_decrypt(
        &mut self,
        metadata: &Metadata,
        sealed: &Region,
        out: &Region,
        answer: &Answer,
        info: &mut Option<Info>,
    ) -> (i32, usize) {
        let mut own = UNTOUCHED;
        let dec = self.decryptor;
        let memory = &mut self.memory;
        let pieces = metadata.cuts.as_ref().map(|_| metadata.pieces(memory));
        let (md, md_len) = metadata.whole(memory);
        let (from, from_len) = (memory.pointer(sealed).cast_const(), sealed.len());
        let (to, to_len) = (memory.pointer(out), out.len());
        let place = memory.answer(answer, &raw mut own);
        let info = info
            .as_mut()
            .map_or(null_mut(), |info| (info as *mut Info).cast());
        // SAFETY: the handle is alive. What is not refused lies in the memory, in constants or in
        // locals, and no reference to it exists.
        let result = unsafe {
            match pieces {
                None => capi::frameseal_decryptor_decrypt(
                    dec, md, md_len, from, from_len, to, to_len, place, info,
                ),
                Some(pieces) => capi::frameseal_decryptor_decrypt_slices(
                    dec,
                    pieces.as_ptr(),
                    pieces.len(),
                    from,
                    from_len,
                    to,
                    to_len,
                    place,
                    info,
                ),
            }
        };
        (result, own)
    }
}

/// A frame that did not authenticate may leave its ciphertext in `out`, and nothing else.
fn allow_ciphertext(frame: &[u8], out: &Range<usize>, after: &[u8], expected: &mut [u8]) {
    let header_len = frameseal_core::Header::parse(frame).map_or(0, |(_, len)| len);
    let left = expected[out.clone()]
        .iter_mut()
        .zip(&after[out.clone()])
        .zip(&frame[header_len..]);
    for ((expected, after), ciphertext) in left {
        if after == ciphertext {
            *expected = *ciphertext;
        }
    }
}
