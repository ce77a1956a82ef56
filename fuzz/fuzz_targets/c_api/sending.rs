//! The functions of an encryptor, beside its twin.

use core::ptr::null_mut;

use frameseal_core::{Counter, Error, KeyId};
use frameseal_fuzz::Input;

use crate::capi;
use crate::memory::{Answer, METADATA, Memory, Region, UNTOUCHED, overlap, union};
use crate::{BASE_KEYS, INVALID, KEY_IDS, OK, Session, code};

/// The metadata of a call: known to both ends, or a region of the memory; in one piece or several.
pub(crate) struct Metadata {
    known: Option<usize>,
    region: Region,
    /// Where pieces end, if it is passed in pieces.
    pub(crate) cuts: Option<Vec<usize>>,
}

impl Metadata {
    pub(crate) fn read(input: &mut Input<'_>) -> Self {
        let choice = input.below(12);
        let known = (choice < 9).then_some(choice % METADATA.len());
        let region = match known {
            None => Region::read(input),
            Some(_) => Region::Null(0),
        };
        // A part of what is not memory could look like memory.
        let cut = region.is_valid() && input.below(3) == 0;
        let cuts = cut.then(|| (0..input.below(19)).map(|_| input.below(120)).collect());
        Self {
            known,
            region,
            cuts,
        }
    }

    /// The one that the last frame was sealed with.
    pub(crate) fn again(known: Option<usize>) -> Self {
        Self {
            known: known.or(Some(0)),
            region: Region::Null(0),
            cuts: None,
        }
    }

    pub(crate) fn known(&self) -> Option<usize> {
        self.known
    }

    pub(crate) fn is_valid(&self) -> bool {
        let pieces = self.cuts.as_ref().map_or(1, |cuts| cuts.len() + 1);
        self.region.is_valid() && pieces <= capi::FRAMESEAL_MAX_SLICES
    }

    pub(crate) fn range(&self) -> core::ops::Range<usize> {
        self.region.range()
    }

    pub(crate) fn bytes(&self, memory: &[u8]) -> Vec<u8> {
        match self.known {
            Some(known) => METADATA[known].to_vec(),
            None => memory[self.region.range()].to_vec(),
        }
    }

    pub(crate) fn whole(&self, memory: &mut Memory) -> (*const u8, usize) {
        match self.known {
            Some(known) => (METADATA[known].as_ptr(), METADATA[known].len()),
            None => (memory.pointer(&self.region).cast_const(), self.region.len()),
        }
    }

    /// The same bytes in pieces, some of them empty.
    pub(crate) fn pieces(&self, memory: &mut Memory) -> Vec<capi::frameseal_slice> {
        let (data, len) = self.whole(memory);
        let mut ends = self.cuts.clone().unwrap_or_default();
        for end in &mut ends {
            *end = (*end).min(len);
        }
        ends.sort_unstable();
        ends.push(len);
        let starts: Vec<usize> = [0].into_iter().chain(ends.iter().copied()).collect();
        let pieces = starts.iter().zip(&ends);
        pieces
            .map(|(start, end)| capi::frameseal_slice {
                data: data.wrapping_add(*start),
                len: end - start,
            })
            .collect()
    }
}

