//! The official vectors, through the public API: headers, whole frames and per-stream keys.
//!
//! The unit tests compare intermediate values (labels, keys, salts); here an application's calls
//! must give the published bytes. The records are counted, so that a lost vector is noticed. The
//! vectors of the bare AEADs are in `vectors_aead.rs`.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/modes.rs"]
mod modes;
#[path = "../src/test_vectors.rs"]
mod test_vectors;

use frameseal::{BaseKey, CipherSuite, Counter, EncryptionKey, Header, KeyId};
use test_vectors::{Record, records};

fn suite(record: &Record) -> CipherSuite {
    let id = u16::try_from(record.number("cipher_suite")).unwrap();
    CipherSuite::try_from(id).unwrap()
}

#[test]
fn all_289_headers_are_written_and_read_as_published() {
    let records = records(include_str!("vectors/header.txt"));
    assert_eq!(records.len(), 289);
    for record in &records {
        let header = Header::new(
            KeyId::new(record.number("kid")),
            Counter::new(record.number("ctr")),
        );
        let encoded = record.bytes("encoded");
        assert_eq!(header.encode().as_bytes(), encoded);
        assert_eq!(header.encoded_len(), encoded.len());
        assert_eq!(Header::parse(&encoded), Ok((header, encoded.len())));
        // In front of a frame it is read the same.
        let frame = [encoded.as_slice(), &[0x5a; 40]].concat();
        assert_eq!(Header::parse(&frame), Ok((header, encoded.len())));
    }
}

#[test]
fn all_8_whole_frames_are_sealed_and_opened_as_published_in_every_buffer_mode() {
    let records = records(include_str!("vectors/sframe.txt"));
    let ids: Vec<u64> = records.iter().map(|r| r.number("cipher_suite")).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
    for record in &records {
        let suite = suite(record);
        let (kid, ctr) = (record.number("kid"), record.number("ctr"));
        assert_eq!((kid, ctr), (0x123, 0x4567));
        let base_key = record.bytes("base_key");
        let (metadata, payload) = (record.bytes("metadata"), record.bytes("pt"));
        let sealed = record.bytes("ct");

        let key = || frames::key_at(suite, kid, &base_key, ctr);
        assert_eq!(key().status().next_counter, Some(Counter::new(ctr)));
        let ours = modes::seal_every_way(key, &metadata, &payload);
        assert_eq!(ours, sealed, "{suite}");
        let expected = (ctr, payload.as_slice());
        modes::open_every_way(suite, kid, &base_key, &metadata, &sealed, expected);
    }
}

#[test]
fn all_8_stream_key_pairs_are_derived_as_published() {
    let records = records(include_str!("vectors/per_ssrc.txt"));
    let ids: Vec<u64> = records.iter().map(|r| r.number("cipher_suite")).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
    for record in &records {
        let (suite, base_key) = (suite(record), record.bytes("base_key"));
        for (ssrc, expected) in [("ssrc_a", "stream_key_a"), ("ssrc_b", "stream_key_b")] {
            let ssrc = u32::try_from(record.number(ssrc)).unwrap();
            let derived = BaseKey::for_ssrc(suite, &base_key, ssrc).unwrap();
            assert_eq!(derived.as_ref(), record.bytes(expected), "{suite}");
            // It has the length of a base key, and serves as one.
            assert_eq!(derived.as_ref().len(), suite.hash_len());
            assert!(EncryptionKey::new(suite, KeyId::new(1), derived.as_ref()).is_ok());
        }
    }
}
