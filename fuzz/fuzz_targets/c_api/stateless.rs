//! The functions that need no handle, or change nothing.

use frameseal_core::{BaseKey, CipherSuite, Error, Header};
use frameseal_fuzz::Input;

use crate::capi;
use crate::memory::{Region, UNTOUCHED};
use crate::{INVALID, Session, code};

impl Session {
    pub(crate) fn stateless(&mut self, input: &mut Input<'_>) {
        match input.below(5) {
            0 => self.header_peek(input),
            1 => self.payload_len(input),
            2 => self.sealed_len(input),
            3 => self.derived_base_keys(input),
            _ => sizes_and_texts(input),
        }
    }

    fn header_peek(&mut self, input: &mut Input<'_>) {
        let region = Region::read(input);
        let bytes = self.memory.copy()[region.range()].to_vec();
        let mut header = capi::frameseal_header {
            key_id: 71,
            counter: 72,
            len: 73,
        };
        let data = self.memory.pointer(&region);
        // SAFETY: what is not refused lies in the memory, and the answer is a local.
        let result = unsafe { capi::frameseal_header_peek(data, region.len(), &mut header) };
        let parsed = match region.is_valid() {
            true => Header::parse(&bytes).map_err(Error::from),
            false => Err(Error::InvalidArgument("")),
        };
        assert_eq!(result, code(&parsed));
        let facts = parsed.map_or((71, 72, 73), |(header, len)| {
            (header.key_id.value(), header.counter.value(), len)
        });
        assert_eq!((header.key_id, header.counter, header.len), facts);
    }

    fn payload_len(&mut self, input: &mut Input<'_>) {
        let region = Region::read(input);
        let bytes = self.memory.copy()[region.range()].to_vec();
        let mut len = UNTOUCHED;
        let data = self.memory.pointer(&region);
        // SAFETY: the same, and the handle is alive.
        let result = unsafe {
            capi::frameseal_decryptor_payload_len(self.decryptor, data, region.len(), &mut len)
        };
        let claimed = match region.is_valid() {
            true => self.receiver.payload_len(&bytes),
            false => Err(Error::InvalidArgument("")),
        };
        assert_eq!(result, code(&claimed));
        assert_eq!(len, claimed.unwrap_or(UNTOUCHED));
    }

    fn sealed_len(&mut self, input: &mut Input<'_>) {
        let payload_len = match input.below(4) {
            0 => usize::MAX >> input.below(40),
            _ => input.below(256),
        };
        let mut len = UNTOUCHED;
        // SAFETY: the handle is alive, and the answer is a local.
        let result =
            unsafe { capi::frameseal_encryptor_sealed_len(self.encryptor, payload_len, &mut len) };
        let twin = self.sender.sealed_len(payload_len);
        if payload_len <= isize::MAX.unsigned_abs() {
            assert_eq!(result, code(&twin));
        } else {
            assert_eq!(result, INVALID);
        }
        assert_eq!(
            len,
            if result == 0 {
                twin.unwrap()
            } else {
                UNTOUCHED
            }
        );
    }

    /// Both derivations, with a place for the new key that may overlap the old one.
    fn derived_base_keys(&mut self, input: &mut Input<'_>) {
        let (from, out) = (Region::read(input), Region::read(input));
        let ssrc = (input.below(2) == 0).then(|| u32::from(input.byte()));
        let suite = self.suite();
        let before = self.memory.copy();
        let mut len = UNTOUCHED;
        let (key, key_len) = (self.memory.pointer(&from).cast_const(), from.len());
        let (to, capacity) = (self.memory.pointer(&out), out.len());
        let place = &raw mut len;
        let id = suite.id();
        // SAFETY: what is not refused lies in the memory, and the answer is a local.
        let result = unsafe {
            match ssrc {
                None => capi::frameseal_base_key_ratchet(id, key, key_len, to, capacity, place),
                Some(ssrc) => {
                    capi::frameseal_base_key_for_ssrc(id, key, key_len, ssrc, to, capacity, place)
                }
            }
        };
        let mut expected = before.clone();
        if !from.is_valid() || !out.is_valid() {
            assert_eq!((result, len), (INVALID, UNTOUCHED));
            return assert_eq!(self.memory.copy(), expected);
        }
        let base_key = &before[from.range()];
        let derived = match ssrc {
            None => BaseKey::ratchet(suite, base_key),
            Some(ssrc) => BaseKey::for_ssrc(suite, base_key, ssrc),
        };
        let derived = derived.and_then(|key| match suite.hash_len() {
            needed if needed > out.range().len() => Err(Error::BufferTooSmall { needed }),
            _ => Ok(key),
        });
        assert_eq!(result, code(&derived));
        match derived {
            Ok(key) => {
                let start = out.range().start;
                expected[start..start + key.as_ref().len()].copy_from_slice(key.as_ref());
                assert_eq!(len, key.as_ref().len());
            }
            Err(Error::BufferTooSmall { needed }) => assert_eq!(len, needed),
            Err(_) => assert_eq!(len, UNTOUCHED),
        }
        assert_eq!(self.memory.copy(), expected);
    }
}

fn sizes_and_texts(input: &mut Input<'_>) {
    let id = u16::from_le_bytes([input.byte(), input.byte()]);
    let suite = CipherSuite::try_from(id).ok();
    let tag_len = capi::frameseal_suite_tag_len(id);
    assert_eq!(tag_len, suite.map_or(0, CipherSuite::tag_len));
    assert_eq!(capi::frameseal_suite_name(id).is_null(), suite.is_none());
    assert!(!capi::frameseal_result_text(i32::from(id)).is_null());
}
