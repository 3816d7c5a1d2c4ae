//! Looks for bytes that break `perf_script`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("perf_script", bytes));
