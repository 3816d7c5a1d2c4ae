//! From the figures of a trial to what is said of a lever.

use pitcrew_core::finding::Evidence;
use pitcrew_core::measure::{ArmTrial, RoundPolicy, Standing, Verdict};

use super::bench::is_cache;
use super::{GUARD_LIMIT, Guard, Outcome};
use crate::goal::Goal;
use crate::lever::Lever;

/// What was run, as reports name it.
pub(super) fn scenario(goal: Goal, levers: &[&Lever]) -> String {
    let builds_clean = matches!(goal, Goal::Clean | Goal::Ci);
    if builds_clean && levers.iter().any(|lever| is_cache(lever)) {
        format!("{} with a warm cache", goal.scenario())
    } else {
        goal.scenario().to_owned()
    }
}

/// The figures of a trial; none without a pair.
pub(super) fn evidence<F>(
    goal: Goal,
    levers: &[&Lever],
    judged: &Verdict,
    trial: &ArmTrial<F>,
) -> Option<Evidence> {
    (judged.pairs > 0).then(|| Evidence::Measured {
        scenario: scenario(goal, levers),
        baseline: trial.baseline_median(),
        candidate: trial.candidate_median(),
        unit: if goal == Goal::Size { "bytes" } else { "s" }.to_owned(),
        ratio: judged.ratio,
        interval: judged.interval,
        pairs: judged.pairs,
    })
}

/// What a trial says by itself; whether another lever is better, or a clean build harmed, is seen
/// later. `unfinished` tells why a trial was not brought to its end.
pub(super) fn outcome(policy: &RoundPolicy, trial: &ArmTrial<String>, unfinished: &str) -> Outcome {
    match &trial.standing {
        Standing::Won => Outcome::Accepted,
        Standing::Lost => Outcome::Rejected {
            why: no_gain(&policy.judge(&trial.pairs)),
        },
        Standing::Failed(error) => Outcome::Failed {
            error: first_error_line(error),
        },
        Standing::Open => Outcome::Unproven {
            why: unfinished.to_owned(),
        },
    }
}

/// Why a trial was lost, in words: its figures stand beside it as evidence.
pub(super) fn no_gain(verdict: &Verdict) -> String {
    let words = if verdict.is_slower() {
        "it is slower"
    } else if verdict.interval[0] > 1.0 {
        "it was slower each time"
    } else if verdict.interval == [1.0; 2] {
        "it changes nothing"
    } else {
        "no gain shown"
    };
    words.to_owned()
}

/// Why a lever must not be applied although the scenario gains; none where the guard holds.
pub(super) fn broken_guard(guard: &Guard) -> Option<String> {
    (guard.ratio() > GUARD_LIMIT).then(|| {
        format!(
            "it makes the {} slower, {:.1} s to {:.1} s ({})",
            guard.scenario,
            guard.baseline_s,
            guard.candidate_s,
            percent(guard.ratio()),
        )
    })
}

/// As [`broken_guard`], of a clean build that was given up.
pub(super) fn too_slow(baseline_s: f64, most_s: f64) -> String {
    format!("it makes the clean build slower, {baseline_s:.1} s to more than {most_s:.1} s")
}

/// A ratio as a change: `−23 %`, `+4.1 %`.
fn percent(ratio: f64) -> String {
    let change = (ratio - 1.0) * 100.0;
    let sign = if change < 0.0 { '−' } else { '+' };
    if change.abs() < 9.95 {
        format!("{sign}{:.1} %", change.abs())
    } else {
        format!("{sign}{:.0} %", change.abs())
    }
}

/// The line of cargo's message that names the trouble.
pub(super) fn first_error_line(message: &str) -> String {
    let lines = || message.lines().map(str::trim).filter(|l| !l.is_empty());
    let error = lines().find(|line| line.starts_with("error"));
    error
        .or_else(|| lines().next_back())
        .unwrap_or("it failed without a message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_found_among_what_cargo_prints() {
        let message =
            "   Compiling a v0.1.0\nwarning: unused\n\nerror[E0425]: no value `x`\n --> a";
        assert_eq!(first_error_line(message), "error[E0425]: no value `x`");
        assert_eq!(first_error_line("killed\n"), "killed");
        assert_eq!(first_error_line(""), "it failed without a message");
    }

    #[test]
    fn changes_are_named_with_their_sign() {
        assert_eq!(percent(0.77), "−23 %");
        assert_eq!(percent(1.041), "+4.1 %");
        assert_eq!(percent(1.0), "+0.0 %");
    }

    #[test]
    fn the_guard_gives_a_twentieth() {
        let guard = |candidate_s| Guard {
            scenario: "clean build".to_owned(),
            baseline_s: 20.0,
            candidate_s,
        };
        assert_eq!(broken_guard(&guard(20.9)), None);
        let why = broken_guard(&guard(22.0)).unwrap();
        assert_eq!(
            why,
            "it makes the clean build slower, 20.0 s to 22.0 s (+10 %)"
        );
    }

    #[test]
    fn slower_is_said_of_an_interval_only() {
        let verdict = |ratio, low, pairs| Verdict {
            ratio,
            interval: [low, ratio + 0.1],
            pairs,
        };
        assert_eq!(no_gain(&verdict(1.2, 1.1, 6)), "it is slower");
        assert_eq!(no_gain(&verdict(1.2, 1.1, 2)), "it was slower each time");
        assert_eq!(no_gain(&verdict(1.0, 0.9, 9)), "no gain shown");
    }
}
