//! Looks for bytes that break `source_trees`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pitcrew_properties::check("source_trees", bytes));