impl Session {
    pub(crate) fn sending_keys(&mut self, input: &mut Input<'_>) {
        let raw_id = input.pick(&KEY_IDS);
        let key_id = KeyId::new(raw_id);
        let base_key = input.pick(&BASE_KEYS);
        let (data, len) = (base_key.as_ptr(), base_key.len());
        let (enc, sender) = (self.encryptor, &mut self.sender);
        // SAFETY: the handle is alive, and all other pointers are to locals or constants.
        unsafe {
            match input.below(10) {
                0..=2 => assert_eq!(
                    capi::frameseal_encryptor_add_key(enc, raw_id, data, len),
                    code(&sender.add_key(key_id, base_key))
                ),
                3 => {
                    let last = input.number();
                    assert_eq!(
                        capi::frameseal_encryptor_resume_key_after(enc, raw_id, data, len, last),
                        code(&sender.resume_key_after(key_id, base_key, Counter::new(last)))
                    );
                }
                4 | 5 => assert_eq!(
                    capi::frameseal_encryptor_use_key(enc, raw_id),
                    code(&sender.use_key(key_id))
                ),
                6 => assert_eq!(
                    capi::frameseal_encryptor_remove_key(enc, raw_id),
                    code(&sender.remove_key(key_id))
                ),
                7 => {
                    let count = input.pick(&[0, 1, 10, u64::MAX]);
                    let mut last = 77;
                    let reserved = sender.reserve(key_id, count);
                    let result = capi::frameseal_encryptor_reserve(enc, raw_id, count, &mut last);
                    assert_eq!(result, code(&reserved));
                    assert_eq!(last, reserved.map_or(77, Counter::value));
                    if let Ok(last) = reserved {
                        sender.confirm(key_id, last).unwrap();
                        let last = last.value();
                        assert_eq!(capi::frameseal_encryptor_confirm(enc, raw_id, last), OK);
                    }
                }
                8 => {
                    let last = input.number();
                    assert_eq!(
                        capi::frameseal_encryptor_confirm(enc, raw_id, last),
                        code(&sender.confirm(key_id, Counter::new(last)))
                    );
                }
                _ => {
                    let null = null_mut();
                    assert_eq!(
                        capi::frameseal_encryptor_add_key(null, 1, data, len),
                        INVALID
                    );
                    assert_eq!(
                        capi::frameseal_encryptor_add_key(enc, 1, core::ptr::null(), 16),
                        INVALID
                    );
                    assert_eq!(capi::frameseal_encryptor_use_key(null, 1), INVALID);
                    assert_eq!(
                        capi::frameseal_encryptor_reserve(enc, 1, 1, null_mut()),
                        INVALID
                    );
                }
            }
        }
        self.check_sending_status(raw_id);
    }

    fn check_sending_status(&self, key_id: u64) {
        let mut status = capi::frameseal_sending_key_status {
            struct_size: size_of::<capi::frameseal_sending_key_status>(),
            next_counter: 0,
            frames: 0,
            bytes: 0,
            fingerprint: 0,
            active: 7,
            exhausted: 7,
        };
        // SAFETY: the handle is alive, and the structure is a local.
        let result =
            unsafe { capi::frameseal_encryptor_key_status(self.encryptor, key_id, &mut status) };
        match self.sender.key_status(KeyId::new(key_id)) {
            None => assert_eq!((result, status.active), (2, 7)),
            Some(twin) => {
                assert_eq!(result, OK);
                assert_eq!(
                    status.next_counter,
                    twin.next_counter.map_or(0, Counter::value)
                );
                assert_eq!((status.frames, status.bytes), (twin.frames, twin.bytes));
                assert_eq!(status.active, u8::from(twin.active));
                assert_eq!(status.exhausted, u8::from(twin.next_counter.is_none()));
                assert_eq!(
                    format!("{:08x}", status.fingerprint),
                    twin.fingerprint.to_string()
                );
            }
        }
    }

    pub(crate) fn encrypt(&mut self, input: &mut Input<'_>) {
        let metadata = Metadata::read(input);
        let (payload, out) = (Region::read(input), Region::read(input));
        let mut answer = Answer::read(input);
        if overlap(&metadata.range(), &answer.range()) {
            answer = Answer::Own;
        }
        let before = self.memory.copy();
        let (result, own) = self.call_encrypt(&metadata, &payload, &out, &answer);
        let after = self.memory.copy();

        let written = if overlap(&payload.range(), &out.range()) {
            union(&payload.range(), &out.range())
        } else {
            out.range()
        };
        let valid = metadata.is_valid()
            && payload.is_valid()
            && out.is_valid()
            && answer.is_valid()
            && !overlap(&answer.range(), &written)
            && !overlap(&metadata.range(), &written);
        let mut expected = before.clone();
        if !valid {
            assert_eq!((result, own), (INVALID, UNTOUCHED));
            return assert_eq!(after, expected);
        }
        let mut frame = vec![0; out.range().len()];
        let md = metadata.bytes(&before);
        let sealed = self
            .sender
            .encrypt(&md, &before[payload.range()], &mut frame);
        assert_eq!(result, code(&sealed));
        let value = match sealed {
            Ok(len) => {
                let place = out.range().start..out.range().start + len;
                expected[place.clone()].copy_from_slice(&frame[..len]);
                self.last = Some((place, metadata.known()));
                Some(len)
            }
            Err(Error::BufferTooSmall { needed }) => Some(needed),
            Err(_) => None,
        };
        answer.expect(value, own, &mut expected);
        assert_eq!(after, expected);
    }

