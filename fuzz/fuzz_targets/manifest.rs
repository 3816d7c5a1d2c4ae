//! Looks for bytes that break `manifest`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("manifest", bytes));
