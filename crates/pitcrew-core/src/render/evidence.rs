//! Evidence in words, the same in every format, and the order that worth and sureness give.

use std::cmp::Ordering;

use crate::finding::{Evidence, Finding, Saves, Severity};
use crate::measure::LEAST_PAIRS;

/// How sure a finding is, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    Proven,
    Observed,
    Read,
    Predicted,
    Guessed,
}

/// One line for one piece of evidence: `−23 % [−26, −20] over 7 pairs: …`.
pub fn describe(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Measured {
            scenario,
            baseline,
            candidate,
            unit,
            ratio,
            interval,
            pairs,
        } => {
            let change = change(*ratio, *interval, *pairs);
            let over = if *pairs == 1 && is_exact(unit) {
                String::new()
            } else {
                format!(" over {}", count(u64::from(*pairs), "pair", "pairs"))
            };
            let (old, new) = (quantity(*baseline, unit), quantity(*candidate, unit));
            format!("{change}{over}: {scenario}, {old} to {new}")
        }
        Evidence::Verified { command } => format!("verified: `{command}` succeeds with the change"),
        Evidence::LinkedCode {
            removed,
            added,
            resized,
        } => linked_code(*removed, *added, *resized),
        Evidence::Compiler { fact } => {
            if fact.starts_with("rustc") || fact.starts_with("cargo") {
                fact.clone()
            } else {
                format!("compiler: {fact}")
            }
        }
        Evidence::Profile { share, samples } => {
            let share = decimal(share * 100.0, usize::from(*share < 0.1));
            format!("{share} % of {}", count(*samples, "sample", "samples"))
        }
        Evidence::Recorded { fact } => format!("recorded: {fact}"),
        Evidence::Predicted {
            model,
            ratio,
            error,
        } => {
            let percent = percent(*ratio, 0);
            match error {
                Some(error) => {
                    let error = decimal(error * 100.0, usize::from(error.abs() < 0.01));
                    format!("predicted {percent} % ± {error}: {model}")
                }
                None => format!("predicted {percent} %, not yet checked: {model}"),
            }
        }
        Evidence::Bounded {
            model,
            gain: [least, most],
        } => {
            let whole = |part: f64| decimal(part * 100.0, usize::from(*most < 0.1));
            match whole(*least) {
                nothing if nothing.parse() == Ok(0.0) => {
                    format!("can gain up to {} %: {model}", whole(*most))
                }
                least => format!("can gain {least} to {} %: {model}", whole(*most)),
            }
        }
        Evidence::Configured { fact } => format!("configured: {fact}"),
        Evidence::Syntax => "by its text alone".to_owned(),
    }
}

fn linked_code(removed: u32, added: u32, resized: u32) -> String {
    let functions = |n: u32| count(u64::from(n), "function", "functions");
    let mut parts = Vec::new();
    if removed > 0 {
        parts.push(format!("loses {}", functions(removed)));
    }
    if added > 0 {
        parts.push(format!("gains {}", functions(added)));
    }
    if resized > 0 {
        parts.push(format!("resizes {}", functions(resized)));
    }
    if parts.is_empty() {
        parts.push("stays the same, function by function".to_owned());
    }
    format!("the linked program {}", parts.join(", "))
}

/// `−23 % [−26, −20]`, from ratios; with a decimal where whole percents would hide the interval, or on
/// which side of nothing it ends. What is a range and no interval is not shown as one:
/// `+4 % (+3 to +12)`.
fn change(ratio: f64, [low, high]: [f64; 2], pairs: u32) -> String {
    let hidden = |end: f64| end != 1.0 && (end - 1.0).abs() < 0.005;
    let decimals = usize::from((high - low).abs() < 0.02 || hidden(low) || hidden(high));
    let [ratio, low, high] = [ratio, low, high].map(|ratio| percent(ratio, decimals));
    match pairs {
        1 => format!("{ratio} %"),
        2..LEAST_PAIRS => format!("{ratio} % ({low} to {high})"),
        _ => format!("{ratio} % [{low}, {high}]"),
    }
}

/// Whether measuring it again gives the same.
fn is_exact(unit: &str) -> bool {
    unit == "bytes"
}

/// Which way a measurement decides, if it does: too few pairs of times decide nothing.
pub(super) fn decides(evidence: &Evidence) -> Option<Ordering> {
    let Evidence::Measured {
        interval: [low, high],
        pairs,
        unit,
        ..
    } = evidence
    else {
        return None;
    };
    if *pairs < LEAST_PAIRS && !is_exact(unit) {
        None
    } else if *high < 1.0 {
        Some(Ordering::Less)
    } else {
        (*low > 1.0).then_some(Ordering::Greater)
    }
}

