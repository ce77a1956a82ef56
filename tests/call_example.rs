//! The example `call`, run as a process as its reader runs it.
//!
//! What it prints is not trusted: the files that it wrote are compared with the inputs here, and
//! decoded by ffmpeg where that is installed. With `FRAMESEAL_REQUIRE_FFMPEG=1` it must be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use frameseal::Error;

#[allow(dead_code, reason = "only what the tests below use")]
#[path = "../examples/call/check.rs"]
mod check;
#[allow(dead_code, reason = "only what the tests below use")]
#[path = "../examples/call/media/mod.rs"]
mod media;

use check::{Check, Verdict};
use media::{Media, Recorder};

const VIDEO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/media/video.ivf");
const AUDIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/media/audio.opus");

#[test]
fn three_participants_receive_each_other_bit_by_bit() {
    let folder = fresh_folder("default");
    let output = call(&folder, &[]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("OK: all 13 checks passed"), "{text}");
    assert!(!text.contains("FAILED"), "{text}");
    let lines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
    assert!((30..=60).contains(&lines), "{text}");
    assert_files_are_the_inputs(&folder, &["alice", "bob", "carol"]);
    decode_with_ffmpeg(&folder);
}

#[test]
fn two_participants_with_counter_mode_and_hmac_receive_each_other_bit_by_bit() {
    let folder = fresh_folder("ctr-hmac");
    let suite = "AES_128_CTR_HMAC_SHA256_80";
    let output = call(&folder, &["--participants", "2", "--suite", suite]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains(suite) && text.contains("OK: all"), "{text}");
    assert_files_are_the_inputs(&folder, &["alice", "bob"]);
}

#[test]
fn a_suite_can_be_given_by_its_id_and_an_input_by_its_path() {
    let folder = fresh_folder("by-id");
    // Two inputs of one name, and not in the usual order.
    let args = ["-s", "0x0008", "-i", AUDIO, "-i", AUDIO, "-n", "2"];
    let output = call(&folder, &args);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("AES_256_CTR_HMAC_SHA512_32"), "{text}");
    for name in ["alice-audio.opus", "alice-audio-2.opus"] {
        assert!(same(&folder.join("bob").join(name), AUDIO), "{name}");
    }
}

#[test]
fn what_the_forwarder_records_is_not_the_media() {
    let folder = fresh_folder("forwarder");
    assert!(call(&folder, &["-n", "2"]).status.success());
    for (name, input) in [("alice-video.ivf", VIDEO), ("alice-audio.opus", AUDIO)] {
        let recorded = folder.join("forwarder").join(name);
        let sealed = parse(&fs::read(&recorded).unwrap());
        let sent = parse(&fs::read(input).unwrap());
        assert_eq!(sealed.frames.len(), sent.frames.len());
        for (sealed, sent) in sealed.frames.iter().zip(&sent.frames) {
            assert!(sealed.payload.len() > sent.payload.len());
            let shared = longest_shared_run(&sealed.payload, &sent.payload);
            // Equal bytes at equal places by chance; the header moves the ciphertext by 2 or 3.
            assert!(shared < 6, "{name}: {shared} bytes in clear");
        }
        if ffmpeg_is_here() {
            assert!(!decodes(&recorded), "{name} decodes");
            let pictures = hashes(Path::new(input));
            assert!(!pictures.is_empty());
            for hash in hashes(&recorded) {
                assert!(!pictures.contains(&hash), "{name} shows a frame");
            }
        }
    }
}

#[test]
fn the_forwarder_uses_nothing_that_needs_a_key() {
    let source = include_str!("../examples/call/forwarder.rs");
    let imports: Vec<_> = source
        .lines()
        .filter(|line| line.contains("frameseal::"))
        .collect();
    assert_eq!(imports, ["use frameseal::{Counter, Header, KeyId};"]);
    assert!(!source.contains("demo_keys") && !source.contains("Participant"));
}

