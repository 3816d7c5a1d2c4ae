//! Recording with tools that are on PATH, where our own recorder is not allowed to.

use std::process::Command;

use crate::args::RecordFlags;
use crate::kept::Kept;
use crate::profile::Profile;
use crate::record::Failure;

pub fn perf(_: &Command, _: &RecordFlags, _: &Kept) -> Result<Profile, Failure> {
    Err(Failure::Unavailable("perf is not".to_owned()))
}
pub fn callgrind(_: &Command, _: &RecordFlags, _: &Kept) -> Result<Profile, Failure> {
    Err(Failure::Unavailable("perf is not".to_owned()))
}
