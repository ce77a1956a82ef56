//! The inventory of what servers see: it follows the configuration, and what it calls visible is
//! really read without a key.
#![cfg(feature = "alloc")]

use std::collections::BTreeSet;

use frameseal::{
    CipherSuite, Encryptor, EpochConfig, EpochId, EpochManager, EpochUpdate, Error, GroupTag,
    Header, KeyId, KeyIdParts, Keying, KidLayout, Member, RatchetBits, SendingChain, StreamKind,
    Timestamp, VisibleConfig, VisibleId, VisibleItem, VisibleMetadata,
};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;

fn keyings() -> [Keying; 3] {
    [
        Keying::Plain,
        Keying::SenderKeys(RatchetBits::STANDARD),
        Keying::Mls(KidLayout::STANDARD),
    ]
}

fn visible(config: VisibleConfig) -> BTreeSet<VisibleId> {
    let items = VisibleMetadata::new(config).items();
    items
        .filter(|item| item.visible)
        .map(|item| item.id)
        .collect()
}

/// What no keying hides.
const ALWAYS: [VisibleId; 8] = [
    VisibleId::KeyIds,
    VisibleId::FrameCounters,
    VisibleId::FrameSizes,
    VisibleId::Timing,
    VisibleId::SuiteOverhead,
    VisibleId::Membership,
    VisibleId::TransportHeaders,
    VisibleId::NetworkAddresses,
];

#[test]
fn each_keying_shows_what_its_key_ids_carry() {
    let own: [&[VisibleId]; 3] = [
        &[],
        &[VisibleId::Generation, VisibleId::RatchetSteps],
        &[
            VisibleId::SenderIndex,
            VisibleId::EpochCount,
            VisibleId::StreamContext,
        ],
    ];
    for (keying, own) in keyings().into_iter().zip(own) {
        let expected = ALWAYS.iter().chain(own).copied().collect();
        assert_eq!(visible(VisibleConfig::new(SUITE, keying)), expected);
    }
}

#[test]
fn the_header_is_never_said_to_be_hidden() {
    for suite in CipherSuite::ALL {
        for keying in keyings() {
            let seen = visible(VisibleConfig::new(suite, keying));
            assert!(ALWAYS.iter().all(|id| seen.contains(id)));
        }
    }
}

#[test]
fn amounts_are_those_of_the_configuration() {
    let amount = |keying, id| {
        let config = VisibleConfig::new(SUITE, keying)
            .with_clear_bytes(10)
            .with_passthrough_senders(2);
        VisibleMetadata::new(config).item(id).amount
    };
    let mls = Keying::Mls(KidLayout::new(4, 6).unwrap());
    assert_eq!(amount(mls, VisibleId::EpochCount), Some(4));
    assert_eq!(amount(mls, VisibleId::SenderIndex), Some(6));
    assert_eq!(amount(mls, VisibleId::StreamContext), Some(54));
    let sender_keys = Keying::SenderKeys(RatchetBits::new(5).unwrap());
    assert_eq!(amount(sender_keys, VisibleId::RatchetSteps), Some(5));
    for keying in keyings() {
        assert_eq!(amount(keying, VisibleId::ClearBytes), Some(10));
        assert_eq!(amount(keying, VisibleId::MediaInTheClear), Some(2));
        assert_eq!(amount(keying, VisibleId::SuiteOverhead), Some(16));
        assert_eq!(amount(keying, VisibleId::Timing), None);
    }
}

#[test]
fn what_is_in_the_clear_is_said_as_soon_as_it_is() {
    let config = VisibleConfig::new(SUITE, Keying::Plain);
    let clear = [VisibleId::ClearBytes, VisibleId::MediaInTheClear];
    let seen = |config| clear.map(|id| VisibleMetadata::new(config).item(id).visible);
    assert_eq!(seen(config), [false, false]);
    assert_eq!(seen(config.with_clear_bytes(1)), [true, false]);
    assert_eq!(seen(config.with_passthrough_senders(1)), [false, true]);
}