#[test]
fn bad_options_are_refused_with_a_message() {
    let folder = fresh_folder("options");
    let cases: [(&[&str], &str); 7] = [
        (&["--participants", "1"], "2 to 8"),
        (&["--participants", "nine"], "2 to 8"),
        (&["--suite", "ROT13"], "AES_128_GCM_SHA256_128"),
        (&["--suite", "9"], "no such cipher suite"),
        (&["--input", "/nowhere/film.ivf"], "/nowhere/film.ivf"),
        (&["--input"], "--input"),
        (&["--colour"], "--colour"),
    ];
    for (args, expected) in cases {
        let message = refusal(&folder, args);
        assert!(message.contains(expected), "{args:?}: {message}");
    }
    let help = call(&folder, &["--help"]);
    assert!(help.status.success());
    assert!(printed(&help).contains("--participants N"));
}

#[test]
fn bad_input_files_are_refused_with_a_message() {
    let folder = fresh_folder("inputs");
    fs::create_dir_all(&folder).unwrap();
    let (video, audio) = (fs::read(VIDEO).unwrap(), fs::read(AUDIO).unwrap());
    let mut damaged = audio.clone();
    damaged[1000] ^= 1;
    let cases: [(&str, &[u8], &str); 7] = [
        (
            "cut.ivf",
            &video[..video.len() - 100],
            "cut off in frame 124",
        ),
        ("header.ivf", &video[..20], "cut off in the header"),
        ("no-frames.ivf", &video[..32], "no frames"),
        ("cut.opus", &audio[..audio.len() - 100], "cut off"),
        ("damaged.opus", &damaged, "damaged"),
        ("empty.ivf", b"", "neither an IVF nor an Ogg"),
        (
            "text.opus",
            b"not a media file",
            "neither an IVF nor an Ogg",
        ),
    ];
    for (name, content, expected) in cases {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let message = refusal(&folder, &["--input", path.to_str().unwrap()]);
        assert!(message.contains(name), "{message}");
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn an_ivf_file_cut_anywhere_is_an_error_or_ends_between_frames() {
    let file = &fs::read(VIDEO).unwrap()[..9000];
    let mut ends = 0;
    for len in 0..file.len() {
        if let Ok(media) = Media::parse(&file[..len]) {
            assert_eq!(written_again(&media), &file[..len]);
            ends += 1;
        }
    }
    assert_eq!(ends, 4, "frames that end within the first 9000 bytes");
}

#[test]
fn an_ogg_file_cut_or_changed_anywhere_is_an_error_or_reads_as_it_is() {
    let file = fs::read(AUDIO).unwrap();
    for len in (0..file.len()).step_by(61) {
        if let Ok(media) = Media::parse(&file[..len]) {
            assert_eq!(written_again(&media), &file[..len]);
        }
    }
    for at in (0..600).chain((600..file.len()).step_by(61)) {
        let mut changed = file.clone();
        changed[at] ^= 0xff;
        if let Ok(media) = Media::parse(&changed) {
            assert_eq!(written_again(&media), changed);
        }
    }
}

#[test]
fn a_check_fails_on_a_success_on_another_error_and_on_no_attempt() {
    let verdict_of = |attempts: &[Option<Error>]| {
        let mut verdict = Verdict::default();
        let mut check = Check::new("attack");
        for attempt in attempts {
            check.refused(*attempt, Error::Replay);
        }
        check.finish(&mut Vec::new(), &mut verdict, "").unwrap();
        verdict.is_good()
    };
    let replay = Some(Error::Replay);
    assert!(verdict_of(&[replay, replay]));
    assert!(!verdict_of(&[replay, None]), "the attack succeeded");
    assert!(!verdict_of(&[Some(Error::Authentication), replay]));
    assert!(!verdict_of(&[]));
    assert!(!Verdict::default().is_good());
}

/// Runs the example with these arguments and its output in `folder`.
fn call(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "call", "--"])
        .args(args)
        .arg("--output")
        .arg(folder)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts")
}

