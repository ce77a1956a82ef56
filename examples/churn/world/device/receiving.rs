//! Receiving: frames are opened, held until their epoch comes, or refused.

use frameseal::{Error, InjectedFrames};

use super::{Device, Fate, Opened, at, id_of, key_of};
use crate::world::checks::Checks;
use crate::world::packet::{Packet, Tag};
use crate::world::queue::Millis;

impl Device {
    /// A packet arrives.
    pub(crate) fn receive(&mut self, now: Millis, packet: &Packet, checks: &mut Checks) -> Fate {
        if let Some(index) = packet.clear_from {
            return self.receive_clear(now, index, packet, checks);
        }
        let metadata = packet.tag.metadata();
        let fate = self.open(now, packet.tag, &packet.content, checks);
        if let Fate::Refused(Error::UnknownKeyId(_)) = fate
            && let Some(holding) = &mut self.holding
            && holding
                .hold(at(now), &self.manager, &metadata, &packet.content)
                .is_ok()
        {
            return Fate::Held;
        }
        fate
    }

    /// The next frame that waited and whose epoch has come.
    pub(crate) fn receive_held(&mut self, now: Millis, checks: &mut Checks) -> Option<(Tag, Fate)> {
        let holding = self.holding.as_mut()?;
        let mut held = holding.poll_frame(at(now), &self.manager)?;
        let (metadata, sealed) = held.split_mut();
        let (tag, sealed) = (Tag::of_metadata(metadata), sealed.to_vec());
        drop(held);
        Some((tag, self.open(now, tag, &sealed, checks)))
    }

    fn open(&mut self, now: Millis, tag: Tag, sealed: &[u8], checks: &mut Checks) -> Fate {
        self.buffer.clear();
        self.buffer.extend_from_slice(sealed);
        let metadata = tag.metadata();
        let received = self.manager.decrypt(at(now), &metadata, &mut self.buffer);
        let (fate, touched) = match received {
            Ok(received) => {
                let member = key_of(received.member);
                let opened = Opened {
                    member,
                    epoch: received.epoch.epoch,
                    right_payload: received.payload == tag.payload(),
                };
                if let Some(member) = member {
                    let epoch = received.epoch.epoch;
                    self.oracle.authenticated(now, member, epoch);
                }
                (Fate::Opened(opened), member)
            }
            Err(error) => {
                let failed = error == Error::Authentication;
                let touched = failed.then(|| self.oracle.failed(now, sealed)).flatten();
                (Fate::Refused(error), touched)
            }
        };
        self.compare_touched(now, touched, checks);
        fate
    }

    fn receive_clear(
        &mut self,
        now: Millis,
        index: u32,
        packet: &Packet,
        checks: &mut Checks,
    ) -> Fate {
        let Some(member) = self.oracle.member_at(index) else {
            return Fate::Refused(Error::UnknownMember);
        };
        let may = self.oracle.may_pass(now, member);
        let none = InjectedFrames::default();
        let passed = self
            .manager
            .pass(at(now), id_of(member), &packet.content, none);
        checks.clear.holds(passed.is_ok() == may, || {
            format!("{now} ms: in the clear from {member:?}: {passed:?}")
        });
        if passed.is_ok() {
            self.oracle.passed(now, member);
        }
        self.compare_touched(now, Some(member), checks);
        match passed {
            Ok(_) => Fate::Held,
            Err(error) => Fate::Refused(error),
        }
    }
}
