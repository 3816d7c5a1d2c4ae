//! Looks for bytes that break `callgrind`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("callgrind", bytes));
