//! `cargo concurrency-lint`: where async code stalls, floods or waits without end.

pub mod calls;
pub mod ecosystem;
pub mod mir;
pub mod facts;
pub mod observe;
