//! The call itself: everybody sends everything to everybody else, through the forwarder.

use core::time::Duration;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::Result;
use crate::args::Args;
use crate::check::{Check, Verdict};
use crate::demo_keys::{self, Generation};
use crate::forwarder::{Forwarder, Packet};
use crate::input::Input;
use crate::media::Frame;
use crate::participant::{NAMES, Participant, StreamId};
use crate::recording::Recording;
use crate::report;

/// The folder of what the forwarder could record.
const FORWARDER: &str = "forwarder";

pub(crate) struct Call<'i> {
    pub(crate) inputs: &'i [Input],
    pub(crate) participants: Vec<Participant>,
    pub(crate) forwarder: Forwarder,
    output: PathBuf,
    /// By receiver and by what it receives.
    recordings: BTreeMap<(usize, StreamId), Recording>,
    /// A sealed frame on its way; used again for each.
    wire: Vec<u8>,
}

/// What one stream cost, over all its senders and receivers.
#[derive(Default)]
pub(crate) struct Cost {
    pub(crate) payload_bytes: usize,
    pub(crate) sealed_bytes: usize,
    /// For each frame that was sent.
    pub(crate) encrypting: Vec<Duration>,
    /// For each frame that was received.
    pub(crate) decrypting: Vec<Duration>,
}

impl<'i> Call<'i> {
    /// Everybody joins, and gets the keys and the descriptions of the streams of the others.
    pub(crate) fn new(args: &Args, inputs: &'i [Input]) -> Result<Self> {
        let names = &NAMES[..args.participants];
        let mut call = Self {
            inputs,
            participants: names
                .iter()
                .map(|name| Participant::new(name, args.suite))
                .collect(),
            forwarder: Forwarder::default(),
            output: args.output.clone(),
            recordings: BTreeMap::new(),
            wire: Vec::new(),
        };
        for sender in 0..names.len() {
            for (stream, input) in inputs.iter().enumerate() {
                let id = StreamId {
                    participant: sender,
                    stream,
                };
                call.open_stream(id, input)?;
            }
        }
        Ok(call)
    }

    fn open_stream(&mut self, id: StreamId, input: &Input) -> Result<()> {
        let (name, label) = (NAMES[id.participant], &input.label);
        let key = demo_keys::key(Generation::First, id)?;
        let record = |who: &str| {
            let folder = self.output.join(who);
            Recording::begin(&folder, name, label, &input.media.description)
        };
        for (receiver, participant) in self.participants.iter_mut().enumerate() {
            if receiver == id.participant {
                participant.add_stream(label, &key)?;
            } else {
                participant.receive_from(name, label, id, &key)?;
                let recording = record(participant.name)?;
                self.recordings.insert((receiver, id), recording);
            }
        }
        // The forwarder knows the descriptions, too, and keeps what it gets of one participant.
        if id.participant == 0 {
            self.forwarder.tap(key.key_id, record(FORWARDER)?);
        }
        Ok(())
    }

    /// Sends all frames of all inputs, from every participant to every other.
    pub(crate) fn send_everything(
        &mut self,
        out: &mut dyn Write,
        verdict: &mut Verdict,
    ) -> Result<Vec<Cost>> {
        let inputs = self.inputs;
        let mut costs: Vec<Cost> = inputs.iter().map(|_| Cost::default()).collect();
        let mut opened = Check::new("frames opened by their receivers");
        let schedule = schedule(inputs);
        let people = self.participants.len();
        report::sending(out, schedule.len() * people, people - 1)?;
        let mut progress = Progress::new(schedule.len());
        for (stream, frame) in schedule {
            for participant in 0..people {
                let id = StreamId {
                    participant,
                    stream,
                };
                self.send_frame(id, frame, &mut costs[stream], &mut opened)?;
            }
            progress.step(out)?;
        }
        self.forwarder.close_taps()?;
        opened.finish(out, verdict, "opened")?;
        Ok(costs)
    }

