//! The optimisation of build scripts and proc-macros.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::recording::{Recording, UnitKind};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{ProfileKey, Table, propose};
use crate::recorded::{Part, in_scenario};

pub struct BuildOverride;

/// The share of the work from which faster build scripts and macros may pay for their own compile.
const DOMINATES: f64 = 0.15;

static INFO: RuleInfo = RuleInfo {
    id: "build-override",
    summary: "build scripts and proc-macros are optimised where it costs, or not where it would pay",
    severity: Severity::Advice,
    docs: r#"## What it does
Looks at `[profile.dev.build-override]`. Where an `opt-level` is set, it tries cargo's default, 0.
Where it is not, and the recording shows that running build scripts, or the front end of crates that
expand proc-macros, is a large part of the work, it tries `opt-level = 1`.

## Why it matters
Optimised build scripts and proc-macros take much longer to compile, with all that they depend on, and
they usually run for milliseconds. `opt-level = 3` more than doubled the clean build of a small server
(21 s to 47–57 s) and its rebuilds were no faster. A few projects expand so much that it pays.

## Example
```toml
[profile.dev.build-override]
opt-level = 3   # take this out
```

## When it is wrong
A build script computes for seconds, or macros expand thousands of items: then the trial shows it, and
the setting stays.
"#,
};

impl Rule<Facts, Proposal> for BuildOverride {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if !Goal::DEV.contains(&facts.goal) {
            return Vec::new();
        }
        let key = ProfileKey::dev("opt-level").within(Table::BuildOverride);
        match (key.value(facts), key.set_where(facts)) {
            ("0" | "", _) => optimise(facts, key).into_iter().collect(),
            (level, Some(place)) => vec![relax(facts, key, level, &place)],
            _ => Vec::new(),
        }
    }
}

fn relax(facts: &Facts, key: ProfileKey<'_>, level: &str, place: &str) -> Proposal {
    let message = format!(
        "build scripts, proc-macros and all that they depend on are compiled with opt-level \
         {level}, set {place}, which costs every clean build"
    );
    let finding = Finding::new(&INFO, key.name(), message)
        .severity(Severity::Warning)
        .at(key.location(facts))
        .evidence(key.evidence(facts));
    propose(finding, key.unset(facts, "0"), |changes| {
        let id = format!("{}:off", INFO.id);
        let title = "build-override without opt-level";
        Lever::new(id, title, INFO.id, &Goal::DEV, changes)
            .cost("proc-macros and build scripts themselves run slower")
    })
}

fn optimise(facts: &Facts, key: ProfileKey<'_>) -> Option<Proposal> {
    let recording = facts.goal_recording()?;
    let (part, what) = match facts.goal {
        Goal::Edit => (
            expansion(recording),
            "the front end of crates with proc-macros",
        ),
        _ => {
            let runs = |unit: &pitcrew_core::recording::Unit| unit.kind == UnitKind::RunBuildScript;
            (
                Part::of(recording, facts.goal, runs),
                "running build scripts",
            )
        }
    };
    // A second is less than what the optimised compile of the macros themselves costs.
    if part.share() < DOMINATES || part.seconds < 1.0 {
        return None;
    }
    let evidence: Evidence = part.evidence(what, facts.goal);
    let message = format!("{what} is a large part of the work, and runs unoptimised code");
    let finding = Finding::new(&INFO, key.name(), message)
        .evidence(key.evidence(facts))
        .evidence(evidence);
    Some(propose(finding, key.set(facts, "1"), |changes| {
        let id = format!("{}:opt-level-1", INFO.id);
        let title = "[profile.dev.build-override] opt-level = 1";
        Lever::new(id, title, INFO.id, &Goal::DEV, changes)
            .cost("proc-macros and build scripts take longer to compile")
    }))
}

/// The time until metadata of the members that wait for a proc-macro: it holds the expansion, and
/// parsing and type checking too, so it is an upper bound.
fn expansion(recording: &Recording) -> Part {
    let expands = |unit: &pitcrew_core::recording::Unit| {
        unit.deps.iter().any(|dep| {
            recording
                .units
                .get(dep.unit)
                .is_some_and(|dep| dep.kind == UnitKind::ProcMacro)
        })
    };
    let whole = Part::of(recording, Goal::Edit, |_| true);
    let seconds = recording
        .units
        .iter()
        .filter(|unit| in_scenario(unit, Goal::Edit) && expands(unit))
        .filter_map(|unit| Some(unit.metadata_s? - unit.start_s))
        .sum();
    Part { seconds, ..whole }
}
