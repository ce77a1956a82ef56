//! The server between the participants. It holds no key.
//!
//! The only thing it can use of the library is [`Header::parse`], which needs none. What it learns
//! is what any server learns from SFrame (RFC 9605 §7.1): key ids, counters, sizes and, from RTP,
//! timing.

use std::collections::BTreeMap;
use std::io;

use frameseal::{Counter, Header, KeyId};

use crate::Result;
use crate::media::Timing;
use crate::recording::Recording;

/// Frames of each stream that are shown one by one.
const SHOWN: usize = 3;

/// What the forwarder gets: a sealed frame, and the timing that an RTP header has in clear.
pub(crate) struct Packet<'p> {
    pub(crate) timing: Timing,
    pub(crate) sealed: &'p [u8],
}

#[derive(Default)]
pub(crate) struct Forwarder {
    streams: BTreeMap<KeyId, Seen>,
    taps: BTreeMap<KeyId, Recording>,
}

/// All that can be seen of one stream.
#[derive(Default)]
pub(crate) struct Seen {
    /// Counter and size of the first frames.
    pub(crate) first: Vec<(Counter, usize)>,
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

impl Forwarder {
    /// Also writes the sealed frames of this key id to a file, as an eavesdropper would.
    pub(crate) fn tap(&mut self, key_id: KeyId, recording: Recording) {
        self.taps.insert(key_id, recording);
    }

    /// Ends the files that were tapped.
    pub(crate) fn close_taps(&mut self) -> io::Result<()> {
        for recording in core::mem::take(&mut self.taps).into_values() {
            recording.finish()?;
        }
        Ok(())
    }

    /// Looks at the header, and passes the frame on.
    pub(crate) fn forward<'p>(&mut self, packet: &Packet<'p>) -> Result<&'p [u8]> {
        let (header, _) = Header::parse(packet.sealed)?;
        let seen = self.streams.entry(header.key_id).or_default();
        seen.frames += 1;
        seen.bytes += packet.sealed.len();
        if seen.first.len() < SHOWN {
            seen.first.push((header.counter, packet.sealed.len()));
        }
        if let Some(tap) = self.taps.get_mut(&header.key_id) {
            tap.write(packet.timing, packet.sealed)?;
        }
        Ok(packet.sealed)
    }

    /// What it has seen, by key id.
    pub(crate) fn streams(&self) -> impl ExactSizeIterator<Item = (&KeyId, &Seen)> {
        self.streams.iter()
    }
}

/// Tampering: one bit of the ciphertext is flipped.
pub(crate) fn flip_a_bit(sealed: &[u8]) -> Result<Vec<u8>> {
    let (_, header_len) = Header::parse(sealed)?;
    let mut forged = sealed.to_vec();
    let middle = usize::midpoint(header_len, sealed.len());
    forged[middle] ^= 1;
    Ok(forged)
}

/// Tampering: the frame says that it is a far later one. If a receiver believed it, the frames in
/// between would look too old, and the stream would go dark.
pub(crate) fn move_counter_ahead(sealed: &[u8]) -> Result<Vec<u8>> {
    let (header, header_len) = Header::parse(sealed)?;
    let ahead = Counter::new(header.counter.value().saturating_add(1_000_000));
    let forged = Header::new(header.key_id, ahead).encode();
    Ok([forged.as_bytes(), &sealed[header_len..]].concat())
}
