//! What an encryptor must answer to each call, in the plainest words.

use std::collections::BTreeMap;

use frameseal::{Counter, Error, Header, UsageLimits};

use super::{KIDS, Mode, OUT_START, Op};

/// What is known of a key id.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) key: usize,
    pub(crate) active: bool,
    /// The smallest counter that was neither used nor skipped.
    pub(crate) next: Option<u64>,
    durable: bool,
    /// Of a durable counter: everything below is stored as used.
    confirmed_below: u128,
    reserved: Option<u64>,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
}

impl Slot {
    fn usable(&self, kid: usize) -> Result<u64, Error> {
        let next = self.next.ok_or(Error::CounterExhausted(KIDS[kid]))?;
        if self.durable && u128::from(next) >= self.confirmed_below {
            return Err(Error::ReservationNeeded(KIDS[kid]));
        }
        Ok(next)
    }

    fn resume(&mut self, last: u64) {
        if self.next.is_some_and(|next| next <= last) {
            self.next = last.checked_add(1);
        }
        self.durable = true;
    }

    fn reserve(&mut self, kid: usize, count: u64) -> Result<u64, Error> {
        if count == 0 {
            return Err(Error::InvalidArgument(""));
        }
        let exhausted = Error::CounterExhausted(KIDS[kid]);
        let first = u128::from(self.next.ok_or(exhausted)?).max(self.confirmed_below);
        let first = u64::try_from(first).map_err(|_| exhausted)?;
        let last = first.saturating_add(count - 1);
        self.durable = true;
        let last = last.max(self.reserved.unwrap_or(0));
        self.reserved = Some(last);
        Ok(last)
    }
}

pub(crate) struct Model {
    pub(crate) slots: BTreeMap<usize, Slot>,
    pub(crate) in_use: Option<usize>,
    capacity: usize,
    limits: UsageLimits,
    tag_len: usize,
}

impl Model {
    pub(crate) fn new(capacity: usize, limits: UsageLimits, tag_len: usize) -> Self {
        Self {
            slots: BTreeMap::new(),
            in_use: None,
            capacity,
            limits,
            tag_len,
        }
    }

    fn active(&mut self, kid: usize) -> Result<&mut Slot, Error> {
        self.slots
            .get_mut(&kid)
            .filter(|slot| slot.active)
            .ok_or(Error::UnknownKeyId(KIDS[kid]))
    }

    fn add(&mut self, kid: usize, key: usize) -> Result<&mut Slot, Error> {
        if !self.slots.contains_key(&kid) && self.slots.len() == self.capacity {
            return Err(Error::Capacity(self.capacity));
        }
        let slot = self.slots.entry(kid).or_insert(Slot {
            key,
            active: true,
            next: Some(0),
            durable: false,
            confirmed_below: 0,
            reserved: None,
            frames: 0,
            bytes: 0,
        });
        if slot.key != key {
            return Err(Error::KeyIdInUse(KIDS[kid]));
        }
        slot.active = true;
        Ok(slot)
    }

    /// What `confirm` is to be called with.
    pub(crate) fn to_confirm(&self, kid: usize, shift: i64) -> u64 {
        let reserved = self.slots.get(&kid).and_then(|slot| slot.reserved);
        reserved.unwrap_or(0).saturating_add_signed(shift)
    }

    /// The bytes that the next frame needs for its header and altogether.
    pub(crate) fn sizes(&self, len: usize) -> (usize, usize) {
        let next = self.in_use.map(|kid| (kid, self.slots[&kid].next));
        let header = match next {
            Some((kid, Some(next))) => Header::new(KIDS[kid], Counter::new(next)).encoded_len(),
            _ => 1,
        };
        (header, header + len + self.tag_len)
    }

    fn encrypt(&mut self, mode: Mode, len: usize, short: usize) -> Result<u64, Error> {
        let kid = self.in_use.ok_or(Error::NoSendingKey)?;
        let (header, needed) = self.sizes(len);
        let limits = self.limits;
        let slot = self.active(kid)?;
        let counter = slot.usable(kid)?;
        let bytes = slot.bytes + 16 * (len as u64).div_ceil(16) + 16;
        if slot.frames + 1 > limits.frames || bytes > limits.bytes {
            return Err(Error::UsageLimit(KIDS[kid]));
        }
        match mode {
            Mode::InPlaceShortHead if short > 0 => {
                return Err(Error::HeadroomTooSmall { needed: header });
            }
            Mode::Within if short > 0 => {
                return Err(Error::BufferTooSmall {
                    needed: OUT_START + needed,
                });
            }
            _ if short > 0 => return Err(Error::BufferTooSmall { needed }),
            _ => {}
        }
        (slot.frames, slot.bytes) = (slot.frames + 1, bytes);
        slot.next = counter.checked_add(1);
        Ok(counter)
    }

    /// What the call must answer; `Some` is a counter.
    pub(crate) fn apply(&mut self, op: &Op) -> Result<Option<u64>, Error> {
        match *op {
            Op::Add { kid, key } => self.add(kid, key).map(|_| None),
            Op::Resume { kid, key, last } => {
                self.add(kid, key)?.resume(last);
                Ok(None)
            }
            Op::Remove { kid } => {
                self.active(kid)?.active = false;
                self.in_use = self.in_use.filter(|in_use| *in_use != kid);
                Ok(None)
            }
            Op::Use { kid } => {
                self.active(kid)?;
                self.in_use = Some(kid);
                Ok(None)
            }
            Op::Reserve { kid, count } => self.active(kid)?.reserve(kid, count).map(Some),
            Op::Confirm { kid, shift } => {
                let last = self.to_confirm(kid, shift);
                let slot = self.active(kid)?;
                if slot.reserved.is_none_or(|reserved| reserved < last) {
                    return Err(Error::InvalidArgument(""));
                }
                slot.confirmed_below = slot.confirmed_below.max(u128::from(last) + 1);
                Ok(None)
            }
            Op::Encrypt { mode, len, short } => self.encrypt(mode, len, short).map(Some),
        }
    }
}
