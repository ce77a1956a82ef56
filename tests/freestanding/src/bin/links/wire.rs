//! What needs no key: inspection, verification codes, inventory.

use frameseal::{
    CipherSuite, CodeLength, Identity, Inspector, KeyId, KeyIdParts, Keying, KidLayout, Policy,
    Verdict, VerificationCode, VisibleConfig, VisibleId, VisibleMetadata,
};
use frameseal_freestanding::{check, value};

pub fn all() {
    a_forwarder_reads_a_key_id();
    both_sides_see_the_same_code();
    the_inventory_follows_the_configuration();
    the_strict_policy_refuses_short_tags();
}

/// The member at index 2 in epoch 16, with context 2 (RFC 9605 §5.2).
fn a_forwarder_reads_a_key_id() {
    let layout = value!(KidLayout::for_leaves(4, 64));
    check!(layout.key_id(16, 2, 2) == Ok(KeyId::new(0x820)));
    let inspector = Inspector::new(Keying::Mls(layout)).with_leaves(50);
    let seen = inspector.inspect(&[0x95, 0x08, 0x20, 0xaa, 0xbb]);
    let parts = match seen {
        Verdict::Possible(seen) => seen.parts,
        _ => KeyIdParts::Plain,
    };
    check!(parts == KeyIdParts::Mls(layout.parts(KeyId::new(0x820))));
    // Index 60, where nobody is.
    check!(
        !inspector
            .inspect(&[0x95, 0x03, 0xc0, 0xaa, 0xbb])
            .is_possible()
    );
}

fn both_sides_see_the_same_code() {
    let alice = Identity {
        name: b"alice",
        public_key: &[0xa1; 32],
    };
    let bob = Identity {
        name: b"bob",
        public_key: &[0xb0; 32],
    };
    let here = value!(VerificationCode::for_pair(alice, bob, CodeLength::Thirty));
    let there = value!(VerificationCode::for_pair(bob, alice, CodeLength::Thirty));
    check!(here == there && here.digits() == "621535217984106416844229030386");
    check!(here.groups().count() == 6);
    let epoch = value!(VerificationCode::for_epoch(&[7; 32], CodeLength::Sixty));
    check!(epoch.digits().len() == 60);
}

fn the_inventory_follows_the_configuration() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let plain = VisibleMetadata::new(VisibleConfig::new(suite, Keying::Plain));
    let config = VisibleConfig::new(suite, Keying::Mls(KidLayout::STANDARD));
    let mls = VisibleMetadata::new(config);
    check!(!plain.item(VisibleId::SenderIndex).visible);
    check!(mls.item(VisibleId::SenderIndex).amount == Some(16));
    check!(mls.items().count() == VisibleId::ALL.len());
}

fn the_strict_policy_refuses_short_tags() {
    for suite in CipherSuite::ALL {
        let taken = Policy::Strict.check_suite(suite).is_ok();
        check!(taken == (suite.tag_len() >= 10));
    }
}
