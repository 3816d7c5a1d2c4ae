//! The three exit statuses, so that CI and scripts can tell "found something" from "failed".

use std::process::ExitCode;

/// How a plugin ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to report, or the work was done.
    Clean,
    /// `--check` found something.
    Findings,
    /// The plugin could not do its work; the cause chain is on stderr.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
        })
    }
}
