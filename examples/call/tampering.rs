//! The forwarder turns bad: it changes a frame, moves its counter, and sends it twice.
//!
//! Every receiver refuses each of these with the right error, and none of them costs a frame: the
//! genuine ones still open.

use std::io::Write;

use frameseal::Error;

use crate::Result;
use crate::call::Call;
use crate::check::{Check, Verdict};
use crate::forwarder::{flip_a_bit, move_counter_ahead};
use crate::media::Frame;
use crate::participant::StreamId;

/// The first stream of the first participant.
const VICTIM: StreamId = StreamId {
    participant: 0,
    stream: 0,
};

pub(crate) fn show(call: &mut Call<'_>, out: &mut dyn Write, verdict: &mut Verdict) -> Result<()> {
    writeln!(out, "\nThe forwarder tampers with a frame of {}", {
        call.participants[VICTIM.participant].name
    })?;
    let Some(frame) = call.inputs[VICTIM.stream].media.frames.first() else {
        return Ok(());
    };
    let sealed = call.sealed_frame(VICTIM, frame)?;

    let flipped = flip_a_bit(&sealed)?;
    let mut check = Check::new("one bit of the ciphertext is flipped");
    refuse(call, &mut check, &flipped, Error::Authentication);
    check.finish(out, verdict, "refused: Authentication")?;

    let moved = move_counter_ahead(&sealed)?;
    let mut check = Check::new("its counter is moved a million ahead");
    refuse(call, &mut check, &moved, Error::Authentication);
    check.finish(out, verdict, "refused: Authentication")?;

    let mut check = Check::new("after that, the genuine frame");
    accept(call, &mut check, &sealed, frame);
    check.finish(out, verdict, "opened")?;

    let mut check = Check::new("it is sent a second time");
    refuse(call, &mut check, &sealed, Error::Replay);
    check.finish(out, verdict, "refused: Replay")?;

    let next = call.sealed_frame(VICTIM, frame)?;
    let mut check = Check::new("the next frame");
    accept(call, &mut check, &next, frame);
    check.finish(out, verdict, "opened")?;
    Ok(())
}

/// Every receiver must refuse the frame.
fn refuse(call: &mut Call<'_>, check: &mut Check, sealed: &[u8], expected: Error) {
    for receiver in call.participants.iter_mut().skip(1) {
        check.refused(receiver.open(sealed).err(), expected);
    }
}

/// Every receiver must open the frame.
fn accept(call: &mut Call<'_>, check: &mut Check, sealed: &[u8], frame: &Frame) {
    for receiver in call.participants.iter_mut().skip(1) {
        let good = match receiver.open(sealed) {
            Ok(received) => received.payload == frame.payload && received.from == VICTIM,
            Err(_) => false,
        };
        check.holds(good, || format!("{} did not open it", receiver.name));
    }
}
