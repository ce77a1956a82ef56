//! What keys that move cost: epochs that come and go, senders heard for the first time, many
//! senders in rotation, threads, and memory.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench calls`. Every row stands beside the
//! bare AEAD of the same suite opening 100 bytes, measured in the same rounds. `--quick` takes fewer
//! rounds; with `--check` the run fails when forged frames or frames on two threads cost more than is
//! documented.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use cpu_time::ThreadTime;
use frameseal::hazmat::Aead;
use frameseal::{
    Backend, CipherSuite, EncryptionKey, EpochConfig, EpochId, EpochManager, EpochUpdate, GroupTag,
    KidLayout, Member, SendSwitch, SharedDecryptor, SharedEpochManager, Timestamp,
};
use frameseal_peers::{Case, interleave};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const GROUP: GroupTag = GroupTag::new(1);
const NOW: Timestamp = Timestamp::from_millis(0);
const PAYLOAD: [u8; 100] = [0x5a; 100];
const METADATA: &[u8] = b"audio1";

fn main() -> ExitCode {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let check = has("--check");
    let rounds = if has("--quick") { 11 } else { 51 };
    println!("{SUITE}, frames of 100 bytes (ns, medians; ratio to the bare AEAD's open)\n");
    println!("| what | time | ratio |\n|---|---|---|");
    for members in [10, 1_000, 100_000] {
        row(&format!("add an epoch, {members} members"), rounds, |_| {
            add_epochs(members)
        });
    }
    row("first frame of a sender", rounds, first_frames);
    for senders in [1, 50, 1_000] {
        row(
            &format!("frame, {senders} senders in rotation"),
            rounds,
            |batch| rotation(senders, batch),
        );
        row(
            &format!("frame, {senders} senders in rotation, shared receiver"),
            rounds,
            |batch| shared_rotation(senders, batch),
        );
    }
    row(
        "drop an epoch with 1,000 live senders, three others live",
        rounds.min(21),
        |_| drop_epoch(),
    );
    let mut holds = forgeries(rounds);
    holds &= threads(rounds);
    memory();
    if check && !holds {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Measures one piece of work beside the bare AEAD.
fn row(name: &str, rounds: usize, case: impl FnOnce(usize) -> Case<'static>) {
    const BATCH: usize = 1_000;
    let mut work = case(BATCH);
    let mut bare = bare_open(BATCH);
    interleave(&mut [&mut work, &mut bare], rounds);
    let (time, ratio) = (work.nanoseconds(), work.ratio_to(&bare));
    println!("| {name} | {time:.0} | {ratio:.1} |");
}

fn bare_open(batch: usize) -> Case<'static> {
    let aead = Aead::new(SUITE, Backend::RustCrypto, &[7; 16]).expect("a good key");
    let aad = [0x99; 11];
    let mut sealed = PAYLOAD;
    let mut tag = [0; 16];
    aead.seal_in_place(&[1; 12], &aad, &mut sealed, &mut tag)
        .expect("room for the tag");
    let frames = vec![sealed; batch];
    Case::new(
        batch,
        frames,
        move |frames| frames.fill(sealed),
        move |frames, index| {
            let opened = aead.open_in_place(&[1; 12], &aad, &mut frames[index], &tag);
            opened.expect("sealed before");
        },
    )
}

fn base_key(epoch: u64) -> [u8; 16] {
    let mut key = [7; 16];
    key[..8].copy_from_slice(&epoch.to_be_bytes());
    key
}

/// Names of members, and the updates made of them.
struct People(Vec<[u8; 8]>);

impl People {
    fn new(count: u64) -> Self {
        Self((0..count).map(u64::to_be_bytes).collect())
    }

    fn members(&self) -> Vec<Member<'_>> {
        let named = self.0.iter().zip(0..);
        named
            .map(|(identity, index)| Member { index, identity })
            .collect()
    }
}

