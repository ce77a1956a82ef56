//! The direction of dependence: a file of the library uses only files of its own layer and below.
//!
//! The table is the architecture in a form that can fail. A new file must be put into it, and so
//! must be given a place; a `use` that points upwards is named with its line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of `src/`, and its layer. Files of `crypto/` have one entry for each, too.
const LAYERS: &[(&str, u8)] = &[
    // 1: the wire. What travels, and what can be said about it without a key.
    ("cipher_suite", 1),
    ("error", 1),
    ("event", 1),
    ("header", 1),
    ("json", 1),
    ("kid_layout", 1),
    ("member", 1),
    ("metadata", 1),
    ("number", 1),
    ("passthrough", 1),
    ("policy", 1),
    ("stats", 1),
    ("status", 1),
    ("time", 1),
    // 2: cryptography.
    ("crypto", 2),
    ("crypto/aws_lc", 2),
    ("crypto/ctr_hmac", 2),
    ("crypto/gcm", 2),
    ("crypto/ghash", 2),
    ("crypto/hmac", 2),
    ("crypto/kernel", 2),
    ("crypto/keystream", 2),
    ("crypto/reference", 2),
    ("key_schedule", 2),
    ("verification", 2),
    // 3: one key.
    ("by_key", 3),
    ("config", 3),
    ("decryption_key", 3),
    ("encryption_key", 3),
    ("frame_key", 3),
    ("replay", 3),
    ("sending_counter", 3),
    ("table", 3),
    ("usage", 3),
    // 4: many keys.
    ("decryptor", 4),
    ("encryptor", 4),
    ("holding", 4),
    ("holding/config", 4),
    ("holding/frame_store", 4),
    ("holding/held_frame", 4),
    ("inspect", 4),
    ("key_ring", 4),
    ("member_record", 4),
    ("monitor", 4),
    ("monitor/inside", 4),
    ("monitor/passing", 4),
    ("monitor/telling", 4),
    ("keying", 4),
    ("sender_keys/known", 4),
    ("sender_keys", 4),
    ("sender_keys/chain_config", 4),
    ("sender_keys/directions", 4),
    ("sender_keys/opened_step", 4),
    ("sender_keys/participant", 4),
    ("sender_keys/ratchet_bits", 4),
    ("sender_keys/receiving_chain", 4),
    ("sender_keys/sealing", 4),
    ("sender_keys/sealing/aad", 4),
    ("sender_keys/sealing/auth_mode", 4),
    ("sender_keys/sealing/keys", 4),
    ("sender_keys/sending_chain", 4),
    ("sender_keys/steps", 4),
    ("shared", 4),
    ("storage", 4),
    ("strangers", 4),
    // 5: the call.
    ("audit", 5),
    ("fixed", 5),
    ("mls", 5),
    ("mls/config", 5),
    ("mls/epoch", 5),
    ("mls/key_frames", 5),
    ("mls/leaving", 5),
    ("mls/manager", 5),
    ("mls/receive", 5),
    ("mls/roster", 5),
    ("mls/send", 5),
    ("mls/sender", 5),
    ("mls/shared", 5),
    ("mls/shared/near", 5),
    ("mls/shared/receiver", 5),
    ("mls/shared/stream", 5),
    ("mls/storage", 5),
    ("mls/stream", 5),
    ("mls/update", 5),
    ("mls/watch", 5),
    ("visible_metadata", 5),
    // Beside the layers, and used by none of them.
    ("hazmat", BESIDE),
    ("lib", BESIDE),
];

/// Above everything, so that nothing in a layer may use it.
const BESIDE: u8 = u8::MAX;

/// The highest layer that a file may use: its own, but `hazmat` stands on the second one.
fn reach(module: &str) -> Option<u8> {
    match module {
        "hazmat" => Some(2),
        _ => layer(module),
    }
}

/// Only for tests, where the direction does not matter.
const TEST_ONLY: [&str; 2] = ["sender_keys/forgery_tests", "test_vectors"];

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file under `src/` as (module, text); `crypto/mod.rs` is the module `crypto`.
fn sources() -> BTreeMap<String, String> {
    fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            if path.is_dir() {
                collect(&path, &format!("{prefix}{name}/"), found);
            } else if name == "mod" {
                let module = prefix.trim_end_matches('/').to_owned();
                found.insert(module, fs::read_to_string(&path).unwrap());
            } else {
                found.insert(
                    format!("{prefix}{name}"),
                    fs::read_to_string(&path).unwrap(),
                );
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(&source_folder(), "", &mut found);
    found
}

/// The lines that are compiled into the library, with their numbers: no comments, no unit tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text
        .find("\n#[cfg(test)]\nmod tests {")
        .unwrap_or(text.len());
    text[..end]
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.split("//").next().unwrap_or_default()))
}

