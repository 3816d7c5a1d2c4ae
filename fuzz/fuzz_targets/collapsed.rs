//! Looks for bytes that break `collapsed`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("collapsed", bytes));