    fn send_frame(
        &mut self,
        id: StreamId,
        frame: &Frame,
        cost: &mut Cost,
        opened: &mut Check,
    ) -> Result<()> {
        let took = self.seal(id, &frame.payload)?;
        let sealed = self.forwarder.forward(&Packet {
            timing: frame.timing,
            sealed: &self.wire,
        })?;
        cost.payload_bytes += frame.payload.len();
        cost.sealed_bytes += sealed.len();
        cost.encrypting.push(took);
        for (receiver, participant) in self.participants.iter_mut().enumerate() {
            if receiver == id.participant {
                continue;
            }
            match participant.open(sealed) {
                Ok(received) => {
                    opened.holds(received.from == id, || "taken for another stream".into());
                    cost.decrypting.push(received.took);
                    if let Some(recording) = self.recordings.get_mut(&(receiver, received.from)) {
                        recording.write(frame.timing, received.payload)?;
                    }
                }
                Err(error) => opened.holds(false, || error.to_string()),
            }
        }
        Ok(())
    }

    /// Where the forwarder kept the sealed frames of one participant.
    pub(crate) fn forwarder_folder(&self) -> PathBuf {
        self.output.join(FORWARDER)
    }

    /// Puts the next frame of a stream on the wire; how long it took to encrypt.
    fn seal(&mut self, id: StreamId, payload: &[u8]) -> Result<Duration> {
        let sender = &mut self.participants[id.participant];
        let name = sender.name;
        let (sealed, took) = sender
            .seal(id.stream, payload)
            .map_err(|error| format!("{name} cannot send: {error}"))?;
        self.wire.clear();
        self.wire.extend_from_slice(sealed);
        Ok(took)
    }

    /// A sealed frame as the forwarder has it, for what comes after the call.
    pub(crate) fn sealed_frame(&mut self, id: StreamId, frame: &Frame) -> Result<Vec<u8>> {
        self.seal(id, &frame.payload)?;
        let packet = Packet {
            timing: frame.timing,
            sealed: &self.wire,
        };
        Ok(self.forwarder.forward(&packet)?.to_vec())
    }

    /// Ends the files that were received and compares each with the input that was sent.
    pub(crate) fn compare_recordings(
        &mut self,
        out: &mut dyn Write,
        verdict: &mut Verdict,
    ) -> Result<()> {
        writeln!(
            out,
            "\nDecrypted files, compared with the inputs byte for byte"
        )?;
        let mut checks: Vec<Check> = self
            .participants
            .iter()
            .map(|participant| Check::new(format!("received by {}", participant.name)))
            .collect();
        for ((receiver, id), recording) in core::mem::take(&mut self.recordings) {
            let path = recording.finish()?;
            let same = std::fs::read(&path)? == self.inputs[id.stream].file;
            checks[receiver].holds(same, || path.display().to_string());
        }
        for (participant, check) in self.participants.iter().zip(checks) {
            let folder = self.output.join(participant.name);
            check.finish(out, verdict, &format!("identical  {}", folder.display()))?;
        }
        Ok(())
    }
}

/// The frames of all inputs side by side, each input spread evenly over the call.
fn schedule(inputs: &[Input]) -> Vec<(usize, &Frame)> {
    let mut schedule = Vec::new();
    for (stream, input) in inputs.iter().enumerate() {
        let frames = &input.media.frames;
        for (index, frame) in frames.iter().enumerate() {
            // When the middle of the frame is played, in parts of 2^64 of the call.
            let time = (2 * index as u128 + 1) * (1 << 64) / (2 * frames.len() as u128);
            schedule.push((time, stream, frame));
        }
    }
    schedule.sort_by_key(|(time, stream, _)| (*time, *stream));
    schedule
        .into_iter()
        .map(|(_, stream, frame)| (stream, frame))
        .collect()
}

/// One line that grows by a number for each tenth.
struct Progress {
    done: usize,
    all: usize,
}

impl Progress {
    fn new(all: usize) -> Self {
        Self { done: 0, all }
    }

    fn step(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let before = self.done * 10 / self.all;
        self.done += 1;
        let after = self.done * 10 / self.all;
        if after > before {
            let end = if after == 10 { " %\n" } else { "" };
            write!(out, "  {}{end}", after * 10)?;
            out.flush()?;
        }
        Ok(())
    }
}