#[test]
fn a_field_without_bits_is_not_visible() {
    let one_leaf = Keying::Mls(KidLayout::new(8, 0).unwrap());
    let no_ratchet = Keying::SenderKeys(RatchetBits::NONE);
    for (keying, id) in [
        (one_leaf, VisibleId::SenderIndex),
        (no_ratchet, VisibleId::RatchetSteps),
    ] {
        assert!(!visible(VisibleConfig::new(SUITE, keying)).contains(&id));
    }
}

#[test]
fn what_is_called_visible_is_read_without_a_key() {
    let layout = KidLayout::STANDARD;
    let key_id = layout.key_id(300, 17, 2).unwrap();
    let mut sender = Encryptor::new(SUITE);
    sender.add_key(key_id, &[1; 16]).unwrap();
    sender.use_key(key_id).unwrap();
    let mut buffer = [0; 100];
    sender.encrypt(b"", &[0; 10], &mut buffer).unwrap();
    let len = sender.encrypt(b"", &[0; 50], &mut buffer).unwrap();

    let keying = Keying::Mls(layout);
    let seen = frameseal::Inspection::read(&buffer[..len], keying).unwrap();
    let KeyIdParts::Mls(parts) = seen.parts else {
        panic!("of another keying");
    };
    assert_eq!((parts.index, parts.epoch_bits, parts.context), (17, 44, 2));
    assert_eq!((seen.counter.value(), seen.payload_len(SUITE)), (1, Ok(50)));
}

#[test]
fn an_encryptor_gives_its_own_configuration() {
    let mut encryptor = Encryptor::new(CipherSuite::Aes256CtrHmacSha512_32);
    encryptor.add_key(KeyId::new(1), &[1; 16]).unwrap();
    let config = VisibleConfig::from(&encryptor);
    let expected = VisibleConfig::new(CipherSuite::Aes256CtrHmacSha512_32, Keying::Plain);
    assert_eq!(config, expected);
    let overhead = VisibleMetadata::new(config).item(VisibleId::SuiteOverhead);
    assert_eq!(overhead.amount, Some(4));
}

#[test]
fn a_sending_chain_gives_its_own_configuration() {
    let bits = RatchetBits::new(5).unwrap();
    let chain = SendingChain::new(SUITE, bits, 0, &[1; 16]).unwrap();
    let expected = VisibleConfig::new(SUITE, Keying::SenderKeys(bits));
    assert_eq!(VisibleConfig::from(&chain), expected);
}

#[test]
fn an_epoch_manager_gives_its_own_configuration() {
    let mut config = EpochConfig::new(SUITE);
    config.layout = KidLayout::new(4, 6).unwrap();
    let expected = VisibleConfig::new(SUITE, Keying::Mls(config.layout));
    assert_eq!(VisibleConfig::from(&config), expected);
}

/// With index bits that follow the leaves, over a layout that has none.
fn by_leaves() -> EpochConfig {
    EpochConfig::new(SUITE)
        .with_layout(KidLayout::new(8, 0).unwrap())
        .with_index_bits_by_leaves()
}

