//! Features of dependencies that the workspace does not need.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::fix::Applicability;
use pitcrew_core::linked::Difference;

use crate::facts::Facts;
use crate::features::{Outcome, Slimmed};
use crate::remedy::{Action, Proposal};

pub struct NeedlessFeature;

static INFO: RuleInfo = RuleInfo {
    id: "needless-feature",
    summary: "a dependency is built with features that nothing in the workspace needs",
    severity: Severity::Warning,
    docs: r#"## What it does
Holds what the code uses of each dependency against the conditions in the dependency's own sources:
`#[cfg(feature = "…")]` on items, methods, implementations and re-exports, `cfg!`, the crate's own macros
around them (`cfg_net! { … }`), and its build script. The smallest set of features that gives the code
all it uses is written in place of the present one, `default-features` included; where members inherit
the dependency, at the workspace.

Features that change what the program *does* stay, although everything would compile without them: those
that alter code of the dependency which is part of a linked program, as a statement that prints, a `match`
arm, one of two implementations. A feature is also kept where a build script asks for it, where it changes
the program on another platform, or where it only lets the dependency use the standard library.

The proof builds all programs, tests and examples before and after, and compares them function by
function.

## Why it matters
Each feature that nobody needs is code that is downloaded, compiled and linked, and often brings packages
of its own. `full` and default features are written in a hurry and stay for years.

## Example
```toml
tokio = { version = "1", features = ["full"] }
```
becomes, in a program that only listens and waits,
```toml
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread", "time"] }
```

## When it is wrong
You are about to use more of the dependency: the compiler will then name the feature to add. A library
whose generic functions nothing in the workspace calls is compiled by its users only: what those functions
run of a dependency is not in any program that could be compared. A fix that is `MaybeIncorrect` takes
code out of the dependency that was part of the program and served only what nothing uses; the functions
are listed.
"#,
};

/// Places named in the report; the rest is counted.
const MOST_PLACES: usize = 6;

impl Rule<Facts, Proposal> for NeedlessFeature {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let Some(outcome) = &facts.features else {
            return Vec::new();
        };
        let slimmed = outcome.slimmed.iter().enumerate();
        let proposals = slimmed.map(|(index, slimmed)| Proposal {
            finding: finding(slimmed, outcome),
            action: Some(Action::Slim(index)),
        });
        proposals.collect()
    }
}

fn finding(slimmed: &Slimmed, outcome: &Outcome) -> Finding {
    let entry = &slimmed.entry;
    let mut finding = Finding::new(&INFO, entry.name(), message(slimmed)).at(location(slimmed));
    if slimmed.applicability == Applicability::Unspecified {
        finding = finding.evidence(Evidence::Syntax);
    }
    if let Some(difference) = &slimmed.difference {
        finding = finding.evidence(difference.evidence());
    }
    finding.help = help(slimmed, outcome);
    let allow = match slimmed.applicability {
        Applicability::MachineApplicable => "cargo depslim --apply",
        _ => "cargo depslim --apply --allow-maybe-incorrect",
    };
    finding.next(allow)
}

fn location(slimmed: &Slimmed) -> Option<Location> {
    let (line, column) = slimmed.line_and_column?;
    Some(Location {
        path: slimmed.path.clone(),
        line,
        column,
    })
}

/// `4 features of tokio serve nothing here: fs, full, io-std, process`
fn message(slimmed: &Slimmed) -> String {
    let name = slimmed.entry.name();
    let dropped: Vec<&str> = slimmed.dropped.iter().map(String::as_str).collect();
    match dropped[..] {
        [] => format!("features of {name} only repeat what others of it turn on"),
        [one] => format!("the feature {one} of {name} serves nothing here"),
        _ => format!(
            "{} features of {name} serve nothing here: {}",
            dropped.len(),
            dropped.join(", ")
        ),
    }
}

fn help(slimmed: &Slimmed, outcome: &Outcome) -> Vec<String> {
    let mut help = Vec::new();
    let wanted = &slimmed.wanted;
    let features = if wanted.features.is_empty() {
        "no feature".to_owned()
    } else {
        wanted.features.join(", ")
    };
    let default = match (
        slimmed.entry.wanted.default_features,
        wanted.default_features,
    ) {
        (true, false) => " and not the default ones",
        _ => "",
    };
    help.push(format!("ask for {features}{default}"));
    if let Some(difference) = &slimmed.difference {
        help.extend(lost("loses", &difference.removed));
        help.extend(lost("gains", &difference.added));
        help.extend(lost("changes in size", &difference.resized));
    }
    for altered in &slimmed.altered {
        help.push(format!("{} {}", altered.place, altered.verdict.in_words()));
    }
    let kept = outcome.kept.iter();
    for kept in kept.filter(|kept| kept.dependency == slimmed.entry.name()) {
        help.push(format!("{} stays: {}", kept.feature, kept.reason()));
    }
    help.dedup();
    help
}

/// `the program loses tokio::process (4 functions), signal_hook_registry (15)`
fn lost(verb: &str, changes: &[pitcrew_core::linked::Change]) -> Option<String> {
    if changes.is_empty() {
        return None;
    }
    let places = Difference::places(changes, MOST_PLACES);
    let shown: usize = places.iter().map(|(_, count)| count).sum();
    let mut text: Vec<String> = places
        .into_iter()
        .map(|(place, count)| format!("{place} ({count})"))
        .collect();
    if shown < changes.len() {
        text.push(format!("and {} more", changes.len() - shown));
    }
    Some(format!(
        "functions that the program {verb}: {}",
        text.join(", ")
    ))
}
