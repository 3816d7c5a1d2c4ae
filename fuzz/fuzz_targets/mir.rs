//! Looks for bytes that break `mir`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("mir", bytes));
