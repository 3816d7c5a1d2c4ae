//! rustc's parallel front end, on nightly.

use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::flags;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Reuse, Scope};

pub struct ParallelFrontend;

/// With fewer cores it was slower wherever it was measured.
const MIN_CORES: u32 = 4;
/// More threads than this wait for each other.
const MAX_THREADS: u32 = 8;

static INFO: RuleInfo = RuleInfo {
    id: "parallel-frontend",
    summary: "rustc's front end runs on one core",
    severity: Severity::Advice,
    docs: r#"## What it does
On a nightly toolchain and a machine with four cores or more, it tries `-Zthreads=N`.

## Why it matters
Parsing, type checking and borrow checking of one crate run on one core, so a big crate at the end of
the build leaves the others idle. With more threads the front end shares them. It took one project from
20.2 to 10.6 s on 32 cores, another from 32 to 68 minutes on four, and was slower on two.

## Example
```toml
# .cargo/config.toml
[build]
rustflags = ["-Zthreads=8"]
```

## When it is wrong
Many crates compile side by side anyway, or there are few cores. A stable toolchain refuses the flag, so
everyone who builds the project needs a nightly.
"#,
};

impl Rule<Facts, Proposal> for ParallelFrontend {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        judge(facts).into_iter().collect()
    }
}

fn judge(facts: &Facts) -> Option<Proposal> {
    let cores = facts.machine.cores;
    if !Goal::DEV.contains(&facts.goal) || !facts.toolchain.is_nightly() || cores < MIN_CORES {
        return None;
    }
    let in_force = flags::in_force(facts).flags;
    if in_force.iter().any(|flag| flag.contains("threads=")) {
        return None;
    }
    let flag = format!("-Zthreads={}", cores.min(MAX_THREADS));
    let change = flags::add(facts, &[&flag], Scope::Project)?;
    let message = "parsing, type and borrow checking of each crate run on one core; this nightly can \
                   share them";
    let finding = Finding::new(&INFO, "rustflags", message).evidence(Evidence::Configured {
        fact: format!(
            "{} on {cores} cores, without -Zthreads",
            facts.toolchain.rustc
        ),
    });
    let reuse = match facts.goal {
        Goal::Edit => Reuse::RustcArgs(vec![flag.clone()]),
        _ => Reuse::Nothing,
    };
    let lever = Lever::new(INFO.id, flag, INFO.id, &Goal::DEV, vec![change])
        .cost("stable toolchains refuse the flag")
        .reuse(reuse)
        .maybe_incorrect();
    Some(Proposal::trial(finding, lever))
}
