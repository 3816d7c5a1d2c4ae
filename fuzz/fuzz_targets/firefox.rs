//! Looks for bytes that break `firefox`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("firefox", bytes));
