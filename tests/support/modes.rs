//! Every way in which a frame can lie in memory: each must give the same bytes.
//!
//! The calls differ in where the payload is and where the result goes; the frame does not.

use frameseal::{CipherSuite, DecryptionKey, EncryptionKey, KeyId, MAX_HEADER_LEN};

/// Seals one frame in every buffer mode, each time with a new key of `make`, and asserts that all
/// results are the same.
pub(crate) fn seal_every_way(
    make: impl Fn() -> EncryptionKey,
    metadata: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let (len, max) = (payload.len(), payload.len() + make().suite().max_overhead());
    let exact = make().sealed_len(len).unwrap();

    let mut sealed = vec![0; exact];
    assert_eq!(make().encrypt(metadata, payload, &mut sealed), Ok(exact));

    let (start, _) = metadata.split_at(metadata.len() / 3);
    let parts = [start, &[], &metadata[start.len()..]];
    let mut in_parts = vec![0; exact];
    make().encrypt(&parts, payload, &mut in_parts).unwrap();
    assert_eq!(in_parts, sealed, "metadata in three slices");

    // Payload at `at`, result at `out` (or right in front of the payload), in one buffer.
    let places = [
        (MAX_HEADER_LEN, None),
        (MAX_HEADER_LEN, Some(0)),
        (0, Some(0)),
        (0, Some(3)),
        (max, Some(0)),
        (0, Some(max)),
    ];
    for (at, out) in places {
        let mut buffer = vec![0xa5; 2 * max + MAX_HEADER_LEN];
        buffer[at..at + len].copy_from_slice(payload);
        let range = match out {
            None => make().encrypt_in_place(metadata, &mut buffer, at..at + len),
            Some(out) => make().encrypt_within(metadata, &mut buffer, at..at + len, out),
        };
        assert_eq!(buffer[range.unwrap()], sealed, "from {at} to {out:?}");
    }
    sealed
}

/// Opens one frame in every buffer mode and asserts that each gives `payload` and `ctr`.
pub(crate) fn open_every_way(
    suite: CipherSuite,
    kid: u64,
    base_key: &[u8],
    metadata: &[u8],
    sealed: &[u8],
    (ctr, payload): (u64, &[u8]),
) {
    let make = || DecryptionKey::new(suite, KeyId::new(kid), base_key).unwrap();
    let (len, max) = (sealed.len(), sealed.len() + 16);

    let mut buffer = sealed.to_vec();
    let mut key = make();
    let opened = key.decrypt(metadata, &mut buffer).unwrap();
    assert_eq!(opened.payload, payload);
    assert_eq!(opened.key_id, KeyId::new(kid));
    assert_eq!(opened.counter.value(), ctr);

    let mut out = vec![0; payload.len()];
    let mut key = make();
    let opened = key.decrypt_to(metadata, sealed, &mut out).unwrap();
    assert_eq!(opened.payload, payload);
    assert_eq!(out, payload);

    for (at, out) in [(0, 0), (5, 0), (0, 9), (max, 0), (0, max)] {
        let mut buffer = vec![0xa5; 2 * max];
        buffer[at..at + len].copy_from_slice(sealed);
        let mut key = make();
        let opened = key
            .decrypt_within(metadata, &mut buffer, at..at + len, out)
            .unwrap();
        assert_eq!(opened.payload, payload, "from {at} to {out}");
        assert_eq!(buffer[out..out + payload.len()], *payload);
    }
}
