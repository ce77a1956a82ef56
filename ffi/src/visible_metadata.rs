//! What servers still see of a call, in C: an inventory for the people in it.

use core::ffi::{CStr, c_char};

use frameseal_core::{
    CipherSuite, Keying, Timestamp, VisibleConfig, VisibleId, VisibleItem, VisibleMetadata,
};

use super::entry::enter;
use super::epoch_manager::frameseal_epoch_manager;
use super::growing::{self, Answers, Growing, size_until};
use super::keying::{
    FRAMESEAL_KEYING_MLS, FRAMESEAL_KEYING_PLAIN, FRAMESEAL_KEYING_SENDER_KEYS, frameseal_keying,
    keying,
};
use super::out::object;
use super::result::{Failure, frameseal_result, invalid};
use super::suite::frameseal_suite;
use super::text_out::TextOut;

/// The configuration that decides what servers see. Initialise all of it to zero, then
/// `struct_size`, `suite` and `keying`, then the rest; or let
/// `frameseal_epoch_manager_visible_config` fill it in.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_visible_config {
    /// `sizeof (frameseal_visible_config)`.
    pub struct_size: usize,
    /// The most bytes of a frame that the application leaves in the clear, such as codec headers.
    pub clear_bytes: usize,
    /// Senders, ourselves included, who may pass in the clear now.
    pub passthrough_senders: usize,
    /// One of the `FRAMESEAL_KEYING_` numbers.
    pub keying: frameseal_keying,
    /// The cipher suite.
    pub suite: frameseal_suite,
    /// With `FRAMESEAL_KEYING_SENDER_KEYS`, the ratchet bits; else 0.
    pub ratchet_bits: u8,
    /// With `FRAMESEAL_KEYING_MLS`, the bits of the epoch, 1 to 16; else 0.
    pub epoch_bits: u8,
    /// With `FRAMESEAL_KEYING_MLS`, the bits of the leaf index, 0 to 32; else 0.
    pub index_bits: u8,
}

/// Something that a server may see. The numbers keep their meaning in later versions, which may add
/// further ones.
pub type frameseal_visible_id = u32;

/// The key id of each frame.
pub const FRAMESEAL_VISIBLE_KEY_IDS: frameseal_visible_id = 1;
/// The leaf index of the sender in the key id. Amount: its bits.
pub const FRAMESEAL_VISIBLE_SENDER_INDEX: frameseal_visible_id = 2;
/// The low bits of the epoch's number in the key id. Amount: the bits.
pub const FRAMESEAL_VISIBLE_EPOCH_COUNT: frameseal_visible_id = 3;
/// The context in the key id. Amount: the bits that are left for it.
pub const FRAMESEAL_VISIBLE_STREAM_CONTEXT: frameseal_visible_id = 4;
/// The generation of the sender's key in the key id.
pub const FRAMESEAL_VISIBLE_GENERATION: frameseal_visible_id = 5;
/// The ratchet step in the key id. Amount: its bits.
pub const FRAMESEAL_VISIBLE_RATCHET_STEPS: frameseal_visible_id = 6;
/// The counter of each frame.
pub const FRAMESEAL_VISIBLE_FRAME_COUNTERS: frameseal_visible_id = 7;
/// The size of each frame.
pub const FRAMESEAL_VISIBLE_FRAME_SIZES: frameseal_visible_id = 8;
/// The time of each frame.
pub const FRAMESEAL_VISIBLE_TIMING: frameseal_visible_id = 9;
/// The bytes that the suite adds. Amount: those of the tag.
pub const FRAMESEAL_VISIBLE_SUITE_OVERHEAD: frameseal_visible_id = 10;
/// Bytes of frames that the application leaves in the clear. Amount: the most of one frame.
pub const FRAMESEAL_VISIBLE_CLEAR_BYTES: frameseal_visible_id = 11;
/// Whole frames of senders who may pass in the clear. Amount: how many senders.
pub const FRAMESEAL_VISIBLE_MEDIA_IN_THE_CLEAR: frameseal_visible_id = 12;
/// Who takes part.
pub const FRAMESEAL_VISIBLE_MEMBERSHIP: frameseal_visible_id = 13;
/// What the transport adds.
pub const FRAMESEAL_VISIBLE_TRANSPORT_HEADERS: frameseal_visible_id = 14;
/// Network addresses.
pub const FRAMESEAL_VISIBLE_NETWORK_ADDRESSES: frameseal_visible_id = 15;

