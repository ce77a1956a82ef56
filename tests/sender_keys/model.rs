//! The receiving side against a model of the rules: random ratchets, rolls, losses, late, repeated
//! and forged frames, at random times, with both kinds of storage.
//!
//! The model holds no keys. It knows of every frame what it really is, keeps lists, and decides by
//! the rules as they are written; what it says must be what the chain does.

use std::collections::BTreeSet;

use frameseal::{
    ChainConfig, Error, KeyId, RatchetBits, ReceivingChainCore, SendingChain, Storage, fixed,
};

use crate::random::Random;
use crate::{SUITE, ms};

/// A frame that was sent, and what it really is.
#[derive(Clone)]
struct Frame {
    bytes: Vec<u8>,
    key_id: u64,
    generation: u64,
    step: u64,
    counter: u64,
}

struct Held {
    generation: u64,
    step: u64,
    head: bool,
    until: Option<u64>,
    seen: BTreeSet<u64>,
}

struct Model {
    bits: u32,
    forward: u64,
    config: ChainConfig,
    now: u64,
    held: Vec<Held>,
}

impl Model {
    fn new(bits: u32, config: ChainConfig, generation: u64) -> Self {
        let forward = u64::from(config.max_forward).min((1 << bits) / 2);
        let mut model = Self {
            bits,
            forward,
            config,
            now: 0,
            held: Vec::new(),
        };
        model.hold(generation, 0, true, None);
        model
    }

    fn hold(&mut self, generation: u64, step: u64, head: bool, until: Option<u64>) {
        self.held.push(Held {
            generation,
            step,
            head,
            until,
            seen: BTreeSet::new(),
        });
    }

    fn key_id(&self, generation: u64, step: u64) -> u64 {
        generation * (1 << self.bits) + step % (1 << self.bits)
    }

    fn tick(&mut self, now: u64) {
        self.now = self.now.max(now);
        let now = self.now;
        self.held
            .retain(|held| held.until.is_none_or(|until| now < until));
    }

    fn roll(&mut self, now: u64, generation: u64) {
        self.tick(now);
        let end = self.now + u64::try_from(self.config.retain_generation.as_millis()).unwrap();
        for held in &mut self.held {
            held.until = Some(held.until.map_or(end, |until| until.min(end)));
        }
        self.hold(generation, 0, true, None);
        self.drop_the_oldest();
    }

    fn receive(&mut self, now: u64, frame: &Frame, forged: bool) -> Result<(u64, u64), Error> {
        self.tick(now);
        let unknown = Err(Error::UnknownKeyId(KeyId::new(frame.key_id)));
        let named = frame.key_id >> self.bits;
        let at = (0..self.held.len()).find(|at| {
            let held = &self.held[*at];
            self.key_id(held.generation, held.step) == frame.key_id
        });
        if let Some(at) = at {
            let held = &mut self.held[at];
            if held.seen.contains(&frame.counter) {
                return Err(Error::Replay);
            }
            if forged || (held.generation, held.step) != (frame.generation, frame.step) {
                return Err(Error::Authentication);
            }
            held.seen.insert(frame.counter);
            return Ok((frame.generation, frame.step));
        }
        let Some(head) = self
            .held
            .iter()
            .find(|held| held.head && held.generation == named)
        else {
            return unknown;
        };
        let (old, until) = (head.step, head.until);
        let candidate = (1..=self.forward)
            .map(|ahead| old + ahead)
            .find(|step| self.key_id(named, *step) == frame.key_id);
        let Some(step) = candidate else {
            return unknown;
        };
        if forged || (named, step) != (frame.generation, frame.step) {
            return Err(Error::Authentication);
        }
        let superseded = self.now + u64::try_from(self.config.retain.as_millis()).unwrap();
        let superseded = until.map_or(superseded, |until| until.min(superseded));
        for held in &mut self.held {
            if held.head && held.generation == named {
                held.head = false;
                held.until = Some(superseded);
            }
        }
        for skipped in old + 1..step {
            self.hold(named, skipped, false, Some(superseded));
        }
        self.hold(named, step, true, until);
        self.held.last_mut().unwrap().seen.insert(frame.counter);
        let behind = (1 << self.bits) - 1 - self.forward;
        self.held
            .retain(|held| held.generation != named || held.step + behind >= step);
        self.drop_the_oldest();
        self.tick(0);
        Ok((named, step))
    }

