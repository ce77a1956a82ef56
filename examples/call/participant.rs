//! One participant: a key ring, and what an application keeps beside it.
//!
//! This is the part to copy. Frames are encrypted and decrypted in place, in buffers that are used
//! again and again, so no frame allocates.

use core::time::Duration;
use std::collections::BTreeMap;
use std::time::Instant;

use frameseal::{CipherSuite, Error, Header, KeyId, KeyRing, MAX_HEADER_LEN};

use crate::demo_keys::DemoKey;

/// Who can take part; as many as can be asked for.
pub(crate) const NAMES: [&str; 8] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi",
];

const ROOM: &str = "demo room";

/// A stream of the call: which participant sends which input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StreamId {
    pub(crate) participant: usize,
    pub(crate) stream: usize,
}

pub(crate) struct Participant {
    pub(crate) name: &'static str,
    pub(crate) suite: CipherSuite,
    keys: KeyRing,
    /// By number of the stream.
    sending: Vec<Sending>,
    receiving: BTreeMap<KeyId, Receiving>,
    send_buffer: Vec<u8>,
    receive_buffer: Vec<u8>,
}

struct Sending {
    key_id: KeyId,
    label: Label,
}

struct Receiving {
    from: StreamId,
    label: Label,
}

/// A frame that was opened.
pub(crate) struct Received<'b> {
    pub(crate) from: StreamId,
    pub(crate) payload: &'b [u8],
    pub(crate) took: Duration,
}

impl Participant {
    pub(crate) fn new(name: &'static str, suite: CipherSuite) -> Self {
        Self {
            name,
            suite,
            keys: KeyRing::new(suite),
            sending: Vec::new(),
            receiving: BTreeMap::new(),
            send_buffer: Vec::new(),
            receive_buffer: Vec::new(),
        }
    }

    /// Adds a stream that this participant will send.
    pub(crate) fn add_stream(&mut self, label: &str, key: &DemoKey) -> Result<(), Error> {
        self.keys.add_sending_key(key.key_id, &*key.base_key)?;
        self.sending.push(Sending {
            key_id: key.key_id,
            label: Label::new(self.name, label),
        });
        Ok(())
    }

    /// Sends a stream with a new key from the next frame on. The receivers have it already.
    pub(crate) fn roll(&mut self, stream: usize, key: &DemoKey) -> Result<(), Error> {
        self.keys.add_sending_key(key.key_id, &*key.base_key)?;
        let old = core::mem::replace(&mut self.sending[stream].key_id, key.key_id);
        self.keys.remove_sending_key(old)
    }

    /// Gets a key of a stream that `sender` sends.
    pub(crate) fn receive_from(
        &mut self,
        sender: &str,
        label: &str,
        from: StreamId,
        key: &DemoKey,
    ) -> Result<(), Error> {
        self.keys.add_receiving_key(key.key_id, &*key.base_key)?;
        let label = Label::new(sender, label);
        self.receiving.insert(key.key_id, Receiving { from, label });
        Ok(())
    }

    /// Opens nothing of this key any more.
    pub(crate) fn stop_receiving(&mut self, key_id: KeyId) -> Result<(), Error> {
        self.receiving.remove(&key_id);
        self.keys.remove_receiving_key(key_id)
    }

    /// The key ids that this participant sends with, by stream.
    pub(crate) fn sending_key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.sending.iter().map(|sending| sending.key_id)
    }

    pub(crate) fn receiving_key_count(&self) -> usize {
        self.receiving.len()
    }

    /// Encrypts the next frame of a stream; what goes to the forwarder, and how long it took.
    pub(crate) fn seal(
        &mut self,
        stream: usize,
        payload: &[u8],
    ) -> Result<(&[u8], Duration), Error> {
        // An encoder would write its frame to this place, with room for the header in front of it
        // and for the tag behind it.
        let place = MAX_HEADER_LEN..MAX_HEADER_LEN + payload.len();
        let room = place.end + self.suite.tag_len();
        if self.send_buffer.len() < room {
            self.send_buffer.resize(room, 0);
        }
        self.send_buffer[place.clone()].copy_from_slice(payload);

        let sending = &self.sending[stream];
        let metadata = sending.label.slices();
        let start = Instant::now();
        self.keys.use_key(sending.key_id)?;
        let sealed = self
            .keys
            .encrypt_in_place(&metadata, &mut self.send_buffer, place)?;
        Ok((&self.send_buffer[sealed], start.elapsed()))
    }

    /// Decrypts a frame that came from the forwarder.
    pub(crate) fn open(&mut self, sealed: &[u8]) -> Result<Received<'_>, Error> {
        // The network writes the frame to this place.
        self.receive_buffer.clear();
        self.receive_buffer.extend_from_slice(sealed);

        // The header is only a claim until the frame has authenticated. It says which label to
        // authenticate the frame with; with a wrong claim, the frame does not open.
        let (claim, _) = Header::parse(sealed)?;
        let claimed = self.receiving.get(&claim.key_id);
        let metadata = claimed.map_or([&[][..]; 6], |receiving| receiving.label.slices());
        let start = Instant::now();
        let opened = self.keys.decrypt(&metadata, &mut self.receive_buffer)?;
        let took = start.elapsed();
        // From here on the key id is authenticated, and says whose frame this is.
        let from = self.receiving.get(&opened.key_id);
        let from = from.ok_or(Error::UnknownKeyId(opened.key_id))?.from;
        Ok(Received {
            from,
            payload: opened.payload,
            took,
        })
    }
}

/// Metadata of a stream: room, participant and stream, authenticated with each frame and never
/// sent (RFC 9605 §9.4). A frame does not open in another room or as another stream.
///
/// Each field has its length in front, since SFrame authenticates the bytes of all slices
/// together, not where one ends.
struct Label {
    fields: [([u8; 8], String); 3],
}

impl Label {
    fn new(participant: &str, stream: &str) -> Self {
        let field = |text: &str| ((text.len() as u64).to_be_bytes(), text.to_owned());
        Self {
            fields: [field(ROOM), field(participant), field(stream)],
        }
    }

    fn slices(&self) -> [&[u8]; 6] {
        let [room, participant, stream] = &self.fields;
        [
            &room.0,
            room.1.as_bytes(),
            &participant.0,
            participant.1.as_bytes(),
            &stream.0,
            stream.1.as_bytes(),
        ]
    }
}