fn update<'a>(epoch: u64, base_key: &'a [u8], members: &'a [Member<'a>]) -> EpochUpdate<'a> {
    EpochUpdate {
        group: GROUP,
        epoch,
        base_key,
        own_index: Some(0),
        leaf_count: u32::try_from(members.len()).expect("few members"),
        members,
    }
}

fn config() -> EpochConfig {
    EpochConfig::new(SUITE)
        .with_layout(KidLayout::new(8, 24).expect("possible widths"))
        .with_max_epochs(4)
        .with_send_switch(SendSwitch::WhenTold)
}

fn add_epochs(count: u64) -> Case<'static> {
    let people: &'static People = Box::leak(Box::new(People::new(count)));
    let members: &'static [Member<'static>] = Box::leak(people.members().into_boxed_slice());
    let mut manager = EpochManager::new(config()).expect("a good configuration");
    let mut epoch = 0;
    let batch = if count > 10_000 { 4 } else { 64 };
    Case::new(
        batch,
        (),
        |()| {},
        move |(), _| {
            epoch += 1;
            let key = base_key(epoch);
            let added = manager.add_epoch(NOW, &update(epoch, &key, members));
            added.expect("newer than all others");
        },
    )
}

/// Frames that senders at the leaves from 1 on have sealed in an epoch, one of each in turn.
struct Senders(Vec<EncryptionKey>);

impl Senders {
    fn new(count: u32, epoch: u64) -> Self {
        Self::on_stream(count, epoch, 0)
    }

    fn on_stream(count: u32, epoch: u64, context: u64) -> Self {
        Self::at(&(1..=count).collect::<Vec<_>>(), epoch, context)
    }

    fn at(leaves: &[u32], epoch: u64, context: u64) -> Self {
        let layout = config().layout;
        let keys = leaves.iter().map(|leaf| {
            let key_id = layout.key_id(epoch, *leaf, context).expect("it fits");
            EncryptionKey::new(SUITE, key_id, &base_key(epoch)).expect("a good key")
        });
        Self(keys.collect())
    }

    fn seal(&mut self, sender: usize) -> Vec<u8> {
        let count = self.0.len();
        let key = &mut self.0[sender % count];
        let mut frame = vec![0; 160];
        let len = key.encrypt(METADATA, &PAYLOAD, &mut frame);
        frame.truncate(len.expect("room for everything"));
        frame
    }

    fn seal_all(&mut self, frames: usize) -> Vec<Vec<u8>> {
        (0..frames).map(|sender| self.seal(sender)).collect()
    }
}

fn manager(people: u64, epoch: u64) -> EpochManager {
    let people = People::new(people);
    let mut manager = EpochManager::new(config()).expect("a good configuration");
    let added = manager.add_epoch(NOW, &update(epoch, &base_key(epoch), &people.members()));
    added.expect("the first epoch");
    manager
}

fn first_frames(batch: usize) -> Case<'static> {
    let count = u32::try_from(batch).expect("small");
    let mut frames = Senders::new(count, 1).seal_all(batch);
    let sealed = frames.clone();
    let fresh = move || manager(u64::from(count) + 1, 1);
    let state = (fresh(), std::mem::take(&mut frames));
    Case::new(
        batch,
        state,
        move |(manager, frames)| {
            *manager = fresh();
            frames.clone_from(&sealed);
        },
        |(manager, frames), index| {
            let opened = manager.decrypt(NOW, METADATA, black_box(&mut frames[index]));
            opened.expect("sealed before");
        },
    )
}

fn rotation(senders: u32, batch: usize) -> Case<'static> {
    let keys = Senders::new(senders, 1);
    let state = (manager(u64::from(senders) + 1, 1), keys, Vec::new());
    Case::new(
        batch,
        state,
        move |(_, keys, frames)| *frames = keys.seal_all(batch),
        |(manager, _, frames), index| {
            let opened = manager.decrypt(NOW, METADATA, black_box(&mut frames[index]));
            opened.expect("sealed before");
        },
    )
}