/// Runs the example, which must refuse; its message.
fn refusal(folder: &Path, args: &[&str]) -> String {
    // Behind the output folder, so that an option can lack its value.
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "call", "--", "--output"])
        .arg(folder)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    // Not at the start: cargo may have had something to say about the build.
    assert!(message.contains("error: "), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

fn printed(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("{stdout}{stderr}")
}

/// A folder of its own for each test, without what an earlier run left.
fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("call")
        .join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

/// Everybody has both files of everybody else, and they are those of the inputs.
fn assert_files_are_the_inputs(folder: &Path, names: &[&str]) {
    for receiver in names {
        for sender in names.iter().filter(|name| *name != receiver) {
            let of = |stream| folder.join(receiver).join(format!("{sender}-{stream}"));
            assert!(same(&of("video.ivf"), VIDEO), "{receiver} of {sender}");
            assert!(same(&of("audio.opus"), AUDIO), "{receiver} of {sender}");
        }
        let files = fs::read_dir(folder.join(receiver)).unwrap().count();
        assert_eq!(files, 2 * (names.len() - 1), "{receiver}");
    }
}

fn same(path: &Path, input: &str) -> bool {
    fs::read(path).unwrap() == fs::read(input).unwrap()
}

fn parse(file: &[u8]) -> Media {
    Media::parse(file).unwrap()
}

fn written_again(media: &Media) -> Vec<u8> {
    let mut recorder = Recorder::new(&media.description, Vec::new()).unwrap();
    for frame in &media.frames {
        recorder.write(frame.timing, &frame.payload).unwrap();
    }
    recorder.finish().unwrap()
}

/// The longest run of plaintext that is in the sealed frame where plaintext would be: at its
/// start, or behind a header of 2 or 3 bytes.
fn longest_shared_run(sealed: &[u8], sent: &[u8]) -> usize {
    let run_at = |offset: usize| {
        let mut longest = 0;
        let mut run = 0;
        for (a, b) in sealed[offset..].iter().zip(sent) {
            run = if a == b { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    };
    (0..=3).map(run_at).max().unwrap_or(0)
}

/// Every file that alice sent decodes without an error, and has as many frames as the input.
fn decode_with_ffmpeg(folder: &Path) {
    if !ffmpeg_is_here() {
        return;
    }
    for (name, input) in [("alice-video.ivf", VIDEO), ("alice-audio.opus", AUDIO)] {
        let received = folder.join("bob").join(name);
        assert!(decodes(&received), "{name} does not decode");
        let frames = frame_count(&received);
        assert!(frames > 100, "{name}: {frames} frames");
        assert_eq!(frames, frame_count(Path::new(input)), "{name}");
    }
}

/// Whether ffmpeg can be run; prints when a part of a test is left out.
fn ffmpeg_is_here() -> bool {
    let starts = |tool| Command::new(tool).arg("-version").output().is_ok();
    let here = starts("ffmpeg") && starts("ffprobe");
    if !here {
        let required = std::env::var("FRAMESEAL_REQUIRE_FFMPEG").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "FRAMESEAL_REQUIRE_FFMPEG=1, but there is no ffmpeg"
        );
        println!("skipped: decoding, since ffmpeg and ffprobe are not installed");
    }
    here
}

fn decodes(file: &Path) -> bool {
    Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(file)
        .args(["-f", "null", "-"])
        .output()
        .unwrap()
        .status
        .success()
}

fn frame_count(file: &Path) -> u32 {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "0"])
        .args(["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a number of frames")
}

/// A hash of each picture or piece of sound that ffmpeg can make of the file, errors or not.
fn hashes(file: &Path) -> Vec<String> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "quiet", "-i"])
        .arg(file)
        .args(["-f", "framemd5", "-"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit(", ").next())
        .map(str::to_owned)
        .collect()
}
