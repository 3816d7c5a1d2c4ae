//! Looks for bytes that break `source_tokens`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("source_tokens", bytes));
