//! What needs no object: headers, key ids, key schedule, verification codes, inventory.

use frameseal::{
    BaseKey, CipherSuite, CodeLength, Header, Identity, Inspection, Inspector, KidLayout,
    RatchetBits, VerificationCode, VisibleConfig, VisibleId, VisibleMetadata,
};

use super::values::*;

pub fn every_call() {
    header();
    key_ids();
    times();
    if let Ok(suite) = any(CipherSuite::try_from(any(1))) {
        key_schedule(suite);
        inspector(suite);
        policies(suite);
        visible_metadata(suite);
    }
    verification_codes();
}

/// Parsing, writing and measuring headers.
fn header() {
    let parsed = any(Header::parse(bytes()));
    if let Ok((header, len)) = parsed {
        any((header.encoded_len(), len));
        any(header.encode().as_bytes());
    }
    any(Header::new(key_id(), counter()).encode());
}

/// `KidLayout`, `RatchetBits` and `Keying`: fields of every width.
fn key_ids() {
    let layout = if any(false) {
        KidLayout::for_leaves(any(8), any(100))
    } else {
        KidLayout::new(any(8), any(16))
    };
    if let Ok(layout) = any(layout) {
        any((
            layout.epoch_bits(),
            layout.index_bits(),
            layout.context_bits(),
        ));
        any((layout.leaves(), layout.low_bits(any(0))));
        any(layout.key_id(any(0), any(0), any(0))).ok();
        any(layout.parts(key_id()));
    }
    if let Ok(bits) = any(RatchetBits::new(any(8))) {
        any((bits.bits(), bits.max_generation()));
        any(bits.key_id(any(0), any(0))).ok();
        any(bits.parts(key_id()));
    }
    any((keying().parts(key_id()), keying().name()));
}

/// `Timestamp`: sums and differences.
fn times() {
    any((now().plus(duration()), now().since(now())));
}

/// All derivations, from base keys of any length.
fn key_schedule(suite: CipherSuite) {
    any(BaseKey::ratchet(suite, bytes()).as_ref().map(AsRef::as_ref)).ok();
    any(BaseKey::for_ssrc(suite, bytes(), any(0))
        .as_ref()
        .map(AsRef::as_ref))
    .ok();
    any((suite.max_overhead(), suite.max_payload_len()));
}

/// `Inspector` and `Inspection`: every method.
fn inspector(suite: CipherSuite) {
    let mut inspector = Inspector::new(keying());
    if any(true) {
        inspector = inspector.with_suite(suite);
    }
    if any(true) {
        inspector = inspector.with_leaves(any(0)).with_contexts(any(0));
    }
    any(any(inspector).inspect(bytes()).is_possible());
    if let Ok(seen) = Inspection::read(bytes(), keying()) {
        any(any(seen).payload_len(suite)).ok();
    }
}

/// `Policy`: every method.
fn policies(suite: CipherSuite) {
    let policy = policy();
    any((policy.removal_overlap(), policy.max_key_age()));
    any(policy.allows_passthrough());
    any(policy.check_suite(suite)).ok();
}

/// `VerificationCode`: both kinds, and all that can be asked of one.
fn verification_codes() {
    let identity = || Identity {
        name: bytes(),
        public_key: bytes(),
    };
    let length = any(CodeLength::Sixty);
    let made = if any(false) {
        VerificationCode::for_pair(identity(), identity(), length)
    } else {
        VerificationCode::for_epoch(bytes(), length)
    };
    let code = match any(made) {
        Ok(code) => code,
        Err(_) => return,
    };
    any((code.length(), code.bits(), code.length().digits()));
    any(code.digits());
    for group in code.groups() {
        any(group);
    }
}

/// `VisibleMetadata`: every line of the inventory.
fn visible_metadata(suite: CipherSuite) {
    let config = VisibleConfig::new(suite, keying())
        .with_clear_bytes(any(0))
        .with_passthrough_senders(any(0));
    let inventory = any(VisibleMetadata::new(config));
    for item in inventory.items() {
        any((item, item.id.name()));
    }
    any(inventory.item(any(VisibleId::Timing)));
    any(inventory.config());
}