fn shared(people: u64) -> SharedEpochManager {
    let people = People::new(people);
    let manager = SharedEpochManager::new(config()).expect("a good configuration");
    let added = manager.add_epoch(NOW, &update(1, &base_key(1), &people.members()));
    added.expect("the first epoch");
    manager
}

fn shared_rotation(senders: u32, batch: usize) -> Case<'static> {
    let keys = Senders::new(senders, 1);
    let state = (shared(u64::from(senders) + 1).receiver(), keys, Vec::new());
    Case::new(
        batch,
        state,
        move |(_, keys, frames)| *frames = keys.seal_all(batch),
        |(receiver, _, frames), index| {
            let opened = receiver.decrypt(NOW, METADATA, black_box(&mut frames[index]));
            opened.expect("sealed before");
        },
    )
}

fn drop_epoch() -> Case<'static> {
    const SENDERS: u32 = 1_000;
    let people: &'static People = Box::leak(Box::new(People::new(u64::from(SENDERS) + 1)));
    let members: &'static [Member<'static>] = Box::leak(people.members().into_boxed_slice());
    let fill = |manager: &mut EpochManager, epoch: u64| {
        let key = base_key(epoch);
        let added = manager.add_epoch(NOW, &update(epoch, &key, members));
        added.expect("newer than all others");
        for mut frame in Senders::new(SENDERS, epoch).seal_all(SENDERS as usize) {
            let opened = manager.decrypt(NOW, METADATA, &mut frame);
            opened.expect("sealed just now");
        }
    };
    let mut state = (
        EpochManager::new(config()).expect("a good configuration"),
        0,
    );
    for _ in 0..3 {
        state.1 += 1;
        fill(&mut state.0, state.1);
    }
    Case::new(
        1,
        state,
        move |(manager, epoch)| {
            *epoch += 1;
            fill(manager, *epoch);
        },
        // With room for four, the fifth drops the oldest; what adding costs is in another row.
        move |(manager, epoch), _| {
            *epoch += 1;
            let key = base_key(*epoch);
            let added = manager.add_epoch(NOW, &update(*epoch, &key, members));
            added.expect("newer than all others");
        },
    )
}

