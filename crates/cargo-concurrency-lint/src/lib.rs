//! `cargo concurrency-lint`: where async code stalls, floods or waits without end.

pub mod ecosystem;
pub mod facts;
pub mod observe;
pub mod tune;
