//! Looks for bytes that break `dhat`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("dhat", bytes));