/// What frames cost that are refused, beside good ones: 1,000 of each kind.
fn forgeries(rounds: usize) -> bool {
    const BATCH: usize = 1_000;
    const SENDERS: u32 = 50;
    // Leaf 0 is ours, 1 to 50 are heard, 51 to 1,050 silent.
    let people = u64::from(SENDERS) + BATCH as u64 + 1;
    let layout = config().layout;
    let forged = |epoch: u64, index: u32, context: u64| {
        let key_id = layout.key_id(epoch, index, context).expect("it fits");
        let mut key = EncryptionKey::new(SUITE, key_id, b"nobody's base key").expect("a key");
        let mut frame = vec![0; 160];
        // Counter 1: of those that are heard, 0 was accepted and would be refused as a replay.
        key.encrypt(METADATA, &PAYLOAD, &mut frame).expect("room");
        let len = key.encrypt(METADATA, &PAYLOAD, &mut frame);
        frame.truncate(len.expect("room for everything"));
        frame
    };
    let refused = |name: &'static str, frames: Vec<Vec<u8>>| {
        let mut heard = manager(people, 1);
        for mut frame in Senders::new(SENDERS, 1).seal_all(SENDERS as usize) {
            let opened = heard.decrypt(NOW, METADATA, &mut frame);
            opened.expect("sealed just now");
        }
        // A refused frame is as it was, so the same ones can be tried again and again.
        let case = Case::new(
            BATCH,
            (heard, frames),
            |_| {},
            |(manager, frames), index| {
                let opened = manager.decrypt(NOW, METADATA, black_box(&mut frames[index]));
                opened.expect_err("forged");
            },
        );
        (name, case)
    };
    let each = |forge: &dyn Fn(u32) -> Vec<u8>| (0..BATCH as u32).map(forge).collect::<Vec<_>>();
    let mut cheap = [
        refused(
            "a sender that is heard",
            each(&|i| forged(1, 1 + i % SENDERS, 0)),
        ),
        refused(
            "an epoch that is not here",
            each(&|i| forged(2 + u64::from(i % 250), 1, 0)),
        ),
        refused("nobody's leaf", each(&|i| forged(1, people as u32 + i, 0))),
        refused("our own leaf", each(&|_| forged(1, 0, 0))),
        refused(
            "a context beyond those accepted",
            each(&|i| forged(1, 1, 16 + u64::from(i))),
        ),
    ];
    let mut dear = refused(
        "a member who was not heard",
        each(&|i| forged(1, SENDERS + 1 + i, 0)),
    );
    let (mut good, mut first) = (rotation(SENDERS, BATCH), first_frames(BATCH));
    let mut cases: Vec<_> = cheap.iter_mut().map(|(_, case)| case).collect();
    cases.extend([&mut dear.1, &mut good, &mut first]);
    interleave(&mut cases, rounds);

    println!("\n| a forged frame that names | time | beside |\n|---|---|---|");
    let mut holds = true;
    for (name, case) in &cheap {
        let ratio = case.ratio_to(&good);
        holds &= ratio <= 2.0;
        let time = case.nanoseconds();
        println!("| {name} | {time:.0} | {ratio:.2} of a good frame (limit 2) |");
    }
    let (time, ratio) = (dear.1.nanoseconds(), dear.1.ratio_to(&first));
    // One derivation and one open: what a sender's first frame costs, without keeping anything.
    holds &= ratio <= 1.1;
    println!(
        "| {} | {time:.0} | {ratio:.2} of a sender's first frame (limit 1.1) |",
        dear.0
    );
    holds
}

/// On two threads, at most so many times the processor time for a frame on one.
const MOST_ON_TWO: f64 = 1.3;

/// The same work on one thread and on two, for both objects that threads share; whether the limits
/// hold, as far as they could be measured.
fn threads(rounds: usize) -> bool {
    println!();
    let receivers = |leaves: &[u32]| {
        let people = leaves.iter().max().expect("somebody") + 1;
        let manager = shared(u64::from(people));
        move || {
            let receiver = manager.receiver();
            move |frame: &mut [u8]| {
                black_box(receiver.decrypt(NOW, METADATA, frame).expect(SEALED));
            }
        }
    };
    let decryptors = |leaves: &[u32]| {
        let decryptor = SharedDecryptor::new(SUITE);
        for leaf in leaves {
            let key_id = config().layout.key_id(1, *leaf, 0).expect("it fits");
            let added = decryptor.add_key(key_id, &base_key(1));
            added.expect("a good key");
        }
        move || {
            let decryptor = decryptor.clone();
            move |frame: &mut [u8]| {
                black_box(decryptor.decrypt(METADATA, frame).expect(SEALED));
            }
        }
    };
    // A thread for each incoming stream.
    let alone = [
        scales("EpochReceiver", rounds, &[1, 2], receivers),
        scales("SharedDecryptor", rounds, &[1, 2], decryptors),
    ];
    // No limit: these write to the same cache lines.
    let many: Vec<u32> = (1..=100).collect();
    scales("EpochReceiver", rounds, &many, receivers);
    scales("SharedDecryptor", rounds, &many, decryptors);
    let mut measured = alone.iter().flatten();
    measured.all(|ratio| *ratio <= MOST_ON_TWO)
}

const SEALED: &str = "sealed before";