/// A ratio as a signed change in percent, with a true minus sign.
pub(super) fn percent(ratio: f64, decimals: usize) -> String {
    let change = decimal((ratio - 1.0) * 100.0, decimals);
    let zero = change.chars().all(|c| matches!(c, '0' | '.' | '\u{2212}'));
    if zero {
        change.replace('\u{2212}', "")
    } else if change.starts_with('\u{2212}') {
        change
    } else {
        format!("+{change}")
    }
}

fn decimal(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('-', "\u{2212}")
}

/// `0.95 s`, `427 MB`.
pub(super) fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "s" => match value.abs() {
            seconds if seconds < 10.0 => format!("{value:.2} s"),
            seconds if seconds < 100.0 => format!("{value:.1} s"),
            _ => format!("{value:.0} s"),
        },
        "bytes" => match value.abs() {
            bytes if bytes < 1e3 => format!("{value:.0} bytes"),
            bytes if bytes < 1e6 => format!("{:.1} kB", value / 1e3),
            bytes if bytes < 1e7 => format!("{:.2} MB", value / 1e6),
            bytes if bytes < 1e9 => format!("{:.0} MB", value / 1e6),
            _ => format!("{:.2} GB", value / 1e9),
        },
        unit => format!("{value:.2} {unit}"),
    }
}

/// `1 pair`, `7 pairs`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `1.20 s, 3.40 s of CPU time, 12 MB`, or nothing where nothing is known.
pub(super) fn worth(saves: &Saves) -> Option<String> {
    let mut parts = Vec::new();
    parts.extend(saves.wall_s.map(|s| quantity(s, "s")));
    parts.extend(saves.cpu_s.map(|s| quantity(s, "s") + " of CPU time"));
    #[expect(
        clippy::cast_precision_loss,
        reason = "shown with three digits at most"
    )]
    parts.extend(saves.bytes.map(|bytes| quantity(bytes as f64, "bytes")));
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The findings as people should read them: what is wrong, then what is worth most and surest, and
/// last what is only worth knowing.
pub(super) fn ordered(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by(|a, b| {
        rank(a)
            .cmp(&rank(b))
            .then_with(|| descending(&gains(a), &gains(b)))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| (&a.rule, &a.subject).cmp(&(&b.rule, &b.subject)))
    });
    sorted
}

fn rank(finding: &Finding) -> (u8, Sureness) {
    let gains = gains(finding).iter().any(|gain| *gain > 0.0);
    let class = match finding.severity {
        Severity::Error => 0,
        Severity::Note if !gains => 2,
        _ => 1,
    };
    let surest = finding.evidence.iter().map(sureness).min();
    (class, surest.unwrap_or(Sureness::Guessed))
}

fn sureness(evidence: &Evidence) -> Sureness {
    match evidence {
        Evidence::Measured { .. } | Evidence::Verified { .. } | Evidence::LinkedCode { .. } => {
            Sureness::Proven
        }
        Evidence::Compiler { .. } | Evidence::Profile { .. } | Evidence::Recorded { .. } => {
            Sureness::Observed
        }
        Evidence::Configured { .. } => Sureness::Read,
        Evidence::Predicted { .. } | Evidence::Bounded { .. } => Sureness::Predicted,
        Evidence::Syntax => Sureness::Guessed,
    }
}

/// What a finding is worth: seconds, then the share saved, then CPU seconds, then bytes.
fn gains(finding: &Finding) -> [f64; 4] {
    let (mut seconds, mut share, mut bytes) = (0.0_f64, 0.0_f64, 0.0_f64);
    let measured = |evidence: &Evidence| matches!(evidence, Evidence::Measured { .. });
    let was_measured = finding.evidence.iter().any(measured);
    // A share says where the time is, bounds what of it can go.
    let bounded = |evidence: &Evidence| matches!(evidence, Evidence::Bounded { .. });
    let is_bounded = finding.evidence.iter().any(bounded);
    for evidence in &finding.evidence {
        match evidence {
            Evidence::Measured {
                baseline,
                candidate,
                unit,
                ratio,
                ..
            } if decides(evidence) == Some(Ordering::Less) => {
                share = share.max(1.0 - ratio);
                match unit.as_str() {
                    "s" => seconds = seconds.max(baseline - candidate),
                    "bytes" => bytes = bytes.max(baseline - candidate),
                    _ => {}
                }
            }
            Evidence::Predicted { ratio, .. } if !was_measured => share = share.max(1.0 - ratio),
            Evidence::Bounded { gain, .. } if !was_measured => {
                share = share.max(gain[0].midpoint(gain[1]));
            }
            Evidence::Profile { share: found, .. } if !is_bounded => share = share.max(*found),
            _ => {}
        }
    }
    let saves = &finding.saves;
    #[expect(clippy::cast_precision_loss, reason = "only compared")]
    let saved_bytes = saves.bytes.map(|bytes| bytes as f64);
    [
        saves.wall_s.unwrap_or(seconds),
        share,
        saves.cpu_s.unwrap_or(0.0),
        saved_bytes.unwrap_or(bytes),
    ]
}

