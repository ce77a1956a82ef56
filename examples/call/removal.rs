//! A participant is removed: the others roll to new keys, which it does not get.
//!
//! The forwarder still gives it every frame, so only the keys keep it out.

use std::io::Write;

use frameseal::Error;

use crate::Result;
use crate::call::Call;
use crate::check::{Check, Verdict};
use crate::demo_keys::{self, DemoKey, Generation};
use crate::participant::{NAMES, Participant, StreamId};

/// Frames of each stream that are sent afterwards.
const FRAMES: usize = 25;

pub(crate) fn show(call: &mut Call<'_>, out: &mut dyn Write, verdict: &mut Verdict) -> Result<()> {
    let Some(mut removed) = call.participants.pop() else {
        return Ok(());
    };
    let name = removed.name;
    writeln!(
        out,
        "\n{name} is removed; the others roll to new keys and key ids"
    )?;
    roll(call)?;
    listens(call, &mut removed, out, verdict)?;
    speaks(call, &mut removed, out, verdict)
}

/// The receivers get the new keys, then the senders change over, then the old keys go.
fn roll(call: &mut Call<'_>) -> Result<()> {
    let staying = call.participants.len();
    for id in streams(call, staying) {
        let (sender, label) = (NAMES[id.participant], &call.inputs[id.stream].label);
        let key = demo_keys::key(Generation::AfterRemoval, id)?;
        for receiver in others(&mut call.participants, id) {
            receiver.receive_from(sender, label, id, &key)?;
        }
        call.participants[id.participant].roll(id.stream, &key)?;
    }
    // With the streams of the removed participant, which comes behind those who stay.
    for id in streams(call, staying + 1) {
        let old = demo_keys::key(Generation::First, id)?;
        for receiver in others(&mut call.participants, id) {
            receiver.stop_receiving(old.key_id)?;
        }
    }
    Ok(())
}

/// The others go on, and the removed participant tries to open what they send.
fn listens(
    call: &mut Call<'_>,
    removed: &mut Participant,
    out: &mut dyn Write,
    verdict: &mut Verdict,
) -> Result<()> {
    let name = removed.name;
    let mut stayed = Check::new("the others open each other's frames");
    let mut no_key = Check::new(format!("{name} tries to open them"));
    let mut old_key = Check::new(format!("{name} tries the old base keys under the new KIDs"));
    let mut pretender = with_old_keys(call, removed)?;
    let staying = call.participants.len();
    for id in streams(call, staying) {
        let new = demo_keys::key(Generation::AfterRemoval, id)?;
        for frame in call.inputs[id.stream].media.frames.iter().take(FRAMES) {
            let sealed = call.sealed_frame(id, frame)?;
            for receiver in others(&mut call.participants, id) {
                let opened = receiver.open(&sealed);
                let good = opened.is_ok_and(|received| received.payload == frame.payload);
                stayed.holds(good, || format!("{} did not open it", receiver.name));
            }
            no_key.refused(removed.open(&sealed).err(), Error::UnknownKeyId(new.key_id));
            old_key.refused(pretender.open(&sealed).err(), Error::Authentication);
        }
    }
    // Of two, one is left and talks to nobody.
    if staying > 1 {
        stayed.finish(out, verdict, "opened")?;
    }
    no_key.finish(out, verdict, "refused: UnknownKeyId")?;
    old_key.finish(out, verdict, "refused: Authentication")?;
    Ok(())
}

/// The removed participant, trying: the base keys that it still knows, under the new key ids.
fn with_old_keys(call: &Call<'_>, removed: &Participant) -> Result<Participant> {
    let mut pretender = Participant::new(removed.name, removed.suite);
    for id in streams(call, call.participants.len()) {
        let key = DemoKey {
            key_id: demo_keys::key(Generation::AfterRemoval, id)?.key_id,
            base_key: demo_keys::key(Generation::First, id)?.base_key,
        };
        let (sender, label) = (NAMES[id.participant], &call.inputs[id.stream].label);
        pretender.receive_from(sender, label, id, &key)?;
    }
    Ok(pretender)
}

/// The removed participant goes on sending.
fn speaks(
    call: &mut Call<'_>,
    removed: &mut Participant,
    out: &mut dyn Write,
    verdict: &mut Verdict,
) -> Result<()> {
    let mut check = Check::new(format!("{} sends to the others", removed.name));
    let key_ids: Vec<_> = removed.sending_key_ids().collect();
    for (stream, key_id) in key_ids.into_iter().enumerate() {
        for frame in call.inputs[stream].media.frames.iter().take(FRAMES) {
            let (sealed, _) = removed.seal(stream, &frame.payload)?;
            for receiver in &mut call.participants {
                check.refused(receiver.open(sealed).err(), Error::UnknownKeyId(key_id));
            }
        }
    }
    check.finish(out, verdict, "refused: UnknownKeyId")?;
    Ok(())
}

/// All streams of the first `participants` participants.
fn streams(call: &Call<'_>, participants: usize) -> Vec<StreamId> {
    let inputs = call.inputs.len();
    (0..participants)
        .flat_map(|participant| {
            (0..inputs).map(move |stream| StreamId {
                participant,
                stream,
            })
        })
        .collect()
}

/// Everybody but the sender of a stream.
fn others(
    participants: &mut [Participant],
    id: StreamId,
) -> impl Iterator<Item = &mut Participant> {
    participants
        .iter_mut()
        .enumerate()
        .filter(move |(receiver, _)| *receiver != id.participant)
        .map(|(_, participant)| participant)
}
