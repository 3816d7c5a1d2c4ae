//! Each command that writes is killed at random instants of its `--apply` and its `--undo`.

use crate::bench::Figure;
use crate::process::say;

/// The commands side by side, each on a project of its own.
#[cfg(unix)]
pub fn run(instants: usize, seed: u64) -> Vec<Figure> {
    use pitcrew_tests::kills::PLAYS;

    say(&format!(
        "kill: {} commands, {instants} instants each, seed {seed}",
        PLAYS.len()
    ));
    std::thread::scope(|scope| {
        let plays: Vec<_> = PLAYS
            .iter()
            .map(|play| scope.spawn(move || one(play, instants, seed)))
            .collect();
        let figures = plays.into_iter().map(|play| match play.join() {
            Ok(figures) => figures,
            Err(panicked) => std::panic::resume_unwind(panicked),
        });
        figures.flatten().collect()
    })
}

#[cfg(unix)]
fn one(play: &'static pitcrew_tests::kills::Play, instants: usize, seed: u64) -> [Figure; 2] {
    let stage = pitcrew_tests::kills::Stage::set(play);
    let toll = stage.strike(instants, seed);
    let what = format!(
        "{}: killed {} times, {} of them while it wrote; {} recoveries; files written: {}",
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
    let killed = super::without("kill", what, &faults);
    let faults: Vec<String> = (0..10).flat_map(|_| stage.two_at_once()).collect();
    let what = format!("{}: two applies at once, 10 times", play.name);
    [killed, super::without("kill", what, &faults)]
}

/// What is killed there has no process group.
#[cfg(not(unix))]
pub fn run(_: usize, _: u64) -> Vec<Figure> {
    say("kill: skipped, it needs the signals of Unix");
    Vec::new()
}
