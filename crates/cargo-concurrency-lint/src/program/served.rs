//! Deadlines that are set once for much: a layer around each request that a crate serves, the timeouts
//! of a pool's configuration.

use std::collections::HashSet;

use super::Program;
use crate::facts::{CrateId, Function};

/// What a pool's configuration calls the time after which waiting ends.
const TIMEOUTS: [&str; 3] = ["wait_timeout", "timeouts", "timeout_get"];

#[derive(Debug, Default)]
pub struct Served {
    /// The crates that put a deadline on each request that they serve.
    bounded: HashSet<CrateId>,
    /// Whether some pool is configured with a timeout.
    pools: bool,
}

impl Served {
    pub fn of(program: &Program<'_>) -> Self {
        let mut served = Self::default();
        for (_, function, _, call) in program.calls() {
            if program.ecosystem.layers.has(call) {
                served.bounded.insert(function.krate);
            }
            served.pools |= TIMEOUTS.contains(&call.callee.name.as_str());
        }
        served
    }
}

impl Program<'_> {
    /// Whether the crate puts a deadline on each request that it serves: then what a handler waits for
    /// ends with it.
    pub fn requests_are_bounded(&self, function: &Function) -> bool {
        self.served.bounded.contains(&function.krate)
    }

    pub fn pools_are_configured(&self) -> bool {
        self.served.pools
    }
}
