//! `include/frameseal.h` is what cbindgen makes of the sources today.
//!
//! After a change of the C surface, `FRAMESEAL_WRITE_HEADER=1 cargo test -p frameseal-ffi --test
//! header_is_current` writes it anew.

use std::path::Path;

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let ffi = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(ffi.join("cbindgen.toml")).expect("cbindgen.toml");
    let bindings = cbindgen::generate_with_config(ffi, config).expect("sources that parse");
    let mut generated = Vec::new();
    bindings.write(&mut generated);
    let generated = String::from_utf8(generated).expect("text");

    let header = ffi.join("../include/frameseal.h");
    if std::env::var_os("FRAMESEAL_WRITE_HEADER").is_some() {
        std::fs::write(&header, &generated).expect("include/frameseal.h can be written");
    }
    let committed = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(
        committed == generated,
        "include/frameseal.h is not current: run this test with FRAMESEAL_WRITE_HEADER=1"
    );
}
