//! What a holding buffer does, as a plain list: slow, and short enough to be right.

use core::time::Duration;

use frameseal::{FrameStorage, Header, HoldingBufferCore, HoldingConfig, KidLayout};

use crate::random::Random;
use crate::{Known, SUITE, forged, ms};

/// What the model remembers of a frame.
struct Waiting {
    at: u64,
    sender: u64,
    id: (u64, u64),
    len: usize,
}

/// Thousands of random calls, each compared with a list that is written as simply as can be.
pub(crate) fn follow<S: FrameStorage>(seed: u64) {
    const AGE: u64 = 50;
    let layout = KidLayout::new(2, 2).unwrap();
    let config = HoldingConfig::for_suite(SUITE)
        .with_layout(layout)
        .with_limits(16, 900)
        .with_sender_limits(4, 250)
        .with_max_age(Duration::from_millis(AGE));
    let mut buffer = HoldingBufferCore::<S>::new(config);
    let (mut model, mut known) = (Vec::<Waiting>::new(), Known::default());
    let mut random = Random::new(seed);
    let (mut now, mut expired) = (0, 0);
    for counter in 0..3000 {
        now += random.below(8) as u64;
        let waiting = model.len();
        model.retain(|frame| now - frame.at < AGE);
        expired += (waiting - model.len()) as u64;
        // Low 4 bits: epoch and index; above them, contexts.
        let kid = random.below(64) as u64;
        match random.below(10) {
            0 => drop(known.0.insert(kid)),
            1 | 2 => drop(known.0.remove(&kid)),
            3 => {
                let ready = |frame: &Waiting| known.0.contains(&frame.id.0);
                let expected = model.iter().position(ready).map(|at| model.remove(at).id);
                let got = buffer.poll_frame(ms(now), &known).map(|mut held| {
                    let (header, _) = Header::parse(held.sealed_mut()).unwrap();
                    (header.key_id.value(), header.counter.value())
                });
                assert_eq!(got, expected);
            }
            _ => {
                let metadata = vec![1; random.below(40)];
                let sealed = [forged(kid, counter), vec![2; random.below(90)]].concat();
                let (sender, len) = (kid & 15, metadata.len() + sealed.len());
                let mine = || model.iter().filter(|frame| frame.sender == sender);
                let bytes = |frames: &mut dyn Iterator<Item = &Waiting>| {
                    frames.map(|frame| frame.len).sum::<usize>() + len
                };
                let fits = mine().count() < 4
                    && bytes(&mut mine()) <= 250
                    && model.len() < 16
                    && bytes(&mut model.iter()) <= 900;
                let expected = fits && !known.0.contains(&kid);
                let got = buffer.hold(ms(now), &known, &metadata, &sealed);
                assert_eq!(got.is_ok(), expected, "{got:?}");
                if expected {
                    let id = (kid, counter);
                    model.push(Waiting {
                        at: now,
                        sender,
                        id,
                        len,
                    });
                }
            }
        }
        buffer.poll(ms(now));
        let stats = buffer.stats();
        let bytes: usize = model.iter().map(|frame| frame.len).sum();
        assert_eq!((stats.frames, stats.bytes), (model.len(), bytes));
        assert_eq!(stats.expired, expired);
        let deadline = model.first().map(|frame| ms(frame.at + AGE));
        assert_eq!(buffer.next_deadline(), deadline);
    }
}
