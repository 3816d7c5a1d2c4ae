//! Where our own recorder does not exist: it says so, and the next one is tried.

use std::process::Command;

use super::Failure;
use crate::args::RecordFlags;
use crate::kept::Kept;
use crate::profile::Profile;

const ONLY_LINUX: &str = "it is made of a system call of Linux";

pub fn run(_: Command, _: &RecordFlags, _: &Kept) -> Result<Profile, Failure> {
    Err(Failure::Unavailable(ONLY_LINUX.to_owned()))
}

pub fn attach(_: i32, _: &RecordFlags, _: &Kept) -> Result<Profile, Failure> {
    Err(Failure::Unavailable(ONLY_LINUX.to_owned()))
}