/// Opens frames of senders on these leaves, the first half on one thread, the second on another.
/// `object` makes what is shared for them; that makes for each thread what opens frames. Only rounds
/// count in which both threads ran nearly all the time; none if too few did.
fn scales<O, T>(
    name: &str,
    rounds: usize,
    leaves: &[u32],
    object: impl Fn(&[u32]) -> O,
) -> Option<f64>
where
    O: Fn() -> T + Sync,
    T: Fn(&mut [u8]),
{
    const FRAMES: usize = 20_000;
    const LEAST: usize = 5;
    // Time for a frame, and the share of the time in which all threads ran.
    let measure = |leaves: &[u32], threads: usize| {
        let object = object(leaves);
        let mut keys = Senders::at(leaves, 1, 0);
        let mut shares = vec![Vec::new(); threads];
        for sender in 0..FRAMES * threads {
            let share = sender % leaves.len() * threads / leaves.len();
            shares[share].push(keys.seal(sender));
        }
        let start = Barrier::new(threads);
        let spans = std::thread::scope(|scope| {
            let (start, object) = (&start, &object);
            let running: Vec<_> = shares
                .iter_mut()
                .map(|frames| {
                    scope.spawn(move || {
                        let open = object();
                        start.wait();
                        let (from, clock) = (Instant::now(), ThreadTime::now());
                        for frame in frames {
                            open(frame);
                        }
                        (clock.elapsed().as_nanos() as f64, from, Instant::now())
                    })
                })
                .collect();
            let spans = running.into_iter();
            let spans = spans.map(|thread| thread.join().expect("nothing panics"));
            spans.collect::<Vec<_>>()
        });
        let times: f64 = spans.iter().map(|(time, ..)| time).sum();
        let from = spans.iter().map(|(_, from, _)| *from).min();
        let until = spans.iter().map(|(.., until)| *until).max();
        let wall = until.zip(from).map_or(0.0, |(until, from)| {
            until.duration_since(from).as_nanos() as f64
        });
        let frames = (FRAMES * threads) as f64;
        (times / frames, times / (wall * threads as f64))
    };
    let (half, _) = leaves.split_at(leaves.len() / 2);
    let (mut ones, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(31) {
        let ((one, _), (two, together)) = (measure(half, 1), measure(leaves, 2));
        if together >= 0.8 {
            ones.push(one);
            ratios.push(two / one);
        }
    }
    let senders = half.len();
    if ratios.len() < LEAST {
        println!(
            "{name}, senders for each thread: {senders}. Not measured: the processors were busy."
        );
        return None;
    }
    ones.sort_by(f64::total_cmp);
    ratios.sort_by(f64::total_cmp);
    let (one, ratio) = (ones[ones.len() / 2], ratios[ratios.len() / 2]);
    println!(
        "{name}, senders for each thread: {senders}. {one:.0} ns a frame on one thread, {ratio:.2} \
         times that on each of two ({} rounds).",
        ratios.len()
    );
    Some(ratio)
}

/// Bytes that are allocated now.
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every method hands its arguments to `System` unchanged and answers what it answers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller promises what `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller promises what `System` asks for, and `memory` came from `System`.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn allocated() -> usize {
    ALLOCATED.load(Ordering::Relaxed)
}

fn memory() {
    const MEMBERS: u64 = 10_000;
    let before = allocated();
    let mut manager = manager(MEMBERS, 1);
    let silent = allocated() - before;
    println!(
        "\nA silent member: {} bytes ({MEMBERS} members).",
        silent / MEMBERS as usize
    );
    // Not more in all than keys are kept expanded.
    const HEARD: usize = 2_000;
    for (context, what) in [
        (
            0,
            "A member who is heard, with expanded key and a window of 1,024",
        ),
        (1, "A further stream of such a member, the same"),
    ] {
        let frames = Senders::on_stream(HEARD as u32, 1, context).seal_all(HEARD);
        let before = allocated();
        for mut frame in frames.iter().cloned() {
            let opened = manager.decrypt(NOW, METADATA, &mut frame);
            opened.expect("sealed before");
        }
        println!("{what}: {} bytes.", (allocated() - before) / HEARD);
    }
    black_box(manager.activate(EpochId::new(GROUP, 1), NOW)).expect("it is live");
}