fn layer(module: &str) -> Option<u8> {
    LAYERS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, layer)| *layer)
}

/// The path segments that follow each `prefix` in a line: `crate::a::B` gives `[a, B]`.
fn paths_after<'t>(line: &'t str, prefix: &'t str) -> impl Iterator<Item = Vec<&'t str>> {
    line.match_indices(prefix).map(move |(at, _)| {
        let rest = &line[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        rest[..end.unwrap_or(rest.len())].split("::").collect()
    })
}

/// Which module a name at the root of the crate comes from, as `lib.rs` re-exports it.
fn home_of(name: &str, lib: &str) -> Option<String> {
    let lib: String = code(lib).flat_map(|(_, line)| [line, "\n"]).collect();
    lib.split(';').find_map(|statement| {
        let (_, import) = statement.split_once("pub use ")?;
        let (module, names) = import.split_once("::")?;
        let mut names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
        names
            .any(|exported| exported == name)
            .then(|| module.to_owned())
    })
}

/// The modules that a file refers to, each with the line that does it.
fn references(module: &str, text: &str, lib: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in code(text) {
        for path in paths_after(line, "crate::") {
            let first = path[0];
            assert!(
                !first.is_empty(),
                "{module}:{number}: one `use` for each module, please"
            );
            let home = match layer(first) {
                Some(_) => first.to_owned(),
                None => home_of(first, lib)
                    .unwrap_or_else(|| panic!("{module}:{number}: where is {first} from?")),
            };
            found.push((number, home));
        }
        for path in paths_after(line, "super::") {
            assert_ne!(
                path[0], "super",
                "{module}:{number}: write `crate::` instead"
            );
            // In `crypto/`, `super` is the folder. In the others it is the root at the left
            // margin, and the file itself in a module inside it.
            let home = match module.split_once('/') {
                Some((folder, _)) => folder,
                None => {
                    assert!(
                        line.starts_with(' '),
                        "{module}:{number}: write `crate::` instead"
                    );
                    module
                }
            };
            found.push((number, home.to_owned()));
        }
    }
    found
}

#[test]
fn every_file_has_a_layer_and_every_entry_has_a_file() {
    let sources = sources();
    for module in sources.keys() {
        let known = layer(module).is_some() || TEST_ONLY.contains(&module.as_str());
        assert!(known, "src/{module}.rs has no layer: add it to LAYERS");
    }
    for module in LAYERS.iter().map(|(name, _)| name).chain(&TEST_ONLY) {
        assert!(
            sources.contains_key(*module),
            "{module} is in the table but not in src/"
        );
    }
}

#[test]
fn no_file_uses_a_layer_above_its_own() {
    let sources = sources();
    let lib = &sources["lib"];
    let mut counted = 0;
    for (module, text) in &sources {
        let Some(reach) = reach(module).filter(|_| module != "lib") else {
            continue;
        };
        for (line, used) in references(module, text, lib) {
            let other = layer(&used).unwrap();
            assert!(
                other <= reach && used != "lib",
                "src/{module}.rs:{line} uses {used} of layer {other}, but may use up to {reach}"
            );
            counted += 1;
        }
    }
    // If the search found nothing, it would pass as well.
    assert!(counted > 100, "only {counted} references were found");
}

#[test]
fn the_search_sees_references_of_every_form() {
    let lib = "pub use key_ring::{KeyRingCore, Other};\npub use header::KeyId;";
    let text = "use crate::error::Error;\n// crate::shared::X\n    use super::Table;\n\
                type A = crate::KeyRingCore<crate::storage::Fixed>;\n\
                pub(super) fn f() -> crate::KeyId {}\n#[cfg(test)]\nmod tests {\nuse crate::fixed::X;";
    let found = references("storage", text, lib);
    let expected = [
        (1, "error"),
        (3, "storage"),
        (4, "key_ring"),
        (4, "storage"),
        (5, "header"),
    ];
    let sorted = |mut list: Vec<(usize, String)>| {
        list.sort();
        list
    };
    assert_eq!(
        sorted(found),
        expected.map(|(line, name)| (line, name.to_owned()))
    );
    assert_eq!(
        references("crypto/gcm", "use super::Aad;", lib),
        [(1, "crypto".to_owned())]
    );
}

#[test]
fn no_file_is_unsafe() {
    let sources = sources();
    let forbidden = "#![forbid(unsafe_code)]";
    assert!(sources["lib"].lines().any(|line| line == forbidden));
    for (module, text) in &sources {
        for (i, line) in text.lines().enumerate() {
            assert!(
                !line.contains("unsafe") || (module == "lib" && line == forbidden),
                "src/{module}.rs:{}: {line}",
                i + 1
            );
        }
    }
}
