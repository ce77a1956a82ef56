//! IVF, the simplest container of VP8, VP9 and AV1: a header, then for each frame its size, its
//! time and its bytes. All numbers are little-endian.
//!
//! ```text
//! file:  "DKIF"  u16 version  u16 header length  4 bytes codec  u16 width  u16 height
//!        u32 rate  u32 scale  u32 frames  4 bytes unused
//! frame: u32 size  u64 time  size bytes
//! ```

use std::io::{self, Write};

use super::{Frame, Media, PageEnd, Timing};

pub(crate) const MAGIC: &[u8] = b"DKIF";
const HEADER_LEN: usize = 32;
const FRAME_HEADER_LEN: usize = 12;

/// The header of the file, as it was.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    header: Vec<u8>,
}

pub(crate) fn parse(file: &[u8]) -> Result<Media, String> {
    let header_len = match file.get(6..8) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => return Err(cut_off("in the header", HEADER_LEN, file.len())),
    };
    if header_len < HEADER_LEN {
        return Err(format!(
            "the IVF header says that it has {header_len} bytes; it has at least {HEADER_LEN}"
        ));
    }
    let Some((header, mut rest)) = file.split_at_checked(header_len) else {
        return Err(cut_off("in the header", header_len, file.len()));
    };
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let (frame, after) = parse_frame(rest, frames.len())?;
        frames.push(frame);
        rest = after;
    }
    Ok(Media {
        description: super::Description::Ivf(Description {
            header: header.to_vec(),
        }),
        frames,
    })
}

/// The frame at the start of `bytes`, and what comes behind it.
fn parse_frame(bytes: &[u8], number: usize) -> Result<(Frame, &[u8]), String> {
    let place = || format!("in frame {number}");
    let cut = || cut_off(&place(), FRAME_HEADER_LEN, bytes.len());
    let (&size, rest) = bytes.split_first_chunk().ok_or_else(cut)?;
    let (&time, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let size = usize::try_from(u32::from_le_bytes(size)).map_err(|_| cut())?;
    let (payload, rest) = rest
        .split_at_checked(size)
        .ok_or_else(|| cut_off(&place(), size, rest.len()))?;
    let timing = Timing {
        timestamp: u64::from_le_bytes(time),
        end: PageEnd::No,
    };
    let payload = payload.to_vec();
    Ok((Frame { timing, payload }, rest))
}

fn cut_off(place: &str, needed: usize, left: usize) -> String {
    format!("the IVF file is cut off {place}: {needed} bytes are needed, {left} are left")
}

impl Description {
    fn u16_at(&self, at: usize) -> u16 {
        match self.header.get(at..at + 2) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => 0,
        }
    }
}

impl core::fmt::Display for Description {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let codec = self.header.get(8..12).unwrap_or_default().escape_ascii();
        write!(f, "IVF {codec} {}x{}", self.u16_at(12), self.u16_at(14))
    }
}

pub(crate) struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(description: &Description, mut out: W) -> io::Result<Self> {
        out.write_all(&description.header)?;
        Ok(Self { out })
    }

    pub(crate) fn write(&mut self, timing: Timing, payload: &[u8]) -> io::Result<()> {
        let size = u32::try_from(payload.len()).map_err(io::Error::other)?;
        self.out.write_all(&size.to_le_bytes())?;
        self.out.write_all(&timing.timestamp.to_le_bytes())?;
        self.out.write_all(payload)
    }

    pub(crate) fn into_inner(self) -> W {
        self.out
    }
}
