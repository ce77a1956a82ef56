//! The headers in `include/` are what cbindgen makes of the sources today: `frameseal.h`, and
//! `frameseal_embedded.h`, which the former includes where `FRAMESEAL_NO_ALLOC` is defined.
//!
//! After a change of the C surface, `FRAMESEAL_WRITE_HEADER=1 cargo test -p frameseal-ffi --test
//! header_is_current` writes them anew.

use std::path::{Path, PathBuf};

use cbindgen::Config;

#[test]
fn the_committed_header_is_what_the_sources_say() {
    compare_with_the_sources(&ffi(), config(), "frameseal.h");
}

#[test]
fn the_committed_header_for_devices_is_what_the_sources_say() {
    let library = ffi().join("embedded");
    let mut config = config();
    let introduction = std::fs::read_to_string(library.join("header.txt"));
    config.header = Some(introduction.expect("header.txt"));
    config.trailer = None;
    config.include_guard = Some("FRAMESEAL_EMBEDDED_H".into());
    // Of modules that both libraries have, what no function there takes; and the control of a check.
    let excluded = ["FRAMESEAL_MAX_SLICES", "frameseal_provoke"];
    config.export.exclude.extend(excluded.map(String::from));
    compare_with_the_sources(&library, config, "frameseal_embedded.h");
}

fn ffi() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn config() -> Config {
    Config::from_file(ffi().join("cbindgen.toml")).expect("cbindgen.toml")
}

fn compare_with_the_sources(library: &Path, config: Config, name: &str) {
    let bindings = cbindgen::generate_with_config(library, config).expect("sources that parse");
    let mut generated = Vec::new();
    bindings.write(&mut generated);
    let generated = String::from_utf8(generated).expect("text");

    let header = ffi().join("../include").join(name);
    if std::env::var_os("FRAMESEAL_WRITE_HEADER").is_some() {
        std::fs::write(&header, &generated).expect("the header can be written");
    }
    let committed = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(
        committed == generated,
        "include/{name} is not current: run this test with FRAMESEAL_WRITE_HEADER=1"
    );
}
