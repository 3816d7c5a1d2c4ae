//! Each command that writes is killed at random instants of its `--apply` and its `--undo`.

use crate::bench::Figure;
use crate::process::say;

#[cfg(unix)]
pub fn run(instants: usize, seed: u64) -> Vec<Figure> {
    use pitcrew_tests::kills::{PLAYS, Stage};

    let mut figures = Vec::new();
    for play in &PLAYS {
        say(&format!(
            "kill: {}, {instants} instants, seed {seed}",
            play.name
        ));
        let stage = Stage::set(play);
        let toll = stage.strike(instants, seed);
        let what = format!(
            "{}: killed {} times, {} of them while it wrote; {} recoveries, {} files",
            play.name,
            toll.kills,
            toll.writing,
            toll.recoveries,
            stage.changed()
        );
        let mut faults = toll.faults;
        if toll.kills < instants {
            faults.push(format!("only {} of {instants} kills struck", toll.kills));
        }
        figures.push(super::without("kill", what, &faults));
        let faults: Vec<String> = (0..10).flat_map(|_| stage.two_at_once()).collect();
        let what = format!("{}: two applies at once, 10 times", play.name);
        figures.push(super::without("kill", what, &faults));
    }
    figures
}

/// What is killed there has no process group.
#[cfg(not(unix))]
pub fn run(_: usize, _: u64) -> Vec<Figure> {
    say("kill: skipped, it needs the signals of Unix");
    Vec::new()
}