/// Calls `f` with the update of an epoch with somebody on each of so many leaves; we are on the
/// last.
fn with_leaves(epoch: u8, leaves: u8, f: impl FnOnce(&EpochUpdate<'_>) -> Result<(), Error>) {
    let names: Vec<_> = (0..leaves).map(|leaf| [leaf]).collect();
    let members: Vec<_> = (0..)
        .zip(&names)
        .map(|(index, identity)| Member { index, identity })
        .collect();
    let update = EpochUpdate {
        group: GroupTag::new(1),
        epoch: u64::from(epoch),
        base_key: &[epoch; 16],
        own_index: Some(u32::from(leaves) - 1),
        leaf_count: u32::from(leaves),
        members: &members,
    };
    assert_eq!(f(&update), Ok(()));
}

/// Bits of index and of context that an inventory shows; `None` for what it calls hidden.
fn shown(config: VisibleConfig) -> [Option<u64>; 2] {
    [VisibleId::SenderIndex, VisibleId::StreamContext].map(|id| {
        let item = VisibleMetadata::new(config).item(id);
        item.amount.filter(|_| item.visible)
    })
}

#[test]
fn index_bits_that_follow_the_leaves_are_shown_as_those_of_the_newest_epoch() {
    let now = Timestamp::ZERO;
    let most = [Some(32), Some(24)];
    assert_eq!(shown(VisibleConfig::from(&by_leaves())), most);
    let mut call = EpochManager::new(by_leaves()).unwrap();
    assert_eq!(shown(call.visible_config(now)), most, "before the first");
    for (epoch, leaves, bits) in [(1, 3, 2), (2, 9, 4), (3, 4, 2)] {
        with_leaves(epoch, leaves, |update| call.add_epoch(now, update));
        let expected = [Some(bits), Some(56 - bits)];
        assert_eq!(shown(call.visible_config(now)), expected, "{leaves}");
        // And so they are on the wire.
        call.activate(EpochId::new(GroupTag::new(1), epoch.into()), now)
            .unwrap();
        let stream = call.open_stream(StreamKind::Independent).unwrap();
        let mut frame = [0; 64];
        call.encrypt(now, stream, b"", b"x", &mut frame).unwrap();
        let Keying::Mls(layout) = call.visible_config(now).keying else {
            panic!("of another keying");
        };
        let parts = layout.parts(Header::parse(&frame).unwrap().0.key_id);
        let expected = (u32::from(leaves) - 1, stream.context());
        assert_eq!((parts.index, parts.context), expected);
    }
}

#[cfg(feature = "std")]
#[test]
fn a_manager_for_several_threads_gives_the_same_configuration() {
    let now = Timestamp::ZERO;
    let shared = frameseal::SharedEpochManager::new(by_leaves()).unwrap();
    let mut call = EpochManager::new(by_leaves()).unwrap();
    assert_eq!(shared.visible_config(now), call.visible_config(now));
    with_leaves(1, 3, |update| shared.add_epoch(now, update));
    with_leaves(1, 3, |update| call.add_epoch(now, update));
    assert_eq!(shared.visible_config(now), call.visible_config(now));
    assert_eq!(shown(shared.visible_config(now)), [Some(2), Some(54)]);
    let bob = shared.member_at(0).unwrap();
    let while_it_lasts = std::time::Duration::from_secs(9);
    shared.allow_passthrough(now, bob, while_it_lasts).unwrap();
    assert_eq!(shared.visible_config(now).passthrough_senders, 1);
}

#[test]
fn names_and_texts_are_stable_distinct_and_plain() {
    let inventory = VisibleMetadata::new(VisibleConfig::new(SUITE, Keying::Plain));
    let items: Vec<VisibleItem> = inventory.items().collect();
    assert_eq!(items.len(), VisibleId::ALL.len());
    let names: BTreeSet<&str> = items.iter().map(|item| item.id.name()).collect();
    let texts: BTreeSet<&str> = items.iter().map(|item| item.text).collect();
    assert_eq!((names.len(), texts.len()), (items.len(), items.len()));
    for item in items {
        let name = item.id.name();
        assert!(
            name.bytes().all(|c| c.is_ascii_lowercase() || c == b'-'),
            "{name}"
        );
        assert!(
            item.text.ends_with('.') && !item.text.contains("  "),
            "{}",
            item.text
        );
        assert!(!item.text.contains("encrypted"), "not that word alone");
    }
}

#[cfg(feature = "json")]
#[test]
fn a_parser_reads_the_same_inventory_from_json() {
    for keying in keyings() {
        let config = VisibleConfig::new(SUITE, keying).with_clear_bytes(3);
        let inventory = VisibleMetadata::new(config);
        let read: serde_json::Value = serde_json::from_str(&inventory.to_json()).unwrap();
        assert_eq!(read["format"], "frameseal visible metadata");
        assert_eq!(read["version"], 1);
        assert_eq!(read["cipher_suite"], "AES_128_GCM_SHA256_128");
        assert_eq!(read["keying"], keying.name());
        let items = read["items"].as_array().unwrap();
        assert_eq!(items.len(), VisibleId::ALL.len());
        for (item, json) in inventory.items().zip(items) {
            assert_eq!(json["id"], item.id.name());
            assert_eq!(json["visible"], item.visible);
            assert_eq!(json["amount"].as_u64(), item.amount);
            assert_eq!(json["amount"].is_null(), item.amount.is_none());
            assert_eq!(json["text"], item.text);
        }
    }
}