/// One line of the inventory. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_visible_item {
    /// `sizeof (frameseal_visible_item)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// A stable name for records and translations, for example `"sender-index"`. Static.
    pub name: *const c_char,
    /// What a product can show, in English: what servers see if this is visible. Static.
    pub text: *const c_char,
    /// How much, in the unit that the `FRAMESEAL_VISIBLE_` number says, if `has_amount`; else 0.
    pub amount: u64,
    /// One of the `FRAMESEAL_VISIBLE_` numbers.
    pub id: frameseal_visible_id,
    /// 1 when servers see it now, else 0.
    pub visible: u8,
    /// 1 when there is an amount, else 0.
    pub has_amount: u8,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_visible_config {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_visible_config, index_bits) + 1);
}

// SAFETY: `repr(C)`, begins with a `usize`, integers and raw pointers only.
unsafe impl Growing for frameseal_visible_item {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_visible_item, has_amount) + 1);
}

/// How many lines the inventory has, visible or not. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_visible_item_count() -> usize {
    TEXTS.len()
}

/// Tells line `at` of the inventory, 0 to one less than `frameseal_visible_item_count`, always in the
/// same order.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: there is no such line, `config` has a number that does not
///   exist, bits that do not belong to its keying, or the size of no such structure, or a pointer or
///   `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_visible_item_at(
    config: *const frameseal_visible_config,
    at: usize,
    item: *mut frameseal_visible_item,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let inventory = unsafe { inventory(config) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(item) }?;
        let (id, texts) = VisibleId::ALL.get(at).zip(TEXTS.get(at)).ok_or(NO_LINE)?;
        let number = u32::try_from(at).map_err(|_| NO_LINE)?.saturating_add(1);
        let line = inventory.item(*id);
        answers.update(|item| item.tell(number, &line, texts));
        Ok(())
    })
}

const NO_LINE: Failure = invalid("the inventory has no such line");

/// Writes the inventory as one JSON object to `out`, UTF-8 and a zero byte behind it, and its length
/// without that byte to `*out_len`: `format`, `version`, `cipher_suite`, `keying`, and the list
/// `items` with `id`, `visible`, `amount` (a number or null) and `text`.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs, the zero
///   byte included
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: as `frameseal_visible_item_at`, or `out_len` overlaps `out`
///
/// A call that fails leaves `out` as it was. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_visible_json(
    config: *const frameseal_visible_config,
    out: *mut c_char,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let text = unsafe { TextOut::new(out, out_capacity, out_len) }?;
        // SAFETY: the same.
        let inventory = unsafe { inventory(config) }?;
        // SAFETY: C promises that nobody else uses the buffer.
        unsafe { text.tell(&inventory.to_json()) }
    })
}

/// Fills in what decides what servers see of a call now, who may pass in the clear included. Set
/// `struct_size` before; `clear_bytes` stays as it is, since only the application knows it.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_visible_config(
    manager: *const frameseal_epoch_manager,
    now_ms: u64,
    config: *mut frameseal_visible_config,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(config) }?;
        let now = Timestamp::from_millis(now_ms);
        let found = handle.check()?.visible_config(now);
        answers.update(|config| config.tell(&found));
        Ok(())
    })
}

/// # Safety
/// A pointer that is not NULL must be to a structure of the size that it says.
unsafe fn inventory(pointer: *const frameseal_visible_config) -> Result<VisibleMetadata, Failure> {
    if pointer.is_null() {
        return Err(invalid("the configuration is NULL"));
    }
    // SAFETY: the promise of the caller.
    let config = unsafe { growing::read(pointer) }?;
    let keying = keying(
        config.keying,
        config.ratchet_bits,
        config.epoch_bits,
        config.index_bits,
    )?;
    let made = VisibleConfig::new(CipherSuite::try_from(config.suite)?, keying)
        .with_clear_bytes(config.clear_bytes)
        .with_passthrough_senders(config.passthrough_senders);
    Ok(VisibleMetadata::new(made))
}

impl frameseal_visible_config {
    fn tell(&mut self, config: &VisibleConfig) {
        let bits = |bits: u32| u8::try_from(bits).unwrap_or(0);
        self.suite = config.suite.id();
        self.passthrough_senders = config.passthrough_senders;
        (self.ratchet_bits, self.epoch_bits, self.index_bits) = (0, 0, 0);
        match config.keying {
            Keying::SenderKeys(ratchet) => {
                self.keying = FRAMESEAL_KEYING_SENDER_KEYS;
                self.ratchet_bits = bits(ratchet.bits());
            }
            Keying::Mls(layout) => {
                self.keying = FRAMESEAL_KEYING_MLS;
                self.epoch_bits = bits(layout.epoch_bits());
                self.index_bits = bits(layout.index_bits());
            }
            _ => self.keying = FRAMESEAL_KEYING_PLAIN,
        }
    }
}

