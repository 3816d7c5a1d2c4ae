//! Optimised dependencies in dev builds: a fair trade for slow tests, a bad one for build time.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal};
use crate::profile_key::{ProfileKey, Table, propose};
use crate::recorded::{Part, is_dependency};

pub struct DevDependencyOptimization;

/// Crates that do nothing but compute, and say in their own documentation that they must be
/// optimised in dev builds.
const COMPUTE: &[&str] = &[
    "argon2",
    "bcrypt",
    "bevy",
    "burn",
    "candle-core",
    "image",
    "imageproc",
    "ndarray",
    "rapier2d",
    "rapier3d",
    "rav1e",
    "resvg",
    "scrypt",
    "symphonia",
    "tiny-skia",
];

static INFO: RuleInfo = RuleInfo {
    id: "dev-dependency-optimization",
    summary: "dependencies are optimised in dev builds, or a compute-heavy one is not",
    severity: Severity::Note,
    docs: r#"## What it does
Where `[profile.dev.package."*"]` sets an `opt-level`, it tries the clean build without. Where it sets
none and the build holds a crate that is known to be very slow unoptimised, such as `argon2`, `image`
or `bevy`, it notes that this one crate can be optimised.

## Why it matters
Optimising all dependencies lengthens each clean build, and each build after an update. It pays only
when tests or the program spend long in them, and mostly it is one or two crates that do.

## Example
```toml
[profile.dev.package.argon2]
opt-level = 3
```

## When it is wrong
Clean builds are rare here and the program is unusable without optimised dependencies, as with games:
keep the setting. Trials of build time do not see how long your tests run.
"#,
};

impl Rule<Facts, Proposal> for DevDependencyOptimization {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let key = ProfileKey::dev("opt-level").within(Table::Package("*"));
        match key.value(facts) {
            "0" | "" => compute(facts),
            level => relax(facts, key, level).into_iter().collect(),
        }
    }
}

fn relax(facts: &Facts, key: ProfileKey<'_>, level: &str) -> Option<Proposal> {
    // Dependencies are not compiled in an edit's rebuild.
    let compiles_them = matches!(facts.goal, Goal::Clean | Goal::Ci);
    if !compiles_them || !facts.workspace.has_dependencies {
        return None;
    }
    let mut finding = Finding::new(
        &INFO,
        key.name(),
        format!("all dependencies are compiled with opt-level {level}, which costs clean builds"),
    )
    .at(key.location(facts))
    .evidence(key.evidence(facts));
    if let Some(recording) = facts.goal_recording() {
        // The setting beats `build-override`, so it reaches what build scripts depend on too.
        let part = Part::of(recording, facts.goal, |unit| {
            is_dependency(unit) && unit.profile.opt_level != "0"
        });
        if !part.is_worth_a_trial() {
            return None;
        }
        finding = finding.evidence(part.evidence("optimised dependencies", facts.goal));
    }
    Some(propose(finding, key.unset(facts, "0"), |changes| {
        let title = "[profile.dev.package.\"*\"] without opt-level";
        let goals = [Goal::Clean, Goal::Ci];
        Lever::new(INFO.id, title, INFO.id, &goals, changes)
            .cost("tests and dev runs that compute in dependencies get slower")
            .maybe_incorrect()
    }))
}

fn compute(facts: &Facts) -> Vec<Proposal> {
    let Some(recording) = facts.recording.as_ref().filter(|r| r.profile == "dev") else {
        return Vec::new();
    };
    if ProfileKey::dev("opt-level").value(facts) != "0" {
        return Vec::new();
    }
    let unoptimised = |name: &str| {
        recording.units.iter().any(|unit| {
            unit.package == name
                && is_dependency(unit)
                && !unit.for_host
                && unit.profile.opt_level == "0"
        })
    };
    COMPUTE
        .iter()
        .filter(|name| unoptimised(name))
        .map(|name| {
            let message = format!(
                "{name} computes heavily and is compiled without optimisation, so tests and dev \
                 runs that use it are slow"
            );
            let fact = format!("{name} was compiled with opt-level 0");
            Proposal::advice(
                Finding::new(&INFO, *name, message)
                    .evidence(Evidence::Recorded { fact })
                    .help(format!(
                        "in Cargo.toml: [profile.dev.package.{name}] opt-level = 3"
                    )),
            )
        })
        .collect()
}