    fn call_encrypt(
        &mut self,
        metadata: &Metadata,
        payload: &Region,
        out: &Region,
        answer: &Answer,
    ) -> (i32, usize) {
        let mut own = UNTOUCHED;
        let enc = self.encryptor;
        let memory = &mut self.memory;
        let pieces = metadata.cuts.as_ref().map(|_| metadata.pieces(memory));
        let (md, md_len) = metadata.whole(memory);
        let (from, from_len) = (memory.pointer(payload).cast_const(), payload.len());
        let (to, to_len) = (memory.pointer(out), out.len());
        let place = memory.answer(answer, &raw mut own);
        // SAFETY: the handle is alive. What is not refused lies in the memory, in constants or in
        // locals, and no reference to it exists.
        let result = unsafe {
            match pieces {
                None => capi::frameseal_encryptor_encrypt(
                    enc, md, md_len, from, from_len, to, to_len, place,
                ),
                Some(pieces) => capi::frameseal_encryptor_encrypt_slices(
                    enc,
                    pieces.as_ptr(),
                    pieces.len(),
                    from,
                    from_len,
                    to,
                    to_len,
                    place,
                ),
            }
        };
        (result, own)
    }

    pub(crate) fn encrypt_in_place(&mut self, input: &mut Input<'_>) {
        let metadata = Metadata {
            cuts: None,
            ..Metadata::read(input)
        };
        let buffer = Region::read(input);
        let offset = match input.below(16) {
            0 => usize::MAX,
            _ => input.below(60),
        };
        let len = match input.below(16) {
            0 => usize::MAX - 3,
            _ => input.below(120),
        };
        let same_place = input.below(16) == 0;
        let before = self.memory.copy();
        let (mut at, mut frame_len) = (UNTOUCHED, UNTOUCHED);
        let (md, md_len) = metadata.whole(&mut self.memory);
        let start = self.memory.pointer(&buffer);
        let len_place = if same_place {
            &raw mut at
        } else {
            &raw mut frame_len
        };
        // SAFETY: as in `call_encrypt`.
        let result = unsafe {
            capi::frameseal_encryptor_encrypt_in_place(
                self.encryptor,
                md,
                md_len,
                start,
                buffer.len(),
                offset,
                len,
                &raw mut at,
                len_place,
            )
        };
        let mut expected = before.clone();
        let answers = match offset.checked_add(len) {
            Some(end)
                if metadata.is_valid()
                    && buffer.is_valid()
                    && !same_place
                    && !overlap(&metadata.range(), &buffer.range()) =>
            {
                let md = metadata.bytes(&before);
                let bytes = &mut expected[buffer.range()];
                let sealed = self.sender.encrypt_in_place(&md, bytes, offset..end);
                assert_eq!(result, code(&sealed));
                match sealed {
                    Ok(frame) => {
                        let first = buffer.range().start;
                        let place = first + frame.start..first + frame.end;
                        self.last = Some((place, metadata.known()));
                        (frame.start, frame.len())
                    }
                    Err(Error::HeadroomTooSmall { needed }) => (needed, UNTOUCHED),
                    Err(Error::BufferTooSmall { needed }) => (UNTOUCHED, needed),
                    Err(_) => (UNTOUCHED, UNTOUCHED),
                }
            }
            _ => {
                assert_eq!(result, INVALID);
                (UNTOUCHED, UNTOUCHED)
            }
        };
        assert_eq!((at, frame_len), answers);
        assert_eq!(self.memory.copy(), expected);
    }
}