impl frameseal_visible_item {
    fn tell(&mut self, number: frameseal_visible_id, line: &VisibleItem, texts: &Texts) {
        self.name = texts.0.as_ptr();
        self.text = texts.1.as_ptr();
        self.amount = line.amount.unwrap_or(0);
        self.id = number;
        self.visible = line.visible.into();
        self.has_amount = line.amount.is_some().into();
    }
}

/// Name and text of a line.
type Texts = (&'static CStr, &'static CStr);

/// Those of the core, ended as C wants it, in the order of the inventory, which is that of the
/// numbers.
const TEXTS: [Texts; VisibleId::ALL.len()] = [
    (
        c"key-ids",
        c"Which key protects each frame, as a number.",
    ),
    (
        c"sender-index",
        c"Which member of the group sent each frame, as a number.",
    ),
    (
        c"epoch-count",
        c"That and when the group changed its keys, as when somebody joins.",
    ),
    (
        c"stream-context",
        c"Which stream of its sender each frame belongs to, such as camera or screen.",
    ),
    (
        c"generation",
        c"How often each sender began a new key, as when somebody leaves.",
    ),
    (
        c"ratchet-steps",
        c"How often each sender moved its key forward, as when somebody joins.",
    ),
    (
        c"frame-counters",
        c"How many frames each sender has made with its key.",
    ),
    (
        c"frame-sizes",
        c"The exact size of each frame, which differs between speech and silence, and between a \
          still and a moving picture. Nothing is padded.",
    ),
    (
        c"timing",
        c"When each frame is sent, and so who speaks when and for how long.",
    ),
    (
        c"suite-overhead",
        c"How many bytes encryption adds to each frame, which hints at the cipher suite.",
    ),
    (
        c"clear-bytes",
        c"Some bytes of each frame that servers need to read, such as codec headers.",
    ),
    (
        c"media-in-the-clear",
        c"Everything that some senders say and show: they use transport encryption only.",
    ),
    (
        c"membership",
        c"Who takes part, and when they join and leave: the delivery service connects them.",
    ),
    (
        c"transport-headers",
        c"What the transport puts around each frame, such as stream numbers, time stamps and, where \
          they are sent, audio levels.",
    ),
    (
        c"network-addresses",
        c"The network address of each device that connects to them.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_those_of_the_core() {
        let config = VisibleConfig::new(CipherSuite::Aes128GcmSha256_128, Keying::Plain);
        let lines = VisibleMetadata::new(config).items();
        for (line, (name, text)) in lines.zip(TEXTS) {
            assert_eq!(name.to_str(), Ok(line.id.name()));
            assert_eq!(text.to_str(), Ok(line.text));
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        // The numbers are part of the ABI.
        let numbers = [
            (VisibleId::KeyIds, FRAMESEAL_VISIBLE_KEY_IDS),
            (VisibleId::SenderIndex, FRAMESEAL_VISIBLE_SENDER_INDEX),
            (VisibleId::EpochCount, FRAMESEAL_VISIBLE_EPOCH_COUNT),
            (VisibleId::StreamContext, FRAMESEAL_VISIBLE_STREAM_CONTEXT),
            (VisibleId::Generation, FRAMESEAL_VISIBLE_GENERATION),
            (VisibleId::RatchetSteps, FRAMESEAL_VISIBLE_RATCHET_STEPS),
            (VisibleId::FrameCounters, FRAMESEAL_VISIBLE_FRAME_COUNTERS),
            (VisibleId::FrameSizes, FRAMESEAL_VISIBLE_FRAME_SIZES),
            (VisibleId::Timing, FRAMESEAL_VISIBLE_TIMING),
            (VisibleId::SuiteOverhead, FRAMESEAL_VISIBLE_SUITE_OVERHEAD),
            (VisibleId::ClearBytes, FRAMESEAL_VISIBLE_CLEAR_BYTES),
            (
                VisibleId::MediaInTheClear,
                FRAMESEAL_VISIBLE_MEDIA_IN_THE_CLEAR,
            ),
            (VisibleId::Membership, FRAMESEAL_VISIBLE_MEMBERSHIP),
            (
                VisibleId::TransportHeaders,
                FRAMESEAL_VISIBLE_TRANSPORT_HEADERS,
            ),
            (
                VisibleId::NetworkAddresses,
                FRAMESEAL_VISIBLE_NETWORK_ADDRESSES,
            ),
        ];
        assert_eq!(VisibleId::ALL, numbers.map(|(id, _)| id));
        assert!(numbers.into_iter().map(|(_, number)| number).eq(1..=15));
    }
}
