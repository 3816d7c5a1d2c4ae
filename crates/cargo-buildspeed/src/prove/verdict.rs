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
    policy: &RoundPolicy,
    trial: &ArmTrial<F>,
) -> Option<Evidence> {
    let Verdict {
        ratio,
        interval,
        pairs,
    } = policy.judge(&trial.pairs);
    (pairs > 0).then(|| Evidence::Measured {
        scenario: scenario(goal, levers),
        baseline: trial.baseline_median(),
        candidate: trial.candidate_median(),
        unit: if goal == Goal::Size { "bytes" } else { "s" }.to_owned(),
        ratio,
        interval,
        pairs,
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

fn no_gain(verdict: &Verdict) -> String {
    let [low, high] = verdict.interval.map(percent);
    let figure = format!("{} [{low}, {high}]", percent(verdict.ratio));
    match (verdict.is_slower(), verdict.pairs) {
        (_, 1) if verdict.ratio == 1.0 => "no change".to_owned(),
        (_, 1) => format!("no gain: {}", percent(verdict.ratio)),
        (true, pairs) => format!("slower: {figure} over {pairs} pairs"),
        (false, pairs) => format!("no gain shown: {figure} over {pairs} pairs"),
    }
}

/// Why a lever must not be applied although the scenario gains; none where the guard holds.
pub(super) fn broken_guard(guard: &Guard) -> Option<String> {
    (guard.ratio() > GUARD_LIMIT).then(|| {
        format!(
            "it makes the {} slower: {} ({:.1} s, now {:.1} s)",
            guard.scenario,
            percent(guard.ratio()),
            guard.candidate_s,
            guard.baseline_s
        )
    })
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
            "it makes the clean build slower: +10 % (22.0 s, now 20.0 s)"
        );
    }
}
