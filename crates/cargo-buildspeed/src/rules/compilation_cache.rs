//! A shared compilation cache: used, installed and unused, or worth installing.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;

use crate::facts::Facts;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, SettingChange};
use crate::profile_key::ProfileKey;
use crate::recorded::{Part, is_dependency};

pub struct CompilationCache;

/// The length of a clean build from which a cache of dependencies is worth its upkeep.
const LONG_BUILD_S: f64 = 10.0;
const MOST: f64 = 0.5;

static INFO: RuleInfo = RuleInfo {
    id: "compilation-cache",
    summary: "no shared compilation cache answers for dependencies",
    severity: Severity::Advice,
    docs: r#"## What it does
Tries sccache as `build.rustc-wrapper` where it is installed and no wrapper is set. Where it is not
installed it advises to, only if the recorded clean build is long and mostly dependencies.

## Why it matters
A clean build in another worktree, on another branch or after `cargo clean` compiles the same
dependencies again. From a warm cache the clean build of a small server took 5.1 s in the place of
21.6 s; filling the cache cost nothing that could be measured.

## Example
```toml
# .cargo/config.toml
[build]
rustc-wrapper = "sccache"
```

## When it is wrong
Your builds are rarely clean. sccache caches neither incremental compilation, which the workspace's
own crates use in dev builds, nor what is linked (programs, proc-macros), and paths must match between
checkouts unless `SCCACHE_BASEDIRS` is set.
"#,
};

impl Rule<Facts, Proposal> for CompilationCache {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        if has_wrapper(facts) {
            return Vec::new();
        }
        let dependencies = facts.recording.as_ref().map(|recording| {
            (
                Part::of(recording, Goal::Clean, is_dependency),
                recording.wall_s,
            )
        });
        let found = if facts.toolchain.tool("sccache").is_some() {
            use_it(facts, dependencies.map(|(part, _)| part))
        } else {
            dependencies
                .filter(|_| Goal::DEV.contains(&facts.goal))
                .and_then(|(part, wall_s)| install_it(part, wall_s))
        };
        found.into_iter().collect()
    }
}

fn use_it(facts: &Facts, dependencies: Option<Part>) -> Option<Proposal> {
    let goals = [Goal::Clean, Goal::Ci];
    let worth = dependencies.is_none_or(Part::is_worth_a_trial);
    if !goals.contains(&facts.goal) || !worth {
        return None;
    }
    let mut finding = Finding::new(
        &INFO,
        "build.rustc-wrapper",
        "sccache is installed and unused: clean builds compile dependencies again that a cache \
         could answer for",
    )
    .evidence(Evidence::Configured {
        fact: "no rustc-wrapper is set, and sccache is on PATH".to_owned(),
    });
    if let Some(part) = dependencies {
        finding = finding.evidence(part.evidence("dependencies", Goal::Clean));
    }
    let incremental = ProfileKey::dev("incremental").value(facts) == "true";
    if incremental && facts.goal == Goal::Clean {
        finding = finding
            .help("the workspace's own crates compile incrementally, which sccache does not cache");
    }
    let change = TomlChange::set(["build", "rustc-wrapper"], "\"sccache\"");
    let changes = vec![SettingChange::cargo_config(change)];
    let title = "rustc-wrapper = \"sccache\"";
    let lever = Lever::new(INFO.id, title, "rustc-wrapper", &goals, changes)
        .tool("sccache")
        .cost("a daemon and a cache on disk; a first build gains nothing");
    Some(Proposal::trial(finding, lever))
}

fn install_it(dependencies: Part, wall_s: f64) -> Option<Proposal> {
    if wall_s < LONG_BUILD_S || dependencies.share() < MOST {
        return None;
    }
    let message = "dependencies are most of the clean build, and no cache answers for them in other \
                   worktrees or after cargo clean";
    let finding = Finding::new(&INFO, "build.rustc-wrapper", message)
        .evidence(dependencies.evidence("dependencies", Goal::Clean))
        .help("install sccache; the next run tries it")
        .next("cargo install --locked sccache");
    Some(Proposal::advice(finding))
}

/// Set to the empty string, a wrapper is switched off on purpose.
fn has_wrapper(facts: &Facts) -> bool {
    let keys = ["build.rustc-wrapper", "build.rustc-workspace-wrapper"];
    keys.iter().any(|key| facts.config.get(key).is_some())
}
