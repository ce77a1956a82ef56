//! Media files as a call sees them: a description that travels as signalling, and frames.
//!
//! Which container a file has is told by its content. The description (codec, picture size, Opus
//! headers) is what an offer and answer carry in a real call; the timing of a frame is what an RTP
//! header carries. Both are readable by servers. Everything else is a payload, which travels only
//! as an SFrame frame.

pub(crate) mod ivf;
pub(crate) mod opus;

use std::io::{self, Write};

/// One input file, taken apart.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) description: Description,
    pub(crate) frames: Vec<Frame>,
}

/// What a receiver must know before the first frame.
#[derive(Clone, Debug)]
pub(crate) enum Description {
    Ivf(ivf::Description),
    Opus(opus::Description),
}

/// One encoded frame: what the codec wrote, and when it is played.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) timing: Timing,
    pub(crate) payload: Vec<u8>,
}

/// Where a frame belongs in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    /// IVF: the presentation time. Ogg: the granule position of the page.
    pub(crate) timestamp: u64,
    pub(crate) end: PageEnd,
}

/// Whether a page of the container ends behind the frame. IVF has no pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageEnd {
    No,
    Page,
    Stream,
}

impl Media {
    /// Takes a file apart.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file and where.
    pub(crate) fn parse(file: &[u8]) -> Result<Self, String> {
        let media = if file.starts_with(ivf::MAGIC) {
            ivf::parse(file)?
        } else if file.starts_with(opus::MAGIC) {
            opus::parse(file)?
        } else {
            return Err("neither an IVF nor an Ogg file (told by its first bytes)".into());
        };
        if media.frames.is_empty() {
            return Err("the file has no frames".into());
        }
        Ok(media)
    }

    /// Bytes of all payloads.
    pub(crate) fn payload_len(&self) -> usize {
        self.frames.iter().map(|frame| frame.payload.len()).sum()
    }
}

impl Description {
    /// The ending of the names of such files.
    pub(crate) fn extension(&self) -> &'static str {
        match self {
            Self::Ivf(_) => "ivf",
            Self::Opus(_) => "opus",
        }
    }
}

impl core::fmt::Display for Description {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ivf(ivf) => ivf.fmt(f),
            Self::Opus(opus) => opus.fmt(f),
        }
    }
}

/// Puts frames back into a file of the kind that they came from.
pub(crate) enum Recorder<W: Write> {
    Ivf(ivf::Writer<W>),
    Opus(opus::Writer<W>),
}

impl<W: Write> Recorder<W> {
    /// Writes what comes before the first frame.
    pub(crate) fn new(description: &Description, out: W) -> io::Result<Self> {
        Ok(match description {
            Description::Ivf(ivf) => Self::Ivf(ivf::Writer::new(ivf, out)?),
            Description::Opus(opus) => Self::Opus(opus::Writer::new(opus, out)?),
        })
    }

    /// Writes the next frame.
    pub(crate) fn write(&mut self, timing: Timing, payload: &[u8]) -> io::Result<()> {
        match self {
            Self::Ivf(writer) => writer.write(timing, payload),
            Self::Opus(writer) => writer.write(timing, payload),
        }
    }

    /// Makes sure that everything is written.
    pub(crate) fn finish(self) -> io::Result<W> {
        let mut out = match self {
            Self::Ivf(writer) => writer.into_inner(),
            Self::Opus(writer) => writer.into_inner(),
        };
        out.flush()?;
        Ok(out)
    }
}
