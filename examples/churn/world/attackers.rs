//! Those who work against the call: somebody without keys, members who were removed and kept
//! theirs, and a forwarder that sends everything again.

use std::collections::{HashMap, VecDeque};

use frameseal::{Counter, DecryptionKey, EncryptionKey, Header, KeyId, KidLayout};

use super::delivery_service::Process;
use super::device::{SUITE, SharedPacket};
use super::packet::{Packet, Tag};
use super::queue::Millis;
use super::random::Random;

/// Sends hostile headers. It knows what a server knows: headers, and who is on which leaf.
pub(crate) struct Forger {
    random: Random,
    layout: KidLayout,
    seen: VecDeque<SharedPacket>,
    /// Whom it names for a while, to whom, and until when.
    campaign: (u32, Process, Millis),
}

/// What the forger knows when it makes a frame.
pub(crate) struct Knowledge<'a> {
    pub(crate) epoch: u64,
    /// Leaf indexes that are taken.
    pub(crate) indexes: &'a [u32],
    /// The leaves of members from whom nothing comes, and devices to send to.
    pub(crate) quiet: &'a [u32],
    pub(crate) targets: &'a [(Process, u32)],
}

impl Forger {
    pub(crate) fn new(seed: u64, layout: KidLayout) -> Self {
        Self {
            random: Random::of(seed, "forger"),
            layout,
            seen: VecDeque::new(),
            campaign: (0, 0, 0),
        }
    }

    /// A frame passes by.
    pub(crate) fn see(&mut self, packet: &SharedPacket) {
        if self.seen.len() == 64 {
            self.seen.pop_front();
        }
        self.seen.push_back(packet.clone());
    }

    /// The next hostile frame, and to whom.
    pub(crate) fn forge(
        &mut self,
        now: Millis,
        known: &Knowledge<'_>,
    ) -> Option<(Process, Packet)> {
        if now >= self.campaign.2 {
            let quiet = self.random.chance(500) && !known.quiet.is_empty();
            let victims = if quiet { known.quiet } else { known.indexes };
            let victim = *self.random.pick(victims)?;
            let (target, _) = *self.random.pick(known.targets)?;
            self.campaign = (victim, target, now + 3_000 + self.random.below(4_000));
        }
        let (victim, target, _) = self.campaign;
        let (to, content) = if self.random.chance(500) {
            (target, self.name(known.epoch, victim, 0))
        } else {
            let (to, own) = *self.random.pick(known.targets)?;
            (to, self.anything(known, own))
        };
        let packet = Packet {
            tag: Tag::FORGED,
            content,
            clear_from: None,
        };
        Some((to, packet))
    }

    fn anything(&mut self, known: &Knowledge<'_>, own: u32) -> Vec<u8> {
        let epoch = (known.epoch + 1).saturating_sub(self.random.below(4));
        match self.random.below(7) {
            // No frame at all, perhaps.
            0 => {
                let len = self.random.below(60);
                (0..len)
                    .map(|_| self.random.next().to_le_bytes()[0])
                    .collect()
            }
            // Any key id and counter.
            1 => {
                let (key_id, counter) = (self.value(), self.value());
                self.frame(key_id, counter)
            }
            // A member, a live epoch or one beside it, any stream.
            2 => {
                let index = self.random.pick(known.indexes).copied().unwrap_or(0);
                let context = self.random.below(20);
                self.name(epoch, index, context)
            }
            // A leaf that may be nobody's.
            3 => {
                let index = self.random.below(200);
                self.name(epoch, u32::try_from(index).unwrap_or(0), 0)
            }
            // The receiver itself.
            4 => self.name(epoch, own, 0),
            // A genuine frame with one bit changed.
            _ => self.flip(),
        }
    }

    fn flip(&mut self) -> Vec<u8> {
        let newest = self.seen.len().saturating_sub(1);
        let from = newest.saturating_sub(usize::try_from(self.random.below(64)).unwrap_or(0));
        let Some(packet) = self.seen.get(from) else {
            return Vec::new();
        };
        let mut content = packet.content.clone();
        let bit = usize::try_from(self.random.below(content.len() as u64 * 8)).unwrap_or(0);
        content[bit / 8] ^= 1 << (bit % 8);
        content
    }