fn descending(a: &[f64; 4], b: &[f64; 4]) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| b.total_cmp(a))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(ratio: f64, interval: [f64; 2], pairs: u32) -> Evidence {
        Evidence::Measured {
            scenario: "clean build".to_owned(),
            baseline: 20.0,
            candidate: 20.0 * ratio,
            unit: "s".to_owned(),
            ratio,
            interval,
            pairs,
        }
    }

    #[test]
    fn measurements_are_shown_as_the_design_shows_them() {
        assert_eq!(
            describe(&measured(0.77, [0.74, 0.80], 7)),
            "−23 % [−26, −20] over 7 pairs: clean build, 20.0 s to 15.4 s"
        );
        assert_eq!(
            describe(&measured(1.041, [0.999, 1.08], 1)),
            "+4.1 % over 1 pair: clean build, 20.0 s to 20.8 s"
        );
        assert_eq!(change(0.996, [0.994, 0.999], 7), "−0.4 % [−0.6, −0.1]");
        assert_eq!(change(0.94, [0.87, 0.998], 7), "−6.0 % [−13.0, −0.2]");
        assert_eq!(change(0.94, [0.87, 1.0], 7), "−6 % [−13, 0]");
    }

    #[test]
    fn a_range_is_no_interval_and_decides_nothing() {
        let three = measured(1.044, [1.032, 1.12], 3);
        assert_eq!(
            describe(&three),
            "+4 % (+3 to +12) over 3 pairs: clean build, 20.0 s to 20.9 s"
        );
        assert_eq!(decides(&three), None);
        assert_eq!(
            decides(&measured(1.04, [1.03, 1.12], 6)),
            Some(Ordering::Greater)
        );
        assert_eq!(
            decides(&measured(0.9, [0.8, 0.99], 6)),
            Some(Ordering::Less)
        );
        assert_eq!(decides(&measured(0.9, [0.8, 1.01], 6)), None);
        let Evidence::Measured { scenario, .. } = measured(1.0, [1.0; 2], 1) else {
            unreachable!();
        };
        let weighed = Evidence::Measured {
            scenario,
            baseline: 4e6,
            candidate: 3e6,
            unit: "bytes".to_owned(),
            ratio: 0.75,
            interval: [0.75; 2],
            pairs: 1,
        };
        assert_eq!(
            describe(&weighed),
            "−25.0 %: clean build, 4.00 MB to 3.00 MB"
        );
        assert_eq!(decides(&weighed), Some(Ordering::Less));
    }

    #[test]
    fn each_kind_of_evidence_has_its_own_words() {
        let verified = Evidence::Verified {
            command: "cargo check".to_owned(),
        };
        assert_eq!(
            describe(&verified),
            "verified: `cargo check` succeeds with the change"
        );
        let linked = Evidence::LinkedCode {
            removed: 456,
            added: 1,
            resized: 0,
        };
        assert_eq!(
            describe(&linked),
            "the linked program loses 456 functions, gains 1 function"
        );
        let predicted = |error| Evidence::Predicted {
            model: "8 cores".to_owned(),
            ratio: 0.88,
            error,
        };
        assert_eq!(
            describe(&predicted(Some(0.03))),
            "predicted −12 % ± 3: 8 cores"
        );
        assert_eq!(
            describe(&predicted(None)),
            "predicted −12 %, not yet checked: 8 cores"
        );
        let bounded = |gain| {
            describe(&Evidence::Bounded {
                model: "half of it, all of it".to_owned(),
                gain,
            })
        };
        assert_eq!(
            bounded([0.158, 0.36]),
            "can gain 16 to 36 %: half of it, all of it"
        );
        assert_eq!(
            bounded([0.004, 0.36]),
            "can gain up to 36 %: half of it, all of it"
        );
        assert_eq!(
            bounded([0.018, 0.052]),
            "can gain 1.8 to 5.2 %: half of it, all of it"
        );
        let profile = Evidence::Profile {
            share: 0.31,
            samples: 547,
        };
        assert_eq!(describe(&profile), "31 % of 547 samples");
        let compiler = |fact: &str| Evidence::Compiler {
            fact: fact.to_owned(),
        };
        assert_eq!(describe(&compiler("rustc: live here")), "rustc: live here");
        assert_eq!(describe(&compiler("ignored")), "compiler: ignored");
        assert_eq!(describe(&Evidence::Syntax), "by its text alone");
    }

    #[test]
    fn quantities_keep_three_digits() {
        assert_eq!(quantity(0.954, "s"), "0.95 s");
        assert_eq!(quantity(123.4, "s"), "123 s");
        assert_eq!(quantity(427e6, "bytes"), "427 MB");
        assert_eq!(quantity(812.0, "bytes"), "812 bytes");
    }
}
