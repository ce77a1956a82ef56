//! Instructions of one call: how many, and that no secret changes their number.

use core::hint::black_box;

use aes_gcm::aead::{AeadInOut, KeyInit};
use frameseal_kernel::{Aad, Aes128Gcm, Aes256Gcm};

use crate::checks::random::Random;
use crate::machine::{instructions, say};

fn count(run: impl FnOnce()) -> u64 {
    let before = instructions();
    run();
    instructions() - before
}

/// How many, ours and those of `aes-gcm`.
pub(crate) fn all() {
    let empty = count(|| {});
    let count = |run: &mut dyn FnMut()| {
        // The first call may do what later ones need not.
        run();
        count(run) - empty
    };
    let (nonce, aad) = ([3; 12], [1; 6]);
    let ours = Aes128Gcm::new(&[5; 16]).unwrap();
    let ours_256 = Aes256Gcm::new(&[5; 32]).unwrap();
    let theirs = aes_gcm::Aes128Gcm::new(&[5; 16].into());
    say!(
        "key set-up: {} {}",
        count(&mut || {
            black_box(Aes128Gcm::new(black_box(&[5; 16])));
        }),
        count(&mut || {
            black_box(aes_gcm::Aes128Gcm::new(black_box(&[5; 16].into())));
        }),
    );
    say!("associated data of 6, 17, 40, 70 and 300 bytes, seal of 100 bytes:");
    let mut body = [7; 100];
    let long_aad = black_box([8; 300]);
    let row = [6, 17, 40, 70, 300].map(|len| {
        count(&mut || {
            let aad = Aad::behind(black_box(8 << 120), 5, &long_aad[5..len], &[]);
            let _ = black_box(ours.seal_in_place(&nonce, aad, &mut body));
        })
    });
    say!("100: {row:?}");
    say!("bytes: seal, open; with a key of 256 bits; aes-gcm");
    for len in [
        0, 20, 48, 100, 160, 200, 280, 400, 1_200, 2_048, 2_049, 10_000, 100_000,
    ] {
        let mut body = vec![7; len];
        let aad = black_box(aad);
        let seal = count(&mut || {
            let _ = black_box(ours.seal_in_place(&nonce, Aad::from(&aad), &mut body));
        });
        let tag = ours
            .seal_in_place(&nonce, Aad::from(&aad), &mut body)
            .unwrap();
        let sealed = body.clone();
        let open = count(&mut || {
            body.copy_from_slice(&sealed);
            let _ = black_box(ours.open_in_place(&nonce, Aad::from(&aad), &mut body, &tag));
        }) - count(&mut || body.copy_from_slice(&sealed));
        let seal_256 = count(&mut || {
            let _ = black_box(ours_256.seal_in_place(&nonce, Aad::from(&aad), &mut body));
        });
        let tag = ours_256
            .seal_in_place(&nonce, Aad::from(&aad), &mut body)
            .unwrap();
        let sealed = body.clone();
        let open_256 = count(&mut || {
            body.copy_from_slice(&sealed);
            let _ = black_box(ours_256.open_in_place(&nonce, Aad::from(&aad), &mut body, &tag));
        }) - count(&mut || body.copy_from_slice(&sealed));
        let reference = count(&mut || {
            let body = body.as_mut_slice().into();
            let _ = black_box(theirs.encrypt_inout_detached(&nonce.into(), &aad, body));
        });
        say!("{len}: {seal}, {open}; {seal_256}, {open_256}; {reference}");
    }
}

/// With the same lengths, the same number of instructions, whatever the key, the nonce, the data and
/// the bits of a wrong tag are: key set-up, sealing, opening, and opening with a wrong tag.
pub(crate) fn no_secret_changes_it(seed: u64) {
    let mut random = Random::new(seed);
    let lengths = [
        0, 1, 20, 47, 48, 100, 160, 288, 289, 700, 2_048, 2_049, 3_000,
    ];
    for len in lengths {
        let aad_len = random.below(100);
        let mut first = None;
        for _ in 0..40 {
            let (key, mut aad, nonce) = (random.array(), [0; 100], random.array());
            random.fill(&mut aad);
            let aad = if aad_len % 2 == 0 {
                Aad::from(&aad[..aad_len])
            } else {
                Aad::behind(u128::from_be_bytes(random.array()), aad_len % 17, &aad[..aad_len], &[])
            };
            let mut body = vec![0; len];
            random.fill(&mut body);
            let mut counts = [0; 4];
            let mut made = None;
            counts[0] = count(|| made = black_box(Aes256Gcm::new(black_box(&key))));
            let key = made.unwrap();
            let mut tag = [0; 16];
            counts[1] =
                count(|| tag = black_box(key.seal_in_place(&nonce, aad, &mut body).unwrap()));
            let mut wrong = tag;
            wrong[random.below(16)] ^= 1 << random.below(8);
            counts[2] = count(|| {
                assert!(black_box(key.open_in_place(&nonce, aad, &mut body, &wrong)).is_err());
            });
            counts[3] = count(|| {
                assert!(black_box(key.open_in_place(&nonce, aad, &mut body, &tag)).is_ok());
            });
            assert_eq!(*first.get_or_insert(counts), counts, "{len} bytes");
            // A wrong tag takes the work of a right one, but for a few additions.
            let difference = counts[3].abs_diff(counts[2]);
            assert!(len > 2_048 || difference < 40, "{len} bytes: {counts:?}");
        }
    }
}
