//! Looks for bytes that break `perf_data`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("perf_data", bytes));
