//! Looks for bytes that break `cargo_config`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("cargo_config", bytes));