    fn name(&mut self, epoch: u64, index: u32, context: u64) -> Vec<u8> {
        let key_id = self.layout.key_id(epoch, index, context);
        let counter = self.random.below(1 << 12);
        self.frame(key_id.map_or(0, KeyId::value), counter)
    }

    fn frame(&mut self, key_id: u64, counter: u64) -> Vec<u8> {
        let header = Header::new(key_id.into(), counter.into()).encode();
        let body: [u8; 40] = self.random.bytes();
        [header.as_bytes(), &body].concat()
    }

    /// A number of any length.
    fn value(&mut self) -> u64 {
        let bits = self.random.below(64);
        self.random.next() >> bits
    }
}

/// Was a member, and kept every key of its last epochs.
pub(crate) struct RemovedMember {
    /// The first epoch without it.
    pub(crate) since_epoch: u64,
    pub(crate) until: Millis,
    layout: KidLayout,
    random: Random,
    base_keys: Vec<(u64, [u8; 16])>,
    opens: HashMap<(u64, u64), DecryptionKey>,
    /// The highest counter that was seen under a key id.
    counters: HashMap<u64, u64>,
    forged: u64,
}

impl RemovedMember {
    pub(crate) fn new(
        seed: u64,
        since_epoch: u64,
        until: Millis,
        layout: KidLayout,
        base_keys: Vec<(u64, [u8; 16])>,
    ) -> Self {
        Self {
            since_epoch,
            until,
            layout,
            random: Random::of(seed ^ since_epoch, "removed"),
            base_keys,
            opens: HashMap::new(),
            counters: HashMap::new(),
            forged: 0,
        }
    }

    /// Tries every key that it has on a frame; whether one of them opens it.
    pub(crate) fn reads(&mut self, packet: &Packet) -> bool {
        let Ok((header, _)) = Header::parse(&packet.content) else {
            return false;
        };
        let key_id = header.key_id;
        let highest = self.counters.entry(key_id.value()).or_default();
        *highest = (*highest).max(header.counter.value());
        let metadata = packet.tag.metadata();
        let mut read = false;
        for (epoch, base_key) in &self.base_keys {
            let key = self
                .opens
                .entry((*epoch, key_id.value()))
                .or_insert_with(|| {
                    DecryptionKey::new(SUITE, key_id, base_key).expect("a key of the suite")
                });
            let mut content = packet.content.clone();
            read |= key.decrypt(&metadata, &mut content).is_ok();
        }
        read
    }

    /// A frame in the name of another member, under the last epoch that it knows. Its counter is
    /// one that the member itself will not come to, but near enough to be accepted.
    pub(crate) fn forge(&mut self, indexes: &[u32]) -> Option<Packet> {
        let (epoch, base_key) = *self.base_keys.last()?;
        let index = *self.random.pick(indexes)?;
        let key_id = self.layout.key_id(epoch, index, 0).ok()?;
        let highest = self.counters.get(&key_id.value()).copied().unwrap_or(0);
        self.forged += 1;
        let before = Counter::new(highest + 500 + self.forged);
        let mut key = EncryptionKey::resume_after(SUITE, key_id, &base_key, before).ok()?;
        let reserved = key.reserve(1).ok()?;
        key.confirm(reserved).ok()?;
        let tag = Tag::by_removed(self.since_epoch);
        let payload = tag.payload();
        let mut content = vec![0; payload.len() + SUITE.max_overhead()];
        let len = key.encrypt(&tag.metadata(), &payload, &mut content).ok()?;
        content.truncate(len);
        Some(Packet {
            tag,
            content,
            clear_from: None,
        })
    }
}

/// Keeps frames and sends them again.
pub(crate) struct ReplayingForwarder {
    random: Random,
}

impl ReplayingForwarder {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::of(seed, "replays"),
        }
    }

    /// Whether it sends a frame again, to whom, and how much later.
    pub(crate) fn again(&mut self, receivers: &[(Process, u32)]) -> Option<(Process, Millis)> {
        if !self.random.chance(100) {
            return None;
        }
        let (to, _) = *self.random.pick(receivers)?;
        let longest = if self.random.chance(500) {
            1_000
        } else {
            15_000
        };
        Some((to, 50 + self.random.below(longest)))
    }
}
