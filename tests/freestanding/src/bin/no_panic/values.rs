//! Values of every kind that the calls take, of which the optimizer knows nothing.

use core::hint::black_box;
use core::ops::Range;
use core::time::Duration;

use frameseal::{
    CipherSuite, Counter, EpochId, ForgeryPolicy, GroupTag, InjectedFrames, KeyId, Keying,
    KidLayout, MemberId, Metadata, Policy, RatchetBits, ReceiveConfig, ReplayProtection,
    SendConfig, Timestamp, UsageLimits,
};

/// A value that the optimizer knows nothing about.
#[inline(never)]
pub fn any<T>(value: T) -> T {
    black_box(value)
}

pub fn bytes() -> &'static [u8] {
    any(&[])
}

pub fn buffer() -> &'static mut [u8] {
    any(&mut [])
}

pub fn range() -> Range<usize> {
    any(0)..any(0)
}

pub fn key_id() -> KeyId {
    KeyId::new(any(0))
}

pub fn counter() -> Counter {
    Counter::new(any(0))
}

pub fn metadata() -> Metadata<'static> {
    if any(false) {
        Metadata::from(bytes())
    } else {
        Metadata::from(any::<&[&[u8]]>(&[]))
    }
}

pub fn now() -> Timestamp {
    Timestamp::from_millis(any(0))
}

/// Any duration, longer ones than a [`Timestamp`] can hold included.
pub fn duration() -> Duration {
    any(Duration::ZERO)
}

pub fn policy() -> Policy {
    any(Policy::Standard)
}

pub fn group() -> GroupTag {
    GroupTag::new(any(1))
}

pub fn epoch_id() -> EpochId {
    EpochId::new(group(), any(0))
}

pub fn member_id() -> MemberId {
    any(MemberId::Application(1))
}

pub fn ratchet_bits() -> RatchetBits {
    RatchetBits::new(any(8)).unwrap_or(RatchetBits::NONE)
}

pub fn layout() -> KidLayout {
    KidLayout::new(any(8), any(16)).unwrap_or_default()
}

pub fn keying() -> Keying {
    match any(0) {
        0 => Keying::Plain,
        1 => Keying::SenderKeys(ratchet_bits()),
        _ => Keying::Mls(layout()),
    }
}

pub fn usage_limits() -> UsageLimits {
    UsageLimits::standard()
        .with_frames(any(0))
        .with_bytes(any(0))
}

pub fn send_config() -> SendConfig {
    SendConfig::standard().with_limits(usage_limits())
}

pub fn receive_config(suite: CipherSuite) -> ReceiveConfig {
    let config = ReceiveConfig::for_suite(suite)
        .with_forgery(any(0), any(ForgeryPolicy::StopKey))
        .with_replay(ReplayProtection::Window(any(64)));
    if any(false) {
        config.with_replay(ReplayProtection::Off)
    } else {
        config
    }
}

pub fn injected() -> InjectedFrames<'static> {
    InjectedFrames::new(any::<&[&[u8]]>(&[]))
}
