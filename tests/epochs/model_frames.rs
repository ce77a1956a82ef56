//! The model of an epoch manager, continued: in which epoch a frame must be sealed, and whether it
//! must open.

use frameseal::{EpochId, Error, KeyId, MemberId, StreamKind};

use crate::model::{Epoch, Model};

/// Counters that a window covers.
const WINDOW: u64 = 1024;

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) kind: StreamKind,
    pub(crate) key_frame: bool,
    /// The epoch of its key, and the counter of its next frame.
    pub(crate) key: Option<(usize, u64)>,
    pub(crate) used_up: Option<usize>,
    pub(crate) open: bool,
}

/// A frame as the model knows it: what its header says, and the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) key_id: KeyId,
    pub(crate) counter: u64,
    /// The epoch whose key sealed it; none for a forged one.
    pub(crate) sealed_in: Option<EpochId>,
}

/// Streams.
impl Model {
    /// Contexts that a stream may get.
    pub(crate) fn free_contexts(&self) -> Vec<u64> {
        let (first, end) = self.settings.contexts;
        let is_free = |context: &u64| match self.streams.get(context) {
            None => true,
            Some(stream) => !stream.open && stream.used_up < self.current,
        };
        (first..end).filter(is_free).collect()
    }

    pub(crate) fn open_stream(&mut self, kind: StreamKind, context: u64) {
        let before = self.streams.get(&context);
        let stream = Stream {
            kind,
            key_frame: false,
            key: None,
            used_up: before.and_then(|stream| stream.used_up),
            open: true,
        };
        self.streams.insert(context, stream);
    }

    pub(crate) fn close_stream(&mut self, context: u64) {
        let newest = self.live.iter().map(|epoch| epoch.order).max();
        let stream = self.streams.get_mut(&context).unwrap();
        stream.leave();
        stream.used_up = stream.used_up.max(newest);
        stream.open = false;
    }

    pub(crate) fn mark_key_frame(&mut self, context: u64) {
        self.streams.get_mut(&context).unwrap().key_frame = true;
    }

    /// In which epoch, under which key id and with which counter the next frame must be sealed.
    pub(crate) fn seal(&mut self, now: u64, context: u64) -> Result<Truth, Error> {
        self.tick(now);
        let stream = self.streams.get_mut(&context).unwrap();
        let waits = stream.kind == StreamKind::KeyFrames && !stream.key_frame;
        let target = if waits {
            self.current
        } else {
            self.eligible.max(self.current)
        };
        let here = stream.key.map(|(order, _)| order);
        let order = target.max(here).ok_or(Error::NoSendingKey)?;
        if Some(order) <= stream.used_up {
            return Err(Error::NoSendingKey);
        }
        if here != Some(order) {
            stream.leave();
            stream.key = Some((order, 0));
        }
        stream.key_frame = false;
        let key = stream.key.as_mut().unwrap();
        let counter = key.1;
        key.1 += 1;
        let live = self.live.iter().find(|epoch| epoch.order == order);
        let (own, id) = (live.unwrap().own, self.history[order].id);
        let key_id = self.settings.layout.key_id(id.epoch, own, context);
        Ok(Truth {
            key_id: key_id.unwrap(),
            counter,
            sealed_in: Some(id),
        })
    }
}

impl Stream {
    pub(crate) fn leave(&mut self) {
        self.used_up = self.used_up.max(self.key.take().map(|(order, _)| order));
    }
}

/// Receiving.
impl Model {
    /// Whether a frame must open, and whose it is then.
    pub(crate) fn open(&mut self, now: u64, frame: Truth) -> Result<(MemberId, EpochId), Error> {
        self.tick(now);
        let unknown = Err(Error::UnknownKeyId(frame.key_id));
        let parts = self.settings.layout.parts(frame.key_id);
        let place = |epoch: &Epoch| self.low_bits(epoch.order) == parts.epoch_bits;
        let Some(place) = self.live.iter().position(place) else {
            return unknown;
        };
        let order = self.live[place].order;
        let id = self.id(order);
        let ours = self.live[place].own == parts.index;
        if ours || parts.context >= self.settings.streams_per_member {
            return Err(Error::Policy(frame.key_id));
        }
        let Some(member) = self.member(order, parts.index) else {
            return unknown;
        };
        let windows = &mut self.live[place].windows;
        if let Some(window) = windows.get(&frame.key_id) {
            let highest = *window.last().unwrap();
            if window.contains(&frame.counter) || frame.counter + WINDOW <= highest {
                return Err(Error::Replay);
            }
        }
        if frame.sealed_in != Some(id) {
            return Err(Error::Authentication);
        }
        let window = windows.entry(frame.key_id).or_default();
        window.insert(frame.counter);
        Ok((member, id))
    }
}