    fn drop_the_oldest(&mut self) {
        self.held.sort_by_key(|held| (held.generation, held.step));
        let behind = |held: &Held| !held.head;
        while self.held.iter().filter(|held| behind(held)).count()
            > self.config.max_retained as usize
        {
            let oldest = self.held.iter().position(behind).unwrap();
            self.held.remove(oldest);
        }
        let old = |held: &Held| held.head && held.until.is_some();
        while self.held.iter().filter(|held| old(held)).count()
            > self.config.max_old_generations as usize
        {
            let oldest = self.held.iter().find(|held| old(held)).unwrap().generation;
            self.held.retain(|held| held.generation != oldest);
        }
    }

    fn next_deadline(&self) -> Option<u64> {
        self.held.iter().filter_map(|held| held.until).min()
    }
}

fn send(sender: &mut SendingChain) -> Frame {
    let counter = sender.status().next_counter.unwrap().value();
    let mut bytes = vec![0; sender.sealed_len(5).unwrap()];
    sender.encrypt(b"meta", b"frame", &mut bytes).unwrap();
    Frame {
        bytes,
        key_id: sender.key_id().value(),
        generation: sender.generation(),
        step: sender.step(),
        counter,
    }
}

/// One life of a chain; how many frames were opened, refused as replayed, forged, unknown.
fn run<S: Storage>(seed: u64) -> [u64; 4] {
    let mut random = Random::new(seed);
    let r = random.pick(&[1, 2, 3, 8]);
    let bits = RatchetBits::new(r).unwrap();
    let retain = core::time::Duration::from_millis(random.pick(&[0, 50, 400]));
    let old = core::time::Duration::from_millis(random.pick(&[100, 1000]));
    let config = ChainConfig::for_suite(SUITE)
        .with_max_forward(random.pick(&[1, 3, 32]))
        .with_retained_steps(random.pick(&[0, 2, 5]), retain)
        .with_old_generations(random.pick(&[0, 1, 2]), old);
    let key = [0x42; 16];
    let mut sender = SendingChain::new(SUITE, bits, 0, &key).unwrap();
    let mut receiver =
        ReceivingChainCore::<S>::with_config(SUITE, bits, 0, 0, &key, config).unwrap();
    let mut model = Model::new(r, config, 0);
    let mut sent = vec![send(&mut sender)];
    let mut counts = [0; 4];
    let mut now = 0;
    for _ in 0..300 {
        // Time goes on, and now and then the clock is set back.
        now = (now + random.next() % 30).saturating_sub(200 * u64::from(random.below(40) == 0));
        match random.below(40) {
            0..6 => sender.ratchet().unwrap(),
            6 => {
                let generation = sender.generation() + 1 + random.next() % 3;
                let key = random.bytes(16);
                sender.roll(generation, &key).unwrap();
                receiver
                    .add_generation(ms(now), generation, 0, &key)
                    .unwrap();
                model.roll(now, generation);
            }
            7 => {
                receiver.poll(ms(now));
                model.tick(now);
            }
            _ => {}
        }
        sent.push(send(&mut sender));
        // The one just sent, or one of the last twenty, whether it came before or not.
        let back = random.below(sent.len().min(20)) * random.below(2);
        let mut frame = sent[sent.len() - 1 - back].clone();
        let forged = random.below(4) == 0;
        if forged {
            *frame.bytes.last_mut().unwrap() ^= 1;
        }
        let expected = model.receive(now, &frame, forged);
        let opened = receiver.decrypt(ms(now), b"meta", &mut frame.bytes);
        let result = opened.map(|opened| {
            assert_eq!(
                (&*opened.payload, opened.counter.value()),
                (&b"frame"[..], frame.counter)
            );
            (opened.generation, opened.step)
        });
        assert_eq!(result, expected, "seed {seed}, frame {}", sent.len());
        assert_eq!(receiver.status().steps, model.held.len(), "seed {seed}");
        assert_eq!(
            receiver.next_deadline(),
            model.next_deadline().map(ms),
            "seed {seed}"
        );
        counts[match result {
            Ok(_) => 0,
            Err(Error::Replay) => 1,
            Err(Error::Authentication) => 2,
            Err(_) => 3,
        }] += 1;
    }
    counts
}

fn all_runs<S: Storage>() {
    let mut total = [0; 4];
    for seed in 0..200 {
        for (sum, count) in total.iter_mut().zip(run::<S>(seed)) {
            *sum += count;
        }
    }
    // Each kind of answer was met often, or this would show little.
    assert!(total.iter().all(|count| *count > 2000), "{total:?}");
}

#[cfg(feature = "alloc")]
#[test]
fn a_growing_chain_does_what_the_model_says() {
    all_runs::<frameseal::Growing>();
}

#[test]
fn a_fixed_chain_with_room_does_what_the_model_says() {
    // The newest head, two of old generations, and five steps behind.
    all_runs::<frameseal::Fixed<8>>();
    let _: Option<fixed::ReceivingChain<8>> = None;
}
