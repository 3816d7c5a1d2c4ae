//! Incremental compilation where it is wrong: off for edits, on in CI and in release builds.

use pitcrew_core::config::Origin;
use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Reuse, SettingChange};
use crate::place;
use crate::profile_key::{Pinned, ProfileKey, propose};

pub struct Incremental;

/// Since this release cargo itself switches it off when `CI` is set.
const OFF_IN_CI_SINCE: (u32, u32, u32) = (1, 99, 0);

static INFO: RuleInfo = RuleInfo {
    id: "incremental",
    summary: "incremental compilation is off for edits, or on where it only costs",
    severity: Severity::Warning,
    docs: r#"## What it does
Finds incremental compilation switched off in dev builds when the goal is the rebuild after an edit,
switched on in release builds when the goal is the program's speed or size, and left on in CI.

## Why it matters
Incremental compilation is what makes the rebuild after an edit short. Elsewhere it costs: it writes
its state to disk, it splits release code into 256 units that are optimised apart, and in CI, where
every build is clean, nobody ever reads what it wrote.

## Example
```toml
[profile.dev]
incremental = false   # take this out
```
In a CI workflow: `CARGO_INCREMENTAL=0`.

## When it is wrong
It was switched off so that sccache can cache the workspace's own crates: sccache caches no
incremental compilation. Then clean builds gain what edits lose.
"#,
};

/// What decides whether a profile's members are compiled incrementally.
struct InForce {
    on: bool,
    fact: String,
    location: Option<Location>,
    /// Written by someone, not cargo's default.
    set: bool,
}

impl Rule<Facts, Proposal> for Incremental {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        match facts.goal {
            Goal::Edit => off_for_edits(facts).into_iter().collect(),
            Goal::Ci => on_in_ci(facts).into_iter().collect(),
            Goal::Runtime | Goal::Size => on_in_release(facts).into_iter().collect(),
            Goal::Clean => Vec::new(),
        }
    }
}

fn off_for_edits(facts: &Facts) -> Option<Proposal> {
    let key = ProfileKey::dev("incremental");
    let now = in_force(facts, key);
    // In CI it is off on purpose.
    if now.on || !now.set || facts.in_ci() {
        return None;
    }
    let message =
        "incremental compilation is off in dev builds, so each edit compiles whole crates";
    let finding = finding(key, &now, message);
    Some(propose(finding, switch(facts, key, true), |changes| {
        let id = format!("{}:on", INFO.id);
        Lever::new(id, "incremental = true", INFO.id, &[Goal::Edit], changes)
            .cost("more disk, and sccache does not cache incremental crates")
            .reuse(Reuse::Env(vec![(
                "CARGO_INCREMENTAL".to_owned(),
                "1".to_owned(),
            )]))
    }))
}

fn on_in_ci(facts: &Facts) -> Option<Proposal> {
    let now = in_force(facts, ProfileKey::dev("incremental"));
    let cargo_knows = facts.toolchain.release >= OFF_IN_CI_SINCE && !now.set;
    if !now.on || cargo_knows || !facts.in_ci() {
        return None;
    }
    let message = "CI compiles incrementally, and each clean build writes state that none reads";
    let finding = Finding::new(&INFO, "CARGO_INCREMENTAL", message)
        .at(now.location)
        .evidence(Evidence::Configured {
            fact: format!("CI is set, and {}", now.fact),
        })
        .help("set CARGO_INCREMENTAL=0 in the workflow's environment");
    Some(Proposal::advice(finding))
}

fn on_in_release(facts: &Facts) -> Option<Proposal> {
    let key = ProfileKey::release("incremental");
    let now = in_force(facts, key);
    if !now.on || !now.set {
        return None;
    }
    let message = "release builds compile incrementally, in many units that are optimised apart";
    let finding = finding(key, &now, message);
    Some(propose(finding, switch(facts, key, false), |changes| {
        let id = format!("{}:release-off", INFO.id);
        let title = "release without incremental";
        Lever::new(id, title, INFO.id, &Goal::RELEASE, changes)
            .cost("release rebuilds compile whole crates")
    }))
}

fn finding(key: ProfileKey<'_>, now: &InForce, message: &str) -> Finding {
    Finding::new(&INFO, key.name(), message)
        .at(now.location.clone())
        .evidence(Evidence::Configured {
            fact: now.fact.clone(),
        })
}

/// By cargo's precedence: the variable, then `build.incremental`, then the profile.
fn in_force(facts: &Facts, key: ProfileKey<'_>) -> InForce {
    if let Some(value) = facts.env.get("CARGO_INCREMENTAL") {
        return InForce {
            on: value == "1",
            fact: format!("CARGO_INCREMENTAL is {value}"),
            location: None,
            set: true,
        };
    }
    let build = facts.config.get("build.incremental");
    if let Some((value, on)) = build.and_then(|v| Some((v, v.value.as_bool()?))) {
        let root = &facts.workspace.root;
        return InForce {
            on,
            fact: format!(
                "build.incremental is {on}, set {}",
                place::words(root, &value.origin)
            ),
            location: place::of_origin(root, &value.origin),
            set: true,
        };
    }
    InForce {
        on: key.value(facts) == "true",
        fact: key.fact(facts),
        location: key.location(facts),
        set: key.set_where(facts).is_some(),
    }
}

fn switch(facts: &Facts, key: ProfileKey<'_>, on: bool) -> Result<SettingChange, Pinned> {
    if facts.env.contains_key("CARGO_INCREMENTAL") {
        return Err(Pinned("CARGO_INCREMENTAL".to_owned()));
    }
    let Some(build) = facts.config.get("build.incremental") else {
        let default = if on { "true" } else { "false" };
        return key.unset(facts, default);
    };
    match &build.origin {
        Origin::Env { name } => Err(Pinned(name.clone())),
        Origin::Cli => Err(Pinned("--config".to_owned())),
        origin if place::is_in_project(&facts.workspace.root, origin) => {
            Ok(SettingChange::cargo_config(TomlChange::remove([
                "build",
                "incremental",
            ])))
        }
        // The project could only override it with a value of its own, for all profiles at once.
        origin @ Origin::File { .. } => {
            let words = place::words(&facts.workspace.root, origin);
            Err(Pinned(format!("build.incremental {words}")))
        }
    }
}
