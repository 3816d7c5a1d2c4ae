//! Looks for bytes that break `xctrace`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("xctrace", bytes));
