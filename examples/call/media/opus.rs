//! Ogg files with one Opus stream (RFC 7845): two header packets, then packets of audio in pages.
//!
//! The crate `ogg` reads packets and writes them again. A page carries a checksum of its content,
//! so pages cannot be described to the other side before they are decrypted: only their ends and
//! granule positions are, and the receiver makes the pages anew. That this gives the same file is
//! checked when a file is read.

use std::io::{self, Cursor, Write};

use ogg::{OggReadError, Packet, PacketReader, PacketWriteEndInfo, PacketWriter};

use super::{Frame, Media, PageEnd, Timing};

pub(crate) const MAGIC: &[u8] = b"OggS";

/// The number of header packets, `OpusHead` and `OpusTags` (RFC 7845 §3).
const HEADERS: usize = 2;

/// The header packets, as they were.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    serial: u32,
    headers: Vec<(Timing, Vec<u8>)>,
}

pub(crate) fn parse(file: &[u8]) -> Result<Media, String> {
    let mut packets = read_packets(file)?;
    let serial = match packets.first() {
        Some((serial, head)) if head.payload.starts_with(b"OpusHead") => *serial,
        _ => return Err("an Ogg file, but its first packet is no OpusHead".into()),
    };
    if packets.iter().any(|(other, _)| *other != serial) {
        return Err("the Ogg file has several streams; one of Opus is expected".into());
    }
    if packets.len() < HEADERS || !packets[1].1.payload.starts_with(b"OpusTags") {
        return Err("the Ogg file has no OpusTags behind the OpusHead".into());
    }
    let frames: Vec<Frame> = packets
        .split_off(HEADERS)
        .into_iter()
        .map(|(_, frame)| frame)
        .collect();
    let headers = packets
        .into_iter()
        .map(|(_, frame)| (frame.timing, frame.payload))
        .collect();
    let description = Description { serial, headers };
    match write_again(&description, &frames) {
        Ok(again) if again == file => Ok(Media {
            description: super::Description::Opus(description),
            frames,
        }),
        _ => Err("the Ogg file is cut off, or has pages that cannot be written again".into()),
    }
}

/// All packets with the serial numbers of their streams.
fn read_packets(file: &[u8]) -> Result<Vec<(u32, Frame)>, String> {
    let mut reader = PacketReader::new(Cursor::new(file));
    let mut packets = Vec::new();
    loop {
        match reader.read_packet() {
            Ok(Some(packet)) => packets.push((packet.stream_serial(), frame(packet))),
            Ok(None) => return Ok(packets),
            Err(OggReadError::ReadError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(format!(
                    "the Ogg file is cut off behind packet {}",
                    packets.len()
                ));
            }
            Err(error) => {
                return Err(format!(
                    "the Ogg file is damaged behind packet {}: {error}",
                    packets.len()
                ));
            }
        }
    }
}

fn frame(packet: Packet) -> Frame {
    let end = if packet.last_in_stream() {
        PageEnd::Stream
    } else if packet.last_in_page() {
        PageEnd::Page
    } else {
        PageEnd::No
    };
    let timestamp = packet.absgp_page();
    Frame {
        timing: Timing { timestamp, end },
        payload: packet.data,
    }
}

fn write_again(description: &Description, frames: &[Frame]) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(description, Vec::new())?;
    for frame in frames {
        writer.write(frame.timing, &frame.payload)?;
    }
    Ok(writer.into_inner())
}

impl core::fmt::Display for Description {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Byte 9 of OpusHead (RFC 7845 §5.1).
        let channels = self.headers.first().and_then(|(_, head)| head.get(9));
        match channels {
            Some(1) => f.write_str("Ogg Opus mono"),
            Some(2) => f.write_str("Ogg Opus stereo"),
            Some(channels) => write!(f, "Ogg Opus {channels} channels"),
            None => f.write_str("Ogg Opus"),
        }
    }
}

pub(crate) struct Writer<W: Write> {
    out: PacketWriter<'static, W>,
    serial: u32,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(description: &Description, out: W) -> io::Result<Self> {
        let mut writer = Self {
            out: PacketWriter::new(out),
            serial: description.serial,
        };
        for (timing, packet) in &description.headers {
            writer.write(*timing, packet)?;
        }
        Ok(writer)
    }

    pub(crate) fn write(&mut self, timing: Timing, payload: &[u8]) -> io::Result<()> {
        let end = match timing.end {
            PageEnd::No => PacketWriteEndInfo::NormalPacket,
            PageEnd::Page => PacketWriteEndInfo::EndPage,
            PageEnd::Stream => PacketWriteEndInfo::EndStream,
        };
        self.out
            .write_packet(payload.to_vec(), self.serial, end, timing.timestamp)
    }

    pub(crate) fn into_inner(self) -> W {
        self.out.into_inner()
    }
}
