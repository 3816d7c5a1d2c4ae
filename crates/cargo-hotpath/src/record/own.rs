//! Our own recorder as one of several.

use std::process::Command;

use super::Failure;
use crate::args::RecordFlags;
use crate::kept::Kept;
use crate::observe::symbolise::ahead::Ahead;
use crate::observe::{sampler, symbolise};
use crate::profile::Profile;

pub fn run(command: Command, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    let mut ahead = Ahead::new(Some(kept.symbols()));
    let recorded = sampler::run_watched(command, &options(flags), &mut |raw| ahead.look(raw));
    profile_of(recorded, flags, kept, ahead)
}

pub fn attach(pid: i32, flags: &RecordFlags, kept: &Kept) -> Result<Profile, Failure> {
    let mut ahead = Ahead::new(Some(kept.symbols()));
    let recorded = sampler::attach_watched(pid, &options(flags), &mut |raw| ahead.look(raw));
    profile_of(recorded, flags, kept, ahead)
}

fn options(flags: &RecordFlags) -> sampler::Options {
    sampler::Options {
        rate_hz: flags.rate,
        // The kernel wants whole words.
        stack_bytes: flags.stack_size / 8 * 8,
        duration: flags.duration,
        off_cpu: flags.off_cpu,
    }
}

fn profile_of(
    recorded: Result<sampler::Recorded, sampler::Failure>,
    flags: &RecordFlags,
    kept: &Kept,
    ahead: Ahead,
) -> Result<Profile, Failure> {
    let recorded = recorded.map_err(|failure| match failure {
        sampler::Failure::Unavailable(why) => {
            Failure::Unavailable(format!("{}; {}", why.reason, why.remedy))
        }
        sampler::Failure::Other(error) => Failure::Other(error),
    })?;
    let symbols = kept.symbols();
    let raw = &recorded.raw;
    let known = ahead.finish(raw);
    let mut profile = symbolise::symbolise_the_rest(raw, &kept.places, Some(&symbols), known);
    let about = &mut profile.about;
    about.recorder = "cargo hotpath".to_owned();
    about.event = recorded.event.to_owned();
    about.unit = recorded.unit;
    // Each wait is seen, and how long it was: nothing is sampled.
    about.rate_hz = if flags.off_cpu { 0 } else { flags.rate };
    about.wall_s = recorded.wall_s;
    about.kernel = recorded.kernel;
    about.ended = recorded.ended;
    Ok(profile)
}
